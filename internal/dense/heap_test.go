package dense

import (
	"cmp"
	"container/heap"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (h *Heap) check() error {
	for i, e := range h.entries {
		if i > 0 && e.before(&h.entries[(i-1)/arity]) {
			return wrong(false, "entry %d is before its parent", i)
		}
	}
	return nil
}

func (e Entry) compare(o Entry) int {
	return cmp.Or(cmp.Compare(e.Key.Hi, o.Key.Hi), cmp.Compare(e.Key.Lo, o.Key.Lo), cmp.Compare(e.Slot, o.Slot), cmp.Compare(e.Gen, o.Gen))
}

func driveHeap(t require.TestingT, c choices) {
	var h Heap
	var model []Entry // sorted
	words := []uint64{0, 1, 2, 1<<63 - 1, 1 << 63, 1<<64 - 1}
	push := func() {
		e := Entry{Key{words[c.upTo(6)], words[c.upTo(6)]}, uint32(words[c.upTo(6)]), uint32(c.upTo(3))}
		h.Push(e)
		at, _ := slices.BinarySearchFunc(model, e, Entry.compare)
		model = slices.Insert(model, at, e)
	}
	pop := func() {
		h.Pop()
		model = model[min(1, len(model)):]
	}
	for c.more() {
		switch c.upTo(5) {
		case 0, 1:
			push()
		case 2:
			for range c.upTo(60) {
				push()
			}
		case 3:
			for range c.upTo(40) {
				pop()
			}
		case 4:
			dead := uint32(c.upTo(4))
			seen := 0
			h.Keep(func(e Entry) bool { seen++; return e.Gen != dead })
			require.Equal(t, len(model), seen, "each entry is looked at once")
			model = slices.DeleteFunc(model, func(e Entry) bool { return e.Gen == dead })
		}
		require.NoError(t, h.check())
		require.Equal(t, len(model), h.Len())
		head, some := h.Head()
		require.Equal(t, len(model) > 0, some)
		if some {
			require.Equal(t, model[0], head)
		}
		var all []Entry
		h.Walk(func(e Entry) bool { all = append(all, e); return true })
		slices.SortFunc(all, Entry.compare)
		require.True(t, slices.Equal(model, all), "the entries")
	}
	for len(model) > 0 {
		head, _ := h.Head()
		require.Equal(t, model[0], head)
		pop()
	}
	require.Zero(t, h.Len())
}

func TestHeapGivesTheFirst(t *testing.T) { properties(t, driveHeap) }
func FuzzHeap(f *testing.F)              { fuzzed(f, driveHeap) }

func TestHeapOrdersByKeyThenSlot(t *testing.T) {
	want := []Entry{
		{Key{0, 9}, 9, 9}, {Key{1, 2}, 8, 8}, {Key{1, 3}, 0, 7}, {Key{1, 3}, 1, 0}, {Key{1, 3}, 1, 5}, {Key{1, 1 << 63}, 0, 0}, {Key{1 << 63, 0}, 0, 0},
	}
	var h Heap
	for i := range want {
		h.Push(want[(i*3)%len(want)])
	}
	for _, e := range want {
		head, _ := h.Head()
		assert.Equal(t, e, head)
		h.Pop()
	}
	_, some := h.Head()
	assert.False(t, some)
	h.Pop() // of nothing is nothing
	assert.Zero(t, h.Len())
}

func TestHeapGivesItsMemoryBack(t *testing.T) {
	var h Heap
	for i := range uint32(100_000) {
		h.Push(Entry{Slot: i})
	}
	h.Keep(func(e Entry) bool { return e.Slot < 5000 })
	assert.LessOrEqual(t, cap(h.entries), 4*5000)
	for range 4000 {
		h.Pop()
	}
	assert.LessOrEqual(t, cap(h.entries), 4*1000)
	require.Equal(t, 1000, h.Len())
	for slot := range uint32(1000) {
		head, _ := h.Head()
		require.Equal(t, 4000+slot, head.Slot, "nothing is lost on the way")
		h.Pop()
	}
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		h.Push(Entry{Slot: 7})
		h.Pop()
	}))
}

// pointers is what the standard library's heap is mostly used for.
type pointers []*Entry

func (p pointers) Len() int           { return len(p) }
func (p pointers) Less(i, j int) bool { return p[i].compare(*p[j]) < 0 }
func (p pointers) Swap(i, j int)      { p[i], p[j] = p[j], p[i] }
func (p *pointers) Push(e any)        { *p = append(*p, e.(*Entry)) }
func (p *pointers) Pop() any {
	last := len(*p) - 1
	e := (*p)[last]
	*p = (*p)[:last]
	return e
}

const many = 1 << 20

// BenchmarkHeap takes the first of a million entries out and puts it back
// somewhere else, with the heap of this package and with the standard one.
func BenchmarkHeap(b *testing.B) {
	b.Run("dense", func(b *testing.B) {
		var h Heap
		x := uint64(0)
		next := func() Key { x++; return Key{HashNumber(x) >> 1, x} }
		for i := range uint32(many) {
			h.Push(Entry{Key: next(), Slot: i})
		}
		b.ReportAllocs()
		for b.Loop() {
			e, _ := h.Head()
			h.Pop()
			e.Key = next()
			h.Push(e)
		}
	})
	b.Run("container of pointers", func(b *testing.B) {
		var h pointers
		x := uint64(0)
		next := func() Key { x++; return Key{HashNumber(x) >> 1, x} }
		for i := range uint32(many) {
			heap.Push(&h, &Entry{Key: next(), Slot: i})
		}
		b.ReportAllocs()
		for b.Loop() {
			e := heap.Pop(&h).(*Entry)
			e.Key = next()
			heap.Push(&h, e)
		}
	})
}
