package campaign_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// rows: Z2
func TestOnlyUsersWithAnAgentAccountChangeStatuses(t *testing.T) {
	x := given(t).idle()
	var who *campaign.ActorError
	require.ErrorAs(t, x.refused(campaign.Set{Status: "closed", Actor: campaign.Actor{User: "clerk"}}), &who)
	assert.Equal(t, "clerk", who.Actor.User)
	require.ErrorAs(t, x.refused(campaign.Set{Status: "closed", Actor: campaign.Actor{User: "sue", Agent: "s", Campaigns: []campaign.ID{"other"}}}), &who)
	x.must(campaign.Set{Status: "closed", Actor: campaign.Actor{User: "sue", Agent: "s", Campaigns: []campaign.ID{"other", "c"}}})
	x.must(campaign.Set{Status: "closed"}) // the engine
}

// rows: Z27, Z28
func TestAChangeNamesAuthorAndTime(t *testing.T) {
	x := given(t).idle()
	change := x.must(campaign.Set{Status: "closed", Actor: supervisor, Operation: "op1", Note: "asked by phone"})
	r := change.Record
	assert.Equal(t, "sue", r.Author)
	assert.Equal(t, noon, r.Updated)
	assert.Equal(t, "op1", r.Operation)
	assert.Equal(t, status.Closed, r.Qualifier, "the qualifier follows the status")
	assert.Equal(t, []campaign.Note{{At: noon, Author: "sue", Text: "asked by phone"}}, r.Notes)
	assert.Equal(t, &campaign.Entry{At: noon, Author: "sue", Why: campaign.WhyChosen, Operation: "op1",
		From: "shy", To: "closed", Qualifier: status.Closed, Note: "asked by phone"}, change.Entry)
	assert.Nil(t, change.Call)
	assert.Equal(t, 3, r.Attempts.Total, "setting a status never counts")
	assert.Empty(t, x.must(campaign.Set{Status: "redial", Actor: supervisor}).Record.Operation)
}

func TestASetDoesNotEndAnothersLease(t *testing.T) {
	x := given(t) // ann is on the phone
	change, err := x.apply(campaign.Set{Status: "closed", Actor: supervisor})
	require.NoError(t, err)
	assert.Zero(t, change.Ref.Token, "so the store refuses it")
}

func TestEveryMistakeOfASetIsReportedAtOnce(t *testing.T) {
	x := given(t).idle()
	err := x.refused(campaign.Set{Status: "strict", Actor: campaign.Actor{User: "clerk"}, Blacklist: campaign.WhichAll,
		Input: campaign.Input{Agent: bob}, Fields: campaign.Fields{"shoe": 1}})
	var who *campaign.ActorError
	var required *campaign.RequiredError
	var field *campaign.FieldError
	require.ErrorAs(t, err, &who)
	require.ErrorAs(t, err, &required)
	require.ErrorAs(t, err, &field)
	assert.Equal(t, []string{"agent", "date", "hour"}, inputErrors(err))
	for _, e := range []campaign.Set{{}, {Status: "closed", Qualifier: status.Unused}, {Qualifier: status.Redial}} {
		e.Actor = supervisor
		require.ErrorAs(t, x.refused(e), &field)
	}
}

// rows: D8, D10
func TestASetSaysWhichNumbersItLists(t *testing.T) {
	for _, tt := range []struct {
		which campaign.Which
		want  []blacklist.Number
	}{
		{campaign.WhichLast, []blacklist.Number{second}}, {campaign.WhichMain, []blacklist.Number{main}},
		{campaign.WhichAll, []blacklist.Number{main, second, third}}, {campaign.WhichNone, nil},
	} {
		x := given(t).idle()
		x.f.Record.Phones[0].LastCall = noon.Add(-2 * time.Hour)
		x.f.Record.Phones[1].LastCall = noon.Add(-time.Hour)
		var got []blacklist.Number
		for _, e := range x.must(campaign.Set{Status: "refusal", Blacklist: tt.which, Actor: supervisor}).List {
			got = append(got, e.Number)
		}
		assert.Equal(t, tt.want, got, tt.which)
	}
	x := given(t).idle()
	x.f.Record.Phones = []campaign.Phone{{Number: main, LastCall: noon}, {Number: second, LastCall: noon.Add(-time.Hour)}}
	assert.Equal(t, main, x.must(campaign.Set{Status: "refusal", Blacklist: campaign.WhichLast, Actor: supervisor}).List[0].Number)
	x = given(t).idle()
	var field *campaign.FieldError
	for _, e := range []campaign.Set{
		{Status: "refusal"}, {Status: "refusal", Blacklist: "some"}, {Status: "closed", Blacklist: campaign.WhichNone},
		{Status: "refusal", Blacklist: campaign.WhichLast}, {Qualifier: status.Unused, Blacklist: campaign.WhichMain},
	} {
		e.Actor = supervisor
		require.ErrorAs(t, x.refused(e), &field)
		assert.Equal(t, "blacklist", field.Path)
	}
	x.f.Record.Phones = nil
	for _, w := range []campaign.Which{campaign.WhichMain, campaign.WhichAll} {
		x.refused(campaign.Set{Status: "refusal", Blacklist: w, Actor: supervisor})
	}
}

