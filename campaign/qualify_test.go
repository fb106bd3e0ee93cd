package campaign_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// The table of qualifiers, written again: a record that was called before and
// waits gets each of them without a call.
//
// rows: K2, K4, K5, K6, K7, K13, K14, K15, K16, K20, Z20, Z28, P19, P20
func TestEveryQualifierDoesWhatItsRowSays(t *testing.T) {
	const queued, held, closed = status.StandingQueued, status.StandingHeld, status.StandingClosed
	given9 := time.Date(2026, 3, 3, 8, 30, 0, 0, time.UTC) // 09:30 in Warsaw
	was := noon.Add(-time.Minute)
	never := time.Time{}
	for _, tt := range []struct {
		q        status.Qualifier
		standing status.Standing
		due      time.Time
		owner    campaign.AgentID
		lane     status.Lane
		input    campaign.Input
		event    campaign.Event // nil: a Set of the status of that name
	}{
		{q: status.Unused, standing: queued, due: never, lane: status.LaneFresh, event: campaign.Set{Qualifier: status.Unused, Actor: supervisor}},
		{q: status.Redial, standing: queued, due: noon, lane: status.LaneAgain},
		{q: status.Progressive, standing: queued, due: noon, lane: status.LaneAgain},
		{q: status.CallbackAt, standing: queued, due: given9, lane: status.LanePublic, input: tomorrow()},
		{q: status.CallbackAfter, standing: queued, due: noon.Add(48 * time.Hour), lane: status.LanePublic},
		{q: status.OwnCallbackAt, standing: queued, due: given9, owner: bob, lane: status.LaneOwn,
			input: campaign.Input{Date: "2026-03-03", Hour: "09:30", Agent: bob}},
		{q: status.OwnCallbackAfter, standing: queued, due: noon.Add(48 * time.Hour), owner: bob, lane: status.LaneOwn, input: campaign.Input{Agent: bob}},
		{q: status.EndOfQueue, standing: queued, due: never, lane: status.LaneLast},
		{q: status.Manual, standing: held, due: never, owner: "old"},
		{q: status.SendMail, standing: held, due: never, owner: "old"},
		{q: status.SendSMS, standing: held, due: never, owner: "old"},
		{q: status.NewMessage, standing: queued, due: was, owner: "old", lane: status.LaneAgain},
		{q: status.Closed, standing: closed, due: never},
		{q: status.Success, standing: held, due: never, owner: "old"},
		{q: status.SuccessClosed, standing: closed, due: never, owner: "old"},
		{q: status.SuccessCancelled, standing: closed, due: never},
		{q: status.Exhausted, standing: closed, due: never, event: campaign.Result{Outcome: campaign.NoAnswer}},
		{q: status.Busy, standing: queued, due: noon.Add(10 * time.Minute), owner: "old", lane: status.LaneAgain, event: campaign.Result{Outcome: campaign.LineBusy}},
		{q: status.InvalidNumber, standing: queued, due: noon, owner: "old", lane: status.LaneAgain, event: campaign.Result{Outcome: campaign.Invalid}},
		{q: status.FaxSent, standing: closed, due: never, event: campaign.Result{Outcome: campaign.FaxSent}},
		{q: status.SMSSent, standing: closed, due: never, event: campaign.Result{Outcome: campaign.SMSSent}},
		{q: status.Played, standing: closed, due: never, event: campaign.Result{Outcome: campaign.Played}},
		{q: status.FaxFailed, standing: queued, due: noon.Add(time.Hour), owner: "old", lane: status.LaneAgain, event: campaign.Result{Outcome: campaign.FaxFailed}},
		{q: status.SMSFailed, standing: queued, due: noon.Add(time.Hour), owner: "old", lane: status.LaneAgain, event: campaign.Result{Outcome: campaign.SMSFailed}},
		{q: status.PlayedPartly, standing: queued, due: noon.Add(time.Hour), owner: "old", lane: status.LaneAgain, event: campaign.Result{Outcome: campaign.PlayedPartly}},
	} {
		t.Run(tt.q.String(), func(t *testing.T) {
			x := given(t, func(c *campaign.Config) {
				if tt.q == status.Exhausted {
					c.Limits.Attempts = 4
				}
			})
			if tt.q == status.SuccessCancelled {
				x.f.Record.Success = true
			}
			e, wantStatus := tt.event, status.ID(tt.q.String())
			if e == nil {
				x.idle()
				e = campaign.Set{Status: wantStatus, Actor: supervisor, Input: tt.input}
			} else {
				wantStatus = "shy" // the engine leaves the status as it was
			}
			if tt.q == status.Unused {
				wantStatus = ""
			}
			r := x.must(e).Record
			assert.Equal(t, wantStatus, r.Status)
			assert.Equal(t, tt.q, r.Qualifier)
			assert.Equal(t, tt.standing, r.Standing)
			assert.Equal(t, tt.due, r.Due)
			assert.Equal(t, tt.owner, r.Owner)
			assert.Equal(t, tt.lane, r.Lane)
			assert.Equal(t, noon, r.StatusAt)
			assert.Equal(t, tt.q == status.Success || tt.q == status.SuccessClosed, r.Success)
			assert.Equal(t, tt.q == status.NewMessage, r.Attention)
			if tt.q == status.Unused {
				assert.Zero(t, r.Attempts.SinceReset)
				assert.Zero(t, r.Attempts.Unanswered)
			} else {
				assert.GreaterOrEqual(t, r.Attempts.SinceReset, 3, "everything but unused keeps the attempts")
			}
			assert.GreaterOrEqual(t, r.Attempts.Total, 3, "the counters of all time stay")
		})
	}
}

