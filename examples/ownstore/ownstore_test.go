package main

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/storetest"
	"github.com/nextcall/nextcall/dialer/modeltest"
)

// at opens the store in a file.
func at(t testing.TB, path string) Store {
	t.Helper()
	// What is durable is not shown here: the disk need not be waited for.
	db, err := sql.Open("sqlite", source(path)+"&_pragma=synchronous(OFF)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	st, err := Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// The store has a history and actions, and is durable. It keeps no definitions of
// campaigns, so Define is not set; that a write fails half-way is left to SQLite's
// transactions, so FailWrite is not set either.
func TestTheCRMKeepsTheContract(t *testing.T) {
	dir, n := t.TempDir(), 0
	paths := make(map[campaign.Store]string)
	storetest.Run(t, storetest.Options{
		Open: func(t testing.TB) campaign.Store {
			n++
			path := filepath.Join(dir, fmt.Sprint(n, ".db"))
			st := at(t, path)
			paths[st] = path
			return st
		},
		History: true,
		Actions: true,
		Reopen:  func(t testing.TB, st campaign.Store) campaign.Store { return at(t, paths[st]) },
	})
}

// What must never happen does not happen on this store either, crashes included.
func TestWhatMustNeverHappenDoesNotHappenInTheCRM(t *testing.T) {
	dir, n := t.TempDir(), 0
	modeltest.Run(t, func() campaign.Store {
		n++
		return at(t, filepath.Join(dir, fmt.Sprint(n, ".db")))
	}, modeltest.Options{Runs: 2, Steps: 40, Crash: true})
}

// The program shows what README and its comment promise, the same every time.
func TestTheProgramShowsTheCRMsTables(t *testing.T) {
	var first, second strings.Builder
	for _, out := range []*strings.Builder{&first, &second} {
		if err := run(t.Context(), filepath.Join(t.TempDir(), "crm.db"), out); err != nil {
			t.Fatal(err)
		}
	}
	if first.String() != second.String() {
		t.Errorf("two runs differ:\n%s\n%s", first.String(), second.String())
	}
	for _, part := range []string{"C-1001", "C-1002", "callback", "+48600100202", "Asked not to be called"} {
		if !strings.Contains(first.String(), part) {
			t.Errorf("no %q in:\n%s", part, first.String())
		}
	}
}

// A case with a field of a kind that fields do not have is not written, and says why.
func TestAFieldOfAnotherKindIsRefused(t *testing.T) {
	st := at(t, filepath.Join(t.TempDir(), "crm.db"))
	r := campaign.Record{ID: "a", Campaign: "c", Fields: campaign.Fields{"age": 42}}
	_, err := st.Commit(t.Context(), campaign.Change{Ref: campaign.Ref{Campaign: "c", Record: "a"}, Add: true, Record: &r})
	if err == nil || !strings.Contains(err.Error(), `"age" is a int: want a string, int64`) {
		t.Errorf("error %v", err)
	}
	counts, err := st.Count(t.Context(), campaign.Filter{}, campaign.ByNothing)
	if err != nil || counts[""] != 0 {
		t.Errorf("%d cases, %v", counts[""], err)
	}
}
