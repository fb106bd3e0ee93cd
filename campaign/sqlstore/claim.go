package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
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
	err := st.write(ctx, &job{size: q.Limit, claim: &q, into: into})
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
	met   []campaign.ID // the campaigns of the steps, each once
	taken []*row        // the records that it has leased
	err   error         // why it was refused
}

func (c *claim) do() error {
	if err := c.meet(); err != nil {
		return err
	}
	now := micros(c.q.Now)
	for _, id := range c.met {
		q, err := c.queueOf(id)
		if err != nil {
			return err
		}
		if err := c.wake(id, q, now); err != nil {
			return err
		}
	}
	if err := c.expire(); err != nil {
		return err
	}
	first := never
	for _, id := range c.met {
		first = min(first, c.queues[id].expiry)
	}
	if first != never {
		c.into.NextExpiry = instant(first)
	}
	if len(c.into.Expired) > 0 {
		return nil
	}
	return c.lease()
}

// meet collects the campaigns of the steps and learns their revisions.
func (c *claim) meet() error {
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
	return nil
}

// over is a lease that has run out.
type over struct {
	call, token campaign.Token
	until       int64
	on          key
}

// expire hands out the leases that have run out, oldest first, to be settled.
func (c *claim) expire() error {
	var all []over
	now := micros(c.q.Now)
	for _, id := range c.met {
		if c.queues[id].expiry > now {
			continue
		}
		err := c.each(func(from scanner) error {
			var o over
			err := from.Scan(&o.call, &o.token, &o.until, &o.on.campaign, &o.on.record)
			all = append(all, o)
			return err
		}, overLeases, string(id), now, c.q.Limit)
		if err != nil {
			return err
		}
	}
	if len(all) == 0 {
		return nil
	}
	slices.SortFunc(all, func(a, b over) int { return cmp.Or(cmp.Compare(a.until, b.until), cmp.Compare(a.token, b.token)) })
	if err := c.settle(all[:min(len(all), c.q.Limit)]); err != nil {
		return err
	}
	for _, id := range c.met {
		q := c.queues[id]
		q.expiry = never
		if err := c.row(firstExpiry, string(id)).Scan(&q.expiry); err != nil && !none(err) {
			return err
		}
	}
	return nil
}

// settle hands leases that have run out to be settled.
func (c *claim) settle(all []over) error {
	rows := make([]*row, len(all))
	for i, o := range all {
		x, err := c.record(o.on.campaign, o.on.record)
		if err != nil {
			return err
		}
		if x == nil {
			return c.fail(fmt.Errorf("lease %d is on a record that is not there: %q of campaign %q", o.call, o.on.record, o.on.campaign))
		}
		if err := c.handOut(o.call); err != nil {
			return err
		}
		rows[i] = x
	}
	if err := c.flush(); err != nil {
		return err
	}
	c.into.Expired = slices.Grow(c.into.Expired, len(rows))[:len(rows)]
	return c.whole(rows, &c.q.Need, func(i int) *campaign.Facts { return &c.into.Expired[i] })
}

// handOut gives a lease a new token and more time, and frees what it holds.
func (c *claim) handOut(call campaign.Token) error {
	l, err := c.leaseBy(call)
	if err != nil {
		return c.fail(err)
	}
	records, err := c.held(l)
	if err != nil {
		return err
	}
	c.letGo(call, needsOf(l.terms.Number, records...))
	l.token, err = c.token()
	l.until = micros(c.q.Until)
	c.touchLease(l)
	return err
}

// lease serves the steps in their order.
func (c *claim) lease() error {
	for i := range c.q.From {
		step := &c.q.From[i]
		left := min(step.Max, c.q.Limit-len(c.taken))
		for _, source := range step.Sources {
			if left <= 0 {
				break
			}
			most := left
			if source.Max > 0 {
				most = min(most, source.Max)
			}
			n, err := c.serve(step, &source, most)
			if err != nil {
				return err
			}
			left -= n
		}
	}
	return c.tell()
}

