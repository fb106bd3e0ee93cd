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

// rows: K3
func TestALeaseGoesFromOfferedToDialledToAnswered(t *testing.T) {
	h := openWith(t, dialer.Config{Holder: "node-1"}, conf("sales"))
	h.add(record("sales", "a", 1))
	call := h.one(agent("ann"))
	assert.Equal(t, campaign.Offered, call.Lease.Phase)
	assert.Equal(t, in(30*time.Second), call.Lease.Until)
	assert.Equal(t, "node-1", call.Lease.Holder)

	h.wait(10 * time.Second)
	started, err := h.q.Start(ctx, call.Ref, 0)
	require.NoError(t, err)
	assert.Equal(t, call.Token, started.Token, "the lease's first token is the call's id")
	assert.Equal(t, campaign.Dialed, started.Lease.Phase)
	assert.Equal(t, h.now(), started.Lease.Dialed)
	assert.Equal(t, h.now().Add(2*time.Minute), started.Lease.Until)
	again, err := h.q.Start(ctx, call.Ref, 0)
	require.NoError(t, err, "starting twice is no error")
	assert.Equal(t, started.Lease.Until, again.Lease.Until)

	h.wait(20 * time.Second)
	lease, err := h.q.Extend(ctx, call.Ref, dialer.Extension{Talking: true})
	require.NoError(t, err)
	assert.Equal(t, campaign.Talking, lease.Phase)
	assert.Equal(t, h.now(), lease.Answered)
	assert.Equal(t, h.now().Add(4*time.Hour), lease.Until)

	answered := h.now()
	h.wait(time.Minute)
	a := h.report(call, campaign.Result{Outcome: campaign.Answered, Status: "no"})
	assert.Equal(t, call.Token, a.Call)
	log := h.calls("sales", "a")
	require.Len(t, log, 1)
	assert.Equal(t, in(10*time.Second), log[0].Dialed)
	assert.Equal(t, answered, log[0].Answered)
	assert.Equal(t, h.now(), log[0].Ended)
	assert.Equal(t, campaign.AgentID("ann"), log[0].Agent)
	assert.Zero(t, h.explain("sales", "a", campaign.Asker{}).Lease.Token)
}

func TestACampaignSaysHowLongItsLeasesLast(t *testing.T) {
	long := func(c *campaign.Config) {
		c.Leases = campaign.Leases{Offer: campaign.Delay(5 * time.Minute), Dial: campaign.Delay(7 * time.Minute), Talk: campaign.Delay(time.Hour)}
	}
	h := open(t, conf("a", long), conf("b"))
	h.add(record("a", "one", 1), record("b", "two", 2))
	sel := h.next(dialer.Ask{Limit: 2})
	until := map[campaign.ID]time.Time{}
	for _, c := range sel.Calls {
		until[c.Campaign] = c.Lease.Until
		assert.Equal(t, c.Lease.Until, h.explain(c.Campaign, string(c.Ref.Record), campaign.Asker{}).Lease.Until)
	}
	assert.Equal(t, map[campaign.ID]time.Time{"a": in(5 * time.Minute), "b": in(30 * time.Second)}, until)
	call, err := h.q.Start(ctx, sel.Calls[0].Ref, 0)
	require.NoError(t, err)
	assert.Equal(t, in(7*time.Minute), call.Lease.Until)
}

func TestStartLooksAgainAtThatInstant(t *testing.T) {
	for name, tc := range map[string]struct {
		meanwhile func(h *house, offered dialer.Call)
		want      campaign.Reason
		earliest  time.Time
	}{
		"the window has closed": {func(h *house, _ dialer.Call) { h.at(clockTime(18, 0)) }, campaign.ReasonHours, clockTime(24+8, 0)},
		"the number was blacklisted": {func(h *house, _ dialer.Call) {
			h.at(clockTime(17, 59))
			h.list(1, clockTime(24+9, 0))
		}, campaign.ReasonBlacklisted, clockTime(24+9, 0)},
		"the campaign was paused": {func(h *house, _ dialer.Call) {
			h.configure("sales", paused)
			require.NoError(h.t, h.q.Reload(ctx))
		}, campaign.ReasonInactive, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, conf("sales", func(c *campaign.Config) {
				c.CalleeHours = hours(t, "mon-fri 08:00-18:00")
				c.Leases.Offer = campaign.Delay(time.Hour)
			}))
			h.add(record("sales", "a", 1))
			h.at(clockTime(17, 59).Add(-time.Second))
			offered := h.one(agent("ann"))
			tc.meanwhile(h, offered)
			_, err := h.q.Start(ctx, offered.Ref, 0)
			blocked := as[*dialer.BlockedError](t, err)
			assert.Equal(t, tc.want, blocked.Blockers[0].Reason)
			assert.Equal(t, tc.earliest, blocked.Earliest)
			assert.Equal(t, ref("sales", "a").Record, blocked.Ref.Record)

			// The lease is over, nothing was counted, and the record waits.
			assert.Zero(t, h.explain("sales", "a", campaign.Asker{}).Lease.Token)
			assert.Zero(t, h.record("sales", "a").Attempts.Total)
			_, err = h.q.Report(ctx, offered.Ref, campaign.Result{Outcome: campaign.NoAnswer})
			require.ErrorIs(t, err, campaign.ErrLeaseLost)
			assert.Equal(t, campaign.StateParked, h.explain("sales", "a", campaign.Asker{}).State)
			if !tc.earliest.IsZero() {
				assert.Equal(t, tc.earliest, h.none(agent("ann")).NextDue)
				h.at(tc.earliest)
				assert.Equal(t, []string{"5:a"}, h.order(agent("ann")))
			}
		})
	}
}

