package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// Claim implements campaign.Store.
func (st *Store) Claim(ctx context.Context, q campaign.Claim, into *campaign.Claimed) error {
	empty(into)
	if err := ctx.Err(); err != nil {
		return err
	}
	if q.Limit < 1 {
		return fmt.Errorf("claim of %d leases: want at least 1", q.Limit)
	}
	q.Now, q.Until = instant(micros(q.Now)), instant(micros(q.Until))
	err := st.write(ctx, q.Limit, func(r *run) error {
		empty(into) // it may have been tried before
		c := claim{run: r, q: &q, into: into}
		return c.do()
	})
	if err != nil {
		empty(into)
	}
	return err
}

func empty(into *campaign.Claimed) {
	into.Leased, into.Expired, into.Classes, into.Owners = into.Leased[:0], into.Expired[:0], into.Classes[:0], into.Owners[:0]
	into.NextExpiry = time.Time{}
}

// claim is one Claim.
type claim struct {
	*run
	q     *campaign.Claim
	into  *campaign.Claimed
	met   []campaign.ID                 // the campaigns of the steps, each once
	lanes map[campaign.ID]map[lane]bool // of each, those that have held records
}

func (c *claim) do() error {
	if err := c.meet(); err != nil {
		return err
	}
	for _, id := range c.met {
		if _, err := c.exec(wakeParked, string(id), micros(c.q.Now)); err != nil {
			return err
		}
	}
	if err := c.expire(); err != nil {
		return err
	}
	for _, id := range c.met {
		var until int64
		if err := c.row(firstExpiry, string(id)).Scan(&until); none(err) {
			continue
		} else if err != nil {
			return err
		}
		if t := instant(until); c.into.NextExpiry.IsZero() || t.Before(c.into.NextExpiry) {
			c.into.NextExpiry = t
		}
	}
	if len(c.into.Expired) == 0 {
		if err := c.lease(); err != nil {
			return err
		}
	}
	for _, id := range c.met {
		if err := c.report(id); err != nil {
			return err
		}
	}
	return nil
}

// meet collects the campaigns of the steps and learns their revisions.
func (c *claim) meet() error {
	c.lanes = make(map[campaign.ID]map[lane]bool)
	for _, step := range c.q.From {
		if err := c.learn(step.Campaign, step.Revision); err != nil {
			return err
		}
		if !slices.Contains(c.met, step.Campaign) {
			c.met = append(c.met, step.Campaign)
		}
	}
	for _, step := range c.q.From {
		if err := c.outdated(step.Campaign, step.Revision); err != nil {
			return err
		}
	}
	for _, id := range c.met {
		lanes := make(map[lane]bool)
		err := c.rows(func(from scanner) error {
			l := lane{campaign: id}
			err := from.Scan(&l.class, &l.lane)
			lanes[l] = true
			return err
		}, readLanes, string(id))
		if err != nil {
			return err
		}
		c.lanes[id] = lanes
	}
	return nil
}

// over is a lease that has run out.
type over struct {
	call, token campaign.Token
	until       int64
	ref         campaign.Ref
}

// expire hands out the leases that have run out, oldest first, to be settled.
func (c *claim) expire() error {
	var all []over
	for _, id := range c.met {
		err := c.rows(func(from scanner) error {
			var o over
			err := from.Scan(&o.call, &o.token, &o.until, &o.ref.Campaign, &o.ref.Record)
			all = append(all, o)
			return err
		}, overLeases, string(id), micros(c.q.Now), c.q.Limit)
		if err != nil {
			return err
		}
	}
	slices.SortFunc(all, func(a, b over) int { return cmp.Or(cmp.Compare(a.until, b.until), cmp.Compare(a.token, b.token)) })
	all = all[:min(len(all), c.q.Limit)]
	for _, o := range all {
		if err := c.unguard(o.call); err != nil {
			return err
		}
		c.token++
		c.counted = true
		if _, err := c.exec(handOutLease, int64(o.call), int64(c.token), micros(c.q.Until)); err != nil {
			return err
		}
	}
	for _, o := range all {
		x, err := c.record(o.ref.Campaign, o.ref.Record)
		if err != nil {
			return err
		}
		if x == nil {
			return c.fail(fmt.Errorf("lease %d is on a record that is not there: %q of campaign %q", o.call, o.ref.Record, o.ref.Campaign))
		}
		c.into.Expired = append(c.into.Expired, campaign.Facts{})
		if err := c.whole(x, &c.q.Need, &c.into.Expired[len(c.into.Expired)-1]); err != nil {
			return err
		}
	}
	return nil
}

