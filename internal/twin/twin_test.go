package twin_test

import (
	"flag"
	"testing"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/plainstore"
	"github.com/nextcall/nextcall/internal/twin"
)

var seed = flag.Uint64("seed", 0, "run only this seed")

func plain() campaign.Store { return plainstore.New() }

func TestAStoreIsItsOwnTwin(t *testing.T) {
	o := twin.Options{Seed: *seed, Ops: 60_000}
	if testing.Short() {
		o.Ops = 10_000
	}
	twin.Run(t, plain, plain, o)
}
