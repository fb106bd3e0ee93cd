package enginetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
	"github.com/nextcall/nextcall/status"
)

// engine is a kind of database on which bad things are tried.
type engine struct {
	dialect sqlstore.Dialect
	// empty returns the name of a new and empty database.
	empty func(t *testing.T) (dsn string)
	// full is the error of a full disk.
	full error
	// admin is beside what is tried: it is not part of it. PostgreSQL only.
	admin *sql.DB
}

func (e *engine) driver() string {
	if e.dialect == sqlstore.SQLite {
		return "sqlite"
	}
	return "pgx"
}

// open opens a database as a host does, and a second time through a driver that fails.
func (e *engine) open(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(e.driver(), dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func (e *engine) faulty(t *testing.T, dsn string) (*faults, *sql.DB) {
	t.Helper()
	f, db := newFaults(e.open(t, dsn), dsn)
	t.Cleanup(func() { _ = db.Close() })
	return f, db
}

// ready returns a database with tables and one record, "a".
func (e *engine) ready(t *testing.T) (dsn string) {
	t.Helper()
	dsn = e.empty(t)
	db := e.open(t, dsn)
	st := openSQL(t, db, e.dialect)
	write(t, st, adding("a"))
	require.NoError(t, st.Close())
	require.NoError(t, db.Close())
	return dsn
}

// write commits what must be written.
func write(t *testing.T, st *sqlstore.Store, changes ...campaign.Change) {
	t.Helper()
	errs, err := st.Commit(t.Context(), changes...)
	require.NoError(t, err)
	require.Nil(t, errs)
}

// has says how many records there are.
func has(t *testing.T, st *sqlstore.Store) int {
	t.Helper()
	n, err := st.Count(t.Context(), campaign.Filter{}, campaign.ByNothing)
	require.NoError(t, err)
	return n[""]
}

// refused opens a store that must not open, and returns why.
func (e *engine) refused(t *testing.T, dsn string) string {
	t.Helper()
	db := e.open(t, dsn)
	defer db.Close()
	_, err := sqlstore.Open(t.Context(), db, e.dialect, sqlstore.Options{})
	require.Error(t, err)
	assert.Zero(t, db.Stats().InUse, "connections in use")
	return err.Error()
}

// idle asserts that nothing is left behind.
func idle(t *testing.T, db *sql.DB) {
	t.Helper()
	assert.Eventually(t, func() bool { return db.Stats().InUse == 0 }, 5*time.Second, time.Millisecond, "connections in use")
}

// badThings are tried on every engine.
var badThings = []struct {
	name string
	try  func(t *testing.T, e *engine)
}{
	{"a table is missing", aTableIsMissing},
	{"a column has another name", aColumnHasAnotherName},
	{"somebody else's table has our name", somebodyElsesTable},
	{"somebody else's table of versions", somebodyElsesVersions},
	{"the tables are of a newer version", newerTables},
	{"the engine is too old", tooOld},
	{"the disk is full at any statement", fullDisk},
	{"the caller gives up at any statement", callerGivesUp},
	{"the answer to a commit is lost", lostAnswer},
	{"a pool of one", poolOfOne},
}

func TestBadThingsOnSQLite(t *testing.T) {
	dir, n := t.TempDir(), 0
	e := &engine{dialect: sqlstore.SQLite, full: errors.New("database or disk is full (13)"), empty: func(*testing.T) string {
		n++
		return fmt.Sprintf("file:%s?_pragma=busy_timeout(10000)&_pragma=synchronous(OFF)", filepath.Join(dir, fmt.Sprint(n, ".db")))
	}}
	e.tryAll(t)
}

func TestBadThingsOnPostgreSQL(t *testing.T) {
	p := newPostgresStores(t)
	e := &engine{dialect: sqlstore.PostgreSQL, admin: p.admin,
		full: &pgconn.PgError{Severity: "ERROR", Code: "53100", Message: "could not extend file: No space left on device"},
		empty: func(t *testing.T) string {
			p.n++
			name := fmt.Sprint("bad", p.n)
			_, err := p.admin.Exec("CREATE SCHEMA " + name)
			require.NoError(t, err)
			return p.dsn("postgres", "search_path", name, "application_name", name)
		}}
	e.tryAll(t)
	t.Run("the connection is lost at any statement", func(t *testing.T) { lostConnection(t, e) })
	t.Run("a role without rights", func(t *testing.T) { noRights(t, e, p.cluster) })
	t.Run("a transaction that may only read", func(t *testing.T) { mayOnlyRead(t, e) })
}

func (e *engine) tryAll(t *testing.T) {
	for _, bad := range badThings {
		t.Run(bad.name, func(t *testing.T) {
			before := goleak.IgnoreCurrent()
			t.Run("", func(t *testing.T) { bad.try(t, e) })
			goleak.VerifyNone(t, before)
		})
	}
}

func aTableIsMissing(t *testing.T, e *engine) {
	for _, table := range []string{"nextcall_record", "nextcall_lease", "nextcall_call", "nextcall_listed", "nextcall_action", "nextcall_definition"} {
		dsn := e.ready(t)
		_, err := e.open(t, dsn).Exec("DROP TABLE " + table)
		require.NoError(t, err)
		assert.Contains(t, e.refused(t, dsn), table)
	}
}

func aColumnHasAnotherName(t *testing.T, e *engine) {
	dsn := e.ready(t)
	_, err := e.open(t, dsn).Exec("ALTER TABLE nextcall_record RENAME COLUMN standing TO standing_then")
	require.NoError(t, err)
	assert.Contains(t, e.refused(t, dsn), "standing")
}

func somebodyElsesTable(t *testing.T, e *engine) {
	dsn := e.empty(t)
	db := e.open(t, dsn)
	_, err := db.Exec("CREATE TABLE nextcall_record (title TEXT)")
	require.NoError(t, err)
	_, err = db.Exec("INSERT INTO nextcall_record VALUES ('mine')")
	require.NoError(t, err)
	why := e.refused(t, dsn)
	assert.Contains(t, why, "nextcall_record")
	assert.Contains(t, why, "already exists")
	var title string
	require.NoError(t, db.QueryRow("SELECT title FROM nextcall_record").Scan(&title))
	assert.Equal(t, "mine", title, "nothing of it was touched")
	_, err = db.Exec("SELECT * FROM nextcall_campaign")
	assert.Error(t, err, "and nothing half made is left")
	_, err = db.Exec("DROP TABLE nextcall_record")
	require.NoError(t, err)
	write(t, openSQL(t, db, e.dialect), adding("a"))
}

func somebodyElsesVersions(t *testing.T, e *engine) {
	dsn := e.empty(t)
	_, err := e.open(t, dsn).Exec("CREATE TABLE nextcall_schema (title TEXT)")
	require.NoError(t, err)
	assert.Contains(t, e.refused(t, dsn), "version")
}

func newerTables(t *testing.T, e *engine) {
	dsn := e.ready(t)
	_, err := e.open(t, dsn).Exec("UPDATE nextcall_schema SET version = 99")
	require.NoError(t, err)
	why := e.refused(t, dsn)
	assert.Contains(t, why, "of version 99")
	assert.Contains(t, why, "use a newer one")
}

func tooOld(t *testing.T, e *engine) {
	f, db := e.faulty(t, e.empty(t))
	f.says = map[string]string{"sqlite_version": "3.34.1", "server_version_num": "120022"}
	_, err := sqlstore.Open(t.Context(), db, e.dialect, sqlstore.Options{})
	require.Error(t, err)
	assert.Regexp(t, `version "(3\.34\.1|120022)": want (SQLite 3\.35|PostgreSQL 13) or newer`, err.Error())
	idle(t, db)
}

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
	ch.Lease = &campaign.Lease{Holder: "h", Number: d.number, Until: benchNoon}
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
		Call:    &campaign.Call{Token: d.lease.Call, Campaign: "one", Record: r.ID, Number: d.number, Ended: benchNoon, Outcome: campaign.Answered},
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
	listed, err := d.st.Check(t.Context(), blacklist.Query{Now: benchNoon, Numbers: []blacklist.Number{d.number}})
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

func callerGivesUp(t *testing.T, e *engine) {
	f, db := e.faulty(t, e.ready(t))
	st := openSQL(t, db, e.dialect)
	var into campaign.Claimed
	var looked campaign.Looked
	need := campaign.Need{Contact: true}
	step := campaign.Step{Campaign: "one", Open: []string{"zone"}, Max: 5, Sources: []campaign.Source{{Lane: status.LaneFresh, Due: benchNoon}}}
	for name, call := range map[string]func(ctx context.Context) error{
		"claim": func(ctx context.Context) error {
			return st.Claim(ctx, campaign.Claim{Now: benchNoon, Until: benchNoon.Add(time.Hour), Limit: 1, From: []campaign.Step{step}}, &into)
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

func poolOfOne(t *testing.T, e *engine) {
	db := e.open(t, e.empty(t))
	db.SetMaxOpenConns(1)
	st := openSQL(t, db, e.dialect)
	for i := range 300 { // more than Find reads at once
		write(t, st, adding(fmt.Sprint(i)))
	}
	n := 0
	for f, err := range st.Find(t.Context(), campaign.Filter{}, campaign.Need{}) {
		require.NoError(t, err)
		f.Record.List = "seen"
		write(t, st, campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: f.Record.ID}, Record: &f.Record})
		if n++; n%100 == 0 {
			require.Equal(t, 300, has(t, st))
		}
	}
	assert.Equal(t, 300, n)
	idle(t, db)
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

// schemaOf is the schema that a database's name names, which is its application's name too.
func schemaOf(t *testing.T, dsn string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	require.NoError(t, err)
	return u.Query().Get("search_path")
}

func noRights(t *testing.T, e *engine, c *cluster) {
	dsn := e.ready(t)
	schema := schemaOf(t, dsn)
	for _, text := range []string{"CREATE ROLE nobody LOGIN", "CREATE ROLE reader LOGIN", "GRANT USAGE ON SCHEMA " + schema + " TO reader",
		"GRANT SELECT ON ALL TABLES IN SCHEMA " + schema + " TO reader"} {
		_, err := e.admin.Exec(text)
		require.NoError(t, err)
	}
	as := func(role string) string { return strings.Replace(dsn, "nextcall@", role+"@", 1) }
	why := e.refused(t, as("nobody"))
	assert.Contains(t, why, "permission denied")
	db := e.open(t, as("reader"))
	st := openSQL(t, db, e.dialect)
	assert.Equal(t, 1, has(t, st), "what is there can be read")
	_, err := st.Commit(t.Context(), adding("b"))
	assert.ErrorContains(t, err, "permission denied")
	assert.Equal(t, 1, has(t, st))
	idle(t, db)
}

func mayOnlyRead(t *testing.T, e *engine) {
	db := e.open(t, e.ready(t)+"&default_transaction_read_only=on")
	st := openSQL(t, db, e.dialect)
	assert.Equal(t, 1, has(t, st), "what is there can be read")
	_, err := st.Commit(t.Context(), adding("b"))
	assert.ErrorContains(t, err, "read-only transaction")
	idle(t, db)
	db = e.open(t, e.empty(t)+"&default_transaction_read_only=on")
	_, err = sqlstore.Open(t.Context(), db, e.dialect, sqlstore.Options{})
	assert.ErrorContains(t, err, "make the tables")
	assert.ErrorContains(t, err, "read-only transaction")
}
