package modeltest

import (
	"fmt"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// A rule says why a right to call, given now on a record as f has it, must not
// have been given; "" if it may. Inbound calls obey the first rule only.
type rule struct {
	invariant int
	forbids   func(w *world, g grant, f campaign.Facts) string
}

var rules = []rule{
	{1, rule01OneLease}, {3, rule03Gap}, {5, rule05State}, {6, rule06NotAtOnce}, {8, rule08Hours}, {9, rule09Zone},
	{11, rule11Due}, {12, rule12Caps}, {18, rule18Blacklist}, {20, rule20Owner}, {21, rule21Running}, {0, ruleCondition}, {21, ruleList},
}

// rule01OneLease: no other live lease holds the number or the contact.
func rule01OneLease(w *world, g grant, f campaign.Facts) string {
	for _, l := range w.leases {
		switch {
		case l == g.lease || !w.live(l) || l.settling:
		case g.lease != nil && l.ref.Record == g.lease.ref.Record:
			return fmt.Sprintf("record %s is leased twice, under %d and %d", l.ref.Record, l.ref.Token, g.lease.ref.Token)
		case l.holds[g.number.Number]:
			return fmt.Sprintf("%v is to be called for record %s while lease %d of record %s holds it until %v",
				g.number.Number, f.Record.ID, l.ref.Token, l.ref.Record, l.until)
		case f.Record.Contact != "" && l.contact == f.Record.Contact && l.holdsContact:
			return fmt.Sprintf("contact %s is to be called for record %s while lease %d of record %s holds it",
				f.Record.Contact, f.Record.ID, l.ref.Token, l.ref.Record)
		}
	}
	return ""
}

// exempt says whether a promise made in a conversation is pending, or somebody
// overrides.
func (w *world) exempt(g grant, f campaign.Facts, what campaign.Override) bool {
	if what == campaign.OverrideGap && f.Record.Agreed && w.records[f.Record.ID].talked {
		return true
	}
	return w.overridden(g, f, what)
}

func (w *world) overridden(g grant, f campaign.Facts, what campaign.Override) bool {
	return g.taken && slices.Contains(g.overrides, what) && slices.Contains(w.settings[f.Record.Campaign].cfg.Overrides, what)
}

// within says whether a call of the log counts for a scope of a record.
func (c *call) within(f campaign.Facts, per campaign.Scope, n blacklist.Number) bool {
	if per == campaign.PerNumber {
		return c.number == n
	}
	if per == campaign.PerContact && f.Record.Contact != "" {
		return c.contact == f.Record.Contact
	}
	return c.ref.Record == f.Record.ID
}

// rule03Gap: the least time since the last call has passed.
func rule03Gap(w *world, g grant, f campaign.Facts) string {
	for _, gap := range w.settings[f.Record.Campaign].cfg.Limits.Gaps {
		if !gap.Law && w.exempt(g, f, campaign.OverrideGap) {
			continue
		}
		for token, c := range w.calls {
			if g.lease != nil && token == g.lease.ref.Token || !c.within(f, gap.Per, g.number.Number) || !c.talk() && (gap.Talks || !c.counted) {
				continue
			}
			if free := c.ended.Add(time.Duration(gap.Min)); w.now.Before(free) {
				return fmt.Sprintf("%v of record %s is called at %v; call %d to this %s ended at %v, the gap is %v",
					g.number.Number, f.Record.ID, w.now, token, gap.Per, c.ended, time.Duration(gap.Min))
			}
		}
	}
	return ""
}

// rule05State: a closed record is not called, and a held one only by hand.
func rule05State(w *world, g grant, f campaign.Facts) string {
	if s := f.Record.Standing; s == status.StandingClosed || s == status.StandingHeld && !g.taken {
		return fmt.Sprintf("record %s is %v (%v)", f.Record.ID, s, f.Record.Qualifier)
	}
	return ""
}

// rule06NotAtOnce: what was skipped or became unknown waits first.
func rule06NotAtOnce(w *world, g grant, f campaign.Facts) string {
	if r := w.records[f.Record.ID]; !g.taken && w.now.Before(r.notBefore) && (g.lease == nil || g.lease.at.Equal(w.now)) {
		return fmt.Sprintf("record %s comes again at %v: after a skip or an unknown outcome it stays away until %v", f.Record.ID, w.now, r.notBefore)
	}
	return ""
}

// rule08Hours: in every zone that the number may be in the window is open, and
// the campaign works.
func rule08Hours(w *world, g grant, f campaign.Facts) string {
	s := w.settings[f.Record.Campaign]
	zones, _ := s.zonesOf(g.number)
	for _, z := range zones {
		if !s.people.open(w.now, z, s.free(g.number.Region)) {
			return fmt.Sprintf("%v of record %s is called at %v, outside the hours of campaign %s (%s)",
				g.number.Number, f.Record.ID, w.now.In(z), s.cfg.ID, s.people.text())
		}
	}
	return ""
}

// rule09Zone: a number whose zone nobody knows is not called.
func rule09Zone(w *world, g grant, f campaign.Facts) string {
	if _, ok := w.settings[f.Record.Campaign].zonesOf(g.number); !ok {
		return fmt.Sprintf("%v of record %s is called, and its zone %q is not known", g.number.Number, f.Record.ID, g.number.Zones)
	}
	return ""
}

// rule11Due: nothing is called before its time.
func rule11Due(w *world, g grant, f campaign.Facts) string {
	if !g.taken && w.now.Before(f.Record.Due) && (g.lease == nil || g.lease.at.Equal(w.now)) {
		return fmt.Sprintf("record %s is due at %v and called at %v", f.Record.ID, f.Record.Due, w.now)
	}
	return ""
}

// rule12Caps: no limit is reached yet.
func rule12Caps(w *world, g grant, f campaign.Facts) string {
	s, r, n := w.settings[f.Record.Campaign], w.records[f.Record.ID], g.number.Number
	lim := s.cfg.Limits
	promised := f.Record.Agreed && r.talked
	if !w.overridden(g, f, campaign.OverrideLimit) {
		switch {
		case lim.Attempts > 0 && r.since >= lim.Attempts:
			return fmt.Sprintf("record %s has %d of %d attempts and is called again", f.Record.ID, r.since, lim.Attempts)
		case lim.NumberAttempts > 0 && r.byNumber[n] >= lim.NumberAttempts:
			return fmt.Sprintf("%v of record %s has %d of %d attempts and is called again", n, f.Record.ID, r.byNumber[n], lim.NumberAttempts)
		case lim.Unanswered > 0 && r.unanswered >= lim.Unanswered && !promised:
			return fmt.Sprintf("record %s has %d of %d unanswered calls and is called again", f.Record.ID, r.unanswered, lim.Unanswered)
		}
	}
	for _, c := range lim.Caps {
		if !c.Law && w.overridden(g, f, campaign.OverrideLimit) {
			continue
		}
		inside := 0
		for token, past := range w.calls {
			if g.lease != nil && token == g.lease.ref.Token || !past.within(f, c.Per, n) || !(c.Talks && past.talk() || !c.Talks && past.counted) {
				continue
			}
			if w.inWindow(c, past.dialed, s) {
				inside++
			}
		}
		if inside >= c.Max {
			return fmt.Sprintf("record %s, %v: %d of %d calls per %s in the window of %+v, and it is called again", f.Record.ID, n, inside, c.Max, c.Per, c)
		}
	}
	return ""
}

func (w *world) inWindow(c campaign.Cap, at time.Time, s settings) bool {
	switch {
	case c.Days > 0:
		y, m, d := w.now.In(location(s.cfg.Zone)).Date()
		return !at.Before(time.Date(y, m, d-(c.Days-1), 0, 0, 0, 0, location(s.cfg.Zone)))
	case c.Within > 0:
		return at.After(w.now.Add(-time.Duration(c.Within)))
	}
	return true
}

// rule18Blacklist: the number is on no list at this instant, the switch did not
// refuse it today, and every checker was heard.
func rule18Blacklist(w *world, g grant, f campaign.Facts) string {
	if e, listed := w.listed(f.Record.Campaign, g.number.Number, w.now); listed {
		return fmt.Sprintf("%v of record %s is called at %v, and is on list %s until %v", g.number.Number, f.Record.ID, w.now, e.List, e.Until)
	}
	if until := w.records[f.Record.ID].refused[g.number.Number]; w.now.Before(until) {
		return fmt.Sprintf("%v of record %s is called at %v; the switch refused it, so it rests until %v", g.number.Number, f.Record.ID, w.now, until)
	}
	if w.ev.silent {
		return fmt.Sprintf("record %s is called while a checker fails", f.Record.ID)
	}
	return ""
}

// rule20Owner: an own callback is its owner's until the release time has
// passed, and needs an agent.
func rule20Owner(w *world, g grant, f campaign.Facts) string {
	s := w.settings[f.Record.Campaign]
	r := f.Record
	if g.taken && w.overridden(g, f, campaign.OverrideOwner) {
		return ""
	}
	if g.unreserved && !g.taken && (r.Lane == status.LaneOwn || r.Lane == status.LaneProgressive || r.NeedsAgent) {
		return fmt.Sprintf("record %s in lane %v goes to an ask without an agent", r.ID, r.Lane)
	}
	if r.Lane != status.LaneOwn || r.Owner == g.agent {
		return ""
	}
	release, ok := s.works.add(r.Due, time.Duration(s.cfg.Callbacks.Release), s.free(""), location(s.cfg.Zone))
	if s.cfg.Callbacks.Release == 0 || !ok || w.now.Before(release) {
		return fmt.Sprintf("record %s, an own callback of %s due at %v, goes to %q at %v: it passes to others at %v", r.ID, r.Owner, r.Due, g.agent, w.now, release)
	}
	return ""
}

// rule21Running: the campaign is not paused, is in its dates and works now.
func rule21Running(w *world, g grant, f campaign.Facts) string {
	if s := w.settings[f.Record.Campaign]; !s.running(w.now) {
		return fmt.Sprintf("record %s is called at %v, and campaign %s does not run: paused %v, dates %q to %q, hours %q",
			f.Record.ID, w.now, s.cfg.ID, s.cfg.Paused, s.cfg.Start, s.cfg.End, s.works.text())
	}
	return ""
}

// ruleCondition: the campaign's dial condition holds, and consent was given
// where it is demanded.
func ruleCondition(w *world, g grant, f campaign.Facts) string {
	s, r := w.settings[f.Record.Campaign], w.records[f.Record.ID]
	if s.cfg.RequireConsent && !r.consent {
		return fmt.Sprintf("record %s is called without the consent that campaign %s demands", f.Record.ID, s.cfg.ID)
	}
	if s.cfg.Condition != "" && (r.code == codeNo || r.code == codeBroken) {
		return fmt.Sprintf("record %s with the code %d is called: the dial condition of campaign %s does not hold", f.Record.ID, r.code, s.cfg.ID)
	}
	return ""
}

// early says whether somebody took the record before the time promised: such a
// call is no try of the callback.
func (l *lease) early() bool {
	return l.from.Due.After(l.dialed) && (l.taken || !l.from.Qualifier.Effect().Callback)
}
