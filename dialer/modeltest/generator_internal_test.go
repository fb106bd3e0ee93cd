package modeltest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign/memstore"
)

func TestASeedGivesOneSequence(t *testing.T) {
	g := newGenerator(1, false)
	w := newWorld(memstore.New(), 1)
	for range 80 {
		require.Nil(t, w.step(g.next(w)))
	}
	for seed := range uint64(60) {
		first := newGenerator(seed, false)
		again := newGenerator(seed, false)
		for range 40 {
			require.Equal(t, first.next(w), again.next(w), "seed %d: what is next, of all that is the same", seed)
		}
	}
}
