package memstore

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// Commit implements campaign.Store. Changes to one record are applied in their
// order, each checked against what the one before it left.
func (st *Store) Commit(ctx context.Context, changes ...campaign.Change) ([]error, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w := writers.Get().(*writer)
	w.st = st
	st.mu.RLock()
	defer w.leave()
	var errs []error
	for i := range changes {
		if err := w.commit(&changes[i]); err != nil {
			if errs == nil {
				errs = make([]error, len(changes))
			}
			errs[i] = err
		}
	}
	return errs, nil
}

// writer holds the locks of a Commit: the one of the campaign it is in, or all.
type writer struct {
	st    *Store
	line  *line
	alone bool
	plan  plan
}

var writers = sync.Pool{New: func() any { return new(writer) }}

// enter takes the lock of a campaign, and leaves that of the one before.
func (w *writer) enter(l *line) {
	if w.alone || w.line == l {
		return
	}
	if w.line != nil {
		w.line.mu.Unlock()
	}
	if w.line = l; l != nil {
		l.mu.Lock()
	}
}

// expel waits until nobody else is in the store. It stays so until the end of
// the Commit.
func (w *writer) expel() {
	if !w.alone {
		w.enter(nil)
		w.st.mu.RUnlock()
		w.st.mu.Lock()
		w.alone = true
	}
}

func (w *writer) leave() {
	if w.alone {
		w.st.mu.Unlock()
	} else {
		w.enter(nil)
		w.st.mu.RUnlock()
	}
	*w = writer{}
	writers.Put(w)
}

// plan is a change on its way.
type plan struct {
	*campaign.Change
	st    *Store
	line  *line // of Ref; nil if there is no such campaign
	alone bool  // nobody else is in the store

	slot  slot
	found bool   // the record is there
	lease uint32 // that holds it
	with  []held // further records that a new lease is to hold
	need  need

	contact uint32   // of the record, as it will be
	numbers []uint32 // of the record, as they will be
	number  uint32   // of the lease, as it will be
	moved   bool     // contact or numbers are not what they were

	call   uint32 // the logged one that the call replaces
	callAt home   // where it belongs

	own, others [8]uint32 // room for numbers
}

// ends reports whether the change ends the lease that its token names.
func (p *plan) ends() bool { return p.Ref.Token != 0 && !p.Extend }

// begins reports whether the change is to begin a lease.
func (p *plan) begins() bool { return p.Lease != nil && !p.Extend }

// commit checks everything first and writes then: nothing fails half way.
func (w *writer) commit(ch *campaign.Change) error {
	p := &w.plan
	*p = plan{Change: ch, st: w.st}
	if err := p.complete(); err != nil {
		return err
	}
	if alone(ch) {
		w.expel()
	}
	err := w.try(p)
	if err == errAlone {
		w.expel()
		*p = plan{Change: ch, st: w.st}
		err = w.try(p)
	}
	return err
}

func (w *writer) try(p *plan) error {
	l := w.st.byID[p.Ref.Campaign]
	if l == nil && (p.Add || p.Revision != 0) {
		w.expel()
		var err error
		if l, err = w.st.make(p.Ref.Campaign); err != nil {
			return err
		}
	}
	if l == nil && p.Ref.Record != "" {
		return notFound(p.Ref)
	}
	w.enter(l)
	p.line, p.alone = l, w.alone
	if err := p.check(); err != nil {
		return err
	}
	p.st.people.mu.Lock()
	err := p.settle()
	p.st.people.mu.Unlock()
	if err == nil {
		p.finish()
	}
	return err
}

