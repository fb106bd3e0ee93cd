package main

import (
	"cmp"
	"context"
	"errors"
	"iter"

	"github.com/nextcall/nextcall/campaign"
)

// pageSize is how many cases are read before others may write.
const pageSize = 200

// Find implements campaign.Store. It looks at every case and compares in Go: a CRM
// with more than some thousands of them would ask its indexes for the Records,
// Contacts and Numbers of the filter first.
func (s Store) Find(ctx context.Context, f campaign.Filter, need campaign.Need) iter.Seq2[campaign.Facts, error] {
	return func(yield func(campaign.Facts, error) bool) {
		err := s.walk(ctx, f, need, func(facts campaign.Facts, _ campaign.State) bool { return yield(facts, nil) })
		if err != nil {
			yield(campaign.Facts{}, err)
		}
	}
}

// Count implements campaign.Store.
func (s Store) Count(ctx context.Context, f campaign.Filter, by campaign.Group) (map[string]int, error) {
	if err := errors.Join(f.Check(), by.Check()); err != nil {
		return nil, err
	}
	counts := make(map[string]int)
	err := s.walk(ctx, f, campaign.Need{NoCalls: true}, func(facts campaign.Facts, state campaign.State) bool {
		counts[by.Of(&facts.Record, state)]++
		return true
	})
	return counts, err
}

// walk shows the cases that match, in the order of Find, until yield has enough.
// No transaction is open while it is shown one.
func (s Store) walk(ctx context.Context, f campaign.Filter, need campaign.Need, yield func(campaign.Facts, campaign.State) bool) error {
	matcher, err := f.Prepare()
	if err != nil {
		return err
	}
	type match struct {
		facts campaign.Facts
		state campaign.State
	}
	var after *file // the last one that was looked at
	var missing error
	shown := 0
	for more := true; more; {
		var page []match
		err := s.within(ctx, func(t *tx) {
			if f.After != (campaign.Ref{}) && after == nil {
				if after = t.file(f.After.Campaign, f.After.Record); after == nil {
					missing = notFound(f.After)
					return
				}
			}
			where, args := `WHERE TRUE`, list{}
			if after != nil {
				where, args = `WHERE (project, position, no) > (?, ?, ?)`, list{after.record.Campaign, after.record.Sequence, after.no}
			}
			files := t.files(where+` ORDER BY project, position, no LIMIT ?`, append(args, pageSize)...)
			for _, x := range files {
				after = x
				revision, named := f.Revisions[x.record.Campaign]
				if !named {
					revision = t.revision(x.record.Campaign)
				}
				if matcher.Match(&x.record, x.attempt != 0, revision) {
					page = append(page, match{t.facts(x, need), x.record.StateAt(f.At, revision, x.attempt != 0)})
				}
			}
			more = len(files) == pageSize
		})
		if err != nil || missing != nil {
			return cmp.Or(err, missing)
		}
		for _, m := range page {
			if err := ctx.Err(); err != nil {
				return err
			}
			if shown++; !yield(m.facts, m.state) || shown == f.Limit {
				return nil
			}
		}
	}
	return nil
}
