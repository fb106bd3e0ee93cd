package calendar_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/internal/calendar"
)

func TestResolveGapsAndOverlaps(t *testing.T) {
	for _, row := range []struct{ name, zone, local, want string }{
		{"an ordinary time", "Europe/Warsaw", "2024-06-01T12:00:00Z", "2024-06-01T10:00:00Z"},
		{"a gap of an hour", "Europe/Warsaw", "2024-03-31T02:30:00Z", "2024-03-31T01:30:00Z"},
		{"the gap's first moment", "Europe/Warsaw", "2024-03-31T02:00:00Z", "2024-03-31T01:00:00Z"},
		{"the gap's end", "Europe/Warsaw", "2024-03-31T03:00:00Z", "2024-03-31T01:00:00Z"},
		{"twice: the first", "Europe/Warsaw", "2024-10-27T02:30:00Z", "2024-10-27T00:30:00Z"},
		{"after the overlap", "Europe/Warsaw", "2024-10-27T03:00:00Z", "2024-10-27T02:00:00Z"},
		{"west of Greenwich, twice", "America/New_York", "2024-11-03T01:30:00Z", "2024-11-03T05:30:00Z"},
		{"west of Greenwich, skipped", "America/New_York", "2024-03-10T02:30:00Z", "2024-03-10T07:30:00Z"},
		{"half an hour, skipped", "Australia/Lord_Howe", "2024-10-06T02:15:00Z", "2024-10-05T15:45:00Z"},
		{"two hours, skipped", "Antarctica/Troll", "2024-03-31T01:30:00Z", "2024-03-31T01:30:00Z"},
		{"two hours, twice", "Antarctica/Troll", "2024-10-27T01:30:00Z", "2024-10-26T23:30:00Z"},
		{"a whole day, skipped", "Pacific/Apia", "2011-12-30T12:00:00Z", "2011-12-30T22:00:00Z"},
		{"a whole day, skipped (Kwajalein)", "Pacific/Kwajalein", "1993-08-21T12:00:00Z", "1993-08-22T00:00:00Z"},
		{"a whole day twice (Alaska)", "America/Sitka", "1867-10-18T12:00:00Z", "1867-10-17T21:01:13Z"},
		{"winter time is the exception (Dublin)", "Europe/Dublin", "2024-10-27T01:30:00Z", "2024-10-27T00:30:00Z"},
		{"+13:45", "Pacific/Chatham", "2024-01-01T00:00:00Z", "2023-12-31T10:15:00Z"},
		{"by rule, years past every table", "Europe/Warsaw", "2400-03-26T02:30:00Z", "2400-03-26T01:30:00Z"},
		{"the end of a leap year past every table", "Europe/Warsaw", "2400-12-31T12:00:00Z", "2400-12-31T11:00:00Z"},
		{"the day after", "Australia/Sydney", "2401-01-01T00:30:00Z", "2400-12-31T13:30:00Z"},
	} {
		t.Run(row.name, func(t *testing.T) {
			l := instant(t, row.local)
			got := calendar.Resolve(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), 7, zone(t, row.zone))
			assert.Equal(t, row.want, got.Format(time.RFC3339))
			assert.Equal(t, 7, got.Nanosecond())
			assert.Equal(t, time.UTC, got.Location())
		})
	}
}

func TestResolveWithoutAZoneIsUTC(t *testing.T) {
	want := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	assert.Equal(t, want, calendar.Resolve(2024, 5, 1, 0, 0, 0, 0, nil))
	assert.Equal(t, want, calendar.StartOfDay(2024, 5, 1, nil))
	assert.Equal(t, want, calendar.Midnight(want.Add(time.Hour), nil))
	assert.Equal(t, want, calendar.AddDays(want.AddDate(0, 0, -1), 1, nil))
}

func TestResolveInAFixedZoneOfAnySize(t *testing.T) {
	for _, hours := range []int{-40, -12, 0, 14, 40} {
		loc := time.FixedZone("fixed", hours*3600)
		got := calendar.Resolve(2024, 5, 1, 12, 0, 0, 0, loc)
		assert.Equal(t, time.Date(2024, 5, 1, 12-hours, 0, 0, 0, time.UTC), got, "%d", hours)
	}
}

