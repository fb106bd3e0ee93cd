package dialer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// ErrNoHistory says that the store cannot tell what happened to a record.
var ErrNoHistory = errors.New("the store keeps no history that can be read: want one that is a campaign.HistoryStore")

// Line is one change in a record's history: a call, or what was done besides.
type Line struct {
	At time.Time // of a call: when it ended
	// Author is who made the change: a user, else an agent, else "engine". Of a
	// call it is the agent, if a person chose the status.
	Author string
	// Why says what was done, and for a call what decided.
	Why []campaign.Why
	// Operation is the id of the larger operation that the change belongs to, or "".
	Operation string
	// From and To are the record's status before and after, Qualifier is the one after.
	From, To  status.ID
	Qualifier status.Qualifier
	Note      string
	// Token is the id of the call that it was, or is about: what was corrected, or
	// reported too late. 0: of none.
	Token campaign.Token
	// Call is the call that it was, as it is known now; else nil. It is shared and
	// must not be written to.
	Call *campaign.Call
}

// History tells what happened to a record, oldest first: when it was added, its
// calls, the statuses, edits, messages and skips between them, and the offers and
// calls that nobody reported. Who did it, when, and in which larger operation is
// said of each. What only put it aside for a time is none of it. A record that
// does not exist is campaign.ErrNotFound, a store that keeps no history ErrNoHistory.
func (q *Queue) History(ctx context.Context, ref campaign.Ref) ([]Line, error) {
	h, ok := q.store.(campaign.HistoryStore)
	if !ok {
		return nil, ErrNoHistory
	}
	entries, calls, err := h.History(ctx, ref)
	if err != nil {
		return nil, fmt.Errorf("history of record %s of campaign %s: %w", ref.Record, ref.Campaign, err)
	}
	lines := make([]Line, 0, len(entries)+len(calls))
	for i := range entries {
		e := &entries[i]
		lines = append(lines, Line{At: e.At, Author: e.Author, Why: []campaign.Why{e.Why}, Operation: e.Operation,
			From: e.From, To: e.To, Qualifier: e.Qualifier, Note: e.Note, Token: e.Call})
	}
	for _, c := range calls {
		line := Line{At: c.Ended, Author: campaign.Engine, Why: slices.Clone(c.Answer.Why), To: c.Answer.Status, Qualifier: c.Answer.Qualifier,
			Token: c.Token, Call: c}
		if c.Chosen && c.Agent != "" {
			line.Author = string(c.Agent)
		}
		lines = append(lines, line)
	}
	slices.SortStableFunc(lines, func(a, b Line) int {
		if d := a.At.Compare(b.At); d != 0 {
			return d
		}
		return a.place() - b.place()
	})
	// A call does not say what was before it: that is what the line before led to.
	for i := range lines {
		if lines[i].Call != nil && i > 0 {
			lines[i].From = lines[i-1].To
		}
	}
	return lines, nil
}

// place sorts what happened in one instant: the adding, then calls, then what was
// done about them.
func (l *Line) place() int {
	switch {
	case l.Call != nil:
		return 1
	case slices.Contains(l.Why, campaign.WhyAdded):
		return 0
	}
	return 2
}
