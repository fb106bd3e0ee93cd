package campaign

import (
	"fmt"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/status"
)

// Token fences one lease. Tokens grow; the first token of a lease is the id of
// its call for ever. Zero is none.
type Token int64

// Outcome is how a call ended, as the switch or the agent saw it.
type Outcome uint8

// The outcomes. Zero is none: no call yet.
const (
	OutcomeNone Outcome = iota
	Answered            // a person was reached and talked to
	LineBusy
	NoAnswer
	Voicemail
	Drop // answered, but no agent was free
	Fax
	Invalid // the number does not exist
	Rejected
	Barred     // the switch refuses the number as blacklisted
	Congestion // no line
	Failed     // an error of the switch
	Cancelled  // given up before it was answered
	Unknown    // nobody said
	FaxSent
	FaxFailed
	SMSSent
	SMSFailed
	Played
	PlayedPartly

	NumOutcomes = int(PlayedPartly) + 1
)

var outcomeNames = [NumOutcomes]string{
	"", "answered", "busy", "no_answer", "voicemail", "drop", "fax", "invalid_number", "rejected", "blacklisted",
	"congestion", "failed", "cancelled", "unknown",
	"fax_sent", "fax_failed", "sms_sent", "sms_failed", "played", "played_partly",
}

// String returns the outcome's name as rules and files write it.
func (o Outcome) String() string {
	if int(o) < NumOutcomes {
		return outcomeNames[o]
	}
	return fmt.Sprintf("outcome(%d)", uint8(o))
}

// MarshalText writes the outcome's name.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads an outcome's name; see [ParseOutcome].
func (o *Outcome) UnmarshalText(text []byte) (err error) {
	*o, err = ParseOutcome(string(text))
	return err
}

// ParseOutcome reads an outcome's name. "" is OutcomeNone. A name that is not
// known gives Unknown and an [*OutcomeError], so that a host may log the error
// and report the call all the same: the documented fallback of an unknown code.
func ParseOutcome(name string) (Outcome, error) {
	for i, n := range outcomeNames {
		if n == name {
			return Outcome(i), nil
		}
	}
	return Unknown, &OutcomeError{Name: name}
}

// OutcomeError says that a text names no outcome.
type OutcomeError struct{ Name string }

func (e *OutcomeError) Error() string {
	return fmt.Sprintf("outcome %q is not known: want one of %q", e.Name, outcomeNames[1:])
}

// Reached reports whether the call reached a person who talked.
func (o Outcome) Reached() bool { return o == Answered }

// Counts reports whether a dial with this outcome is an attempt. Congestion,
// failures and cancelled calls are one if and only if the phone rang; a number
// that the switch refused was not dialled.
func (o Outcome) Counts(rang bool) bool {
	switch o {
	case OutcomeNone, Barred:
		return false
	case Congestion, Failed, Cancelled:
		return rang
	}
	return true
}

// Call is one lease and what came of it: an entry of the log. One that was given
// up before it was started is an entry too, with a zero Dialed.
// A stored call is immutable; a late report or a correction replaces it.
type Call struct {
	Token    Token            `json:"token"` // the call's id
	Campaign ID               `json:"campaign"`
	Record   RecordID         `json:"record"`
	Contact  ContactID        `json:"contact,omitempty"`
	Number   blacklist.Number `json:"number"`
	Agent    AgentID          `json:"agent,omitempty"`
	Holder   string           `json:"holder,omitempty"`
	Mode     Mode             `json:"mode,omitempty"`
	Lane     status.Lane      `json:"lane,omitempty"` // the lane it was taken from
	Inbound  bool             `json:"inbound,omitempty"`

	Dialed   time.Time     `json:"dialed"`
	Answered time.Time     `json:"answered,omitzero"`
	Ended    time.Time     `json:"ended"`
	Ring     time.Duration `json:"ring,omitempty"`
	Talk     time.Duration `json:"talk,omitempty"`

	Outcome  Outcome `json:"outcome"`
	Rang     bool    `json:"rang,omitempty"`    // the phone rang; matters for congestion, failed, cancelled
	Counted  bool    `json:"counted,omitempty"` // it was an attempt
	AMD      string  `json:"amd,omitempty"`     // what answering-machine detection said
	HangupBy string  `json:"hangup_by,omitempty"`
	SIPCode  int     `json:"sip_code,omitempty"`
	Q850     int     `json:"q850,omitempty"`

	Status    status.ID        `json:"status,omitempty"` // the status it led to
	Qualifier status.Qualifier `json:"qualifier,omitempty"`
	Chosen    bool             `json:"chosen,omitempty"` // by a person; else by rule or fallback

	// Answer is the one that its report got: a repeated report is given it again.
	Answer Answer `json:"answer,omitzero"`
	// Expired says that nobody reported the call: its outcome is Unknown, and a
	// late report may still replace it.
	Expired bool `json:"expired,omitempty"`
	// Changes is the record's count of changes with this call's. A larger one
	// means that the record has changed since.
	Changes int64 `json:"changes,omitempty"`
	// Before is the record's progress and its phones' before the call was
	// counted. A store may keep it for a record's latest call only.
	Before *Before `json:"before,omitempty"`
}

// Before is what a correction or a late report begins from.
type Before struct {
	Progress Progress `json:"progress"`
	Phones   []Phone  `json:"phones,omitempty"`
}

// Erased is the call without what tells whom it was to: Number, Contact, Before,
// and what its Answer says of numbers put on blacklists and of actions.
func (c *Call) Erased() Call {
	x := *c
	x.Number, x.Contact, x.Before = 0, "", nil
	x.Answer.Listed, x.Answer.Actions = nil, nil
	return x
}

// erased reports whether nothing is left of whom the call was to.
func (c *Call) erased() bool { return c.Number == 0 && c.Contact == "" && c.Before == nil }

// Conversation reports whether people talked.
func (c *Call) Conversation() bool { return c.Outcome.Reached() || c.Inbound }
