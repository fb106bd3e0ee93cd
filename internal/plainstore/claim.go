package plainstore

import (
	"context"
	"fmt"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// Claim implements campaign.Store.
func (st *Store) Claim(ctx context.Context, q campaign.Claim, into *campaign.Claimed) error {
	into.Leased, into.Expired, into.Classes, into.Owners = into.Leased[:0], into.Expired[:0], into.Classes[:0], into.Owners[:0]
	into.NextExpiry = time.Time{}
	if err := ctx.Err(); err != nil {
		return err
	}
	if q.Limit < 1 {
		return fmt.Errorf("claim of %d leases: want at least 1", q.Limit)
	}
	q.Now, q.Until, q.Need.Since = micro(q.Now), micro(q.Until), micro(q.Need.Since)
	st.mu.Lock()
	defer st.mu.Unlock()

	if err := st.meet(q.From); err != nil {
		return err
	}
	for _, l := range st.met {
		l.wake(q.Now)
	}
	st.expire(&q, into)
	for _, l := range st.met {
		if len(l.leases) > 0 && (into.NextExpiry.IsZero() || l.leases[0].Until.Before(into.NextExpiry)) {
			into.NextExpiry = l.leases[0].Until
		}
	}
	if len(into.Expired) == 0 {
		st.lease(&q, into)
	}
	for _, l := range st.met {
		for _, c := range l.sorted {
			if r, ok := c.report(q.Agent, q.Now); ok {
				into.Classes = append(into.Classes, r)
			}
			if q.Owners {
				into.Owners = c.heads(q.Now, into.Owners)
			}
		}
	}
	return nil
}

// meet collects the campaigns of the steps, each once, and learns their revisions.
func (st *Store) meet(steps []campaign.Step) error {
	st.claims++
	st.met = st.met[:0]
	for _, step := range steps {
		l := st.line(step.Campaign)
		l.learn(step.Revision)
		if l.met != st.claims {
			l.met = st.claims
			st.met = append(st.met, l)
		}
	}
	for _, step := range steps {
		if err := st.outdated(step.Campaign, step.Revision); err != nil {
			return err
		}
	}
	return nil
}

// outdated returns an error if a newer revision than this one is known.
func (st *Store) outdated(id campaign.ID, revision int64) error {
	if l := st.campaigns[id]; l != nil && l.revision > revision {
		return fmt.Errorf("campaign %s at revision %d, the newest is %d: %w", id, revision, l.revision, campaign.ErrConfigChanged)
	}
	return nil
}

// expire hands out the leases that have run out, oldest first, to be settled.
func (st *Store) expire(q *campaign.Claim, into *campaign.Claimed) {
	var taken []*lease
	for len(taken) < q.Limit {
		var oldest *lease
		for _, l := range st.met {
			if len(l.leases) == 0 || l.leases[0].Until.After(q.Now) {
				continue
			}
			if x := l.leases[0]; oldest == nil || older(x, oldest) {
				oldest = x
			}
		}
		if oldest == nil {
			break
		}
		oldest.on.line.untrack(oldest)
		oldest.unguard()
		taken = append(taken, oldest)
	}
	for _, x := range taken {
		st.token++
		x.Token = st.token
		x.Until = q.Until
		x.on.line.track(x)
	}
	for _, x := range taken {
		into.Expired = append(into.Expired, campaign.Facts{})
		st.facts(x.on, q.Need, &into.Expired[len(into.Expired)-1])
	}
}

// lease serves the steps in their order.
func (st *Store) lease(q *campaign.Claim, into *campaign.Claimed) {
	for i := range q.From {
		step := &q.From[i]
		left := min(step.Max, q.Limit-len(into.Leased))
		for _, source := range step.Sources {
			if left <= 0 {
				break
			}
			most := left
			if source.Max > 0 {
				most = min(most, source.Max)
			}
			left -= st.serve(q, step, source, most, into)
		}
	}
}

// serve leases up to most records from one source: always the first of the
// heads of the open classes. It returns how many it leased.
func (st *Store) serve(q *campaign.Claim, step *campaign.Step, source campaign.Source, most int, into *campaign.Claimed) int {
	line := st.campaigns[step.Campaign]
	due := micro(source.Due)
	st.open = line.queues(step.Open, source, st.open[:0])
	for taken := range most {
		var first *stored
		for _, queue := range st.open {
			s := line.due(queue, q.Now, due)
			if s != nil && (first == nil || queue.before(s, first)) {
				first = s
			}
		}
		if first == nil {
			return taken
		}
		st.grant(terms(q, &first.rec), first)
		into.Leased = append(into.Leased, campaign.Facts{})
		st.facts(first, q.Need, &into.Leased[len(into.Leased)-1])
	}
	return most
}

// queues returns the queues of the open classes for a source.
func (l *line) queues(open []string, source campaign.Source, into []*queue) []*queue {
	lane := source.Lane
	if lane == status.LaneNone || int(lane) >= status.NumLanes {
		return into
	}
	for _, name := range open {
		c := l.classes[name]
		if c == nil {
			continue
		}
		q := &c.lanes[lane].waiting
		switch {
		case keyed(lane):
			c.ripen(lane, micro(source.Due))
			q = &c.lanes[lane].ready
		case lane == status.LaneOwn && source.Owner != "":
			q = c.owners[source.Owner]
		}
		if q != nil {
			into = append(into, q)
		}
	}
	return into
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
