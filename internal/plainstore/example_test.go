package plainstore_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/plainstore"
)

// A store writes changes and returns facts; what is allowed is decided above
// it, by a campaign.
func ExampleNew() {
	ctx := context.Background()
	store := plainstore.New()
	record := campaign.Record{ID: "eva", Campaign: "spring", Phones: []campaign.Phone{{Number: 48600100200}}}
	ref := campaign.Ref{Campaign: "spring", Record: "eva"}
	add := campaign.Change{Ref: ref, Add: true, Record: &record}
	for range 2 {
		refused, err := store.Commit(ctx, add)
		switch twice := (*campaign.DuplicateError)(nil); {
		case err != nil:
			fmt.Println(err)
			return
		case refused == nil: // all were written
			fmt.Println("added")
		case errors.As(refused[0], &twice):
			fmt.Println(twice)
		}
	}
	var looked campaign.Looked
	if err := store.Look(ctx, campaign.Need{}, &looked, ref); err != nil {
		fmt.Println(err)
		return
	}
	record = looked.Facts[0].Record
	fmt.Println(record.ID, record.Phones[0].Number)
	// Output:
	// added
	// record id "eva" exists already: record eva of campaign spring
	// eva +48600100200
}
