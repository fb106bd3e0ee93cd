package transfer

import (
	"errors"

	"github.com/nextcall/nextcall/campaign"
)

// Reason is why a record was left alone. The set is closed.
type Reason string

// The reasons, in the order in which a report lists them.
const (
	InProgress      Reason = "in progress"          // somebody has leased it
	NotMovable      Reason = "not moved"            // own callbacks, successes: see campaign.MoveError
	IsSuccess       Reason = "success"              // after a success only a success may follow
	NoSuccess       Reason = "no success"           // so there is none to cancel
	LimitReached    Reason = "limit reached"        // a limit of the other campaign would end it at once
	Exists          Reason = "there already"        // its id or contact is in the other campaign
	RequiredMissing Reason = "required fields"      // the status demands fields that are empty
	NoTime          Reason = "no time"              // it has no next call to keep, or no zone to reckon in
	NoNumber        Reason = "no number"            // it has not the number that is to be blacklisted
	Invalid         Reason = "invalid"              // its fields cannot be saved so
	ConditionFailed Reason = "condition failed"     // the request's condition could not be evaluated
	MovedOn         Reason = "changed since"        // something else has changed it since it was read, or since the operation
	NotChanged      Reason = "not changed"          // the operation to be undone never changed it
	Gone            Reason = "gone"                 // it is in the campaign no more
	Refused         Reason = "refused by the store" // for a reason of the store's own
)

// reasons are all reasons in their order.
var reasons = [...]Reason{
	InProgress, NotMovable, IsSuccess, NoSuccess, LimitReached, Exists, RequiredMissing, NoTime, NoNumber, Invalid,
	ConditionFailed, MovedOn, NotChanged, Gone, Refused,
}

// Reasons lists all reasons in the order in which a report has them.
func Reasons() []Reason { return append([]Reason(nil), reasons[:]...) }

// reasonOf finds the reason of an event that failed on a record: of several, the
// first in the order of reasons. It reports false if it is no matter of the record.
func reasonOf(err error) (Reason, bool) {
	first := len(reasons)
	for _, one := range each(err) {
		reason, ok := reasonOfOne(one)
		if !ok {
			return "", false
		}
		for i, r := range reasons[:first] {
			if r == reason {
				first = i
				break
			}
		}
	}
	if first == len(reasons) {
		return "", false
	}
	return reasons[first], true
}

func reasonOfOne(err error) (Reason, bool) {
	switch e := err.(type) {
	case *campaign.MoveError:
		return NotMovable, true
	case *campaign.SuccessError:
		if e.Success {
			return IsSuccess, true
		}
		return NoSuccess, true
	case *campaign.LimitError:
		return LimitReached, true
	case *campaign.RequiredError:
		return RequiredMissing, true
	case *campaign.InputError:
		return NoTime, true
	case *campaign.RestoreError:
		return MovedOn, true
	case *campaign.FieldError:
		if e.Path == "blacklist" {
			return NoNumber, true
		}
		return Invalid, true
	}
	return "", false
}

// storeReason finds the reason of a change that a store refused. It reports
// false if the whole run must end.
func storeReason(err error) (Reason, bool) {
	var leased *campaign.LeasedError
	var exists *campaign.DuplicateError
	switch {
	case errors.As(err, &leased):
		return InProgress, true
	case errors.As(err, &exists):
		return Exists, true
	case errors.Is(err, campaign.ErrNotFound):
		return Gone, true
	case errors.Is(err, campaign.ErrConfigChanged):
		return "", false
	}
	return Refused, true
}
