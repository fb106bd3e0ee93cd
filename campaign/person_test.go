package campaign_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

func TestARecordGoesToAnotherContact(t *testing.T) {
	x := given(t).idle()
	x.f.Record.Contact = "old"
	was := x.f.Record
	change := x.must(campaign.Joining{Contact: "new", Actor: supervisor, Operation: "op1", Note: "the same person"})
	r := change.Record
	assert.EqualValues(t, "new", r.Contact)
	assert.Equal(t, was.Progress, r.Progress, "what was said and promised stays")
	assert.Equal(t, was.Phones, r.Phones)
	assert.Equal(t, &campaign.Entry{At: noon, Author: "sue", Why: campaign.WhyJoined, Operation: "op1", From: was.Status, To: was.Status,
		Qualifier: was.Qualifier, Note: "the same person"}, change.Entry)
	assert.Equal(t, []campaign.Why{campaign.WhyJoined}, change.Answer.Why)
	assert.Equal(t, "the same person", r.Notes[len(r.Notes)-1].Text)

	var field *campaign.FieldError
	require.ErrorAs(t, x.refused(campaign.Joining{Actor: supervisor}), &field)
	assert.Equal(t, "contact", field.Path)
	var who *campaign.ActorError
	require.ErrorAs(t, x.refused(campaign.Joining{Contact: "new", Actor: campaign.Actor{User: "sue", Campaigns: []campaign.ID{"other"}}}), &who)
}

func TestARecordThatGaveWayIsClosed(t *testing.T) {
	x := given(t).idle()
	r := x.must(campaign.Joining{Contact: "new", Close: true, Actor: supervisor}).Record
	assert.Equal(t, status.Closed, r.Qualifier)
	assert.Equal(t, status.StandingClosed, r.Standing)
	assert.False(t, r.Promised)
	assert.Zero(t, r.Due)
	x.f.Record = *r
	again := x.must(campaign.Joining{Contact: "newer", Close: true}).Record
	assert.Equal(t, r.StatusAt, again.StatusAt, "one that is closed stays as it is")

	x = given(t).idle()
	x.f.Record.Success, x.f.Record.SucceededAt = true, noon.Add(-time.Hour)
	r = x.must(campaign.Joining{Contact: "new", Close: true}).Record
	assert.Equal(t, status.SuccessClosed, r.Qualifier, "a success stays one")
	assert.True(t, r.Success)
}

func TestPhonesOfAContactAreNoMatterOfRequiredFields(t *testing.T) {
	x := given(t).idle()
	x.f.Record.Contact, x.f.Record.Status, x.f.Record.Fields = "c1", "strict", nil
	phones := []campaign.Phone{{Number: 48_699_000_000}, x.f.Record.Phones[1]}
	var required *campaign.RequiredError
	require.ErrorAs(t, x.refused(campaign.Edit{Phones: phones, Actor: supervisor}), &required)
	change := x.must(campaign.Joining{Contact: "c1", Phones: phones, Actor: supervisor})
	assert.Equal(t, campaign.WhyEdited, change.Entry.Why, "the contact is the same")
	require.Len(t, change.Record.Phones, 2)
	assert.Equal(t, blacklist.Number(48_699_000_000), change.Record.Phones[0].Number)
}

func TestAnErasedRecordKeepsWhatWasDoneOnly(t *testing.T) {
	x := given(t).idle()
	x.f.Record.Contact, x.f.Record.ExternalID, x.f.Record.Tags = "c1", "crm", []string{"vip"}
	x.f.Record.Notes = []campaign.Note{{At: noon, Author: "ann", Text: "ill"}}
	x.f.Record.DueInput = &campaign.LocalTime{Date: "2026-06-02"}
	was := x.f.Record
	change := x.must(campaign.Erasure{Actor: supervisor, Operation: "gdpr"})
	r := change.Record
	assert.True(t, change.Erase, "log and history too")
	assert.Zero(t, string(r.Contact)+r.ExternalID)
	assert.Nil(t, r.Phones)
	assert.Nil(t, r.Fields)
	assert.Nil(t, r.Notes)
	assert.Nil(t, r.Tags)
	assert.Nil(t, r.DueInput)
	assert.Equal(t, status.StandingClosed, r.Standing)
	assert.Equal(t, was.Attempts, r.Attempts)
	assert.Equal(t, was.LastCall, r.LastCall)
	assert.Equal(t, was.Status, r.Status)
	assert.Equal(t, "", r.Class, "nobody calls it")
	assert.Equal(t, campaign.WhyErased, change.Entry.Why)
	assert.NotEmpty(t, was.Phones, "the record that was given is not changed")
}

// rows: D8, D10–D12
func TestANewRecordSaysWhichNumbersItsStatusLists(t *testing.T) {
	c := given(t).c
	r := campaign.Record{ID: "n", Source: campaign.ChannelAgent, Progress: campaign.Progress{Status: "refusal"}, Phones: []campaign.Phone{{Number: 48_600_000_001}, {Number: 48_600_000_002}}}
	for which, want := range map[campaign.Which][]blacklist.Number{
		campaign.WhichMain: {48_600_000_001}, campaign.WhichAll: {48_600_000_001, 48_600_000_002}, campaign.WhichNone: nil,
	} {
		change, err := c.AdmitAs(r, campaign.Admission{Actor: supervisor, Blacklist: which}, noon)
		require.NoError(t, err)
		var got []blacklist.Number
		for _, e := range change.List {
			got = append(got, e.Number)
		}
		assert.Equal(t, want, got)
	}
	var field *campaign.FieldError
	for _, a := range []campaign.Admission{{}, {Blacklist: campaign.WhichLast}} {
		_, err := c.AdmitAs(r, a, noon)
		require.ErrorAs(t, err, &field)
		assert.Equal(t, "blacklist", field.Path)
	}
	r.Status = ""
	_, err := c.AdmitAs(r, campaign.Admission{Blacklist: campaign.WhichAll}, noon)
	assert.ErrorContains(t, err, "without a status no number is listed")
	_, err = c.AdmitAs(r, campaign.Admission{Input: &campaign.Input{Agent: "x", Date: "2026-06-02"}}, noon)
	assert.Equal(t, []string{"date", "agent"}, inputErrors(err))
}

func TestFurtherChangesFreeAContact(t *testing.T) {
	ref := campaign.Ref{Campaign: "c", Record: "r"}
	ch := campaign.Change{Also: []campaign.Change{{Ref: ref, Record: &campaign.Record{ID: "r", Campaign: "c", Contact: "new"}}}}
	assert.True(t, ch.Frees(ref, "old"))
	assert.False(t, ch.Frees(ref, "new"))
	assert.False(t, ch.Frees(campaign.Ref{Campaign: "d", Record: "r"}, "old"))
	assert.NoError(t, ch.Check())
}
