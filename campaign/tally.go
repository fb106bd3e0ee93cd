package campaign

import (
	"time"

	"github.com/nextcall/nextcall/blacklist"
)

// maxTallied is how many caps, and how many gaps, are counted in one pass.
const maxTallied = 8

// scopes is a set of scopes: those that a call is of.
type scopes uint8

const (
	ofNumber scopes = 1 << iota
	ofRecord
	ofContact
)

var scopeBits = map[Scope]scopes{PerNumber: ofNumber, PerRecord: ofRecord, PerContact: ofContact}

// bounds are the limits and gaps of a configuration that read the history:
// those that count over a number, or those that do not.
type bounds struct {
	caps  []Cap
	gaps  []Gap
	capOf []scopes // by cap, the one that it counts over
	gapOf []scopes
	asked scopes // all of them: what must be known of a call
}

// newBounds are the bounds over numbers, or those over records and contacts.
// One that bounds nothing is left out.
func newBounds(l *Limits, numbers bool) bounds {
	var b bounds
	for _, x := range l.Caps {
		if x.Max > 0 && (x.Per == PerNumber) == numbers {
			b.caps, b.capOf = append(b.caps, x), append(b.capOf, scopeBits[x.Per])
			b.asked |= scopeBits[x.Per]
		}
	}
	for _, x := range l.Gaps {
		if x.Min > 0 && (x.Per == PerNumber) == numbers {
			b.gaps, b.gapOf = append(b.gaps, x), append(b.gapOf, scopeBits[x.Per])
			b.asked |= scopeBits[x.Per]
		}
	}
	return b
}

// of is what a call is of, among the scopes that are asked about.
func (b *bounds) of(call *Call, r *Record, number blacklist.Number) scopes {
	var of scopes
	if b.asked&ofNumber != 0 && call.Number == number {
		of |= ofNumber
	}
	alone := r.Contact == "" // then its contact is the record itself
	if b.asked&ofContact != 0 && !alone && call.Contact == r.Contact {
		of |= ofContact
	}
	if (b.asked&ofRecord != 0 || b.asked&ofContact != 0 && alone) && r.Owns(call) {
		of |= ofRecord
		if alone {
			of |= ofContact
		}
	}
	return of
}

// historyBlockers appends what blocks by the calls there were. The history is
// read once, and only a cap or gap that seems to block is looked at closer.
func (c *Campaign) historyBlockers(f *Facts, b *bounds, number blacklist.Number, a *Asker, now time.Time, into []Blocker) []Blocker {
	if len(f.History) == 0 || len(b.caps)+len(b.gaps) == 0 {
		return into
	}
	if len(b.caps) > maxTallied || len(b.gaps) > maxTallied {
		return c.historyBlockersAnew(f, b, number, a, now, into)
	}
	var t tally
	for i := range b.caps {
		t.since[i] = c.since(&b.caps[i], now).Unix()
	}
	for i := range b.gaps {
		t.recent[i] = now.Add(-time.Duration(b.gaps[i].Min)).Unix()
	}
	t.add(f, b, number)
	for i := range b.caps {
		if t.calls[i] >= b.caps[i].Max {
			into = c.capBlocker(f, &b.caps[i], number, a, now, into)
		}
	}
	for i := range b.gaps {
		if t.near[i] {
			into = c.gapBlocker(f, &b.gaps[i], number, a, now, into)
		}
	}
	return into
}

// historyBlockersAnew looks at every cap and gap by itself.
func (c *Campaign) historyBlockersAnew(f *Facts, b *bounds, number blacklist.Number, a *Asker, now time.Time, into []Blocker) []Blocker {
	for i := range b.caps {
		into = c.capBlocker(f, &b.caps[i], number, a, now, into)
	}
	for i := range b.gaps {
		into = c.gapBlocker(f, &b.gaps[i], number, a, now, into)
	}
	return into
}

// tally is what a history comes to for bounds, to the second: it may find a cap
// or a gap that does not block, and misses none.
type tally struct {
	since  [maxTallied]int64 // the second in which the cap's window begins
	calls  [maxTallied]int   // in it
	recent [maxTallied]int64 // the second from which on a call is too near for the gap
	near   [maxTallied]bool  // there is one
}

func (t *tally) add(f *Facts, b *bounds, number blacklist.Number) {
	for _, call := range f.History {
		dialed, ended := call.Dialed.Unix(), call.Ended.Unix()
		known, of := false, scopes(0) // asked for once the time is right
		for i := range b.caps {
			if l := &b.caps[i]; dialed >= t.since[i] && (l.Talks || call.Counted) {
				if !known {
					known, of = true, b.of(call, &f.Record, number)
				}
				if of&b.capOf[i] != 0 && (!l.Talks || call.Conversation()) {
					t.calls[i]++
				}
			}
		}
		for i := range b.gaps {
			if g := &b.gaps[i]; ended >= t.recent[i] && !t.near[i] {
				if !known {
					known, of = true, b.of(call, &f.Record, number)
				}
				t.near[i] = of&b.gapOf[i] != 0 && g.counts(call, call.Conversation())
			}
		}
	}
}
