package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// Options say how a store works. The zero value is right for most.
type Options struct {
	// MaxBatch is how many changes of several callers are joined in one
	// transaction at the most; one caller's are never parted. Defaults to 1,000.
	MaxBatch int
	// LockWait is how long a call waits for another process that writes to the
	// same SQLite file. Defaults to 10 s.
	LockWait time.Duration
}

// Store is a [campaign.Store] on a database. It is safe for concurrent use.
// [Open] makes one.
type Store struct {
	db       *sql.DB
	dialect  Dialect
	engine   engine
	options  Options
	layouts  layouts
	prepared [numStatements]*sql.Stmt
	line     line
	kept     *kept
	mine     *mine // nil with SQLite

	mu    sync.Mutex
	lanes map[lane]bool // that are known to be in the table of lanes
}

// lane is a lane of a class in which a record has been.
type lane struct {
	campaign campaign.ID
	class    string
	lane     int64
}

var (
	_ campaign.Store        = (*Store)(nil)
	_ campaign.HistoryStore = (*Store)(nil)
	_ campaign.ActionStore  = (*Store)(nil)
	_ campaign.ContactStore = (*Store)(nil)
)

// Open returns the store in a database, whose tables it makes or brings up to
// date. Several processes may open one database at the same time. The error says
// so if the database is too old, can only be read, or has tables of a newer
// version of this package.
//
// The database stays the host's to close, after the store; with SQLite Open turns
// on write-ahead logging. How durable a commit is says the connection: SQLite's
// synchronous, which is FULL unless set, and PostgreSQL's synchronous_commit.
func Open(ctx context.Context, db *sql.DB, d Dialect, o Options) (*Store, error) {
	if db == nil {
		return nil, errors.New("sqlstore: the database is nil: open one with sql.Open")
	}
	if d != SQLite && d != PostgreSQL {
		return nil, fmt.Errorf("sqlstore: %v is no dialect: want SQLite or PostgreSQL", d)
	}
	if o.MaxBatch < 0 || o.LockWait < 0 {
		return nil, fmt.Errorf("sqlstore: MaxBatch %d, LockWait %v: want 0 for the default, or more", o.MaxBatch, o.LockWait)
	}
	if o.MaxBatch == 0 {
		o.MaxBatch = 1000
	}
	if o.LockWait == 0 {
		o.LockWait = 10 * time.Second
	}
	st := &Store{db: db, dialect: d, engine: d.engine(), options: o, layouts: newLayouts(), lanes: make(map[lane]bool)}
	if d == PostgreSQL {
		st.mine = newMine()
	}
	if err := st.migrate(ctx); err != nil {
		return nil, fmt.Errorf("sqlstore: open on %v: %w", d, err)
	}
	for i := range st.prepared {
		text := d.statement(statement(i))
		if text == "" {
			continue
		}
		err := st.patiently(ctx, func() (err error) {
			st.prepared[i], err = db.PrepareContext(ctx, text)
			return err
		})
		if err != nil {
			_ = st.Close()
			return nil, fmt.Errorf("sqlstore: prepare on %v: %w: %s", d, err, asMade)
		}
	}
	return st, nil
}

// Close lets go of the prepared statements. The database stays open.
func (st *Store) Close() error {
	var errs []error
	for _, stmt := range st.prepared {
		if stmt != nil {
			errs = append(errs, stmt.Close())
		}
	}
	return errors.Join(errs...)
}
