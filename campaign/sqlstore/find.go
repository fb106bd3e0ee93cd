package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/nextcall/nextcall/campaign"
)

// pageSize is how many records Find reads at a time.
const pageSize = 256

// Find implements campaign.Store. It narrows by Records, else by Contacts, else
// by Numbers; without these it looks at every record of the campaigns. Nothing is
// kept open while the caller has the answer: a record that is written meanwhile
// is judged as it is when its turn comes. One that is given another sequence
// meanwhile may come twice or not at all.
func (st *Store) Find(ctx context.Context, f campaign.Filter, need campaign.Need) iter.Seq2[campaign.Facts, error] {
	return func(yield func(campaign.Facts, error) bool) {
		var page []campaign.Facts
		left := f.Limit
		err := st.walk(ctx, &f, func(r *run, rows []*row, _ []campaign.State) error {
			page = make([]campaign.Facts, len(rows))
			return r.whole(rows, &need, func(i int) *campaign.Facts { return &page[i] })
		}, func() bool {
			for _, facts := range page {
				if !yield(facts, nil) {
					return false
				}
				if left--; left == 0 {
					return false
				}
			}
			page = page[:0]
			return true
		})
		if err != nil {
			yield(campaign.Facts{}, err)
		}
	}
}

// Count implements campaign.Store. A Limit counts no more records than that.
func (st *Store) Count(ctx context.Context, f campaign.Filter, by campaign.Group) (map[string]int, error) {
	group := groupOf(by)
	if group == nil {
		return nil, fmt.Errorf("records cannot be counted by %q: want one of state, status, qualifier, owner, class, campaign", by)
	}
	counts := make(map[string]int)
	left := f.Limit
	more := true
	err := st.walk(ctx, &f, func(_ *run, rows []*row, states []campaign.State) error {
		for i := 0; i < len(rows) && more; i++ {
			counts[group(&rows[i].record, states[i])]++
			left--
			more = left != 0
		}
		return nil
	}, func() bool { return more })
	if err != nil {
		return nil, err
	}
	return counts, nil
}

// mark is a record's place in the order of Find.
type mark struct {
	campaign campaign.ID
	sequence int64
	rec      int64
	record   campaign.RecordID
}

func (m *mark) scan(from scanner) error {
	return from.Scan(&m.campaign, &m.sequence, &m.rec, &m.record)
}

func (m mark) compare(o mark) int {
	return cmp.Or(cmp.Compare(m.campaign, o.campaign), cmp.Compare(m.sequence, o.sequence), cmp.Compare(m.rec, o.rec))
}

// walk goes through the records that match, in the order of Find, page by page:
// look is called with those of a page and their states, next afterwards, and ends
// the walk with false.
func (st *Store) walk(ctx context.Context, f *campaign.Filter, look func(*run, []*row, []campaign.State) error, next func() bool) error {
	c := cursor{filter: f}
	if err := st.read(ctx, c.begin); err != nil {
		return err
	}
	for more := true; more; {
		err := st.read(ctx, func(r *run) (err error) {
			more, err = c.page(r, look)
			return err
		})
		if err != nil {
			return err
		}
		if !next() {
			return nil
		}
	}
	return nil
}

// cursor is where a walk stands: in a list of records, or in campaigns.
type cursor struct {
	filter    *campaign.Filter
	narrow    bool
	list      []mark
	campaigns []campaign.ID // those to come
	last      mark          // in the first of campaigns
	revisions map[campaign.ID]int64
}

func (c *cursor) begin(r *run) error {
	f := c.filter
	if err := c.meet(r); err != nil {
		return err
	}
	f.Contacts = slices.Clone(f.Contacts)
	for i, id := range f.Contacts {
		var err error
		if f.Contacts[i], err = r.current(id); err != nil {
			return err
		}
	}
	for id := range c.revisions {
		if len(f.Campaigns) == 0 || slices.Contains(f.Campaigns, id) {
			c.campaigns = append(c.campaigns, id)
		}
	}
	slices.Sort(c.campaigns)
	after := mark{sequence: math.MinInt64, rec: math.MinInt64}
	if f.After != (campaign.Ref{}) {
		if err := after.scan(r.row(sequenceOf, string(f.After.Campaign), string(f.After.Record))); none(err) {
			return notFound(f.After)
		} else if err != nil {
			return err
		}
		c.campaigns = slices.DeleteFunc(c.campaigns, func(id campaign.ID) bool { return id < after.campaign })
		c.last = after
	}
	if err := c.candidates(r); err != nil || !c.narrow {
		return err
	}
	slices.SortFunc(c.list, mark.compare)
	c.list = slices.Compact(c.list)
	c.list = slices.DeleteFunc(c.list, func(m mark) bool { return f.After != (campaign.Ref{}) && m.compare(after) <= 0 })
	return nil
}

