package transfer_test

import (
	"testing"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/internal/plainstore"
	"github.com/nextcall/nextcall/transfer/transfertest"
)

// rows: Z1, Z2, Z18–Z28, P1–P20
// invariant: 22
func TestThePlainStore(t *testing.T) {
	transfertest.Run(t, func(testing.TB) campaign.Store { return plainstore.New() })
}

// rows: Z1, Z2, Z18–Z28, P1–P20
// invariant: 22
func TestTheMemoryStore(t *testing.T) {
	transfertest.Run(t, func(testing.TB) campaign.Store { return memstore.New() })
}
