package campaign

import (
	"time"

	"github.com/nextcall/nextcall/blacklist"
)

// maxTallied is how many caps, and how many gaps, are counted in one pass.
const maxTallied = 8

// bounds are the limits and gaps of a configuration that read the history:
// those that count over a number, or those that do not.
type bounds struct {
	caps []Cap
	gaps []Gap
	// What the limits ask about a call; few ask about all.
	record, contact bool
}

// newBounds are the bounds over numbers, or those over records and contacts.
// One that bounds nothing is left out.
func newBounds(l *Limits, numbers bool) bounds {
	var b bounds
	scope := func(per Scope) {
		b.record = b.record || per == PerRecord
		b.contact = b.contact || per == PerContact
	}
	for _, x := range l.Caps {
		if x.Max > 0 && (x.Per == PerNumber) == numbers {
			b.caps = append(b.caps, x)
			scope(x.Per)
		}
	}
	for _, x := range l.Gaps {
		if x.Min > 0 && (x.Per == PerNumber) == numbers {
			b.gaps = append(b.gaps, x)
			scope(x.Per)
		}
	}
	return b
}

// historyBlockers appends what blocks by the calls there were. The history is
// read once, and only a cap or gap that blocks is looked at closer.
func (c *Campaign) historyBlockers(f *Facts, b *bounds, number blacklist.Number, a *Asker, now time.Time, into []Blocker) []Blocker {
	if len(f.History) == 0 || len(b.caps)+len(b.gaps) == 0 {
		return into
	}
	if len(b.caps) > maxTallied || len(b.gaps) > maxTallied {
		return c.historyBlockersAnew(f, b, number, a, now, into)
	}
	var t tally
	for i := range b.caps {
		t.since[i] = c.since(&b.caps[i], now)
	}
	t.add(f, b, number)
	for i := range b.caps {
		if t.calls[i] >= b.caps[i].Max {
			into = c.capBlocker(f, &b.caps[i], number, a, now, into)
		}
	}
	for i := range b.gaps {
		if now.Before(t.last[i].Add(time.Duration(b.gaps[i].Min))) {
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

// tally is what a history comes to for bounds.
type tally struct {
	since [maxTallied]time.Time // of the cap's window
	calls [maxTallied]int       // in it
	last  [maxTallied]time.Time // the end of the last call that a gap counts from
}

func (t *tally) add(f *Facts, b *bounds, number blacklist.Number) {
	r := &f.Record
	for _, call := range f.History {
		// Of which scopes the call is.
		ofNumber := call.Number == number
		ofRecord := (b.record || b.contact && r.Contact == "") && counts(call, r, PerRecord, 0)
		ofContact := b.contact && (r.Contact == "" && ofRecord || r.Contact != "" && call.Contact == r.Contact)
		of := func(per Scope) bool {
			switch per {
			case PerNumber:
				return ofNumber
			case PerContact:
				return ofContact
			}
			return ofRecord
		}
		talk := call.Conversation()
		for i := range b.caps {
			if l := &b.caps[i]; of(l.Per) && l.counts(call, talk, t.since[i]) {
				t.calls[i]++
			}
		}
		for i := range b.gaps {
			if g := &b.gaps[i]; of(g.Per) && g.counts(call, talk) && call.Ended.After(t.last[i]) {
				t.last[i] = call.Ended
			}
		}
	}
}
