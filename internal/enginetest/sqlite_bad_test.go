package enginetest

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
)

func adding(id string) campaign.Change {
	r := &campaign.Record{ID: campaign.RecordID(id), Campaign: "one", Phones: []campaign.Phone{{Number: 48_600_000_001}}}
	return campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: r.ID}, Add: true, Record: r}
}

func TestAReadOnlyDatabaseSaysSo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "read.db")
	st := openSQL(t, sqliteFile(t, path), sqlstore.SQLite)
	errs, err := st.Commit(t.Context(), adding("a"))
	require.NoError(t, err)
	require.Nil(t, errs)
	reader := openSQL(t, sqliteFile(t, path, "query_only(1)"), sqlstore.SQLite)
	_, err = reader.Commit(t.Context(), adding("b"))
	assert.ErrorContains(t, err, "readonly")
	n, err := reader.Count(t.Context(), campaign.Filter{}, campaign.ByNothing)
	require.NoError(t, err)
	assert.Equal(t, 1, n[""], "what is there can be read")
}

func TestAFileThatIsOpenedToReadSaysSo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ro.db")
	write(t, openSQL(t, sqliteFile(t, path), sqlstore.SQLite), adding("a"))
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	require.NoError(t, err)
	defer db.Close()
	st := openSQL(t, db, sqlstore.SQLite)
	_, err = st.Commit(t.Context(), adding("b"))
	assert.ErrorContains(t, err, "readonly")
	assert.Equal(t, 1, has(t, st), "what is there can be read")
	missing, err := sql.Open("sqlite", "file:"+path+".none?mode=ro")
	require.NoError(t, err)
	defer missing.Close()
	_, err = sqlstore.Open(t.Context(), missing, sqlstore.SQLite, sqlstore.Options{})
	assert.ErrorContains(t, err, "unable to open database file")
}

// What was committed before the disk was full is there, what was not is not, and
// work goes on when there is room again.
func TestAFullFileSaysSo(t *testing.T) {
	db := sqliteFile(t, filepath.Join(t.TempDir(), "full.db"))
	db.SetMaxOpenConns(1)
	st := openSQL(t, db, sqlstore.SQLite)
	var pages int
	require.NoError(t, db.QueryRow(`PRAGMA page_count`).Scan(&pages))
	var limit int
	require.NoError(t, db.QueryRow(fmt.Sprintf(`PRAGMA max_page_count = %d`, pages+5)).Scan(&limit))
	var err error
	n := 0
	for ; n < 1000 && err == nil; n++ {
		_, err = st.Commit(t.Context(), adding(fmt.Sprint(n)))
	}
	require.ErrorContains(t, err, "database or disk is full")
	n--
	require.Positive(t, n)
	assert.Equal(t, n, has(t, st))
	assert.Zero(t, db.Stats().InUse)
	require.NoError(t, db.QueryRow(`PRAGMA max_page_count = 100000`).Scan(&limit))
	write(t, st, adding("more"))
	assert.Equal(t, n+1, has(t, st))
	var sound string
	require.NoError(t, db.QueryRow(`PRAGMA integrity_check`).Scan(&sound))
	assert.Equal(t, "ok", sound)
}

func TestADatabaseThatAnotherKeepsSaysSo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kept.db")
	other, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate")
	require.NoError(t, err)
	defer other.Close()
	openSQL(t, other, sqlstore.SQLite)
	db, err := sql.Open("sqlite", "file:"+path)
	require.NoError(t, err)
	defer db.Close()
	st, err := sqlstore.Open(t.Context(), db, sqlstore.SQLite, sqlstore.Options{LockWait: 20 * time.Millisecond})
	require.NoError(t, err)
	defer st.Close()
	tx, err := other.Begin()
	require.NoError(t, err)
	_, err = st.Commit(t.Context(), adding("a"))
	assert.ErrorContains(t, err, "another process has kept the database for 20ms")
	assert.Equal(t, 0, has(t, st), "who only reads does not wait")
	require.NoError(t, tx.Rollback())
	write(t, st, adding("a"))
	assert.Zero(t, db.Stats().InUse)
}

func TestWhatIsNoDatabaseIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "text.db")
	require.NoError(t, os.WriteFile(path, make([]byte, 8192), 0o600))
	require.NoError(t, os.WriteFile(path, []byte("this is a letter, and no database at all; it is long enough to be one, though: really, it is"), 0o600))
	_, err := sqlstore.Open(t.Context(), sqliteFile(t, path), sqlstore.SQLite, sqlstore.Options{})
	assert.ErrorContains(t, err, "not a database")
	_, err = sqlstore.Open(t.Context(), nil, sqlstore.SQLite, sqlstore.Options{})
	assert.ErrorContains(t, err, "sql.Open")
	_, err = sqlstore.Open(t.Context(), sqliteFile(t, ":memory:"), 0, sqlstore.Options{})
	assert.ErrorContains(t, err, "want SQLite or PostgreSQL")
}