// rows: P19, P20
func TestUnusedClearsTheLifetimeCounterAndNothingElse(t *testing.T) {
	x := given(t).idle()
	x.f.Record.Next, x.f.Record.Attempts.Talks, x.f.Record.Phones[1].Attempts = 2, 1, 5
	x.f.Record.Attempts.ByOutcome[campaign.NoAnswer] = 3
	r := x.must(campaign.Set{Qualifier: status.Unused, Actor: supervisor}).Record
	want := campaign.Counters{Total: 3, Talks: 1}
	want.ByOutcome[campaign.NoAnswer] = 3
	assert.Equal(t, want, r.Attempts)
	assert.Equal(t, 5, r.Phones[1].Attempts, "no transfer buys calls to a number")
	assert.Equal(t, 0, r.Next, "the first number")
	assert.Empty(t, r.Status)
	assert.Equal(t, status.LaneFresh, r.Lane)

	x.call(campaign.Congestion)
	assert.Equal(t, status.LaneFresh, x.f.Record.Lane, "not called yet")
	assert.Equal(t, x.now.Add(5*time.Minute), x.f.Record.Due)
	assert.Equal(t, status.LaneAgain, x.call(campaign.NoAnswer).Record.Lane)
}

func TestASetMayKeepTheNextCall(t *testing.T) {
	due := noon.Add(5 * time.Hour)
	local := &campaign.LocalTime{Date: "2026-03-02", Hour: "17:00", Zone: "Europe/Warsaw"}
	for _, e := range []campaign.Set{
		{Status: "redial"}, {Status: "callback_at"}, {Status: "dated"}, {Qualifier: status.Unused},
		{Status: "own_callback_after", Input: campaign.Input{Agent: bob}}, {Status: "end_of_queue"},
	} {
		x := given(t).idle()
		x.f.Record.Due, x.f.Record.DueInput, x.f.Record.Agreed = due, local, true
		x.f.Record.Qualifier, x.f.Record.Lane, x.f.Record.Promised = status.CallbackAt, status.LanePublic, true
		e.Actor, e.KeepDue = supervisor, true
		r := x.must(e).Record
		assert.Equal(t, due, r.Due, e.Status)
		assert.Equal(t, local, r.DueInput, e.Status)
		assert.Equal(t, r.Lane == status.LanePublic || r.Lane == status.LaneOwn, r.Agreed, "what was agreed stays agreed while it is a promise")
	}
	x := given(t).idle()
	x.f.Record.Due = due
	assert.Zero(t, x.must(campaign.Set{Status: "closed", Actor: supervisor, KeepDue: true}).Record.Due)
	assert.Equal(t, []string{"date", "hour"}, inputErrors(x.refused(campaign.Set{Status: "callback_at", Actor: supervisor, KeepDue: true})), "there is none to keep")
}

func TestASetWakesAParkedRecord(t *testing.T) {
	x := given(t).idle()
	x.f.Record.Park = campaign.Park{Until: noon.Add(time.Hour), Reason: campaign.ReasonGap, Revision: 7}
	assert.Zero(t, x.must(campaign.Set{Status: "redial", Actor: supervisor}).Record.Park)
}

func TestAMessageMakesSomebodyLook(t *testing.T) {
	x := given(t).idle()
	before := x.f.Record
	change := x.must(campaign.Message{Channel: campaign.ChannelMail, Note: "please call"})
	r := change.Record
	assert.Equal(t, status.NewMessage, r.Qualifier)
	assert.Equal(t, []any{before.Standing, before.Lane, before.Due, before.Owner}, []any{r.Standing, r.Lane, r.Due, r.Owner}, "it waits as it did")
	assert.True(t, r.Attention)
	assert.Equal(t, campaign.WhyMessage, change.Entry.Why)
	assert.Equal(t, status.ID("shy"), r.Status)

	x.must(campaign.Set{Status: "closed", Actor: supervisor})
	assert.False(t, x.f.Record.Attention, "somebody has looked")
	r = x.must(campaign.Message{Channel: campaign.ChannelSMS}).Record
	assert.Equal(t, status.StandingHeld, r.Standing)
	assert.True(t, r.Attention)
	x.refused(campaign.Message{Channel: "pigeon"})
}

