package memstore

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// pageSize is how many records Find looks at before it lets others in.
const pageSize = 256

// Find implements campaign.Store. It narrows by that of Records, Contacts, Numbers
// and Terms which names the fewest; without these, or where they name a large part
// of all, it looks at every record of the campaigns, of which it then unpacks no
// more than the filter asks for. No lock
// is held while the caller has the answer: a record that is written meanwhile
// is judged as it is when its turn comes. One that is given another sequence
// meanwhile may come twice or not at all.
func (st *Store) Find(ctx context.Context, f campaign.Filter, need campaign.Need) iter.Seq2[campaign.Facts, error] {
	return func(yield func(campaign.Facts, error) bool) {
		need.Since = micro(need.Since)
		f.Contacts = st.current(f.Contacts)
		m, err := f.Prepare()
		if err != nil {
			yield(campaign.Facts{}, err)
			return
		}
		r := &reader{matcher: m, filter: &f, looks: looksOf(&f)}
		var page []campaign.Facts
		phones := 0 // that a page had
		left := f.Limit
		err = st.walk(ctx, &f, func(l *line, records []slot) {
			// Not used again: what is found may be kept. Mostly a page has as much as the last.
			w := &scratch{phones: make([]campaign.Phone, 0, phones)}
			page = page[:0]
			for _, s := range records {
				if _, ok := r.match(l, s); ok {
					page = append(page, campaign.Facts{})
					l.look(s, &need, w, &page[len(page)-1])
				}
			}
			phones = len(w.phones)
		}, func() bool {
			for _, facts := range page {
				if !yield(facts, nil) {
					return false
				}
				if left--; left == 0 {
					return false
				}
			}
			return true
		})
		if err != nil {
			yield(campaign.Facts{}, err)
		}
	}
}

// Count implements campaign.Store. A Limit counts no more records than that.
func (st *Store) Count(ctx context.Context, f campaign.Filter, by campaign.Group) (map[string]int, error) {
	f.Contacts = st.current(f.Contacts)
	m, err := f.Prepare()
	if err = errors.Join(err, by.Check()); err != nil {
		return nil, err
	}
	r := &reader{matcher: m, filter: &f, looks: looksOf(&f).counting(by)}
	counts := make(map[string]int)
	left := f.Limit
	more := true
	// Neighbours are often of one group: it is written down when another one comes.
	var last string
	n := 0
	err = st.walk(ctx, &f, func(l *line, records []slot) {
		for _, s := range records {
			record, ok := r.match(l, s)
			if !ok || !more {
				continue
			}
			key := by.Of(record, r.state(l, s))
			if key != last && n > 0 {
				counts[last] += n
				n = 0
			}
			last = key
			n++
			left--
			more = left != 0
		}
	}, func() bool { return more })
	if n > 0 {
		counts[last] += n
	}
	if err != nil {
		return nil, err
	}
	return counts, nil
}

// walk goes through the records that may match, in the order of Find, page by
// page: look is called with a page of one campaign while nobody writes there,
// next afterwards without a lock, and ends the walk with false.
func (st *Store) walk(ctx context.Context, f *campaign.Filter, look func(*line, []slot), next func() bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	cursor, err := st.cursor(f)
	if err != nil {
		return err
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		st.mu.RLock()
		l, page := cursor.page()
		if l != nil {
			look(l, page)
			l.mu.Unlock()
		}
		st.mu.RUnlock()
		if l == nil || !next() {
			return nil
		}
	}
}

// cursor is where a walk stands: either in a list of records, or in the rolls
// of campaigns.
type cursor struct {
	st    *Store
	list  []spot
	lines []*line
	mark  *mark // in the first of lines; nil: at its beginning
	buf   []slot
}

// page returns the next records, all of one campaign, whose lock it has taken;
// no campaign at the end.
func (c *cursor) page() (*line, []slot) {
	c.buf = c.buf[:0]
	if len(c.list) > 0 {
		l := c.st.lines[c.list[0].line]
		l.mu.Lock()
		for len(c.list) > 0 && c.list[0].line == l.number && len(c.buf) < pageSize {
			if s := c.list[0].slot; !l.rows.isGone(s) { // not moved since
				c.buf = append(c.buf, s)
			}
			c.list = c.list[1:]
		}
		return l, c.buf
	}
	for len(c.lines) > 0 {
		l := c.lines[0]
		l.mu.Lock()
		c.buf = l.roll.after(l, c.mark, pageSize, c.buf[:0])
		if n := len(c.buf); n > 0 {
			c.mark = &mark{l.rows.seq(c.buf[n-1]), c.buf[n-1]}
			return l, c.buf
		}
		l.mu.Unlock()
		c.lines, c.mark = c.lines[1:], nil
	}
	return nil, nil
}

// place is where a record stands in the order of Find.
type place struct {
	id campaign.ID
	mark
	spot
}

func (p place) compare(o place) int {
	return cmp.Or(cmp.Compare(p.id, o.id), p.mark.compare(o.mark))
}

func (st *Store) cursor(f *campaign.Filter) (*cursor, error) {
	st.mu.RLock()
	defer st.mu.RUnlock()
	c := &cursor{st: st}
	c.lines = st.named(f.Campaigns)
	var after *place
	if f.After != (campaign.Ref{}) {
		l := st.byID[f.After.Campaign]
		if l == nil {
			return nil, notFound(f.After)
		}
		p, found := l.place(f.After.Record)
		if !found {
			return nil, notFound(f.After)
		}
		after = &p
		c.lines = slices.DeleteFunc(c.lines, func(l *line) bool { return l.id < p.id })
		if len(c.lines) > 0 && c.lines[0] == l {
			c.mark = &p.mark
		}
	}
	list, narrow := st.candidates(f, c.lines)
	if !narrow {
		return c, nil
	}
	slices.SortFunc(list, place.compare)
	for i, p := range list {
		if (i == 0 || list[i-1].spot != p.spot) && (after == nil || p.compare(*after) > 0) {
			c.list = append(c.list, p.spot)
		}
	}
	c.lines = nil
	return c, nil
}

