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
		part(len(f.Contacts), func() error { return c.byContacts(r, plain(f.Contacts)) })
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
		return c.marks(r, func(q *query, campaigns string) {
			q.add("SELECT l.campaign, l.record FROM nextcall_lease l WHERE l.campaign = ANY(", campaigns,
				") UNION ALL SELECT l.campaign, l.record FROM nextcall_with l WHERE l.campaign = ANY(", campaigns, ")")
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
		return c.marks(r, func(q *query, campaigns string) {
			q.add("SELECT c.campaign, i.record FROM unnest(", campaigns, "::text[]) c(campaign), unnest(", q.arg(ids), "::text[]) i(record)")
		})
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
		return c.marks(r, func(q *query, campaigns string) {
			q.add("SELECT n.campaign, n.record FROM unnest(", q.arg(numbers), "::bigint[]) v(number) CROSS JOIN LATERAL (SELECT n.campaign, n.record",
				" FROM nextcall_number n WHERE n.number = v.number AND n.campaign = ANY(", campaigns, ") LIMIT 1000000) n")
		})
	}
	return each(c, r, numbers, recordsOfNumber)
}

// byContacts lists the records of the contacts.
func (c *cursor) byContacts(r *run, contacts []string) error {
	if r.st.dialect == PostgreSQL {
		return c.marks(r, func(q *query, campaigns string) {
			q.add("SELECT x.campaign, x.id AS record FROM unnest(", q.arg(contacts), "::text[]) v(contact) CROSS JOIN LATERAL (SELECT x.campaign, x.id",
				" FROM nextcall_record x WHERE x.contact <> '' AND x.contact = v.contact AND x.campaign = ANY(", campaigns, ") LIMIT 1000000) x")
		})
	}
	return each(c, r, contacts, recordsOfContact)
}

// each lists what a statement finds by each of the values.
func each[T string | int64](c *cursor, r *run, values []T, one statement) error {
	for _, v := range values {
		if err := r.each(c.read, one, v); err != nil {
			return err
		}
	}
	return nil
}

// marks lists the records whose campaigns and ids a query of PostgreSQL gives. It
// is told the place of the campaigns. Each record is looked up by its key: of
// how many it gives the planner knows nothing.
func (c *cursor) marks(r *run, of func(q *query, campaigns string)) error {
	q := &query{dialect: r.st.dialect}
	q.add("SELECT r.campaign, r.sequence, r.rec, r.id FROM (")
	of(q, q.arg(plain(c.campaigns)))
	q.add(") u CROSS JOIN LATERAL (SELECT * FROM nextcall_record r WHERE r.campaign = u.campaign AND r.id = u.record LIMIT 1) r")
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
