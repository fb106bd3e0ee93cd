package storetest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// trial is one clause while it is tried on a store.
type trial struct {
	testing.TB
	ctx     context.Context
	clause  *clause
	options Options

	mu       sync.Mutex
	done     []string // what was done to the store, the last few
	failures int
	over     bool // the clause has ended: callers that come back later are not heard
}

const (
	// remembered is how many of the last things done to a store a failure tells.
	remembered = 4
	// enough failures of one clause are told.
	enough = 5
)

// open opens an empty store.
func (t *trial) open() campaign.Store {
	t.Helper()
	st := t.options.Open(t.TB)
	if st == nil {
		t.broken(true, "Options.Open", "a store", "nil")
	}
	t.mu.Lock()
	t.done = t.done[:0]
	t.mu.Unlock()
	return st
}

// reopen opens again what a store kept.
func (t *trial) reopen(st campaign.Store) campaign.Store {
	t.Helper()
	again := t.options.Reopen(t.TB, st)
	if again == nil {
		t.broken(true, "Options.Reopen", "a store", "nil")
	}
	t.did("Reopen")
	return again
}

// did notes what is done to the store, to be told if the clause breaks.
func (t *trial) did(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done = append(t.done, fmt.Sprintf(format, args...))
	if n := len(t.done) - remembered; n > 0 {
		t.done = t.done[n:]
	}
}

// broken says that the clause does not hold. It may be called by any goroutine
// unless stop is set.
func (t *trial) broken(stop bool, say, want, got string) {
	t.Helper()
	t.mu.Lock()
	if t.over {
		t.mu.Unlock()
		return
	}
	t.failures++
	n := t.failures
	var b strings.Builder
	fmt.Fprintf(&b, "the rule: %s", t.clause.Rule)
	for i, d := range t.done {
		if i == 0 {
			b.WriteString("\ngiven:    ")
		} else {
			b.WriteString("\n          ")
		}
		b.WriteString(d)
	}
	t.mu.Unlock()
	if say != "" {
		fmt.Fprintf(&b, "\nhere:     %s", say)
	}
	fmt.Fprintf(&b, "\nwanted:   %s\ngot:      %s", want, got)
	switch {
	case n < enough:
		t.Error(b.String())
	case n == enough:
		t.Error(b.String() + "\n(what else is wrong here is not told)")
	}
	if stop {
		t.FailNow()
	}
}

// together runs callers at once and waits for all of them. A store that keeps
// them for too long breaks the clause.
func (t *trial) together(callers int, call func(caller int)) {
	t.Helper()
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					t.broken(false, "", "no panic", fmt.Sprint(p))
				}
			}()
			call(i)
		})
	}
	t.within(fmt.Sprintf("%d callers at once", callers), all.Wait)
}

// within waits for work that a store may keep from coming to its end.
func (t *trial) within(what string, work func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); work() }()
	late := time.NewTimer(t.options.patience)
	defer late.Stop()
	select {
	case <-done:
	case <-late.C:
		t.broken(true, what, "an end", fmt.Sprintf("none within %v: do they wait for each other?", t.options.patience))
	}
}
