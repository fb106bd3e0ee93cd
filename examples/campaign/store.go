package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"net/url"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"
	_ "modernc.org/sqlite"             // registers the driver "sqlite"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/dialer/sim"
)

// errStore says what -store takes.
var errStore = errors.New("want sqlite:PATH or postgres:URL, such as sqlite:calls.db or postgres://user@localhost/calls")

// database is what -store names: a driver, its name for the database, and the dialect.
type database struct {
	driver, name string
	dialect      sqlstore.Dialect
}

func parseStore(text string) (*database, error) {
	kind, rest, _ := strings.Cut(text, ":")
	switch {
	case rest == "":
		return nil, fmt.Errorf("%q: %w", text, errStore)
	case kind == "sqlite":
		// A commit waits for the disk: what was reported outlives a power cut.
		path := &url.URL{Path: rest}
		return &database{"sqlite", "file:" + path.EscapedPath() + "?_pragma=busy_timeout(10000)&_pragma=synchronous(FULL)", sqlstore.SQLite}, nil
	case kind == "postgres" || kind == "postgresql":
		name := rest
		if strings.HasPrefix(rest, "//") {
			name = text
		}
		return &database{"pgx", name, sqlstore.PostgreSQL}, nil
	}
	return nil, fmt.Errorf("%q: %w", text, errStore)
}

// durable is a store that outlives the program.
type durable struct {
	*sqlstore.Store
	db *sql.DB
}

func (d *database) open(ctx context.Context) (*durable, error) {
	db, err := sql.Open(d.driver, d.name)
	if err != nil {
		return nil, err
	}
	store, err := sqlstore.Open(ctx, db, d.dialect, sqlstore.Options{})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &durable{store, db}, nil
}

func (d *durable) Close() error { return errors.Join(d.Store.Close(), d.db.Close()) }

// define writes what the database holds from now on: the campaign, and what it was
// begun with. With something else in it, it is another campaign's database.
func (d *durable) define(ctx context.Context, c *campaign.Campaign, s *source, o *options) error {
	configuration, err := json.Marshal(c.Config())
	if err != nil {
		return err
	}
	records := fnv.New64a()
	if err := json.NewEncoder(records).Encode(s.records); err != nil {
		return err
	}
	begun := fmt.Sprintf("%s, seed %d, zone %s, %d agents, records %x", s.name, o.seed, s.zone, o.agents, records.Sum64())
	for _, def := range []sqlstore.Definition{
		{Kind: "simulation", ID: string(campaignID), Revision: 1, Body: begun},
		{Kind: sqlstore.CampaignKind, ID: string(campaignID), Revision: c.Config().Revision, Body: string(configuration)},
	} {
		err := d.Define(ctx, def)
		if errors.Is(err, campaign.ErrConflict) {
			return fmt.Errorf("the database was begun otherwise (%s): want the same -contacts, -map, -prefix, -zone, -seed and -agents, or another database: %w",
				d.begun(ctx), err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// begun is what the database was begun with, for messages.
func (d *durable) begun(ctx context.Context) string {
	def, err := d.Definition(ctx, "simulation", string(campaignID), 0)
	if err != nil {
		return "by another program"
	}
	return def.Body
}

// reached is the simulated time that was reached: the latest thing that is written
// down. There is no clock beside it that could disagree.
func reached(ctx context.Context, store campaign.Store, start time.Time) (time.Time, error) {
	now := start
	for f, err := range store.Find(ctx, campaign.Filter{}, campaign.Need{NoCalls: true}) {
		if err != nil {
			return now, err
		}
		for _, t := range []time.Time{f.Record.Updated, f.Lease.At, f.Lease.Dialed, f.Lease.Answered} {
			if t.After(now) {
				now = t
			}
		}
	}
	return now, nil
}

// goOn makes a simulation one on this store: it adds the good records, if an earlier
// run has not, and sets the clock to where that one was stopped.
func (d *durable) goOn(ctx context.Context, cfg *sim.Config, c *campaign.Campaign, s *source, o *options, good []campaign.Record, before []blacklist.Entry) error {
	if err := d.define(ctx, c, s, o); err != nil {
		return err
	}
	queue, err := dialer.New(ctx, d.Store, dialer.Static(c), dialer.Config{Now: cfg.Clock.Now, Holder: "example"})
	if err != nil {
		return err
	}
	cfg.Queue, cfg.Store, cfg.Began = queue, d.Store, cfg.Clock.Now()
	there, err := d.Count(ctx, campaign.Filter{}, campaign.ByNothing)
	if err != nil {
		return err
	}
	if there[""] < len(good) {
		// No call was made before all of them were there.
		return add(ctx, queue, good, before)
	}
	now, err := reached(ctx, d.Store, cfg.Began)
	cfg.Clock.Set(now)
	return err
}

// add adds records that are known to be good, some of which may be there: a run
// that was stopped while it added them.
func add(ctx context.Context, queue *dialer.Queue, good []campaign.Record, before []blacklist.Entry) error {
	if len(before) > 0 {
		if err := queue.List(ctx, before...); err != nil {
			return err
		}
	}
	added, err := queue.Add(ctx, dialer.Adding{Actor: campaign.Actor{User: "import"}, Records: good})
	if err != nil {
		return err
	}
	for i, a := range added {
		var twice *campaign.DuplicateError
		if a.Err != nil && !(errors.As(a.Err, &twice) && twice.Existing.Record == good[i].ID) {
			return fmt.Errorf("record %s: %w", good[i].ID, a.Err)
		}
	}
	return nil
}
