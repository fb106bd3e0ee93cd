package enginetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
)

// MostOfSuggest is how many rows a statement of Suggest looks at: those before it is
// done in another way.
const MostOfSuggest = 1100

// Book writes contacts to a store, half of which have one name, and does with them
// what a store of contacts can do.
type Book struct {
	t  *testing.T
	st *sqlstore.Store
	*people
	n int // contacts that have been done something with
}

func NewBook(t *testing.T, st *sqlstore.Store) *Book { return &Book{t, st, newPeople(), 0} }

func (b *Book) person(i int) *campaign.Contact {
	c := b.contact(i)
	if i%2 == 0 {
		c.FirstName, c.LastName, c.Company = "Jan", "Kowalski", ""
	}
	c.Phones = []blacklist.Number{blacklist.Number(48_600_000_000 + i)}
	return c
}

func (b *Book) commit(changes ...campaign.Change) {
	b.t.Helper()
	errs, err := b.st.Commit(b.t.Context(), changes...)
	require.NoError(b.t, err)
	require.Nil(b.t, errs)
}

// Fill writes contacts. From is the number of the first; what is done from then on
// is done with some of them.
func (b *Book) Fill(from, count int) {
	for i := 0; i < count; i += 1000 {
		var changes []campaign.Change
		for j := i; j < min(i+1000, count); j++ {
			changes = append(changes, campaign.Change{Contact: b.person(from + j), UniqueContact: true})
		}
		b.commit(changes...)
	}
	b.n = from
}

// Deeds are what is done.
func (b *Book) Deeds() map[string]func() {
	deeds := map[string]func(){
		"write":  func() { b.commit(campaign.Change{Contact: b.person(90_000 + b.n), UniqueContact: true}) },
		"change": func() { c := b.person(b.n); c.LastName = "Mikołajewicz"; b.commit(campaign.Change{Contact: c}) },
		"merge": func() {
			c := b.person(b.n + 300)
			b.commit(campaign.Change{Ref: campaign.Ref{Campaign: "one"}, Call: &campaign.Call{Token: campaign.Token(b.n), Campaign: "one", Contact: c.ID}},
				campaign.Change{Contact: b.person(b.n + 600), Merge: c.ID})
		},
		"forget": func() { b.commit(campaign.Change{Forget: b.person(b.n + 900).ID}) },
		"add": func() {
			r := &campaign.Record{ID: campaign.RecordID(fmt.Sprint("r", b.n)), Campaign: "one", Contact: b.person(b.n + 1200).ID}
			b.commit(campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: r.ID}, Add: true, Record: r})
		},
		"read": func() {
			_, err := b.st.Contacts(b.t.Context(), b.person(9).ID, b.person(1).ID, "nobody")
			require.NoError(b.t, err)
		},
		"keys": func() {
			_, err := b.st.ContactsWith(b.t.Context(), b.person(9).Unique()...)
			require.NoError(b.t, err)
		},
	}
	for _, text := range []string{"k", "kow", "jan kowalski", "jan k", "an kow", "n k", "owalsk", "a", "ka", "ki", "q", "600", "0600", "48600", "nobody", "ski ja"} {
		deeds["suggest "+text] = func() {
			for _, limit := range []int{0, 100} {
				_, err := b.st.Suggest(b.t.Context(), campaign.Typed{Text: text, Limit: limit})
				require.NoError(b.t, err)
			}
		}
	}
	for name, do := range deeds {
		deeds[name] = func() { b.n++; do() }
	}
	return deeds
}

// What a contact needs is found by an index, and Suggest looks at no more than it
// says, however many contacts begin with what was typed or contain it. Every plan
// is made while the tables are empty.
func TestNoStatementAboutContactsOfPostgreSQLLooksThroughATable(t *testing.T) {
	db, seen := explaining(t)
	b := NewBook(t, openSQL(t, db, sqlstore.PostgreSQL))
	// Once while the tables are empty, so that the plans are those of empty tables.
	_, err := db.Exec("VACUUM ANALYZE")
	require.NoError(t, err)
	b.n = 40_000 // they are not among those that are filled in
	for _, do := range b.Deeds() {
		do()
	}
	b.Fill(0, 12_000)
	_, err = db.Exec("SET auto_explain.log_min_duration = 0")
	require.NoError(t, err)
	for name, do := range b.Deeds() {
		seen.take()
		do()
		list := seen.take()
		require.NotEmpty(t, list, name)
		for _, plan := range list {
			if strings.HasPrefix(name, "suggest") {
				cheapTo(t, name, plan, MostOfSuggest)
			} else {
				cheap(t, name, plan)
			}
		}
	}
}
