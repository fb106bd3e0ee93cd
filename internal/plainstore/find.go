package plainstore

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
		var page []campaign.Facts
		left := f.Limit
		err := st.walk(ctx, &f, func(records []*stored) {
			page = page[:0]
			for _, s := range records {
				if _, ok := st.match(&f, s); ok {
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
	group := groups[by]
	if group == nil {
		return nil, fmt.Errorf("records cannot be counted by %q: want one of state, status, qualifier, owner, class, campaign", by)
	}
	counts := make(map[string]int)
	left := f.Limit
	more := true
	err := st.walk(ctx, &f, func(records []*stored) {
		for _, s := range records {
			if state, ok := st.match(&f, s); ok && more {
				counts[group(&s.rec, state)]++
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
	f.Contacts = slices.Clone(f.Contacts)
	for i, id := range f.Contacts {
		f.Contacts[i] = st.current(id)
	}
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
	case len(f.Contacts) > 0:
		for _, id := range f.Contacts {
			if c := st.contacts[id]; c != nil {
				list = append(list, c.records...)
			}
		}
	case len(f.Numbers) > 0:
		for _, n := range f.Numbers {
			if x := st.numbers[n]; x != nil {
				list = append(list, x.records...)
			}
		}
	default:
		return nil, false
	}
	return list, true
}

// inOrder is the order of Find.
func inOrder(a, b *stored) int {
	return cmp.Or(cmp.Compare(a.rec.Campaign, b.rec.Campaign), a.mark().compare(b.mark()))
}

// match reports whether a record passes a filter, and its state.
func (st *Store) match(f *campaign.Filter, s *stored) (campaign.State, bool) {
	r := &s.rec
	revision, named := f.Revisions[r.Campaign]
	if !named {
		revision = s.line.revision
	}
	state := r.StateAt(f.At, revision, s.lease != nil)
	return state, oneOf(f.Campaigns, r.Campaign) &&
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
