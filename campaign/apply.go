package campaign

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/status"
)

// Apply says what follows from an event, as a [Change] to be committed whole.
// It is a pure function: f is not changed, and the same arguments give the same
// Change. The Change carries the version of f.Record; the store compares it.
//
// A check that fails changes nothing: the Change is zero and the error joins
// everything that is wrong. The errors are [ErrNotStarted], [ErrLeaseLost],
// [*StatusError], [*FieldError], [*InputError], [*RequiredError], [*ActorError],
// [*AgentError], [*SuccessError], [*SkipError], [*CorrectionError], and those of
// a blacklist's entry, [*blacklist.ParseError] and [*blacklist.EntryError].
//
// A [Result] whose token is not that of a live lease, but whose call is in
// f.Call, is a late or repeated report. A repeated one gives a Change that has
// nothing but the first Answer: there is nothing to commit. A late one replaces
// the unknown outcome; when the record was leased or changed since, the Change
// has no Record, and the Answer says [WhyKept].
//
// A [Result], [Skip] or [Expiry] ends the lease in f.Lease. All others do not
// belong to the lease's holder: their Change has no token, and the store
// refuses it while the record is leased.
func (c *Campaign) Apply(f *Facts, e Event, now time.Time) (Change, error) {
	if f == nil {
		return Change{}, errors.New("no facts: Apply needs the record")
	}
	if f.Record.Campaign != "" && f.Record.Campaign != c.cfg.ID {
		return Change{}, &FieldError{Path: "record.campaign", Value: string(f.Record.Campaign),
			Msg: fmt.Sprintf("apply it with its own campaign, this is %q", c.cfg.ID)}
	}
	d := newDraft(c, f, now)
	switch e := e.(type) {
	case Result:
		return d.result(e)
	case Set:
		return d.set(e)
	case Correction:
		return d.correct(e)
	case Skip:
		return d.skip(e)
	case Expiry:
		return d.expire()
	case Message:
		return d.message(e)
	case Edit:
		return d.edit(e)
	}
	return Change{}, fmt.Errorf("event %T is not known: give a Result, Set, Correction, Skip, Expiry, Message or Edit by value", e)
}

// Work is memory that [Campaign.ApplyInto] uses one event after another. The
// zero value is ready. It is not safe for concurrent use.
type Work struct {
	change Change
}

// ApplyInto is [Campaign.Apply] with the memory of w: the Change, and all that it
// points to but Fields and Notes, are good until w is used again.
func (c *Campaign) ApplyInto(w *Work, f *Facts, e Event, now time.Time) (*Change, error) {
	change, err := c.Apply(f, e, now)
	if err != nil {
		return nil, err
	}
	w.change = change
	return &w.change, nil
}

// draft is one event on its way to a Change. Nothing leaves it while errs is
// not empty.
type draft struct {
	c   *Campaign
	f   *Facts // as they are, never written to
	now time.Time
	// facts are those that rules see: with the record as it shall be, which is r.
	facts Facts
	r     *Record

	// class is that of phone classed-1, asked for once.
	class   string
	classed int

	// own says that r.Phones is a copy of the draft's own, free to be written to.
	own bool

	// call is the call the event is about; nil for an event without one.
	call *Call
	// number is the index of the called phone, -1 when there is none.
	number int
	// acted is the outcome that decides what follows: the call's, but for failures
	// that have become a NoAnswer. OutcomeNone without a call.
	acted Outcome
	// correction lifts the rule that little may follow a success.
	correction bool
	// lenient lifts the demand for required fields: it binds people, not the engine.
	lenient bool

	author    string
	operation string
	answer    Answer
	list      []blacklist.Entry
	actions   []Action
	errs      []error
}

func newDraft(c *Campaign, f *Facts, now time.Time) *draft {
	d := &draft{c: c, f: f, now: stored(now), facts: *f, number: -1}
	d.r = &d.facts.Record
	d.r.Campaign = c.cfg.ID
	return d
}

