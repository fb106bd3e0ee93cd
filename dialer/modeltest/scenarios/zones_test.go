package scenarios

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
)

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
