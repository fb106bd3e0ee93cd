package campaign

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nextcall/nextcall/status"
)

// ErrNotStarted says that a result was reported for a lease that was never
// started: nothing was dialled. Start it first, give it back, or report it as
// cancelled.
var ErrNotStarted = errors.New("the lease was not started: start it, skip it, or report it as cancelled")

// InputError says that an input given with a status is wrong: one that the
// status does not take, one that it needs and did not get, or a value that
// cannot be read.
type InputError struct {
	Status status.ID
	Field  string // "at", "date", "hour", "zone" or "agent"
	Value  string // what was given; "" when it is missing
	Msg    string // what would be right
}

func (e *InputError) Error() string {
	if e.Value == "" {
		return fmt.Sprintf("status %q: input %s: %s", e.Status, e.Field, e.Msg)
	}
	return fmt.Sprintf("status %q: input %s %q: %s", e.Status, e.Field, e.Value, e.Msg)
}

// RequiredError says that a record cannot be saved with a status that demands
// all required fields.
type RequiredError struct {
	Status status.ID
	Type   string   // the record type
	Fields []string // the required fields that are empty
	// Failed are the conditions that failed: a field is demanded when nobody can
	// tell whether it is required.
	Failed []error
}

func (e *RequiredError) Error() string {
	text := fmt.Sprintf("status %q demands all required fields of record type %q: fill in %s",
		e.Status, e.Type, strings.Join(e.Fields, ", "))
	for _, err := range e.Failed {
		text += "; " + err.Error()
	}
	return text
}

// Unwrap returns the conditions that failed.
func (e *RequiredError) Unwrap() []error { return e.Failed }

// errNoNumber says that a rank is not a number.
var errNoNumber = errors.New("it is not a number")

// ActorError says that somebody may not do what they asked for.
type ActorError struct {
	Actor Actor
	Msg   string
}

func (e *ActorError) Error() string { return fmt.Sprintf("%s: %s", e.Actor.Name(), e.Msg) }

// AgentError says that an own callback has no owner, or one who does not work
// in the campaign.
type AgentError struct {
	Status   status.ID
	Campaign ID
	Agent    AgentID // "" when nobody was named
}

func (e *AgentError) Error() string {
	if e.Agent == "" {
		return fmt.Sprintf("status %q: nobody owns the callback: name an agent with it, or a responsible agent in the status", e.Status)
	}
	return fmt.Sprintf("status %q: agent %q does not work in campaign %q: name one of its agents", e.Status, e.Agent, e.Campaign)
}

// SuccessError says that a qualifier cannot follow what the record has: after a
// success little may, and a success that was not cannot be cancelled.
type SuccessError struct {
	Status    status.ID
	Qualifier status.Qualifier
	Success   bool // whether the record is a success
}

func (e *SuccessError) Error() string {
	if e.Success {
		return fmt.Sprintf("status %q (%s): the record is a success, only success, success_closed or success_cancelled may follow", e.Status, e.Qualifier)
	}
	return fmt.Sprintf("status %q (%s): the record is no success, so there is none to cancel", e.Status, e.Qualifier)
}

// SkipError says that a record cannot be skipped.
type SkipError struct {
	Record RecordID
	Msg    string
}

func (e *SkipError) Error() string {
	return fmt.Sprintf("record %s cannot be skipped: %s", e.Record, e.Msg)
}

// CorrectionError says that the status of a finished call cannot be corrected.
type CorrectionError struct {
	Call Token
	// Limit is when the time for corrections ended; zero if that is not the reason.
	Limit time.Time
	Msg   string
}

func (e *CorrectionError) Error() string {
	if e.Limit.IsZero() {
		return fmt.Sprintf("call %d cannot be corrected: %s", e.Call, e.Msg)
	}
	return fmt.Sprintf("call %d cannot be corrected: %s %s", e.Call, e.Msg, e.Limit.UTC().Format(time.RFC3339))
}

// MoveError says that a record cannot go to another campaign because of the
// qualifier that it has, or of the one that it would get there.
type MoveError struct {
	Status    status.ID // that it would get; "" when Target is not set
	Qualifier status.Qualifier
	Target    bool // Qualifier is the one that it would get
}

func (e *MoveError) Error() string {
	if e.Target {
		return fmt.Sprintf("status %q (%s): no record is moved to it: choose another status", e.Status, e.Qualifier)
	}
	return fmt.Sprintf("the record is %s, which is not moved: change its status first", e.Qualifier)
}

// LimitError says that a limit of the campaign that a record would go to would
// end it there at once.
type LimitError struct {
	Campaign ID
	Why      Why // which limit
	Reached  int // how many calls it counts
	Max      int // how many there may be
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("campaign %q would end the record at once: %s, %d of %d", e.Campaign, e.Why, e.Reached, e.Max)
}

// RestoreError says that a record cannot become again what it was: it was
// changed since, or never by that operation.
type RestoreError struct {
	Record    RecordID
	Operation string // that was to be undone
	Msg       string
}

func (e *RestoreError) Error() string {
	return fmt.Sprintf("record %s: what operation %q changed cannot be restored: %s", e.Record, e.Operation, e.Msg)
}