func TestCallsThatComeStartedAreDialledAtOnce(t *testing.T) {
	h := open(t, conf("sales", power))
	h.add(record("sales", "a", 1), record("sales", "b", 2))
	sel := h.next(dialer.Ask{Limit: 2, Start: true})
	require.Len(t, sel.Calls, 2)
	for _, c := range sel.Calls {
		assert.Equal(t, campaign.Dialed, c.Lease.Phase)
		assert.Equal(t, monday, c.Lease.Dialed)
		assert.Equal(t, in(2*time.Minute), c.Lease.Until)
		h.report(c, campaign.Result{Outcome: campaign.NoAnswer})
	}
}

func TestExtendProlongsWhatIsLive(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	call := h.one(agent("ann"))
	h.wait(20 * time.Second)
	lease, err := h.q.Extend(ctx, call.Ref, dialer.Extension{})
	require.NoError(t, err)
	assert.Equal(t, in(50*time.Second), lease.Until, "the time of its phase, from now")
	lease, err = h.q.Extend(ctx, call.Ref, dialer.Extension{Until: in(time.Hour)})
	require.NoError(t, err)
	assert.Equal(t, in(time.Hour), lease.Until)
	for _, until := range []time.Time{h.now(), h.now().Add(5 * time.Hour)} {
		_, err = h.q.Extend(ctx, call.Ref, dialer.Extension{Until: until})
		assert.Contains(t, as[*dialer.AskError](t, err).Error(), "4h0m0s")
	}
	_, err = h.q.Extend(ctx, call.Ref, dialer.Extension{Talking: true})
	require.ErrorIs(t, err, dialer.ErrNotAnswered)
	h.wait(30 * time.Minute)
	h.none(agent("bob"))
}

func TestReleaseGivesAnOfferBackUnchanged(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1), record("sales", "b", 2))
	before := h.record("sales", "a")
	call := h.one(agent("ann"))
	require.NoError(t, h.q.Release(ctx, call.Ref))
	assert.Equal(t, before, h.record("sales", "a"))
	call = h.one(agent("ann"))
	assert.Equal(t, "a", string(call.Ref.Record), "it has kept its place")
	_, err := h.q.Start(ctx, call.Ref, 0)
	require.NoError(t, err)
	require.ErrorIs(t, h.q.Release(ctx, call.Ref), dialer.ErrStarted)
	assert.ErrorContains(t, h.q.Release(ctx, call.Ref), "cancelled")
	a := h.report(call, campaign.Result{Outcome: campaign.Cancelled})
	assert.Zero(t, a.Attempts, "it did not ring: no attempt")
	assert.Equal(t, in(5*time.Minute), a.Due)
}

func TestAnOfferThatRunsOutIsASkipAndNoAttempt(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	call := h.one(agent("ann"))
	h.at(in(30*time.Second - time.Microsecond))
	h.none(agent("bob"))
	h.at(in(30 * time.Second))
	sel := h.none(agent("bob"))
	assert.Equal(t, 1, sel.Settled)
	assert.Equal(t, in(30*time.Second+10*time.Minute), sel.NextDue)
	r := h.record("sales", "a")
	assert.Equal(t, 1, r.Skips)
	assert.Zero(t, r.Attempts.Total)
	assert.Empty(t, h.calls("sales", "a"))

	for name, err := range map[string]error{
		"start":   errOf(h.q.Start(ctx, call.Ref, 0)),
		"extend":  errOf(h.q.Extend(ctx, call.Ref, dialer.Extension{})),
		"release": h.q.Release(ctx, call.Ref),
		"skip":    errOf(h.q.Skip(ctx, call.Ref, campaign.Actor{})),
		"report":  errOf(h.q.Report(ctx, call.Ref, campaign.Result{Outcome: campaign.NoAnswer})),
	} {
		lost := as[*dialer.LeaseLostError](t, err)
		assert.False(t, lost.Kept, name)
		require.ErrorIs(t, err, campaign.ErrLeaseLost, name)
	}
}

