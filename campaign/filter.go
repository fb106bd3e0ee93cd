package campaign

import (
	"slices"
	"strings"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/status"
)

// Filter finds records; its parts combine with "and". The zero Filter finds all.
type Filter struct {
	Campaigns []ID
	Records   []RecordID
	Contacts  []ContactID
	Numbers   []blacklist.Number // main numbers (the first)
	// AnyNumber says that Numbers and Terms match a record's further numbers too.
	AnyNumber bool
	// Terms are numbers or record ids, as people paste them into one field: a
	// record matches if any of them is its id or its main number.
	Terms []Term
	// ExternalID is a part of the external id, compared byte by byte; "" is any.
	ExternalID string
	Lists      []string
	Statuses   []status.ID
	Qualifiers []status.Qualifier
	Systems    []System // any of these
	States     []State  // as derived at At
	Owners     []AgentID
	Agents     []AgentID // of the last call
	Authors    []string  // of the last change
	Called     Span      // the last call; a record that was never called is in no span that has an end
	Due        Span      // the next call; a record without one is in no span that has an end
	Operation  string
	At         time.Time // the instant at which states are derived
	// Revisions are the campaigns' revisions at which parks count; a campaign
	// that is not named uses the newest that the store knows.
	Revisions map[ID]int64
	// After resumes behind this record, which must exist, else the error is
	// ErrNotFound. The order is by the campaign's id, its bytes compared, by
	// sequence, and among records of one sequence by the order of adding.
	After Ref
	Limit int // 0: no limit
}

// Term is what may be a number or a record's id. Number is 0 if it cannot be one.
type Term struct {
	ID     RecordID
	Number blacklist.Number
}

// Span is the time from From on and before To. A zero end is open; the zero Span
// has no end and holds everything.
type Span struct{ From, To time.Time }

// Holds reports whether t lies in the span. The zero time lies only in the zero Span.
func (s Span) Holds(t time.Time) bool {
	if s == (Span{}) {
		return true
	}
	return !t.IsZero() && (s.From.IsZero() || !t.Before(s.From)) && (s.To.IsZero() || t.Before(s.To))
}

// System is a system status as screens list it: a value of filters, which finds
// one or several qualifiers, or what is no qualifier at all. The set is closed.
type System string

// The system statuses.
const (
	SystemNone          System = "no status"          // an empty status
	SystemToCall        System = "to call"            // Unused, Redial, EndOfQueue
	SystemDoNotCall     System = "do not call"        // every closed qualifier without an entry of its own
	SystemInProgress    System = "in progress"        // a live lease, beside any other
	SystemExhausted     System = "abandoned"          // after so many tries
	SystemNotBefore     System = "contact not before" // both public callbacks
	SystemFaxSent       System = "fax sent"
	SystemFaxFailed     System = "fax failed"
	SystemSMSSent       System = "SMS sent"
	SystemSMSFailed     System = "SMS not sent"
	SystemProgressive   System = "call progressive"
	SystemMine          System = "my record" // both own callbacks
	SystemPlayed        System = "listened full"
	SystemPlayedPartly  System = "listened partial"
	SystemBusy          System = "busy"
	SystemInvalidNumber System = "invalid number"
)

// systems are the qualifiers that each system status finds, in the order of the
// screens. Those without any are found by something else.
var systems = []struct {
	system     System
	qualifiers []status.Qualifier
}{
	{SystemNone, nil},
	{SystemToCall, []status.Qualifier{status.Unused, status.Redial, status.EndOfQueue}},
	{SystemDoNotCall, []status.Qualifier{status.Closed, status.SuccessClosed, status.SuccessCancelled}},
	{SystemInProgress, nil},
	{SystemExhausted, []status.Qualifier{status.Exhausted}},
	{SystemNotBefore, []status.Qualifier{status.CallbackAt, status.CallbackAfter}},
	{SystemFaxSent, []status.Qualifier{status.FaxSent}},
	{SystemFaxFailed, []status.Qualifier{status.FaxFailed}},
	{SystemSMSSent, []status.Qualifier{status.SMSSent}},
	{SystemSMSFailed, []status.Qualifier{status.SMSFailed}},
	{SystemProgressive, []status.Qualifier{status.Progressive}},
	{SystemMine, []status.Qualifier{status.OwnCallbackAt, status.OwnCallbackAfter}},
	{SystemPlayed, []status.Qualifier{status.Played}},
	{SystemPlayedPartly, []status.Qualifier{status.PlayedPartly}},
	{SystemBusy, []status.Qualifier{status.Busy}},
	{SystemInvalidNumber, []status.Qualifier{status.InvalidNumber}},
}

// Systems lists the system statuses in the order of the screens.
func Systems() []System {
	all := make([]System, len(systems))
	for i := range systems {
		all[i] = systems[i].system
	}
	return all
}

// Qualifiers lists the qualifiers that the system status finds; none for
// SystemNone and SystemInProgress, which look at something else, and for what is
// no system status.
func (s System) Qualifiers() []status.Qualifier {
	for i := range systems {
		if systems[i].system == s {
			return slices.Clone(systems[i].qualifiers)
		}
	}
	return nil
}

// Match reports whether a record passes the filter, whatever its After and Limit
// are. leased says whether a live lease holds it, revision is the one at which its
// parks count.
func (f *Filter) Match(r *Record, leased bool, revision int64) bool {
	return among(f.Campaigns, r.Campaign) &&
		among(f.Records, r.ID) &&
		among(f.Contacts, r.Contact) &&
		among(f.Lists, r.List) &&
		among(f.Statuses, r.Status) &&
		among(f.Qualifiers, r.Qualifier) &&
		among(f.Owners, r.Owner) &&
		among(f.Agents, r.LastAgent) &&
		among(f.Authors, r.Author) &&
		(f.Operation == "" || f.Operation == r.Operation) &&
		f.Called.Holds(r.LastCall) && f.Due.Holds(r.Due) &&
		strings.Contains(r.ExternalID, f.ExternalID) &&
		f.system(r, leased) && f.number(r) && f.term(r) &&
		(len(f.States) == 0 || slices.Contains(f.States, r.StateAt(f.At, revision, leased)))
}

// among reports whether v is one of the wanted values; none wanted is all.
func among[T comparable](wanted []T, v T) bool {
	return len(wanted) == 0 || slices.Contains(wanted, v)
}

func (f *Filter) system(r *Record, leased bool) bool {
	if len(f.Systems) == 0 {
		return true
	}
	for _, s := range f.Systems {
		switch {
		case s == SystemNone && r.Status == "", s == SystemInProgress && leased:
			return true
		}
		for i := range systems {
			if systems[i].system == s && slices.Contains(systems[i].qualifiers, r.Qualifier) {
				return true
			}
		}
	}
	return false
}

// numbers are those of the record that the filter looks at.
func (f *Filter) numbers(r *Record) []Phone {
	if f.AnyNumber {
		return r.Phones
	}
	return r.Phones[:min(1, len(r.Phones))]
}

func (f *Filter) number(r *Record) bool {
	return len(f.Numbers) == 0 || slices.ContainsFunc(f.numbers(r), func(p Phone) bool { return slices.Contains(f.Numbers, p.Number) })
}

func (f *Filter) term(r *Record) bool {
	return len(f.Terms) == 0 || slices.ContainsFunc(f.Terms, func(t Term) bool {
		return t.ID == r.ID || t.Number != 0 &&
			slices.ContainsFunc(f.numbers(r), func(p Phone) bool { return p.Number == t.Number })
	})
}
