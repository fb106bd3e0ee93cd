package enginetest_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign/sqlstore"
	"github.com/nextcall/nextcall/internal/enginetest"
)

func TestNoStatementAboutContactsOfSQLiteLooksThroughATable(t *testing.T) {
	dsn := "file:" + filepath.Join(t.TempDir(), "book.db") + "?_pragma=busy_timeout(10000)&_pragma=synchronous(OFF)"
	inner, err := sql.Open("sqlite", dsn)
	require.NoError(t, err)
	defer inner.Close()
	watched, db := newRecorder(inner.Driver(), dsn)
	defer db.Close()
	st, err := sqlstore.Open(t.Context(), db, sqlstore.SQLite, sqlstore.Options{})
	require.NoError(t, err)
	defer st.Close()
	b := enginetest.NewBook(t, st)
	b.Fill(0, 6000)
	seen := make(map[string]bool)
	for name, do := range b.Deeds() {
		watched.taken()
		watched.record(true)
		do()
		watched.record(false)
		for _, s := range watched.taken() {
			assert.LessOrEqual(t, s.rows, enginetest.MostOfSuggest, "%s: %s", name, s.text)
			if s.kind != queries && s.kind != executes || seen[s.text] {
				continue
			}
			seen[s.text] = true
			for _, line := range explained(t, inner, s) {
				// The words are met in their order, from one on, until there are enough.
				found := strings.HasPrefix(line, "SCAN nextcall_") || strings.HasPrefix(line, "SCAN t")
				assert.False(t, found, "%s looks through a table: %s\n%s", name, line, s.text)
				assert.NotContains(t, line, "TEMP B-TREE FOR ORDER BY", "%s sorts: %s", name, s.text)
			}
		}
	}
	assert.Greater(t, len(seen), 20)
}
