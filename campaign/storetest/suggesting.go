package storetest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// suggested asks for suggestions, and tells them as "fit text id".
func suggested(t *trial, st campaign.Store, typed campaign.Typed) []string {
	t.Helper()
	t.did("Suggest %.40q, at most %d", typed.Text, typed.Limit)
	found, err := book(t, st).Suggest(t.ctx, typed)
	require.NoError(t, err)
	return toldOf(t, found)
}

func toldOf(t *trial, found []campaign.Suggestion) (list []string) {
	t.Helper()
	for _, s := range found {
		require.NotNil(t, s.Contact, "the contact that is suggested")
		list = append(list, fmt.Sprintf("%d %s %s", s.Fit, s.Text, s.Contact.ID))
	}
	return list
}

// matching is what the contacts of a store that match are, by Typed.Match alone.
func matching(t *trial, typed campaign.Typed, contacts []*campaign.Contact) []string {
	t.Helper()
	var found []campaign.Suggestion
	for _, c := range contacts {
		if s, ok := typed.Match(c); ok {
			found = append(found, s)
		}
	}
	slices.SortFunc(found, campaign.Suggestion.Compare)
	return toldOf(t, found[:min(len(found), typed.Most())])
}

// suggesting is what is found while somebody types.
var suggesting = part{"Suggest", []clause{
	{
		// rows: N9, N12, N13
		Name:  "SuggestionsAreWhatMatchesTheBestFirst",
		Rule:  "Suggest returns the contacts that match what was typed, as Typed.Match says, the best first, each once, from the first character on, with its data as they are.",
		Needs: contacts,
		holds: func(t *trial) {
			st := t.open()
			given := []*campaign.Contact{
				{ID: "1", FirstName: "Łukasz", LastName: "Jan-Kowalski", Phones: []blacklist.Number{48600123456, 390612345678}},
				{ID: "2", FirstName: "Jan", LastName: "Kowal", Company: "Kowal i Synowie Sp. z o.o."},
				{ID: "3", FirstName: "Jan", LastName: "Kowal", Phones: []blacklist.Number{48600123456, 4860012345}},
				{ID: "4", Company: "JAN"},
				{ID: "5", FirstName: "Marian", LastName: "Groß", Company: "Janosik & Jan"},
				{ID: "6", FirstName: "Žaneta Maria Anna", LastName: "O’Brien"},
				{ID: "7", Company: "48 600 Wings", Phones: []blacklist.Number{12125550100}},
				{ID: "8", FirstName: strings.Repeat("Ż ", 5000), LastName: strings.Repeat("Kow", 5000)},
				{ID: "9"},
			}
			write(t, st, given...)
			for _, text := range []string{
				"j", "J", "jan", "JAN kow", "an kow", "an", "owa", "ł", "gross", "GROẞ", "ß", "s", "z o", "o.o.", "maria an", "ria", "n maria", "zaneta maria anna o'brien",
				"6", "48", "+48", "0048 600", "0600", "06", "600-123-456", "48600123456", "4860012345", "48 600", "2125550100", "1", "0", "+", "00",
				"", " ", "?!", "x", "jan x", "kow kow", "'", "o'b", strings.Repeat("ż ", 5000), strings.Repeat("kow", 100), "\x00", "\xff", "żz", "z z",
			} {
				for _, limit := range []int{0, 1, 2, 3} {
					typed := campaign.Typed{Text: text, Limit: limit}
					assert.Equal(t, matching(t, typed, given), suggested(t, st, typed), "%.40q", text)
				}
			}
			found, err := book(t, st).Suggest(t.ctx, campaign.Typed{Text: "łukasz"})
			require.NoError(t, err)
			require.Len(t, found, 1)
			want := *given[0]
			want.Version = 1
			assert.Equal(t, want, *found[0].Contact)
		},
	},
	{
		Name:  "SuggestionsFollowWhatIsWritten",
		Rule:  "What a Commit wrote of contacts is seen by the Suggest after it: a new name and no longer the old one, one of a contact that was merged or deleted never.",
		Needs: contacts,
		holds: func(t *trial) {
			st := t.open()
			anna := campaign.Typed{Text: "anna"}
			assert.Empty(t, suggested(t, st, anna))
			write(t, st, &campaign.Contact{ID: "a", FirstName: "Anna", Phones: []blacklist.Number{shared}}, &campaign.Contact{ID: "b", LastName: "Annabel"}, &campaign.Contact{ID: "c", Company: "Anna"})
			assert.Equal(t, []string{"0 anna a", "0 anna c", "1 annabel b"}, suggested(t, st, anna))
			write(t, st, &campaign.Contact{ID: "a", FirstName: "Zoe"})
			assert.Equal(t, []string{"0 anna c", "1 annabel b"}, suggested(t, st, anna))
			assert.Equal(t, []string{"0 zoe a"}, suggested(t, st, campaign.Typed{Text: "zoe"}))
			assert.Empty(t, suggested(t, st, campaign.Typed{Text: "48600555666"}))
			commit(t, st, campaign.Change{Contact: &campaign.Contact{ID: "a", FirstName: "Anna", LastName: "Zoe"}, Merge: "c"}, campaign.Change{Forget: "b"})
			assert.Equal(t, []string{"1 anna zoe a"}, suggested(t, st, anna))
			refused(t, st, campaign.Change{Contact: &campaign.Contact{ID: "a", FirstName: "Ida", Version: 9}})
			assert.Empty(t, suggested(t, st, campaign.Typed{Text: "ida"}), "what was refused")
		},
	},
	{
		Name:  "ALimitLeavesTheBest",
		Rule:  "No more suggestions come than the limit, 10 where there is none, 100 at the most; which come is decided by fit, then by text, then by id, bytes compared, however many match.",
		Needs: contacts,
		holds: func(t *trial) {
			st := t.open()
			var given []*campaign.Contact
			var changes []campaign.Change
			for i := range 300 {
				c := &campaign.Contact{ID: campaign.ContactID(fmt.Sprint("c", 299-i)), FirstName: "Ewa", LastName: []string{"", "Kos", "Łoś", "Kos-Ewa", "Nowak"}[i%5], Company: fmt.Sprint("Chewan ", i%7)}
				given = append(given, c)
				changes = append(changes, campaign.Change{Contact: c})
			}
			commit(t, st, changes...)
			for _, text := range []string{"ewa", "e", "w", "wa", "ewa k", "kos e", "wa kos", "a n", "an 3"} {
				for _, limit := range []int{0, -1, 1, 99, 100, 1000} {
					typed := campaign.Typed{Text: text, Limit: limit}
					assert.Equal(t, matching(t, typed, given), suggested(t, st, typed), "%q, at most %d", text, limit)
				}
			}
		},
	},
}}
