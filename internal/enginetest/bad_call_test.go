package enginetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
	"github.com/nextcall/nextcall/status"
)

// deed is a call to a record of its own that is to be reported.
type deed struct {
	st     *sqlstore.Store
	id     string
	number blacklist.Number
	lease  campaign.Lease
}

// begun adds the n-th record and leases it.
func begun(t *testing.T, st *sqlstore.Store, n int) deed {
	t.Helper()
	d := deed{st: st, id: fmt.Sprint("r", n), number: blacklist.Number(48_600_000_000 + n)}
	ch := campaign.Change{Ref: d.ref(), Add: true, Record: d.record()}
	ch.Lease = &campaign.Lease{Holder: "h", Number: d.number, Until: callNoon}
	write(t, st, ch)
	d.lease = *ch.Lease
	return d
}

func (d *deed) ref() campaign.Ref {
	return campaign.Ref{Campaign: "one", Record: campaign.RecordID(d.id), Token: d.lease.Token}
}

func (d *deed) record() *campaign.Record {
	r := &campaign.Record{ID: campaign.RecordID(d.id), Campaign: "one", Phones: []campaign.Phone{{Number: d.number}}}
	r.Standing, r.Lane, r.Class = status.StandingQueued, status.LaneFresh, "zone"
	return r
}

// report is the result of the call, with all that may hang on it.
func (d *deed) report() campaign.Change {
	r := d.record()
	r.Standing, r.Lane, r.Status = status.StandingClosed, status.LaneNone, "no"
	return campaign.Change{
		Ref: d.ref(), Record: r,
		Call:    &campaign.Call{Token: d.lease.Call, Campaign: "one", Record: r.ID, Number: d.number, Ended: callNoon, Outcome: campaign.Answered},
		Entry:   &campaign.Entry{Note: "reported"},
		List:    []blacklist.Entry{{Number: d.number, List: blacklist.Global}},
		Actions: []campaign.Action{{ID: "mail " + d.id}},
	}
}

// written says whether the report is there: the whole of it, or nothing.
func (d *deed) written(t *testing.T) bool {
	t.Helper()
	var looked campaign.Looked
	require.NoError(t, d.st.Look(t.Context(), campaign.Need{}, &looked, d.ref()))
	f := looked.Facts[0]
	require.Equal(t, campaign.RecordID(d.id), f.Record.ID, "the record is not lost")
	entries, calls, err := d.st.History(t.Context(), d.ref())
	require.NoError(t, err)
	actions, err := d.st.Pending(t.Context(), "", 1000)
	require.NoError(t, err)
	asked := slices.ContainsFunc(actions, func(a campaign.Action) bool { return a.ID == "mail "+d.id })
	listed, err := d.st.Check(t.Context(), blacklist.Query{Now: callNoon, Numbers: []blacklist.Number{d.number}})
	require.NoError(t, err)
	parts := []bool{f.Record.Status == "no", f.Lease.Token == 0, f.Call != nil, len(calls) == 1, len(entries) == 1, asked, len(listed) == 1}
	for _, part := range parts[1:] {
		require.Equal(t, parts[0], part, "all of a report or nothing: status, lease, call, log, history, action, list: %v", parts)
	}
	return parts[0]
}

// atEach reports a call with each of its statements going wrong in turn, as spoil
// makes it: then nothing is written, and the report comes through when it is
// tried again.
func atEach(t *testing.T, f *faults, db *sql.DB, st *sqlstore.Store, spoil func(query string) error) (errs []error) {
	t.Helper()
	for n := 0; n < 200; n++ {
		d := begun(t, st, n)
		spoilt := false
		f.watch(func(k int, query string, done bool) error {
			if k != n || done {
				return nil
			}
			spoilt = true
			return spoil(query)
		})
		_, err := st.Commit(t.Context(), d.report())
		f.watch(nil)
		if !spoilt {
			require.NoError(t, err)
			require.True(t, d.written(t))
			t.Logf("a report is %d statements", n)
			return errs
		}
		require.Error(t, err, "statement %d", n)
		errs = append(errs, err)
		require.False(t, d.written(t), "statement %d", n)
		write(t, st, d.report())
		require.True(t, d.written(t))
		idle(t, db)
	}
	t.Fatal("a report of 200 statements")
	return nil
}

func fullDisk(t *testing.T, e *engine) {
	f, db := e.faulty(t, e.empty(t))
	st := openSQL(t, db, e.dialect)
	for _, err := range atEach(t, f, db, st, func(string) error { return e.full }) {
		require.ErrorIs(t, err, e.full)
	}
}

