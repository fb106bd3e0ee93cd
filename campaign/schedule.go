package campaign

import (
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nextcall/nextcall/internal/calendar"
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

// timetable is a list of gates with its latest answer. Answers depend on
// nothing but the instant, so keeping one changes none.
type timetable struct {
	gates  gates
	latest atomic.Pointer[state]
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
	u := t.Unix()
	s := tt.latest.Load()
	if s == nil || u < s.from || u >= s.to {
		s = tt.gates.look(u)
		tt.latest.Store(s)
	}
	return s.open, s.until
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

// class is a calling-hours class made ready.
type class struct {
	callee timetable // the callee hours in every zone
	both   timetable // and the campaign's working hours
}

// anyZone stands in a class for the campaign's CalleeZone, whatever that is at
// the time: a record keeps its class when the configuration changes.
const anyZone = "*"

// ClassOf returns the calling-hours class of a phone: its zones, sorted and
// joined by ",", then "|" and its region, as in "Europe/Warsaw|PL". For a phone
// without zones it is "*" and the region: the campaign's CalleeZone, and closed
// for ever while there is none. "" is no class: one of its zones is not a zone,
// so the phone is never called.
func (c *Campaign) ClassOf(p Phone) string {
	zones := p.Zones
	switch len(zones) {
	case 0:
		return anyZone + "|" + p.Region
	case 1:
	default:
		zones = slices.Clone(zones)
		slices.Sort(zones)
		zones = slices.Compact(zones)
	}
	for _, z := range zones {
		if _, ok := c.location(z); !ok {
			return ""
		}
	}
	if len(zones) == 1 {
		return zones[0] + "|" + p.Region
	}
	return strings.Join(zones, ",") + "|" + p.Region
}

// class returns what is ready for a class name, or nil for one that ClassOf
// does not give. A region without holidays of its own has the default's.
func (c *Campaign) class(name string) *class {
	if ready, ok := c.classes.Load(name); ok {
		return ready.(*class)
	}
	zones, region, ok := strings.Cut(name, "|")
	if !ok {
		return nil
	}
	days, known := c.regions[region]
	if !known && region != "" {
		// Only regions that the campaign knows are kept: records may hold any text.
		return c.class(zones + "|")
	}
	if zones == anyZone {
		zones = c.cfg.CalleeZone
	}
	var callee gates
	last := ""
	for z := range strings.SplitSeq(zones, ",") {
		loc, ok := c.location(z)
		if !ok || z <= last {
			return nil
		}
		last = z
		if c.calleePlan != nil {
			callee = append(callee, gate{c.calleePlan, loc, days})
		}
	}
	made := &class{}
	made.callee.gates = callee
	made.both.gates = append(slices.Clone(c.work.gates), callee...)
	ready, _ := c.classes.LoadOrStore(name, made)
	return ready.(*class)
}

// zoned reports whether a class has zones: whether its phones can ever be called.
func (c *Campaign) zoned(class string) bool { return class != "" && c.class(class) != nil }

// place is a class in words: its zones, and its region if it has one.
func (c *Campaign) place(class string) string {
	zones, region, _ := strings.Cut(class, "|")
	if zones == anyZone {
		zones = c.cfg.CalleeZone
	}
	if region != "" {
		zones += " (" + region + ")"
	}
	return zones
}

// ClassOpen reports whether people of a class may be called at t: whether the
// callee hours are open in every zone of the class, by the wall clock there.
// While open, until is the first instant at which that ends, zero if it does
// not within a year; while closed it is the next opening, zero if there is none
// within ten years. A name that ClassOf does not give is closed for ever.
func (c *Campaign) ClassOpen(class string, t time.Time) (open bool, until time.Time) {
	ready := c.class(class)
	if ready == nil {
		return false, time.Time{}
	}
	return ready.callee.at(t)
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
	return ready.both.gates.advance(t, d, limit)
}

// ReleaseOf returns when an own callback due at due passes to other agents:
// when the release time has passed in working hours. It is false if it never does.
func (c *Campaign) ReleaseOf(due time.Time) (time.Time, bool) {
	release := time.Duration(c.cfg.Callbacks.Release)
	if release <= 0 {
		return time.Time{}, false
	}
	return c.work.gates.advance(due, release, min(due.Unix()+workHorizon, lastSecond))
}

// Released returns the instant at or before which own callbacks were due that
// are released at now: those for which ReleaseOf is not after now. It is false
// if none is.
func (c *Campaign) Released(now time.Time) (due time.Time, ok bool) {
	release := time.Duration(c.cfg.Callbacks.Release)
	if release <= 0 || c.work.gates.never() {
		return time.Time{}, false
	}
	if len(c.work.gates) == 0 {
		return now.Add(-release), true
	}
	// Working time is counted forward only, so begin ever further back until
	// enough has passed since then.
	for back := time.Duration(2*secondsPerDay)*time.Second + 2*release; ; back *= 2 {
		back = min(back, workHorizon*time.Second)
		from := time.Unix(now.Add(-back).Unix(), 0).UTC()
		if worked := c.work.gates.worked(from, now); worked >= release {
			return c.work.gates.latest(from, worked-release), true
		}
		if back == workHorizon*time.Second {
			return time.Time{}, false
		}
	}
}

// worked returns how much open time lies between two instants.
func (gs gates) worked(from, to time.Time) time.Duration {
	var sum time.Duration
	for from.Before(to) {
		open, until := gs.at(from.Unix())
		next := time.Unix(until, 0).UTC()
		if to.Before(next) {
			next = to
		}
		if open {
			sum += next.Sub(from)
		}
		from = next
	}
	return sum
}

// latest returns the latest instant at which no more than d of open time have
// passed since from.
func (gs gates) latest(from time.Time, d time.Duration) time.Time {
	for {
		open, until := gs.at(from.Unix())
		next := time.Unix(until, 0).UTC()
		if open {
			if left := next.Sub(from); d < left {
				return from.Add(d)
			} else {
				d -= left
			}
		}
		from = next
	}
}

// dayStart returns the first instant of the campaign's day that is back days
// before the one in which t lies.
func (c *Campaign) dayStart(t time.Time, back int) time.Time {
	year, month, day := t.In(c.zone).Date()
	return calendar.StartOfDay(year, month, day-back, c.zone)
}

// location returns a zone by its IANA name. "" and "Local" are none: they would
// be UTC and the machine's own.
func (c *Campaign) location(name string) (*time.Location, bool) {
	if loc, ok := c.locations.Load(name); ok {
		return loc.(*time.Location), true
	}
	loc, ok := loadZone(name)
	if ok {
		c.locations.Store(name, loc)
	}
	return loc, ok
}

// loadZone loads a zone by its IANA name. The variants with leap seconds that
// some machines keep beside the others ("right/...") are not zones here: their
// clocks are half a minute off.
func loadZone(name string) (*time.Location, bool) {
	if name == "" || name == "Local" || len(name) > 100 || strings.ContainsAny(name, ",|") ||
		strings.HasPrefix(name, "right/") || strings.HasPrefix(name, "posix/") {
		return nil, false
	}
	loc, err := time.LoadLocation(name)
	return loc, err == nil
}
