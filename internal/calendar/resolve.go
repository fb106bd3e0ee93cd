package calendar

import "time"

// Resolve returns the instant at which the clocks of loc show the given date
// and time. Values outside their ranges are carried as time.Date does it
// (32 January is 1 February). A time that is skipped takes the offset before
// the gap; one that is shown twice is the first.
func Resolve(year int, month time.Month, day, hour, minute, sec, nsec int, loc *time.Location) time.Time {
	wall := time.Date(year, month, day, hour, minute, sec, nsec, time.UTC)
	at, _, _ := locate(wall.Unix(), orUTC(loc))
	return time.Unix(at, int64(wall.Nanosecond())).UTC()
}

// StartOfDay returns the first instant at which the clocks of loc show the
// given date. Where midnight is skipped that is the end of the gap; of a date
// that is skipped whole (30 December 2011 in Pacific/Apia) it is the instant
// at which the next date begins.
func StartOfDay(year int, month time.Month, day int, loc *time.Location) time.Time {
	wall := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	at, gapEnd, exists := locate(wall.Unix(), orUTC(loc))
	if !exists {
		at = gapEnd
	}
	return time.Unix(at, 0).UTC()
}

// Midnight returns the start of the local day in which t lies, as StartOfDay.
func Midnight(t time.Time, loc *time.Location) time.Time {
	loc = orUTC(loc)
	year, month, day := t.In(loc).Date()
	return StartOfDay(year, month, day, loc)
}

const (
	// maxOffset is more than any zone ever differed from UTC (Manila, before
	// 1845, by almost 16 hours).
	maxOffset = 26 * 60 * 60
	// quarter divides every moment at which a zone with a rule for future
	// years changes its clocks.
	quarter = 15 * 60
)

// locate finds the instant of a wall clock given as the Unix time it would
// have in UTC. If the zone skips it, exists is false, at is the wall clock read
// with the offset before the gap and gapEnd the instant at which clocks jumped.
//
// It walks the zone's periods of constant offset in order of time, so that the
// first match is the earliest, whatever the size and number of the jumps.
// time.Date only promises one of the possible answers.
func locate(wall int64, loc *time.Location) (at, gapEnd int64, exists bool) {
	cursor := wall - maxOffset // a moment in the period that is looked at
	before := 0                // the offset of the period before
	for first := true; ; first = false {
		t := time.Unix(cursor, 0).In(loc)
		_, offset := t.Zone()
		at = wall - int64(offset)
		if at < cursor && !first {
			return wall - int64(before), cursor, false
		}
		_, end := t.ZoneBounds()
		if end.IsZero() {
			return at, 0, true
		}
		next := end.Unix()
		if next <= cursor {
			// On 31 December of leap years beyond a zone's table Go reports
			// an end that has passed; small steps lead out of that day.
			next = cursor + quarter
		}
		if at < next {
			return at, 0, true
		}
		cursor, before = next, offset
	}
}
