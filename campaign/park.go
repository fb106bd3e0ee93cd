package campaign

import "time"

// The longest that a record stays parked for what lifts at an unknown time.
const (
	maxInUse     = 30 * time.Second // a number or contact in use, or a blocker of this asker only
	maxChecker   = 24 * time.Hour   // a further blacklist may forget an entry
	maxCondition = 15 * time.Minute // the host may have changed what the condition reads
)

// Forever is the time until which a record is parked that only a change can
// make callable.
var Forever = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// ParkFor turns the blockers of a record that was found into the park to
// commit: until when it need not be looked at again, and for which reason.
func (c *Campaign) ParkFor(blockers []Blocker, now time.Time) Park {
	p := Park{Revision: c.cfg.Revision}
	if len(blockers) == 0 {
		return p
	}
	p.Reason = blockers[0].Reason
	p.Until = lift(blockers, now, parkUntil)
	return p
}

// parkUntil is how long one blocker parks a record.
func parkUntil(b Blocker, now time.Time) time.Time {
	until := b.Until
	if until.IsZero() {
		until = Forever
	}
	limit := Forever
	switch b.Reason {
	case ReasonInUse, ReasonOwner, ReasonNeedsAgent, ReasonLeased:
		limit = now.Add(maxInUse)
		if !until.After(now) { // the other lease has run out and waits to be settled
			until = limit
		}
	case ReasonChecker, ReasonCondition, ReasonConsent:
		limit = now.Add(maxCondition)
	case ReasonBlacklisted:
		if b.Checker != "" {
			limit = now.Add(maxChecker)
		}
	}
	if until.After(limit) {
		return limit
	}
	return until
}

// lift is the first instant at which all of the blockers may have lifted: every
// one of the record as a whole, and all those of some number.
func lift(blockers []Blocker, now time.Time, until func(Blocker, time.Time) time.Time) time.Time {
	var record, number time.Time
	for i, b := range blockers {
		if b.Number == 0 {
			if u := until(b, now); u.After(record) {
				record = u
			}
			continue
		}
		// The latest of this number, counted once, where the number comes first.
		first := true
		for _, e := range blockers[:i] {
			first = first && e.Number != b.Number
		}
		if !first {
			continue
		}
		var latest time.Time
		for _, e := range blockers[i:] {
			if e.Number == b.Number {
				if u := until(e, now); u.After(latest) {
					latest = u
				}
			}
		}
		if number.IsZero() || latest.Before(number) {
			number = latest
		}
	}
	if number.After(record) {
		return number
	}
	return record
}

// maxSteps bounds the search of Earliest; each step passes a blocker's end.
const maxSteps = 1000

// Earliest is the first instant from now on at which the record is callable if
// nothing else changes. The second result is false if no time will bring it.
func (c *Campaign) Earliest(f *Facts, a Asker, now time.Time) (time.Time, bool) {
	t := now
	var blockers []Blocker
	for range maxSteps {
		_, blockers = c.Eligible(f, a, t, blockers[:0])
		if len(blockers) == 0 {
			return t, true
		}
		next := lift(blockers, t, func(b Blocker, t time.Time) time.Time {
			if b.Until.IsZero() || !b.Until.After(t) {
				return Forever
			}
			return b.Until
		})
		if !next.Before(Forever) {
			return time.Time{}, false
		}
		t = next
	}
	return time.Time{}, false
}
