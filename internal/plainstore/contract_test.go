package plainstore_test

import (
	"testing"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/contract"
	"github.com/nextcall/nextcall/internal/plainstore"
)

func TestTheContractIsKept(t *testing.T) {
	contract.Run(t, func(testing.TB) campaign.Store { return plainstore.New() })
}
