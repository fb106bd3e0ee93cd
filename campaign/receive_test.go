package campaign_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// elsewhere makes the fixture's record one of another campaign, and its campaign
// the one that it goes to.
func elsewhere(t testing.TB, change ...func(*campaign.Config)) *fixture {
	t.Helper()
	x := given(t, change...).idle()
	x.f.Record.Campaign, x.f.Record.Sequence = "old", 12
	x.f.Record.Qualifier = status.Redial
	return x
}

// rows: P1, P20
func TestARecordIsReceivedFromAnotherCampaign(t *testing.T) {
	x := elsewhere(t)
	was := x.f.Record
	set := campaign.Set{Status: "closed", Actor: supervisor, Operation: "op1", Note: "spring is over"}
	change, err := x.apply(campaign.Receive{Set: set})
	require.NoError(t, err)
	assert.Equal(t, campaign.Ref{Campaign: "old", Record: was.ID}, change.Ref)
	assert.True(t, change.Move)
	r := change.Record
	assert.Equal(t, campaign.ID("c"), r.Campaign)
	assert.Zero(t, r.Sequence, "the store gives it the next one")
	assert.Equal(t, was.Version, r.Version)
	assert.Equal(t, was.Attempts, r.Attempts)
	assert.Equal(t, was.Phones, r.Phones)
	assert.Equal(t, status.ID("closed"), r.Status)
	assert.Equal(t, []campaign.Why{campaign.WhyMoved, campaign.WhyChosen}, change.Answer.Why)
	assert.Equal(t, &campaign.Entry{At: noon, Author: "sue", Why: campaign.WhyMoved, Operation: "op1", From: was.Status, To: "closed",
		Qualifier: status.Closed, Note: "spring is over"}, change.Entry)
	require.NoError(t, change.Check())

	_, err = x.apply(set)
	require.Error(t, err, "any other event belongs to the record's own campaign")
}

// rows: P2
func TestARecordThatIsHereAlreadyStays(t *testing.T) {
	x := elsewhere(t)
	x.f.Record.Campaign = "c"
	for _, own := range []campaign.ID{"c", ""} {
		x.f.Record.Campaign = own
		change, err := x.apply(campaign.Receive{Set: campaign.Set{Status: "success", Actor: supervisor}})
		require.NoError(t, err)
		assert.False(t, change.Move)
		assert.Equal(t, campaign.ID("c"), change.Ref.Campaign)
		assert.Equal(t, int64(12), change.Record.Sequence)
		assert.Empty(t, change.Record.Owner, "kept by a change, but not by these rules")
		assert.Equal(t, campaign.WhyChosen, change.Entry.Why)
		require.NoError(t, change.Check())
	}
}

func TestFieldsOfTheSameNameComeAlong(t *testing.T) {
	types := func(c *campaign.Config) {
		c.RecordTypes = append(c.RecordTypes, campaign.RecordType{Name: "firm", Fields: []campaign.Field{
			{Name: "city"}, {Name: "age", Type: campaign.Double}, {Name: "pet", Type: campaign.Int}, {Name: "tax"}}})
	}
	fields := campaign.Fields{"city": "Kraków", "age": int64(40), "pet": "cat", "hobby": "chess"}
	for _, tt := range []struct {
		name, typ, to string
		edit          func(*campaign.Config)
		want          campaign.Fields
		wantType      string
	}{
		{"the type of the same name", "person", "", types, campaign.Fields{"city": "Kraków", "age": int64(40), "pet": "cat"}, "person"},
		{"the type that is named", "person", "firm", types, campaign.Fields{"city": "Kraków", "age": 40.0}, "firm"},
		{"the only type there is", "lead", "", func(*campaign.Config) {}, campaign.Fields{"city": "Kraków", "age": int64(40), "pet": "cat"}, "person"},
		{"none of several", "lead", "", types, nil, ""},
		{"none", "lead", "", func(c *campaign.Config) { c.RecordTypes = nil }, nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := elsewhere(t, tt.edit)
			x.f.Record.Type, x.f.Record.Fields = tt.typ, fields
			change, err := x.apply(campaign.Receive{Type: tt.to, Set: campaign.Set{Status: "closed", Actor: supervisor}})
			require.NoError(t, err)
			assert.Equal(t, tt.want, change.Record.Fields)
			assert.Equal(t, tt.wantType, change.Record.Type)
		})
	}
	x := elsewhere(t, types)
	var wrong *campaign.FieldError
	require.ErrorAs(t, x.refused(campaign.Receive{Type: "firms", Set: campaign.Set{Status: "closed", Actor: supervisor}}), &wrong)
	assert.Contains(t, wrong.Error(), `did you mean "firm"?`)
}

