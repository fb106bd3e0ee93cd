package contacts_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/contacts"
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

func TestTwoContactsBecomeOne(t *testing.T) {
	given(t, func(t *testing.T, d *desk) {
		a := person("Anna", "Nowak", 1)
		a.Emails, a.Keys, a.Fields = []string{"anna@x.org"}, []string{"A1"}, campaign.Fields{"score": int64(1)}
		b := person("Ania", "", 1, 2)
		b.Company, b.Emails, b.Keys = "Nowak", []string{"ANNA@x.org", "ania@x.org"}, []string{"B1"}
		b.Fields = campaign.Fields{"score": int64(2), "segment": "gold"}
		one := d.saved(a).ID
		s, err := d.book.Save(ctx, contacts.Saving{Contact: b, Actor: ann, AllowDuplicate: true})
		require.NoError(t, err)
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
		assert.Equal(t, &want, m.Contact, "what both say differently stays as the survivor has it")
		assert.Equal(t, &want, d.get(one))
		assert.Equal(t, &want, d.get(two), "both ids keep resolving")
		assert.Equal(t, []campaign.Ref{theirs}, m.Records)
		assert.Empty(t, m.Closed)

		cases, err := d.book.Cases(ctx, two)
		require.NoError(t, err)
		require.Len(t, cases, 2)
		for _, r := range cases {
			assert.Equal(t, one, r.Contact)
			assert.Equal(t, []int{1, 2}, numbers(&r), "phones of both")
			assert.Equal(t, "merge1", r.Operation)
		}
		for _, c := range d.record(ours).History {
			assert.Equal(t, one, c.Contact, "calls go along")
		}
		assert.Len(t, d.record(ours).History, 1, "found by the contact")
		assert.Equal(t, campaign.WhyJoined, d.history(theirs)[1].Why)
		assert.Equal(t, "merge1", d.history(theirs)[1].Operation)

		again := d.merged(one, two)
		assert.True(t, again.Already, "done again it changes nothing")
		assert.Equal(t, m.Contact.Version, again.Contact.Version)
		_, err = d.book.Save(ctx, contacts.Saving{Contact: campaign.Contact{ID: two, FirstName: "Ania"}, Actor: ann})
		assert.Equal(t, &contacts.MergedError{ID: two, Into: one}, as[*contacts.MergedError](t, err))
	})
}

func TestOfTwoRecordsInOneCampaignOneGoesOn(t *testing.T) {
	soon, later := noon.Add(time.Hour), noon.Add(2*time.Hour)
	callback := func(at time.Time) contacts.Opening {
		return contacts.Opening{Status: "callback", Input: campaign.Input{At: at}}
	}
	for _, tt := range []struct {
		name         string
		ours, theirs contacts.Opening
		theirsGoesOn bool
	}{
		{"the earlier promise is theirs", callback(later), callback(soon), true},
		{"the earlier promise is ours", callback(soon), callback(later), false},
		{"a promise is more than none", contacts.Opening{Status: "redial"}, callback(later), true},
		{"a promise is more than a refusal", contacts.Opening{Status: "no"}, callback(later), true},
		{"nobody is called again who said no", contacts.Opening{Status: "redial"}, contacts.Opening{Status: "no"}, true},
		{"nor who said no to us", contacts.Opening{Status: "no"}, contacts.Opening{Status: "redial"}, false},
		{"a success is more than a call", contacts.Opening{Status: "redial"}, contacts.Opening{Status: "sold"}, true},
		{"else it is ours", contacts.Opening{Status: "redial"}, contacts.Opening{Status: "redial"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			given(t, func(t *testing.T, d *desk) {
				one, two := d.saved(person("Anna", "Nowak", 1)).ID, d.saved(person("Ania", "Nowak", 2)).ID
				tt.ours.Chosen, tt.theirs.Chosen = one, two
				ours, theirs := d.opened(tt.ours), d.opened(tt.theirs)
				goesOn, ends := ours, theirs
				if tt.theirsGoesOn {
					goesOn, ends = theirs, ours
				}
				m := d.merged(one, two)
				stays, closed := d.record(goesOn.Ref).Record, d.record(ends.Ref).Record
				assert.Equal(t, goesOn.Record.Due, stays.Due, "what was promised is kept")
				assert.Equal(t, goesOn.Record.Qualifier, stays.Qualifier)
				assert.Equal(t, status.StandingClosed, closed.Standing)
				assert.Equal(t, one, stays.Contact)
				assert.Equal(t, one, closed.Contact, "whoever erases the contact finds it")
				if ends.Record.Standing != status.StandingClosed {
					assert.Equal(t, []contacts.Replaced{{Record: ends.Ref, By: goesOn.Ref}}, m.Closed)
					entries := d.history(ends.Ref)
					assert.Equal(t, campaign.WhyJoined, entries[len(entries)-1].Why)
					assert.Contains(t, entries[len(entries)-1].Note, string(goesOn.Ref.Record))
				}
				_, err := d.book.Open(ctx, contacts.Opening{Campaign: "sales", Channel: campaign.ChannelAgent, Chosen: two, Actor: ann})
				existing := as[*campaign.DuplicateError](t, err).Existing
				if stays.Standing != status.StandingClosed {
					assert.Equal(t, goesOn.Ref, existing, "there is one case still, and it is that one")
				}
			})
		})
	}
}

