package memstore

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/nextcall/nextcall/campaign"
)

// saver writes a store as a snapshot. Nobody else is in the store meanwhile.
type saver struct {
	coder
	st     *Store
	out    blockWriter
	part   part
	totals [numParts]uint64
	slots  map[uint16][]slot // of campaigns that records have left: see slot

	record campaign.Record
	phones []campaign.Phone
	before campaign.Before
	call   campaign.Call
}

func (st *Store) save(ctx context.Context, w io.Writer) error {
	s := &saver{st: st, out: blockWriter{ctx: ctx, w: w}}
	s.buf = make([]byte, blockHead, blockFill+blockFill/4)
	if err := s.out.head(); err != nil {
		return err
	}
	for _, step := range []func(){s.store, s.people, s.lines, s.calls, s.leases, s.members, s.lists, s.actions, s.end} {
		if step(); s.err != nil {
			return s.err
		}
	}
	return nil
}

// open begins a part.
func (s *saver) open(p part) {
	s.close()
	s.part = p
	s.begin()
}

// close writes the block that is begun, if there is anything in it.
func (s *saver) close() {
	if s.err == nil && len(s.buf) > blockHead {
		s.wrong(s.out.block(s.part, s.buf))
	}
	s.buf = s.buf[:blockHead]
}

// done says that a thing of the part is complete.
func (s *saver) done() {
	s.totals[s.part]++
	if len(s.buf) >= blockFill {
		s.close()
	}
}

func (s *saver) store() {
	s.open(partStore)
	p := s.st.people
	num(&s.coder, &p.token)
	num(&s.coder, &p.sequence)
	s.done()
}

func (s *saver) people() {
	s.open(partPeople)
	p := s.st.people
	for h := range uint32(p.contacts.Len()) {
		if data := p.data.get(h); data != nil && s.err == nil {
			if s.contact(data); s.err != nil {
				s.err = fmt.Errorf("contact %q: %w", data.ID, s.err)
			}
			s.done()
		}
	}
}

func (s *saver) lines() {
	for _, l := range s.st.lines[1:] {
		s.open(partLine)
		kept(&s.coder, &l.id)
		num(&s.coder, &l.revision)
		s.number(uint64(l.rows.live()))
		s.done()
		s.open(partRecords)
		for i := range slot(l.rows.len()) {
			if l.rows.isGone(i) {
				continue
			}
			s.row(l, i)
			if s.err != nil {
				s.err = fmt.Errorf("record %q of campaign %q: %w", l.rows.name(i), l.id, s.err)
				return
			}
			s.done()
		}
	}
}

// row writes a record, with what only the store keeps of it: whether a lease
// holds it, its history, the latest token of its calls and what was before that one.
func (s *saver) row(l *line, i slot) {
	r, row := &s.record, l.rows.at(i)
	s.phones = l.rows.read(i, r, s.phones[:0])
	first, lines := row.flags&flagAdded != 0, []campaign.Entry(nil)
	latest, known := campaign.Token(0), false
	if row.past != 0 {
		past := l.rows.pasts.At(row.past)
		if past.entries != 0 {
			lines = l.past.lines(i)
			// The first line is not written if the record says it.
			if first = lines[0] == added(r); first {
				lines = lines[1:]
			}
		}
		latest = campaign.Token(past.latest)
		s.phones, known = l.rows.before(i, &s.before, s.phones)
	}
	s.coder.record(r)
	s.mask(first, row.flags&flagLeased != 0, len(lines) > 0, latest != 0, known)
	if len(lines) > 0 {
		list(&s.coder, &lines, s.entry)
	}
	if latest != 0 {
		num(&s.coder, &latest)
	}
	if known {
		s.coder.before(&s.before)
	}
}

func (s *saver) calls() {
	s.open(partCalls)
	log := &s.st.people.calls
	for h := uint32(1); h < uint32(log.slab.Len()) && s.err == nil; h++ {
		x := &s.call
		log.read(h, x)
		s.home(log.homeOf(h), x)
		s.coder.call(x)
		s.done()
	}
}

// home writes the campaign and the record of a call: by their numbers if the
// call is one of the record's.
func (s *saver) home(at home, x *campaign.Call) {
	linked := at.rows != nil
	s.mask(linked, at.made != nil)
	if linked {
		s.spot(spot{s.st.byID[at.rows.id].number, at.slot})
		if at.made != nil {
			s.number(uint64(s.st.byID[at.made.id].number))
		}
		return
	}
	name(&s.coder, &x.Campaign)
	kept(&s.coder, &x.Record)
}

func (s *saver) spot(at spot) {
	s.number(uint64(at.line))
	s.number(uint64(s.slot(at)))
}

// slot is the slot that a record has in the snapshot: there none is left behind.
func (s *saver) slot(at spot) slot {
	rows := s.st.lines[at.line].rows
	if rows.gone == 0 {
		return at.slot
	}
	are := s.slots[at.line]
	if are == nil {
		are = make([]slot, rows.len())
		n := slot(0)
		for i := range are {
			are[i] = n
			if !rows.isGone(slot(i)) {
				n++
			}
		}
		if s.slots == nil {
			s.slots = make(map[uint16][]slot)
		}
		s.slots[at.line] = are
	}
	return are[at.slot]
}

func (s *saver) leases() {
	s.open(partLeases)
	p := s.st.people
	var live []*lease
	for h := uint32(1); h < uint32(p.leases.Len()); h++ {
		if x := p.leases.At(h); x.live {
			live = append(live, x)
		}
	}
	slices.SortFunc(live, func(a, b *lease) int { return cmp.Compare(a.Token, b.Token) })
	for _, x := range live {
		s.lease(&x.Lease)
		s.spot(x.on.spot)
		s.count(len(x.with))
		for _, w := range x.with {
			s.spot(w.spot)
		}
		s.count(len(x.numbers))
		for _, h := range x.numbers {
			s.number(uint64(p.number(h)))
		}
		s.count(len(x.contacts))
		for _, h := range x.contacts {
			id := p.contactID(h)
			kept(&s.coder, &id)
		}
		s.done()
	}
}

func (s *saver) lists() {
	s.open(partLists)
	entries := s.st.lists.Entries(nil)
	for i := range entries {
		s.listed(&entries[i])
		s.done()
	}
}

func (s *saver) actions() {
	s.open(partActions)
	o := &s.st.actions
	o.mu.Lock()
	defer o.mu.Unlock()
	known := make([]sent, 0, len(o.known))
	for id, p := range o.known {
		known = append(known, sent{id, p})
	}
	slices.SortFunc(known, func(a, b sent) int { return cmp.Compare(a.place, b.place) })
	for i := range known {
		x := &known[i]
		s.mask(x.done)
		if x.done {
			kept(&s.coder, &x.id)
		} else {
			s.action(&x.Action)
		}
		s.done()
	}
}

// sent is an action that was ever stored.
type sent struct {
	id string
	*pending
}

func (s *saver) end() {
	s.open(partEnd)
	for _, n := range s.totals {
		s.number(n)
	}
	s.close()
}
