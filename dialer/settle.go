package dialer

import (
	"context"
	"errors"
	"fmt"
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
