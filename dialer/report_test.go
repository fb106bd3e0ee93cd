package dialer_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

var ann = campaign.Actor{Agent: "ann"}

func chosen(st status.ID) campaign.Result {
	return campaign.Result{Outcome: campaign.Answered, Status: st, Actor: ann}
}

// rows: K3, K13, K15
func TestTheAgentsStatusDecidesAfterTheCall(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "again", 1), record("sales", "no", 2))
	for range 2 {
		call := h.one(dialer.Ask{Agent: "ann", Start: true})
		st := status.ID("no")
		if call.Ref.Record == "again" {
			st = "call"
		}
		a := h.report(call, chosen(st))
		assert.Equal(t, st, a.Status)
		assert.True(t, a.Has(campaign.WhyChosen))
	}
	assert.Equal(t, in(24*time.Hour), h.none(agent("ann")).NextDue)
	h.wait(24 * time.Hour)
	assert.Equal(t, []string{"6:again"}, h.order(agent("bob")))
}

// rows: K5, K6, K7, K14
func TestMyRecordComesBackToItsAgentAtTheTimeGiven(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	call := h.one(dialer.Ask{Agent: "ann", Start: true})
	r := chosen("mine")
	r.Input = campaign.Input{Date: "2026-03-29", Hour: "02:30"} // an hour that Warsaw leaves out
	a := h.report(call, r)
	assert.Equal(t, campaign.AgentID("ann"), a.Owner, "the agent of the call")
	require.False(t, a.Due.IsZero())
	assert.Equal(t, &campaign.LocalTime{Date: "2026-03-29", Hour: "02:30", Zone: warsaw}, h.record("sales", "a").DueInput)
	h.at(a.Due.Add(-time.Microsecond))
	h.none(agent("ann"))
	h.at(a.Due)
	h.none(agent("bob"))
	assert.Equal(t, []string{"1:a"}, h.order(agent("ann")))
}

// rows: K16, K20
func TestContactNotBeforeComesToAnybodyAtTheTimeGiven(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	call := h.one(dialer.Ask{Agent: "ann", Start: true})
	r := chosen("back")
	r.Input.At = in(26 * time.Hour)
	assert.Empty(t, h.report(call, r).Owner)
	assert.Equal(t, in(26*time.Hour), h.none(agent("bob")).NextDue)
	h.wait(26 * time.Hour)
	assert.Equal(t, []string{"4:a"}, h.order(engine))
}

// rows: D10, D17, D18
func TestAStatusWithABlacklistListsTheCalledNumberAndNothingElse(t *testing.T) {
	h := open(t, conf("a"), conf("b"))
	h.add(several("a", "one", 1, 2), record("b", "two", 1), record("b", "three", 2))
	call := h.one(dialer.Ask{Agent: "ann", Campaigns: []campaign.ID{"a"}, Start: true})
	a := h.report(call, chosen("week"))
	require.Len(t, a.Listed, 1)
	assert.Equal(t, number(1), a.Listed[0].Number)
	assert.True(t, h.listed(1))
	assert.False(t, h.listed(2), "that one number, not all of the contact's")
	inB := dialer.Ask{Campaigns: []campaign.ID{"b"}, Limit: 2}
	assert.Equal(t, []string{"three"}, ids(h.next(inB)))

	// Another status later does not remove the number; only removal by hand does.
	h.set("a", "one", "call", campaign.Input{})
	assert.True(t, h.listed(1))
	h.unlist(1)
	assert.Equal(t, []string{"two"}, ids(h.next(inB)))
}

func TestACallbackSurvivesCallsThatReachNobody(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	h.mine("sales", "a", "ann", monday)
	for i := range 3 {
		call := h.one(dialer.Ask{Agent: "ann", Start: true})
		assert.Equal(t, dialer.TierOwn, call.Tier)
		assert.True(t, call.Lease.ForCallback)
		a := h.report(call, campaign.Result{Outcome: campaign.NoAnswer})
		assert.Equal(t, campaign.AgentID("ann"), a.Owner)
		assert.Equal(t, i == 2, a.Has(campaign.WhyCallbackGivenUp))
		h.wait(time.Hour)
	}
	assert.Equal(t, []string{"6:a"}, h.order(agent("bob")), "given up: anybody may call")
}

