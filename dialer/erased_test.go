package dialer_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
)

// erase takes from a record what is about a person, as contacts.Book does.
func (h *house) erase(id string) {
	h.t.Helper()
	facts := campaign.Facts{Record: h.record("sales", id)}
	change, err := compile(h.t, conf("sales"), nil).Apply(&facts, campaign.Erasure{Actor: campaign.Actor{User: "sue"}}, h.clock.now())
	require.NoError(h.t, err)
	errs, err := h.store.Commit(ctx, change)
	require.NoError(h.t, err)
	require.Nil(h.t, errs)
}

// unsettled is a call whose lease has run out: nobody has reported it.
func (h *house) unsettled() *dialer.Call {
	h.t.Helper()
	h.add(record("sales", "a", 1))
	call := h.one(dialer.Ask{Agent: "ann", Start: true})
	h.wait(3 * time.Minute)
	h.none(dialer.Ask{})
	return &call
}

// invariant: 4
func TestALateReportBringsNothingBackOfWhoWasErased(t *testing.T) {
	for name, erase := range map[string]func(h *house) *bool{
		"before": func(h *house) *bool { h.erase("a"); done := true; return &done },
		"in that instant": func(h *house) *bool {
			return h.meddle(func(c campaign.Change) bool { return c.Call != nil }, func() { h.erase("a") })
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, conf("sales"))
			call, order := h.unsettled(), uint16(7)
			// The record has changed since the call: the late report leaves it as it is.
			_, err := h.q.Edit(ctx, call.Ref, campaign.Edit{Order: &order, Actor: campaign.Actor{User: "sue"}})
			require.NoError(t, err)
			done := erase(h)
			before := func() campaign.Record { return h.record("sales", "a") }
			r := chosen("never")
			r.Note = "Mrs Nowak of Long Street does not want to be called"
			answer, err := h.q.Report(ctx, call.Ref, r)
			require.True(t, *done)
			lost := as[*dialer.LeaseLostError](t, err)
			assert.True(t, lost.Kept, "it is reported well")
			assert.Empty(t, answer.Listed)
			require.Len(t, answer.Warnings, 3)
			assert.Contains(t, answer.Warnings[0], `put nothing on blacklist "global"`)
			assert.Contains(t, answer.Warnings[2], "the note was not saved")
			assert.False(t, h.listed(1), "there is no number to be listed")
			assert.Empty(t, before().Phones)

			entries, calls, err := h.store.(campaign.HistoryStore).History(ctx, call.Ref)
			require.NoError(t, err)
			require.Len(t, calls, 1)
			assert.Equal(t, campaign.Answered, calls[0].Outcome, "what came of it is known")
			assert.EqualValues(t, "never", calls[0].Status)
			assert.Zero(t, calls[0].Number)
			assert.Zero(t, calls[0].Contact)
			for _, e := range entries {
				assert.Empty(t, e.Note)
			}
			twice, err := h.q.Report(ctx, call.Ref, r)
			assert.True(t, as[*dialer.LeaseLostError](t, err).Kept)
			assert.Equal(t, answer, twice)
		})
	}
}

func TestNothingIsSentToWhoWasErased(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1), record("sales", "b", 2))
	for range 2 {
		h.report(h.one(dialer.Ask{Agent: "ann", Start: true}), chosen("mail"))
	}
	actions, err := h.q.Actions(ctx, "", 10)
	require.NoError(t, err)
	require.Len(t, actions, 2)
	h.erase("a")
	left, err := h.q.Actions(ctx, "", 10)
	require.NoError(t, err)
	assert.Equal(t, actions[1:], left)
}
