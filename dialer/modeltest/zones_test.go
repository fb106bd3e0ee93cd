package modeltest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
)

func TestScenario11ZonesFarAndOdd(t *testing.T) { onEveryStore(t, scenario11ZonesFarAndOdd) }

func scenario11ZonesFarAndOdd(t *testing.T, fresh opener) {
	for _, tc := range []struct{ zone, hours, from, opens string }{
		{"Pacific/Kiritimati", "daily 09:00-17:00", "2026-10-25 19:30", "2026-10-26T09:00:00+14:00"},
		{"Pacific/Chatham", "daily 09:00-17:00", "2026-10-25 20:00", "2026-10-26T09:00:00+13:45"},
		{"Etc/GMT+12", "daily 09:00-17:00", "2026-10-26 12:00", "2026-10-26T09:00:00-12:00"},
		{"Asia/Kathmandu", "daily 09:00-17:00", "2026-10-26 12:30", "2026-10-27T09:00:00+05:45"},
		{"Asia/Kolkata", "daily 09:00-17:00", "2026-10-26 12:31", "2026-10-27T09:00:00+05:30"},
		{"Australia/Lord_Howe", "daily 09:00-17:00", "2026-10-26 12:00", "2026-10-27T09:00:00+11:00"},
		{"America/Phoenix", "daily 09:00-17:00", "2026-07-01 12:00", "2026-07-01T09:00:00-07:00"},
		{"America/Denver", "daily 09:00-17:00", "2026-07-01 12:00", "2026-07-01T09:00:00-06:00"},
		// A window that begins in the hour that does not exist opens when the wall clock has passed it.
		{"America/New_York", "daily 02:30-05:00", "2027-03-14 01:00", "2027-03-14T03:00:00-04:00"},
		// One that occurs twice is the first.
		{"America/New_York", "daily 01:30-03:00", "2026-11-01 04:00", "2026-11-01T01:30:00-04:00"},
	} {
		t.Run(tc.zone+" "+tc.hours, func(t *testing.T) {
			opens, err := time.Parse(time.RFC3339, tc.opens)
			require.NoError(t, err)
			opens = opens.UTC()
			d := sit(t, fresh, tc.from, office("c", tc.hours))
			require.True(t, d.clock.Before(opens))
			d.add("c", "r", "+48600100200@"+tc.zone)
			d.nothing(opens)
			d.clock = opens.Add(-time.Microsecond)
			d.nothing(opens)
			d.clock = opens
			d.dial("r")
		})
	}
}

func TestScenario12WindowsOverMidnightAllDayAndSundaysOnly(t *testing.T) {
	onEveryStore(t, scenario12WindowsOverMidnightAllDayAndSundaysOnly)
}

func scenario12WindowsOverMidnightAllDayAndSundaysOnly(t *testing.T, fresh opener) {
	open := func(hours string, yes, no []string) {
		t.Helper()
		for i, text := range append(yes, no...) {
			d := sit(t, fresh, text, office("c", hours))
			d.add("c", "r", "+48600100200")
			require.Equal(t, i < len(yes), len(d.ask("ann", 1).Calls) == 1, "%s at %s", hours, text)
		}
	}
	open("fri 20:00-02:00",
		[]string{"2026-10-23 20:00", "2026-10-23 23:59:59.999999", "2026-10-24 00:00", "2026-10-24 01:59:59.999999"},
		[]string{"2026-10-23 19:59:59.999999", "2026-10-24 02:00", "2026-10-23 01:00", "2026-10-24 20:00"})
	open("mon 00:00-24:00",
		[]string{"2026-10-26 00:00", "2026-10-26 23:59:59.999999"},
		[]string{"2026-10-25 23:59:59.999999", "2026-10-27 00:00"})
	open("sun 10:00-12:00",
		[]string{"2026-10-25 10:00", "2026-10-25 11:59:59.999999"},
		[]string{"2026-10-25 12:00", "2026-10-24 11:00", "2026-10-26 11:00"})
}

// TestInvariant08InEveryZone: whatever the zone, a call is inside the window of
// the wall clock there.
func TestInvariant08And10InEveryZoneTenYearsAhead(t *testing.T) {
	names := everyZone(t)
	years := 10
	if testing.Short() {
		years = 1
	}
	c := compile(t, office("c", "mon-fri 09:00-20:00; sat 22:00-03:00; sun 01:30-02:30"))
	for _, name := range names {
		loc, err := time.LoadLocation(name)
		require.NoError(t, err)
		class := c.ClassOf(campaign.Phone{Number: num("+48600100200"), Zones: []string{name}})
		require.NotEmpty(t, class, name)
		from := clock("2026-10-20 00:00")
		end := from.AddDate(years, 0, 0)
		for at := from; at.Before(end); {
			walkOpenings(t, c, class, loc, at.Add(-25*time.Hour), at.Add(50*time.Hour))
			_, change := at.In(loc).ZoneBounds()
			if change.IsZero() || change.After(at.AddDate(1, 0, 0)) {
				change = at.AddDate(1, 0, 0) // no change this year: once a year all the same
			}
			at = change.UTC()
		}
	}
}

// walkOpenings follows the openings and closings of a class from one to the
// next: each is later than the moment that it was asked for, and nothing
// changes between.
func walkOpenings(t *testing.T, c *campaign.Campaign, class string, loc *time.Location, from, to time.Time) {
	steps := 0
	for at := from; at.Before(to); steps++ {
		open, until := c.ClassOpen(class, at)
		if !until.After(at) || steps > 50 {
			t.Fatalf("%v: at %v (open %v) the next change is %v: want a later one, and few of them", loc, at, open, until)
		}
		for _, inside := range []time.Time{at, at.Add(until.Sub(at) / 2), until.Add(-time.Microsecond)} {
			if still, same := c.ClassOpen(class, inside); still != open || !same.Equal(until) {
				t.Fatalf("%v: at %v open %v until %v, yet at %v open %v until %v", loc, at, open, until, inside, still, same)
			}
			// Far from a change of the clock the wall clock alone decides.
			before, after := inside.In(loc).ZoneBounds()
			if inside.Sub(before) < 4*time.Hour && !before.IsZero() || !after.IsZero() && after.Sub(inside) < 4*time.Hour {
				continue
			}
			if wall := onTheWall(inside.In(loc)); wall != open {
				t.Fatalf("%v: at %v open is %v", loc, inside.In(loc), open)
			}
		}
		if again, _ := c.ClassOpen(class, until); again == open {
			t.Fatalf("%v: at %v open %v until %v, and there still", loc, at, open, until)
		}
		at = until
	}
}

// onTheWall is the window of the test in plain words.
func onTheWall(t time.Time) bool {
	minute := t.Hour()*60 + t.Minute()
	switch t.Weekday() {
	case time.Saturday:
		return minute >= 22*60
	case time.Sunday:
		return minute < 3*60 // Saturday's end, and its own inside of it
	default:
		return minute >= 9*60 && minute < 20*60
	}
}
