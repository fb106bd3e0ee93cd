package campaign

import (
	"fmt"

	"github.com/nextcall/nextcall/blacklist"
)

// edit changes what the record is. It wakes a parked record, for what parked it
// may be gone.
func (d *draft) edit(e *Edit) (*Change, error) {
	d.acts(&e.Actor, e.Operation)
	d.why(WhyEdited)
	if e.Phones != nil {
		d.replacePhones(e.Phones)
	}
	if e.Tags != nil {
		d.saveTags(e.Tags)
	}
	if e.Order != nil {
		d.r.Order = *e.Order
	}
	if e.List != nil {
		d.text("list", *e.List)
		d.r.List = *e.List
		d.inList()
	}
	if e.Consent != nil {
		d.r.Consent = *e.Consent
	}
	d.save(e.Fields, e.Note, e.Actor.Person())
	if e.Actor.Person() {
		d.requiredNow()
	}
	return d.finish(0, d.entry(Entry{Why: WhyEdited, Note: e.Note}))
}

// replacePhones takes a new list; what is known about numbers that stay is
// kept, and so is the next number, if it stays and can be dialled.
func (d *draft) replacePhones(phones []Phone) {
	d.checkPhones(phones)
	old := d.r.Phones
	next := blacklist.Number(0)
	if d.r.Next >= 0 && d.r.Next < len(old) {
		next = old[d.r.Next].Number
	}
	fresh := make([]Phone, len(phones))
	for i := range phones {
		fresh[i] = phones[i]
		fresh[i].Zones = append([]string(nil), phones[i].Zones...)
		known := Phone{}
		for j := range old {
			if old[j].Number == phones[i].Number {
				known = old[j]
			}
		}
		fresh[i].restore(&known)
	}
	d.r.Phones, d.own, d.classed = fresh, true, 0
	d.r.Next = max(d.r.Phone(next), 0)
	d.next(d.r.Next)
}

// checkPhones refuses numbers that cannot be dialled or come twice, and zones
// that nobody knows.
func (d *draft) checkPhones(phones []Phone) {
	for i := range phones {
		p := &phones[i]
		path := fmt.Sprintf("phones[%d]", i)
		if !p.Number.Valid() {
			d.fail(&FieldError{Path: path + ".number", Value: fmt.Sprint(uint64(p.Number)), Msg: "want 7 to 15 digits beginning with the country code"})
		}
		for j := range phones[:i] {
			if phones[j].Number == p.Number {
				d.fail(&FieldError{Path: path + ".number", Value: p.Number.String(), Msg: fmt.Sprintf("the same as phones[%d]: leave one out", j)})
				break
			}
		}
		for j, zone := range p.Zones {
			if _, ok := d.c.location(zone); !ok {
				d.fail(&FieldError{Path: fmt.Sprintf("%s.zones[%d]", path, j), Value: zone, Msg: `want an IANA name such as "Europe/Warsaw"`})
			}
		}
		d.text(path+".extension", p.Extension)
		d.text(path+".label", p.Label)
		d.text(path+".region", p.Region)
		if p.Out != "" && p.Out != OutInvalid && p.Out != OutEnded {
			d.fail(&FieldError{Path: path + ".out", Value: string(p.Out), Msg: `want "", "invalid" or "ended"`})
		}
	}
}
