package campaign

import (
	"errors"
	"fmt"
	"reflect"
	"time"
)

// Apply says what follows from an event, as a [Change] to be committed whole.
// It is a pure function: f is not changed, and the same arguments give the same
// Change. The Change carries the version of f.Record; the store compares it.
//
// A check that fails changes nothing: the Change is zero and the error joins
// everything that is wrong. The errors are [ErrNotStarted], [ErrLeaseLost],
// [*StatusError], [*FieldError], [*InputError], [*RequiredError], [*ActorError],
// [*AgentError], [*SuccessError], [*SkipError], [*CorrectionError], [*MoveError],
// [*LimitError], [*RestoreError], and those of a blacklist's entry,
// [*blacklist.ParseError] and [*blacklist.EntryError].
//
// A [Result] whose token is not that of a live lease, but whose call is in
// f.Call, is a late or repeated report. A repeated one gives a Change that has
// nothing but the first Answer: there is nothing to commit. A late one replaces
// the unknown outcome; when the record was leased, changed or moved since, the
// Change has no Record, and the Answer says [WhyKept].
//
// A record that has moved to another campaign is changed with that one. A Result or
// Correction of a call that was made before belongs to the campaign that the call was
// made for: a late report is then logged there and leaves the record, and a correction
// is refused.
//
// A [Result], [Skip] or [Expiry] ends the lease in f.Lease. All others do not
// belong to the lease's holder: their Change has no token, and the store
// refuses it while the record is leased.
func (c *Campaign) Apply(f *Facts, e Event, now time.Time) (Change, error) {
	var w Work
	change, err := c.ApplyInto(&w, f, e, now)
	if err != nil {
		return Change{}, err
	}
	return *change, nil
}

// ApplyInto is [Campaign.Apply] with the memory of w, which an ordinary result
// adds nothing to. The Change and all that it points to are good until w is used
// again, but for the Answer and a record's Fields, Notes and Tags, which may be kept.
func (c *Campaign) ApplyInto(w *Work, f *Facts, e Event, now time.Time) (*Change, error) {
	if f == nil {
		return nil, errors.New("no facts: Apply needs the record")
	}
	if f.Record.Campaign != "" && f.Record.Campaign != c.cfg.ID && !comes(e) && !c.called(f, e) {
		return nil, &FieldError{Path: "record.campaign", Value: string(f.Record.Campaign),
			Msg: fmt.Sprintf("apply it with its own campaign, this is %q", c.cfg.ID)}
	}
	d := w.begin(c, f, now)
	switch e := e.(type) {
	case Result:
		return d.result(&e)
	case Set:
		return d.set(&e)
	case Correction:
		return d.correct(&e)
	case Skip:
		return d.skip(&e)
	case Expiry:
		return d.expire()
	case Message:
		return d.message(&e)
	case Edit:
		return d.edit(&e)
	case Joining:
		return d.join(&e)
	case Erasure:
		return d.erase(&e)
	case Receive:
		return d.receive(&e)
	case Restore:
		return d.restore(&e)
	}
	// Not %T: with it every event given as an interface would be on the heap.
	kind := "<nil>"
	if t := reflect.TypeOf(e); t != nil {
		kind = t.String()
	}
	return nil, fmt.Errorf("event %s is not known: give a Result, Set, Correction, Skip, Expiry, Message, Edit, Joining, Erasure, Receive or Restore by value", kind)
}

// comes reports whether an event may bring a record from another campaign.
func comes(e Event) bool {
	switch e.(type) {
	case Receive, Restore:
		return true
	}
	return false
}

// called reports whether an event is about a call that was made for the campaign, to a
// record that has moved since.
func (c *Campaign) called(f *Facts, e Event) bool {
	switch e.(type) {
	case Result, Correction:
		return f.Call != nil && f.Call.Campaign == c.cfg.ID && f.Call.Record == f.Record.ID
	}
	return false
}
