package plainstore

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

// Find implements campaign.Store. It narrows by Records, else by Contacts, Numbers
// or Terms; without these it looks at every record of the campaigns. No lock
// is held while the caller has the answer: a record that is written meanwhile
// is judged as it is when its turn comes. One that is given another sequence
// meanwhile may come twice or not at all.
func (st *Store) Find(ctx context.Context, f campaign.Filter, need campaign.Need) iter.Seq2[campaign.Facts, error] {
	return func(yield func(campaign.Facts, error) bool) {
		f.Contacts = st.currents(f.Contacts)
		m, err := f.Prepare()
		if err != nil {
			yield(campaign.Facts{}, err)
			return
		}
		var page []campaign.Facts
		left := f.Limit
		err = st.walk(ctx, &f, func(records []*stored) {
			page = page[:0]
			for _, s := range records {
				if m.Match(&s.rec, s.lease != nil, st.revision(&f, s)) {
					page = append(page, campaign.Facts{})
					st.facts(s, need, &page[len(page)-1])
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
	f.Contacts = st.currents(f.Contacts)
	m, err := f.Prepare()
	if err = errors.Join(err, by.Check()); err != nil {
		return nil, err
	}
	counts := make(map[string]int)
	left := f.Limit
	more := true
	err = st.walk(ctx, &f, func(records []*stored) {
		for _, s := range records {
			if more && m.Match(&s.rec, s.lease != nil, st.revision(&f, s)) {
				counts[by.Of(&s.rec, st.state(&f, s))]++
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
// page: look is called with a page while nobody writes, next afterwards without
// a lock, and ends the walk with false.
func (st *Store) walk(ctx context.Context, f *campaign.Filter, look func([]*stored), next func() bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	st.mu.Lock()
	cursor, err := st.cursor(f)
	st.mu.Unlock()
	if err != nil {
		return err
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		st.mu.Lock()
		page, more := cursor.page()
		look(page)
		st.mu.Unlock()
		if !next() || !more {
			return nil
		}
	}
}

// cursor is where a walk stands: either in a list of records, or in the rolls
// of campaigns.
type cursor struct {
	list  []*stored
	lines []*line
	mark  *mark // in the first of lines; nil: at its beginning
	buf   []*stored
}

func (c *cursor) page() (records []*stored, more bool) {
	if n := min(pageSize, len(c.list)); n > 0 {
		records, c.list = c.list[:n], c.list[n:]
		return records, len(c.list) > 0
	}
	for len(c.lines) > 0 {
		c.buf = c.lines[0].roll.after(c.mark, pageSize, c.buf[:0])
		if n := len(c.buf); n > 0 {
			m := c.buf[n-1].mark()
			c.mark = &m
			return c.buf, true
		}
		c.lines, c.mark = c.lines[1:], nil
	}
	return nil, false
}

func (st *Store) cursor(f *campaign.Filter) (*cursor, error) {
	c := new(cursor)
	for _, l := range st.order {
		if len(f.Campaigns) == 0 || slices.Contains(f.Campaigns, l.id) {
			c.lines = append(c.lines, l)
		}
	}
	var after *stored
	if f.After != (campaign.Ref{}) {
		after = st.record(f.After.Campaign, f.After.Record)
		if after == nil {
			return nil, notFound(f.After)
		}
		c.lines = slices.DeleteFunc(c.lines, func(l *line) bool { return l.id < after.rec.Campaign })
		if len(c.lines) > 0 && c.lines[0] == after.line {
			m := after.mark()
			c.mark = &m
		}
	}
	list, narrow := st.candidates(f, c.lines)
	if !narrow {
		return c, nil
	}
	slices.SortFunc(list, inOrder)
	list = slices.Compact(list)
	if after != nil {
		list = slices.DeleteFunc(list, func(s *stored) bool { return inOrder(s, after) <= 0 })
	}
	return &cursor{list: list}, nil
}

// candidates returns the records that a filter narrows to, if it does.
func (st *Store) candidates(f *campaign.Filter, lines []*line) (list []*stored, narrow bool) {
	switch {
	case len(f.Records) > 0:
		for _, l := range lines {
			for _, id := range f.Records {
				if s := l.records[id]; s != nil {
					list = append(list, s)
				}
			}
		}
	case len(f.Contacts) > 0 && !slices.Contains(f.Contacts, ""):
		for _, id := range f.Contacts {
			if c := st.contacts[id]; c != nil {
				list = append(list, c.records...)
			}
		}
	case len(f.Numbers) > 0:
		for _, n := range f.Numbers {
			list = append(list, st.withNumber(n)...)
		}
	case len(f.Terms) > 0:
		for _, t := range f.Terms {
			list = append(list, st.withNumber(t.Number)...)
			for _, l := range lines {
				if s := l.records[t.ID]; s != nil {
					list = append(list, s)
				}
			}
		}
	default:
		return nil, false
	}
	return list, true
}

// withNumber lists the records that have a number, at any place.
func (st *Store) withNumber(n blacklist.Number) []*stored {
	if x := st.numbers[n]; x != nil {
		return x.records
	}
	return nil
}

// inOrder is the order of Find.
func inOrder(a, b *stored) int {
	return cmp.Or(cmp.Compare(a.rec.Campaign, b.rec.Campaign), a.mark().compare(b.mark()))
}

// state is a record's state for a filter.
func (st *Store) state(f *campaign.Filter, s *stored) campaign.State {
	return s.rec.StateAt(f.At, st.revision(f, s), s.lease != nil)
}

// revision is the one at which a record's parks count.
func (st *Store) revision(f *campaign.Filter, s *stored) int64 {
	if revision, named := f.Revisions[s.rec.Campaign]; named {
		return revision
	}
	return s.line.revision
}
