package storetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/plainstore"
)

// people are the hooks of a broken store for contacts on their own.
type people struct {
	contacts func(list []*campaign.Contact)
	keys     func(keys []campaign.ContactKey)
	owners   func(lists [][]campaign.ContactID)
	typed    func(t *campaign.Typed)
	found    func(found []campaign.Suggestion) []campaign.Suggestion
}

func (b *broken) Contacts(ctx context.Context, ids ...campaign.ContactID) ([]*campaign.Contact, error) {
	list, err := b.Store.Contacts(ctx, ids...)
	if b.people.contacts != nil {
		b.people.contacts(list)
	}
	return list, err
}

func (b *broken) ContactsWith(ctx context.Context, keys ...campaign.ContactKey) ([][]campaign.ContactID, error) {
	if b.people.keys != nil {
		keys = slices.Clone(keys)
		b.people.keys(keys)
	}
	lists, err := b.Store.ContactsWith(ctx, keys...)
	if b.people.owners != nil {
		b.people.owners(lists)
	}
	return lists, err
}

func (b *broken) Suggest(ctx context.Context, t campaign.Typed) ([]campaign.Suggestion, error) {
	if b.people.typed != nil {
		b.people.typed(&t)
	}
	found, err := b.Store.Suggest(ctx, t)
	if b.people.found != nil {
		found = b.people.found(found)
	}
	return found, err
}

// one is a contact as the store has it.
func (b *broken) one(id campaign.ContactID) *campaign.Contact {
	list, err := b.Store.Contacts(context.Background(), id)
	if err != nil {
		return nil
	}
	return list[0]
}

