package memstore_test

import (
	"flag"
	"testing"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/internal/plainstore"
	"github.com/nextcall/nextcall/internal/twin"
)

var (
	seed = flag.Uint64("seed", 0, "compare with the plain store under this seed only")
	ops  = flag.Int("ops", 1_000_000, "how many operations to compare")
)

// The plain store is written to be read, this one to be fast: they answer the same.
func TestAnswersAreThoseOfThePlainStore(t *testing.T) {
	o := twin.Options{Seed: *seed, Ops: *ops}
	if testing.Short() {
		o.Ops = min(o.Ops, 50_000)
	}
	twin.Run(t, func() campaign.Store { return memstore.New() }, func() campaign.Store { return plainstore.New() }, o)
}
