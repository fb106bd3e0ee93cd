package memstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func fresh(i int) *campaign.Record {
	return &campaign.Record{
		ID: campaign.RecordID(fmt.Sprintf("r%07d", i)), Campaign: "c", Class: "X", Sort: 1 << 16,
		Phones:   []campaign.Phone{{Number: blacklist.Number(48_600_000_000 + i)}},
		Progress: campaign.Progress{Standing: status.StandingQueued, Lane: status.LaneFresh},
	}
}

func put(t require.TestingT, st *Store, ch campaign.Change) {
	ch.Ref.Campaign, ch.Ref.Record = ch.Record.Campaign, ch.Record.ID
	errs, err := st.Commit(background, ch)
	require.NoError(t, err)
	require.Nil(t, errs)
}

func askOf(now time.Time, n int, lanes ...status.Lane) campaign.Claim {
	q := campaign.Claim{Now: now, Until: now.Add(time.Minute), Limit: n, Need: campaign.Need{NoCalls: true},
		From: []campaign.Step{{Campaign: "c", Open: []string{"X"}, Max: n}}}
	for _, l := range lanes {
		q.From[0].Sources = append(q.From[0].Sources, campaign.Source{Lane: l, Due: now})
	}
	return q
}

func take(t require.TestingT, st *Store, now time.Time, n int) (ids []string) {
	var got campaign.Claimed
	require.NoError(t, st.Claim(background, askOf(now, n, status.LaneFresh), &got))
	for i := range got.Leased {
		ids = append(ids, strings.TrimLeft(string(got.Leased[i].Record.ID), "r0"))
	}
	return ids
}

func TestFreshRecordsWaitInRunsWhileTheyComeInOrder(t *testing.T) {
	st := New()
	for i := 1; i <= 4; i++ {
		r := fresh(i)
		r.Sequence = int64([]int{0, 10, 20, 15, 30}[i]) // the third comes late
		put(t, st, campaign.Change{Add: true, Record: r})
	}
	l := st.byID["c"]
	lane := &l.classes[1].lanes[status.LaneFresh]
	assert.Equal(t, 3, lane.runs.live)
	assert.Equal(t, 1, lane.strays.live, "the late one")

	edited := fresh(2)
	edited.List = "edited"
	put(t, st, campaign.Change{Record: edited})
	assert.Equal(t, 3, lane.runs.live, "an edit costs no place in a run")
	moved := fresh(1)
	moved.Sequence = 40
	put(t, st, campaign.Change{Record: moved})
	assert.Equal(t, 2, lane.runs.live, "another sequence does")
	st.audit(t)
	assert.Equal(t, []string{"3", "2", "4", "1"}, take(t, st, noon, 9))
	st.audit(t)
}

func TestARecordIsInARunOnce(t *testing.T) {
	st := New()
	put(t, st, campaign.Change{Add: true, Record: fresh(1)})
	put(t, st, campaign.Change{Add: true, Record: fresh(2)})
	for _, class := range []string{"Y", "X", "Y", "X"} {
		r := fresh(1)
		r.Class = class
		put(t, st, campaign.Change{Record: r})
		st.audit(t)
	}
	r := fresh(1)
	r.Sequence = 50
	put(t, st, campaign.Change{Record: r})
	st.audit(t)
	assert.Equal(t, []string{"2", "1"}, take(t, st, noon, 9))
}

func TestMoreSortsThanRunsAreStrays(t *testing.T) {
	st := New()
	for i := 1; i <= maxRuns+3; i++ {
		r := fresh(i)
		r.Sort, r.Order = int64(1000-i), uint16(1000-i)
		put(t, st, campaign.Change{Add: true, Record: r})
	}
	lane := &st.byID["c"].classes[1].lanes[status.LaneFresh]
	assert.Equal(t, maxRuns, lane.runs.live)
	assert.Equal(t, 3, lane.strays.live)
	st.audit(t)
	assert.Equal(t, []string{"67", "66", "65", "64", "63"}, take(t, st, noon, 5))
}

func TestDeadEntriesAreSweptOut(t *testing.T) {
	st := New()
	for i := range 10 {
		put(t, st, campaign.Change{Add: true, Record: fresh(i)})
	}
	for round := range 3000 {
		r := fresh(round % 10)
		r.Lane, r.Due, r.Owner = status.LaneOwn, noon.Add(time.Duration(round)*time.Second), "p"
		put(t, st, campaign.Change{Record: r})
	}
	st.audit(t) // bounds the heaps
}

func TestMembersAreKeptInTheirOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newPeople()
		var m members
		var want []spot
		t.Repeat(map[string]func(*rapid.T){
			"": func(*rapid.T) {
				var got []spot
				p.each(&m, func(at spot) bool { got = append(got, at); return true })
				require.Equal(t, want, got)
			},
			"attach": func(*rapid.T) {
				at := spot{uint16(rapid.IntRange(1, 3).Draw(t, "line")), uint32(rapid.IntRange(0, 3).Draw(t, "slot"))}
				if !slices.Contains(want, at) {
					want = append(want, at)
					require.NoError(t, p.attach(&m, at))
				}
			},
			"detach": func(*rapid.T) {
				at := spot{uint16(rapid.IntRange(1, 3).Draw(t, "line")), uint32(rapid.IntRange(0, 3).Draw(t, "slot"))}
				if want = slices.DeleteFunc(want, func(x spot) bool { return x == at }); len(want) == 0 {
					want = nil
				}
				p.detach(&m, at)
			},
		})
	})
}

func TestRecordsAreListedBySequence(t *testing.T) {
	for name, sequence := range map[string]func(i int) int64{
		"ascending":  func(i int) int64 { return int64(i) },
		"descending": func(i int) int64 { return int64(5000 - i) },
		"mixed":      func(i int) int64 { return int64(i*7919%3001 + 1) },
		"equal":      func(i int) int64 { return int64(7 + i/1000) },
	} {
		t.Run(name, func(t *testing.T) {
			st := New()
			var want []slot
			const n = 2500
			for i := 1; i <= n; i++ {
				r := fresh(i)
				r.Sequence = sequence(i)
				put(t, st, campaign.Change{Add: true, Record: r})
				want = append(want, slot(i-1))
			}
			l := st.byID["c"]
			assert.Equal(t, name == "ascending" || name == "equal", l.roll.blocks == nil)
			check := func() {
				slices.SortFunc(want, func(a, b slot) int { return cmp.Or(cmp.Compare(l.rows.seq(a), l.rows.seq(b)), cmp.Compare(a, b)) })
				require.Equal(t, want, l.roll.after(l, nil, n+1, nil))
			}
			check()
			for i := 1; i <= n; i += 9 {
				r := fresh(i)
				r.Sequence = int64(i*31%4001 + 1)
				put(t, st, campaign.Change{Record: r})
			}
			check()
			middle := mark{l.rows.seq(want[1200]), want[1200]}
			assert.Equal(t, want[1201:1301], l.roll.after(l, &middle, 100, nil))
		})
	}
}

func TestTokensOfOtherStoresAreFound(t *testing.T) {
	var x tokens
	x.set(5, 1, 10)
	x.set(5000, 2, 10)
	x.set(-3, 3, 10)
	x.set(5000, 4, 6000)
	for token, want := range map[campaign.Token]uint32{5: 1, 6: 0, 5000: 4, -3: 3, 1 << 60: 0} {
		assert.Equal(t, want, x.get(token), token)
	}
}

// A history keeps the first line as a flag while the record says it.
func TestTheLineOfAnAddedRecordCostsNothingUntilTheRecordChanges(t *testing.T) {
	st := New()
	r := fresh(1)
	r.Created, r.Author = noon, "import"
	entry := &campaign.Entry{At: noon, Author: "import", Why: campaign.WhyAdded}
	put(t, st, campaign.Change{Add: true, Record: r, Entry: entry})
	l := st.byID["c"]
	assert.Zero(t, l.past.slab.Len())
	r.Author = "somebody"
	put(t, st, campaign.Change{Record: r, Entry: &campaign.Entry{At: noon, Author: "somebody", Note: strings.Repeat("long ", 5000)}})
	entries, _, err := st.History(background, campaign.Ref{Campaign: "c", Record: r.ID})
	require.NoError(t, err)
	require.Len(t, entries, 2)
	assert.Equal(t, *entry, entries[0])
	assert.Len(t, entries[1].Note, 25000)
}

func TestWhatTheStoreCannotKeepIsRefusedWhole(t *testing.T) {
	st := New()
	long := strings.Repeat("x", MaxText+1)
	r := fresh(1)
	put(t, st, campaign.Change{Add: true, Record: r})
	far := fresh(2)
	far.Due = time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, ch := range map[string]campaign.Change{
		"contact":  {Ref: campaign.Ref{Campaign: "c", Record: "r"}, Add: true, Record: &campaign.Record{ID: "r", Campaign: "c", Contact: campaign.ContactID(long)}},
		"id":       {Ref: campaign.Ref{Campaign: "c", Record: campaign.RecordID(long)}, Add: true, Record: &campaign.Record{ID: campaign.RecordID(long), Campaign: "c"}},
		"campaign": {Ref: campaign.Ref{Campaign: campaign.ID(long), Record: "r"}, Add: true, Record: &campaign.Record{ID: "r", Campaign: campaign.ID(long)}},
		"due":      {Ref: campaign.Ref{Campaign: "c", Record: far.ID}, Add: true, Record: far},
		"data":     {Contact: &campaign.Contact{ID: campaign.ContactID(long)}},
		"call":     {Call: &campaign.Call{Token: 1, Contact: campaign.ContactID(long)}, List: []blacklist.Entry{{List: "l", Number: 48_600_000_000}}},
	} {
		errs, err := st.Commit(background, ch)
		require.NoError(t, err)
		require.Len(t, errs, 1, name)
		var limit *LimitError
		assert.ErrorAs(t, errs[0], &limit, name)
	}
	assert.Zero(t, st.lists.Len())
	assert.Equal(t, 1, st.byID["c"].rows.len())
	st.audit(t)
}

