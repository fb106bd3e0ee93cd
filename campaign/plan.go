package campaign

import (
	"math"
	"time"
)

const secondsPerDay = 24 * 60 * 60

// plan is Hours made ready for questions: for every kind of day, and of the
// day before it, whose windows may reach over midnight, the spans of the day.
// It is immutable.
type plan struct {
	spans   [numDays][numDays][]span // by the day before and the day
	holiday bool                     // holidays have windows of their own
	eve     bool                     // the days before them have
	never   bool                     // nothing is ever open
}

// span is half-open, in seconds of a day. The spans of a day are sorted and do
// not touch.
type span struct{ from, to int64 }

// newPlan makes hours ready. Nil is no restriction.
func newPlan(h Hours) *plan {
	w, err := parseWeek(h.text)
	if err != nil || w == nil || h.text == "always" {
		return nil // an error cannot be: the text is canonical
	}
	p := &plan{holiday: w.given[dayHoliday], eve: w.given[dayEve], never: true}
	for before := range numDays {
		for day := range numDays {
			spans := daySpans(w.days[before], w.days[day])
			p.spans[before][day] = spans
			p.never = p.never && len(spans) == 0
		}
	}
	return p
}

// daySpans unites what is left of the windows of the day before with those of
// the day itself, up to midnight.
func daySpans(before, day []window) []span {
	var spans []span
	add := func(from, to int) {
		from, to = max(from, 0), min(to, minutesPerDay)
		if from >= to {
			return
		}
		s := span{int64(from) * 60, int64(to) * 60}
		// Only the day before's late windows can be ahead of an earlier one.
		at := len(spans)
		for at > 0 && spans[at-1].from > s.from {
			at--
		}
		spans = append(spans[:at], append([]span{s}, spans[at:]...)...)
	}
	for _, w := range before {
		add(w.from-minutesPerDay, w.to-minutesPerDay)
	}
	for _, w := range day {
		add(w.from, w.to)
	}
	var merged []span
	for _, s := range spans {
		if n := len(merged); n > 0 && s.from <= merged[n-1].to {
			merged[n-1].to = max(merged[n-1].to, s.to)
			continue
		}
		merged = append(merged, s)
	}
	return merged
}

// gate is a plan in a zone, with the holidays of a region: open or closed at
// every instant.
type gate struct {
	plan *plan
	zone *time.Location
	days *holidays // may be nil
}

// at reports whether the gate is open in the second u, and the second until
// which that cannot change. The wall clock decides: u is converted to local
// time, and local time is inside a window or not. So a window that begins in a
// gap opens when the clocks have jumped, and an hour that comes twice counts twice.
func (g *gate) at(u int64) (open bool, until int64) {
	t := time.Unix(u, 0).In(g.zone)
	_, offset := t.Zone()
	wall := u + int64(offset)
	day := floorDiv(wall, secondsPerDay)
	second := wall - day*secondsPerDay
	edge := int64(secondsPerDay)
	for _, s := range g.plan.spans[g.kind(day-1)][g.kind(day)] {
		if second < s.from {
			edge = s.from
			break
		}
		if second < s.to {
			open, edge = true, s.to
			break
		}
	}
	until = u + edge - second
	if _, end := t.ZoneBounds(); !end.IsZero() && end.Unix() < until {
		until = end.Unix()
		if until <= u {
			// On 31 December of leap years beyond a zone's table Go reports an end
			// that has passed. Clocks change at quarters of an hour.
			until = min(u+edge-second, u-floorMod(u, 900)+900)
		}
	}
	return open, until
}

// kind is the row of windows that the day has, counted from 1 January 1970.
func (g *gate) kind(day int64) int {
	switch {
	case g.days == nil:
	case g.plan.holiday && g.days.has(day):
		return dayHoliday
	case g.plan.eve && g.days.has(day+1):
		return dayEve
	}
	return int(floorMod(day+3, 7)) // 1 January 1970 was a Thursday
}

// gates are open when all of them are. None are always open.
type gates []gate

// at reports whether all are open in the second u, and the second until which
// that cannot change.
func (gs gates) at(u int64) (open bool, until int64) {
	open, until = true, math.MaxInt64
	closed := u
	for i := range gs {
		o, e := gs[i].at(u)
		if !o {
			open, closed = false, max(closed, e)
		}
		until = min(until, e)
	}
	if !open {
		return false, closed
	}
	return true, until
}

// never reports whether one gate never opens.
func (gs gates) never() bool {
	for i := range gs {
		if gs[i].plan.never {
			return true
		}
	}
	return false
}

// flip reports whether all are open in the second u, and the first second
// before limit in which that has changed, if there is one.
func (gs gates) flip(u, limit int64) (open bool, at int64, found bool) {
	if gs.never() {
		return false, 0, false
	}
	open, next := gs.at(u)
	for next < limit {
		now, end := gs.at(next)
		if now != open {
			return open, next, true
		}
		next = end
	}
	return open, 0, false
}

// advance returns the first instant until which d of open time have passed
// since t, if that is not after limit.
func (gs gates) advance(t time.Time, d time.Duration, limit int64) (time.Time, bool) {
	if d <= 0 {
		return t, true
	}
	if gs.never() {
		return time.Time{}, false
	}
	for t.Unix() < limit {
		open, until := gs.at(t.Unix())
		if open {
			if until == math.MaxInt64 || until-t.Unix() > int64(d/time.Second)+1 {
				t, d = t.Add(d), 0
			} else if left := time.Unix(until, 0).Sub(t); left >= d {
				t, d = t.Add(d), 0
			} else {
				d -= left
			}
			if d == 0 {
				return t, t.Unix() < limit || t.Unix() == limit && t.Nanosecond() == 0
			}
		}
		t = time.Unix(until, 0).UTC()
	}
	return time.Time{}, false
}

func floorDiv(a, b int64) int64 { return (a - floorMod(a, b)) / b }

func floorMod(a, b int64) int64 { return (a%b + b) % b }
