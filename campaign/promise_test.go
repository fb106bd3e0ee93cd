package campaign_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

func TestLimitsEndOnlyWhatWouldBeDialledAgain(t *testing.T) {
	limit := func(c *campaign.Config) { c.Limits.Attempts = 4 }
	for id, want := range map[status.ID]status.Qualifier{
		"": status.Exhausted, "redial": status.Exhausted, "callback_at": status.Exhausted, "success": status.Success,
		"closed": status.Closed, "send_mail": status.SendMail, "manual": status.Manual,
	} {
		x := given(t, limit)
		e := campaign.Result{Outcome: campaign.NoAnswer, Status: id}
		if id == "callback_at" {
			e.Outcome, e.Input = campaign.Answered, tomorrow()
		}
		change := x.must(e)
		assert.Equal(t, want, change.Record.Qualifier, id)
		assert.Equal(t, want == status.Exhausted, change.Answer.Has(campaign.WhyAttemptLimit), id)
		assert.Equal(t, id == "send_mail", len(change.Actions) == 1, id)
	}
	x := given(t, limit)
	assert.Equal(t, status.Redial, x.must(campaign.Result{Outcome: campaign.Congestion}).Record.Qualifier, "three of four")
	x.f.Record.Attempts.SinceReset = 4
	r := x.must(campaign.Set{Status: "redial", Actor: supervisor}).Record
	assert.Equal(t, status.StandingQueued, r.Standing, "setting a status never counts and ends nothing")
}

func TestALimitOfOneIsExactlyOneCall(t *testing.T) {
	x := given(t, func(c *campaign.Config) { c.Limits.Attempts = 1 })
	x.f.Record.Attempts = campaign.Counters{}
	assert.Equal(t, status.Exhausted, x.must(campaign.Result{Outcome: campaign.LineBusy}).Record.Qualifier)
}

func TestAPromiseYieldsToTheAttemptLimitOnly(t *testing.T) {
	x := given(t, func(c *campaign.Config) { c.Limits.Unanswered, c.Callbacks.Tries = 3, 10 })
	x.must(campaign.Result{Outcome: campaign.Answered, Status: "callback_at", Input: tomorrow()})
	for range 5 {
		require.Equal(t, status.CallbackAt, x.call(campaign.NoAnswer).Record.Qualifier)
	}
	x = given(t, func(c *campaign.Config) { c.Limits.Unanswered, c.Callbacks.Tries = 3, 10 })
	x.must(campaign.Set{Status: "callback_at", Input: tomorrow(), Actor: supervisor})
	change := x.call(campaign.NoAnswer)
	assert.Equal(t, status.Exhausted, change.Record.Qualifier, "nobody agreed to that one")
	assert.True(t, change.Answer.Has(campaign.WhyUnansweredLimit))
}

func TestACallbackSurvivesCallsThatReachNobody(t *testing.T) {
	x := given(t)
	x.must(campaign.Result{Outcome: campaign.Answered, Status: "own_callback_at", Input: tomorrow()})
	assert.True(t, x.f.Record.Agreed)
	for i, o := range []campaign.Outcome{campaign.LineBusy, campaign.Congestion, campaign.Voicemail} {
		change := x.call(o)
		r := change.Record
		assert.Equal(t, status.OwnCallbackAt, r.Qualifier)
		assert.Equal(t, status.LaneOwn, r.Lane)
		assert.Equal(t, ann, r.Owner)
		assert.True(t, r.Agreed)
		assert.Equal(t, []campaign.Why{campaign.WhyCallbackKept}, change.Answer.Why)
		assert.Equal(t, x.now.Add([]time.Duration{10 * time.Minute, 5 * time.Minute, 4 * time.Hour}[i]), r.Due)
		assert.Equal(t, []int{1, 1, 2}[i], r.Tries, "a call without a line is no try")
	}
	change := x.call(campaign.NoAnswer)
	assert.Equal(t, []campaign.Why{campaign.WhyCallbackGivenUp}, change.Answer.Why)
	assert.Equal(t, status.Redial, change.Record.Qualifier)
	assert.Equal(t, status.LaneAgain, change.Record.Lane)
	assert.Equal(t, ann, change.Record.Owner, "the owner stays, as information")
	assert.False(t, change.Record.Agreed)
	assert.Zero(t, change.Record.Tries)
}

func TestOneTryIsThuliumsWay(t *testing.T) {
	x := given(t, func(c *campaign.Config) { c.Callbacks.Tries = 1 })
	x.must(campaign.Set{Status: "callback_at", Input: tomorrow(), Actor: supervisor})
	assert.Equal(t, status.Redial, x.call(campaign.NoAnswer).Record.Qualifier)
}

