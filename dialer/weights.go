package dialer

import (
	"slices"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// A campaign's lists share the calls to fresh records by their weights, as
// campaigns of one order share calls by parity: each list that had something to
// give earns its weight with each call, and the one that gave pays the sum.

// shelf is the part of a campaign's fresh records that one list holds; the last
// shelf of a campaign holds those of no declared list.
type shelf struct {
	weight int
	open   []string // its classes that hold records and are open
}

// shelve sorts the open classes of a campaign by list. It is nil if fresh records
// need not be shared: the lists have no weights, or only one holds records.
func shelve(c *campaign.Campaign, open []string) []shelf {
	if !c.Weighted() {
		return nil
	}
	lists := c.DeclaredLists()
	shelves := make([]shelf, len(lists)+1)
	for i := range lists {
		shelves[i].weight = lists[i].Weight
	}
	shelves[len(lists)].weight = 1
	filled := 0
	for _, class := range open {
		on := &shelves[shelfOf(c, class)]
		if on.open = append(on.open, class); len(on.open) == 1 {
			filled++
		}
	}
	if filled < 2 {
		return nil
	}
	return shelves
}

// shelfOf is the shelf of a class's records.
func shelfOf(c *campaign.Campaign, class string) int {
	if place := c.ClassList(class); place >= 0 {
		return place
	}
	return len(c.DeclaredLists())
}

// turn is what an ask knows of one shelf.
type turn struct {
	has  bool // it had something to give
	gave int
}

// turns are those of the shelves of a campaign, or none if nothing is shared.
func (p *plan) turns(place int) []turn {
	from := p.seats[place].turns
	return p.shared[from:][:len(p.shelves[place])]
}

// shelfCredits are what the shelves of a campaign are owed.
type shelfCredits struct {
	campaign *campaign.Campaign // that is known to have these lists
	lists    []campaign.List
	owed     []int  // by shelf
	empty    []bool // by shelf: it had nothing when the last calls were given
}

// of says whether the credits are those of a campaign's lists: the same names
// with the same weights. Which of them are called does not matter.
func (k *shelfCredits) of(c *campaign.Campaign) bool {
	if k.campaign == c {
		return true
	}
	if !slices.EqualFunc(k.lists, c.DeclaredLists(), func(a, b campaign.List) bool {
		return a.Name == b.Name && a.Weight == b.Weight
	}) {
		return false
	}
	k.campaign = c
	return true
}

// shelfQuotas plans n fresh calls among the shelves of a campaign, in the order in
// which they fall due. A quota's place is the shelf. One that was found empty has
// none: until it is seen to hold something again, it gives what the others cannot.
func (p *parity) shelfQuotas(c *campaign.Campaign, shelves []shelf, n int, out []quota) []quota {
	p.mu.Lock()
	kept := p.shelves[c.ID()]
	if kept != nil && !kept.of(c) {
		kept = nil
	}
	for i := range shelves {
		if len(shelves[i].open) == 0 {
			continue
		}
		q := quota{place: i, weight: shelves[i].weight}
		if kept != nil {
			q.owed = kept.owed[i]
			if kept.empty[i] {
				q.weight = 0
			}
		}
		out = append(out, q)
	}
	p.mu.Unlock()
	return deal(out, n)
}

// payShelves records the fresh calls that the shelves of a campaign gave.
func (p *parity) payShelves(c *campaign.Campaign, shelves []shelf, turns []turn) {
	gave, total := 0, 0
	for i := range turns {
		gave += turns[i].gave
		if turns[i].has {
			total += shelves[i].weight
		}
	}
	if gave == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	kept := p.shelves[c.ID()]
	if kept == nil || !kept.of(c) {
		kept = &shelfCredits{campaign: c, lists: slices.Clone(c.DeclaredLists()), owed: make([]int, len(shelves)), empty: make([]bool, len(shelves))}
		if p.shelves == nil {
			p.shelves = map[campaign.ID]*shelfCredits{}
		}
		p.shelves[c.ID()] = kept
	}
	for i := range turns {
		if kept.empty[i] = !turns[i].has; kept.empty[i] {
			kept.owed[i] = 0 // what it could not give is not owed to it
			continue
		}
		kept.owed[i] += gave*shelves[i].weight - turns[i].gave*total
	}
}

// shareFresh is serve where lists share the fresh records: first the tiers before
// those, then from each list its quota, then from each what the others could not
// give, and last the tiers behind them. A part of the calls of several campaigns
// ends with the quotas. It can come to twice the part, where there is that much
// before the fresh records: no step knows what another gave. Parity charges what
// was given.
func (s *selecting) shareFresh(place, most int, tiers []campaign.Source, part, rest bool) {
	c, shelves := s.plan.campaigns[place], s.plan.shelves[place]
	at := slices.IndexFunc(tiers, func(t campaign.Source) bool { return t.Lane == status.LaneFresh })
	fresh := tiers[at : at+1]
	s.step(place, most, tiers[:at])
	s.dealt = s.q.parity.shelfQuotas(c, shelves, most, s.dealt[:0])
	if part || !rest && most > 1 { // of one call, whose turn it is is asked first below
		for _, quota := range s.dealt {
			if quota.max > 0 {
				s.stepOf(place, quota.max, shelves[quota.place].open, fresh)
			}
		}
	}
	if part {
		return
	}
	for _, quota := range s.dealt {
		s.stepOf(place, most, shelves[quota.place].open, fresh)
	}
	s.step(place, most, tiers[at+1:])
}

// noticeShelf remembers that a list still has a fresh record due.
func (s *selecting) noticeShelf(place int, class *campaign.Class) {
	if len(s.plan.shelves[place]) == 0 || class.Waiting&(1<<status.LaneFresh) == 0 || class.Heads[status.LaneFresh].After(s.now) {
		return
	}
	if _, open := slices.BinarySearch(s.plan.open[place], class.Name); open {
		s.plan.turns(place)[shelfOf(s.plan.campaigns[place], class.Name)].has = true
	}
}
