package campaign_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

func correctionRefused(x *fixture, e campaign.Correction) *campaign.CorrectionError {
	x.t.Helper()
	var refused *campaign.CorrectionError
	require.ErrorAs(x.t, x.refused(e), &refused)
	return refused
}

// rows: D10, D17, K3
func TestACorrectionBeginsFromTheRecordBeforeTheFirstStatus(t *testing.T) {
	x := given(t)
	first := x.must(campaign.Result{Outcome: campaign.Answered, Status: "success", Note: "bought", Fields: campaign.Fields{"pet": "dog"}})
	require.True(t, first.Record.Success)
	x.now = noon.Add(10 * time.Minute)
	change := x.must(campaign.Correction{Call: 141, Status: "refusal", Actor: supervisor, Note: "did not"})
	r := change.Record
	assert.False(t, r.Success, "as if it had never been one")
	assert.Zero(t, r.SucceededAt)
	assert.Equal(t, status.Closed, r.Qualifier)
	assert.Equal(t, x.now, r.StatusAt)
	assert.Equal(t, first.Record.Attempts, r.Attempts, "no attempt is counted twice")
	assert.Equal(t, first.Record.Phones, r.Phones)
	assert.Equal(t, campaign.Fields{"pet": "dog"}, r.Fields, "fields and notes stay")
	assert.Len(t, r.Notes, 2)
	assert.Zero(t, change.Ref.Token)

	assert.Equal(t, campaign.Token(141), change.Call.Token, "the log's entry is replaced")
	assert.Equal(t, status.ID("refusal"), change.Call.Status)
	assert.Equal(t, first.Call.Before, change.Call.Before)
	assert.Equal(t, change.Record.Changes, change.Call.Changes)
	assert.Equal(t, first.Call.Answer, change.Call.Answer, "a repeated report is given the first answer")
	require.Len(t, change.List, 1)
	assert.Equal(t, main, change.List[0].Number, "that call's number")
	assert.Equal(t, &campaign.Entry{At: x.now, Author: "sue", Why: campaign.WhyCorrected, Call: 141, From: "success", To: "refusal",
		Qualifier: status.Closed, Note: "did not"}, change.Entry)

	again := x.must(campaign.Correction{Call: 141, Status: "own_callback_at", Input: tomorrow(), Actor: supervisor})
	assert.Equal(t, ann, again.Record.Owner, "the agent of the call")
	assert.True(t, again.Record.Agreed)
	assert.Empty(t, again.Unlist, "and no entry is removed")
	assert.Equal(t, r.Attempts, again.Record.Attempts)
}

func TestACorrectionUndoesWhatTheFirstStatusDidToTheNumber(t *testing.T) {
	x := given(t)
	call := x.must(campaign.Result{Outcome: campaign.Answered, Status: "wrong_person"}).Call
	x.must(campaign.Edit{Phones: []campaign.Phone{{Number: third}, {Number: main}, {Number: second}}})
	require.Equal(t, campaign.OutEnded, x.f.Record.Phones[1].Out)
	x.f.Call = call
	r := x.must(campaign.Correction{Call: 141, Status: "redial", Actor: supervisor}).Record
	assert.Empty(t, r.Phones[1].Out)
	assert.Equal(t, 4, r.Phones[1].Attempts)
	assert.Equal(t, []any{third, main, second}, []any{r.Phones[0].Number, r.Phones[1].Number, r.Phones[2].Number}, "the list stays as it was edited")
	assert.Equal(t, 2, r.Next)
}

func TestHowLongACallCanBeCorrected(t *testing.T) {
	e := campaign.Correction{Call: 141, Status: "closed", Actor: supervisor}
	midnight := time.Date(2026, 3, 2, 23, 0, 0, 0, time.UTC) // in Warsaw
	x := given(t)
	x.must(campaign.Result{Outcome: campaign.Answered, Status: "redial"})
	x.now = midnight
	assert.Equal(t, midnight, correctionRefused(x, e).Limit, "the end of that day in the campaign's zone")
	x.now = midnight.Add(-time.Microsecond)
	x.must(e)

	x = given(t, func(c *campaign.Config) { c.CorrectionWindow = campaign.Delay(time.Hour) })
	x.must(campaign.Result{Outcome: campaign.Answered, Status: "redial"})
	x.now = noon.Add(time.Hour)
	assert.Equal(t, x.now, correctionRefused(x, e).Limit)

	x = given(t)
	call := x.must(campaign.Result{Outcome: campaign.Answered, Status: "redial"}).Call
	x.lease().f.Call = call
	assert.Contains(t, correctionRefused(x, e).Error(), "leased again")
	x.lease().must(campaign.Result{Outcome: campaign.NoAnswer})
	x.f.Call = call
	assert.Contains(t, correctionRefused(x, e).Error(), "called again")
	assert.Contains(t, correctionRefused(x, campaign.Correction{Call: 5, Status: "closed"}).Error(), "not known")
	other := *call
	other.Record = "s"
	x.f.Call = &other
	assert.Contains(t, correctionRefused(x, e).Error(), "record s")
}

