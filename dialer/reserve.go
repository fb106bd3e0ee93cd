package dialer

import (
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// reserve fills Selection.Reserve for an unreserved ask.
func (s *selecting) reserve(owners []campaign.OwnerHead, classes []campaign.Class) {
	if s.ask.Reserved {
		return
	}
	s.sel.Reserve = s.sel.Reserve[:0]
	place := -1
	for i := range owners {
		o := &owners[i]
		if place = s.plan.place(o.Campaign, place); o.Due.After(s.now) || !s.openNow(place, o.Class) {
			continue
		}
		s.sel.Reserve = append(s.sel.Reserve, Reserve{Campaign: o.Campaign, Agent: o.Owner, Tier: TierOwn, Due: o.Due})
		if released, ok := s.plan.campaigns[place].Released(s.now); ok && !o.Due.After(released) {
			s.sel.Reserve = append(s.sel.Reserve, Reserve{Campaign: o.Campaign, Tier: TierReleased, Due: o.Due})
		}
	}
	for i := range classes {
		class := &classes[i]
		due := class.Heads[status.LaneProgressive]
		if class.Waiting&(1<<status.LaneProgressive) == 0 || due.After(s.now) {
			continue
		}
		if place = s.plan.place(class.Campaign, place); s.openNow(place, class.Name) {
			s.sel.Reserve = append(s.sel.Reserve, Reserve{Campaign: class.Campaign, Tier: TierProgressive, Due: due})
		}
	}
}

// openNow reports whether the ask is for the campaign at a place, and it and a
// class of it are open.
func (s *selecting) openNow(place int, class string) bool {
	if place < 0 || !s.plan.seats[place].wanted || !s.plan.running[place] {
		return false
	}
	open, _ := s.plan.campaigns[place].ClassOpen(class, s.now)
	return open
}

// notice remembers the campaigns, and their lists, that still have something due for this ask, so
// that those which gave nothing this time keep their claim to the next calls.
func (s *selecting) notice(classes []campaign.Class) {
	place, laid := -1, -1
	var sources []campaign.Source
	for i := range classes {
		class := &classes[i]
		if place = s.plan.place(class.Campaign, place); place < 0 {
			continue
		}
		s.noticeShelf(place, class)
		seat := &s.plan.seats[place]
		if !seat.peer || seat.has {
			continue
		}
		if laid != place {
			laid, sources = place, s.tiers(place, 0)
		}
		seat.has = s.offers(place, class, sources)
	}
}

// settleParity charges the calls of this ask to their campaigns.
func (s *selecting) settleParity() {
	p := &s.plan
	if p.view == nil {
		return
	}
	place := -1
	for i := range s.sel.Calls {
		call := &s.sel.Calls[i]
		if place = p.place(call.Campaign, place); place < 0 {
			continue
		}
		seat := &p.seats[place]
		switch call.Tier {
		case TierFresh:
			seat.fresh++
			if len(p.shelves[place]) > 0 {
				turn := &p.turns(place)[shelfOf(p.campaigns[place], call.Record.Class)]
				turn.gave, turn.has = turn.gave+1, true
			}
		case TierAgain:
			seat.again++
		}
		// Own callbacks come first across all campaigns and do not count.
		if call.Tier != TierOwn || s.q.cfg.CampaignsFirst {
			seat.gave++
		}
	}
	for _, place := range p.serve {
		s.q.parity.payRetries(p.campaigns[place], p.seats[place].fresh, p.seats[place].again)
		if len(p.shelves[place]) > 0 {
			s.q.parity.payShelves(p.campaigns[place], p.shelves[place], p.turns(place))
		}
	}
	for _, g := range p.groups {
		s.q.parity.pay(p, g)
	}
}
