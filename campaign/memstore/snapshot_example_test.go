package memstore_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
)

// save writes a snapshot so that there is always a whole one: a new file takes
// the place of the old one only when it is on the disk.
func save(ctx context.Context, st *memstore.Store, name string) error {
	file, err := os.CreateTemp(filepath.Dir(name), "snapshot-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // it has another name if all went well
	defer file.Close()
	if err := st.Snapshot(ctx, file); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Rename(file.Name(), name)
}

// A host saves its store before it ends, and loads it when it begins again.
func ExampleStore_Snapshot() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "nextcall")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "store")

	st := memstore.New()
	entry := blacklist.Entry{List: "spring", Number: 48600100200, Reason: "asked not to be called"}
	if _, err := st.Commit(ctx, campaign.Change{List: []blacklist.Entry{entry}}); err != nil {
		fmt.Println(err)
		return
	}
	if err := save(ctx, st, name); err != nil {
		fmt.Println(err)
		return
	}

	file, err := os.Open(name)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer file.Close()
	loaded, err := memstore.Load(ctx, file)
	if err != nil {
		fmt.Println(err)
		return
	}
	answers, err := loaded.Check(ctx, blacklist.Query{Lists: []blacklist.List{"spring"}, Numbers: []blacklist.Number{48600100200}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range answers {
		fmt.Println(a.Number, a.Entry.Reason)
	}
	// Output:
	// +48600100200 asked not to be called
}
