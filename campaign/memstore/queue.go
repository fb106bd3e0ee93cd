package memstore

import "github.com/nextcall/nextcall/internal/dense"

// queue is a heap of records whose entries are cleaned up late. An entry is live
// while its record's generation is the one it was made with, and the record is somewhere:
// whoever takes a record out of its place counts the generation up, and says left
// to each of its queues.
type queue struct {
	heap dense.Heap
	live int
}

func (q *queue) push(k dense.Key, s slot, gen uint32) {
	q.heap.Push(dense.Entry{Key: k, Slot: s, Gen: gen})
	q.live++
}

// left says that one of its records has left.
func (q *queue) left(l *line) {
	q.live--
	if q.heap.Len() > 2*q.live+sweepFrom {
		q.heap.Keep(l.current)
	}
}

// sweepFrom is how many dead entries a queue may have beside one for each live one.
const sweepFrom = 64

// head returns the first live entry.
func (q *queue) head(l *line) (dense.Entry, bool) {
	for {
		e, ok := q.heap.Head()
		if !ok || l.current(e) {
			return e, ok
		}
		q.heap.Pop()
	}
}

// none reports whether nothing in a queue by date is due at t, without a look
// at any record.
func (q *queue) none(t int64) bool {
	if q.live == 0 {
		return true
	}
	e, ok := q.heap.Head()
	return !ok || e.Key.Due() > t
}

// empty takes all records out and calls visit with each.
func (q *queue) empty(l *line, visit func(slot)) {
	var slots []slot
	q.heap.Keep(func(e dense.Entry) bool {
		if l.current(e) {
			slots = append(slots, e.Slot)
		}
		return false
	})
	q.live = 0
	for _, s := range slots {
		visit(s)
	}
}
