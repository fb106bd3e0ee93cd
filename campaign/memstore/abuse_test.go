package memstore

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// queued is a fresh record of campaign c that can be claimed.
func queued(id string) *campaign.Record {
	return &campaign.Record{
		ID: campaign.RecordID(id), Campaign: "c", Class: "X", Sort: usualSort(0),
		Progress: campaign.Progress{Standing: status.StandingQueued, Lane: status.LaneFresh},
	}
}

// only commits one change and returns its error.
func (st *Store) only(t require.TestingT, ch campaign.Change) error {
	errs, err := st.Commit(background, ch)
	require.NoError(t, err)
	if errs == nil {
		return nil
	}
	require.Len(t, errs, 1)
	return errs[0]
}

func (st *Store) addOnly(t require.TestingT, r *campaign.Record) error {
	return st.only(t, campaign.Change{Ref: campaign.Ref{Campaign: r.Campaign, Record: r.ID}, Add: true, Record: r})
}

// ask is a Claim of campaign c that takes whatever is fresh or again.
func ask(now time.Time, limit int) campaign.Claim {
	return campaign.Claim{Now: now, Until: now.Add(time.Minute), Limit: limit, From: []campaign.Step{{
		Campaign: "c", Open: []string{"X"}, Max: limit, Revision: math.MaxInt32,
		Sources: []campaign.Source{{Lane: status.LaneFresh, Due: now}, {Lane: status.LaneAgain, Due: now}},
	}}}
}

func TestALeaseWhoseEndWasMovedToAndFroRunsOutOnce(t *testing.T) {
	st := New()
	require.NoError(t, st.addOnly(t, queued("a")))
	var got campaign.Claimed
	require.NoError(t, st.Claim(background, ask(noon, 1), &got))
	l := got.Leased[0].Lease
	ref := campaign.Ref{Campaign: "c", Record: "a", Token: l.Token}
	for i := range 10_000 {
		l.Until = noon.Add(time.Minute * time.Duration(1+(i+1)%2))
		require.NoError(t, st.only(t, campaign.Change{Ref: ref, Extend: true, Lease: &l}))
	}
	assert.LessOrEqual(t, st.byID["c"].leases.Len(), 200, "one lease has few timers")
	require.NoError(t, st.Claim(background, ask(noon.Add(time.Hour), 10), &got))
	assert.Len(t, got.Expired, 1)
	st.audit(t)
}

func TestARecordThatWaitsForARevisionIsNotedFewTimes(t *testing.T) {
	st := New()
	r := queued("a")
	r.Park = campaign.Park{Until: noon.Add(time.Hour), Revision: 7}
	require.NoError(t, st.addOnly(t, r))
	ref := campaign.Ref{Campaign: "c", Record: "a"}
	for range 1000 {
		l := &campaign.Lease{Until: noon}
		require.NoError(t, st.only(t, campaign.Change{Ref: ref, Lease: l}))
		require.NoError(t, st.only(t, campaign.Change{Ref: campaign.Ref{Campaign: "c", Record: "a", Token: l.Token}}))
	}
	assert.LessOrEqual(t, len(st.byID["c"].ahead), 200)
	q := ask(noon, 1)
	q.From[0].Revision = 7
	var got campaign.Claimed
	require.NoError(t, st.Claim(background, q, &got))
	assert.Empty(t, got.Leased, "its park counts now")
	st.audit(t)
}

func TestARefusedRecordMakesNoCampaign(t *testing.T) {
	st := New()
	for i := range 3 {
		r := queued("a")
		r.Campaign, r.Sort = campaign.ID(fmt.Sprint("c", i)), -1
		require.Error(t, st.addOnly(t, r))
	}
	assert.Len(t, st.lines, 1)
	assert.Empty(t, st.byID)
	assert.Empty(t, st.order)
	r := queued("a")
	require.NoError(t, st.addOnly(t, r))
	st.audit(t)
}

