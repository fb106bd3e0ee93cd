package contract

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

func claimServesStepsThenSourcesThenTheLanesKey(t *testing.T, open opener) {
	st := open(t)
	add(t, st,
		rec("z1", in(other)),
		rec("a1", keyed(2, 0)), rec("b1", keyed(1, 9)), rec("c1", keyed(1, 3)), rec("d1", keyed(1, 3)), // fresh: sort, key, sequence
		rec("e1", due(status.LaneAgain, at(-1)), keyed(9, 9)), rec("f1", due(status.LaneAgain, at(-2)), keyed(9, 9)),
		rec("g1", due(status.LaneAgain, at(-1)), keyed(1, 99)), rec("h1", due(status.LaneAgain, at(-1)), keyed(1, 1)), // dated: due, sort, sequence
		rec("i1", due(status.LaneLast, at(-3)), keyed(1, 7)), rec("j1", due(status.LaneLast, at(-1)), keyed(1, 5)), // last: sort, key
		rec("k1", due(status.LanePublic, at(-1))), rec("l1", due(status.LaneProgressive, at(-1))), rec("m1", owner("x", at(-1))),
	)
	assert.Equal(t,
		[]string{"m1", "l1", "k1", "c1", "d1", "b1", "a1", "f1", "g1", "h1", "e1", "j1", "i1", "z1"},
		leased(t, st, all(noon, campaigns(one, other))))
}

func claimMergesOpenClassesByTheLanesKey(t *testing.T, open opener) {
	st := open(t)
	add(t, st,
		rec("a1", keyed(3, 0)), rec("b1", keyed(2, 0), class("X")), rec("c1", keyed(1, 0)),
		rec("d1", keyed(0, 0), class("shut")), rec("e1", keyed(0, 0), class("")),
		rec("f1", due(status.LaneAgain, at(-1))), rec("g1", due(status.LaneAgain, at(-2)), class("X")),
	)
	q := all(noon)
	q.From[0].Open = []string{"X", zone, "X", "nobody's", ""}
	assert.Equal(t, []string{"c1", "b1", "a1", "g1", "f1"}, leased(t, st, q))
}

func theOrderOfAddingDecidesBetweenRecordsOfOneSequence(t *testing.T, open opener) {
	st := open(t)
	sequence := func(n int64) func(*campaign.Record) { return func(r *campaign.Record) { r.Sequence = n } }
	add(t, st, rec("c1", sequence(7)), rec("a1", sequence(7)), rec("b1", sequence(6)),
		rec("f1", due(status.LaneAgain, at(-1)), sequence(7)), rec("e1", due(status.LaneAgain, at(-1)), sequence(7), class("X")),
		rec("d1", due(status.LaneAgain, at(-1)), sequence(7)))
	assert.Equal(t, []string{"b1", "c1", "a1", "f1", "e1", "d1"}, find(t, st, campaign.Filter{}))
	assert.Equal(t, []string{"e1", "d1"}, find(t, st, campaign.Filter{After: campaign.Ref{Campaign: one, Record: "f1"}}))
	c := look(t, st, campaign.Ref{Campaign: one, Record: "c1"}).Record
	commit(t, st, campaign.Change{Ref: refOf(&c), Record: &c}) // written again, not added again
	q := all(noon)
	q.From[0].Open = []string{"X", zone}
	assert.Equal(t, []string{"b1", "c1", "a1", "f1", "e1", "d1"}, leased(t, st, q))
}

func oneCampaignMayComeSeveralTimesWithOtherSources(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1"), rec("b1", in(other)), rec("c1", owner("agent", at(-1)), in(other)), rec("d1", owner("x", at(-1))))
	q := all(noon)
	step := func(id campaign.ID, s ...campaign.Source) campaign.Step {
		return campaign.Step{Campaign: id, Open: []string{zone}, Max: 9, Sources: s}
	}
	own := campaign.Source{Lane: status.LaneOwn, Owner: "agent", Due: noon}
	fresh := campaign.Source{Lane: status.LaneFresh, Due: noon}
	q.From = []campaign.Step{step(one, own), step(other, own), step(one, fresh), step(other, fresh)}
	got := claim(t, st, q)
	assert.Equal(t, []string{"c1", "a1", "b1"}, ids(got.Leased))
	assert.Len(t, got.Classes, 1, "a campaign's classes come once")
}

func ownLaneByOwnerOrAnybody(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1", owner("x", at(-3))), rec("b1", owner("y", at(-2))), rec("c1", owner("y", at(-4))), rec("d1", owner("", at(-9))))
	q := all(noon)
	q.From[0].Sources = []campaign.Source{{Lane: status.LaneOwn, Owner: "y", Due: noon}}
	assert.Equal(t, []string{"c1", "b1"}, leased(t, st, q))
	q.From[0].Sources = []campaign.Source{{Lane: status.LaneOwn, Due: at(-4)}}
	assert.Equal(t, []string{"d1"}, leased(t, st, q), "others' after the release time only")
	q.From[0].Sources[0].Due = noon
	assert.Equal(t, []string{"a1"}, leased(t, st, q))
}

