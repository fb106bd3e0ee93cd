package memstore_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/campaign/storetest"
)

func TestTheContractIsKept(t *testing.T) {
	storetest.Run(t, storetest.Options{
		Open:     func(testing.TB) campaign.Store { return memstore.New() },
		History:  true,
		Actions:  true,
		Contacts: true,
		Reopen: func(t testing.TB, st campaign.Store) campaign.Store {
			var kept bytes.Buffer
			if err := st.(*memstore.Store).Snapshot(context.Background(), &kept); err != nil {
				t.Fatal(err)
			}
			again, err := memstore.Load(context.Background(), &kept)
			if err != nil {
				t.Fatal(err)
			}
			return again
		},
	})
}
