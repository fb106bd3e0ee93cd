package dialer

import (
	"context"
	"errors"
	"fmt"

	"github.com/nextcall/nextcall/campaign"
)

// ErrNoActions says that the store cannot list actions: it is no [campaign.ActionStore].
var ErrNoActions = errors.New("the store cannot list pending actions: it does not implement campaign.ActionStore")

// Actions are what the host was asked to do and has not acknowledged, oldest
// first, behind the action with the id after ("" from the first). The same
// action comes again until [Queue.Done] names it, so it is carried out at
// least once; its id tells a repetition.
func (q *Queue) Actions(ctx context.Context, after string, limit int) ([]campaign.Action, error) {
	s, ok := q.store.(campaign.ActionStore)
	if !ok {
		return nil, ErrNoActions
	}
	if limit < 1 || limit > maxLimit {
		return nil, &AskError{Field: "limit", Msg: fmt.Sprintf("%d: want 1 to %d", limit, maxLimit)}
	}
	return s.Pending(ctx, after, limit)
}

// Done acknowledges actions. An id that is not pending is ignored.
func (q *Queue) Done(ctx context.Context, ids ...string) error {
	if len(ids) == 0 {
		return nil
	}
	return q.one(ctx, campaign.Change{Done: ids})
}
