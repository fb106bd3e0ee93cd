package main

import (
	"encoding/binary"
	"hash/fnv"
	"math/rand/v2"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/dialer/sim"
	"github.com/nextcall/nextcall/status"
)

// people answers for made-up contacts and those of a file. What belongs to a
// person (how easily reached, whether the number is right) is the same for
// every call; what belongs to a call is drawn anew.
type people struct {
	seed uint64
	zone string // of numbers without one
}

// trait is a number from 0 to 1 that belongs to a person or a number for good.
func (p people) trait(what string, of []byte) float64 {
	h := fnv.New64a()
	_, _ = h.Write(binary.LittleEndian.AppendUint64(nil, p.seed)) // a hash does not fail
	_, _ = h.Write([]byte(what))
	_, _ = h.Write(of)
	return rand.New(rand.NewPCG(h.Sum64(), p.seed)).Float64()
}

func seconds(rng *rand.Rand, from, to int) time.Duration {
	return time.Duration(from+rng.IntN(to-from+1)) * time.Second
}

// Answer says what comes of a call.
func (p people) Answer(c *sim.Call, rng *rand.Rand) sim.Answer {
	number := binary.LittleEndian.AppendUint64(nil, uint64(c.Number.Number))
	if p.trait("exists", number) < 0.025 {
		return sim.Answer{Outcome: campaign.Invalid, Ring: 2 * time.Second}
	}
	if p.trait("fax", number) < 0.004 {
		return sim.Answer{Outcome: campaign.Fax, Ring: 4 * time.Second}
	}
	reach := 0.12 + 0.30*p.trait("reach", []byte(c.Record.ID))
	if c.Lease.ForCallback {
		reach = 0.75 // they asked for it
	}
	switch u := rng.Float64(); {
	case u < 0.02*reach && c.Tier >= dialer.TierFresh:
		// In power mode more is dialled than agents are free: these pick up and hear
		// nobody. Callbacks and those who were dropped before have an agent reserved.
		return sim.Answer{Outcome: campaign.Drop, Ring: seconds(rng, 4, 20)}
	case u < reach:
		return p.talk(c, rng)
	case u < reach+(1-reach)*0.14:
		return sim.Answer{Outcome: campaign.LineBusy, Ring: seconds(rng, 2, 5)}
	case u < reach+(1-reach)*0.36:
		return sim.Answer{Outcome: campaign.Voicemail, Ring: seconds(rng, 15, 25)}
	case u < reach+(1-reach)*0.41:
		return sim.Answer{Outcome: campaign.Rejected, Ring: seconds(rng, 3, 12)}
	case u < reach+(1-reach)*0.42:
		return sim.Answer{Outcome: campaign.Congestion, Ring: time.Second}
	case u < reach+(1-reach)*0.44:
		return sim.Answer{Outcome: campaign.Cancelled, Ring: seconds(rng, 5, 10), Rang: true}
	}
	return sim.Answer{Outcome: campaign.NoAnswer, Ring: seconds(rng, 20, 35)}
}

// talk is a call that somebody answers, and what the agent makes of it.
func (p people) talk(c *sim.Call, rng *rand.Rand) sim.Answer {
	a := sim.Answer{Outcome: campaign.Answered, Ring: seconds(rng, 4, 20)}
	if p.trait("wrong", binary.LittleEndian.AppendUint64(nil, uint64(c.Number.Number))) < 0.04 {
		a.Status, a.Talk = "wrong_number", seconds(rng, 10, 30)
		return a
	}
	u := rng.Float64()
	if c.Lease.ForCallback {
		u = 0.12 + 0.88*u*u // warm: fewer put off again, more buy
	}
	switch {
	case u < 0.17:
		a.Status, a.Talk = "callback", seconds(rng, 25, 80)
		a.Input = p.later(c, rng)
	case u < 0.24:
		a.Status, a.Talk = "my_record", seconds(rng, 60, 240)
		a.Input = p.later(c, rng)
	case u < 0.36:
		a.Status, a.Talk = "sale", seconds(rng, 180, 600)
	case u < 0.41:
		a.Status, a.Talk = "send_offer", seconds(rng, 90, 240)
	case u < 0.53:
		a.Status, a.Talk = "call_again", seconds(rng, 5, 25)
	case u < 0.58:
		a.Status, a.Talk = "do_not_call", seconds(rng, 5, 40)
	case u < 0.585:
		a.Talk = seconds(rng, 5, 60) // the agent's screen froze: no status
	default:
		a.Status, a.Talk = "not_interested", seconds(rng, 15, 120)
	}
	return a
}

// later is when a person wants to be called back: a wall-clock time where the
// person is, today in some hours or on one of the next days.
func (p people) later(c *sim.Call, rng *rand.Rand) campaign.Input {
	zone := p.zone
	if len(c.Number.Zones) > 0 {
		zone = c.Number.Zones[0]
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return campaign.Input{At: c.At.Add(time.Hour)}
	}
	at := c.At.In(loc).Add(time.Duration(1+rng.IntN(4)) * time.Hour).Truncate(30 * time.Minute)
	if days := rng.IntN(4); days > 0 || at.Hour() >= 19 {
		y, m, d := at.Date()
		at = time.Date(y, m, d+max(days, 1), 9+rng.IntN(10), 30*rng.IntN(2), 0, 0, loc)
	}
	return campaign.Input{Date: at.Format(time.DateOnly), Hour: at.Format("15:04"), Zone: "callee"}
}

// script is what a client of the bank's file does: dials before the last reach
// nobody, the last one is a talk.
type script struct {
	calls int
	talk  time.Duration
	yes   bool
}

// clients answers for the bank's file.
type clients map[campaign.RecordID]script

// Answer says what comes of a call, as the client's row has it.
func (cs clients) Answer(c *sim.Call, rng *rand.Rand) sim.Answer {
	s := cs[c.Record.ID]
	if c.Dial < s.calls {
		switch u := rng.IntN(100); {
		case u < 15:
			return sim.Answer{Outcome: campaign.LineBusy, Ring: seconds(rng, 2, 5)}
		case u < 35:
			return sim.Answer{Outcome: campaign.Voicemail, Ring: seconds(rng, 15, 25)}
		}
		return sim.Answer{Outcome: campaign.NoAnswer, Ring: seconds(rng, 20, 35)}
	}
	id := status.ID("not_interested")
	if s.yes {
		id = "sale"
	}
	return sim.Answer{Outcome: campaign.Answered, Ring: seconds(rng, 4, 20), Talk: s.talk, Status: id}
}
