// Package twin tells whether two stores give the same answers: it does the same
// random things to both and compares them, call by call.
//
// One store is the reference, so simple that it can be read; the other is the
// one under test. What is given to them is wild enough to reach every branch of
// the contract, and the run fails if one of them was never met. A difference
// names the seed, and the shortest list of operations that still shows it.
package twin

import (
	"fmt"
	"strings"

	"github.com/nextcall/nextcall/campaign"
)

// TB is what Run needs of a *testing.T.
type TB interface {
	Helper()
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
}

// Options say how much Run does.
type Options struct {
	// Seed of the only run; 0: seeds from 1 on.
	Seed uint64
	// Ops is how many operations all runs have together. Defaults to 100,000.
	Ops int
	// NoShrink leaves out the search for a shorter list.
	NoShrink bool
}

// lengths are how many operations a run has, after records were added.
var lengths = []int{200, 1500, 1500, 4000}

const (
	// enough operations meet every branch.
	enough = 50_000
	// replays bound the search for a shorter list.
	replays = 400
)

// Difference is where two stores first differed.
type Difference struct {
	Seed uint64
	Op   int // which operation of the run
	Msg  string
}

// Error says where the stores differed and how.
func (d *Difference) Error() string {
	return fmt.Sprintf("the stores differ (seed %d, operation %d): %s", d.Seed, d.Op, d.Msg)
}

// Run compares stores that open makes with those of the reference, and reports
// the first difference, and branches that were never met.
func Run(t TB, open, plain func() campaign.Store, o Options) {
	t.Helper()
	d, met := Compare(open, plain, o)
	if d == nil {
		missing := unmet(met)
		if len(missing) > 0 && o.Seed == 0 && o.Ops >= enough {
			t.Errorf("these were never met, so they were not compared: %s", strings.Join(missing, "; "))
		}
		return
	}
	t.Errorf("%v", d)
	if o.NoShrink {
		return
	}
	ops := shrink(prefix(d), func(ops []op) bool { return replay(open, plain, d.Seed, ops, nil) != nil })
	if len(ops) == 0 {
		t.Logf("the run does not differ again: a store is not deterministic")
		return
	}
	var trace strings.Builder
	again := replay(open, plain, d.Seed, ops, &trace)
	t.Logf("seed %d reduced from %d operations to %d:\n%s%s", d.Seed, d.Op+1, len(ops), trace.String(), again.Msg)
}

// Compare does what Run does and returns the first difference, or nil, and how
// often each branch was met.
func Compare(open, plain func() campaign.Store, o Options) (*Difference, map[string]int) {
	if o.Ops <= 0 {
		o.Ops = 100_000
	}
	met := make(map[string]int)
	seed := max(o.Seed, 1)
	for done := 0; done < o.Ops; seed++ {
		ops := made(seed)
		p := newPair([2]func() campaign.Store{plain, open}, newSetting(seed), met)
		for i, next := range ops {
			p.do(next)
			if p.diff == "" && i == len(ops)-1 {
				p.everything()
			}
			if p.diff != "" {
				return &Difference{Seed: seed, Op: i, Msg: p.diff}, met
			}
		}
		if done += len(ops); o.Seed != 0 {
			break
		}
	}
	return nil, met
}

// made are the operations of a run.
func made(seed uint64) []op {
	s := newSetting(seed)
	g := newGen(s)
	g.reseed(seed)
	var ops []op
	for range g.IntN(s.records/filled + 1) {
		ops = append(ops, op{fill, g.Uint64()})
	}
	for range lengths[g.IntN(len(lengths))] {
		ops = append(ops, op{g.pick(), g.Uint64()})
	}
	return ops
}

func prefix(d *Difference) []op { return made(d.Seed)[:d.Op+1] }

// replay does given operations to fresh stores.
func replay(open, plain func() campaign.Store, seed uint64, ops []op, log *strings.Builder) *Difference {
	p := newPair([2]func() campaign.Store{plain, open}, newSetting(seed), make(map[string]int))
	p.log = log
	for i, o := range ops {
		p.do(o)
		if p.diff == "" && i == len(ops)-1 {
			p.everything()
		}
		if p.diff != "" {
			return &Difference{Seed: seed, Op: i, Msg: p.diff}
		}
	}
	return nil
}

// shrink takes operations away as long as the rest still differs: halves first,
// then ever smaller parts, down to single ones.
func shrink(ops []op, differs func([]op) bool) []op {
	if !differs(ops) {
		return nil
	}
	budget := replays
	for size := max(len(ops)/2, 1); budget > 0; size = max(size/2, 1) {
		shorter := false
		for from := len(ops) - size; from >= 0 && budget > 0; from -= size {
			without := append(append([]op{}, ops[:from]...), ops[from+size:]...)
			budget--
			if differs(without) {
				ops, shorter = without, true
			}
		}
		if size == 1 && !shorter {
			break
		}
	}
	return ops
}
