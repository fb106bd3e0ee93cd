package contactstest

import (
	"strings"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/contacts"
	"github.com/nextcall/nextcall/internal/expect"
)

// rows: N1, N14, N15
func alone(d *desk) {
	c := person("Łukasz", "  Żak ", 1, 2)
	c.Emails, c.Keys = []string{" Lukasz@Example.org "}, []string{"A17"}
	c.Company, c.Country = "Żak i Synowie", "pl"
	c.Fields = campaign.Fields{"score": float64(7), "segment": nil}
	s, err := d.book.Save(ctx, contacts.Saving{Contact: c, Actor: ann, Operation: "op1"})
	require.NoError(d, err)
	assert.True(d, s.Added)
	want := campaign.Contact{
		ID: "id01", Company: "Żak i Synowie", FirstName: "Łukasz", LastName: "Żak", Country: "PL",
		Phones: []blacklist.Number{number(1), number(2)}, Emails: []string{"Lukasz@Example.org"}, Keys: []string{"A17"},
		Fields:  campaign.Fields{"score": int64(7)},
		Created: noon, Updated: noon, Author: "ann", Operation: "op1", Version: 1,
	}
	assert.Equal(d, &want, s.Contact)
	assert.Equal(d, &want, d.get("id01"))
	for _, key := range []campaign.ContactKey{{Kind: campaign.KeyPhone, Value: "48600000002"}, {Kind: campaign.KeyEmail, Value: "lukasz@example.org"}, {Kind: campaign.KeyOwn, Value: "A17"}} {
		found, err := d.book.ByKey(ctx, key)
		require.NoError(d, err)
		assert.Equal(d, []*campaign.Contact{&want}, found)
	}
	_, err = d.book.Get(ctx, "nobody")
	assert.ErrorIs(d, err, contacts.ErrNotFound)
}

func replaces(d *desk) {
	c := *d.saved(person("Anna", "Nowak", 1))
	d.now = noon.Add(time.Hour)
	c.LastName = "Kowalska"
	s, err := d.book.Save(ctx, contacts.Saving{Contact: c, Actor: campaign.Actor{User: "bob"}, Operation: "op2"})
	require.NoError(d, err)
	assert.False(d, s.Added)
	assert.True(d, s.Changed)
	got := d.get(c.ID)
	assert.Equal(d, "Kowalska", got.LastName)
	assert.Equal(d, noon, got.Created)
	assert.Equal(d, d.now, got.Updated)
	assert.Equal(d, "bob op2", got.Author+" "+got.Operation)
	assert.Equal(d, int64(2), got.Version)

	again, err := d.book.Save(ctx, contacts.Saving{Contact: *got, Actor: ann})
	require.NoError(d, err)
	assert.False(d, again.Changed, "nothing differs")
	assert.Equal(d, int64(2), d.get(c.ID).Version)

	_, err = d.book.Save(ctx, contacts.Saving{Contact: c, Actor: ann}) // version 1
	assert.ErrorIs(d, err, campaign.ErrConflict)
	c.Version = 0
	_, err = d.book.Save(ctx, contacts.Saving{Contact: c, Actor: ann})
	assert.NoError(d, err, "without a version the last one wins")
}

