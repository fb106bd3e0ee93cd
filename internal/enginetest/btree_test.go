package enginetest_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/btree"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// key is what the waiting lanes are sorted by. Due is in microseconds, an order
// of 0 is unset and comes last, and no two records share a sequence.
type key struct {
	due      int64
	order    uint16
	sequence uint64
}

func compare(a, b key) int {
	// Unsigned wrap-around turns the unset 0 into the largest order.
	return cmp.Or(
		cmp.Compare(a.due, b.due),
		cmp.Compare(a.order-1, b.order-1),
		cmp.Compare(a.sequence, b.sequence),
	)
}

// btreeIndex is the baseline: the index a host would build from a ready-made
// ordered tree.
type btreeIndex struct{ tree *btree.BTreeG[key] }

func newBTreeIndex() *btreeIndex {
	return &btreeIndex{btree.NewG(32, func(a, b key) bool { return compare(a, b) < 0 })}
}

func (x *btreeIndex) add(k key) { x.tree.ReplaceOrInsert(k) }

// take removes and returns the first key that is due at now.
func (x *btreeIndex) take(now int64) (key, bool) {
	first, ok := x.tree.Min()
	if !ok || first.due > now {
		return key{}, false
	}
	return x.tree.DeleteMin()
}

func randomKeys(seed uint64, n int) []key {
	r := rand.New(rand.NewPCG(seed, 0))
	keys := make([]key, n)
	for i := range keys {
		// Few dues and orders, so that every later part of the key has to decide.
		keys[i] = key{due: r.Int64N(50), order: uint16(r.IntN(4)), sequence: uint64(i + 1)}
	}
	r.Shuffle(n, func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	return keys
}

func TestBTreeHandsOutDueKeysInTheOrderOfASortedSlice(t *testing.T) {
	for seed := range uint64(20) {
		keys := randomKeys(seed, 2_000)
		index := newBTreeIndex()
		for _, k := range keys {
			index.add(k)
		}
		slices.SortFunc(keys, compare)

		const now = 30
		for _, want := range keys {
			if want.due > now {
				break
			}
			got, ok := index.take(now)
			require.True(t, ok, "seed %d: %v is due and was not handed out", seed, want)
			require.Equal(t, want, got, "seed %d", seed)
		}
		_, ok := index.take(now)
		assert.False(t, ok, "seed %d: a key of the future was handed out", seed)
	}
}

func TestUnsetOrderComesLast(t *testing.T) {
	index := newBTreeIndex()
	unset, last, first := key{order: 0, sequence: 1}, key{order: 65535, sequence: 2}, key{order: 1, sequence: 3}
	for _, k := range []key{unset, last, first} {
		index.add(k)
	}
	for _, want := range []key{first, last, unset} {
		got, ok := index.take(0)
		require.True(t, ok)
		assert.Equal(t, want, got)
	}
}

// BenchmarkBTreeCycle takes the first due key and puts it back later: the least
// that a cycle on one million records can cost with this tree.
func BenchmarkBTreeCycle(b *testing.B) {
	index := newBTreeIndex()
	for i := range 1_000_000 {
		index.add(key{due: int64(i), order: 1, sequence: uint64(i + 1)})
	}
	b.ReportAllocs()
	for b.Loop() {
		k, _ := index.take(1 << 62)
		k.due += 1_000_000
		index.add(k)
	}
}
