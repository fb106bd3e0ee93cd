// Package status answers what happened in a call, and what that means for the
// record: which statuses there are, and what each makes the engine do.
//
// A [Status] is what people choose from: a title, a colour, a blacklist. Its
// [Qualifier] is what the engine does with the record; the closed set of
// qualifiers is one table, read through [Qualifier.Effect] and printed in
// docs/qualifiers.md. A [Dictionary] is the ordered list of statuses that
// campaigns share, checked as a whole.
//
// Statuses are plain data; nothing here reads a clock or changes a record.
package status

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/nextcall/nextcall/blacklist"
)

// ID names a status. It is chosen by the host and never changes.
type ID string

// AgentID names an agent: somebody who talks.
type AgentID string

// Status is a disposition: what an agent, or the engine, says about a call, a
// ticket or a phase of a process. It is plain data; Check tells whether it makes
// sense. The zero value of every field is the common case.
type Status struct {
	ID          ID     `json:"id"`                    // required, never changes
	Title       string `json:"title"`                 // required; what people see
	Description string `json:"description,omitempty"` // what it is for
	Color       string `json:"color,omitempty"`       // of the flag in lists, "#rrggbb"; empty: the host's choice

	// Qualifier is what the engine does with the record. Required.
	Qualifier Qualifier `json:"qualifier,omitempty"`
	// Delay until the next call. Required by CallbackAfter and OwnCallbackAfter,
	// unless there is a NextAt; with Redial, Progressive and EndOfQueue it beats
	// the campaign's retry policy; refused with the others. Zero: the policy's.
	Delay Delay `json:"delay,omitempty"`
	// Template of the message that SendMail and SendSMS send: the host's name for
	// it, or its text. Required by these two, refused with the others.
	Template string `json:"template,omitempty"`
	// Agent is responsible for own callbacks, unless the input names another.
	// Empty: the agent of the call. Refused with the other qualifiers.
	Agent AgentID `json:"agent,omitempty"`

	// Blacklist that the called number is added to. Empty: none.
	Blacklist blacklist.List `json:"blacklist,omitempty"`
	// Expiry of that entry. Zero: it is permanent. Refused without a blacklist.
	Expiry blacklist.Expiry `json:"expiry,omitzero"`

	// Validate: a person cannot save a campaign record that has the status
	// unless all its required fields are filled.
	Validate bool `json:"validate,omitempty"`
	// NextCall: a person cannot set the status on a campaign record without date
	// and time of the next call, unless there is a NextAt. The record waits as a
	// callback. Refused with qualifiers that make no next call.
	NextCall bool `json:"next_call,omitempty"`
	// EndsNumber: the called number is done, the record goes on with its others.
	EndsNumber bool `json:"ends_number,omitempty"`
	// Class of the result, for reports and pacing.
	Class Class `json:"class,omitempty"`

	// AutoSet is the condition, in CEL, under which the engine sets the status
	// when nobody chose one. Empty: never.
	AutoSet string `json:"auto_set,omitempty"`
	// AutoStop: if the condition fails, no later condition is asked and the
	// fallback applies. Default: a condition that fails is passed over. Refused
	// without AutoSet.
	AutoStop bool `json:"auto_stop,omitempty"`
	// NextAt is an expression, in CEL, for the time of the next call, or for how
	// long from now. It is used when nobody gives a time, so the status needs
	// none; if it fails, the campaign's retry policy applies. Allowed where Delay
	// or a time is; refused together with Delay. Empty: none.
	NextAt string `json:"next_at,omitempty"`
	// AutoAdd: new campaigns start with it.
	AutoAdd bool `json:"auto_add,omitempty"`
	// Hidden: not offered to agents. Rules and screens of others still use it.
	Hidden bool `json:"hidden,omitempty"`
	// Disabled: nobody can newly set it. Records that have it keep it.
	Disabled bool `json:"disabled,omitempty"`

	// Relations say where the status is usable. A new one is related to nothing.
	Relations Relations `json:"relations,omitzero"`
	// Campaign that the status belongs to. Empty: it is in the dictionary.
	Campaign string `json:"campaign,omitempty"`
}

// Inputs are the inputs that a screen offers together with a status.
type Inputs struct {
	Time          bool // date and time of the next call can be given
	TimeRequired  bool // and must be
	Agent         bool // an agent can be given
	AgentRequired bool // and must be: the status names none, and outside a call there is no other
}

