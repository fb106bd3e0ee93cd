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

// draft is one event on its way to a Change. Nothing leaves it while errs is
// not empty.
type draft struct {
	c   *Campaign
	f   *Facts // as they are, never written to
	now time.Time
	w   *Work   // the memory of all that is made
	r   *Record // the record as it shall be: that of w.facts

	// class is that of phone classed-1, asked for once.
	class   string
	classed int

	// own says that r.Phones is a copy of the draft's own, free to be written to.
	own bool

	// call is the call the event is about; nil for an event without one. logged
	// says that it is among those of w.facts.
	call   *Call
	logged bool
	// number is the index of the called phone, -1 when there is none.
	number int
	// acted is the outcome that decides what follows: the call's, but for failures
	// that have become a NoAnswer. OutcomeNone without a call.
	acted Outcome
	// correction lifts the rule that little may follow a success.
	correction bool
	// judged says that the record's fields must be valid: it was added, or a
	// person saved some.
	judged bool
	// lenient lifts the demand for required fields: it binds people, not the engine.
	lenient bool

	author    string
	operation string
	answer    Answer // but Why, which is in whys until the end
	whys      []Why
	list      []blacklist.Entry
	actions   []Action
	errs      []error
}

// stored is an instant as a store keeps it: UTC, whole microseconds, no monotonic
// clock. It is Truncate without its long division.
func stored(t time.Time) time.Time {
	t = t.UTC() // drops the monotonic clock as well
	if over := t.Nanosecond() % 1000; over != 0 {
		t = t.Add(-time.Duration(over))
	}
	return t
}

func (d *draft) fail(err error) {
	if err != nil {
		d.errs = append(d.errs, err)
	}
}

func (d *draft) warn(format string, args ...any) {
	d.answer.Warnings = append(d.answer.Warnings, fmt.Sprintf(format, args...))
}

func (d *draft) why(w Why) { d.whys = append(d.whys, w) }

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
func (d *draft) actorText(a *Actor) {
	d.text("actor.user", a.User)
	d.text("actor.agent", string(a.Agent))
}

// phone returns the record's phone i to be written to, in a list of the draft's own.
func (d *draft) phone(i int) *Phone {
	if !d.own {
		d.w.phones = append(d.w.phones[:0], d.r.Phones...)
		d.r.Phones, d.own = d.w.phones, true
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
func (d *draft) finish(token Token, entry *Entry) (*Change, error) {
	d.valid()
	if len(d.errs) > 0 {
		return nil, errors.Join(d.errs...)
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
	return d.change(Change{
		Ref:    Ref{Campaign: d.c.cfg.ID, Record: d.r.ID, Token: token},
		Record: d.r, Call: d.call, Entry: entry,
		List: d.list, Actions: d.actions, Answer: d.answer,
	}), nil
}

// report writes what the record has become into the answer.
func (d *draft) report() {
	a := &d.answer
	a.Status, a.Qualifier, a.Standing, a.Lane = d.r.Status, d.r.Qualifier, d.r.Standing, d.r.Lane
	a.Due, a.Owner, a.Attempts = d.r.Due, d.r.Owner, d.r.Attempts.SinceReset
	a.Why, a.Listed, a.Actions = kept(d.whys), d.list, d.actions
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
		// Another host, with newer zones, may have given it a class that is none
		// here: there it is looked for, here it is never open.
		class, was := d.classOf(r.Next), d.f.Record.Class
		if class == "" && classedElsewhere(&r.Phones[r.Next], was[listedAt(was):]) {
			class = was[listedAt(was):]
		}
		r.Class = d.c.listed(r.List, class, was)
	}
	if r.Standing != status.StandingQueued {
		r.Lane = status.LaneNone
	}
	r.Sort = d.sort()
	switch {
	case r.Lane != status.LaneLast:
		r.Key = 0
	case r.Key == 0:
		r.Key = r.StatusAt.UnixMicro()
	}
}
