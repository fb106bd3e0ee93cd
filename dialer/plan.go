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
	shared []turn  // of the campaigns whose lists share fresh records, one behind the other

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
	turns  int  // where those of its lists begin in plan.shared
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
	p.shared = p.shared[:0]
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
		if n := len(v.shelves[place]); n > 0 {
			seat.turns = len(p.shared)
			p.shared = append(p.shared, make([]turn, n)...)
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
	s.parts, s.sources, s.usual = s.parts[:0], s.sources[:0], nil
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
				s.serve(quota.place, quota.max, s.tiers(quota.place, quota.max), g.to-g.from > 1, false)
			}
		}
		if g.to-g.from > 1 { // what one cannot give, the others do
			for _, quota := range s.quotas {
				s.serve(quota.place, n, s.tiers(quota.place, n-quota.max), false, true)
			}
		}
	}
	for _, place := range p.rest {
		s.step(place, 0, nil)
	}
	return s.parts
}

// serve adds the steps of a campaign for all its tiers: its own part of the calls
// of several campaigns, the rest that others could not give, or all of them.
func (s *selecting) serve(place, most int, tiers []campaign.Source, part, rest bool) {
	if len(s.plan.shelves[place]) > 0 {
		s.shareFresh(place, most, tiers, part, rest)
		return
	}
	s.step(place, most, tiers)
}

// step adds a step; most is 0 for one that only settles.
func (s *selecting) step(place, most int, sources []campaign.Source) {
	s.stepOf(place, most, s.plan.open[place], sources)
}

// stepOf is step for some of the open classes.
func (s *selecting) stepOf(place, most int, open []string, sources []campaign.Source) {
	c := s.plan.campaigns[place]
	part := campaign.Step{Campaign: c.ID(), Revision: c.Revision()}
	if most > 0 {
		part.Open, part.Max, part.Sources = open, most, sources
	}
	s.parts = append(s.parts, part)
}

// tiers are the sources of a campaign for n calls, in order, in the memory of
// the ask. Those of campaigns without policies of their own are the same ones.
func (s *selecting) tiers(place, n int) []campaign.Source {
	c := s.plan.campaigns[place]
	var due time.Time
	released := false
	if s.ask.Reserved {
		due, released = c.Released(s.now)
	}
	usual := !released && c.RetryShare() == 0
	if usual && len(s.usual) > 0 {
		return s.usual
	}
	from := len(s.sources)
	add := func(source campaign.Source) { s.sources = append(s.sources, source) }
	if s.ask.Reserved {
		if s.q.cfg.CampaignsFirst && s.ask.Agent != "" {
			add(campaign.Source{Lane: status.LaneOwn, Owner: s.ask.Agent, Due: s.now})
		}
		add(campaign.Source{Lane: status.LaneProgressive, Due: s.now})
		if released {
			add(campaign.Source{Lane: status.LaneOwn, Due: due})
		}
	}
	add(campaign.Source{Lane: status.LanePublic, Due: s.now})
	if turns := s.q.parity.retryTurns(c, n); turns > 0 {
		add(campaign.Source{Lane: status.LaneAgain, Due: s.now, Max: turns})
	}
	add(campaign.Source{Lane: status.LaneFresh, Due: s.now})
	add(campaign.Source{Lane: status.LaneAgain, Due: s.now})
	add(campaign.Source{Lane: status.LaneLast, Due: s.now})
	tiers := slices.Clip(s.sources[from:])
	if usual {
		s.usual = tiers
	}
	return tiers
}

// offers reports whether a class of the campaign at a place holds a record that
// is due for one of the sources. The class is known to the plan.
func (s *selecting) offers(place int, class *campaign.Class, sources []campaign.Source) bool {
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
			_, open := slices.BinarySearch(s.plan.open[place], class.Name)
			return open
		}
	}
	return false
}
