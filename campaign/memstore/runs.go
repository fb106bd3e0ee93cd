package memstore

import (
	"cmp"
	"slices"

	"github.com/nextcall/nextcall/internal/dense"
)

// runs are queues of fresh records that come in the order of their sequence:
// one for each sort, without keys. A record that has left its place stays in its
// run until it comes to the head, and may come back to it meanwhile.
//
// Invariant: a run is sorted by sequence, each record is in it at most once, and
// last is not less than the sequence of any in it.
type runs struct {
	list  []*run // by sort
	first int    // no run before this one has a live record
	live  int
}

type run struct {
	sort  int64
	last  int64 // the largest sequence that has entered
	queue dense.Run
}

// maxRuns is how many sorts of a lane have runs; records of others are strays.
const maxRuns = 64

// enter puts a record at the end of its run, if it may be there.
func (rs *runs) enter(sort, sequence int64, s slot) bool {
	at, found := slices.BinarySearchFunc(rs.list, sort, func(r *run, sort int64) int { return cmp.Compare(r.sort, sort) })
	if !found {
		if len(rs.list) == maxRuns {
			return false
		}
		rs.list = slices.Insert(rs.list, at, &run{sort: sort, last: -1})
	}
	r := rs.list[at]
	if sequence <= r.last {
		return false
	}
	r.last = sequence
	r.queue.Push(s)
	rs.came(at)
	return true
}

// back says that a record of this sort, which is in its run still, is live again.
func (rs *runs) back(sort int64) {
	at, _ := slices.BinarySearchFunc(rs.list, sort, func(r *run, sort int64) int { return cmp.Compare(r.sort, sort) })
	rs.came(at)
}

func (rs *runs) came(at int) {
	rs.live++
	rs.first = min(rs.first, at)
}

// head returns the first live record: of the first run that has one.
func (rs *runs) head(l *line, c *class, of laneID) (slot, bool) {
	for ; rs.live > 0 && rs.first < len(rs.list); rs.first++ {
		r := rs.list[rs.first]
		for {
			s, ok := r.queue.Head()
			if !ok {
				break
			}
			x := l.rows.at(s)
			ours := x.class == c.id && x.lane == of && l.rows.sort(x) == r.sort
			if ours && x.place&placeMask == inRun {
				return s, true
			}
			if ours {
				x.place &^= hasRun
			}
			r.queue.Pop()
		}
	}
	return 0, false
}
