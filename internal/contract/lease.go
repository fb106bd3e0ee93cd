package contract

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

const shared blacklist.Number = 48_600_555_666

func ended(f campaign.Facts) campaign.Change { return campaign.Change{Ref: leaseRef(f)} }

func runOutLeasesComeBackOldestFirstAndNothingElse(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1"), rec("b1"), rec("c1", in(other)), rec("d1"))
	until := func(m int) func(*campaign.Claim) {
		return func(q *campaign.Claim) { q.Until, q.Limit = at(m), 1 }
	}
	a := claim(t, st, all(noon, until(5))).Leased[0]
	b := claim(t, st, all(noon, until(2))).Leased[0]
	c := claim(t, st, all(noon, campaigns(other), until(3))).Leased[0]

	settle := func(q *campaign.Claim) { q.From[0].Max, q.Until = 0, at(60) }
	assert.Empty(t, claim(t, st, all(at(2).Add(-time.Microsecond), settle)).Expired)
	got := claim(t, st, all(at(5), limit(2), settle))
	assert.Equal(t, []string{"b1", "a1"}, ids(got.Expired), "of the asked campaigns only, with Max 0 too")
	assert.Empty(t, got.Leased)
	for i, old := range []campaign.Facts{b, a} {
		x := got.Expired[i]
		assert.Greater(t, x.Lease.Token, c.Lease.Token, "a new token")
		assert.Equal(t, old.Lease.Token, x.Lease.Call, "the call keeps the first")
		assert.Equal(t, at(60), x.Lease.Until)
		want := old.Lease
		want.Token, want.Until = x.Lease.Token, x.Lease.Until
		assert.Equal(t, want, x.Lease, "all else is as it was")
	}
	assert.Equal(t, []string{"d1"}, leased(t, st, all(at(6))), "never both")
	got = claim(t, st, all(at(6), campaigns(one, other), limit(1)))
	assert.Equal(t, []string{"c1"}, ids(got.Expired))
}

func noMoreRunOutLeasesThanTheLimitAndAgainWhenNotSettled(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1"), rec("b1"))
	require.Len(t, claim(t, st, all(noon)).Leased, 2)
	first := claim(t, st, all(at(1), limit(1)))
	require.Equal(t, []string{"a1"}, ids(first.Expired))
	require.Equal(t, []string{"b1"}, ids(claim(t, st, all(at(1), limit(1))).Expired))
	assert.Empty(t, leased(t, st, all(at(1))), "each is being settled")
	again := claim(t, st, all(at(2)))
	require.Equal(t, []string{"a1", "b1"}, ids(again.Expired), "whoever settled them is gone too")
	assert.Equal(t, first.Expired[0].Lease.Call, again.Expired[0].Lease.Call)
	require.ErrorIs(t, refused(t, st, ended(first.Expired[0])), campaign.ErrLeaseLost)
	commit(t, st, ended(again.Expired[0]), ended(again.Expired[1]))
	assert.Equal(t, []string{"a1", "b1"}, leased(t, st, all(at(2))))
}

func theFirstTokenMayEndARunOutLeaseButNotExtendIt(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1"))
	f := claim(t, st, all(noon)).Leased[0]
	extend := f.Lease
	extend.Until = at(9)
	commit(t, st, campaign.Change{Ref: leaseRef(f), Extend: true, Lease: &extend}) // even past its time, until it is handed out
	require.Len(t, claim(t, st, all(at(9))).Expired, 1)
	err := refused(t, st, campaign.Change{Ref: leaseRef(f), Extend: true, Lease: &extend})
	require.ErrorIs(t, err, campaign.ErrLeaseLost)
	commit(t, st, campaign.Change{Ref: leaseRef(f), Record: &f.Record})
	assert.Zero(t, look(t, st, leaseRef(f)).Lease)
	require.ErrorIs(t, refused(t, st, ended(f)), campaign.ErrLeaseLost, "it is settled")
	assert.Equal(t, []string{"a1"}, leased(t, st, all(at(9))))
}

