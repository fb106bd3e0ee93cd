package contactstest

import (
	"errors"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/contacts"
	"github.com/nextcall/nextcall/internal/expect"
	"github.com/nextcall/nextcall/status"
)

// rows: N1, N2, N14, N16
func channels(d *desk) {
	require.Len(d, contacts.Channels(), 7)
	for i, ch := range contacts.Channels() {
		c := person("Anna", "Nowak", i+1)
		o := d.opened(contacts.Opening{Channel: ch, New: &c})
		r := d.record(o.Ref).Record
		assert.Equal(d, ch, r.Source)
		assert.Equal(d, o.Contact.ID, r.Contact, "the one link of a contact and a campaign")
		assert.Equal(d, status.Manual, r.Qualifier, "without a status it is held")
		assert.Equal(d, status.StandingHeld, r.Standing)
		assert.True(d, o.Added)
	}
	d.saved(person("Jan", "Kowal", 99))
	c := person("Ewa", "Kot", 50)
	for _, ch := range []campaign.Channel{campaign.ChannelImport, "pigeon"} {
		_, err := d.book.Open(ctx, contacts.Opening{Campaign: "sales", Channel: ch, New: &c, Actor: ann})
		assert.Equal(d, "channel", expect.ErrorAs[*campaign.FieldError](d, err).Path)
	}
}

// rows: N3–N6
func available(d *desk) {
	offered := func(a campaign.Actor) (ids []campaign.ID) {
		for _, c := range d.book.Available(a) {
			ids = append(ids, c.ID())
		}
		return ids
	}
	clerk := campaign.Actor{User: "clerk", Campaigns: []campaign.ID{"care", "gone"}}
	assert.Equal(d, []campaign.ID{"sales", "care", "inner"}, offered(campaign.Actor{User: "boss"}))
	assert.Equal(d, []campaign.ID{"sales", "care"}, offered(ann), "she does not work in the third")
	assert.Equal(d, []campaign.ID{"care"}, offered(clerk))
	c := person("Anna", "Nowak", 1)
	for _, tt := range []struct {
		actor campaign.Actor
		id    campaign.ID
		known bool
	}{{clerk, "", false}, {clerk, "sales", true}, {clerk, "gone", false}, {ann, "inner", true}} {
		_, err := d.book.Open(ctx, contacts.Opening{Campaign: tt.id, Channel: campaign.ChannelWeb, New: &c, Actor: tt.actor})
		e := expect.ErrorAs[*contacts.CampaignError](d, err)
		assert.Equal(d, tt.known, e.Known, tt.id)
		assert.Equal(d, offered(tt.actor), e.Available)
	}
	_, err := d.book.Get(ctx, "id01")
	assert.ErrorIs(d, err, contacts.ErrNotFound, "a case that is refused leaves no contact behind")
	_, err = d.book.Open(ctx, contacts.Opening{Campaign: "care", Channel: campaign.ChannelWeb, New: &c, Actor: clerk})
	assert.NoError(d, err)
}

// rows: N7, N8, N15
func wholeCase(d *desk) {
	c := person("Anna", "Nowak", 1)
	o := d.opened(contacts.Opening{
		Channel: campaign.ChannelMail, New: &c, Record: "r1", ExternalID: "crm7", Type: "lead", Tags: []string{"hot"}, Consent: true, Order: 3,
		Fields: campaign.Fields{"product": "loan"}, Status: "mine", Input: campaign.Input{Date: "2026-06-02", Hour: "09:30"}, Owner: "b2",
		Note: "asked by mail", Operation: "op1",
	})
	r := d.record(o.Ref).Record
	assert.Equal(d, campaign.Ref{Campaign: "sales", Record: "r1"}, o.Ref)
	assert.Equal(d, status.OwnCallbackAt, r.Qualifier)
	assert.Equal(d, campaign.AgentID("b2"), r.Owner)
	assert.Equal(d, time.Date(2026, 6, 2, 7, 30, 0, 0, time.UTC), r.Due)
	assert.Equal(d, &campaign.LocalTime{Date: "2026-06-02", Hour: "09:30", Zone: "Europe/Warsaw"}, r.DueInput)
	assert.Equal(d, []campaign.Note{{At: noon, Author: "ann", Text: "asked by mail"}}, r.Notes)
	assert.Equal(d, "crm7 hot true 3 loan", r.ExternalID+" "+r.Tags[0]+" true 3 "+r.Fields["product"].(string))
	assert.Equal(d, []int{1}, numbers(&r))
	assert.Equal(d, "ann op1", r.Author+" "+r.Operation)
	entries := d.history(o.Ref)
	assert.Equal(d, []campaign.Entry{{At: noon, Author: "ann", Why: campaign.WhyAdded, Operation: "op1", To: "mine", Qualifier: status.OwnCallbackAt}}, entries)

	e := person("Ewa", "Kot", 2)
	held := d.opened(contacts.Opening{New: &e, Owner: "b2"})
	assert.Equal(d, campaign.AgentID("b2"), d.record(held.Ref).Record.Owner, "without a status an owner is information")
}

