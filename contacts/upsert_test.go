package contacts_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/contacts"
)

func TestAContactIsFilledInUnderItsKey(t *testing.T) {
	given(t, func(t *testing.T, d *desk) {
		key := campaign.ContactKey{Kind: campaign.KeyOwn, Value: "A17"}
		first := person("Anna", "Nowak", 1)
		first.Keys, first.Fields = []string{"A17"}, campaign.Fields{"segment": "gold", "score": 1}
		up := contacts.Upserting{Key: key, Contact: first, Actor: ann, Operation: "sync1"}
		s, err := d.book.Upsert(ctx, up)
		require.NoError(t, err)
		assert.True(t, s.Added)
		s, err = d.book.Upsert(ctx, up)
		require.NoError(t, err)
		assert.False(t, s.Changed, "done again it changes nothing")

		ref := d.opened(contacts.Opening{Chosen: s.Contact.ID}).Ref
		second := campaign.Contact{LastName: "Kowalska", Phones: []blacklist.Number{number(2), number(1)}, Keys: []string{"A17", "B3"},
			Fields: campaign.Fields{"score": nil, "vip": true}}
		s, err = d.book.Upsert(ctx, contacts.Upserting{Key: key, Contact: second, Actor: ann, Operation: "sync2"})
		require.NoError(t, err)
		assert.Equal(t, []campaign.Ref{ref}, s.Records)
		got := d.get(s.Contact.ID)
		assert.Equal(t, "Anna Kowalska", got.FirstName+" "+got.LastName, "what is empty stays")
		assert.Equal(t, []blacklist.Number{number(1), number(2)}, got.Phones, "lists grow behind what is there")
		assert.Equal(t, []string{"A17", "B3"}, got.Keys)
		assert.Equal(t, campaign.Fields{"segment": "gold", "vip": true}, got.Fields, "a nil value clears")
		assert.Equal(t, "sync2", got.Operation)
	})
}

func TestAKeyMustNameOneContact(t *testing.T) {
	given(t, func(t *testing.T, d *desk) {
		a := d.saved(person("Anna", "Nowak", 1)).ID
		s, err := d.book.Save(ctx, contacts.Saving{Contact: person("Jan", "Nowak", 1), Actor: ann, AllowDuplicate: true})
		require.NoError(t, err)
		key := campaign.ContactKey{Kind: campaign.KeyPhone, Value: "48600000001"}
		_, err = d.book.Upsert(ctx, contacts.Upserting{Key: key, Contact: person("Ewa", "", 1), Actor: ann})
		assert.ElementsMatch(t, []campaign.ContactID{a, s.Contact.ID}, as[*contacts.AmbiguousError](t, err).Contacts)
		_, err = d.book.Upsert(ctx, contacts.Upserting{Key: key, Contact: person("Ewa", "", 2), Actor: ann})
		assert.Equal(t, "key", as[*campaign.FieldError](t, err).Path)
	})
}

// Two systems send one new contact at the same time.
func TestAContactThatIsUpsertedTwiceAtOnceIsMadeOnce(t *testing.T) {
	given(t, func(t *testing.T, d *desk) {
		key := campaign.ContactKey{Kind: campaign.KeyPhone, Value: "48600000001"}
		up := contacts.Upserting{Key: key, Contact: person("Anna", "", 1), Actor: ann}
		late := at(t, &meddler{Store: d.store, before: func() {
			other := up
			other.Contact = person("", "Nowak", 1)
			_, err := d.book.Upsert(ctx, other)
			require.NoError(t, err)
		}})
		late.ids = 50
		s, err := late.book.Upsert(ctx, up)
		require.NoError(t, err)
		assert.False(t, s.Added)
		found, err := d.book.ByKey(ctx, key)
		require.NoError(t, err)
		require.Len(t, found, 1)
		assert.Equal(t, "Anna Nowak", found[0].FirstName+" "+found[0].LastName)
	})
}