// Inputs returns the active inputs of the status: the qualifier's, and date and
// time when the status has the next-call flag. A value given for an input that
// is not active is a mistake, never dropped. With NextAt a time is not required:
// it is computed when none is given.
//
// AgentRequired is the answer where no call supplies an agent, as in bulk;
// after a call the agent of the call is the default.
func (s Status) Inputs() Inputs {
	e := s.Qualifier.row()
	needsTime := e.NeedsTime || s.NextCall && e.MayFlagNextCall
	return Inputs{
		Time:          needsTime,
		TimeRequired:  needsTime && s.NextAt == "",
		Agent:         e.NeedsAgent,
		AgentRequired: e.NeedsAgent && s.Agent == "",
	}
}

// Clone returns a copy with another id and title: every attribute, relation and
// the campaign are those of s. Check, or the dictionary it is added to, tells
// whether id and title are free.
func (s Status) Clone(id ID, title string) Status {
	c := s.copy()
	c.ID, c.Title = id, title
	return c
}

// copy returns a status that shares no memory with s. An empty list becomes nil:
// both relate the status to nothing, and one meaning has one text.
func (s Status) copy() Status {
	own := func(list []string) []string { return append([]string(nil), list...) }
	s.Relations = Relations{
		Categories:  own(s.Relations.Categories),
		Queues:      own(s.Relations.Queues),
		RecordTypes: own(s.Relations.RecordTypes),
	}
	return s
}

// UsableIn tells whether the status may newly be set in the named category,
// queue or CRM record type: it is related to it and not disabled.
func (s Status) UsableIn(kind RelationKind, name string) bool {
	return !s.Disabled && s.Relations.Has(kind, name)
}

// Relations name the places where a status is usable. Each list is a set.
type Relations struct {
	Categories  []string `json:"categories,omitempty"`   // of tickets
	Queues      []string `json:"queues,omitempty"`       // of activities and campaign records
	RecordTypes []string `json:"record_types,omitempty"` // of CRM records
}

// RelationKind is one of the three kinds of places a status can be related to.
type RelationKind uint8

// The kinds of relations.
const (
	RelationCategory   RelationKind = iota // a category of tickets
	RelationQueue                          // a queue of activities and campaign records
	RelationRecordType                     // a type of CRM records
)

var relationKindNames = [...]string{"category", "queue", "record_type"}

// String returns "category", "queue" or "record_type".
func (k RelationKind) String() string { return nameOf("RelationKind", relationKindNames[:], k) }

// Of returns the names of one kind. The caller must not change them.
func (r Relations) Of(kind RelationKind) []string {
	switch kind {
	case RelationCategory:
		return r.Categories
	case RelationQueue:
		return r.Queues
	case RelationRecordType:
		return r.RecordTypes
	default:
		return nil
	}
}

// Has tells whether the status is related to the named place.
func (r Relations) Has(kind RelationKind, name string) bool {
	return slices.Contains(r.Of(kind), name)
}

// Class of a result. The zero value is none.
type Class uint8

// The classes.
const (
	ClassNone     Class = iota
	ClassContact        // somebody was reached
	ClassPositive       // and agreed
	ClassNegative       // and did not
	ClassRefusal        // and does not want to be called
)

var classNames = [...]string{"none", "contact", "positive", "negative", "refusal"}

// String returns "none", "contact", "positive", "negative" or "refusal".
func (c Class) String() string { return nameOf("Class", classNames[:], c) }

// MarshalText writes the text form. A value outside the set is an error.
func (c Class) MarshalText() ([]byte, error) { return marshalName("class", classNames[:], c) }

// UnmarshalText reads the text form; anything else is a *ParseError.
func (c *Class) UnmarshalText(text []byte) error {
	return unmarshalName("class", classNames[:], c, text)
}

// Delay is a time to wait, in hours that pass and not in calendar steps. As text
// it is Go's form of a duration, "1h30m0s".
type Delay time.Duration

// String returns Go's form of the duration.
func (d Delay) String() string { return time.Duration(d).String() }

// MarshalText writes Go's form of the duration.
func (d Delay) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads Go's form of a duration; anything else is a *ParseError.
func (d *Delay) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return &ParseError{Kind: `delay, such as "1h30m"`, Text: string(text)}
	}
	*d = Delay(parsed)
	return nil
}

// blank tells whether a text has nothing to read.
func blank(text string) bool { return strings.TrimSpace(text) == "" }

// length is the number of letters people see, not of bytes.
func length(text string) int { return utf8.RuneCountInString(text) }
