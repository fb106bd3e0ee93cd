package contactstest

import (
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/contacts"
	"github.com/nextcall/nextcall/internal/expect"
	"github.com/nextcall/nextcall/status"
)

func (d *desk) merged(survivor, other campaign.ContactID) contacts.Merged {
	d.Helper()
	m, err := d.book.Merge(ctx, contacts.Merging{Survivor: survivor, Other: other, Actor: ann, Operation: "merge1"})
	require.NoError(d, err)
	return m
}

// calledBefore logs a call to a record.
func (d *desk) calledBefore(ref campaign.Ref, contact campaign.ContactID, at time.Time) campaign.Token {
	d.Helper()
	l := campaign.Lease{Holder: "queue", Until: at.Add(time.Minute)}
	d.commit(campaign.Change{Ref: ref, Lease: &l})
	r := d.record(ref).Record
	r.LastCall = at
	ref.Token = l.Token
	d.commit(campaign.Change{Ref: ref, Record: &r, Call: &campaign.Call{
		Token: l.Token, Campaign: ref.Campaign, Record: ref.Record, Contact: contact, Number: r.Phones[0].Number, Dialed: at, Ended: at, Outcome: campaign.Answered,
	}})
	return l.Token
}

func becomeOne(d *desk) {
	a := person("Anna", "Nowak", 1)
	a.Emails, a.Keys, a.Fields = []string{"anna@x.org"}, []string{"A1"}, campaign.Fields{"score": int64(1)}
	b := person("Ania", "", 1, 2)
	b.Company, b.Emails, b.Keys = "Nowak", []string{"ANNA@x.org", "ania@x.org"}, []string{"B1"}
	b.Fields = campaign.Fields{"score": int64(2), "segment": "gold"}
	one := d.saved(a).ID
	s, err := d.book.Save(ctx, contacts.Saving{Contact: b, Actor: ann, AllowDuplicate: true})
	require.NoError(d, err)
	two := s.Contact.ID
	ours := d.opened(contacts.Opening{Chosen: one, Note: "ours"}).Ref
	theirs := d.opened(contacts.Opening{Campaign: "care", Chosen: two, Note: "theirs"}).Ref
	d.calledBefore(theirs, two, noon.Add(-time.Hour))

	m := d.merged(one, two)
	want := campaign.Contact{
		ID: one, FirstName: "Anna", LastName: "Nowak", Company: "Nowak", Phones: []blacklist.Number{number(1), number(2)},
		Emails: []string{"anna@x.org", "ania@x.org"}, Keys: []string{"A1", "B1"},
		Fields:  campaign.Fields{"score": int64(1), "segment": "gold"},
		Created: noon, Updated: noon, Author: "ann", Operation: "merge1", Version: m.Contact.Version,
	}
	assert.Equal(d, &want, m.Contact, "what both say differently stays as the survivor has it")
	assert.Equal(d, &want, d.get(one))
	assert.Equal(d, &want, d.get(two), "both ids keep resolving")
	assert.Equal(d, []campaign.Ref{theirs}, m.Records)
	assert.Empty(d, m.Closed)

	cases, err := d.book.Cases(ctx, two)
	require.NoError(d, err)
	require.Len(d, cases, 2)
	for _, r := range cases {
		assert.Equal(d, one, r.Contact)
		assert.Equal(d, []int{1, 2}, numbers(&r), "phones of both")
		assert.Equal(d, "merge1", r.Operation)
	}
	for _, c := range d.record(ours).History {
		assert.Equal(d, one, c.Contact, "calls go along")
	}
	assert.Len(d, d.record(ours).History, 1, "found by the contact")
	assert.Equal(d, campaign.WhyJoined, d.history(theirs)[1].Why)
	assert.Equal(d, "merge1", d.history(theirs)[1].Operation)

	again := d.merged(one, two)
	assert.True(d, again.Already, "done again it changes nothing")
	assert.Equal(d, m.Contact.Version, again.Contact.Version)
	_, err = d.book.Save(ctx, contacts.Saving{Contact: campaign.Contact{ID: two, FirstName: "Ania"}, Actor: ann})
	assert.Equal(d, &contacts.MergedError{ID: two, Into: one}, expect.ErrorAs[*contacts.MergedError](d, err))
}

