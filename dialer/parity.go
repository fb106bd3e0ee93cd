package dialer

import (
	"cmp"
	"slices"
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
	credits map[uint64]*credits // by the mark of the set
	retries map[campaign.ID]int // credit of due retries against fresh records, in percent
	shelves map[campaign.ID]*shelfCredits
}

// credits are those of one set of campaigns.
type credits struct {
	ids   []campaign.ID // sorted: a group is, for its campaigns have one order
	owed  []int         // by the index in ids
	other *credits      // of another set that has the same mark
}

// markOf is a hash of an id (FNV-1a).
func markOf(id campaign.ID) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(id) {
		h = (h ^ uint64(id[i])) * 1099511628211
	}
	return h
}

// of finds the credits of a group, or nil.
func (p *parity) of(plan *plan, g group) (kept *credits, mark uint64) {
	places := plan.members(g)
	for _, place := range places {
		mark = mark*1099511628211 ^ plan.marks[place]
	}
	for kept = p.credits[mark]; kept != nil; kept = kept.other {
		if kept.are(plan, places) {
			break
		}
	}
	return kept, mark
}

// are reports whether the credits are those of the campaigns at some places.
func (k *credits) are(plan *plan, places []int) bool {
	if len(k.ids) != len(places) {
		return false
	}
	for i, place := range places {
		if k.ids[i] != plan.ids[place] {
			return false
		}
	}
	return true
}

// quota is how many of the next calls a campaign, or a list of one, may give.
type quota struct {
	place  int
	weight int
	max    int
	first  int // the turn of its first call
	owed   int // what it is owed when they are given
}

// quotas plans n calls among a group, in the order in which they fall due.
func (p *parity) quotas(plan *plan, g group, n int, out []quota) []quota {
	places := plan.members(g)
	if len(places) == 1 {
		return append(out, quota{place: places[0], max: n})
	}
	p.mu.Lock()
	kept, _ := p.of(plan, g)
	for i, place := range places {
		out = append(out, quota{place: place, weight: plan.campaigns[place].Parity()})
		if kept != nil {
			out[i].owed = kept.owed[i]
		}
	}
	p.mu.Unlock()
	return deal(out, n)
}

// deal shares n calls by weight and by what is owed, and sorts by turns.
func deal(out []quota, n int) []quota {
	total := 0
	for i := range out {
		out[i].first = n + len(out)
		total += out[i].weight
	}
	for turn := range n {
		best := 0
		for i := range out {
			out[i].owed += out[i].weight
			if out[i].owed > out[best].owed {
				best = i
			}
		}
		out[best].owed -= total
		out[best].max++
		out[best].first = min(out[best].first, turn)
	}
	// What one cannot give, the others do: those first who are owed the most.
	slices.SortStableFunc(out, func(a, b quota) int {
		return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(b.owed, a.owed))
	})
	return out
}

// pay records the calls that a group gave, as its seats say.
func (p *parity) pay(plan *plan, g group) {
	places := plan.members(g)
	gave, total := 0, 0
	for _, place := range places {
		gave += plan.seats[place].gave
		if plan.seats[place].has {
			total += plan.campaigns[place].Parity()
		}
	}
	if len(places) < 2 || gave == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	kept, mark := p.of(plan, g)
	if kept == nil {
		kept = &credits{owed: make([]int, len(places)), other: p.credits[mark]}
		for _, place := range places {
			kept.ids = append(kept.ids, plan.ids[place])
		}
		if p.credits == nil {
			p.credits = map[uint64]*credits{}
		}
		p.credits[mark] = kept
	}
	for i, place := range places {
		seat := &plan.seats[place]
		if !seat.has {
			kept.owed[i] = 0 // what it could not give is not owed to it
			continue
		}
		kept.owed[i] += gave*plan.campaigns[place].Parity() - seat.gave*total
	}
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
