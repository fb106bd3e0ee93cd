package campaign

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/status"
)

// Store keeps records, leases, the call log and the host's own blacklists. It
// holds no rules: it compares, sorts and guards the values it is given. It is
// safe for concurrent use. Times are UTC at microseconds, the zero time among them.
// Texts are UTF-8 without NUL bytes; they are compared byte by byte, whatever the
// language and case, and kept as they are. Whether a store keeps all of this is what
// package storetest tells.
//
// What a store is given it copies, but for what is immutable and may be shared: a
// record's Fields, Notes, Tags and DueInput, the Zones of a phone, a contact's data.
// What it returns is immutable too, and what a [Claimed] or [Looked] holds is
// good until that is used again: then a record's Phones, and the calls of a
// History, may become those of another one. What may be shared may be kept for ever.
type Store interface {
	// Claim leases records, or returns expired leases to settle, never both.
	//
	// If a lease of q.From's campaigns has run out at q.Now (its Until is not
	// after q.Now), those come back in Expired, oldest first, at most q.Limit,
	// each with a new token (Lease.Call keeps the first) and a new Until, q.Until:
	// whoever settles them has that long. Their numbers and contacts are free from that moment
	// on. The first token may still end such a lease until it is settled, but
	// not extend it. Crash recovery is this path and no other.
	//
	// Otherwise the steps are served in the order of q.From, inside a step the
	// sources in their order, inside a source by the lane's key, until q.Limit
	// leases are taken or nothing more matches: fewer than q.Limit means that
	// none is left (except where a step's or source's Max cut it short). Nothing
	// is sorted by an id: what is equal comes in the order of adding. A record
	// matches if it is queued in that lane, its class is open, it is due (Due not
	// after the source's Due), and it is not parked; a park counts only at the
	// revision of the step and until its time. Of two concurrent Claims of a
	// campaign one sees all that the other did.
	//
	// If a newer revision of a step's campaign is known, nothing is leased and
	// the error is ErrConfigChanged.
	//
	// A lease holds its record, its contact and all its numbers. What another
	// live lease holds is listed in Facts.Busy, and is not held by this one.
	Claim(ctx context.Context, q Claim, into *Claimed) error

	// Commit writes each change whole or not at all, and says which: errs is nil
	// if all were written, else as long as changes; err means that nothing is
	// known to be written, though all of it may be. Changes are made in their order,
	// and each sees what those before it wrote. errs[i] is ErrLeaseLost (the token is not the live
	// lease's), ErrConflict (the version or the lease's phase is another), *LeasedError (no token on a
	// leased record, or what a new lease needs is held), *DuplicateError,
	// ErrNotFound or ErrConfigChanged. Unless Extend is set the lease ends.
	Commit(ctx context.Context, changes ...Change) (errs []error, err error)

	// Look reads what a lease would bring, without leasing. into.Facts becomes as
	// long as refs; a record that does not exist has an empty Record.ID. A Ref
	// whose token is that of a call in the log brings it in Facts.Call.
	Look(ctx context.Context, need Need, into *Looked, refs ...Ref) error

	// Find streams the matching records in the filter's order, each that matches
	// throughout exactly once.
	Find(ctx context.Context, f Filter, need Need) iter.Seq2[Facts, error]

	// Count counts the matching records by a group.
	Count(ctx context.Context, f Filter, by Group) (map[string]int, error)

	// Checker answers for the host's own lists, as committed before the call.
	blacklist.Checker
}

// Claim asks a Store for leases.
type Claim struct {
	Now      time.Time
	Until    time.Time // when the new leases run out
	Holder   string    // who asks: a process, for Explain
	Agent    AgentID
	Reserved bool
	Limit    int // how many leases at the most; at least 1
	From     []Step
	Need     Need
	Owners   bool // fill Claimed.Owners
}

// Step is one campaign of a Claim. A campaign may come several times, with
// other sources.
type Step struct {
	Campaign ID
	Revision int64    // parks of another revision do not count
	Open     []string // calling-hours classes that are open now
	Max      int      // leases from this step at the most; 0: only settle
	Sources  []Source // in the order in which they are served
}

