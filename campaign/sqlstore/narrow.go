package sqlstore

import (
	"slices"
	"strings"

	"github.com/nextcall/nextcall/campaign"
)

// narrowest is up to how many records an index is asked for what a part of a
// filter finds. Where it would be more, the campaign is looked through in the order
// of Find, by the conditions.
const narrowest = 5000

// candidates lists the records that the filter narrows to, if it does: by ids,
// contacts, numbers or terms, whichever names the fewest, else by the part whose
// index has the fewest.
func (c *cursor) candidates(r *run) error {
	f := c.filter
	var by func() error
	fewest := 0
	part := func(named int, is func() error) {
		if named > 0 && (by == nil || named < fewest) {
			fewest, by = named, is
		}
	}
	part(len(f.Records), func() error { return c.byIDs(r, plain(f.Records)) })
	if !slices.Contains(f.Contacts, "") { // the index has none without a contact
		part(len(f.Contacts), func() error {
			return lookup(c, r, "r.contact <> '' AND r.contact", plain(f.Contacts), recordsOfContact)
		})
	}
	part(len(f.Numbers), func() error { return c.byNumbers(r, numbersIn(f.Numbers)) })
	part(len(f.Terms), func() error {
		ids, numbers := termsOf(f)
		if err := c.byIDs(r, ids); err != nil {
			return err
		}
		return c.byNumbers(r, numbers)
	})
	if by != nil {
		c.narrow = true
		return by()
	}
	if inProgress(f) {
		c.narrow = true
		return c.byLeases(r)
	}
	return c.byIndexes(r)
}

// inProgress reports whether a filter finds nothing but what is leased.
func inProgress(f *campaign.Filter) bool {
	return len(f.Systems) == 1 && f.Systems[0] == campaign.SystemInProgress || len(f.States) == 1 && f.States[0] == campaign.StateLeased
}

// byLeases lists the records that leases hold.
func (c *cursor) byLeases(r *run) error {
	if r.st.dialect == PostgreSQL {
		return c.marks(r, func(q *query) {
			q.add("(r.campaign, r.id) IN (SELECT l.campaign, l.record FROM nextcall_lease l UNION ALL SELECT l.campaign, l.record FROM nextcall_with l)")
		})
	}
	var held []campaign.Ref
	err := r.each(func(from scanner) error {
		var ref campaign.Ref
		var body string
		if err := from.Scan(&ref.Campaign, &ref.Record, &body); err != nil {
			return err
		}
		held = append(held, ref)
		if !strings.Contains(body, `"with"`) {
			return nil
		}
		var terms campaign.Lease
		err := r.st.layouts.decode(body, &terms)
		held = append(held, terms.With...)
		return err
	}, allLeases)
	if err != nil {
		return err
	}
	for _, ref := range held {
		if err := r.each(c.read, sequenceOf, string(ref.Campaign), string(ref.Record)); err != nil {
			return err
		}
	}
	c.list = slices.DeleteFunc(c.list, func(m mark) bool {
		_, found := slices.BinarySearch(c.campaigns, m.campaign)
		return !found
	})
	return nil
}

// read reads a mark into the list of candidates.
func (c *cursor) read(from scanner) error {
	var m mark
	err := m.scan(from)
	c.list = append(c.list, m)
	return err
}

// byIDs lists the records of the campaigns that have one of the ids.
func (c *cursor) byIDs(r *run, ids []string) error {
	if r.st.dialect == PostgreSQL {
		return c.marks(r, func(q *query) { q.add("r.id = ANY(", q.arg(ids), ")") })
	}
	for _, id := range c.campaigns {
		for _, record := range ids {
			if err := r.each(c.read, sequenceOf, string(id), record); err != nil {
				return err
			}
		}
	}
	return nil
}

// byNumbers lists the records that have one of the numbers, at any place.
func (c *cursor) byNumbers(r *run, numbers []int64) error {
	if r.st.dialect == PostgreSQL {
		return c.marks(r, func(q *query) {
			q.add("(r.campaign, r.id) IN (SELECT n.campaign, n.record FROM nextcall_number n WHERE n.number = ANY(", q.arg(numbers), "))")
		})
	}
	return lookup(c, r, "", numbers, recordsOfNumber)
}

// lookup lists the records that a column has one of the values of: with SQLite by
// a statement for each, else all at once.
func lookup[T string | int64](c *cursor, r *run, column string, values []T, one statement) error {
	if r.st.dialect == PostgreSQL {
		return c.marks(r, func(q *query) { q.add(column, " = ANY(", q.arg(values), ")") })
	}
	for _, v := range values {
		if err := r.each(c.read, one, v); err != nil {
			return err
		}
	}
	return nil
}

// marks lists the records of the campaigns that meet a condition.
func (c *cursor) marks(r *run, condition func(*query)) error {
	q := &query{dialect: r.st.dialect}
	q.add("SELECT r.campaign, r.sequence, r.rec, r.id FROM nextcall_record r WHERE r.campaign = ANY(", q.arg(plain(c.campaigns)), ") AND ")
	condition(q)
	return r.query(q, c.read)
}

// byIndexes lists the records of the part whose index has the fewest, if they are few.
func (c *cursor) byIndexes(r *run) error {
	if len(c.campaigns) == 0 || r.st.dialect == SQLite && len(c.campaigns) > mostNamed {
		return nil
	}
	most := narrowest
	for _, p := range partsOf(c.filter) {
		q := &query{dialect: r.st.dialect}
		p.lookUp(q, plain(c.campaigns), most+1)
		var list []mark
		rows := 0
		err := r.query(q, func(from scanner) error {
			var m mark
			err := m.scan(from)
			if rows++; m.campaign != "" {
				list = append(list, m)
			}
			return err
		})
		if err != nil {
			return err
		}
		if rows <= most {
			c.list, c.narrow, most = list, true, rows
		}
		if most < pageSize {
			return nil
		}
	}
	return nil
}