func oneGoesOn(d *desk) {
	soon, later := noon.Add(time.Hour), noon.Add(2*time.Hour)
	callback := func(at time.Time) contacts.Opening {
		return contacts.Opening{Status: "callback", Input: campaign.Input{At: at}}
	}
	with := func(id status.ID) contacts.Opening { return contacts.Opening{Status: id} }
	for _, tt := range []struct {
		name         string
		ours, theirs contacts.Opening
		theirsGoesOn bool
		// The engine has closed one: its attempts are used up.
		oursGivenUp, theirsGivenUp bool
	}{
		{name: "the earlier promise is theirs", ours: callback(later), theirs: callback(soon), theirsGoesOn: true},
		{name: "the earlier promise is ours", ours: callback(soon), theirs: callback(later)},
		{name: "a promise is more than none", ours: with("redial"), theirs: callback(later), theirsGoesOn: true},
		{name: "a promise is more than a refusal", ours: with("no"), theirs: callback(later), theirsGoesOn: true},
		{name: "nobody is called again who said no", ours: with("redial"), theirs: with("no"), theirsGoesOn: true},
		{name: "nor who said no to us", ours: with("no"), theirs: with("redial")},
		{name: "nor who said no twice", ours: with("no"), theirs: with("no")},
		{name: "a success is more than a call", ours: with("redial"), theirs: with("sold"), theirsGoesOn: true},
		{name: "what is open is more than what was given up", ours: with("redial"), theirs: with("redial"), theirsGoesOn: true, oursGivenUp: true},
		{name: "ours, too", ours: with("redial"), theirs: with("redial"), theirsGivenUp: true},
		{name: "what was given up twice stays so", ours: with("redial"), theirs: with("redial"), oursGivenUp: true, theirsGivenUp: true},
		{name: "else it is ours", ours: with("redial"), theirs: with("redial")},
	} {
		d = d.again()
		one, two := d.saved(person("Anna", "Nowak", 1)).ID, d.saved(person("Ania", "Nowak", 2)).ID
		tt.ours.Chosen, tt.theirs.Chosen = one, two
		ours, theirs := d.opened(tt.ours), d.opened(tt.theirs)
		for _, given := range []struct {
			up bool
			contacts.Opened
		}{{tt.oursGivenUp, ours}, {tt.theirsGivenUp, theirs}} {
			if given.up {
				r := d.record(given.Ref).Record
				r.Qualifier, r.Standing, r.Lane = status.Exhausted, status.StandingClosed, status.LaneNone
				d.commit(campaign.Change{Ref: given.Ref, Record: &r})
			}
		}
		goesOn, ends := ours.Ref, theirs.Ref
		if tt.theirsGoesOn {
			goesOn, ends = theirs.Ref, ours.Ref
		}
		promised, ended := d.record(goesOn).Record, d.record(ends).Record
		m := d.merged(one, two)
		stays, closed := d.record(goesOn).Record, d.record(ends).Record
		assert.Equal(d, promised.Due, stays.Due, "%s: what was promised is kept", tt.name)
		assert.Equal(d, promised.Qualifier, stays.Qualifier, tt.name)
		assert.Equal(d, promised.Standing, stays.Standing, tt.name)
		assert.Equal(d, status.StandingClosed, closed.Standing, tt.name)
		assert.Equal(d, []campaign.ContactID{one, one}, []campaign.ContactID{stays.Contact, closed.Contact}, "%s: whoever erases the contact finds both", tt.name)
		gaveWay := []contacts.Replaced{{Record: ends, By: goesOn}}
		if ended.Standing == status.StandingClosed {
			gaveWay = nil
		}
		assert.Equal(d, gaveWay, m.Closed, tt.name)
		cases, err := d.book.Cases(ctx, one)
		require.NoError(d, err)
		var open []campaign.RecordID
		for _, r := range cases {
			if r.Standing != status.StandingClosed {
				open = append(open, r.ID)
			}
		}
		_, err = d.book.Open(ctx, contacts.Opening{Campaign: "sales", Channel: campaign.ChannelAgent, Chosen: two, Actor: ann})
		existing := expect.ErrorAs[*campaign.DuplicateError](d, err).Existing
		if stays.Standing == status.StandingClosed {
			assert.Empty(d, open, "%s: nobody is called", tt.name)
		} else {
			assert.Equal(d, []campaign.RecordID{goesOn.Record}, open, "%s: there is one case still", tt.name)
			assert.Equal(d, goesOn, existing, "%s: and it is that one", tt.name)
		}
		if gaveWay != nil {
			entries := d.history(ends)
			last := entries[len(entries)-1]
			assert.Equal(d, campaign.WhyJoined, last.Why, tt.name)
			assert.Equal(d, "ann merge1", last.Author+" "+last.Operation, tt.name)
			assert.Contains(d, last.Note, string(goesOn.Record), tt.name)
		}
	}
}

