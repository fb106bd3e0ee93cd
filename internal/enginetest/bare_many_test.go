package enginetest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
	"github.com/nextcall/nextcall/status"
)

// While agents call, others change the same records: Commits of both kinds, and
// Claims, meet in one transaction. Each change is written once or refused, with its
// line of history, and at the end every record waits.
func TestPostgreSQLChangesRecordsWhileOthersCallThem(t *testing.T) {
	const records, rounds, callers = 60, 60, 3
	p := newPostgresStores(t)
	name := p.create(t)
	f, db := newFaults(p.cluster.open(t, name), p.URL(name))
	t.Cleanup(func() { _ = db.Close() })
	notedAtEnd(t, p.cluster.open(t, name))
	st := openSQL(t, db, sqlstore.PostgreSQL)
	noon := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	ref := func(i int) campaign.Ref {
		return campaign.Ref{Campaign: "one", Record: campaign.RecordID(fmt.Sprint("r", i))}
	}
	var adds []campaign.Change
	changed := make(map[campaign.RecordID]*atomic.Int64)
	for i := range records {
		r := &campaign.Record{Campaign: "one", ID: ref(i).Record, Class: "x", Progress: campaign.Progress{Standing: status.StandingQueued, Lane: status.LaneAgain, Due: noon}}
		adds = append(adds, campaign.Change{Ref: ref(i), Add: true, Record: r})
		changed[r.ID] = new(atomic.Int64)
	}
	errs, err := st.Commit(t.Context(), adds...)
	require.NoError(t, err)
	require.Nil(t, errs)

	var mu sync.Mutex
	var last string // statement that writes, and the one before
	var bares, both int
	f.watch(func(_ int, query string, done bool) error {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case !done:
		case strings.Contains(query, "nextcall_bare("):
			bares++
			last = "bare"
		case strings.Contains(query, "nextcall_settle"):
			last += " settle"
		case query == endQuery && last == "bare settle":
			both++
			last = ""
		case !strings.Contains(query, "nextcall_look("):
			last = ""
		}
		return nil
	})
	commit := func(changes []campaign.Change) {
		errs, err := st.Commit(t.Context(), changes...)
		assert.NoError(t, err)
		for i := range changes {
			var leased *campaign.LeasedError
			switch {
			case errs == nil || errs[i] == nil:
				changed[changes[i].Ref.Record].Add(1)
			case !errors.Is(errs[i], campaign.ErrConflict) && !errors.As(errs[i], &leased):
				assert.NoError(t, errs[i])
			}
		}
	}
	claim := func(limit int) []campaign.Facts {
		var got campaign.Claimed
		assert.NoError(t, st.Claim(t.Context(), campaign.Claim{Now: noon.Add(time.Hour), Until: noon.Add(2 * time.Hour), Holder: "h", Limit: limit,
			From: []campaign.Step{{Campaign: "one", Max: limit, Open: []string{"x"}, Sources: []campaign.Source{{Lane: status.LaneAgain, Due: noon.Add(time.Hour)}}}}}, &got))
		return got.Leased
	}
	entry := &campaign.Entry{At: noon, Author: "ann"}
	var wait sync.WaitGroup
	for n := range callers {
		wait.Go(func() {
			for range rounds {
				var changes []campaign.Change
				for _, f := range claim(2) {
					r := f.Record
					r.Author, r.Due = fmt.Sprint("agent", n), noon.Add(time.Minute)
					changes = append(changes, campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: r.ID, Token: f.Lease.Token}, Record: &r, Entry: entry})
				}
				commit(changes)
			}
		})
		wait.Go(func() {
			for i := range rounds {
				var l campaign.Looked
				var changes []campaign.Change
				refs := []campaign.Ref{ref((i*7 + n*20) % records), ref((i*7 + n*20 + 3) % records)}
				assert.NoError(t, st.Look(t.Context(), campaign.Need{NoCalls: true}, &l, refs...))
				for k := range refs {
					r := l.Facts[k].Record
					r.Status, r.Operation = status.ID(fmt.Sprint("s", i)), fmt.Sprint("op", n)
					changes = append(changes, campaign.Change{Ref: refs[k], Record: &r, Entry: entry})
				}
				commit(changes)
			}
		})
	}
	wait.Wait()
	f.watch(nil)
	t.Logf("%d Commits were one statement, %d were together with ends of leases", bares, both)
	assert.Positive(t, bares)
	assert.Len(t, claim(2*records), records, "all of them wait")
	for i := range records {
		id := ref(i).Record
		lines, _, err := st.History(t.Context(), ref(i))
		require.NoError(t, err)
		assert.Len(t, lines, int(changed[id].Load()), id)
		var l campaign.Looked
		require.NoError(t, st.Look(t.Context(), campaign.Need{NoCalls: true}, &l, ref(i)))
		assert.Equal(t, 1+changed[id].Load(), l.Facts[0].Record.Version, id)
	}
}

// What only the queue has copies of is written there, too.
func TestPostgreSQLTellsTheQueueWhatAChangeWithoutALeaseChanges(t *testing.T) {
	p := newPostgresStores(t)
	noon := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	ref := campaign.Ref{Campaign: "one", Record: "r"}
	for name, x := range map[string]struct {
		edit func(r *campaign.Record)
		ok   func(leased []campaign.Facts) bool
	}{
		"promised": {func(r *campaign.Record) { r.Promised = true }, func(l []campaign.Facts) bool { return len(l) == 1 && l[0].Lease.ForCallback }},
		"owner":    {func(r *campaign.Record) { r.Owner = "bob" }, func(l []campaign.Facts) bool { return len(l) == 0 }},
		"park": {func(r *campaign.Record) { r.Park = campaign.Park{Until: noon.Add(time.Hour), Reason: 1, Revision: 2} },
			func(l []campaign.Facts) bool { return len(l) == 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			st := p.open(t)
			r := &campaign.Record{Campaign: "one", ID: "r", Class: "x", Sequence: 1,
				Progress: campaign.Progress{Standing: status.StandingQueued, Lane: status.LaneOwn, Owner: "ann", Due: noon}}
			commit := func(st campaign.Store, ch campaign.Change) {
				errs, err := st.Commit(t.Context(), ch)
				require.NoError(t, err)
				require.Nil(t, errs)
			}
			commit(st, campaign.Change{Ref: ref, Add: true, Record: r})
			commit(st, campaign.Change{Ref: campaign.Ref{Campaign: "one"}, Revision: 2})
			other := st
			if name == "park" {
				other = p.at(t, p.name[st]) // it knows of no revision
			}
			changed := *r
			changed.Version = 1
			x.edit(&changed)
			commit(other, campaign.Change{Ref: ref, Record: &changed})
			var got campaign.Claimed
			require.NoError(t, st.Claim(t.Context(), campaign.Claim{Now: noon, Until: noon.Add(time.Hour), Holder: "h", Limit: 1,
				From: []campaign.Step{{Campaign: "one", Revision: 2, Max: 1, Open: []string{"x"}, Sources: []campaign.Source{{Lane: status.LaneOwn, Owner: "ann", Due: noon}}}}}, &got))
			assert.True(t, x.ok(got.Leased), "%+v", got.Leased)
		})
	}
}
