package dialer

import (
	"context"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// recheck wakes records that were put aside for an entry of the store's lists
// which was removed in the same instant: that removal found them leased, and
// had no park to end.
func (q *Queue) recheck(ctx context.Context, skipped []Skipped, now time.Time) error {
	query := blacklist.Query{Now: now}
	var keys []blacklist.Key
	for i := range skipped {
		for _, b := range skipped[i].Blockers {
			if b.Reason == campaign.ReasonBlacklisted && b.Checker == "" && b.Entry != nil {
				keys = append(keys, blacklist.Key{List: b.Entry.List, Number: b.Number})
				query.Lists = append(query.Lists, b.Entry.List)
				query.Numbers = append(query.Numbers, b.Number)
			}
		}
	}
	if len(keys) == 0 {
		return nil
	}
	still := map[blacklist.Key]bool{}
	for _, a := range blacklist.Ask(ctx, query, blacklist.Named{Checker: q.store}) {
		if a.Listed {
			still[blacklist.Key{List: a.Entry.List, Number: a.Number}] = true
		}
	}
	var change campaign.Change
	for _, key := range keys {
		if !still[key] {
			change.Wake = append(change.Wake, key.Number)
		}
	}
	if len(change.Wake) == 0 {
		return nil
	}
	return q.one(ctx, change)
}

// askLists asks the store's own lists and all checkers about the numbers of
// leased records. It is done after leasing, so that an entry committed before
// the answer is seen.
func (q *Queue) askLists(ctx context.Context, facts []campaign.Facts, now time.Time) {
	checkers := append([]blacklist.Named{{Checker: q.store}}, q.cfg.Checkers...)
	done := map[campaign.ID]bool{}
	for i := range facts {
		id := facts[i].Record.Campaign
		if done[id] {
			continue
		}
		done[id] = true
		query := blacklist.Query{Now: now}
		if c, err := q.Campaign(id); err == nil {
			query.Lists = c.Blacklists()
		}
		for k := range facts {
			if facts[k].Record.Campaign == id {
				for p := range facts[k].Record.Phones {
					query.Numbers = append(query.Numbers, facts[k].Record.Phones[p].Number)
				}
			}
		}
		answers := blacklist.Ask(ctx, query, checkers...)
		if len(answers) == 0 {
			continue
		}
		byNumber := make(map[blacklist.Number][]blacklist.Answer, len(answers))
		for _, a := range answers {
			byNumber[a.Number] = append(byNumber[a.Number], a)
		}
		for k := range facts {
			if facts[k].Record.Campaign == id {
				for p := range facts[k].Record.Phones {
					facts[k].Listed = append(facts[k].Listed, byNumber[facts[k].Record.Phones[p].Number]...)
				}
			}
		}
	}
}