// settle does what needs the lock of people: the rest of the checks, and then
// all that they keep.
func (p *plan) settle() error {
	pe := p.st.people
	if err := pe.room(p.need, p.Change); err != nil {
		return err
	}
	if p.Add {
		if err := p.checkAdd(); err != nil {
			return err
		}
	}
	if err := p.resolve(); err != nil {
		return err
	}
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
	if err == nil && p.Add {
		err = p.add()
	}
	if err != nil {
		if begun != 0 {
			p.line.free = append(p.line.free, begun)
		}
		return err
	}
	// Nothing fails from here on.
	if p.Contact != nil {
		h, _ := pe.contactFor(p.Contact.ID)
		pe.data.set(h, storedContact(p.Contact))
	}
	if p.moved {
		p.move()
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
	case p.line == nil || p.Record == nil:
		return p.resolveCall()
	}
	if r := p.Record; r != nil {
		was := p.contact
		if pe.contactID(was) != string(r.Contact) {
			if p.contact, err = pe.contactFor(r.Contact); err != nil {
				return err
			}
			p.moved = p.found
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
		if was := pe.calls.homeOf(p.call); was.rows != nil && (p.line == nil || was.rows != p.line.rows) {
			return errAlone
		}
	}
	if l := p.line; l != nil && l.id == c.Campaign {
		p.callAt.rows = l.rows
	} else if l := p.st.byID[c.Campaign]; l != nil {
		p.callAt.rows = l.rows
	}
	switch {
	case p.callAt.rows == nil:
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
		p.callAt.contact, err = pe.contactFor(c.Contact)
	}
	return err
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

// extend lets the lease go on under new terms, or only under what its records
// need now. What became free meanwhile it holds from here on.
func (p *plan) extend() {
	x := p.st.people.leases.At(p.lease)
	if p.Lease != nil {
		p.st.lines[x.on.line].extend(p.lease, p.Lease)
	}
	p.guard(p.lease)
}

// guard makes a lease hold what its records need and no other lease holds: their
// contacts, their numbers, and the number that is really dialled.
func (p *plan) guard(h uint32) {
	pe := p.st.people
	x := pe.leases.At(h)
	pe.unguard(x)
	p.guardOf(h, x, x.on.spot)
	for _, w := range x.with {
		p.guardOf(h, x, w.spot)
	}
	pe.guardNumber(h, x, p.number)
}

func (p *plan) guardOf(h uint32, x *lease, at spot) {
	if at == (spot{p.line.number, p.slot}) {
		p.st.people.guard(h, x, p.contact, p.numbers)
		return
	}
	rows := p.st.lines[at.line].rows
	p.st.people.guard(h, x, rows.at(at.slot).contact, rows.numbers(at.slot, nil))
}

// begin begins a lease, and tells the caller its token.
func (p *plan) begin(h uint32) {
	x := p.st.people.leases.At(h)
	x.Lease = *p.Lease
	storeLease(&x.Lease)
	p.line.unindex(p.slot)
	p.line.grant(h, p.slot)
	for i := range p.with {
		w := &p.with[i]
		l := p.st.lines[w.line]
		l.unindex(w.slot)
		w.gen = l.rows.hold(w.slot, h)
	}
	x.with = p.with
	p.guard(h)
	p.Lease.Token, p.Lease.Call = x.Token, x.Call
}

// end ends the lease. Its further records wait again.
func (p *plan) end() {
	x := p.st.people.leases.At(p.lease)
	on, with := x.on, x.with
	p.st.lines[on.line].end(p.lease)
	here := spot{p.line.number, p.slot}
	if on.spot != here {
		p.st.lines[on.line].index(on.slot)
	}
	for _, w := range with {
		if w.spot != here {
			p.st.lines[w.line].index(w.slot)
		}
	}
}

// log writes the call, instead of the one with the same token if there is one.
func (p *plan) log() {
	pe, at := p.st.people, p.callAt
	h := p.call
	if h != 0 {
		was := pe.calls.homeOf(h)
		pe.chains(was, func(k chainKind, head *uint32) { pe.calls.unlink(k, head, h) })
		pe.calls.replace(h, p.Call, at)
	} else {
		h, _ = pe.calls.add(p.Call, at) // there is room
		pe.byToken.set(p.Call.Token, h, pe.token)
	}
	pe.chains(at, func(k chainKind, head *uint32) { pe.calls.link(k, head, h) })
	if at.rows == nil {
		return
	}
	if past := at.rows.block(at.rows.at(at.slot)); int64(p.Call.Token) >= past.latest {
		past.latest = int64(p.Call.Token)
		at.rows.keepBefore(at.slot, p.Call.Before) // only that of the latest call can be corrected
	}
}

// chains calls do with the chains that a call belongs to.
func (p *people) chains(at home, do func(chainKind, *uint32)) {
	if at.rows != nil {
		do(ofRecord, at.rows.log(at.slot))
	}
	if at.number != 0 {
		do(ofNumber, &p.numbers.At(at.number).calls)
	}
	if at.contact != 0 {
		do(ofContact, &p.contacts.At(at.contact).calls)
	}
}

// latest is the largest token of a record's calls.
func (t *rows) latest(s slot) campaign.Token {
	if row := t.at(s); row.past != 0 {
		return campaign.Token(t.pasts.At(row.past).latest)
	}
	return 0
}

// finish does what the campaign's lock is enough for, and the lists and actions.
func (p *plan) finish() {
	l := p.line
	if p.Revision != 0 {
		l.learn(p.Revision)
	}
	switch {
	case p.Add:
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
	x.Phones = slices.Clone(x.Phones)
	x.Emails = slices.Clone(x.Emails)
	x.Keys = slices.Clone(x.Keys)
	x.Fields = storedFields(maps.Clone(x.Fields))
	return &x
}
