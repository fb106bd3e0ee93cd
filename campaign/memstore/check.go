package memstore

import (
	"errors"
	"fmt"
	"slices"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/dense"
	"github.com/nextcall/nextcall/status"
)

// errAlone says that a change touches what other campaigns may be using: it is
// to be made again while nobody else is in the store.
var errAlone = errors.New("a change of several campaigns")

// alone reports whether a change is known beforehand to touch several campaigns.
func alone(ch *campaign.Change) bool {
	return ch.Move || len(ch.Also) > 0 || len(ch.Unlist)+len(ch.Wake) > 0 || ch.Lease != nil && len(ch.Lease.With) > 0 ||
		ch.Call != nil && ch.Call.Campaign != ch.Ref.Campaign
}

// check finds out what a campaign's lock is enough for, and writes nothing.
func (p *plan) check() error {
	if p.Revision != 0 && p.line != nil {
		if err := p.line.outdated(p.Revision); err != nil {
			return err
		}
	}
	if p.Ref.Record == "" {
		return p.fits()
	}
	if p.line != nil {
		p.slot, p.found = p.line.slotOf(&p.Ref)
	}
	switch {
	case (p.Add || p.Move) && p.found:
		return &campaign.DuplicateError{What: "record id", Value: string(p.Ref.Record), Existing: p.line.refOf(p.slot)}
	case p.Add && (p.Ref.Token != 0 || p.Extend):
		return lost(p.Ref) // the added record is in no lease
	case p.Add, p.Move:
	case !p.found:
		return notFound(p.Ref)
	default:
		if err := p.checkStored(); err != nil {
			return err
		}
	}
	return p.fits()
}

// checkStored compares the token and the version with those of the record.
func (p *plan) checkStored() error {
	if err := p.checkToken(); err != nil {
		return err
	}
	if version := p.line.rows.version(p.slot); p.Record != nil && p.Record.Version != 0 && p.Record.Version != version {
		return fmt.Errorf("record %q of campaign %q is at version %d, not %d: %w",
			p.Ref.Record, p.Ref.Campaign, version, p.Record.Version, campaign.ErrConflict)
	}
	return nil
}

func (l *line) refOf(s slot) campaign.Ref {
	return campaign.Ref{Campaign: l.id, Record: l.rows.name(s)}
}

// fits reports what of a change the store cannot keep.
func (p *plan) fits() error {
	contacts, numbers := 0, 0
	id := func(what string, id campaign.ContactID) error {
		contacts++
		return textFits(what, string(id))
	}
	if r := p.Record; r != nil {
		if err := p.line.rows.fits(r); err != nil {
			return err
		}
		if err := id("a contact id", r.Contact); err != nil {
			return err
		}
		numbers += len(r.Phones)
	}
	keys := 0
	if c := p.Contact; c != nil {
		if err := id("a contact id", c.ID); err != nil {
			return err
		}
		keys = len(c.Phones) + len(c.Emails) + len(c.Keys)
	}
	if err := id("a contact id", p.Merge); err != nil {
		return err
	}
	if p.Call != nil {
		if err := id("a contact id", p.Call.Contact); err != nil {
			return err
		}
	}
	// A write of the record may have to write its first line out: see history.
	lines := 2
	if p.from != nil {
		lines += p.from.past.count(p.left)
	}
	if p.Entry != nil || p.Record != nil && (p.found || p.Move) {
		if err := p.line.past.room(lines); err != nil {
			return err
		}
	}
	p.need = need{contacts, numbers + 2, keys}
	return nil
}

// need is how many contacts, numbers and keys of contacts a change may add.
type need struct{ contacts, numbers, keys int }

// room reports whether people can keep what a change may add. The caller holds
// their lock.
func (p *people) room(n need, ch *campaign.Change) error {
	if p.numbers.Len()+n.numbers > MaxNumbers || p.contacts.Len()+n.contacts > MaxContacts ||
		p.links.Len()+2*(n.numbers+n.contacts) > dense.MaxNumber {
		return &LimitError{What: "numbers and contacts", Limit: MaxNumbers, Value: "more"}
	}
	if p.idBytes+n.contacts*(MaxText+2) > maxIDBytes {
		return &LimitError{What: "bytes of contact ids", Limit: maxIDBytes, Value: "more"}
	}
	if err := p.keys.room(n.keys); err != nil {
		return err
	}
	if ch.Call != nil {
		return p.calls.fits(ch.Call)
	}
	return nil
}

// checkAdd looks for what must be unique.
func (p *plan) checkAdd() error {
	r, pe := p.Record, p.st.people
	if err := p.existing(r.Contact); err != nil || !p.UniqueNumbers {
		return err
	}
	for i := range r.Phones {
		n := r.Phones[i].Number
		h := uint32(0)
		if n != 0 {
			h = pe.findNumber(n)
		}
		if h == 0 {
			continue
		}
		var other spot
		pe.each(&pe.numbers.At(h).records, func(at spot) bool {
			if at.line == p.line.number && p.line.rows.at(at.slot).standing != status.StandingClosed {
				other = at
			}
			return other.line == 0
		})
		if other.line != 0 {
			return &campaign.DuplicateError{What: "number in campaign", Value: n.String(), Existing: p.line.refOf(other.slot)}
		}
	}
	return nil
}

