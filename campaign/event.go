package campaign

import (
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/status"
)

// Event is something that happens to a record: [Result], [Set], [Correction],
// [Skip], [Expiry], [Message], [Edit], [Joining], [Erasure], [Receive] or [Restore].
// The set is closed.
type Event interface{ event() }

// Input is what a person gives with a status: a time, an agent. The zero value
// gives nothing. Which inputs a status takes, its qualifier says.
type Input struct {
	// At is the next call as an instant. Use it, or Date and Hour.
	At time.Time `json:"at,omitzero"`
	// Date ("2006-01-02") and Hour ("15:04") are the next call as local time in
	// Zone: an IANA name, "callee" for the next number's zone, or "" for the campaign's.
	Date  string  `json:"date,omitempty"`
	Hour  string  `json:"hour,omitempty"`
	Zone  string  `json:"zone,omitempty"`
	Agent AgentID `json:"agent,omitempty"` // the owner of an own callback
}

// Result is what came of a started call: the call of Facts.Lease.
type Result struct {
	Outcome Outcome   `json:"outcome"`
	Status  status.ID `json:"status,omitempty"` // chosen by a person; "" none
	Input   Input     `json:"input,omitzero"`
	Actor   Actor     `json:"actor,omitzero"`
	Rang    bool      `json:"rang,omitempty"` // it rang; matters for congestion, failed and cancelled

	// Dialed, Answered and Ended are when it happened. Zero: Dialed and Answered
	// as the lease knows them, Ended now.
	Dialed   time.Time     `json:"dialed,omitzero"`
	Answered time.Time     `json:"answered,omitzero"`
	Ended    time.Time     `json:"ended,omitzero"`
	Ring     time.Duration `json:"ring,omitempty"`
	Talk     time.Duration `json:"talk,omitempty"`
	AMD      string        `json:"amd,omitempty"`
	HangupBy string        `json:"hangup_by,omitempty"`
	SIPCode  int           `json:"sip_code,omitempty"`
	Q850     int           `json:"q850,omitempty"`

	// Fields are values to save with the result; a nil value clears one. Others stay.
	Fields Fields `json:"fields,omitempty"`
	Note   string `json:"note,omitempty"`
}

// Which says which numbers a status set without a call blacklists.
type Which string

// The choices; "" is no answer, which is an error when the status blacklists.
const (
	WhichLast Which = "last called"
	WhichMain Which = "main" // the first
	WhichAll  Which = "all numbers"
	WhichNone Which = "no entry"
)

// Set sets a status without a call: in bulk, by transfer, on a case.
type Set struct {
	Status    status.ID
	Qualifier status.Qualifier // for Unused, which belongs to no status; else None
	Input     Input
	Actor     Actor
	Blacklist Which
	KeepDue   bool // keep the record's next call
	Fields    Fields
	Note      string
	Operation string // id of the larger operation this belongs to
}

// Correction replaces the status that a finished call led to.
type Correction struct {
	Call   Token
	Status status.ID
	Input  Input
	Actor  Actor
	Fields Fields
	Note   string
}

// Skip gives an offered record back for a while.
type Skip struct{ Actor Actor }

// Expiry says that the lease ran out: an offered one is a skip, a started one
// is a call with an unknown outcome.
type Expiry struct{}

// Message says that a message arrived for the record.
type Message struct {
	Channel Channel
	Note    string
	Actor   Actor
}

// Edit changes what a record is, not what has been said about it. Nil and ""
// leave things as they are.
type Edit struct {
	Phones    []Phone  // the new list; what is known about numbers that stay is kept
	Fields    Fields   // a nil value clears one
	Tags      []string // the new list; an empty one, but not nil, is none
	Order     *uint16
	List      *string // the list that it is in from now on; "" is none
	Consent   *bool
	Note      string
	Actor     Actor
	Operation string
}

// Joining says that the record's contact became another one. With Close the
// record is closed: that contact goes on with another record of the campaign. What
// has been said about it stays, a success too. With the contact that the record has
// already it says that the contact's phones were saved: what a status demands of the
// record's fields does not bind then.
type Joining struct {
	Contact   ContactID
	Close     bool
	Phones    []Phone // the new list, as in an Edit; nil leaves it
	Note      string
	Actor     Actor
	Operation string
}

