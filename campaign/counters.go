package campaign

import "math"

// unrungLimit is how many calls in a row may fail on a number without ringing
// before they count as one that nobody answered.
const unrungLimit = 10

// count counts the call: on the record, and on the number that was dialled.
// dialled is false for a lease that was given up before anything was.
func (d *draft) count(dialled bool) {
	r, call := d.r, d.call
	d.acted = call.Outcome
	streak := call.Outcome == r.LastOutcome
	r.LastToken, r.LastAgent = call.Token, call.Agent
	if !dialled {
		call.Counted = false
		return
	}
	r.LastCall, r.LastOutcome = call.Dialed, call.Outcome
	r.Skips, r.SkipUntil = 0, noTime
	if call.Inbound {
		// A conversation, not an attempt: nobody was dialled.
		call.Counted = false
		r.Attempts.Talks++
		r.Attempts.Unanswered, r.Attempts.Streak, r.NeedsAgent = 0, 0, false
		return
	}
	call.Counted = call.Outcome.Counts(call.Rang)
	d.countNumber()
	if streak {
		r.Attempts.Streak++
	} else {
		r.Attempts.Streak = 1
	}
	if n := &r.Attempts.ByOutcome[d.acted]; *n < math.MaxUint16 {
		*n++
	}
	if call.Counted {
		a := &r.Attempts
		a.Total++
		a.SinceReset++
		a.Unanswered++
		if a.First.IsZero() {
			a.First = call.Dialed
		}
		a.Last = call.Dialed
	}
	switch {
	case call.Outcome.Reached():
		r.Attempts.Talks++
		r.Attempts.Unanswered, r.NeedsAgent = 0, false
	case call.Outcome == Drop && d.c.cfg.Mode.OverDials():
		r.NeedsAgent = true
	}
}

// countNumber counts the call on its number. It may find that failures which
// never rang have become an attempt.
func (d *draft) countNumber() {
	if d.number < 0 {
		return
	}
	call, p := d.call, d.phone(d.number)
	p.LastCall, p.LastOutcome = call.Dialed, call.Outcome
	switch {
	case call.Counted:
		p.Unrung = 0
	case call.Outcome != Barred: // what the switch refused was not dialled
		p.Unrung++
	}
	if p.Unrung >= unrungLimit {
		p.Unrung = 0
		call.Counted, d.acted = true, NoAnswer
	}
	if call.Counted {
		p.Attempts++
	}
}