func TestAClosedDatabaseIsAnError(t *testing.T) {
	db := sqliteFile(t, filepath.Join(t.TempDir(), "closed.db"))
	st := openSQL(t, db, sqlstore.SQLite)
	require.NoError(t, db.Close())
	_, err := st.Commit(t.Context(), adding("a"))
	assert.ErrorContains(t, err, "closed")
	assert.ErrorContains(t, st.Look(t.Context(), campaign.Need{}, new(campaign.Looked), campaign.Ref{}), "closed")
	_, err = st.Check(t.Context(), blacklist.Query{})
	assert.ErrorContains(t, err, "closed")
}

// A pool of one connection serves everybody, also one who writes while he reads
// what Find brings, and nothing is left behind.
func TestAPoolOfOneIsEnough(t *testing.T) {
	before := goleak.IgnoreCurrent()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "one.db"))
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	st, err := sqlstore.Open(t.Context(), db, sqlstore.SQLite, sqlstore.Options{})
	require.NoError(t, err)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 20 {
				ctx, cancel := context.WithCancel(context.Background())
				if j%5 == 4 {
					cancel() // some give up
				}
				ch := adding(string(rune('a'+i)) + string(rune('a'+j)))
				_, err := st.Commit(ctx, ch)
				if j%5 == 4 {
					assert.ErrorIs(t, err, context.Canceled)
				} else {
					assert.NoError(t, err)
				}
				_, err = st.Count(context.Background(), campaign.Filter{}, campaign.ByNothing)
				assert.NoError(t, err)
				cancel()
			}
		})
	}
	all.Wait()
	n := 0
	for f, err := range st.Find(t.Context(), campaign.Filter{}, campaign.Need{}) {
		require.NoError(t, err)
		f.Record.List = "seen"
		errs, err := st.Commit(t.Context(), campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: f.Record.ID}, Record: &f.Record})
		require.NoError(t, err)
		require.Nil(t, errs)
		n++
	}
	assert.Equal(t, 8*16, n)
	assert.Zero(t, db.Stats().InUse)
	require.NoError(t, st.Close())
	require.NoError(t, db.Close())
	goleak.VerifyNone(t, before)
}

func TestManyOpenOneFileAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "many.db")
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			db, err := sql.Open("sqlite", "file:"+path) // none waits by itself
			if !assert.NoError(t, err) {
				return
			}
			defer db.Close()
			st, err := sqlstore.Open(context.Background(), db, sqlstore.SQLite, sqlstore.Options{})
			if !assert.NoError(t, err) {
				return
			}
			defer st.Close()
			for j := range 10 {
				_, err := st.Commit(context.Background(), adding(string(rune('a'+i))+string(rune('a'+j))))
				assert.NoError(t, err)
			}
		})
	}
	all.Wait()
	st := openSQL(t, sqliteFile(t, path), sqlstore.SQLite)
	n, err := st.Count(t.Context(), campaign.Filter{}, campaign.ByNothing)
	require.NoError(t, err)
	assert.Equal(t, 60, n[""])
}

func TestTheHostsTransactionIsOne(t *testing.T) {
	db := sqliteFile(t, filepath.Join(t.TempDir(), "tx.db"))
	st := openSQL(t, db, sqlstore.SQLite)
	_, err := db.Exec(`CREATE TABLE orders (id TEXT)`)
	require.NoError(t, err)
	for _, commits := range []bool{false, true} {
		tx, err := db.Begin()
		require.NoError(t, err)
		ch := adding("a")
		ch.Lease = &campaign.Lease{Holder: "h", Until: callNoon}
		errs, err := st.CommitTx(t.Context(), tx, ch, adding("a"))
		require.NoError(t, err)
		require.Len(t, errs, 2)
		assert.NoError(t, errs[0])
		var duplicate *campaign.DuplicateError
		assert.ErrorAs(t, errs[1], &duplicate)
		assert.EqualValues(t, 1, ch.Lease.Token)
		_, err = tx.Exec(`INSERT INTO orders VALUES ('o')`)
		require.NoError(t, err)
		want := 0
		if commits {
			require.NoError(t, tx.Commit())
			want = 1
		} else {
			require.NoError(t, tx.Rollback())
		}
		n, err := st.Count(t.Context(), campaign.Filter{}, campaign.ByNothing)
		require.NoError(t, err)
		assert.Equal(t, want, n[""])
		var orders int
		require.NoError(t, db.QueryRow(`SELECT COUNT(*) FROM orders`).Scan(&orders))
		assert.Equal(t, want, orders)
	}
}
