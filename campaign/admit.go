package campaign

import (
	"fmt"
	"slices"
	"time"

	"github.com/nextcall/nextcall/status"
)

// maxID is the longest record id, in bytes: every engine can index it.
const maxID = 200

// Admission is how a record is added, beside what it is.
type Admission struct {
	Actor Actor
	// Input is what is given with the record's status. Nil: the record's Due, or
	// DueInput, and Owner.
	Input *Input
	// Blacklist says which numbers a status with a blacklist lists. "" is no
	// answer, which such a status refuses.
	Blacklist Which
}

// Admit is [Campaign.AdmitAs] with inputs of the record's own and no answer about
// blacklists.
func (c *Campaign) Admit(r Record, actor Actor, now time.Time) (Change, error) {
	return c.AdmitAs(r, Admission{Actor: actor}, now)
}

// AdmitAs checks a new record and makes it a Change that adds it, or returns all
// mistakes joined, as Apply does.
//
// Without a status an imported record (Source [ChannelImport]) is Unused: ready
// as a fresh one, or waiting if it has a Due. One made as a case is Manual and
// held. A record with a status gets it as by a [Set]. What the record brings of
// counters, of its last call and of its numbers is kept; the rest of its progress
// is made anew.
func (c *Campaign) AdmitAs(r Record, a Admission, now time.Time) (Change, error) {
	actor := a.Actor
	facts := Facts{Record: r}
	var w Work
	d := w.begin(c, &facts, now)
	d.r.Campaign = r.Campaign
	d.author, d.operation = actor.Name(), r.Operation
	d.actorText(&actor)
	d.may(&actor)
	d.identity()
	d.checkPhones(r.Phones)
	d.saveTags(r.Tags)
	d.ownLists()
	d.times()
	d.r.Fields = nil
	d.saveFields(r.Fields, true)
	d.r.Campaign, d.r.Version, d.r.Changes, d.r.Park = c.cfg.ID, 0, 0, Park{}
	if d.r.Created.IsZero() {
		d.r.Created = d.now
	}
	d.why(WhyAdded)
	d.r.Progress = Progress{
		Attempts: r.Attempts, LastCall: r.LastCall, LastOutcome: r.LastOutcome, LastAgent: r.LastAgent,
		LastToken: r.LastToken, Attention: r.Attention, NeedsAgent: r.NeedsAgent, Owner: r.Owner,
	}
	d.next(0)
	d.lenient = !actor.Person()
	d.admitStatus(r, &a)
	facts.Record.Status, facts.Record.Version = "", 0 // the history begins with nothing
	change, err := d.finish(0, d.entry(Entry{Why: WhyAdded}))
	if err != nil {
		return Change{}, err
	}
	change.Add = true
	return *change, nil
}

// admitStatus sets the status that the record comes with, or none.
func (d *draft) admitStatus(r Record, a *Admission) {
	if r.Status != "" {
		st := d.usable(r.Status)
		if st == nil {
			return
		}
		in := Input{At: r.Due, Agent: r.Owner}
		if l := r.DueInput; l != nil {
			in = Input{Date: l.Date, Hour: l.Hour, Zone: l.Zone, Agent: r.Owner}
		}
		if !st.Inputs().Agent {
			in.Agent = "" // an owner is information where the status does not ask for one
		}
		if a.Input != nil {
			in = *a.Input
			if in.Agent == "" && st.Inputs().Agent {
				in.Agent = r.Owner
			}
		}
		numbers := d.which(st, a.Blacklist)
		d.settle(d.verdictOf(st, true, &in))
		d.listNumbers(st, true, numbers...)
		d.act(st)
		return
	}
	if a.Input != nil {
		d.noInput("", a.Input)
	}
	if a.Blacklist != "" {
		d.fail(&FieldError{Path: "blacklist", Value: string(a.Blacklist), Msg: "without a status no number is listed: leave the answer out"})
	}
	q := status.Unused
	switch {
	case r.Qualifier != status.None && r.Qualifier != status.Unused && r.Qualifier != status.Manual:
		d.fail(&FieldError{Path: "qualifier", Value: r.Qualifier.String(), Msg: "a new record gets it with a status only"})
	case r.Qualifier != status.None:
		q = r.Qualifier
	case r.Source != ChannelImport:
		q = status.Manual
	}
	d.settle(&verdict{q: q})
	d.r.Owner = r.Owner
	if q == status.Unused {
		d.r.Due, d.r.DueInput = stored(r.Due), r.DueInput
		if r.Due.IsZero() {
			d.r.Due, d.r.DueInput = noTime, nil
		}
		d.undated()
	} else if !r.Due.IsZero() {
		d.fail(&FieldError{Path: "due", Value: r.Due.Format(time.RFC3339), Msg: "a held record has no next call: leave it out, or give a status"})
	}
}

// ownLists copies what the caller may go on writing to.
func (d *draft) ownLists() {
	d.r.Notes = slices.Clone(d.r.Notes)
	d.r.Phones, d.own = slices.Clone(d.r.Phones), true
	for i := range d.r.Phones {
		p := &d.r.Phones[i]
		p.Zones = slices.Clone(p.Zones)
		p.LastCall, p.BlockedUntil = stored(p.LastCall), stored(p.BlockedUntil)
	}
}

// identity checks what the record is.
func (d *draft) identity() {
	r := d.r
	if r.ID == "" || len(r.ID) > maxID {
		d.fail(&FieldError{Path: "id", Value: string(r.ID), Msg: fmt.Sprintf("want 1 to %d bytes", maxID)})
	}
	if r.Campaign != "" && r.Campaign != d.c.cfg.ID {
		d.fail(&FieldError{Path: "campaign", Value: string(r.Campaign), Msg: fmt.Sprintf("this is campaign %q", d.c.cfg.ID)})
	}
	if _, ok := d.c.types[r.Type]; !ok && r.Type != "" {
		d.fail(&FieldError{Path: "type", Value: string(r.Type), Msg: "the campaign has no such record type"})
	}
	if !slices.Contains(channels, r.Source) {
		d.fail(&FieldError{Path: "source", Value: string(r.Source), Msg: "want nothing for an import, or agent, call, mail, fax, sms, mms or web"})
	}
	for _, t := range []struct{ path, value string }{
		{"id", string(r.ID)}, {"external_id", r.ExternalID}, {"contact", string(r.Contact)}, {"type", r.Type},
		{"list", r.List}, {"owner", string(r.Owner)}, {"operation", r.Operation},
	} {
		d.text(t.path, t.value)
	}
	for i, n := range r.Notes {
		d.text(fmt.Sprintf("notes[%d]", i), n.Text)
		d.text(fmt.Sprintf("notes[%d].author", i), n.Author)
	}
	d.inList()
	if r.Sequence < 0 {
		d.fail(&FieldError{Path: "sequence", Value: fmt.Sprint(r.Sequence), Msg: "want 0 for the next one, or more"})
	}
}

// times checks the instants that the record brings, and stores them as all are.
func (d *draft) times() {
	r := d.r
	for _, t := range []struct {
		path string
		at   *time.Time
	}{{"created", &r.Created}, {"due", &r.Due}, {"last_call", &r.LastCall}} {
		if !t.at.IsZero() && !inYears(*t.at) {
			d.fail(&FieldError{Path: t.path, Value: t.at.UTC().Format(time.RFC3339), Msg: "want a year from 1 to 9999"})
		}
		if !t.at.IsZero() {
			*t.at = stored(*t.at)
		}
	}
}
