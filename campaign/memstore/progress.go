package memstore

import (
	"math"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/dense"
	"github.com/nextcall/nextcall/status"
)

// status is the status that marks name.
func (t *rows) status(m *marks) status.ID { return status.ID(t.statuses.Name(uint32(m.status))) }

// figures are the part of a record's progress that calls leave behind.
type figures struct {
	statusAt, skipUntil, succeededAt, lastCall, first, last stamp

	lastToken int64
	lastAgent uint32 // agents

	total, sinceReset, unanswered, talks, streak, tries, skips uint16

	outcomes    [campaign.NumOutcomes]uint8 // Counters.ByOutcome
	lastOutcome campaign.Outcome
}

// phoneFigures are what calls leave behind at a phone.
type phoneFigures struct {
	lastCall, blocked stamp
	attempts, unrung  uint16
	lastOutcome       campaign.Outcome
	out               uint8
}

// packMarks writes what of a progress is in the marks, and says whether it fits.
// Class and zones are not its.
func (t *rows) packMarks(m *marks, p *campaign.Progress) bool {
	f := m.flags &^ (flagPromised | flagAgreed | flagNeedsAgent | flagSuccess | flagAttention)
	if p.Promised {
		f |= flagPromised
	}
	if p.Agreed {
		f |= flagAgreed
	}
	if p.NeedsAgent {
		f |= flagNeedsAgent
	}
	if p.Success {
		f |= flagSuccess
	}
	if p.Attention {
		f |= flagAttention
	}
	m.flags = f
	m.due = stampOf(p.Due)
	m.qualifier, m.standing, m.lane = p.Qualifier, p.Standing, p.Lane
	m.next = uint8(p.Next)
	id, fits := short(&t.statuses, m.status, string(p.Status), "the list of statuses", t.max.statuses)
	m.status = id
	owner, ok := long(&t.agents, m.owner, string(p.Owner), "the list of agents", t.max.agents)
	m.owner = owner
	return fits && ok && m.due >= 0 && int(m.next) == p.Next
}

// unpackMarks is the reverse of packMarks.
func (t *rows) unpackMarks(m *marks, p *campaign.Progress) {
	p.Status = t.status(m)
	p.Qualifier, p.Standing, p.Lane = m.qualifier, m.standing, m.lane
	p.Due = m.due.time()
	p.DueInput = nil
	p.Owner = campaign.AgentID(t.agents.Name(m.owner))
	p.Promised = m.flags&flagPromised != 0
	p.Agreed = m.flags&flagAgreed != 0
	p.NeedsAgent = m.flags&flagNeedsAgent != 0
	p.Success = m.flags&flagSuccess != 0
	p.Attention = m.flags&flagAttention != 0
	p.Next = int(m.next)
}

// packFigures writes what of a progress is in the figures, and says whether it fits.
func (t *rows) packFigures(f *figures, p *campaign.Progress) bool {
	a := &p.Attempts
	f.statusAt, f.skipUntil, f.succeededAt = stampOf(p.StatusAt), stampOf(p.SkipUntil), stampOf(p.SucceededAt)
	f.lastCall, f.first, f.last = stampOf(p.LastCall), stampOf(a.First), stampOf(a.Last)
	f.lastToken, f.lastOutcome = int64(p.LastToken), p.LastOutcome
	f.total, f.sinceReset, f.unanswered = uint16(a.Total), uint16(a.SinceReset), uint16(a.Unanswered)
	f.talks, f.streak, f.tries, f.skips = uint16(a.Talks), uint16(a.Streak), uint16(p.Tries), uint16(p.Skips)
	counts := a.Total | a.SinceReset | a.Unanswered | a.Talks | a.Streak | p.Tries | p.Skips
	var dials uint16
	for i, n := range a.ByOutcome {
		f.outcomes[i] = uint8(n)
		dials |= n
	}
	agent, ok := long(&t.agents, f.lastAgent, string(p.LastAgent), "the list of agents", t.max.agents)
	f.lastAgent = agent
	return ok && uint(counts) <= math.MaxUint16 && dials <= math.MaxUint8 &&
		f.statusAt|f.skipUntil|f.succeededAt|f.lastCall|f.first|f.last >= 0
}

