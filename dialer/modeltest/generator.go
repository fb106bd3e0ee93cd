package modeltest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/storetest/faultstore"
	"github.com/nextcall/nextcall/status"
)

// generator makes up operations that fit what has happened so far.
type generator struct {
	rnd    *rand.Rand
	crash  bool
	record int // how many were made up
}

func newGenerator(seed uint64, crash bool) *generator {
	return &generator{rnd: rand.New(rand.NewPCG(seed, 0x6e657874)), crash: crash}
}

func (g *generator) intn(n int) int          { return g.rnd.IntN(n) }
func (g *generator) chance(percent int) bool { return g.rnd.IntN(100) < percent }

func pick[T any](g *generator, from []T) T { return from[g.intn(len(from))] }

// weights say how often each kind comes up.
var weights = map[kind]int{
	opAdd: 4, opNext: 24, opStart: 14, opExtend: 5, opReport: 18, opRelease: 3, opSkip: 4, opTake: 5, opInbound: 3,
	opCorrect: 3, opSet: 4, opEdit: 5, opMessage: 3, opList: 3, opUnlist: 2, opConfigure: 2, opClock: 16, opCrash: 2, opChecker: 1, opDone: 2, opBulk: 3,
}

func (g *generator) next(w *world) op {
	if len(w.order) < 5 {
		return g.add()
	}
	total := 0
	for k := opAdd; k < opProbe; k++ {
		total += weights[k]
	}
	n := g.intn(total)
	for k := opAdd; k < opProbe; k++ {
		if n -= weights[k]; n < 0 {
			return g.make(k, w)
		}
	}
	return op{Kind: opClock, In: time.Minute}
}

// someLease names a lease: mostly a live one in the right phase, at times one
// that is long over, or none at all.
func (g *generator) someLease(o *op, w *world, fits func(*lease) bool) {
	var live []*lease
	for _, l := range w.leases {
		if !l.ended && fits(l) {
			live = append(live, l)
		}
	}
	if len(live) == 0 || g.chance(12) {
		o.Record = w.someRecord(g)
		o.Back = g.intn(3)
		if g.chance(15) {
			o.Token = 1 + int64(g.intn(60))
		}
		return
	}
	l := live[g.intn(len(live))]
	o.Record, o.Back, o.Queue = l.ref.Record, w.back(l), l.queue
	if g.chance(10) {
		o.Queue = g.intn(numQueues) // leases may pass between processes
	}
}

// offered says whether a lease can be started or given back; on a store that
// fails those are tried that were started in the same moment, too.
func (g *generator) offered(l *lease) bool {
	return l.phase == campaign.Offered || g.crash && g.chance(30)
}

func (w *world) someRecord(g *generator) campaign.RecordID {
	if len(w.order) == 0 {
		return ""
	}
	return w.order[g.intn(len(w.order))]
}

// failures are how the store fails.
var failures = []faultstore.Kind{faultstore.Before, faultstore.Before, faultstore.After, faultstore.After, faultstore.After,
	faultstore.Stale, faultstore.Stale, faultstore.Cancel, faultstore.Slow}

// faultable are the operations that a store may fail in.
var faultable = map[kind]bool{opNext: true, opStart: true, opExtend: true, opReport: true, opRelease: true, opSkip: true, opTake: true,
	opInbound: true, opCorrect: true, opSet: true, opEdit: true, opMessage: true, opList: true, opUnlist: true, opDone: true, opBulk: true}

// fault lets the store fail in some operations.
func (g *generator) fault(o *op) {
	if g.crash && g.chance(25) {
		o.Fault, o.How = pick(g, []int{1, 1, 1, 2, 2, 3}), pick(g, failures)
		o.Reads, o.Luck = g.chance(30), uint64(g.intn(1000))
	}
}

