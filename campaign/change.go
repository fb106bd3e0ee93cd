package campaign

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/status"
)

// Change is everything that follows from an event, as data. It is committed
// whole or not at all.
//
// The zero value of every part means that it is not touched.
type Change struct {
	// Ref names the record. Its token must be that of the record's live lease; 0
	// says that the record must not be leased. A Change without Record, Lease and
	// Revision needs no token: it writes log and entries only (a late report).
	Ref Ref
	// Add says that Record is new.
	Add bool
	// UniqueNumbers, with Add, refuses a record when another open record of the
	// campaign has one of its numbers.
	UniqueNumbers bool
	// Record is the record as it shall be. With a Version other than 0 the stored
	// one must have that version, else ErrConflict.
	Record *Record
	// Lease, with Extend, is the lease as it goes on under the same token. With
	// Ref.Token 0 it is a new lease, which must find the record, its contact and
	// its numbers free; the store writes the new token to Lease.Token and Lease.Call.
	// With Ref.Token set and no Extend it must be nil: the lease ends.
	Lease  *Lease
	Extend bool
	// Phases, with Ref.Token set, are those that the lease may be in; in another
	// one the change is refused with ErrConflict. So what was decided about an offer
	// does not end a call that is dialled by now.
	Phases Phases
	// Call is the log's entry; one with the same token is replaced. A change that only
	// adds to log and history is refused with ErrConflict if that brings a record's call
	// back whom it was to, see [Change.BringsBack]: it is decided again.
	Call *Call
	// Entry is appended to the record's history.
	Entry *Entry
	// List are entries for the host's own blacklists, Unlist removals by hand,
	// which come first.
	List   []blacklist.Entry
	Unlist []blacklist.Key
	// Wake are numbers whose records' parks end, in every campaign.
	Wake []blacklist.Number
	// Actions are stored until acknowledged; one whose id is known is not stored
	// again. Done acknowledges.
	Actions []Action
	Done    []string
	// Move says that the record goes to another campaign: Ref names it where it is,
	// Record is what it is there, under the same id. It is not found where it was any
	// more. A campaign that the store has not met begins with it.
	//
	// A record of that id, one of the same contact, or with UniqueNumbers an open one
	// with one of its numbers in that campaign refuses the change with a
	// *DuplicateError, as if it were added there. As if added, it comes behind the
	// records that are there where all else is equal, and without a Sequence it gets
	// the next one. Its Version goes on, its Park ends. It must not be leased, not even
	// by a lease that has run out and is not settled: Ref has no token, the change no
	// Lease. That other leases hold its contact or a number does not matter. Revision
	// is that of the campaign it goes to.
	//
	// Its calls and its history go with it, Before as well: they are found as the
	// record's own, though a call's Campaign stays the one that it was made for. A Ref
	// with the token of such a call names the record by its old campaign, too: Look
	// answers with the record as it is where it is, even if the old campaign has
	// another one of that id by now. Its actions that nobody has acknowledged name the
	// campaign where it is. So does the Call of a change that writes log and
	// entries only: a late report reaches the record, however often it has moved.
	Move bool
	// Erase takes what is personal from the log and history of the record that Ref
	// names: its calls become what [Call.Erased] says, and its entries lose their
	// Note. They are no longer found by number or contact, and what was Before the
	// latest call is gone. Actions of the record that nobody has acknowledged are
	// withdrawn, as if they were done: they are not to reach the person any more. The
	// change's own Call, Entry and Actions come after it, and stay as they are.
	Erase bool
	// Contact is written, if set. With a Version other than 0 the stored one must
	// have that version, else ErrConflict; so is one whose id became another (Merge).
	// With UniqueContact the change is refused with a *ContactExistsError when another
	// contact has one of its keys: neither Merge nor Forget counts as one.
	Contact       *Contact
	UniqueContact bool
	// Merge, with Contact, is the id of a contact that becomes Contact: it is gone,
	// its id, and those that gave it, give Contact from then on wherever a record, a
	// call or a filter names them, and its calls are Contact's. One that became Contact
	// before is nothing; one that became another is refused with ErrConflict.
	// So is one that records have before this change: they are changed first. One
	// that a live lease holds is refused with a *LeasedError.
	Merge ContactID
	// MergeVersion, if not 0, is the version that the stored contact Merge must have,
	// else ErrConflict: what was saved of it meanwhile would be lost. It says nothing
	// of one that became Contact before.
	MergeVersion int64
	// Forget is the id of a contact that is deleted, with the ids that gave it: its
	// calls lose it. It is refused as Merge is. An id that nobody has is nothing; one
	// that is written again later is a new contact's.
	Forget ContactID
	// Also are changes of further records that are made with this one, or neither:
	// of any campaigns, but each of another record. They carry a Ref, a Record, and
	// what of Entry, Erase, Extend, Phases and Revision they need; one with a token
	// extends the lease under its terms. A change with further ones neither begins nor
	// ends a lease. They are made behind the change itself. When
	// Merge or Forget asks whether records still have the contact, those that Also gives
	// another one, or none, do not count.
	Also []Change
	// Revision, if not 0, is the revision of the campaign's configuration that
	// the change was decided under: when a newer one is known the change is
	// refused with ErrConfigChanged, else it becomes the newest known.
	Revision int64

	// Answer is for whoever asked for the change; a store ignores it.
	Answer Answer
}

