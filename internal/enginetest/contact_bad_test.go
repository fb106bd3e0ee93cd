package enginetest

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
)

// leavesNothing writes a contact that is too large for any index as it is, finds it
// by all that it has, and deletes it.
func leavesNothing(t *testing.T, st *sqlstore.Store, db *sql.DB) {
	ctx := t.Context()
	long := strings.Repeat("ŁóżkaWięzień", 1000)
	huge := &campaign.Contact{ID: "huge", FirstName: long, LastName: strings.Repeat("Ä b \t", 3000), Company: "a\x00b\x1b[31m %_\\'\"",
		Emails: []string{long + "@example.com", " A@b.example "}, Keys: []string{long, "a\x00b", "a'b", long + "2"}}
	for i := range 300 {
		huge.Phones = append(huge.Phones, blacklist.Number(48_600_000_000+i))
	}
	other := &campaign.Contact{ID: "other", LastName: "Łóżkaw", Phones: []blacklist.Number{48_700_000_000}}
	errs, err := st.Commit(ctx, campaign.Change{Contact: huge, UniqueContact: true}, campaign.Change{Contact: other})
	require.NoError(t, err)
	require.Nil(t, errs)
	owners, err := st.ContactsWith(ctx, append(huge.Unique(), campaign.ContactKey{Kind: campaign.KeyOwn, Value: "not \xff UTF-8"})...)
	require.NoError(t, err)
	for i, ids := range owners[:len(owners)-1] {
		assert.Equal(t, []campaign.ContactID{"huge"}, ids, "key %d", i)
	}
	assert.Empty(t, owners[len(owners)-1])
	got, err := st.Contacts(ctx, "huge")
	require.NoError(t, err)
	assert.Equal(t, huge.FirstName, got[0].FirstName)
	all := linear{"huge": huge, "other": other}
	for _, text := range []string{long, long[:300], "lozkaw", "zkawi", "a b a", "b a b", "a b", "48600000", "600000099", "600000100", strings.Repeat("9", 10_000), "%", "_", "'", "\x00", "\xff\xfe", "a\xffb"} {
		list, err := st.Suggest(ctx, campaign.Typed{Text: text})
		require.NoError(t, err, "%.40q", text)
		assert.Equal(t, told(all.suggest(campaign.Typed{Text: text})), told(list), "%.40q", text)
	}
	errs, err = st.Commit(ctx, campaign.Change{Forget: "huge"}, campaign.Change{Contact: &campaign.Contact{ID: "other"}, Merge: "another"}, campaign.Change{Forget: "other"})
	require.NoError(t, err)
	require.Nil(t, errs)
	for _, table := range []string{"contact", "contact_key", "became", "tail", "word", "suffix"} {
		var n int
		require.NoError(t, db.QueryRow("SELECT COUNT(*) FROM nextcall_"+table).Scan(&n))
		assert.Zero(t, n, table)
	}
}

func TestContactsOfAnySizeAreFoundAndLeaveNothing(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		db := sqliteFile(t, t.TempDir()+"/book.db", "synchronous(OFF)")
		leavesNothing(t, openSQL(t, db, sqlstore.SQLite), db)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		p := newPostgresStores(t)
		st := p.open(t)
		leavesNothing(t, st.(*sqlstore.Store), p.cluster.open(t, p.name[st]))
	})
}
