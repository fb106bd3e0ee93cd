package enginetest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// What a process notes, each before or after it is done, so that what is in the
// journal of a killed one bounds what the store may and must have.
const (
	noteReady    = "ready"    // the queue works
	noteAsking   = "asking"   // about to ask for calls
	noteGiven    = "given"    // an ask brought this lease
	noteAsked    = "asked"    // all of the ask is noted
	noteStarting = "starting" // about to dial
	noteStarted  = "started"  // it is dialled
	noteExtended = "extended" // somebody talks
	noteBack     = "back"     // about to give the offer back, or to skip it
	noteHangup   = "hangup"   // the call is over, about to report it
	noteReported = "reported" // the report was taken
	noteError    = "error"    // the store could not be asked
	noteFault    = "fault"    // an answer that must not be
)

// note is a line of a journal. Its time is that of the process's queue.
type note struct {
	At      time.Time          `json:"at"`
	What    string             `json:"what"`
	Ref     campaign.Ref       `json:"ref,omitzero"`
	Agent   campaign.AgentID   `json:"agent,omitempty"` // "" a machine
	Number  blacklist.Number   `json:"number,omitempty"`
	Contact campaign.ContactID `json:"contact,omitempty"`
	Asked   time.Time          `json:"asked,omitzero"` // of given: when the ask began
	Dialled bool               `json:"dialled,omitempty"`
	Until   time.Time          `json:"until,omitzero"` // of given, started and extended: the lease's
	Lane    status.Lane        `json:"lane,omitempty"`
	Owner   campaign.AgentID   `json:"owner,omitempty"`
	Due     time.Time          `json:"due,omitzero"`
	Limit   int                `json:"limit,omitempty"` // of asking: how many leases it may bring
	Outcome campaign.Outcome   `json:"outcome,omitempty"`
	Status  status.ID          `json:"status,omitempty"`
	Lost    bool               `json:"lost,omitempty"` // of reported: the record had moved on
	Kept    bool               `json:"kept,omitempty"` // of lost: the log took the truth
	Answer  *campaign.Answer   `json:"answer,omitempty"`
	Text    string             `json:"text,omitempty"`
}

// journal is a file that one process appends to, a line at a time in one write:
// what was written stays when it is killed.
type journal struct {
	file *os.File
	now  func() time.Time
}

func openJournal(path string, now func() time.Time) (*journal, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	return &journal{f, now}, err
}

// write notes something and returns when it was.
func (j *journal) write(n note) time.Time {
	n.At = j.now()
	line, err := json.Marshal(n)
	if err == nil {
		_, err = j.file.Write(append(line, '\n'))
	}
	if err != nil {
		panic(fmt.Sprintf("journal: %v", err)) // without it nothing is shown
	}
	return n.At
}

// readJournal reads what a process has noted. It may have been killed before it
// noted anything.
func readJournal(path string) ([]note, error) {
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	var all []note
	for line := range bytes.Lines(text) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break // killed while it wrote
		}
		var n note
		if err := json.Unmarshal(line, &n); err != nil {
			return nil, fmt.Errorf("%s: %q: %w", path, line, err)
		}
		all = append(all, n)
	}
	return all, err
}

// trail is all that the journals have about one lease.
type trail struct {
	process  int // whose it was
	given    note
	starting time.Time // zero: nobody was about to dial it
	started  note
	extended note
	back     time.Time
	hangup   note   // by whoever reported it first
	reports  []note // taken, in their order, by whomever
	tried    []note // about to be reported, in their order

	inherited bool // it was reported by another process than the one that dialled
}

// dialled says when it was about to be dialled, if it was.
func (l *trail) dialled() (from time.Time, ok bool) {
	switch {
	case l.given.Dialled:
		return l.given.Asked, true
	case !l.starting.IsZero():
		return l.starting, true
	}
	return from, false
}

