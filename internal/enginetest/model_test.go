package enginetest

import (
	"database/sql"
	"flag"
	"fmt"
	"net/url"
	"testing"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
	"github.com/nextcall/nextcall/dialer/modeltest"
	"github.com/nextcall/nextcall/dialer/modeltest/scenarios"
)

var (
	modelRuns  = flag.Int("model.runs", 1, "how many sequences of operations the model test tries on each engine, with and without failures")
	modelSteps = flag.Int("model.steps", 60, "how many operations each has")
	modelSeed  = flag.Uint64("model.seed", 0, "begin with this seed, instead of the fixed ones")
)

// invariantsHold drives queues on stores that open makes: once on an engine that
// works, and once with calls that fail, answers that are lost or old, callers who
// give up, and queues that crash.
func invariantsHold(t *testing.T, open func(t testing.TB) campaign.Store) {
	for name, crash := range map[string]bool{"working": false, "failing": true} {
		t.Run(name, func(t *testing.T) {
			o := modeltest.Options{Seed: *modelSeed, Runs: *modelRuns, Steps: *modelSteps, Crash: crash, Replays: 1}
			modeltest.Run(t, func() campaign.Store { return open(t) }, o)
		})
	}
}

func TestTheInvariantsHoldOnSQLite(t *testing.T) {
	s := sqliteStores{dir: t.TempDir(), path: make(map[campaign.Store]string), pragmas: []string{"synchronous(OFF)"}}
	invariantsHold(t, s.open)
}

func TestTheInvariantsHoldOnPostgreSQL(t *testing.T) {
	invariantsHold(t, newPostgresStores(t).inSchema)
}

func TestTheScenariosOnSQLite(t *testing.T) {
	s := sqliteStores{dir: t.TempDir(), path: make(map[campaign.Store]string), pragmas: []string{"synchronous(OFF)"}}
	scenarios.Run(t, s.open)
}

func TestTheScenariosOnPostgreSQL(t *testing.T) {
	scenarios.Run(t, newPostgresStores(t).inSchema)
}

// inSchema opens a store in a schema of its own, which is made sooner than a database.
func (p *postgresStores) inSchema(t testing.TB) campaign.Store {
	p.n++
	name := fmt.Sprint("test", p.n)
	_, err := p.admin.Exec("CREATE SCHEMA " + name)
	require.NoError(t, err)
	db := p.schema(t, name)
	db.SetMaxIdleConns(8)
	st := openSQL(t, db, sqlstore.PostgreSQL)
	notedAtEnd(t, db)
	return st
}

// schema opens a database whose tables are those of a schema.
func (c *cluster) schema(t testing.TB, name string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", c.dsn("postgres", "search_path", name))
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// dsn names a database of the cluster, with settings by name and value.
func (c *cluster) dsn(database string, settings ...string) string {
	q := url.Values{"host": {c.dir}}
	for i := 0; i < len(settings); i += 2 {
		q.Set(settings[i], settings[i+1])
	}
	u := url.URL{Scheme: "postgres", User: url.User("nextcall"), Path: "/" + database, RawQuery: q.Encode()}
	return u.String()
}
