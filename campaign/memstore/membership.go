package memstore

import (
	"cmp"
	"slices"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// The records of a number or a contact are in the order in which they came to
// have it, which says which of several is named as the duplicate of one that is
// added. Loading records one after the other makes the order of their slots; a
// number or contact with another one in some campaign is written on its own.

func (s *saver) members() {
	s.open(partMembers)
	p := s.st.people
	var numbers, contacts []ordered
	for h := uint32(1); h < uint32(p.numbers.Len()); h++ {
		if spots := p.unusual(&p.numbers.At(h).records); spots != nil {
			numbers = append(numbers, ordered{number: p.number(h), spots: spots})
		}
	}
	for h := uint32(1); h < uint32(p.contacts.Len()); h++ {
		if spots := p.unusual(&p.contacts.At(h).records); spots != nil {
			contacts = append(contacts, ordered{contact: campaign.ContactID(p.contactID(h)), spots: spots})
		}
	}
	slices.SortFunc(numbers, func(a, b ordered) int { return cmp.Compare(a.number, b.number) })
	slices.SortFunc(contacts, func(a, b ordered) int { return cmp.Compare(a.contact, b.contact) })
	for _, x := range slices.Concat(numbers, contacts) {
		s.mask(x.number != 0)
		if x.number != 0 {
			num(&s.coder, &x.number)
		} else {
			kept(&s.coder, &x.contact)
		}
		s.count(len(x.spots))
		for _, at := range x.spots {
			s.spot(at)
		}
		s.done()
	}
}

// ordered is a number or a contact with its records, those of one campaign
// together.
type ordered struct {
	number  blacklist.Number
	contact campaign.ContactID
	spots   []spot
}

// unusual returns the members campaign by campaign if those of one are not in
// the order of their slots. The order between campaigns says nothing.
func (p *people) unusual(m *members) []spot {
	if !m.ring {
		return nil
	}
	var spots []spot
	p.each(m, func(at spot) bool { spots = append(spots, at); return true })
	slices.SortStableFunc(spots, func(a, b spot) int { return cmp.Compare(a.line, b.line) })
	if slices.IsSortedFunc(spots, spot.compare) {
		return nil
	}
	return spots
}

func (a spot) compare(b spot) int {
	return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.slot, b.slot))
}

// members reads the members of a number or a contact, and puts them in order.
func (l *loader) members() {
	p := l.st.people
	m := l.mask(false)
	var of *members
	if m.next() {
		var n blacklist.Number
		if num(&l.coder, &n); l.err == nil {
			if h := p.findNumber(n); n != 0 && h != 0 {
				of = &p.numbers.At(h).records
			}
		}
	} else {
		var id campaign.ContactID
		if passing(&l.coder, &id); l.err == nil {
			if h := p.findContact(id); id != "" && h != 0 {
				of = &p.contacts.At(h).records
			}
		}
	}
	var spots []spot
	for range l.count(0) {
		if spots = append(spots, l.spot()); l.err != nil {
			return
		}
	}
	if l.err != nil {
		return
	}
	var are []spot
	if of != nil {
		p.each(of, func(at spot) bool { are = append(are, at); return true })
	}
	slices.SortFunc(are, spot.compare)
	sorted := slices.Clone(spots)
	slices.SortFunc(sorted, spot.compare)
	if len(are) < 2 || !slices.Equal(are, sorted) {
		l.fail("it orders the records of a number or contact that has others")
		return
	}
	for _, at := range spots {
		p.detach(of, at)
	}
	for _, at := range spots {
		l.wrong(p.attach(of, at))
	}
}
