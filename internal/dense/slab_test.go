package dense

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type thing struct {
	a uint64
	b uint32
}

func (s *Slab[T]) check() error {
	chunks := 0
	if all := s.chunks.Load(); all != nil {
		chunks = len(*all)
	}
	errs := []error{wrong(chunks == (s.n+chunkMask)>>chunkBits, "%d chunks for %d values", chunks, s.n)}
	free := map[uint32]bool{}
	for _, i := range s.free {
		if free[i] || int(i) >= s.n || s.InUse(i) {
			errs = append(errs, wrong(false, "%d is free twice, or in use, or was never given out", i))
		}
		free[i] = true
	}
	idle := 0
	for i := range uint32(s.n) {
		if !s.InUse(i) {
			idle++
		}
	}
	errs = append(errs, wrong(idle == len(s.free), "%d are not in use, and %d are free", idle, len(s.free)))
	return errors.Join(errs...)
}

func driveSlab(t require.TestingT, c choices) {
	var s Slab[thing]
	limit := []int{0, 1, 5, 3000, MaxNumber}[c.upTo(5)]
	places := map[uint32]*thing{} // of the values in use
	values := map[uint32]thing{}
	var given []uint32 // ever
	add := func() {
		i, err := s.Add("the slab", limit)
		if len(places) == limit {
			require.Equal(t, &FullError{"the slab", limit}, err)
			return
		}
		require.NoError(t, err)
		if places[i] != nil || *s.At(i) != (thing{}) {
			require.Failf(t, "not new", "number %d", i)
		}
		places[i], values[i] = s.At(i), thing{uint64(i) * 3, uint32(len(given))}
		*s.At(i) = values[i]
		given = append(given, i)
	}
	for c.more() {
		switch c.upTo(5) {
		case 0, 1:
			add()
		case 2:
			for range c.upTo(1500) {
				add()
			}
		case 3:
			i := uint32(c.upTo(5000)) // one that was not given out stays so
			if len(given) > 0 && c.upTo(4) > 0 {
				i = given[c.upTo(len(given))]
			}
			s.Free(i)
			s.Free(i)
			delete(places, i)
			delete(values, i)
		case 4:
			step := 1 + c.upTo(9)
			for k := c.upTo(3000); k < len(given); k += step {
				s.Free(given[k])
				delete(places, given[k])
				delete(values, given[k])
			}
		}
		require.NoError(t, s.check())
		n := uint32(0)
		for chunk := range s.Chunks() {
			for k := range chunk {
				p := places[n]
				switch {
				case s.InUse(n) != (p != nil):
					require.Failf(t, "in use, or not", "number %d", n)
				case p != nil && (p != &chunk[k] || p != s.At(n)):
					require.Failf(t, "the value has moved", "number %d", n)
				case p != nil && *p != values[n]:
					require.Failf(t, "the value has changed", "number %d", n)
				}
				n++
			}
		}
		require.EqualValues(t, s.Len(), n)
	}
}

func TestSlabGivesEveryValueAPlaceOfItsOwn(t *testing.T) { properties(t, driveSlab) }
func FuzzSlab(f *testing.F)                              { fuzzed(f, driveSlab) }

func TestSlabUsesAgainWhatWasGivenBack(t *testing.T) {
	var s Slab[thing]
	for range 3 {
		_, err := s.Add("the slab", 3)
		require.NoError(t, err)
	}
	*s.At(1) = thing{1, 2}
	s.Free(1)
	assert.False(t, s.InUse(1))
	i, err := s.Add("the slab", 3)
	require.NoError(t, err)
	assert.EqualValues(t, 1, i)
	assert.Zero(t, *s.At(1))
	assert.Equal(t, 3, s.Len())
	_, err = s.Add("the slab", 3)
	assert.EqualError(t, err, "the slab is full: at most 3")
}

func TestSlabIsReadWhileSomebodyAdds(t *testing.T) {
	const all = 50_000
	var s Slab[thing]
	whileAdding(t, all, func(k int) {
		i, err := s.Add("the slab", all)
		if err == nil {
			*s.At(i) = thing{uint64(k), i}
		}
	}, func(k int) bool { return *s.At(uint32(k)) == thing{uint64(k), uint32(k)} })
}

// whileAdding adds all things while others look at those that were added.
func whileAdding(t *testing.T, all int, add func(k int), good func(k int) bool) {
	var added atomic.Int64
	var readers sync.WaitGroup
	for r := range 3 {
		readers.Go(func() {
			for x := uint64(r); ; {
				n := added.Load()
				for range 20 {
					x = HashNumber(x + 1)
					if n > 0 && !good(int(x%uint64(n))) {
						t.Errorf("%d is not what was added", x%uint64(n))
						return
					}
				}
				if n == int64(all) {
					return
				}
			}
		})
	}
	for k := range all {
		add(k)
		added.Store(int64(k + 1))
	}
	readers.Wait()
}

func BenchmarkSlabAt(b *testing.B) {
	var s Slab[thing]
	for range 1 << 20 {
		_, _ = s.Add("the slab", 1<<20)
	}
	sum, i := uint64(0), uint32(0)
	for b.Loop() {
		sum += s.At(i).a
		i = (i + 1) & (1<<20 - 1)
	}
	_ = sum
}
