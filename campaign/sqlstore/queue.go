package sqlstore

import (
	"math"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// queue is what the Claims of one transaction know of a campaign's queue. Nobody
// else changes it while they go on, and what they lease they take out of it
// themselves, so that it is read once for all of them.
type queue struct {
	lanes  map[lane]bool // those that have held records
	lists  map[source]*list
	early  map[lane]int64 // when the first record of a keyed lane is due that waits by its date
	parks  int64          // when the first park in the index of parks ends
	expiry int64          // when the first lease runs out
}

// source is where records of one class come from.
type source struct {
	class string
	lane  int64
	owner campaign.AgentID // in the own lane: whose; "": anybody's
}

// list is the beginning of a source, in its order. Those that have been leased
// since are still in it.
type list struct {
	rows []*row
	due  int64 // those of a dated lane are due by then
	cut  bool  // there may be more
}

const (
	never  int64 = math.MaxInt64 // behind every instant
	unread int64 = math.MinInt64 // an instant that has not been read
)

// queueOf returns what is known of a campaign's queue.
func (r *run) queueOf(id campaign.ID) (*queue, error) {
	if q := r.queues[id]; q != nil {
		return q, nil
	}
	q := &queue{lists: make(map[source]*list), early: make(map[lane]int64), parks: unread, expiry: never}
	if r.kept != nil {
		q.lanes = r.kept.lanes[id]
	}
	if q.lanes == nil {
		q.lanes = make(map[lane]bool)
		err := r.each(func(from scanner) error {
			l := lane{campaign: id}
			err := from.Scan(&l.class, &l.lane)
			q.lanes[l] = true
			return err
		}, readLanes, string(id))
		if err != nil {
			return nil, err
		}
	}
	if err := r.row(firstExpiry, string(id)).Scan(&q.expiry); err != nil && !none(err) {
		return nil, err
	}
	if r.queues == nil {
		r.queues = make(map[campaign.ID]*queue)
	}
	r.queues[id] = q
	return q, nil
}

// owned reports whether a campaign has ever had own callbacks.
func (q *queue) owned() bool {
	for l := range q.lanes {
		if l.lane == laneOwn {
			return true
		}
	}
	return false
}

// wake takes records out of the index of parks whose parks have ended.
func (r *run) wake(id campaign.ID, q *queue, now int64) error {
	if q.parks == unread {
		q.parks = never
		if err := r.row(firstParked, string(id)).Scan(&q.parks); err != nil && !none(err) {
			return err
		}
	}
	if q.parks == never || q.parks > now {
		return nil
	}
	if _, err := r.exec(wakeParked, string(id), now); err != nil {
		return err
	}
	q.parks = unread
	clear(q.lists)
	clear(q.early)
	r.eachOf(id, func(x *row) {
		if x.place == parked && micros(x.record.Park.Until) <= now {
			x.place = x.unindexed()
		}
	})
	return nil
}

// ripen moves the records of a keyed lane that have become due to their place by key.
func (r *run) ripen(id campaign.ID, q *queue, s source, due int64) error {
	l := lane{id, s.class, s.lane}
	first, known := q.early[l]
	if !known {
		first = never
		if err := r.row(firstEarly, string(id), s.lane, s.class).Scan(&first); err != nil && !none(err) {
			return err
		}
		q.early[l] = first
	}
	if first == never || first > due {
		return nil
	}
	if _, err := r.exec(ripen, string(id), s.lane, s.class, due); err != nil {
		return err
	}
	delete(q.early, l)
	delete(q.lists, s)
	r.eachOf(id, func(x *row) {
		if x.place == dated && int64(x.record.Lane) == s.lane && x.record.Class == s.class && micros(x.record.Due) <= due {
			x.place = keyed
		}
	})
	return nil
}

// slack is how much longer than asked for records of a dated lane are looked for
// when more Claims come behind: each of them asks a little later.
const slack = 1_000_000

// first returns the first record of a source that matches and is not leased, or
// nil. Most is how many of them are wanted before long.
func (c *claim) first(step *campaign.Step, from *campaign.Source, class string, most int) (*row, error) {
	q := c.queues[step.Campaign]
	s := source{class: class, lane: int64(from.Lane)}
	if from.Lane == status.LaneOwn {
		s.owner = from.Owner
	}
	due := micros(from.Due)
	if byKey(from.Lane) {
		if err := c.ripen(step.Campaign, q, s, due); err != nil {
			return nil, err
		}
	}
	l := q.lists[s]
	if l != nil {
		x, rest := c.look(l, step, due)
		if x != nil || !rest && (byKey(from.Lane) || due <= l.due) {
			return x, nil
		}
	}
	// What is still wanted is read at once, shared among the classes.
	classes := 0
	for _, other := range step.Open {
		if q.lanes[lane{step.Campaign, other, s.lane}] {
			classes++
		}
	}
	if classes > 1 {
		most = most/classes + 2
	}
	l = &list{due: due}
	if c.more > 0 && due < never-slack {
		l.due += slack
	}
	if err := c.flush(); err != nil {
		return nil, err
	}
	if err := c.fetch(step.Campaign, s, l, most); err != nil {
		return nil, err
	}
	q.lists[s] = l
	x, rest := c.look(l, step, due)
	if x != nil || !rest {
		return x, nil
	}
	// Those that come first do not match: it is the exception.
	return c.pick(step, s, due)
}

// look returns the first of a list that matches and is not leased. If there is
// none, rest says whether there may be one behind it.
func (c *claim) look(l *list, step *campaign.Step, due int64) (x *row, rest bool) {
	now := micros(c.q.Now)
	for i := 0; i < len(l.rows); i++ {
		x := l.rows[i]
		if known := c.rows[x.key()]; known != nil && known.lease != 0 {
			if i == 0 {
				l.rows, i = l.rows[1:], -1
			}
			continue
		}
		p := &x.record.Park
		if micros(x.record.Due) <= due && (p.Revision != step.Revision || micros(p.Until) <= now) {
			return x, false
		}
	}
	return nil, l.cut
}

// fetch reads the beginning of a source.
func (c *claim) fetch(id campaign.ID, s source, l *list, most int) (err error) {
	add := func(from scanner) error {
		x := new(row)
		l.rows = append(l.rows, x)
		return x.scan(from)
	}
	switch {
	case byKey(status.Lane(s.lane)):
		err = c.each(add, listKeyed, string(id), s.lane, s.class, most)
	case s.owner != "":
		err = c.each(add, listOwned, string(id), s.class, l.due, most, string(s.owner))
	default:
		err = c.each(add, listDated, string(id), s.lane, s.class, l.due, most)
	}
	l.cut = len(l.rows) == most
	return err
}

// pick reads the first record of a source that matches.
func (c *claim) pick(step *campaign.Step, s source, due int64) (*row, error) {
	x := new(row)
	var found answer
	id, now := string(step.Campaign), micros(c.q.Now)
	switch {
	case byKey(status.Lane(s.lane)):
		found = c.row(pickKeyed, step.Revision, now, id, s.lane, s.class, due)
	case s.owner != "":
		found = c.row(pickOwned, step.Revision, now, id, s.class, due, string(s.owner))
	default:
		found = c.row(pickDated, step.Revision, now, id, s.lane, s.class, due)
	}
	if err := x.scan(found); none(err) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return x, nil
}
