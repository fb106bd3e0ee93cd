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

// mostOfSuggest is how many rows a statement of Suggest looks at: what is looked at
// before it is done in another way.
const mostOfSuggest = 1100

// What a contact needs is found by an index, and Suggest looks at no more than it
// says, however many contacts begin with what was typed or contain it. Every plan
// is made while the tables are empty.
func TestNoStatementAboutContactsOfPostgreSQLLooksThroughATable(t *testing.T) {
	const contacts = 12_000
	db, seen := explaining(t)
	st := openSQL(t, db, sqlstore.PostgreSQL)
	p := newPeople()
	person := func(i int) *campaign.Contact {
		c := p.contact(i)
		if i%2 == 0 {
			c.FirstName, c.LastName, c.Company = "Jan", "Kowalski", "" // thousands have one name
		}
		c.Phones = []blacklist.Number{blacklist.Number(48_600_000_000 + i)}
		return c
	}
	commit := func(changes ...campaign.Change) {
		errs, err := st.Commit(t.Context(), changes...)
		require.NoError(t, err)
		require.Nil(t, errs)
	}
	fill := func(from, to int) {
		var changes []campaign.Change
		for i := from; i < to; i++ {
			changes = append(changes, campaign.Change{Contact: person(i), UniqueContact: true})
		}
		commit(changes...)
	}
	n := 40_000 // those of the first time are not among those that are filled in
	deeds := map[string]func(){
		"write":  func() { n++; c := person(90_000 + n); commit(campaign.Change{Contact: c, UniqueContact: true}) },
		"change": func() { n++; c := person(n); c.LastName = "Mikołajewicz"; commit(campaign.Change{Contact: c}) },
		"merge": func() {
			n++
			c := person(5000 + n)
			commit(campaign.Change{Ref: campaign.Ref{Campaign: "one"}, Call: &campaign.Call{Token: campaign.Token(n), Campaign: "one", Contact: c.ID}},
				campaign.Change{Contact: person(6000 + n), Merge: c.ID})
		},
		"forget": func() { n++; commit(campaign.Change{Forget: person(7000 + n).ID}) },
		"add": func() {
			n++
			r := &campaign.Record{ID: campaign.RecordID(fmt.Sprint("r", n)), Campaign: "one", Contact: person(8000 + n).ID}
			commit(campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: r.ID}, Add: true, Record: r})
		},
		"read": func() {
			_, err := st.Contacts(t.Context(), person(9).ID, person(1).ID, "nobody")
			require.NoError(t, err)
		},
		"keys": func() {
			_, err := st.ContactsWith(t.Context(), person(9).Unique()...)
			require.NoError(t, err)
		},
	}
	for _, text := range []string{"k", "kow", "jan kowalski", "jan k", "an kow", "n k", "owalsk", "a", "ka", "ki", "q", "600", "0600", "48600", "nobody", "ski ja"} {
		deeds["suggest "+text] = func() {
			for _, limit := range []int{0, 100} {
				_, err := st.Suggest(t.Context(), campaign.Typed{Text: text, Limit: limit})
				require.NoError(t, err)
			}
		}
	}
	// Once while the tables are empty, so that the plans are those of empty tables.
	_, err := db.Exec("VACUUM ANALYZE")
	require.NoError(t, err)
	for _, do := range deeds {
		do()
	}
	n = 0
	for i := 0; i < contacts; i += 1000 {
		fill(i, i+1000)
	}
	_, err = db.Exec("SET auto_explain.log_min_duration = 0")
	require.NoError(t, err)
	for name, do := range deeds {
		seen.take()
		do()
		list := seen.take()
		require.NotEmpty(t, list, name)
		for _, plan := range list {
			if strings.HasPrefix(name, "suggest") {
				cheapTo(t, name, plan, mostOfSuggest)
			} else {
				cheap(t, name, plan)
			}
		}
	}
}
