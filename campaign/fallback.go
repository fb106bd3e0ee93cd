package campaign

import "github.com/nextcall/nextcall/status"

// fallback decides for a call without a status: nobody chose one, and no rule
// matched.
func (d *draft) fallback(forCallback bool) {
	r, call := d.r, d.call
	reached := call.Outcome.Reached()
	switch {
	case r.Standing == status.StandingClosed, call.Inbound && !reached:
		// What a person ended, and what no call of ours was about, stays; so one
		// that waits for a reserved agent in its lane goes on needing one.
		d.why(WhyFallback)
		r.NeedsAgent = call.Before.Progress.NeedsAgent
	case r.Success:
		// So does a success; one that a correction queued again still waits its turn.
		d.why(WhyFallback)
		d.carryOn()
	case pending(r) && reachedNobody(call.Outcome):
		d.keepPromise(forCallback)
		return
	default:
		d.why(WhyFallback)
		if q := d.c.fallback[d.acted]; q != status.None {
			d.settle(&verdict{q: q})
		} else {
			d.carryOn()
		}
	}
	r.Attention = r.Attention || reached // they talked, and nobody said about what
}

// carryOn leaves the qualifier as it was; only the next call moves.
func (d *draft) carryOn() {
	r := d.r
	if r.Standing != status.StandingQueued {
		return
	}
	d.postpone()
	lane := r.Lane
	if lane == status.LaneFresh && d.call.Counted {
		lane = status.LaneAgain
	}
	r.Lane = d.lane(lane)
	d.undated()
}

// reachedNobody reports whether a promise to call back is still to be kept
// after the outcome. What a machine was to deliver is done when it is delivered.
func reachedNobody(o Outcome) bool {
	switch o {
	case Answered, FaxSent, SMSSent, Played:
		return false
	}
	return true
}

// keepPromise keeps a callback after a call that reached nobody: only its time
// moves. After so many tries as the campaign gives it becomes Redial; its owner
// stays. A try is a call that counts: that there was no line is not the
// person's doing. A call before the time promised changes nothing.
func (d *draft) keepPromise(forCallback bool) {
	r := d.r
	if !forCallback && (d.call.Dialed.IsZero() || r.Due.After(d.call.Dialed)) {
		d.why(WhyCallbackKept)
		r.Lane = d.lane(r.Lane)
		return
	}
	if d.call.Counted {
		r.Tries++
	}
	if r.Tries >= d.c.cfg.Callbacks.Tries {
		d.why(WhyCallbackGivenUp)
		d.settle(&verdict{q: status.Redial})
		return
	}
	d.why(WhyCallbackKept)
	r.Due, r.DueInput = d.retryAt(nil), nil
	r.Lane = d.lane(r.Lane)
}
