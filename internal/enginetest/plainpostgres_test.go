package enginetest_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// plainPostgres is a table of records that are picked in the order of their due
// times and put back with another one, by pgx: what many hosts have. There are
// no tiers, hours, guards, history or log.
type plainPostgres struct {
	spec
	*copied
	pool  *pgxpool.Pool
	clock atomic.Int64
	step  int64
}

// What keeps callers of plain SQL apart.
const (
	skipLocked = "skip locked"
	rowLock    = "row lock" // one row, of the campaign, so that each sees what the others did
)

var plainPostgresTables = []string{
	`CREATE TABLE campaign (id BIGINT PRIMARY KEY)`,
	`INSERT INTO campaign VALUES (1)`,
	`CREATE TABLE record (id BIGINT PRIMARY KEY, state SMALLINT NOT NULL, due BIGINT NOT NULL, number BIGINT NOT NULL, body TEXT NOT NULL)
		WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000)`,
	`CREATE INDEX record_due ON record (due, id) WHERE state = 0`,
}

const (
	pickOne = `UPDATE record SET state = 1 WHERE id = (
		SELECT id FROM record WHERE state = 0 AND due <= $1 ORDER BY due, id FOR UPDATE SKIP LOCKED LIMIT 1) RETURNING id, number, body`
	reportOne = `UPDATE record SET state = 0, due = $2 WHERE id = $1`
	pickMany  = `WITH pick AS MATERIALIZED (SELECT id FROM record WHERE state = 0 AND due <= $1 ORDER BY due, id FOR UPDATE SKIP LOCKED LIMIT $2)
		UPDATE record r SET state = 1 FROM pick WHERE r.id = pick.id RETURNING r.id, r.number, r.body`
	pickManyLocked = `WITH pick AS MATERIALIZED (SELECT id FROM record WHERE state = 0 AND due <= $1 ORDER BY due, id LIMIT $2)
		UPDATE record r SET state = 1 FROM pick WHERE r.id = pick.id RETURNING r.id, r.number, r.body`
	reportMany   = `UPDATE record r SET state = 0, due = u.due FROM unnest($1::bigint[], $2::bigint[]) u(id, due) WHERE r.id = u.id`
	lockCampaign = `SELECT id FROM campaign WHERE id = 1 FOR NO KEY UPDATE`
)

func newPlainPostgres(s spec) (c *plainPostgres, err error) {
	s.Place.Base = "" // its table is another one
	if s.Lock != skipLocked && s.Lock != rowLock {
		return nil, fmt.Errorf("lock %q: want %s or %s", s.Lock, skipLocked, rowLock)
	}
	// Two mean delays pass while all are called, so there are always enough that are due.
	c = &plainPostgres{spec: s, step: max(1, 2*meanDelay().Microseconds()/int64(s.N))}
	c.clock.Store(tenOClock.UnixMicro())
	if c.copied, err = c.Place.fresh(); err != nil {
		return nil, err
	}
	for _, text := range plainPostgresTables {
		if _, err = c.db.Exec(text); err != nil {
			return nil, err
		}
	}
	// Everything is due from the beginning, in another order than it lies in.
	_, err = c.db.Exec(`INSERT INTO record SELECT i, 0, $1::bigint - (i * 7919) % $2::bigint, $3::bigint + i, $4 FROM generate_series(1, $2::bigint) i`,
		tenOClock.UnixMicro(), c.N, firstNumber, plainBody)
	if err != nil {
		return nil, err
	}
	if _, err = c.db.Exec(`VACUUM ANALYZE`); err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(c.source(c.name))
	if err != nil {
		return nil, err
	}
	config.MaxConns = 64
	c.pool, err = pgxpool.NewWithConfig(ctx, config)
	return c, err
}

func (c *plainPostgres) ready() (most int, again bool, err error) { return 1 << 40, false, nil }

func (c *plainPostgres) hand(i, _ int) hand {
	return &plainPostgresHand{plainPostgres: c, r: rand.NewPCG(uint64(i), 6)}
}

func (c *plainPostgres) check() error {
	var n, free int
	err := c.pool.QueryRow(ctx, `SELECT COUNT(*), COUNT(*) FILTER (WHERE state = 0) FROM record`).Scan(&n, &free)
	if err == nil && (n != c.N || free != c.N) {
		err = fmt.Errorf("%d records, %d of them to be picked: want %d", n, free, c.N)
	}
	c.pool.Close()
	return errors.Join(err, c.copied.drop())
}

type plainPostgresHand struct {
	*plainPostgres
	r    *rand.PCG
	now  int64
	ids  []int64
	dues []int64
}

func (h *plainPostgresHand) next(ask int, _ bool) (err error) {
	h.now = h.clock.Add(h.step * int64(ask))
	h.ids = h.ids[:0]
	if h.Lock == rowLock {
		if err = h.locked(ask); err == nil && len(h.ids) != ask {
			err = fmt.Errorf("%w: %d instead of %d", errNotAsked, len(h.ids), ask)
		}
		return err
	}
	// Of rows that somebody else has just put back with another due time none
	// comes, so an ask may bring fewer than there are.
	for tries := 0; len(h.ids) == 0; tries++ {
		if ask == 1 {
			err = h.one()
		} else {
			err = h.many(h.pool.Query(ctx, pickMany, h.now, ask))
		}
		if err != nil {
			return err
		}
		if tries == 1000 {
			return fmt.Errorf("%w: none instead of %d", errNotAsked, ask)
		}
	}
	return nil
}

func (h *plainPostgresHand) one() error {
	var id, number int64
	var body string
	err := h.pool.QueryRow(ctx, pickOne, h.now).Scan(&id, &number, &body)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	h.ids = append(h.ids, id)
	return err
}

func (h *plainPostgresHand) many(rows pgx.Rows, err error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, number int64
		var body string
		if err := rows.Scan(&id, &number, &body); err != nil {
			return err
		}
		h.ids = append(h.ids, id)
	}
	return rows.Err()
}

// locked picks one after another's commit, in a single round trip.
func (h *plainPostgresHand) locked(ask int) error {
	var batch pgx.Batch
	batch.Queue(lockCampaign)
	batch.Queue(pickManyLocked, h.now, ask).Query(func(rows pgx.Rows) error { return h.many(rows, nil) })
	return pgx.BeginFunc(context.Background(), h.pool, func(tx pgx.Tx) error { return tx.SendBatch(ctx, &batch).Close() })
}

func (h *plainPostgresHand) report() (calls, fresh, parked int, err error) {
	h.dues = h.dues[:0]
	for range h.ids {
		delay := time.Duration(delays[outcomes[h.r.Uint64()%uint64(len(outcomes))]])
		h.dues = append(h.dues, h.now+delay.Microseconds())
	}
	if len(h.ids) == 1 {
		_, err = h.pool.Exec(ctx, reportOne, h.ids[0], h.dues[0])
	} else {
		_, err = h.pool.Exec(ctx, reportMany, h.ids, h.dues)
	}
	return len(h.ids), 0, 0, err
}