func gaveWay(d *desk) {
	var ids []campaign.ContactID
	var refs []campaign.Ref
	for i := range 3 {
		ids = append(ids, d.saved(person("Anna", "Nowak", i+1)).ID)
		refs = append(refs, d.opened(contacts.Opening{Chosen: ids[i], Status: "redial"}).Ref)
	}
	d.merged(ids[0], ids[1])
	d.merged(ids[2], ids[1]) // by its old id
	var open []campaign.Ref
	for _, ref := range refs {
		if r := d.record(ref).Record; r.Standing != status.StandingClosed {
			open = append(open, ref)
			assert.Equal(d, ids[2], r.Contact)
		}
	}
	assert.Equal(d, []campaign.Ref{refs[2]}, open, "one of the three goes on")
	for _, id := range ids {
		assert.Equal(d, ids[2], d.get(id).ID)
	}
}

func leasedMerge(d *desk) {
	one, two := d.saved(person("Anna", "Nowak", 1)).ID, d.saved(person("Ania", "Nowak", 2)).ID
	ours, theirs := d.opened(contacts.Opening{Chosen: one}).Ref, d.opened(contacts.Opening{Chosen: two}).Ref
	for _, ref := range []campaign.Ref{ours, theirs} {
		token := d.lease(ref)
		before := []*campaign.Contact{d.get(one), d.get(two)}
		_, err := d.book.Merge(ctx, contacts.Merging{Survivor: one, Other: two, Actor: ann})
		assert.Equal(d, ref, expect.ErrorAs[*campaign.LeasedError](d, err).Hold.Ref)
		assert.Equal(d, before, []*campaign.Contact{d.get(one), d.get(two)})
		d.commit(campaign.Change{Ref: campaign.Ref{Campaign: ref.Campaign, Record: ref.Record, Token: token}})
	}
	three := d.saved(person("Ania", "N")).ID // who brings nothing that would be written to the record
	token := d.lease(ours)
	_, err := d.book.Merge(ctx, contacts.Merging{Survivor: one, Other: three, Actor: ann})
	assert.Equal(d, ours, expect.ErrorAs[*campaign.LeasedError](d, err).Hold.Ref)
	d.commit(campaign.Change{Ref: campaign.Ref{Campaign: ours.Campaign, Record: ours.Record, Token: token}})
	// Leased in the very moment.
	late := &meddler{Store: d.store, before: func() { d.lease(theirs) }}
	_, err = d.over(late).book.Merge(ctx, contacts.Merging{Survivor: one, Other: two, Actor: ann})
	expect.ErrorAs[*campaign.LeasedError](d, err)
	assert.Equal(d, two, d.record(theirs).Record.Contact)
	assert.Equal(d, one, d.record(ours).Record.Contact)
	assert.Equal(d, two, d.get(two).ID)
}

func comesMeanwhile(d *desk) {
	one, two := d.saved(person("Anna", "Nowak", 1)).ID, d.saved(person("Ania", "Nowak", 2)).ID
	var ref campaign.Ref
	late := &meddler{Store: d.store, before: func() { ref = d.opened(contacts.Opening{Chosen: two}).Ref }}
	m := d.over(late).merged(one, two)
	assert.Equal(d, []campaign.Ref{ref}, m.Records)
	r := d.record(ref).Record
	assert.Equal(d, one, r.Contact)
	assert.Equal(d, []int{1, 2}, numbers(&r))
}

func savedMeanwhile(d *desk) {
	for who, want := range [][]int{{1, 7, 2}, {1, 2, 7}} { // of the survivor, of the other
		d = d.again()
		ids := []campaign.ContactID{d.saved(person("Anna", "Nowak", 1)).ID, d.saved(person("Ania", "Nowak", 2)).ID}
		ref := d.opened(contacts.Opening{Chosen: ids[0]}).Ref
		late := &meddler{Store: d.store, before: func() {
			c := *d.get(ids[who])
			c.Phones = append(c.Phones[:1:1], number(7))
			d.saved(c)
		}}
		d.over(late).merged(ids[0], ids[1])
		r := d.record(ref).Record
		assert.Equal(d, want, numbers(&r), "what is saved in the very moment is not lost")
		assert.Len(d, d.get(ids[0]).Phones, 3)
	}
}

func notMerged(d *desk) {
	one := d.saved(person("Anna", "Nowak", 1)).ID
	_, err := d.book.Merge(ctx, contacts.Merging{Survivor: one, Other: one, Actor: ann})
	expect.ErrorAs[*campaign.FieldError](d, err)
	for _, m := range []contacts.Merging{{Survivor: one, Other: "nobody"}, {Survivor: "nobody", Other: one}} {
		_, err = d.book.Merge(ctx, m)
		assert.ErrorIs(d, err, contacts.ErrNotFound)
	}
}