// rows: K17, K18
func TestProgressiveIsALaneOfItsOwnOnlyWhereTheCampaignOverDials(t *testing.T) {
	for m, want := range map[campaign.Mode]status.Lane{
		campaign.Preview: status.LaneAgain, campaign.ProgressiveMode: status.LaneAgain,
		campaign.Power: status.LaneProgressive, campaign.Predictive: status.LaneProgressive,
	} {
		r := given(t, mode(m)).idle().must(campaign.Set{Status: "progressive", Actor: supervisor}).Record
		assert.Equal(t, want, r.Lane, m)
	}
}

func TestARecordNeverCalledStaysFreshWhenItIsToBeCalled(t *testing.T) {
	x := given(t).idle()
	x.f.Record.Attempts = campaign.Counters{}
	assert.Equal(t, status.LaneFresh, x.must(campaign.Set{Status: "redial", Actor: supervisor}).Record.Lane)
	x.f.Record.Attempts.Talks = 1
	assert.Equal(t, status.LaneAgain, x.must(campaign.Set{Status: "redial", Actor: supervisor}).Record.Lane, "a caller was talked to")
}

// rows: D23, D24
func TestTheNextCallFlagMakesAPublicCallbackAndOwnOnesStayOwn(t *testing.T) {
	x := given(t)
	r := x.must(campaign.Result{Outcome: campaign.Answered, Status: "dated", Input: tomorrow()}).Record
	assert.Equal(t, status.LanePublic, r.Lane)
	assert.Equal(t, status.Redial, r.Qualifier)
	assert.True(t, r.Agreed)
	assert.Equal(t, &campaign.LocalTime{Date: "2026-03-03", Hour: "09:30", Zone: "Europe/Warsaw"}, r.DueInput)

	r = x.lease().must(campaign.Result{Outcome: campaign.Answered, Status: "dated_own", Input: tomorrow()}).Record
	assert.Equal(t, status.LaneOwn, r.Lane)
	assert.Equal(t, ann, r.Owner)
	assert.Equal(t, time.Date(2026, 3, 3, 8, 30, 0, 0, time.UTC), r.Due, "the input beats the status's delay")
}

