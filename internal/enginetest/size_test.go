package enginetest

import (
	"database/sql"
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

var sizeRecords = flag.Int("size.records", 4000, "measure the tables of PostgreSQL with this many records; docs/stores.md has them of 200000")

// What a record and a call take in PostgreSQL, indexes included: the estimate of
// docs/stores.md begins here. The bounds are wide: they find a table that grows by
// what it should not keep.
func TestWhatARecordAndACallTakeInPostgreSQL(t *testing.T) {
	c := startPostgres(t, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=4GB", "maintenance_work_mem=256MB")
	db := c.open(t, "postgres")
	st := openSQL(t, db, sqlstore.PostgreSQL)
	dict, err := status.New(status.Status{ID: "no", Title: "Not interested", Qualifier: status.Closed})
	require.NoError(t, err)
	spring, _, err := campaign.Compile(campaign.Config{
		ID: "spring", Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw", Statuses: []status.ID{"no"}, Limits: campaign.Limits{Attempts: 6},
		RecordTypes: []campaign.RecordType{{Name: "client", Fields: []campaign.Field{{Name: "name"}, {Name: "balance", Type: campaign.Int}}}},
	}, dict, nil)
	require.NoError(t, err)
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	queue, err := dialer.New(t.Context(), st, dialer.Static(spring), dialer.Config{Now: func() time.Time { return now }, Holder: "process 1"})
	require.NoError(t, err)

	n := *sizeRecords
	empty := tableSizes(t, db)
	for from := 0; from < n; from += 1000 {
		adding := dialer.Adding{Actor: campaign.Actor{User: "import"}}
		for i := from; i < min(n, from+1000); i++ {
			adding.Records = append(adding.Records, campaign.Record{
				ID: campaign.RecordID(fmt.Sprintf("c%08d", i)), Campaign: "spring", Type: "client", Contact: campaign.ContactID(fmt.Sprintf("p%08d", i)),
				Phones: []campaign.Phone{{Number: blacklist.Number(48_600_000_000 + i), Zones: []string{"Europe/Warsaw"}, Region: "PL"}},
				Fields: campaign.Fields{"name": "Anna Kowalczyk", "balance": int64(i)},
			})
		}
		added, err := queue.Add(t.Context(), adding)
		require.NoError(t, err)
		for _, a := range added {
			require.NoError(t, a.Err)
		}
	}
	_, err = db.Exec("VACUUM ANALYZE")
	require.NoError(t, err)
	added := tableSizes(t, db)
	perRecord := show(t, "record", empty, added, n)

	calls := 0
	for calls < min(n/4, 20_000) {
		next, err := queue.Next(t.Context(), dialer.Ask{Agent: "agent01", Limit: 100, Start: true})
		require.NoError(t, err)
		require.NotEmpty(t, next.Calls)
		now = now.Add(30 * time.Second)
		for i := range next.Calls {
			_, err := queue.Report(t.Context(), next.Calls[i].Ref, campaign.Result{Outcome: campaign.NoAnswer, Ring: 25 * time.Second})
			require.NoError(t, err)
			calls++
		}
	}
	_, err = db.Exec("VACUUM ANALYZE")
	require.NoError(t, err)
	perCall := show(t, "call", added, tableSizes(t, db), calls)
	if n >= 4000 {
		require.Less(t, perRecord, 2000.0, "bytes a record")
		require.Less(t, perCall, 3000.0, "bytes a call")
	}
}

// size is what a table takes.
type size struct{ table, index int64 }

func tableSizes(t *testing.T, db *sql.DB) map[string]size {
	t.Helper()
	rows, err := db.Query(`SELECT relname, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class WHERE relkind = 'r' AND relname LIKE 'nextcall%'`)
	require.NoError(t, err)
	defer rows.Close()
	sizes := make(map[string]size)
	for rows.Next() {
		var name string
		var s size
		require.NoError(t, rows.Scan(&name, &s.table, &s.index))
		sizes[name] = s
	}
	require.NoError(t, rows.Err())
	return sizes
}

// show logs what each table has grown by, and returns the bytes of all of them.
func show(t *testing.T, what string, before, after map[string]size, n int) float64 {
	t.Helper()
	var all size
	for name, s := range after {
		grown := size{s.table - before[name].table, s.index - before[name].index}
		all.table, all.index = all.table+grown.table, all.index+grown.index
		if grown.table+grown.index >= int64(n) {
			t.Logf("%-22s %6.0f B a %s, and %6.0f B of indexes", name, float64(grown.table)/float64(n), what, float64(grown.index)/float64(n))
		}
	}
	t.Logf("%-22s %6.0f B a %s, and %6.0f B of indexes: with %d", "all", float64(all.table)/float64(n), what, float64(all.index)/float64(n), n)
	return float64(all.table+all.index) / float64(n)
}