func TestAMessageDoesNotBreakAPromise(t *testing.T) {
	x := given(t)
	x.must(campaign.Result{Outcome: campaign.Answered, Status: "own_callback_at", Input: tomorrow()})
	x.must(campaign.Message{Channel: campaign.ChannelMail})
	r := x.call(campaign.NoAnswer).Record
	assert.Equal(t, status.LaneOwn, r.Lane)
	assert.Equal(t, ann, r.Owner)
	assert.Equal(t, 1, r.Tries)
	assert.True(t, r.Agreed)
}

func TestAnEditKeepsWhatIsKnownAboutNumbersThatStay(t *testing.T) {
	x := given(t).idle()
	old := x.f.Record
	old.Phones = append([]campaign.Phone(nil), old.Phones...)
	old.Phones[1] = campaign.Phone{Number: second, Out: campaign.OutInvalid, Attempts: 2, Unrung: 3, LastCall: noon, BlockedUntil: noon}
	old.Next, old.Park = 2, campaign.Park{Until: noon.Add(time.Hour), Revision: 7}
	x.f.Record = old
	added := blacklist.Number(420600100200)
	consent := true
	change := x.must(campaign.Edit{Consent: &consent, Actor: supervisor, Fields: campaign.Fields{"pet": "cat"}, Phones: []campaign.Phone{
		{Number: added, Attempts: 9}, {Number: second, Label: "work", Zones: []string{"Europe/Prague"}}, {Number: third},
	}})
	r := change.Record
	want := old.Phones[1]
	want.Label, want.Zones = "work", []string{"Europe/Prague"}
	assert.Equal(t, []campaign.Phone{{Number: added}, want, {Number: third}}, r.Phones)
	assert.Equal(t, 2, r.Next, "the same number is next")
	assert.Zero(t, r.Park, "an edit wakes")
	assert.True(t, r.Consent)
	assert.Equal(t, campaign.Fields{"pet": "cat"}, r.Fields)
	assert.Equal(t, campaign.WhyEdited, change.Entry.Why)
	assert.Equal(t, old.Progress.Due, r.Due)

	r = x.must(campaign.Edit{Phones: []campaign.Phone{{Number: second}, {Number: main}}}).Record
	assert.Equal(t, 1, r.Next, "the invalid one is passed over")
	r = x.must(campaign.Edit{Phones: []campaign.Phone{}}).Record
	assert.Empty(t, r.Phones)
	assert.Empty(t, r.Class, "no phone at all is allowed and never callable")
	assert.Nil(t, x.must(campaign.Edit{Fields: campaign.Fields{"pet": nil}}).Record.Fields)
}

func TestAnEditReportsAllItsMistakes(t *testing.T) {
	err := given(t).idle().refused(campaign.Edit{Fields: campaign.Fields{"age": "old", "shoe": 1}, Phones: []campaign.Phone{
		{Number: 12}, {Number: main}, {Number: main}, {Number: second, Zones: []string{"Mars"}},
	}})
	for _, path := range []string{"phones[0].number", "phones[2].number", "phones[3].zones[0]", `fields["age"]`, `fields["shoe"]`} {
		assert.ErrorContains(t, err, path)
	}
}

// rows: N2, N3, N6, N7
func TestAnImportedRecordIsReadyACaseIsHeld(t *testing.T) {
	x := given(t)
	r := campaign.Record{ID: "new", Type: "person", Phones: []campaign.Phone{{Number: main}}, Order: 3, Progress: campaign.Progress{Owner: bob}}
	change, err := x.c.Admit(r, supervisor, noon)
	require.NoError(t, err)
	got := change.Record
	assert.True(t, change.Add)
	assert.Equal(t, campaign.Ref{Campaign: "c", Record: "new"}, change.Ref)
	assert.Equal(t, campaign.ID("c"), got.Campaign)
	assert.Equal(t, status.Unused, got.Qualifier)
	assert.Equal(t, status.StandingQueued, got.Standing)
	assert.Equal(t, status.LaneFresh, got.Lane)
	assert.Equal(t, int64(3), got.Sort)
	assert.Equal(t, noon, got.Created)
	assert.Equal(t, bob, got.Owner)
	assert.Equal(t, x.c.ClassOf(got.Phones[0]), got.Class)
	assert.Equal(t, campaign.WhyAdded, change.Entry.Why)

	r.Source = campaign.ChannelMail
	change, err = x.c.Admit(r, supervisor, noon)
	require.NoError(t, err)
	assert.Equal(t, status.Manual, change.Record.Qualifier)
	assert.Equal(t, status.StandingHeld, change.Record.Standing)
	assert.Equal(t, campaign.ChannelMail, change.Record.Source)

	r.Status, r.Due = "callback_at", noon.Add(time.Hour)
	change, err = x.c.Admit(r, supervisor, noon)
	require.NoError(t, err)
	assert.Equal(t, status.LanePublic, change.Record.Lane)
	assert.Equal(t, noon.Add(time.Hour), change.Record.Due)
	assert.Equal(t, status.ID(""), change.Entry.From)

	r.Status, r.Due = "valid", time.Time{}
	_, err = x.c.Admit(r, supervisor, noon)
	var required *campaign.RequiredError
	require.ErrorAs(t, err, &required)
	_, err = x.c.Admit(r, campaign.Actor{}, noon)
	require.NoError(t, err, "the engine is not bound")
	r.Status = "refusal"
	_, err = x.c.Admit(r, supervisor, noon)
	require.ErrorContains(t, err, `want "last called"`)
}

