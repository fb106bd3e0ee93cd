package enginetest_test

import (
	"container/heap"
	"errors"
	"math"
	"math/rand/v2"
	"strconv"
)

// horizon is the time, in microseconds, over which the records of a baseline
// come round: each is called again at a random time up to two horizons ahead.
const horizon = 130_000_000

// item is what a host would keep in a heap of its own: 32 bytes, and its id.
type item struct {
	due      int64
	sort     int32
	attempts int32
	id       string
}

type items []*item

func (h items) Len() int      { return len(h) }
func (h items) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *items) Push(x any)   { *h = append(*h, x.(*item)) }

func (h items) Less(i, j int) bool {
	a, b := h[i], h[j]
	return a.due < b.due || a.due == b.due && a.sort < b.sort
}

func (h *items) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return x
}

// heapContestant is the least that a cycle can be: take the first of a heap of
// pointers, and put it back for later. No rule is looked at, nothing is guarded.
type heapContestant struct {
	items items
	ahead uint64 // the longest way to the next call
	now   int64
	step  int64 // how far the clock goes with a call
}

func newHeapContestant(n int) *heapContestant {
	r := rand.New(rand.NewPCG(1, 2))
	c := &heapContestant{items: make(items, 0, n), ahead: 2 * horizon, step: max(1, horizon/int64(n))}
	for i := range n {
		// The dues of neighbours in memory have nothing to do with each other.
		c.items = append(c.items, &item{due: r.Int64N(2 * horizon), id: "r" + strconv.Itoa(i)})
	}
	heap.Init(&c.items)
	return c
}

func (c *heapContestant) ready() (int, bool, error) { return math.MaxInt, false, nil }

func (c *heapContestant) hand(i, _ int) hand {
	return &heapHand{c: c, r: rand.NewPCG(uint64(i), 3)}
}

type heapHand struct {
	c     *heapContestant
	r     *rand.PCG
	taken []*item
	bytes int
}

var errNoItem = errors.New("the baseline has nothing left: more was asked for at once than it holds")

func (h *heapHand) next(ask int, _ bool) error {
	h.taken = h.taken[:0]
	for range ask {
		if len(h.c.items) == 0 {
			return errNoItem
		}
		x := heap.Pop(&h.c.items).(*item)
		h.bytes += len(x.id)
		h.taken = append(h.taken, x)
		h.c.now = max(h.c.now+h.c.step, x.due)
	}
	return nil
}

func (h *heapHand) report() (int, int, int, error) {
	for _, x := range h.taken {
		x.attempts++
		x.due = h.c.now + 1 + int64(h.r.Uint64()%h.c.ahead)
		heap.Push(&h.c.items, x)
	}
	return len(h.taken), 0, 0, nil
}

// check: a heap that lost one, or whose order broke, was not measured.
func (c *heapContestant) check() error {
	if len(c.items) != cap(c.items) {
		return errors.New("the heap has lost some of its items")
	}
	for i := 1; i < len(c.items); i++ {
		if c.items.Less(i, (i-1)/2) {
			return errors.New("the heap is out of order")
		}
	}
	return nil
}

// treeContestant does the same with a ready-made ordered tree.
type treeContestant struct {
	index *btreeIndex
	n     int
	now   int64
	step  int64
}

func newTreeContestant(n int) *treeContestant {
	r := rand.New(rand.NewPCG(1, 2))
	c := &treeContestant{index: newBTreeIndex(), n: n, step: max(1, horizon/int64(n))}
	for i := range n {
		c.index.add(key{due: r.Int64N(2 * horizon), order: 1, sequence: uint64(i + 1)})
	}
	return c
}

func (c *treeContestant) ready() (int, bool, error) { return math.MaxInt, false, nil }

func (c *treeContestant) hand(i, _ int) hand {
	return &treeHand{c: c, r: rand.NewPCG(uint64(i), 3)}
}

type treeHand struct {
	c     *treeContestant
	r     *rand.PCG
	taken []key
}

func (h *treeHand) next(ask int, _ bool) error {
	h.taken = h.taken[:0]
	for range ask {
		k, ok := h.c.index.take(1 << 62)
		if !ok {
			return errNoItem
		}
		h.taken = append(h.taken, k)
		h.c.now = max(h.c.now+h.c.step, k.due)
	}
	return nil
}

func (h *treeHand) report() (int, int, int, error) {
	for _, k := range h.taken {
		k.due = h.c.now + 1 + int64(h.r.Uint64()%(2*horizon))
		h.c.index.add(k)
	}
	return len(h.taken), 0, 0, nil
}

func (c *treeContestant) check() error {
	if c.index.tree.Len() != c.n {
		return errors.New("the tree has lost some of its keys")
	}
	return nil
}

// nothing is the harness alone: what it does for each call without any.
type nothing struct{}

func (nothing) ready() (int, bool, error) { return math.MaxInt, false, nil }
func (nothing) hand(i, _ int) hand        { return &nobody{r: rand.NewPCG(uint64(i), 3)} }

type nobody struct {
	r   *rand.PCG
	ask int
	sum uint64
}

func (h *nobody) next(ask int, _ bool) error { h.ask = ask; return nil }

func (h *nobody) report() (int, int, int, error) {
	for range h.ask {
		h.sum += h.r.Uint64() % horizon
	}
	return h.ask, 0, 0, nil
}