// named returns the campaigns of a filter by id; without any, all.
func (st *Store) named(ids []campaign.ID) []*line {
	if len(ids) == 0 {
		return slices.Clone(st.order)
	}
	var lines []*line
	for _, id := range ids {
		if l := st.byID[id]; l != nil {
			lines = append(lines, l)
		}
	}
	slices.SortFunc(lines, func(a, b *line) int { return cmp.Compare(a.id, b.id) })
	return slices.Compact(lines)
}

// place finds where a record stands.
func (l *line) place(id campaign.RecordID) (place, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, found := l.rows.find(id)
	if !found {
		return place{}, false
	}
	return l.placeOf(s), true
}

func (l *line) placeOf(s slot) place {
	return place{l.id, mark{l.rows.seq(s), s}, spot{l.number, s}}
}

// A lookup by an id or a number takes the time of reading so many records. But few
// are looked up however small the store is.
const (
	lookup     = 8
	fewLookups = 16
)

// candidates returns the records that a filter narrows to, if it does: by the part
// that names the fewest, unless to read all records is quicker.
func (st *Store) candidates(f *campaign.Filter, lines []*line) (list []place, narrow bool) {
	most := fewLookups
	for _, l := range lines {
		l.mu.Lock()
		most += l.rows.len() / lookup
		l.mu.Unlock()
	}
	var by func()
	part := func(lookups int, is func()) {
		if lookups > 0 && lookups <= most {
			most, by = lookups, is
		}
	}
	part(len(f.Records)*len(lines), func() {
		for _, l := range lines {
			list = places(l, f.Records, func(id *campaign.RecordID) campaign.RecordID { return *id }, list)
		}
	})
	if !slices.Contains(f.Contacts, "") { // those without a contact are listed nowhere
		part(len(f.Contacts), func() { list = st.places(lines, st.people.ofContacts(f.Contacts)) })
	}
	part(len(f.Numbers), func() {
		list = st.places(lines, ofNumbers(st.people, f.Numbers, func(n *blacklist.Number) blacklist.Number { return *n }))
	})
	part(len(f.Terms)*(1+len(lines)), func() {
		list = st.places(lines, ofNumbers(st.people, f.Terms, func(t *campaign.Term) blacklist.Number { return t.Number }))
		for _, l := range lines {
			list = places(l, f.Terms, func(t *campaign.Term) campaign.RecordID { return t.ID }, list)
		}
	})
	if by == nil {
		return nil, false
	}
	by()
	return list, true
}

// places appends where the records of a campaign stand that are named.
func places[T any](l *line, named []T, id func(*T) campaign.RecordID, into []place) []place {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range named {
		if s, found := l.rows.find(id(&named[i])); found {
			into = append(into, l.placeOf(s))
		}
	}
	return into
}

// places returns where those of the spots stand that are in the campaigns.
func (st *Store) places(lines []*line, spots []spot) (list []place) {
	slices.SortFunc(spots, func(a, b spot) int { return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.slot, b.slot)) })
	wanted := make(map[uint16]bool, len(lines))
	for _, l := range lines {
		wanted[l.number] = true
	}
	for len(spots) > 0 {
		l := st.lines[spots[0].line]
		l.mu.Lock()
		for len(spots) > 0 && spots[0].line == l.number {
			if wanted[l.number] {
				list = append(list, l.placeOf(spots[0].slot))
			}
			spots = spots[1:]
		}
		l.mu.Unlock()
	}
	return list
}

// ofContacts returns the records of contacts.
func (p *people) ofContacts(ids []campaign.ContactID) (spots []spot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range ids {
		if h := p.findContact(id); h != 0 {
			p.each(&p.contacts.At(h).records, func(at spot) bool { spots = append(spots, at); return true })
		}
	}
	return spots
}

// ofNumbers returns the records that have numbers, at any place.
func ofNumbers[T any](p *people, named []T, number func(*T) blacklist.Number) (spots []spot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range named {
		if h := p.findNumber(number(&named[i])); h != 0 {
			p.each(&p.numbers.At(h).records, func(at spot) bool { spots = append(spots, at); return true })
		}
	}
	return spots
}

// reader reads records to see whether they match.
type reader struct {
	matcher *campaign.Matcher
	filter  *campaign.Filter
	looks   looks
	record  campaign.Record
	phones  []campaign.Phone
}

// match reports whether a record passes the filter, and brings what was looked at.
func (m *reader) match(l *line, s slot) (*campaign.Record, bool) {
	m.phones = l.rows.glance(s, &m.looks, &m.record, m.phones[:0])
	return &m.record, m.matcher.Match(&m.record, l.rows.leaseOf(s) != 0, m.revision(l))
}

// state is the state of the record that was read last.
func (m *reader) state(l *line, s slot) campaign.State {
	if !m.looks.state {
		return 0
	}
	return m.record.StateAt(m.filter.At, m.revision(l), l.rows.leaseOf(s) != 0)
}

// revision is the one at which a campaign's parks count.
func (m *reader) revision(l *line) int64 {
	if len(m.filter.Revisions) > 0 {
		if revision, named := m.filter.Revisions[l.id]; named {
			return revision
		}
	}
	return l.revision
}