func (g *generator) make(k kind, w *world) op {
	o := op{Kind: k, Queue: g.intn(numQueues)}
	switch k {
	case opAdd:
		return g.add()
	case opNext:
		o.Limit = 1 + g.intn(5)
		o.Start = g.chance(40)
		if g.chance(75) {
			o.Agent = pick(g, agents)
		} else {
			o.Reserved = g.chance(40)
		}
		if g.chance(30) {
			o.Campaigns = []campaign.ID{pick(g, campaignIDs)}
		}
	case opStart:
		g.someLease(&o, w, g.offered)
		if g.chance(25) {
			o.Number = spelling(g.intn(numNumbers), g.intn(4))
		}
	case opExtend:
		g.someLease(&o, w, func(l *lease) bool { return true })
		o.Talking = g.chance(70)
	case opReport:
		g.someLease(&o, w, func(l *lease) bool { return l.phase != campaign.Offered || g.chance(5) })
		o.Outcome = g.outcome()
		o.Rang = g.chance(50)
		if g.chance(map[bool]int{true: 85, false: 8}[o.Outcome == campaign.Answered]) {
			g.choose(&o)
		}
		o.Agent = pick(g, agents)
	case opRelease, opSkip:
		g.someLease(&o, w, g.offered)
		o.Agent = pick(g, agents)
	case opTake:
		o.Record, o.Agent, o.Start = w.someRecord(g), pick(g, agents[:2]), g.chance(40)
		if g.chance(30) {
			o.Number = spelling(g.intn(numNumbers), g.intn(4))
		}
		if g.chance(30) {
			o.Overrides = []campaign.Override{pick(g, []campaign.Override{campaign.OverrideGap, campaign.OverrideLimit, campaign.OverrideOwner, campaign.OverrideList})}
		}
	case opInbound:
		o.Number, o.Agent = spelling(g.intn(numNumbers), g.intn(4)), pick(g, agents)
	case opCorrect:
		g.someLease(&o, w, func(l *lease) bool { return false })
		o.Token, o.Agent = 0, pick(g, agents)
		g.choose(&o)
	case opSet:
		o.Record, o.Agent = w.someRecord(g), pick(g, agents)
		if o.Which = pick(g, []campaign.Which{campaign.WhichNone, campaign.WhichMain, campaign.WhichAll, campaign.WhichLast, ""}); g.chance(70) {
			g.choose(&o) // else Unused
		}
	case opEdit:
		o.Record, o.Agent = w.someRecord(g), pick(g, agents)
		if o.Part = pick(g, []string{partPhones, partFields, partOrder, partConsent, partAll}); o.Part == partPhones || o.Part == partAll {
			o.Phones, o.Zones, o.Regions = g.phones()
		}
		o.Code, o.Order, o.Consent = pick(g, codes), uint16(g.intn(4)), g.chance(70)
	case opMessage:
		o.Record, o.Channel = w.someRecord(g), pick(g, channels)
	case opList:
		o.Number, o.List = spelling(g.intn(numNumbers), g.intn(4)), pick(g, []blacklist.List{blacklist.Global, shop})
		if g.chance(75) {
			o.In = pick(g, []time.Duration{time.Minute, 20 * time.Minute, 3 * time.Hour, 30 * time.Hour})
		}
	case opUnlist:
		o.Number, o.List = spelling(g.intn(numNumbers), g.intn(4)), pick(g, []blacklist.List{blacklist.Global, shop})
	case opConfigure:
		o.Campaigns, o.Variant = []campaign.ID{pick(g, campaignIDs)}, g.intn(numVariants)
		if g.chance(40) {
			o.Variant = asItWas
		}
	case opClock:
		o.In = g.jump(w)
	case opCrash:
		if !g.crash {
			o = op{Kind: opClock, In: 35 * time.Second}
		}
	case opChecker:
		o.On = g.chance(40)
	case opBulk:
		o.Campaigns, o.Agent, o.N = []campaign.ID{pick(g, campaignIDs)}, pick(g, agents), 1+g.intn(3)
		if g.chance(60) {
			o.To = pick(g, campaignIDs)
		}
		if g.chance(30) {
			o.Limit = 1 + g.intn(4)
		}
		if g.chance(60) {
			g.choose(&o) // else Unused
		}
		if byStatus[o.Status].Blacklist != "" {
			o.Which = pick(g, []campaign.Which{campaign.WhichNone, campaign.WhichMain, campaign.WhichAll, campaign.WhichLast})
		}
	case opDone:
		o.Limit, o.On = 1+g.intn(3), g.chance(30)
	}
	if faultable[k] {
		g.fault(&o)
	}
	return o
}

