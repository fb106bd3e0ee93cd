package modeltest_test

import (
	"flag"
	"testing"
	_ "time/tzdata"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/dialer/modeltest"
)

var (
	long = flag.Bool("long", false, "run the model test for minutes")
	seed = flag.Uint64("seed", 0, "begin with this seed, instead of the fixed ones")
)

func open() campaign.Store { return memstore.New() }

func TestTheInvariantsHoldInMemory(t *testing.T) {
	o := modeltest.Options{Seed: *seed, Runs: 6, Steps: 120}
	switch {
	case *long:
		o.Runs, o.Steps = 1500, 250
	case testing.Short():
		o.Runs = 2
	}
	modeltest.Run(t, open, o)
}

func TestTheInvariantsHoldInMemoryWhenItFails(t *testing.T) {
	o := modeltest.Options{Seed: *seed, Runs: 6, Steps: 120, Crash: true}
	switch {
	case *long:
		o.Runs, o.Steps = 1500, 250
	case testing.Short():
		o.Runs = 2
	}
	modeltest.Run(t, open, o)
}