// rows: N10, N11
func named(d *desk) {
	first := person("Anna", "Nowak", 1, 2)
	first.Emails, first.Keys = []string{"anna@example.org"}, []string{"A17"}
	id := d.saved(first).ID
	for name, second := range map[string]campaign.Contact{
		"phone":  person("Jan", "Kowal", 3, 2),
		"e-mail": {FirstName: "Jan", Emails: []string{"ANNA@example.org "}},
		"key":    {FirstName: "Jan", Keys: []string{"A17"}},
	} {
		_, err := d.book.Save(ctx, contacts.Saving{Contact: second, Actor: ann})
		exists := expect.ErrorAs[*campaign.ContactExistsError](d, err)
		assert.Equal(d, id, exists.Matches[0].Contact, name)
		assert.Contains(d, err.Error(), "take that one, or allow the duplicate", name)
	}
	s, err := d.book.Save(ctx, contacts.Saving{Contact: person("Jan", "Kowal", 3, 2), Actor: ann, AllowDuplicate: true})
	require.NoError(d, err, "an explicit override")
	assert.Equal(d, []campaign.ContactMatch{{Key: campaign.ContactKey{Kind: campaign.KeyPhone, Value: "48600000002"}, Contact: id}}, s.Same)

	jan := *s.Contact
	jan.Company = "Kowal"
	d.saved(jan) // what was allowed once is not asked again
	jan.Phones = append(jan.Phones, number(1))
	jan.Version = 0
	_, err = d.book.Save(ctx, contacts.Saving{Contact: jan, Actor: ann})
	expect.ErrorAs[*campaign.ContactExistsError](d, err)
}

func badContact(d *desk) {
	c := campaign.Contact{
		ID: campaign.ContactID(strings.Repeat("i", 300)), FirstName: strings.Repeat("ż", 10_000), LastName: "a\x00b", Company: "\xff", Country: "Poland",
		Phones: []blacklist.Number{5, number(1), number(1)}, Emails: []string{"nobody", "a@b", "A@B", "a b@c", strings.Repeat("x", 300) + "@y"},
		Keys: []string{"", "k", "k"}, Fields: campaign.Fields{"shoe": 1, "score": "many"},
	}
	_, err := d.book.Save(ctx, contacts.Saving{Contact: c, Actor: ann})
	text := err.Error()
	for _, want := range []string{
		"id ", "first_name", "10000 characters: want at most 500", "last_name", "company", "country", "two letters", "phones[0]", "phones[2]",
		"emails[0]", "emails[2]", "emails[3]", "emails[4]", "keys[0]", "keys[2]", `fields["shoe"]`, "contacts have no such field", `fields["score"]`,
	} {
		assert.Contains(d, text, want)
	}
	assert.True(d, len(text) < 4000, "a text of 10,000 characters is clipped")
	_, err = d.book.Save(ctx, contacts.Saving{Actor: ann})
	assert.ErrorContains(d, err, "want a name, a company, a phone")
	_, err = d.book.Save(ctx, contacts.Saving{Contact: person("A", "B"), Actor: campaign.Actor{User: "\xff"}})
	assert.ErrorContains(d, err, "actor.user")
}

func requiredOfContacts(d *desk) {
	d = d.over(d.store, func(cfg *contacts.Config) {
		cfg.Fields = []campaign.Field{{Name: "pesel", Required: true}, {Name: "old", Required: true, Hidden: true}}
	})
	_, err := d.book.Save(ctx, contacts.Saving{Contact: person("A", "B"), Actor: ann})
	assert.Equal(d, `fields["pesel"]`, expect.ErrorAs[*campaign.FieldError](d, err).Path)
}

func phonesReach(d *desk) {
	c := *d.saved(person("Anna", "Nowak", 1, 2))
	both := d.opened(contacts.Opening{Chosen: c.ID}).Ref
	own := d.opened(contacts.Opening{Campaign: "care", Chosen: c.ID, Phones: []campaign.Phone{
		{Number: number(9), Label: "work"}, {Number: number(2), Label: "home", Attempts: 3},
	}}).Ref

	c = *d.get(c.ID)
	c.Phones = []blacklist.Number{number(3), number(2)}
	s, err := d.book.Save(ctx, contacts.Saving{Contact: c, Actor: ann, Operation: "op3"})
	require.NoError(d, err)
	assert.Equal(d, []campaign.Ref{own, both}, s.Records, "in the order of their campaigns")
	r := d.record(both).Record
	assert.Equal(d, []int{3, 2}, numbers(&r), "as the contact has them")
	assert.Equal(d, "ann op3", r.Author+" "+r.Operation)
	r = d.record(own).Record
	assert.Equal(d, []int{3, 2, 9}, numbers(&r), "its own number stays, behind the contact's")
	assert.Equal(d, campaign.Phone{Number: number(2), Label: "home", Attempts: 3}, r.Phones[1], "what is known of a number stays")
	last := d.history(own)[1]
	assert.Equal(d, campaign.Entry{At: noon, Author: "ann", Why: campaign.WhyEdited, Operation: "op3", Qualifier: r.Qualifier}, last)

	s, err = d.book.Save(ctx, contacts.Saving{Contact: func() campaign.Contact { c := *d.get(c.ID); c.Company = "x"; return c }(), Actor: ann})
	require.NoError(d, err)
	assert.Empty(d, s.Records, "a record is written only when its phones change")
}

