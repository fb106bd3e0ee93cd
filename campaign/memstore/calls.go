package memstore

import (
	"fmt"
	"slices"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/dense"
)

// calls is the log of all campaigns in compact form. Handle 0 is none. Whoever
// uses it holds the lock of its owner; the campaigns' rows are read without
// theirs, for what never changes. The zero value is ready once people is set.
type calls struct {
	people *people
	slab   dense.Slab[callRow]
	wholes map[uint32]*campaign.Call // calls that do not fit; never written to
	lines  []*rows                   // campaigns by number, from 1
	logNames
}

// home is where a call belongs: its record, if there is one, and the handles of
// its number and its contact, 0 for none.
type home struct {
	rows            *rows // nil: there is no such record
	made            *rows // where the record was when the call was made; nil: where it is
	slot            slot
	number, contact uint32
}

// of reports whether all that home says is what the call says.
func (at *home) of(call *campaign.Call) bool {
	return at.named(call.Campaign, call.Record) &&
		(at.number != 0) == (call.Number != 0) && (at.contact != 0) == (call.Contact != "")
}

// named reports whether there is a record, which had this name when the call was
// made to it.
func (at *home) named(id campaign.ID, record campaign.RecordID) bool {
	made := at.made
	if made == nil {
		made = at.rows
	}
	return made != nil && made.id == id && at.rows.name(at.slot) == record
}

// fits reports what of a call the log cannot keep, before anything is written.
func (c *calls) fits(call *campaign.Call) error {
	if stampOf(call.Ended) < 0 {
		return timeFits("ended", call.Ended)
	}
	if c.slab.Len() > MaxCalls {
		return &LimitError{What: "calls in the log", Limit: MaxCalls, Value: "one more, " + fmt.Sprint(call.Token)}
	}
	return nil
}

// add keeps a call that the log does not have, in no chain. Nothing that the
// caller goes on writing to is kept.
func (c *calls) add(call *campaign.Call, at home) (uint32, error) {
	if c.slab.Len() == 0 {
		if _, err := c.slab.Add("the log of calls", MaxCalls+1); err != nil {
			return 0, err
		}
	}
	h, err := c.slab.Add("the log of calls", MaxCalls+1)
	if err != nil {
		return 0, err
	}
	c.guess(h)
	c.replace(h, call, at)
	return h, nil
}

// guess gives a new row the names of the one before it: mostly they are the same,
// and need not be looked up.
func (c *calls) guess(h uint32) {
	row, last := c.slab.At(h), c.slab.At(h-1)
	row.agent, row.holder, row.status = last.agent, last.holder, last.status
	row.mode, row.amd, row.hangup = last.mode, last.amd, last.hangup
	row.answer.owner, row.answer.status = last.answer.owner, last.answer.status
}

// replace writes another call over one. It must be in no chain.
func (c *calls) replace(h uint32, call *campaign.Call, at home) {
	row := c.slab.At(h)
	row.number, row.contact, row.line, row.made, row.slot = at.number, at.contact, 0, 0, 0
	fits := c.pack(row, call)
	if at.rows != nil {
		row.line, row.slot = c.lineOf(at.rows), at.slot
	}
	if at.made != nil {
		row.made = c.lineOf(at.made)
	}
	if fits && at.of(call) {
		delete(c.wholes, h)
		return
	}
	row.flags |= callWhole
	row.ended = max(row.ended, 0)
	if c.wholes == nil {
		c.wholes = make(map[uint32]*campaign.Call)
	}
	c.wholes[h] = storedCall(call)
}

// at returns a call's row. It stays where it is.
func (c *calls) at(h uint32) *callRow { return c.slab.At(h) }

// lineOf gives a campaign its number in the log.
func (c *calls) lineOf(t *rows) uint16 {
	if t.logged == 0 {
		if len(c.lines) == 0 {
			c.lines = append(c.lines, nil)
		}
		t.logged = uint16(len(c.lines)) // there are no more of them than campaigns
		c.lines = append(c.lines, t)
	}
	return t.logged
}

// homeOf is where a call belongs.
func (c *calls) homeOf(h uint32) home {
	row := c.slab.At(h)
	at := home{slot: row.slot, number: row.number, contact: row.contact}
	if row.line != 0 {
		at.rows = c.lines[row.line]
	}
	if row.made != 0 {
		at.made = c.lines[row.made]
	}
	return at
}

// moved says that the record of a call has moved.
func (c *calls) moved(h uint32, to *rows, s slot) {
	row := c.slab.At(h)
	if row.made == 0 {
		row.made = row.line
	}
	row.line, row.slot = c.lineOf(to), s
	if row.made == row.line {
		row.made = 0 // it is back
	}
}

// storedCall is a call as it is stored, without its Before.
func storedCall(c *campaign.Call) *campaign.Call {
	x := *c
	x.Before = nil
	micros(&x.Dialed, &x.Answered, &x.Ended, &x.Answer.Due)
	x.Answer.Why = slices.Clone(x.Answer.Why)
	x.Answer.Also, x.Answer.Warnings = slices.Clone(x.Answer.Also), slices.Clone(x.Answer.Warnings)
	x.Answer.Listed = slices.Clone(x.Answer.Listed)
	for i := range x.Answer.Listed {
		micros(&x.Answer.Listed[i].Added, &x.Answer.Listed[i].Until)
	}
	x.Answer.Actions = slices.Clone(x.Answer.Actions)
	for i := range x.Answer.Actions {
		micros(&x.Answer.Actions[i].At)
	}
	return &x
}