// unpackFigures is the reverse of packFigures.
func (t *rows) unpackFigures(f *figures, p *campaign.Progress) {
	p.StatusAt, p.SkipUntil, p.SucceededAt = f.statusAt.time(), f.skipUntil.time(), f.succeededAt.time()
	p.LastCall, p.LastOutcome = f.lastCall.time(), f.lastOutcome
	p.LastToken, p.LastAgent = campaign.Token(f.lastToken), campaign.AgentID(t.agents.Name(f.lastAgent))
	p.Tries, p.Skips = int(f.tries), int(f.skips)
	a := &p.Attempts
	a.Total, a.SinceReset, a.Unanswered = int(f.total), int(f.sinceReset), int(f.unanswered)
	a.Talks, a.Streak = int(f.talks), int(f.streak)
	for i, n := range f.outcomes {
		a.ByOutcome[i] = uint16(n)
	}
	a.First, a.Last = f.first.time(), f.last.time()
}

// noFigures leaves a progress as it is before the first call.
func noFigures(p *campaign.Progress, statusAt stamp) {
	p.StatusAt = statusAt.time()
	p.Tries, p.Skips = 0, 0
	p.Attempts = campaign.Counters{}
	p.SkipUntil, p.SucceededAt, p.LastCall = noTime, noTime, noTime
	p.LastOutcome, p.LastAgent, p.LastToken = 0, "", 0
}

// untouched reports whether a progress has nothing that figures keep, but StatusAt.
func untouched(p *campaign.Progress) bool {
	a := &p.Attempts
	return p.LastToken == 0 && p.LastAgent == "" && p.LastOutcome == 0 &&
		a.Total|a.SinceReset|a.Unanswered|a.Talks|a.Streak|p.Tries|p.Skips == 0 &&
		p.LastCall.IsZero() && p.SkipUntil.IsZero() && p.SucceededAt.IsZero() && a.First.IsZero() && a.Last.IsZero() &&
		a.ByOutcome == [campaign.NumOutcomes]uint16{}
}

// packPhone writes what calls left behind at a phone, and says whether it fits.
func packPhone(f *phoneFigures, p *campaign.Phone) bool {
	f.lastCall, f.blocked = stampOf(p.LastCall), stampOf(p.BlockedUntil)
	f.attempts, f.unrung, f.lastOutcome = uint16(p.Attempts), uint16(p.Unrung), p.LastOutcome
	out, ok := outCode(p.Out)
	f.out = out
	return ok && f.lastCall|f.blocked >= 0 && uint(p.Attempts|p.Unrung) <= math.MaxUint16
}

func unpackPhone(f *phoneFigures, p *campaign.Phone) {
	p.Out, p.BlockedUntil = outs[f.out], f.blocked.time()
	p.Attempts, p.Unrung = int(f.attempts), int(f.unrung)
	p.LastCall, p.LastOutcome = f.lastCall.time(), f.lastOutcome
}

// undialled reports whether a phone has nothing that phoneFigures keep.
func undialled(p *campaign.Phone) bool {
	return p.Out == "" && p.Attempts|p.Unrung == 0 && p.LastOutcome == 0 && p.LastCall.IsZero() && p.BlockedUntil.IsZero()
}

// earlier is a Before in compact form.
type earlier struct {
	marks
	figures
	phone   phoneFigures     // of the first phone
	number  blacklist.Number // its number; 0 is no phone
	further uint32           // furthers: the phones behind it
}

// wholeBefore marks the handle of a Before that does not fit: it is one of wholes.
const wholeBefore = 1 << 31