// For every quarter of an hour around real transitions Resolve is compared
// with a scan of all instants that show the wall clock.
func TestResolveEqualsAScanOfTheClock(t *testing.T) {
	const step = 15 * time.Minute
	for _, row := range []struct{ zone, around string }{
		{"Europe/Warsaw", "2024-03-31T01:00:00Z"},
		{"Europe/Warsaw", "2024-10-27T01:00:00Z"},
		{"Europe/Warsaw", "2400-12-31T00:00:00Z"},
		{"America/Sao_Paulo", "2018-02-18T02:00:00Z"},
		{"America/Sao_Paulo", "2018-11-04T03:00:00Z"},
		{"America/St_Johns", "2006-10-29T02:30:00Z"},
		{"America/Havana", "2024-11-03T05:00:00Z"},
		{"Asia/Tehran", "2022-03-21T20:30:00Z"},
		{"Asia/Beirut", "2023-03-29T22:00:00Z"},
		{"Africa/Casablanca", "2024-03-10T02:00:00Z"},
		{"Australia/Lord_Howe", "2024-04-06T15:00:00Z"},
		{"Pacific/Chatham", "2024-09-28T14:00:00Z"},
		{"Pacific/Apia", "2011-12-30T10:00:00Z"},
		{"Pacific/Kwajalein", "1993-08-21T12:00:00Z"},
		{"America/Nuuk", "2024-03-31T01:00:00Z"},
		{"America/Toronto", "1999-10-31T04:00:00Z"},
	} {
		loc, middle := zone(t, row.zone), instant(t, row.around)
		wallOf := func(at time.Time) string { return at.In(loc).Format("2006-01-02T15:04") }
		first := map[string]time.Time{}
		for at := middle.Add(-80 * time.Hour); at.Before(middle.Add(80 * time.Hour)); at = at.Add(step) {
			if wall := wallOf(at); first[wall].IsZero() {
				first[wall] = at
			}
		}
		checked := 0
		for wall := middle.Add(-40 * time.Hour).Truncate(step); wall.Before(middle.Add(40 * time.Hour)); wall = wall.Add(step) {
			got := calendar.Resolve(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), 0, 0, loc)
			want, exists := first[wall.Format("2006-01-02T15:04")]
			if exists {
				require.Equal(t, want, got, "%s %v", row.zone, wall)
			} else {
				// In a gap the answer is as far past the jump as the wall
				// clock is past the last one shown before it.
				lastShown, back := time.Time{}, time.Duration(0)
				for lastShown.IsZero() && back < 48*time.Hour {
					back += step
					lastShown = first[wall.Add(-back).Format("2006-01-02T15:04")]
				}
				require.Equal(t, lastShown.Add(back), got, "%s %v is skipped", row.zone, wall)
			}
			checked++
		}
		assert.Equal(t, 320, checked)
	}
}

func TestTheStartOfADay(t *testing.T) {
	for _, row := range []struct{ name, zone, at, want string }{
		{"an ordinary day", "Europe/Warsaw", "2024-06-01T12:00:00Z", "2024-05-31T22:00:00Z"},
		{"the day of the gap", "Europe/Warsaw", "2024-03-31T12:00:00Z", "2024-03-30T23:00:00Z"},
		{"midnight is skipped", "America/Sao_Paulo", "2018-11-04T12:00:00Z", "2018-11-04T03:00:00Z"},
		{"midnight comes twice", "America/Havana", "2024-11-03T12:00:00Z", "2024-11-03T04:00:00Z"},
		{"the clock falls back at midnight", "America/Sao_Paulo", "2018-02-18T12:00:00Z", "2018-02-18T03:00:00Z"},
		{"the hour before midnight shown again is the old day", "America/Sao_Paulo", "2018-02-18T02:30:00Z", "2018-02-17T02:00:00Z"},
		{"the gap begins before midnight (Toronto 1919)", "America/Toronto", "1919-03-31T12:00:00Z", "1919-03-31T04:30:00Z"},
		{"the day after the skipped one", "Pacific/Apia", "2011-12-30T11:00:00Z", "2011-12-30T10:00:00Z"},
		{"the day before the skipped one", "Pacific/Apia", "2011-12-30T09:59:00Z", "2011-12-29T10:00:00Z"},
	} {
		t.Run(row.name, func(t *testing.T) {
			loc, at := zone(t, row.zone), instant(t, row.at)
			got := calendar.Midnight(at, loc)
			assert.Equal(t, row.want, got.Format(time.RFC3339))
			year, month, day := at.In(loc).Date()
			assert.Equal(t, got, calendar.StartOfDay(year, month, day, loc))
			assert.Equal(t, day, got.In(loc).Day(), "it is in the day")
			assert.NotEqual(t, day, got.Add(-time.Second).In(loc).Day(), "nothing before it is")
		})
	}
	apia := zone(t, "Pacific/Apia")
	assert.Equal(t, calendar.StartOfDay(2011, 12, 31, apia), calendar.StartOfDay(2011, 12, 30, apia),
		"a date that never was begins with the next")
}
