package campaign_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/nextcall/nextcall/campaign"
)

// A store of the host's own may bring a record whose next number does not
// exist, after its phones were edited by hand: the first one is next.
func TestANextNumberThatDoesNotExistIsTheFirst(t *testing.T) {
	for _, next := range []int{-1, 3, 1 << 40} {
		x := given(t).idle()
		x.f.Record.Next = next
		x.f.Record.Class = x.c.ClassOf(x.f.Record.Phones[0])
		phone, blockers := x.c.Eligible(&x.f, campaign.Asker{Agent: ann}, x.now, nil)
		assert.Empty(t, blockers, "next %d", next)
		assert.Equal(t, 0, phone, "next %d", next)
	}
}