// rows: N8–N11, N17
func choosing(d *desk) {
	d.saved(person("Łukasz", "Żak", 1, 2))
	found, err := d.book.Suggest(ctx, campaign.Typed{Text: "luk"})
	require.NoError(d, err)
	require.Len(d, found, 1)
	o := d.opened(contacts.Opening{Chosen: found[0].Contact.ID})
	assert.False(d, o.Added)
	assert.Equal(d, found[0].Contact.ID, d.record(o.Ref).Record.Contact)
	assert.Equal(d, []int{1, 2}, numbers(&o.Record), "the contact's phones are dialled")
	found, err = d.book.Suggest(ctx, campaign.Typed{Text: "zak"})
	require.NoError(d, err)
	assert.Len(d, found, 1, "and there is one still")

	c := person("Lukasz", "Zak", 2)
	_, err = d.book.Open(ctx, contacts.Opening{Campaign: "care", Channel: campaign.ChannelSMS, New: &c, Actor: ann})
	assert.Equal(d, found[0].Contact.ID, expect.ErrorAs[*campaign.ContactExistsError](d, err).Matches[0].Contact)
	for _, o := range []contacts.Opening{{}, {Chosen: "id01", New: &c}, {Chosen: "nobody"}} {
		o.Campaign, o.Channel, o.Actor = "care", campaign.ChannelSMS, ann
		_, err = d.book.Open(ctx, o)
		assert.Error(d, err)
	}
	_, err = d.book.Open(ctx, contacts.Opening{Campaign: "care", Channel: campaign.ChannelSMS, New: &c, Actor: ann, AllowDuplicate: true})
	assert.NoError(d, err, "an explicit override")
}

// rows: N9, N12, N13
func suggestions(d *desk) {
	anna := d.saved(person("Anna", "Żaneta", 1)).ID
	firm := d.saved(campaign.Contact{Company: "Hanza", Phones: []blacklist.Number{number(2)}}).ID
	for text, want := range map[string][]campaign.ContactID{
		"a": {anna, firm}, "z": {anna, firm}, "zan": {anna}, "ŽANETA": {anna}, "net": {anna}, "anna żan": {anna},
		"nza": {firm}, "600 000 002": {firm}, "+48 600": {anna, firm}, "q": nil,
	} {
		found, err := d.book.Suggest(ctx, campaign.Typed{Text: text})
		require.NoError(d, err)
		var got []campaign.ContactID
		for _, s := range found {
			got = append(got, s.Contact.ID)
		}
		assert.Equal(d, want, got, text)
	}
}

func oneCase(d *desk) {
	c := person("Anna", "Nowak", 1)
	o := d.opened(contacts.Opening{New: &c})
	_, err := d.book.Open(ctx, contacts.Opening{Campaign: "sales", Channel: campaign.ChannelCall, Chosen: o.Contact.ID, Actor: ann})
	duplicate := expect.ErrorAs[*campaign.DuplicateError](d, err)
	assert.Equal(d, o.Ref, duplicate.Existing)
	assert.Equal(d, "contact in campaign", duplicate.What)
	d.opened(contacts.Opening{Campaign: "care", Chosen: o.Contact.ID})

	other := person("Jan", "Kowal", 1)
	_, err = d.book.Open(ctx, contacts.Opening{Campaign: "sales", Channel: campaign.ChannelCall, New: &other, AllowDuplicate: true, Actor: ann})
	assert.Equal(d, "number in campaign", expect.ErrorAs[*campaign.DuplicateError](d, err).What)
	d.opened(contacts.Opening{New: &other, AllowDuplicate: true, AllowSameNumber: true})
	cases, err := d.book.Cases(ctx, o.Contact.ID)
	require.NoError(d, err)
	assert.Len(d, cases, 2)
}

