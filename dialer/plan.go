package dialer

import (
	"slices"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// plan is how one ask turns into a Claim: which campaigns, in which order.
type plan struct {
	ask    Ask
	groups [][]*campaign.Campaign // of one order each, those that run now
	others []*campaign.Campaign   // loaded, but asked only to settle expired leases
	idle   []*campaign.Campaign   // asked for, but not running now
}

// newPlan sorts the loaded campaigns for an ask.
func (q *Queue) newPlan(ask Ask, now time.Time) (*plan, error) {
	q.mu.RLock()
	defer q.mu.RUnlock()
	for _, id := range ask.Campaigns {
		c := q.campaigns[id]
		if c == nil {
			return nil, &CampaignError{ID: id}
		}
		if ask.Agent != "" && !c.Lists(ask.Agent) {
			return nil, &AskError{Field: "agent", Msg: string(ask.Agent) + " does not work in campaign " + string(id) +
				": want an agent that the campaign lists"}
		}
	}
	p := &plan{ask: ask}
	for _, c := range q.order {
		wanted := len(ask.Campaigns) == 0 && (ask.Agent == "" || c.Lists(ask.Agent)) || slices.Contains(ask.Campaigns, c.ID())
		running, _, _ := c.Running(now)
		switch {
		case !wanted:
			p.others = append(p.others, c)
		case !running:
			p.idle = append(p.idle, c)
		case len(p.groups) > 0 && rankOf(p.groups[len(p.groups)-1][0]) == rankOf(c):
			p.groups[len(p.groups)-1] = append(p.groups[len(p.groups)-1], c)
		default:
			p.groups = append(p.groups, []*campaign.Campaign{c})
		}
	}
	return p, nil
}

// steps lays the plan out for a batch of n candidates.
func (q *Queue) steps(p *plan, now time.Time, n int) []campaign.Step {
	var steps []campaign.Step
	open := map[campaign.ID][]string{}
	for _, group := range p.groups {
		for _, c := range group {
			open[c.ID()] = q.openClasses(c, now)
		}
	}
	step := func(c *campaign.Campaign, most int, sources []campaign.Source) {
		if len(sources) > 0 && most > 0 {
			steps = append(steps, campaign.Step{Campaign: c.ID(), Revision: c.Revision(), Open: open[c.ID()], Max: most, Sources: sources})
		}
	}
	if !q.cfg.CampaignsFirst && p.ask.Agent != "" {
		own := []campaign.Source{{Lane: status.LaneOwn, Owner: p.ask.Agent, Due: now}}
		for _, group := range p.groups {
			for _, c := range group {
				step(c, n, own)
			}
		}
	}
	for _, group := range p.groups {
		quotas := q.parity.quotas(group, n)
		for _, s := range quotas {
			step(s.c, s.max, q.sources(p.ask, s.c, now, s.max))
		}
		if len(group) > 1 { // what one cannot give, the others do
			for _, s := range quotas {
				step(s.c, n, q.sources(p.ask, s.c, now, n-s.max))
			}
		}
	}
	for _, c := range slices.Concat(p.idle, p.others) {
		steps = append(steps, campaign.Step{Campaign: c.ID(), Revision: c.Revision()})
	}
	return steps
}

// sources are the tiers of a campaign for an ask, in order.
func (q *Queue) sources(ask Ask, c *campaign.Campaign, now time.Time, n int) []campaign.Source {
	s := make([]campaign.Source, 0, 8)
	if ask.Reserved {
		if q.cfg.CampaignsFirst && ask.Agent != "" {
			s = append(s, campaign.Source{Lane: status.LaneOwn, Owner: ask.Agent, Due: now})
		}
		s = append(s, campaign.Source{Lane: status.LaneProgressive, Due: now})
		if due, ok := c.Released(now); ok {
			s = append(s, campaign.Source{Lane: status.LaneOwn, Due: due})
		}
	}
	s = append(s, campaign.Source{Lane: status.LanePublic, Due: now})
	if turns := q.parity.retryTurns(c, n); turns > 0 {
		s = append(s, campaign.Source{Lane: status.LaneAgain, Due: now, Max: turns})
	}
	return append(s,
		campaign.Source{Lane: status.LaneFresh, Due: now},
		campaign.Source{Lane: status.LaneAgain, Due: now},
		campaign.Source{Lane: status.LaneLast, Due: now})
}

// offers reports whether a campaign holds a record that is due for an ask.
func (q *Queue) offers(ask Ask, c *campaign.Campaign, classes []campaign.Class, now time.Time) bool {
	for i := range classes {
		class := &classes[i]
		if class.Campaign != c.ID() {
			continue
		}
		if open, _ := c.ClassOpen(class.Name, now); !open {
			continue
		}
		for _, source := range q.sources(ask, c, now, 0) {
			due := class.Heads[source.Lane]
			if source.Owner != "" {
				due = class.Own
				if !class.HasOwn {
					continue
				}
			}
			if class.Waiting&(1<<source.Lane) != 0 && !due.After(source.Due) {
				return true
			}
		}
	}
	return false
}

// openClasses are the calling-hours classes of a campaign that are open now,
// of those that are known to hold records.
func (q *Queue) openClasses(c *campaign.Campaign, now time.Time) []string {
	q.mu.RLock()
	known := q.classes[c.ID()] // replaced, never written to
	q.mu.RUnlock()
	var open []string
	for _, class := range known {
		if ok, _ := c.ClassOpen(class, now); ok {
			open = append(open, class)
		}
	}
	return open
}

// learn remembers the classes that hold records, and reports whether one that
// is open now was not known: then the claim must be made again, or records of
// that class would be passed over.
func (q *Queue) learn(classes []campaign.Class, now time.Time) (again bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, class := range classes {
		known := q.classes[class.Campaign]
		i, found := slices.BinarySearch(known, class.Name)
		if found || class.Name == "" {
			continue
		}
		q.classes[class.Campaign] = slices.Insert(slices.Clone(known), i, class.Name)
		if c := q.campaigns[class.Campaign]; c != nil {
			open, _ := c.ClassOpen(class.Name, now)
			running, _, _ := c.Running(now)
			again = again || open && running
		}
	}
	return again
}

// nextDue is the earliest instant at which asking again may help.
func (q *Queue) nextDue(p *plan, classes []campaign.Class, now time.Time) time.Time {
	var next time.Time
	earlier := func(t time.Time) {
		if !t.IsZero() && t.After(now) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	asked := map[campaign.ID]*campaign.Campaign{}
	for _, c := range slices.Concat(slices.Concat(p.groups...), p.idle) {
		asked[c.ID()] = c
	}
	for i := range classes {
		class := &classes[i]
		c := asked[class.Campaign]
		if c == nil {
			continue
		}
		at := func(t time.Time) { earlier(opening(c, class.Name, t, now)) }
		if !class.Wake.IsZero() && class.Wake.Before(campaign.Forever) {
			at(class.Wake)
		}
		if class.HasOwn {
			at(class.Own)
		}
		for lane := range status.Lane(status.NumLanes) {
			if class.Waiting&(1<<lane) == 0 {
				continue
			}
			due := class.Heads[lane]
			switch lane {
			case status.LaneOwn:
				if !p.ask.Reserved {
					continue
				}
				if release, ever := c.ReleaseOf(due); ever {
					at(release)
				}
			case status.LaneProgressive:
				if p.ask.Reserved {
					at(due)
				}
			default:
				at(due)
			}
		}
	}
	return next
}

// maxOpenings bounds the search of opening; each step passes a closing.
const maxOpenings = 100

// opening is the first instant from t (and from now) on at which the campaign
// runs and the class is open, or zero.
func opening(c *campaign.Campaign, class string, t, now time.Time) time.Time {
	if t.Before(now) {
		t = now
	}
	for range maxOpenings {
		running, later, _ := c.Running(t)
		if running {
			var open bool
			if open, later = c.ClassOpen(class, t); open {
				return t
			}
		}
		if !later.After(t) {
			return time.Time{}
		}
		t = later
	}
	return t
}

// earliest is the earlier of two instants, of which zero is none.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