// keepBefore replaces what the record was before its latest call; nil is unknown.
func (t *rows) keepBefore(s slot, b *campaign.Before) {
	row := t.slab.At(s)
	if b == nil && row.past == 0 {
		return
	}
	past := t.block(row)
	if h := past.before; b != nil && h != 0 && h&wholeBefore == 0 && t.packBefore(t.befores.At(h), b) {
		return
	}
	t.dropBefore(past)
	if b == nil {
		return
	}
	h := must(t.befores.Add("the table of earlier progress", MaxRecords+1))
	past.before = h
	if t.packBefore(t.befores.At(h), b) {
		return
	}
	t.dropBefore(past)
	h = t.wholes.add()
	whole := t.wholes.at(h)
	whole.Progress = b.Progress
	progressMicros(&whole.Progress)
	whole.Progress.DueInput = ownInput(b.Progress.DueInput, nil)
	whole.Phones = t.storedPhones(nil, b.Phones)
	past.before = h | wholeBefore
}

func (t *rows) dropBefore(p *past) {
	switch {
	case p.before == 0:
	case p.before&wholeBefore != 0:
		t.wholes.drop(p.before &^ wholeBefore)
	default:
		t.dropFurther(t.befores.At(p.before).further)
		t.befores.Free(p.before)
	}
	p.before = 0
}

func (t *rows) packBefore(e *earlier, b *campaign.Before) bool {
	if b.Progress.DueInput != nil {
		return false
	}
	e.number, e.phone = 0, phoneFigures{}
	var behind []campaign.Phone
	if len(b.Phones) > 0 {
		p := &b.Phones[0]
		zones, ok := t.zones.id(p, e.zones, t.max.zones)
		e.number, e.zones = p.Number, zones
		if !ok || !plain(p) || !packPhone(&e.phone, p) {
			return false
		}
		behind = b.Phones[1:]
	}
	chain, ok := t.packFurther(e.further, behind, nil)
	e.further = chain
	if !ok {
		return false
	}
	return t.packMarks(&e.marks, &b.Progress) && t.packFigures(&e.figures, &b.Progress)
}

// before unpacks what the record was before its latest call, if it is known. The
// phones are appended to an arena, which is returned.
func (t *rows) before(s slot, into *campaign.Before, phones []campaign.Phone) ([]campaign.Phone, bool) {
	row := t.slab.At(s)
	if row.past == 0 {
		return phones, false
	}
	h := t.pasts.At(row.past).before
	if h == 0 {
		return phones, false
	}
	from := len(phones)
	if h&wholeBefore != 0 {
		whole := t.wholes.at(h &^ wholeBefore)
		into.Progress = whole.Progress
		phones = append(phones, whole.Phones...)
		into.Phones = clip(phones, from)
		return phones, true
	}
	e := t.befores.At(h)
	t.unpackMarks(&e.marks, &into.Progress)
	t.unpackFigures(&e.figures, &into.Progress)
	if e.number != 0 {
		phones = append(phones, campaign.Phone{})
		p := &phones[from]
		p.Number = e.number
		t.zones.put(e.zones, p)
		unpackPhone(&e.phone, p)
		phones = t.readFurther(e.further, phones)
	}
	into.Phones = clip(phones, from)
	return phones, true
}

// clip returns what was appended to an arena, nil if that is nothing. Whoever
// appends to it does not write into the arena.
func clip(phones []campaign.Phone, from int) []campaign.Phone {
	if len(phones) == from {
		return nil
	}
	return phones[from:len(phones):len(phones)]
}

// short gives a name its number in two bytes, long in four. old is the number
// that the field had before: mostly it is the same name. They say false when the
// table is full, which fits has ruled out where it matters.
func short(n *dense.Names, old uint16, s, what string, limit int) (uint16, bool) {
	id, ok := long(n, uint32(old), s, what, limit)
	return uint16(id), ok
}

func long(n *dense.Names, old uint32, s, what string, limit int) (uint32, bool) {
	if n.Name(old) == s {
		return old, true
	}
	if len(s) > MaxText {
		return 0, false
	}
	id, err := n.ID(s, what, limit)
	return id, err == nil
}