func aRunOutLeaseFreesNumbersAndContact(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1", phones(shared), person("p")), rec("b1", in(other), phones(shared), person("p")))
	require.Len(t, claim(t, st, all(noon)).Leased, 1)
	b := campaign.Ref{Campaign: other, Record: "b1"}
	require.Len(t, look(t, st, b).Busy, 2)
	require.Len(t, claim(t, st, all(at(1))).Expired, 1)
	assert.Empty(t, look(t, st, b).Busy)
	assert.Len(t, claim(t, st, all(at(1), campaigns(other))).Leased, 1)
	assert.NotZero(t, look(t, st, campaign.Ref{Campaign: one, Record: "a1"}).Lease.Token, "the record itself is still being settled")
}

func aLeaseHoldsContactAndAllNumbersAcrossCampaigns(t *testing.T, open opener) {
	st := open(t)
	const second, third blacklist.Number = 48_600_555_777, 48_600_555_888
	add(t, st, rec("a1", phones(shared, second, shared), person("p")),
		rec("b1", in(other), phones(third, second), person("p")), rec("c1", in(other), phones(shared, third)))
	a := claim(t, st, all(noon)).Leased[0]
	assert.Empty(t, a.Busy, "what a lease holds itself is not busy")
	hold := campaign.Hold{Ref: refOf(&a.Record), Holder: "holder", Until: at(1)}
	byNumber := func(h campaign.Hold, n blacklist.Number) campaign.Hold { h.Number = n; return h }
	byContact := func(h campaign.Hold) campaign.Hold { h.Contact = "p"; return h }

	got := claim(t, st, all(noon, campaigns(other), func(q *campaign.Claim) { q.Holder, q.Until = "second", at(2) }))
	require.Equal(t, []string{"b1", "c1"}, ids(got.Leased))
	b, c := got.Leased[0], got.Leased[1]
	assert.ElementsMatch(t, []campaign.Hold{byContact(hold), byNumber(hold, second)}, b.Busy)
	bHolds := campaign.Hold{Ref: refOf(&b.Record), Holder: "second", Until: at(2)}
	assert.ElementsMatch(t, []campaign.Hold{byNumber(hold, shared), byNumber(bHolds, third)}, c.Busy)

	// b does not hold what a holds, so its end frees only its own.
	commit(t, st, ended(b))
	assert.Equal(t, []campaign.Hold{byNumber(hold, shared)}, look(t, st, refOf(&c.Record)).Busy)
	assert.Len(t, look(t, st, refOf(&b.Record)).Busy, 2)
	commit(t, st, ended(a))
	assert.Empty(t, look(t, st, refOf(&c.Record)).Busy)
	assert.Empty(t, look(t, st, refOf(&b.Record)).Busy, "c did not hold third: b did when c was leased")
}

func atMostOneLeaseHoldsANumber(t *testing.T, open opener) {
	st := open(t)
	for _, id := range []string{"a1", "b1", "c1", "d1", "e1", "f1"} {
		add(t, st, rec(id, phones(shared)), rec(id, in(other), phones(shared)))
	}
	var wg sync.WaitGroup
	var holding, held atomic.Int32
	for range 16 {
		wg.Go(func() {
			var got campaign.Claimed
			for range 60 {
				if !assert.NoError(t, st.Claim(ctx, all(noon, campaigns(one, other), limit(1)), &got)) {
					return
				}
				for _, f := range got.Leased {
					if len(f.Busy) == 0 {
						held.Add(1)
						assert.EqualValues(t, 1, holding.Add(1))
						runtime.Gosched()
						holding.Add(-1)
					}
					errs, err := st.Commit(ctx, ended(f))
					assert.NoError(t, err)
					assert.Nil(t, errs)
				}
			}
		})
	}
	wg.Wait()
	assert.NotZero(t, held.Load())
	assert.Len(t, claim(t, st, all(noon, campaigns(one, other))).Leased, 12)
}

