package twin

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// setting is what a run's records are made of: few of something means that it
// is shared by many.
type setting struct {
	campaigns, records, numbers, contacts, classes, agents int
	sequences                                              int  // 0: the store gives them
	spread                                                 int  // of Sort and Key
	wild                                                   bool // values that no campaign would write
}

// sizes are how many records a run may hold, small ones more often.
var sizes = []int{10, 10, 20, 40, 40, 100, 100, 300, 2000}

func newSetting(seed uint64) setting {
	r := rand.New(rand.NewPCG(seed, 1))
	one := func(of ...int) int { return of[r.IntN(len(of))] }
	s := setting{campaigns: 3 + r.IntN(4), records: sizes[r.IntN(len(sizes))], classes: 1 + r.IntN(4), agents: 1 + r.IntN(4),
		sequences: one(0, 0, 1, 3, 1000), spread: one(1, 3, 100, 100_000)}
	s.wild = r.IntN(3) == 0
	s.numbers = max(3, s.records*one(1, 4, 40)/10)
	s.contacts = max(2, s.records*one(1, 3, 20)/10)
	return s
}

// gen draws what is given to the stores. The same seed draws the same.
type gen struct {
	setting
	pcg *rand.PCG
	*rand.Rand
	now time.Time
}

func newGen(s setting) *gen {
	pcg := rand.NewPCG(0, 0)
	return &gen{setting: s, pcg: pcg, Rand: rand.New(pcg)}
}

func (g *gen) reseed(seed uint64)   { g.pcg.Seed(seed, 2) }
func (g *gen) oneIn(n int) bool     { return g.IntN(n) == 0 }
func (g *gen) text(p string) string { return []string{"", p, p + "2", p + " żółć"}[g.IntN(4)] }

func (g *gen) campaign() campaign.ID { return campaign.ID(rune('a' + g.IntN(g.campaigns))) }
func (g *gen) number() blacklist.Number {
	return 48_600_000_000 + blacklist.Number(g.IntN(g.numbers))
}
func (g *gen) contact() campaign.ContactID {
	if g.oneIn(3) {
		return ""
	}
	return campaign.ContactID(fmt.Sprint("p", g.IntN(g.contacts)))
}
func (g *gen) class() string {
	if g.oneIn(20) {
		return ""
	}
	return []string{"Europe/Warsaw", "Asia/Tokyo", "w|Europe/Warsaw", "x"}[g.IntN(g.classes)]
}
func (g *gen) agent() campaign.AgentID {
	if g.oneIn(4) {
		return ""
	}
	return campaign.AgentID(rune('p' + g.IntN(g.agents)))
}

// ref names a record that there may be.
func (g *gen) ref() campaign.Ref {
	n := max(1, g.records/g.campaigns)
	if g.oneIn(200) {
		n++ // never added
	}
	return campaign.Ref{Campaign: g.campaign(), Record: campaign.RecordID(fmt.Sprint("r", g.IntN(n)))}
}

// instant is mostly around now, sometimes zero, far away, or rougher than it is stored.
func (g *gen) instant() time.Time {
	switch g.IntN(24) {
	case 0, 1, 2, 3:
		return time.Time{}
	case 4:
		return campaign.Forever
	case 5:
		return g.now.Add(time.Duration(g.IntN(3)-1) * time.Microsecond)
	case 6:
		return g.now.Add(time.Duration(g.IntN(3600_000_000_000)) - 1800_000_000_000).In(time.FixedZone("east", 7200))
	case 7:
		return g.now.AddDate(0, g.IntN(40)-20, 0)
	}
	return g.now.Add(time.Duration(g.IntN(40)-25) * time.Minute)
}

// few is a small count, and rarely a large one.
func (g *gen) few() int {
	if g.oneIn(300) {
		return 60_000
	}
	return max(0, g.IntN(12)-6)
}

func (g *gen) flag() bool { return g.oneIn(3) }

func (g *gen) qualifier() status.Qualifier {
	return status.Qualifier(g.IntN(int(status.PlayedPartly) + 1))
}
func (g *gen) outcome() campaign.Outcome { return campaign.Outcome(g.IntN(campaign.NumOutcomes)) }
func (g *gen) status() status.ID         { return status.ID(g.text("st")) }