func closedKeeps(d *desk) {
	c := *d.saved(person("Anna", "Nowak", 1))
	ref := d.opened(contacts.Opening{Chosen: c.ID, Status: "no"}).Ref
	c = *d.get(c.ID)
	c.Phones = []blacklist.Number{number(2)}
	d.saved(c)
	r := d.record(ref).Record
	assert.Equal(d, []int{1}, numbers(&r))
}

func requiredOfRecords(d *desk) {
	c := *d.saved(person("Anna", "Nowak", 1))
	o := d.opened(contacts.Opening{Chosen: c.ID, Type: "lead", Status: "strict", Fields: campaign.Fields{"product": "loan"}})
	r := o.Record
	r.Fields = nil // somebody else's doing
	d.commit(campaign.Change{Ref: o.Ref, Record: &r})
	limited := campaign.Actor{User: "clerk", Campaigns: []campaign.ID{"care"}}
	c = *d.get(c.ID)
	c.Phones = append(c.Phones, number(2))
	_, err := d.book.Save(ctx, contacts.Saving{Contact: c, Actor: limited})
	require.NoError(d, err, "nor do the campaigns of whoever saves it")
	r = d.record(o.Ref).Record
	assert.Equal(d, []int{1, 2}, numbers(&r))
}

func leasedSave(d *desk) {
	c := *d.saved(person("Anna", "Nowak", 1))
	free := d.opened(contacts.Opening{Campaign: "care", Chosen: c.ID}).Ref
	busy := d.opened(contacts.Opening{Chosen: c.ID}).Ref
	token := d.lease(busy)
	c = *d.get(c.ID)
	c.Phones = []blacklist.Number{number(2)}
	_, err := d.book.Save(ctx, contacts.Saving{Contact: c, Actor: ann})
	assert.Equal(d, busy, expect.ErrorAs[*campaign.LeasedError](d, err).Hold.Ref)
	r := d.record(free).Record
	assert.Equal(d, []int{1}, numbers(&r), "all of it is written, or nothing")
	assert.Equal(d, []blacklist.Number{number(1)}, d.get(c.ID).Phones)

	held := busy
	held.Token = token
	_, err = d.book.Save(ctx, contacts.Saving{Contact: c, Actor: ann, Held: []campaign.Ref{held}})
	require.NoError(d, err)
	f := d.record(busy)
	assert.Equal(d, []int{2}, numbers(&f.Record))
	assert.Equal(d, token, f.Lease.Token, "the lease goes on")

	held.Token += 100
	c = *d.get(c.ID)
	c.Phones = []blacklist.Number{number(3)}
	_, err = d.book.Save(ctx, contacts.Saving{Contact: c, Actor: ann, Held: []campaign.Ref{held}})
	assert.ErrorIs(d, err, campaign.ErrLeaseLost)
	assert.Equal(d, []blacklist.Number{number(2)}, d.get(c.ID).Phones)

	c.Phones, c.Company = []blacklist.Number{number(2)}, "x"
	_, err = d.book.Save(ctx, contacts.Saving{Contact: c, Actor: ann})
	assert.NoError(d, err, "what does not touch the record is saved all the same")
}