// faultsOfContacts are those in what is known of contacts.
var faultsOfContacts = []fault{
	{name: "takes no notice of what it cannot do", clause: "Declared/AStoreWithoutContactsIgnoresNothingOfThem", with: func(o *Options) {
		o.Contacts, o.History, o.Actions = false, false, false
		o.Open = func(testing.TB) campaign.Store { return struct{ campaign.Store }{plainstore.New()} }
	}},
	{name: "reads contacts without their gaps", clause: "Contacts/ContactsAreReadByTheirIds", in: func(b *broken) {
		b.people.contacts = func(list []*campaign.Contact) {
			slices.SortStableFunc(list, func(x, y *campaign.Contact) int {
				switch {
				case x != nil && y == nil:
					return -1
				case x == nil && y != nil:
					return 1
				}
				return 0
			})
		}
	}},
	{name: "writes a contact over what has changed", clause: "Contacts/AContactsVersionIsTheStores", in: func(b *broken) {
		b.change = func(ch *campaign.Change) {
			if ch.Contact != nil {
				c := *ch.Contact
				c.Version = 0
				ch.Contact = &c
			}
		}
	}},
	{name: "takes large letters for small ones in keys", clause: "Contacts/ContactsAreFoundByTheirKeys", in: func(b *broken) {
		b.people.keys = func(keys []campaign.ContactKey) {
			for i := range keys {
				keys[i].Value = strings.ToLower(keys[i].Value)
			}
		}
	}},
	{name: "lists those with a key as they came", clause: "Contacts/ContactsAreFoundByTheirKeys", in: func(b *broken) {
		b.people.owners = func(lists [][]campaign.ContactID) {
			for i := range lists {
				slices.Reverse(lists[i])
			}
		}
	}},
	{name: "names the first of those with a key only", clause: "Contacts/AUniqueContactSharesNoKey", in: func(b *broken) {
		b.refused = func(err error) error {
			if e := (*campaign.ContactExistsError)(nil); errors.As(err, &e) {
				e.Matches = e.Matches[:1]
			}
			return err
		}
	}},
	{name: "looks for keys before it writes, not while", clause: "Contacts/OfManyAtOnceOneContactIsNew", in: func(b *broken) {
		asked := 0 // the first two find nobody
		b.change = func(ch *campaign.Change) {
			b.mu.Lock()
			defer b.mu.Unlock()
			if ch.UniqueContact {
				asked++
				ch.UniqueContact = asked > 2
			}
		}
	}},
	{name: "forgets the id of a merged contact", clause: "Ends/AMergedContactIsTheOtherOne", in: func(b *broken) {
		b.change = func(ch *campaign.Change) {
			if ch.Merge != "" && ch.Contact != nil && ch.Contact.ID == "c" {
				ch.Forget, ch.Merge = ch.Merge, ""
			}
		}
	}},
	{name: "merges a contact at any version", clause: "Ends/AMergedContactIsTheOneThatWasRead", in: func(b *broken) {
		b.change = func(ch *campaign.Change) { ch.MergeVersion = 0 }
	}},
	{name: "keeps in records the ids of merged contacts", clause: "Ends/AnIdThatBecameAnotherStandsForIt", in: func(b *broken) {
		b.brought(func(f *campaign.Facts) {
			if f.Record.Contact == "new" {
				f.Record.Contact = "old"
			}
		})
	}},
	{name: "keeps in calls the ids of merged contacts", clause: "Ends/CallsGoWithTheirContact", in: func(b *broken) {
		b.brought(func(f *campaign.Facts) {
			for i, c := range f.History {
				if c.Token == 72 && c.Contact == "b" {
					x := *c
					x.Contact = "a"
					f.History[i] = &x
				}
			}
		})
	}},
	{name: "goes on counting the versions of a deleted contact", clause: "Ends/ADeletedContactIsNobody", in: func(b *broken) {
		b.people.contacts = func(list []*campaign.Contact) {
			for i, c := range list {
				if c != nil && c.ID == "a" {
					x := *c
					x.Version++
					list[i] = &x
				}
			}
		}
	}},
	{name: "deletes contacts that records have", clause: "Ends/AContactThatIsNeededDoesNotEnd", in: func(b *broken) {
		b.change = func(ch *campaign.Change) {
			if ch.Forget == "" {
				return
			}
			for f := range b.Store.Find(context.Background(), campaign.Filter{Contacts: []campaign.ContactID{ch.Forget}}, campaign.Need{}) {
				r := f.Record
				r.Contact = ""
				b.put(campaign.Change{Ref: refOf(&r), Record: &r})
			}
		}
	}},
	{name: "suggests by whole words", clause: "Suggest/SuggestionsAreWhatMatchesTheBestFirst", in: func(b *broken) {
		b.people.found = func(found []campaign.Suggestion) []campaign.Suggestion {
			return slices.DeleteFunc(found, func(s campaign.Suggestion) bool { return s.Fit == campaign.FitInside })
		}
	}},
	{name: "suggests the names of a moment ago", clause: "Suggest/SuggestionsFollowWhatIsWritten", in: func(b *broken) {
		before := plainstore.New()
		b.change = func(ch *campaign.Change) {
			if ch.Contact != nil {
				if c := b.one(ch.Contact.ID); c != nil {
					x := *c
					x.Version = 0
					_, _ = before.Commit(context.Background(), campaign.Change{Contact: &x})
				}
			}
		}
		b.people.found = func(found []campaign.Suggestion) []campaign.Suggestion {
			if old, err := before.Suggest(context.Background(), campaign.Typed{Text: "anna"}); err == nil {
				found = append(found, old...)
			}
			return found
		}
	}},
	{name: "takes the first matches that it meets", clause: "Suggest/ALimitLeavesTheBest", in: func(b *broken) {
		most := 0
		b.people.typed = func(t *campaign.Typed) { most, t.Limit = t.Most(), 100 }
		b.people.found = func(found []campaign.Suggestion) []campaign.Suggestion {
			slices.SortStableFunc(found, func(x, y campaign.Suggestion) int { return strings.Compare(string(x.Contact.ID), string(y.Contact.ID)) })
			found = found[:min(most, len(found))]
			slices.SortFunc(found, campaign.Suggestion.Compare)
			return found
		}
	}},
}
