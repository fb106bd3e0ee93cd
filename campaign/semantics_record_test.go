package campaign_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// flagged adds, for every qualifier that calls again and takes no time of its
// own, a status with the next-call flag.
func flagged(c *campaign.Config) {
	for _, q := range []status.Qualifier{status.Redial, status.Progressive, status.CallbackAfter, status.OwnCallbackAfter, status.EndOfQueue} {
		s := status.Status{ID: status.ID("dated_" + q.String()), Title: "dated " + q.String(), Qualifier: q, NextCall: true}
		if q.Effect().Next == status.NextDelay {
			s.Delay = status.Delay(time.Hour)
		}
		c.Own = append(c.Own, s)
	}
}

// rows: D23, D24
func TestWithTheNextCallFlagEveryQualifierWaitsAsACallback(t *testing.T) {
	due := time.Date(2026, 3, 3, 8, 30, 0, 0, time.UTC)
	for _, m := range []campaign.Mode{campaign.Preview, campaign.Predictive} {
		for id, want := range map[status.ID]status.Lane{
			"dated_redial": status.LanePublic, "dated_progressive": status.LanePublic, "dated_callback_after": status.LanePublic,
			"dated_end_of_queue": status.LanePublic, "dated_own_callback_after": status.LaneOwn,
		} {
			in := tomorrow()
			if want == status.LaneOwn {
				in.Agent = bob
			}
			call := given(t, flagged, mode(m))
			assert.Equal(t, []string{"date", "hour"}, inputErrors(call.refused(campaign.Result{Outcome: campaign.Answered, Status: id})), id)
			for _, r := range []*campaign.Record{
				call.must(campaign.Result{Outcome: campaign.Answered, Status: id, Input: in}).Record,
				given(t, flagged, mode(m)).idle().must(campaign.Set{Status: id, Input: in, Actor: supervisor}).Record,
			} {
				assert.Equal(t, want, r.Lane, id)
				assert.Equal(t, due, r.Due, id)
				assert.Equal(t, in.Agent, r.Owner, id)
				assert.Equal(t, id, "dated_"+status.ID(r.Qualifier.String()), "the qualifier is the status's all the same")
			}
		}
	}
}

func TestAPromiseByFlagSurvivesADropToo(t *testing.T) {
	x := given(t, mode(campaign.Predictive))
	x.must(campaign.Result{Outcome: campaign.Answered, Status: "dated", Input: tomorrow()})
	require.True(t, x.f.Record.Agreed)
	r := x.call(campaign.Drop).Record
	require.Equal(t, status.LaneProgressive, r.Lane, "only a reserved agent gets it")
	assert.Equal(t, 1, r.Tries)
	change := x.call(campaign.NoAnswer)
	assert.Equal(t, []campaign.Why{campaign.WhyCallbackKept}, change.Answer.Why)
	assert.True(t, change.Record.Agreed)
	assert.Equal(t, 2, change.Record.Tries)
	x.now = x.f.Record.Due.Add(time.Hour)
	change = x.call(campaign.NoAnswer)
	assert.Equal(t, []campaign.Why{campaign.WhyCallbackGivenUp}, change.Answer.Why)
}

func TestARuleThatMatchesEndsAPromise(t *testing.T) {
	x := given(t)
	x.must(campaign.Set{Status: "callback_at", Input: tomorrow(), Actor: supervisor})
	x.rules = func(id status.ID, _ *campaign.Facts, _ *campaign.Call) (bool, error) { return id == "auto1", nil }
	change := x.call(campaign.NoAnswer)
	assert.Equal(t, []campaign.Why{campaign.WhyRule}, change.Answer.Why)
	assert.Equal(t, status.EndOfQueue, change.Record.Qualifier)
	assert.Equal(t, status.LaneLast, change.Record.Lane)
	assert.Zero(t, change.Record.Tries)
}

func TestASuccessThatACorrectionQueuedAgainWaitsItsTurn(t *testing.T) {
	x := given(t)
	x.must(campaign.Result{Outcome: campaign.Answered, Status: "success"})
	x.now = x.now.Add(time.Hour)
	x.f.Call = x.lease().must(campaign.Result{Outcome: campaign.Answered, Status: "success_closed"}).Call
	r := x.must(campaign.Correction{Call: x.f.Call.Token, Status: "redial", Actor: supervisor}).Record
	require.Equal(t, status.StandingQueued, r.Standing)
	require.True(t, r.Success, "it was a success before that call")
	r = x.call(campaign.NoAnswer).Record
	assert.Equal(t, x.now.Add(time.Hour), r.Due, "it is not dialled again at once, for ever")
	assert.True(t, r.Success)
}

