package storetest

import (
	"errors"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// book is the store as a campaign.ContactStore.
func book(t *trial, st campaign.Store) campaign.ContactStore {
	t.Helper()
	b, ok := st.(campaign.ContactStore)
	require.True(t, ok, "the store is declared to be a campaign.ContactStore")
	return b
}

// contacts reads contacts, and wants as many as ids.
func contactsOf(t *trial, st campaign.Store, ids ...campaign.ContactID) []*campaign.Contact {
	t.Helper()
	t.did("Contacts %q", ids)
	list, err := book(t, st).Contacts(t.ctx, ids...)
	require.NoError(t, err)
	require.Len(t, list, len(ids), "one for each id")
	return list
}

// contactOf reads a contact that is to be there.
func contactOf(t *trial, st campaign.Store, id campaign.ContactID) campaign.Contact {
	t.Helper()
	c := contactsOf(t, st, id)[0]
	require.NotNil(t, c, "contact %q", id)
	return *c
}

// gives are the ids of the contacts that ids give; "" is none.
func gives(t *trial, st campaign.Store, ids ...campaign.ContactID) []campaign.ContactID {
	t.Helper()
	given := make([]campaign.ContactID, len(ids))
	for i, c := range contactsOf(t, st, ids...) {
		if c != nil {
			given[i] = c.ID
		}
	}
	return given
}

// having are the ids of the contacts with each of the keys.
func having(t *trial, st campaign.Store, keys ...campaign.ContactKey) [][]campaign.ContactID {
	t.Helper()
	t.did("ContactsWith %v", keys)
	lists, err := book(t, st).ContactsWith(t.ctx, keys...)
	require.NoError(t, err)
	require.Len(t, lists, len(keys), "a list for each key")
	for i := range lists {
		if len(lists[i]) == 0 {
			lists[i] = nil
		}
	}
	return lists
}

// write writes a contact.
func write(t *trial, st campaign.Store, contacts ...*campaign.Contact) {
	t.Helper()
	for _, c := range contacts {
		commit(t, st, campaign.Change{Contact: c})
	}
}

// exists is the refusal of a contact whose keys others have.
func exists(t *trial, st campaign.Store, ch campaign.Change) campaign.ContactExistsError {
	t.Helper()
	var e *campaign.ContactExistsError
	if err := refused(t, st, ch); !errors.As(err, &e) {
		require.ErrorAs(t, err, &e)
	}
	return *e
}

func phoneKey(digits string) campaign.ContactKey {
	return campaign.ContactKey{Kind: campaign.KeyPhone, Value: digits}
}
func emailKey(text string) campaign.ContactKey {
	return campaign.ContactKey{Kind: campaign.KeyEmail, Value: text}
}
func ownKey(text string) campaign.ContactKey {
	return campaign.ContactKey{Kind: campaign.KeyOwn, Value: text}
}

// knowing is contacts on their own: the ability campaign.ContactStore.
var knowing = part{"Contacts", []clause{
	{
		Name: "ContactsAreReadByTheirIds",
		Rule: "Contacts reads contacts into a list as long as ids, in their order, whole, whether records have them or not; one that does not exist is nil. " +
			"What a Commit wrote is seen by whatever is asked after it.",
		Needs: contacts,
		holds: func(t *trial) {
			st := t.open()
			p := filled[campaign.Contact]()
			p.ID, p.Version = "p", 0
			assert.Empty(t, contactsOf(t, st))
			assert.Equal(t, []campaign.ContactID{""}, gives(t, st, "p"))
			write(t, st, p, &campaign.Contact{ID: "q", Company: "c"})
			add(t, st, rec("a1", person("r")))
			assert.Equal(t, []campaign.ContactID{"q", "", "p", "", "q"}, gives(t, st, "q", "r", "p", "", "q"))
			want := *p
			want.Version = 1
			assert.Equal(t, want, contactOf(t, st, "p"))
			write(t, st, &campaign.Contact{ID: "p", LastName: "new"})
			assert.Equal(t, campaign.Contact{ID: "p", LastName: "new", Version: 2}, contactOf(t, st, "p"), "replaced whole")
		},
	},
	{
		Name:  "AContactsVersionIsTheStores",
		Rule:  "A contact's version grows by one with each commit that writes it, from 1 on. One that is given with another version than the stored one is refused with ErrConflict, and so is one with a version when there is none; without a version it is written.",
		Needs: contacts,
		holds: func(t *trial) {
			st := t.open()
			save := func(version int64) campaign.Change {
				return campaign.Change{Contact: &campaign.Contact{ID: "p", Version: version}}
			}
			assert.ErrorIs(t, refused(t, st, save(1)), campaign.ErrConflict, "there is none")
			assert.Equal(t, []campaign.ContactID{""}, gives(t, st, "p"))
			commit(t, st, save(0))
			assert.EqualValues(t, 1, contactOf(t, st, "p").Version)
			commit(t, st, save(1))
			assert.EqualValues(t, 2, contactOf(t, st, "p").Version)
			assert.ErrorIs(t, refused(t, st, save(1)), campaign.ErrConflict, "it is at 2")
			assert.ErrorIs(t, refused(t, st, save(3)), campaign.ErrConflict, "it is at 2")
			errs := commitAll(t, st, save(2), save(2), save(3), save(0))
			assert.ErrorIs(t, errs[1], campaign.ErrConflict, "in one commit, too")
			assert.NoError(t, errors.Join(errs[0], errs[2], errs[3]))
			assert.EqualValues(t, 5, contactOf(t, st, "p").Version)
			ch := adding(rec("a1"))
			ch.Contact = save(9).Contact
			assert.ErrorIs(t, refused(t, st, ch), campaign.ErrConflict)
			assert.Empty(t, look(t, st, refOf(rec("a1"))).Record.ID, "the change is refused whole")
		},
	},
	{
		Name:  "ContactsAreFoundByTheirKeys",
		Rule:  "ContactsWith returns for each key the ids of the contacts that have it now, in the order of their ids, bytes compared; keys are normalised, and of one kind only.",
		Needs: contacts,
		holds: func(t *trial) {
			st := t.open()
			const second blacklist.Number = 48_600_555_777
			write(t, st,
				&campaign.Contact{ID: "b", Phones: []blacklist.Number{shared, second}, Emails: []string{" Anna@Example.COM "}, Keys: []string{"K"}},
				&campaign.Contact{ID: "a", Phones: []blacklist.Number{second}, Emails: []string{"anna@example.com"}, Keys: []string{"k", "48600555666"}},
				&campaign.Contact{ID: "Z", Keys: []string{"k"}}, &campaign.Contact{ID: "ą", Keys: []string{"k"}})
			add(t, st, rec("r1", phones(48_600_555_888), person("nobody")))
			keys := []campaign.ContactKey{
				phoneKey("48600555666"), phoneKey("48600555777"), emailKey("anna@example.com"), ownKey("k"), ownKey("K"), ownKey("48600555666"),
				phoneKey("+48600555666"), emailKey("Anna@Example.COM"), phoneKey("48600555888"), emailKey("k"), {}, ownKey("k"),
			}
			assert.Equal(t, [][]campaign.ContactID{
				{"b"}, {"a", "b"}, {"a", "b"}, {"Z", "a", "ą"}, {"b"}, {"a"}, nil, nil, nil, nil, nil, {"Z", "a", "ą"},
			}, having(t, st, keys...))
			assert.Empty(t, having(t, st))
			write(t, st, &campaign.Contact{ID: "b", Phones: []blacklist.Number{second, second}, Keys: []string{"k"}})
			assert.Equal(t, [][]campaign.ContactID{nil, {"a", "b"}, {"a"}, {"Z", "a", "b", "ą"}, nil}, having(t, st, keys[:5]...), "those that it has now")
		},
	},
	{
		Name: "AUniqueContactSharesNoKey",
		Rule: "With UniqueContact a change is refused with a ContactExistsError when another contact has one of its keys. It names all of them, in the order of the keys, then of the ids; " +
			"its own keys, and those of a contact that the change merges or deletes, do not count. Without it nothing is refused.",
		Needs: contacts,
		holds: func(t *trial) {
			st := t.open()
			const second blacklist.Number = 48_600_555_777
			write(t, st, &campaign.Contact{ID: "b", Emails: []string{"b@x"}, Phones: []blacklist.Number{shared}}, &campaign.Contact{ID: "a", Phones: []blacklist.Number{shared}})
			unique := func(c campaign.Contact) campaign.Change {
				return campaign.Change{Contact: &c, UniqueContact: true}
			}
			given := campaign.Contact{ID: "n", Phones: []blacklist.Number{second, shared}, Emails: []string{" B@X"}, Keys: []string{"own"}}
			ch := adding(rec("r1"))
			ch.Contact, ch.UniqueContact = &given, true
			assert.Equal(t, campaign.ContactExistsError{Contact: "n", Matches: []campaign.ContactMatch{
				{Key: phoneKey("48600555666"), Contact: "a"}, {Key: phoneKey("48600555666"), Contact: "b"}, {Key: emailKey("b@x"), Contact: "b"},
			}}, exists(t, st, ch))
			assert.Equal(t, []campaign.ContactID{""}, gives(t, st, "n"))
			assert.Empty(t, look(t, st, refOf(rec("r1"))).Record.ID, "the change is refused whole")
			commit(t, st, unique(campaign.Contact{ID: "m", Phones: []blacklist.Number{second}}), unique(campaign.Contact{ID: "m", Phones: []blacklist.Number{second}}))
			errs := commitAll(t, st, unique(campaign.Contact{ID: "x", Keys: []string{"own"}}), unique(campaign.Contact{ID: "y", Keys: []string{"own"}}))
			assert.NoError(t, errs[0])
			var e *campaign.ContactExistsError
			assert.ErrorAs(t, errs[1], &e, "of two in one commit the first is written")
			merging := unique(campaign.Contact{ID: "a", Phones: []blacklist.Number{shared}, Keys: []string{"own"}})
			assert.Len(t, exists(t, st, merging).Matches, 2)
			merging.Merge, merging.Forget = "b", "x"
			commit(t, st, merging)
			commit(t, st, campaign.Change{Contact: &given}) // without being asked
			assert.Equal(t, [][]campaign.ContactID{{"a", "n"}}, having(t, st, phoneKey("48600555666")))
		},
	},
	{
		Name:  "OfManyAtOnceOneContactIsNew",
		Rule:  "Of many callers who write contacts with one key at once, each under another id and each to be unique, one succeeds, and all others are told which.",
		Needs: contacts,
		holds: func(t *trial) {
			st := t.open()
			const callers = 8
			var errs [callers]error
			t.together(callers, func(i int) {
				c := &campaign.Contact{ID: campaign.ContactID(rune('a' + i)), Phones: []blacklist.Number{shared}}
				all, err := st.Commit(t.ctx, campaign.Change{Contact: c, UniqueContact: true})
				if errs[i] = err; err == nil && all != nil {
					errs[i] = all[0]
				}
			})
			winner := having(t, st, phoneKey("48600555666"))[0]
			require.Len(t, winner, 1, "contacts with the number")
			for i, err := range errs {
				if winner[0] == campaign.ContactID(rune('a'+i)) {
					assert.NoError(t, err)
					continue
				}
				var e *campaign.ContactExistsError
				if assert.ErrorAs(t, err, &e) {
					assert.Equal(t, winner[0], e.Matches[0].Contact)
				}
			}
		},
	},
}}
