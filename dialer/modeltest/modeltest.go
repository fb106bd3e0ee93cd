// Package modeltest tells whether the promises of nextcall hold on a store: it
// drives queues with seeded random operations and checks, after each, what must
// never happen.
//
// [Run] works on anybody's [campaign.Store]. Two queues with one virtual clock
// share the store; the clock also jumps, queues crash, writes fail, checkers
// fail. After each step every invariant is checked against a model that knows
// only what the public answers said. A failure names the invariant, prints the
// seed and the operations, and then the shortest list that still fails.
package modeltest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// TB is what Run needs of a *testing.T.
type TB interface {
	Helper()
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
}

// Options say how much Run does. The zero value is a short run that every store
// should pass in a few seconds.
type Options struct {
	// Seed of the first run; the others follow. 0: a fixed list.
	Seed uint64
	// Runs is how many sequences of operations. Defaults to 8.
	Runs int
	// Steps is how many operations each has. Defaults to 80.
	Steps int
	// Crash lets queues crash and the store's writes fail, before and after they
	// were written.
	Crash bool
	// Replays is how many times per run a sequence is repeated on a fresh store
	// to check what Explain foretold. Defaults to 2; negative: none.
	Replays int
	// NoShrink leaves out the search for a shorter sequence.
	NoShrink bool
}

func (o Options) withDefaults() Options {
	if o.Runs <= 0 {
		o.Runs = 8
	}
	if o.Steps <= 0 {
		o.Steps = 80
	}
	if o.Replays == 0 {
		o.Replays = 2
	}
	return o
}

// fixedSeeds are the seeds of a Run without one.
var fixedSeeds = []uint64{1, 7, 42, 1963, 20261022, 48600100200, 0x5eed, 0xca11}

// seed is the seed of the i-th run.
func (o Options) seed(i int) uint64 {
	if o.Seed != 0 {
		return o.Seed + uint64(i)
	}
	return fixedSeeds[i%len(fixedSeeds)] + uint64(i/len(fixedSeeds))*1_000_003
}

// Violation is an invariant that did not hold.
type Violation struct {
	// Invariant is its number; 0 is none of them, but something that the public
	// methods promise.
	Invariant int
	Seed      uint64
	Step      int    // index of the operation after which it was seen
	Op        string // that operation
	Msg       string // what was seen, and what would be right
}

// Error says which invariant broke where.
func (v *Violation) Error() string {
	return fmt.Sprintf("invariant %d: %s (seed %d, step %d: %s)", v.Invariant, v.Msg, v.Seed, v.Step, v.Op)
}

// Run drives queues on stores that open makes, an empty one each time, and
// reports every sequence that broke an invariant.
func Run(t TB, open func() campaign.Store, o Options) {
	t.Helper()
	o = o.withDefaults()
	for i := range o.Runs {
		seed := o.seed(i)
		if v, ops := one(open, o, seed); v != nil {
			report(t, open, o, v, ops)
		}
	}
}

// Check does what Run does and returns the first broken invariant, or nil.
func Check(open func() campaign.Store, o Options) *Violation {
	o = o.withDefaults()
	for i := range o.Runs {
		if v, _ := one(open, o, o.seed(i)); v != nil {
			return v
		}
	}
	return nil
}

// one makes up a sequence while it runs, and replays it where that is asked for.
func one(open func() campaign.Store, o Options, seed uint64) (*Violation, []op) {
	g := newGenerator(seed, o.Crash)
	w := newWorld(open(), seed)
	var ops []op
	for range o.Steps {
		next := g.next(w)
		ops = append(ops, next)
		if v := w.step(next); v != nil {
			return v, ops
		}
	}
	for i := range max(o.Replays, 0) {
		probe := op{Kind: opProbe, Record: w.someRecord(g), Agent: agents[g.intn(len(agents))], N: i}
		prefix := append(ops[:len(ops)*(i+1)/max(o.Replays, 1):len(ops)*(i+1)/max(o.Replays, 1)], probe)
		if v := replay(open, seed, prefix); v != nil {
			return v, prefix
		}
	}
	return nil, ops
}

// replay runs given operations on a fresh store.
func replay(open func() campaign.Store, seed uint64, ops []op) *Violation {
	w := newWorld(open(), seed)
	for _, o := range ops {
		if v := w.step(o); v != nil {
			return v
		}
	}
	return nil
}

func report(t TB, open func() campaign.Store, o Options, v *Violation, ops []op) {
	t.Helper()
	t.Errorf("%v\n\nthe operations:\n%s", v, listing(ops))
	if o.NoShrink {
		return
	}
	small := shrink(ops, func(some []op) bool {
		again := replay(open, v.Seed, some)
		return again != nil && again.Invariant == v.Invariant
	})
	if len(small) == 0 {
		t.Logf("the sequence does not fail again: the store is not deterministic")
		return
	}
	t.Logf("reduced from %d operations to %d: %v\n%s", len(ops), len(small), replay(open, v.Seed, small), listing(small))
}

func listing(ops []op) string {
	var b strings.Builder
	for i, o := range ops {
		fmt.Fprintf(&b, "%4d  %s\n", i, o)
	}
	return b.String()
}

// shrink takes operations away as long as the rest still fails: halves first,
// then ever smaller parts, down to single ones.
func shrink(ops []op, fails func([]op) bool) []op {
	if !fails(ops) {
		return nil
	}
	budget := 400
	for size := max(len(ops)/2, 1); ; size /= 2 {
		for again := true; again; {
			again = false
			for from := len(ops) - size; from >= 0 && budget > 0; from -= size {
				without := append(append([]op{}, ops[:from]...), ops[from+size:]...)
				budget--
				if fails(without) {
					ops, again = without, true
				}
				if from > len(ops) {
					from = len(ops)
				}
			}
		}
		if size <= 1 {
			return ops
		}
	}
}

// ctx is the context of every call: the model has no deadlines.
var ctx = context.Background()

// start is when the clock begins: a Friday evening, two days before Europe
// leaves summer time.
var start = time.Date(2026, 10, 23, 15, 0, 0, 0, time.UTC)