// existing refuses a contact that a record of the campaign has already.
func (p *plan) existing(contact campaign.ContactID) error {
	pe := p.st.people
	if contact == "" {
		return nil
	}
	h := uint32(0)
	if p.from != nil {
		h = p.from.rows.at(p.left).contact
	}
	if pe.contactID(h) != string(contact) {
		h = pe.findContact(contact)
	}
	if h == 0 {
		return nil
	}
	var other spot
	pe.each(&pe.contacts.At(h).records, func(at spot) bool {
		if at.line == p.line.number {
			other = at
		}
		return other.line == 0
	})
	if other.line != 0 {
		return &campaign.DuplicateError{What: "contact in campaign", Value: string(contact), Existing: p.line.refOf(other.slot)}
	}
	return nil
}

func lost(ref campaign.Ref) error {
	return fmt.Errorf("token %d of record %q of campaign %q: %w", ref.Token, ref.Record, ref.Campaign, campaign.ErrLeaseLost)
}

// checkToken compares the token with that of the live lease.
func (p *plan) checkToken() error {
	p.lease = p.line.rows.leaseOf(p.slot)
	var x *lease
	if p.lease != 0 {
		x = p.st.people.leases.At(p.lease)
		if len(x.with) > 0 && !p.alone {
			return errAlone
		}
	}
	if token := p.Ref.Token; token != 0 {
		// The first token may still end a lease that was handed out to be settled.
		if x == nil || token != x.Token && (token != x.Call || !p.ends()) {
			return lost(p.Ref)
		}
		if !p.Phases.Allow(x.Phase) {
			return fmt.Errorf("the lease on record %q of campaign %q is in phase %d by now: %w", p.Ref.Record, p.Ref.Campaign, x.Phase, campaign.ErrConflict)
		}
		return nil
	}
	switch {
	case x != nil && !p.LogsOnly():
		return &campaign.LeasedError{Hold: p.st.people.holdRecord(p.lease)}
	case x == nil && p.Extend:
		return lost(p.Ref)
	}
	return nil
}

// checkNewLease looks whether all that a new lease needs is there and free.
func (p *plan) checkNewLease() error {
	pe := p.st.people
	// The record as it will be: perhaps it is only being added.
	if err := pe.freeOf(p.contact, p.numbers); err != nil {
		return err
	}
	for _, ref := range p.Lease.With {
		l := p.st.byID[ref.Campaign]
		if l == nil {
			return notFound(ref)
		}
		s, found := l.rows.find(ref.Record)
		at := held{spot: spot{l.number, s}}
		switch {
		case !found && l == p.line && p.Add && ref.Record == p.Ref.Record:
			return notFound(ref)
		case !found:
			return notFound(ref)
		case p.found && l == p.line && s == p.slot, slices.ContainsFunc(p.with, func(h held) bool { return h.spot == at.spot }):
			continue
		}
		if h := l.rows.leaseOf(s); h != 0 {
			return &campaign.LeasedError{Hold: pe.holdRecord(h)}
		}
		if err := pe.freeOf(l.rows.at(s).contact, l.rows.numbers(s, nil)); err != nil {
			return err
		}
		p.with = append(p.with, at)
	}
	if p.Lease.Number == 0 {
		return nil
	}
	return pe.freeNumber(pe.findNumber(p.Lease.Number))
}

func (p *people) freeOf(contact uint32, numbers []uint32) error {
	if contact != 0 && p.contacts.At(contact).guard != 0 {
		return &campaign.LeasedError{Hold: p.holdContact(contact)}
	}
	for _, n := range numbers {
		if err := p.freeNumber(n); err != nil {
			return err
		}
	}
	return nil
}

func (p *people) freeNumber(n uint32) error {
	if n != 0 && p.numbers.At(n).guard != 0 {
		return &campaign.LeasedError{Hold: p.holdNumber(n)}
	}
	return nil
}

// checkDialed refuses to dial a number that another lease holds. While it is
// only offered, such a number is a matter of eligibility.
func (p *plan) checkDialed() error {
	pe := p.st.people
	if p.Lease.Phase == campaign.Offered || p.Lease.Number == 0 {
		return nil
	}
	n := pe.findIn(p.Lease.Number, p.numbers)
	if n == 0 {
		return nil
	}
	if h := pe.numbers.At(n).guard; h == 0 || h == p.lease {
		return nil
	}
	return &campaign.LeasedError{Hold: pe.holdNumber(n)}
}

// findIn returns the handle of a number: mostly it is a record's own.
func (p *people) findIn(n blacklist.Number, own []uint32) uint32 {
	for _, h := range own {
		if p.number(h) == n {
			return h
		}
	}
	return p.findNumber(n)
}
