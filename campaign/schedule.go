package campaign

import (
	"sync/atomic"
	"time"
)

// How far ahead changes are looked for. Both are counted from the start of the
// UTC day that is asked about, so that one answer holds for the whole day.
const (
	openHorizon   = 400 * secondsPerDay  // until it closes
	closedHorizon = 3660 * secondsPerDay // until it opens
	// workHorizon bounds counting open time, back and forth.
	workHorizon = 36600 * secondsPerDay
	lastSecond  = 253402300799 // the end of year 9999
)

// timetable is a list of gates with the latest answers. Answers depend on
// nothing but the instant, so keeping them changes none.
type timetable struct {
	gates gates
	// latest has a place for every hour or so, so that now and the time of the
	// next call do not drive each other out.
	latest [8]atomic.Pointer[state]
}

// state holds from the second from until the second to, exclusive.
type state struct {
	from, to int64
	open     bool
	until    time.Time // when it changes; zero: not within the horizon
}

// at reports whether all gates are open at t, and until when that holds.
func (tt *timetable) at(t time.Time) (open bool, until time.Time) {
	if len(tt.gates) == 0 {
		return true, time.Time{}
	}
	s := tt.known(t.Unix())
	return s.open, s.until
}

// known returns the state at u, from the latest ones or anew.
func (tt *timetable) known(u int64) *state {
	place := &tt.latest[u>>12&7]
	s := place.Load()
	if s == nil || u < s.from || u >= s.to {
		s = tt.gates.look(u)
		place.Store(s)
	}
	return s
}

// advance is that of the gates. Mostly the time passes without a closing, which
// a state tells.
func (tt *timetable) advance(t time.Time, d time.Duration, limit int64) (time.Time, bool) {
	if len(tt.gates) > 0 {
		s := tt.known(t.Unix())
		if end := t.Add(d).Unix(); s.open && end < s.to && end < limit {
			return t.Add(d), true
		}
	}
	return tt.gates.advance(t, d, limit)
}

// look finds the state at u.
func (gs gates) look(u int64) *state {
	day := u - floorMod(u, secondsPerDay)
	open, at, found := gs.flip(u, min(day+closedHorizon, lastSecond))
	if found && (!open || at < day+openHorizon) {
		return &state{from: u, to: at, open: open, until: time.Unix(at, 0).UTC()}
	}
	return &state{from: u, to: day + secondsPerDay, open: open}
}

// ClassOpen reports whether people of a class may be called at t: whether the
// callee hours are open in every zone of the class, by the wall clock there, and
// the list whose records have it, if any, is called. While open, until is the first instant at which that ends, zero if it does
// not within a year; while closed it is the next opening, zero if there is none
// within ten years, or the list is not called any more. A name that ClassOf does
// not give is closed for ever.
func (c *Campaign) ClassOpen(class string, t time.Time) (open bool, until time.Time) {
	k := c.class(class)
	open, until = k.open(t)
	if k == nil || k.list < 0 {
		return open, until
	}
	switch called, end := c.batches[k.list].open(t); {
	case !called || !open && !end.IsZero() && !until.Before(end):
		return false, time.Time{}
	case open && !end.IsZero() && (until.IsZero() || end.Before(until)):
		until = end
	}
	return open, until
}

// Running reports whether the campaign places calls at t: it is not paused, t
// lies between its dates and in its working hours. Until is the first instant
// at which the answer changes by itself, zero if it does not; why says in words
// what is in the way.
func (c *Campaign) Running(t time.Time) (ok bool, until time.Time, why string) {
	switch {
	case c.cfg.Paused:
		return false, time.Time{}, "paused"
	case !c.end.IsZero() && !t.Before(c.end):
		return false, time.Time{}, "ended"
	case t.Before(c.start):
		if at, ok := c.into(&c.work, t); ok {
			until = at
		}
		return false, until, "not started"
	}
	open, until := c.work.at(t)
	if !open {
		if !c.end.IsZero() && !until.Before(c.end) {
			until = time.Time{}
		}
		return false, until, "outside working hours"
	}
	if !c.end.IsZero() && (until.IsZero() || c.end.Before(until)) {
		until = c.end
	}
	return true, until, ""
}

// intoHours returns the first instant at or after t at which the class and the
// campaign's working hours are open, between its dates. A pause does not count:
// nobody knows when it ends.
func (c *Campaign) intoHours(class string, t time.Time) (time.Time, bool) {
	ready := c.class(class)
	if ready == nil {
		return time.Time{}, false
	}
	return c.into(&ready.both, t)
}

func (c *Campaign) into(tt *timetable, t time.Time) (time.Time, bool) {
	if t.Before(c.start) {
		t = c.start
	}
	open, until := tt.at(t)
	if !open {
		t = until
	}
	if t.IsZero() && !open || !c.end.IsZero() && !t.Before(c.end) {
		return time.Time{}, false
	}
	return t, true
}

// addOpen returns the first instant until which d of open time have passed
// since t, as intoHours understands open. It may be the instant of a closing.
func (c *Campaign) addOpen(class string, t time.Time, d time.Duration) (time.Time, bool) {
	if d <= 0 {
		return t, true
	}
	ready := c.class(class)
	if ready == nil {
		return time.Time{}, false
	}
	t, ok := c.into(&ready.both, t)
	if !ok {
		return time.Time{}, false
	}
	limit := min(t.Unix()+workHorizon, lastSecond)
	if !c.end.IsZero() {
		limit = min(limit, c.end.Unix())
	}
	return ready.both.advance(t, d, limit)
}
