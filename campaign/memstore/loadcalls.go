package memstore

import (
	"errors"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// What comes behind all records: the log, the leases, the blacklists and the outbox.

// spot reads the place of a record that there is.
func (l *loader) spot() spot {
	line, s := l.number(0), l.number(0)
	switch {
	case l.err != nil:
	case line == 0 || line >= uint64(len(l.st.lines)):
		l.fail("campaign %d is none of %d", line, len(l.st.lines)-1)
	case s >= uint64(l.st.lines[line].rows.len()):
		l.fail("record %d of campaign %d is none of %d", s, line, l.st.lines[line].rows.len())
	default:
		return spot{uint16(line), slot(s)}
	}
	return spot{}
}

func (l *loader) oneCall() {
	var x campaign.Call
	var at home
	if m := l.mask(false, false); m.next() {
		if where := l.spot(); l.err == nil {
			at.rows, at.slot = l.st.lines[where.line].rows, where.slot
			x.Campaign, x.Record = at.rows.id, at.rows.name(at.slot)
		}
		if m.next() {
			made := l.number(0)
			switch {
			case l.err != nil:
			case made == 0 || made >= uint64(len(l.st.lines)) || l.st.lines[made].rows == at.rows:
				l.fail("a call was made for campaign %d: want one of %d, and another one than its record's", made, len(l.st.lines)-1)
			default:
				at.made = l.st.lines[made].rows
				x.Campaign = at.made.id
			}
		}
	} else {
		if m.next() {
			l.fail("a call of no record was made for another campaign than its record's")
		}
		name(&l.coder, &x.Campaign)
		kept(&l.coder, &x.Record)
	}
	l.call(&x)
	if l.err != nil {
		return
	}
	p := l.st.people
	switch {
	case x.Token == 0:
		l.wrong(errCallToken)
	case p.byToken.get(x.Token) != 0:
		l.fail("call %d is there twice", x.Token)
	}
	if l.err == nil {
		l.wrong(p.calls.fits(&x))
	}
	at.number, at.contact = l.numberFor(x.Number), l.contactFor(x.Contact)
	if l.err != nil {
		return
	}
	h, err := p.calls.add(&x, at)
	if err != nil {
		l.wrong(err)
		return
	}
	if whole := p.calls.wholes[h]; whole != nil {
		whole.Contact = own(x.Contact)
	}
	p.byToken.set(x.Token, h, p.token)
	p.chains(at, func(k chainKind, head *uint32) { p.calls.link(k, head, h) })
}

var errTwoLeases = errors.New("a record, number or contact is held by two leases, or by none that it says it is held by")

func (l *loader) oneLease() {
	p := l.st.people
	var terms campaign.Lease
	l.lease(&terms)
	on := l.hold(l.spot())
	var with []held
	for range l.count(0) {
		if with = append(with, l.hold(l.spot())); l.err != nil {
			return
		}
	}
	if l.err == nil && (terms.Token <= 0 || terms.Token > p.token) {
		l.fail("a lease has the token %d, and the last one given is %d", terms.Token, p.token)
	}
	if l.err != nil {
		return
	}
	line := l.st.lines[on.line]
	h, err := line.newLease()
	if err != nil {
		l.wrong(err)
		return
	}
	x := p.leases.At(h)
	x.Lease, x.live, x.with = terms, true, with
	x.ref = campaign.Ref{Campaign: line.id, Record: line.rows.name(on.slot)}
	x.on = held{on.spot, line.rows.hold(on.slot, h)}
	for i := range x.with {
		w := &x.with[i]
		w.gen = l.st.lines[w.line].rows.hold(w.slot, h)
	}
	line.recent.live++
	line.track(h, x)
	for range l.count(0) {
		n := l.numberFor(blacklist.Number(l.number(0)))
		if l.err == nil && (n == 0 || p.numbers.At(n).guard != 0) {
			l.wrong(errTwoLeases)
		}
		if l.err != nil {
			return
		}
		p.guardNumber(h, x, n)
	}
	for range l.count(0) {
		var id campaign.ContactID
		passing(&l.coder, &id)
		c := l.contactFor(id)
		if l.err == nil && (c == 0 || p.contacts.At(c).guard != 0) {
			l.wrong(errTwoLeases)
		}
		if l.err != nil {
			return
		}
		p.guard(h, x, c, nil)
	}
}

// hold wants a record that a lease holds and no lease has held yet.
func (l *loader) hold(at spot) held {
	if l.err == nil && !l.leased[at] {
		l.wrong(errTwoLeases)
	}
	delete(l.leased, at)
	return held{spot: at}
}

func (l *loader) list() {
	var e blacklist.Entry
	if l.listed(&e); l.err == nil {
		l.wrong(l.st.lists.Add(e))
	}
}

func (l *loader) oneAction() {
	o := &l.st.actions
	p := &pending{place: o.last + 1}
	var id string
	if m := l.mask(false); m.next() {
		kept(&l.coder, &id)
		p.done = true
	} else {
		l.action(&p.Action)
		id = p.ID
	}
	switch {
	case l.err != nil:
	case id == "":
		l.wrong(errActionID)
	case o.known[id] != nil:
		l.fail("action %q is there twice", id)
	default:
		o.last++
		o.known[id] = p
		if !p.done {
			o.append(p)
		}
	}
}