func TestAReportIsIdempotent(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	call := h.one(dialer.Ask{Agent: "ann", Start: true})
	first := h.report(call, campaign.Result{Outcome: campaign.NoAnswer})
	h.wait(time.Minute)
	second := h.report(call, chosen("never"))
	assert.Equal(t, first, second, "the first answer, whatever is said the second time")
	assert.False(t, h.listed(1))
	assert.Equal(t, 1, h.record("sales", "a").Attempts.Total)
	assert.Len(t, h.calls("sales", "a"), 1)

	// Even when the record has been called again since.
	h.wait(2 * time.Hour)
	later := h.one(dialer.Ask{Agent: "bob", Start: true})
	assert.Equal(t, first, h.report(call, chosen("no")))
	h.report(later, campaign.Result{Outcome: campaign.LineBusy})
}

func TestALateReportReplacesTheUnknownOutcome(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	call := h.one(dialer.Ask{Agent: "ann", Start: true})
	h.wait(3 * time.Minute)
	assert.Equal(t, 1, h.none(engine).Settled)
	assert.Equal(t, campaign.Unknown, h.calls("sales", "a")[0].Outcome)

	h.wait(time.Minute)
	a := h.report(call, chosen("never"))
	assert.Equal(t, call.Token, a.Call)
	log := h.calls("sales", "a")
	require.Len(t, log, 1, "the same call")
	assert.Equal(t, campaign.Answered, log[0].Outcome)
	r := h.record("sales", "a")
	assert.Equal(t, 1, r.Attempts.Total, "counted once")
	assert.Equal(t, status.Closed, r.Qualifier)
	assert.True(t, h.listed(1))
	assert.Equal(t, a, h.report(call, campaign.Result{Outcome: campaign.NoAnswer}), "and only once late")
}

func TestALateReportOfARecordThatMovedOnKeepsWhatItCan(t *testing.T) {
	for name, meanwhile := range map[string]func(h *house){
		"changed": func(h *house) { h.set("sales", "a", "last", campaign.Input{}) },
		"leased": func(h *house) {
			h.wait(time.Hour)
			h.one(agent("bob"))
		},
		"called": func(h *house) {
			h.wait(time.Hour)
			h.called("sales", "a", campaign.LineBusy)
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, conf("sales"))
			h.add(record("sales", "a", 1))
			call := h.one(dialer.Ask{Agent: "ann", Start: true})
			h.wait(3 * time.Minute)
			h.none(engine)
			meanwhile(h)
			before := h.record("sales", "a")
			entry := h.explain("sales", "a", campaign.Asker{})

			answer, err := h.q.Report(ctx, call.Ref, chosen("never"))
			lost := as[*dialer.LeaseLostError](t, err)
			require.ErrorIs(t, err, campaign.ErrLeaseLost)
			assert.True(t, lost.Kept)
			assert.Contains(t, err.Error(), "blacklist entry")
			assert.Equal(t, answer, lost.Answer)
			require.Len(t, lost.Answer.Listed, 1)
			assert.True(t, h.listed(1), "a refusal is never lost")
			after := h.record("sales", "a")
			assert.Equal(t, before, after, "the record stays")
			assert.Equal(t, entry.Lease, h.explain("sales", "a", campaign.Asker{}).Lease)
			assert.Equal(t, campaign.Answered, h.calls("sales", "a")[0].Outcome, "the log takes the truth")

			again, err := h.q.Report(ctx, call.Ref, chosen("never"))
			assert.Equal(t, answer, again)
			assert.True(t, as[*dialer.LeaseLostError](t, err).Kept, "and says so again")
		})
	}
}

func TestAReportInTimeButUnsettledIsNotLate(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	call := h.one(dialer.Ask{Agent: "ann", Start: true})
	h.wait(time.Hour) // run out, but nobody has settled it
	h.report(call, chosen("no"))
	assert.Equal(t, campaign.Answered, h.calls("sales", "a")[0].Outcome)
	assert.Zero(t, h.none(engine).Settled)
}

