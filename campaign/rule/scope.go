package rule

import (
	"strings"
	"time"

	"github.com/google/cel-go/cel"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/calendar"
)

// scope is what one decision sees. It is itself the activation that cel-go
// evaluates with, so that no variables need be made: scopes are pooled, and
// properties are read out of the facts when a condition asks for them.
type scope struct {
	set  *Set
	f    *campaign.Facts
	r    *campaign.Record
	call *campaign.Call // nil where there is none
	now  time.Time

	values []objectValue // by object.index
	self   contextValue  // what functions are given

	// What is found out once for a decision.
	at      int // index of the phone, -1 none; valid if atKnown
	atKnown bool
	zones   []*time.Location
	zoned   bool

	steps uint64 // items of lists that the condition went through
}

// reset makes the scope see other facts.
func (s *scope) reset(f *campaign.Facts, call *campaign.Call, now time.Time) {
	s.f, s.r, s.call, s.now = f, &f.Record, call, now.UTC().Round(0)
	s.atKnown, s.zoned = false, false
	s.zones = s.zones[:0]
}

// ResolveName gives cel-go a variable.
func (s *scope) ResolveName(name string) (any, bool) {
	if name == contextName {
		return &s.self, true
	}
	v, ok := s.set.env.schema.variables[name]
	if !ok {
		return nil, false
	}
	if v.object != nil {
		return &s.values[v.object.index], true
	}
	value, ok := v.property.value(s)
	if !ok {
		return absent(v.property), true
	}
	return value, true
}

// Parent is none: a scope has all variables.
func (s *scope) Parent() cel.Activation { return nil }

// phoneIndex is the index of the number that the decision is about: the called
// one, or the next to be called; -1 if the record does not have it.
func (s *scope) phoneIndex() int {
	if !s.atKnown {
		s.findPhone()
	}
	return s.at
}

func (s *scope) findPhone() {
	s.atKnown = true
	if s.call != nil && s.call.Number != 0 {
		s.at = s.r.Phone(s.call.Number)
	} else if s.at = s.r.Next; s.at < 0 || s.at >= len(s.r.Phones) {
		s.at = -1
	}
}

func (s *scope) phone() *campaign.Phone {
	if i := s.phoneIndex(); i >= 0 {
		return &s.r.Phones[i]
	}
	return nil
}

func (s *scope) phoneNumber() (string, bool) {
	n := s.number()
	return n.String(), n != 0
}

// number is the number that the decision is about; 0 is none.
func (s *scope) number() blacklist.Number {
	if p := s.phone(); p != nil {
		return p.Number
	}
	if s.call != nil {
		return s.call.Number
	}
	return 0
}

func (s *scope) phonesLeft() (int64, bool) {
	n := int64(0)
	for i := range s.r.Phones {
		if s.r.Phones[i].Out == "" {
			n++
		}
	}
	return n, true
}

// zoneName is the zone of the phone: its first, else the campaign's default.
func (s *scope) zoneName() (string, bool) {
	if p := s.phone(); p != nil && len(p.Zones) > 0 {
		return p.Zones[0], true
	}
	return s.set.calleeZone, s.set.calleeZone != ""
}

// locations are the zones that the phone may be in; none if they are not known.
func (s *scope) locations() []*time.Location {
	if s.zoned {
		return s.zones
	}
	s.zoned = true
	p := s.phone()
	if p == nil || len(p.Zones) == 0 {
		s.addZone(s.set.calleeZone)
		return s.zones
	}
	for _, z := range p.Zones {
		if !s.addZone(z) {
			s.zones = s.zones[:0]
			break
		}
	}
	return s.zones
}

func (s *scope) addZone(name string) bool {
	loc, ok := s.set.campaign.Location(name)
	if ok {
		s.zones = append(s.zones, loc)
	}
	return ok
}

// region is the one whose holidays count.
func (s *scope) region() string {
	if p := s.phone(); p != nil {
		return p.Region
	}
	return ""
}

func (s *scope) blacklisted() (bool, bool) {
	for i := range s.f.Listed {
		if s.f.Listed[i].Blocks() {
			return true, true
		}
	}
	return false, true
}

func (s *scope) contactKind() (string, bool) {
	c := s.f.Contact
	switch {
	case c == nil:
		return "", false
	case strings.TrimSpace(c.FirstName+c.LastName) == "" && c.Company != "":
		return "company", true
	}
	return "person", true
}

// agent is that of the call, else the record's owner.
func (s *scope) agent() campaign.AgentID {
	if s.call != nil && s.call.Agent != "" {
		return s.call.Agent
	}
	return s.r.Owner
}

func (s *scope) wrap() (int64, bool) {
	if s.call == nil {
		return 0, false
	}
	if s.call.Ended.IsZero() {
		return 0, true
	}
	return max(int64(s.now.Sub(s.call.Ended)), 0), true
}

// calls yields the calls of the record: those of the history, and the one that
// the decision is about, once.
func (s *scope) calls(yield func(*campaign.Call) bool) {
	for _, c := range s.f.History {
		if c.Record != s.r.ID || c.Campaign != s.r.Campaign || s.call != nil && c.Token == s.call.Token {
			continue
		}
		if !yield(c) {
			return
		}
	}
	if s.call != nil {
		yield(s.call)
	}
}

// today counts the record's dials since midnight in the campaign's zone.
func (s *scope) today() (int64, bool) {
	midnight := calendar.Midnight(s.now, s.set.campaign.Zone())
	n := int64(0)
	for c := range s.calls {
		if c.Counted && !c.Dialed.Before(midnight) {
			n++
		}
	}
	return n, true
}

// count counts the record's dials with an outcome within a time until now.
func (s *scope) count(outcome string, within time.Duration) int64 {
	from, n := s.now.Add(-within), int64(0)
	for c := range s.calls {
		if !c.Inbound && !c.Dialed.IsZero() && !c.Dialed.Before(from) && c.Outcome.String() == outcome {
			n++
		}
	}
	return n
}

// streak is how many dials in a row, up to the last, had the outcome.
func (s *scope) streak(outcome string) int64 {
	if s.r.LastOutcome.String() == outcome {
		return int64(s.r.Attempts.Streak)
	}
	return 0
}

func outcome(o campaign.Outcome) (string, bool) { return o.String(), o != campaign.OutcomeNone }

// moment is an instant that may be unset. Its text is that of UTC, whatever the
// zone in which a store gives it.
func moment(t time.Time) (time.Time, bool) { return t.UTC(), !t.IsZero() }

func startOfDay(t time.Time, loc *time.Location) time.Time {
	return calendar.StartOfDay(t.Year(), t.Month(), t.Day(), loc)
}
