package plainstore

import (
	"slices"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// lease is a live lease and what it holds.
type lease struct {
	campaign.Lease
	on       *stored   // the record that it was given for
	with     []*stored // the further records of an inbound lease
	numbers  []*number
	contacts []*contact
	pos      int // in the heap of its record's campaign
}

func (l *lease) copy() campaign.Lease {
	x := l.Lease
	x.With = slices.Clone(x.With)
	x.Overrides = slices.Clone(x.Overrides)
	return x
}

// grant begins a lease under the next token. The records must be free.
func (st *Store) grant(terms campaign.Lease, on *stored, with ...*stored) *lease {
	st.token++
	l := &lease{Lease: terms, on: on, with: with}
	l.Token, l.Call = st.token, st.token
	for s := range l.records {
		s.unindex()
		s.lease = l
	}
	st.guard(l)
	on.line.track(l)
	return l
}

// records yields the records that a lease holds.
func (l *lease) records(yield func(*stored) bool) {
	if !yield(l.on) {
		return
	}
	for _, s := range l.with {
		if !yield(s) {
			return
		}
	}
}

// guard makes a lease hold what its records need and no other lease holds:
// their contacts, their numbers, and the number that is really dialled.
func (st *Store) guard(l *lease) {
	l.unguard()
	for s := range l.records {
		if s.contact != nil && s.contact.lease == nil {
			s.contact.lease = l
			l.contacts = append(l.contacts, s.contact)
		}
		for _, n := range s.numbers {
			l.hold(n)
		}
	}
	if l.Number != 0 {
		l.hold(st.number(l.Number))
	}
}

func (l *lease) hold(n *number) {
	if n.lease == nil {
		n.lease = l
		l.numbers = append(l.numbers, n)
	}
}

// unguard frees the numbers and contacts that a lease holds.
func (l *lease) unguard() {
	for _, n := range l.numbers {
		n.lease = nil
	}
	for _, c := range l.contacts {
		c.lease = nil
	}
	l.numbers, l.contacts = l.numbers[:0], l.contacts[:0]
}

// end gives the records of a lease back.
func (l *lease) end() {
	l.unguard()
	l.on.line.untrack(l)
	for s := range l.records {
		s.lease = nil
		s.index()
	}
}

// busy lists what leases other than the record's own hold of it.
func (s *stored) busy() []campaign.Hold {
	var holds []campaign.Hold
	if c := s.contact; c != nil && c.lease != nil && c.lease != s.lease {
		holds = append(holds, holdContact(c))
	}
	for _, n := range s.numbers {
		if n.lease != nil && n.lease != s.lease {
			holds = append(holds, holdNumber(n))
		}
	}
	return holds
}

// A hold names no token: it would be the key to somebody else's lease.
func holdRecord(l *lease) campaign.Hold {
	return campaign.Hold{Ref: l.on.ref(), Holder: l.Holder, Until: l.Until}
}

func holdContact(c *contact) campaign.Hold {
	h := holdRecord(c.lease)
	h.Contact = c.id
	return h
}

func holdNumber(n *number) campaign.Hold {
	h := holdRecord(n.lease)
	h.Number = n.number
	return h
}

// attach connects a record with its contact and its numbers.
func (st *Store) attach(s *stored) {
	if id := s.rec.Contact; id != "" {
		s.contact = st.contact(id)
		s.contact.records = append(s.contact.records, s)
	}
	s.numbers = make([]*number, 0, len(s.rec.Phones))
	for _, n := range numbersOf(&s.rec) {
		x := st.number(n)
		x.records = append(x.records, s)
		s.numbers = append(s.numbers, x)
	}
}

// detach undoes attach. It costs as much as there are records with the same
// numbers or contact.
func (st *Store) detach(s *stored) {
	itself := func(x *stored) bool { return x == s }
	if s.contact != nil {
		s.contact.records = slices.DeleteFunc(s.contact.records, itself)
		s.contact = nil
	}
	for _, n := range s.numbers {
		n.records = slices.DeleteFunc(n.records, itself)
	}
	s.numbers = nil
}

// numbersOf returns the numbers of a record in the order of its phones, each once.
func numbersOf(r *campaign.Record) []blacklist.Number {
	numbers := make([]blacklist.Number, 0, len(r.Phones))
	for i := range r.Phones {
		if n := r.Phones[i].Number; n != 0 && !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
	}
	return numbers
}
