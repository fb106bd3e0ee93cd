package enginetest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
	"github.com/nextcall/nextcall/campaign/storetest"
	"github.com/nextcall/nextcall/internal/plainstore"
	"github.com/nextcall/nextcall/internal/twin"
)

// cluster is a PostgreSQL server of our own, for one test: its data and its
// socket are in a directory that goes with it.
type cluster struct {
	dir, bin string
	as       *syscall.SysProcAttr // who runs it: the server refuses to be root
	run      *exec.Cmd
}

// postgresBinaries finds the newest installed server.
func postgresBinaries() string {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path)
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		return n
	}
	slices.SortFunc(found, func(a, b string) int { return version(a) - version(b) })
	if len(found) == 0 {
		return ""
	}
	return filepath.Dir(found[len(found)-1])
}

// startPostgres starts a server and stops it at the end of the test. Without the
// programs the test is skipped; where CI is set it fails.
func startPostgres(t testing.TB, settings ...string) *cluster {
	t.Helper()
	c := &cluster{bin: postgresBinaries(), as: &syscall.SysProcAttr{}}
	if c.bin == "" {
		const how = "PostgreSQL is not installed: apt-get install postgresql, or put initdb and postgres on the PATH"
		if os.Getenv("CI") != "" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	// The path of a socket is short, and others must be able to go there.
	dir, err := os.MkdirTemp("/tmp", "nextcall-pg")
	require.NoError(t, err)
	c.dir = dir
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if os.Geteuid() == 0 {
		who, err := user.Lookup("postgres")
		require.NoError(t, err, "a user to run the server as: it refuses root")
		uid, _ := strconv.Atoi(who.Uid)
		gid, _ := strconv.Atoi(who.Gid)
		require.NoError(t, os.Chown(dir, uid, gid))
		c.as.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	initdb := c.command("initdb", "-D", filepath.Join(dir, "data"), "-U", "nextcall", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
	out, err := initdb.CombinedOutput()
	require.NoError(t, err, string(out))
	c.start(t, settings...)
	t.Cleanup(func() { c.stop() })
	return c
}

func (c *cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Dir, cmd.SysProcAttr = c.dir, c.as
	return cmd
}

func (c *cluster) start(t testing.TB, settings ...string) {
	t.Helper()
	args := []string{"-D", filepath.Join(c.dir, "data"), "-k", c.dir, "-h", ""}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	c.run = c.command("postgres", args...)
	require.NoError(t, c.run.Start())
	db := c.open(t, "postgres")
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		err := db.PingContext(context.Background())
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the server does not answer: %v", err)
		}
	}
}

// stop ends the server as a power cut would not: quickly, but in good order.
func (c *cluster) stop() {
	if c.run != nil {
		_ = c.run.Process.Signal(syscall.SIGINT)
		_ = c.run.Wait()
		c.run = nil
	}
}

// source says where a database is.
func (c *cluster) source(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User("nextcall"), Path: "/" + database, RawQuery: "host=" + url.QueryEscape(c.dir)}
	return u.String()
}

func (c *cluster) open(t testing.TB, database string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", c.source(database))
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
	return st
}

func TestTheContractIsKeptOnPostgreSQL(t *testing.T) {
	p := newPostgresStores(t)
	storetest.Run(t, storetest.Options{
		Open:    p.open,
		History: true,
		Actions: true,
		Reopen:  func(t testing.TB, st campaign.Store) campaign.Store { return p.at(t, p.name[st]) },
		Define:  define,
	})
}

func TestWhatFailsHalfWayOnPostgreSQLIsWholeOrNothing(t *testing.T) {
	p := newPostgresStores(t)
	drivers := make(map[campaign.Store]*faults)
	storetest.Run(t, storetest.Options{
		Open: func(t testing.TB) campaign.Store {
			inner := p.cluster.open(t, p.create(t))
			f, db := newFaults(inner, p.source(fmt.Sprint("test", p.n)))
			t.Cleanup(func() { _ = db.Close() })
			st := openSQL(t, db, sqlstore.PostgreSQL)
			drivers[st] = f
			return st
		},
		History:   true,
		Actions:   true,
		FailWrite: func(_ testing.TB, st campaign.Store, n int) { drivers[st].after(n) },
	})
}

func TestPostgreSQLAnswersAsTheReferenceDoes(t *testing.T) {
	p := newPostgresStores(t)
	twin.Run(t, func() campaign.Store { return p.open(t) }, func() campaign.Store { return plainstore.New() }, twin.Options{Ops: *twinCount, Seed: *twinSeed})
}
