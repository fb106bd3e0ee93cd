package dialer_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
)

// What happens in one instant is told in the order in which it can have happened.
func TestTheHistoryOfOneInstant(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	call, err := h.q.Take(ctx, dialer.Taking{Ref: ref("sales", "a"), Actor: campaign.Actor{Agent: "ann"}, Start: true})
	require.NoError(t, err)
	h.report(call, campaign.Result{Outcome: campaign.Answered, Status: "call"})
	_, err = h.q.Correct(ctx, call.Ref, campaign.Correction{Status: "no", Actor: boss})
	require.NoError(t, err)
	lines, err := h.q.History(ctx, ref("sales", "a"))
	require.NoError(t, err)
	require.Len(t, lines, 3)
	assert.Equal(t, []campaign.Why{campaign.WhyAdded}, lines[0].Why)
	assert.Equal(t, call.Ref.Token, lines[1].Call.Token)
	assert.Equal(t, "call", string(lines[1].To), "what the report led to, though it was corrected")
	assert.Equal(t, "no", string(lines[1].Call.Status), "as it is known now")
	assert.Equal(t, dialer.Line{At: monday, Author: "boss", Why: []campaign.Why{campaign.WhyCorrected}, From: "call", To: "no",
		Qualifier: lines[2].Qualifier, Token: call.Ref.Token}, lines[2])
	lines[1].Why[0] = "" // a host's own copy
	again, err := h.q.History(ctx, ref("sales", "a"))
	require.NoError(t, err)
	assert.Equal(t, campaign.WhyChosen, again[1].Why[0])
}

func TestAStoreThatTellsNoHistorySaysSo(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	h.store = struct{ campaign.Store }{h.store}
	_, err := h.queue(dialer.Config{}).History(ctx, ref("sales", "a"))
	assert.ErrorIs(t, err, dialer.ErrNoHistory)
}