// rows: N3, N5
func TestARecordThatMakesNoSenseIsNotAdmitted(t *testing.T) {
	x := given(t)
	long := make([]byte, 201)
	for i := range long {
		long[i] = 'x'
	}
	for path, r := range map[string]campaign.Record{
		"id":             {},
		"want 1 to 200":  {ID: campaign.RecordID(long)},
		"want UTF-8":     {ID: "\xff"},
		"campaign":       {ID: "a", Campaign: "other"},
		"type":           {ID: "a", Type: "robot"},
		"source":         {ID: "a", Source: "pigeon"},
		"phones[1]":      {ID: "a", Phones: []campaign.Phone{{Number: main}, {Number: main}}},
		"phones[0].out":  {ID: "a", Phones: []campaign.Phone{{Number: main, Out: "bored"}}},
		"fields":         {ID: "a", Type: "person", Fields: campaign.Fields{"shoe": "x"}},
		"created":        {ID: "a", Created: time.Date(10001, 1, 1, 0, 0, 0, 0, time.UTC)},
		"due":            {ID: "a", Source: campaign.ChannelWeb, Progress: campaign.Progress{Due: noon}},
		"qualifier":      {ID: "a", Progress: campaign.Progress{Qualifier: status.Exhausted}},
		"no such status": {ID: "a", Progress: campaign.Progress{Status: "nowhere"}},
		"notes[0]":       {ID: "a", Notes: []campaign.Note{{Text: "\xff"}}},
		"sequence":       {ID: "a", Sequence: -1},
	} {
		change, err := x.c.Admit(r, supervisor, noon)
		require.ErrorContains(t, err, strings.TrimSpace(path), path)
		assert.Equal(t, campaign.Change{}, change)
	}
	_, err := x.c.Admit(campaign.Record{ID: "a"}, campaign.Actor{User: "sue", Campaigns: []campaign.ID{"z"}}, noon)
	var who *campaign.ActorError
	require.ErrorAs(t, err, &who, "only the campaigns available to this user")
}

func TestAnAdmittedRecordSharesNothingWithTheCaller(t *testing.T) {
	r := campaign.Record{ID: "a", Phones: []campaign.Phone{{Number: main, Zones: []string{"Europe/Prague"}}}}
	change, err := given(t).c.Admit(r, campaign.Actor{}, noon)
	require.NoError(t, err)
	r.Phones[0].Number, r.Phones[0].Zones[0] = third, "UTC"
	assert.Equal(t, []campaign.Phone{{Number: main, Zones: []string{"Europe/Prague"}}}, change.Record.Phones)
}

// There was no call, so no number was called that the status could end.
func TestASetOfAStatusThatEndsTheNumberEndsNoneAndSaysSo(t *testing.T) {
	x := given(t).idle()
	for _, st := range x.c.Statuses() {
		if !st.EndsNumber || st.Inputs().Time {
			continue
		}
		change := x.must(campaign.Set{Status: st.ID, Actor: supervisor})
		for _, p := range change.Record.Phones {
			assert.Empty(t, p.Out, st.ID)
		}
		require.Len(t, change.Answer.Warnings, 1, st.ID)
		assert.Contains(t, change.Answer.Warnings[0], "ends the called number")
		return
	}
	t.Fatal("the campaign has no such status")
}

func TestAMessageComesFromSomebodyWhoMayUseTheCampaign(t *testing.T) {
	x := given(t).idle()
	var who *campaign.ActorError
	require.ErrorAs(t, x.refused(campaign.Message{Actor: campaign.Actor{User: "sue", Campaigns: []campaign.ID{"another"}}}), &who)
	assert.Contains(t, who.Error(), "another")
	assert.True(t, x.must(campaign.Message{Channel: campaign.ChannelMail}).Record.Attention, "the engine may")
}
