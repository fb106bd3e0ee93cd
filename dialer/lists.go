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
		for k := range skipped[i].Blockers {
			b := &skipped[i].Blockers[k]
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
	for _, a := range blacklist.Ask(ctx, query, q.checkers[0]) {
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

// askLists is [listing.ask] in memory of its own.
func (q *Queue) askLists(ctx context.Context, facts []campaign.Facts, now time.Time) {
	var l listing
	l.ask(ctx, q, q.view.Load().loaded, facts, now)
}

// listing is memory for asking blacklists.
type listing struct {
	work    blacklist.Work
	numbers []blacklist.Number
	// The records of a campaign are a chain: its first, and behind each the next.
	chains []chain
	next   []int
}

// chain is the records of one campaign among those that are asked about.
type chain struct {
	place       int // of the campaign; -1: of those that are not loaded
	first, last int
}

// ask asks the store's own lists and all checkers about the numbers of leased
// records, once for each campaign, for each has lists of its own. It is done
// after leasing, so that an entry committed before the answer is seen.
func (l *listing) ask(ctx context.Context, q *Queue, loaded *loaded, facts []campaign.Facts, now time.Time) {
	l.sort(loaded, facts)
	for _, c := range l.chains {
		query := blacklist.Query{Now: now}
		if c.place >= 0 {
			query.Lists = loaded.campaigns[c.place].Blacklists()
		}
		l.numbers = l.numbers[:0]
		for k := c.first; k >= 0; k = l.next[k] {
			for p := range facts[k].Record.Phones {
				l.numbers = append(l.numbers, facts[k].Record.Phones[p].Number)
			}
		}
		query.Numbers = l.numbers
		answers := l.work.Ask(ctx, query, q.checkers...)
		if len(answers) == 0 {
			continue
		}
		byNumber := make(map[blacklist.Number][]blacklist.Answer, len(answers))
		for _, a := range answers {
			byNumber[a.Number] = append(byNumber[a.Number], a)
		}
		for k := c.first; k >= 0; k = l.next[k] {
			for p := range facts[k].Record.Phones {
				facts[k].Listed = append(facts[k].Listed, byNumber[facts[k].Record.Phones[p].Number]...)
			}
		}
	}
}

// sort makes the chains of some records, and forgets what their facts held of
// lists.
func (l *listing) sort(loaded *loaded, facts []campaign.Facts) {
	l.chains, l.next = l.chains[:0], resized(l.next, len(facts))
	place, at := -1, -1 // the chain of the record before is mostly the one
	for k := range facts {
		facts[k].Listed = facts[k].Listed[:0]
		l.next[k] = -1
		place = loaded.place(facts[k].Record.Campaign, place)
		if at < 0 || l.chains[at].place != place {
			at = -1
			for i := range l.chains {
				if l.chains[i].place == place {
					at = i
				}
			}
		}
		if at < 0 {
			at = len(l.chains)
			l.chains = append(l.chains, chain{place: place, first: k, last: k})
			continue
		}
		l.next[l.chains[at].last] = k
		l.chains[at].last = k
	}
}