// jump is how far the clock goes: often to the very end of something.
func (g *generator) jump(w *world) time.Duration {
	if g.chance(25) {
		var ends []time.Duration
		for _, l := range w.leases {
			if d := l.until.Sub(w.now); !l.ended && d > 0 {
				ends = append(ends, d, d-time.Microsecond)
			}
		}
		for _, e := range w.lists {
			if d := e.Until.Sub(w.now); !e.Permanent() && d > 0 {
				ends = append(ends, d, d-time.Microsecond)
			}
		}
		for _, r := range w.cur {
			if d := r.Record.Due.Sub(w.now); d > 0 && d < 100*time.Hour {
				ends = append(ends, d)
			}
		}
		if len(ends) > 0 {
			slices.Sort(ends) // a seed gives one sequence, whatever order maps have
			return ends[g.intn(len(ends))]
		}
	}
	return pick(g, []time.Duration{time.Microsecond, time.Second, 10 * time.Second, 31 * time.Second, 2 * time.Minute, 10 * time.Minute,
		20 * time.Minute, time.Hour, time.Hour, 3 * time.Hour, 5 * time.Hour, 12 * time.Hour, 24 * time.Hour, -time.Minute, -10 * time.Minute, -2 * time.Hour})
}

func (g *generator) outcome() campaign.Outcome {
	if g.chance(25) {
		return campaign.Answered
	}
	if g.chance(60) {
		return pick(g, []campaign.Outcome{campaign.NoAnswer, campaign.LineBusy, campaign.NoAnswer, campaign.Voicemail, campaign.Drop})
	}
	return campaign.Outcome(1 + g.intn(campaign.NumOutcomes-1))
}

// choose gives a status, mostly with the input that it wants.
func (g *generator) choose(o *op) {
	o.Status = pick(g, statusIDs)
	if g.chance(3) {
		o.Status = "stranger"
	}
	if g.chance(8) {
		o.Status = calc.ID
	}
	in := byStatus[o.Status].Inputs()
	if in.Time && !in.TimeRequired && g.chance(60) {
		return // what nobody gives is computed
	}
	if in.Time != g.chance(4) {
		o.In = pick(g, []time.Duration{10 * time.Minute, time.Hour, 4 * time.Hour, 26 * time.Hour, -time.Hour})
	}
}

// input is what is given with the status: a time, and the agent of an own callback.
func (o op) input(now time.Time) campaign.Input {
	var in campaign.Input
	if o.In != 0 && o.Status != "" {
		in.At = now.Add(o.In)
	}
	if byStatus[o.Status].Qualifier == status.OwnCallbackAt || byStatus[o.Status].Qualifier == status.OwnCallbackAfter {
		in.Agent = o.Agent
	}
	return in
}

func (g *generator) phones() (phones, zones, regions []string) {
	n := pick(g, []int{0, 1, 1, 1, 2, 2, 3})
	seen := map[int]bool{}
	for range n {
		i := g.intn(numNumbers)
		if seen[i] {
			continue
		}
		seen[i] = true
		zone := pick(g, zoneNames)
		if zone == "Mars/Phobos" && g.chance(60) {
			zone = ""
		}
		phones, zones = append(phones, spelling(i, g.intn(4))), append(zones, zone)
		regions = append(regions, pick(g, regionNames))
	}
	return phones, zones, regions
}

func (g *generator) add() op {
	g.record++
	o := op{Kind: opAdd, Queue: g.intn(numQueues), Record: campaign.RecordID(fmt.Sprintf("r%d", g.record)), Same: g.chance(70)}
	o.Add.Campaign = pick(g, campaignIDs)
	o.Add.Contact = pick(g, []campaign.ContactID{"", "", "eve", "joe"})
	o.Add.Order = uint16(g.intn(3))
	if o.Consent = g.chance(80); o.Add.Campaign == delta && g.chance(85) {
		o.Add.Type, o.Code = lead, pick(g, codes)
	}
	o.Phones, o.Zones, o.Regions = g.phones()
	o.Add.List = listNames[g.record%len(listNames)]
	g.fault(&o)
	return o
}

// What an edit changes.
const (
	partPhones  = "phones"
	partFields  = "fields"
	partOrder   = "order"
	partConsent = "consent"
	partAll     = "all"
)

var (
	codes       = []int64{0, 0, 0, 0, codeReason, codeReason, codePast, codePast, codeNo, codeNo, codeBroken, codeBroken, codeInvalid, codeUnsure}
	regionNames = []string{"", "", "", "PL", "X", "unheard of"}
	channels    = []campaign.Channel{campaign.ChannelSMS, campaign.ChannelMail, campaign.ChannelWeb, campaign.ChannelFax}
)
