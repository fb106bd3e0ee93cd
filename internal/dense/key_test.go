package dense

import (
	"cmp"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// place is what a Key is made of, in the order of its parts.
type place [3]int64

func (p place) compare(o place) int {
	return cmp.Or(cmp.Compare(p[0], o[0]), cmp.Compare(p[1], o[1]), cmp.Compare(p[2], o[2]))
}

func (k Key) check() error {
	return wrong(k.Lo>>lowBits == 0, "key %x has more than 122 bits", k)
}

// kinds are the two keys, with the limits of their parts.
var kinds = []struct {
	name     string
	key      func(a, b, c int64) (Key, error)
	min, max place
}{
	{"by date", DateKey, place{MinTime, 0, 0}, place{MaxTime, MaxSort, MaxSequence}},
	{"by order", OrderKey, place{0, MinTime, 0}, place{MaxSort, MaxTime, MaxSequence}},
}

func TestKeysSortAsTheirPartsAtAllBounds(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			var places []place
			var keys []Key
			var parts [3][]int64
			for i := range parts {
				lo, hi := kind.min[i], kind.max[i]
				parts[i] = []int64{lo, lo + 1, lo/2 + hi/2, lo/2 + hi/2 + 1, hi - 1, hi}
				for bit := range 60 { // what crosses from one word to the other
					if v := lo + 1<<bit; v > lo && v < hi && (bit%11 == 0 || bit == 12 || bit == 13 || bit == 18) {
						parts[i] = append(parts[i], v-1, v)
					}
				}
			}
			for _, a := range parts[0] {
				for _, b := range parts[1] {
					for _, c := range parts[2] {
						k, err := kind.key(a, b, c)
						require.NoError(t, err)
						require.NoError(t, k.check())
						places, keys = append(places, place{a, b, c}), append(keys, k)
					}
				}
			}
			for i, p := range places {
				for j := i % 7; j < len(places); j += 7 {
					want := p.compare(places[j])
					if keys[i].Compare(keys[j]) != want || keys[i].Less(keys[j]) != (want < 0) {
						require.Failf(t, "the order is wrong", "%v and %v", p, places[j])
					}
				}
			}
		})
	}
}

func TestKeysHoldNothingThatIsOutsideTheirLimits(t *testing.T) {
	for _, kind := range kinds {
		for i := range kind.min {
			for _, v := range []int64{kind.min[i] - 1, kind.max[i] + 1, math.MinInt64, math.MaxInt64} {
				p := kind.max
				p[i] = v
				_, err := kind.key(p[0], p[1], p[2])
				var out *RangeError
				if assert.ErrorAs(t, err, &out, "%s: part %d is %d", kind.name, i, v) {
					assert.Equal(t, []int64{v, kind.min[i], kind.max[i]}, []int64{out.Value, out.Min, out.Max})
				}
			}
		}
	}
	_, err := DateKey(MaxTime+1, 0, 0)
	assert.EqualError(t, err, "due time 253402300800000000: want the Unix microseconds of a time in the years 1 to 9999 (-62135596800000000 to 253402300799999999)")
	_, err = OrderKey(0, MinTime-1, 0)
	assert.ErrorContains(t, err, "key -62135596800000001: want")
	_, err = OrderKey(MaxSort+1, 0, 0)
	assert.EqualError(t, err, "sort 131072: want 0 to 131071")
	_, err = DateKey(0, 0, -1)
	assert.EqualError(t, err, "sequence -1: want 0 to 70368744177663")
}

func TestTheLimitsOfTimeAreWholeYears(t *testing.T) {
	assert.EqualValues(t, MinTime, time.Time{}.UnixMicro(), "the zero time is the first one")
	assert.EqualValues(t, MaxTime+1, time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro())
	require.Less(t, uint64(MaxTime-MinTime), uint64(1)<<timeBits)
	for _, good := range []int64{MinTime, 0, MaxTime} {
		assert.NoError(t, CheckTime(good))
	}
	for _, bad := range []int64{MinTime - 1, MaxTime + 1, math.MinInt64, math.MaxInt64} {
		assert.ErrorContains(t, CheckTime(bad), "years 1 to 9999")
	}
}

// sameOrder compares two keys with what they were made of.
func sameOrder(t require.TestingT, x, y place) {
	for _, kind := range kinds {
		fits := func(p place) bool {
			for i, v := range p {
				if v < kind.min[i] || v > kind.max[i] {
					return false
				}
			}
			return true
		}
		kx, errX := kind.key(x[0], x[1], x[2])
		ky, errY := kind.key(y[0], y[1], y[2])
		require.Equal(t, fits(x), errX == nil, "%s: %v: %v", kind.name, x, errX)
		require.Equal(t, fits(y), errY == nil, "%s: %v: %v", kind.name, y, errY)
		if errX != nil || errY != nil {
			continue
		}
		require.NoError(t, kx.check())
		require.Equal(t, x.compare(y), kx.Compare(ky), "%s: %v and %v", kind.name, x, y)
		require.Equal(t, x.compare(y) < 0, kx.Less(ky))
		if kind.min[0] == MinTime {
			require.Equal(t, x[0], kx.Due())
		}
	}
}

func TestKeysSortAsTheirParts(t *testing.T) {
	part := func(lo, hi int64) *rapid.Generator[int64] {
		return rapid.OneOf(rapid.Int64Range(lo, hi), rapid.Int64Range(lo, hi), rapid.Int64Range(lo-2, lo+2), rapid.Int64Range(hi-2, hi+2), rapid.Int64())
	}
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		var x, y place
		for i := range x {
			x[i] = part(kind.min[i], kind.max[i]).Draw(t, "x")
			y[i] = x[i]
			if rapid.Bool().Draw(t, "differs") {
				y[i] = part(kind.min[i], kind.max[i]).Draw(t, "y")
			}
		}
		sameOrder(t, x, y)
	})
}

func FuzzKey(f *testing.F) {
	f.Add(int64(MinTime), int64(0), int64(0), int64(MaxTime), int64(MaxSort), int64(MaxSequence))
	f.Add(int64(7), int64(1), int64(MaxSequence), int64(7), int64(2), int64(0))
	f.Add(int64(3), int64(-1), int64(5), int64(3), int64(0), int64(5))
	f.Fuzz(func(t *testing.T, a, b, c, d, e, g int64) { sameOrder(t, place{a, b, c}, place{d, e, g}) })
}