// rows: D20
func TestFieldsSavedWithAPlainResultAreHeldToTheRecordsStatus(t *testing.T) {
	x := given(t)
	x.f.Record.Status = "valid"
	x.f.Record.Fields = campaign.Fields{"city": "Brno", "age": int64(3)}
	emptied := campaign.Result{Outcome: campaign.NoAnswer, Fields: campaign.Fields{"city": nil}, Actor: supervisor}
	var required *campaign.RequiredError
	require.ErrorAs(t, x.refused(emptied), &required)
	assert.Equal(t, status.ID("valid"), required.Status)
	assert.Equal(t, []string{"city"}, required.Fields)

	emptied.Actor = campaign.Actor{}
	_, err := x.apply(emptied)
	require.NoError(t, err, "the engine is not bound")
	x.f.Record.Fields = nil
	_, err = x.apply(campaign.Result{Outcome: campaign.NoAnswer, Actor: supervisor})
	require.NoError(t, err, "nor is a result that saves no field")
}

func TestAChangeStartsFromAnyQualifier(t *testing.T) {
	for _, from := range append(status.Qualifiers(), status.None) {
		x := given(t).idle()
		r := &x.f.Record
		r.Qualifier, r.Standing, r.Lane = from, status.StandingClosed, status.LaneNone
		if from.Effect().Success == status.SuccessOn {
			r.Success = true
			var refused *campaign.SuccessError
			require.ErrorAs(t, x.refused(campaign.Set{Status: "redial", Actor: supervisor}), &refused, from)
			continue
		}
		r = x.must(campaign.Set{Status: "redial", Actor: supervisor}).Record
		assert.Equal(t, status.StandingQueued, r.Standing, from)
		assert.Equal(t, status.LaneAgain, r.Lane, from)
		assert.Equal(t, noon, r.Due, "%s: set without a call it is due at once", from)
	}
}

// A status that says "new message" and a message that arrives do the same.
func TestANewMessageLeavesWhatWaitsAndHoldsTheRest(t *testing.T) {
	due := noon.Add(time.Hour)
	for _, e := range []campaign.Event{
		campaign.Set{Status: "new_message", Actor: supervisor}, campaign.Message{Channel: campaign.ChannelSMS},
	} {
		for before, want := range map[status.Standing]status.Standing{
			status.StandingQueued: status.StandingQueued, status.StandingHeld: status.StandingHeld, status.StandingClosed: status.StandingHeld,
		} {
			x := given(t).idle()
			r := &x.f.Record
			r.Standing = before
			if before == status.StandingQueued {
				r.Qualifier, r.Lane, r.Due, r.Owner = status.OwnCallbackAt, status.LaneOwn, due, bob
			} else {
				r.Lane, r.Due = status.LaneNone, time.Time{}
			}
			owner, at := r.Owner, r.Due
			r = x.must(e).Record
			assert.Equal(t, status.NewMessage, r.Qualifier)
			assert.Equal(t, want, r.Standing)
			assert.Equal(t, owner, r.Owner)
			assert.Equal(t, at, r.Due)
			assert.True(t, r.Attention)
			assert.Equal(t, before == status.StandingQueued, r.Lane == status.LaneOwn, "the promise stays one")
		}
	}
}

// The input beats the status's delay, which beats the campaign's policy, which
// beats the listed default.
func TestWhereTheNextCallComesFrom(t *testing.T) {
	open, err := campaign.ParseHours("daily 08:00-09:00")
	require.NoError(t, err)
	policy := func(c *campaign.Config) {
		c.Retry.Delays = map[campaign.Outcome]campaign.Delay{campaign.Answered: campaign.Delay(time.Minute)}
	}
	into := func(c *campaign.Config) { c.CalleeHours, c.Retry.IntoHours = open, true }
	plain := func(*campaign.Config) {}
	answered := campaign.Result{Outcome: campaign.Answered, Status: "redial"}
	slow := campaign.Result{Outcome: campaign.Answered, Status: "slow"}
	dated := campaign.Result{Outcome: campaign.Answered, Status: "dated_own", Input: tomorrow()}
	nine := func(day int) time.Time { return time.Date(2026, 3, day, 7, 0, 0, 0, time.UTC) } // 08:00 in Warsaw
	for _, tt := range []struct {
		name   string
		change func(*campaign.Config)
		event  campaign.Event
		want   time.Time
	}{
		{"the default", plain, answered, noon.Add(24 * time.Hour)},
		{"the campaign's", policy, answered, noon.Add(time.Minute)},
		{"the status's", policy, slow, noon.Add(72 * time.Hour)},
		{"the status's, without a call", policy, campaign.Set{Status: "slow", Actor: supervisor}, noon.Add(72 * time.Hour)},
		{"none, without a call", policy, campaign.Set{Status: "redial", Actor: supervisor}, noon},
		{"the input", policy, dated, time.Date(2026, 3, 3, 8, 30, 0, 0, time.UTC)},
		{"the default, into hours", into, answered, nine(4)},
		{"the input, into hours", into, dated, nine(4)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := given(t, tt.change)
			if _, ok := tt.event.(campaign.Set); ok {
				x.idle()
			}
			r := x.must(tt.event).Record
			assert.Equal(t, tt.want, r.Due)
			if r.Lane == status.LaneOwn {
				assert.Equal(t, "09:30", r.DueInput.Hour, "what was typed is kept beside the instant")
			}
		})
	}
}

