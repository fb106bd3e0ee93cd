package faultstore_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/campaign/storetest/faultstore"
)

// A commit whose answer is lost is committed again: the store then says what the
// first time came to.
func ExampleFaults() {
	ctx := context.Background()
	faults := faultstore.New(faultstore.Config{})
	store := faults.Around(memstore.New())

	faults.Next(1, faultstore.Commit, faultstore.After)
	add := campaign.Change{
		Ref: campaign.Ref{Campaign: "spring", Record: "r1"}, Add: true,
		Record: &campaign.Record{ID: "r1", Campaign: "spring"},
	}
	_, err := store.Commit(ctx, add)
	fmt.Println(err)
	fmt.Println(errors.Is(err, faultstore.ErrInjected))

	errs, err := store.Commit(ctx, add)
	fmt.Println(errs[0], err)
	// Output:
	// faultstore: call 1 (commit): after: it failed on purpose
	// true
	// record id "r1" exists already: record r1 of campaign spring <nil>
}

// Every fifth call or so fails in one of the ways that are named, the same ones
// in each run of the test.
func ExampleConfig() {
	faults := faultstore.New(faultstore.Config{
		Seed: 1, Every: 5, Calls: faultstore.Writes,
		Kinds: []faultstore.Kind{faultstore.Before, faultstore.After},
	})
	store := faults.Around(memstore.New())
	for range 20 {
		_, _ = store.Commit(context.Background(), campaign.Change{Done: []string{"a"}})
	}
	for _, hit := range faults.Hits() {
		fmt.Println(hit)
	}
	// Output:
	// call 2 (commit): before
	// call 7 (commit): after
	// call 11 (commit): before
	// call 16 (commit): before
}