func aLeaseIsFenced(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1"), rec("b1"))
	a := claim(t, st, all(noon, limit(1))).Leased[0]
	b := claim(t, st, all(noon, limit(1))).Leased[0]
	foreign := leaseRef(a)
	foreign.Token = b.Lease.Token
	for name, ch := range map[string]campaign.Change{
		"end":    {Ref: foreign},
		"write":  {Ref: foreign, Record: &a.Record},
		"extend": {Ref: foreign, Extend: true, Lease: &a.Lease},
		"log":    {Ref: foreign, Entry: &campaign.Entry{}},
	} {
		require.ErrorIs(t, refused(t, st, ch), campaign.ErrLeaseLost, name)
	}
	commit(t, st, ended(a))
	require.ErrorIs(t, refused(t, st, ended(a)), campaign.ErrLeaseLost, "it has ended")
	again := claim(t, st, all(noon)).Leased[0]
	assert.Greater(t, again.Lease.Token, b.Lease.Token, "tokens grow")
	require.ErrorIs(t, refused(t, st, campaign.Change{Ref: leaseRef(a), Record: &a.Record}), campaign.ErrLeaseLost)
	assert.Equal(t, again.Lease, look(t, st, refOf(&a.Record)).Lease)
	require.ErrorIs(t, refused(t, st, campaign.Change{Ref: campaign.Ref{Campaign: one, Record: "b1", Token: 999}}), campaign.ErrLeaseLost)
}

func aLeasedRecordIsNotWrittenWithoutItsToken(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1"))
	a := claim(t, st, all(noon)).Leased[0]
	for name, ch := range map[string]campaign.Change{
		"write":     {Ref: refOf(&a.Record), Record: &a.Record},
		"lease":     {Ref: refOf(&a.Record), Lease: &campaign.Lease{Until: at(1)}},
		"extend":    {Ref: refOf(&a.Record), Extend: true},
		"decide by": {Ref: refOf(&a.Record), Revision: 1},
	} {
		var leased *campaign.LeasedError
		require.ErrorAs(t, refused(t, st, ch), &leased, name)
		assert.Equal(t, campaign.Hold{Ref: refOf(&a.Record), Holder: "holder", Until: at(1)}, leased.Hold)
	}
	// A late report writes log and history without one.
	commit(t, st, campaign.Change{Ref: refOf(&a.Record), Entry: &campaign.Entry{Note: "late"}, Call: &campaign.Call{Token: 77, Campaign: one, Record: "a1"}})
	assert.Equal(t, a.Lease, look(t, st, refOf(&a.Record)).Lease)
}

func extendKeepsTheLeaseUnderNewTerms(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1", phones(shared, 48_600_555_777)))
	a := claim(t, st, all(noon)).Leased[0]
	terms := a.Lease
	terms.Token, terms.Call = 99, 98 // the store keeps its own
	terms.Phase, terms.Number, terms.Dialed, terms.Until = campaign.Dialed, 48_600_555_777, noon, at(30)
	commit(t, st, campaign.Change{Ref: leaseRef(a), Extend: true, Lease: &terms})
	terms.Token, terms.Call = a.Lease.Token, a.Lease.Call
	assert.Equal(t, terms, look(t, st, leaseRef(a)).Lease)
	assert.Empty(t, claim(t, st, all(at(5))).Expired, "it runs longer")
	a.Record.List = "written"
	commit(t, st, campaign.Change{Ref: leaseRef(a), Extend: true, Record: &a.Record})
	assert.Equal(t, terms, look(t, st, leaseRef(a)).Lease, "writing the record under a lease")
	assert.Len(t, claim(t, st, all(at(30))).Expired, 1)
	add(t, st, rec("b1"))
	require.ErrorIs(t, refused(t, st, campaign.Change{Ref: campaign.Ref{Campaign: one, Record: "b1", Token: 0}, Extend: true}), campaign.ErrLeaseLost)
}

