// Package faultstore makes any campaign.Store fail on purpose: how does what is
// built on it behave when calls fail, when their answers are lost, when they are
// slow, when what was read is old already, when callers give up?
//
// [Faults] decide which calls are hit and how, by a seed; the same calls are hit
// each time. [Faults.Around] puts them around a store:
//
//	faults := faultstore.New(faultstore.Config{Seed: 1, Every: 5})
//	queue, err := dialer.New(ctx, faults.Around(store), load, config)
//
// They are beside the kit for stores, and not in it, because they need nothing of
// package testing, and test what uses a store and not the store.
package faultstore
