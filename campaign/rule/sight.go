package rule

import (
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// sight is what can be seen of a decision before anything is made for it: the
// record, the call and the instant. It lives on the stack of whoever asks, so
// nothing may keep a pointer to it; only what calls by name, not through a
// closure, can promise that to the compiler.
type sight struct {
	set  *Set
	r    *campaign.Record
	call *campaign.Call // nil where there is none
	now  time.Time

	foundPhone int // 1 more than the index of the phone, -1 none; 0 is not looked for yet
}

// phoneIndex is the index of the number that the decision is about: the called
// one, or the next to be called; -1 if the record does not have it.
func (x *sight) phoneIndex() int {
	if x.foundPhone == 0 {
		x.findPhone()
	}
	if x.foundPhone < 0 {
		return -1
	}
	return x.foundPhone - 1
}

func (x *sight) findPhone() {
	i := x.r.Next
	if x.call != nil && x.call.Number != 0 {
		i = x.r.Phone(x.call.Number)
	}
	x.foundPhone = -1
	if i >= 0 && i < len(x.r.Phones) {
		x.foundPhone = i + 1
	}
}

func (x *sight) phone() *campaign.Phone {
	if i := x.phoneIndex(); i >= 0 {
		return &x.r.Phones[i]
	}
	return nil
}

// number is the number that the decision is about; 0 is none.
func (x *sight) number() blacklist.Number {
	if p := x.phone(); p != nil {
		return p.Number
	}
	if x.call != nil {
		return x.call.Number
	}
	return 0
}

func (x *sight) phonesLeft() (int64, bool) {
	n := int64(0)
	for i := range x.r.Phones {
		if x.r.Phones[i].Out == "" {
			n++
		}
	}
	return n, true
}

// streak is how many dials in a row, up to the last, had the outcome.
func (x *sight) streak(outcome string) int64 {
	if x.r.LastOutcome.String() == outcome {
		return int64(x.r.Attempts.Streak)
	}
	return 0
}

// zoneNames are the zones that the phone may be in: its own, else the
// campaign's default.
func (x *sight) zoneNames() []string {
	if p := x.phone(); p != nil && len(p.Zones) > 0 {
		return p.Zones
	}
	return x.set.calleeZone[:]
}

// zone is the first of the zones that the phone may be in; nil where one of them
// is not known.
func (x *sight) zone() (first *time.Location) {
	for i, name := range x.zoneNames() {
		loc, ok := x.set.campaign.Location(name)
		if !ok {
			return nil
		}
		if i == 0 {
			first = loc
		}
	}
	return first
}

// window asks whether now is from one minute of the day to another, in all zones
// that the phone may be in.
func (x *sight) window(from, to int) answer {
	all := yes
	for _, name := range x.zoneNames() {
		loc, ok := x.set.campaign.Location(name)
		if !ok {
			return ask
		}
		if hour, minute, _ := x.now.In(loc).Clock(); !within(hour*60+minute, from, to) {
			all = no
		}
	}
	return all
}