func fewerThanTheLimitMeansNoneIsLeftUnlessAMaxCutItShort(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1"), rec("b1"), rec("c1"), rec("d1", due(status.LaneLast, noon)), rec("e1", in(other)))
	q := all(noon, limit(2))
	assert.Equal(t, []string{"a1", "b1"}, leased(t, st, q))

	q = all(noon, campaigns(one, other))
	q.From[0].Max = 1
	assert.Equal(t, []string{"c1", "e1"}, leased(t, st, q), "the step's Max")
	assert.Equal(t, []string{"d1"}, leased(t, st, all(noon)))
	assert.Empty(t, leased(t, st, all(noon)))

	st = open(t)
	add(t, st, rec("a1"), rec("b1"), rec("d1", due(status.LaneLast, noon)))
	q = all(noon)
	q.From[0].Sources[3].Max = 1
	assert.Equal(t, []string{"a1", "d1"}, leased(t, st, q), "the source's Max")
}

func aClaimOfNothingIsAnErrorNotAnAnswer(t *testing.T, open opener) {
	var got campaign.Claimed
	require.Error(t, open(t).Claim(ctx, all(noon, limit(0)), &got))
}

func onlyQueuedDueRecordsMatch(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1", standing(status.StandingHeld)), rec("b1", standing(status.StandingClosed)),
		rec("c1", due(status.LaneFresh, noon)), rec("d1", due(status.LaneFresh, noon.Add(time.Microsecond))),
		rec("e1", due(status.LanePublic, noon)), rec("f1", due(status.LanePublic, noon.Add(time.Microsecond))))
	assert.Equal(t, []string{"e1", "c1"}, leased(t, st, all(noon)), "due at this very instant")
	assert.Equal(t, []string{"f1", "d1"}, leased(t, st, all(noon.Add(time.Microsecond))))
}

func dueIsTheSourcesNotTheClocks(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1", due(status.LaneFresh, at(-5)), keyed(2, 0)), rec("b1", due(status.LaneFresh, at(-1)), keyed(1, 0)))
	assert.Empty(t, leased(t, st, all(noon, func(q *campaign.Claim) { q.From[0].Sources = sources(at(-10)) })))
	b := claim(t, st, all(noon, limit(1))).Leased[0]
	require.EqualValues(t, "b1", b.Record.ID)
	commit(t, st, ended(b)) // both are known to be due at noon
	got := claim(t, st, all(noon, func(q *campaign.Claim) { q.From[0].Sources = sources(at(-5)) }))
	assert.Equal(t, []string{"a1"}, ids(got.Leased))
	assert.Equal(t, []string{"b1"}, leased(t, st, all(noon)))
}

func theClockMayBeSetBack(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1", due(status.LaneFresh, at(5))), rec("b1", park(at(5), 0)), rec("c1", due(status.LaneAgain, at(5))))
	q := all(at(10), func(q *campaign.Claim) { q.From[0].Max = 0 })
	require.Empty(t, leased(t, st, q))
	q = all(at(10), limit(1), func(q *campaign.Claim) { q.From[0].Sources[3].Due = at(4) })
	require.Equal(t, []string{"b1"}, leased(t, st, q))
	commit(t, st, campaign.Change{Ref: leaseRef(look(t, st, campaign.Ref{Campaign: one, Record: "b1"}))})
	require.Empty(t, leased(t, st, all(at(10), func(q *campaign.Claim) { q.From[0].Max = 0 }))) // the park is over

	got := claim(t, st, all(noon))
	assert.Empty(t, got.Leased, "nothing is due yet, and the park counts again")
	require.Len(t, got.Classes, 1)
	assert.Equal(t, at(5), got.Classes[0].Wake)
	assert.Equal(t, []string{"a1", "b1", "c1"}, find(t, st, campaign.Filter{}))
	assert.ElementsMatch(t, []string{"a1", "b1", "c1"}, leased(t, st, all(at(5))))
}

func aParkCountsUntilItsTime(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1", park(at(5), 0)))
	got := claim(t, st, all(at(4)))
	assert.Empty(t, got.Leased)
	require.Len(t, got.Classes, 1)
	assert.Zero(t, got.Classes[0].Waiting)
	assert.Equal(t, at(5), got.Classes[0].Wake)
	assert.Equal(t, []string{"a1"}, leased(t, st, all(at(5))), "not after its time")
}

