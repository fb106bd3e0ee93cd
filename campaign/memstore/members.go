package memstore

import "github.com/nextcall/nextcall/internal/dense"

// members are the records that have a number or a contact, in the order in
// which they came. Most have one: it is kept in place. More are a ring of links.
type members struct {
	first uint32 // a slot; with ring set, the handle of the last link
	line  uint16 // of that slot; 0 with first 0: there is none
	ring  bool
}

// link is one of several members.
type link struct {
	slot slot
	next uint32 // the link behind it; behind the last comes the first
	line uint16
}

// attach adds a record at the end. room has been made for one link, or two.
func (p *people) attach(m *members, at spot) error {
	if m.line == 0 && !m.ring {
		m.first, m.line = at.slot, at.line
		return nil
	}
	if !m.ring {
		h, err := p.links.Add("the table of records that share a number or contact", dense.MaxNumber)
		if err != nil {
			return err
		}
		*p.links.At(h) = link{slot: m.first, line: m.line, next: h}
		*m = members{first: h, ring: true}
	}
	h, err := p.links.Add("the table of records that share a number or contact", dense.MaxNumber)
	if err != nil {
		return err
	}
	last := p.links.At(m.first)
	*p.links.At(h) = link{slot: at.slot, line: at.line, next: last.next}
	last.next = h
	m.first = h
	return nil
}

// detach takes a record out. It costs as much as there are members.
func (p *people) detach(m *members, at spot) {
	if !m.ring {
		if (spot{m.line, m.first}) == at {
			*m = members{}
		}
		return
	}
	last := m.first
	for before := last; ; {
		h := p.links.At(before).next
		x := p.links.At(h)
		if (spot{x.line, x.slot}) == at {
			p.links.At(before).next = x.next
			if h == last {
				m.first = before
			}
			p.links.Free(h)
			break
		}
		if h == last {
			return
		}
		before = h
	}
	// One that is left alone comes back in place.
	if left := p.links.At(m.first); left.next == m.first {
		h := m.first
		*m = members{first: left.slot, line: left.line}
		p.links.Free(h)
	}
}

// each calls visit for each member in order, until it says false.
func (p *people) each(m *members, visit func(spot) bool) {
	if !m.ring {
		if m.line != 0 {
			visit(spot{m.line, m.first})
		}
		return
	}
	for h := p.links.At(m.first).next; ; {
		x := p.links.At(h)
		if !visit(spot{x.line, x.slot}) || h == m.first {
			return
		}
		h = x.next
	}
}
