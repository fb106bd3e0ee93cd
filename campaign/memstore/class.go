package memstore

import (
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/dense"
	"github.com/nextcall/nextcall/status"
)

type laneID = status.Lane

// class is a calling-hours class of a campaign. A record that is queued and not
// leased is in exactly one of its places.
type class struct {
	line   *line
	name   string
	id     uint16 // of the name
	lanes  [status.NumLanes]lane
	owners owners
	parked queue // by the park's end

	// What a Claim is told of the class, and a bit for each lane whose part of it
	// is old; that of LaneNone stands for Wake.
	said campaign.Class
	old  uint8

	met uint64 // the last step that named it
}

// lane is where the records that are not parked wait.
//
// Dated lanes need only waiting. In the lanes fresh and last that is where
// records wait for their time; those that have come due are ready: in runs if
// they came in order and were always due, else among the strays. Of the ready
// ones early knows those that have a Due or had a park, bare is how many others
// there are. Whether a record is in the right one of them is checked when it
// comes to the head, because "due" depends on who asks, and clocks are set back.
type lane struct {
	waiting queue // by date
	strays  queue // by order
	runs    runs
	early   queue // by due time
	bare    int
	ripe    int64 // up to when records were moved to ready
}

// Where a record is, in its row's place: the queues of its class it is in.
const (
	nowhere uint8 = iota // leased, not queued, or without class
	parked
	waiting
	ready // among the strays
	inRun

	placeMask uint8 = 0x0f

	isEarly uint8 = 0x10 // ready, and in early
	hasRun  uint8 = 0x20 // the run of its class, lane and sort has it still
	noRun   uint8 = 0x40 // it goes into no run any more: another sequence of it, or its slot, may be in one
)

const allLanes = 1<<status.NumLanes - 1

func newClass(l *line, name string, id uint16) *class {
	c := &class{line: l, name: name, id: id, old: allLanes}
	c.said.Campaign, c.said.Name = l.id, name
	for i := range c.lanes {
		c.lanes[i].ripe = dense.MinTime
	}
	return c
}

// keyed reports whether a lane is sorted by key once its records are due.
func keyed(l laneID) bool { return l == status.LaneFresh || l == status.LaneLast }

// park puts a record that is nowhere among the parked ones.
func (c *class) park(s slot, r *row, until int64) {
	r.place = r.place&^placeMask | parked
	c.parked.push(moment(until), s, r.gen)
	c.line.nextWake = min(c.line.nextWake, until)
	c.old |= 1 << status.LaneNone
}

// enter puts a record that is nowhere into its lane.
func (c *class) enter(s slot, r *row) {
	if lane := laneID(r.lane); keyed(lane) {
		if due := c.line.rows.due(s); due <= c.lanes[lane].ripe {
			c.ready(s, r, due)
			return
		}
	}
	c.wait(s, r)
}

// wait puts a record that is nowhere among those of its lane that wait for their time.
func (c *class) wait(s slot, r *row) {
	lane := laneID(r.lane)
	r.place = r.place&^placeMask | waiting
	key := c.line.rows.dateKey(s)
	c.lanes[lane].waiting.push(key, s, r.gen)
	if lane == status.LaneOwn && r.owner != 0 {
		c.owners.of(c.line, r.owner).push(key, s, r.gen)
	}
	c.old |= 1 << lane
}

// ready puts a record that is nowhere among those of its lane that are due.
func (c *class) ready(s slot, r *row, due int64) {
	l := &c.lanes[r.lane]
	c.old |= 1 << r.lane
	rows := c.line.rows
	bare := due == dense.MinTime
	if bare && !rows.hadPark(r) {
		l.bare++
		r.place &^= isEarly
	} else {
		l.early.push(moment(due), s, r.gen)
		r.place |= isEarly
	}
	if bare && r.place&noRun == 0 && rows.key(r) == 0 {
		sort := rows.sort(r)
		if r.place&hasRun != 0 {
			l.runs.back(sort)
			r.place = r.place&^placeMask | inRun
			return
		}
		if l.runs.enter(sort, r.seq, s) {
			r.place = r.place&^placeMask | inRun | hasRun
			return
		}
	}
	r.place = r.place&^placeMask | ready
	l.strays.push(rows.orderKey(s), s, r.gen)
}

// leave takes a record out of its place. It must come before any change of what
// the queues are sorted by.
func (c *class) leave(s slot, r *row) {
	l := &c.lanes[r.lane]
	place := r.place
	r.place &^= placeMask | isEarly
	r.gen++
	switch place & placeMask {
	case parked:
		c.parked.left(c.line)
		c.old |= 1 << status.LaneNone
		return
	case waiting:
		l.waiting.left(c.line)
		if laneID(r.lane) == status.LaneOwn && r.owner != 0 {
			c.owners.of(c.line, r.owner).left(c.line)
		}
	case ready:
		l.strays.left(c.line)
	case inRun:
		l.runs.live--
	}
	c.old |= 1 << r.lane
	switch {
	case place&isEarly != 0:
		l.early.left(c.line)
	case place&placeMask == ready || place&placeMask == inRun:
		l.bare--
	}
}

