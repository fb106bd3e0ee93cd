package campaign

import "github.com/nextcall/nextcall/status"

// limit ends a record that the result would dial again: when it has no number
// left, or a lifetime limit is reached. What is held, closed or a success stands.
func (d *draft) limit(st *status.Status) {
	r := d.r
	if r.Standing != status.StandingQueued {
		return
	}
	if d.number >= 0 && !d.anyLeft() && d.noNumber(st) {
		return
	}
	if why, _, _ := d.c.spent(r); why != "" {
		d.close(status.Exhausted, why)
	}
}

// spent says which lifetime limit of the campaign the record has reached, "" for
// none, with how many calls it counts, and how many there may be.
func (c *Campaign) spent(r *Record) (why Why, n, most int) {
	l, a := &c.cfg.Limits, &r.Attempts
	switch {
	case l.Attempts > 0 && a.SinceReset >= l.Attempts:
		return WhyAttemptLimit, a.SinceReset, l.Attempts
	case l.Unanswered > 0 && a.Unanswered >= l.Unanswered && !r.Agreed:
		return WhyUnansweredLimit, a.Unanswered, l.Unanswered
	}
	return "", 0, 0
}

// LastAttempt reports whether the next counted dial of the record is the last
// that the campaign's lifetime limits leave it: a result that would dial it
// again then ends it. It is known before the call, so that agents can be told.
func (c *Campaign) LastAttempt(r *Record) bool {
	l := &c.cfg.Limits
	if l.Attempts > 0 && r.Attempts.SinceReset+1 >= l.Attempts ||
		l.Unanswered > 0 && !r.Agreed && r.Attempts.Unanswered+1 >= l.Unanswered {
		return true
	}
	if l.NumberAttempts == 0 {
		return false
	}
	left := 0
	for i := range r.Phones {
		if p := &r.Phones[i]; c.left(p) {
			left += l.NumberAttempts - p.Attempts
		}
	}
	return left == 1
}

// noNumber ends a record without a number left, and reports whether it did.
// One that a person queued although the network says that its only number does
// not exist stays: the person may give it another. A rule gives none.
func (d *draft) noNumber(st *status.Status) bool {
	if !d.call.Chosen && d.c.fallback[d.call.Outcome] == status.InvalidNumber || st != nil && st.EndsNumber {
		d.close(status.InvalidNumber, WhyNoNumberLeft)
		return true
	}
	for i := range d.r.Phones {
		if d.r.Phones[i].Out == "" { // not out, so at its limit
			d.close(status.Exhausted, WhyNoNumberLeft)
			return true
		}
	}
	return false
}

// close ends the record by the engine. The status stays.
func (d *draft) close(q status.Qualifier, why Why) {
	r := d.r
	r.Qualifier, r.StatusAt = q, d.now
	r.Standing, r.Lane = status.StandingClosed, status.LaneNone
	r.Due, r.DueInput, r.Owner = noTime, nil, ""
	r.Promised, r.Agreed, r.Tries = false, false, 0
	d.why(why)
}
