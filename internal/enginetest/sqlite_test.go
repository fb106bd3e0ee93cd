package enginetest

import (
	"database/sql"
	"flag"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // registers the driver "sqlite"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
	"github.com/nextcall/nextcall/campaign/storetest"
	"github.com/nextcall/nextcall/internal/plainstore"
	"github.com/nextcall/nextcall/internal/twin"
)

var (
	twinSeed  = flag.Uint64("twin.seed", 0, "compare stores with this seed only")
	twinCount = flag.Int("twin.ops", 4000, "compare stores for this many operations")
)

// sqliteFile opens a database file, as a host does.
func sqliteFile(t testing.TB, path string, pragmas ...string) *sql.DB {
	t.Helper()
	dsn := "file:" + path + "?_pragma=busy_timeout(10000)"
	for _, p := range pragmas {
		dsn += "&_pragma=" + p
	}
	db, err := sql.Open("sqlite", dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func openSQL(t testing.TB, db *sql.DB, d sqlstore.Dialect) *sqlstore.Store {
	t.Helper()
	st, err := sqlstore.Open(t.Context(), db, d, sqlstore.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = st.Close() })
	return st
}

// sqliteStores opens stores on files, and opens them again.
type sqliteStores struct {
	dir     string
	n       int
	path    map[campaign.Store]string
	pragmas []string
}

func (s *sqliteStores) open(t testing.TB) campaign.Store {
	s.n++
	return s.at(t, filepath.Join(s.dir, fmt.Sprint(s.n, ".db")))
}

func (s *sqliteStores) at(t testing.TB, path string) campaign.Store {
	st := openSQL(t, sqliteFile(t, path, s.pragmas...), sqlstore.SQLite)
	s.path[st] = path
	return st
}

func TestTheContractIsKeptOnSQLite(t *testing.T) {
	// What is durable is shown elsewhere: here the disk need not be waited for.
	s := sqliteStores{dir: t.TempDir(), path: make(map[campaign.Store]string), pragmas: []string{"synchronous(OFF)"}}
	storetest.Run(t, storetest.Options{
		Open:     s.open,
		History:  true,
		Actions:  true,
		Contacts: true,
		Reopen:   func(t testing.TB, st campaign.Store) campaign.Store { return s.at(t, s.path[st]) },
		Define:   define,
	})
}

// define stores a definition of a campaign.
func define(t testing.TB, st campaign.Store, id campaign.ID, revision int64) {
	d := sqlstore.Definition{Kind: sqlstore.CampaignKind, ID: string(id), Revision: revision}
	require.NoError(t, st.(*sqlstore.Store).Define(t.Context(), d))
}

func TestWhatFailsHalfWayOnSQLiteIsWholeOrNothing(t *testing.T) {
	dir := t.TempDir()
	n := 0
	drivers := make(map[campaign.Store]*faults)
	storetest.Run(t, storetest.Options{
		Open: func(t testing.TB) campaign.Store {
			n++
			dsn := fmt.Sprintf("file:%s/%d.db?_pragma=busy_timeout(10000)&_pragma=synchronous(OFF)", dir, n)
			inner, err := sql.Open("sqlite", dsn)
			require.NoError(t, err)
			f, db := newFaults(inner, dsn)
			t.Cleanup(func() { _ = db.Close(); _ = inner.Close() })
			st := openSQL(t, db, sqlstore.SQLite)
			drivers[st] = f
			return st
		},
		History:   true,
		Actions:   true,
		Contacts:  true,
		FailWrite: func(_ testing.TB, st campaign.Store, n int) { drivers[st].after(n) },
	})
}

func TestSQLiteAnswersAsTheReferenceDoes(t *testing.T) {
	s := sqliteStores{dir: t.TempDir(), path: make(map[campaign.Store]string), pragmas: []string{"synchronous(OFF)"}}
	twin.Run(t, func() campaign.Store { return s.open(t) }, func() campaign.Store { return plainstore.New() }, twin.Options{Ops: *twinCount, Seed: *twinSeed})
	for _, path := range s.path {
		db := sqliteFile(t, path)
		for what, query := range map[string]string{
			"numbers that a lease holds which is not there":  `SELECT COUNT(*) FROM nextcall_held_number WHERE call NOT IN (SELECT call FROM nextcall_lease)`,
			"contacts that a lease holds which is not there": `SELECT COUNT(*) FROM nextcall_held_contact WHERE call NOT IN (SELECT call FROM nextcall_lease)`,
			"records of a lease which is not there":          `SELECT COUNT(*) FROM nextcall_record WHERE lease <> 0 AND lease NOT IN (SELECT call FROM nextcall_lease)`,
			"numbers of a record which is not there":         `SELECT COUNT(*) FROM nextcall_number WHERE rec NOT IN (SELECT rec FROM nextcall_record)`,
		} {
			var n int
			require.NoError(t, db.QueryRow(query).Scan(&n))
			assert.Zero(t, n, what)
		}
		require.NoError(t, db.Close())
	}
}
