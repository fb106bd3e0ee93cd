// Package calendar answers which instant a number of hours, days, weeks,
// months or years after another one is, in a given zone.
//
// Hours are absolute. Days, weeks, months and years are steps on the zone's
// calendar that keep the wall clock; a month or year step that would pass the
// end of a month stops at its last day (31 January + 1 month is 28 or 29
// February). time.Time.AddDate overflows into the next month instead, which is
// why this package exists.
//
// A local time that the clocks skip is read with the offset before the gap,
// one that they show twice is the first of the two (RFC 5545, section 3.3.5).
//
// All results are in UTC. A nil *time.Location is UTC where no error can be
// returned, and an error in Add.
package calendar

import (
	"fmt"
	"time"
)

// Unit is the size of a step. The zero value is no unit.
type Unit uint8

// The units, from the shortest to the longest.
const (
	Hours Unit = iota + 1
	Days
	Weeks
	Months
	Years
)

// MinYear and MaxYear are the years, of the zone and of UTC alike, that a
// result may have: the ones that RFC 3339 can write.
const (
	MinYear = 1
	MaxYear = 9999
)

// String returns the plural English name: "hours", "days" and so on.
func (u Unit) String() string {
	switch u {
	case Hours:
		return "hours"
	case Days:
		return "days"
	case Weeks:
		return "weeks"
	case Months:
		return "months"
	case Years:
		return "years"
	}
	return fmt.Sprintf("Unit(%d)", uint8(u))
}

// Max returns the largest number of steps that fits between MinYear and
// MaxYear; nothing larger can have a result. It is 0 for no unit.
func (u Unit) Max() int64 {
	const days = 3652058 // from 0001-01-01 to 9999-12-31
	switch u {
	case Hours:
		return days*24 + 23
	case Days:
		return days
	case Weeks:
		return days / 7
	case Months:
		return (MaxYear-MinYear)*12 + 11
	case Years:
		return MaxYear - MinYear
	}
	return 0
}

// Error says which step has no result.
type Error struct {
	From time.Time
	N    int64
	Unit Unit
	Msg  string // what is wrong
	Want string // what would be right
}

func (e *Error) Error() string {
	return fmt.Sprintf("calendar: %s %+d %s: %s; want %s", e.From.UTC().Format(time.RFC3339), e.N, e.Unit, e.Msg, e.Want)
}

// Add returns the instant n units after t, or before it if n is negative, in
// UTC. Calendar steps keep the wall clock of loc; no step (n = 0) returns t
// itself, even if its wall clock is the second of two. The error is an *Error:
// an unknown unit, no location, or a moment outside MinYear..MaxYear.
func Add(t time.Time, n int64, u Unit, loc *time.Location) (time.Time, error) {
	refuse := func(msg, want string) (time.Time, error) {
		return time.Time{}, &Error{From: t, N: n, Unit: u, Msg: msg, Want: want}
	}
	if u < Hours || u > Years {
		return refuse("unknown unit", "hours, days, weeks, months or years")
	}
	if loc == nil {
		return refuse("no location", "a time zone")
	}
	const years = "a moment in the years 1 to 9999, in UTC and in the zone"
	if !inYears(t, loc) {
		return refuse("the start is out of range", years)
	}
	const outside = "the result is out of range"
	// Bounding n first keeps all arithmetic below far from overflow.
	if n > u.Max() || n < -u.Max() {
		return refuse(outside, years)
	}
	if n == 0 {
		return t.UTC(), nil
	}
	var result time.Time
	switch u {
	case Hours:
		// A Duration holds 292 years of hours, so whole days are split off.
		result = t.UTC().AddDate(0, 0, int(n/24)).Add(time.Duration(n%24) * time.Hour)
	case Days:
		result = stepDays(t, int(n), loc)
	case Weeks:
		result = stepDays(t, int(n)*7, loc)
	case Months:
		result = stepMonths(t, int(n), loc)
	case Years:
		result = stepMonths(t, int(n)*12, loc)
	}
	if !inYears(result, loc) {
		return refuse(outside, years)
	}
	return result, nil
}

// AddDays returns the same wall clock n days later in loc. It is Add without
// the checks, for small n near times that are known to be sound: windows and
// their openings.
func AddDays(t time.Time, n int, loc *time.Location) time.Time {
	if n == 0 {
		return t.UTC()
	}
	return stepDays(t, n, orUTC(loc))
}

func stepDays(t time.Time, n int, loc *time.Location) time.Time {
	local := t.In(loc)
	year, month, day := local.Date()
	hour, minute, sec := local.Clock()
	return Resolve(year, month, day+n, hour, minute, sec, local.Nanosecond(), loc)
}

func stepMonths(t time.Time, n int, loc *time.Location) time.Time {
	local := t.In(loc)
	year, month, day := local.Date()
	hour, minute, sec := local.Clock()
	// The first of the month always exists, so time.Date normalises the month alone.
	first := time.Date(year, month+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	year, month, _ = first.Date()
	last := first.AddDate(0, 1, -1).Day()
	return Resolve(year, month, min(day, last), hour, minute, sec, local.Nanosecond(), loc)
}

func inYears(t time.Time, loc *time.Location) bool {
	in := func(year int) bool { return year >= MinYear && year <= MaxYear }
	return in(t.UTC().Year()) && in(t.In(loc).Year())
}

func orUTC(loc *time.Location) *time.Location {
	if loc == nil {
		return time.UTC
	}
	return loc
}
