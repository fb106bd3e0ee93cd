package dense

import "cmp"

// Timer is the end of something: its moment, and which of the things in a slot
// it ends. Gen tells timers of one thing apart, whose end may have been moved
// away and back: the owner counts it up, or else has two live timers of one end.
type Timer struct {
	At        int64
	Token     int64
	Slot, Gen uint32
}

func (t Timer) compare(o Timer) int {
	return cmp.Or(cmp.Compare(t.At, o.At), cmp.Compare(t.Token, o.Token), cmp.Compare(t.Slot, o.Slot))
}

// entry is the same as an entry of a heap: the top bit of a signed number is
// turned, so that it sorts as an unsigned one.
func (t Timer) entry() Entry {
	return Entry{Key: Key{uint64(t.At) ^ 1<<63, uint64(t.Token) ^ 1<<63}, Slot: t.Slot, Gen: t.Gen}
}

func (e Entry) timer() Timer {
	return Timer{At: int64(e.Key.Hi ^ 1<<63), Token: int64(e.Key.Lo ^ 1<<63), Slot: e.Slot, Gen: e.Gen}
}

// Timers finds the earliest of things that mostly end in the order in which they
// begin: those of one length do. A few rings take a kind of each; what fits at
// the end of none is a stray, in a heap. Most timers die before they are due,
// and stay where they are until they come to the head or are half of all.
//
// Invariant: each ring is sorted by (At, Token, Slot), and the heap is a heap.
type Timers struct {
	rings  [4]ring
	strays Heap
	dead   int // that are still inside, by what Dead was told
}

// Push adds a timer, in the ring whose end is nearest before it.
func (t *Timers) Push(x Timer) {
	var best, empty *ring
	for i := range t.rings {
		r := &t.rings[i]
		switch {
		case r.n == 0:
			if empty == nil {
				empty = r
			}
		case r.last().compare(x) <= 0 && (best == nil || best.last().compare(*r.last()) < 0):
			best = r
		}
	}
	switch {
	case best != nil:
		best.push(x)
	case empty != nil:
		empty.push(x)
	default:
		t.strays.Push(x.entry())
	}
}

// first finds the earliest timer, dead or not, and the ring at whose head it
// is: nil if it is a stray.
func (t *Timers) first() (x Timer, from *ring, ok bool) {
	if e, some := t.strays.Head(); some {
		x, ok = e.timer(), true
	}
	for i := range t.rings {
		if r := &t.rings[i]; r.n > 0 && (!ok || r.head().compare(x) < 0) {
			x, from, ok = *r.head(), r, true
		}
	}
	return x, from, ok
}

// Head returns the earliest live timer, and drops the dead ones before it.
func (t *Timers) Head(live func(Timer) bool) (Timer, bool) {
	for {
		x, from, ok := t.first()
		if !ok || live(x) {
			return x, ok
		}
		t.drop(from)
		t.dead = max(0, t.dead-1)
	}
}

// Pop takes out what Head gave just before: nothing was changed in between. A
// timer that is popped is not one of Dead.
func (t *Timers) Pop() {
	if _, from, ok := t.first(); ok {
		t.drop(from)
	}
}

func (t *Timers) drop(from *ring) {
	if from == nil {
		t.strays.Pop()
	} else {
		from.pop()
	}
}

// Dead says that n more timers have died. When more than half of all are dead,
// those that are not live are swept out.
func (t *Timers) Dead(n int, live func(Timer) bool) {
	t.dead += n
	if all := t.Len(); t.dead <= all/2 || all < sweepFrom {
		return
	}
	for i := range t.rings {
		t.rings[i].keep(live)
	}
	t.strays.Keep(func(e Entry) bool { return live(e.timer()) })
	t.dead = 0
}

// sweepFrom is how many timers are worth a sweep.
const sweepFrom = 64

// Len returns how many timers there are, the dead ones counted.
func (t *Timers) Len() int {
	n := t.strays.Len()
	for i := range t.rings {
		n += t.rings[i].n
	}
	return n
}

// Walk gives all timers in no order, the dead ones with them, until do returns
// false.
func (t *Timers) Walk(do func(Timer) bool) {
	for i := range t.rings {
		for k := range t.rings[i].n {
			if !do(*t.rings[i].at(k)) {
				return
			}
		}
	}
	t.strays.Walk(func(e Entry) bool { return do(e.timer()) })
}

// ring is a queue in a circle.
//
// Invariant: the room is a power of two or none; the n timers begin at start.
type ring struct {
	room  []Timer
	start int
	n     int
}

func (r *ring) at(k int) *Timer { return &r.room[(r.start+k)&(len(r.room)-1)] }
func (r *ring) head() *Timer    { return r.at(0) }
func (r *ring) last() *Timer    { return r.at(r.n - 1) }

func (r *ring) push(x Timer) {
	if r.n == len(r.room) {
		r.resize(max(16, 2*r.n))
	}
	r.n++
	*r.last() = x
}

func (r *ring) pop() {
	r.start = (r.start + 1) & (len(r.room) - 1)
	r.n--
	r.shrink()
}

func (r *ring) keep(live func(Timer) bool) {
	kept := 0
	for k := range r.n {
		if x := *r.at(k); live(x) {
			*r.at(kept) = x
			kept++
		}
	}
	r.n = kept
	r.shrink()
}

// shrink gives memory back when seven eighths of it are not in use.
func (r *ring) shrink() {
	size := len(r.room)
	for size > chunkLen && r.n < size/8 {
		size /= 4
	}
	if size < len(r.room) {
		r.resize(size)
	}
}

func (r *ring) resize(size int) {
	room := make([]Timer, size)
	for k := range r.n {
		room[k] = *r.at(k)
	}
	r.room, r.start = room, 0
}