func anExtendedLeaseHidesNoOtherThatRanOut(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1"), rec("b1"))
	a := claim(t, st, all(noon, limit(1))).Leased[0]
	require.Len(t, claim(t, st, all(noon, func(q *campaign.Claim) { q.Until = at(2) })).Leased, 1)
	a.Lease.Until = at(9)
	commit(t, st, campaign.Change{Ref: leaseRef(a), Extend: true, Lease: &a.Lease})
	assert.Equal(t, []string{"b1"}, ids(claim(t, st, all(at(3))).Expired))
}

func theNumberReallyDialledIsGuarded(t *testing.T, open opener) {
	st := open(t)
	const second blacklist.Number = 48_600_555_777
	add(t, st, rec("a1", phones(shared, second)), rec("b1", in(other), phones(second)))
	b := claim(t, st, all(noon, campaigns(other))).Leased[0]
	a := claim(t, st, all(noon)).Leased[0]
	require.Len(t, a.Busy, 1)
	dial := a.Lease
	dial.Phase, dial.Number = campaign.Dialed, second
	var held *campaign.LeasedError
	require.ErrorAs(t, refused(t, st, campaign.Change{Ref: leaseRef(a), Extend: true, Lease: &dial}), &held)
	assert.Equal(t, second, held.Hold.Number)
	assert.Equal(t, a.Lease, look(t, st, refOf(&a.Record)).Lease)
	commit(t, st, ended(b))
	commit(t, st, campaign.Change{Ref: leaseRef(a), Extend: true, Lease: &dial})
	b = claim(t, st, all(noon, campaigns(other))).Leased[0]
	require.Len(t, b.Busy, 1, "what became free the dialling lease holds now")
	assert.Equal(t, second, b.Busy[0].Number)
}

func aNewLeaseNeedsRecordContactAndNumbersFree(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1", phones(shared), person("p")), rec("b1", in(other), phones(shared)), rec("c1", in(other), person("p")), rec("d1", in(other)))
	take := func(id campaign.RecordID, with ...campaign.Ref) campaign.Change {
		return campaign.Change{Ref: campaign.Ref{Campaign: other, Record: id}, Lease: &campaign.Lease{Holder: "taker", At: noon, Until: at(1), With: with}}
	}
	a := claim(t, st, all(noon)).Leased[0]
	hold := campaign.Hold{Ref: refOf(&a.Record), Holder: "holder", Until: at(1)}
	for id, want := range map[campaign.RecordID]campaign.Hold{
		"b1": {Ref: hold.Ref, Holder: hold.Holder, Until: hold.Until, Number: shared},
		"c1": {Ref: hold.Ref, Holder: hold.Holder, Until: hold.Until, Contact: "p"},
	} {
		var leased *campaign.LeasedError
		require.ErrorAs(t, refused(t, st, take(id)), &leased)
		assert.Equal(t, want, leased.Hold)
		require.ErrorAs(t, refused(t, st, take("d1", campaign.Ref{Campaign: other, Record: id})), &leased, "further records too")
		assert.Equal(t, want, leased.Hold)
		assert.Zero(t, look(t, st, campaign.Ref{Campaign: other, Record: "d1"}).Lease)
	}
	require.ErrorIs(t, refused(t, st, take("d1", campaign.Ref{Campaign: other, Record: "gone"})), campaign.ErrNotFound)
	ch := take("d1")
	ch.Lease.Number = shared
	var leased *campaign.LeasedError
	require.ErrorAs(t, refused(t, st, ch), &leased, "the number dialled, whoever's it is")

	commit(t, st, ended(a))
	ch = take("b1")
	commit(t, st, ch)
	assert.Greater(t, ch.Lease.Token, a.Lease.Token, "the token is told")
	assert.Equal(t, ch.Lease.Token, ch.Lease.Call)
	assert.Equal(t, *ch.Lease, look(t, st, ch.Ref).Lease)
	assert.Len(t, look(t, st, refOf(&a.Record)).Busy, 1)
}

