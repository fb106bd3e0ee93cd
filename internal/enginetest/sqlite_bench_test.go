package enginetest

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
	"github.com/nextcall/nextcall/status"
)

var benchNoon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

const benchZone = "Europe/Warsaw"

// fillStore adds fresh records of one phone each.
func fillStore(t testing.TB, st campaign.Store, n int) {
	changes := make([]campaign.Change, 0, 1000)
	for i := range n {
		r := &campaign.Record{ID: campaign.RecordID(fmt.Sprint("r", i)), Campaign: "one", Class: benchZone, Sort: 1 << 16,
			Phones:   []campaign.Phone{{Number: blacklist.Number(48_600_000_000 + i)}},
			Progress: campaign.Progress{Standing: status.StandingQueued, Lane: status.LaneFresh}}
		changes = append(changes, campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: r.ID}, Add: true, Record: r})
		if len(changes) == cap(changes) || i == n-1 {
			errs, err := st.Commit(context.Background(), changes...)
			require.NoError(t, err)
			require.Nil(t, errs)
			changes = changes[:0]
		}
	}
}

// cycler leases records and reports calls that nobody answered.
type cycler struct {
	st      campaign.Store
	delay   time.Duration // until a record is called again
	claimed campaign.Claimed
	changes []campaign.Change
	records []campaign.Record
	calls   []campaign.Call
}

// cycle does up to n records and returns how many.
func (c *cycler) cycle(ctx context.Context, n int) (int, error) {
	now := benchNoon
	q := campaign.Claim{Now: now, Until: now.Add(time.Minute), Holder: "bench", Limit: n, From: []campaign.Step{{
		Campaign: "one", Open: []string{benchZone}, Max: n,
		Sources: []campaign.Source{{Lane: status.LanePublic, Due: now}, {Lane: status.LaneFresh, Due: now}, {Lane: status.LaneAgain, Due: now}},
	}}}
	if err := c.st.Claim(ctx, q, &c.claimed); err != nil {
		return 0, err
	}
	leased := c.claimed.Leased
	c.changes, c.records, c.calls = c.changes[:0], make([]campaign.Record, len(leased)), make([]campaign.Call, len(leased))
	for i := range leased {
		f := &leased[i]
		r, call := &c.records[i], &c.calls[i]
		*r = f.Record
		r.Lane, r.Due, r.LastCall, r.LastOutcome = status.LaneAgain, now.Add(c.delay), now, campaign.NoAnswer
		r.Attempts.Total++
		*call = campaign.Call{Token: f.Lease.Call, Campaign: "one", Record: r.ID, Number: r.Phones[0].Number, Holder: "bench",
			Dialed: now, Ended: now, Outcome: campaign.NoAnswer, Counted: true, Before: &campaign.Before{Progress: f.Record.Progress, Phones: f.Record.Phones}}
		c.changes = append(c.changes, campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: r.ID, Token: f.Lease.Token}, Record: r, Call: call})
	}
	if len(c.changes) == 0 {
		return 0, nil
	}
	errs, err := c.st.Commit(ctx, c.changes...)
	if err == nil && errs != nil {
		err = errs[0]
	}
	return len(leased), err
}

// rawCycle is what a cycle writes at the least, as plain statements in a loop.
type rawCycle struct {
	db                                                *sql.DB
	pick, lease, add, hold, write, drop, free, logged *sql.Stmt
	token                                             int64
}

func newRawCycle(t testing.TB, db *sql.DB, n int) *rawCycle {
	exec := func(q string) {
		_, err := db.Exec(q)
		require.NoError(t, err)
	}
	exec(`PRAGMA journal_mode = WAL`)
	exec(`CREATE TABLE record (rec INTEGER PRIMARY KEY, campaign TEXT, lane INTEGER, class TEXT, due INTEGER, sorting INTEGER, sort_key INTEGER, sequence INTEGER, place INTEGER, lease INTEGER, number INTEGER, body TEXT)`)
	exec(`CREATE INDEX keyed ON record (campaign, lane, class, sorting, sort_key, sequence, rec) WHERE place = 2`)
	exec(`CREATE INDEX dated ON record (campaign, lane, class, due, sorting, sequence, rec) WHERE place = 1`)
	exec(`CREATE TABLE lease (call INTEGER PRIMARY KEY, campaign TEXT, until INTEGER, body TEXT)`)
	exec(`CREATE INDEX lease_until ON lease (campaign, until)`)
	exec(`CREATE TABLE held (number INTEGER PRIMARY KEY, call INTEGER)`)
	exec(`CREATE TABLE calls (token INTEGER PRIMARY KEY, rec INTEGER, number INTEGER, ended INTEGER, body TEXT)`)
	exec(`CREATE INDEX calls_rec ON calls (rec, ended)`)
	exec(`CREATE INDEX calls_number ON calls (number, ended)`)
	tx, err := db.Begin()
	require.NoError(t, err)
	for i := range n {
		_, err := tx.Exec(`INSERT INTO record VALUES (?, 'one', 4, ?, 0, 65536, 0, ?, 2, 0, ?, ?)`, i+1, benchZone, i+1, 48_600_000_000+i, rawBody)
		require.NoError(t, err)
	}
	require.NoError(t, tx.Commit())
	r := &rawCycle{db: db}
	for stmt, text := range map[**sql.Stmt]string{
		&r.pick:   `SELECT rec, number, body FROM record WHERE campaign = 'one' AND lane = 4 AND class = ? AND place = 2 ORDER BY sorting, sort_key, sequence, rec LIMIT ?`,
		&r.lease:  `UPDATE record SET place = 0, lease = ? WHERE rec = ?`,
		&r.add:    `INSERT INTO lease VALUES (?, 'one', ?, ?)`,
		&r.hold:   `INSERT INTO held VALUES (?, ?)`,
		&r.write:  `UPDATE record SET place = 1, lease = 0, lane = 5, due = ?, body = ? WHERE rec = ?`,
		&r.drop:   `DELETE FROM lease WHERE call = ?`,
		&r.free:   `DELETE FROM held WHERE number = ?`,
		&r.logged: `INSERT INTO calls VALUES (?, ?, ?, ?, ?)`,
	} {
		*stmt, err = db.Prepare(text)
		require.NoError(t, err)
	}
	return r
}