func aParkCountsOnlyAtItsRevision(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1", park(at(5), 7)), rec("b1", park(at(5), 8)))
	q := all(noon, revision(7), limit(1))
	assert.Equal(t, []string{"b1"}, leased(t, st, q), "made at a revision that is not this one")
	assert.Empty(t, leased(t, st, q))
	commit(t, st, campaign.Change{Ref: leaseRef(look(t, st, campaign.Ref{Campaign: one, Record: "b1"}))})

	got := claim(t, st, all(noon, revision(8)))
	assert.Equal(t, []string{"a1"}, ids(got.Leased), "the park of b1 counts now, that of a1 no more")
	require.Len(t, got.Classes, 1)
	assert.Equal(t, at(5), got.Classes[0].Wake)
}

func aParkMadeAtARevisionStillUnknownCountsOnceItIs(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1"), rec("b1", park(at(5), 8)))
	got := claim(t, st, all(noon, revision(8), limit(1), func(q *campaign.Claim) { q.From[0].Max = 0 }))
	require.Len(t, got.Classes, 1)
	assert.Equal(t, at(5), got.Classes[0].Wake)
	assert.Equal(t, []string{"a1"}, leased(t, st, all(noon, revision(8))))
}

func aParkEndsByWakeAndByUnlistInEveryCampaign(t *testing.T, open opener) {
	st := open(t)
	const number = 48_600_111_222
	r := func(id string, c campaign.ID) *campaign.Record {
		return rec(id, in(c), phones(48_700_000_000+blacklist.Number(id[0]), number), park(at(60), 0))
	}
	add(t, st, r("a1", one), r("b1", other), rec("c1", park(at(60), 0)))
	require.Empty(t, leased(t, st, all(noon, campaigns(one, other))))
	version := look(t, st, campaign.Ref{Campaign: one, Record: "a1"}).Record.Version
	commit(t, st, campaign.Change{Wake: []blacklist.Number{number}})
	assert.Equal(t, version, look(t, st, campaign.Ref{Campaign: one, Record: "a1"}).Record.Version, "a park is no version")
	got := claim(t, st, all(noon, campaigns(one, other)))
	assert.Equal(t, []string{"a1"}, ids(got.Leased)[:1])
	assert.Equal(t, []string{"a1", "b1"}, ids(got.Leased))
	for _, f := range got.Leased {
		park(at(60), 0)(&f.Record)
		commit(t, st, campaign.Change{Ref: leaseRef(f), Record: &f.Record})
	}
	require.Empty(t, leased(t, st, all(noon, campaigns(one, other))))
	commit(t, st, campaign.Change{Unlist: []blacklist.Key{{List: blacklist.Global, Number: number}}})
	assert.Equal(t, []string{"a1", "b1"}, leased(t, st, all(noon, campaigns(one, other))))
}

func anOlderRevisionLeasesNothing(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1"), rec("b1", in(other)))
	require.Empty(t, leased(t, st, all(noon, revision(5), func(q *campaign.Claim) { q.From[0].Max = 0 })))
	got := campaign.Claimed{Leased: make([]campaign.Facts, 3)}
	q := all(noon, campaigns(other, one), revision(4))
	require.ErrorIs(t, st.Claim(ctx, q, &got), campaign.ErrConfigChanged)
	assert.Empty(t, got.Leased)
	for _, id := range []campaign.RecordID{"a1"} {
		assert.Zero(t, look(t, st, campaign.Ref{Campaign: one, Record: id}).Lease)
	}
	assert.Zero(t, look(t, st, campaign.Ref{Campaign: other, Record: "b1"}).Lease, "nor from the other campaign")
	assert.Equal(t, []string{"a1"}, leased(t, st, all(noon, revision(5))))
}

func aRevisionIsLearntFromACommit(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1"))
	commit(t, st, campaign.Change{Ref: campaign.Ref{Campaign: one, Record: "a1"}, Revision: 3})
	var got campaign.Claimed
	require.ErrorIs(t, st.Claim(ctx, all(noon, revision(2)), &got), campaign.ErrConfigChanged)
	err := refused(t, st, campaign.Change{Ref: campaign.Ref{Campaign: one, Record: "a1"}, Revision: 2, Record: rec("a1")})
	assert.ErrorIs(t, err, campaign.ErrConfigChanged)
	assert.EqualValues(t, 1, look(t, st, campaign.Ref{Campaign: one, Record: "a1"}).Record.Version)
	commit(t, st, campaign.Change{Ref: campaign.Ref{Campaign: one}, Revision: 4}) // a definition alone
	require.ErrorIs(t, st.Claim(ctx, all(noon, revision(3)), &got), campaign.ErrConfigChanged)
}

