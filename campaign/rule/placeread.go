package rule

import (
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// num reads a number, a code, or a duration in nanoseconds.
func (x *sight) num(p *place) (int64, bool) {
	n, ok := x.numItself(p)
	if !ok && p.or != nil && (p.from != fromIntField || x.r.Fields[p.name] == nil) {
		return p.or.num, true
	}
	return n, ok
}

func (x *sight) numItself(p *place) (int64, bool) {
	switch p.from {
	case fromSinceReset:
		return int64(x.r.Attempts.SinceReset), true
	case fromTotal:
		return int64(x.r.Attempts.Total), true
	case fromUnanswered:
		return int64(x.r.Attempts.Unanswered), true
	case fromByOutcome:
		return int64(x.r.Attempts.ByOutcome[p.which]), true
	case fromQualifier:
		return int64(x.r.Qualifier), true
	case fromLastOutcome:
		return int64(x.r.LastOutcome), x.r.LastOutcome != campaign.OutcomeNone
	case fromTalks:
		return int64(x.r.Attempts.Talks), true
	case fromStreak:
		return x.streak(p.name), true
	case fromOrder:
		return int64(x.r.Order), true
	case fromPhoneIndex:
		i := x.phoneIndex()
		return int64(i + 1), i >= 0
	case fromPhonesLeft:
		return x.phonesLeft()
	case fromPhoneAttempts, fromPhoneOutcome:
		phone := x.phone()
		switch {
		case phone == nil:
			return 0, false
		case p.from == fromPhoneAttempts:
			return int64(phone.Attempts), true
		}
		return int64(phone.LastOutcome), phone.LastOutcome != campaign.OutcomeNone
	case fromAgo:
		t := x.instant(source(p.which))
		if t == nil || t.IsZero() {
			return 0, false
		}
		return between(x.now, *t)
	case fromLocal:
		if zone := x.zone(); zone != nil {
			return localPart(p.name, x.now.In(zone))
		}
		return 0, false
	case fromIntField:
		n, ok := x.r.Fields[p.name].(int64)
		return n, ok
	}
	return x.callNumber(p.from)
}

// callNumber reads a number of the call.
func (x *sight) callNumber(from source) (int64, bool) {
	if x.call == nil {
		return 0, false
	}
	switch from {
	case fromOutcome:
		return int64(x.call.Outcome), true
	case fromRing:
		return int64(x.call.Ring), true
	case fromTalk:
		return int64(x.call.Talk), true
	case fromToken:
		return int64(x.call.Token), true
	case fromSIPCode:
		return int64(x.call.SIPCode), true
	case fromQ850:
		return int64(x.call.Q850), true
	}
	return 0, false
}

// text reads a text.
func (x *sight) text(p *place) (string, bool) {
	t, ok := x.textItself(p)
	if !ok && p.or != nil && (p.from != fromTextField || x.r.Fields[p.name] == nil) {
		return p.or.text, true
	}
	return t, ok
}

func (x *sight) textItself(p *place) (string, bool) {
	switch p.from {
	case fromStatus:
		return string(x.r.Status), true
	case fromRecord:
		return string(x.r.ID), true
	case fromExternalID:
		return x.r.ExternalID, true
	case fromOwner:
		return string(x.r.Owner), true
	case fromChannel:
		return string(x.r.Source), true
	case fromContact:
		return string(x.r.Contact), true
	case fromCountry:
		if phone := x.phone(); phone != nil {
			return phone.Region, phone.Region != ""
		}
		return "", false
	case fromTextField:
		t, ok := x.r.Fields[p.name].(string)
		return t, ok
	}
	if x.call == nil {
		return "", false
	}
	switch p.from {
	case fromMode:
		return string(x.call.Mode), true
	case fromAMD:
		return x.call.AMD, true
	case fromHangup:
		return x.call.HangupBy, true
	case fromAgent:
		return string(x.call.Agent), true
	}
	return "", false
}

// real reads a double, which only fields are.
func (x *sight) real(p *place) (float64, bool) {
	raw := x.r.Fields[p.name]
	if f, ok := raw.(float64); ok {
		return f, true
	}
	if raw == nil && p.or != nil {
		return p.or.real, true
	}
	return 0, false
}

// flag reads a bool.
func (x *sight) flag(p *place) answer {
	switch p.from {
	case fromValid:
		if phone := x.phone(); phone != nil {
			return truth(phone.Out == "")
		}
	case fromAbandoned:
		if x.call != nil {
			return truth(x.call.Outcome == campaign.Drop)
		}
	case fromFlagField:
		if b, ok := x.r.Fields[p.name].(bool); ok {
			return truth(b)
		}
	}
	return ask
}

// list reads a list of texts.
func (x *sight) list(p *place) ([]string, bool) {
	if p.from == fromTags {
		return x.r.Tags, true
	}
	all, ok := x.r.Fields[p.name].([]string)
	return all, ok
}

// instant is where an instant is kept; the zero time is unset.
func (x *sight) instant(from source) *time.Time {
	switch from {
	case fromCreated:
		return &x.r.Created
	case fromUpdated:
		return &x.r.Updated
	case fromStatusAt:
		return &x.r.StatusAt
	case fromDue:
		return &x.r.Due
	case fromLastCall:
		return &x.r.LastCall
	case fromFirst:
		return &x.r.Attempts.First
	}
	return &x.r.Attempts.Last
}

// present tells whether a place has a value, of a wrong type perhaps.
func (x *sight) present(p *place) bool {
	ok := false
	switch {
	case p.from.isField():
		ok = x.r.Fields[p.name] != nil
	case p.from.isInstant():
		ok = !x.instant(p.from).IsZero()
	case p.from.isNumber():
		_, ok = x.num(p)
	case p.from.isText():
		_, ok = x.text(p)
	case p.from.isFlag():
		ok = x.flag(p) != ask
	default:
		ok = p.from == fromTags
	}
	return ok
}
