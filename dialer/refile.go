package dialer

import (
	"context"
	"errors"
	"fmt"

	"github.com/nextcall/nextcall/campaign"
)

// refilePage is how many records Refile reads and writes at a time.
const refilePage = 500

// Refile puts the records of a campaign into the lists that it declares, where
// they were written before that. Without it, each is moved when an ask meets it
// and its list is closed, up to Ask.MaxParks of them in one ask, or with its next
// change; and until then its fresh records weigh as those of no list. A host
// calls it once, after a Reload that declares a list which has records already.
//
// It says how many it moved. It changes nothing else of a record, and leaves
// those alone that are leased: their reports move them. It may be cancelled and
// called again at any time.
func (q *Queue) Refile(ctx context.Context, id campaign.ID) (moved int, err error) {
	c, err := q.Campaign(id)
	if err != nil {
		return 0, err
	}
	filter := campaign.Filter{Campaigns: []campaign.ID{id}, At: q.now(), Limit: refilePage}
	for _, l := range c.DeclaredLists() {
		filter.Lists = append(filter.Lists, l.Name)
	}
	if len(filter.Lists) == 0 {
		return 0, nil
	}
	for read := refilePage; read == refilePage; {
		read = 0
		var changes []campaign.Change
		for f, err := range q.store.Find(ctx, filter, campaign.Need{NoCalls: true}) {
			if err != nil {
				return moved, fmt.Errorf("read campaign %s: %w", id, err)
			}
			read++
			filter.After = campaign.Ref{Campaign: id, Record: f.Record.ID}
			if class := c.ClassIn(&f.Record); class != f.Record.Class && f.Lease.Token == 0 {
				record := f.Record
				record.Class = class
				changes = append(changes, campaign.Change{Ref: filter.After, Record: &record})
			}
		}
		if len(changes) == 0 {
			continue
		}
		errs, err := q.store.Commit(ctx, changes...)
		if err != nil {
			return moved, fmt.Errorf("move records of campaign %s to their lists: %w", id, err)
		}
		moved += len(changes)
		for _, err := range errs {
			var leased *campaign.LeasedError
			switch {
			case err == nil:
			case errors.Is(err, campaign.ErrConflict), errors.Is(err, campaign.ErrNotFound), errors.As(err, &leased):
				moved-- // somebody was faster
			default:
				return moved, fmt.Errorf("move records of campaign %s to their lists: %w", id, err)
			}
		}
	}
	return moved, nil
}
