package storetest

import (
	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// ending is contacts that become others, or are deleted.
var ending = part{"Ends", []clause{
	{
		Name:  "AMergedContactIsTheOtherOne",
		Rule:  "A contact that is merged is gone, with its keys; its id, and those that gave it, give the other one from then on.",
		Needs: contacts,
		holds: func(t *trial) {
			st := t.open()
			write(t, st, &campaign.Contact{ID: "a", Keys: []string{"k"}}, &campaign.Contact{ID: "b", Keys: []string{"k"}}, &campaign.Contact{ID: "c"})
			commit(t, st, campaign.Change{Contact: &campaign.Contact{ID: "b", Keys: []string{"l"}, LastName: "B"}, Merge: "a"})
			want := campaign.Contact{ID: "b", Keys: []string{"l"}, LastName: "B", Version: 2}
			assert.Equal(t, want, contactOf(t, st, "a"))
			assert.Equal(t, [][]campaign.ContactID{nil, {"b"}}, having(t, st, ownKey("k"), ownKey("l")))
			commit(t, st, campaign.Change{Contact: &campaign.Contact{ID: "c"}, Merge: "b"}, campaign.Change{Contact: &campaign.Contact{ID: "c"}, Merge: "never"})
			assert.Equal(t, []campaign.ContactID{"c", "c", "c", "c"}, gives(t, st, "a", "b", "c", "never"))
			assert.Equal(t, [][]campaign.ContactID{nil}, having(t, st, ownKey("l")))
			commit(t, st, campaign.Change{Contact: &campaign.Contact{ID: "c", LastName: "C"}, Merge: "a"})
			assert.Equal(t, "C", contactOf(t, st, "b").LastName, "to merge it once more is nothing")
		},
	},
	{
		Name: "AMergedContactIsTheOneThatWasRead",
		Rule: "With a MergeVersion the contact that is merged must have that version: ErrConflict for another one, and for one that does not exist. " +
			"It says nothing of one that was merged before.",
		Needs: contacts,
		holds: func(t *trial) {
			st := t.open()
			write(t, st, &campaign.Contact{ID: "a"}, &campaign.Contact{ID: "b"}, &campaign.Contact{ID: "a", LastName: "A"})
			merge := func(id campaign.ContactID, version int64) campaign.Change {
				return campaign.Change{Contact: &campaign.Contact{ID: "b", LastName: "B"}, Merge: id, MergeVersion: version}
			}
			for _, ch := range []campaign.Change{merge("a", 1), merge("a", 3), merge("never", 1)} {
				assert.ErrorIs(t, refused(t, st, ch), campaign.ErrConflict, "%q at version %d", ch.Merge, ch.MergeVersion)
			}
			assert.Equal(t, campaign.Contact{ID: "b", Version: 1}, contactOf(t, st, "b"), "nothing is written")
			assert.Equal(t, campaign.Contact{ID: "a", LastName: "A", Version: 2}, contactOf(t, st, "a"))
			commit(t, st, merge("a", 2), merge("a", 1), merge("never", 0))
			assert.Equal(t, campaign.Contact{ID: "b", LastName: "B", Version: 4}, contactOf(t, st, "a"))
		},
	},
	{
		Name:  "AnIdThatBecameAnotherStandsForIt",
		Rule:  "A record, a call or a filter that names a contact by an id which became another one's has that one: it holds in a campaign once, is held with it, and its calls are known.",
		Needs: contacts,
		holds: func(t *trial) {
			st := t.open()
			write(t, st, &campaign.Contact{ID: "old"})
			commit(t, st, campaign.Change{Contact: &campaign.Contact{ID: "new"}, Merge: "old"})
			add(t, st, rec("a1", person("old")), rec("b1", in(other), person("new")), rec("c1"))
			assert.EqualValues(t, "new", look(t, st, refOf(rec("a1"))).Record.Contact)
			var d *campaign.DuplicateError
			for _, id := range []campaign.ContactID{"old", "new"} {
				if assert.ErrorAs(t, refused(t, st, adding(rec("d1", person(id)))), &d) {
					assert.Equal(t, refOf(rec("a1")), d.Existing)
				}
				assert.Equal(t, []string{"a1", "b1"}, find(t, st, campaign.Filter{Contacts: []campaign.ContactID{id}}))
			}
			lease(t, st, all(noon, limit(1)))
			busy := look(t, st, refOf(rec("b1", in(other)))).Busy
			require.Len(t, busy, 1, "the contact is held")
			assert.EqualValues(t, "new", busy[0].Contact)
			commit(t, st, campaign.Change{Call: &campaign.Call{Token: 70, Campaign: other, Record: "gone", Contact: "old", Ended: at(-2)}})
			history := look(t, st, refOf(rec("b1", in(other)))).History
			require.Len(t, history, 1, "calls of the contact")
			assert.EqualValues(t, "new", history[0].Contact)
			r := rec("c1", person("old"))
			commit(t, st, campaign.Change{Ref: refOf(r), Record: r})
			assert.EqualValues(t, "new", look(t, st, refOf(r)).Record.Contact, "written later")
		},
	},
	{
		Name:  "CallsGoWithTheirContact",
		Rule:  "The calls of a contact that is merged are the other one's; those of a contact that is deleted have none. They stay those of their records and numbers.",
		Needs: contacts,
		holds: func(t *trial) {
			st := t.open()
			write(t, st, &campaign.Contact{ID: "a"}, &campaign.Contact{ID: "b"})
			add(t, st, rec("x1", phones(shared)), rec("y1", person("b")))
			call := func(token campaign.Token, of campaign.ContactID) campaign.Change {
				return campaign.Change{Ref: refOf(rec("x1")), Call: &campaign.Call{Token: token, Campaign: one, Record: "x1", Number: shared, Contact: of, Ended: at(int(token)), Holder: "h"}}
			}
			commit(t, st, call(72, "a"), call(71, "b"), call(70, "a"), call(73, ""))
			commit(t, st, campaign.Change{Contact: &campaign.Contact{ID: "b"}, Merge: "a"})
			of := func(r *campaign.Record) (known []campaign.ContactID) {
				for _, c := range look(t, st, refOf(r)).History {
					assert.Equal(t, "h", c.Holder)
					known = append(known, c.Contact)
				}
				return known
			}
			assert.Equal(t, []campaign.ContactID{"b", "b", "b"}, of(rec("y1")), "in the order of their ends")
			assert.Equal(t, []campaign.ContactID{"b", "b", "b", ""}, of(rec("x1")))
			commit(t, st, call(70, "a"))
			assert.Len(t, look(t, st, refOf(rec("y1"))).History, 3, "reported again")
			r := rec("y1", person("c"))
			commit(t, st, campaign.Change{Ref: refOf(r), Record: r}, campaign.Change{Forget: "b"})
			assert.Equal(t, []campaign.ContactID{"", "", "", ""}, of(rec("x1")))
			assert.EqualValues(t, "", reported(t, st, campaign.Ref{Campaign: one, Record: "x1", Token: 70}).Contact)
		},
	},
	{
		Name:  "ADeletedContactIsNobody",
		Rule:  "A contact that is deleted is gone, with its keys and the ids that gave it; its id is free: written again, it is a new contact's. To delete one that nobody knows is nothing.",
		Needs: contacts,
		holds: func(t *trial) {
			st := t.open()
			write(t, st, &campaign.Contact{ID: "a", Phones: []blacklist.Number{shared}, LastName: "A"}, &campaign.Contact{ID: "b"})
			commit(t, st, campaign.Change{Contact: &campaign.Contact{ID: "a", Phones: []blacklist.Number{shared}, LastName: "A"}, Merge: "b"})
			commit(t, st, campaign.Change{Forget: "a"}, campaign.Change{Forget: "a"}, campaign.Change{Forget: "never"})
			assert.Equal(t, []campaign.ContactID{"", "", ""}, gives(t, st, "a", "b", "never"))
			assert.Equal(t, [][]campaign.ContactID{nil}, having(t, st, phoneKey("48600555666")))
			assert.Empty(t, suggested(t, st, campaign.Typed{Text: "a"}))
			write(t, st, &campaign.Contact{ID: "b"}, &campaign.Contact{ID: "a"})
			assert.Equal(t, []campaign.ContactID{"a", "b"}, gives(t, st, "a", "b"))
			assert.EqualValues(t, 1, contactOf(t, st, "a").Version)
		},
	},
	{
		Name: "AContactThatIsNeededDoesNotEnd",
		Rule: "A contact that records have is neither merged nor deleted: ErrConflict; one that a live lease holds neither: LeasedError. " +
			"An id that became another one's is neither written, nor merged with a third, nor deleted: ErrConflict.",
		Needs: contacts,
		holds: func(t *trial) {
			st := t.open()
			write(t, st, &campaign.Contact{ID: "a"}, &campaign.Contact{ID: "b"}, &campaign.Contact{ID: "c"})
			merge := func(id, into campaign.ContactID) campaign.Change {
				return campaign.Change{Contact: &campaign.Contact{ID: into}, Merge: id}
			}
			add(t, st, rec("x1", person("a")))
			for _, ch := range []campaign.Change{merge("a", "b"), {Forget: "a"}} {
				assert.ErrorIs(t, refused(t, st, ch), campaign.ErrConflict, "a record has it")
			}
			x := lease(t, st, all(noon))
			var held *campaign.LeasedError
			for _, ch := range []campaign.Change{merge("a", "b"), {Forget: "a"}} {
				if assert.ErrorAs(t, refused(t, st, ch), &held) {
					assert.Equal(t, campaign.Hold{Ref: refOf(rec("x1")), Holder: "holder", Until: at(1), Contact: "a"}, held.Hold)
				}
			}
			assert.EqualValues(t, 1, contactOf(t, st, "b").Version, "what was refused left no trace")
			r := rec("x1")
			commit(t, st, campaign.Change{Ref: leaseRef(x), Record: r})
			commit(t, st, merge("a", "b"))
			for what, ch := range map[string]campaign.Change{
				"written": {Contact: &campaign.Contact{ID: "a"}}, "merged with a third": merge("a", "c"), "merged into": merge("c", "a"), "deleted": {Forget: "a"},
			} {
				assert.ErrorIs(t, refused(t, st, ch), campaign.ErrConflict, what)
			}
			assert.Equal(t, []campaign.ContactID{"b", "b", "c"}, gives(t, st, "a", "b", "c"))
			for what, ch := range map[string]campaign.Change{
				"with itself": merge("b", "b"), "written and deleted": {Contact: &campaign.Contact{ID: "b"}, Forget: "b"},
				"merged and deleted": {Contact: &campaign.Contact{ID: "b"}, Merge: "c", Forget: "c"}, "into nobody": {Merge: "c"}, "unique nobody": {UniqueContact: true},
			} {
				refused(t, st, ch)
				assert.Equal(t, []campaign.ContactID{"b", "c"}, gives(t, st, "b", "c"), what)
			}
		},
	},
}}
