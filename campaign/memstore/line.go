package memstore

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/dense"
	"github.com/nextcall/nextcall/status"
)

// line is a campaign: its records, those of them that wait, and its leases.
type line struct {
	mu sync.Mutex

	st     *Store
	id     campaign.ID
	number uint16 // among the campaigns, from 1
	rows   *rows
	roll   roll
	past   history

	revision int64        // the newest known
	classes  []*class     // by the class's name; nil for those that never held a record
	sorted   []*class     // the same by name
	ahead    []slot       // records that were parked at a revision not known yet
	nextWake int64        // no park ends before
	woken    int64        // the end of the latest park that has ended
	leases   dense.Timers // those on its records
	free     []uint32     // room for leases that have ended
	recent   recent       // their tokens
	next     slot         // whoever goes through all records mostly names this one now

	steps uint64 // how many steps of Claims have named it

	current func(dense.Entry) bool // whether an entry of a queue is live
	alive   func(dense.Timer) bool // whether a timer is that of a live lease
}

func newLine(st *Store, id campaign.ID, number uint16) *line {
	l := &line{st: st, id: id, number: number, rows: newRows(id, st.people), nextWake: math.MaxInt64, woken: math.MinInt64}
	l.past.line = l
	l.current = func(e dense.Entry) bool {
		r := l.rows.at(e.Slot)
		return r.gen == e.Gen && r.place&placeMask != nowhere
	}
	l.alive = func(t dense.Timer) bool {
		x := st.people.leases.At(t.Slot)
		return x.live && int64(x.Token) == t.Token && x.timer == t.Gen
	}
	return l
}

// instant is the time of an index.
func instant(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

// moment is the key of a queue that is sorted by time only. Times in queues
// have been checked.
func moment(micros int64) dense.Key {
	k, _ := dense.DateKey(micros, 0, 0)
	return k
}

// clock is a time to compare with those in an index: one outside of what they
// can be is before or behind all of them.
func clock(t time.Time) int64 {
	if s := stampOf(t); s >= 0 {
		return s.micros()
	}
	if t.Year() < MinYear {
		return dense.MinTime - 1
	}
	return dense.MaxTime + 1
}

// class returns the class with a name's number.
func (l *line) class(id uint16) *class {
	for int(id) >= len(l.classes) {
		l.classes = append(l.classes, nil)
	}
	c := l.classes[id]
	if c == nil {
		c = newClass(l, l.rows.classes.Name(uint32(id)), id)
		l.classes[id] = c
		at, _ := slices.BinarySearchFunc(l.sorted, c.name, func(c *class, name string) int { return cmp.Compare(c.name, name) })
		l.sorted = slices.Insert(l.sorted, at, c)
	}
	return c
}

// classNamed returns the class if it ever held a record, else nil.
func (l *line) classNamed(name string) *class {
	if id, known := l.rows.classes.Lookup(name); known && int(id) < len(l.classes) {
		return l.classes[id]
	}
	return nil
}

// index puts a record where it waits, if it waits. It must be nowhere.
func (l *line) index(s slot) {
	r := l.rows.at(s)
	if r.flags&flagLeased != 0 || r.standing != status.StandingQueued || r.class == 0 ||
		r.lane == status.LaneNone || int(r.lane) >= status.NumLanes {
		return
	}
	c := l.class(r.class)
	if until, revision := l.rows.parkOf(r); revision != 0 || until != dense.MinTime {
		if until != dense.MinTime && revision == l.revision {
			c.park(s, r, until)
			return
		}
		if revision > l.revision {
			l.await(s)
		}
	}
	c.enter(s, r)
}

// await notes that a record is to be looked at again when a newer revision is
// known. It may be noted each time it is indexed, so that before the list grows
// those that are in it twice go.
func (l *line) await(s slot) {
	if len(l.ahead) == cap(l.ahead) {
		slices.Sort(l.ahead)
		l.ahead = slices.Compact(l.ahead)
		l.ahead = slices.Grow(l.ahead, len(l.ahead)+1)
	}
	l.ahead = append(l.ahead, s)
}

// unindex takes a record out of whatever it is in. It must come before any
// change of what the queues are sorted by.
func (l *line) unindex(s slot) {
	if r := l.rows.at(s); r.place&placeMask != nowhere {
		l.classes[r.class].leave(s, r)
	}
}

// learn makes a revision the newest known if it is newer. Parks of older
// revisions end, each of them once; those made at this one begin to count.
func (l *line) learn(revision int64) {
	if revision <= l.revision {
		return
	}
	l.revision = revision
	l.nextWake = math.MaxInt64
	for _, c := range l.sorted {
		c.parked.empty(l, func(s slot) {
			r := l.rows.at(s)
			r.gen++
			r.place &^= placeMask
			l.index(s)
		})
		c.old |= 1 << status.LaneNone
	}
	ahead := l.ahead
	l.ahead = nil
	for _, s := range ahead {
		l.unindex(s)
		l.index(s)
	}
}

// wake moves records whose park has ended at now into their lanes.
func (l *line) wake(now int64) {
	if now < l.nextWake {
		return
	}
	l.nextWake = math.MaxInt64
	for _, c := range l.sorted {
		for {
			e, ok := c.parked.head(l)
			if !ok {
				break
			}
			until := e.Key.Due()
			if now < until {
				l.nextWake = min(l.nextWake, until)
				break
			}
			l.woken = max(l.woken, until)
			r := l.rows.at(e.Slot)
			c.leave(e.Slot, r)
			c.enter(e.Slot, r)
		}
	}
}

// hadPark reports whether a record has a park, over or not.
func (t *rows) hadPark(r *row) bool {
	return r.past != 0 && t.pasts.At(r.past).park != 0
}

// parkOf returns the end of a record's park in Unix microseconds, zeroTime for
// none, and its revision.
func (t *rows) parkOf(r *row) (until, revision int64) {
	if r.past == 0 {
		return zeroTime, 0
	}
	p := t.pasts.At(r.past)
	return p.park.micros(), p.parkRev
}