func TestACallbackKeepsItsPromiseOnTheNextNumber(t *testing.T) {
	x := given(t)
	x.must(campaign.Set{Status: "callback_at", Input: tomorrow(), Actor: supervisor})
	r := x.call(campaign.Invalid).Record
	assert.Equal(t, status.CallbackAt, r.Qualifier)
	assert.Equal(t, campaign.OutInvalid, r.Phones[0].Out)
	assert.Equal(t, 1, r.Next)
	assert.Equal(t, x.now, r.Due)
	x.f.Record.Phones = x.f.Record.Phones[:2]
	change := x.call(campaign.Invalid)
	assert.Equal(t, status.InvalidNumber, change.Record.Qualifier)
	assert.Equal(t, status.StandingClosed, change.Record.Standing)
}

func TestACallBeforeThePromisedTimeDoesNotTouchThePromise(t *testing.T) {
	x := given(t)
	x.must(campaign.Set{Status: "callback_at", Input: tomorrow(), Actor: supervisor})
	due := x.f.Record.Due
	x.lease().f.Lease.ForCallback = false // taken by hand
	change := x.must(campaign.Result{Outcome: campaign.NoAnswer})
	assert.Equal(t, status.CallbackAt, change.Record.Qualifier)
	assert.Equal(t, due, change.Record.Due)
	assert.Zero(t, change.Record.Tries)
}

func TestAnAgentsStatusEndsThePromise(t *testing.T) {
	x := given(t)
	x.must(campaign.Set{Status: "callback_at", Input: tomorrow(), Actor: supervisor})
	x.now = x.f.Record.Due
	r := x.lease().must(campaign.Result{Outcome: campaign.NoAnswer, Status: "closed"}).Record
	assert.Equal(t, status.Closed, r.Qualifier)
}

// rows: K21, K22, K24, K25, K30
func TestTheFirstRuleThatHoldsSetsItsStatus(t *testing.T) {
	for _, m := range []campaign.Mode{campaign.Preview, campaign.Power, campaign.Predictive, campaign.ProgressiveMode} {
		x := given(t, mode(m))
		var asked []status.ID
		x.rules = func(id status.ID, f *campaign.Facts, call *campaign.Call) (bool, error) {
			asked = append(asked, id)
			assert.Equal(t, 4, f.Record.Attempts.Total, "this call is counted")
			assert.Equal(t, campaign.NoAnswer, call.Outcome)
			if id == "auto1" {
				return false, errors.New("no such field")
			}
			return true, nil
		}
		change := x.must(campaign.Result{Outcome: campaign.NoAnswer})
		assert.Equal(t, []status.ID{"auto1", "auto2"}, asked, "a disabled status has no rule, a hidden one has")
		r := change.Record
		assert.Equal(t, status.ID("auto2"), r.Status)
		assert.Equal(t, status.Closed, r.Qualifier)
		assert.False(t, change.Call.Chosen)
		assert.Equal(t, []campaign.Why{campaign.WhyRule}, change.Answer.Why)
		require.Len(t, change.Answer.Warnings, 1, "a rule that failed is never silently false")
		assert.Contains(t, change.Answer.Warnings[0], "auto1")
		require.Len(t, change.List, 1)
		assert.Equal(t, campaign.Engine, change.List[0].Author)
	}
}

func TestRulesAreNotAskedWhenAPersonDecidedOrTalked(t *testing.T) {
	for _, e := range []campaign.Result{{Outcome: campaign.NoAnswer, Status: "closed"}, {Outcome: campaign.Answered}} {
		x := given(t)
		x.rules = func(status.ID, *campaign.Facts, *campaign.Call) (bool, error) {
			t.Error("asked")
			return true, nil
		}
		x.must(e)
	}
}

func TestAPromiseIsAgreedOnlyInAConversationAndBeginsItsTriesAnew(t *testing.T) {
	x := given(t)
	assert.False(t, x.must(campaign.Result{Outcome: campaign.Voicemail, Status: "callback_at", Input: tomorrow()}).Record.Agreed)
	x.call(campaign.NoAnswer)
	require.Equal(t, 2, x.call(campaign.NoAnswer).Record.Tries)
	x.now = x.f.Record.Due
	r := x.lease().must(campaign.Result{Outcome: campaign.Answered, Status: "callback_after"}).Record
	assert.True(t, r.Agreed)
	assert.Zero(t, r.Tries)
}
