package campaign_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// What follows from each outcome when nobody chose a status, written again.
//
// rows: K17, K19
func TestEveryOutcomeHasItsFallbackDelayAndNextNumber(t *testing.T) {
	const queued, held, closed = status.StandingQueued, status.StandingHeld, status.StandingClosed
	const minute, hour = time.Minute, time.Hour
	for _, tt := range []struct {
		outcome  campaign.Outcome
		q        status.Qualifier
		standing status.Standing
		delay    time.Duration // of a queued record
		next     int
		counted  bool // without ringing
	}{
		{campaign.Answered, status.Manual, held, 0, 1, true},
		{campaign.LineBusy, status.Busy, queued, 10 * minute, 1, true},
		{campaign.NoAnswer, status.Redial, queued, hour, 1, true},
		{campaign.Voicemail, status.Redial, queued, 4 * hour, 1, true},
		{campaign.Drop, status.Redial, queued, 0, 0, true},
		{campaign.Fax, status.InvalidNumber, queued, 0, 1, true},
		{campaign.Invalid, status.InvalidNumber, queued, 0, 1, true},
		{campaign.Rejected, status.Redial, queued, 4 * hour, 1, true},
		{campaign.Barred, status.Closed, queued, 0, 1, false},
		{campaign.Congestion, status.Closed, queued, 5 * minute, 0, false},
		{campaign.Failed, status.Closed, queued, 5 * minute, 0, false},
		{campaign.Cancelled, status.Closed, queued, 5 * minute, 0, false},
		{campaign.Unknown, status.Redial, queued, hour, 1, true},
		{campaign.FaxSent, status.FaxSent, closed, 0, 1, true},
		{campaign.FaxFailed, status.FaxFailed, queued, hour, 1, true},
		{campaign.SMSSent, status.SMSSent, closed, 0, 1, true},
		{campaign.SMSFailed, status.SMSFailed, queued, hour, 1, true},
		{campaign.Played, status.Played, closed, 0, 1, true},
		{campaign.PlayedPartly, status.PlayedPartly, queued, hour, 1, true},
	} {
		for _, m := range []campaign.Mode{campaign.Preview, campaign.Predictive} {
			t.Run(tt.outcome.String()+" "+string(m), func(t *testing.T) {
				x := given(t, mode(m))
				// A qualifier that no fallback gives tells "unchanged" from "set".
				x.f.Record.Qualifier = status.Closed
				change := x.must(campaign.Result{Outcome: tt.outcome})
				r := change.Record
				q, lane := tt.q, status.LaneAgain
				if tt.outcome == campaign.Drop && m == campaign.Predictive {
					q, lane = status.Progressive, status.LaneProgressive
				}
				due := noon.Add(tt.delay)
				if tt.standing != queued {
					due, lane = time.Time{}, status.LaneNone
				}
				assert.Equal(t, q, r.Qualifier)
				assert.Equal(t, tt.standing, r.Standing)
				assert.Equal(t, lane, r.Lane)
				assert.Equal(t, due, r.Due)
				assert.Equal(t, tt.next, r.Next)
				assert.Equal(t, tt.counted, change.Call.Counted)
				assert.Equal(t, []campaign.Why{campaign.WhyFallback}, change.Answer.Why)
				assert.Equal(t, status.ID("shy"), r.Status, "the status stays")
				assert.Equal(t, tt.outcome == campaign.Answered, r.Attention)
			})
		}
	}
}

func TestACampaignReplacesFallbackAndDelay(t *testing.T) {
	x := given(t, func(c *campaign.Config) {
		c.Retry.Fallback = map[campaign.Outcome]status.Qualifier{campaign.Voicemail: status.EndOfQueue, campaign.Fax: status.Redial}
		c.Retry.Delays = map[campaign.Outcome]campaign.Delay{campaign.Voicemail: campaign.Delay(90 * time.Minute)}
	})
	r := x.must(campaign.Result{Outcome: campaign.Voicemail}).Record
	assert.Equal(t, status.LaneLast, r.Lane)
	assert.Equal(t, noon.Add(90*time.Minute), r.Due)
	r = x.lease().must(campaign.Result{Outcome: campaign.Fax}).Record
	assert.Equal(t, status.Redial, r.Qualifier)
	assert.Empty(t, r.Phones[1].Out, "a fax is no wrong number where the campaign says so")
}