// Source is one lane as this ask sees it.
type Source struct {
	Lane  status.Lane
	Owner AgentID   // in the own lane: whose; "" is anybody's
	Due   time.Time // due at this instant or before
	Max   int       // leases from this source at the most; 0: no limit
}

// Need says how much to bring beside a record.
type Need struct {
	Since   time.Time // calls that ended at this instant or later; zero: all
	NoCalls bool      // bring no history
	Contact bool
	Before  bool // bring the entries' Before of the call that a token names
}

// Claimed is the answer to a Claim. It may be used again: what it held is
// replaced, the capacity of its slices is kept.
type Claimed struct {
	Leased  []Facts
	Expired []Facts
	// Classes are all that hold queued records of the steps' campaigns.
	Classes []Class
	// NextExpiry is when the first of the leases of the steps' campaigns runs out
	// that were live before this Claim; zero: there is none.
	NextExpiry time.Time
	// Owners are, if asked for, the agents who own callbacks that are not parked
	// in the steps' campaigns, with the earliest Due of each.
	Owners []OwnerHead

	Scratch Scratch
}

// Looked is the answer to a Look. It may be used again: what it held is
// replaced, the capacity of its slices is kept.
type Looked struct {
	Facts   []Facts
	Scratch Scratch
}

// Scratch is memory that a store keeps in a [Claimed] or [Looked] from one use
// to the next, so that it need not ask for new memory each time. What it is,
// only the store knows: one that finds another's replaces it.
type Scratch any

// OwnerHead is an agent's earliest own callback in a campaign and class.
type OwnerHead struct {
	Campaign ID
	Class    string
	Owner    AgentID
	Due      time.Time
}

// Class is a calling-hours class of a campaign that holds queued records.
type Class struct {
	Campaign ID
	Name     string
	// Heads are the earliest Due of its records by lane, parked ones left out,
	// for lanes that Waiting names.
	Heads [status.NumLanes]time.Time
	// Waiting has a bit (1 << lane) for each lane that holds a record that is not parked.
	Waiting uint8
	// Own is the earliest Due of the claim's agent's own callbacks, if HasOwn.
	Own    time.Time
	HasOwn bool
	// Wake is when its first park ends; zero: none is parked.
	Wake time.Time
}

// HistoryStore is an optional ability of a Store: the lines of a record's
// history, oldest first, and its calls.
type HistoryStore interface {
	History(ctx context.Context, ref Ref) ([]Entry, []*Call, error)
}

// ActionStore is an optional ability of a Store: the actions that nobody has
// acknowledged, oldest first, behind the one with the id after.
type ActionStore interface {
	Pending(ctx context.Context, after string, limit int) ([]Action, error)
}

// Errors of a Store that a caller acts on.
var (
	// ErrLeaseLost: the token is not, or no longer, that of the record's lease.
	ErrLeaseLost = errors.New("lease lost")
	// ErrConflict: the record, or the phase of its lease, has changed since it was read.
	ErrConflict = errors.New("record changed since it was read")
	// ErrNotFound: no such record.
	ErrNotFound = errors.New("record not found")
	// ErrConfigChanged: the store knows a newer revision of the campaign.
	ErrConfigChanged = errors.New("campaign configuration changed")
)

// LeasedError says that a change needs what a live lease holds.
type LeasedError struct{ Hold Hold }

func (e *LeasedError) Error() string {
	what := "record " + string(e.Hold.Ref.Record)
	switch {
	case e.Hold.Number != 0:
		what = "number " + e.Hold.Number.String()
	case e.Hold.Contact != "":
		what = "contact " + string(e.Hold.Contact)
	}
	return fmt.Sprintf("%s is leased by %q (record %s of campaign %s) until %s: wait, or end that lease",
		what, e.Hold.Holder, e.Hold.Ref.Record, e.Hold.Ref.Campaign, e.Hold.Until.UTC().Format(time.RFC3339))
}

// DuplicateError says that something which must be unique exists already.
type DuplicateError struct {
	What     string // "record id", "contact in campaign", "number in campaign"
	Value    string
	Existing Ref
}

func (e *DuplicateError) Error() string {
	return fmt.Sprintf("%s %q exists already: record %s of campaign %s", e.What, e.Value, e.Existing.Record, e.Existing.Campaign)
}
