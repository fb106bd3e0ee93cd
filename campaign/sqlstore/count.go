package sqlstore

import (
	"context"
	"errors"
	"strconv"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// Count implements campaign.Store. A Limit counts no more records than that. What
// the database can compare it counts there; else the records are read, those alone
// to which the filter narrows.
func (st *Store) Count(ctx context.Context, f campaign.Filter, by campaign.Group) (map[string]int, error) {
	m, err := f.Prepare()
	if err = errors.Join(err, by.Check()); err != nil {
		return nil, err
	}
	counts := make(map[string]int)
	exact := true
	err = st.read(ctx, func(r *run) error {
		c := cursor{filter: &f, matcher: m}
		if err := c.begin(r); err != nil {
			return err
		}
		exact, err = c.count(r, by, counts)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case exact:
		return counts, nil
	}
	return st.countRead(ctx, &f, m, by)
}

// count counts in the database, campaign by campaign. It returns false if that
// cannot compare all that the filter asks for.
func (c *cursor) count(r *run, by campaign.Group, counts map[string]int) (exact bool, err error) {
	left := c.filter.Limit
	listed := make(map[campaign.ID][]mark)
	for _, m := range c.list {
		listed[m.campaign] = append(listed[m.campaign], m)
	}
	for _, id := range c.campaigns {
		if c.narrow && len(listed[id]) == 0 {
			continue
		}
		q := &query{dialect: r.st.dialect}
		w := conditions(q, c.filter, c.revisions[id])
		if !w.exact && !w.never {
			return false, nil
		}
		if w.never {
			continue
		}
		q.add("SELECT g, COUNT(*) FROM (SELECT ", q.group(by, c.filter, c.revisions[id]), " AS g FROM ")
		q.records(id, c.narrow, listed[id])
		if c.last.campaign == id {
			q.add(" AND (r.sequence, r.rec) > (", q.arg(c.last.sequence), ", ", q.arg(c.last.rec), ")")
		}
		for _, condition := range w.all {
			q.add(" AND ", condition)
		}
		if c.filter.Limit > 0 {
			q.add(" ORDER BY r.sequence, r.rec LIMIT ", q.arg(left))
		}
		q.add(") x GROUP BY g")
		err := r.query(q, func(from scanner) error {
			var key string
			var n int
			err := from.Scan(&key, &n)
			if err == nil {
				counts[named(by, key)] += n
				left -= n
			}
			return err
		})
		if err != nil {
			return false, err
		}
		if c.filter.Limit > 0 && left <= 0 {
			break
		}
	}
	return true, nil
}

// records adds the records of a campaign, or those of a list. Where SQLite would
// have to be given too many, it is left to find them by an index itself.
func (q *query) records(id campaign.ID, narrow bool, list []mark) {
	of := q.arg(string(id))
	switch {
	case !narrow || q.dialect == SQLite && len(list) > mostNamed:
		q.add("nextcall_record r WHERE r.campaign = ", of)
		if q.dialect == PostgreSQL {
			q.add(" AND r.rec > 0")
		}
	case q.dialect == SQLite:
		recs := make([]int64, len(list))
		for i, m := range list {
			recs[i] = m.rec
		}
		q.add("nextcall_record r WHERE r.campaign = ", of, " AND r.rec IN (", arguments(q, recs), ")")
	default:
		ids := make([]string, len(list))
		for i, m := range list {
			ids[i] = string(m.record)
		}
		q.add("unnest(", q.arg(ids), "::text[]) u(id) CROSS JOIN LATERAL (SELECT * FROM nextcall_record r WHERE r.campaign = ", of,
			" AND r.id = u.id LIMIT 1) r WHERE r.campaign = ", of)
	}
}

// group is the expression that a record is counted by.
func (q *query) group(by campaign.Group, f *campaign.Filter, revision int64) string {
	switch by {
	case campaign.ByState:
		return q.state(f, revision)
	case campaign.ByStatus:
		return "r.status"
	case campaign.ByQualifier:
		return "r.qualifier"
	case campaign.ByOwner:
		return "r.owner"
	case campaign.ByClass:
		return "r.class"
	case campaign.ByCampaign:
		return "r.campaign"
	}
	return "''"
}

// named is the key of a group whose expression has a value.
func named(by campaign.Group, value string) string {
	if by != campaign.ByState && by != campaign.ByQualifier {
		return value
	}
	n, _ := strconv.Atoi(value)
	if by == campaign.ByState {
		return campaign.State(n).String()
	}
	return status.Qualifier(n).String()
}

// countRead counts what is found.
func (st *Store) countRead(ctx context.Context, f *campaign.Filter, m *campaign.Matcher, by campaign.Group) (map[string]int, error) {
	counts := make(map[string]int)
	left := f.Limit
	more := true
	c := &cursor{filter: f, matcher: m}
	err := st.walk(ctx, c, func(_ *run, rows []*row) error {
		for i := 0; i < len(rows) && more; i++ {
			x := &rows[i].record
			counts[by.Of(x, x.StateAt(f.At, c.revisions[x.Campaign], rows[i].lease != 0))]++
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