const rawBody = `{"phones":[{"number":48600000000}],"attempts":{"total":1,"since_reset":1},"last_call":1780315200000000,"last_outcome":3}`

func (r *rawCycle) cycle(n int) (int, error) {
	type picked struct{ rec, number, token int64 }
	var all []picked
	tx, err := r.db.Begin()
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	rows, err := tx.Stmt(r.pick).Query(benchZone, n)
	if err != nil {
		return 0, err
	}
	for rows.Next() {
		var p picked
		var body string
		if err := rows.Scan(&p.rec, &p.number, &body); err != nil {
			return 0, err
		}
		r.token++
		p.token = r.token
		all = append(all, p)
	}
	rows.Close()
	run := func(s *sql.Stmt, args ...any) {
		if _, e := s.Exec(args...); e != nil && err == nil {
			err = e
		}
	}
	lease, add, hold := tx.Stmt(r.lease), tx.Stmt(r.add), tx.Stmt(r.hold)
	for _, p := range all {
		run(lease, p.token, p.rec)
		run(add, p.token, benchNoon.UnixMicro(), rawBody)
		run(hold, p.number, p.token)
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return 0, err
	}
	if tx, err = r.db.Begin(); err != nil {
		return 0, err
	}
	defer tx.Rollback()
	write, drop, free, logged := tx.Stmt(r.write), tx.Stmt(r.drop), tx.Stmt(r.free), tx.Stmt(r.logged)
	for _, p := range all {
		run(write, benchNoon.UnixMicro(), rawBody, p.rec)
		run(drop, p.token)
		run(free, p.number)
		run(logged, p.token, p.rec, p.number, benchNoon.UnixMicro(), rawBody)
	}
	if err == nil {
		err = tx.Commit()
	}
	return len(all), err
}

func perSecond(b *testing.B, n int) {
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "cycles/s")
}

// BenchmarkSQLite sets the store, durable, beside the least of plain SQL that
// does its work.
func BenchmarkSQLite(b *testing.B) {
	const records = 60_000
	open := func(b *testing.B) *sql.DB { return sqliteFile(b, filepath.Join(b.TempDir(), "bench.db")) }
	for _, n := range []int{1, 100} {
		b.Run(fmt.Sprintf("raw/%d", n), func(b *testing.B) {
			r := newRawCycle(b, open(b), records)
			done := 0
			for b.Loop() {
				k, err := r.cycle(n)
				require.NoError(b, err)
				done += k
			}
			perSecond(b, done)
		})
		b.Run(fmt.Sprintf("store/%d", n), func(b *testing.B) {
			st := openSQL(b, open(b), sqlstore.SQLite)
			fillStore(b, st, records)
			c := cycler{st: st, delay: time.Hour}
			done := 0
			for b.Loop() {
				k, err := c.cycle(context.Background(), n)
				require.NoError(b, err)
				done += k
			}
			perSecond(b, done)
		})
	}
	b.Run("store/64 callers", func(b *testing.B) {
		st := openSQL(b, open(b), sqlstore.SQLite)
		fillStore(b, st, records)
		var done atomic.Int64
		for b.Loop() {
			var all sync.WaitGroup
			for range 64 {
				all.Go(func() {
					c := cycler{st: st, delay: time.Hour}
					for range 4 {
						k, err := c.cycle(context.Background(), 1)
						if err != nil {
							b.Error(err)
							return
						}
						done.Add(int64(k))
					}
				})
			}
			all.Wait()
		}
		perSecond(b, int(done.Load()))
	})
}