// tell makes the new leases hold what they need and fills in the answer, but for
// what bring reads.
func (c *claim) tell() error {
	if len(c.taken) == 0 {
		return nil
	}
	var asked []*guard
	needs := make([][]guarded, len(c.taken))
	for i, x := range c.taken {
		needs[i] = needsOf(c.leases[x.lease].terms.Number, x)
		asked = c.ask(asked, x.lease, needs[i])
	}
	if err := c.take(asked, true); err != nil {
		return err
	}
	c.into.Leased = slices.Grow(c.into.Leased, len(c.taken))[:len(c.taken)]
	for _, x := range c.taken {
		q := c.queues[x.record.Campaign]
		q.expiry = min(q.expiry, micros(c.q.Until))
	}
	for i, x := range c.taken {
		free := !slices.ContainsFunc(needs[i], func(what guarded) bool { return c.guards[what].now != x.lease })
		if err := c.facts(x, free, nil, &campaign.Need{}, &c.into.Leased[i]); err != nil {
			return err
		}
	}
	return nil
}

// bring reads the calls and contacts that Claims want with their new leases: those
// of all Claims together, since none of them changes any.
func (r *run) bring(claims []*claim) error {
	var rows, met []*row
	var calls, people []*campaign.Facts
	var since []int64
	for _, c := range claims {
		for i, x := range c.taken {
			f := &c.into.Leased[i]
			if !c.q.Need.NoCalls {
				rows, calls, since = append(rows, x), append(calls, f), append(since, micros(c.q.Need.Since))
			}
			if c.q.Need.Contact && f.Record.Contact != "" {
				met, people = append(met, x), append(people, f)
			}
		}
	}
	if len(rows) > 0 {
		histories, err := r.engine.histories(r, rows, slices.Min(since))
		if err != nil {
			return r.fail(err)
		}
		for i, f := range calls {
			own := slices.DeleteFunc(histories[i], func(c logged) bool { return c.ended < since[i] })
			if f.History, err = r.st.calls(own); err != nil {
				return r.fail(err)
			}
		}
	}
	if err := r.engine.contacts(r, met); err != nil {
		return r.fail(err)
	}
	for _, f := range people {
		var err error
		if f.Contact, err = r.contact(f.Record.Contact); err != nil {
			return err
		}
	}
	return nil
}

// serve leases up to most records from one source: the first of those of the
// open classes. It returns how many it leased.
func (c *claim) serve(step *campaign.Step, from *campaign.Source, most int) (int, error) {
	if from.Lane == status.LaneNone || int(from.Lane) >= status.NumLanes {
		return 0, nil
	}
	var classes []string
	for _, class := range step.Open {
		if c.queues[step.Campaign].lanes[lane{step.Campaign, class, int64(from.Lane)}] && !slices.Contains(classes, class) {
			classes = append(classes, class)
		}
	}
	before := byDate
	if byKey(from.Lane) {
		before = bySortKey
	}
	// What is leased of one class changes nothing in the others.
	heads := make([]*row, len(classes))
	look := func(i, n int) (err error) {
		heads[i], err = c.first(step, from, classes[i], most-n+c.more)
		return err
	}
	for i := range classes {
		if err := look(i, 0); err != nil {
			return 0, err
		}
	}
	for n := range most {
		best := -1
		for i, x := range heads {
			if x != nil && (best < 0 || before(x, heads[best]) < 0) {
				best = i
			}
		}
		if best < 0 {
			return n, nil
		}
		if err := c.grantClaimed(heads[best]); err != nil {
			return 0, err
		}
		if n+1 < most {
			if err := look(best, n+1); err != nil {
				return 0, err
			}
		}
	}
	return most, nil
}

// grantClaimed leases a record on the terms of the Claim.
func (c *claim) grantClaimed(x *row) error {
	x, err := c.enter(x)
	if err != nil {
		return err
	}
	token, err := c.token()
	if err != nil {
		return err
	}
	terms := terms(c.q, &x.record)
	l := c.grant(token, &terms, x, nil)
	l.terms, l.read = terms, true
	c.taken = append(c.taken, x)
	return nil
}

// terms are those of a lease that a Claim gives on a record.
func terms(q *campaign.Claim, r *campaign.Record) campaign.Lease {
	return offer(q, r.Lane, r.Promised, proposed(r))
}

// offer are the same from what of the record they depend on.
func offer(q *campaign.Claim, lane status.Lane, promised bool, number blacklist.Number) campaign.Lease {
	return campaign.Lease{
		Holder:      q.Holder,
		Agent:       q.Agent,
		Phase:       campaign.Offered,
		Number:      number,
		Lane:        lane,
		ForCallback: promised,
		Reserved:    q.Reserved,
		At:          q.Now,
		Until:       q.Until,
	}
}

// proposed is the number that is to be called next; 0: none.
func proposed(r *campaign.Record) blacklist.Number {
	if r.Next >= 0 && r.Next < len(r.Phones) {
		return r.Phones[r.Next].Number
	}
	return 0
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
