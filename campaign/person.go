package campaign

import "github.com/nextcall/nextcall/status"

// join gives the record to another contact, or new phones of its own contact.
func (d *draft) join(e *Joining) (*Change, error) {
	d.author, d.operation = e.Actor.Name(), e.Operation
	d.actorText(&e.Actor)
	d.text("operation", e.Operation)
	d.text("contact", string(e.Contact))
	d.may(&e.Actor)
	if e.Contact == "" {
		d.fail(&FieldError{Path: "contact", Msg: "want the contact that the record goes to"})
	}
	why := WhyJoined
	if e.Contact == d.r.Contact && !e.Close {
		why = WhyEdited
	}
	d.why(why)
	d.r.Contact = e.Contact
	if e.Phones != nil {
		d.replacePhones(e.Phones)
	}
	if e.Close {
		d.shut()
	}
	d.note(e.Note)
	return d.finish(0, d.entry(Entry{Why: why, Note: e.Note}))
}

// erase takes from the record what is about a person.
func (d *draft) erase(e *Erasure) (*Change, error) {
	d.author, d.operation = e.Actor.Name(), e.Operation
	d.actorText(&e.Actor)
	d.text("operation", e.Operation)
	d.may(&e.Actor)
	d.why(WhyErased)
	d.shut()
	r := d.r
	r.Contact, r.ExternalID = "", ""
	r.Phones, r.Fields, r.Notes, r.Tags, r.DueInput = nil, nil, nil, nil, nil
	d.own, d.classed = true, 0
	change, err := d.finish(0, d.entry(Entry{Why: WhyErased}))
	if err == nil {
		change.Erase = true
	}
	return change, err
}

// shut ends the record without a status. One that is closed already stays as it is.
func (d *draft) shut() {
	switch {
	case d.r.Standing == status.StandingClosed:
	case d.r.Success:
		d.settle(&verdict{q: status.SuccessClosed})
	default:
		d.settle(&verdict{q: status.Closed})
	}
}
