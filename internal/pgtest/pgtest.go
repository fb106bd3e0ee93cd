// Package pgtest starts a PostgreSQL server of a test's own, from the programs that
// are installed on the machine.
//
// A server listens on a Unix socket in a temporary directory only, and goes with the
// test. The package imports no driver: a test opens the databases with its own.
package pgtest

import (
	"context"
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
)

// Cluster is a server and its data. [New] makes one.
type Cluster struct {
	// Dir holds the socket, and the data under "data".
	Dir string
	// Server is the process while the server runs; it may be signalled, and waited for.
	Server *exec.Cmd

	bin string
	as  *syscall.SysProcAttr // who runs it: the server refuses to be root
}

// Missing says how to get the programs.
const Missing = "PostgreSQL is not installed: apt-get install postgresql, or put initdb and postgres on the PATH"

// Binaries returns the directory of the newest installed server, or "".
func Binaries() string {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path) // where the others are, too
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		return n
	}
	if len(found) == 0 {
		return ""
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) }))
}

// New makes an empty cluster, whose superuser is nextcall, without starting it.
// It is stopped and removed at the end of the test. Without the programs the test
// is skipped; where CI is set it fails.
func New(t testing.TB) *Cluster {
	t.Helper()
	return from(t, Binaries())
}

func from(t testing.TB, bin string) *Cluster {
	t.Helper()
	c := &Cluster{bin: bin, as: &syscall.SysProcAttr{}}
	if c.bin == "" {
		if os.Getenv("CI") != "" {
			t.Fatal(Missing)
		}
		t.Skip(Missing)
	}
	must := func(doing string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", doing, err)
		}
	}
	// The path of a socket is short, and others must be able to go there.
	dir, err := os.MkdirTemp("/tmp", "nextcall-pg")
	must("make a directory for the server", err)
	c.Dir = dir
	t.Cleanup(func() {
		c.Stop()
		_ = os.RemoveAll(dir)
	})
	if os.Geteuid() == 0 {
		who, err := user.Lookup("postgres")
		must("find a user to run the server as, for it refuses root", err)
		uid, _ := strconv.Atoi(who.Uid)
		gid, _ := strconv.Atoi(who.Gid)
		must("give the directory to the server", os.Chown(dir, uid, gid))
		c.as.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	out, err := c.Command(context.Background(), "initdb", "-D", filepath.Join(dir, "data"), "-U", "nextcall", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync").CombinedOutput()
	if err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	return c
}

// Command is one of PostgreSQL's programs, run as the server is.
func (c *Cluster) Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(c.bin, name), args...)
	cmd.Dir, cmd.SysProcAttr = c.Dir, c.as
	return cmd
}

// Start starts the server, with settings such as "fsync=off", and waits until it
// answers.
func (c *Cluster) Start(t testing.TB, settings ...string) {
	t.Helper()
	args := []string{"-D", filepath.Join(c.Dir, "data"), "-k", c.Dir, "-h", ""}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	c.Server = c.Command(context.Background(), "postgres", args...)
	if err := c.Server.Start(); err != nil {
		t.Fatalf("start the server: %v", err)
	}
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		out, err := c.Command(t.Context(), "pg_isready", "-q", "-h", c.Dir, "-d", "postgres", "-U", "nextcall").CombinedOutput()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the server does not answer: %v %s", err, out)
		}
	}
}

// Stop ends the server as a power cut would not: quickly, but in good order.
func (c *Cluster) Stop() {
	if c.Server != nil {
		_ = c.Server.Process.Signal(syscall.SIGINT)
		_ = c.Server.Wait()
		c.Server = nil
	}
}

// URL names a database of the cluster for drivers. "postgres" is there from the start.
func (c *Cluster) URL(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User("nextcall"), Path: "/" + database, RawQuery: "host=" + url.QueryEscape(c.Dir)}
	return u.String()
}
