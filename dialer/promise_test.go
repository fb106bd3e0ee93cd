package dialer_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
)

// A date set by hand, on a record that waits in the progressive lane after a
// drop, is a promise like any other: a call that reaches nobody does not end
// it, although neither its lane nor its qualifier says that it is one.
func TestADateSetWhileADroppedRecordWaitsIsAPromiseToo(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) {
		c.Mode = campaign.Predictive
		c.RecordTypes = []campaign.RecordType{{Name: "lead"}}
	}))
	h.add(record("sales", "eva", 1, func(r *campaign.Record) { r.Type = "lead" }))
	ref := campaign.Ref{Campaign: "sales", Record: "eva"}
	dropped, err := h.q.Next(ctx, dialer.Ask{Start: true})
	require.NoError(t, err)
	require.Len(t, dropped.Calls, 1)
	_, err = h.q.Report(ctx, dropped.Calls[0].Ref, campaign.Result{Outcome: campaign.Drop})
	require.NoError(t, err)

	due := h.now().Add(2 * time.Hour)
	_, err = h.q.Set(ctx, ref, campaign.Set{Status: "form-later", Input: campaign.Input{At: due}, Actor: campaign.Actor{User: "sue", Agent: "sue"}})
	require.NoError(t, err)
	h.at(due)
	next, err := h.q.Next(ctx, dialer.Ask{Agent: "ann", Start: true})
	require.NoError(t, err)
	require.Len(t, next.Calls, 1)
	assert.True(t, next.Calls[0].Lease.ForCallback)
	answer, err := h.q.Report(ctx, next.Calls[0].Ref, campaign.Result{Outcome: campaign.LineBusy})
	require.NoError(t, err)
	assert.True(t, answer.Has(campaign.WhyCallbackKept))
	assert.Equal(t, due.Add(10*time.Minute), answer.Due)
}
