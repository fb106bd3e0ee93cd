package dialer_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
)

// A number without a zone is the campaign's business: when the campaign learns
// where its people live, its records are callable with the next lease, without
// an edit of any of them.
func TestACalleeZoneConfiguredLaterMakesNumbersWithoutAZoneCallable(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) { c.CalleeZone = "" }))
	h.add(record("sales", "eva", 1))
	none, err := h.q.Next(ctx, dialer.Ask{Agent: "ann"})
	require.NoError(t, err)
	assert.Empty(t, none.Calls)
	why, err := h.q.Explain(ctx, campaign.Ref{Campaign: "sales", Record: "eva"}, campaign.Asker{Agent: "ann"})
	require.NoError(t, err)
	require.Len(t, why.Blockers, 1)
	assert.Equal(t, campaign.ReasonZone, why.Blockers[0].Reason)
	assert.Zero(t, why.Earliest)

	h.configure("sales", func(c *campaign.Config) { c.CalleeZone = warsaw })
	require.NoError(t, h.q.Reload(ctx))
	now, err := h.q.Next(ctx, dialer.Ask{Agent: "ann"})
	require.NoError(t, err)
	assert.Len(t, now.Calls, 1)
}
