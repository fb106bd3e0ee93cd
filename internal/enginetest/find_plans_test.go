package enginetest_test

import (
	"database/sql"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign/sqlstore"
	"github.com/nextcall/nextcall/internal/enginetest"
)

// scans is how SQLite says that it looks through a table. There are few campaigns
// and leases, and Find reads them all.
var scans = regexp.MustCompile(`^SCAN (?:nextcall_)?(?:r|n|w|record|number|wide)\b|nextcall_record_roll`)

// rows: Z3 Z4 Z5 Z6 Z7 Z8 Z9 Z10 Z11 Z12 Z13 Z14
func TestNoNarrowFilterLooksThroughATableOfSQLite(t *testing.T) {
	dsn := "file:" + filepath.Join(t.TempDir(), "f.db") + "?_pragma=busy_timeout(10000)&_pragma=synchronous(OFF)"
	inner, err := sql.Open("sqlite", dsn)
	require.NoError(t, err)
	defer inner.Close()
	watched, db := newRecorder(inner.Driver(), dsn)
	defer db.Close()
	st, err := sqlstore.Open(t.Context(), db, sqlstore.SQLite, sqlstore.Options{})
	require.NoError(t, err)
	defer st.Close()
	enginetest.FillNarrow(t, st, 0, 3000)
	enginetest.LeaseNarrow(t, st)
	for _, f := range enginetest.NarrowFilters() {
		watched.taken()
		watched.record(true)
		enginetest.FindNarrow(t, st, f)
		watched.record(false)
		seen := make(map[string]bool)
		for _, s := range watched.taken() {
			if s.kind != queries || seen[s.text] {
				continue
			}
			seen[s.text] = true
			plan := explained(t, inner, s)
			for _, line := range plan {
				assert.False(t, scans.MatchString(line), "%s looks through a table: %s\n%s", f.Name, s.text, strings.Join(plan, "\n"))
			}
		}
		assert.NotEmpty(t, seen, f.Name)
	}
}

// explained is the plan of a statement.
func explained(t *testing.T, db *sql.DB, s step) (plan []string) {
	rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+s.text, s.args...)
	require.NoError(t, err, s.text)
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var detail string
		require.NoError(t, rows.Scan(&id, &parent, &unused, &detail))
		plan = append(plan, detail)
	}
	require.NoError(t, rows.Err())
	return plan
}