func (g *gen) phones() []campaign.Phone {
	n := 1
	if g.oneIn(2) {
		n = g.IntN(4)
	}
	phones := make([]campaign.Phone, n)
	for i := range phones {
		p := &phones[i]
		p.Number = g.number()
		if g.oneIn(2) { // as most are imported
			continue
		}
		if g.oneIn(12) {
			p.Number = 0
		}
		p.Extension, p.Label, p.Region = g.text("1"), g.text("home"), g.text("pl")
		if g.oneIn(3) {
			p.Zones = [][]string{{"Europe/Warsaw"}, {"Europe/Warsaw", "Asia/Tokyo"}, {"Asia/Tokyo"}}[g.IntN(3)]
		}
		g.dialled(p)
	}
	return phones
}

// dialled changes what a call changes of a phone.
func (g *gen) dialled(p *campaign.Phone) {
	p.Out = []campaign.Out{"", "", campaign.OutInvalid, campaign.OutEnded}[g.IntN(4)]
	if g.wild {
		p.Out = campaign.Out(g.text("out"))
	}
	p.BlockedUntil, p.LastCall, p.LastOutcome = g.instant(), g.instant(), g.outcome()
	p.Attempts, p.Unrung = g.few(), g.few()
}

func (g *gen) fields() campaign.Fields {
	if g.oneIn(2) {
		return nil
	}
	return campaign.Fields{"text": g.text("x"), "n": int64(g.IntN(9)), "at": g.instant(), "list": []string{"a", g.text("b")}, "yes": true, "d": 0.5}
}

func (g *gen) notes() []campaign.Note {
	notes := make([]campaign.Note, max(0, g.IntN(6)-3))
	for i := range notes {
		notes[i] = campaign.Note{At: g.instant(), Author: g.text("ann"), Text: g.text("said")}
	}
	return notes
}

// order gives a record an order, or a rank as a campaign computes it.
func (g *gen) order(r *campaign.Record) {
	draw := func() (order uint16, sort int64) {
		if order = uint16(g.IntN(min(g.spread, 1<<16))); order == 0 {
			return 0, 1 << 16
		}
		return order, int64(order)
	}
	r.Order, r.Sort = draw()
	if g.oneIn(4) {
		_, r.Sort = draw()
	}
}

func (g *gen) tags() []string {
	return [][]string{nil, nil, {}, {"hot"}, {"hot", g.text("vip")}}[g.IntN(5)]
}

// progress changes what calls and statuses change of a record.
func (g *gen) progress(p *campaign.Progress) {
	p.Standing, p.Lane = status.StandingQueued, status.Lane(1+g.IntN(status.NumLanes-1))
	switch g.IntN(40) {
	case 0:
		p.Standing, p.Lane = status.StandingClosed, status.LaneNone
	case 1:
		p.Standing, p.Lane = status.StandingHeld, status.LaneNone
	case 2:
		p.Lane = status.LaneNone
	}
	p.Due, p.Owner = g.instant(), g.agent()
	if p.Promised, p.Next = g.flag(), g.IntN(2); g.wild {
		p.Next = g.IntN(4) - g.IntN(2)
	}
	p.Status, p.Qualifier, p.StatusAt = g.status(), g.qualifier(), g.instant()
	p.DueInput = nil
	if g.oneIn(6) {
		p.DueInput = &campaign.LocalTime{Date: "2026-06-02", Hour: "09:00", Zone: g.text("UTC")}
	}
	p.Agreed, p.Tries, p.NeedsAgent, p.Skips, p.SkipUntil = g.flag(), g.few(), g.flag(), g.few(), g.instant()
	p.Success, p.SucceededAt, p.Attention = g.flag(), g.instant(), g.flag()
	p.LastCall, p.LastOutcome, p.LastAgent, p.LastToken = g.instant(), g.outcome(), g.agent(), campaign.Token(g.few())
	a := &p.Attempts
	a.Total, a.SinceReset, a.Unanswered, a.Talks, a.Streak = g.few(), g.few(), g.few(), g.few(), g.few()
	a.First, a.Last = g.instant(), g.instant()
	a.ByOutcome[g.outcome()] = uint16(g.few())
}

