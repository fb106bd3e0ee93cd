package dialer_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

func taking(in campaign.ID, id string, overrides ...campaign.Override) dialer.Taking {
	return dialer.Taking{Ref: ref(in, id), Actor: campaign.Actor{User: "bob", Agent: "bob"}, Overrides: overrides}
}

func TestTakeIgnoresTierDueTimeSkipParkAndHeld(t *testing.T) {
	for name, prepare := range map[string]func(h *house){
		"not due": func(h *house) { h.set("sales", "a", "back", campaign.Input{At: in(99 * time.Hour)}) },
		"held":    func(h *house) { h.set("sales", "a", "manual", campaign.Input{}) },
		"skipped": func(h *house) {
			call := h.one(agent("ann"))
			_, err := h.q.Skip(ctx, call.Ref, ann)
			require.NoError(h.t, err)
		},
		"the last tier": func(h *house) { h.set("sales", "a", "last", campaign.Input{}) },
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, conf("sales"))
			h.add(record("sales", "a", 1))
			prepare(h)
			call, err := h.q.Take(ctx, taking("sales", "a"))
			require.NoError(t, err)
			assert.True(t, call.Lease.Taken)
			assert.Equal(t, campaign.AgentID("bob"), call.Lease.Agent)
			assert.Equal(t, in(30*time.Second), call.Lease.Until)
			started, err := h.q.Start(ctx, call.Ref, 0)
			require.NoError(t, err)
			h.report(started, campaign.Result{Outcome: campaign.Answered, Status: "no"})
		})
	}
}

func TestTakeDoesNotBelieveAPark(t *testing.T) {
	rules := &condition{}
	h := &house{t: t, clock: &clock{t: monday}, rules: rules.engine(), store: open(t).store}
	h.cfgs = []campaign.Config{conf("sales", func(c *campaign.Config) { c.Condition = "fine" })}
	h.q = h.queue(dialer.Config{})
	h.add(record("sales", "a", 1))
	h.none(engine)
	rules.ok = true
	h.none(engine)
	_, err := h.q.Take(ctx, taking("sales", "a"))
	require.NoError(t, err)
}

func TestTakeNeverOverridesBlacklistHoursPauseOrTheNumberGuard(t *testing.T) {
	all := func(c *campaign.Config) {
		c.Overrides = []campaign.Override{campaign.OverrideGap, campaign.OverrideLimit, campaign.OverrideOwner}
	}
	everything := []campaign.Override{campaign.OverrideGap, campaign.OverrideLimit, campaign.OverrideOwner}
	for name, tc := range map[string]struct {
		edit    func(*campaign.Config)
		prepare func(h *house)
		want    campaign.Reason
	}{
		"blacklisted": {func(*campaign.Config) {}, func(h *house) { h.list(1, time.Time{}) }, campaign.ReasonBlacklisted},
		"hours":       {func(c *campaign.Config) { c.CalleeHours = hours(t, "tue 08:00-18:00") }, func(*house) {}, campaign.ReasonHours},
		"paused":      {paused, func(*house) {}, campaign.ReasonInactive},
		"closed":      {func(*campaign.Config) {}, func(h *house) { h.set("sales", "a", "no", campaign.Input{}) }, campaign.ReasonClosed},
		"a law's limit": {limit(campaign.Cap{Per: campaign.PerNumber, Max: 1, Days: 1, Law: true}),
			func(h *house) { h.called("sales", "a", campaign.NoAnswer) }, campaign.ReasonLimit},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, conf("sales", all, tc.edit))
			h.add(record("sales", "a", 1))
			tc.prepare(h)
			_, err := h.q.Take(ctx, taking("sales", "a", everything...))
			assert.Equal(t, []campaign.Reason{tc.want}, reasons(as[*dialer.BlockedError](t, err).Blockers))
		})
	}
	t.Run("leased", func(t *testing.T) {
		h := open(t, conf("sales", all))
		h.add(record("sales", "a", 1))
		h.one(engine)
		_, err := h.q.Take(ctx, taking("sales", "a", everything...))
		assert.Equal(t, campaign.RecordID("a"), as[*campaign.LeasedError](t, err).Hold.Ref.Record)
	})
	t.Run("number in use", func(t *testing.T) {
		h := open(t, conf("sales", all), conf("b"))
		h.add(record("sales", "a", 1), record("b", "other", 1))
		h.one(dialer.Ask{Campaigns: []campaign.ID{"b"}})
		_, err := h.q.Take(ctx, taking("sales", "a", everything...))
		assert.Equal(t, number(1), as[*campaign.LeasedError](t, err).Hold.Number)
	})
}

