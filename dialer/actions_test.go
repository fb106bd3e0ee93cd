package dialer_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
)

// A status that sends a mail leaves an action in the store: it is told again
// and again until the host says that it is done, and a correction to the same
// status does not tell it twice.
func TestAnActionIsToldUntilItIsAcknowledged(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "eva", 1))
	next, err := h.q.Next(ctx, dialer.Ask{Agent: "ann", Start: true})
	require.NoError(t, err)
	require.Len(t, next.Calls, 1)
	ref := next.Calls[0].Ref
	answer, err := h.q.Report(ctx, ref, campaign.Result{Outcome: campaign.Answered, Status: "mail"})
	require.NoError(t, err)
	require.Len(t, answer.Actions, 1)
	assert.Equal(t, "offer", answer.Actions[0].Template)

	_, err = h.q.Correct(ctx, ref, campaign.Correction{Status: "mail", Actor: campaign.Actor{User: "ann", Agent: "ann"}})
	require.NoError(t, err)
	for range 2 {
		pending, err := h.q.Actions(ctx, "", 10)
		require.NoError(t, err)
		require.Len(t, pending, 1, "told again, but once only")
		assert.Equal(t, answer.Actions[0].ID, pending[0].ID)
	}
	behind, err := h.q.Actions(ctx, answer.Actions[0].ID, 10)
	require.NoError(t, err)
	assert.Empty(t, behind)

	require.NoError(t, h.q.Done(ctx, answer.Actions[0].ID, "no such action"))
	pending, err := h.q.Actions(ctx, "", 10)
	require.NoError(t, err)
	assert.Empty(t, pending)
	_, err = h.q.Actions(ctx, "", 0)
	var bad *dialer.AskError
	assert.ErrorAs(t, err, &bad)
}
