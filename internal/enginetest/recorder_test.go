package enginetest_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"sync"
)

// step is what a store asked of its database: a statement, or an end of a
// transaction.
type step struct {
	kind stepKind
	text string
	args []any
	rows int  // those that were read of a query, or written by a statement
	all  bool // a query was read to its end
}

type stepKind uint8

const (
	begins stepKind = iota
	commits
	rollsBack
	executes
	queries
)

// recorder is a driver around another one that writes down what it is asked for.
// It is for one caller at a time: the steps of several would be mixed.
type recorder struct {
	inner driver.Driver
	dsn   string

	mu    sync.Mutex
	on    bool
	steps []step
}

// newRecorder returns the recorder, and a database that works through it.
func newRecorder(inner driver.Driver, dsn string) (*recorder, *sql.DB) {
	r := &recorder{inner: inner, dsn: dsn}
	return r, sql.OpenDB(r)
}

// record begins to write down, or ends it.
func (r *recorder) record(on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.on = on
}

// taken returns what was written down since the last call of it.
func (r *recorder) taken() []step {
	r.mu.Lock()
	defer r.mu.Unlock()
	steps := r.steps
	r.steps = nil
	return steps
}

func (r *recorder) note(s step) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.on {
		r.steps = append(r.steps, s)
	}
}

// Connect implements driver.Connector.
func (r *recorder) Connect(context.Context) (driver.Conn, error) {
	c, err := r.inner.Open(r.dsn)
	if err != nil {
		return nil, err
	}
	return &recordedConn{c, r}, nil
}

// Driver implements driver.Connector.
func (r *recorder) Driver() driver.Driver { return r.inner }

// recordedConn has none of the shortcuts that a driver may have: all of it is
// prepared, and so it is seen.
type recordedConn struct {
	driver.Conn
	r *recorder
}

func (c *recordedConn) Prepare(text string) (driver.Stmt, error) {
	s, err := c.Conn.Prepare(text)
	if err != nil {
		return nil, err
	}
	return &recordedStmt{s, c.r, text}, nil
}

func (c *recordedConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	tx, err := c.Conn.(driver.ConnBeginTx).BeginTx(ctx, o)
	if err != nil {
		return nil, err
	}
	c.r.note(step{kind: begins})
	return &recordedTx{tx, c.r}, nil
}

type recordedTx struct {
	driver.Tx
	r *recorder
}

func (t *recordedTx) Commit() error {
	t.r.note(step{kind: commits})
	return t.Tx.Commit()
}

func (t *recordedTx) Rollback() error {
	t.r.note(step{kind: rollsBack})
	return t.Tx.Rollback()
}

type recordedStmt struct {
	driver.Stmt
	r    *recorder
	text string
}

func valuesOf(args []driver.NamedValue) []any {
	values := make([]any, len(args))
	for i := range args {
		values[i] = args[i].Value
	}
	return values
}

func (s *recordedStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	result, err := s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
	if err != nil {
		return nil, err
	}
	n, err := result.RowsAffected()
	s.r.note(step{kind: executes, text: s.text, args: valuesOf(args), rows: int(n)})
	return result, err
}

func (s *recordedStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	return &recordedRows{Rows: rows, r: s.r, step: step{kind: queries, text: s.text, args: valuesOf(args)}}, nil
}

type recordedRows struct {
	driver.Rows
	r    *recorder
	step step
}

func (r *recordedRows) Next(into []driver.Value) error {
	err := r.Rows.Next(into)
	switch {
	case err == nil:
		r.step.rows++
	case errors.Is(err, io.EOF):
		r.step.all = true
	}
	return err
}

func (r *recordedRows) Close() error {
	r.r.note(r.step)
	return r.Rows.Close()
}
