package plainstore

import (
	"cmp"
	"container/heap"
)

// queue is a heap of records: the first by its order is at hand, any other can
// be taken out, for each record knows its index.
type queue struct {
	list   []*stored
	before func(a, b *stored) bool
	slot   int // which of a record's pos is its index here
}

// A record is in at most two queues, one by each slot.
const (
	slotMain = iota // the queue it is claimed from, or that of parks
	slotSide        // the owner's queue, or that of the earliest ready one
)

func (q *queue) head() *stored {
	if len(q.list) == 0 {
		return nil
	}
	return q.list[0]
}

func (q *queue) add(s *stored)    { heap.Push(q, s) }
func (q *queue) remove(s *stored) { heap.Remove(q, s.pos[q.slot]) }

// Len implements heap.Interface.
func (q *queue) Len() int { return len(q.list) }

// Less implements heap.Interface.
func (q *queue) Less(i, j int) bool { return q.before(q.list[i], q.list[j]) }

// Swap implements heap.Interface.
func (q *queue) Swap(i, j int) {
	q.list[i], q.list[j] = q.list[j], q.list[i]
	q.list[i].pos[q.slot] = i
	q.list[j].pos[q.slot] = j
}

// Push implements heap.Interface.
func (q *queue) Push(x any) {
	s := x.(*stored)
	s.pos[q.slot] = len(q.list)
	q.list = append(q.list, s)
}

// Pop implements heap.Interface.
func (q *queue) Pop() any {
	last := len(q.list) - 1
	s := q.list[last]
	q.list[last] = nil
	q.list = q.list[:last]
	return s
}

// byDate is the order of the dated lanes. Between records that a host gave the
// same sequence decides which was added first.
func byDate(a, b *stored) bool {
	return cmp.Or(
		a.rec.Due.Compare(b.rec.Due),
		cmp.Compare(a.rec.Sort, b.rec.Sort),
		cmp.Compare(a.rec.Sequence, b.rec.Sequence),
		cmp.Compare(a.added, b.added),
	) < 0
}

// byKey is the order of the lanes fresh and last.
func byKey(a, b *stored) bool {
	return cmp.Or(
		cmp.Compare(a.rec.Sort, b.rec.Sort),
		cmp.Compare(a.rec.Key, b.rec.Key),
		cmp.Compare(a.rec.Sequence, b.rec.Sequence),
		cmp.Compare(a.added, b.added),
	) < 0
}

// byDue finds the earliest; among equals any will do.
func byDue(a, b *stored) bool { return a.rec.Due.Before(b.rec.Due) }

func byWake(a, b *stored) bool { return a.rec.Park.Until.Before(b.rec.Park.Until) }

// leases is a heap of leases, the first to run out at hand.
type leases []*lease

func older(a, b *lease) bool {
	return cmp.Or(a.Until.Compare(b.Until), cmp.Compare(a.Token, b.Token)) < 0
}

// Len implements heap.Interface.
func (h leases) Len() int { return len(h) }

// Less implements heap.Interface.
func (h leases) Less(i, j int) bool { return older(h[i], h[j]) }

// Swap implements heap.Interface.
func (h leases) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].pos = i
	h[j].pos = j
}

// Push implements heap.Interface.
func (h *leases) Push(x any) {
	l := x.(*lease)
	l.pos = len(*h)
	*h = append(*h, l)
}

// Pop implements heap.Interface.
func (h *leases) Pop() any {
	last := len(*h) - 1
	l := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return l
}