func TestANamedActorMayOverrideWhatTheCampaignLists(t *testing.T) {
	for name, tc := range map[string]struct {
		what    campaign.Override
		edit    func(*campaign.Config)
		prepare func(h *house)
		reason  campaign.Reason
	}{
		"the gap": {campaign.OverrideGap, gap(5 * time.Hour), func(h *house) { h.called("sales", "a", campaign.NoAnswer) }, campaign.ReasonGap},
		"the own limit": {campaign.OverrideLimit, limit(campaign.Cap{Per: campaign.PerRecord, Max: 1, Days: 1}),
			func(h *house) { h.called("sales", "a", campaign.NoAnswer) }, campaign.ReasonLimit},
		"the owner": {campaign.OverrideOwner, func(*campaign.Config) {}, func(h *house) { h.mine("sales", "a", "ann", monday) }, campaign.ReasonOwner},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, conf("sales", tc.edit, func(c *campaign.Config) { c.Overrides = []campaign.Override{tc.what} }))
			h.add(record("sales", "a", 1))
			tc.prepare(h)
			_, err := h.q.Take(ctx, taking("sales", "a"))
			assert.Equal(t, []campaign.Reason{tc.reason}, reasons(as[*dialer.BlockedError](t, err).Blockers), "not by itself")

			nameless := taking("sales", "a", tc.what)
			nameless.Actor = campaign.Actor{}
			_, err = h.q.Take(ctx, nameless)
			assert.Contains(t, as[*dialer.OverrideError](t, err).Error(), "named actor")

			call, err := h.q.Take(ctx, taking("sales", "a", tc.what))
			require.NoError(t, err)
			_, err = h.q.Start(ctx, call.Ref, 0)
			require.NoError(t, err, "it holds for the start too")

			h = open(t, conf("sales", tc.edit))
			h.add(record("sales", "a", 1))
			_, err = h.q.Take(ctx, taking("sales", "a", tc.what))
			refused := as[*dialer.OverrideError](t, err)
			assert.Equal(t, tc.what, refused.What)
			assert.Contains(t, refused.Error(), "does not allow it")
		})
	}
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	_, err := h.q.Take(ctx, taking("sales", "a", "blacklist"))
	assert.Contains(t, as[*dialer.OverrideError](t, err).Error(), "only gap, limit, owner and list")
}

func TestTakeDialsTheNumberThatIsNamed(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(several("sales", "a", 1, 2))
	take := taking("sales", "a")
	take.Number, take.Start = number(2), true
	call, err := h.q.Take(ctx, take)
	require.NoError(t, err)
	assert.Equal(t, campaign.Dialed, call.Lease.Phase)
	assert.Equal(t, number(2), call.Number.Number)
	h.report(call, campaign.Result{Outcome: campaign.NoAnswer})
	assert.Equal(t, number(2), h.calls("sales", "a")[0].Number)

	take.Number = number(77)
	_, err = h.q.Take(ctx, take)
	assert.Contains(t, err.Error(), "not a number of this record")
}

