package enginetest_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"
	_ "modernc.org/sqlite"             // registers the driver "sqlite"

	"github.com/nextcall/nextcall/campaign/sqlstore"
)

// place is where a contestant keeps its data: a directory of database files, or
// that of the socket of a server.
type place struct {
	Engine string // "sqlite" or "postgres"
	Dir    string
	Base   string // a database that is filled, of which each takes a copy; "": none
	Hasty  bool   // do not wait for the disk: nothing is measured
	Own    bool   // work on Base itself: nobody else does, and it is too large to be copied
}

// empty is the same place, where nothing is copied.
func (p place) empty() place {
	p.Base = ""
	return p
}

// copied is a database of a contestant's own.
type copied struct {
	place
	name string
	db   *sql.DB
}

// fresh makes a copy of Base, or an empty database.
func (p place) fresh() (*copied, error) {
	c := &copied{place: p, name: fmt.Sprintf("copy%d_%d", os.Getpid(), time.Now().UnixNano())}
	var err error
	switch {
	case p.Own:
		c.name = p.Base
	case p.Engine == "postgres":
		text := "CREATE DATABASE " + c.name
		if p.Base != "" {
			text += " TEMPLATE " + p.Base
		}
		err = p.administer(text)
	case p.Base != "":
		err = copyFile(p.file(c.name), p.file(p.Base))
	}
	if err != nil {
		return nil, err
	}
	c.db, err = p.open(c.name)
	return c, err
}

// drop closes and removes a copy.
func (c *copied) drop() error {
	err := c.db.Close()
	switch {
	case c.Own:
	case c.Engine == "postgres":
		err = errors.Join(err, c.administer("DROP DATABASE "+c.name+" WITH (FORCE)"))
	default:
		for _, more := range []string{"", "-wal", "-shm"} {
			if e := os.Remove(c.file(c.name) + more); e != nil && !errors.Is(e, os.ErrNotExist) {
				err = errors.Join(err, e)
			}
		}
	}
	return err
}

func (c *copied) database() string { return c.name }

func (p place) file(name string) string { return filepath.Join(p.Dir, name+".db") }

// source is the name of a database as drivers want it.
func (p place) source(name string) string {
	if p.Engine == "sqlite" {
		text := "file:" + p.file(name) + "?_pragma=busy_timeout(10000)&_pragma=synchronous("
		if p.Hasty {
			return text + "OFF)"
		}
		return text + "FULL)"
	}
	u := url.URL{Scheme: "postgres", User: url.User("nextcall"), Path: "/" + name, RawQuery: "host=" + url.QueryEscape(p.Dir)}
	return u.String()
}

func (p place) open(name string) (*sql.DB, error) {
	driver := "sqlite"
	if p.Engine == "postgres" {
		driver = "pgx"
	}
	db, err := sql.Open(driver, p.source(name))
	if err == nil && p.Engine == "postgres" {
		db.SetMaxOpenConns(16)
		db.SetMaxIdleConns(16)
	}
	return db, err
}

// administer runs a statement that belongs to no database of ours.
func (p place) administer(text string) error {
	conn, err := pgx.Connect(ctx, p.source("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, text)
	return err
}

func (p place) dialect() sqlstore.Dialect {
	if p.Engine == "postgres" {
		return sqlstore.PostgreSQL
	}
	return sqlstore.SQLite
}

func copyFile(to, from string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err = io.Copy(out, in); err == nil {
		err = out.Sync()
	}
	return err
}

// fillBase makes a database of n records, of which the first have been called.
func (p place) fillBase(ctx context.Context, name string, n int) error {
	if p.Engine == "postgres" {
		if err := p.administer("CREATE DATABASE " + name); err != nil {
			return err
		}
	}
	db, err := p.open(name)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := p.fillStore(ctx, db, n); err != nil {
		return err
	}
	if p.Engine == "postgres" {
		_, err = db.ExecContext(ctx, "VACUUM ANALYZE")
	} else {
		_, err = db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	}
	return errors.Join(err, db.Close())
}

func (p place) fillStore(ctx context.Context, db *sql.DB, n int) error {
	st, err := sqlstore.Open(ctx, db, p.dialect(), sqlstore.Options{})
	if err != nil {
		return err
	}
	defer st.Close()
	w, err := newStoreWork(st, n)
	if err != nil {
		return err
	}
	if err := w.add(0, n); err != nil {
		return err
	}
	return w.call(called(n))
}

// storeContestant is a store on a database, without a dialer.
type storeContestant struct {
	spec
	*storeWork
	*copied
	st *sqlstore.Store
}

func newStoreContestant(s spec) (*storeContestant, error) {
	c := &storeContestant{spec: s}
	return c, c.anew()
}

// anew takes a new copy.
func (c *storeContestant) anew() (err error) {
	if err = c.close(); err != nil {
		return err
	}
	if c.copied, err = c.Place.fresh(); err != nil {
		return err
	}
	if c.st, err = sqlstore.Open(ctx, c.db, c.dialect(), sqlstore.Options{}); err != nil {
		return err
	}
	if c.storeWork == nil {
		if c.storeWork, err = newStoreWork(c.st, c.N); err != nil {
			return err
		}
	}
	c.storeWork.st = c.st
	c.skipTo(called(c.N))
	return c.call(toWarmUp(c.N))
}

func (c *storeContestant) close() error {
	if c.copied == nil {
		return nil
	}
	err := errors.Join(c.st.Close(), c.drop())
	c.copied = nil
	return err
}

// ready takes a new copy when so many calls were made that fresh records could
// run out.
func (c *storeContestant) ready() (most int, again bool, err error) {
	left := func() int { return c.N*9/10 - int(c.calls.Load()) }
	switch {
	case !c.Own && left() < c.N/4:
		again, err = true, c.anew()
	case left() <= 0:
		err = fmt.Errorf("%d records run out: measure for less long", c.N)
	}
	return left(), again, err
}

func (c *storeContestant) hand(i, _ int) hand { return c.storeWork.hand(i) }

func (c *storeContestant) check() error {
	return errors.Join(c.storeWork.check(c.N), c.close())
}
