package enginetest

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// untold are the records that a filter would not find: by the parts of a record that
// a trait tells of, if nothing else does. What is usual has no trait. One that is
// noted and is no longer so is no fault, see docs/decisions/finding-records.md.
const untold = `SELECT r.campaign || ' ' || r.id || ' ' || t.kind || ' ' || t.value FROM nextcall_record r CROSS JOIN LATERAL (VALUES
		(1, r.status),
		(2, CASE WHEN r.qualifier IN (0, 1, 2, 8, 18) THEN '' ELSE r.qualifier::text END),
		(3, r.owner),
		(4, r.agent),
		(5, CASE WHEN r.author = 'engine' THEN '' ELSE r.author END),
		(6, r.operation),
		(7, CASE WHEN r.called > -62135596800000000 AND NOT EXISTS (SELECT 1 FROM nextcall_call c WHERE c.campaign = r.campaign AND c.record = r.id
			AND c.ended >= r.called AND c.ended < r.called + 3600000000) THEN nextcall_day(r.called) ELSE '' END),
		(8, CASE WHEN r.due > -62135596800000000 AND (r.standing <> 1 OR r.class = '' OR r.lane NOT BETWEEN 1 AND 6) THEN 'x' ELSE '' END)
	) t(kind, value) WHERE t.value <> ''
	AND NOT EXISTS (SELECT 1 FROM nextcall_trait f WHERE f.campaign = r.campaign AND f.kind = t.kind AND f.value = t.value AND f.record = r.id)`

// allIsNoted says that no path on which records were written has forgotten to note
// what they have become.
func allIsNoted(t testing.TB, db *sql.DB) {
	t.Helper()
	rows, err := db.Query(untold)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var what string
		require.NoError(t, rows.Scan(&what))
		assert.Fail(t, "not noted: "+what)
	}
	require.NoError(t, rows.Err())
}

// notedAtEnd says so when a test has ended.
func notedAtEnd(t testing.TB, db *sql.DB) {
	t.Cleanup(func() { allIsNoted(t, db) })
}
