// Package campaign decides whether and when a record may be called, and what a
// call or a status changes.
//
// [Compile] turns plain configuration into an immutable [Campaign].
// [Campaign.Eligible] answers whether a record may be called now, with every
// reason why not; [Campaign.Apply] turns an event, such as a call's result,
// into a [Change] that is committed whole. Both are pure functions: they read
// no clock and touch no storage. A [Store] keeps the records; it holds no rules.
package campaign

import (
	"fmt"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/status"
)

// ID names a campaign.
type ID string

// Delay is a span of wall time, written like "1h30m" in text.
type Delay = status.Delay

// Mode is how a campaign dials.
type Mode string

// The modes. Preview is the zero value's.
const (
	Preview         Mode = "preview"     // the agent sees the record, then dials
	ProgressiveMode Mode = "progressive" // an agent is reserved, then the engine dials
	Power           Mode = "power"       // a fixed number of calls per free agent
	Predictive      Mode = "predictive"  // more calls than agents, by forecast
)

// OverDials reports whether the mode places calls without an agent reserved for each.
func (m Mode) OverDials() bool { return m == Power || m == Predictive }

// Config is the plain configuration of a campaign: data that a host stores and
// edits. The zero value of a field means its documented default. [Compile]
// checks it as a whole.
type Config struct {
	ID   ID     `json:"id"`
	Name string `json:"name,omitempty"`
	// Revision grows with each edit. Parks of another revision do not count, and
	// a store that knows a newer one leases nothing to an older.
	Revision int64 `json:"revision"`

	Mode   Mode `json:"mode,omitempty"`   // defaults to preview
	Paused bool `json:"paused,omitempty"` // no outgoing calls while set
	// Start and End are dates ("2006-01-02"), both inclusive, in Zone. "" is open.
	Start string `json:"start,omitempty"`
	End   string `json:"end,omitempty"`
	// Zone is the campaign's IANA zone: of its dates, working hours, days and
	// months. Required.
	Zone string `json:"zone"`
	// CalleeZone is the zone of numbers without one of their own. "": such
	// numbers are never called, for their zone is unknown.
	CalleeZone string `json:"callee_zone,omitempty"`

	Order  int       `json:"order,omitempty"`  // lower is served first; 0 is served last
	Parity int       `json:"parity,omitempty"` // weight among campaigns of one order; defaults to 1
	Queue  string    `json:"queue,omitempty"`  // the queue its statuses must be related to; "" asks for none
	Agents []AgentID `json:"agents,omitempty"` // who works in it; none listed: everybody

	// Statuses are the attached ones, in the order in which their auto-set
	// conditions decide; ids of the dictionary or of Own. Those of Own that are
	// not named come last.
	Statuses []status.ID     `json:"statuses,omitempty"`
	Own      []status.Status `json:"own,omitempty"` // valid in this campaign only

	RecordTypes []RecordType `json:"record_types,omitempty"`

	// Lists declares batches of records that can be switched off, weighed against
	// each other and called until a date.
	Lists []List `json:"lists,omitempty"`

	// Hours are the campaign's working hours, in Zone. Zero: always open.
	Hours Hours `json:"hours,omitzero"`
	// CalleeHours are when a person may be called, in the person's zone. Zero:
	// always (a warning).
	CalleeHours Hours `json:"callee_hours,omitzero"`
	// Holidays by region, such as "PL"; "" is the default region, and the
	// campaign's own.
	Holidays map[string]Holidays `json:"holidays,omitempty"`

	Retry     Retry     `json:"retry,omitzero"`
	Limits    Limits    `json:"limits,omitzero"`
	Callbacks Callbacks `json:"callbacks,omitzero"`
	Skips     Skips     `json:"skips,omitzero"`
	Leases    Leases    `json:"leases,omitzero"`

	// Blacklists are asked besides the global one.
	Blacklists []blacklist.List `json:"blacklists,omitempty"`
	// RequireConsent demands Record.Consent.
	RequireConsent bool `json:"require_consent,omitempty"`
	// ContactFields are the fields of a contact's data that conditions may read,
	// with their types. They have no conditions of their own.
	ContactFields []Field `json:"contact_fields,omitempty"`
	// Condition is the dial condition's text, for the rules engine; "" is none.
	Condition string `json:"condition,omitempty"`
	// Rank is an expression, in CEL, for a record's place in tiers 5 and 7, as a
	// number from 1 (first) to 65535, instead of Record.Order. It is computed
	// when the record is added or changes. Fractions are rounded, what is outside
	// is moved to the nearest end; a record for which it fails comes last, with a
	// warning in the answer. The contact is not known while a record is added. ""
	// is none.
	Rank string `json:"rank,omitempty"`
	// Audit lists, in the answer to a call that a rule decided, the other
	// statuses whose conditions would have held too.
	Audit bool `json:"audit,omitempty"`
	// RetryShare gives due retries (tier 6) that share of calls, in percent,
	// while fresh records remain. 0: fresh records first.
	RetryShare int `json:"retry_share,omitempty"`
	// CorrectionWindow is how long after a call's end its status may be
	// corrected. 0: until the end of that day in Zone.
	CorrectionWindow Delay `json:"correction_window,omitempty"`
	// Overrides are what a named actor may override when taking a record.
	Overrides []Override `json:"overrides,omitempty"`
}

