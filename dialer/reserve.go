package dialer

import (
	"slices"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// reserve fills Selection.Reserve for an unreserved ask.
func (s *selecting) reserve(owners []campaign.OwnerHead, classes []campaign.Class) {
	if s.ask.Reserved {
		return
	}
	s.sel.Reserve = s.sel.Reserve[:0]
	running := map[campaign.ID]*campaign.Campaign{}
	for _, group := range s.plan.groups {
		for _, c := range group {
			running[c.ID()] = c
		}
	}
	openNow := func(id campaign.ID, class string) (*campaign.Campaign, bool) {
		c := running[id]
		if c == nil {
			return nil, false
		}
		open, _ := c.ClassOpen(class, s.now)
		return c, open
	}
	for _, o := range owners {
		if c, ok := openNow(o.Campaign, o.Class); ok && !o.Due.After(s.now) {
			s.sel.Reserve = append(s.sel.Reserve, Reserve{Campaign: o.Campaign, Agent: o.Owner, Tier: TierOwn, Due: o.Due})
			if released, ok := c.Released(s.now); ok && !o.Due.After(released) {
				s.sel.Reserve = append(s.sel.Reserve, Reserve{Campaign: o.Campaign, Tier: TierReleased, Due: o.Due})
			}
		}
	}
	for i := range classes {
		progressive := classes[i].Waiting&(1<<status.LaneProgressive) != 0
		if _, ok := openNow(classes[i].Campaign, classes[i].Name); ok && progressive && !classes[i].Heads[status.LaneProgressive].After(s.now) {
			s.sel.Reserve = append(s.sel.Reserve, Reserve{Campaign: classes[i].Campaign, Tier: TierProgressive, Due: classes[i].Heads[status.LaneProgressive]})
		}
	}
}

// notice remembers the campaigns that still have something due for this ask, so
// that those which gave nothing this time keep their claim to the next calls.
func (s *selecting) notice(classes []campaign.Class) {
	for _, group := range s.plan.groups {
		if len(group) < 2 {
			continue
		}
		for _, c := range group {
			s.has[c.ID()] = s.has[c.ID()] || s.q.offers(s.ask, c, classes, s.now)
		}
	}
}

// settleParity charges the calls of this ask to their campaigns.
func (s *selecting) settleParity() {
	if s.plan == nil {
		return
	}
	for _, c := range slices.Concat(s.plan.groups...) {
		fresh, again := 0, 0
		for _, call := range s.sel.Calls {
			switch {
			case call.Campaign != c.ID():
			case call.Tier == TierFresh:
				fresh++
			case call.Tier == TierAgain:
				again++
			}
		}
		s.q.parity.payRetries(c, fresh, again)
	}
	for _, group := range s.plan.groups {
		var gave []campaign.ID
		for _, call := range s.sel.Calls {
			// Own callbacks come first across all campaigns and do not count.
			if call.Tier == TierOwn && !s.q.cfg.CampaignsFirst {
				continue
			}
			for _, c := range group {
				if c.ID() == call.Campaign {
					gave = append(gave, call.Campaign)
				}
			}
		}
		s.q.parity.pay(group, gave, s.has)
	}
}
