package sqlstore

import (
	"context"
	"math"

	"github.com/nextcall/nextcall/campaign"
)

// applyActions stores actions and acknowledges others. An id is never forgotten,
// so that an action goes out once however often it is asked for.
func (r *run) applyActions(p *plan) error {
	if len(p.Actions) > 0 && len(r.left) > 0 {
		// Those of a record that has moved go with it: these come behind.
		if err := r.flush(); err != nil {
			return err
		}
	}
	for i := range p.Actions {
		a := &p.Actions[i]
		if _, err := r.exec(addAction, a.ID, string(a.Campaign), string(a.Record), r.st.layouts.encode(a)); err != nil {
			return err
		}
	}
	for _, id := range p.Done {
		if _, err := r.exec(acknowledgeAction, id); err != nil {
			return err
		}
	}
	return nil
}

// Pending implements campaign.ActionStore, in the order in which the actions
// were stored. An empty or unknown after begins at the oldest; a limit below 1
// is none.
func (st *Store) Pending(ctx context.Context, after string, limit int) (actions []campaign.Action, err error) {
	if limit < 1 {
		limit = math.MaxInt
	}
	err = st.read(ctx, func(r *run) error {
		var from int64
		if after != "" {
			if err := r.row(actionPlace, after).Scan(&from); err != nil && !none(err) {
				return err
			}
		}
		return r.each(func(from scanner) error {
			var body string
			var at campaign.ID // its record may have moved since
			if err := from.Scan(&at, &body); err != nil {
				return err
			}
			actions = append(actions, campaign.Action{})
			a := &actions[len(actions)-1]
			err := st.layouts.decode(body, a)
			a.Campaign = at
			return err
		}, openActions, from, limit)
	})
	if err != nil {
		return nil, err
	}
	return actions, nil
}
