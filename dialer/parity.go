package dialer

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/nextcall/nextcall/campaign"
)

// parity shares calls among campaigns of one order by their weights. It is a
// smooth weighted round robin in whole numbers: with each call every campaign
// that had something to give earns its weight, and the one that gave pays the
// sum. So shares are exact over time, and a campaign that is empty neither
// earns nor holds the others back. Credits are kept per set of campaigns.
type parity struct {
	mu      sync.Mutex
	credits map[string]map[campaign.ID]int
	retries map[campaign.ID]int // credit of due retries against fresh records, in percent
}

func parityKey(group []*campaign.Campaign) string {
	ids := make([]string, len(group))
	for i, c := range group {
		ids[i] = string(c.ID())
	}
	slices.Sort(ids)
	return strings.Join(ids, "\x00")
}

// quota is how many of the next calls a campaign may give.
type quota struct {
	c   *campaign.Campaign
	max int
}

// quotas plans n calls among a group, in the order in which they fall due.
func (p *parity) quotas(group []*campaign.Campaign, n int) []quota {
	out := make([]quota, len(group))
	for i, c := range group {
		out[i] = quota{c: c, max: n}
	}
	if len(group) == 1 {
		return out
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	credit := make([]int, len(group))
	first := make([]int, len(group)) // the turn of its first call
	kept := p.credits[parityKey(group)]
	for i, c := range group {
		credit[i] = kept[c.ID()]
		out[i].max, first[i] = 0, n+len(group)
	}
	total := weights(group)
	for turn := range n {
		best := -1
		for i, c := range group {
			credit[i] += c.Parity()
			if best < 0 || credit[i] > credit[best] {
				best = i
			}
		}
		credit[best] -= total
		out[best].max++
		first[best] = min(first[best], turn)
	}
	place := make(map[campaign.ID]int, len(group))
	for i, c := range group {
		place[c.ID()] = i
	}
	// What one cannot give, the others do: those first who are owed the most.
	slices.SortStableFunc(out, func(a, b quota) int {
		i, j := place[a.c.ID()], place[b.c.ID()]
		return cmp.Or(cmp.Compare(first[i], first[j]), cmp.Compare(credit[j], credit[i]))
	})
	return out
}

// pay records the calls that a group gave, in their order. has says which
// campaigns had something to give.
func (p *parity) pay(group []*campaign.Campaign, gave []campaign.ID, has map[campaign.ID]bool) {
	if len(group) < 2 || len(gave) == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	key := parityKey(group)
	credit := p.credits[key]
	if credit == nil {
		if p.credits == nil {
			p.credits = map[string]map[campaign.ID]int{}
		}
		credit = map[campaign.ID]int{}
		p.credits[key] = credit
	}
	var earning []*campaign.Campaign
	for _, c := range group {
		if has[c.ID()] {
			earning = append(earning, c)
		} else {
			credit[c.ID()] = 0 // what it could not give is not owed to it
		}
	}
	total := weights(earning)
	for _, id := range gave {
		for _, c := range earning {
			credit[c.ID()] += c.Parity()
		}
		credit[id] -= total
	}
}

func weights(group []*campaign.Campaign) (sum int) {
	for _, c := range group {
		sum += c.Parity()
	}
	return sum
}

// retryTurns says how many of the next n calls of tiers 5 and 6 due retries get.
func (p *parity) retryTurns(c *campaign.Campaign, n int) int {
	share := c.RetryShare()
	if share == 0 {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	credit, turns := p.retries[c.ID()], 0
	for range n {
		if credit += share; credit >= 100 {
			credit -= 100
			turns++
		}
	}
	return turns
}

// payRetries records the calls of tiers 5 and 6 that one ask got.
func (p *parity) payRetries(c *campaign.Campaign, fresh, again int) {
	n := fresh + again
	if c.RetryShare() == 0 || n == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.retries == nil {
		p.retries = map[campaign.ID]int{}
	}
	credit := p.retries[c.ID()] + n*c.RetryShare() - 100*again
	// When one of the two is missing, no debt of more than an ask piles up for later.
	p.retries[c.ID()] = max(-100*n, min(100*n, credit))
}