func TestAnOutcomeThatIsNotKnownIsUnknownWithAWarning(t *testing.T) {
	for _, o := range []campaign.Outcome{campaign.OutcomeNone, 200} {
		change := given(t).must(campaign.Result{Outcome: o})
		assert.Equal(t, campaign.Unknown, change.Call.Outcome)
		assert.Equal(t, status.Redial, change.Record.Qualifier)
		assert.Len(t, change.Answer.Warnings, 1)
	}
}

func TestAResultNeedsAStartedLease(t *testing.T) {
	x := given(t)
	x.f.Lease.Phase = campaign.Offered
	require.ErrorIs(t, x.refused(campaign.Result{Outcome: campaign.Answered, Status: "closed"}), campaign.ErrNotStarted)
	require.ErrorIs(t, given(t).idle().refused(campaign.Result{Outcome: campaign.NoAnswer}), campaign.ErrLeaseLost)

	change := x.must(campaign.Result{Outcome: campaign.Cancelled, Rang: true})
	assert.False(t, change.Call.Counted, "nothing was dialled, so nothing rang")
	assert.False(t, change.Call.Rang)
	assert.Equal(t, 3, change.Record.Attempts.Total)
	assert.Zero(t, change.Record.LastCall)
	assert.Zero(t, change.Record.Phones[0].Unrung)
}

// rows: D10
func TestTheCallIsLogged(t *testing.T) {
	x := given(t)
	x.f.Lease.Token = 999 // extended since; the first token is the call's id
	dialled := noon.Add(-50 * time.Second).Add(300 * time.Nanosecond)
	change := x.must(campaign.Result{Outcome: campaign.Answered, Status: "closed", Dialed: dialled,
		Ring: 8 * time.Second, Talk: 30 * time.Second, AMD: "human", HangupBy: "agent", SIPCode: 200, Q850: 16})
	call := change.Call
	assert.Equal(t, campaign.Token(141), call.Token)
	assert.Equal(t, campaign.Ref{Campaign: "c", Record: "r", Token: 999}, change.Ref)
	assert.Equal(t, noon.Add(-50*time.Second), call.Dialed, "whole microseconds")
	assert.Equal(t, noon, call.Ended)
	assert.Equal(t, main, call.Number)
	assert.Equal(t, ann, call.Agent)
	assert.Equal(t, campaign.ContactID("p"), call.Contact)
	assert.Equal(t, status.ID("closed"), call.Status)
	assert.Equal(t, status.Closed, call.Qualifier)
	assert.True(t, call.Chosen)
	assert.Equal(t, 200, call.SIPCode)
	assert.Equal(t, change.Answer, call.Answer)
	assert.Equal(t, change.Record.Changes, call.Changes)
	assert.Equal(t, 3, call.Before.Progress.Attempts.Total)
	assert.Equal(t, 3, call.Before.Phones[0].Attempts)
	assert.Nil(t, change.Entry, "a plain result is in the log already")
	assert.Equal(t, int64(41), change.Record.Version, "the store counts versions")
	assert.Equal(t, "ann", change.Record.Author, "who chose the status")
}

func TestAResultIsNotLostForAWrongClock(t *testing.T) {
	x := given(t)
	change := x.must(campaign.Result{Outcome: campaign.NoAnswer, Dialed: noon.Add(2 * time.Hour), Ended: noon.Add(-time.Hour), Ring: -1})
	assert.Equal(t, noon, change.Call.Dialed)
	assert.Equal(t, noon, change.Call.Ended)
	assert.Len(t, change.Answer.Warnings, 3)
}

func TestCallsThatDidNotRingAreNoAttemptUntilTheTenth(t *testing.T) {
	x := given(t)
	for i := 1; i <= 9; i++ {
		change := x.call([]campaign.Outcome{campaign.Congestion, campaign.Failed, campaign.Cancelled}[i%3])
		assert.False(t, change.Call.Counted)
		assert.Equal(t, i, change.Record.Phones[0].Unrung)
		assert.Equal(t, 0, change.Record.Next, "the same number")
	}
	assert.Equal(t, 3, x.f.Record.Attempts.Total)
	change := x.call(campaign.Failed)
	assert.True(t, change.Call.Counted)
	assert.Equal(t, campaign.Failed, change.Call.Outcome, "the log keeps what happened")
	r := change.Record
	assert.Equal(t, 4, r.Attempts.Total)
	assert.Equal(t, uint16(1), r.Attempts.ByOutcome[campaign.NoAnswer])
	assert.Equal(t, 4, r.Phones[0].Attempts)
	assert.Zero(t, r.Phones[0].Unrung)
	assert.Equal(t, x.now.Add(time.Hour), r.Due, "it waits as after a no answer")
	assert.Equal(t, 1, r.Next)
}

