package enginetest

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
)

// faults is a driver around another one that fails a write once: after it is
// told so, it lets n more statements through and fails the next. The end of a
// transaction is a statement too.
type faults struct {
	inner driver.Driver
	dsn   string
	left  atomic.Int64 // statements until the failure; negative: none

	mu   sync.Mutex
	hook hook
	n    int               // statements since the hook was set
	says map[string]string // what statements with a text in them answer instead
}

// hook is called before a statement is done, and after it was; the error is what
// the caller sees. Which statement it is counts from 0.
type hook func(n int, query string, done bool) error

// endQuery is the query of the end of a transaction.
const endQuery = "COMMIT"

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

// watch calls h with each statement from now on; nil ends that. It returns how
// many there were since it was last called.
func (f *faults) watch(h hook) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.n
	f.hook, f.n = h, 0
	return n
}

// around does a statement.
func (f *faults) around(query string, do func() error) error {
	if f.fails() {
		return errInjected
	}
	f.mu.Lock()
	h, n := f.hook, f.n
	f.n++
	f.mu.Unlock()
	if h == nil {
		return do()
	}
	if err := h(n, query, false); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return h(n, query, true)
}

// Connect implements driver.Connector.
func (f *faults) Connect(context.Context) (driver.Conn, error) {
	c, err := f.inner.Open(f.dsn)
	if err != nil {
		return nil, err
	}
	return &faultyConn{c, f}, nil
}

// Driver implements driver.Connector.
func (f *faults) Driver() driver.Driver { return f.inner }

type faultyConn struct {
	driver.Conn
	f *faults
}

func (c *faultyConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	for part, answer := range c.f.says {
		if strings.Contains(query, part) {
			return saying(answer), nil
		}
	}
	s, err := c.Conn.(driver.ConnPrepareContext).PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return &faultyStmt{s, query, c.f}, nil
}

func (c *faultyConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	tx, err := c.Conn.(driver.ConnBeginTx).BeginTx(ctx, o)
	if err != nil {
		return nil, err
	}
	return &faultyTx{tx, c.f}, nil
}

// CheckNamedValue implements driver.NamedValueChecker.
func (c *faultyConn) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.Conn.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

// ResetSession implements driver.SessionResetter.
func (c *faultyConn) ResetSession(ctx context.Context) error {
	if r, ok := c.Conn.(driver.SessionResetter); ok {
		return r.ResetSession(ctx)
	}
	return nil
}

// IsValid implements driver.Validator.
func (c *faultyConn) IsValid() bool {
	v, ok := c.Conn.(driver.Validator)
	return !ok || v.IsValid()
}

type faultyTx struct {
	driver.Tx
	f *faults
}

func (t *faultyTx) Commit() error {
	ended := false
	err := t.f.around(endQuery, func() error {
		ended = true
		return t.Tx.Commit()
	})
	if !ended {
		_ = t.Tx.Rollback()
	}
	return err
}

type faultyStmt struct {
	driver.Stmt
	query string
	f     *faults
}

func (s *faultyStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (result driver.Result, err error) {
	err = s.f.around(s.query, func() (err error) {
		result, err = s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
		return err
	})
	return result, err
}

func (s *faultyStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (rows driver.Rows, err error) {
	err = s.f.around(s.query, func() (err error) {
		rows, err = s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
		return err
	})
	if err != nil && rows != nil {
		_ = rows.Close()
		rows = nil
	}
	return rows, err
}

// saying is a statement, and its rows, that answers with one text.
type saying string

func (s saying) Close() error                               { return nil }
func (s saying) NumInput() int                              { return -1 }
func (s saying) Exec([]driver.Value) (driver.Result, error) { return nil, errors.ErrUnsupported }
func (s saying) Query([]driver.Value) (driver.Rows, error)  { return &said{text: string(s)}, nil }

type said struct {
	text string
	over bool
}

func (s *said) Columns() []string { return []string{"text"} }
func (s *said) Close() error      { return nil }

func (s *said) Next(into []driver.Value) error {
	if s.over {
		return io.EOF
	}
	s.over, into[0] = true, s.text
	return nil
}
