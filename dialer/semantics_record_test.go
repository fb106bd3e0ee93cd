package dialer_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

// Effects happen when a status is set: what becomes of it later is nothing to
// the records that have it.
//
// rows: K24, K25, K26, D17
func TestWhatBecomesOfAStatusChangesNoRecordThatHasIt(t *testing.T) {
	for name, change := range map[string]func(*campaign.Config){
		"edited": func(c *campaign.Config) {
			c.Own[0] = status.Status{ID: "vip", Title: "Not any more", Qualifier: status.Closed, Blacklist: "refused"}
		},
		"disabled": func(c *campaign.Config) { c.Own[0].Disabled = true },
		"detached": func(c *campaign.Config) { c.Own = nil },
		"hidden":   func(c *campaign.Config) { c.Own[0].Hidden = true },
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, conf("sales", func(c *campaign.Config) {
				c.Own = []status.Status{{ID: "vip", Title: "VIP", Qualifier: status.CallbackAfter, Delay: status.Delay(time.Hour)}}
			}))
			h.add(record("sales", "a", 1), record("sales", "b", 2))
			h.set("sales", "a", "vip", campaign.Input{})
			before := h.record("sales", "a")
			h.configure("sales", change)
			require.NoError(t, h.q.Reload(ctx))
			assert.Equal(t, before, h.record("sales", "a"))

			h.at(in(time.Hour))
			call := h.one(dialer.Ask{Agent: "ann", Start: true})
			assert.Equal(t, dialer.TierPublic, call.Tier, "its effect stays")
			h.report(call, campaign.Result{Outcome: campaign.NoAnswer})
			r := h.record("sales", "a")
			assert.Equal(t, status.ID("vip"), r.Status)
			assert.Equal(t, status.CallbackAfter, r.Qualifier)

			_, err := h.q.Set(ctx, ref("sales", "b"), campaign.Set{Status: "vip", Actor: boss, Blacklist: map[bool]campaign.Which{true: campaign.WhichMain}[name == "edited"]})
			if name == "disabled" || name == "detached" {
				as[*campaign.StatusError](t, err)
			} else {
				require.NoError(t, err)
			}
		})
	}
}

func TestAnOwnerKeepsOthersOutOnlyWhileAnOwnCallbackIsPending(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) { c.Callbacks.Tries = 1 }))
	h.add(record("sales", "a", 1))
	h.mine("sales", "a", "ann", monday)
	h.none(agent("bob"))
	_, err := h.q.Take(ctx, dialer.Taking{Ref: ref("sales", "a"), Actor: campaign.Actor{Agent: "bob"}})
	assert.Equal(t, []campaign.Reason{campaign.ReasonOwner}, reasons(as[*dialer.BlockedError](t, err).Blockers))

	a := h.report(h.one(dialer.Ask{Agent: "ann", Start: true}), campaign.Result{Outcome: campaign.NoAnswer})
	assert.True(t, a.Has(campaign.WhyCallbackGivenUp))
	assert.Equal(t, campaign.AgentID("ann"), a.Owner, "the owner stays")
	h.wait(time.Hour)
	call := h.one(dialer.Ask{Agent: "bob", Start: true})
	assert.Equal(t, dialer.TierAgain, call.Tier, "as information")
	h.report(call, chosen("sold"))
	_, err = h.q.Take(ctx, dialer.Taking{Ref: ref("sales", "a"), Actor: campaign.Actor{Agent: "carl"}})
	require.NoError(t, err)
}

func TestAnInboundCallNamesAllThatAnOutgoingOneWouldBeRefusedFor(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "later", 1), record("sales", "held", 1), record("sales", "anns", 1), record("sales", "skipped", 9))
	h.set("sales", "later", "later", campaign.Input{})
	h.set("sales", "held", "manual", campaign.Input{})
	h.mine("sales", "anns", "ann", monday)
	_, err := h.q.Skip(ctx, h.one(dialer.Ask{Agent: "carl"}).Ref, ann)
	require.NoError(t, err)

	found := map[campaign.RecordID][]campaign.Reason{}
	for _, n := range []int{1, 9} {
		in, err := h.q.Inbound(ctx, dialer.Caller{Number: number(n), Agent: "bob"})
		require.NoError(t, err)
		require.NotZero(t, in.Token, "remarks refuse nothing")
		for _, r := range in.Records {
			found[r.Ref.Record] = reasons(r.Blockers)
		}
	}
	assert.Equal(t, map[campaign.RecordID][]campaign.Reason{
		"later": {campaign.ReasonNotDue}, "held": {campaign.ReasonHeld},
		"anns": {campaign.ReasonOwner}, "skipped": {campaign.ReasonSkipped},
	}, found)
}

func TestAnAgentIsToldOfTheLastAttempt(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) { c.Limits.Attempts = 2 }))
	h.add(record("sales", "a", 1))
	call := h.one(agent("ann"))
	assert.False(t, call.LastAttempt)
	call, err := h.q.Start(ctx, call.Ref, 0)
	require.NoError(t, err)
	h.report(call, campaign.Result{Outcome: campaign.NoAnswer})
	h.wait(time.Hour)
	call = h.one(agent("ann"))
	assert.True(t, call.LastAttempt)
	call, err = h.q.Start(ctx, call.Ref, 0)
	require.NoError(t, err)
	assert.True(t, call.LastAttempt, "a call that was started says so too")
	assert.Equal(t, status.Exhausted, h.report(call, campaign.Result{Outcome: campaign.NoAnswer}).Qualifier)
}

func TestAnAskParksAThousandUnlessItSaysOtherwise(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) { c.RequireConsent = true }))
	var records []campaign.Record
	for i := range 1001 {
		records = append(records, record("sales", fmt.Sprint("no", i), 100+i))
	}
	h.add(append(records, record("sales", "yes", 1, func(r *campaign.Record) { r.Consent = true }))...)
	sel := h.none(engine)
	assert.Len(t, sel.Skipped, 1000)
	assert.Equal(t, h.now(), sel.NextDue, "ask again at once")
	assert.Equal(t, []string{"yes"}, ids(h.next(engine)))
}

func TestExplainSaysByWhomByWhichEntryAndHowMany(t *testing.T) {
	h := openWith(t, dialer.Config{Holder: "node-1"}, conf("sales", limit(campaign.Cap{Per: campaign.PerNumber, Max: 1, Days: 2})))
	h.add(record("sales", "a", 1))
	h.called("sales", "a", campaign.NoAnswer)
	h.list(1, in(time.Hour))
	h.wait(time.Hour - time.Second)
	_, err := h.q.Inbound(ctx, dialer.Caller{Number: number(1), Agent: "bob"})
	require.NoError(t, err)

	found := map[campaign.Reason]campaign.Blocker{}
	for _, b := range h.explain("sales", "a", campaign.Asker{}).Blockers {
		found[b.Reason] = b
	}
	leased := found[campaign.ReasonLeased]
	assert.Contains(t, leased.Detail, "node-1")
	assert.Equal(t, h.now().Add(4*time.Hour), leased.Until)
	listed := found[campaign.ReasonBlacklisted]
	require.NotNil(t, listed.Entry)
	assert.Equal(t, number(1), listed.Entry.Number)
	assert.Equal(t, in(time.Hour), listed.Until)
	assert.Contains(t, listed.String(), "global")
	reached := found[campaign.ReasonLimit]
	assert.Contains(t, reached.Detail, "1 of 1 attempts per number")
	assert.Equal(t, clockTime(48, 0), reached.Until, "midnight after the second day, in the campaign's zone")
	assert.Equal(t, in(time.Hour), found[campaign.ReasonNotDue].Until)
}