func TestACorrectionMayReplaceASuccessWithAnything(t *testing.T) {
	x := given(t)
	x.must(campaign.Result{Outcome: campaign.Answered, Status: "success_closed"})
	assert.Equal(t, status.Redial, x.must(campaign.Correction{Call: 141, Status: "redial", Actor: supervisor}).Record.Qualifier)
	var refused *campaign.SuccessError
	require.ErrorAs(t, x.refused(campaign.Correction{Call: 141, Status: "success_cancelled", Actor: supervisor}), &refused)
	x.must(campaign.Correction{Call: 141, Status: "success", Actor: supervisor})
	assert.Equal(t, status.SuccessCancelled, x.must(campaign.Correction{Call: 141, Status: "success_cancelled", Actor: supervisor}).Record.Qualifier)
}

func TestACorrectionIsHeldToItsStatusToo(t *testing.T) {
	x := given(t)
	x.must(campaign.Result{Outcome: campaign.Answered, Status: "redial"})
	err := x.refused(campaign.Correction{Call: 141, Status: "strict", Actor: supervisor})
	assert.Equal(t, []string{"date", "hour"}, inputErrors(err))
	var required *campaign.RequiredError
	require.ErrorAs(t, err, &required)
	x.refused(campaign.Correction{Call: 141, Actor: supervisor})
}

func TestAReportGivenTwiceGetsTheFirstAnswer(t *testing.T) {
	x := given(t)
	first := x.must(campaign.Result{Outcome: campaign.Answered, Status: "refusal"})
	x.now = noon.Add(time.Hour)
	change, err := x.apply(campaign.Result{Outcome: campaign.NoAnswer, Status: "redial"})
	require.NoError(t, err)
	assert.Equal(t, campaign.Change{Ref: campaign.Ref{Campaign: "c", Record: "r"}, Answer: first.Answer}, change, "and nothing to commit")

	call := first.Call
	x.lease().f.Call = call // an old token, while a new call runs
	change, err = x.apply(campaign.Result{Outcome: campaign.NoAnswer})
	require.NoError(t, err)
	assert.Nil(t, change.Record)
	assert.Equal(t, first.Answer, change.Answer)
}

func TestALateReportReplacesTheUnknownOutcome(t *testing.T) {
	x := given(t)
	before := x.f.Record
	x.f.Lease.Phase = campaign.Talking
	lost := x.must(campaign.Expiry{})
	assert.True(t, lost.Call.Expired)
	assert.Equal(t, campaign.Unknown, lost.Call.Outcome)
	assert.Equal(t, []campaign.Why{campaign.WhyLeaseExpired, campaign.WhyFallback}, lost.Answer.Why)
	assert.Equal(t, 4, lost.Record.Attempts.Total)
	assert.Equal(t, noon.Add(time.Hour), lost.Record.Due, "not redialled at once")

	x.now = noon.Add(10 * time.Minute)
	late := x.must(campaign.Result{Outcome: campaign.Answered, Status: "callback_at", Input: tomorrow()})
	r := late.Record
	assert.Equal(t, lost.Call.Token, late.Call.Token, "the same call")
	assert.False(t, late.Call.Expired)
	assert.Equal(t, status.CallbackAt, r.Qualifier)
	assert.Equal(t, 4, r.Attempts.Total, "counted once")
	assert.Equal(t, 1, r.Attempts.Talks)
	assert.Zero(t, r.Attempts.Unanswered)
	assert.Zero(t, r.Attempts.ByOutcome[campaign.Unknown])
	assert.Equal(t, 4, r.Phones[0].Attempts)
	assert.Equal(t, campaign.Answered, r.Phones[0].LastOutcome)
	assert.Equal(t, before.Phones, late.Call.Before.Phones)
	assert.Zero(t, late.Ref.Token)

	again, err := x.apply(campaign.Result{Outcome: campaign.NoAnswer})
	require.NoError(t, err)
	assert.Equal(t, late.Answer, again.Answer, "from now on it is a report like any other")
}

func TestALateReportOfADueCallbackKeepsIt(t *testing.T) {
	x := given(t)
	x.must(campaign.Set{Status: "callback_at", Input: tomorrow(), Actor: supervisor})
	x.now = x.f.Record.Due.Add(2 * time.Minute)
	x.lease().must(campaign.Expiry{})
	require.Equal(t, 1, x.f.Record.Tries)
	r := x.must(campaign.Result{Outcome: campaign.LineBusy}).Record
	assert.Equal(t, status.CallbackAt, r.Qualifier)
	assert.Equal(t, 1, r.Tries)
	assert.Equal(t, x.now.Add(10*time.Minute), r.Due)
}

