package contactstest

import (
	"fmt"
	"strings"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/contacts"
)

// histories is a record that changes because its contact does, by everything that a
// Book does to contacts: each time by somebody else, later, under another operation.
func histories(d *desk) {
	var want []string // of the record that goes on
	step := 0
	by := func(op string) (campaign.Actor, string) {
		step++
		d.now = noon.Add(time.Duration(step) * time.Hour)
		return campaign.Actor{User: "user " + op}, op
	}
	line := func(op string, why campaign.Why) string {
		return fmt.Sprint(d.now.Format("15:04"), " user ", op, ": ", why, " by ", op)
	}
	told := func(ref campaign.Ref) (lines []string) {
		for _, e := range d.history(ref) {
			lines = append(lines, fmt.Sprint(e.At.Format("15:04"), " ", e.Author, ": ", e.Why, " by ", e.Operation))
		}
		return lines
	}
	look := func(ref campaign.Ref, what string, want []string) {
		d.Helper()
		assert.Equal(d, want, told(ref), what)
		r := d.record(ref).Record
		assert.Equal(d, want[len(want)-1], fmt.Sprint(r.Updated.Format("15:04"), " ", r.Author, ": ", d.history(ref)[len(want)-1].Why, " by ", r.Operation), "%s: the record itself", what)
	}

	anna := person("Anna", "Nowak", 1)
	anna.Keys = []string{"A1"}
	actor, op := by("open")
	c := anna
	o := d.opened(contacts.Opening{New: &c, Status: "redial", Actor: actor, Operation: op})
	want = append(want, line(op, campaign.WhyAdded))
	look(o.Ref, "a case is opened", want)

	actor, op = by("save")
	c = *d.get(o.Contact.ID)
	c.Phones = append(c.Phones[:1:1], number(2))
	_, err := d.book.Save(ctx, contacts.Saving{Contact: c, Actor: actor, Operation: op})
	require.NoError(d, err)
	want = append(want, line(op, campaign.WhyEdited))
	look(o.Ref, "phones are saved", want)
	saved := d.get(c.ID)
	assert.Equal(d, []any{actor.User, op, d.now}, []any{saved.Author, saved.Operation, saved.Updated}, "so says the contact")

	actor, op = by("upsert")
	_, err = d.book.Upsert(ctx, contacts.Upserting{Key: campaign.ContactKey{Kind: campaign.KeyOwn, Value: "A1"}, Actor: actor, Operation: op,
		Contact: campaign.Contact{Phones: []blacklist.Number{number(3)}, Keys: []string{"A1"}}})
	require.NoError(d, err)
	want = append(want, line(op, campaign.WhyEdited))
	look(o.Ref, "a phone comes by key", want)

	actor, op = by("import")
	_, err = d.book.Import(ctx, strings.NewReader("key;phone\nA1;+48600000004\n"), contacts.Importing{Actor: actor, Operation: op,
		Columns: []contacts.Column{{Name: "key", To: contacts.ToKey}, {Name: "phone", To: contacts.ToPhone}}})
	require.NoError(d, err)
	want = append(want, line(op, campaign.WhyEdited))
	look(o.Ref, "a phone comes by file", want)

	actor, op = by("name")
	c = *d.get(c.ID)
	c.LastName = "Kowalska"
	_, err = d.book.Save(ctx, contacts.Saving{Contact: c, Actor: actor, Operation: op})
	require.NoError(d, err)
	assert.Equal(d, want, told(o.Ref), "what does not reach the record writes no line")

	// Somebody who is the same: with a case here, which gives way, and one elsewhere.
	actor, op = by("other")
	b := person("Ania", "Nowak", 5)
	other := d.opened(contacts.Opening{New: &b, Status: "redial", Actor: actor, Operation: op})
	there := d.opened(contacts.Opening{Campaign: "care", Chosen: other.Contact.ID, Actor: actor, Operation: op})
	added := line(op, campaign.WhyAdded)
	actor, op = by("merge")
	_, err = d.book.Merge(ctx, contacts.Merging{Survivor: c.ID, Other: other.Contact.ID, Actor: actor, Operation: op})
	require.NoError(d, err)
	merged := line(op, campaign.WhyJoined)
	look(there.Ref, "it goes over", []string{added, merged})
	look(other.Ref, "it gives way", []string{added, merged})
	entries := d.history(other.Ref)
	assert.Contains(d, entries[1].Note, string(o.Ref.Record), "to which one")
	want = append(want, line(op, campaign.WhyEdited))
	look(o.Ref, "it goes on, with the phones of both", want)
	r := d.record(o.Ref).Record
	assert.Equal(d, []int{1, 2, 3, 4, 5}, numbers(&r))

	actor, op = by("erase")
	_, err = d.book.Erase(ctx, contacts.Removing{Contact: c.ID, Actor: actor, Operation: op})
	require.NoError(d, err)
	erased := line(op, campaign.WhyErased)
	look(o.Ref, "the person is forgotten, what was done is not", append(want, erased))
	look(there.Ref, "nor elsewhere", []string{added, merged, erased})
	look(other.Ref, "nor where it gave way", []string{added, merged, erased})
}
