package memstore

import (
	"maps"
	"slices"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// finish does what the campaign's lock is enough for, and the lists and actions.
func (p *plan) finish() {
	l := p.line
	if p.Revision != 0 {
		l.learn(p.Revision)
	}
	if p.keeps {
		p.callAt.rows.keepBefore(p.callAt.slot, p.Call.Before)
	}
	switch {
	case p.Add, p.Move:
	case p.Record != nil:
		p.update()
	}
	if p.Add || p.Record != nil || p.ends() {
		if l.rows.at(p.slot).place&placeMask == nowhere {
			l.index(p.slot)
		}
	}
	if e := p.Entry; e != nil {
		if p.Add {
			l.past.begin(p.slot, e, p.Record)
		} else {
			l.past.add(p.slot, e)
		}
	}
	p.actions()
}

func (p *plan) actions() {
	st := p.st
	if len(p.Unlist) > 0 {
		st.lists.Remove(p.Unlist...)
	}
	if len(p.List) > 0 {
		// It was checked, and a valid entry is always added.
		_ = st.lists.Add(p.List...)
	}
	for _, key := range p.Unlist {
		st.unpark(key.Number)
	}
	for _, n := range p.Wake {
		st.unpark(n)
	}
	if p.Move {
		st.actions.moved(p.Ref, p.line.id)
	}
	if p.Erase {
		st.actions.withdraw(p.line.refOf(p.slot))
	}
	st.actions.write(p.Change.Actions, p.Done)
}

// update writes the record.
func (p *plan) update() {
	l, r := p.line, p.Record
	l.unindex(p.slot)
	row := l.rows.at(p.slot)
	if row.flags&flagAdded != 0 && !l.rows.addedSame(row, r) {
		l.past.settle(p.slot)
	}
	sequence, version := row.seq, row.version
	class, lane, sort := row.class, row.lane, l.rows.sort(row)
	l.rows.write(p.slot, r, p.contact, p.numbers)
	row.version = version + 1
	if row.seq == 0 {
		row.seq = sequence
	}
	if row.class != class || row.lane != lane || l.rows.sort(row) != sort {
		row.place &^= hasRun // that of another run
	}
	if row.seq != sequence {
		row.place = row.place&^hasRun | noRun
		l.roll.moved(l, p.slot, sequence)
		pe := p.st.people
		pe.mu.Lock()
		pe.sequence = max(pe.sequence, row.seq)
		pe.mu.Unlock()
	}
}

// unpark ends the parks of all records that have a number. It is no new version
// of them: a park is an index, not what the record is. Nobody else is in the store.
func (st *Store) unpark(n blacklist.Number) {
	pe := st.people
	h := pe.findNumber(n)
	if n == 0 || h == 0 {
		return
	}
	pe.each(&pe.numbers.At(h).records, func(at spot) bool {
		l := st.lines[at.line]
		if l.rows.park(at.slot) != (campaign.Park{}) {
			l.unindex(at.slot)
			l.rows.setPark(at.slot, campaign.Park{})
			l.index(at.slot)
		}
		return true
	})
}

func storedContact(c *campaign.Contact) *campaign.Contact {
	x := *c
	micros(&x.Created, &x.Updated)
	x.Phones = slices.Clone(x.Phones)
	x.Emails = slices.Clone(x.Emails)
	x.Keys = slices.Clone(x.Keys)
	x.Fields = storedFields(maps.Clone(x.Fields))
	return &x
}
