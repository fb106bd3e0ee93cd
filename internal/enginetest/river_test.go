package enginetest_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// riverContestant works jobs that do nothing, as many at a time as River is
// asked to. The jobs are inserted before; a cycle is one that was fetched, worked
// and completed in the database.
type riverContestant struct {
	spec
	*copied
	pool   *pgxpool.Pool
	client *river.Client[pgx.Tx]
	ended  <-chan *river.Event
	cancel func() // of the subscription
	ran    atomic.Int64
	worked int64 // jobs in all
	wall   time.Duration
}

const (
	riverWorkers = 1000
	riverJobs    = 10_000 // that are worked at a time, unless a contestant says otherwise
)

type riverJob struct {
	Record string `json:"record"`
	Number int64  `json:"number"`
}

// Kind implements river.JobArgs.
func (riverJob) Kind() string { return "call" }

type riverWorker struct {
	river.WorkerDefaults[riverJob]
	ran *atomic.Int64
}

// Work implements river.Worker.
func (w *riverWorker) Work(context.Context, *river.Job[riverJob]) error {
	w.ran.Add(1)
	return nil
}

func newRiverContestant(s spec) (c *riverContestant, err error) {
	s.Place.Base, s.Ask = "", cmp.Or(s.Ask, riverJobs)
	c = &riverContestant{spec: s}
	if c.copied, err = c.Place.fresh(); err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(c.source(c.name))
	if err != nil {
		return nil, err
	}
	config.MaxConns = 16
	if c.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, err
	}
	migrator, err := rivermigrate.New(riverpgxv5.New(c.pool), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	if _, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return nil, err
	}
	return c, nil
}

// ready inserts the jobs of the next ask, and makes a client that can work them.
func (c *riverContestant) ready() (most int, again bool, err error) {
	if c.client != nil {
		return 0, false, errors.New("the last jobs have not been worked")
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &riverWorker{ran: &c.ran})
	c.client, err = river.NewClient(riverpgxv5.New(c.pool), &river.Config{
		Logger:  slog.New(slog.DiscardHandler),
		Queues:  map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: riverWorkers}},
		Workers: workers,
		// These are far below the defaults, and the fastest.
		FetchCooldown: 2 * time.Millisecond, FetchPollInterval: 20 * time.Millisecond,
	})
	if err != nil {
		return 0, false, err
	}
	jobs := make([]river.InsertManyParams, c.Ask)
	for i := range jobs {
		jobs[i].Args = riverJob{Record: fmt.Sprint("r", i), Number: int64(firstNumber + i)}
	}
	if n, err := c.client.InsertManyFast(ctx, jobs); err != nil || n != len(jobs) {
		return 0, false, fmt.Errorf("%d jobs of %d were inserted: %w", n, len(jobs), err)
	}
	c.ended, c.cancel = c.client.SubscribeConfig(&river.SubscribeConfig{ChanSize: 2 * c.Ask, Kinds: []river.EventKind{river.EventKindJobCompleted}})
	return c.Ask, false, nil
}

func (c *riverContestant) hand(int, int) hand { return c }

func (c *riverContestant) took() time.Duration { return c.wall }

// next works all jobs, and is done when the last of them is completed in the
// database.
func (c *riverContestant) next(ask int, _ bool) error {
	if ask != c.Ask {
		return fmt.Errorf("an ask of %d: want one of %d", ask, c.Ask)
	}
	start := time.Now()
	if err := c.client.Start(ctx); err != nil {
		return err
	}
	most := time.NewTimer(time.Minute)
	defer most.Stop()
	for range c.Ask {
		select {
		case <-c.ended:
		case <-most.C:
			return errors.New("the jobs were not worked in a minute")
		}
	}
	c.wall = time.Since(start)
	c.worked += int64(c.Ask)
	return nil
}

func (c *riverContestant) report() (calls, fresh, parked int, err error) {
	c.cancel()
	err = c.client.Stop(ctx)
	c.client = nil
	return c.Ask, 0, 0, err
}

func (c *riverContestant) check() error {
	var n int64
	err := c.pool.QueryRow(ctx, `SELECT COUNT(*) FROM river_job WHERE state = 'completed'`).Scan(&n)
	if err == nil && (n != c.worked || c.ran.Load() != n) {
		err = fmt.Errorf("%d jobs are completed, %d were worked: want %d", n, c.ran.Load(), c.worked)
	}
	c.pool.Close()
	return errors.Join(err, c.copied.drop())
}