func errOf[T any](_ T, err error) error { return err }

func TestAnOfferThatHasRunOutCannotBeStartedBeforeItIsSettled(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	call := h.one(agent("ann"))
	h.at(in(30 * time.Second))
	_, err := h.q.Start(ctx, call.Ref, 0)
	as[*dialer.LeaseLostError](t, err)
}

func TestACallThatNobodyReportsIsUnknownCountedOnceAndNotRedialledAtOnce(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	call := h.one(dialer.Ask{Start: true})
	h.wait(2 * time.Minute)
	sel := h.none(engine)
	assert.Equal(t, 1, sel.Settled)
	assert.Equal(t, in(2*time.Minute+time.Hour), sel.NextDue)
	h.none(engine)
	r := h.record("sales", "a")
	assert.Equal(t, 1, r.Attempts.Total)
	assert.Equal(t, campaign.Unknown, r.LastOutcome)
	log := h.calls("sales", "a")
	require.Len(t, log, 1)
	assert.Equal(t, call.Token, log[0].Token)
	assert.True(t, log[0].Expired)
}

func TestATalkKeepsItsNumberGuardedUntilItIsReportedOrTooLong(t *testing.T) {
	h := open(t, conf("a"), conf("b"))
	h.add(record("a", "one", 1), record("b", "two", 1))
	call := h.one(dialer.Ask{Agent: "ann", Campaigns: []campaign.ID{"a"}, Start: true})
	h.wait(time.Minute)
	_, err := h.q.Extend(ctx, call.Ref, dialer.Extension{Talking: true})
	require.NoError(t, err)
	for range 20 { // far longer than a dial may take
		h.wait(10 * time.Minute)
		h.none(dialer.Ask{Campaigns: []campaign.ID{"b"}})
	}
	h.at(in(time.Minute + 4*time.Hour - time.Microsecond))
	h.none(dialer.Ask{Campaigns: []campaign.ID{"b"}})
	h.at(in(time.Minute + 4*time.Hour))
	sel := h.next(dialer.Ask{Campaigns: []campaign.ID{"b"}})
	assert.Equal(t, 1, sel.Settled)
	assert.Equal(t, []string{"two"}, ids(sel))
}

func TestTwoLeasesNeverShareANumberOrAContact(t *testing.T) {
	h := open(t, conf("a"), conf("b"))
	person := func(r *campaign.Record) { r.Contact = "jan" }
	h.add(record("a", "number", 1), several("b", "alternate", 7, 1), record("a", "contact", 3, person), record("b", "contact", 4, person))
	sel := h.next(dialer.Ask{Limit: 10})
	seen := map[any]string{}
	for _, c := range sel.Calls {
		for _, key := range []any{c.Number.Number, c.Record.Contact} {
			if key != campaign.ContactID("") {
				assert.Empty(t, seen[key], "%v twice", key)
				seen[key] = string(c.Ref.Record)
			}
		}
	}
	assert.Len(t, sel.Calls, 3, "one of the two for the contact; the other record dials its free number")
	// The number that is guarded is not dialled on the other record either.
	var alternate dialer.Call
	for _, c := range sel.Calls {
		if c.Ref.Record == "alternate" {
			alternate = c
		}
	}
	require.Equal(t, number(7), alternate.Number.Number)
	_, err := h.q.Start(ctx, alternate.Ref, number(1))
	assert.Equal(t, []campaign.Reason{campaign.ReasonInUse}, reasons(as[*dialer.BlockedError](t, err).Blockers))
}

func TestSkipKeepsThePlaceAndComesBack(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) { c.Skips.Delay = campaign.Delay(time.Minute) }))
	h.add(record("sales", "a", 1), record("sales", "b", 2))
	call := h.one(agent("ann"))
	a, err := h.q.Skip(ctx, call.Ref, campaign.Actor{Agent: "ann"})
	require.NoError(t, err)
	assert.True(t, a.Has(campaign.WhySkipped))
	assert.Zero(t, a.Attempts)
	r := h.record("sales", "a")
	assert.Equal(t, 1, r.Skips)
	assert.Equal(t, campaign.StateParked, r.StateAt(h.now(), 1, false))
	assert.Equal(t, []string{"5:b"}, h.order(agent("ann")))
	h.wait(time.Minute)
	assert.Equal(t, []string{"5:a"}, h.order(agent("ann")))
}