// meet reads the campaigns and the revisions at which their parks count.
func (c *cursor) meet(r *run) error {
	c.revisions = make(map[campaign.ID]int64)
	return r.each(func(from scanner) error {
		var id campaign.ID
		var revision int64
		err := from.Scan(&id, &revision)
		if named, ok := c.filter.Revisions[id]; ok {
			revision = named
		}
		c.revisions[id] = revision
		return err
	}, allCampaigns)
}

// candidates lists the records that the filter narrows to, if it does.
func (c *cursor) candidates(r *run) error {
	f := c.filter
	add := func(from scanner) error {
		var m mark
		err := m.scan(from)
		c.list = append(c.list, m)
		return err
	}
	c.narrow = true
	switch {
	case len(f.Records) > 0:
		for _, id := range c.campaigns {
			for _, record := range f.Records {
				if err := r.each(add, sequenceOf, string(id), string(record)); err != nil {
					return err
				}
			}
		}
	case len(f.Contacts) > 0:
		for _, id := range f.Contacts {
			if err := r.each(add, recordsOfContact, string(id)); err != nil {
				return err
			}
		}
	case len(f.Numbers) > 0:
		for _, n := range f.Numbers {
			if err := r.each(add, recordsOfNumber, int64(n)); err != nil {
				return err
			}
		}
	default:
		c.narrow = false
	}
	return nil
}

// page reads the next records and says whether there may be more.
func (c *cursor) page(r *run, look func(*run, []*row, []campaign.State) error) (more bool, err error) {
	// What has been learnt since the page before counts.
	if err := c.meet(r); err != nil {
		return false, err
	}
	var page []*row
	read := func(from scanner) error {
		x := new(row)
		page = append(page, x)
		return x.scan(from)
	}
	if c.narrow {
		n := min(pageSize, len(c.list))
		for _, m := range c.list[:n] {
			if err := r.each(read, readRecordByKey, r.st.byRecord(key{m.campaign, m.record}, m.rec)...); err != nil {
				return false, err
			}
		}
		c.list = c.list[n:]
		more = len(c.list) > 0
	} else {
		for len(page) == 0 && len(c.campaigns) > 0 {
			id := c.campaigns[0]
			if c.last.campaign != id {
				c.last = mark{campaign: id, sequence: math.MinInt64, rec: math.MinInt64}
			}
			if err := r.each(read, rollPage, string(id), c.last.sequence, c.last.rec, pageSize); err != nil {
				return false, err
			}
			if n := len(page); n < pageSize {
				c.campaigns = c.campaigns[1:]
			} else {
				c.last = mark{id, page[n-1].record.Sequence, page[n-1].rec, page[n-1].record.ID}
			}
		}
		more = len(c.campaigns) > 0
	}
	var found []*row
	var states []campaign.State
	for _, x := range page {
		if x, err = r.enter(x); err != nil {
			return false, err
		}
		if state, ok := c.match(x); ok {
			found, states = append(found, x), append(states, state)
		}
	}
	return more, look(r, found, states)
}

// match reports whether a record passes the filter, and its state.
func (c *cursor) match(x *row) (campaign.State, bool) {
	r, f := &x.record, c.filter
	state := r.StateAt(f.At, c.revisions[r.Campaign], x.lease != 0)
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

// groupOf returns what Count groups by, or nil.
func groupOf(by campaign.Group) func(*campaign.Record, campaign.State) string {
	switch by {
	case campaign.ByNothing:
		return func(*campaign.Record, campaign.State) string { return "" }
	case campaign.ByState:
		return func(_ *campaign.Record, s campaign.State) string { return s.String() }
	case campaign.ByStatus:
		return func(r *campaign.Record, _ campaign.State) string { return string(r.Status) }
	case campaign.ByQualifier:
		return func(r *campaign.Record, _ campaign.State) string { return r.Qualifier.String() }
	case campaign.ByOwner:
		return func(r *campaign.Record, _ campaign.State) string { return string(r.Owner) }
	case campaign.ByClass:
		return func(r *campaign.Record, _ campaign.State) string { return r.Class }
	case campaign.ByCampaign:
		return func(r *campaign.Record, _ campaign.State) string { return string(r.Campaign) }
	}
	return nil
}
