package enginetest_test

import (
	"database/sql"
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var statementsFlag = flag.Bool("statements", false, "with -bench PostgreSQL: print what the server spends on each statement of the store")

// watching are the settings of a server that counts what statements cost, those
// inside of functions too. That makes them slower.
var watching = []string{"shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track=all", "pg_stat_statements.track_planning=on", "track_io_timing=on"}

// watch begins to count on a database, and returns what prints the dearest
// statements since, for each of so many cycles.
func watch(b *testing.B, db *sql.DB) (tell func(cycles int)) {
	exec := func(text string) {
		_, err := db.ExecContext(ctx, text)
		require.NoError(b, err)
	}
	exec(`CREATE EXTENSION IF NOT EXISTS pg_stat_statements`)
	exec(`SELECT pg_stat_statements_reset()`)
	return func(cycles int) {
		rows, err := db.QueryContext(ctx, `SELECT CASE WHEN toplevel THEN '' ELSE 'in a function' END, calls, total_exec_time + total_plan_time, rows,
			shared_blks_hit + shared_blks_read, wal_bytes, query FROM pg_stat_statements
			WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 3 DESC LIMIT 30`)
		require.NoError(b, err)
		defer rows.Close()
		fmt.Printf("%s: of each of %d cycles\n                           calls        µs      rows    blocks  WAL bytes\n", b.Name(), cycles)
		for rows.Next() {
			var inside, text string
			var calls, millis, read, blocks, wal float64
			require.NoError(b, rows.Scan(&inside, &calls, &millis, &read, &blocks, &wal, &text))
			n := float64(cycles)
			fmt.Printf("%-22s %9.3f %9.1f %9.2f %9.1f %9.0f   %.90s\n", inside, calls/n, 1000*millis/n, read/n, blocks/n, wal/n, strings.Join(strings.Fields(text), " "))
		}
		require.NoError(b, rows.Err())
	}
}