func TestAFullHistoryRefusesWhatWouldNeedALine(t *testing.T) {
	st := New()
	r := queued("a")
	ref := campaign.Ref{Campaign: "c", Record: "a"}
	first := added(r)
	require.NoError(t, st.only(t, campaign.Change{Ref: ref, Add: true, Record: r, Entry: &first}))
	st.byID["c"].rows.max.entries = 0
	r.Status = "another" // the row says no more what the first line says
	var limit *LimitError
	require.ErrorAs(t, st.only(t, campaign.Change{Ref: ref, Record: r}), &limit)
	lines, _, err := st.History(background, ref)
	require.NoError(t, err)
	assert.Equal(t, []campaign.Entry{first}, lines)
	st.byID["c"].rows.max.entries = MaxEntries
	require.NoError(t, st.only(t, campaign.Change{Ref: ref, Record: r}))
	lines, _, err = st.History(background, ref)
	require.NoError(t, err)
	assert.Equal(t, []campaign.Entry{first}, lines)
}

func TestNoCallsEndAfterTheLastYear(t *testing.T) {
	st := New()
	require.NoError(t, st.addOnly(t, queued("a")))
	ref := campaign.Ref{Campaign: "c", Record: "a"}
	require.NoError(t, st.only(t, campaign.Change{Ref: ref, Call: &campaign.Call{Token: 1, Campaign: "c", Record: "a", Ended: noon}}))
	for year, calls := range map[int]int{0: 1, 1: 1, 2026: 1, 9999: 0, 10000: 0} {
		var got campaign.Looked
		need := campaign.Need{Since: time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)}
		require.NoError(t, st.Look(background, need, &got, ref))
		assert.Len(t, got.Facts[0].History, calls, "since %d", year)
	}
}