// Override is something that the campaign lets a named actor override in Take.
type Override string

// What can be overridden at all: never a blacklist, hours or a number in use.
const (
	OverrideGap   Override = "gap"
	OverrideLimit Override = "limit" // the campaign's own limits
	OverrideOwner Override = "owner"
	OverrideList  Override = "list" // that the record's list is off, or its end has passed
)

// RecordType is a kind of record with its fields.
type RecordType struct {
	Name   string  `json:"name"`
	Fields []Field `json:"fields,omitempty"`
}

// Field is one field of a record type.
type Field struct {
	Name     string    `json:"name"`
	Type     FieldType `json:"type,omitempty"` // defaults to string
	Required bool      `json:"required,omitempty"`
	Hidden   bool      `json:"hidden,omitempty"` // a hidden field is never demanded
	// RequiredWhen is a condition, in CEL: when it holds, the field is required.
	// It is too when the condition fails. The record is seen as it is to be saved.
	RequiredWhen string `json:"required_when,omitempty"`
	// ValidWhen is a condition, in CEL, that the field's value must meet when a
	// record is added and when a person saves fields, whichever they are: the
	// condition may compare several. A value for which it fails is not valid. A
	// field without a value is not asked about; the engine's own saves are not
	// bound.
	ValidWhen string `json:"valid_when,omitempty"`
}

// FieldType is the type of a field's values.
type FieldType string

// The types of fields, with the Go type of their values.
const (
	String    FieldType = "string"    // string
	Int       FieldType = "int"       // int64
	Double    FieldType = "double"    // float64
	Bool      FieldType = "bool"      // bool
	Timestamp FieldType = "timestamp" // time.Time
	Strings   FieldType = "strings"   // []string
)

// Retry says when a number is dialled again after a call that agreed nothing.
type Retry struct {
	// Delays by outcome. One that is not listed has its default (see DefaultDelays).
	Delays map[Outcome]Delay `json:"delays,omitempty"`
	// OpenHours counts delays in open hours instead of wall time.
	OpenHours bool `json:"open_hours,omitempty"`
	// IntoHours moves the next call to the next opening when it falls outside
	// open hours. Without it, it is called first at the next opening all the
	// same, but its due time stays.
	IntoHours bool `json:"into_hours,omitempty"`
	// BetweenNumbers shortens the delay while the round has numbers not yet
	// tried. Nil: the outcome's delay.
	BetweenNumbers *Delay `json:"between_numbers,omitempty"`
	// Fallback replaces, by outcome, the qualifier that a call without a status
	// gets (see DefaultFallback).
	Fallback map[Outcome]status.Qualifier `json:"fallback,omitempty"`
}

// Limits bound how often people are called. "At most n"; 0 is unlimited.
type Limits struct {
	// Attempts is the lifetime limit per record: counted dials since Unused was set.
	Attempts int `json:"attempts,omitempty"`
	// Unanswered limits the calls that reached nobody since the last talk. A
	// callback agreed in a conversation does not yield to it.
	Unanswered int `json:"unanswered,omitempty"`
	// NumberAttempts is the lifetime limit per number of a record; the number is out then.
	NumberAttempts int   `json:"number_attempts,omitempty"`
	Caps           []Cap `json:"caps,omitempty"`
	Gaps           []Gap `json:"gaps,omitempty"`
}

// Scope is what a limit or gap counts over.
type Scope string

// The scopes. Numbers and contacts are counted over all campaigns.
const (
	PerRecord  Scope = "record"
	PerNumber  Scope = "number"
	PerContact Scope = "contact" // without a contact id: the record
)

