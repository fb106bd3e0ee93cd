package plainstore

import (
	"cmp"
	"container/heap"
	"slices"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// line is a campaign: its records, those of them that wait, and its leases.
type line struct {
	id       campaign.ID
	revision int64 // the newest known
	records  map[campaign.RecordID]*stored
	added    uint64 // how many records have come to it
	roll     roll
	classes  map[string]*class
	sorted   []*class  // the same by name
	leases   leases    // those on its records
	ahead    []*stored // records that were parked at a revision not known yet
	met      uint64    // the last Claim that named it
}

// class is a calling-hours class of a campaign. A record that is queued and not
// leased is in exactly one of its places.
type class struct {
	line   *line
	name   string
	lanes  [status.NumLanes]lane
	owners map[campaign.AgentID]*queue // own callbacks, of those who have some
	parked queue
}

// lane is where the records that are not parked wait.
//
// Dated lanes need only waiting. In the lanes fresh and last that is where
// records wait for their time; those that have come due are in ready, and also
// in early, which knows the earliest of them. Whether a record is in the right
// one of them is checked when it comes to the head, because "due" depends on
// who asks, and clocks are set back.
type lane struct {
	waiting queue
	ready   queue
	early   queue
	ripe    time.Time // up to where records were moved to ready
}

// place says which queues of its class a record is in.
type place uint8

const (
	nowhere place = iota // leased, not queued, or without class
	parked
	waiting
	ready
)

// keyed reports whether a lane is sorted by key once its records are due.
func keyed(l status.Lane) bool { return l == status.LaneFresh || l == status.LaneLast }

func (st *Store) line(id campaign.ID) *line {
	l := st.campaigns[id]
	if l == nil {
		l = &line{id: id, records: make(map[campaign.RecordID]*stored), classes: make(map[string]*class)}
		st.campaigns[id] = l
		at, _ := slices.BinarySearchFunc(st.order, id, func(l *line, id campaign.ID) int { return cmp.Compare(l.id, id) })
		st.order = slices.Insert(st.order, at, l)
	}
	return l
}

func (l *line) class(name string) *class {
	c := l.classes[name]
	if c == nil {
		c = &class{line: l, name: name, owners: make(map[campaign.AgentID]*queue), parked: queue{before: byWake}}
		for i := range c.lanes {
			c.lanes[i] = lane{
				waiting: queue{before: byDate},
				ready:   queue{before: byKey},
				early:   queue{before: byDue, slot: slotSide},
			}
		}
		l.classes[name] = c
		at, _ := slices.BinarySearchFunc(l.sorted, name, func(c *class, name string) int { return cmp.Compare(c.name, name) })
		l.sorted = slices.Insert(l.sorted, at, c)
	}
	return c
}

// index puts a record where it waits, if it waits. It must be nowhere.
func (s *stored) index() {
	r := &s.rec
	if s.lease != nil || r.Standing != status.StandingQueued || r.Class == "" ||
		r.Lane == status.LaneNone || int(r.Lane) >= status.NumLanes {
		return
	}
	c := s.line.class(r.Class)
	if !r.Park.Until.IsZero() && r.Park.Revision == s.line.revision {
		c.park(s)
		return
	}
	if r.Park.Revision > s.line.revision {
		s.line.ahead = append(s.line.ahead, s)
	}
	c.enter(s)
}

// park puts a record that is nowhere among the parked ones.
func (c *class) park(s *stored) {
	s.class, s.place = c, parked
	c.parked.add(s)
}

// enter puts a record that is nowhere into its lane.
func (c *class) enter(s *stored) {
	l := &c.lanes[s.rec.Lane]
	if keyed(s.rec.Lane) && !s.rec.Due.After(l.ripe) {
		s.class, s.place = c, ready
		l.ready.add(s)
		l.early.add(s)
		return
	}
	c.wait(s)
}

// wait puts a record that is nowhere among those of its lane that wait for their time.
func (c *class) wait(s *stored) {
	s.class, s.place = c, waiting
	c.lanes[s.rec.Lane].waiting.add(s)
	if s.ofOwner() {
		q := c.owners[s.rec.Owner]
		if q == nil {
			q = &queue{before: byDate, slot: slotSide}
			c.owners[s.rec.Owner] = q
		}
		q.add(s)
	}
}

func (s *stored) ofOwner() bool { return s.rec.Lane == status.LaneOwn && s.rec.Owner != "" }

// unindex takes a record out of whatever it is in. It must come before any
// change of what the queues are sorted by.
func (s *stored) unindex() {
	c := s.class
	switch s.place {
	case parked:
		c.parked.remove(s)
	case ready:
		c.lanes[s.rec.Lane].ready.remove(s)
		c.lanes[s.rec.Lane].early.remove(s)
	case waiting:
		c.lanes[s.rec.Lane].waiting.remove(s)
		if s.ofOwner() {
			q := c.owners[s.rec.Owner]
			q.remove(s)
			if q.Len() == 0 {
				delete(c.owners, s.rec.Owner)
			}
		}
	}
	s.class, s.place = nil, nowhere
}

// learn makes a revision the newest known if it is newer. Parks of older
// revisions end, each of them once; those made at this one begin to count.
func (l *line) learn(revision int64) {
	if revision <= l.revision {
		return
	}
	l.revision = revision
	for _, c := range l.sorted {
		old := c.parked.list
		c.parked.list = nil
		for _, s := range old {
			s.class, s.place = nil, nowhere
			s.index()
		}
	}
	ahead := l.ahead
	l.ahead = nil
	for _, s := range ahead {
		s.unindex()
		s.index()
	}
}

// wake moves records whose park has ended at now into their lanes.
func (l *line) wake(now time.Time) {
	for _, c := range l.sorted {
		for s := c.parked.head(); s != nil && !now.Before(s.rec.Park.Until); s = c.parked.head() {
			s.unindex()
			c.enter(s)
		}
	}
}

// ripen moves records that are due at t from waiting to ready.
func (c *class) ripen(of status.Lane, t time.Time) {
	l := &c.lanes[of]
	for s := l.waiting.head(); s != nil && !s.rec.Due.After(t); s = l.waiting.head() {
		s.unindex()
		s.class, s.place = c, ready
		l.ready.add(s)
		l.early.add(s)
	}
	l.ripe = t
}

// first returns the head of a queue that is not parked at now. A park that
// counts is met here only after the clock was set back.
func (l *line) first(q *queue, now time.Time) *stored {
	for s := q.head(); s != nil; s = q.head() {
		if !s.rec.Park.Live(now, l.revision) {
			return s
		}
		c := s.class
		s.unindex()
		c.park(s)
	}
	return nil
}

// due returns the head of a queue that is not parked and due at t.
func (l *line) due(q *queue, now, t time.Time) *stored {
	for s := l.first(q, now); s != nil; s = l.first(q, now) {
		if !s.rec.Due.After(t) {
			return s
		}
		if s.place == waiting {
			return nil // sorted by date: none is due
		}
		c := s.class
		s.unindex()
		c.wait(s)
	}
	return nil
}

// report describes a class, and says whether it holds a record.
func (c *class) report(agent campaign.AgentID, now time.Time) (campaign.Class, bool) {
	r := campaign.Class{Campaign: c.line.id, Name: c.name}
	for i := range c.lanes {
		head := c.line.first(&c.lanes[i].waiting, now)
		if early := c.line.first(&c.lanes[i].early, now); early != nil && (head == nil || byDue(early, head)) {
			head = early
		}
		if head != nil {
			r.Heads[i] = head.rec.Due
			r.Waiting |= 1 << i
		}
	}
	if q := c.owners[agent]; q != nil {
		if s := c.line.first(q, now); s != nil {
			r.Own, r.HasOwn = s.rec.Due, true
		}
	}
	if s := c.parked.head(); s != nil {
		r.Wake = s.rec.Park.Until
	}
	return r, r.Waiting != 0 || !r.Wake.IsZero()
}

// heads appends the agents who own callbacks of the class, by name, with the
// earliest of each that is not parked.
func (c *class) heads(now time.Time, into []campaign.OwnerHead) []campaign.OwnerHead {
	from := len(into)
	for owner, q := range c.owners {
		if s := c.line.first(q, now); s != nil {
			into = append(into, campaign.OwnerHead{Campaign: c.line.id, Class: c.name, Owner: owner, Due: s.rec.Due})
		}
	}
	slices.SortFunc(into[from:], func(a, b campaign.OwnerHead) int { return cmp.Compare(a.Owner, b.Owner) })
	return into
}

func (l *line) track(x *lease)   { heap.Push(&l.leases, x) }
func (l *line) untrack(x *lease) { heap.Remove(&l.leases, x.pos) }
func (l *line) retrack(x *lease) { heap.Fix(&l.leases, x.pos) }
