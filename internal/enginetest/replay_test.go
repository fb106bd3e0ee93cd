package enginetest_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/nextcall/nextcall/campaign/sqlstore"
)

// replayContestant does the SQL of a store without the store: the statements
// that it sent, with their arguments, in the same transactions, on a copy of the
// database on which it sent them.
type replayContestant struct {
	spec
	*copied
	cycles [][]step // each an ask and its reports
	at     int
	conn   *sql.Conn
	stmts  map[string]*sql.Stmt
	cells  []any
}

// replayed is for how many calls a store is recorded at the most: it makes them
// in some seconds.
const replayed = 6000

// toWarmUp is how many calls are made on a new copy before anything is measured:
// its log has to grow, and the pages to be read.
func toWarmUp(n int) int { return min(2000, n/10) }

func newReplayContestant(s spec) (*replayContestant, error) {
	c := &replayContestant{spec: s}
	if err := c.record(); err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	return c, c.anew()
}

// record has a store do its work, and writes down what it asks of the database.
func (c *replayContestant) record() (err error) {
	copied, err := c.Place.fresh()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, copied.drop()) }()
	tape, db := newRecorder(copied.db.Driver(), c.Place.source(copied.name))
	defer db.Close()
	st, err := sqlstore.Open(ctx, db, c.Place.dialect(), sqlstore.Options{})
	if err != nil {
		return err
	}
	defer st.Close()
	w, err := newStoreWork(st, c.N)
	if err != nil {
		return err
	}
	w.skipTo(called(c.N))
	h := w.hand(0)
	tape.record(true)
	for done := 0; done < min(toWarmUp(c.N)+replayed, c.N/2); done += c.Ask {
		if err := h.next(c.Ask, false); err != nil {
			return err
		}
		if _, _, _, err := h.report(); err != nil {
			return err
		}
		c.cycles = append(c.cycles, tape.taken())
	}
	tape.record(false)
	return nil
}

// anew takes the database as it was before.
func (c *replayContestant) anew() (err error) {
	if err = c.close(); err != nil {
		return err
	}
	if c.copied, err = c.Place.fresh(); err != nil {
		return err
	}
	if c.conn, err = c.db.Conn(ctx); err != nil {
		return err
	}
	c.at, c.stmts = 0, make(map[string]*sql.Stmt)
	for _, cycle := range c.cycles {
		for i := range cycle {
			text := cycle[i].text
			if text == "" || c.stmts[text] != nil {
				continue
			}
			if c.stmts[text], err = c.conn.PrepareContext(ctx, text); err != nil {
				return err
			}
		}
	}
	for c.at*c.Ask < toWarmUp(c.N) {
		if err = c.next(c.Ask, false); err != nil {
			return err
		}
	}
	return nil
}

func (c *replayContestant) close() error {
	if c.copied == nil {
		return nil
	}
	var errs []error
	for _, s := range c.stmts {
		errs = append(errs, s.Close())
	}
	errs = append(errs, c.conn.Close(), c.drop())
	c.copied = nil
	return errors.Join(errs...)
}

func (c *replayContestant) ready() (most int, again bool, err error) {
	if again = c.at > len(c.cycles)*2/3; again {
		err = c.anew()
	}
	return (len(c.cycles) - c.at) * c.Ask, again, err
}

func (c *replayContestant) check() error { return c.close() }

func (c *replayContestant) hand(int, int) hand { return c }

// next does a whole cycle.
func (c *replayContestant) next(ask int, _ bool) error {
	if ask != c.Ask || c.at == len(c.cycles) {
		return fmt.Errorf("asks of %d were recorded, %d of them", c.Ask, len(c.cycles))
	}
	var tx *sql.Tx
	defer func() {
		if tx != nil {
			_ = tx.Rollback()
		}
	}()
	for i := range c.cycles[c.at] {
		var err error
		switch s := &c.cycles[c.at][i]; s.kind {
		case begins:
			tx, err = c.conn.BeginTx(ctx, nil)
		case commits:
			err, tx = tx.Commit(), nil
		case rollsBack:
			err, tx = tx.Rollback(), nil
		case executes:
			err = c.execute(s)
		case queries:
			err = c.query(s)
		}
		if err != nil {
			return err
		}
	}
	c.at++
	return nil
}

func (c *replayContestant) execute(s *step) error {
	result, err := c.stmts[s.text].ExecContext(ctx, s.args...)
	if err != nil {
		return fmt.Errorf("%s: %w", s.text, err)
	}
	if n, err := result.RowsAffected(); err != nil || int(n) != s.rows {
		return fmt.Errorf("%s: wrote %d rows, the store wrote %d: %w", s.text, n, s.rows, err)
	}
	return nil
}

// query reads what the store read.
func (c *replayContestant) query(s *step) error {
	rows, err := c.stmts[s.text].QueryContext(context.Background(), s.args...)
	if err != nil {
		return fmt.Errorf("%s: %w", s.text, err)
	}
	defer rows.Close()
	n := 0
	for n < s.rows || s.all {
		if !rows.Next() {
			break
		}
		if n == 0 {
			names, err := rows.Columns()
			if err != nil {
				return err
			}
			for len(c.cells) < len(names) {
				c.cells = append(c.cells, new(any))
			}
			c.cells = c.cells[:len(names)]
		}
		if err := rows.Scan(c.cells...); err != nil {
			return err
		}
		n++
	}
	if n != s.rows || rows.Err() != nil {
		return fmt.Errorf("%s: read %d rows, the store read %d: %w", s.text, n, s.rows, rows.Err())
	}
	return nil
}

func (c *replayContestant) report() (calls, fresh, parked int, err error) {
	return c.Ask, 0, 0, nil
}