func TestAnInboundCallHoldsAllOfTheCallersFreeRecords(t *testing.T) {
	h := open(t, conf("a"), conf("b", paused), conf("c"))
	h.add(record("a", "main", 1), several("b", "alternate", 2, 1), record("c", "closed", 1), record("c", "stranger", 5))
	h.set("c", "closed", "no", campaign.Input{})
	h.list(1, time.Time{})

	call, err := h.q.Inbound(ctx, dialer.Caller{Number: number(1), Agent: "ann"})
	require.NoError(t, err)
	require.NotZero(t, call.Token)
	require.Len(t, call.Records, 3)
	want := map[campaign.RecordID][]campaign.Reason{
		"main":      {campaign.ReasonBlacklisted},
		"alternate": {campaign.ReasonInactive, campaign.ReasonBlacklisted},
		"closed":    {campaign.ReasonClosed, campaign.ReasonBlacklisted},
	}
	for _, r := range call.Records {
		assert.Equal(t, call.Token, r.Token, "one lease, one call id")
		assert.False(t, r.Leased)
		assert.Equal(t, want[r.Ref.Record], reasons(r.Blockers), "remarks: an outgoing call would be refused")
	}
	h.none(dialer.Ask{Campaigns: []campaign.ID{"a"}})

	// The talk was about the second record.
	var about campaign.Ref
	for _, r := range call.Records {
		if r.Ref.Record == "alternate" {
			about = r.Ref
		}
	}
	h.wait(10 * time.Minute)
	a, err := h.q.Report(ctx, about, chosen("no"))
	require.NoError(t, err)
	assert.Equal(t, call.Token, a.Call)
	r := h.record("b", "alternate")
	assert.Equal(t, 1, r.Attempts.Talks, "a conversation")
	assert.Zero(t, r.Attempts.Total, "and no attempt")
	assert.Equal(t, status.Closed, r.Qualifier)
	for _, x := range []struct {
		in campaign.ID
		id string
	}{{"a", "main"}, {"b", "alternate"}, {"c", "closed"}} {
		assert.Zero(t, h.explain(x.in, x.id, campaign.Asker{}).Lease.Token, "the lease is over for all")
	}
	log := h.calls("b", "alternate")
	require.Len(t, log, 1)
	assert.True(t, log[0].Inbound)
}

func TestOnlyLeasesRefuseAnInboundCall(t *testing.T) {
	h := open(t, conf("a"), conf("b"))
	h.add(record("a", "one", 1), record("b", "two", 9))
	h.one(dialer.Ask{Campaigns: []campaign.ID{"a"}}) // somebody dials them at this moment
	call, err := h.q.Inbound(ctx, dialer.Caller{Number: number(1), Agent: "bob"})
	require.NoError(t, err)
	assert.Zero(t, call.Token, "nothing was leased")
	require.Len(t, call.Records, 1)
	assert.True(t, call.Records[0].Leased)
	assert.Contains(t, reasons(call.Records[0].Blockers), campaign.ReasonLeased)

	call, err = h.q.Inbound(ctx, dialer.Caller{Number: number(404), Agent: "bob"})
	require.NoError(t, err)
	assert.Empty(t, call.Records)
	assert.Zero(t, call.Token)

	call, err = h.q.Inbound(ctx, dialer.Caller{Number: number(9), Agent: "bob", Campaigns: []campaign.ID{"a"}})
	require.NoError(t, err)
	assert.Empty(t, call.Records, "only where it is told to look")
	_, err = h.q.Inbound(ctx, dialer.Caller{Number: number(9), Campaigns: []campaign.ID{"nowhere"}})
	as[*dialer.CampaignError](t, err)
	_, err = h.q.Inbound(ctx, dialer.Caller{Agent: "bob"})
	as[*dialer.AskError](t, err)
}

func TestAnOwnCallbackMayBeTakenByItsOwnerAtAnyTime(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	h.mine("sales", "a", "ann", in(5*time.Hour))
	call, err := h.q.Take(ctx, dialer.Taking{Ref: ref("sales", "a"), Actor: ann, Start: true})
	require.NoError(t, err)
	assert.False(t, call.Lease.ForCallback, "it is not due yet")
	a := h.report(call, campaign.Result{Outcome: campaign.NoAnswer})
	assert.Equal(t, in(5*time.Hour), a.Due, "a call before the time promised changes nothing")
}

func TestListsAreKeptByHand(t *testing.T) {
	h := open(t, conf("sales"))
	entries := []blacklist.Entry{{Number: number(1), List: "own"}}
	require.NoError(t, h.q.List(ctx, entries...))
	assert.Zero(t, entries[0].Added, "what the caller gave is not written to")
	assert.False(t, h.listed(1), "another list than the one that is asked")
	assert.True(t, h.listed(1, "own"))
	err := h.q.List(ctx, blacklist.Entry{Number: 5, List: "own"}, blacklist.Entry{Number: number(2), List: ""})
	as[*blacklist.EntryError](t, err)
	assert.Contains(t, err.Error(), "number")
	assert.Contains(t, err.Error(), "list")
}
