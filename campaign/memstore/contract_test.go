package memstore_test

import (
	"testing"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/internal/contract"
)

func TestTheContractIsKept(t *testing.T) {
	contract.Run(t, func(testing.TB) campaign.Store { return memstore.New() })
}
