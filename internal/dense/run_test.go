package dense

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (r *Run) check() error {
	if len(r.chunks) == 0 {
		return wrong(r.n == 0 && r.taken == 0, "no chunk, and %d numbers, %d taken", r.n, r.taken)
	}
	last := len(r.chunks) - 1
	var errs []error
	n := -r.taken
	for i, chunk := range r.chunks {
		errs = append(errs, wrong(i == last || len(chunk) == runLen, "chunk %d has %d numbers", i, len(chunk)))
		n += len(chunk)
	}
	return errors.Join(append(errs,
		wrong(n == r.n, "%d numbers in the chunks, not %d", n, r.n),
		wrong(cap(r.chunks[last]) <= runLen, "the last chunk has room for %d", cap(r.chunks[last])),
		wrong(r.taken < len(r.chunks[0]) || r.n == 0 && r.taken == 0 && last == 0, "%d of %d are taken of the first chunk", r.taken, len(r.chunks[0])))...)
}

func driveRun(t require.TestingT, c choices) {
	var r Run
	var model []uint32
	pushed := uint32(0)
	for c.more() {
		times := c.upTo(5)
		if c.upTo(3) == 0 {
			times = c.upTo(2500)
		}
		if c.upTo(5) < 3 {
			for range times {
				pushed++
				r.Push(pushed * 7)
				model = append(model, pushed*7)
			}
		} else {
			for range times {
				r.Pop()
				model = model[min(1, len(model)):]
			}
		}
		require.NoError(t, r.check())
		require.Equal(t, len(model), r.Len())
		head, some := r.Head()
		require.Equal(t, len(model) > 0, some)
		if some {
			require.Equal(t, model[0], head)
		}
		n := 0
		r.Walk(func(slot uint32) bool {
			if n < len(model) && slot != model[n] {
				require.Equal(t, model[n], slot, "at %d", n)
			}
			n++
			return true
		})
		require.Equal(t, len(model), n)
	}
}

func TestRunGivesWhatCameFirst(t *testing.T) { properties(t, driveRun) }
func FuzzRun(f *testing.F)                   { fuzzed(f, driveRun) }

func TestRunGivesBackWhatWasTaken(t *testing.T) {
	var r Run
	for i := range uint32(100 * runLen) {
		r.Push(i)
	}
	for range 99*runLen + 1 {
		r.Pop()
	}
	assert.Len(t, r.chunks, 1)
	head, _ := r.Head()
	assert.EqualValues(t, 99*runLen+1, head)
	for range 2 * runLen {
		r.Pop() // of nothing is nothing
	}
	assert.Zero(t, r.Len())
	assert.Empty(t, r.chunks)
	_, some := r.Head()
	assert.False(t, some)
}

func TestShortRunsTakeLittle(t *testing.T) {
	var r Run
	r.Push(1)
	assert.Equal(t, firstRoom, cap(r.chunks[0]))
	for i := range uint32(3 * runLen) {
		r.Push(i)
		room := 0
		for _, chunk := range r.chunks {
			room += cap(chunk)
		}
		require.Less(t, room-r.Len(), runLen, "at most one chunk is waste")
	}
	var coming Run
	coming.Push(1)
	assert.Zero(t, testing.AllocsPerRun(5000, func() {
		coming.Pop()
		coming.Push(2)
	}))
}

func BenchmarkRun(b *testing.B) {
	var r Run
	for i := range uint32(many) {
		r.Push(i)
	}
	b.ReportAllocs()
	for b.Loop() {
		slot, _ := r.Head()
		r.Pop()
		r.Push(slot)
	}
}
