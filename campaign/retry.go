package campaign

import (
	"time"

	"github.com/nextcall/nextcall/status"
)

// retryAt is when a record is called again that was given no time: when the
// status computes, else after its delay, else the policy's for the outcome.
// Without a call the policy's is at once.
func (d *draft) retryAt(st *status.Status) time.Time {
	if st != nil && st.NextAt != "" {
		if at, ok := d.computed(st); ok {
			return at
		}
	}
	if st != nil && st.Delay > 0 {
		return d.after(time.Duration(st.Delay))
	}
	if d.acted == OutcomeNone {
		return d.after(0)
	}
	delay := d.c.delays[d.acted]
	if between := d.c.cfg.Retry.BetweenNumbers; between != nil && d.newInRound() {
		delay = min(delay, time.Duration(*between))
	}
	return d.after(delay)
}

// after is the instant a delay from now, in wall time or in open hours of the
// number to be called next, as the campaign says. Where the hours have no
// answer wall time stands, and eligibility names the blocker.
func (d *draft) after(delay time.Duration) time.Time {
	at := d.now.Add(delay)
	if d.c.cfg.Retry.OpenHours && delay > 0 {
		if t, ok := d.c.addOpen(d.classOf(d.r.Next), d.now, delay); ok {
			at = t
		}
	}
	return bounded(d.intoHours(at))
}

// intoHours moves a next call into open hours, if the campaign says so.
func (d *draft) intoHours(at time.Time) time.Time {
	if d.c.cfg.Retry.IntoHours {
		if t, ok := d.c.intoHours(d.classOf(d.r.Next), at); ok {
			at = t
		}
	}
	return at
}

// bounded keeps an instant inside the years that every store and text form has.
func bounded(at time.Time) time.Time {
	if at.After(Forever) {
		return Forever
	}
	return stored(at)
}
