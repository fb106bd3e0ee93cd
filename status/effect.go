package status

import (
	"fmt"

	"github.com/nextcall/nextcall/internal/nearest"
)

// Standing is where a record stands after a status was set.
type Standing uint8

// The standings.
const (
	StandingKeep   Standing = iota // as before
	StandingQueued                 // ready, or waiting for its next call
	StandingHeld                   // open, but called by hand only
	StandingClosed                 // done
)

var standingNames = [...]string{"keep", "queued", "held", "closed"}

// String returns "keep", "queued", "held" or "closed".
func (s Standing) String() string { return nameOf("Standing", standingNames[:], s) }

// MarshalText writes the text form. A value outside the set is an error.
func (s Standing) MarshalText() ([]byte, error) {
	return marshalName("standing", standingNames[:], s)
}

// UnmarshalText reads the text form; anything else is a *ParseError.
func (s *Standing) UnmarshalText(text []byte) error {
	return unmarshalName("standing", standingNames[:], s, text)
}

// NextCall is where the time of the next call comes from.
type NextCall uint8

// The sources of the next call's time.
const (
	NextClear  NextCall = iota // there is none
	NextPolicy                 // the status's delay, else the campaign's retry policy
	NextInput                  // the time that was given with the status
	NextDelay                  // now and the status's delay
	NextKeep                   // as before
)

var nextCallNames = [...]string{"clear", "policy", "input", "delay", "keep"}

// String returns "clear", "policy", "input", "delay" or "keep".
func (n NextCall) String() string { return nameOf("NextCall", nextCallNames[:], n) }

// OwnerRule is what becomes of a record's owner.
type OwnerRule uint8

// The rules for the owner.
const (
	OwnerClear        OwnerRule = iota // nobody owns the record
	OwnerKeep                          // as before
	OwnerSet                           // the input's agent, else the status's, else the call's
	OwnerKeepByEngine                  // as before when the engine sets the qualifier, else nobody
)

var ownerRuleNames = [...]string{"clear", "keep", "set", "keep_by_engine"}

// String returns "clear", "keep", "set" or "keep_by_engine".
func (o OwnerRule) String() string { return nameOf("OwnerRule", ownerRuleNames[:], o) }

// SuccessRule is what becomes of a record's success flag.
type SuccessRule uint8

// The rules for the success flag.
const (
	SuccessKeep SuccessRule = iota // as before
	SuccessOn
	SuccessOff
)

var successRuleNames = [...]string{"keep", "on", "off"}

// String returns "keep", "on" or "off".
func (s SuccessRule) String() string { return nameOf("SuccessRule", successRuleNames[:], s) }

// ActionKind is the message that goes out because a status was set.
type ActionKind uint8

// The kinds of actions.
const (
	ActionNone ActionKind = iota
	ActionMail
	ActionSMS
)

var actionKindNames = [...]string{"none", "mail", "sms"}

// String returns "none", "mail" or "sms".
func (a ActionKind) String() string { return nameOf("ActionKind", actionKindNames[:], a) }

// MarshalText writes the text form. A value outside the set is an error.
func (a ActionKind) MarshalText() ([]byte, error) {
	return marshalName("action kind", actionKindNames[:], a)
}

// UnmarshalText reads the text form; anything else is a *ParseError.
func (a *ActionKind) UnmarshalText(text []byte) error {
	return unmarshalName("action kind", actionKindNames[:], a, text)
}

// Lane is where a record of a campaign waits for its next call. The zero value,
// LaneNone, is a record that does not wait for one.
type Lane uint8

// The lanes. LaneOwn serves two tiers: the agent's own callbacks, and after
// their release time those of others.
const (
	LaneNone        Lane = iota // not waiting
	LaneOwn                     // own callbacks: tier 1, for others tier 3
	LaneProgressive             // an agent reserved first: tier 2
	LanePublic                  // public callbacks: tier 4
	LaneFresh                   // never called: tier 5
	LaneAgain                   // called before: tier 6
	LaneLast                    // the end of the queue: tier 7

	// LaneKeep stands in the table of qualifiers only: the record stays in the
	// lane it is in. No record has it.
	LaneKeep Lane = 255
)

// NumLanes is the number of lanes, LaneNone included.
const NumLanes = 7

var laneNames = [NumLanes]string{"none", "own", "progressive", "public", "fresh", "again", "last"}

// String returns the text form: "none", "own", "progressive", "public",
// "fresh", "again", "last", or "keep".
func (l Lane) String() string {
	if l == LaneKeep {
		return "keep"
	}
	return nameOf("Lane", laneNames[:], l)
}

// MarshalText writes the text form. LaneKeep and a value outside the set are
// errors: no record waits there.
func (l Lane) MarshalText() ([]byte, error) { return marshalName("lane", laneNames[:], l) }

// UnmarshalText reads the text form; anything else is a *ParseError.
func (l *Lane) UnmarshalText(text []byte) error {
	return unmarshalName("lane", laneNames[:], l, text)
}

func nameOf[T ~uint8](kind string, names []string, v T) string {
	if int(v) >= len(names) {
		return fmt.Sprintf("%s(%d)", kind, uint8(v))
	}
	return names[v]
}

func marshalName[T ~uint8](kind string, names []string, v T) ([]byte, error) {
	if int(v) >= len(names) {
		return nil, newParseError(kind, fmt.Sprint(uint8(v)), names)
	}
	return []byte(names[v]), nil
}

func unmarshalName[T ~uint8](kind string, names []string, v *T, text []byte) error {
	for i, name := range names {
		if name == string(text) {
			*v = T(i)
			return nil
		}
	}
	return newParseError(kind, string(text), names)
}

func newParseError(kind, text string, names []string) *ParseError {
	return &ParseError{Kind: kind, Text: text, Near: nearest.Name(text, names), Names: append([]string(nil), names...)}
}