func anInboundLeaseHoldsFurtherRecordsUntilItEnds(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1", phones(shared)), rec("b1", in(other), phones(shared, 48_600_555_777)), rec("c1", phones(48_600_555_777)))
	a, b := campaign.Ref{Campaign: one, Record: "a1"}, campaign.Ref{Campaign: other, Record: "b1"}
	ch := campaign.Change{Ref: a, Lease: &campaign.Lease{Inbound: true, Number: shared, Until: at(1), With: []campaign.Ref{b, b, a}}}
	commit(t, st, ch)
	assert.Equal(t, *ch.Lease, look(t, st, b).Lease, "one lease over both")
	assert.Empty(t, look(t, st, b).Busy)
	assert.Empty(t, leased(t, st, all(noon, campaigns(other))))
	got := claim(t, st, all(noon)).Leased
	require.Equal(t, []string{"c1"}, ids(got))
	require.Len(t, got[0].Busy, 1)
	assert.Equal(t, a, got[0].Busy[0].Ref)
	a.Token = ch.Lease.Token
	commit(t, st, campaign.Change{Ref: a})
	assert.Equal(t, []string{"b1"}, leased(t, st, all(noon, campaigns(other))))
	assert.Equal(t, []string{"a1"}, leased(t, st, all(noon)))
}

func aRecordsOtherNumbersAndContactCountAtOnce(t *testing.T, open opener) {
	st := open(t)
	const second blacklist.Number = 48_600_555_777
	add(t, st, rec("a1", phones(shared), person("p")), rec("b1", in(other), phones(second), person("q")))
	commit(t, st, campaign.Change{Call: &campaign.Call{Token: 70, Campaign: other, Record: "gone", Contact: "q", Ended: at(-2)}},
		campaign.Change{Call: &campaign.Call{Token: 71, Campaign: other, Record: "gone", Number: second, Ended: at(-1)}})
	require.Len(t, claim(t, st, all(noon, campaigns(other))).Leased, 1)
	a := look(t, st, campaign.Ref{Campaign: one, Record: "a1"})
	require.Empty(t, a.Busy)
	require.Empty(t, a.History)
	phones(second)(&a.Record)
	commit(t, st, campaign.Change{Ref: refOf(&a.Record), Record: &a.Record})
	a = look(t, st, refOf(&a.Record))
	assert.Len(t, a.Busy, 1)
	a.Record.Contact = "q"
	commit(t, st, campaign.Change{Ref: refOf(&a.Record), Record: &a.Record})
	a = look(t, st, refOf(&a.Record))
	assert.Len(t, a.Busy, 2)
	assert.Len(t, a.History, 2)
	for _, f := range []campaign.Filter{{Numbers: []blacklist.Number{second}}, {Contacts: []campaign.ContactID{"q"}}} {
		assert.Equal(t, []string{"a1", "b1"}, find(t, st, f))
	}
	for _, f := range []campaign.Filter{{Numbers: []blacklist.Number{shared}}, {Contacts: []campaign.ContactID{"p"}}} {
		assert.Empty(t, find(t, st, f))
	}
	park(at(60), 0)(&a.Record)
	a.Record.Version = 0
	commit(t, st, campaign.Change{Ref: refOf(&a.Record), Record: &a.Record})
	commit(t, st, campaign.Change{Wake: []blacklist.Number{shared}})
	assert.NotZero(t, look(t, st, refOf(&a.Record)).Record.Park, "the number that it had")
	commit(t, st, campaign.Change{Wake: []blacklist.Number{second}})
	assert.Zero(t, look(t, st, refOf(&a.Record)).Record.Park)
}

func aReleasedRecordIsAsItWas(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1", due(status.LaneAgain, at(-1))))
	before := look(t, st, campaign.Ref{Campaign: one, Record: "a1"})
	f := claim(t, st, all(noon)).Leased[0]
	assert.Equal(t, before.Record, f.Record, "a lease is no new version")
	commit(t, st, ended(f))
	assert.Equal(t, before, look(t, st, refOf(&f.Record)))
}
