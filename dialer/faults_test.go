package dialer_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

func TestAPauseBetweenClaimAndDialStopsTheCalls(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1), record("sales", "b", 2))
	other := h.queue(dialer.Config{})
	done := h.meddle(func(c campaign.Change) bool { return c.Lease != nil && c.Lease.Phase == campaign.Dialed }, func() {
		h.configure("sales", paused)
		require.NoError(t, other.Reload(ctx))
	})
	sel := h.none(dialer.Ask{Limit: 2, Start: true})
	require.True(t, *done)
	assert.Zero(t, sel.NextDue)
	for _, id := range []string{"a", "b"} {
		assert.Zero(t, h.explain("sales", id, campaign.Asker{}).Lease.Token, "what was refused was given back")
	}
}

func TestAReportThatMeetsTheEndOfItsLeaseIsALateOne(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	other := h.queue(dialer.Config{})
	call := h.one(dialer.Ask{Agent: "ann", Start: true})
	done := h.meddle(func(c campaign.Change) bool { return c.Call != nil }, func() {
		h.wait(2 * time.Minute)
		sel, err := other.Next(ctx, engine)
		require.NoError(t, err)
		require.Equal(t, 1, sel.Settled)
	})
	a := h.report(call, chosen("no"))
	require.True(t, *done)
	assert.Equal(t, campaign.Answered, a.Outcome)
	require.Len(t, h.calls("sales", "a"), 1)
	assert.Equal(t, campaign.Answered, h.calls("sales", "a")[0].Outcome)
	assert.Equal(t, 1, h.record("sales", "a").Attempts.Total)
}

func TestARecordThatIsLeasedInTheInstantOfALateReportStays(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	other := h.queue(dialer.Config{})
	call := h.one(dialer.Ask{Agent: "ann", Start: true})
	h.wait(2 * time.Minute)
	h.none(engine)
	h.wait(2 * time.Hour)
	done := h.meddle(func(c campaign.Change) bool { return c.Call != nil }, func() {
		sel, err := other.Next(ctx, engine)
		require.NoError(t, err)
		require.Len(t, sel.Calls, 1)
	})
	_, err := h.q.Report(ctx, call.Ref, chosen("never"))
	require.True(t, *done)
	assert.True(t, as[*dialer.LeaseLostError](t, err).Kept)
	assert.True(t, h.listed(1))
	assert.NotZero(t, h.explain("sales", "a", campaign.Asker{}).Lease.Token)
}

func TestAChangeThatMeetsAnotherIsMadeOnTheNewRecord(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	plain := h.q
	done := h.meddle(func(c campaign.Change) bool { return c.Record != nil }, func() {
		_, err := plain.Edit(ctx, ref("sales", "a"), campaign.Edit{Note: "first", Actor: boss})
		require.NoError(t, err)
	})
	_, err := h.q.Edit(ctx, ref("sales", "a"), campaign.Edit{Note: "second", Actor: boss})
	require.NoError(t, err)
	require.True(t, *done)
	var notes []string
	for _, n := range h.record("sales", "a").Notes {
		notes = append(notes, n.Text)
	}
	assert.Equal(t, []string{"first", "second"}, notes)
}

func TestInboundLooksAgainWhenSomebodyWasFaster(t *testing.T) {
	h := open(t, conf("a"), conf("b"))
	h.add(record("a", "one", 1), record("b", "two", 9))
	other := h.queue(dialer.Config{})
	done := h.meddle(func(c campaign.Change) bool { return c.Lease != nil && c.Lease.Inbound }, func() {
		_, err := other.Take(ctx, taking("a", "one"))
		require.NoError(t, err)
	})
	call, err := h.q.Inbound(ctx, dialer.Caller{Number: number(1), Agent: "ann"})
	require.NoError(t, err)
	require.True(t, *done)
	assert.Zero(t, call.Token)
	assert.True(t, call.Records[0].Leased)
}

// flaky is a store that fails on one call in so many, before it did anything or
// after it did everything.
type flaky struct {
	campaign.Store
	every, n int
	after    bool
}

var errFlaky = errors.New("the connection was lost")

func (f *flaky) fails() bool {
	f.n++
	// Scattered, so that it is not the same step of an operation every time.
	return f.every > 0 && int(uint32(f.n)*2654435761>>16)%f.every == 0
}

func (f *flaky) Claim(ctx context.Context, q campaign.Claim, into *campaign.Claimed) error {
	fails := f.fails()
	if fails && !f.after {
		return errFlaky
	}
	err := f.Store.Claim(ctx, q, into)
	if fails {
		return errFlaky
	}
	return err
}

func (f *flaky) Commit(ctx context.Context, changes ...campaign.Change) ([]error, error) {
	fails := f.fails()
	if fails && !f.after {
		return nil, errFlaky
	}
	errs, err := f.Store.Commit(ctx, changes...)
	if fails {
		return nil, errFlaky
	}
	return errs, err
}

func (f *flaky) Look(ctx context.Context, need campaign.Need, into *campaign.Looked, refs ...campaign.Ref) error {
	if f.fails() {
		return errFlaky
	}
	return f.Store.Look(ctx, need, into, refs...)
}

func (f *flaky) Find(ctx context.Context, filter campaign.Filter, need campaign.Need) iter.Seq2[campaign.Facts, error] {
	if f.fails() {
		return func(yield func(campaign.Facts, error) bool) { yield(campaign.Facts{}, errFlaky) }
	}
	return f.Store.Find(ctx, filter, need)
}

func TestNothingIsLostOrDoubledOnAStoreThatFails(t *testing.T) {
	for every := 2; every <= 7; every++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("one call in %d, done %v", every, after), func(t *testing.T) {
				h := open(t, conf("sales"))
				const records = 20
				h.fill(records, "sales")
				store := &flaky{Store: h.store, after: after}
				plain := h.store
				h.store = store
				h.q = h.queue(dialer.Config{})
				store.every = every

				pending := map[campaign.Token]campaign.Ref{}
				for round := range 400 {
					if round == 300 {
						store.every = 0 // and then it is well again
					}
					h.wait(time.Minute)
					sel, err := h.q.Next(ctx, dialer.Ask{Limit: 3, Start: true})
					if err != nil {
						require.ErrorIs(t, err, errFlaky)
					}
					for _, call := range sel.Calls {
						assert.NotContains(t, pending, call.Token)
						pending[call.Token] = call.Ref
					}
					for token, ref := range pending {
						switch _, err := h.q.Report(ctx, ref, campaign.Result{Outcome: campaign.Answered, Status: "no", Actor: ann}); {
						case err == nil:
							delete(pending, token)
						case errors.Is(err, campaign.ErrLeaseLost):
							delete(pending, token) // it ran out before it was dialled, or the record went on
						default:
							require.ErrorIs(t, err, errFlaky)
						}
					}
				}
				h.store = plain
				for i := range records {
					id := fmt.Sprintf("sales-%d", i)
					r, calls := h.record("sales", id), h.calls("sales", id)
					assert.Equal(t, r.Attempts.Total, len(calls), "every call counted once")
					require.NotEmpty(t, calls, "%s was lost", id)
					assert.Equal(t, campaign.Answered, calls[len(calls)-1].Outcome)
					assert.Equal(t, status.Closed, r.Qualifier)
				}
			})
		}
	}
}
