package status

import "fmt"

// Warning is something in a status that is allowed and probably not meant.
type Warning struct {
	Status ID
	Field  string // the field's JSON name
	Msg    string
}

// String names the status, the field and what is odd about it.
func (w Warning) String() string {
	return fmt.Sprintf("status %q: %s: %s", string(w.Status), w.Field, w.Msg)
}

// Warnings returns what is allowed in the status and probably not meant, or nil.
func (s Status) Warnings() []Warning {
	var all []Warning
	warn := func(field, msg string) {
		all = append(all, Warning{Status: s.ID, Field: field, Msg: msg})
	}
	e := s.Qualifier.row()
	inputs := s.Inputs()
	if s.Disabled && s.AutoSet != "" {
		warn("auto_set", "the status is disabled, so its rule is off")
	}
	if s.Disabled && s.AutoAdd {
		warn("auto_add", "the status is disabled, so new campaigns start without it")
	}
	if s.AutoSet != "" && inputs.TimeRequired {
		warn("auto_set", "a rule gives no date and time, and the status requires them: campaigns refuse it")
	}
	if s.AutoSet != "" && inputs.AgentRequired {
		warn("auto_set", "a rule gives no agent, and the status names none: campaigns refuse it")
	}
	if s.EndsNumber && e.Standing == StandingClosed {
		warn("ends_number", "the status closes the whole record, so no other number is called")
	}
	if s.NextCall && e.NeedsTime {
		warn("next_call", "the qualifier requires date and time already")
	}
	if s.Class == ClassRefusal && e.Standing == StandingQueued && !s.EndsNumber {
		warn("class", "who refused to be called will be called again")
	}
	return all
}
