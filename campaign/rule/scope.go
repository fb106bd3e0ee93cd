package rule

import (
	"strings"
	"time"

	"github.com/google/cel-go/cel"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/calendar"
)

// scope is what one decision sees. It is itself the activation that cel-go
// evaluates with, so that no variables need be made: scopes are pooled, and
// properties are read out of the facts when a condition asks for them.
type scope struct {
	sight
	f *campaign.Facts

	values []objectValue // by object.index
	self   contextValue  // what functions are given

	// What is found out once for a decision.
	zones []*time.Location
	zoned bool

	steps uint64 // items of lists that the condition went through
}

// reset makes the scope see other facts.
func (s *scope) reset(f *campaign.Facts, call *campaign.Call, now time.Time) {
	s.f, s.call, s.now = f, call, now.UTC().Round(0)
	s.turn(&f.Record)
}

// turn makes the scope see another record at the same instant.
func (s *scope) turn(r *campaign.Record) {
	s.r, s.foundPhone = r, 0
	if s.zoned {
		s.zones, s.zoned = s.zones[:0], false
	}
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

func (s *scope) phoneNumber() (string, bool) {
	n := s.number()
	return n.String(), n != 0
}

// zoneName is the zone of the phone: its first, else the campaign's default.
func (s *scope) zoneName() (string, bool) {
	if p := s.phone(); p != nil && len(p.Zones) > 0 {
		return p.Zones[0], true
	}
	return s.set.calleeZone[0], s.set.calleeZone[0] != ""
}

// locations are the zones that the phone may be in; none if they are not known.
func (s *scope) locations() []*time.Location {
	if s.zoned {
		return s.zones
	}
	s.zoned = true
	for _, name := range s.zoneNames() {
		loc, ok := s.set.campaign.Location(name)
		if !ok {
			s.zones = s.zones[:0]
			break
		}
		s.zones = append(s.zones, loc)
	}
	return s.zones
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
		if !s.r.Owns(c) || s.call != nil && c.Token == s.call.Token {
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

func outcome(o campaign.Outcome) (string, bool) { return o.String(), o != campaign.OutcomeNone }

// moment is an instant that may be unset. Its text is that of UTC, whatever the
// zone in which a store gives it.
func moment(t time.Time) (time.Time, bool) { return t.UTC(), !t.IsZero() }

func startOfDay(t time.Time, loc *time.Location) time.Time {
	return calendar.StartOfDay(t.Year(), t.Month(), t.Day(), loc)
}
