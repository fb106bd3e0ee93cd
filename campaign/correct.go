package campaign

import (
	"fmt"
	"time"

	"github.com/nextcall/nextcall/internal/calendar"
)

// correct replaces the status that the record's last call led to. It begins
// from the record as it was before the call, counts the call again, and sets
// the new status now, so nothing is counted twice.
func (d *draft) correct(e *Correction) (*Change, error) {
	call := d.f.Call
	if err := d.correctable(e); err != nil {
		return nil, err
	}
	d.author = e.Actor.Name()
	d.actorText(&e.Actor)
	d.may(&e.Actor)
	d.why(WhyCorrected)
	d.why(WhyChosen)
	d.correction = true
	wasSuccess := d.f.Record.Success
	d.rewind(call.Before)
	d.again(call)
	if d.call.Agent == "" {
		d.call.Agent = e.Actor.Agent
	}
	d.answer.Call, d.answer.Outcome = call.Token, call.Outcome
	// A call that never was dialled has no time of dialling.
	d.countCall(!call.Dialed.IsZero())
	d.r.Skips, d.r.SkipUntil = d.f.Record.Skips, d.f.Record.SkipUntil // those since the call
	d.save(e.Fields, e.Note, true)
	if e.Status == "" {
		d.fail(&FieldError{Path: "status", Msg: "want the status that replaces the call's"})
	} else if st := d.usable(e.Status); st != nil {
		if st.EndsNumber && d.number >= 0 {
			d.phone(d.number).Out = OutEnded
		}
		d.advance()
		d.call.Status, d.call.Chosen = st.ID, true
		if effectOf(st.Qualifier).RequiresSuccess && !wasSuccess && !d.r.Success {
			d.fail(&SuccessError{Status: st.ID, Qualifier: st.Qualifier})
		}
		d.settle(d.verdictOf(st, true, &e.Input))
		d.limit(st)
		d.listCall(st, true)
		d.act(st)
	}
	return d.finish(0, d.entry(Entry{Why: WhyCorrected, Call: call.Token, Note: e.Note}))
}

// correctable says why the call's status cannot be corrected any more.
func (d *draft) correctable(e *Correction) error {
	call, r := d.f.Call, &d.f.Record
	refuse := func(msg string, limit time.Time) error {
		return &CorrectionError{Call: e.Call, Limit: limit, Msg: msg}
	}
	switch {
	case call == nil || call.Token != e.Call:
		return refuse("it is not known: name a finished call of the record", noTime)
	case call.Record != r.ID || call.Campaign != d.c.cfg.ID:
		return refuse(fmt.Sprintf("it was to record %s of campaign %q", call.Record, call.Campaign), noTime)
	case d.r.Campaign != d.c.cfg.ID:
		return refuse(fmt.Sprintf("the record has moved to campaign %q since: set a status there", d.r.Campaign), noTime)
	case d.f.Lease.Token != 0:
		return refuse("the record is leased again: set a status with that call's result", noTime)
	case r.LastToken != call.Token:
		return refuse("the record was called again: correct its last call, or set a status without one", noTime)
	case call.Before == nil:
		return refuse("what the record was before is not kept any more: set a status without a call", noTime)
	}
	if limit := d.c.correctionEnd(call.Ended); !d.now.Before(limit) {
		return refuse("too late, set a status without a call: corrections ended at", limit)
	}
	return nil
}

// correctionEnd is the instant from which a call that ended at ended cannot be
// corrected any more.
func (c *Campaign) correctionEnd(ended time.Time) time.Time {
	if w := c.cfg.CorrectionWindow; w > 0 {
		return ended.Add(time.Duration(w))
	}
	year, month, day := ended.In(c.zone).Date()
	return calendar.StartOfDay(year, month, day+1, c.zone)
}

// rewind makes the record's progress what it was before a call, and what is
// known about its numbers. What the record is stays: contact, fields, notes,
// and the list of phones.
func (d *draft) rewind(b *Before) {
	r := d.r
	r.Progress = b.Progress
	next := -1
	if i := b.Progress.Next; i >= 0 && i < len(b.Phones) {
		next = r.Phone(b.Phones[i].Number)
	}
	r.Next = max(next, 0)
	for i := range r.Phones {
		for j := range b.Phones {
			if b.Phones[j].Number == r.Phones[i].Number {
				d.phone(i).restore(&b.Phones[j])
			}
		}
	}
}

// restore takes what is known about a number from another list of phones.
func (p *Phone) restore(from *Phone) {
	p.Out, p.BlockedUntil = from.Out, from.BlockedUntil
	p.Attempts, p.Unrung = from.Attempts, from.Unrung
	p.LastCall, p.LastOutcome = from.LastCall, from.LastOutcome
}