// lease serves the steps in their order.
func (c *claim) lease() error {
	for i := range c.q.From {
		step := &c.q.From[i]
		left := min(step.Max, c.q.Limit-len(c.into.Leased))
		for _, source := range step.Sources {
			if left <= 0 {
				break
			}
			most := left
			if source.Max > 0 {
				most = min(most, source.Max)
			}
			n, err := c.serve(step, source, most)
			if err != nil {
				return err
			}
			left -= n
		}
	}
	return nil
}

// serve leases up to most records from one source: the first of those of the
// open classes. It returns how many it leased.
func (c *claim) serve(step *campaign.Step, source campaign.Source, most int) (int, error) {
	if source.Lane == status.LaneNone || int(source.Lane) >= status.NumLanes {
		return 0, nil
	}
	var found []*row
	classes := 0
	for i, class := range step.Open {
		if slices.Contains(step.Open[:i], class) || !c.lanes[step.Campaign][lane{step.Campaign, class, int64(source.Lane)}] {
			continue
		}
		n := len(found)
		if err := c.pick(step, source, class, most, &found); err != nil {
			return 0, err
		}
		if len(found) > n {
			classes++
		}
	}
	if classes > 1 {
		before := byDate
		if byKey(source.Lane) {
			before = bySortKey
		}
		slices.SortFunc(found, before)
	}
	found = found[:min(len(found), most)]
	for _, x := range found {
		if err := c.grantClaimed(x); err != nil {
			return 0, err
		}
	}
	return len(found), nil
}

// pick reads the first records of one class that match.
func (c *claim) pick(step *campaign.Step, source campaign.Source, class string, most int, found *[]*row) error {
	add := func(from scanner) error {
		x := new(row)
		*found = append(*found, x)
		return x.scan(from)
	}
	id, due, now := string(step.Campaign), micros(source.Due), micros(c.q.Now)
	switch {
	case byKey(source.Lane):
		if _, err := c.exec(ripen, id, int64(source.Lane), class, due); err != nil {
			return err
		}
		return c.rows(add, pickKeyed, step.Revision, now, id, int64(source.Lane), class, due, most)
	case source.Lane == status.LaneOwn && source.Owner != "":
		return c.rows(add, pickOwned, step.Revision, now, id, class, due, most, string(source.Owner))
	}
	return c.rows(add, pickDated, step.Revision, now, id, int64(source.Lane), class, due, most)
}

// grantClaimed leases a record on the terms of the Claim.
func (c *claim) grantClaimed(x *row) error {
	if err := x.read(c.st.layouts); err != nil {
		return c.fail(err)
	}
	l := terms(c.q, &x.record)
	if err := c.grant(&l, x, nil); err != nil {
		return err
	}
	if _, err := c.exec(leaseRecord, x.rec, x.place, int64(x.lease)); err != nil {
		return err
	}
	free, err := c.guard(l.Call, l.Number, x)
	if err != nil {
		return err
	}
	c.into.Leased = append(c.into.Leased, campaign.Facts{})
	return c.facts(x, l, free, &c.q.Need, &c.into.Leased[len(c.into.Leased)-1])
}

// terms are those of a lease that a Claim gives on a record.
func terms(q *campaign.Claim, r *campaign.Record) campaign.Lease {
	l := campaign.Lease{
		Holder:      q.Holder,
		Agent:       q.Agent,
		Phase:       campaign.Offered,
		Lane:        r.Lane,
		ForCallback: r.Promised,
		Reserved:    q.Reserved,
		At:          q.Now,
		Until:       q.Until,
	}
	if r.Next >= 0 && r.Next < len(r.Phones) {
		l.Number = r.Phones[r.Next].Number
	}
	return l
}

// byDate is the order of the dated lanes. Between records that a host gave the
// same sequence decides which was added first.
func byDate(a, b *row) int {
	return cmp.Or(a.record.Due.Compare(b.record.Due), cmp.Compare(a.record.Sort, b.record.Sort),
		cmp.Compare(a.record.Sequence, b.record.Sequence), cmp.Compare(a.rec, b.rec))
}

// bySortKey is the order of the lanes fresh and last.
func bySortKey(a, b *row) int {
	return cmp.Or(cmp.Compare(a.record.Sort, b.record.Sort), cmp.Compare(a.record.Key, b.record.Key),
		cmp.Compare(a.record.Sequence, b.record.Sequence), cmp.Compare(a.rec, b.rec))
}
