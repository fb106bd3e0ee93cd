package campaign

import (
	"fmt"

	"github.com/nextcall/nextcall/status"
)

// set applies a status without a call. Nothing is counted, and no limit ends
// the record: a limit ends only what a call's result would dial again.
func (d *draft) set(e *Set) (*Change, error) {
	d.setting(e)
	return d.finish(0, d.entry(Entry{Why: WhyChosen, Note: e.Note}))
}

// setting is all of a status without a call but its end.
func (d *draft) setting(e *Set) {
	d.acts(&e.Actor, e.Operation)
	d.lenient = !e.Actor.Person()
	d.why(WhyChosen)
	if e.Actor.Person() && e.Actor.Agent == "" {
		d.fail(&ActorError{Actor: e.Actor, Msg: "a status is changed by users with an agent account: give the actor's agent"})
	}
	d.save(e.Fields, e.Note, e.Actor.Person())
	d.next(d.r.Next)
	switch {
	case e.Status != "" && e.Qualifier != status.None:
		d.fail(&FieldError{Path: "qualifier", Value: e.Qualifier.String(), Msg: "given besides a status, which has its own: give one of them"})
	case e.Status != "":
		if st := d.usable(e.Status); st != nil {
			d.setStatus(st, e)
		}
	case e.Qualifier == status.Unused:
		d.setUnused(e)
	case e.Qualifier == status.None:
		d.fail(&FieldError{Path: "status", Msg: "want the status to set"})
	default:
		d.fail(&FieldError{Path: "qualifier", Value: e.Qualifier.String(), Msg: "only unused is set without a status: choose a status that has the qualifier"})
	}
}

// acts says who changes the record, and by which operation.
func (d *draft) acts(a *Actor, operation string) {
	d.author, d.operation = a.Name(), operation
	d.actorText(a)
	d.text("operation", operation)
	d.may(a)
}

// may checks that the actor may use the campaign.
func (d *draft) may(a *Actor) {
	d.fail(a.MayUse(d.c.cfg.ID))
}

func (d *draft) setStatus(st *status.Status, e *Set) {
	if !effectOf(st.Qualifier).ChangeTarget {
		d.fail(&FieldError{Path: "status", Value: string(st.ID), Msg: fmt.Sprintf("%s is not set without a call", st.Qualifier)})
		return
	}
	var v *verdict
	if st.Inputs().Time && e.KeepDue && !d.r.Due.IsZero() {
		// The record's own next call is the time that the status asks for.
		d.noTime(st.ID, &e.Input)
		in := Input{At: d.r.Due, Agent: e.Input.Agent}
		warnings := d.answer.Warnings
		v = d.verdictOf(st, true, &in)
		d.answer.Warnings = warnings // that it has passed is nobody's mistake
	} else {
		v = d.verdictOf(st, true, &e.Input)
	}
	v.keepDue = e.KeepDue && !d.r.Due.IsZero()
	numbers := d.which(st, e.Blacklist)
	if st.EndsNumber {
		d.warn("status %q ends the called number, but there was no call: no number was ended", st.ID)
	}
	d.settle(v)
	d.listNumbers(st, true, numbers...)
	d.act(st)
}

func (d *draft) setUnused(e *Set) {
	d.noInput("", &e.Input)
	if e.Blacklist != "" {
		d.fail(&FieldError{Path: "blacklist", Value: string(e.Blacklist), Msg: "unused lists no number: leave the answer out"})
	}
	if d.barredBySuccess(status.Unused) {
		d.fail(&SuccessError{Qualifier: status.Unused, Success: true})
	}
	d.settle(&verdict{q: status.Unused, person: true, keepDue: e.KeepDue && !d.r.Due.IsZero()})
	d.r.SkipUntil, d.r.Skips = noTime, 0
}