func TestACallThatRangIsAnAttemptAndEndsTheRow(t *testing.T) {
	x := given(t)
	x.f.Record.Phones[0].Unrung = 9
	change := x.must(campaign.Result{Outcome: campaign.Cancelled, Rang: true})
	assert.True(t, change.Call.Counted)
	assert.Equal(t, 4, change.Record.Attempts.Total)
	assert.Zero(t, change.Record.Phones[0].Unrung)
}

func TestWhatACallCounts(t *testing.T) {
	x := given(t)
	x.f.Record.Skips = 2
	r := x.must(campaign.Result{Outcome: campaign.NoAnswer}).Record
	assert.Equal(t, 4, r.Attempts.Total)
	assert.Equal(t, 4, r.Attempts.SinceReset)
	assert.Equal(t, 3, r.Attempts.Unanswered)
	assert.Equal(t, noon.Add(-time.Minute), r.Attempts.Last)
	assert.Equal(t, r.Attempts.Last, r.LastCall)
	assert.Equal(t, ann, r.LastAgent)
	assert.Zero(t, r.Skips)
	x.call(campaign.NoAnswer)
	assert.Equal(t, 2, x.f.Record.Attempts.Streak)
	r = x.call(campaign.Answered).Record
	assert.Equal(t, 1, r.Attempts.Streak)
	assert.Equal(t, 1, r.Attempts.Talks)
	assert.Zero(t, r.Attempts.Unanswered)
	assert.Equal(t, 6, r.Attempts.SinceReset)
}

func TestACallerIsAConversationAndNoAttempt(t *testing.T) {
	x := given(t, mode(campaign.Predictive))
	x.f.Record.NeedsAgent = true
	x.f.Lease.Inbound, x.f.Lease.Phase = true, campaign.Talking
	change := x.must(campaign.Result{Outcome: campaign.Answered, Status: "callback_at", Input: tomorrow()})
	r := change.Record
	assert.Equal(t, 3, r.Attempts.Total)
	assert.Equal(t, 1, r.Attempts.Talks)
	assert.Zero(t, r.Attempts.Unanswered)
	assert.False(t, r.NeedsAgent)
	assert.True(t, r.Agreed)
	assert.False(t, change.Call.Counted)
	assert.True(t, change.Call.Inbound)
	assert.Equal(t, 0, r.Next)
}

func TestACallerEndsTheRowOfDialsAndIsNoneOfTheNext(t *testing.T) {
	x := given(t)
	x.call(campaign.LineBusy)
	x.call(campaign.LineBusy)
	assert.Equal(t, 2, x.f.Record.Attempts.Streak)
	x.lease()
	x.f.Lease.Inbound, x.f.Lease.Phase = true, campaign.Talking
	x.must(campaign.Result{Outcome: campaign.Answered})
	assert.Zero(t, x.f.Record.Attempts.Streak, "no dial had the outcome of the last call")
	assert.Equal(t, 1, x.call(campaign.Answered).Record.Attempts.Streak)
}

func TestACallerOfWhomNobodySaidAnythingChangesNoPlan(t *testing.T) {
	x := given(t)
	x.f.Record.Standing, x.f.Record.Qualifier, x.f.Record.Lane = status.StandingClosed, status.Closed, status.LaneNone
	x.f.Lease.Inbound, x.f.Lease.Phase = true, campaign.Talking
	r := x.must(campaign.Expiry{}).Record
	assert.Equal(t, status.StandingClosed, r.Standing)
	assert.Equal(t, status.Closed, r.Qualifier)
}

