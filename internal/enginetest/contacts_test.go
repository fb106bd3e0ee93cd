package enginetest

import (
	"testing"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/contacts"
	"github.com/nextcall/nextcall/contacts/contactstest"
)

// rows: N1–N17
func TestContactsAndCasesOnSQLite(t *testing.T) {
	s := sqliteStores{dir: t.TempDir(), path: make(map[campaign.Store]string), pragmas: []string{"synchronous(OFF)"}}
	contactstest.Run(t, func(t testing.TB) contacts.Store { return s.open(t).(contacts.Store) })
}

// rows: N1–N17
func TestContactsAndCasesOnPostgreSQL(t *testing.T) {
	p := newPostgresStores(t)
	contactstest.Run(t, func(t testing.TB) contacts.Store { return p.inSchema(t).(contacts.Store) })
}
