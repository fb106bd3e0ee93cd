package dialer_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
)

// move takes a record to another campaign, as it is.
func (h *house) move(id string, from, to campaign.ID) {
	h.t.Helper()
	r := h.record(from, id)
	r.Campaign, r.Sequence = to, 0
	errs, err := h.store.Commit(ctx, campaign.Change{Ref: ref(from, id), Move: true, Record: &r})
	require.NoError(h.t, err)
	require.Nil(h.t, errs)
}

// invariant: 4
func TestALateReportOfARecordThatHasMovedToAnotherCampaignIsNotLost(t *testing.T) {
	for name, again := range map[string]func(h *house){
		"moved":                            func(*house) {},
		"with another record in its place": func(h *house) { h.add(record("sales", "a", 2)) },
		"moved to and fro":                 func(h *house) { h.move("a", "service", "sales"); h.move("a", "sales", "service") },
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, conf("sales"), conf("service"))
			h.add(record("sales", "a", 1))
			call := h.one(dialer.Ask{Agent: "ann", Start: true, Campaigns: []campaign.ID{"sales"}})
			h.wait(3 * time.Minute)
			h.none(dialer.Ask{Campaigns: []campaign.ID{"sales"}})
			h.move("a", "sales", "service")
			again(h)
			before := h.record("service", "a")

			answer, err := h.q.Report(ctx, call.Ref, chosen("never"))
			lost := as[*dialer.LeaseLostError](t, err)
			assert.True(t, lost.Kept)
			assert.True(t, answer.Has(campaign.WhyKept))
			assert.True(t, h.listed(1), "a refusal is never lost")
			assert.Equal(t, before, h.record("service", "a"), "the record stays")
			calls := h.calls("service", "a")
			require.Len(t, calls, 1, "the log takes the truth")
			assert.Equal(t, campaign.Answered, calls[0].Outcome)
			assert.Equal(t, campaign.ID("sales"), calls[0].Campaign)

			twice, err := h.q.Report(ctx, call.Ref, chosen("never"))
			assert.Equal(t, answer, twice)
			assert.True(t, as[*dialer.LeaseLostError](t, err).Kept, "and says so again")
			here := call.Ref
			here.Campaign = "service"
			_, err = h.q.Report(ctx, here, chosen("never"))
			assert.True(t, as[*dialer.LeaseLostError](t, err).Kept, "whichever campaign is named")
			e, err := h.q.Explain(ctx, call.Ref, campaign.Asker{})
			require.NoError(t, err)
			assert.Equal(t, campaign.ID("service"), e.Record.Campaign, "and it can be asked where the record is")
		})
	}
}

func TestARecordThatMovesInTheInstantOfAReportLosesNothing(t *testing.T) {
	h := open(t, conf("sales"), conf("service"))
	h.add(record("sales", "a", 1))
	other := h.queue(dialer.Config{})
	call := h.one(dialer.Ask{Agent: "ann", Start: true, Campaigns: []campaign.ID{"sales"}})
	done := h.meddle(func(c campaign.Change) bool { return c.Call != nil }, func() {
		h.wait(2 * time.Minute)
		sel, err := other.Next(ctx, dialer.Ask{Campaigns: []campaign.ID{"sales"}})
		require.NoError(t, err)
		require.Equal(t, 1, sel.Settled)
		h.move("a", "sales", "service")
	})
	_, err := h.q.Report(ctx, call.Ref, chosen("never"))
	require.True(t, *done)
	assert.True(t, as[*dialer.LeaseLostError](t, err).Kept)
	assert.True(t, h.listed(1))
	assert.Equal(t, campaign.Answered, h.calls("service", "a")[0].Outcome)
}

func TestTheStatusOfACallIsNotCorrectedOnceItsRecordHasMoved(t *testing.T) {
	h := open(t, conf("sales"), conf("service"))
	h.add(record("sales", "a", 1))
	call := h.one(dialer.Ask{Agent: "ann", Start: true, Campaigns: []campaign.ID{"sales"}})
	h.report(call, chosen("no"))
	h.move("a", "sales", "service")
	_, err := h.q.Correct(ctx, call.Ref, campaign.Correction{Status: "never", Actor: boss})
	assert.ErrorContains(t, err, `moved to campaign "service"`)
	here := call.Ref
	here.Campaign = "service"
	_, err = h.q.Correct(ctx, here, campaign.Correction{Status: "never", Actor: boss})
	assert.ErrorContains(t, err, `it was to record a of campaign "sales"`)
	h.move("a", "service", "sales")
	_, err = h.q.Correct(ctx, call.Ref, campaign.Correction{Status: "never", Actor: boss})
	require.NoError(t, err, "where it was made it can be")
}
