package modeltest_test

import (
	"flag"
	"testing"
	_ "time/tzdata"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/dialer/modeltest"
	"github.com/nextcall/nextcall/internal/plainstore"
)

var (
	long = flag.Bool("long", false, "run the model test for minutes")
	seed = flag.Uint64("seed", 0, "begin with this seed, instead of the fixed ones")
)

// opener opens an empty store.
type opener = func() campaign.Store

// stores are those that the random runs are shared by.
var stores = []struct {
	name string
	open opener
	runs int
}{
	{"memstore", func() campaign.Store { return memstore.New() }, 4},
	{"plainstore", func() campaign.Store { return plainstore.New() }, 2},
}

func TestTheInvariantsHoldInMemory(t *testing.T) { invariantsHold(t, false) }

func TestTheInvariantsHoldInMemoryWhenItFails(t *testing.T) { invariantsHold(t, true) }

func invariantsHold(t *testing.T, crash bool) {
	for _, s := range stores {
		t.Run(s.name, func(t *testing.T) {
			o := modeltest.Options{Seed: *seed, Runs: s.runs, Steps: 120, Crash: crash}
			switch {
			case *long:
				o.Runs, o.Steps = 1500, 250
			case testing.Short():
				o.Runs = s.runs / 2
			}
			modeltest.Run(t, s.open, o)
		})
	}
}