// rows: K17, K19
func TestAfterADropNobodyButAReservedAgentGetsTheRecord(t *testing.T) {
	x := given(t, mode(campaign.Predictive))
	r := x.must(campaign.Result{Outcome: campaign.Drop}).Record
	assert.True(t, r.NeedsAgent)
	assert.Equal(t, 0, r.Next, "the same number")
	assert.Equal(t, 4, r.Attempts.Total)
	assert.Equal(t, 3, r.Attempts.Unanswered)
	for _, o := range []campaign.Outcome{campaign.LineBusy, campaign.NoAnswer} {
		r = x.call(o).Record
		assert.True(t, r.NeedsAgent, "no agent was reached")
		assert.Equal(t, status.LaneProgressive, r.Lane)
	}
	for _, id := range []status.ID{"redial", "end_of_queue", "callback_after"} {
		r = x.must(campaign.Set{Status: id, Actor: supervisor}).Record
		assert.Equal(t, status.LaneProgressive, r.Lane, id)
		assert.Equal(t, status.LaneProgressive.String(), r.Lane.String())
	}
	r = x.must(campaign.Set{Status: "own_callback_after", Input: campaign.Input{Agent: bob}, Actor: supervisor}).Record
	assert.Equal(t, status.LaneOwn, r.Lane, "an own callback reserves its agent anyway")
	x.now = r.Due
	r = x.lease().must(campaign.Result{Outcome: campaign.Answered, Status: "redial"}).Record
	assert.False(t, r.NeedsAgent)
	assert.Equal(t, status.LaneAgain, r.Lane)

	assert.False(t, given(t).must(campaign.Result{Outcome: campaign.Drop}).Record.NeedsAgent, "preview has an agent for each call")
}

func TestTheEngineKeepsAnOwnerAPersonsRedialClearsIt(t *testing.T) {
	assert.Equal(t, campaign.AgentID("old"), given(t).must(campaign.Result{Outcome: campaign.NoAnswer}).Record.Owner)
	assert.Empty(t, given(t).must(campaign.Result{Outcome: campaign.NoAnswer, Status: "redial"}).Record.Owner)
}

// rows: K25, K26, D30
func TestAStatusMustBeUsable(t *testing.T) {
	for _, id := range []status.ID{"off", "nowhere"} {
		var unusable *campaign.StatusError
		require.ErrorAs(t, given(t).refused(campaign.Result{Outcome: campaign.Answered, Status: id}), &unusable)
		assert.Equal(t, id, unusable.ID)
	}
	assert.NoError(t, func() error {
		_, err := given(t).apply(campaign.Result{Outcome: campaign.Answered, Status: "shy"})
		return err
	}())
}

func TestDelaysCountOpenHoursOnlyWhenTheCampaignSaysSo(t *testing.T) {
	warsaw := func(text string) time.Time {
		at, err := time.Parse("2006-01-02 15:04 -0700", text+" +0100")
		require.NoError(t, err)
		return at.UTC()
	}
	open, err := campaign.ParseHours("mon-fri 08:00-20:00")
	require.NoError(t, err)
	week := func(inOpen, into bool) func(*campaign.Config) {
		return func(c *campaign.Config) {
			c.CalleeHours = open
			c.Retry.OpenHours, c.Retry.IntoHours = inOpen, into
		}
	}
	for want, change := range map[string]func(*campaign.Config){
		"2026-03-06 20:30": week(false, false),
		"2026-03-09 08:00": week(false, true),
		"2026-03-09 08:30": week(true, false),
	} {
		x := given(t, change)
		x.now = warsaw("2026-03-06 19:30")
		x.lease()
		assert.Equal(t, warsaw(want), x.must(campaign.Result{Outcome: campaign.NoAnswer}).Record.Due)
	}
}

func TestAWaitingRecordIsNotPulledForwardByACallThatSaysNothing(t *testing.T) {
	due := noon.Add(24 * time.Hour)
	for name, lease := range map[string]func(*campaign.Lease) campaign.Event{
		"taken by hand and given up": func(*campaign.Lease) campaign.Event { return campaign.Result{Outcome: campaign.Cancelled} },
		"its person called, and nobody reported it": func(l *campaign.Lease) campaign.Event {
			l.Inbound, l.Phase = true, campaign.Talking
			return campaign.Expiry{}
		},
	} {
		t.Run(name, func(t *testing.T) {
			x := given(t)
			x.f.Record.Due, x.f.Record.Qualifier = due, status.Busy
			r := x.must(lease(&x.f.Lease)).Record
			assert.Equal(t, due, r.Due)
			assert.Equal(t, status.Busy, r.Qualifier)
			assert.Equal(t, status.LaneAgain, r.Lane)
		})
	}
}