func TestAStaleTokenMovesNothing(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	stale := h.one(agent("ann"))
	h.wait(30 * time.Second)
	h.none(engine)
	h.wait(10 * time.Minute)
	fresh := h.one(agent("bob"))
	require.NotEqual(t, stale.Token, fresh.Token)
	before := h.explain("sales", "a", campaign.Asker{})
	for name, err := range map[string]error{
		"start":   errOf(h.q.Start(ctx, stale.Ref, 0)),
		"extend":  errOf(h.q.Extend(ctx, stale.Ref, dialer.Extension{})),
		"release": h.q.Release(ctx, stale.Ref),
		"skip":    errOf(h.q.Skip(ctx, stale.Ref, ann)),
		"report":  errOf(h.q.Report(ctx, stale.Ref, chosen("never"))),
		"none":    errOf(h.q.Report(ctx, ref("sales", "a"), chosen("never"))),
		"foreign": errOf(h.q.Report(ctx, campaign.Ref{Campaign: "sales", Record: "a", Token: 999}, chosen("never"))),
	} {
		as[*dialer.LeaseLostError](t, err)
		require.ErrorIs(t, err, campaign.ErrLeaseLost, name)
	}
	assert.Equal(t, before, h.explain("sales", "a", campaign.Asker{}))
	assert.False(t, h.listed(1))
	_, err := h.q.Start(ctx, fresh.Ref, 0)
	require.NoError(t, err)
}

func TestAFailedCheckChangesNothingAndTheCallCanBeReportedAgain(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	call := h.one(dialer.Ask{Agent: "ann", Start: true})
	before := h.explain("sales", "a", campaign.Asker{})
	_, err := h.q.Report(ctx, call.Ref, chosen("no-such"))
	as[*campaign.StatusError](t, err)
	assert.Equal(t, before, h.explain("sales", "a", campaign.Asker{}))
	h.report(call, chosen("no"))
}

func TestACorrectionReplacesTheStatusAndCountsNothing(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	call := h.one(dialer.Ask{Agent: "ann", Start: true})
	h.report(call, chosen("sold"))
	h.wait(time.Hour)
	a, err := h.q.Correct(ctx, call.Ref, campaign.Correction{Status: "call", Actor: ann})
	require.NoError(t, err)
	assert.True(t, a.Has(campaign.WhyCorrected))
	r := h.record("sales", "a")
	assert.Equal(t, status.Redial, r.Qualifier)
	assert.False(t, r.Success, "as it was before the call")
	assert.Equal(t, 1, r.Attempts.Total)
	log := h.calls("sales", "a")
	require.Len(t, log, 1)
	assert.Equal(t, status.ID("call"), log[0].Status)
	e := h.explain("sales", "a", campaign.Asker{})
	assert.Equal(t, campaign.WhyCorrected, e.Entries[len(e.Entries)-1].Why)
	assert.Equal(t, status.ID("sold"), e.Entries[len(e.Entries)-1].From, "both are logged")
}

// rows: D10, D17, D18
func TestACorrectionListsTheCallsNumberAndRemovesNoEntry(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(several("sales", "a", 1, 2))
	call := h.one(dialer.Ask{Agent: "ann", Start: true})
	h.report(call, campaign.Result{Outcome: campaign.Answered, Status: "call", Actor: ann})
	a, err := h.q.Correct(ctx, call.Ref, campaign.Correction{Status: "never", Actor: ann})
	require.NoError(t, err)
	require.Len(t, a.Listed, 1)
	assert.Equal(t, number(1), a.Listed[0].Number, "the number of that call, though another is next")
	_, err = h.q.Correct(ctx, call.Ref, campaign.Correction{Status: "call", Actor: ann})
	require.NoError(t, err)
	assert.True(t, h.listed(1))
}

func TestACorrectionEmitsAnActionOnce(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	call := h.one(dialer.Ask{Agent: "ann", Start: true})
	h.report(call, chosen("mail"))
	for _, st := range []status.ID{"call", "mail"} {
		_, err := h.q.Correct(ctx, call.Ref, campaign.Correction{Status: st, Actor: ann})
		require.NoError(t, err)
	}
	actions, err := h.store.(campaign.ActionStore).Pending(ctx, "", 10)
	require.NoError(t, err)
	require.Len(t, actions, 1)
	assert.Equal(t, "offer", actions[0].Template)
}

