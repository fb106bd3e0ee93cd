package campaign

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/internal/nearest"
	"github.com/nextcall/nextcall/status"
)

// Check reports everything that is wrong in the filter, joined, each a
// [*FieldError]: a system status or a state that is none, a span that ends before
// it begins, a negative limit. Find and Count of every store refuse it with that.
func (f *Filter) Check() error {
	var errs []error
	wrong := func(path, value, msg string) {
		errs = append(errs, &FieldError{Path: "filter." + path, Value: value, Msg: msg})
	}
	for i, s := range f.Systems {
		if s.known() {
			continue
		}
		names := systemNames()
		msg := "want one of " + strings.Join(names, ", ")
		if near := nearest.Name(string(s), names); near != "" {
			msg = fmt.Sprintf("did you mean %q? %s", near, msg)
		}
		wrong(fmt.Sprintf("systems[%d]", i), string(s), msg)
	}
	for i, s := range f.States {
		if int(s) >= len(stateNames) {
			wrong(fmt.Sprintf("states[%d]", i), s.String(), "want one of "+strings.Join(stateNames[:], ", "))
		}
	}
	for _, x := range []struct {
		path string
		span Span
	}{{"called", f.Called}, {"due", f.Due}} {
		if s := x.span; !s.From.IsZero() && !s.To.IsZero() && s.From.After(s.To) {
			wrong(x.path, s.From.UTC().Format(time.RFC3339Nano)+" to "+s.To.UTC().Format(time.RFC3339Nano),
				"it ends before it begins: change the ends over, or leave one open")
		}
	}
	if f.Limit < 0 {
		wrong("limit", strconv.Itoa(f.Limit), "want 0 for no limit, or more")
	}
	return errors.Join(errs...)
}

// Matcher is a checked filter that is asked of many records: however many values
// the filter names, each is looked up in a set. It is immutable and safe for
// concurrent use.
type Matcher struct {
	// The filter as it was given; its slices are not copied.
	filter Filter

	campaigns  set[ID]
	records    set[RecordID]
	contacts   set[ContactID]
	numbers    set[blacklist.Number]
	lists      set[string]
	statuses   set[status.ID]
	owners     set[AgentID]
	agents     set[AgentID]
	authors    set[string]
	termIDs    set[RecordID]
	termNumber set[blacklist.Number]

	qualifiers, byQualifier qualifierSet // Qualifiers, and those of Systems
	noStatus, inProgress    bool         // of Systems
	states                  uint8        // a bit (1 << state) for each
}

// Prepare checks the filter and makes what it is asked with. The filter's slices
// must not be written to afterwards.
func (f *Filter) Prepare() (*Matcher, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	m := &Matcher{filter: *f,
		campaigns: setOf(f.Campaigns), records: setOf(f.Records), contacts: setOf(f.Contacts), numbers: setOf(f.Numbers),
		lists: setOf(f.Lists), statuses: setOf(f.Statuses), owners: setOf(f.Owners), agents: setOf(f.Agents), authors: setOf(f.Authors)}
	if len(f.Terms) > 0 {
		ids, numbers := make([]RecordID, 0, len(f.Terms)), make([]blacklist.Number, 0, len(f.Terms))
		for _, t := range f.Terms {
			ids = append(ids, t.ID)
			if t.Number != 0 {
				numbers = append(numbers, t.Number)
			}
		}
		m.termIDs, m.termNumber = setOf(ids), setOf(numbers)
	}
	for _, q := range f.Qualifiers {
		m.qualifiers.add(q)
	}
	for _, s := range f.Systems {
		m.noStatus = m.noStatus || s == SystemNone
		m.inProgress = m.inProgress || s == SystemInProgress
		for _, q := range s.qualifiers() {
			m.byQualifier.add(q)
		}
	}
	for _, s := range f.States {
		m.states |= 1 << s
	}
	return m, nil
}

// Filter is the filter that was prepared. Its slices must not be written to.
func (m *Matcher) Filter() Filter { return m.filter }

// Match is [Filter.Match].
func (m *Matcher) Match(r *Record, leased bool, revision int64) bool {
	f := &m.filter
	return m.campaigns.has(r.Campaign) && m.records.has(r.ID) && m.contacts.has(r.Contact) && m.lists.has(r.List) &&
		m.MatchMarks(r.Status, r.Qualifier, leased) &&
		m.owners.has(r.Owner) && m.agents.has(r.LastAgent) && m.authors.has(r.Author) &&
		(f.Operation == "" || f.Operation == r.Operation) &&
		f.Called.Holds(r.LastCall) && f.Due.Holds(r.Due) &&
		strings.Contains(r.ExternalID, f.ExternalID) &&
		m.MatchPhones(r.ID, r.Phones) &&
		(m.states == 0 || m.states&(1<<r.StateAt(f.At, revision, leased)) != 0)
}

// MatchMarks is the part of Match that looks at status and qualifier: Statuses,
// Qualifiers and Systems.
func (m *Matcher) MatchMarks(s status.ID, q status.Qualifier, leased bool) bool {
	return m.statuses.has(s) && (len(m.filter.Qualifiers) == 0 || m.qualifiers.has(q)) &&
		(len(m.filter.Systems) == 0 || m.noStatus && s == "" || m.inProgress && leased || m.byQualifier.has(q))
}

// MatchPhones is the part of Match that looks at numbers: Numbers and Terms.
func (m *Matcher) MatchPhones(id RecordID, phones []Phone) bool {
	if len(m.filter.Numbers)+len(m.filter.Terms) == 0 {
		return true
	}
	if !m.filter.AnyNumber {
		phones = phones[:min(1, len(phones))]
	}
	number := len(m.filter.Numbers) == 0
	term := len(m.filter.Terms) == 0 || m.termIDs.has(id)
	for i := range phones {
		if n := phones[i].Number; n != 0 {
			number = number || m.numbers.has(n)
			term = term || m.termNumber.in(n)
		}
	}
	return number && term
}

// MatchState is the part of Match that looks at the state: States.
func (m *Matcher) MatchState(s State) bool { return m.states == 0 || m.states&(1<<s) != 0 }

// set holds the values that one part of a filter names. Few are looked through.
type set[T comparable] struct {
	few  []T
	many map[T]struct{}
}

const fewest = 8

func setOf[T comparable](values []T) set[T] {
	if len(values) <= fewest {
		return set[T]{few: values}
	}
	many := make(map[T]struct{}, len(values))
	for _, v := range values {
		many[v] = struct{}{}
	}
	return set[T]{many: many}
}

// in reports whether v is one of the values.
func (s *set[T]) in(v T) bool {
	if s.many != nil {
		_, found := s.many[v]
		return found
	}
	for _, x := range s.few {
		if x == v {
			return true
		}
	}
	return false
}

// has is in, but for a part that names no value: that finds all.
func (s *set[T]) has(v T) bool { return len(s.few)+len(s.many) == 0 || s.in(v) }

// qualifierSet is a set of qualifiers, even of such as the table does not have.
type qualifierSet [4]uint64

func (s *qualifierSet) add(q status.Qualifier)      { s[q/64] |= 1 << (q % 64) }
func (s *qualifierSet) has(q status.Qualifier) bool { return s[q/64]&(1<<(q%64)) != 0 }
