package enginetest

import (
	"database/sql"
	"fmt"
	"os/exec"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
	"github.com/nextcall/nextcall/campaign/storetest"
	"github.com/nextcall/nextcall/internal/pgtest"
	"github.com/nextcall/nextcall/internal/plainstore"
	"github.com/nextcall/nextcall/internal/twin"
)

// cluster is a PostgreSQL server of our own, for one test.
type cluster struct {
	*pgtest.Cluster
	dir string    // of its socket
	run *exec.Cmd // while it runs
}

// startPostgres starts a server and stops it at the end of the test. Without the
// programs the test is skipped; where CI is set it fails.
func startPostgres(t testing.TB, settings ...string) *cluster {
	t.Helper()
	c := &cluster{Cluster: pgtest.New(t)}
	c.dir = c.Dir
	c.start(t, settings...)
	return c
}

func (c *cluster) start(t testing.TB, settings ...string) {
	t.Helper()
	c.Start(t, settings...)
	c.run = c.Server
}

func (c *cluster) open(t testing.TB, database string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", c.URL(database))
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// postgresStores opens stores in databases of their own.
type postgresStores struct {
	*cluster
	admin *sql.DB
	n     int
	name  map[campaign.Store]string
}

func newPostgresStores(t *testing.T) *postgresStores {
	// What is durable is shown elsewhere: here the disk need not be waited for.
	c := startPostgres(t, "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	t.Cleanup(func() {
		assert.Zero(t, c.deadlocks(t), "locks are taken in one order: nobody waits for a deadlock to be found")
	})
	return &postgresStores{cluster: c, admin: c.open(t, "postgres"), name: make(map[campaign.Store]string)}
}

func (p *postgresStores) open(t testing.TB) campaign.Store { return p.at(t, p.create(t)) }

// create makes an empty database and returns its name.
func (p *postgresStores) create(t testing.TB) string {
	p.n++
	name := fmt.Sprint("test", p.n)
	_, err := p.admin.Exec("CREATE DATABASE " + name)
	require.NoError(t, err)
	return name
}

func (p *postgresStores) at(t testing.TB, name string) campaign.Store {
	db := p.cluster.open(t, name)
	db.SetMaxIdleConns(8)
	st := openSQL(t, db, sqlstore.PostgreSQL)
	p.name[st] = name
	notedAtEnd(t, db)
	return st
}

// It fails half-way on demand, so the driver is wrapped. What is opened again, and
// the tests beside this one, have it bare.
func TestTheContractIsKeptOnPostgreSQL(t *testing.T) {
	p := newPostgresStores(t)
	drivers := make(map[campaign.Store]*faults)
	storetest.Run(t, storetest.Options{
		Open: func(t testing.TB) campaign.Store {
			name := p.create(t)
			f, db := newFaults(p.cluster.open(t, name), p.URL(name))
			t.Cleanup(func() { _ = db.Close() })
			st := openSQL(t, db, sqlstore.PostgreSQL)
			drivers[st], p.name[st] = f, name
			notedAtEnd(t, p.cluster.open(t, name))
			return st
		},
		History:   true,
		Actions:   true,
		Contacts:  true,
		Reopen:    func(t testing.TB, st campaign.Store) campaign.Store { return p.at(t, p.name[st]) },
		Define:    define,
		FailWrite: func(_ testing.TB, st campaign.Store, n int) { drivers[st].after(n) },
	})
}

func TestPostgreSQLAnswersAsTheReferenceDoes(t *testing.T) {
	p := newPostgresStores(t)
	twin.Run(t, func() campaign.Store { return p.open(t) }, func() campaign.Store { return plainstore.New() }, twin.Options{Ops: *twinCount, Seed: *twinSeed})
}
