// Package storetest tells whether a store keeps the contract of campaign.Store:
// each sentence of it is a named subtest that speaks to the interface alone.
//
// A store's own test calls [Run] with a function that opens an empty one:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, storetest.Options{
//			Open: func(t testing.TB) campaign.Store { return open(t, t.TempDir()) },
//		})
//	}
//
// What a store can do beyond campaign.Store is declared in [Options] and never
// guessed: an ability that is declared but missing is a failure, and so is one
// that is there but not declared, for it would go untested. What is not declared
// is skipped, and the skipped test says so.
//
// The clauses are written to be read as the contract itself. Each has its rule in
// words, and a failure says the rule, what was done to the store, what was wanted
// and what it did. They are grouped by what they are about, so that
//
//	go test -run TestStore/Park
//
// tries those about parked records. No clause sleeps or reads the clock, but those
// of the groups Race and Read, which have many callers at once, give up after a while on a
// store that does not answer any more. Run them with -race as well.
//
// All of a store's times are made up: noon of the first of June 2026 and minutes
// around it, so a store that looks at a clock of its own is found out.
package storetest

import (
	"context"
	"fmt"
	"runtime/debug"
	"testing"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// Options say how to get at a store, and what it can do. Open is required; each
// of the others declares an ability, and its zero value says that the store does
// not have it.
type Options struct {
	// Open returns an empty store. What it needs closed it closes by t.Cleanup.
	// It is called at least once for each clause, about a hundred times; a store
	// that was opened before is not used again once Open has been called, so Open
	// may empty one and the same database each time.
	Open func(t testing.TB) campaign.Store

	// History declares that the store is a [campaign.HistoryStore].
	History bool
	// Actions declares that the store is a [campaign.ActionStore].
	Actions bool

	// Contacts declares that the store is a [campaign.ContactStore].
	Contacts bool

	// Reopen declares that the store is durable. It returns a store that knows
	// what st kept, as after a restart of the process; st is not used again. The
	// less it does in good order, the more this shows: a store that is dropped
	// as a crash would is better than one that is closed.
	Reopen func(t testing.TB, st campaign.Store) campaign.Store

	// FailWrite declares that writes of the store can be made to fail half-way,
	// as by a lost connection or a full disk. After it, st makes n more writes
	// (statements, pages, log records: whatever is its smallest) and fails the
	// next one, once; what a Commit or Claim wrote of it must not be seen
	// afterwards. A negative n takes the order back.
	FailWrite func(t testing.TB, st campaign.Store, n int)

	// Define declares that the store keeps definitions of campaigns. It stores
	// one of the campaign at this revision, by whatever way the store has.
	Define func(t testing.TB, st campaign.Store, id campaign.ID, revision int64)

	// patience is how long callers at once may take before they count as stuck.
	patience time.Duration
}

// patient is the patience of those who set none.
const patient = 30 * time.Second

// An ability is something that not every store can do.
type ability string

const (
	everyStore ability = ""
	history    ability = "History"
	actions    ability = "Actions"
	contacts   ability = "Contacts"
	reopening  ability = "Reopen"
	failing    ability = "FailWrite"
	defining   ability = "Define"
)

// has reports whether an ability is declared.
func (o *Options) has(a ability) bool {
	switch a {
	case history:
		return o.History
	case actions:
		return o.Actions
	case contacts:
		return o.Contacts
	case reopening:
		return o.Reopen != nil
	case failing:
		return o.FailWrite != nil
	case defining:
		return o.Define != nil
	}
	return true
}

// A clause is one promise of the contract.
type clause struct {
	Name  string
	Rule  string  // the promise in words
	Needs ability // what the store must have declared
	holds func(t *trial)
}

// A part is clauses about one thing.
type part struct {
	Name    string
	Clauses []clause
}

// parts is the whole contract.
var parts = []part{
	declaring, claiming, parking, revisions, telling, leasing, fencing, expiring, committing, together, moving, erasing, failingHalfWay,
	logging, acting, knowing, ending, suggesting, listing, keeping, copying, stopping, finding, filtering, combining, racing, reading, lasting,
}

// Run tries every clause of the contract, each on an empty store. It goes on
// after a clause that does not hold.
func Run(t *testing.T, o Options) {
	t.Helper()
	if o.Open == nil {
		t.Fatal("storetest: Options.Open is nil: want a function that returns an empty store")
	}
	for _, p := range parts {
		t.Run(p.Name, func(t *testing.T) {
			for _, c := range p.Clauses {
				t.Run(c.Name, func(t *testing.T) { c.try(t, o) })
			}
		})
	}
}

// try tries one clause. A store that panics breaks it.
func (c clause) try(tb testing.TB, o Options) {
	tb.Helper()
	if !o.has(c.Needs) {
		tb.Skipf("Options.%s is not set: the store does not declare this ability", c.Needs)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if o.patience == 0 {
		o.patience = patient
	}
	t := &trial{TB: tb, ctx: ctx, clause: &c, options: o}
	defer func() {
		t.mu.Lock()
		t.over = true
		t.mu.Unlock()
	}()
	defer func() {
		if p := recover(); p != nil {
			t.broken(false, "", "no panic", fmt.Sprintf("%v\n%s", p, debug.Stack()))
		}
	}()
	c.holds(t)
}