func TestNothingThatIsAskedMakesTheStorePanic(t *testing.T) {
	st := New()
	for _, id := range []string{"a", "b", "d"} {
		r := queued(id)
		r.Phones = []campaign.Phone{{Number: 48600100200}}
		require.NoError(t, st.addOnly(t, r))
	}
	require.Error(t, st.Claim(background, ask(noon, 1), nil))
	require.Error(t, st.Look(background, campaign.Need{}, nil, campaign.Ref{}))
	var got campaign.Claimed
	var looked campaign.Looked
	for _, limit := range []int{math.MinInt, -1, 0} {
		require.ErrorContains(t, st.Claim(background, ask(noon, limit), &got), "want at least 1")
	}
	times := []time.Time{{}, time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(-9999, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(math.MaxInt64, 0), time.Unix(math.MinInt64, 0), noon}
	for _, now := range times {
		for _, until := range times {
			q := ask(now, 2)
			q.Until, q.Need.Since, q.Owners, q.Agent = until, until, true, "nobody"
			step := q.From[0]
			step.Max, step.Open = math.MaxInt, []string{"", "X", "X", "unknown"}
			step.Sources = nil
			for lane := range 256 {
				step.Sources = append(step.Sources, campaign.Source{Lane: status.Lane(lane), Due: until, Max: lane - 3, Owner: "nobody"},
					campaign.Source{Lane: status.Lane(lane), Due: now, Max: math.MinInt})
			}
			q.From = []campaign.Step{step, step, {Campaign: "empty", Revision: 1, Max: -1}, {Campaign: "c", Revision: math.MaxInt32, Max: math.MinInt}}
			require.NoError(t, st.Claim(background, q, &got))
			require.NoError(t, st.Look(background, q.Need, &looked, campaign.Ref{}, campaign.Ref{Campaign: "c", Record: "a", Token: -1},
				campaign.Ref{Campaign: "c", Record: "a", Token: math.MaxInt64}, campaign.Ref{Campaign: "c"}))
			for _, f := range []campaign.Filter{
				{At: now, Limit: -1}, {At: until, Limit: math.MinInt, Numbers: []blacklist.Number{0, math.MaxUint64}},
				{Contacts: []campaign.ContactID{""}, States: []campaign.State{255}}, {Records: []campaign.RecordID{"", "a", "a"}},
				{After: campaign.Ref{Campaign: "c", Record: "b"}, Campaigns: []campaign.ID{"c", "c", ""}, Limit: math.MaxInt},
				{Terms: []campaign.Term{{}, {Number: math.MaxUint64}, {ID: "a"}}, AnyNumber: true, Qualifiers: []status.Qualifier{0, 255}},
				{Called: campaign.Span{From: until}, Due: campaign.Span{To: until}, Systems: []campaign.System{"none"}},
			} {
				n := 0
				for _, err := range st.Find(background, f, q.Need) {
					require.Equal(t, f.Check(), err)
					if err == nil {
						n++
					}
				}
				counts, err := st.Count(background, f, campaign.ByNothing)
				require.Equal(t, f.Check() != nil, err != nil)
				require.Equal(t, n, counts[""])
			}
			refs := append(append([]campaign.Facts(nil), got.Leased...), got.Expired...)
			for i := range refs {
				ref := campaign.Ref{Campaign: "c", Record: refs[i].Record.ID, Token: refs[i].Lease.Token}
				l := campaign.Lease{Until: until, At: now, Dialed: until, Number: math.MaxUint64, Phase: 255, Lane: 255}
				require.NoError(t, st.only(t, campaign.Change{Ref: ref, Extend: true, Lease: &l}))
				require.NoError(t, st.only(t, campaign.Change{Ref: ref}))
			}
			st.audit(t)
		}
	}
	_, err := st.Count(background, campaign.Filter{}, "nonsense")
	require.ErrorContains(t, err, "want one of")
	for _, after := range []campaign.Ref{{Campaign: "none"}, {Campaign: "c", Record: "none"}, {Record: "a"}} {
		for _, err := range st.Find(background, campaign.Filter{After: after}, campaign.Need{}) {
			require.ErrorIs(t, err, campaign.ErrNotFound)
		}
	}
	for _, limit := range []int{-1, 0, math.MinInt, math.MaxInt} {
		_, err := st.Pending(background, "none", limit)
		require.NoError(t, err)
	}
}

func TestNothingThatIsCommittedMakesTheStorePanic(t *testing.T) {
	st := New()
	require.NoError(t, st.addOnly(t, queued("a")))
	ref := campaign.Ref{Campaign: "c", Record: "a"}
	bad := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	odd := queued("a")
	odd.Lane, odd.Standing, odd.Qualifier, odd.Next, odd.LastOutcome, odd.Source = 255, 255, 255, -1, 255, "owl"
	odd.Phones = []campaign.Phone{{}, {Number: math.MaxUint64}, {Number: math.MaxUint64}}
	odd.Attempts.Total, odd.Tries, odd.Changes, odd.LastToken = -1, math.MinInt, -1, math.MinInt64
	for i, ch := range []campaign.Change{
		{}, {Ref: ref}, {Add: true}, {Extend: true}, {Ref: ref, Extend: true}, {Ref: ref, Add: true, Extend: true, Record: queued("a")},
		{Ref: campaign.Ref{Campaign: "c", Record: "a", Token: -1}}, {Ref: campaign.Ref{Record: "a"}}, {Ref: campaign.Ref{Token: 5}},
		{Ref: ref, Record: queued("b")}, {Ref: ref, Lease: &campaign.Lease{With: []campaign.Ref{{}, ref, {Campaign: "c", Record: "none"}}}},
		{Ref: ref, Entry: &campaign.Entry{At: bad, Call: math.MinInt64}}, {Ref: ref, Contact: &campaign.Contact{}},
		{Call: &campaign.Call{Token: math.MinInt64}}, {Call: &campaign.Call{Token: math.MaxInt64, Ended: bad}},
		{Ref: ref, Call: &campaign.Call{Token: math.MaxInt64, Campaign: "c", Record: "a", Ring: math.MinInt64}},
		{Wake: []blacklist.Number{0, math.MaxUint64}}, {Unlist: []blacklist.Key{{}}}, {List: []blacklist.Entry{{}}},
		{Actions: []campaign.Action{{}}}, {Done: []string{"", "none"}}, {Revision: -1}, {Ref: ref, Revision: math.MinInt64},
		{Ref: ref, Record: odd}, {Ref: ref, Record: queued("a")}, {Ref: ref, Record: odd, UniqueNumbers: true},
	} {
		require.NotPanics(t, func() { _, _ = st.Commit(background, ch) }, "change %d", i)
		st.audit(t)
	}
	var looked campaign.Looked
	require.NoError(t, st.Look(background, campaign.Need{}, &looked, ref))
	assert.Equal(t, odd.Attempts, looked.Facts[0].Record.Attempts)
}