func TestARecordWithTheFlagsPromiseSurvivesACallThatReachedNobody(t *testing.T) {
	x := given(t)
	x.must(campaign.Result{Outcome: campaign.Answered, Status: "dated", Input: tomorrow()})
	x.now = x.f.Record.Due
	change := x.lease().must(campaign.Result{Outcome: campaign.NoAnswer})
	assert.True(t, change.Answer.Has(campaign.WhyCallbackKept))
	assert.Equal(t, status.LanePublic, change.Record.Lane)
	assert.Equal(t, x.now.Add(time.Hour), change.Record.Due)
	assert.Nil(t, change.Record.DueInput, "nobody typed that time")
}

func TestTheEndOfTheQueueIsSortedByWhenItWasSet(t *testing.T) {
	x := given(t).idle()
	x.f.Record.Order = 12
	r := x.must(campaign.Set{Status: "end_of_queue", Actor: supervisor}).Record
	assert.Equal(t, int64(12), r.Sort)
	assert.Equal(t, noon.UnixMicro(), r.Key)

	x.now = noon.Add(time.Hour)
	r = x.must(campaign.Message{Channel: campaign.ChannelMail}).Record
	assert.Equal(t, status.LaneLast, r.Lane)
	assert.Equal(t, noon.UnixMicro(), r.Key, "a message does not move it")

	r = x.must(campaign.Set{Status: "end_of_queue", Actor: supervisor}).Record
	assert.Equal(t, x.now.UnixMicro(), r.Key, "set again, it goes to the end again")
	r = x.must(campaign.Set{Status: "redial", Actor: supervisor}).Record
	assert.Zero(t, r.Key)
	unset := uint16(0)
	assert.Equal(t, int64(65536), x.must(campaign.Edit{Order: &unset}).Record.Sort, "no order comes last")
}

func TestAfterASuccessOnlySuccessMayFollow(t *testing.T) {
	allowed := map[status.ID]bool{"success": true, "success_closed": true, "success_cancelled": true}
	for _, s := range house() {
		if s.Disabled || s.AutoSet != "" {
			continue
		}
		x := given(t).idle()
		x.f.Record.Success, x.f.Record.SucceededAt = true, noon.Add(-time.Hour)
		x.f.Record.Fields = campaign.Fields{"city": "Brno", "age": int64(3)}
		set := campaign.Set{Status: s.ID, Actor: supervisor}
		if in := s.Inputs(); in.Time {
			set.Input = tomorrow()
		}
		if s.Inputs().Agent {
			set.Input.Agent = bob
		}
		if s.Blacklist != "" {
			set.Blacklist = campaign.WhichNone
		}
		_, err := x.apply(set)
		if allowed[s.ID] {
			require.NoError(t, err, s.ID)
			continue
		}
		var refused *campaign.SuccessError
		require.ErrorAs(t, err, &refused, s.ID)
		assert.True(t, refused.Success)
	}
	x := given(t).idle()
	x.f.Record.Success = true
	var refused *campaign.SuccessError
	require.ErrorAs(t, x.refused(campaign.Set{Qualifier: status.Unused, Actor: supervisor}), &refused)
	x.f.Record.Success = false
	require.ErrorAs(t, x.refused(campaign.Set{Status: "success_cancelled", Actor: supervisor}), &refused)
	assert.False(t, refused.Success, "there is no success to cancel")
}

func TestTheEngineLeavesASuccessAlone(t *testing.T) {
	for o := campaign.Answered; int(o) < campaign.NumOutcomes; o++ {
		x := given(t)
		x.must(campaign.Result{Outcome: campaign.Answered, Status: "success"})
		at := x.f.Record.SucceededAt
		x.now = x.now.Add(time.Hour)
		x.rules = func(id status.ID, _ *campaign.Facts, _ *campaign.Call) (bool, error) { return id == "auto2", nil }
		r := x.lease().must(campaign.Result{Outcome: o}).Record
		assert.Equal(t, status.Success, r.Qualifier, o)
		assert.Equal(t, status.StandingHeld, r.Standing, o)
		assert.True(t, r.Success)
		assert.Equal(t, at, r.SucceededAt)
		x.must(campaign.Message{Channel: campaign.ChannelSMS})
		assert.Equal(t, status.Success, x.f.Record.Qualifier)
		assert.True(t, x.f.Record.Attention)
	}
}
