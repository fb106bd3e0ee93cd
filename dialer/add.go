package dialer

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// Adding are records to add.
type Adding struct {
	Actor   campaign.Actor
	Records []campaign.Record
	// AllowSameNumber takes records with a number that another open record of
	// the campaign has.
	AllowSameNumber bool
	// AllowBlacklisted takes records all of whose numbers are blacklisted.
	AllowBlacklisted bool
}

// Added is what became of one record.
type Added struct {
	Ref campaign.Ref
	// Err is nil if it was added, else why not: a *campaign.ListedError,
	// a *campaign.DuplicateError, or what is wrong with the record.
	Err error
	// Warnings are what a person should know of a record that was added, such as
	// a rank that failed.
	Warnings []string
}

// addBatch is how many records go into one commit.
const addBatch = 500

// Add admits records, each by itself: good ones are not lost because others
// are bad. The answer has one entry a record, in their order; err means that
// the rest was not tried.
func (q *Queue) Add(ctx context.Context, a Adding) ([]Added, error) {
	added := make([]Added, len(a.Records))
	for from := 0; from < len(a.Records); from += addBatch {
		to := min(from+addBatch, len(a.Records))
		if err := q.add(ctx, &a, a.Records[from:to], added[from:to]); err != nil {
			return added[:from], err
		}
	}
	return added, nil
}

func (q *Queue) add(ctx context.Context, a *Adding, records []campaign.Record, added []Added) error {
	now := q.now()
	facts := make([]campaign.Facts, len(records))
	for i := range records {
		facts[i].Record = records[i]
	}
	if !a.AllowBlacklisted {
		q.askLists(ctx, facts, now)
	}
	var changes []campaign.Change
	var owners []int
	for i := range records {
		added[i].Ref = campaign.Ref{Campaign: records[i].Campaign, Record: records[i].ID}
		c, err := q.Campaign(records[i].Campaign)
		if err != nil {
			added[i].Err = err
			continue
		}
		if err := facts[i].AllListed(); err != nil {
			added[i].Err = err
			continue
		}
		change, err := c.Admit(records[i], a.Actor, now)
		if err != nil {
			added[i].Err = err
			continue
		}
		added[i].Warnings = change.Answer.Warnings
		change.UniqueNumbers = !a.AllowSameNumber
		changes, owners = append(changes, change), append(owners, i)
	}
	if len(changes) == 0 {
		return nil
	}
	errs, err := q.store.Commit(ctx, changes...)
	if err != nil {
		return fmt.Errorf("add records: %w", err)
	}
	for k, err := range errs {
		if added[owners[k]].Err = err; err != nil {
			added[owners[k]].Warnings = nil
		}
	}
	return nil
}

// List puts numbers on the host's own lists by hand.
func (q *Queue) List(ctx context.Context, entries ...blacklist.Entry) error {
	var errs []error
	entries = slices.Clone(entries)
	for i := range entries {
		if entries[i].Added.IsZero() {
			entries[i].Added = q.now()
		}
		errs = append(errs, entries[i].Check())
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return q.one(ctx, campaign.Change{List: entries})
}

// Unlist removes numbers from the host's own lists by hand. Records that were
// put aside for them are candidates again at once.
func (q *Queue) Unlist(ctx context.Context, keys ...blacklist.Key) error {
	change := campaign.Change{Unlist: keys}
	for _, k := range keys {
		change.Wake = append(change.Wake, k.Number)
	}
	return q.one(ctx, change)
}
