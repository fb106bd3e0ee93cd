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
	if err := ask.check(); err != nil {
		return Selection{}, err
	}
	s := &selecting{q: q, ask: ask, now: q.now(), has: map[campaign.ID]bool{}}
	err := s.run(ctx)
	return s.sel, err
}

// NextInto is [Queue.Next] into a Selection that may have been used before: what
// it held is replaced, also what the records of its calls point to, and its
// memory is used again. A host that keeps a call beyond that uses Next.
func (q *Queue) NextInto(ctx context.Context, ask Ask, into *Selection) error {
	sel, err := q.Next(ctx, ask)
	*into = sel
	return err
}

// selecting is one Next on its way.
type selecting struct {
	q       *Queue
	ask     Ask
	now     time.Time
	sel     Selection
	plan    *plan
	parked  int
	wake    time.Time // the first end of a park of this ask that may help
	reloads int
	has     map[campaign.ID]bool // campaigns that had something to give
	stale   bool                 // a campaign of the plan is no longer loaded
	*scratch
}

// scratch is memory that asks use one after another.
type scratch struct {
	claimed campaign.Claimed
	changes []campaign.Change
	owners  []int
}

func (s *selecting) run(ctx context.Context) error {
	s.scratch = s.q.scratch.Get().(*scratch)
	defer s.q.scratch.Put(s.scratch)
	defer s.settleParity()
	into := &s.claimed
	plan, err := s.q.newPlan(s.ask, s.now)
	if err != nil {
		return err
	}
	s.plan = plan
	for batch := s.ask.Limit; ; {
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
		if s.q.learn(into.Classes, s.now) {
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
			s.sel.NextDue = earliest(s.q.nextDue(s.plan, into.Classes, s.now), s.wake)
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
		Limit: batch, From: s.q.steps(s.plan, s.now, batch), Owners: !s.ask.Reserved,
		Need: campaign.Need{NoCalls: true},
	}
	// The leases of one Claim run out together; judge extends those of campaigns
	// that give more time.
	offer := time.Duration(0)
	for _, c := range s.q.all() {
		if d := c.OfferTTL(); offer == 0 || d < offer {
			offer = d
		}
		cl.Need = wider(cl.Need, c.Need(s.now))
	}
	cl.Until = s.now.Add(offer)
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

func (s *selecting) reload(ctx context.Context, why error) (err error) {
	if s.reloads++; s.reloads > maxReloads {
		return fmt.Errorf("the store knows a newer revision than the loader gives: want a Loader that reads the newest: %w", why)
	}
	if err := s.q.Reload(ctx); err != nil {
		return err
	}
	s.plan, err = s.q.newPlan(s.ask, s.now)
	return err
}

// all are the loaded campaigns.
func (q *Queue) all() []*campaign.Campaign {
	q.mu.RLock()
	defer q.mu.RUnlock()
	return q.order
}
