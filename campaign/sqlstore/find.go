package sqlstore

import (
	"cmp"
	"context"
	"iter"
	"math"
	"slices"

	"github.com/nextcall/nextcall/campaign"
)

// pageSize is how many records Find reads at a time.
const pageSize = 256

// Find implements campaign.Store. It narrows by that of Records, Contacts, Numbers
// and Terms which names the fewest, else by the part whose index has the fewest, if
// they are few; without these it goes through the campaigns, where the database
// compares what it can. Nothing is kept open while the caller has the answer: a record that is written meanwhile
// is judged as it is when its turn comes. One that is given another sequence
// meanwhile may come twice or not at all.
func (st *Store) Find(ctx context.Context, f campaign.Filter, need campaign.Need) iter.Seq2[campaign.Facts, error] {
	return func(yield func(campaign.Facts, error) bool) {
		m, err := f.Prepare()
		if err != nil {
			yield(campaign.Facts{}, err)
			return
		}
		var page []campaign.Facts
		left := f.Limit
		err = st.walk(ctx, &cursor{filter: &f, matcher: m}, func(r *run, rows []*row) error {
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
// look is called with those of a page, next afterwards, and ends the walk with
// false.
func (st *Store) walk(ctx context.Context, c *cursor, look func(*run, []*row) error, next func() bool) error {
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
	matcher   *campaign.Matcher
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
	wanted := make(map[campaign.ID]bool, len(f.Campaigns))
	for _, id := range f.Campaigns {
		wanted[id] = true
	}
	for id := range c.revisions {
		if len(wanted) == 0 || wanted[id] {
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

// page reads the next records and says whether there may be more.
func (c *cursor) page(r *run, look func(*run, []*row) error) (more bool, err error) {
	// What has been learnt since the page before counts.
	if err := c.meet(r); err != nil {
		return false, err
	}
	var page []*row
	if c.narrow {
		page, err = c.listed(r)
		more = len(c.list) > 0
	} else {
		page, err = c.rolled(r)
		more = len(c.campaigns) > 0
	}
	if err != nil {
		return false, err
	}
	var found []*row
	for _, x := range page {
		if c.matcher.Match(&x.record, x.lease != 0, c.revisions[x.record.Campaign]) {
			found = append(found, x)
		}
	}
	return more, look(r, found)
}

// listed reads the next records of the list.
func (c *cursor) listed(r *run) (page []*row, err error) {
	n := min(pageSize, len(c.list))
	keys := make([]key, n)
	for i, m := range c.list[:n] {
		keys[i] = key{m.campaign, m.record}
	}
	c.list = c.list[n:]
	if err := r.engine.load(r, keys); err != nil {
		return nil, r.fail(err)
	}
	for _, k := range keys {
		x, err := r.record(k.campaign, k.record)
		if err != nil {
			return nil, err
		}
		if x != nil {
			page = append(page, x)
		}
	}
	return page, nil
}

// rolled reads the next records of the campaigns that meet the conditions.
func (c *cursor) rolled(r *run) (page []*row, err error) {
	read := func(from scanner) error {
		x := new(row)
		page = append(page, x)
		return x.scan(from)
	}
	for len(page) == 0 && len(c.campaigns) > 0 {
		id := c.campaigns[0]
		if c.last.campaign != id {
			c.last = mark{campaign: id, sequence: math.MinInt64, rec: math.MinInt64}
		}
		if err := c.roll(r, read); err != nil {
			return nil, err
		}
		if n := len(page); n < pageSize {
			c.campaigns = c.campaigns[1:]
		} else {
			c.last = mark{id, page[n-1].record.Sequence, page[n-1].rec, page[n-1].record.ID}
		}
	}
	for i := range page {
		if page[i], err = r.enter(page[i]); err != nil {
			return nil, err
		}
	}
	return page, nil
}

// roll reads a page of the campaign in which the cursor stands.
func (c *cursor) roll(r *run, read func(scanner) error) error {
	q := &query{dialect: r.st.dialect}
	w := conditions(q, c.filter, c.revisions[c.last.campaign])
	switch {
	case w.never:
		return nil
	case len(w.all) == 0:
		return r.each(read, rollPage, string(c.last.campaign), c.last.sequence, c.last.rec, pageSize)
	}
	of := `r.campaign = ` + q.arg(string(c.last.campaign)) + ` AND (r.sequence, r.rec) > (` + q.arg(c.last.sequence) + ", " + q.arg(c.last.rec) + `)`
	if q.dialect == PostgreSQL {
		q.add(`SELECT `, pgRecord, `COALESCE(q.place, 0), COALESCE(l.call, 0), r.latest, r.body, COALESCE(w.body, '') FROM (SELECT r.campaign, r.id, r.sequence, r.rec FROM nextcall_record r WHERE r.rec > 0 AND `, of)
	} else {
		q.add(`SELECT `, recordItself, ` FROM nextcall_record r INDEXED BY nextcall_record_roll LEFT JOIN nextcall_wide w ON w.rec = r.rec WHERE `, of)
	}
	for _, condition := range w.all {
		q.add(" AND ", condition)
	}
	q.add(" ORDER BY r.sequence, r.rec LIMIT ", q.arg(pageSize))
	if q.dialect == PostgreSQL {
		q.add(`) u`, pgWithThem, `ORDER BY u.sequence, u.rec`)
	}
	return r.query(q, read)
}
