package twin

import (
	"fmt"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

func (g *gen) call(ref campaign.Ref) *campaign.Call {
	c := &campaign.Call{
		Token: ref.Token, Campaign: ref.Campaign, Record: ref.Record, Contact: g.contact(), Number: g.number(), Agent: g.agent(),
		Holder: g.text("h"), Mode: campaign.Mode(g.text("power")), Lane: status.Lane(g.IntN(status.NumLanes)), Inbound: g.flag(),
		Dialed: g.instant(), Answered: g.instant(), Ended: g.instant(), Ring: time.Duration(g.few()) * time.Second, Talk: time.Duration(g.few()) * time.Second,
		Outcome: g.outcome(), Rang: g.flag(), Counted: g.flag(), AMD: g.text("human"), HangupBy: g.text("agent"), SIPCode: g.few(), Q850: g.few(),
		Status: g.status(), Qualifier: g.qualifier(), Chosen: g.flag(), Expired: g.flag(), Changes: int64(g.few()),
	}
	if g.oneIn(8) {
		c.Number = 0
	}
	if g.oneIn(3) {
		c.Answer = campaign.Answer{Call: ref.Token, Outcome: c.Outcome, Status: c.Status, Due: g.instant(), Owner: g.agent(), Attempts: g.few(),
			Standing: status.Standing(g.IntN(4)), Lane: status.Lane(g.IntN(status.NumLanes)), Qualifier: g.qualifier()}
		if g.oneIn(8) {
			c.Answer.Call = campaign.Token(g.few())
		}
		for range g.IntN(4) {
			c.Answer.Why = append(c.Answer.Why, []campaign.Why{campaign.WhyMessage, campaign.WhyRule, campaign.WhyChosen, "other"}[g.IntN(4)])
		}
		switch g.IntN(12) {
		case 0:
			c.Answer.Listed = []blacklist.Entry{g.entry()}
		case 1:
			c.Answer.Actions = []campaign.Action{g.action()}
		case 2:
			c.Answer.Warnings = []string{g.text("w")}
		case 3:
			c.Answer.Also = []status.ID{g.status(), "other"}
		}
	}
	return c
}

func (g *gen) entry() blacklist.Entry {
	e := blacklist.Entry{List: g.list(), Number: g.number(), Author: g.text("ann"), Added: g.instant()}
	if g.oneIn(2) {
		e.Until = g.instant()
	}
	return e
}

func (g *gen) list() blacklist.List { return []blacklist.List{blacklist.Global, "l", "m"}[g.IntN(3)] }

func (g *gen) action() campaign.Action {
	return campaign.Action{ID: fmt.Sprint("x", g.IntN(60)), Campaign: g.campaign(), Record: campaign.RecordID(fmt.Sprint("r", g.IntN(6))), Number: g.number(), Template: g.text("t"), At: g.instant()}
}

func (g *gen) line(call campaign.Token) *campaign.Entry {
	return &campaign.Entry{At: g.instant(), Author: g.text("ann"), Why: campaign.WhyMessage, Operation: g.text("op"), Call: call,
		From: g.status(), To: g.status(), Qualifier: g.qualifier(), Note: g.text("n")}
}

// lease is the terms of one, for a take or to go on under.
func (g *gen) lease() *campaign.Lease {
	l := &campaign.Lease{Holder: g.text("h"), Agent: g.agent(), Phase: campaign.Phase(g.IntN(3)), Number: g.number(), Lane: status.Lane(g.IntN(status.NumLanes)),
		ForCallback: g.flag(), Reserved: g.flag(), Taken: g.flag(), Inbound: g.flag(), At: g.now, Dialed: g.instant(), Answered: g.instant(),
		Until: g.now.Add(time.Duration(g.IntN(9000)-600) * 100 * time.Millisecond)}
	if g.oneIn(3) {
		l.Number = 0
	}
	if g.oneIn(5) {
		l.Overrides = []campaign.Override{campaign.OverrideGap}
	}
	return l
}

// sources are the lanes in the order of the tiers, or any.
func (g *gen) sources() (sources []campaign.Source) {
	if !g.oneIn(3) {
		for _, lane := range []status.Lane{status.LaneOwn, status.LaneProgressive, status.LanePublic, status.LaneFresh, status.LaneAgain, status.LaneLast} {
			sources = append(sources, campaign.Source{Lane: lane, Due: g.now})
		}
		return sources
	}
	for range g.IntN(5) {
		s := campaign.Source{Lane: status.Lane(g.IntN(status.NumLanes + 1)), Due: g.now.Add(-time.Duration(g.IntN(4)*g.IntN(20)) * time.Minute), Max: g.IntN(4)}
		if g.oneIn(2) {
			s.Owner = g.agent()
		}
		sources = append(sources, s)
	}
	return sources
}

func (g *gen) open() (open []string) {
	for range 1 + g.IntN(5) {
		open = append(open, g.class())
	}
	return open
}

// filter is one of Find and Count, narrow ones more often.
func (g *gen) filter() campaign.Filter {
	f := campaign.Filter{At: g.now}
	for range g.IntN(4) {
		g.part(&f)
	}
	if g.oneIn(4) {
		f.After = g.ref()
	}
	if g.oneIn(8) {
		f.Revisions = map[campaign.ID]int64{g.campaign(): int64(g.IntN(6))}
	}
	if f.Limit = g.IntN(40); g.oneIn(20) {
		f.Limit = 0
	}
	return f
}

// part gives a filter a part, narrow ones more often.
func (g *gen) part(f *campaign.Filter) {
	switch g.IntN(20) {
	case 0:
		f.Campaigns = []campaign.ID{g.campaign(), g.campaign()}
	case 1, 2:
		f.Records = []campaign.RecordID{g.ref().Record, g.ref().Record, g.ref().Record}
	case 3, 4:
		f.Contacts = []campaign.ContactID{g.contact(), g.contact()}
	case 5, 6:
		f.Numbers, f.AnyNumber = []blacklist.Number{g.number(), g.number()}, g.flag()
	case 7:
		f.Lists = []string{g.text("list"), g.text("list")}
	case 8:
		f.Statuses, f.Operation = []status.ID{g.status(), g.status()}, g.text("op")
	case 9:
		f.Qualifiers = []status.Qualifier{g.qualifier(), g.qualifier(), g.qualifier(), g.qualifier()}
	case 10:
		f.States = []campaign.State{campaign.State(g.IntN(6)), campaign.State(g.IntN(6))}
	case 11:
		f.Owners = []campaign.AgentID{g.agent(), g.agent()}
	case 12, 13:
		f.AnyNumber = g.flag()
		for range 1 + g.IntN(30) {
			f.Terms = append(f.Terms, campaign.Term{ID: g.ref().Record, Number: g.number()})
		}
	case 14:
		f.ExternalID = []string{"e", "x", "1", "ext"}[g.IntN(4)]
	case 15:
		all := campaign.Systems()
		f.Systems = []campaign.System{all[g.IntN(len(all))], all[g.IntN(len(all))]}
	case 16:
		f.Agents = []campaign.AgentID{g.agent(), g.agent(), g.agent()}
	case 17:
		f.Authors = []string{g.text("ann"), g.text("ann")}
	case 18:
		f.Called = g.span()
	case 19:
		f.Due = g.span()
	}
}

// span is one around now, open at either end or at both.
func (g *gen) span() (s campaign.Span) {
	if from := g.instant(); g.oneIn(2) {
		s.From = from
	}
	if to := g.instant(); g.oneIn(2) && !to.Before(s.From) {
		s.To = to
	}
	return s
}
