package enginetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// A process ends its leases, and lets them go on, by what it remembers of them.
// Whatever another process has done to them meanwhile, the Commit is as one that has
// read everything.
func TestAProcessOnPostgreSQLNoticesWhatAnotherDidToItsLease(t *testing.T) {
	p := newPostgresStores(t)
	for _, n := range []int{1, 2} { // leases that end together
		for what, start := range map[string]bool{"ends": false, "goes on": true} {
			t.Run(fmt.Sprint(n, " ", what), func(t *testing.T) { staleLeases(t, p, n, start) })
		}
	}
}

// staleLeases ends the first of n leases, or starts its call, and ends the others.
func staleLeases(t *testing.T, p *postgresStores, n int, start bool) {
	noon := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	const number = blacklist.Number(48_600_000_001)
	ref := campaign.Ref{Campaign: "one", Record: "r"}
	claim := func(t *testing.T, st campaign.Store, now time.Time, n int) (got campaign.Claimed) {
		require.NoError(t, st.Claim(t.Context(), campaign.Claim{Now: now, Until: now.Add(time.Hour), Holder: "h", Limit: n,
			From: []campaign.Step{{Campaign: "one", Revision: 1, Open: []string{"Europe/Warsaw"}, Max: n,
				Sources: []campaign.Source{{Lane: status.LaneFresh, Due: now}, {Lane: status.LaneAgain, Due: now}}}}}, &got))
		return got
	}
	commit := func(t *testing.T, st campaign.Store, ch campaign.Change) error {
		errs, err := st.Commit(t.Context(), ch)
		require.NoError(t, err)
		if errs == nil {
			return nil
		}
		return errs[0]
	}
	for name, x := range map[string]struct {
		meanwhile func(t *testing.T, other campaign.Store, f *campaign.Facts)
		want      error
		park      bool // the report carries a park of revision 2
		then      func(t *testing.T, other campaign.Store)
	}{
		"nothing": {},
		"ended it": {want: campaign.ErrLeaseLost, meanwhile: func(t *testing.T, other campaign.Store, f *campaign.Facts) {
			require.NoError(t, commit(t, other, campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: "r", Token: f.Lease.Token}}))
		}},
		"gave it back": {want: campaign.ErrLeaseLost, meanwhile: func(t *testing.T, other campaign.Store, f *campaign.Facts) {
			require.NoError(t, commit(t, other, campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: "r", Token: f.Lease.Token}}))
			require.Len(t, claim(t, other, noon, 9).Leased, 1)
		}},
		"dialled it": {want: campaign.ErrConflict, meanwhile: func(t *testing.T, other campaign.Store, f *campaign.Facts) {
			l := f.Lease
			l.Phase = campaign.Dialed
			require.NoError(t, commit(t, other, campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: "r", Token: l.Token}, Lease: &l, Extend: true}))
		}},
		"wrote its record": {want: campaign.ErrConflict, meanwhile: func(t *testing.T, other campaign.Store, f *campaign.Facts) {
			r := f.Record
			r.List = "b"
			require.NoError(t, commit(t, other, campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: "r", Token: f.Lease.Token}, Record: &r, Extend: true}))
		}},
		"settled it": {want: campaign.ErrLeaseLost, meanwhile: func(t *testing.T, other campaign.Store, f *campaign.Facts) {
			got := claim(t, other, noon.Add(2*time.Hour), 1)
			require.Len(t, got.Expired, 1)
			require.Equal(t, campaign.RecordID("r"), got.Expired[0].Record.ID)
			r := got.Expired[0].Record
			require.NoError(t, commit(t, other, campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: "r", Token: got.Expired[0].Lease.Token}, Record: &r}))
		}},
		"learnt a revision": {park: true, meanwhile: func(t *testing.T, other campaign.Store, f *campaign.Facts) {
			require.NoError(t, commit(t, other, campaign.Change{Ref: campaign.Ref{Campaign: "one"}, Revision: 2}))
		}, then: func(t *testing.T, other campaign.Store) {
			var got campaign.Claimed
			require.NoError(t, other.Claim(t.Context(), campaign.Claim{Now: noon, Until: noon.Add(time.Hour), Holder: "h", Limit: 2,
				From: []campaign.Step{{Campaign: "one", Revision: 2, Open: []string{"Europe/Warsaw"}, Max: 2,
					Sources: []campaign.Source{{Lane: status.LaneFresh, Due: noon.Add(time.Hour)}}}}}, &got))
			for _, f := range got.Leased {
				assert.NotEqual(t, ref.Record, f.Record.ID, "it is parked at the newest revision")
			}
		}},
		"logged a later call": {meanwhile: func(t *testing.T, other campaign.Store, f *campaign.Facts) {
			require.NoError(t, commit(t, other, campaign.Change{Call: &campaign.Call{Token: 1 << 40, Campaign: "one", Record: "r", Number: number, Ended: noon}}))
		}, then: func(t *testing.T, other campaign.Store) {
			var l campaign.Looked
			require.NoError(t, other.Look(t.Context(), campaign.Need{}, &l, ref))
			_, calls, err := other.(campaign.HistoryStore).History(t.Context(), ref)
			require.NoError(t, err)
			assert.Len(t, calls, 2)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			first := p.open(t)
			other := p.at(t, p.name[first])
			for i, id := range []campaign.RecordID{"r", "s"}[:n] {
				r := &campaign.Record{ID: id, Campaign: "one", Class: "Europe/Warsaw", Phones: []campaign.Phone{{Number: number + blacklist.Number(i)}},
					Progress: campaign.Progress{Standing: status.StandingQueued, Lane: status.LaneFresh}}
				require.NoError(t, commit(t, first, campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: id}, Add: true, Record: r}))
			}
			got := claim(t, first, noon, n)
			require.Len(t, got.Leased, n)
			f := got.Leased[0]
			require.Equal(t, campaign.RecordID("r"), f.Record.ID)
			if x.meanwhile != nil {
				x.meanwhile(t, other, &f)
			}
			report := f.Record
			report.Lane, report.Due = status.LaneFresh, noon.Add(time.Minute)
			if x.park {
				report.Park = campaign.Park{Until: noon.Add(5 * time.Hour), Reason: 1, Revision: 2}
			}
			ch := campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: "r", Token: f.Lease.Token}, Record: &report, Phases: campaign.Offered.Only(),
				Call: &campaign.Call{Token: f.Lease.Call, Campaign: "one", Record: "r", Number: number, Ended: noon}}
			want := x.want
			if start {
				l := f.Lease
				l.Phase, l.Dialed, l.Until = campaign.Dialed, noon, noon.Add(time.Minute)
				ch = campaign.Change{Ref: ch.Ref, Lease: &l, Extend: true, Phases: campaign.Offered.Only()}
				if name == "wrote its record" {
					want = nil // what is started is the lease, whatever its record is
				}
			}
			changes := []campaign.Change{ch}
			for i := range got.Leased[1:] {
				more := &got.Leased[1+i]
				changes = append(changes, campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: more.Record.ID, Token: more.Lease.Token}})
			}
			errs, err := first.Commit(t.Context(), changes...)
			require.NoError(t, err)
			if want == nil {
				require.Nil(t, errs)
			} else {
				require.NotNil(t, errs)
				require.ErrorIs(t, errs[0], want)
				for _, err := range errs[1:] {
					assert.NoError(t, err)
				}
			}
			if start {
				var l campaign.Looked
				require.NoError(t, other.Look(t.Context(), campaign.Need{}, &l, ref))
				if want == nil {
					assert.Equal(t, campaign.Dialed, l.Facts[0].Lease.Phase)
					assert.Equal(t, noon.Add(time.Minute), l.Facts[0].Lease.Until)
					assert.NoError(t, commit(t, first, campaign.Change{Ref: ch.Ref}), "and it ends")
					assert.ErrorIs(t, commit(t, first, ch), campaign.ErrLeaseLost)
				}
				return
			}
			if x.then != nil {
				x.then(t, other)
			}
			if want == nil {
				assert.ErrorIs(t, commit(t, first, ch), campaign.ErrLeaseLost, "it ended once")
			}
		})
	}
}
