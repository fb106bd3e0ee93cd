package campaign

import (
	"fmt"
	"time"

	"github.com/nextcall/nextcall/blacklist"
)

// Reason names why a record cannot be called.
type Reason uint8

// The reasons, in the order in which they are listed: the first that holds is
// the record's first blocker.
const (
	ReasonNone        Reason = iota
	ReasonLeased             // another lease holds the record, until it ends
	ReasonClosed             // closed: not called again unless its status changes
	ReasonHeld               // open, but by hand only
	ReasonNotDue             // its next call is later
	ReasonHours              // outside the calling hours of the next number
	ReasonInactive           // campaign paused, not started, ended or outside its working hours
	ReasonList               // its list is off, or is not called any more
	ReasonBlacklisted        // the number is on a blacklist
	ReasonInvalid            // the number does not exist, or is done
	ReasonLimit              // a limit on attempts is reached
	ReasonGap                // too soon after another call
	ReasonConsent            // the campaign demands consent, the record has none
	ReasonCondition          // the campaign's dial condition does not hold, or failed
	ReasonNeedsAgent         // after a drop: only with an agent reserved
	ReasonOwner              // an own callback of another agent
	ReasonInUse              // another lease holds its number or its contact
	ReasonSkipped            // an agent skipped it a moment ago
	ReasonNoNumber           // no phone that could be dialled
	ReasonChecker            // a blacklist could not be asked
	ReasonZone               // no time zone is known for the number

	NumReasons = int(ReasonZone) + 1
)

var reasonNames = [NumReasons]string{
	"", "leased", "closed", "held", "not due", "outside calling hours", "campaign inactive", "list closed", "blacklisted",
	"number invalid", "limit reached", "too soon", "no consent", "dial condition", "needs a reserved agent",
	"owned by another agent", "number in use", "skipped", "no number", "blacklist failed", "zone unknown",
}

// String returns the reason in words.
func (r Reason) String() string {
	if int(r) < NumReasons {
		return reasonNames[r]
	}
	return fmt.Sprintf("reason(%d)", uint8(r))
}

// MarshalText writes the reason in words.
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads a reason in words.
func (r *Reason) UnmarshalText(text []byte) error {
	for i, n := range reasonNames {
		if n == string(text) {
			*r = Reason(i)
			return nil
		}
	}
	return fmt.Errorf("reason %q is not known: want one of %q", text, reasonNames[1:])
}

// Blocker is one reason why a record cannot be called now.
type Blocker struct {
	Reason Reason `json:"reason"`
	// Until is the instant at which this blocker lifts by itself; zero if only a
	// change can lift it.
	Until time.Time `json:"until,omitzero"`
	// Number is the number it is about; zero for the record as a whole.
	Number blacklist.Number `json:"number,omitempty"`
	// Detail says it in words, with the values that decided.
	Detail string `json:"detail,omitempty"`
	// Checker names the further blacklist that answered; "" is the store's own.
	Checker string `json:"checker,omitempty"`
	// Entry is the blacklist entry, when that is the reason.
	Entry *blacklist.Entry `json:"entry,omitempty"`
}

// String is the blocker in one line.
func (b Blocker) String() string {
	s := b.Reason.String()
	if b.Number != 0 {
		s = b.Number.String() + " " + s
	}
	if b.Detail != "" {
		s += ": " + b.Detail
	}
	if !b.Until.IsZero() {
		s += " until " + b.Until.UTC().Format(time.RFC3339)
	}
	return s
}
