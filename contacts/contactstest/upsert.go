package contactstest

import (
	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/contacts"
	"github.com/nextcall/nextcall/internal/expect"
)

func filledIn(d *desk) {
	key := campaign.ContactKey{Kind: campaign.KeyOwn, Value: "A17"}
	first := person("Anna", "Nowak", 1)
	first.Keys, first.Fields = []string{"A17"}, campaign.Fields{"segment": "gold", "score": 1}
	up := contacts.Upserting{Key: key, Contact: first, Actor: ann, Operation: "sync1"}
	s, err := d.book.Upsert(ctx, up)
	require.NoError(d, err)
	assert.True(d, s.Added)
	s, err = d.book.Upsert(ctx, up)
	require.NoError(d, err)
	assert.False(d, s.Changed, "done again it changes nothing")

	ref := d.opened(contacts.Opening{Chosen: s.Contact.ID}).Ref
	second := campaign.Contact{LastName: "Kowalska", Phones: []blacklist.Number{number(2), number(1)}, Keys: []string{"A17", "B3"},
		Fields: campaign.Fields{"score": nil, "vip": true}}
	s, err = d.book.Upsert(ctx, contacts.Upserting{Key: key, Contact: second, Actor: ann, Operation: "sync2"})
	require.NoError(d, err)
	assert.Equal(d, []campaign.Ref{ref}, s.Records)
	got := d.get(s.Contact.ID)
	assert.Equal(d, "Anna Kowalska", got.FirstName+" "+got.LastName, "what is empty stays")
	assert.Equal(d, []blacklist.Number{number(1), number(2)}, got.Phones, "lists grow behind what is there")
	assert.Equal(d, []string{"A17", "B3"}, got.Keys)
	assert.Equal(d, campaign.Fields{"segment": "gold", "vip": true}, got.Fields, "a nil value clears")
	assert.Equal(d, "sync2", got.Operation)
}

func oneKey(d *desk) {
	a := d.saved(person("Anna", "Nowak", 1)).ID
	s, err := d.book.Save(ctx, contacts.Saving{Contact: person("Jan", "Nowak", 1), Actor: ann, AllowDuplicate: true})
	require.NoError(d, err)
	key := campaign.ContactKey{Kind: campaign.KeyPhone, Value: "48600000001"}
	_, err = d.book.Upsert(ctx, contacts.Upserting{Key: key, Contact: person("Ewa", "", 1), Actor: ann})
	assert.Equal(d, []campaign.ContactID{a, s.Contact.ID}, expect.ErrorAs[*contacts.AmbiguousError](d, err).Contacts)
	_, err = d.book.Upsert(ctx, contacts.Upserting{Key: key, Contact: person("Ewa", "", 2), Actor: ann})
	assert.Equal(d, "key", expect.ErrorAs[*campaign.FieldError](d, err).Path)
}

// Two systems send one new contact at the same time.
func upsertedAtOnce(d *desk) {
	key := campaign.ContactKey{Kind: campaign.KeyPhone, Value: "48600000001"}
	up := contacts.Upserting{Key: key, Contact: person("Anna", "", 1), Actor: ann}
	late := d.over(&meddler{Store: d.store, before: func() {
		other := up
		other.Contact = person("", "Nowak", 1)
		_, err := d.book.Upsert(ctx, other)
		require.NoError(d, err)
	}})
	late.ids = 50
	s, err := late.book.Upsert(ctx, up)
	require.NoError(d, err)
	assert.False(d, s.Added)
	found, err := d.book.ByKey(ctx, key)
	require.NoError(d, err)
	require.Len(d, found, 1)
	assert.Equal(d, "Anna Nowak", found[0].FirstName+" "+found[0].LastName)
}
