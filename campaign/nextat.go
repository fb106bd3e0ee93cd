package campaign

import (
	"time"

	"github.com/nextcall/nextcall/status"
)

// computed is the next call that the status computes. It is false if the status
// computes none, or if that fails: then a warning says so, and the campaign's
// policy holds.
func (d *draft) computed(st *status.Status) (time.Time, bool) {
	place := none
	if i, ok := d.c.index[st.ID]; ok {
		place = d.c.nextAt[i]
	}
	if place == none {
		return noTime, false
	}
	at, err := d.c.rules.Time(place, &d.w.facts, d.call, d.now)
	if err != nil {
		d.warn("the next call of status %q could not be computed, so the retry policy holds: %v", st.ID, err)
		return noTime, false
	}
	at = bounded(at)
	if at.Before(d.now) {
		d.warn("the next call of status %q was computed as %s, which has passed: it is due now", st.ID, at.Format(time.RFC3339))
		at = d.now
	}
	return bounded(d.intoHours(at)), true
}

// dated reports whether the record waits for the next call as a callback,
// though nobody gave a time: the status demands one and computes it.
func dated(st *status.Status) bool {
	return st != nil && st.NextCall && st.NextAt != "" && st.Inputs().Time
}
