package modeltest

import (
	"context"
	"errors"

	"github.com/nextcall/nextcall/campaign"
)

// errFault is what a failing write of the store says.
var errFault = errors.New("modeltest: the store failed here on purpose")

// faulty passes everything on to a store, and fails the write that it is told
// to fail: before it is done, or after it was.
type faulty struct {
	campaign.Store
	at     int // which write from now on; 0 none
	after  bool
	writes int
	failed bool
}

// arm makes the k-th write fail; k < 0: after it was written.
func (s *faulty) arm(k int) {
	s.writes, s.failed, s.after = 0, false, k < 0
	if s.at = k; k < 0 {
		s.at = -k
	}
}

func (s *faulty) write(do func() error) error {
	s.writes++
	if s.at == 0 || s.writes != s.at {
		return do()
	}
	s.failed = true
	if s.after {
		if err := do(); err != nil {
			return err
		}
	}
	return errFault
}

func (s *faulty) Claim(ctx context.Context, q campaign.Claim, into *campaign.Claimed) error {
	return s.write(func() error { return s.Store.Claim(ctx, q, into) })
}

func (s *faulty) Commit(ctx context.Context, changes ...campaign.Change) (errs []error, err error) {
	err = s.write(func() (err error) {
		errs, err = s.Store.Commit(ctx, changes...)
		return err
	})
	return errs, err
}

// lists says whether the store can list actions.
func (s *faulty) lists() bool {
	_, ok := s.Store.(campaign.ActionStore)
	return ok
}

// Pending passes the optional ability on, if the store has it.
func (s *faulty) Pending(ctx context.Context, after string, limit int) ([]campaign.Action, error) {
	if a, ok := s.Store.(campaign.ActionStore); ok {
		return a.Pending(ctx, after, limit)
	}
	return nil, nil
}

// History passes the optional ability on, if the store has it.
func (s *faulty) History(ctx context.Context, ref campaign.Ref) ([]campaign.Entry, []*campaign.Call, error) {
	if h, ok := s.Store.(campaign.HistoryStore); ok {
		return h.History(ctx, ref)
	}
	return nil, nil, nil
}