// ripen moves records that are due at t from waiting to ready.
func (c *class) ripen(of laneID, t int64) {
	l := &c.lanes[of]
	for !l.waiting.none(t) {
		e, ok := l.waiting.head(c.line)
		if !ok || e.Key.Due() > t {
			break
		}
		r := c.line.rows.at(e.Slot)
		c.leave(e.Slot, r)
		c.ready(e.Slot, r, e.Key.Due())
	}
	l.ripe = t
}

// counts reports whether a record's park counts, and puts it among the parked
// ones if so. A park that counts is met in a lane only after the clock was set back.
func (c *class) counts(s slot, now int64) bool {
	l := c.line
	if now >= l.woken {
		return false
	}
	r := l.rows.at(s)
	if until, revision := l.rows.parkOf(r); revision == l.revision && now < until {
		c.leave(s, r)
		c.park(s, r, until)
		return true
	}
	return false
}

// first returns the head of a queue that is not parked at now.
func (c *class) first(q *queue, now int64) (dense.Entry, bool) {
	for {
		e, ok := q.head(c.line)
		if !ok || !c.counts(e.Slot, now) {
			return e, ok
		}
	}
}

// firstReady returns the first of the ready records that is not parked at now,
// with its place in the order.
func (c *class) firstReady(of laneID, now int64) (k dense.Key, s slot, ok bool) {
	l := &c.lanes[of]
	for {
		s, ok = l.runs.head(c.line, c, of)
		if ok {
			k = c.line.rows.orderKey(s)
		}
		if l.strays.live > 0 {
			if e, some := l.strays.head(c.line); some && (!ok || e.Key.Less(k) || e.Key == k && e.Slot < s) {
				k, s, ok = e.Key, e.Slot, true
			}
		}
		if !ok || !c.counts(s, now) {
			return k, s, ok
		}
	}
}

// due returns the first record for a source: not parked at now and due at t.
func (c *class) due(src *source, now int64) (dense.Key, slot, bool) {
	l := &c.lanes[src.lane]
	if keyed(src.lane) {
		for l.strays.live > 0 || l.runs.live > 0 {
			k, s, ok := c.firstReady(src.lane, now)
			if !ok {
				break
			}
			if c.line.rows.due(s) <= src.due {
				return k, s, true
			}
			r := c.line.rows.at(s)
			c.leave(s, r)
			c.wait(s, r)
		}
		return dense.Key{}, 0, false
	}
	q := &l.waiting
	if src.owned {
		if q = c.owners.find(src.owner); q == nil {
			return dense.Key{}, 0, false
		}
	}
	if q.none(src.due) {
		return dense.Key{}, 0, false
	}
	e, ok := c.first(q, now)
	return e.Key, e.Slot, ok && e.Key.Due() <= src.due
}

// report describes the class for an agent, and says whether it holds a record.
func (c *class) report(agent uint32, now int64) (own dense.Entry, has, holds bool) {
	if now < c.line.woken {
		c.old = allLanes // parks may count again
	}
	if c.old>>1 != 0 {
		for i := status.LaneNone + 1; i < status.NumLanes; i++ {
			if c.old&(1<<i) != 0 {
				c.look(i, now)
			}
		}
	}
	if agent != 0 {
		if q := c.owners.find(agent); q != nil {
			own, has = c.first(q, now)
		}
	}
	if c.old&1 != 0 {
		c.old &^= 1
		c.said.Wake = time.Time{}
		if e, ok := c.parked.head(c.line); ok {
			c.said.Wake = instant(e.Key.Due())
		}
	}
	return own, has, c.said.Waiting != 0 || !c.said.Wake.IsZero()
}

// look brings what is said of a lane up to date.
func (c *class) look(i laneID, now int64) {
	l := &c.lanes[i]
	head, some := int64(0), false
	for _, q := range [...]*queue{&l.waiting, &l.early} {
		if q.live == 0 {
			continue
		}
		if e, ok := c.first(q, now); ok && (!some || e.Key.Due() < head) {
			head, some = e.Key.Due(), true
		}
	}
	if l.bare > 0 {
		head, some = dense.MinTime, true
	}
	c.old &^= 1 << i
	c.said.Heads[i] = time.Time{}
	c.said.Waiting &^= 1 << i
	if some {
		c.said.Heads[i] = instant(head)
		c.said.Waiting |= 1 << i
	}
}