func TestARecordThatGaveWayDoesNotEndTheNextMerge(t *testing.T) {
	given(t, func(t *testing.T, d *desk) {
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
				assert.Equal(t, ids[2], r.Contact)
			}
		}
		assert.Equal(t, []campaign.Ref{refs[2]}, open, "one of the three goes on")
		for _, id := range ids {
			assert.Equal(t, ids[2], d.get(id).ID)
		}
	})
}

func TestNothingIsMergedWhileARecordIsLeased(t *testing.T) {
	given(t, func(t *testing.T, d *desk) {
		one, two := d.saved(person("Anna", "Nowak", 1)).ID, d.saved(person("Ania", "Nowak", 2)).ID
		ours, theirs := d.opened(contacts.Opening{Chosen: one}).Ref, d.opened(contacts.Opening{Chosen: two}).Ref
		for _, ref := range []campaign.Ref{ours, theirs} {
			token := d.lease(ref)
			before := []*campaign.Contact{d.get(one), d.get(two)}
			_, err := d.book.Merge(ctx, contacts.Merging{Survivor: one, Other: two, Actor: ann})
			assert.Equal(t, ref, as[*campaign.LeasedError](t, err).Hold.Ref)
			assert.Equal(t, before, []*campaign.Contact{d.get(one), d.get(two)})
			d.commit(campaign.Change{Ref: campaign.Ref{Campaign: ref.Campaign, Record: ref.Record, Token: token}})
		}
		three := d.saved(person("Ania", "N")).ID // who brings nothing that would be written to the record
		token := d.lease(ours)
		_, err := d.book.Merge(ctx, contacts.Merging{Survivor: one, Other: three, Actor: ann})
		assert.Equal(t, ours, as[*campaign.LeasedError](t, err).Hold.Ref)
		d.commit(campaign.Change{Ref: campaign.Ref{Campaign: ours.Campaign, Record: ours.Record, Token: token}})
		// Leased in the very moment.
		late := &meddler{Store: d.store, before: func() { d.lease(theirs) }}
		_, err = at(t, late).book.Merge(ctx, contacts.Merging{Survivor: one, Other: two, Actor: ann})
		as[*campaign.LeasedError](t, err)
		assert.Equal(t, two, d.record(theirs).Record.Contact)
		assert.Equal(t, one, d.record(ours).Record.Contact)
		assert.Equal(t, two, d.get(two).ID)
	})
}

func TestARecordThatComesWhileContactsAreMergedGoesAlong(t *testing.T) {
	given(t, func(t *testing.T, d *desk) {
		one, two := d.saved(person("Anna", "Nowak", 1)).ID, d.saved(person("Ania", "Nowak", 2)).ID
		var ref campaign.Ref
		late := &meddler{Store: d.store, before: func() { ref = d.opened(contacts.Opening{Chosen: two}).Ref }}
		m := at(t, late).merged(one, two)
		assert.Equal(t, []campaign.Ref{ref}, m.Records)
		r := d.record(ref).Record
		assert.Equal(t, one, r.Contact)
		assert.Equal(t, []int{1, 2}, numbers(&r))
	})
}

func TestWhoCannotBeMerged(t *testing.T) {
	given(t, func(t *testing.T, d *desk) {
		one := d.saved(person("Anna", "Nowak", 1)).ID
		_, err := d.book.Merge(ctx, contacts.Merging{Survivor: one, Other: one, Actor: ann})
		as[*campaign.FieldError](t, err)
		for _, m := range []contacts.Merging{{Survivor: one, Other: "nobody"}, {Survivor: "nobody", Other: one}} {
			_, err = d.book.Merge(ctx, m)
			assert.ErrorIs(t, err, contacts.ErrNotFound)
		}
	})
}