// rows: P5, P16, P17, P18
func TestEveryMistakeOfAMoveIsReportedAtOnce(t *testing.T) {
	x := elsewhere(t)
	x.f.Record.Qualifier, x.f.Record.Success = status.Success, true
	err := x.refused(campaign.Receive{Set: campaign.Set{Status: "manual", Actor: campaign.Actor{User: "clerk"}, Blacklist: campaign.WhichAll}})
	var who *campaign.ActorError
	var success *campaign.SuccessError
	var field *campaign.FieldError
	require.ErrorAs(t, err, &who)
	require.ErrorAs(t, err, &success)
	require.ErrorAs(t, err, &field)
	var moves []string
	for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
		if m, ok := e.(*campaign.MoveError); ok {
			moves = append(moves, m.Error())
		}
	}
	assert.Equal(t, []string{"the record is success, which is not moved: change its status first",
		`status "manual" (manual): no record is moved to it: choose another status`}, moves)
}

func TestALimitThatWouldEndTheRecordAtOnceRefusesIt(t *testing.T) {
	redial := campaign.Receive{Set: campaign.Set{Status: "redial", Actor: supervisor}}
	for _, tt := range []struct {
		name   string
		limits campaign.Limits
		want   *campaign.LimitError
	}{
		{"none", campaign.Limits{}, nil},
		{"one call left", campaign.Limits{Attempts: 4}, nil},
		{"attempts", campaign.Limits{Attempts: 3}, &campaign.LimitError{Campaign: "c", Why: campaign.WhyAttemptLimit, Reached: 3, Max: 3}},
		{"unanswered", campaign.Limits{Unanswered: 2}, &campaign.LimitError{Campaign: "c", Why: campaign.WhyUnansweredLimit, Reached: 2, Max: 2}},
		{"every number", campaign.Limits{NumberAttempts: 1}, &campaign.LimitError{Campaign: "c", Why: campaign.WhyNoNumberLeft, Reached: 1, Max: 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := elsewhere(t, func(c *campaign.Config) { c.Limits = tt.limits })
			x.f.Record.Attempts = campaign.Counters{Total: 3, SinceReset: 3, Unanswered: 2}
			for i := range x.f.Record.Phones {
				x.f.Record.Phones[i].Attempts = 1
			}
			_, err := x.apply(redial)
			var limit *campaign.LimitError
			if tt.want == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorAs(t, err, &limit)
			assert.Equal(t, tt.want, limit)
			assert.Contains(t, limit.Error(), string(tt.want.Why))
			_, err = x.apply(campaign.Receive{Set: campaign.Set{Status: "closed", Actor: supervisor}})
			require.NoError(t, err, "it will not be called")
		})
	}
}

func TestARecordIsRestoredAsItWas(t *testing.T) {
	x := given(t).idle()
	x.f.Record.Fields = campaign.Fields{"city": "Kraków", "age": int64(40)}
	x.f.Record.Lane, x.f.Record.Key = status.LaneLast, 5
	was := x.f.Record
	x.must(campaign.Set{Status: "own_callback_at", Actor: supervisor, Operation: "op", Note: "by mistake",
		Input: campaign.Input{At: noon.Add(time.Hour), Agent: bob}})

	// As a host keeps it.
	text, err := json.Marshal(was)
	require.NoError(t, err)
	var before campaign.Record
	require.NoError(t, json.Unmarshal(text, &before))

	x.now = noon.Add(time.Hour)
	restore := campaign.Restore{Before: before, Undoes: "op", Actor: supervisor, Operation: "undo"}
	change := x.must(restore)
	assert.Equal(t, campaign.WhyRestored, change.Entry.Why)
	assert.Equal(t, was.Status, change.Entry.To)
	want := was
	want.Updated, want.Author, want.Operation = x.now, "sue", "undo"
	want.Changes, want.Version, want.Park = was.Changes+2, was.Version+1, campaign.Park{}
	got := *change.Record
	got.Class = want.Class
	got.Sort = want.Sort
	assert.Equal(t, want, got)

	var refused *campaign.RestoreError
	require.ErrorAs(t, x.refused(restore), &refused, "restored already")
	assert.Contains(t, refused.Error(), "something else has changed it since")
}

