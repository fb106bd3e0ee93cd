package enginetest_test

import (
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// plainSQLite is the least SQL that does the work of a store with one caller:
// two lanes, classes, guarded numbers and contacts, the history of a number, the
// log, leases that could run out. What a host could leave to memory it does not
// write: there is one statement for each thing that must be durable.
type plainSQLite struct {
	spec
	*copied
	r        *rand.PCG
	step     int64
	clock    int64
	calls    int
	token    int64
	turn     int
	picked   []plainRecord
	over     *sql.Stmt
	retries  *sql.Stmt
	fresh    *sql.Stmt
	history  *sql.Stmt
	lease    *sql.Stmt
	addLease *sql.Stmt
	hold     *sql.Stmt
	write    *sql.Stmt
	drop     *sql.Stmt
	free     *sql.Stmt
	log      *sql.Stmt
}

type plainRecord struct {
	rec, number, token int64
	body               string
	calls              int // that came with it
}

// plainBody is what a program would keep of a record that no query asks for, and plainCall of a call.
const (
	plainBody = `{"id":"r100000000","contact":"c100000000","phones":[{"number":48600000000,"zones":["Europe/Warsaw"],"attempts":1,"last_call":1772442000000000,"last_outcome":3}],"attempts":{"total":1,"since_reset":1,"unanswered":1,"streak":1,"first":1772442000000000,"last":1772442000000000},"last_call":1772442000000000,"last_outcome":3}`
	plainCall = `{"campaign":"c00","record":"r100000000","contact":"c100000000","number":48600000000,"holder":"bench","dialed":1772442000000000,"ended":1772442000000000,"outcome":3,"counted":true,"before":{"next":0,"attempts":{"total":0}}}`
)

func newPlainSQLite(s spec) (*plainSQLite, error) {
	s.Place.Base = "" // its tables are others
	c := &plainSQLite{spec: s, step: max(1, meanDelay().Microseconds()/int64(called(s.N)))}
	return c, c.anew()
}

var plainTables = []string{
	`PRAGMA journal_mode = WAL`,
	`CREATE TABLE record (rec INTEGER PRIMARY KEY, id TEXT, class TEXT, state INTEGER, due INTEGER, sequence INTEGER, number INTEGER, contact TEXT, body TEXT)`,
	`CREATE UNIQUE INDEX record_id ON record (id)`,
	`CREATE INDEX record_fresh ON record (class, sequence) WHERE state = 0`,
	`CREATE INDEX record_again ON record (class, due, sequence) WHERE state = 1`,
	`CREATE INDEX record_number ON record (number)`,
	`CREATE INDEX record_contact ON record (contact)`,
	`CREATE TABLE lease (token INTEGER PRIMARY KEY, rec INTEGER, until INTEGER, body TEXT)`,
	`CREATE INDEX lease_until ON lease (until)`,
	`CREATE TABLE held (what TEXT PRIMARY KEY, token INTEGER) WITHOUT ROWID`,
	`CREATE TABLE call (token INTEGER PRIMARY KEY, rec INTEGER, number INTEGER, contact TEXT, ended INTEGER, body TEXT)`,
	`CREATE INDEX call_rec ON call (rec, ended)`,
	`CREATE INDEX call_number ON call (number, ended)`,
	`CREATE INDEX call_contact ON call (contact, ended)`,
}

// anew makes the database again.
func (c *plainSQLite) anew() (err error) {
	if c.copied != nil {
		if err = c.copied.drop(); err != nil {
			return err
		}
	}
	if c.copied, err = c.Place.fresh(); err != nil {
		return err
	}
	c.db.SetMaxOpenConns(1)
	for _, text := range plainTables {
		if _, err = c.db.Exec(text); err != nil {
			return err
		}
	}
	tx, err := c.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for i := range c.N {
		_, err = tx.Exec(`INSERT INTO record VALUES (?, ?, ?, 0, 0, ?, ?, ?, ?)`, i+1, fmt.Sprint("r", 100_000_000+i), zones[i%len(zones)], i+1,
			firstNumber+i, fmt.Sprint("c", 100_000_000+i), plainBody)
		if err != nil {
			return err
		}
	}
	if err = tx.Commit(); err != nil {
		return err
	}
	if err = c.prepare(); err != nil {
		return err
	}
	c.r, c.clock, c.calls, c.token = rand.NewPCG(1, 5), tenOClock.UnixMicro(), 0, 0
	if err = c.call(called(c.N)); err != nil {
		return err
	}
	if _, err = c.db.Exec(`PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		return err
	}
	return c.call(toWarmUp(c.N))
}

func (c *plainSQLite) call(n int) error {
	for until := c.calls + n; c.calls < until; {
		if err := c.next(min(until-c.calls, 100), false); err != nil {
			return err
		}
		if _, _, _, err := c.report(); err != nil {
			return err
		}
	}
	return nil
}

// anyClass reads the first of every class and of them the first of all: a
// condition on several classes would lose the order of the index.
func anyClass(where, order string) string {
	text := ""
	for i, zone := range zones {
		if i > 0 {
			text += ` UNION ALL `
		}
		text += `SELECT * FROM (SELECT rec, number, body, due, sequence FROM record WHERE class = '` + zone + `' AND ` + where + ` ORDER BY ` + order + ` LIMIT ?1)`
	}
	return `SELECT rec, number, body FROM (` + text + `) ORDER BY ` + order + ` LIMIT ?1`
}

func (c *plainSQLite) prepare() (err error) {
	for into, text := range map[**sql.Stmt]string{
		&c.over:     `SELECT token FROM lease WHERE until <= ? ORDER BY until LIMIT ?`,
		&c.retries:  anyClass(`state = 1 AND due <= ?2`, `due, sequence`),
		&c.fresh:    anyClass(`state = 0`, `sequence`),
		&c.history:  `SELECT body FROM call WHERE number = ? AND ended >= ? ORDER BY ended`,
		&c.lease:    `UPDATE record SET state = 2 WHERE rec = ?`,
		&c.addLease: `INSERT INTO lease VALUES (?, ?, ?, ?)`,
		&c.hold:     `INSERT INTO held VALUES (?, ?)`,
		&c.write:    `UPDATE record SET state = 1, due = ?, body = ? WHERE rec = ?`,
		&c.drop:     `DELETE FROM lease WHERE token = ?`,
		&c.free:     `DELETE FROM held WHERE what = ?`,
		&c.log:      `INSERT INTO call VALUES (?, ?, ?, ?, ?, ?)`,
	} {
		if *into, err = c.db.Prepare(text); err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
	}
	return nil
}

// inside does statements in one transaction. Their errors are the one of it.
func (c *plainSQLite) inside(do func(run func(*sql.Stmt, ...any), read func(func(*sql.Rows) error, *sql.Stmt, ...any))) error {
	tx, err := c.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	stmts := make(map[*sql.Stmt]*sql.Stmt, 8)
	of := func(s *sql.Stmt) *sql.Stmt {
		if stmts[s] == nil {
			stmts[s] = tx.Stmt(s)
		}
		return stmts[s]
	}
	run := func(s *sql.Stmt, args ...any) {
		if err == nil {
			_, err = of(s).Exec(args...)
		}
	}
	read := func(each func(*sql.Rows) error, s *sql.Stmt, args ...any) {
		if err != nil {
			return
		}
		var rows *sql.Rows
		if rows, err = of(s).Query(args...); err != nil {
			return
		}
		defer rows.Close()
		for err == nil && rows.Next() {
			err = each(rows)
		}
		err = errors.Join(err, rows.Err())
	}
	if do(run, read); err != nil {
		return err
	}
	return tx.Commit()
}

func (c *plainSQLite) next(ask int, _ bool) error {
	c.clock += c.step * int64(ask)
	c.turn++
	c.picked = c.picked[:0]
	take := func(rows *sql.Rows) error {
		var p plainRecord
		c.token++
		p.token = c.token
		err := rows.Scan(&p.rec, &p.number, &p.body)
		c.picked = append(c.picked, p)
		return err
	}
	err := c.inside(func(run func(*sql.Stmt, ...any), read func(func(*sql.Rows) error, *sql.Stmt, ...any)) {
		read(func(*sql.Rows) error { return errors.New("a lease has run out") }, c.over, c.clock, ask)
		if retries := (ask + c.turn%2) / 2; retries > 0 {
			read(take, c.retries, retries, c.clock)
		}
		if n := ask - len(c.picked); n > 0 {
			read(take, c.fresh, n)
		}
		for i := range c.picked {
			p := &c.picked[i]
			run(c.lease, p.rec)
			run(c.addLease, p.token, p.rec, c.clock+600_000_000, plainCall[:120])
			run(c.hold, fmt.Sprint(p.number), p.token)
			run(c.hold, fmt.Sprint("c", 100_000_000+p.number-firstNumber), p.token)
			var text string
			read(func(rows *sql.Rows) error { p.calls++; return rows.Scan(&text) }, c.history, p.number, c.clock-7*86_400_000_000)
		}
	})
	if err == nil && len(c.picked) != ask {
		err = fmt.Errorf("%w: %d instead of %d", errNotAsked, len(c.picked), ask)
	}
	return err
}

func (c *plainSQLite) report() (calls, fresh, parked int, err error) {
	err = c.inside(func(run func(*sql.Stmt, ...any), _ func(func(*sql.Rows) error, *sql.Stmt, ...any)) {
		for i := range c.picked {
			p := &c.picked[i]
			if p.calls == 0 {
				fresh++
			}
			delay := time.Duration(delays[outcomes[c.r.Uint64()%uint64(len(outcomes))]])
			contact := fmt.Sprint("c", 100_000_000+p.number-firstNumber)
			run(c.write, c.clock+delay.Microseconds(), plainBody, p.rec)
			run(c.drop, p.token)
			run(c.free, fmt.Sprint(p.number))
			run(c.free, contact)
			run(c.log, p.token, p.rec, p.number, contact, c.clock, plainCall)
		}
	})
	c.calls += len(c.picked)
	return len(c.picked), fresh, 0, err
}

func (c *plainSQLite) ready() (most int, again bool, err error) {
	left := func() int { return c.N*9/10 - c.calls }
	if again = left() < c.N/4; again {
		err = c.anew()
	}
	return left(), again, err
}

func (c *plainSQLite) hand(int, int) hand { return c }

func (c *plainSQLite) check() error {
	var n, held int
	err := c.db.QueryRow(`SELECT COUNT(*), (SELECT COUNT(*) FROM held) FROM call`).Scan(&n, &held)
	if err == nil && (n != c.calls || held != 0) {
		err = fmt.Errorf("%d calls in the log and %d things held: want %d and none", n, held, c.calls)
	}
	return errors.Join(err, c.copied.drop())
}
