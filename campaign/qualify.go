package campaign

import (
	"time"

	"github.com/nextcall/nextcall/status"
)

// verdict is what is to become of a record: a status or a bare qualifier, and
// what was given with it.
type verdict struct {
	st      *status.Status // nil: the status stays as it was
	q       status.Qualifier
	person  bool // a person decided, not the engine
	due     time.Time
	local   *LocalTime
	timed   bool // a time was given
	owner   AgentID
	keepDue bool
}

// pending reports whether a promise to call back is open.
func pending(r *Record) bool { return r.Standing == status.StandingQueued && r.Promised }

// settle sets a qualifier, with everything that its row of the table says.
func (d *draft) settle(v *verdict) {
	r, e := d.r, effectOf(v.q)
	promised, agreed := pending(r), r.Agreed
	before := r.Lane
	r.Qualifier, r.StatusAt = v.q, d.now
	if v.st != nil {
		r.Status = v.st.ID
	}
	if e.ResetAttempts {
		r.Attempts.SinceReset, r.Attempts.Unanswered = 0, 0
		r.Status = ""
		d.next(0)
	}

	kept := e.Standing == status.StandingKeep
	switch {
	case !kept:
		r.Standing = e.Standing
	case r.Standing != status.StandingQueued:
		r.Standing = status.StandingHeld
	}
	d.setDue(v, e)

	promise := r.Standing == status.StandingQueued && (e.Callback || v.timed || dated(v.st) || kept && promised)
	if kept {
		r.Lane = d.lane(before)
	} else {
		r.Key = 0
		lane := e.Lane
		if promise && lane != status.LaneOwn {
			lane = status.LanePublic
		}
		r.Lane = d.lane(lane)
		r.Tries = 0
	}
	d.undated()
	r.Promised = promise
	switch {
	case !promise:
		r.Agreed, r.Tries = false, 0
	case kept || v.keepDue && promised:
		r.Agreed = agreed
	default:
		r.Agreed = v.person && d.call != nil && d.call.Conversation()
	}

	switch e.Owner {
	case status.OwnerClear:
		r.Owner = ""
	case status.OwnerSet:
		r.Owner = v.owner
	case status.OwnerKeepByEngine:
		if v.person {
			r.Owner = ""
		}
	}
	switch e.Success {
	case status.SuccessOn:
		if !r.Success {
			r.Success, r.SucceededAt = true, d.now
		}
	case status.SuccessOff:
		r.Success, r.SucceededAt = false, noTime
	}
	if v.person {
		r.Attention = false // somebody has looked at it
	}
	r.Attention = r.Attention || e.Attention
	if v.st != nil && v.person {
		d.required(v.st)
	}
}

// setDue sets the next call: the input, else what the status computes, else its
// delay, else the policy's for the outcome.
func (d *draft) setDue(v *verdict, e *status.Effect) {
	r := d.r
	queued := r.Standing == status.StandingQueued
	switch {
	case v.keepDue && queued:
	case v.timed:
		r.Due, r.DueInput = stored(d.intoHours(v.due)), v.local
	case e.Next == status.NextKeep:
		if queued && d.call != nil {
			d.postpone()
		}
	case e.Next == status.NextClear || !queued:
		r.Due, r.DueInput = noTime, nil
	default:
		r.Due, r.DueInput = d.retryAt(v.st), nil
	}
}

// postpone moves the next call of a record that stays as it was by the retry
// policy, but never forward.
func (d *draft) postpone() {
	if at := d.retryAt(nil); at.After(d.r.Due) {
		d.r.Due, d.r.DueInput = at, nil
	}
}

// undated clears a due time that has come in the lanes that no due time sorts.
func (d *draft) undated() {
	r := d.r
	if (r.Lane == status.LaneFresh || r.Lane == status.LaneLast) && !r.Due.After(d.now) {
		r.Due, r.DueInput = noTime, nil
	}
}

// lane turns the table's lane into the record's: a record that was never called
// is fresh, an agent is reserved first only where calls are placed without one,
// and after a drop nobody but a reserved agent gets the record.
func (d *draft) lane(lane status.Lane) status.Lane {
	r := d.r
	if r.Standing != status.StandingQueued {
		return status.LaneNone
	}
	overDials := d.c.cfg.Mode.OverDials()
	if lane == status.LaneProgressive && !overDials {
		lane = status.LaneAgain
	}
	if lane == status.LaneAgain && r.Attempts.Total == 0 && r.Attempts.Talks == 0 {
		lane = status.LaneFresh
	}
	if lane == status.LaneNone { // a record that was never queued
		lane = status.LaneFresh
	}
	if r.NeedsAgent && overDials && lane != status.LaneOwn {
		lane = status.LaneProgressive
	}
	return lane
}
