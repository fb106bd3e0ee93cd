package contacts_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/contacts"
)

// rows: N1, N14, N15
func TestAContactIsMadeOnItsOwn(t *testing.T) {
	given(t, func(t *testing.T, d *desk) {
		c := person("Łukasz", "  Żak ", 1, 2)
		c.Emails, c.Keys = []string{" Lukasz@Example.org "}, []string{"A17"}
		c.Company, c.Country = "Żak i Synowie", "pl"
		c.Fields = campaign.Fields{"score": float64(7), "segment": nil}
		s, err := d.book.Save(ctx, contacts.Saving{Contact: c, Actor: ann, Operation: "op1"})
		require.NoError(t, err)
		assert.True(t, s.Added)
		want := campaign.Contact{
			ID: "id01", Company: "Żak i Synowie", FirstName: "Łukasz", LastName: "Żak", Country: "PL",
			Phones: []blacklist.Number{number(1), number(2)}, Emails: []string{"Lukasz@Example.org"}, Keys: []string{"A17"},
			Fields:  campaign.Fields{"score": int64(7)},
			Created: noon, Updated: noon, Author: "ann", Operation: "op1", Version: 1,
		}
		assert.Equal(t, &want, s.Contact)
		assert.Equal(t, &want, d.get("id01"))
		for _, key := range []campaign.ContactKey{{Kind: campaign.KeyPhone, Value: "48600000002"}, {Kind: campaign.KeyEmail, Value: "lukasz@example.org"}, {Kind: campaign.KeyOwn, Value: "A17"}} {
			found, err := d.book.ByKey(ctx, key)
			require.NoError(t, err)
			assert.Equal(t, []*campaign.Contact{&want}, found)
		}
		_, err = d.book.Get(ctx, "nobody")
		assert.ErrorIs(t, err, contacts.ErrNotFound)
	})
}

func TestASaveReplacesAndSaysWhoAndWhen(t *testing.T) {
	given(t, func(t *testing.T, d *desk) {
		c := *d.saved(person("Anna", "Nowak", 1))
		d.now = noon.Add(time.Hour)
		c.LastName = "Kowalska"
		s, err := d.book.Save(ctx, contacts.Saving{Contact: c, Actor: campaign.Actor{User: "bob"}, Operation: "op2"})
		require.NoError(t, err)
		assert.False(t, s.Added)
		assert.True(t, s.Changed)
		got := d.get(c.ID)
		assert.Equal(t, "Kowalska", got.LastName)
		assert.Equal(t, noon, got.Created)
		assert.Equal(t, d.now, got.Updated)
		assert.Equal(t, "bob op2", got.Author+" "+got.Operation)
		assert.EqualValues(t, 2, got.Version)

		again, err := d.book.Save(ctx, contacts.Saving{Contact: *got, Actor: ann})
		require.NoError(t, err)
		assert.False(t, again.Changed, "nothing differs")
		assert.EqualValues(t, 2, d.get(c.ID).Version)

		_, err = d.book.Save(ctx, contacts.Saving{Contact: c, Actor: ann}) // version 1
		assert.ErrorIs(t, err, campaign.ErrConflict)
		c.Version = 0
		_, err = d.book.Save(ctx, contacts.Saving{Contact: c, Actor: ann})
		assert.NoError(t, err, "without a version the last one wins")
	})
}

// rows: N10, N11
func TestAContactThatIsThereIsNamedInsteadOfMadeTwice(t *testing.T) {
	given(t, func(t *testing.T, d *desk) {
		first := person("Anna", "Nowak", 1, 2)
		first.Emails, first.Keys = []string{"anna@example.org"}, []string{"A17"}
		id := d.saved(first).ID
		for name, second := range map[string]campaign.Contact{
			"phone":  person("Jan", "Kowal", 3, 2),
			"e-mail": {FirstName: "Jan", Emails: []string{"ANNA@example.org "}},
			"key":    {FirstName: "Jan", Keys: []string{"A17"}},
		} {
			_, err := d.book.Save(ctx, contacts.Saving{Contact: second, Actor: ann})
			exists := as[*campaign.ContactExistsError](t, err)
			assert.Equal(t, id, exists.Matches[0].Contact, name)
			assert.Contains(t, err.Error(), "take that one, or allow the duplicate", name)
		}
		s, err := d.book.Save(ctx, contacts.Saving{Contact: person("Jan", "Kowal", 3, 2), Actor: ann, AllowDuplicate: true})
		require.NoError(t, err, "an explicit override")
		assert.Equal(t, []campaign.ContactMatch{{Key: campaign.ContactKey{Kind: campaign.KeyPhone, Value: "48600000002"}, Contact: id}}, s.Same)

		jan := *s.Contact
		jan.Company = "Kowal"
		d.saved(jan) // what was allowed once is not asked again
		jan.Phones = append(jan.Phones, number(1))
		jan.Version = 0
		_, err = d.book.Save(ctx, contacts.Saving{Contact: jan, Actor: ann})
		as[*campaign.ContactExistsError](t, err)
	})
}

func TestAllThatIsWrongWithAContactIsSaidAtOnce(t *testing.T) {
	given(t, func(t *testing.T, d *desk) {
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
			assert.Contains(t, text, want)
		}
		assert.Less(t, len(text), 4000, "a text of 10,000 characters is clipped")
		_, err = d.book.Save(ctx, contacts.Saving{Actor: ann})
		assert.ErrorContains(t, err, "want a name, a company, a phone")
		_, err = d.book.Save(ctx, contacts.Saving{Contact: person("A", "B"), Actor: campaign.Actor{User: "\xff"}})
		assert.ErrorContains(t, err, "actor.user")
	})
}

