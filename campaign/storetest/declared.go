package storetest

import (
	"github.com/nextcall/nextcall/campaign"
)

// declaring is that a store can do what it is declared to do, and nothing else.
var declaring = part{"Declared", []clause{
	{
		Name: "AbilitiesAreAsDeclared",
		Rule: "A store has the optional abilities that Options declares, and no others: what is not declared would go untested.",
		holds: func(t *trial) {
			st := t.open()
			_, history := st.(campaign.HistoryStore)
			_, actions := st.(campaign.ActionStore)
			_, contacts := st.(campaign.ContactStore)
			for _, a := range []struct {
				name          string
				declared, has bool
			}{
				{"campaign.HistoryStore: Options.History", t.options.History, history},
				{"campaign.ActionStore: Options.Actions", t.options.Actions, actions},
				{"campaign.ContactStore: Options.Contacts", t.options.Contacts, contacts},
			} {
				assert.Equal(t, a.declared, a.has, "%s says %t, the store implements it: %t", a.name, a.declared, a.has)
			}
		},
	},
	{
		Name: "AStoreWithoutContactsIgnoresNothingOfThem",
		Rule: "A store that is no campaign.ContactStore refuses a change with UniqueContact, Merge or Forget: who asked would take it for done.",
		holds: func(t *trial) {
			if t.options.Contacts {
				return // the parts Contacts and Ends tell what it does
			}
			st := t.open()
			add(t, st, rec("a1"))
			for _, ch := range []campaign.Change{
				{Contact: &campaign.Contact{ID: "p"}, UniqueContact: true}, {Contact: &campaign.Contact{ID: "p"}, Merge: "q"}, {Forget: "q"},
			} {
				ch.Ref, ch.Entry = refOf(rec("a1")), &campaign.Entry{Note: "n"}
				refused(t, st, ch)
				entries, _ := lines(t, st, refOf(rec("a1")))
				assert.Empty(t, entries, "the change is refused whole")
			}
		},
	},
}}
