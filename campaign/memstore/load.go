package memstore

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// loader makes a store from a snapshot. It takes nothing for granted: whatever
// the stream says, what it makes is a store, or there is an error.
type loader struct {
	coder
	st     *Store
	in     *blockReader
	part   part
	totals [numParts]uint64

	line   *line         // whose records come
	come   int           // how many of them there are to be
	room   int           // for how many there is room in the indexes
	leased map[spot]bool // records that a lease will hold

	record   campaign.Record
	previous campaign.Before
	numbers  []uint32
	entries  []campaign.Entry
}

func load(ctx context.Context, r io.Reader) (*Store, error) {
	l := &loader{st: New(), in: newBlockReader(ctx, r), leased: make(map[spot]bool)}
	l.loads = true
	if err := l.in.head(); err != nil {
		return nil, err
	}
	for l.part != partEnd {
		p, text, err := l.in.block()
		if err != nil {
			return nil, err
		}
		l.text = text
		if err := l.block(p); err != nil {
			return nil, l.in.wrong(err, "%s", "it holds what makes no store")
		}
	}
	if err := l.in.end(); err != nil {
		return nil, err
	}
	return l.st, nil
}

// block reads what is in a block.
func (l *loader) block(p part) error {
	if err := l.follow(p); err != nil {
		return err
	}
	if l.text == "" {
		return fmt.Errorf("a block of %s is empty", partNames[p])
	}
	if p == partEnd {
		l.end()
		return l.err
	}
	things := [numParts]func(){
		partStore: l.store, partPeople: l.person, partLine: l.newLine, partRecords: l.row, partCalls: l.oneCall,
		partLeases: l.oneLease, partMembers: l.members, partLists: l.list, partActions: l.oneAction,
	}
	for one := things[p]; l.text != ""; l.totals[p]++ {
		if one(); l.err != nil {
			return fmt.Errorf("thing %d of %s: %w", l.totals[p]+1, partNames[p], l.err)
		}
	}
	return nil
}

// follow checks that a part may come now.
func (l *loader) follow(p part) error {
	switch {
	case p == partNone || p >= numParts:
		return fmt.Errorf("there is no part %d: this version knows 1 to %d", p, numParts-1)
	case l.part == partNone && p != partStore:
		return fmt.Errorf("it begins with %s, not with %s", partNames[p], partNames[partStore])
	case p == l.part && p != partLine:
		return nil // its next block
	case p == partRecords && l.part != partLine, p < l.part && !(p == partLine && l.part == partRecords):
		return fmt.Errorf("%s come behind %s", partNames[p], partNames[l.part])
	}
	l.part = p
	l.begin()
	return nil
}

func (l *loader) store() {
	p := l.st.people
	num(&l.coder, &p.token)
	num(&l.coder, &p.sequence)
	switch {
	case l.err != nil:
	case l.totals[partStore] > 0:
		l.fail("the counters are there twice")
	case p.token < 0:
		l.fail("the last token is %d: want 0 or more", p.token)
	default:
		l.wrong(rangeFits("sequence", p.sequence, MaxSequence))
	}
}

func (l *loader) person() {
	x := new(campaign.Contact)
	var ids []string
	l.contact(x, &ids)
	h, p := l.contactFor(x.ID), l.st.people
	switch {
	case l.err != nil:
	case h == 0:
		l.wrong(errContactID)
	case p.data.get(h) != nil:
		l.fail("contact %q is there twice", x.ID)
	case x.Version < 0:
		l.fail("contact %q is at version %d: want 1 or more", x.ID, x.Version)
	default:
		x.Version = max(x.Version, 1) // older snapshots do not say it
		l.wrong(p.keys.room(len(x.Phones) + len(x.Emails) + len(x.Keys)))
		p.write(h, x)
	}
	for _, id := range ids {
		from := l.contactFor(campaign.ContactID(id))
		switch {
		case l.err != nil:
		case from == 0 || from == h || p.data.get(from) != nil:
			l.fail("contact %q cannot have become %q: it is that of another one", id, x.ID)
		default:
			p.given.become(from, h)
		}
	}
}

// contactFor is the handle of a contact; 0 for none, and after an error.
func (l *loader) contactFor(id campaign.ContactID) uint32 {
	if l.err != nil || id == "" {
		return 0
	}
	p := l.st.people
	l.wrong(textFits("a contact id", string(id)))
	if p.idBytes+len(id)+textHead > maxIDBytes {
		l.wrong(&LimitError{What: "bytes of contact ids", Limit: maxIDBytes, Value: "more"})
	}
	if l.err != nil {
		return 0
	}
	h, err := p.contactFor(id)
	l.wrong(err)
	return h
}

func (l *loader) numberFor(n blacklist.Number) uint32 {
	if l.err != nil {
		return 0
	}
	h, err := l.st.people.numberFor(n)
	l.wrong(err)
	return h
}

