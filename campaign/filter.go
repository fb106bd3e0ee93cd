package campaign

import (
	"slices"
	"strings"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/status"
)

// Filter finds records; its parts combine with "and", and the values of one part
// with "or". A part that is empty finds all, and so does the zero Filter.
type Filter struct {
	Campaigns []ID
	Records   []RecordID
	Contacts  []ContactID
	Numbers   []blacklist.Number // main numbers (the first); 0 is none and finds nothing
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

// Open reports whether the span has no end: it holds everything.
func (s Span) Open() bool { return s.From.IsZero() && s.To.IsZero() }

// Holds reports whether t lies in the span. The zero time lies only in one without an end.
func (s Span) Holds(t time.Time) bool {
	if s.Open() {
		return true
	}
	return !t.IsZero() && (s.From.IsZero() || !t.Before(s.From)) && (s.To.IsZero() || t.Before(s.To))
}

// Match reports whether a record passes the filter, whatever its After and Limit
// are. leased says whether a live lease holds it, revision is the one at which its
// parks count. Whoever asks of many records makes a [Matcher] first: this is the
// same comparison written plainly, and looks through the filter's lists each time.
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

// numbers are those of the record that the filter looks at.
func (f *Filter) numbers(r *Record) []Phone {
	if f.AnyNumber {
		return r.Phones
	}
	return r.Phones[:min(1, len(r.Phones))]
}

func (f *Filter) number(r *Record) bool {
	return len(f.Numbers) == 0 || slices.ContainsFunc(f.numbers(r), func(p Phone) bool {
		return p.Number != 0 && slices.Contains(f.Numbers, p.Number)
	})
}

func (f *Filter) term(r *Record) bool {
	return len(f.Terms) == 0 || slices.ContainsFunc(f.Terms, func(t Term) bool {
		return t.ID == r.ID || t.Number != 0 &&
			slices.ContainsFunc(f.numbers(r), func(p Phone) bool { return p.Number == t.Number })
	})
}
