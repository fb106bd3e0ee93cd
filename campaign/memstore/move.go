package memstore

import (
	"github.com/nextcall/nextcall/campaign"
)

// leave finds the record that is to move, and looks whether it may. Nobody else is
// in the store. What comes afterwards sees the campaign that it goes to.
func (p *plan) leave() error {
	if to := p.st.byID[p.Decided()]; to != nil && p.Revision != 0 {
		if err := to.outdated(p.Revision); err != nil {
			return err
		}
	}
	if p.line = p.st.byID[p.Ref.Campaign]; p.line == nil {
		return notFound(p.Ref)
	}
	var found bool
	if p.slot, found = p.line.rows.find(p.Ref.Record); !found {
		return notFound(p.Ref)
	}
	p.alone = true
	if err := p.checkStored(); err != nil {
		return err
	}
	p.from, p.left = p.line, p.slot
	return nil
}

// carry gives the record, which has been added where it goes to, what it has where
// it was, and removes it there. The caller holds the lock of people.
func (p *plan) carry() {
	pe, old, rows := p.st.people, p.from.rows, p.line.rows
	rows.setVersion(p.slot, old.version(p.left)+1)
	rows.setPark(p.slot, campaign.Park{})
	p.line.past.take(p.slot, &p.from.past, p.left)
	if row := old.at(p.left); row.past != 0 {
		was := old.pasts.At(row.past)
		for h := was.log; h != 0; h = pe.calls.next(ofRecord, h) {
			pe.calls.moved(h, rows, p.slot)
		}
		var before campaign.Before
		if _, known := old.before(p.left, &before, nil); known {
			rows.keepBefore(p.slot, &before)
		}
		if was.log != 0 || was.latest != 0 {
			now := rows.block(rows.at(p.slot))
			now.log, now.latest = was.log, was.latest
		}
		p.from.past.drop(p.left)
	}
	p.from.leave(p.left)
}

// leave takes a record out of the campaign. The caller holds the lock of people.
func (l *line) leave(s slot) {
	l.unindex(s)
	pe, at := l.st.people, spot{l.number, s}
	if c := l.rows.at(s).contact; c != 0 {
		pe.detach(&pe.contacts.At(c).records, at)
	}
	var room [8]uint32
	for _, n := range l.rows.numbers(s, room[:0]) {
		pe.detach(&pe.numbers.At(n).records, at)
	}
	l.roll.left(l, s)
	l.rows.remove(s)
	if l.rows.len() == 0 {
		l.empty()
	}
}

// empty forgets what the queues have of records that are gone, when all are.
func (l *line) empty() {
	l.roll, l.ahead, l.rows.worn = roll{}, nil, 0
	for _, c := range l.sorted {
		for i := range c.lanes {
			c.lanes[i].runs = runs{}
		}
	}
}

// erase takes what is personal from the record's calls and lines. The caller holds
// the lock of people.
func (p *plan) erase() {
	calls := &p.st.people.calls
	var own []uint32
	for h := p.line.rows.newest(p.slot); h != 0; h = calls.next(ofRecord, h) {
		own = append(own, h)
	}
	for _, h := range own {
		var call campaign.Call
		calls.read(h, &call)
		call = call.Erased()
		at := calls.homeOf(h)
		p.st.people.chains(at, func(k chainKind, head *uint32) { calls.unlink(k, head, h) })
		at.number, at.contact = 0, 0
		calls.replace(h, &call, at)
		p.st.people.chains(at, func(k chainKind, head *uint32) { calls.link(k, head, h) })
	}
	p.line.rows.keepBefore(p.slot, nil)
	p.line.past.erase(p.slot)
}
