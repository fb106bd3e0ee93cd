package modeltest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/storetest/faultstore"
)

// arm makes the store fail as an operation says: the k-th of its calls that
// this kind of failure can hit.
func (w *world) arm(o op) {
	if o.Fault == 0 {
		return
	}
	if l := w.holder(o.Record); l != nil && o.needsNoLease() && o.How != faultstore.Stale {
		// What settles that lease and what was asked for would be told apart by
		// the answer alone.
		o.How = faultstore.Before
	}
	calls := faultstore.Writes
	switch o.How {
	case faultstore.Before, faultstore.Slow, faultstore.Cancel:
		if o.Reads {
			calls |= faultstore.Reads
		}
	case faultstore.Stale:
		calls = faultstore.Look | faultstore.Find
	}
	w.faults.Set(faultstore.Config{Seed: o.Luck, Wait: w.slow})
	w.faults.Next(o.Fault, calls, o.How)
}

// disarm ends that, and notes whether it came to it.
func (w *world) disarm() {
	w.ev.faulted = w.failed()
	w.faults.Set(faultstore.Config{})
	w.hits = len(w.faults.Hits())
}

// failed says whether a call of the store has failed in this step.
func (w *world) failed() bool {
	return slices.ContainsFunc(w.faults.Hits()[w.hits:], func(h faultstore.Hit) bool {
		return h.Kind == faultstore.Before || h.Kind == faultstore.After || h.Kind == faultstore.Cancel
	})
}

// stale says whether something that was read in this step was that of an earlier moment.
func (w *world) stale() bool {
	return slices.ContainsFunc(w.faults.Hits()[w.hits:], func(h faultstore.Hit) bool { return h.Kind == faultstore.Stale })
}

// injected says whether an error is that of a failure that was asked for.
func (w *world) injected(err error) bool {
	return errors.Is(err, faultstore.ErrInjected) || w.failed() && errors.Is(err, context.Canceled)
}

// slow is what happens while a call of the store takes long: the clock goes on.
// Who waits for the call has read it before.
func (w *world) slow() { w.lag += 700 * time.Millisecond }

// canList says whether the store can list actions.
func (w *world) canList() bool {
	_, ok := w.store.(campaign.ActionStore)
	return ok
}