// all wants the records of the campaign to have come.
func (l *loader) all() {
	if l.err == nil && l.line != nil && l.line.rows.len() != l.come {
		l.fail("campaign %q has %d records, not %d", l.line.id, l.line.rows.len(), l.come)
	}
}

func (l *loader) newLine() {
	l.all()
	var id campaign.ID
	var revision int64
	kept(&l.coder, &id)
	num(&l.coder, &revision)
	come := l.number(0)
	if come > MaxRecords {
		l.fail("a campaign has %d records: want at most %d", come, MaxRecords)
	}
	if l.err != nil {
		return
	}
	if l.st.byID[id] != nil {
		l.fail("campaign %q is there twice", id)
		return
	}
	line, err := l.st.make(id)
	l.wrong(err)
	if err == nil {
		line.revision = revision
		l.line, l.record.Campaign = line, id
		l.come, l.room = int(come), firstGrowth
	}
}

const (
	firstGrowth = 1 << 12
	growth      = 16
)

// grow makes room in the indexes for the records that are to come, but not for
// more than there are bytes to believe it for.
func (l *loader) grow() {
	line, p := l.line, l.st.people
	if n := line.rows.len(); n >= l.room {
		l.room = growth * n
		more := min(l.come, l.room) - n
		line.rows.index.Grow(n+more, line.rows.hash)
		p.byNumber.Grow(p.byNumber.Len()+more, p.hashNumber)
		p.byID.Grow(p.byID.Len()+more, p.hashContact)
	}
}

func (l *loader) row() {
	r := &l.record
	l.coder.record(r)
	m := l.mask(false, false, false, false, false)
	if l.err != nil {
		return
	}
	s := l.keep(r)
	first, leased := m.next(), m.next()
	l.entries = l.entries[:0]
	if first {
		l.entries = append(l.entries, added(r))
	}
	if m.next() {
		lines := l.entries[len(l.entries):]
		list(&l.coder, &lines, l.entry)
		l.entries = append(l.entries, lines...)
	}
	var latest campaign.Token
	if m.next() {
		num(&l.coder, &latest)
	}
	known := m.next()
	if known {
		l.before(&l.previous)
	}
	if l.err == nil {
		l.wrong(l.line.past.room(len(l.entries)))
	}
	if l.err != nil {
		return
	}
	for i := range l.entries {
		if i == 0 {
			l.line.past.begin(s, &l.entries[i], r)
		} else {
			l.line.past.add(s, &l.entries[i])
		}
	}
	rows := l.line.rows
	if latest != 0 {
		rows.block(rows.at(s)).latest = int64(latest)
	}
	if known {
		rows.keepBefore(s, &l.previous)
	}
	if leased {
		l.leased[spot{l.line.number, s}] = true
	} else {
		l.line.index(s)
	}
}

// keep adds a record, as a Commit would, to all but the queues.
func (l *loader) keep(r *campaign.Record) slot {
	line, p := l.line, l.st.people
	if _, found := line.rows.find(r.ID); found {
		l.fail("record %q of campaign %q is there twice", r.ID, line.id)
	}
	if r.ID == "" {
		l.wrong(errNoRecordKey)
	}
	if r.Sequence > p.sequence {
		l.fail("record %q has the sequence %d, and the last one given is %d", r.ID, r.Sequence, p.sequence)
	}
	l.wrong(line.rows.fits(r))
	contact := l.contactFor(r.Contact)
	l.numbers = l.numbers[:0]
	for i := range r.Phones {
		if h := l.numberFor(r.Phones[i].Number); h != 0 && !slices.Contains(l.numbers, h) {
			l.numbers = append(l.numbers, h)
		}
	}
	if l.err != nil {
		return 0
	}
	l.grow()
	s, err := line.rows.add(r, contact, l.numbers)
	if err != nil {
		l.wrong(err)
		return 0
	}
	if w := line.rows.beside(line.rows.at(s)); w != nil && w.whole != nil {
		// It is not to keep the block.
		w.whole.ID, w.whole.ExternalID, w.whole.Contact = own(r.ID), own(r.ExternalID), own(r.Contact)
	}
	line.roll.added(line, s)
	at := spot{line.number, s}
	if contact != 0 {
		l.wrong(p.attach(&p.contacts.At(contact).records, at))
	}
	for _, n := range l.numbers {
		l.wrong(p.attach(&p.numbers.At(n).records, at))
	}
	return s
}

func own[T ~string](s T) T { return T(strings.Clone(string(s))) }

// end compares what came with what was written.
func (l *loader) end() {
	l.all()
	for p, n := range l.totals {
		if said := l.number(0); l.err == nil && said != n {
			l.fail("of %s there are %d things, not %d", partNames[p], n, said)
		}
	}
	if l.err == nil && l.text != "" {
		l.fail("there is more in it than the totals")
	}
	if l.err == nil && len(l.leased) > 0 {
		l.wrong(errTwoLeases)
	}
}
