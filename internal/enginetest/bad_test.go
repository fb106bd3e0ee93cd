package enginetest

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
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
	{"a claim fails at any statement", failingClaim},
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

// aTableIsMissing renames all tables in turn, and the functions if there are any.
func aTableIsMissing(t *testing.T, e *engine) {
	dsn := e.ready(t)
	db := e.open(t, dsn)
	list := "SELECT 'TABLE', name, '' FROM sqlite_master WHERE type = 'table' AND name LIKE 'nextcall_%'"
	if e.dialect == sqlstore.PostgreSQL {
		list = `SELECT 'TABLE', tablename::text, '' FROM pg_tables WHERE schemaname = current_schema() UNION ALL
			SELECT 'FUNCTION', proname::text, '(' || pg_get_function_identity_arguments(oid) || ')' FROM pg_proc WHERE pronamespace = current_schema()::regnamespace`
	}
	rows, err := db.Query(list)
	require.NoError(t, err)
	type thing struct{ kind, name, args string }
	var things []thing
	for rows.Next() {
		var x thing
		require.NoError(t, rows.Scan(&x.kind, &x.name, &x.args))
		things = append(things, x)
	}
	require.NoError(t, rows.Err())
	require.Greater(t, len(things), 15)
	rename := func(kind, from, to string) {
		_, err := db.Exec("ALTER " + kind + " " + from + " RENAME TO " + to)
		require.NoError(t, err)
	}
	for _, x := range things {
		if x.name == "nextcall_schema" {
			continue // without it the others are somebody else's
		}
		rename(x.kind, x.name+x.args, "gone")
		bad := e.open(t, dsn)
		_, err := sqlstore.Open(t.Context(), bad, e.dialect, sqlstore.Options{})
		if err != nil || x.kind == "TABLE" { // a function that only others call is missed by the first who does
			assert.ErrorContains(t, err, x.name, "%s %s is missing", x.kind, x.name)
		}
		idle(t, bad)
		require.NoError(t, bad.Close())
		rename(x.kind, "gone"+x.args, x.name)
	}
	assert.Equal(t, 1, has(t, openSQL(t, db, e.dialect)), "nothing is lost when they are back")
	rename("TABLE", "nextcall_schema", "gone")
	assert.Contains(t, e.refused(t, dsn), "already exists")
}

func aColumnHasAnotherName(t *testing.T, e *engine) {
	dsn := e.ready(t)
	_, err := e.open(t, dsn).Exec("ALTER TABLE nextcall_record RENAME COLUMN standing TO standing_then")
	require.NoError(t, err)
	why := e.refused(t, dsn)
	assert.Contains(t, why, "standing")
	assert.Contains(t, why, "want the tables as Open made them")
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
	why := e.refused(t, dsn)
	assert.Contains(t, why, "read the version of the tables")
	assert.Contains(t, why, "or none whose names begin with nextcall_")
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
	for _, text := range []string{"CREATE ROLE nobody LOGIN", "CREATE ROLE reader LOGIN", "GRANT USAGE ON SCHEMA " + schema + " TO nobody, reader",
		"GRANT SELECT ON ALL TABLES IN SCHEMA " + schema + " TO reader"} {
		_, err := e.admin.Exec(text)
		require.NoError(t, err)
	}
	as := func(role string) string { return strings.Replace(dsn, "nextcall@", role+"@", 1) }
	assert.Contains(t, e.refused(t, as("nobody")), "permission denied")
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
