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
	days     [8]bool
	from, to int
}

// spans are opening hours; none is always open.
type spans []span

// holidays are dates ("2006-01-02") on which windows of their own hold, where
// there are any.
type holidays map[string]bool

// holiday is the day of a span that holds on holidays.
const holiday = 7

var (
	weekdays = [8]bool{false, true, true, true, true, true, false}
	saturday = [8]bool{6: true}
	allDays  = [8]bool{true, true, true, true, true, true, true}
	freeDays = [8]bool{holiday: true}
)

const day = 24 * 60

// kind is which windows hold on the day of a local time.
func (s spans) kind(local time.Time, free holidays) int {
	if free[local.Format(time.DateOnly)] {
		for _, w := range s {
			if w.days[holiday] {
				return holiday
			}
		}
	}
	return int(local.Weekday())
}

// open says whether the wall clock of a zone is inside one of the windows.
func (s spans) open(t time.Time, zone *time.Location, free holidays) bool {
	if len(s) == 0 {
		return true
	}
	local := t.In(zone)
	minute, today := local.Hour()*60+local.Minute(), s.kind(local, free)
	year, month, date := local.Date()
	yesterday := s.kind(time.Date(year, month, date-1, 12, 0, 0, 0, time.UTC), free)
	for _, w := range s {
		if w.days[today] && w.from <= minute && minute < w.to {
			return true
		}
		if w.to > day && w.days[yesterday] && minute < w.to-day {
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
	names := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat", "holiday"}
	byDay := make([][]string, len(names))
	for _, w := range s {
		for d := range names {
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
func (s spans) add(t time.Time, d time.Duration, free holidays, zones ...*time.Location) (at time.Time, ok bool) {
	isOpen := func(t time.Time) bool {
		for _, z := range zones {
			if !s.open(t, z, free) {
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
