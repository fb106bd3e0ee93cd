package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/plainstore"
)

var errDisk = errors.New("the disk is full")

// steps is a store that writes a change part by part, and whose next write but n
// can be made to fail. It keeps the contract, unless it is told not to.
type steps struct {
	*plainstore.Store
	mu    sync.Mutex
	armed bool
	left  int // writes until the one that fails

	halves bool // leaves the parts written before the one that failed
	keeps  bool // keeps for ever what a Claim that failed has leased
	lies   bool // says of a change that failed that it was written
}

func openSteps(edit func(s *steps)) func(testing.TB) campaign.Store {
	return func(testing.TB) campaign.Store {
		s := &steps{Store: plainstore.New()}
		if edit != nil {
			edit(s)
		}
		return s
	}
}

// failStep is the Options.FailWrite of such stores.
func failStep(_ testing.TB, st campaign.Store, n int) {
	s := st.(*steps)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed, s.left = n >= 0, n
}

// write is one write; it reports whether it failed.
func (s *steps) write() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.armed {
		return false
	}
	s.left--
	s.armed = s.left >= 0
	return !s.armed
}

// Claim writes twice: who asked, and what was leased.
func (s *steps) Claim(ctx context.Context, q campaign.Claim, into *campaign.Claimed) error {
	if s.write() {
		if s.keeps {
			q.Until = campaign.Forever
			_ = s.Store.Claim(ctx, q, into)
		}
		return errDisk
	}
	if err := s.Store.Claim(ctx, q, into); err != nil {
		return err
	}
	if s.write() {
		return errDisk // the leases are there, and will run out
	}
	return nil
}

// partsOf are a change's parts, the lease's end last.
func partsOf(ch campaign.Change) []campaign.Change {
	parts := []campaign.Change{{List: ch.List}, {Unlist: ch.Unlist}, {Actions: ch.Actions}, {Done: ch.Done}, {Contact: ch.Contact}, {Call: ch.Call}}
	ch.List, ch.Unlist, ch.Actions, ch.Done, ch.Contact, ch.Call = nil, nil, nil, nil, nil, nil
	return append(parts, ch)
}

func (s *steps) Commit(ctx context.Context, changes ...campaign.Change) ([]error, error) {
	var errs []error
	for i, ch := range changes {
		var err error
		for n := range partsOf(ch) {
			if s.write() {
				err = errDisk
				if s.halves {
					_, _ = s.Store.Commit(ctx, partsOf(ch)[:n]...)
				}
				break
			}
		}
		switch {
		case err == nil:
			one, failed := s.Store.Commit(ctx, ch)
			if failed != nil {
				return nil, failed
			}
			if one == nil {
				continue
			}
			err = one[0]
		case s.lies:
			continue
		}
		if errs == nil {
			errs = make([]error, len(changes))
		}
		errs[i] = err
	}
	return errs, nil
}

// stepping makes a fault of a store that writes part by part.
func stepping(edit func(s *steps)) func(*Options) {
	return func(o *Options) { o.Open, o.FailWrite = openSteps(edit), failStep }
}

// faultsHalfWay are those in what is left of a write that failed.
var faultsHalfWay = []fault{
	{name: "leaves half of a change", clause: "HalfWay/ACommitThatFailsIsWholeOrNothing", with: stepping(func(s *steps) { s.halves = true })},
	{name: "lists the numbers of a record that it then does not move", clause: "HalfWay/AMoveThatFailsIsWholeOrNothing", with: stepping(func(s *steps) { s.halves = true })},
	{name: "says that a change was written which failed", clause: "HalfWay/ACommitThatFailsIsWholeOrNothing", with: stepping(func(s *steps) { s.lies = true })},
	{name: "never gives back what a failed Claim leased", clause: "HalfWay/AClaimThatFailsLosesNothing", with: stepping(func(s *steps) { s.keeps = true })},
}
