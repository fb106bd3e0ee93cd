package campaign

import (
	"fmt"
	"time"

	"github.com/nextcall/nextcall/internal/calendar"
	"github.com/nextcall/nextcall/status"
)

// result applies what came of a call, in the order of its steps: count, mark
// the number, choose (status, rule or fallback), check, settle, limits,
// blacklist, actions.
func (d *draft) result(e *Result) (*Change, error) {
	lease := &d.f.Lease
	if d.f.Call != nil && (lease.Token == 0 || lease.Call != d.f.Call.Token) {
		return d.late(e)
	}
	if lease.Token == 0 {
		return nil, fmt.Errorf("%w: record %s has none, and no call is known for the token", ErrLeaseLost, d.r.ID)
	}
	if lease.Phase == Offered && e.Outcome != Cancelled {
		return nil, fmt.Errorf("%w (record %s, outcome %s)", ErrNotStarted, d.r.ID, e.Outcome)
	}
	d.leasedCall()
	d.begin(e)
	if lease.Phase == Offered {
		d.call.Dialed, d.call.Answered = noTime, noTime
	}
	return d.finishCall(e, lease.Phase != Offered, lease.ForCallback, lease.Token)
}

// leasedCall makes the call of the event the one that the lease knows.
func (d *draft) leasedCall() {
	lease := &d.f.Lease
	d.call = &d.w.call
	*d.call = Call{
		Token: lease.Call, Contact: d.r.Contact, Number: lease.Number, Agent: lease.Agent, Holder: lease.Holder,
		Mode: d.c.cfg.Mode, Lane: lease.Lane, Inbound: lease.Inbound, Dialed: lease.Dialed, Answered: lease.Answered,
	}
}

// begin makes the log's entry of d.call: what is known of it, and what was reported.
func (d *draft) begin(e *Result) {
	call := d.call
	d.actorText(&e.Actor)
	d.text("amd", e.AMD)
	d.text("hangup_by", e.HangupBy)
	if call.Campaign == "" { // else it is in the log
		call.Campaign, call.Record = d.c.cfg.ID, d.r.ID
	}
	call.Outcome, call.Rang = e.Outcome, e.Rang
	if e.Outcome == OutcomeNone || int(e.Outcome) >= NumOutcomes {
		d.warn("%s is no known outcome: taken as %s", e.Outcome, Unknown)
		call.Outcome = Unknown
	}
	call.AMD, call.HangupBy, call.SIPCode, call.Q850 = e.AMD, e.HangupBy, e.SIPCode, e.Q850
	if call.Agent == "" {
		call.Agent = e.Actor.Agent
	}
	d.callTimes(e)
	d.author = e.Actor.Name()
	if !e.Actor.Person() && e.Status != "" && call.Agent != "" {
		d.author = string(call.Agent)
	}
}

// callTimes takes the reported times, else those of the lease, else now. A
// result is not lost for a clock that is wrong: what cannot be is put right,
// with a warning.
func (d *draft) callTimes(e *Result) {
	call := d.call
	take := func(name string, reported, known time.Time) time.Time {
		t := reported
		if t.IsZero() {
			t = known
		}
		if t.IsZero() {
			return t
		}
		t = stored(t)
		if year := t.Year(); year < calendar.MinYear || year > calendar.MaxYear || t.After(d.now) {
			if t.Sub(d.now) > time.Minute {
				d.warn("%s %s is in the future: taken as now", name, t.Format(time.RFC3339))
			}
			t = d.now
		}
		return t
	}
	call.Dialed = take("dialed", e.Dialed, call.Dialed)
	call.Answered = take("answered", e.Answered, call.Answered)
	call.Ended = take("ended", e.Ended, d.now)
	if call.Dialed.IsZero() && (d.f.Call != nil || d.f.Lease.Phase != Offered) {
		call.Dialed = call.Ended
		if at := stored(d.f.Lease.At); d.f.Lease.Token != 0 && !d.f.Lease.At.IsZero() && at.Before(call.Ended) {
			call.Dialed = at
		}
	}
	if call.Ended.Before(call.Dialed) {
		d.warn("ended %s is before dialed: taken as %s", call.Ended.Format(time.RFC3339), call.Dialed.Format(time.RFC3339))
		call.Ended = call.Dialed
	}
	if !call.Answered.IsZero() && (call.Answered.Before(call.Dialed) || call.Answered.After(call.Ended)) {
		d.warn("answered %s is not between dialed and ended: left out", call.Answered.Format(time.RFC3339))
		call.Answered = noTime
	}
	call.Ring, call.Talk = max(e.Ring, 0), max(e.Talk, 0)
	if e.Ring < 0 || e.Talk < 0 {
		d.warn("ring or talk is negative: taken as 0")
	}
}

// finishCall does all that follows from d.call, on a record as it was before it.
func (d *draft) finishCall(e *Result, dialled, forCallback bool, token Token) (*Change, error) {
	d.answer.Call, d.answer.Outcome = d.call.Token, d.call.Outcome
	d.w.before = Before{Progress: d.r.Progress, Phones: d.r.Phones}
	d.call.Before = &d.w.before
	if d.own { // the phones are those of Before now: never written to again
		d.own, d.w.phones = false, nil
	}
	d.countCall(dialled)
	st, person := d.choose(e.Status)
	if st != nil && st.EndsNumber && d.number >= 0 {
		d.phone(d.number).Out = OutEnded
	}
	d.advance()
	d.save(e.Fields, e.Note, e.Actor.Person() || e.Status != "")
	switch {
	case st != nil:
		d.call.Status, d.call.Chosen = st.ID, person
		d.settle(d.verdictOf(st, person, &e.Input))
	case e.Status == "":
		d.noInput("", &e.Input)
		if len(e.Fields) > 0 && e.Actor.Person() {
			d.requiredNow()
		}
		d.fallback(forCallback)
	}
	d.limit(st)
	d.listCall(st, person)
	d.act(st)
	return d.finish(token, nil)
}

// countCall finds the called number, counts the call and marks the number.
func (d *draft) countCall(dialled bool) {
	d.number = d.r.Phone(d.call.Number)
	if !dialled {
		d.call.Rang = false
	}
	d.count(dialled)
	if dialled {
		d.markNumber()
	}
}

// choose returns the status that the call leads to: the one a person chose,
// else the first whose rule holds, else nil.
func (d *draft) choose(id status.ID) (st *status.Status, person bool) {
	if id != "" {
		d.why(WhyChosen)
		return d.usable(id), true
	}
	if st := d.ruled(); st != nil {
		d.why(WhyRule)
		return st, false
	}
	return nil, false
}

// usable returns the attached status, or fails.
func (d *draft) usable(id status.ID) *status.Status {
	st, err := d.c.usable(id)
	d.fail(err)
	return st
}

// status returns an attached status in place, or nil. It must not be written to.
func (c *Campaign) status(id status.ID) *status.Status {
	if i, ok := c.index[id]; ok {
		return &c.statuses[i]
	}
	return nil
}
