package dialer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/nextcall/nextcall/campaign"
)

// Bounds of one ask.
const (
	maxLimit    = 10_000
	maxBatch    = 256
	defaultMost = 1000 // Ask.MaxParks
	maxReloads  = 5    // configurations that may change during one operation
)

func (a *Ask) check() error {
	var errs []error
	bad := func(field, msg string) { errs = append(errs, &AskError{Field: field, Msg: msg}) }
	switch {
	case a.Limit < 0 || a.Limit > maxLimit:
		bad("limit", fmt.Sprintf("%d: want 1 to %d, or 0 for 1", a.Limit, maxLimit))
	case a.Limit == 0:
		a.Limit = 1
	}
	switch {
	case a.MaxParks < 0:
		bad("max parks", fmt.Sprintf("%d: want a positive number, or 0 for %d", a.MaxParks, defaultMost))
	case a.MaxParks == 0:
		a.MaxParks = defaultMost
	}
	if err := checkAgent(a.Agent); err != nil {
		errs = append(errs, err)
	}
	a.Reserved = a.Reserved || a.Agent != ""
	return errors.Join(errs...)
}

// checkAgent refuses a name that no store can keep in a lease.
func checkAgent(a campaign.AgentID) error {
	if !utf8.ValidString(string(a)) || strings.Contains(string(a), "\x00") {
		return &AskError{Field: "agent", Msg: fmt.Sprintf("%q: want UTF-8 without NUL bytes", a)}
	}
	return nil
}

// Next selects the calls to make now and leases them: campaigns by order and
// parity, inside a campaign the seven tiers. Each candidate passes the one
// eligibility function; one that fails is put aside until it may pass, and the
// selection goes on. Expired leases are settled first.
//
// It returns what it has leased even with an error that came later. The typed
// errors are *AskError and *CampaignError.
func (q *Queue) Next(ctx context.Context, ask Ask) (Selection, error) {
	s := q.asking()
	err := s.next(ctx, ask, &s.own)
	sel := s.own
	s.own = Selection{}
	s.done()
	return sel, err
}

// NextInto is [Queue.Next] into a Selection that may have been used before: what
// it held is replaced, also what the records of its calls point to, and its
// memory is used again. A host that keeps a call beyond that uses Next.
func (q *Queue) NextInto(ctx context.Context, ask Ask, into *Selection) error {
	if into == nil {
		return &AskError{Field: "into", Msg: "nil: want a Selection to fill"}
	}
	s := q.asking()
	err := s.next(ctx, ask, into)
	s.done()
	return err
}

// selecting is one Next on its way. Its memory is used by one ask after another;
// nothing that a host gets points into it.
type selecting struct {
	q       *Queue
	ask     Ask
	now     time.Time
	sel     *Selection
	plan    plan
	parked  int
	wake    time.Time // the first end of a park of this ask that may help
	reloads int
	stale   bool // a campaign of the plan is no longer loaded

	own     Selection // what Next fills
	claimed campaign.Claimed
	parts   []campaign.Step
	sources []campaign.Source
	usual   []campaign.Source // a part of sources, if it was needed
	quotas  []quota
	dealt   []quota // among the lists of a campaign
	changes []campaign.Change
	owners  []int // index into the calls of the change's call, or -1
	listing listing
}

// asking is memory for one ask.
func (q *Queue) asking() *selecting {
	s := q.asks.Get().(*selecting)
	s.q = q
	return s
}

// done gives the memory back, without what belongs to the host.
func (s *selecting) done() {
	q := s.q
	s.q, s.ask, s.sel, s.plan.view = nil, Ask{}, nil, nil
	q.asks.Put(s)
}

// next is Next into a Selection.
func (s *selecting) next(ctx context.Context, ask Ask, into *Selection) error {
	into.reset()
	if err := ask.check(); err != nil {
		return err
	}
	s.ask, s.sel, s.now = ask, into, s.q.now()
	s.parked, s.wake, s.reloads, s.stale = 0, time.Time{}, 0, false
	err := s.run(ctx)
	s.settleParity()
	return err
}

func (s *selecting) run(ctx context.Context) error {
	into := &s.claimed
	for batch := s.ask.Limit; ; {
		if v := s.q.viewAt(s.now); v != s.plan.view {
			if err := s.plan.lay(&s.ask, v); err != nil {
				return err
			}
		}
		batch = min(max(batch, s.ask.Limit-len(s.sel.Calls)), maxLimit, s.ask.MaxParks-s.parked)
		err := s.q.store.Claim(ctx, s.claim(batch), into)
		if errors.Is(err, campaign.ErrConfigChanged) {
			if err := s.reload(ctx, err); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("claim: %w", err)
		}
		if len(into.Expired) > 0 {
			n, err := s.q.settle(ctx, into.Expired, s.now)
			s.sel.Settled += n
			if err != nil {
				return err
			}
			continue
		}
		if s.q.learn(s.plan.view, into.Classes, s.now) {
			if err := s.q.release(ctx, into.Leased); err != nil {
				return err
			}
			continue
		}
		s.sel.NextExpiry = into.NextExpiry
		found := len(into.Leased)
		failed, err := s.judge(ctx, into.Leased)
		if errors.Is(err, campaign.ErrConfigChanged) {
			if err := s.reload(ctx, err); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		s.reserve(into.Owners, into.Classes)
		s.notice(into.Classes)
		if s.stale {
			if err := s.reload(ctx, campaign.ErrConfigChanged); err != nil {
				return err
			}
			s.stale = false
			continue
		}
		switch {
		case failed:
			s.sel.NextDue = s.now.Add(s.q.cfg.CheckerRetry)
			return nil
		case len(s.sel.Calls) >= s.ask.Limit:
			return nil
		case found < batch:
			// The classes are as they were before this batch was put aside.
			s.sel.NextDue = earliest(s.nextDue(into.Classes), s.wake)
			return nil
		case s.parked >= s.ask.MaxParks:
			s.sel.NextDue = s.now
			return nil
		}
		batch = min(2*batch, maxBatch)
	}
}

// claim is the Claim of the next batch.
func (s *selecting) claim(batch int) campaign.Claim {
	cl := campaign.Claim{
		Now: s.now, Holder: s.q.cfg.Holder, Agent: s.ask.Agent, Reserved: s.ask.Reserved,
		Limit: batch, From: s.steps(batch), Owners: !s.ask.Reserved,
		Need: campaign.Need{NoCalls: true},
	}
	for _, c := range s.plan.campaigns {
		cl.Need = wider(cl.Need, c.Need(s.now))
	}
	// The leases of one Claim run out together; judge extends those of campaigns
	// that give more time.
	cl.Until = s.now.Add(s.plan.offer)
	return cl
}

// wider is what brings both.
func wider(a, b campaign.Need) campaign.Need {
	switch {
	case a.NoCalls:
		a.Since, a.NoCalls = b.Since, b.NoCalls
	case !b.NoCalls && b.Since.Before(a.Since):
		a.Since = b.Since
	}
	a.Contact = a.Contact || b.Contact
	a.Before = a.Before || b.Before
	return a
}

// reload asks the host for its campaigns again. The plan is laid anew by run.
func (s *selecting) reload(ctx context.Context, why error) error {
	if s.reloads++; s.reloads > maxReloads {
		return fmt.Errorf("the store knows a newer revision than the loader gives: want a Loader that reads the newest: %w", why)
	}
	return s.q.Reload(ctx)
}