func TestTooManySkipsHoldTheRecord(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) { c.Skips.Max = 2 }))
	h.add(record("sales", "a", 1))
	for i := range 3 {
		call := h.one(agent("ann"))
		a, err := h.q.Skip(ctx, call.Ref, campaign.Actor{Agent: "ann"})
		require.NoError(t, err)
		assert.Equal(t, i == 2, a.Has(campaign.WhySkipLimit))
		h.wait(10 * time.Minute)
	}
	assert.Zero(t, h.none(agent("ann")).NextDue)
	r := h.record("sales", "a")
	assert.Equal(t, status.StandingHeld, r.Standing)
	assert.True(t, r.Attention)
}

func TestACampaignMayForbidSkipping(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) { c.Skips.Disallow = true }))
	h.add(record("sales", "a", 1))
	call := h.one(agent("ann"))
	_, err := h.q.Skip(ctx, call.Ref, campaign.Actor{Agent: "ann"})
	as[*campaign.SkipError](t, err)
	_, err = h.q.Start(ctx, call.Ref, 0)
	require.NoError(t, err, "the lease is still there")
	_, err = h.q.Skip(ctx, call.Ref, campaign.Actor{Agent: "ann"})
	as[*campaign.SkipError](t, err)
}

func TestLeasesOfAPausedCampaignAreSettledToo(t *testing.T) {
	h := open(t, conf("a"), conf("b"))
	h.add(record("a", "one", 1), record("b", "two", 2))
	h.one(dialer.Ask{Campaigns: []campaign.ID{"a"}, Start: true})
	h.configure("a", paused)
	require.NoError(t, h.q.Reload(ctx))
	h.wait(2 * time.Minute)
	sel := h.next(dialer.Ask{Campaigns: []campaign.ID{"b"}})
	assert.Equal(t, 1, sel.Settled)
	assert.Equal(t, campaign.Unknown, h.record("a", "one").LastOutcome)
}

func TestAnotherProcessSettlesWhatACrashedOneLeft(t *testing.T) {
	h := openWith(t, dialer.Config{Holder: "crashed"}, conf("sales"))
	h.add(record("sales", "offered", 1), record("sales", "dialled", 2), record("sales", "talking", 3))
	sel := h.next(dialer.Ask{Limit: 3, Agent: "ann"})
	require.Len(t, sel.Calls, 3)
	for i, call := range sel.Calls[1:] {
		_, err := h.q.Start(ctx, call.Ref, 0)
		require.NoError(t, err)
		if i == 1 {
			_, err = h.q.Extend(ctx, call.Ref, dialer.Extension{Talking: true})
			require.NoError(t, err)
		}
	}
	h.q = h.queue(dialer.Config{Holder: "another"})
	settled := 0
	for _, at := range []time.Duration{30 * time.Second, 2 * time.Minute, 4 * time.Hour} {
		h.at(in(at))
		settled += h.next(dialer.Ask{Limit: 3, Agent: "bob"}).Settled
	}
	assert.GreaterOrEqual(t, settled, 3)
	assert.Zero(t, h.record("sales", "offered").Attempts.Total)
	for _, id := range []string{"dialled", "talking"} {
		assert.Equal(t, campaign.Unknown, h.calls("sales", id)[0].Outcome)
		assert.Equal(t, "crashed", h.calls("sales", id)[0].Holder)
	}
}

func TestWhatAHostIsToldHasTheResolutionOfTheStore(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	h.at(monday.Add(1234 * time.Nanosecond).In(time.FixedZone("east", 3600)))
	sel := h.next(dialer.Ask{Agent: "ann", Start: true})
	require.Len(t, sel.Calls, 1)
	dialed := monday.Add(time.Microsecond)
	assert.Equal(t, dialed, sel.Calls[0].Lease.Dialed, "UTC, whole microseconds")
	assert.Equal(t, dialed.Add(2*time.Minute), sel.Calls[0].Lease.Until)
	var looked campaign.Looked
	require.NoError(t, h.store.Look(ctx, campaign.Need{}, &looked, ref("sales", "a")))
	assert.Equal(t, dialed, looked.Facts[0].Lease.Dialed, "as it is stored")
}
