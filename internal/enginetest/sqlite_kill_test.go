package enginetest

import (
	"context"
	"flag"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
)

var (
	kills    = flag.Int("kills", 20, "how many times TestSQLiteOutlivesKills kills the process")
	killSeed = flag.Uint64("kill.seed", 1, "when it does so")
)

// killedEnv names the file that a process works on until it is killed.
const killedEnv = "NEXTCALL_WORK_ON"

// TestWorkUntilKilled is the process that is killed. By itself it does nothing.
func TestWorkUntilKilled(t *testing.T) {
	path := os.Getenv(killedEnv)
	if path == "" {
		t.Skip("only as a process of TestSQLiteOutlivesKills")
	}
	st := openSQL(t, sqliteFile(t, path), sqlstore.SQLite)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			c := cycler{st: st}
			for {
				if _, err := c.cycle(context.Background(), 7); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

// Killed at any moment, the file is sound when it is opened again, every record
// is there in one state, and every lease is whole: it and what it holds.
func TestSQLiteOutlivesKills(t *testing.T) {
	const records = 1000
	path := filepath.Join(t.TempDir(), "killed.db")
	st := openSQL(t, sqliteFile(t, path), sqlstore.SQLite)
	fillStore(t, st, records)
	require.NoError(t, st.Close())
	rnd := rand.New(rand.NewPCG(*killSeed, 0))
	calls := 0
	for i := range *kills {
		cmd := exec.Command(os.Args[0], "-test.run=^TestWorkUntilKilled$", "-test.count=1")
		cmd.Env = append(os.Environ(), killedEnv+"="+path)
		require.NoError(t, cmd.Start())
		time.Sleep(time.Duration(30+rnd.IntN(250)) * time.Millisecond)
		require.NoError(t, cmd.Process.Kill())
		_ = cmd.Wait()
		calls = soundAfterKill(t, path, records, calls)
		if t.Failed() {
			t.Fatalf("after kill %d of seed %d", i+1, *killSeed)
		}
	}
	assert.Positive(t, calls, "somebody was called")
	t.Logf("%d kills of seed %d, %d calls in the log", *kills, *killSeed, calls)
}

// soundAfterKill opens the file again and returns how many calls it has logged.
func soundAfterKill(t *testing.T, path string, records, before int) int {
	t.Helper()
	db := sqliteFile(t, path)
	defer db.Close()
	number := func(query string) (n int) {
		require.NoError(t, db.QueryRow(query).Scan(&n))
		return n
	}
	var integrity string
	require.NoError(t, db.QueryRow(`PRAGMA integrity_check`).Scan(&integrity))
	assert.Equal(t, "ok", integrity)
	st, err := sqlstore.Open(t.Context(), db, sqlstore.SQLite, sqlstore.Options{})
	require.NoError(t, err)
	defer st.Close()

	counts, err := st.Count(t.Context(), campaign.Filter{At: benchNoon}, campaign.ByState)
	require.NoError(t, err)
	sum := 0
	for _, n := range counts {
		sum += n
	}
	assert.Equal(t, records, sum, "every record is in one state")
	assert.Equal(t, number(`SELECT COUNT(*) FROM nextcall_lease`), counts["leased"], "a lease for each leased record")
	assert.Equal(t, counts["leased"], number(`SELECT COUNT(*) FROM nextcall_record r JOIN nextcall_lease l ON l.call = r.lease AND l.record = r.id AND r.place = 0`))
	assert.Equal(t, counts["leased"], number(`SELECT COUNT(*) FROM nextcall_held_number h JOIN nextcall_lease l ON l.call = h.call`), "it holds its number")
	assert.Equal(t, counts["leased"], number(`SELECT COUNT(*) FROM nextcall_held_number`), "nothing else is held")
	calls := number(`SELECT COUNT(*) FROM nextcall_call`)
	assert.GreaterOrEqual(t, calls, before, "the log keeps what it had")
	attempts := 0
	for f, err := range st.Find(t.Context(), campaign.Filter{}, campaign.Need{}) {
		require.NoError(t, err)
		attempts += f.Record.Attempts.Total
		assert.Len(t, f.History, f.Record.Attempts.Total, "each call of %s counted once", f.Record.ID)
	}
	assert.Equal(t, calls, attempts, "each call counted once")
	token := number(`SELECT token FROM nextcall_counter`)
	assert.LessOrEqual(t, number(`SELECT COALESCE(MAX(call), 0) FROM nextcall_lease`), token, "tokens go on")

	// Recovery is the way of every lease that runs out.
	var got campaign.Claimed
	q := campaign.Claim{Now: benchNoon.Add(2 * time.Minute), Until: benchNoon.Add(3 * time.Minute), Limit: 100, From: []campaign.Step{{Campaign: "one"}}}
	ended := 0
	for {
		require.NoError(t, st.Claim(t.Context(), q, &got))
		if len(got.Expired) == 0 {
			break
		}
		var ends []campaign.Change
		for _, f := range got.Expired {
			ends = append(ends, campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: f.Record.ID, Token: f.Lease.Token}})
		}
		errs, err := st.Commit(t.Context(), ends...)
		require.NoError(t, err)
		require.Nil(t, errs)
		ended += len(ends)
	}
	assert.Equal(t, counts["leased"], ended, "all leases of the dead come back")
	return calls
}
