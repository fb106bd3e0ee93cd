package modeltest

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// span is one window of the model: on these days (Sunday is 0), from minute to
// minute of the day on which it begins. It may end after midnight.
type span struct {
	days     [7]bool
	from, to int
}

// spans are opening hours; none is always open.
type spans []span

var (
	weekdays = [7]bool{false, true, true, true, true, true, false}
	saturday = [7]bool{6: true}
	allDays  = [7]bool{true, true, true, true, true, true, true}
)

const day = 24 * 60

// open says whether the wall clock of a zone is inside one of the windows.
func (s spans) open(t time.Time, zone *time.Location) bool {
	if len(s) == 0 {
		return true
	}
	local := t.In(zone)
	minute, weekday := local.Hour()*60+local.Minute(), int(local.Weekday())
	for _, w := range s {
		if w.days[weekday] && w.from <= minute && minute < w.to {
			return true
		}
		if w.to > day && w.days[(weekday+6)%7] && minute < w.to-day {
			return true
		}
	}
	return false
}

// text writes the windows as the configuration reads them.
func (s spans) text() string {
	if len(s) == 0 {
		return ""
	}
	names := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	byDay := make([][]string, 7)
	for _, w := range s {
		for d := range 7 {
			if w.days[d] {
				to := w.to
				if to > day {
					to -= day
				}
				byDay[d] = append(byDay[d], fmt.Sprintf("%02d:%02d-%02d:%02d", w.from/60, w.from%60, to/60, to%60))
			}
		}
	}
	var groups []string
	for d, windows := range byDay {
		if len(windows) > 0 {
			groups = append(groups, names[d]+" "+strings.Join(windows, ", "))
		}
	}
	if len(groups) == 0 {
		return "never"
	}
	return strings.Join(groups, "; ")
}

// add is the instant at which d of open time has passed since t, counted minute
// by minute. ok is false if two months are not enough.
func (s spans) add(t time.Time, d time.Duration, zones ...*time.Location) (at time.Time, ok bool) {
	isOpen := func(t time.Time) bool {
		for _, z := range zones {
			if !s.open(t, z) {
				return false
			}
		}
		return true
	}
	limit := t.AddDate(0, 2, 0)
	for t.Before(limit) {
		next := t.Truncate(time.Minute).Add(time.Minute)
		if isOpen(t) {
			if d <= next.Sub(t) {
				return t.Add(d), true
			}
			d -= next.Sub(t)
		}
		t = next
	}
	return time.Time{}, false
}

// zones are those loaded already: loading one costs more than a whole step.
var zones sync.Map

// location loads a zone; nil if there is none of that name.
func location(name string) *time.Location {
	if loc, ok := zones.Load(name); ok {
		return loc.(*time.Location)
	}
	loc, err := time.LoadLocation(name)
	if err != nil || name == "" {
		loc = nil
	}
	zones.Store(name, loc)
	return loc
}
