package dialer

import (
	"context"
	"fmt"
	"slices"

	"github.com/nextcall/nextcall/campaign"
)

// hand is memory for what is done with one record, used by one operation after
// another. Nothing that a host gets points into it.
type hand struct {
	looked  campaign.Looked
	work    campaign.Work
	listing listing
	refs    [1]campaign.Ref
	changes [1]campaign.Change
}

// hand is memory for one operation; rest takes it back.
func (q *Queue) hand() *hand { return q.hands.Get().(*hand) }

func (q *Queue) rest(h *hand) { q.hands.Put(h) }

// look reads one record and checks that it exists. The facts are good until the
// hand is used again.
func (h *hand) look(ctx context.Context, q *Queue, need campaign.Need, ref campaign.Ref) (*campaign.Facts, *campaign.Campaign, error) {
	c, err := q.Campaign(ref.Campaign)
	if err != nil {
		return nil, nil, err
	}
	h.refs[0] = ref
	if err := q.store.Look(ctx, wider(need, c.Need(q.now())), &h.looked, h.refs[:]...); err != nil {
		return nil, nil, fmt.Errorf("look at record %s: %w", ref.Record, err)
	}
	if len(h.looked.Facts) != 1 || h.looked.Facts[0].Record.ID == "" {
		return nil, nil, fmt.Errorf("record %q of campaign %q: %w", ref.Record, ref.Campaign, campaign.ErrNotFound)
	}
	return &h.looked.Facts[0], c, nil
}

// commit commits a single change and gives its own error.
func (h *hand) commit(ctx context.Context, q *Queue, change campaign.Change) error {
	h.changes[0] = change
	err := first(q.store.Commit(ctx, h.changes[:]...))
	h.changes[0] = campaign.Change{}
	return err
}

// look reads one record into memory of its own, which may be kept.
func (q *Queue) look(ctx context.Context, need campaign.Need, ref campaign.Ref) (*campaign.Facts, *campaign.Campaign, error) {
	return new(hand).look(ctx, q, need, ref)
}

// one commits a single change and gives its own error.
func (q *Queue) one(ctx context.Context, change campaign.Change) error {
	return first(q.store.Commit(ctx, change))
}

// first is what a Commit of one change says of it.
func first(errs []error, err error) error {
	if err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if len(errs) == 1 && errs[0] != nil {
		return errs[0]
	}
	return nil
}

// ownAnswer is an answer that shares no memory with what a store has read.
func ownAnswer(a *campaign.Answer) campaign.Answer {
	own := *a
	own.Why = slices.Clone(a.Why)
	own.Listed = slices.Clone(a.Listed)
	own.Actions = slices.Clone(a.Actions)
	own.Also, own.Warnings = slices.Clone(a.Also), slices.Clone(a.Warnings)
	return own
}
