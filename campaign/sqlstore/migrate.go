package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// migrate brings the schema up to date. Processes that do so at the same time
// wait for each other.
func (st *Store) migrate(ctx context.Context) error {
	if err := st.patiently(ctx, func() error { return st.recent(ctx) }); err != nil {
		return err
	}
	if st.dialect == SQLite {
		var mode string
		// Those in memory have no log; the answer tells what it is now.
		err := st.patiently(ctx, func() error { return st.db.QueryRowContext(ctx, `PRAGMA journal_mode = WAL`).Scan(&mode) })
		if err != nil {
			return fmt.Errorf("turn on write-ahead logging: %w", err)
		}
	}
	return st.patiently(ctx, func() error { return st.migrateOnce(ctx) })
}

func (st *Store) migrateOnce(ctx context.Context) error {
	tx, err := st.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	lock := `CREATE TABLE IF NOT EXISTS nextcall_schema (one BIGINT PRIMARY KEY, version BIGINT NOT NULL)`
	if st.dialect == PostgreSQL {
		// The key of the lock is "nextcall" in its bytes.
		if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(7954892334550739052)`); err != nil {
			return err
		}
	}
	version, err := schemaVersion(ctx, tx, st.dialect)
	if err != nil {
		return err
	}
	migrations := st.dialect.migrations()
	if version > len(migrations) {
		return fmt.Errorf("the tables are of version %d, this package knows versions up to %d: use a newer one", version, len(migrations))
	}
	if version == len(migrations) {
		return nil
	}
	words := st.dialect.words()
	if _, err := tx.ExecContext(ctx, lock); err != nil {
		return fmt.Errorf("make the tables: %w", err)
	}
	if st.dialect == SQLite {
		// Now that this transaction is the one that writes, look again.
		if version, err = schemaVersion(ctx, tx, st.dialect); err != nil {
			return err
		}
	}
	for ; version < len(migrations); version++ {
		for _, text := range migrations[version] {
			if _, err := tx.ExecContext(ctx, words.Replace(text)); err != nil {
				return fmt.Errorf("bring the tables from version %d to %d: %w", version, version+1, err)
			}
		}
	}
	_, err = tx.ExecContext(ctx, st.dialect.text(`INSERT INTO nextcall_schema (one, version) VALUES (1, ?1) ON CONFLICT (one) DO UPDATE SET version = excluded.version`), len(migrations))
	if err != nil {
		return err
	}
	return tx.Commit()
}

// schemaVersion is 0 where there are no tables yet.
func schemaVersion(ctx context.Context, tx *sql.Tx, d Dialect) (version int, err error) {
	there := `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'nextcall_schema'`
	if d == PostgreSQL {
		there = `SELECT COUNT(*) FROM pg_class WHERE oid = to_regclass('nextcall_schema')`
	}
	var n int
	if err := tx.QueryRowContext(ctx, there).Scan(&n); err != nil || n == 0 {
		return 0, err
	}
	err = tx.QueryRowContext(ctx, `SELECT version FROM nextcall_schema WHERE one = 1`).Scan(&version)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return version, err
}

// recent refuses databases that are too old.
func (st *Store) recent(ctx context.Context) error {
	if st.dialect == PostgreSQL {
		var text string
		if err := st.db.QueryRowContext(ctx, `SHOW server_version_num`).Scan(&text); err != nil {
			return err
		}
		if n, err := strconv.Atoi(text); err != nil || n < 130000 {
			return fmt.Errorf("the server says version %q: want PostgreSQL 13 or newer", text)
		}
		return nil
	}
	var text string
	if err := st.db.QueryRowContext(ctx, `SELECT sqlite_version()`).Scan(&text); err != nil {
		return err
	}
	parts := append(strings.Split(text, "."), "", "")
	major, _ := strconv.Atoi(parts[0])
	minor, _ := strconv.Atoi(parts[1])
	if major < 3 || major == 3 && minor < 35 {
		return fmt.Errorf("the engine says version %q: want SQLite 3.35 or newer", text)
	}
	return nil
}

// patiently does something again while another process keeps it from the
// database, up to LockWait.
func (st *Store) patiently(ctx context.Context, do func() error) error {
	end := time.NewTimer(st.options.LockWait)
	defer end.Stop()
	for wait := time.Millisecond; ; wait = min(2*wait, 50*time.Millisecond) {
		err := do()
		if err == nil || st.dialect != SQLite || !locked(err) {
			return err
		}
		pause := time.NewTimer(wait)
		select {
		case <-pause.C:
		case <-end.C:
			pause.Stop()
			return fmt.Errorf("another process has kept the database for %v: %w", st.options.LockWait, err)
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		}
	}
}

// locked reports whether SQLite refused because somebody else writes. Drivers
// have error types of their own, so it is known by SQLite's words.
func locked(err error) bool {
	text := err.Error()
	return strings.Contains(text, "database is locked") || strings.Contains(text, "SQLITE_BUSY") || strings.Contains(text, "table is locked")
}
