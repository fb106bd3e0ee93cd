package dialer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// settle applies the expiry of leases that have run out, and says how many it settled.
func (q *Queue) settle(ctx context.Context, expired []campaign.Facts, now time.Time) (int, error) {
	var changes []campaign.Change
	for i := range expired {
		f := &expired[i]
		c, err := q.Campaign(f.Record.Campaign)
		if err != nil {
			return 0, err
		}
		change, err := c.Apply(f, campaign.Expiry{}, now)
		if err != nil {
			return 0, fmt.Errorf("settle the expired lease of record %s: %w", f.Record.ID, err)
		}
		changes = append(changes, change)
	}
	errs, err := q.store.Commit(ctx, changes...)
	if err != nil {
		return 0, fmt.Errorf("settle expired leases: %w", err)
	}
	n := len(changes)
	for _, err := range errs {
		switch {
		case err == nil:
		case errors.Is(err, campaign.ErrLeaseLost), errors.Is(err, campaign.ErrConflict):
			n-- // its holder reported it in this instant
		default:
			return n, fmt.Errorf("settle expired leases: %w", err)
		}
	}
	return n, nil
}

// ranOut reports whether a lease that holds something of a record has run out.
func ranOut(f *campaign.Facts, now time.Time) bool {
	return f.Lease.Token != 0 && !now.Before(f.Lease.Until) ||
		slices.ContainsFunc(f.Busy, func(h campaign.Hold) bool { return !now.Before(h.Until) })
}

// settleAll settles all leases that have run out, by the path of any ask, and
// leases nothing: a host that only takes records by name never asks.
func (q *Queue) settleAll(ctx context.Context) error {
	var into campaign.Claimed
	for reloads := 0; ; {
		s := &selecting{q: q, ask: Ask{Reserved: true}, now: q.now()}
		s.plan.settleOnly(q.viewAt(s.now))
		err := q.store.Claim(ctx, s.claim(maxBatch), &into)
		switch {
		case errors.Is(err, campaign.ErrConfigChanged) && reloads < maxReloads:
			reloads++
			if err := q.Reload(ctx); err != nil {
				return err
			}
			continue
		case err != nil:
			return fmt.Errorf("claim what has run out: %w", err)
		case len(into.Expired) == 0:
			return nil
		}
		if _, err := q.settle(ctx, into.Expired, s.now); err != nil {
			return err
		}
	}
}

// release gives leases back unchanged.
func (q *Queue) release(ctx context.Context, leased []campaign.Facts) error {
	if len(leased) == 0 {
		return nil
	}
	changes := make([]campaign.Change, len(leased))
	for i := range leased {
		changes[i] = campaign.Change{Ref: refOf(&leased[i])}
	}
	_, err := q.store.Commit(ctx, changes...)
	return err
}