func aLeaseSaysWhoHasItAndWhatFor(t *testing.T, open opener) {
	st := open(t)
	r := rec("a1", due(status.LanePublic, at(-1)), phones(48_600_000_001, 48_600_000_002))
	r.Qualifier, r.Next, r.Promised = status.CallbackAt, 1, true
	add(t, st, r)
	got := claim(t, st, all(noon, func(q *campaign.Claim) { q.Reserved = true }))
	require.Len(t, got.Leased, 1)
	f := got.Leased[0]
	assert.NotZero(t, f.Lease.Token)
	assert.Equal(t, campaign.Lease{
		Token: f.Lease.Token, Call: f.Lease.Token, Holder: "holder", Agent: "agent", Phase: campaign.Offered,
		Number: 48_600_000_002, Lane: status.LanePublic, ForCallback: true, Reserved: true, At: noon, Until: at(1),
	}, f.Lease)
	assert.Equal(t, f, look(t, st, refOf(r)), "Look brings what a lease brings")
}

func classesTellHeadsOwnAndWake(t *testing.T, open opener) {
	st := open(t)
	add(t, st,
		rec("a1", due(status.LaneFresh, at(9)), keyed(1, 0)), rec("b1", due(status.LaneFresh, at(7)), keyed(2, 0)),
		rec("c1", due(status.LanePublic, at(3)), park(at(1), 0)), rec("d1", due(status.LanePublic, at(4))),
		rec("e1", owner("agent", at(20))), rec("f1", owner("x", at(10))),
		rec("g1", class("parked"), park(at(2), 0)), rec("h1", class("parked"), park(at(3), 0)),
		rec("i1", class("held"), standing(status.StandingHeld)), rec("j1", class("")), rec("k1", in(other)),
	)
	ask := all(noon, campaigns(one))
	ask.From[0].Open = nil // learnt before it is ever open
	var first campaign.Class
	first.Campaign, first.Name = one, zone
	first.Waiting = 1<<status.LaneFresh | 1<<status.LanePublic | 1<<status.LaneOwn
	first.Heads[status.LaneFresh], first.Heads[status.LanePublic], first.Heads[status.LaneOwn] = at(7), at(4), at(10)
	first.Own, first.HasOwn, first.Wake = at(20), true, at(1)
	want := []campaign.Class{first, {Campaign: one, Name: "parked", Wake: at(2)}}
	got := claim(t, st, ask)
	assert.ElementsMatch(t, want, got.Classes)

	ask = all(at(8), limit(9), func(q *campaign.Claim) {
		q.Agent = "nobody"
		q.From[0].Sources = []campaign.Source{{Lane: status.LaneFresh, Due: at(8), Max: 1}}
	})
	got = claim(t, st, ask)
	require.Equal(t, []string{"b1"}, ids(got.Leased))
	first.Heads[status.LaneFresh], first.Heads[status.LanePublic] = at(9), at(3)
	first.Own, first.HasOwn, first.Wake = time.Time{}, false, time.Time{}
	var second campaign.Class
	second.Campaign, second.Name, second.Waiting = one, "parked", 1<<status.LaneFresh
	assert.ElementsMatch(t, []campaign.Class{first, second}, got.Classes)
}

func noTwoClaimsGetTheSameRecord(t *testing.T, open opener) {
	st := open(t)
	const n, workers = 400, 16
	for i := range n {
		add(t, st, rec(fmt.Sprint(i), keyed(int64(i), 0), phones(blacklist.Number(48_600_000_000+i))))
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	seen := map[string]int{}
	tokens := map[campaign.Token]bool{}
	last := map[int]int64{}
	for w := range workers {
		wg.Go(func() {
			var got campaign.Claimed
			for {
				if err := st.Claim(ctx, all(noon, limit(7)), &got); err != nil || len(got.Leased) == 0 {
					assert.NoError(t, err)
					return
				}
				mu.Lock()
				for _, f := range got.Leased {
					seen[string(f.Record.ID)]++
					tokens[f.Lease.Token] = true
					assert.GreaterOrEqual(t, f.Record.Sort, last[w], "each worker sees the order")
					last[w] = f.Record.Sort
				}
				mu.Unlock()
				for _, f := range got.Leased {
					facts, err := looked(ctx, st, campaign.Need{}, leaseRef(f), campaign.Ref{Campaign: one, Record: "0"})
					assert.NoError(t, err)
					assert.Equal(t, f.Lease, facts[0].Lease)
					closed := f.Record
					closed.Standing, closed.Lane = status.StandingClosed, status.LaneNone
					errs, err := st.Commit(ctx, campaign.Change{Ref: leaseRef(f), Record: &closed})
					assert.NoError(t, err)
					assert.Nil(t, errs)
				}
			}
		})
	}
	wg.Wait()
	assert.Len(t, seen, n)
	assert.Len(t, tokens, n)
	for id, times := range seen {
		assert.Equal(t, 1, times, id)
	}
}
