package contactstest

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/contacts"
	"github.com/nextcall/nextcall/internal/expect"
	"github.com/nextcall/nextcall/status"
)

func erased(d *desk) {
	c := person("Zbigniew", "Nowak")
	c.Phones = []blacklist.Number{48_612_345_678}
	c.Emails = []string{"zbigniew@x.org"}
	id := d.saved(c).ID
	ref := d.opened(contacts.Opening{
		Chosen: id, ExternalID: "crm-zbigniew", Type: "lead", Tags: []string{"zbigniew"}, Fields: campaign.Fields{"product": "zbigniew's"},
		Status: "callback", Input: campaign.Input{At: noon.Add(time.Hour)}, Note: "zbigniew is ill",
	}).Ref
	closed := d.opened(contacts.Opening{Campaign: "care", Chosen: id, Note: "zbigniew again"}).Ref
	d.calledBefore(ref, id, noon.Add(-time.Hour))
	d.commit(campaign.Change{List: []blacklist.Entry{{Number: 48_612_345_678, List: "dnc", Added: noon}}})

	removed, err := d.book.Erase(ctx, contacts.Removing{Contact: id, Actor: ann, Operation: "gdpr7"})
	require.NoError(d, err)
	assert.Equal(d, []campaign.Ref{closed, ref}, removed.Records, "in the order of their campaigns")
	_, err = d.book.Get(ctx, id)
	assert.ErrorIs(d, err, contacts.ErrNotFound)
	for _, ref := range removed.Records {
		f := d.record(ref)
		entries, calls := d.told(ref)
		all, err := json.Marshal(map[string]any{"record": f, "entries": entries, "calls": calls})
		require.NoError(d, err)
		for _, personal := range []string{"igniew", "612345678", string(id)} {
			assert.False(d, strings.Contains(string(all), personal), "%s is left in %s", personal, all)
		}
		assert.Equal(d, status.StandingClosed, f.Record.Standing)
		last := entries[len(entries)-1]
		assert.Equal(d, "ann erased gdpr7", last.Author+" "+string(last.Why)+" "+last.Operation)
	}
	_, calls := d.told(ref)
	require.Len(d, calls, 1)
	assert.Equal(d, campaign.Answered, calls[0].Outcome, "what was done, and when, is known")
	found, err := d.book.Suggest(ctx, campaign.Typed{Text: "zbig"})
	require.NoError(d, err)
	assert.Empty(d, found)
	left, err := d.store.Check(ctx, blacklist.Query{Now: noon, Lists: []blacklist.List{"dnc"}, Numbers: []blacklist.Number{48_612_345_678}})
	require.NoError(d, err)
	assert.Len(d, left, 1, "nobody calls them again")
	_, err = d.book.Erase(ctx, contacts.Removing{Contact: id, Actor: ann})
	assert.ErrorIs(d, err, contacts.ErrNotFound)
}

func erasedAll(d *desk) {
	one, two := d.saved(person("Anna", "Nowak", 1)).ID, d.saved(person("Ania", "Nowak", 2)).ID
	d.opened(contacts.Opening{Chosen: one})
	d.opened(contacts.Opening{Chosen: two})
	d.merged(one, two)
	removed, err := d.book.Erase(ctx, contacts.Removing{Contact: two, Actor: ann})
	require.NoError(d, err)
	assert.Len(d, removed.Records, 2)
	for _, id := range []campaign.ContactID{one, two} {
		_, err = d.book.Get(ctx, id)
		assert.ErrorIs(d, err, contacts.ErrNotFound)
	}
}

func notDeleted(d *desk) {
	id := d.saved(person("Anna", "Nowak", 1)).ID
	open := d.opened(contacts.Opening{Chosen: id}).Ref
	closed := d.opened(contacts.Opening{Campaign: "care", Chosen: id}).Ref
	r := d.record(closed).Record
	r.Standing = status.StandingClosed
	d.commit(campaign.Change{Ref: closed, Record: &r})
	_, err := d.book.Delete(ctx, contacts.Removing{Contact: id, Actor: ann})
	assert.Equal(d, []campaign.Ref{open}, expect.ErrorAs[*contacts.OpenRecordsError](d, err).Records)
	assert.ErrorContains(d, err, "close them first, or erase the contact")
	d.get(id)
	r = d.record(open).Record
	r.Standing = status.StandingClosed
	d.commit(campaign.Change{Ref: open, Record: &r})
	removed, err := d.book.Delete(ctx, contacts.Removing{Contact: id, Actor: ann})
	require.NoError(d, err)
	assert.Len(d, removed.Records, 2)
	assert.Empty(d, d.record(open).Record.Phones)
}

func leasedErase(d *desk) {
	id := d.saved(person("Anna", "Nowak", 1)).ID
	free := d.opened(contacts.Opening{Campaign: "care", Chosen: id}).Ref
	busy := d.opened(contacts.Opening{Chosen: id}).Ref
	late := &meddler{Store: d.store, before: func() { d.lease(busy) }}
	_, err := d.over(late).book.Erase(ctx, contacts.Removing{Contact: id, Actor: ann})
	expect.ErrorAs[*campaign.LeasedError](d, err)
	assert.NotEmpty(d, d.record(free).Record.Phones)
	d.get(id)
	_, err = d.book.Erase(ctx, contacts.Removing{Contact: id, Actor: ann})
	assert.Equal(d, busy, expect.ErrorAs[*campaign.LeasedError](d, err).Hold.Ref)
}
