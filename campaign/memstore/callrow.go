package memstore

import (
	"math"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/dense"
	"github.com/nextcall/nextcall/status"
)

// callRow is a call in 128 bytes without a pointer. Names are numbers of the
// log's tables, its record is one of a campaign's rows.
type callRow struct {
	token                   int64
	dialed, answered, ended stamp
	ring, talk              int64 // nanoseconds

	answer answerRow

	number, contact uint32    // people; 0 is none
	line            uint16    // lines: the campaign; 0 is none
	made            uint16    // lines: the campaign it was made for, if the record has moved since
	slot            slot      // there: the record
	next            [3]uint32 // chains: the next older call of the record, the number, the contact
	agent, holder   uint32    // names
	changes         uint32

	status, sip, q850 uint16
	flags             callFlags
	outcome           campaign.Outcome
	qualifier         status.Qualifier
	lane              status.Lane
	mode, amd, hangup uint8 // words
}

// answerRow is what the call's report came to.
type answerRow struct {
	due       stamp
	owner     uint32 // names
	status    uint16
	attempts  uint16
	why       uint16 // reasons
	outcome   campaign.Outcome
	qualifier status.Qualifier
	standing  status.Standing
	lane      status.Lane
}

// callFlags are yes or no.
type callFlags uint8

const (
	callInbound callFlags = 1 << iota
	callRang
	callCounted
	callChosen
	callExpired
	callAnswered // Answer.Call is the token; else it is 0
	callWhole    // the call does not fit: it is in wholes
)

// pack writes a call, and says whether all of it fits. It leaves the chains, and
// where the call belongs, alone.
func (c *calls) pack(row *callRow, call *campaign.Call) bool {
	row.token = int64(call.Token)
	row.dialed, row.answered, row.ended = stampOf(call.Dialed), stampOf(call.Answered), stampOf(call.Ended)
	row.ring, row.talk = int64(call.Ring), int64(call.Talk)
	row.outcome, row.qualifier, row.lane = call.Outcome, call.Qualifier, call.Lane
	row.changes, row.sip, row.q850 = uint32(call.Changes), uint16(call.SIPCode), uint16(call.Q850)
	var f callFlags
	for _, x := range [...]struct {
		set  bool
		flag callFlags
	}{
		{call.Inbound, callInbound}, {call.Rang, callRang}, {call.Counted, callCounted},
		{call.Chosen, callChosen}, {call.Expired, callExpired}, {call.Answer.Call != 0, callAnswered},
	} {
		if x.set {
			f |= x.flag
		}
	}
	row.flags = f
	fits := row.dialed|row.answered|row.ended >= 0 && int64(row.changes) == call.Changes &&
		uint(call.SIPCode|call.Q850) <= math.MaxUint16 && (call.Answer.Call == 0 || call.Answer.Call == call.Token)
	for _, x := range [...]struct {
		field *uint32
		name  string
	}{{&row.agent, string(call.Agent)}, {&row.holder, call.Holder}} {
		id, ok := long(&c.names, *x.field, x.name, "the list of agents and holders of the log", maxNames)
		*x.field, fits = id, fits && ok
	}
	id, ok := c.status(row.status, call.Status)
	row.status, fits = id, fits && ok
	for _, x := range [...]struct {
		field *uint8
		word  string
	}{{&row.mode, string(call.Mode)}, {&row.amd, call.AMD}, {&row.hangup, call.HangupBy}} {
		id, ok := short(&c.words, uint16(*x.field), x.word, "the list of words of the log", maxWords)
		*x.field, fits = uint8(id), fits && ok
	}
	return c.packAnswer(&row.answer, &call.Answer) && fits
}

func (c *calls) status(old uint16, id status.ID) (uint16, bool) {
	return short(&c.statuses, old, string(id), "the list of statuses of the log", MaxStatuses)
}

func (c *calls) packAnswer(row *answerRow, a *campaign.Answer) bool {
	row.due = stampOf(a.Due)
	row.attempts = uint16(a.Attempts)
	row.outcome, row.qualifier, row.standing, row.lane = a.Outcome, a.Qualifier, a.Standing, a.Lane
	owner, owned := long(&c.names, row.owner, string(a.Owner), "the list of agents and holders of the log", maxNames)
	row.owner = owner
	id, known := c.status(row.status, a.Status)
	row.status = id
	why, named := c.reasons.id(a.Why)
	row.why = why
	return owned && known && named && row.due >= 0 && int(row.attempts) == a.Attempts &&
		len(a.Listed) == 0 && len(a.Actions) == 0 && len(a.Also) == 0 && len(a.Warnings) == 0
}

// read unpacks a call, all but its Before: into is wholly overwritten. What it
// points to belongs to the store and never changes.
func (c *calls) read(h uint32, into *campaign.Call) {
	row := c.slab.At(h)
	if row.flags&callWhole != 0 {
		*into = *c.wholes[h]
		return
	}
	t := c.lines[row.line]
	into.Token, into.Campaign, into.Record = campaign.Token(row.token), t.id, t.name(row.slot)
	if row.made != 0 {
		into.Campaign = c.lines[row.made].id
	}
	into.Contact, into.Number = "", 0
	if row.contact != 0 {
		into.Contact = campaign.ContactID(c.people.contactID(row.contact))
	}
	if row.number != 0 {
		into.Number = c.people.number(row.number)
	}
	into.Agent, into.Holder = campaign.AgentID(c.names.Name(row.agent)), c.names.Name(row.holder)
	into.Mode = campaign.Mode(c.words.Name(uint32(row.mode)))
	into.Lane, into.Inbound = row.lane, row.flags&callInbound != 0
	into.Dialed, into.Answered, into.Ended = row.dialed.time(), row.answered.time(), row.ended.time()
	into.Ring, into.Talk = time.Duration(row.ring), time.Duration(row.talk)
	into.Outcome, into.Rang, into.Counted = row.outcome, row.flags&callRang != 0, row.flags&callCounted != 0
	into.AMD, into.HangupBy = c.words.Name(uint32(row.amd)), c.words.Name(uint32(row.hangup))
	into.SIPCode, into.Q850 = int(row.sip), int(row.q850)
	into.Status, into.Qualifier = status.ID(c.statuses.Name(uint32(row.status))), row.qualifier
	into.Chosen, into.Expired = row.flags&callChosen != 0, row.flags&callExpired != 0
	into.Changes, into.Before = int64(row.changes), nil
	c.readAnswer(row, &into.Answer)
}

func (c *calls) readAnswer(row *callRow, into *campaign.Answer) {
	a := &row.answer
	into.Call = 0
	if row.flags&callAnswered != 0 {
		into.Call = campaign.Token(row.token)
	}
	into.Outcome, into.Status, into.Qualifier = a.outcome, status.ID(c.statuses.Name(uint32(a.status))), a.qualifier
	into.Standing, into.Lane, into.Due = a.standing, a.lane, a.due.time()
	into.Owner, into.Attempts = campaign.AgentID(c.names.Name(a.owner)), int(a.attempts)
	into.Why = c.reasons.of(a.why)
	into.Listed, into.Actions, into.Also, into.Warnings = nil, nil, nil, nil
}

// names of the log, which all campaigns share.
type logNames struct {
	names    dense.Names // agents and holders
	statuses dense.Names
	words    dense.Names // modes, results of machine detection, who hung up
	reasons  reasons
}