// stored is an instant as a store keeps it.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func (d *draft) fail(err error) {
	if err != nil {
		d.errs = append(d.errs, err)
	}
}

func (d *draft) warn(format string, args ...any) {
	d.answer.Warnings = append(d.answer.Warnings, fmt.Sprintf(format, args...))
}

func (d *draft) why(w Why) { d.answer.Why = append(d.answer.Why, w) }

// text refuses what no store keeps.
func (d *draft) text(path, value string) {
	if !storable(value) {
		d.fail(&FieldError{Path: path, Value: value, Msg: "want UTF-8 without NUL bytes"})
	}
}

// storable reports whether a text can be kept everywhere: a NUL is valid UTF-8,
// but PostgreSQL cannot keep it.
func storable(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// actorText checks the texts of whoever acts.
func (d *draft) actorText(a Actor) {
	d.text("actor.user", a.User)
	d.text("actor.agent", string(a.Agent))
}

// phone returns the record's phone i to be written to, in a list of the draft's own.
func (d *draft) phone(i int) *Phone {
	if !d.own {
		d.r.Phones = append([]Phone(nil), d.r.Phones...)
		d.own = true
	}
	return &d.r.Phones[i]
}

// note adds a remark, if there is one.
func (d *draft) note(text string) {
	d.text("note", text)
	if text == "" {
		return
	}
	notes := make([]Note, len(d.r.Notes), len(d.r.Notes)+1)
	copy(notes, d.r.Notes)
	d.r.Notes = append(notes, Note{At: d.now, Author: d.author, Text: text})
}

// finish closes the draft: every commit that writes a record goes through here.
func (d *draft) finish(token Token, entry *Entry) (Change, error) {
	if len(d.errs) > 0 {
		return Change{}, errors.Join(d.errs...)
	}
	d.index()
	d.r.Updated, d.r.Author, d.r.Operation = d.now, d.author, d.operation
	d.r.Changes++
	d.report()
	if entry != nil {
		entry.At, entry.Author, entry.Operation = d.now, d.author, d.operation
		entry.From, entry.To, entry.Qualifier = d.f.Record.Status, d.r.Status, d.r.Qualifier
	}
	if d.call != nil {
		d.call.Qualifier, d.call.Changes = d.r.Qualifier, d.r.Changes
		if !d.correction { // a repeated report is given the answer that the first one got
			d.call.Answer = d.answer
		}
	}
	return Change{
		Ref:    Ref{Campaign: d.c.cfg.ID, Record: d.r.ID, Token: token},
		Record: d.r, Call: d.call, Entry: entry,
		List: d.list, Actions: d.actions, Answer: d.answer,
	}, nil
}

// report writes what the record has become into the answer.
func (d *draft) report() {
	a := &d.answer
	a.Status, a.Qualifier, a.Standing, a.Lane = d.r.Status, d.r.Qualifier, d.r.Standing, d.r.Lane
	a.Due, a.Owner, a.Attempts = d.r.Due, d.r.Owner, d.r.Attempts.SinceReset
	a.Listed, a.Actions = d.list, d.actions
}

// index keeps what the store finds the record by. The park ends with every
// change of the record; a skip sets its own afterwards.
func (d *draft) index() {
	r := d.r
	r.Park = Park{}
	r.Class = ""
	if r.Next < 0 || r.Next >= len(r.Phones) {
		r.Next = 0
	}
	if len(r.Phones) > 0 && d.c.left(&r.Phones[r.Next]) {
		r.Class = d.classOf(r.Next)
	}
	if r.Standing != status.StandingQueued {
		r.Lane = status.LaneNone
	}
	r.Sort = sortOf(r.Order)
	switch {
	case r.Lane != status.LaneLast:
		r.Key = 0
	case r.Key == 0:
		r.Key = r.StatusAt.UnixMicro()
	}
}

// unset is where records without an order of their own are sorted.
const unset = 1 << 16

func sortOf(order uint16) int64 {
	if order == 0 {
		return unset
	}
	return int64(order)
}
