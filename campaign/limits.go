package campaign

import (
	"fmt"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
)

// recordLimits appends the limits and gaps that count over the record or its contact.
func (c *Campaign) recordLimits(f *Facts, a *Asker, now time.Time, into []Blocker) []Blocker {
	r := &f.Record
	lim := &c.cfg.Limits
	if !a.overrides(c, OverrideLimit) {
		if n := lim.Attempts; n > 0 && r.Attempts.SinceReset >= n {
			into = append(into, Blocker{Reason: ReasonLimit, Detail: fmt.Sprintf("%d of %d attempts", r.Attempts.SinceReset, n)})
		}
		if n := lim.Unanswered; n > 0 && r.Attempts.Unanswered >= n && !r.Agreed {
			into = append(into, Blocker{Reason: ReasonLimit, Detail: fmt.Sprintf("%d of %d calls that reached nobody", r.Attempts.Unanswered, n)})
		}
	}
	return c.historyBlockers(f, &c.perRecord, 0, a, now, into)
}

// counts reports whether a logged call counts for a scope of the record.
func counts(call *Call, r *Record, per Scope, number blacklist.Number) bool {
	switch per {
	case PerNumber:
		return call.Number == number
	case PerContact:
		if r.Contact != "" {
			return call.Contact == r.Contact
		}
	}
	return r.Owns(call)
}

// since is the first instant of a cap's window at now; zero if it has none.
func (c *Campaign) since(l *Cap, now time.Time) time.Time {
	switch {
	case l.Days > 0:
		return c.dayStart(now, l.Days-1)
	case l.Within > 0:
		return now.Add(-time.Duration(l.Within))
	}
	return time.Time{}
}

// counts reports whether a call of the cap's scope counts in its window. One of
// calendar days is closed at its first instant; a rolling one frees a place
// exactly Within after the call.
func (l *Cap) counts(call *Call, talk bool, since time.Time) bool {
	if l.Talks && !talk || !l.Talks && !call.Counted {
		return false
	}
	return (l.Within <= 0 || call.Dialed.After(since)) && (l.Days <= 0 || !call.Dialed.Before(since))
}

// capBlocker appends a blocker if a cap is reached: at most Max calls in its window.
func (c *Campaign) capBlocker(f *Facts, l *Cap, number blacklist.Number, a *Asker, now time.Time, into []Blocker) []Blocker {
	if l.Max <= 0 || (!l.Law && a.overrides(c, OverrideLimit)) {
		return into
	}
	since := c.since(l, now)
	inside := func(call *Call) bool {
		return counts(call, &f.Record, l.Per, number) && l.counts(call, call.Conversation(), since)
	}
	n := 0
	for _, call := range f.History {
		if inside(call) {
			n++
		}
	}
	if n < l.Max {
		return into
	}
	// The moment at which the call that must leave the window leaves it.
	times := make([]time.Time, 0, n)
	for _, call := range f.History {
		if inside(call) {
			times = append(times, call.Dialed)
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	leaver := times[n-l.Max]
	var until time.Time
	window := "ever"
	switch {
	case l.Days > 0:
		until = c.dayStartAnew(leaver, -l.Days)
		window = fmt.Sprintf("in %d days", l.Days)
	case l.Within > 0:
		until = leaver.Add(time.Duration(l.Within))
		window = "in " + l.Within.String()
	}
	what := "attempts"
	if l.Talks {
		what = "conversations"
	}
	return append(into, Blocker{Reason: ReasonLimit, Until: until, Number: number,
		Detail: fmt.Sprintf("%d of %d %s per %s %s", n, l.Max, what, l.Per, window)})
}

// counts reports whether a call of the gap's scope begins it.
func (g *Gap) counts(call *Call, talk bool) bool { return talk || !g.Talks && call.Counted }

// gapBlocker appends a blocker if the last call is too recent. A gap counts
// from the end of a call that was an attempt or a conversation.
func (c *Campaign) gapBlocker(f *Facts, g *Gap, number blacklist.Number, a *Asker, now time.Time, into []Blocker) []Blocker {
	if g.Min <= 0 || (!g.Law && (f.Record.Agreed || a.overrides(c, OverrideGap))) {
		return into
	}
	var last time.Time
	for _, call := range f.History {
		if counts(call, &f.Record, g.Per, number) && g.counts(call, call.Conversation()) && call.Ended.After(last) {
			last = call.Ended
		}
	}
	until := last.Add(time.Duration(g.Min))
	if last.IsZero() || !now.Before(until) {
		return into
	}
	return append(into, Blocker{Reason: ReasonGap, Until: until, Number: number,
		Detail: fmt.Sprintf("less than %s after the last call of this %s", g.Min, g.Per)})
}