// shape changes a record; revision is the campaign's newest.
func (g *gen) shape(r *campaign.Record, revision int64) {
	g.progress(&r.Progress)
	r.Sort, r.Key = int64(g.IntN(min(g.spread, 131_072))), int64(g.IntN(g.spread))
	if g.oneIn(8) {
		r.Key = g.now.UnixMicro() - int64(g.IntN(9))
	}
	if !g.wild {
		g.order(r)
	}
	r.Class = g.class()
	r.Park = campaign.Park{}
	if g.oneIn(4) {
		r.Park = campaign.Park{Until: g.now.Add(time.Duration(g.IntN(40)-4) * time.Minute), Reason: campaign.Reason(g.IntN(campaign.NumReasons)), Revision: revision}
		if g.oneIn(8) {
			r.Park.Until = g.instant()
		}
		if g.oneIn(6) {
			r.Park.Revision += int64(g.IntN(4)) - 2
		}
	}
	r.List, r.Operation, r.Author = g.text("list"), g.text("op"), g.text("ann")
	r.Updated, r.Changes = g.instant(), r.Changes+1
	if g.oneIn(4) {
		r.ExternalID, r.Type, r.Source, r.Consent = g.text("ext"), g.text("type"), campaign.Channel(g.text("mail")), g.flag()
		r.Created = g.instant()
		if g.wild {
			r.Order = uint16(g.IntN(1 << 16))
		} else {
			r.Source = []campaign.Channel{campaign.ChannelImport, campaign.ChannelMail, campaign.ChannelWeb}[g.IntN(3)]
		}
		r.Fields, r.Notes, r.Tags = g.fields(), g.notes(), g.tags()
		r.Past = [][]campaign.ID{nil, nil, {}, {"old"}, {"old", campaign.ID(g.text("older"))}}[g.IntN(5)]
	}
}

// record is a new one.
func (g *gen) record(ref campaign.Ref, revision int64) *campaign.Record {
	r := &campaign.Record{ID: ref.Record, Campaign: ref.Campaign, Contact: g.contact(), Phones: g.phones()}
	g.shape(r, revision)
	if g.oneIn(3) { // as most are imported
		r.Standing, r.Lane, r.Due, r.Key, r.Park = status.StandingQueued, status.LaneFresh, time.Time{}, 0, campaign.Park{}
		if g.oneIn(8) {
			r.Lane = status.LaneLast
		}
	}
	if g.sequences > 0 {
		r.Sequence = 1 + int64(g.IntN(g.sequences))
	}
	return r
}

// scribble writes into everything of a change that a store must have copied.
func scribble(ch *campaign.Change) {
	if r := ch.Record; r != nil {
		*r = campaign.Record{ID: "scribbled"}
	}
	if c := ch.Call; c != nil {
		for i := range c.Answer.Listed {
			c.Answer.Listed[i].Author = "scribbled"
		}
		clear(c.Answer.Actions)
		clear(c.Answer.Why)
		clear(c.Answer.Also)
		clear(c.Answer.Warnings)
		if c.Before != nil {
			c.Before.Progress = campaign.Progress{Tries: 99}
		}
		*c = campaign.Call{AMD: "scribbled"}
	}
	if l := ch.Lease; l != nil {
		clear(l.With)
		clear(l.Overrides)
		*l = campaign.Lease{Holder: "scribbled"}
	}
	if ch.Entry != nil {
		*ch.Entry = campaign.Entry{Note: "scribbled"}
	}
	clear(ch.List)
	clear(ch.Unlist)
	clear(ch.Wake)
	clear(ch.Actions)
	clear(ch.Done)
	for i := range ch.Also {
		scribble(&ch.Also[i])
	}
	clear(ch.Also)
}

// copied is facts that last longer than the answer they came in.
func copied(facts []campaign.Facts) []campaign.Facts {
	facts = slices.Clone(facts)
	for i := range facts {
		f := &facts[i]
		f.Record.Phones = slices.Clone(f.Record.Phones)
		f.Busy = slices.Clone(f.Busy)
		f.Lease.With, f.Lease.Overrides = slices.Clone(f.Lease.With), slices.Clone(f.Lease.Overrides)
		f.History = slices.Clone(f.History)
		for j, c := range f.History {
			x := *c
			f.History[j] = &x
		}
	}
	return facts
}
