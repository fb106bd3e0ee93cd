package memstore

import (
	"math"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// gen draws values for the store: plain ones, or with wild also such that fit no
// compact form.
type gen struct {
	*rapid.T
	wild bool
}

// odd says one time in twenty that the next value shall be wild.
func (g gen) odd() bool { return g.wild && rapid.IntRange(0, 19).Draw(g.T, "odd") == 0 }

func (g gen) bool() bool            { return rapid.Bool().Draw(g.T, "bool") }
func (g gen) below(n int) int       { return rapid.IntRange(0, n-1).Draw(g.T, "below") }
func (g gen) one(of int) bool       { return g.below(of) == 0 }
func (g gen) of(s ...string) string { return s[g.below(len(s))] }

// time draws an instant of the years 1 to 9999, often none and seldom a round one.
func (g gen) inYears() time.Time {
	switch g.below(6) {
	case 0, 1:
		return time.Time{}
	case 2:
		return time.UnixMicro(rapid.Int64Range(zeroTime, (lastSecond-yearOne)*1e6+999999).Draw(g.T, "micros"))
	case 3:
		return time.Unix(rapid.Int64Range(1.7e9, 1.9e9).Draw(g.T, "sec"), rapid.Int64Range(0, 999999999).Draw(g.T, "nsec")).
			In(time.FixedZone("x", 3600))
	}
	return time.Unix(rapid.Int64Range(1.7e9, 1.7e9+9).Draw(g.T, "sec"), 0).UTC()
}

func (g gen) time() time.Time {
	if g.odd() {
		return time.Unix(rapid.Int64Range(-1e15, 1e15).Draw(g.T, "sec"), 999)
	}
	return g.inYears()
}

func (g gen) count() int {
	if g.odd() {
		return rapid.SampledFrom([]int{-1, math.MinInt, math.MaxInt, 256, 65535, 65536, 1 << 32}).Draw(g.T, "count")
	}
	return g.below(4)
}

func (g gen) text(s ...string) string {
	if g.odd() {
		return strings.Repeat("długi tekst ", rapid.SampledFrom([]int{1, 20, 400}).Draw(g.T, "long"))
	}
	return g.of(s...)
}

func (g gen) outcome() campaign.Outcome {
	if g.odd() {
		return campaign.Outcome(rapid.Uint8().Draw(g.T, "outcome"))
	}
	return campaign.Outcome(g.below(campaign.NumOutcomes))
}

func (g gen) phone() campaign.Phone {
	p := campaign.Phone{Number: blacklist.Number(48600100200 + g.below(5))}
	switch g.below(3) {
	case 0:
		p.Zones = []string{g.text("Europe/Warsaw", "Europe/Berlin")}
	case 1:
		p.Zones, p.Region = []string{"Europe/Warsaw", g.text("", "UTC")}, g.text("", "PL")
	}
	if g.bool() {
		p.Out = campaign.Out(g.text("", "", "invalid", "ended"))
		p.BlockedUntil, p.LastCall = g.time(), g.time()
		p.Attempts, p.Unrung, p.LastOutcome = g.count(), g.count(), g.outcome()
	}
	if g.odd() {
		p.Extension, p.Label = g.of("", "17"), g.of("", "home")
	}
	if g.odd() {
		p.Number, p.Zones = blacklist.Number(g.below(2)), []string{}
	}
	return p
}

func (g gen) phones() (phones []campaign.Phone) {
	n := 1
	if g.one(4) {
		n = g.below(4)
	}
	for range n {
		phones = append(phones, g.phone())
	}
	if n == 0 && g.bool() {
		return []campaign.Phone{}
	}
	return phones
}

func (g gen) progress() campaign.Progress {
	p := campaign.Progress{
		Status: status.ID(g.of("", "sold", "later")), Qualifier: status.Qualifier(g.below(9)), Due: g.inYears(),
		Standing: status.Standing(g.below(4)), Lane: status.Lane(g.below(status.NumLanes)),
		Owner: campaign.AgentID(g.of("", "", "anna", "jan")), Promised: g.bool(), Agreed: g.bool(), NeedsAgent: g.bool(),
		Success: g.bool(), Attention: g.bool(),
	}
	if g.odd() {
		p.Qualifier, p.Standing, p.Lane = 255, 254, 253
	}
	if g.odd() {
		p.Next = g.count()
	}
	if g.one(8) {
		p.DueInput = &campaign.LocalTime{Date: "2026-05-01", Hour: g.of("10:00", "11:00"), Zone: "Europe/Warsaw"}
	}
	if g.bool() {
		return p
	}
	p.StatusAt, p.SkipUntil, p.SucceededAt, p.LastCall = g.time(), g.time(), g.time(), g.time()
	p.LastOutcome, p.LastAgent, p.LastToken = g.outcome(), campaign.AgentID(g.of("", "anna", "piotr")), campaign.Token(g.count())
	p.Tries, p.Skips = g.count(), g.count()
	a := &p.Attempts
	a.Total, a.SinceReset, a.Unanswered, a.Talks, a.Streak = g.count(), g.count(), g.count(), g.count(), g.count()
	a.First, a.Last = g.time(), g.time()
	for range g.below(3) {
		a.ByOutcome[g.below(campaign.NumOutcomes)] = uint16(g.count())
	}
	return p
}

// record draws a record that fits.
func (g gen) record(id campaign.RecordID) *campaign.Record {
	created := g.time()
	r := &campaign.Record{
		ID: id, Campaign: "c", ExternalID: g.text("", "", "x1", "x2"), Contact: campaign.ContactID(g.of("", "anna")),
		Type: g.text("", "person"), List: g.of("", "may"), Source: campaign.Channel(g.text("", "", "agent", "web", "call")),
		Consent: g.bool(), Order: uint16(g.below(3)), Sequence: int64(g.below(1 << 40)), Class: g.of("", "Europe/Warsaw|", "*|PL"),
		Created: created, Updated: created, Author: g.text("", "import", "anna"), Operation: g.of("", "", "op"),
		Changes: int64(g.count()), Version: rapid.Int64Range(0, MaxVersion).Draw(g.T, "version"), Phones: g.phones(),
		Progress: g.progress(),
	}
	if r.StatusAt.IsZero() {
		r.StatusAt = created
	}
	r.Sort = usualSort(r.Order)
	if g.one(3) { // a rank
		r.Sort = usualSort(uint16(g.below(4)))
	}
	if g.odd() {
		r.Sort = int64(g.below(MaxSort + 1))
	}
	if g.one(3) {
		r.Updated = g.time()
	}
	if g.one(3) {
		r.Key = r.StatusAt.UnixMicro()
		if stampOfKey(r.Key) < 0 {
			r.Key = 5
		}
	}
	if g.one(3) {
		r.Park = campaign.Park{Until: g.inYears(), Reason: campaign.Reason(g.below(campaign.NumReasons)), Revision: int64(g.count())}
	}
	switch g.below(12) {
	case 0:
		r.Fields = campaign.Fields{"age": int64(40), "name": "Ewa", "seen": time.Unix(17, 1).In(time.FixedZone("x", 60)), "tags": []string{"a"}}
	case 1:
		r.Notes = []campaign.Note{{At: time.Unix(5, 5), Author: "anna", Text: "rang twice"}, {At: time.Unix(6, 0).UTC()}}
	case 2:
		r.Fields, r.Notes, r.Tags = campaign.Fields{}, []campaign.Note{}, []string{}
	case 3:
		r.Tags = []string{"vip", "cold"}
	}
	return r
}

var allWhys = []campaign.Why{campaign.WhyChosen, campaign.WhyRule, campaign.WhyFallback, campaign.WhyAttemptLimit, campaign.WhyKept}

func (g gen) call(id campaign.RecordID) *campaign.Call {
	c := &campaign.Call{
		Token: campaign.Token(1 + g.below(1000)), Campaign: "c", Record: id, Contact: campaign.ContactID(g.of("", "anna")),
		Number: blacklist.Number(48600100200 + g.below(5)), Agent: campaign.AgentID(g.text("", "anna", "jan")),
		Holder: g.text("", "dialer-1"), Mode: campaign.Mode(g.text("preview", "power")), Lane: status.Lane(g.below(8)), Inbound: g.bool(),
		Dialed: g.time(), Answered: g.time(), Ended: g.inYears(), Ring: time.Duration(g.count()), Talk: time.Duration(g.count()) * time.Second,
		Outcome: g.outcome(), Rang: g.bool(), Counted: g.bool(), AMD: g.text("", "human"), HangupBy: g.text("", "agent", "callee"),
		Status: status.ID(g.text("", "sold")), Qualifier: status.Qualifier(g.below(9)), Chosen: g.bool(), Expired: g.bool(),
		SIPCode: g.count(), Q850: g.count(), Changes: int64(g.count()),
	}
	if g.odd() {
		c.Number = 0
	}
	if g.one(4) {
		c.Answer = g.answer(c)
	}
	if g.one(3) {
		c.Before = &campaign.Before{Progress: g.progress(), Phones: g.phones()}
	}
	return c
}

func (g gen) answer(c *campaign.Call) campaign.Answer {
	a := campaign.Answer{
		Call: c.Token, Outcome: g.outcome(), Status: status.ID(g.text("", "sold")), Qualifier: status.Qualifier(g.below(9)),
		Standing: status.Standing(g.below(4)), Lane: status.Lane(g.below(8)), Due: g.time(), Owner: campaign.AgentID(g.text("", "jan")),
		Attempts: g.count(),
	}
	for range g.below(4) {
		a.Why = append(a.Why, rapid.SampledFrom(allWhys).Draw(g.T, "why"))
	}
	if g.odd() {
		a.Call = campaign.Token(g.count())
	}
	if g.odd() {
		a.Why = append(a.Why, "something else")
	}
	if g.odd() {
		a.Why = make([]campaign.Why, mostReasons+1)
		for i := range a.Why {
			a.Why[i] = campaign.WhyRule
		}
	}
	if g.odd() {
		a.Listed = []blacklist.Entry{{Number: c.Number, List: "own", Added: time.Unix(1, 1), Until: time.Unix(2, 2)}}
	}
	if g.odd() {
		a.Actions = []campaign.Action{{ID: "a", Campaign: "c", Record: c.Record, At: time.Unix(3, 3)}}
	}
	if g.odd() {
		a.Warnings = []string{"late"}
	}
	if g.odd() {
		a.Also = []status.ID{"later", "never"}
	}
	return a
}