// Cap is at most Max calls in a window. With neither Days nor Within it is a
// lifetime cap.
type Cap struct {
	Per Scope `json:"per"`
	Max int   `json:"max"`
	// Days is a window of so many calendar days in the campaign's zone, today
	// included: 1 is today, 7 the last seven days.
	Days int `json:"days,omitempty"`
	// Within is a rolling window.
	Within Delay `json:"within,omitempty"`
	// Talks counts conversations instead of attempts.
	Talks bool `json:"talks,omitempty"`
	// Law marks a limit that nobody may override.
	Law bool `json:"law,omitempty"`
}

// Gap is the least time between the end of one call and the next.
type Gap struct {
	Per Scope `json:"per"`
	Min Delay `json:"min"`
	// Talks counts from conversations only.
	Talks bool `json:"talks,omitempty"`
	// Law marks a gap that no agreed callback is exempt from and nobody may override.
	Law bool `json:"law,omitempty"`
}

// Callbacks says what becomes of promises.
type Callbacks struct {
	// Tries is how many calls for a callback may reach nobody before it is given
	// up. Defaults to 3.
	Tries int `json:"tries,omitempty"`
	// Release is after how much of the campaign's working time an own callback
	// passes to other agents. 0: never (a warning).
	Release Delay `json:"release,omitempty"`
}

// Skips says what becomes of records that agents pass over.
type Skips struct {
	Delay    Delay `json:"delay,omitempty"`    // how long it stays away; defaults to 10 min
	Max      int   `json:"max,omitempty"`      // more skips than this hold it, with attention; 0: no limit
	Disallow bool  `json:"disallow,omitempty"` // no skipping
}

// Leases says how long leases last.
type Leases struct {
	Offer Delay `json:"offer,omitempty"` // from the offer to Start; defaults to 30 s
	Dial  Delay `json:"dial,omitempty"`  // from Start to answer or report; defaults to 2 min
	Talk  Delay `json:"talk,omitempty"`  // from the answer to the report; defaults to 4 h
}

// DefaultDelays are the retry delays of outcomes that a campaign does not list.
// An outcome that is not here has delay 0.
func DefaultDelays() map[Outcome]Delay {
	const minute, hour = Delay(time.Minute), Delay(time.Hour)
	return map[Outcome]Delay{
		LineBusy: 10 * minute, NoAnswer: hour, Voicemail: 4 * hour, Rejected: 4 * hour, Answered: 24 * hour,
		Unknown: hour, Drop: 0, Congestion: 5 * minute, Failed: 5 * minute, Cancelled: 5 * minute,
		Invalid: 0, Fax: 0, Barred: 0, FaxFailed: hour, SMSFailed: hour, PlayedPartly: hour,
	}
}

// DefaultFallback is the qualifier that a call leads to when nobody chose a
// status and no rule matched. None leaves the record's qualifier as it was.
// Drop is Progressive in modes that over-dial, else Redial.
func DefaultFallback(m Mode) map[Outcome]status.Qualifier {
	drop := status.Redial
	if m.OverDials() {
		drop = status.Progressive
	}
	return map[Outcome]status.Qualifier{
		Answered: status.Manual, LineBusy: status.Busy, NoAnswer: status.Redial, Voicemail: status.Redial,
		Rejected: status.Redial, Unknown: status.Redial, Drop: drop,
		Invalid: status.InvalidNumber, Fax: status.InvalidNumber, Barred: status.None,
		Congestion: status.None, Failed: status.None, Cancelled: status.None,
		FaxSent: status.FaxSent, FaxFailed: status.FaxFailed, SMSSent: status.SMSSent, SMSFailed: status.SMSFailed,
		Played: status.Played, PlayedPartly: status.PlayedPartly,
	}
}

// FieldError says what is wrong with one value of a configuration, a record or
// an input, and what would be right.
type FieldError struct {
	Path  string // such as "limits.caps[2].max"
	Value string
	Msg   string // what would be right
	Err   error  // of a condition: all that is wrong in its text, as the rules engine has it; else nil
}

// Unwrap gives what the rules engine says of a condition.
func (e *FieldError) Unwrap() error { return e.Err }

func (e *FieldError) Error() string {
	if e.Value == "" {
		return fmt.Sprintf("%s: %s", e.Path, e.Msg)
	}
	return fmt.Sprintf("%s %q: %s", e.Path, e.Value, e.Msg)
}
