package enginetest

import (
	"testing"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/transfer/transfertest"
)

// rows: Z1, Z2, Z18–Z28, P1–P20
// invariant: 22
func TestBulkChangesOnSQLite(t *testing.T) {
	s := sqliteStores{dir: t.TempDir(), path: make(map[campaign.Store]string), pragmas: []string{"synchronous(OFF)"}}
	transfertest.Run(t, s.open)
}

// rows: Z1, Z2, Z18–Z28, P1–P20
// invariant: 22
func TestBulkChangesOnPostgreSQL(t *testing.T) {
	transfertest.Run(t, newPostgresStores(t).inSchema)
}
