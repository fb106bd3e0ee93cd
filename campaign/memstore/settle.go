package memstore

import (
	"fmt"
	"slices"

	"github.com/nextcall/nextcall/campaign"
)

// settle does what needs the lock of people: the rest of the checks, and then
// all that they keep.
func (p *plan) settle() error {
	pe := p.st.people
	if err := pe.room(p.need, p.Change); err != nil {
		return err
	}
	if err := pe.checkContacts(p.Change, p.st.lines); err != nil {
		return err // somebody was quicker
	}
	if p.Add || p.Move {
		if err := p.checkAdd(); err != nil {
			return err
		}
	}
	if err := p.resolve(); err != nil {
		return err
	}
	p.rename()
	switch {
	case p.begins():
		if err := p.checkNewLease(); err != nil {
			return err
		}
	case p.Extend && p.Lease != nil:
		if err := p.checkDialed(); err != nil {
			return err
		}
	}
	begun, err := p.terms()
	if err == nil && (p.Add || p.Move) {
		err = p.add()
	}
	if err != nil {
		if begun != 0 {
			p.line.free = append(p.line.free, begun)
		}
		return err
	}
	// Nothing fails from here on.
	pe.applyContacts(p.Change)
	if p.moved {
		p.move()
	}
	if p.Move {
		p.carry()
	}
	if p.Erase {
		p.erase()
	}
	switch {
	case p.Extend:
		p.extend()
	case p.begins():
		p.begin(begun)
	case p.ends():
		p.end()
	}
	if p.Call != nil {
		p.log()
	}
	return nil
}

// resolve finds the handles of what the change names.
func (p *plan) resolve() (err error) {
	pe := p.st.people
	p.numbers = p.own[:0]
	switch {
	case p.found:
		p.contact = p.line.rows.at(p.slot).contact
		p.numbers = p.line.rows.numbers(p.slot, p.numbers)
	case p.from != nil && p.Merge == "" && p.Forget == "":
		// Mostly a record has where it goes to what it had.
		p.contact = p.from.rows.at(p.left).contact
		p.numbers = p.from.rows.numbers(p.left, p.numbers)
	case p.line == nil || p.Record == nil:
		return p.resolveCall()
	}
	if r := p.Record; r != nil {
		was := p.contact
		if pe.contactID(was) != string(r.Contact) {
			if p.contact, err = p.contactOf(r.Contact); err != nil {
				return err
			}
			p.moved = p.found && p.contact != was
		}
		if !p.sameNumbers(r.Phones) {
			old, numbers := p.numbers, p.others[:0]
			for i := range r.Phones {
				h, err := pe.numberIn(r.Phones[i].Number, old)
				if err != nil {
					return err
				}
				if h != 0 && !slices.Contains(numbers, h) {
					numbers = append(numbers, h)
				}
			}
			p.numbers = numbers
			p.moved = p.moved || p.found && !slices.Equal(old, numbers)
		}
	}
	return p.resolveCall()
}

// sameNumbers reports whether phones have just the numbers of p.numbers, in
// their order.
func (p *plan) sameNumbers(phones []campaign.Phone) bool {
	if len(phones) != len(p.numbers) {
		return false
	}
	for i := range phones {
		if p.st.people.number(p.numbers[i]) != phones[i].Number {
			return false
		}
	}
	return true
}

// resolveCall finds where the call belongs, and what it replaces.
func (p *plan) resolveCall() (err error) {
	c := p.Call
	if c == nil {
		return nil
	}
	pe := p.st.people
	if p.call = pe.byToken.get(c.Token); p.call != 0 && !p.alone {
		if was := p.logged(); was.rows != nil && (p.line == nil || was.rows != p.line.rows) {
			return errAlone
		}
	}
	if was := p.logged(); was.rows != nil && p.BringsBack(pe.whom(was)) {
		return fmt.Errorf("call %d was erased: %w", c.Token, campaign.ErrConflict)
	}
	if was := p.logged(); was.named(c.Campaign, c.Record) {
		p.callAt.rows, p.callAt.made, p.callAt.slot = was.rows, was.made, was.slot
	} else if l := p.line; l != nil && l.id == c.Campaign {
		p.callAt.rows = l.rows
	} else if l := p.st.byID[c.Campaign]; l != nil {
		p.callAt.rows = l.rows
	}
	switch {
	case p.callAt.rows == nil, p.callAt.made != nil:
	case p.line != nil && p.callAt.rows == p.line.rows && c.Record == p.Ref.Record && p.found:
		p.callAt.slot = p.slot
	case p.Add && c.Record == p.Ref.Record && c.Campaign == p.Ref.Campaign: // see add
	default:
		var found bool
		if p.callAt.slot, found = p.callAt.rows.find(c.Record); !found {
			p.callAt.rows = nil
		}
	}
	if p.callAt.number, err = pe.numberIn(c.Number, p.numbers); err != nil {
		return err
	}
	if p.callAt.contact = p.contact; pe.contactID(p.contact) != string(c.Contact) {
		p.callAt.contact, err = p.contactOf(c.Contact)
	}
	return err
}

// whom is a logged call with nothing but whom it was to.
func (p *people) whom(at home) *campaign.Call {
	c := campaign.Call{Contact: campaign.ContactID(p.contactID(at.contact))}
	if at.number != 0 {
		c.Number = p.number(at.number)
	}
	return &c
}

// logged is where the call belongs that is replaced, if there is one.
func (p *plan) logged() home {
	if p.call == 0 {
		return home{}
	}
	return p.st.people.calls.homeOf(p.call)
}

// terms finds the number that the lease dials, and makes room for a new lease.
func (p *plan) terms() (begun uint32, err error) {
	pe := p.st.people
	switch {
	case p.Lease != nil:
		p.number, err = pe.numberIn(p.Lease.Number, p.numbers)
	case p.Extend:
		p.number, err = pe.numberIn(pe.leases.At(p.lease).Number, p.numbers)
	}
	if err == nil && p.begins() {
		begun, err = p.line.newLease()
	}
	return begun, err
}

// add makes the record's row.
func (p *plan) add() error {
	pe, r := p.st.people, p.Record
	sequence := r.Sequence
	if sequence == 0 {
		sequence = pe.sequence + 1
		if sequence > MaxSequence {
			return &LimitError{What: "sequence", Limit: MaxSequence, Value: "one more"}
		}
	}
	s, err := p.line.rows.add(r, p.contact, p.numbers)
	if err != nil {
		return err
	}
	p.slot = s
	pe.sequence = max(pe.sequence, sequence)
	p.line.rows.setVersion(s, 1)
	p.line.rows.setSeq(s, sequence)
	p.line.roll.added(p.line, s)
	p.attach()
	if c := p.Call; c != nil && p.callAt.rows == p.line.rows && c.Record == r.ID {
		p.callAt.slot = s
	}
	return nil
}

// attach connects the record with its contact and its numbers.
func (p *plan) attach() {
	pe, at := p.st.people, spot{p.line.number, p.slot}
	if p.contact != 0 {
		_ = pe.attach(&pe.contacts.At(p.contact).records, at) // there is room
	}
	for _, n := range p.numbers {
		_ = pe.attach(&pe.numbers.At(n).records, at)
	}
}

// move connects the record with another contact and other numbers.
func (p *plan) move() {
	pe, at := p.st.people, spot{p.line.number, p.slot}
	if c := p.line.rows.at(p.slot).contact; c != 0 {
		pe.detach(&pe.contacts.At(c).records, at)
	}
	for _, n := range p.line.rows.numbers(p.slot, nil) {
		pe.detach(&pe.numbers.At(n).records, at)
	}
	p.attach()
}