var (
	errLeaseAtEnd  = errors.New("a change with a token ends the lease and carries none: set Extend to keep it")
	errAddNothing  = errors.New("a change that adds carries the record")
	errNoRecord    = errors.New("a change of a record, its lease or its history names the record")
	errCallToken   = errors.New("a call has the token of its lease")
	errContactID   = errors.New("a contact has an id")
	errActionID    = errors.New("an action has an id")
	errMove        = errors.New("a change that moves carries the record as it is in another campaign, and neither a token nor a lease, nor a call")
	errNoContact   = errors.New("a change that merges contacts, or wants a unique one, carries the contact")
	errNoMerge     = errors.New("the version of a contact that is merged comes with its id: set Merge")
	errSameContact = errors.New("a contact is neither merged with itself nor deleted by the change that writes or merges it")
	errNoRecordKey = errors.New("an added record has a campaign and an id")
	errAlsoLease   = errors.New("a change with further ones neither begins nor ends a lease, nor gives it other terms")
	errAlso        = errors.New("a further change carries the record that it changes, and beside it only an entry, an erasure, a revision or the token of a lease that goes on")
)

// Check reports all that does not fit together in a change, whatever is stored,
// or nil. A store refuses such a change before it looks for the record.
func (ch *Change) Check() error {
	var errs []error
	if ch.Lease != nil && ch.Ref.Token != 0 && !ch.Extend {
		errs = append(errs, errLeaseAtEnd)
	}
	if ch.Add && ch.Record == nil {
		errs = append(errs, errAddNothing)
	}
	if r := ch.Record; r != nil {
		if ch.Add && (r.ID == "" || r.Campaign == "") {
			errs = append(errs, errNoRecordKey)
		}
		if r.ID != ch.Ref.Record || r.Campaign != ch.Ref.Campaign && !ch.Move {
			errs = append(errs, fmt.Errorf("the change names record %q of campaign %q, but carries %q of %q",
				ch.Ref.Record, ch.Ref.Campaign, r.ID, r.Campaign))
		}
	}
	if ch.Ref.Record == "" && (ch.Ref.Token != 0 || ch.Record != nil || ch.Lease != nil || ch.Extend || ch.Entry != nil || ch.Erase) {
		errs = append(errs, errNoRecord)
	}
	if ch.Move && (ch.Record == nil || ch.Record.Campaign == ch.Ref.Campaign || ch.Record.Campaign == "" ||
		ch.Add || ch.Ref.Token != 0 || ch.Lease != nil || ch.Extend || ch.Call != nil) {
		errs = append(errs, errMove)
	}
	if (ch.UniqueContact || ch.Merge != "") && ch.Contact == nil {
		errs = append(errs, errNoContact)
	}
	if ch.MergeVersion != 0 && ch.Merge == "" {
		errs = append(errs, errNoMerge)
	}
	if ch.Contact != nil && (ch.Merge == ch.Contact.ID || ch.Forget == ch.Contact.ID) || ch.Merge != "" && ch.Merge == ch.Forget {
		errs = append(errs, errSameContact)
	}
	if ch.Call != nil && ch.Call.Token == 0 {
		errs = append(errs, errCallToken)
	}
	if ch.Contact != nil && ch.Contact.ID == "" {
		errs = append(errs, errContactID)
	}
	if slices.ContainsFunc(ch.Actions, func(a Action) bool { return a.ID == "" }) {
		errs = append(errs, errActionID)
	}
	for i := range ch.List {
		errs = append(errs, ch.List[i].Check())
	}
	if len(ch.Also) > 0 {
		errs = append(errs, ch.checkAlso()...)
	}
	if errs == nil {
		return nil
	}
	return errors.Join(errs...)
}

