package campaign

import (
	"slices"

	"github.com/nextcall/nextcall/status"
)

// System is a system status as screens list it: a value of filters, which finds
// one or several qualifiers, or what is no qualifier at all. The set is closed.
type System string

// The system statuses.
const (
	SystemNone          System = "no status"          // an empty status
	SystemToCall        System = "to call"            // Unused, Redial, EndOfQueue
	SystemDoNotCall     System = "do not call"        // every closed qualifier without an entry of its own
	SystemInProgress    System = "in progress"        // a live lease, beside any other
	SystemExhausted     System = "abandoned"          // after so many tries
	SystemNotBefore     System = "contact not before" // both public callbacks
	SystemFaxSent       System = "fax sent"
	SystemFaxFailed     System = "fax failed"
	SystemSMSSent       System = "SMS sent"
	SystemSMSFailed     System = "SMS not sent"
	SystemProgressive   System = "call progressive"
	SystemMine          System = "my record" // both own callbacks
	SystemPlayed        System = "listened full"
	SystemPlayedPartly  System = "listened partial"
	SystemBusy          System = "busy"
	SystemInvalidNumber System = "invalid number"
)

type systemRow struct {
	system     System
	qualifiers []status.Qualifier
}

// systems are the qualifiers that each system status finds, in the order of the
// screens. Those without any are found by something else.
var systems = [...]systemRow{
	{SystemNone, nil},
	{SystemToCall, []status.Qualifier{status.Unused, status.Redial, status.EndOfQueue}},
	{SystemDoNotCall, []status.Qualifier{status.Closed, status.SuccessClosed, status.SuccessCancelled}},
	{SystemInProgress, nil},
	{SystemExhausted, []status.Qualifier{status.Exhausted}},
	{SystemNotBefore, []status.Qualifier{status.CallbackAt, status.CallbackAfter}},
	{SystemFaxSent, []status.Qualifier{status.FaxSent}},
	{SystemFaxFailed, []status.Qualifier{status.FaxFailed}},
	{SystemSMSSent, []status.Qualifier{status.SMSSent}},
	{SystemSMSFailed, []status.Qualifier{status.SMSFailed}},
	{SystemProgressive, []status.Qualifier{status.Progressive}},
	{SystemMine, []status.Qualifier{status.OwnCallbackAt, status.OwnCallbackAfter}},
	{SystemPlayed, []status.Qualifier{status.Played}},
	{SystemPlayedPartly, []status.Qualifier{status.PlayedPartly}},
	{SystemBusy, []status.Qualifier{status.Busy}},
	{SystemInvalidNumber, []status.Qualifier{status.InvalidNumber}},
}

// Systems lists the system statuses in the order of the screens.
func Systems() []System {
	all := make([]System, len(systems))
	for i := range systems {
		all[i] = systems[i].system
	}
	return all
}

// known reports whether it is one of the system statuses.
func (s System) known() bool {
	return slices.ContainsFunc(systems[:], func(x systemRow) bool { return x.system == s })
}

// systemNames are the system statuses as texts.
func systemNames() []string {
	names := make([]string, len(systems))
	for i := range systems {
		names[i] = string(systems[i].system)
	}
	return names
}

// Qualifiers lists the qualifiers that the system status finds; none for
// SystemNone and SystemInProgress, which look at something else, and for what is
// no system status.
func (s System) Qualifiers() []status.Qualifier { return slices.Clone(s.qualifiers()) }

func (s System) qualifiers() []status.Qualifier {
	for i := range systems {
		if systems[i].system == s {
			return systems[i].qualifiers
		}
	}
	return nil
}

// System is the system status that a list shows for the record: SystemInProgress
// while it is leased, else that of its qualifier; where no system status has the
// qualifier, SystemNone for a record without a status and "" for one with a status.
// It is one of those that find the record: one without a status is found by
// SystemNone as well, whatever its qualifier is.
func (r *Record) System(leased bool) System {
	if leased {
		return SystemInProgress
	}
	for i := range systems {
		if slices.Contains(systems[i].qualifiers, r.Qualifier) {
			return systems[i].system
		}
	}
	if r.Status == "" {
		return SystemNone
	}
	return ""
}

// system reports whether any of the filter's system statuses finds a record.
func (f *Filter) system(r *Record, leased bool) bool {
	if len(f.Systems) == 0 {
		return true
	}
	for _, s := range f.Systems {
		switch {
		case s == SystemNone && r.Status == "", s == SystemInProgress && leased:
			return true
		}
		if slices.Contains(s.qualifiers(), r.Qualifier) {
			return true
		}
	}
	return false
}
