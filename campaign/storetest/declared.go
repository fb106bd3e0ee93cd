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
}}
