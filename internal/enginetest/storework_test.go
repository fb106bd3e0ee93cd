package enginetest_test

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// storeWork is what callers do on a store of any kind: a cycle of a dialer with
// every tier, calling hours by class, guarded numbers and contacts, the history
// of a week, and the log. Each record is added once; half of the calls are to
// fresh records, the others to such as have been called before.
type storeWork struct {
	campaign *campaign.Campaign
	st       campaign.Store
	open     []string // classes
	step     int64    // microseconds that the clock goes with a call
	clock    atomic.Int64
	calls    atomic.Int64
}

const (
	workCampaign = campaign.ID("c00")
	workAgent    = campaign.AgentID("a1")
)

// called is how many of n records are called before anything is measured.
func called(n int) int { return min(n/4, 5000) }

func newStoreWork(st campaign.Store, n int) (*storeWork, error) {
	c, err := ruled(workCampaign, byHand())
	if err != nil {
		return nil, err
	}
	// From the first call that is measured on, about as many retries fall due as
	// there are calls.
	w := &storeWork{campaign: c, st: st, step: max(1, meanDelay().Microseconds()/int64(called(n)))}
	w.clock.Store(tenOClock.UnixMicro())
	for i := range zones {
		r := person(i, workCampaign)
		w.open = append(w.open, c.ClassOf(r.Phones[0]))
	}
	return w, nil
}

// skipTo makes it as late as it was after so many calls.
func (w *storeWork) skipTo(calls int) {
	w.clock.Store(tenOClock.UnixMicro() + w.step*int64(calls))
	w.calls.Store(int64(calls))
}

// add adds the records from one to another, exclusive.
func (w *storeWork) add(from, to int) error {
	const part = 1000
	for from < to {
		var changes []campaign.Change
		for ; from < to && len(changes) < part; from++ {
			change, err := w.campaign.Admit(person(from, workCampaign), campaign.Actor{}, tenOClock)
			if err != nil {
				return err
			}
			changes = append(changes, change)
		}
		errs, err := w.st.Commit(ctx, changes...)
		if err == nil {
			err = firstOf(errs)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func firstOf(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// call calls records that were never called.
func (w *storeWork) call(n int) error {
	h := w.hand(0)
	for n > 0 {
		if err := h.next(min(n, 100), false); err != nil {
			return err
		}
		calls, _, _, err := h.report()
		if err != nil {
			return err
		}
		n -= calls
	}
	return nil
}

// check compares the store's records with the calls that were made.
func (w *storeWork) check(n int) error {
	records, attempts := 0, 0
	for f, err := range w.st.Find(ctx, campaign.Filter{}, campaign.Need{NoCalls: true}) {
		if err != nil {
			return err
		}
		if f.Lease.Token != 0 {
			return fmt.Errorf("record %s is still leased", f.Record.ID)
		}
		records++
		attempts += f.Record.Attempts.Total
	}
	if records != n || int64(attempts) != w.calls.Load() {
		return fmt.Errorf("the store holds %d records with %d attempts: want %d and %d", records, attempts, n, w.calls.Load())
	}
	return nil
}

func (w *storeWork) hand(i int) *storeHand {
	return &storeHand{storeWork: w, r: rand.NewPCG(uint64(i), 5), turn: i % 2}
}

// storeHand is one caller.
type storeHand struct {
	*storeWork
	r       *rand.PCG
	turn    int // of asks of one, every other looks at the retries first
	now     time.Time
	claimed campaign.Claimed
	work    []campaign.Work
	changes []campaign.Change
}

// next leases as many records as it asks for, or fails.
func (h *storeHand) next(ask int, _ bool) error {
	h.now = time.UnixMicro(h.clock.Add(h.step * int64(ask))).UTC()
	h.turn++
	retries := (ask + h.turn%2) / 2
	sources := []campaign.Source{
		{Lane: status.LaneOwn, Owner: workAgent, Due: h.now}, {Lane: status.LaneProgressive, Due: h.now},
		{Lane: status.LaneOwn, Due: h.now.Add(-time.Hour)}, {Lane: status.LanePublic, Due: h.now},
		{Lane: status.LaneAgain, Due: h.now, Max: retries},
		{Lane: status.LaneFresh, Due: h.now}, {Lane: status.LaneAgain, Due: h.now}, {Lane: status.LaneLast, Due: h.now},
	}
	if retries == 0 { // a Max of 0 is no limit
		sources = append(sources[:4], sources[5:]...)
	}
	q := campaign.Claim{
		Now: h.now, Until: h.now.Add(10 * time.Minute), Holder: "bench", Agent: workAgent, Reserved: true, Limit: ask,
		From: []campaign.Step{{Campaign: workCampaign, Revision: h.campaign.Revision(), Open: h.open, Max: ask, Sources: sources}},
		Need: h.campaign.Need(h.now),
	}
	if err := h.st.Claim(ctx, q, &h.claimed); err != nil {
		return err
	}
	if len(h.claimed.Leased) != ask {
		return fmt.Errorf("%w: %d instead of %d, and %d to settle", errNotAsked, len(h.claimed.Leased), ask, len(h.claimed.Expired))
	}
	return nil
}

// report commits what follows from a call of each, all at once.
func (h *storeHand) report() (calls, fresh, parked int, err error) {
	leased := h.claimed.Leased
	if len(h.work) < len(leased) {
		h.work = make([]campaign.Work, len(leased))
	}
	h.changes = h.changes[:0]
	for i := range leased {
		f := &leased[i]
		if len(f.Busy) > 0 || f.Lease.Number != f.Record.Phones[0].Number {
			return 0, 0, 0, fmt.Errorf("record %s, number %v, held by %v, is no call to make", f.Record.ID, f.Lease.Number, f.Busy)
		}
		if f.Record.Lane == status.LaneFresh {
			fresh++
		} else if len(f.History) != f.Record.Attempts.Total {
			return 0, 0, 0, fmt.Errorf("record %s was called %d times, and comes with %d calls", f.Record.ID, f.Record.Attempts.Total, len(f.History))
		}
		f.Lease.Phase, f.Lease.Dialed = campaign.Dialed, h.now
		outcome := outcomes[h.r.Uint64()%uint64(len(outcomes))]
		change, err := h.campaign.ApplyInto(&h.work[i], f, campaign.Result{Outcome: outcome, Ring: 20 * time.Second}, h.now)
		if err != nil {
			return 0, 0, 0, err
		}
		h.changes = append(h.changes, *change)
	}
	errs, err := h.st.Commit(ctx, h.changes...)
	if err == nil {
		err = firstOf(errs)
	}
	h.calls.Add(int64(len(leased)))
	return len(leased), fresh, 0, err
}
