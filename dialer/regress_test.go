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

func predictive(c *campaign.Config) { c.Mode = campaign.Predictive }

func TestAnInboundCallThatNobodyReportedLeavesADroppedRecordWaitingForAnAgent(t *testing.T) {
	h := open(t, conf("sales", predictive))
	h.add(record("sales", "a", 1))
	h.report(h.one(dialer.Ask{Reserved: true, Start: true}), campaign.Result{Outcome: campaign.Drop})
	require.True(t, h.record("sales", "a").NeedsAgent)

	in, err := h.q.Inbound(ctx, dialer.Caller{Number: number(1), Agent: "ann"})
	require.NoError(t, err)
	require.NotZero(t, in.Token)
	h.wait(5 * time.Hour)
	h.next(engine) // settles the talk that was never reported

	r := h.record("sales", "a")
	assert.Equal(t, status.LaneProgressive, r.Lane)
	assert.True(t, r.NeedsAgent, "nothing is known to have been said: the record stays as it was, lane and all")
	assert.Equal(t, []string{"a"}, ids(h.next(reserved)))
}

func TestACallbackWithANewMessageOutlivesADropAndItsTriesAreCounted(t *testing.T) {
	h := open(t, conf("sales", predictive, func(c *campaign.Config) { c.Callbacks.Tries = 2 }))
	h.add(record("sales", "a", 1))
	h.set("sales", "a", "back", campaign.Input{At: in(time.Hour)})
	_, err := h.q.Message(ctx, ref("sales", "a"), campaign.Message{Channel: campaign.ChannelSMS})
	require.NoError(t, err)
	h.wait(time.Hour)

	a := h.report(h.one(dialer.Ask{Reserved: true, Start: true}), campaign.Result{Outcome: campaign.Drop})
	assert.True(t, a.Has(campaign.WhyCallbackKept))
	require.Equal(t, status.LaneProgressive, a.Lane)
	a = h.report(h.one(dialer.Ask{Reserved: true, Start: true}), campaign.Result{Outcome: campaign.NoAnswer})
	assert.True(t, a.Has(campaign.WhyCallbackGivenUp), "it is given up by name, not forgotten: %v", a.Why)
}
