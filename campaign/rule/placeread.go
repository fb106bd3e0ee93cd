package rule

import (
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// num reads a number, a code, or a duration in nanoseconds.
func (x *sight) num(p *place) (int64, bool) {
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
		if o := x.r.LastOutcome; o != campaign.OutcomeNone {
			return int64(o), true
		}
	case fromTalks:
		return int64(x.r.Attempts.Talks), true
	case fromStreak:
		return x.streak(p.name), true
	case fromOrder:
		return int64(x.r.Order), true
	case fromPhoneIndex:
		if i := x.phoneIndex(); i >= 0 {
			return int64(i + 1), true
		}
	case fromPhonesLeft:
		return x.phonesLeft()
	case fromPhoneAttempts:
		if phone := x.phone(); phone != nil {
			return int64(phone.Attempts), true
		}
	case fromPhoneOutcome:
		if phone := x.phone(); phone != nil && phone.LastOutcome != campaign.OutcomeNone {
			return int64(phone.LastOutcome), true
		}
	case fromAgo:
		t := x.instant(source(p.which))
		if t.IsZero() {
			return 0, false
		}
		return between(x.now, *t)
	case fromLocal:
		if zone := x.zone(); zone != nil {
			return localPart(p.name, x.now.In(zone))
		}
		return 0, false
	case fromIntField:
		raw := x.r.Fields[p.name]
		if n, ok := raw.(int64); ok || raw != nil {
			return n, ok
		}
	default:
		if x.call != nil {
			return numberOfCall(x.call, p.from)
		}
	}
	if p.or != nil {
		return p.or.num, true
	}
	return 0, false
}

func numberOfCall(c *campaign.Call, from source) (int64, bool) {
	switch from {
	case fromOutcome:
		return int64(c.Outcome), true
	case fromRing:
		return int64(c.Ring), true
	case fromTalk:
		return int64(c.Talk), true
	case fromToken:
		return int64(c.Token), true
	case fromSIPCode:
		return int64(c.SIPCode), true
	case fromQ850:
		return int64(c.Q850), true
	}
	return 0, false
}

// text reads a text.
func (x *sight) text(p *place) (string, bool) {
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
		if phone := x.phone(); phone != nil && phone.Region != "" {
			return phone.Region, true
		}
	case fromTextField:
		raw := x.r.Fields[p.name]
		if t, ok := raw.(string); ok || raw != nil {
			return t, ok
		}
	default:
		if x.call != nil {
			return textOfCall(x.call, p.from)
		}
	}
	if p.or != nil {
		return p.or.text, true
	}
	return "", false
}

func textOfCall(c *campaign.Call, from source) (string, bool) {
	switch from {
	case fromMode:
		return string(c.Mode), true
	case fromAMD:
		return c.AMD, true
	case fromHangup:
		return c.HangupBy, true
	case fromAgent:
		return string(c.Agent), true
	}
	return "", false
}

// real reads a double, which only fields are.
func (x *sight) real(p *place) (float64, bool) {
	raw := x.r.Fields[p.name]
	if f, ok := raw.(float64); ok || raw != nil {
		return f, ok
	}
	if p.or != nil {
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