func TestTheLastAttemptIsKnownBeforehand(t *testing.T) {
	limits := func(l campaign.Limits) *fixture { return given(t, func(c *campaign.Config) { c.Limits = l }) }
	for _, tt := range []struct {
		name string
		l    campaign.Limits
		edit func(*campaign.Record)
		want bool
	}{
		{"no limit", campaign.Limits{}, nil, false},
		{"two are left", campaign.Limits{Attempts: 5}, nil, false},
		{"one is left", campaign.Limits{Attempts: 4}, nil, true},
		{"one more that reaches nobody", campaign.Limits{Unanswered: 3}, nil, true},
		{"but not of an agreed callback", campaign.Limits{Unanswered: 3}, func(r *campaign.Record) {
			r.Promised, r.Agreed, r.Qualifier, r.Lane, r.Due = true, true, status.CallbackAt, status.LanePublic, noon
		}, false},
		{"every number has some left", campaign.Limits{NumberAttempts: 4}, nil, false},
		{"the last of the last number", campaign.Limits{NumberAttempts: 4}, func(r *campaign.Record) {
			r.Phones = []campaign.Phone{{Number: main, Attempts: 3}, {Number: second, Out: campaign.OutInvalid}}
		}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := limits(tt.l)
			if tt.edit != nil {
				tt.edit(&x.f.Record)
			}
			assert.Equal(t, tt.want, x.c.LastAttempt(&x.f.Record))
			r := x.lease().must(campaign.Result{Outcome: campaign.NoAnswer}).Record
			assert.Equal(t, tt.want, r.Qualifier == status.Exhausted, "and what it said comes true")
		})
	}
}

func TestAnExhaustedRecordIsRevivedByAPersonOnly(t *testing.T) {
	limit := func(n int) func(*campaign.Config) { return func(c *campaign.Config) { c.Limits.Attempts = n } }
	x := given(t, limit(4))
	x.must(campaign.Result{Outcome: campaign.NoAnswer})
	require.Equal(t, status.Exhausted, x.f.Record.Qualifier)
	raised := given(t, limit(10))
	_, blockers := raised.c.Eligible(&x.f, campaign.Asker{}, x.now, nil)
	require.Len(t, blockers, 1, "raising the limit revives nothing by itself")
	assert.Equal(t, campaign.ReasonClosed, blockers[0].Reason)

	again := *x
	again.must(campaign.Set{Status: "redial", Actor: supervisor})
	_, blockers = again.c.Eligible(&again.f, campaign.Asker{}, x.now, nil)
	require.Len(t, blockers, 1)
	assert.Equal(t, campaign.ReasonLimit, blockers[0].Reason, "queued by hand, it still has no attempt left")
	assert.Contains(t, blockers[0].Detail, "4 of 4", "the counted attempts are named")
	_, blockers = raised.c.Eligible(&again.f, campaign.Asker{}, x.now, nil)
	assert.Empty(t, blockers, "with the raised limit it has")

	x.must(campaign.Set{Qualifier: status.Unused, Actor: supervisor})
	_, blockers = x.c.Eligible(&x.f, campaign.Asker{}, x.now, nil)
	assert.Empty(t, blockers, "unused begins the counter anew")
}

func TestTheFirstStateThatHoldsIsTheRecords(t *testing.T) {
	r := campaign.Record{
		Progress: campaign.Progress{Standing: status.StandingClosed, Due: noon.Add(time.Hour)},
		Park:     campaign.Park{Until: noon.Add(time.Minute), Revision: 3, Reason: campaign.ReasonGap},
	}
	state := func(leased bool) campaign.State { return r.StateAt(noon, 3, leased) }
	assert.Equal(t, campaign.StateLeased, state(true))
	assert.Equal(t, campaign.StateClosed, state(false))
	r.Standing = status.StandingHeld
	assert.Equal(t, campaign.StateHeld, state(false))
	r.Standing = status.StandingQueued
	assert.Equal(t, campaign.StateParked, state(false))
	assert.Equal(t, campaign.StateWaiting, r.StateAt(noon, 4, false), "a park of another revision does not count")
	assert.Equal(t, campaign.StateWaiting, r.StateAt(noon.Add(time.Minute), 3, false), "the park is over")
	assert.Equal(t, campaign.StateReady, r.StateAt(noon.Add(time.Hour), 3, false))
}
