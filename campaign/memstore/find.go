package memstore

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/nextcall/nextcall/campaign"
)

// pageSize is how many records Find looks at before it lets others in.
const pageSize = 256

// Find implements campaign.Store. It narrows by Records, else by Contacts, else
// by Numbers; without these it looks at every record of the campaigns. No lock
// is held while the caller has the answer: a record that is written meanwhile
// is judged as it is when its turn comes. One that is given another sequence
// meanwhile may come twice or not at all.
func (st *Store) Find(ctx context.Context, f campaign.Filter, need campaign.Need) iter.Seq2[campaign.Facts, error] {
	return func(yield func(campaign.Facts, error) bool) {
		need.Since = micro(need.Since)
		var page []campaign.Facts
		left := f.Limit
		err := st.walk(ctx, &f, func(l *line, records []slot, r *reader) {
			page = page[:0]
			w := new(scratch) // not used again: what is found may be kept
			for _, s := range records {
				if _, _, ok := r.match(l, s); ok {
					page = append(page, campaign.Facts{})
					l.look(s, &need, w, &page[len(page)-1])
				}
			}
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
	group := groups[by]
	if group == nil {
		return nil, fmt.Errorf("records cannot be counted by %q: want one of state, status, qualifier, owner, class, campaign", by)
	}
	counts := make(map[string]int)
	left := f.Limit
	more := true
	err := st.walk(ctx, &f, func(l *line, records []slot, r *reader) {
		for _, s := range records {
			if record, state, ok := r.match(l, s); ok && more {
				counts[group(record, state)]++
				left--
				more = left != 0
			}
		}
	}, func() bool { return more })
	if err != nil {
		return nil, err
	}
	return counts, nil
}

// walk goes through the records that may match, in the order of Find, page by
// page: look is called with a page of one campaign while nobody writes there,
// next afterwards without a lock, and ends the walk with false.
func (st *Store) walk(ctx context.Context, f *campaign.Filter, look func(*line, []slot, *reader), next func() bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	f.Contacts = st.current(f.Contacts)
	cursor, err := st.cursor(f)
	if err != nil {
		return err
	}
	r := &reader{filter: f}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		st.mu.RLock()
		l, page := cursor.page()
		if l != nil {
			look(l, page, r)
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
		for len(c.list) > 0 && c.list[0].line == l.number && len(c.buf) < pageSize {
			c.buf = append(c.buf, c.list[0].slot)
			c.list = c.list[1:]
		}
		l.mu.Lock()
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
	for _, l := range st.order {
		if len(f.Campaigns) == 0 || slices.Contains(f.Campaigns, l.id) {
			c.lines = append(c.lines, l)
		}
	}
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

// candidates returns the records that a filter narrows to, if it does.
func (st *Store) candidates(f *campaign.Filter, lines []*line) (list []place, narrow bool) {
	switch {
	case len(f.Records) > 0:
		for _, l := range lines {
			for _, id := range f.Records {
				if p, found := l.place(id); found {
					list = append(list, p)
				}
			}
		}
		return list, true
	case len(f.Contacts)+len(f.Numbers) == 0:
		return nil, false
	}
	var spots []spot
	for _, at := range st.people.spots(f) {
		if slices.Contains(lines, st.lines[at.line]) {
			spots = append(spots, at)
		}
	}
	for _, at := range spots {
		l := st.lines[at.line]
		l.mu.Lock()
		list = append(list, l.placeOf(at.slot))
		l.mu.Unlock()
	}
	return list, true
}

// spots returns the records of a filter's contacts, or else of its numbers.
func (p *people) spots(f *campaign.Filter) (spots []spot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	visit := func(at spot) bool { spots = append(spots, at); return true }
	if len(f.Contacts) > 0 {
		for _, id := range f.Contacts {
			if h := p.findContact(id); h != 0 {
				p.each(&p.contacts.At(h).records, visit)
			}
		}
		return spots
	}
	for _, n := range f.Numbers {
		if h := p.findNumber(n); h != 0 {
			p.each(&p.numbers.At(h).records, visit)
		}
	}
	return spots
}

// reader reads records to see whether they match.
type reader struct {
	filter *campaign.Filter
	record campaign.Record
	phones []campaign.Phone
}

// match reports whether a record passes the filter, with what it is.
func (m *reader) match(l *line, s slot) (*campaign.Record, campaign.State, bool) {
	f, r := m.filter, &m.record
	m.phones = l.rows.read(s, r, m.phones[:0])
	revision, named := f.Revisions[r.Campaign]
	if !named {
		revision = l.revision
	}
	state := r.StateAt(f.At, revision, l.rows.leaseOf(s) != 0)
	return r, state, oneOf(f.Campaigns, r.Campaign) &&
		oneOf(f.Records, r.ID) &&
		oneOf(f.Contacts, r.Contact) &&
		oneOf(f.Lists, r.List) &&
		oneOf(f.Statuses, r.Status) &&
		oneOf(f.Qualifiers, r.Qualifier) &&
		oneOf(f.States, state) &&
		oneOf(f.Owners, r.Owner) &&
		(f.Operation == "" || f.Operation == r.Operation) &&
		hasNumber(f, r)
}

// oneOf reports whether v is among the wanted values; none wanted is all.
func oneOf[T comparable](wanted []T, v T) bool {
	return len(wanted) == 0 || slices.Contains(wanted, v)
}

func hasNumber(f *campaign.Filter, r *campaign.Record) bool {
	if len(f.Numbers) == 0 {
		return true
	}
	for i := range r.Phones {
		if slices.Contains(f.Numbers, r.Phones[i].Number) {
			return true
		}
		if !f.AnyNumber {
			break
		}
	}
	return false
}

// groups are the functions that Count groups by.
var groups = map[campaign.Group]func(*campaign.Record, campaign.State) string{
	campaign.ByNothing:   func(*campaign.Record, campaign.State) string { return "" },
	campaign.ByState:     func(_ *campaign.Record, s campaign.State) string { return s.String() },
	campaign.ByStatus:    func(r *campaign.Record, _ campaign.State) string { return string(r.Status) },
	campaign.ByQualifier: func(r *campaign.Record, _ campaign.State) string { return r.Qualifier.String() },
	campaign.ByOwner:     func(r *campaign.Record, _ campaign.State) string { return string(r.Owner) },
	campaign.ByClass:     func(r *campaign.Record, _ campaign.State) string { return r.Class },
	campaign.ByCampaign:  func(r *campaign.Record, _ campaign.State) string { return string(r.Campaign) },
}