// rows: D10
func TestALateReportLeavesARecordAloneThatMovedOnButListsTheNumber(t *testing.T) {
	for name, move := range map[string]func(*fixture){
		"leased":    func(x *fixture) { call := x.f.Call; x.lease().f.Call = call },
		"changed":   func(x *fixture) { call := x.f.Call; x.must(campaign.Edit{Note: "x"}); x.f.Call = call },
		"called":    func(x *fixture) { call := x.f.Call; x.call(campaign.LineBusy); x.f.Call = call },
		"corrected": func(x *fixture) { x.must(campaign.Correction{Call: 141, Status: "closed", Actor: supervisor}) },
	} {
		t.Run(name, func(t *testing.T) {
			x := given(t)
			x.must(campaign.Expiry{})
			move(x)
			change, err := x.apply(campaign.Result{Outcome: campaign.Answered, Status: "refusal", Note: "never again", Actor: campaign.Actor{Agent: ann}})
			require.NoError(t, err)
			assert.Nil(t, change.Record)
			assert.Zero(t, change.Ref.Token)
			assert.True(t, change.Answer.Has(campaign.WhyKept))
			assert.Equal(t, campaign.Answered, change.Call.Outcome)
			assert.Equal(t, status.ID("refusal"), change.Call.Status)
			assert.False(t, change.Call.Expired)
			require.Len(t, change.List, 1)
			assert.Equal(t, main, change.List[0].Number)
			assert.Equal(t, campaign.WhyKept, change.Entry.Why)
			assert.Equal(t, x.f.Record.Qualifier, change.Answer.Qualifier)
		})
	}
}

func TestAnOfferThatRunsOutIsASkipByNobody(t *testing.T) {
	x := given(t, func(c *campaign.Config) { c.Skips.Disallow = true })
	x.f.Lease.Phase = campaign.Offered
	before := x.f.Record
	change := x.must(campaign.Expiry{})
	r := change.Record
	assert.Nil(t, change.Call)
	assert.Equal(t, 1, r.Skips)
	assert.Equal(t, noon.Add(10*time.Minute), r.SkipUntil)
	assert.Equal(t, campaign.Park{Until: r.SkipUntil, Reason: campaign.ReasonSkipped, Revision: 7}, r.Park)
	assert.Equal(t, before.Attempts, r.Attempts, "no attempt")
	assert.Equal(t, campaign.Engine, r.Author)
	assert.Equal(t, campaign.WhyLeaseExpired, change.Entry.Why)
	require.ErrorIs(t, x.refused(campaign.Expiry{}), campaign.ErrLeaseLost)

	x.lease().f.Lease.Phase, x.f.Lease.Inbound = campaign.Offered, true
	change = x.must(campaign.Expiry{})
	assert.Nil(t, change.Record, "a caller who was not taken is no skip")
	assert.NotZero(t, change.Ref.Token)
}

func TestASkipKeepsPlaceAndNextCallUntilThereAreTooMany(t *testing.T) {
	x := given(t, func(c *campaign.Config) { c.Skips = campaign.Skips{Max: 2, Delay: campaign.Delay(time.Minute)} })
	x.must(campaign.Result{Outcome: campaign.Answered, Status: "callback_at", Input: tomorrow()})
	before := x.f.Record
	skip := func() campaign.Change {
		x.lease().f.Lease.Phase = campaign.Offered
		return x.must(campaign.Skip{Actor: campaign.Actor{Agent: ann}})
	}
	for i := 1; i <= 2; i++ {
		change := skip()
		r := change.Record
		assert.Equal(t, i, r.Skips)
		assert.Equal(t, noon.Add(time.Minute), r.SkipUntil)
		assert.Equal(t, []any{before.Qualifier, before.Due, before.Lane, before.Owner, before.Attempts, before.StatusAt},
			[]any{r.Qualifier, r.Due, r.Lane, r.Owner, r.Attempts, r.StatusAt})
		assert.Equal(t, campaign.WhySkipped, change.Entry.Why)
		assert.Equal(t, "ann", change.Entry.Author)
	}
	change := skip()
	assert.Equal(t, status.StandingHeld, change.Record.Standing)
	assert.True(t, change.Record.Attention)
	assert.Zero(t, change.Record.Park)
	assert.Equal(t, []campaign.Why{campaign.WhySkipped, campaign.WhySkipLimit}, change.Answer.Why)
}

func TestOnlyAnOfferCanBeSkipped(t *testing.T) {
	var refused *campaign.SkipError
	require.ErrorAs(t, given(t).refused(campaign.Skip{}), &refused)
	require.ErrorIs(t, given(t).idle().refused(campaign.Skip{}), campaign.ErrLeaseLost)
	x := given(t, func(c *campaign.Config) { c.Skips.Disallow = true })
	x.f.Lease.Phase = campaign.Offered
	require.ErrorAs(t, x.refused(campaign.Skip{}), &refused)
}

func TestWhatIsNoEventIsRefused(t *testing.T) {
	x := given(t)
	x.refused(nil)
	x.refused(&campaign.Result{Outcome: campaign.NoAnswer})
	_, err := x.c.Apply(nil, campaign.Expiry{}, noon)
	require.Error(t, err)
	x.f.Record.Campaign = "other"
	x.refused(campaign.Expiry{})
}