func TestACycleAsksForNoMemory(t *testing.T) {
	ctx := context.Background()
	cost := func(idle int) float64 {
		st := New()
		for i := range idle {
			r := fresh(1000 + i)
			if r.Standing = status.StandingClosed; i%2 == 0 {
				r.Standing, r.Due = status.StandingQueued, noon.AddDate(0, 1, i%100)
			}
			put(t, st, campaign.Change{Add: true, Record: r})
		}
		for i := range 64 {
			put(t, st, campaign.Change{Add: true, Record: fresh(i)})
		}
		var got campaign.Claimed
		var looked campaign.Looked
		now := noon
		q := askOf(now, 1, status.LaneAgain, status.LaneFresh)
		change := make([]campaign.Change, 1)
		call := &campaign.Call{Campaign: "c", Outcome: campaign.NoAnswer}
		entry := &campaign.Entry{Author: "w", Why: campaign.WhyFallback}
		var lease campaign.Lease
		commit := func(ch campaign.Change) {
			change[0] = ch
			errs, err := st.Commit(ctx, change...)
			if errs != nil || err != nil {
				t.Fatal(errs, err)
			}
		}
		return testing.AllocsPerRun(5000, func() {
			now = now.Add(time.Second)
			q.Now, q.Until = now, now.Add(time.Minute)
			q.From[0].Sources[0].Due = now
			if err := st.Claim(ctx, q, &got); err != nil || len(got.Leased) != 1 {
				t.Fatal(err, len(got.Leased))
			}
			f := &got.Leased[0]
			ref := campaign.Ref{Campaign: "c", Record: f.Record.ID, Token: f.Lease.Token}
			lease = f.Lease
			lease.Until = now.Add(time.Hour)
			commit(campaign.Change{Ref: ref, Extend: true, Lease: &lease})
			if err := st.Look(ctx, campaign.Need{Since: now.Add(-10 * time.Minute)}, &looked, ref); err != nil {
				t.Fatal(err)
			}
			r := &looked.Facts[0].Record
			r.Lane, r.Due = status.LaneAgain, now.Add(time.Second)
			call.Token, call.Record, call.Number, call.Ended, entry.At = ref.Token, r.ID, f.Lease.Number, now, now
			commit(campaign.Change{Ref: ref, Record: r, Call: call, Entry: entry})
		})
	}
	assert.Zero(t, cost(100))
	assert.Zero(t, cost(20_000), "whatever waits or is done beside it")
}

// A park that was over counts again when the clock is set back, for whatever
// queue its record is in.
func TestAParkCountsAgainWhenTheClockIsSetBack(t *testing.T) {
	for _, lane := range []status.Lane{status.LaneFresh, status.LaneAgain, status.LaneOwn} {
		st := New()
		r := fresh(1)
		r.Lane, r.Owner = lane, "p"
		r.Park = campaign.Park{Until: noon.Add(time.Minute)}
		put(t, st, campaign.Change{Add: true, Record: r})
		var got campaign.Claimed
		q := askOf(noon.Add(2*time.Minute), 1, lane)
		q.From[0].Max, q.Agent, q.Owners = 0, "p", true
		require.NoError(t, st.Claim(background, q, &got))
		assert.NotZero(t, got.Classes[0].Waiting, "it is over")
		q.From[0].Max, q.Now = 1, noon
		require.NoError(t, st.Claim(background, q, &got))
		assert.Empty(t, got.Leased)
		assert.Zero(t, got.Classes[0].Waiting)
		assert.False(t, got.Classes[0].HasOwn)
		assert.Empty(t, got.Owners)
		assert.Equal(t, noon.Add(time.Minute), got.Classes[0].Wake)
		st.audit(t)
		q.Now, q.From[0].Sources[0].Due = noon.Add(time.Minute), noon.Add(time.Minute)
		require.NoError(t, st.Claim(background, q, &got))
		assert.Len(t, got.Leased, 1)
	}
}

func TestOfOneSequenceTheOneAddedFirstComesFirst(t *testing.T) {
	st := New()
	for i := 1; i <= 3; i++ {
		r := fresh(i)
		r.Sequence = 7
		if i == 1 {
			r.Park = campaign.Park{Until: noon} // it comes to its lane after the others
		}
		put(t, st, campaign.Change{Add: true, Record: r})
	}
	lane := &st.byID["c"].classes[1].lanes[status.LaneFresh]
	assert.Equal(t, 1, lane.runs.live)
	assert.Equal(t, []string{"1", "2", "3"}, take(t, st, noon, 9))
}