// rows: D19–D27
func requiredOfCases(d *desk) {
	c := person("Anna", "Nowak", 1)
	open := func(o contacts.Opening) error {
		o.Campaign, o.Channel, o.Actor, o.New, o.Type = "sales", campaign.ChannelAgent, ann, &c, "lead"
		_, err := d.book.Open(ctx, o)
		return err
	}
	err := open(contacts.Opening{Status: "dated"})
	assert.Equal(d, []string{"product"}, expect.ErrorAs[*campaign.RequiredError](d, err).Fields, "a hidden one is not demanded")
	expect.ErrorAs[*campaign.InputError](d, err) // both at once
	filled := campaign.Fields{"product": "loan"}
	err = open(contacts.Opening{Status: "dated", Fields: filled})
	expect.ErrorAs[*campaign.InputError](d, err)
	assert.False(d, errors.As(err, new(*campaign.RequiredError)))
	tomorrow := campaign.Input{Date: "2026-06-02", Hour: "09:00"}
	expect.ErrorAs[*campaign.RequiredError](d, open(contacts.Opening{Status: "dated", Input: tomorrow}))
	expect.ErrorAs[*campaign.RequiredError](d, open(contacts.Opening{Status: "strict"}))
	_, err = d.book.Get(ctx, "id01")
	assert.ErrorIs(d, err, contacts.ErrNotFound, "nothing is saved")
	require.NoError(d, open(contacts.Opening{Status: "dated", Fields: filled, Input: tomorrow}))
}

func badInputs(d *desk) {
	c := person("Anna", "Nowak", 1)
	for name, o := range map[string]contacts.Opening{
		"a time without a status":            {Input: campaign.Input{At: noon.Add(time.Hour)}},
		"a time for a status without one":    {Status: "redial", Input: campaign.Input{Date: "2026-06-02", Hour: "09:00"}},
		"an agent for a public callback":     {Status: "callback", Input: campaign.Input{At: noon.Add(time.Hour), Agent: "b2"}},
		"nobody for an own callback":         {Status: "mine", Input: campaign.Input{At: noon.Add(time.Hour)}},
		"no time for a callback":             {Status: "callback"},
		"a status of another campaign":       {Status: "vip"},
		"no answer about the blacklist":      {Status: "never"},
		"an answer without a status":         {Blacklist: campaign.WhichMain},
		"an answer for a status without one": {Status: "redial", Blacklist: campaign.WhichMain},
		"a number that was never called":     {Status: "never", Blacklist: campaign.WhichLast},
		"a type that is none":                {Type: "ghost"},
		"a field that is none":               {Type: "lead", Fields: campaign.Fields{"shoe": 1}},
	} {
		o.Campaign, o.Channel, o.Actor, o.New = "sales", campaign.ChannelAgent, ann, &c
		_, err := d.book.Open(ctx, o)
		assert.Error(d, err, name)
	}
	past := d.opened(contacts.Opening{New: &c, Status: "callback", Input: campaign.Input{At: noon.Add(-time.Hour)}})
	assert.Len(d, past.Warnings, 1, "a date in the past is due now, with a warning")
	assert.Equal(d, noon, past.Record.Due)
}

func listsNumbers(d *desk) {
	c := person("Anna", "Nowak", 1, 2)
	o := d.opened(contacts.Opening{New: &c, Status: "never", Blacklist: campaign.WhichMain})
	require.Len(d, o.Answer.Listed, 1)
	require.Len(d, o.Listed, 1, "in the same change")
	assert.Equal(d, number(1), o.Listed[0].Number)
	assert.Equal(d, blacklist.List("dnc"), o.Listed[0].Entry.List)
}

func checkedTogether(d *desk) {
	c := campaign.Contact{Country: "nowhere"}
	_, err := d.book.Open(ctx, contacts.Opening{Campaign: "sales", Channel: "pigeon", New: &c, Status: "callback", Actor: ann})
	for _, want := range []string{"country", "says nothing", "channel", `input date`} {
		assert.ErrorContains(d, err, want)
	}
}

// A save of the contact's phones that comes while its case is opened is not missed.
func phonesMeanwhile(d *desk) {
	c := *d.saved(person("Anna", "Nowak", 1))
	late := &meddler{Store: d.store, before: func() {
		c.Phones = []blacklist.Number{number(7)}
		d.saved(c)
	}}
	o := d.over(late).opened(contacts.Opening{Chosen: c.ID, Record: "r1"})
	assert.Equal(d, []int{7}, numbers(&o.Record))
}
