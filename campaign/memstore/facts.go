package memstore

import (
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// scratch is the memory that a Claimed or Looked brings along: what facts point
// to that may be used again, and lists that a Claim needs while it works.
type scratch struct {
	phones  []campaign.Phone
	history []campaign.Call
	order   []*campaign.Call
	handles []uint32 // of a history
	heads   []uint32 // of the chains of one
	numbers []uint32

	steps []stepped
	met   []*line // the campaigns of the steps, each once, in the order of the steps
	lines []*line // the same by id
	queue []head
	taken []uint32 // records, or leases
	warm  uint32   // of no meaning: see line.warm
}

// scratch returns the memory that comes with an answer, emptied.
func (st *Store) scratch(s *campaign.Scratch) *scratch {
	w, ok := (*s).(*scratch)
	if !ok {
		w = new(scratch)
		*s = w
	}
	w.phones, w.history, w.order = w.phones[:0], w.history[:0], w.order[:0]
	return w
}

// look fills in what is known about a record.
func (l *line) look(s slot, need *campaign.Need, w *scratch, into *campaign.Facts) {
	w.phones = l.rows.read(s, &into.Record, w.phones)
	p := l.st.people
	p.mu.Lock()
	l.around(s, need, w, into)
	p.mu.Unlock()
}

// around fills in what people know about a record: who holds it, and the calls.
// The caller holds their lock.
func (l *line) around(s slot, need *campaign.Need, w *scratch, into *campaign.Facts) {
	p := l.st.people
	r := l.rows.at(s)
	w.numbers = l.rows.numbers(s, w.numbers[:0])
	into.Lease = campaign.Lease{}
	own := l.rows.leaseOf(s)
	if own != 0 {
		into.Lease = copyLease(p.leases.At(own))
	}
	into.Busy = p.busy(own, r.contact, w.numbers)
	into.Contact = nil
	if need.Contact && r.contact != 0 {
		into.Contact = p.data.get(r.contact)
	}
	into.History = nil
	if !need.NoCalls {
		into.History = l.history(s, need.Since, w)
	}
	into.Listed, into.Call = nil, nil
}

// history merges the calls to a record, its contact and its numbers, which are
// in w.numbers: oldest first, each once. Each chain has the newest first.
func (l *line) history(s slot, since time.Time, w *scratch) []*campaign.Call {
	p := l.st.people
	log := &p.calls
	heads := append(w.heads[:0], l.rows.newest(s), 0)
	if c := l.rows.at(s).contact; c != 0 {
		heads[1] = p.contacts.At(c).calls
	}
	for _, n := range w.numbers {
		heads = append(heads, p.numbers.At(n).calls)
	}
	w.heads = heads
	w.handles = w.handles[:0]
	from := stampOf(since)
	if from < 0 && since.Year() > MaxYear {
		return nil // no call ends so late
	}
	for {
		newest := uint32(0)
		for _, h := range heads {
			if h != 0 && h != newest && (newest == 0 || newer(log.at(h), log.at(newest)) > 0) {
				newest = h
			}
		}
		if newest == 0 || log.at(newest).ended < from {
			break
		}
		w.handles = append(w.handles, newest)
		for i, h := range heads {
			if h == newest {
				heads[i] = log.next(kindOf(i), h)
			}
		}
	}
	if len(w.handles) == 0 {
		return nil
	}
	start := len(w.order)
	for i := len(w.handles) - 1; i >= 0; i-- {
		w.history = append(w.history, campaign.Call{})
		call := &w.history[len(w.history)-1]
		log.read(w.handles[i], call)
		w.order = append(w.order, call)
	}
	return w.order[start:len(w.order):len(w.order)]
}

// kindOf says which chains the heads of a history are.
func kindOf(i int) chainKind {
	switch i {
	case 0:
		return ofRecord
	case 1:
		return ofContact
	}
	return ofNumber
}

// madeTo says whether the log has the call of a token, and where it belongs if it
// was made to the record that the reference names: since then that may have moved.
func (p *people) madeTo(ref *campaign.Ref) (at home, logged bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := p.byToken.get(ref.Token)
	if h == 0 {
		return home{}, false
	}
	if at = p.calls.homeOf(h); !at.named(ref.Campaign, ref.Record) {
		at = home{}
	}
	return at, true
}

// reported returns the call that a token of the record led to, or nil.
func (l *line) reported(s slot, token campaign.Token, before bool) *campaign.Call {
	p := l.st.people
	p.mu.Lock()
	defer p.mu.Unlock()
	h := p.byToken.get(token)
	if h == 0 {
		return nil
	}
	call := new(campaign.Call)
	p.calls.read(h, call)
	if at := p.calls.homeOf(h); at.rows == nil && (call.Campaign != l.id || call.Record != l.rows.name(s)) ||
		at.rows != nil && (at.rows != l.rows || at.slot != s) {
		return nil
	}
	if before && l.rows.latest(s) == token {
		b := new(campaign.Before)
		if _, known := l.rows.before(s, b, nil); known {
			call.Before = b
		}
	}
	return call
}

// calls returns the calls to a record, oldest first.
func (l *line) calls(s slot) []*campaign.Call {
	p := l.st.people
	p.mu.Lock()
	defer p.mu.Unlock()
	var calls []*campaign.Call
	for h := l.rows.newest(s); h != 0; h = p.calls.next(ofRecord, h) {
		call := new(campaign.Call)
		p.calls.read(h, call)
		calls = append(calls, call)
	}
	for i, j := 0, len(calls)-1; i < j; i, j = i+1, j-1 {
		calls[i], calls[j] = calls[j], calls[i]
	}
	return calls
}

// source is a Source of a Claim as the queues see it.
type source struct {
	lane  laneID
	owned bool // only owner's
	owner uint32
	due   int64
}

// terms are those of a lease that a Claim gives on a record.
func terms(q *campaign.Claim, r *campaign.Record, into *campaign.Lease) {
	*into = campaign.Lease{
		Holder:      q.Holder,
		Agent:       q.Agent,
		Phase:       campaign.Offered,
		Lane:        status.Lane(r.Lane),
		ForCallback: r.Promised,
		Reserved:    q.Reserved,
		At:          q.Now,
		Until:       q.Until,
	}
	if r.Next >= 0 && r.Next < len(r.Phones) {
		into.Number = r.Phones[r.Next].Number
	}
}

// numberIn returns the handle of a number, which may be a new one: mostly it is
// one of a record's own.
func (p *people) numberIn(n blacklist.Number, own []uint32) (uint32, error) {
	for _, h := range own {
		if p.number(h) == n {
			return h, nil
		}
	}
	return p.numberFor(n)
}