// checkAlso reports what is wrong with the further changes.
func (ch *Change) checkAlso() (errs []error) {
	if ch.Lease != nil || ch.Ref.Token != 0 && !ch.Extend {
		errs = append(errs, errAlsoLease)
	}
	type name struct {
		campaign ID
		record   RecordID
	}
	seen := make(map[name]bool, len(ch.Also)+1)
	if ch.Ref.Record != "" {
		seen[name{ch.Ref.Campaign, ch.Ref.Record}] = true
	}
	for i := range ch.Also {
		also := &ch.Also[i]
		errs = append(errs, also.Check())
		if n := (name{also.Ref.Campaign, also.Ref.Record}); seen[n] {
			errs = append(errs, fmt.Errorf("record %q of campaign %q is changed twice by one change", n.record, n.campaign))
		} else {
			seen[n] = true
		}
		if also.Record == nil || also.Add || also.Move || also.Lease != nil || also.Call != nil || also.Ref.Token != 0 != also.Extend ||
			also.Contact != nil || also.UniqueContact || also.Merge != "" || also.Forget != "" ||
			len(also.List)+len(also.Unlist)+len(also.Wake)+len(also.Actions)+len(also.Done)+len(also.Also) > 0 {
			errs = append(errs, errAlso)
		}
	}
	return errs
}

// Frees reports whether a further change gives a record another contact than this
// one, or none.
func (ch *Change) Frees(record Ref, contact ContactID) bool {
	return slices.ContainsFunc(ch.Also, func(also Change) bool {
		return also.Ref.Campaign == record.Campaign && also.Ref.Record == record.Record &&
			also.Record != nil && also.Record.Contact != contact
	})
}

// LogsOnly reports whether the change leaves the record as it is and adds to its
// log and history at most: then it needs no token, whoever has the record.
func (ch *Change) LogsOnly() bool {
	return ch.Record == nil && ch.Lease == nil && !ch.Extend && ch.Revision == 0 && ch.Ref.Token == 0
}

// BringsBack reports whether the change only adds to log and history, and its Call
// names a number or a contact that the call which it replaces has no more: it was
// decided before the record was erased. logged is that call, as a record's log has it.
func (ch *Change) BringsBack(logged *Call) bool {
	return ch.LogsOnly() && (logged.Number == 0 && ch.Call.Number != 0 || logged.Contact == "" && ch.Call.Contact != "")
}

// Decided is the campaign whose configuration the change was decided under, the
// one that Revision is of: that of the record as it shall be.
func (ch *Change) Decided() ID {
	if ch.Move && ch.Record != nil {
		return ch.Record.Campaign
	}
	return ch.Ref.Campaign
}

// Entry is a line of a record's history: what changed it, beside its calls.
type Entry struct {
	At        time.Time        `json:"at"`
	Author    string           `json:"author"`
	Why       Why              `json:"why"`
	Operation string           `json:"operation,omitempty"`
	Call      Token            `json:"call,omitempty"`
	From      status.ID        `json:"from,omitempty"`
	To        status.ID        `json:"to,omitempty"`
	Qualifier status.Qualifier `json:"qualifier,omitempty"`
	Note      string           `json:"note,omitempty"`
}