// failingClaim is a Claim that comes to nothing: what it was to lease is there for
// the next one, and nothing is held by a lease that nobody has.
func failingClaim(t *testing.T, e *engine) {
	f, db := e.faulty(t, e.empty(t))
	st := openSQL(t, db, e.dialect)
	const records = 3
	for n := range records {
		d := begun(t, st, n)
		write(t, st, campaign.Change{Ref: d.ref()}) // given back
	}
	step := campaign.Step{Campaign: "one", Open: []string{"zone"}, Max: 5, Sources: []campaign.Source{{Lane: status.LaneFresh, Due: callNoon}}}
	q := campaign.Claim{Now: callNoon, Until: callNoon.Add(time.Hour), Limit: records, From: []campaign.Step{step}}
	var got campaign.Claimed
	for n := 0; ; n++ {
		require.Less(t, n, 200)
		spoilt := false
		f.watch(func(k int, _ string, done bool) error {
			if k == n && !done {
				spoilt = true
				return e.full
			}
			return nil
		})
		err := st.Claim(t.Context(), q, &got)
		f.watch(nil)
		if spoilt {
			require.ErrorIs(t, err, e.full, "statement %d", n)
			require.Empty(t, got.Leased)
			require.NoError(t, st.Claim(t.Context(), q, &got))
		} else {
			require.NoError(t, err)
		}
		require.Len(t, got.Leased, records, "behind statement %d", n)
		for _, f := range got.Leased {
			require.Empty(t, f.Busy)
			write(t, st, campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: f.Record.ID, Token: f.Lease.Token}})
		}
		idle(t, db)
		if !spoilt {
			t.Logf("a claim is %d statements", n)
			return
		}
	}
}

func callerGivesUp(t *testing.T, e *engine) {
	f, db := e.faulty(t, e.ready(t))
	st := openSQL(t, db, e.dialect)
	var into campaign.Claimed
	var looked campaign.Looked
	need := campaign.Need{Contact: true}
	step := campaign.Step{Campaign: "one", Open: []string{"zone"}, Max: 5, Sources: []campaign.Source{{Lane: status.LaneFresh, Due: callNoon}}}
	for name, call := range map[string]func(ctx context.Context) error{
		"claim": func(ctx context.Context) error {
			return st.Claim(ctx, campaign.Claim{Now: callNoon, Until: callNoon.Add(time.Hour), Limit: 1, From: []campaign.Step{step}}, &into)
		},
		"commit": func(ctx context.Context) error {
			_, err := st.Commit(ctx, campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: "a"}, Entry: &campaign.Entry{Note: "n"}})
			return err
		},
		"look": func(ctx context.Context) error {
			return st.Look(ctx, need, &looked, campaign.Ref{Campaign: "one", Record: "a"})
		},
		"count": func(ctx context.Context) error {
			_, err := st.Count(ctx, campaign.Filter{}, campaign.ByState)
			return err
		},
		"check": func(ctx context.Context) error {
			_, err := st.Check(ctx, blacklist.Query{Numbers: []blacklist.Number{1, 2}})
			return err
		},
		"history": func(ctx context.Context) error {
			_, _, err := st.History(ctx, campaign.Ref{Campaign: "one", Record: "a"})
			return err
		},
		"pending": func(ctx context.Context) error { _, err := st.Pending(ctx, "", 5); return err },
		"find": func(ctx context.Context) error {
			for _, err := range st.Find(ctx, campaign.Filter{}, need) {
				if err != nil {
					return err
				}
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, done := range []bool{false, true} {
				for n, statements := 0, 1; n < statements; n++ {
					ctx, cancel := context.WithCancel(t.Context())
					f.watch(func(k int, _ string, over bool) error {
						if k == n && over == done {
							cancel()
						}
						return nil
					})
					err := call(ctx)
					cancel()
					if err != nil {
						require.ErrorIs(t, err, context.Canceled, "statement %d", n)
					}
					idle(t, db)
					f.watch(nil)
					require.NoError(t, call(t.Context()), "the next caller is served")
					statements = f.watch(nil)
				}
			}
		})
	}
	require.Equal(t, 1, has(t, st))
}

func lostAnswer(t *testing.T, e *engine) {
	for _, done := range []bool{false, true} {
		f, db := e.faulty(t, e.empty(t))
		st := openSQL(t, db, e.dialect)
		d := begun(t, st, 0)
		gone := errors.New("the connection was reset")
		f.watch(func(_ int, query string, over bool) error {
			if query == endQuery && over == done {
				return gone
			}
			return nil
		})
		_, err := st.Commit(t.Context(), d.report())
		f.watch(nil)
		require.ErrorIs(t, err, gone)
		require.ErrorContains(t, err, "may have been written")
		require.Equal(t, done, d.written(t))
		idle(t, db)

		// Who commits it again finds out which of the two it was.
		errs, err := st.Commit(t.Context(), d.report())
		require.NoError(t, err)
		if done {
			require.ErrorIs(t, errs[0], campaign.ErrLeaseLost, "it was written: the lease is over, and the log has the call")
		} else {
			require.Nil(t, errs)
		}
		require.True(t, d.written(t))
	}
}

// lostConnection ends the server's side of a connection before each statement of
// a report, and before its end.
func lostConnection(t *testing.T, e *engine) {
	f, db := e.faulty(t, e.empty(t))
	st := openSQL(t, db, e.dialect)
	name := schemaOf(t, f.dsn)
	atEach(t, f, db, st, func(string) error {
		_, err := e.admin.Exec(`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = $1 AND state LIKE 'idle in transaction%'`, name)
		return err
	})
}
