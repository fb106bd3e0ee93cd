package dense

import (
	"errors"
	"math/bits"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (x *Index) check(hashOf func(uint32) uint64) error {
	if x.tables == nil {
		return wrong(x.n == 0 && x.depth == 0, "no table, and %d numbers", x.n)
	}
	if len(x.tables) != 1<<x.depth || x.depth > maxDepth {
		return wrong(false, "%d places at depth %d", len(x.tables), x.depth)
	}
	var errs []error
	n := 0
	for at := 0; at < len(x.tables); {
		t := x.tables[at]
		if t.depth > x.depth {
			return wrong(false, "a table of depth %d at depth %d", t.depth, x.depth)
		}
		places := 1 << (x.depth - t.depth)
		errs = append(errs, wrong(at%places == 0, "the %d places of a table begin at %d", places, at))
		for range places {
			if at == len(x.tables) || x.tables[at] != t {
				return errors.Join(append(errs, wrong(false, "place %d is another table's", at))...)
			}
			at++
		}
		errs = append(errs, t.check(hashOf, uint64(at-1)>>(x.depth-t.depth)))
		n += t.used
	}
	return errors.Join(append(errs, wrong(n == x.n, "%d numbers in the tables, not %d", n, x.n))...)
}

func (t *table) check(hashOf func(uint32) uint64, upper uint64) error {
	var errs []error
	used, gone := 0, 0
	for i, slot := range t.slots {
		if slot == empty {
			continue
		}
		if slot == dead {
			gone++
			errs = append(errs, wrong(t.slots[(i+1)%len(t.slots)] != empty, "slot %d is dead before an empty one", i))
			continue
		}
		used++
		hash := hashOf(slot & numberMask)
		if slot&^numberMask != tagOf(hash) || hash>>(64-t.depth) != upper {
			errs = append(errs, wrong(false, "number %d has another tag than its hash, or is in a table of other hashes", slot&numberMask))
		}
		for k := homeOf(hash, len(t.slots)); k != i; k = (k + 1) % len(t.slots) {
			if t.slots[k] == empty {
				errs = append(errs, wrong(false, "slot %d is empty before number %d", k, slot&numberMask))
				break
			}
		}
	}
	return errors.Join(append(errs,
		wrong(used == t.used && gone == t.dead, "%d numbers and %d dead, not %d and %d", used, gone, t.used, t.dead),
		wrong((used+gone)*8 <= len(t.slots)*7, "%d numbers and %d dead in %d slots", used, gone, len(t.slots)))...)
}

// hashes are good and bad ones, with how many numbers they can bear.
var hashes = []struct {
	name string
	hash func(uint32) uint64
	many int
}{
	{"good", func(v uint32) uint64 { return HashNumber(uint64(v)) }, 3000},
	{"text", func(v uint32) uint64 { return HashText(strconv.Itoa(int(v))) }, 3000},
	{"alike in the upper bits", func(v uint32) uint64 { return HashNumber(uint64(v)) >> 20 }, 3000},
	{"alike but for four upper bits", func(v uint32) uint64 { return HashNumber(uint64(v)) &^ (0xffff << 44) }, 3000},
	{"every second one alike", func(v uint32) uint64 { return HashNumber(uint64(v)) >> (v & 1 * 12) }, 3000},
	{"the same tag", func(v uint32) uint64 { return HashNumber(uint64(v)) &^ 15 }, 3000},
	{"the number itself", func(v uint32) uint64 { return uint64(v) }, 60},
	{"few", func(v uint32) uint64 { return HashNumber(uint64(v % 7)) }, 60},
	{"one", func(uint32) uint64 { return 1<<64 - 1 }, 60},
}

func driveIndex(t require.TestingT, c choices) {
	kind := hashes[c.upTo(len(hashes))]
	var x Index
	var model []uint32
	known := map[uint32]int{} // where in model
	add := func(v uint32) {
		if _, there := known[v]; there {
			return
		}
		require.NoError(t, x.Add(kind.hash(v), v, func(v uint32) uint64 {
			if _, there := known[v]; !there {
				require.Contains(t, known, v, "asked for the hash of a number that is not there")
			}
			return kind.hash(v)
		}))
		known[v] = len(model)
		model = append(model, v)
	}
	remove := func(v uint32) {
		at, there := known[v]
		if x.Remove(kind.hash(v), v) != there {
			require.Failf(t, "not removed, or removed and not there", "number %d", v)
		}
		if there {
			last := len(model) - 1
			model[at] = model[last]
			known[model[at]] = at
			model = model[:last]
			delete(known, v)
		}
	}
	next := uint32(0)
	number := func() uint32 {
		switch c.upTo(8) {
		case 0:
			return uint32(MaxNumber - c.upTo(5))
		case 1:
			return uint32(c.upTo(40))
		}
		next++
		return next * 3
	}
	for c.more() {
		switch c.upTo(5) {
		case 0, 1:
			add(number())
		case 2:
			for range c.upTo(kind.many) {
				next++
				add(next * 3)
			}
		case 3:
			remove(number())
			if len(model) > 0 {
				remove(model[c.upTo(len(model))])
			}
		case 4:
			for range c.upTo(kind.many) {
				if len(model) > 0 {
					remove(model[int(HashNumber(uint64(len(model)))%uint64(len(model)))])
				}
			}
		}
		require.NoError(t, x.check(kind.hash))
		require.Equal(t, len(model), x.Len())
		for v := range known {
			got, found := x.Find(kind.hash(v), func(w uint32) bool { return v == w })
			if !found || got != v {
				require.Failf(t, "not found", "number %d", v)
			}
		}
		for v := range uint32(50) {
			_, there := known[v]
			_, found := x.Find(kind.hash(v), func(w uint32) bool { return v == w })
			require.Equal(t, there, found, "number %d", v)
		}
		seen := 0
		x.Walk(func(v uint32) bool {
			if _, there := known[v]; !there {
				require.Contains(t, known, v)
			}
			seen++
			return true
		})
		require.Equal(t, len(model), seen)
	}
}

func TestIndexFindsWhatWasAdded(t *testing.T) { properties(t, driveIndex) }
func FuzzIndex(f *testing.F)                  { fuzzed(f, driveIndex) }

func TestIndexWithManyNumbers(t *testing.T) {
	for _, kind := range hashes {
		t.Run(kind.name, func(t *testing.T) {
			var x Index
			n := uint32(kind.many * 7)
			for v := range n {
				require.NoError(t, x.Add(kind.hash(v), v, kind.hash))
			}
			require.NoError(t, x.check(kind.hash))
			for v := range n / 2 {
				first, again := x.Remove(kind.hash(v), v), x.Remove(kind.hash(v), v)
				require.True(t, first && !again, "it is there, and then it is gone")
			}
			require.NoError(t, x.check(kind.hash))
			for v := range n {
				got, found := x.Find(kind.hash(v), func(w uint32) bool { return v == w })
				require.True(t, found == (v >= n/2) && (!found || got == v), "number %d", v)
			}
		})
	}
}

func TestIndexRefusesWhatIsNoNumber(t *testing.T) {
	var x Index
	assert.EqualError(t, x.Add(0, MaxNumber+1, nil), "the index of numbers from 0 on is full: at most 268435456")
	assert.Zero(t, x.Len())
	require.NoError(t, x.Add(0, MaxNumber, nil))
	require.NoError(t, x.Add(0, 0, nil))
	for _, v := range []uint32{0, MaxNumber} {
		got, found := x.Find(0, func(w uint32) bool { return v == w })
		assert.True(t, found)
		assert.Equal(t, v, got)
	}
}

func TestAnEmptyIndexFindsNothing(t *testing.T) {
	var x Index
	_, found := x.Find(0, func(uint32) bool { return true })
	assert.False(t, found)
	assert.False(t, x.Remove(0, 0))
}

// No addition moves more numbers than two tables hold, and all of them together
// take at most 7 bytes a number, on the way too.
func TestIndexGrowsInSmallSteps(t *testing.T) {
	var x Index
	moved := 0
	hash := func(v uint32) uint64 { moved++; return HashNumber(uint64(v)) }
	most, all := 0, 0
	const n = 300_000
	for v := range uint32(n) {
		moved = 0
		require.NoError(t, x.Add(HashNumber(uint64(v)), v, hash))
		most = max(most, moved)
		all += moved
		if v > 20_000 && v%1000 == 0 {
			room := 8 * len(x.tables)
			var last *table
			for _, t := range x.tables {
				if t != last {
					room += 4*len(t.slots) + 40
				}
				last = t
			}
			require.Less(t, float64(room)/float64(v), 7.4, "bytes a number at %d", v)
		}
	}
	assert.LessOrEqual(t, most, 4096*7/8)
	assert.Less(t, all, 5*n, "all moves of all numbers")
}

// However often numbers come and go, the index takes no more room than so many need,
// and is asked to move few of them.
func TestNumbersThatComeAndGoLeaveNothingBehind(t *testing.T) {
	for name, forth := range map[string]bool{"the same again": false, "always others": true} {
		t.Run(name, func(t *testing.T) {
			var x Index
			moved := 0
			hash := func(v uint32) uint64 { moved++; return HashNumber(uint64(v)) }
			room := func() (n int) {
				var last *table
				for _, t := range x.tables {
					if t != last {
						n += len(t.slots)
					}
					last = t
				}
				return n
			}
			const n = 20_000
			for v := range uint32(n) {
				require.NoError(t, x.Add(HashNumber(uint64(v)), v, hash))
			}
			was := room()
			moved = 0
			const rounds = 20
			for round := range uint32(rounds) {
				for v := range uint32(n) {
					old, now := v, v
					if forth {
						old, now = v+round*n, v+(round+1)*n
					}
					require.True(t, x.Remove(HashNumber(uint64(old)), old))
					require.NoError(t, x.Add(HashNumber(uint64(now)), now, hash))
				}
				require.NoError(t, x.check(func(v uint32) uint64 { return HashNumber(uint64(v)) }))
			}
			assert.Equal(t, n, x.Len())
			assert.LessOrEqual(t, room(), 2*was)
			assert.Less(t, moved, rounds*n*8)
		})
	}
}

func TestATableThatCannotBeSplitGrows(t *testing.T) {
	x := Index{tables: make([]*table, 1<<maxDepth), depth: maxDepth}
	x.tables[0] = &table{slots: make([]uint32, leastSlots), depth: maxDepth}
	hash := func(v uint32) uint64 { return HashNumber(uint64(v)) >> maxDepth }
	for v := range uint32(2 * tableSlots) {
		require.NoError(t, x.Add(hash(v), v, hash))
	}
	assert.EqualValues(t, maxDepth, x.depth)
	require.NoError(t, x.tables[0].check(hash, 0))
}

func TestFindAsksForFewOthers(t *testing.T) {
	var x Index
	hash := func(v uint32) uint64 { return HashNumber(uint64(v)) }
	const n = 100_000
	for v := range uint32(n) {
		require.NoError(t, x.Add(hash(v), v, hash))
	}
	asked := 0
	for v := range uint32(n) {
		_, found := x.Find(hash(v), func(w uint32) bool { asked++; return v == w })
		require.True(t, found)
	}
	assert.Less(t, asked, n*3/2)
	asked = 0
	for v := range uint32(n) {
		_, found := x.Find(hash(v+n), func(uint32) bool { asked++; return false })
		require.False(t, found)
	}
	assert.Less(t, asked, n)
}

// The bits of a good hash are as often set as not, for numbers and texts that
// differ in little, and one changed letter changes half of them.
func TestHashesSpread(t *testing.T) {
	const n = 20_000
	set := map[string]*[64]int{"numbers": {}, "texts": {}, "changes": {}}
	count := func(of string, h uint64) {
		for bit := range 64 {
			set[of][bit] += int(h >> bit & 1)
		}
	}
	seen := map[uint64]bool{}
	for i := range n {
		s := "customer-" + strconv.Itoa(i)
		h := HashText(s)
		require.False(t, seen[h], "two texts have one hash")
		seen[h] = true
		count("texts", h)
		count("numbers", HashNumber(uint64(49_30_0000_0000+i)))
		other := []byte(s)
		other[i%len(s)] ^= 1
		count("changes", h^HashText(string(other)))
	}
	for of, bits := range set {
		for bit, times := range bits {
			assert.InDelta(t, n/2, times, n/40, "%s: bit %d", of, bit)
		}
	}
	lengths := map[uint64]bool{}
	for i := range 100 {
		lengths[HashText(string(make([]byte, i)))] = true
	}
	assert.Len(t, lengths, 100, "zeros of different lengths differ")
	assert.NotEqual(t, HashText("12345678a"), HashText("a12345678"))
	assert.InDelta(t, 32, bits.OnesCount64(HashText("")), 16)
}

func BenchmarkIndexFind(b *testing.B) {
	hash := func(v uint32) uint64 { return HashNumber(uint64(v)) }
	var x Index
	for v := range uint32(many) {
		_ = x.Add(hash(v), v, hash)
	}
	b.Run("there", func(b *testing.B) {
		n := uint64(0)
		for b.Loop() {
			n++
			want := uint32(HashNumber(n)) & (many - 1)
			if _, found := x.Find(hash(want), func(v uint32) bool { return v == want }); !found {
				b.Fatal("not found")
			}
		}
	})
	b.Run("not there", func(b *testing.B) {
		n := uint64(0)
		for b.Loop() {
			n++
			want := uint32(HashNumber(n)) | many
			if _, found := x.Find(hash(want), func(v uint32) bool { return v == want }); found {
				b.Fatal("found")
			}
		}
	})
	b.Run("built-in map", func(b *testing.B) {
		m := map[uint64]uint32{}
		for v := range uint32(many) {
			m[uint64(v)] = v
		}
		n := uint64(0)
		for b.Loop() {
			n++
			if _, found := m[HashNumber(n)&(many-1)]; !found {
				b.Fatal("not found")
			}
		}
	})
}

func BenchmarkIndexAdd(b *testing.B) {
	hash := func(v uint32) uint64 { return HashNumber(uint64(v)) }
	var x Index
	v := uint32(0)
	for b.Loop() {
		if v == many {
			x, v = Index{}, 0
		}
		_ = x.Add(hash(v), v, hash)
		v++
	}
}

func BenchmarkHashText(b *testing.B) {
	for b.Loop() {
		HashText("customer-0301234567")
	}
}

func TestRoomMadeAtOnceIsRoomForThoseThatCome(t *testing.T) {
	hashOf := func(v uint32) uint64 { return HashNumber(uint64(v)) }
	for _, had := range []uint32{0, 1, 5_000, 40_000} {
		var x Index
		add := func(from, to uint32) {
			for v := from; v < to; v++ {
				require.NoError(t, x.Add(hashOf(v), v, hashOf))
			}
		}
		add(0, had)
		const n = 100_000
		x.Grow(n, hashOf)
		require.NoError(t, x.check(hashOf))
		tables := len(x.tables)
		add(had, n)
		require.NoError(t, x.check(hashOf))
		require.Len(t, x.tables, tables, "no table was split")
		require.Equal(t, n, x.Len())
		for v := range uint32(n) {
			found, ok := x.Find(hashOf(v), func(o uint32) bool { return o == v })
			require.True(t, ok && found == v)
		}
		x.Grow(10, hashOf)
		x.Grow(n+1, hashOf)
		require.Len(t, x.tables, tables, "what is there stays")
	}
}