// until says when the lease ran out, as far as its process knew.
func (l *trail) until() time.Time {
	for _, n := range []note{l.extended, l.started} {
		if n.What != "" {
			return n.Until
		}
	}
	return l.given.Until
}

// on says what number was certainly being called, and when, if one was.
func (l *trail) on() (n blacklist.Number, from, to time.Time, ok bool) {
	first := l.started
	if l.given.Dialled {
		first = l.given
	}
	if first.What == "" {
		return 0, from, to, false
	}
	to = l.until()
	if l.hangup.What != "" && l.hangup.At.Before(to) {
		to = l.hangup.At
	}
	return first.Number, first.At, to, to.After(first.At)
}

// inTime reports whether the report was taken before the lease ran out.
func (l *trail) inTime() bool {
	_, _, to, ok := l.on()
	return ok && l.hangup.What != "" && to.Equal(l.hangup.At) && len(l.reports) > 0 && !l.reports[0].Lost && l.reports[0].At.Before(l.until())
}

// offered says when it was certainly offered and not dialled, if it was.
func (l *trail) offered() (from, to time.Time, ok bool) {
	if l.given.Dialled {
		return from, to, false
	}
	to = l.given.Until
	for _, end := range []time.Time{l.starting, l.back} {
		if !end.IsZero() && end.Before(to) {
			to = end
		}
	}
	return l.given.At, to, to.After(l.given.At)
}

// evidence is what all processes have noted, independent of any store.
type evidence struct {
	trails   map[campaign.Token]*trail
	errors   []note
	faults   []note
	inFlight int // leases that asks may have brought whose answers were lost
	ready    int // processes that came to work
}

// gather reads the journals. That two asks brought the same token is a fault.
func gather(t testing.TB, journals []string) *evidence {
	e := &evidence{trails: map[campaign.Token]*trail{}}
	var notes [][]note
	for _, path := range journals {
		all, err := readJournal(path)
		require.NoError(t, err)
		notes = append(notes, all)
	}
	for process, all := range notes {
		for _, n := range all {
			if n.What != noteGiven {
				continue
			}
			if other := e.trails[n.Ref.Token]; other != nil {
				n.Text = fmt.Sprintf("token %d was given to process %d and to process %d", n.Ref.Token, other.process, process)
				e.faults = append(e.faults, n)
			}
			e.trails[n.Ref.Token] = &trail{process: process, given: n}
		}
	}
	for process, all := range notes {
		asks := map[campaign.AgentID]int{}
		for _, n := range all {
			e.add(process, n, asks)
		}
		for _, limit := range asks {
			e.inFlight += limit
		}
	}
	for _, l := range e.trails {
		slices.SortStableFunc(l.reports, func(a, b note) int { return cmp.Compare(a.At.UnixNano(), b.At.UnixNano()) })
	}
	return e
}

// add takes a note of a process. asks are what its agents asked for and have no
// answer to yet.
func (e *evidence) add(process int, n note, asks map[campaign.AgentID]int) {
	switch n.What {
	case noteReady:
		e.ready++
	case noteAsking:
		asks[n.Agent] = n.Limit
	case noteAsked:
		if n.Text != "" { // it failed: what it leased nobody knows
			e.inFlight += asks[n.Agent]
		}
		asks[n.Agent] = 0
	case noteError:
		e.errors = append(e.errors, n)
	case noteFault:
		e.faults = append(e.faults, n)
	}
	l := e.trails[n.Ref.Token]
	if l == nil {
		return
	}
	switch n.What {
	case noteStarting:
		if l.starting.IsZero() {
			l.starting = n.At
		}
	case noteStarted:
		l.started = n
	case noteExtended:
		l.extended = n
	case noteBack:
		l.back = n.At
	case noteHangup:
		if l.hangup.What == "" || n.At.Before(l.hangup.At) {
			l.hangup = n
		}
		l.tried = append(l.tried, n)
	case noteReported:
		l.reports = append(l.reports, n)
		l.inherited = l.inherited || process != l.process
	}
}
