package dialer_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
)

// What one process decides about an offer never undoes the call that another one
// has dialled in the same instant: whoever comes second looks again.
func TestWhatMeetsAStartLeavesTheCall(t *testing.T) {
	for name, tc := range map[string]struct {
		do   func(h *house, ref campaign.Ref) error
		want error
	}{
		"release": {func(h *house, ref campaign.Ref) error { return h.q.Release(ctx, ref) }, dialer.ErrStarted},
		"skip": {func(h *house, ref campaign.Ref) error {
			_, err := h.q.Skip(ctx, ref, ann)
			return err
		}, nil},
		"start of another number": {func(h *house, ref campaign.Ref) error {
			_, err := h.q.Start(ctx, ref, number(2))
			return err
		}, dialer.ErrStarted},
		"extension": {func(h *house, ref campaign.Ref) error {
			_, err := h.q.Extend(ctx, ref, dialer.Extension{})
			require.NoError(h.t, err)
			return dialer.ErrStarted
		}, dialer.ErrStarted},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, conf("sales"))
			h.add(record("sales", "a", 1, func(r *campaign.Record) { r.Phones = phones(1, 2) }))
			other := h.queue(dialer.Config{})
			offer := h.one(agent("ann"))
			done := h.meddle(func(c campaign.Change) bool { return c.Ref.Token != 0 }, func() {
				_, err := other.Start(ctx, offer.Ref, number(1))
				require.NoError(t, err)
			})
			err := tc.do(h, offer.Ref)
			require.True(t, *done)
			require.Error(t, err)
			if tc.want != nil {
				require.ErrorIs(t, err, tc.want)
			} else {
				as[*campaign.SkipError](t, err)
			}
			lease := h.explain("sales", "a", campaign.Asker{}).Lease
			assert.Equal(t, offer.Token, lease.Token)
			assert.Equal(t, campaign.Dialed, lease.Phase)
			assert.Equal(t, number(1), lease.Number)
			assert.Equal(t, h.now().Add(2*time.Minute), lease.Until, "the time of a call, not of an offer")
			h.report(offer, chosen("never"))
			assert.True(t, h.listed(1), "what was said in it is not lost")
		})
	}
}

// A start that is refused puts the record aside, but not from under a call.
func TestARefusedStartThatMeetsAStartLeavesTheCall(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	other := h.queue(dialer.Config{})
	offer := h.one(agent("ann"))
	done := h.meddle(func(c campaign.Change) bool { return c.Ref.Token != 0 }, func() {
		h.unlist(1)
		_, err := other.Start(ctx, offer.Ref, 0)
		require.NoError(t, err)
	})
	h.list(1, time.Time{})
	call, err := h.q.Start(ctx, offer.Ref, 0)
	require.True(t, *done)
	require.NoError(t, err, "it is started already")
	assert.Equal(t, campaign.Dialed, call.Lease.Phase)
	assert.Equal(t, offer.Token, h.explain("sales", "a", campaign.Asker{}).Lease.Token)
}

// A heartbeat of the dialling that comes late does not shorten a talk.
func TestAnExtensionThatMeetsAnAnswerKeepsTheTalk(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	other := h.queue(dialer.Config{})
	call := h.one(dialer.Ask{Agent: "ann", Start: true})
	done := h.meddle(func(c campaign.Change) bool { return c.Extend }, func() {
		_, err := other.Extend(ctx, call.Ref, dialer.Extension{Talking: true})
		require.NoError(t, err)
	})
	lease, err := h.q.Extend(ctx, call.Ref, dialer.Extension{})
	require.True(t, *done)
	require.NoError(t, err)
	assert.Equal(t, campaign.Talking, lease.Phase)
	assert.Equal(t, h.now().Add(4*time.Hour), lease.Until)
}

// An offer is given up as cancelled while another process dials it: then it is
// the call that was cancelled, and the log has it.
func TestAReportOfAnOfferThatMeetsAStartIsThatOfTheCall(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	other := h.queue(dialer.Config{})
	offer := h.one(agent("ann"))
	done := h.meddle(func(c campaign.Change) bool { return c.Ref.Token != 0 }, func() {
		_, err := other.Start(ctx, offer.Ref, 0)
		require.NoError(t, err)
	})
	h.report(offer, campaign.Result{Outcome: campaign.Cancelled})
	require.True(t, *done)
	calls := h.calls("sales", "a")
	require.Len(t, calls, 1)
	assert.Equal(t, h.now(), calls[0].Dialed)
}

// Whoever takes a record judges it before it is leased. A whole call that comes
// between is not missed.
func TestATakingThatMeetsAWholeCallIsJudgedAgain(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) {
		c.Limits.Gaps = []campaign.Gap{{Per: campaign.PerRecord, Min: campaign.Delay(5 * time.Hour)}}
	}))
	h.add(record("sales", "a", 1))
	other := h.queue(dialer.Config{})
	done := h.meddle(func(c campaign.Change) bool { return c.Lease != nil }, func() {
		sel, err := other.Next(ctx, agent("bob"))
		require.NoError(t, err)
		require.Len(t, sel.Calls, 1)
		_, err = other.Start(ctx, sel.Calls[0].Ref, 0)
		require.NoError(t, err)
		_, err = other.Report(ctx, sel.Calls[0].Ref, campaign.Result{Outcome: campaign.NoAnswer})
		require.NoError(t, err)
	})
	_, err := h.q.Take(ctx, dialer.Taking{Ref: ref("sales", "a"), Actor: ann, Start: true})
	require.True(t, *done)
	blocked := as[*dialer.BlockedError](t, err)
	assert.Equal(t, campaign.ReasonGap, blocked.Blockers[0].Reason)
}
