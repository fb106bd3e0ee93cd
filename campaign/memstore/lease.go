package memstore

import (
	"slices"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/dense"
)

// lease is a live lease and what it holds. There are as many as there are calls
// going on, so it may have pointers. It is written under the lock of its
// record's campaign and that of people, so that either is enough to read it. One
// with further records is begun and ended while nobody else is in the store;
// from those records it is read under the lock of people.
type lease struct {
	campaign.Lease
	live     bool
	on       held         // the record that it was given for
	ref      campaign.Ref // the same
	until    int64        // Until, to compare
	timer    uint32       // the Gen of its timer
	with     []held       // the further records of an inbound lease
	numbers  []uint32
	contacts []uint32
}

// held is a leased record, with its generation: its row has the lease instead.
type held struct {
	spot
	gen uint32
}

// leaseOf returns the live lease that holds a record, or 0.
func (t *rows) leaseOf(s slot) uint32 {
	if r := t.at(s); r.flags&flagLeased != 0 {
		return r.gen
	}
	return 0
}

// hold marks a record, which is nowhere, as leased.
func (t *rows) hold(s slot, lease uint32) (gen uint32) {
	r := t.at(s)
	gen = r.gen
	r.flags |= flagLeased
	r.gen = lease
	return gen
}

// release undoes hold.
func (t *rows) release(s slot, gen uint32) {
	r := t.at(s)
	r.flags &^= flagLeased
	r.gen = gen
}

// newLease makes room for a lease. Room that a campaign once had it uses again
// itself: its timers look at it under the campaign's lock alone.
func (l *line) newLease() (uint32, error) {
	if last := len(l.free) - 1; last >= 0 {
		h := l.free[last]
		l.free = l.free[:last]
		return h, nil
	}
	return l.st.people.leases.Add("the table of leases", dense.MaxNumber)
}

// grant begins a lease under the next token. The record must be free and
// nowhere; the caller guards it and those it is begun with.
func (l *line) grant(h uint32, s slot) *lease {
	p := l.st.people
	x := p.leases.At(h)
	p.token++
	x.Token, x.Call = p.token, p.token
	x.live = true
	l.recent.live++
	x.on = held{spot{l.number, s}, l.rows.hold(s, h)}
	x.ref = campaign.Ref{Campaign: l.id, Record: l.rows.name(s)}
	l.track(h, x)
	return x
}

// track makes a lease known to those that run out.
func (l *line) track(h uint32, x *lease) {
	x.until = clock(x.Until)
	l.recent.add(x.Token, x.on.slot)
	l.time(h, x)
}

// time begins the timer of a lease; those it had before are dead.
func (l *line) time(h uint32, x *lease) {
	x.timer++
	l.leases.Push(dense.Timer{At: x.until, Token: int64(x.Token), Slot: h, Gen: x.timer})
}

// extend lets a lease go on under new terms.
func (l *line) extend(h uint32, terms *campaign.Lease) {
	x := l.st.people.leases.At(h)
	token, call, with, until := x.Token, x.Call, x.With, x.until
	x.Lease = *terms
	storeLease(&x.Lease)
	x.Token, x.Call, x.With = token, call, with
	if x.until = clock(x.Until); x.until != until {
		l.time(h, x)
		l.leases.Dead(1, l.alive)
	}
}

// storeLease makes a lease that was given what is stored of it.
func storeLease(x *campaign.Lease) {
	micros(&x.At, &x.Dialed, &x.Answered, &x.Until)
	x.With = slices.Clone(x.With)
	x.Overrides = slices.Clone(x.Overrides)
}

// copyLease is a lease for a reader.
func copyLease(x *lease) campaign.Lease {
	l := x.Lease
	l.With = slices.Clone(l.With)
	l.Overrides = slices.Clone(l.Overrides)
	return l
}

// end gives back what a lease holds, its room, and its records, which are nowhere
// then.
func (l *line) end(h uint32) {
	p := l.st.people
	x := p.leases.At(h)
	p.unguard(x)
	l.rows.release(x.on.slot, x.on.gen)
	for _, w := range x.with {
		l.st.lines[w.line].rows.release(w.slot, w.gen)
	}
	x.live = false
	l.recent.live--
	l.leases.Dead(1, l.alive)
	x.Lease, x.ref, x.with = campaign.Lease{}, campaign.Ref{}, nil
	l.free = append(l.free, h)
}

// guard makes a lease hold a contact and numbers, if no other lease does.
func (p *people) guard(h uint32, x *lease, contact uint32, numbers []uint32) {
	if contact != 0 {
		if c := p.contacts.At(contact); c.guard == 0 {
			c.guard = h
			x.contacts = append(x.contacts, contact)
		}
	}
	for _, n := range numbers {
		p.guardNumber(h, x, n)
	}
}

func (p *people) guardNumber(h uint32, x *lease, n uint32) {
	if n == 0 {
		return
	}
	if e := p.numbers.At(n); e.guard == 0 {
		e.guard = h
		x.numbers = append(x.numbers, n)
	}
}

// unguard frees the numbers and contacts that a lease holds.
func (p *people) unguard(x *lease) {
	for _, n := range x.numbers {
		p.numbers.At(n).guard = 0
	}
	for _, c := range x.contacts {
		p.contacts.At(c).guard = 0
	}
	x.numbers, x.contacts = x.numbers[:0], x.contacts[:0]
}

// busy lists what leases other than the record's own hold of it. It is seldom
// anything, so it may ask for memory.
func (p *people) busy(own, contact uint32, numbers []uint32) []campaign.Hold {
	var holds []campaign.Hold
	if contact != 0 {
		if h := p.contacts.At(contact).guard; h != 0 && h != own {
			holds = append(holds, p.holdContact(contact))
		}
	}
	for _, n := range numbers {
		if h := p.numbers.At(n).guard; h != 0 && h != own {
			holds = append(holds, p.holdNumber(n))
		}
	}
	return holds
}

// A hold names no token: it would be the key to somebody else's lease.
func (p *people) holdRecord(h uint32) campaign.Hold {
	x := p.leases.At(h)
	return campaign.Hold{Ref: x.ref, Holder: x.Holder, Until: x.Until}
}

func (p *people) holdContact(c uint32) campaign.Hold {
	hold := p.holdRecord(p.contacts.At(c).guard)
	hold.Contact = campaign.ContactID(p.contactID(c))
	return hold
}

func (p *people) holdNumber(n uint32) campaign.Hold {
	hold := p.holdRecord(p.numbers.At(n).guard)
	hold.Number = p.number(n)
	return hold
}
