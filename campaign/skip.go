package campaign

import (
	"fmt"
	"time"

	"github.com/nextcall/nextcall/status"
)

// skip gives an offered record back for a while.
func (d *draft) skip(e *Skip) (*Change, error) {
	lease := &d.f.Lease
	switch {
	case lease.Token == 0:
		return nil, fmt.Errorf("%w: record %s has none, so nothing is offered", ErrLeaseLost, d.r.ID)
	case lease.Phase != Offered:
		return nil, &SkipError{Record: d.r.ID, Msg: "its call was started; report the call, as cancelled if it was given up"}
	case d.c.cfg.Skips.Disallow:
		return nil, &SkipError{Record: d.r.ID, Msg: "the campaign allows no skipping: call it, or report it as cancelled with a status"}
	}
	d.actorText(&e.Actor)
	d.author = e.Actor.Name()
	if !e.Actor.Person() && lease.Agent != "" {
		d.author = string(lease.Agent)
	}
	return d.passOver(WhySkipped)
}

// passOver makes an offer a skip: no attempt, place and next call stay, and the
// record stays away for the skip delay. Too many skips hold it.
func (d *draft) passOver(why Why) (*Change, error) {
	r, skips := d.r, &d.c.cfg.Skips
	d.why(why)
	r.Skips++
	r.SkipUntil = d.now.Add(time.Duration(skips.Delay))
	if skips.Max > 0 && r.Skips > skips.Max && r.Standing == status.StandingQueued {
		r.Standing, r.Attention = status.StandingHeld, true
		d.why(WhySkipLimit)
	}
	change, err := d.finish(d.f.Lease.Token, d.entry(Entry{Why: why}))
	if err == nil && r.Standing == status.StandingQueued {
		change.Record.Park = Park{Until: change.Record.SkipUntil, Reason: ReasonSkipped, Revision: d.c.Revision()}
	}
	return change, err
}

// expire settles a lease that ran out: an offered one is a skip by nobody, a
// started one a call of which nobody knows what came of it.
func (d *draft) expire() (*Change, error) {
	lease := &d.f.Lease
	if lease.Token == 0 {
		return nil, fmt.Errorf("%w: record %s has none, so none ran out", ErrLeaseLost, d.r.ID)
	}
	if lease.Phase == Offered && lease.Inbound {
		// Nobody passed the record over: its person was on the phone.
		d.why(WhyLeaseExpired)
		d.report()
		return d.change(Change{Ref: Ref{Campaign: d.c.cfg.ID, Record: d.r.ID, Token: lease.Token}, Answer: d.answer}), nil
	}
	if lease.Phase == Offered {
		d.author = Engine
		return d.passOver(WhyLeaseExpired)
	}
	d.why(WhyLeaseExpired)
	change, err := d.expired()
	if err == nil {
		change.Call.Expired = true
	}
	return change, err
}

// expired is the result of a call that nobody reported.
func (d *draft) expired() (*Change, error) {
	lease := &d.f.Lease
	e := Result{Outcome: Unknown}
	d.leasedCall()
	d.begin(&e)
	return d.finishCall(&e, true, lease.ForCallback, lease.Token)
}
