package plainstore_test

import (
	"testing"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/storetest"
	"github.com/nextcall/nextcall/internal/plainstore"
)

func TestTheContractIsKept(t *testing.T) {
	storetest.Run(t, storetest.Options{
		Open:     func(testing.TB) campaign.Store { return plainstore.New() },
		History:  true,
		Actions:  true,
		Contacts: true,
	})
}