func TestACorrectionIsRefusedWhenItIsTooLateOrTheRecordWentOn(t *testing.T) {
	for name, tc := range map[string]struct {
		meanwhile func(h *house)
		says      string
	}{
		"the day is over": {func(h *house) { h.at(time.Date(2026, 3, 2, 23, 0, 0, 0, time.UTC)) }, "2026-03-02T23:00:00Z"},
		"leased again": {func(h *house) {
			h.wait(2 * time.Hour)
			h.one(agent("bob"))
		}, "leased"},
		"called again": {func(h *house) {
			h.wait(2 * time.Hour)
			h.called("sales", "a", campaign.NoAnswer)
		}, "called again"},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, conf("sales"))
			h.add(record("sales", "a", 1))
			call := h.one(dialer.Ask{Agent: "ann", Start: true})
			h.report(call, campaign.Result{Outcome: campaign.NoAnswer})
			tc.meanwhile(h)
			before := h.record("sales", "a")
			_, err := h.q.Correct(ctx, call.Ref, campaign.Correction{Status: "no", Actor: ann})
			as[*campaign.CorrectionError](t, err)
			assert.Contains(t, err.Error(), tc.says)
			assert.Equal(t, before, h.record("sales", "a"))
		})
	}
	t.Run("the last instant of the window", func(t *testing.T) {
		h := open(t, conf("sales", func(c *campaign.Config) { c.CorrectionWindow = campaign.Delay(time.Hour) }))
		h.add(record("sales", "a", 1))
		call := h.one(dialer.Ask{Agent: "ann", Start: true})
		h.report(call, chosen("call"))
		h.at(in(time.Hour - time.Microsecond))
		_, err := h.q.Correct(ctx, call.Ref, campaign.Correction{Status: "no", Actor: ann})
		require.NoError(t, err)
		h.at(in(time.Hour))
		_, err = h.q.Correct(ctx, call.Ref, campaign.Correction{Status: "call", Actor: ann})
		as[*campaign.CorrectionError](t, err)
	})
}

func TestALeasedRecordIsNotChangedByOthers(t *testing.T) {
	h := openWith(t, dialer.Config{Holder: "node-1"}, conf("sales"))
	h.add(record("sales", "a", 1))
	call := h.one(agent("ann"))
	before := h.record("sales", "a")
	for name, err := range map[string]error{
		"set":     errOf(h.q.Set(ctx, call.Ref, campaign.Set{Status: "no", Actor: boss})),
		"edit":    errOf(h.q.Edit(ctx, call.Ref, campaign.Edit{Note: "x", Actor: boss})),
		"message": errOf(h.q.Message(ctx, call.Ref, campaign.Message{Channel: campaign.ChannelMail, Note: "x"})),
	} {
		leased := as[*campaign.LeasedError](t, err)
		assert.Equal(t, "node-1", leased.Hold.Holder, name)
		assert.Equal(t, call.Lease.Until, leased.Hold.Until, name)
		assert.Equal(t, campaign.RecordID("a"), leased.Hold.Ref.Record, name)
	}
	assert.Equal(t, before, h.record("sales", "a"))
	require.NoError(t, h.q.Release(ctx, call.Ref))
	h.set("sales", "a", "no", campaign.Input{})
}

func TestAMessageHoldsWhatDoesNotWait(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "waiting", 1), record("sales", "closed", 2))
	h.set("sales", "closed", "no", campaign.Input{})
	for _, id := range []string{"waiting", "closed"} {
		_, err := h.q.Message(ctx, ref("sales", id), campaign.Message{Channel: campaign.ChannelMail, Note: "call me"})
		require.NoError(t, err)
		assert.True(t, h.record("sales", id).Attention)
	}
	assert.Equal(t, status.StandingHeld, h.record("sales", "closed").Standing)
	assert.Equal(t, []string{"5:waiting"}, h.order(engine))
}
