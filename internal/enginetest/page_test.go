package enginetest

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
	"github.com/nextcall/nextcall/campaign/storetest/faultstore"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

// The code of docs/stores.md: it is shown there as it stands here, and run below.

func openSQLite(ctx context.Context) (*sqlstore.Store, error) {
	db, err := sql.Open("sqlite", "file:calls.db?_pragma=busy_timeout(10000)&_pragma=synchronous(FULL)")
	if err != nil {
		return nil, err
	}
	return sqlstore.Open(ctx, db, sqlstore.SQLite, sqlstore.Options{})
}

func openPostgres(ctx context.Context, url string) (*sql.DB, *sqlstore.Store, error) {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return nil, nil, err
	}
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(16)
	store, err := sqlstore.Open(ctx, db, sqlstore.PostgreSQL, sqlstore.Options{})
	return db, store, err
}

// addWithOrder adds a record and the shop's own row about it: both, or neither.
func addWithOrder(ctx context.Context, db *sql.DB, store *sqlstore.Store, c *campaign.Campaign, r campaign.Record, order string) error {
	change, err := c.Admit(r, campaign.Actor{User: "shop"}, time.Now())
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing once it is committed
	errs, err := store.CommitTx(ctx, tx, change)
	if err := errors.Join(append(errs, err)...); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO orders (id, record) VALUES ($1, $2)`, order, r.ID); err != nil {
		return err
	}
	return tx.Commit()
}

// publish writes a new revision of a campaign, for all processes.
func publish(ctx context.Context, store *sqlstore.Store, cfg campaign.Config) error {
	body, err := json.Marshal(cfg)
	if err != nil {
		return err
	}
	return store.Define(ctx, sqlstore.Definition{
		Kind: sqlstore.CampaignKind, ID: string(cfg.ID), Revision: cfg.Revision, Body: string(body),
	})
}

// stored is the dialer.Loader of a process: the campaigns as they are now.
func stored(store *sqlstore.Store, dict *status.Dictionary) dialer.Loader {
	return func(ctx context.Context) ([]*campaign.Campaign, error) {
		all, err := store.Definitions(ctx, sqlstore.CampaignKind)
		if err != nil {
			return nil, err
		}
		var campaigns []*campaign.Campaign
		for _, d := range all {
			var cfg campaign.Config
			if err := json.Unmarshal([]byte(d.Body), &cfg); err != nil {
				return nil, err
			}
			c, _, err := campaign.Compile(cfg, dict, nil)
			if err != nil {
				return nil, err
			}
			campaigns = append(campaigns, c)
		}
		return campaigns, nil
	}
}

// withFaults is a queue of a test: one in five calls of its store fails before it
// is done or loses its answer, always the same ones.
func withFaults(ctx context.Context, store campaign.Store, load dialer.Loader) (*dialer.Queue, *faultstore.Faults, error) {
	faults := faultstore.New(faultstore.Config{})
	queue, err := dialer.New(ctx, faults.Around(store), load, dialer.Config{})
	faults.Set(faultstore.Config{Seed: 1, Every: 5})
	return queue, faults, err
}

func TestTheCodeOfTheStoresPageRuns(t *testing.T) {
	ctx := t.Context()
	dict, err := status.New(status.Status{ID: "no", Title: "No", Qualifier: status.Closed})
	require.NoError(t, err)
	cfg := campaign.Config{ID: "spring", Revision: 1, Zone: "UTC", CalleeZone: "UTC", Statuses: []status.ID{"no"}, Limits: campaign.Limits{Attempts: 3}}

	t.Chdir(t.TempDir())
	embedded, err := openSQLite(ctx)
	require.NoError(t, err)
	require.NoError(t, publish(ctx, embedded, cfg))
	require.NoError(t, embedded.Close())

	server := startPostgres(t, "fsync=off")
	db, store, err := openPostgres(ctx, server.URL("postgres"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = errors.Join(store.Close(), db.Close()) })
	_, err = db.Exec(`CREATE TABLE orders (id TEXT PRIMARY KEY, record TEXT)`)
	require.NoError(t, err)

	// Another process publishes a revision: this one takes it up with the next ask.
	require.NoError(t, publish(ctx, store, cfg))
	queue, err := dialer.New(ctx, store, stored(store, dict), dialer.Config{})
	require.NoError(t, err)
	cfg.Revision, cfg.Name = 2, "Spring, second edition"
	require.NoError(t, publish(ctx, store, cfg))
	require.ErrorIs(t, publish(ctx, store, campaign.Config{ID: "spring", Revision: 1}), campaign.ErrConflict)
	_, err = queue.Next(ctx, dialer.Ask{Agent: "ann"})
	require.NoError(t, err)
	c, err := queue.Campaign("spring")
	require.NoError(t, err)
	assert.Equal(t, "Spring, second edition", c.Config().Name)

	// The record and the order: both, or neither.
	record := campaign.Record{ID: "eva", Campaign: "spring", Phones: []campaign.Phone{{Number: 48600100200}}}
	require.NoError(t, addWithOrder(ctx, db, store, c, record, "17"))
	record.ID = "tom"
	require.Error(t, addWithOrder(ctx, db, store, c, record, "17"), "the order exists")
	record.ID = "eva"
	var twice *campaign.DuplicateError
	require.ErrorAs(t, addWithOrder(ctx, db, store, c, record, "18"), &twice)
	counts, err := store.Count(ctx, campaign.Filter{}, campaign.ByNothing)
	require.NoError(t, err)
	assert.Equal(t, 1, counts[""])
	var orders int
	require.NoError(t, db.QueryRow(`SELECT COUNT(*) FROM orders`).Scan(&orders))
	assert.Equal(t, 1, orders)

	faulty, faults, err := withFaults(ctx, store, stored(store, dict))
	require.NoError(t, err)
	failed := 0
	for range 20 {
		if _, err := faulty.Next(ctx, dialer.Ask{Agent: "ann"}); err != nil {
			failed++
		}
	}
	assert.Positive(t, failed)
	assert.NotEmpty(t, faults.Hits())
}

// Each block of Go on the page is a part of this file, or of the example's test.
func TestTheStoresPageShowsCodeThatRuns(t *testing.T) {
	page, err := os.ReadFile("../../docs/stores.md")
	require.NoError(t, err)
	var code string
	for _, name := range []string{"page_test.go", "../../examples/ownstore/ownstore_test.go"} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		code += string(text)
	}
	blocks := regexp.MustCompile("(?ms)^```go\n(.*?)^```$").FindAllStringSubmatch(string(page), -1)
	assert.GreaterOrEqual(t, len(blocks), 5)
	for _, b := range blocks {
		assert.True(t, strings.Contains(code, b[1]), "docs/stores.md shows code that no test runs:\n%s", b[1])
	}
}