func TestARequiredFieldOfContactsIsDemanded(t *testing.T) {
	given(t, func(t *testing.T, d *desk) {
		d = at(t, d.store, func(cfg *contacts.Config) {
			cfg.Fields = []campaign.Field{{Name: "pesel", Required: true}, {Name: "old", Required: true, Hidden: true}}
		})
		_, err := d.book.Save(ctx, contacts.Saving{Contact: person("A", "B"), Actor: ann})
		assert.Equal(t, `fields["pesel"]`, as[*campaign.FieldError](t, err).Path)
	})
}

func TestPhonesOfAContactReachItsOpenRecords(t *testing.T) {
	given(t, func(t *testing.T, d *desk) {
		c := *d.saved(person("Anna", "Nowak", 1, 2))
		both := d.opened(contacts.Opening{Chosen: c.ID}).Ref
		own := d.opened(contacts.Opening{Campaign: "care", Chosen: c.ID, Phones: []campaign.Phone{
			{Number: number(9), Label: "work"}, {Number: number(2), Label: "home", Attempts: 3},
		}}).Ref

		c = *d.get(c.ID)
		c.Phones = []blacklist.Number{number(3), number(2)}
		s, err := d.book.Save(ctx, contacts.Saving{Contact: c, Actor: ann, Operation: "op3"})
		require.NoError(t, err)
		assert.ElementsMatch(t, []campaign.Ref{both, own}, s.Records)
		r := d.record(both).Record
		assert.Equal(t, []int{3, 2}, numbers(&r), "as the contact has them")
		assert.Equal(t, "ann op3", r.Author+" "+r.Operation)
		r = d.record(own).Record
		assert.Equal(t, []int{3, 2, 9}, numbers(&r), "its own number stays, behind the contact's")
		assert.Equal(t, campaign.Phone{Number: number(2), Label: "home", Attempts: 3}, r.Phones[1], "what is known of a number stays")
		last := d.history(own)[1]
		assert.Equal(t, campaign.Entry{At: noon, Author: "ann", Why: campaign.WhyEdited, Operation: "op3", Qualifier: r.Qualifier}, last)

		s, err = d.book.Save(ctx, contacts.Saving{Contact: func() campaign.Contact { c := *d.get(c.ID); c.Company = "x"; return c }(), Actor: ann})
		require.NoError(t, err)
		assert.Empty(t, s.Records, "a record is written only when its phones change")
	})
}

func TestAClosedRecordKeepsItsPhones(t *testing.T) {
	given(t, func(t *testing.T, d *desk) {
		c := *d.saved(person("Anna", "Nowak", 1))
		ref := d.opened(contacts.Opening{Chosen: c.ID, Status: "no"}).Ref
		c = *d.get(c.ID)
		c.Phones = []blacklist.Number{number(2)}
		d.saved(c)
		r := d.record(ref).Record
		assert.Equal(t, []int{1}, numbers(&r))
	})
}

func TestRequiredFieldsOfARecordDoNotBindItsContact(t *testing.T) {
	given(t, func(t *testing.T, d *desk) {
		c := *d.saved(person("Anna", "Nowak", 1))
		o := d.opened(contacts.Opening{Chosen: c.ID, Type: "lead", Status: "strict", Fields: campaign.Fields{"product": "loan"}})
		r := o.Record
		r.Fields = nil // somebody else's doing
		d.commit(campaign.Change{Ref: o.Ref, Record: &r})
		limited := campaign.Actor{User: "clerk", Campaigns: []campaign.ID{"care"}}
		c = *d.get(c.ID)
		c.Phones = append(c.Phones, number(2))
		_, err := d.book.Save(ctx, contacts.Saving{Contact: c, Actor: limited})
		require.NoError(t, err, "nor do the campaigns of whoever saves it")
		r = d.record(o.Ref).Record
		assert.Equal(t, []int{1, 2}, numbers(&r))
	})
}

func TestWhileARecordIsLeasedOnlyItsHolderChangesItsPhones(t *testing.T) {
	given(t, func(t *testing.T, d *desk) {
		c := *d.saved(person("Anna", "Nowak", 1))
		free := d.opened(contacts.Opening{Campaign: "care", Chosen: c.ID}).Ref
		busy := d.opened(contacts.Opening{Chosen: c.ID}).Ref
		token := d.lease(busy)
		c = *d.get(c.ID)
		c.Phones = []blacklist.Number{number(2)}
		_, err := d.book.Save(ctx, contacts.Saving{Contact: c, Actor: ann})
		assert.Equal(t, busy, as[*campaign.LeasedError](t, err).Hold.Ref)
		r := d.record(free).Record
		assert.Equal(t, []int{1}, numbers(&r), "all of it is written, or nothing")
		assert.Equal(t, []blacklist.Number{number(1)}, d.get(c.ID).Phones)

		held := busy
		held.Token = token
		_, err = d.book.Save(ctx, contacts.Saving{Contact: c, Actor: ann, Held: []campaign.Ref{held}})
		require.NoError(t, err)
		f := d.record(busy)
		assert.Equal(t, []int{2}, numbers(&f.Record))
		assert.Equal(t, token, f.Lease.Token, "the lease goes on")

		held.Token += 100
		c = *d.get(c.ID)
		c.Phones = []blacklist.Number{number(3)}
		_, err = d.book.Save(ctx, contacts.Saving{Contact: c, Actor: ann, Held: []campaign.Ref{held}})
		assert.ErrorIs(t, err, campaign.ErrLeaseLost)
		assert.Equal(t, []blacklist.Number{number(2)}, d.get(c.ID).Phones)

		c.Phones, c.Company = []blacklist.Number{number(2)}, "x"
		_, err = d.book.Save(ctx, contacts.Saving{Contact: c, Actor: ann})
		assert.NoError(t, err, "what does not touch the record is saved all the same")
	})
}