// Erasure takes from a record what is about a person: contact, phones, fields,
// notes, tags and external id. One that is not closed yet is closed. What remains are
// counters, times and statuses. Its Change erases the log and the history too.
type Erasure struct {
	Actor     Actor
	Operation string
}

func (Result) event()     {}
func (Set) event()        {}
func (Correction) event() {}
func (Skip) event()       {}
func (Expiry) event()     {}
func (Message) event()    {}
func (Edit) event()       {}
func (Joining) event()    {}
func (Erasure) event()    {}
func (Receive) event()    {}
func (Restore) event()    {}

// Action is something the host is asked to do, such as sending a mail. It is
// stored with the commit until acknowledged, so it is carried out at least once.
type Action struct {
	ID       string            `json:"id"` // the same for the same call, kind and template
	Kind     status.ActionKind `json:"kind"`
	Campaign ID                `json:"campaign"` // where the record is, also when it has moved since
	Record   RecordID          `json:"record"`
	Contact  ContactID         `json:"contact,omitempty"`
	Number   blacklist.Number  `json:"number,omitempty"`
	Status   status.ID         `json:"status,omitempty"`
	Template string            `json:"template"`
	At       time.Time         `json:"at"`
}

// Why names what led to a change, beside the status.
type Why string

// The reasons of a change.
const (
	WhyChosen          Why = "status chosen"
	WhyRule            Why = "auto-set rule"
	WhyFallback        Why = "fallback of the outcome"
	WhyCallbackKept    Why = "callback kept: nobody was reached"
	WhyCallbackGivenUp Why = "callback given up"
	WhyAttemptLimit    Why = "attempt limit"
	WhyUnansweredLimit Why = "unanswered limit"
	WhyNoNumberLeft    Why = "no number left"
	WhyCorrected       Why = "corrected"
	WhySkipped         Why = "skipped"
	WhySkipLimit       Why = "skip limit"
	WhyLeaseExpired    Why = "lease expired"
	WhyMessage         Why = "message arrived"
	WhyAdded           Why = "added"
	WhyEdited          Why = "edited"
	WhyReleased        Why = "released"
	WhyJoined          Why = "contact merged"
	WhyErased          Why = "erased"
	WhyMoved           Why = "moved"
	WhyRestored        Why = "restored"
	WhyKept            Why = "record kept: it was leased, changed or moved since"
)

// Answer is what a change came to, for whoever asked. That of a report is
// stored with its call, and a repeated report is given the same one.
type Answer struct {
	Call      Token            `json:"call,omitempty"`
	Outcome   Outcome          `json:"outcome,omitempty"`
	Status    status.ID        `json:"status,omitempty"`
	Qualifier status.Qualifier `json:"qualifier,omitempty"`
	Standing  status.Standing  `json:"standing,omitempty"`
	Lane      status.Lane      `json:"lane,omitempty"`
	Due       time.Time        `json:"due,omitzero"`
	Owner     AgentID          `json:"owner,omitempty"`
	Attempts  int              `json:"attempts,omitempty"` // counted dials of the record since its last reset
	// Why are the reasons, in the order in which they applied. The list is shared
	// and must not be written to.
	Why []Why `json:"why,omitempty"`
	// Listed are the numbers put on a blacklist, and until when.
	Listed  []blacklist.Entry `json:"listed,omitempty"`
	Actions []Action          `json:"actions,omitempty"`
	// Also are the other statuses whose auto-set conditions held, in the order in
	// which they decide, when a rule decided and the campaign's Audit is on.
	Also []status.ID `json:"also,omitempty"`
	// Warnings are what a person should know: a time in the past, a rule that
	// failed, an outcome code that is not known.
	Warnings []string `json:"warnings,omitempty"`
}

// own returns the answer with lists that nobody else writes to.
func (a Answer) own() Answer {
	a.Why = kept(a.Why)
	a.Listed, a.Actions = slices.Clone(a.Listed), slices.Clone(a.Actions)
	a.Also, a.Warnings = slices.Clone(a.Also), slices.Clone(a.Warnings)
	return a
}

// Has reports whether w is among the reasons.
func (a *Answer) Has(w Why) bool {
	for _, x := range a.Why {
		if x == w {
			return true
		}
	}
	return false
}
