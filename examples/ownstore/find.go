package main

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

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
	group := map[campaign.Group]func(*campaign.Record, campaign.State) string{
		campaign.ByNothing:   func(*campaign.Record, campaign.State) string { return "" },
		campaign.ByState:     func(_ *campaign.Record, s campaign.State) string { return s.String() },
		campaign.ByStatus:    func(r *campaign.Record, _ campaign.State) string { return string(r.Status) },
		campaign.ByQualifier: func(r *campaign.Record, _ campaign.State) string { return r.Qualifier.String() },
		campaign.ByOwner:     func(r *campaign.Record, _ campaign.State) string { return string(r.Owner) },
		campaign.ByClass:     func(r *campaign.Record, _ campaign.State) string { return r.Class },
		campaign.ByCampaign:  func(r *campaign.Record, _ campaign.State) string { return string(r.Campaign) },
	}[by]
	if group == nil {
		return nil, fmt.Errorf("records cannot be counted by %q: want one of state, status, qualifier, owner, class, campaign", by)
	}
	counts := make(map[string]int)
	err := s.walk(ctx, f, campaign.Need{NoCalls: true}, func(facts campaign.Facts, state campaign.State) bool {
		counts[group(&facts.Record, state)]++
		return true
	})
	return counts, err
}

// walk shows the cases that match, in the order of Find, until yield has enough.
// No transaction is open while it is shown one.
func (s Store) walk(ctx context.Context, f campaign.Filter, need campaign.Need, yield func(campaign.Facts, campaign.State) bool) error {
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
				if state := x.record.StateAt(f.At, revision, x.attempt != 0); matches(&f, &x.record, state) {
					page = append(page, match{t.facts(x, need), state})
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

// matches reports whether a record passes every part of a filter.
func matches(f *campaign.Filter, r *campaign.Record, state campaign.State) bool {
	return among(f.Campaigns, r.Campaign) && among(f.Records, r.ID) && among(f.Contacts, r.Contact) && among(f.Lists, r.List) &&
		among(f.Statuses, r.Status) && among(f.Qualifiers, r.Qualifier) && among(f.States, state) && among(f.Owners, r.Owner) &&
		(f.Operation == "" || f.Operation == r.Operation) &&
		(len(f.Numbers) == 0 || slices.ContainsFunc(r.Phones, func(p campaign.Phone) bool {
			main := p.Number == r.Phones[0].Number
			return (main || f.AnyNumber) && slices.Contains(f.Numbers, p.Number)
		}))
}

// among reports whether v is one of the wanted values; none wanted is all.
func among[T comparable](wanted []T, v T) bool { return len(wanted) == 0 || slices.Contains(wanted, v) }
