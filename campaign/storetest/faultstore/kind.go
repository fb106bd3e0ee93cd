package faultstore

import (
	"errors"
	"fmt"
	"math/bits"
	"strings"
)

// Kind is how a call is hit.
type Kind uint8

const (
	// None leaves the call alone.
	None Kind = iota
	// Before fails the call before it is done: the store never sees it.
	Before
	// After does the call and loses its answer: the caller sees an error. A Find
	// breaks off after some records, or behind the last one.
	After
	// Slow lets Config.Wait pass before the call is done, or after it.
	Slow
	// Stale answers a Look, Find or Count as the same question was answered some
	// time before: the state of an earlier moment. It never hits other calls: a
	// Claim and a Commit go by what is there, and a Check by what was committed
	// before it. A Look that names a token is never older than that token.
	Stale
	// Cancel ends the call's context while the store works, or before it begins.
	// What comes of it is the store's to say.
	Cancel

	numKinds = iota
)

var kindNames = [numKinds]string{"none", "before", "after", "slow", "stale", "cancel"}

// String returns the kind's name.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// fits says whether a kind can hit a call.
func (k Kind) fits(c Call) bool { return k != None && (k != Stale || c&(Look|Find|Count) != 0) }

// Call is one method of a store, or several as a set.
type Call uint16

// The calls. The zero value is all of them where a set is wanted.
const (
	Claim Call = 1 << iota
	Commit
	Look
	Find
	Count
	Check
	History // of campaign.HistoryStore
	Pending // of campaign.ActionStore
	Contact // the three of campaign.ContactStore

	// Writes are the calls that change something.
	Writes = Claim | Commit
	// Reads are the others.
	Reads = Look | Find | Count | Check | History | Pending | Contact
)

var callNames = []string{"claim", "commit", "look", "find", "count", "check", "history", "pending", "contact"}

// String returns the names of the calls.
func (c Call) String() string {
	var names []string
	for left := c; left != 0; left &= left - 1 {
		if i := bits.TrailingZeros16(uint16(left)); i < len(callNames) {
			names = append(names, callNames[i])
		} else {
			names = append(names, fmt.Sprintf("call(%d)", uint16(left&-left)))
		}
	}
	return strings.Join(names, "|")
}

// ErrInjected is inside every error that a fault makes.
var ErrInjected = errors.New("it failed on purpose")

// Hit is one call that was hit.
type Hit struct {
	N    int // which call of the Faults, from 1
	Call Call
	Kind Kind
}

// String says which call was hit and how.
func (h Hit) String() string { return fmt.Sprintf("call %d (%v): %v", h.N, h.Call, h.Kind) }

// Error is what a caller sees of a hit.
type Error struct{ Hit Hit }

func (e *Error) Error() string { return fmt.Sprintf("faultstore: %v: %v", e.Hit, ErrInjected) }

// Unwrap returns ErrInjected.
func (e *Error) Unwrap() error { return ErrInjected }