func TestOnlyWhatTheOperationChangedLastIsRestored(t *testing.T) {
	x := given(t).idle()
	was := x.f.Record
	restore := campaign.Restore{Before: was, Undoes: "op", Actor: supervisor, Operation: "undo"}
	var refused *campaign.RestoreError
	require.ErrorAs(t, x.refused(restore), &refused)
	assert.Contains(t, refused.Error(), "it was not changed")

	x.must(campaign.Set{Status: "closed", Actor: supervisor, Operation: "op"})
	restore.Undoes = "another"
	require.ErrorAs(t, x.refused(restore), &refused)
	restore.Undoes = ""
	require.ErrorAs(t, x.refused(restore), &refused)
	restore.Undoes, restore.Before.ID = "op", "other"
	require.ErrorAs(t, x.refused(restore), &refused)
	restore.Before = was
	restore.Before.Changes--
	require.ErrorAs(t, x.refused(restore), &refused, "what it was still earlier")
	restore.Before = was
	restore.Before.Standing, restore.Before.Lane = status.StandingKeep, 200
	var field *campaign.FieldError
	require.ErrorAs(t, x.refused(restore), &field)
	restore.Before = was
	restore.Actor.Campaigns = []campaign.ID{"other"}
	var who *campaign.ActorError
	require.ErrorAs(t, x.refused(restore), &who)

	x.must(campaign.Edit{Tags: []string{"vip"}, Actor: supervisor})
	restore.Actor = supervisor
	require.ErrorAs(t, x.refused(restore), &refused)
	assert.Contains(t, refused.Error(), "something else")
}

// No transfer buys calls: those of the campaigns that a record came from count on.
func TestAMoveBuysNoCalls(t *testing.T) {
	capped := func(c *campaign.Config) {
		c.Limits.Caps = []campaign.Cap{{Per: campaign.PerRecord, Max: 1, Days: 1}}
		c.Limits.Gaps = []campaign.Gap{{Per: campaign.PerRecord, Min: campaign.Delay(2 * time.Hour)}}
	}
	x := elsewhere(t, capped)
	x.f.Record.Past = []campaign.ID{"older", "c"}
	change, err := x.apply(campaign.Receive{Set: campaign.Set{Qualifier: status.Unused, Actor: supervisor}})
	require.NoError(t, err)
	r := *change.Record
	assert.Equal(t, []campaign.ID{"older", "old"}, r.Past, "each once, and not where it is")
	for _, tt := range []struct {
		in    campaign.ID
		id    campaign.RecordID
		count bool
	}{{"c", "r", true}, {"old", "r", true}, {"older", "r", true}, {"other", "r", false}, {"old", "q", false}} {
		call := &campaign.Call{Campaign: tt.in, Record: tt.id, Number: third, Counted: true, Outcome: campaign.NoAnswer,
			Dialed: noon.Add(-time.Hour), Ended: noon.Add(-time.Hour)}
		assert.Equal(t, tt.count, r.Owns(call), "%s of %s", tt.id, tt.in)
		f := campaign.Facts{Record: r, History: []*campaign.Call{call}}
		var reasons []campaign.Reason
		_, blockers := x.c.Eligible(&f, campaign.Asker{Agent: ann, Reserved: true}, noon, nil)
		for _, b := range blockers {
			reasons = append(reasons, b.Reason)
		}
		if tt.count {
			assert.Contains(t, reasons, campaign.ReasonLimit)
			assert.Contains(t, reasons, campaign.ReasonGap)
		} else {
			assert.Empty(t, reasons)
		}
	}
}

// A call that was lost is reported, and its record has moved meanwhile.
func TestALateReportOfARecordThatHasMoved(t *testing.T) {
	x := given(t)
	x.now = noon.Add(time.Hour)
	lost := x.must(campaign.Expiry{})
	moved := *lost.Record
	moved.Campaign, moved.Changes, moved.Past = "new", moved.Changes+1, []campaign.ID{"c"}
	x.f.Record, x.f.Call = moved, lost.Call
	change := x.must(campaign.Result{Outcome: campaign.Answered, Status: "refusal", Actor: supervisor, Note: "never again"})
	assert.Nil(t, change.Record)
	assert.Equal(t, campaign.ID("c"), change.Call.Campaign)
	assert.Equal(t, campaign.Answered, change.Call.Outcome)
	assert.Len(t, change.List, 1)
	assert.True(t, change.Answer.Has(campaign.WhyKept))

	x.f.Record, x.f.Call = moved, lost.Call
	var refused *campaign.CorrectionError
	require.ErrorAs(t, x.refused(campaign.Correction{Call: lost.Call.Token, Status: "closed", Actor: supervisor}), &refused)
	assert.Contains(t, refused.Error(), `moved to campaign "new"`)
	x.f.Call = nil
	x.refused(campaign.Result{Outcome: campaign.Answered})
}
