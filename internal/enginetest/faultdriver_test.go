package enginetest

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync/atomic"
)

// faults is a driver around another one that fails a write once: after it is
// told so, it lets n more statements through and fails the next. The end of a
// transaction is a statement too.
type faults struct {
	inner driver.Driver
	dsn   string
	left  atomic.Int64 // statements until the failure; negative: none
}

var errInjected = errors.New("injected: the disk is full")

// newFaults returns the driver, and a database that works through it.
func newFaults(inner *sql.DB, dsn string) (*faults, *sql.DB) {
	f := &faults{inner: inner.Driver(), dsn: dsn}
	f.left.Store(-1)
	return f, sql.OpenDB(f)
}

// after fails the statement behind the next n, once; a negative n fails none.
func (f *faults) after(n int) { f.left.Store(int64(n)) }

func (f *faults) fails() bool { return f.left.Load() >= 0 && f.left.Add(-1) == -1 }

// Connect implements driver.Connector.
func (f *faults) Connect(context.Context) (driver.Conn, error) {
	c, err := f.inner.Open(f.dsn)
	return &faultyConn{c, f}, err
}

// Driver implements driver.Connector.
func (f *faults) Driver() driver.Driver { return f.inner }

type faultyConn struct {
	driver.Conn
	f *faults
}

func (c *faultyConn) Prepare(query string) (driver.Stmt, error) {
	s, err := c.Conn.Prepare(query)
	return &faultyStmt{s, c.f}, err
}

// CheckNamedValue leaves it to the driver what arguments it takes.
func (c *faultyConn) CheckNamedValue(v *driver.NamedValue) error {
	if inner, ok := c.Conn.(driver.NamedValueChecker); ok {
		return inner.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

func (c *faultyConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	tx, err := c.Conn.(driver.ConnBeginTx).BeginTx(ctx, o)
	return &faultyTx{tx, c.f}, err
}

type faultyTx struct {
	driver.Tx
	f *faults
}

func (t *faultyTx) Commit() error {
	if t.f.fails() {
		_ = t.Tx.Rollback()
		return errInjected
	}
	return t.Tx.Commit()
}

type faultyStmt struct {
	driver.Stmt
	f *faults
}

func (s *faultyStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if s.f.fails() {
		return nil, errInjected
	}
	return s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}

func (s *faultyStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if s.f.fails() {
		return nil, errInjected
	}
	return s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
}
