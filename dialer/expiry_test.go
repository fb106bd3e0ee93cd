package dialer_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
)

// All that is left is on somebody's phone, and that somebody may have crashed:
// the answer says when their lease runs out, and asking then settles it.
func TestAHostThatWaitsIsToldWhenTheLeasesOfOthersRunOut(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "eva", 1))
	first, err := h.q.Next(ctx, dialer.Ask{Agent: "ann", Start: true})
	require.NoError(t, err)
	require.Len(t, first.Calls, 1)
	assert.Zero(t, first.NextExpiry, "nobody else's")

	waiting, err := h.q.Next(ctx, dialer.Ask{Agent: "bob"})
	require.NoError(t, err)
	assert.Empty(t, waiting.Calls)
	assert.Zero(t, waiting.NextDue, "no time brings a record that is leased")
	assert.Equal(t, monday.Add(2*time.Minute), waiting.NextExpiry)

	h.at(waiting.NextExpiry)
	settled, err := h.q.Next(ctx, dialer.Ask{Agent: "bob"})
	require.NoError(t, err)
	assert.Equal(t, 1, settled.Settled)
	assert.Equal(t, waiting.NextExpiry.Add(time.Hour), settled.NextDue, "the unknown outcome's delay")
}

// A record that was only looked at and put aside has not moved on: the true
// result of its last call still replaces the unknown one.
func TestALateReportReplacesTheUnknownAlthoughTheRecordWasParkedSince(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) {
		c.Retry.Delays = map[campaign.Outcome]campaign.Delay{campaign.Unknown: 0}
		c.Limits.Gaps = []campaign.Gap{{Per: campaign.PerNumber, Min: campaign.Delay(3 * time.Hour)}}
	}))
	h.add(record("sales", "eva", 1))
	first, err := h.q.Next(ctx, dialer.Ask{Agent: "ann", Start: true})
	require.NoError(t, err)
	require.Len(t, first.Calls, 1)
	h.wait(5 * time.Minute)
	parked, err := h.q.Next(ctx, dialer.Ask{Agent: "bob"})
	require.NoError(t, err)
	require.Equal(t, 1, parked.Settled)
	require.Len(t, parked.Skipped, 1, "the gap puts it aside")

	answer, err := h.q.Report(ctx, first.Calls[0].Ref, campaign.Result{Outcome: campaign.Answered, Status: "sold"})
	require.NoError(t, err)
	assert.Equal(t, campaign.Answered, answer.Outcome)
	why, err := h.q.Explain(ctx, first.Calls[0].Ref, campaign.Asker{Agent: "ann"})
	require.NoError(t, err)
	assert.True(t, why.Record.Success)
	assert.Equal(t, 1, why.Record.Attempts.Total, "counted once")
	require.Len(t, why.Calls, 1)
	assert.Equal(t, campaign.Answered, why.Calls[0].Outcome)
}

// Its holder reports in the very instant in which somebody else settles the
// lease: the report holds, and nobody claims to have settled anything.
func TestALeaseThatIsReportedWhileItIsSettledWasNotSettled(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	other := h.queue(dialer.Config{})
	call := h.one(dialer.Ask{Agent: "ann", Start: true})
	h.wait(2 * time.Minute)
	done := h.meddle(func(c campaign.Change) bool { return c.Call != nil && c.Call.Expired }, func() {
		_, err := other.Report(ctx, call.Ref, chosen("sold"))
		require.NoError(t, err)
	})
	sel := h.none(dialer.Ask{Agent: "bob"})
	require.True(t, *done)
	assert.Zero(t, sel.Settled)
	assert.True(t, h.record("sales", "a").Success)
}
