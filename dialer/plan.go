package dialer

import (
	"slices"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// plan is how one ask turns into a Claim: which campaigns, in which order. It is
// made anew for each ask, in memory that is used again; campaigns are named by
// their place in the view.
type plan struct {
	*view
	seats  []seat  // by place
	serve  []int   // wanted and running, in order
	groups []group // of serve, those of one order each
	rest   []int   // asked only to settle expired leases: those wanted, then the others

	before []seat // of the plan that this one replaces
}

// seat is what an ask knows of one campaign.
type seat struct {
	wanted bool // the ask is for it
	peer   bool // it shares calls with others of its order
	has    bool // it had something to give
	fresh  int  // calls of tier 5 that it gave
	again  int  // of tier 6
	gave   int  // that count for parity
}

// group is a part of plan.serve, from one index to another, exclusive.
type group struct{ from, to int }

// members are the places of a group.
func (p *plan) members(g group) []int { return p.serve[g.from:g.to] }

// lay sorts the loaded campaigns for an ask. What an earlier plan of the same
// ask knew of campaigns that had something to give is kept.
func (p *plan) lay(ask *Ask, v *view) error {
	old := p.view
	p.seats, p.before = resized(p.before, len(v.campaigns)), p.seats
	p.view, p.serve, p.groups, p.rest = nil, p.serve[:0], p.groups[:0], p.rest[:0]
	for _, id := range ask.Campaigns {
		place := v.place(id, -1)
		if place < 0 {
			return &CampaignError{ID: id}
		}
		if ask.Agent != "" && !v.campaigns[place].Lists(ask.Agent) {
			return &AskError{Field: "agent", Msg: string(ask.Agent) + " does not work in campaign " + string(id) +
				": want an agent that the campaign lists"}
		}
		p.seats[place].wanted = true
	}
	for place, c := range v.campaigns {
		seat := &p.seats[place]
		if len(ask.Campaigns) == 0 {
			seat.wanted = ask.Agent == "" || c.Lists(ask.Agent)
		}
		if old != nil {
			if was := old.place(v.ids[place], place); was >= 0 {
				seat.has = p.before[was].has
			}
		}
		switch {
		case !seat.wanted:
		case !v.running[place]:
			p.rest = append(p.rest, place)
		default:
			n := len(p.serve)
			p.serve = append(p.serve, place)
			if last := len(p.groups) - 1; last >= 0 && rankOf(v.campaigns[p.serve[n-1]]) == rankOf(c) {
				p.groups[last].to++
				seat.peer, p.seats[p.serve[n-1]].peer = true, true
			} else {
				p.groups = append(p.groups, group{n, n + 1})
			}
		}
	}
	for place := range v.campaigns {
		if !p.seats[place].wanted {
			p.rest = append(p.rest, place)
		}
	}
	p.view = v
	return nil
}

// settleOnly is a plan that leases nothing.
func (p *plan) settleOnly(v *view) {
	p.view = v
	p.rest = p.rest[:0]
	for place := range v.campaigns {
		p.rest = append(p.rest, place)
	}
}

// resized is a slice of n zero values, in the memory of s if it is large enough.
func resized[T any](s []T, n int) []T {
	s = slices.Grow(s[:0], n)[:n]
	clear(s)
	return s
}

// steps lays the plan out for a batch of n candidates.
func (s *selecting) steps(n int) []campaign.Step {
	p := &s.plan
	s.parts, s.sources = s.parts[:0], s.sources[:0]
	if !s.q.cfg.CampaignsFirst && s.ask.Agent != "" {
		s.sources = append(s.sources, campaign.Source{Lane: status.LaneOwn, Owner: s.ask.Agent, Due: s.now})
		own := s.sources[:1:1]
		for _, place := range p.serve {
			s.step(place, n, own)
		}
	}
	for _, g := range p.groups {
		s.quotas = s.q.parity.quotas(p, g, n, s.quotas[:0])
		for _, quota := range s.quotas {
			if quota.max > 0 {
				s.step(quota.place, quota.max, s.tiers(quota.place, quota.max))
			}
		}
		if g.to-g.from > 1 { // what one cannot give, the others do
			for _, quota := range s.quotas {
				s.step(quota.place, n, s.tiers(quota.place, n-quota.max))
			}
		}
	}
	for _, place := range p.rest {
		s.step(place, 0, nil)
	}
	return s.parts
}

// step adds a step; most is 0 for one that only settles.
func (s *selecting) step(place, most int, sources []campaign.Source) {
	c := s.plan.campaigns[place]
	part := campaign.Step{Campaign: c.ID(), Revision: c.Revision()}
	if most > 0 {
		part.Open, part.Max, part.Sources = s.plan.open[place], most, sources
	}
	s.parts = append(s.parts, part)
}

// tiers are the sources of a campaign in the memory of the ask.
func (s *selecting) tiers(place, n int) []campaign.Source {
	from := len(s.sources)
	s.sources = s.q.sources(s.sources, &s.ask, s.plan.campaigns[place], s.now, n)
	return slices.Clip(s.sources[from:])
}

// sources appends the tiers of a campaign for an ask, in order.
func (q *Queue) sources(into []campaign.Source, ask *Ask, c *campaign.Campaign, now time.Time, n int) []campaign.Source {
	if ask.Reserved {
		if q.cfg.CampaignsFirst && ask.Agent != "" {
			into = append(into, campaign.Source{Lane: status.LaneOwn, Owner: ask.Agent, Due: now})
		}
		into = append(into, campaign.Source{Lane: status.LaneProgressive, Due: now})
		if due, ok := c.Released(now); ok {
			into = append(into, campaign.Source{Lane: status.LaneOwn, Due: due})
		}
	}
	into = append(into, campaign.Source{Lane: status.LanePublic, Due: now})
	if turns := q.parity.retryTurns(c, n); turns > 0 {
		into = append(into, campaign.Source{Lane: status.LaneAgain, Due: now, Max: turns})
	}
	return append(into,
		campaign.Source{Lane: status.LaneFresh, Due: now},
		campaign.Source{Lane: status.LaneAgain, Due: now},
		campaign.Source{Lane: status.LaneLast, Due: now})
}

// offers reports whether a class of a campaign holds a record that is due for
// one of an ask's sources.
func offers(c *campaign.Campaign, class *campaign.Class, sources []campaign.Source, now time.Time) bool {
	for i := range sources {
		source := &sources[i]
		due := class.Heads[source.Lane]
		if source.Owner != "" {
			due = class.Own
			if !class.HasOwn {
				continue
			}
		}
		if class.Waiting&(1<<source.Lane) != 0 && !due.After(source.Due) {
			open, _ := c.ClassOpen(class.Name, now)
			return open
		}
	}
	return false
}
