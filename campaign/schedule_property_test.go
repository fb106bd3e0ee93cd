package campaign_test

import (
	"archive/zip"
	"fmt"
	"go/build"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/nextcall/nextcall/campaign"
)

// weekly is a plain model of hours: minutes of the day, by weekday (Sunday is
// 0), holiday (7) and eve (8). Ends may pass midnight.
type weekly struct {
	windows [9][][2]int
	given   [9]bool
	dates   map[string]bool
}

// open asks the wall clock, minute by minute, in the plainest way.
func (w *weekly) open(t time.Time, zones ...*time.Location) bool {
	for _, z := range zones {
		local := t.In(z)
		y, m, d := local.Date()
		minute := local.Hour()*60 + local.Minute()
		inside := func(back, minute int) bool {
			day := time.Date(y, m, d-back, 0, 0, 0, 0, time.UTC)
			kind := int(day.Weekday())
			if w.given[8] && w.dates[day.AddDate(0, 0, 1).Format(time.DateOnly)] {
				kind = 8
			}
			if w.given[7] && w.dates[day.Format(time.DateOnly)] {
				kind = 7
			}
			for _, x := range w.windows[kind] {
				if minute >= x[0] && minute < x[1] {
					return true
				}
			}
			return false
		}
		if !inside(0, minute) && !inside(1, minute+24*60) {
			return false
		}
	}
	return true
}

func (w *weekly) text() string {
	names := [9]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat", "holiday", "eve"}
	var groups []string
	for day, windows := range w.windows {
		if day >= 7 && !w.given[day] {
			continue
		}
		texts := []string{"none"}
		if len(windows) > 0 {
			texts = nil
		}
		for _, x := range windows {
			to := x[1]
			if to > 24*60 {
				to -= 24 * 60
			}
			texts = append(texts, fmt.Sprintf("%02d:%02d-%02d:%02d", x[0]/60, x[0]%60, to/60, to%60))
		}
		groups = append(groups, names[day]+" "+strings.Join(texts, ", "))
	}
	return strings.Join(groups, "; ")
}

func drawWeekly(t *rapid.T) *weekly {
	w := &weekly{dates: map[string]bool{}}
	// Windows near midnight and in the small hours meet the clock changes.
	minute := rapid.OneOf(rapid.IntRange(0, 24*60-1), rapid.IntRange(0, 5*60), rapid.SampledFrom([]int{0, 60, 120, 180, 23 * 60}))
	for day := range w.windows {
		if day >= 7 {
			if w.given[day] = rapid.Bool().Draw(t, "given"); !w.given[day] {
				continue
			}
		}
		from := 0
		for range rapid.IntRange(0, 3).Draw(t, "windows") {
			start := from + minute.Draw(t, "start")
			end := start + 1 + minute.Draw(t, "length")
			if start >= 24*60 {
				break
			}
			// A window may not be as long as a whole day, but from midnight.
			end = min(end, start+24*60-1)
			w.windows[day] = append(w.windows[day], [2]int{start, end})
			if from = end; from >= 24*60 {
				break
			}
		}
	}
	return w
}

var strangeZones = []string{
	"Europe/Warsaw", "America/New_York", "America/Phoenix", "Pacific/Chatham", "Pacific/Kiritimati", "Etc/GMT+12",
	"Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Cairo", "America/Santiago", "Africa/Casablanca", "Asia/Beirut",
	"America/Havana", "Antarctica/Troll", "Pacific/Apia", "America/St_Johns", "Asia/Gaza", "Atlantic/Azores",
}

// ClassOpen agrees with the plain model at every minute, and its until is the
// first minute at which the model says otherwise.
func TestClassOpenIsTheWallClock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWeekly(t)
		names := rapid.SliceOfNDistinct(rapid.SampledFrom(strangeZones), 1, 2, rapid.ID[string]).Draw(t, "zones")
		var zones []*time.Location
		for _, n := range names {
			z, err := time.LoadLocation(n)
			require.NoError(t, err)
			zones = append(zones, z)
		}
		// Half of the times lie right before a clock change.
		at := time.Unix(rapid.Int64Range(1262304000, 2145916800).Draw(t, "at"), 0).UTC()
		if rapid.Bool().Draw(t, "change") {
			if _, end := at.In(zones[0]).ZoneBounds(); !end.IsZero() {
				at = end.Add(-time.Duration(rapid.IntRange(0, 1440).Draw(t, "before")) * time.Minute).UTC()
			}
		}
		at = at.Truncate(time.Minute)
		var dates []string
		for i := range 4 {
			if rapid.Bool().Draw(t, "holiday") {
				date := at.AddDate(0, 0, i-1).Format(time.DateOnly)
				dates = append(dates, date)
				w.dates[date] = true
			}
		}
		h, err := campaign.ParseHours(w.text())
		require.NoError(t, err)
		c, _, err := campaign.Compile(campaign.Config{
			ID: "c", Zone: "UTC", CalleeHours: h, Holidays: map[string]campaign.Holidays{"": {Dates: dates}},
		}, nil, nil)
		require.NoError(t, err)
		class := c.ClassOf(campaign.Phone{Zones: names})

		last := at.Add(48 * time.Hour)
		var flip time.Time // when the model is next expected to change
		for m := at; m.Before(last); m = m.Add(time.Minute) {
			open, until := c.ClassOpen(class, m.Add(30*time.Second))
			if open != w.open(m, zones...) {
				t.Fatalf("%s at %s: open is %v", w.text(), m, open)
			}
			if !flip.IsZero() && m.Before(flip) != flip.Equal(until) {
				t.Fatalf("%s at %s: until %s, expected %s", w.text(), m, until, flip)
			}
			if flip = until; flip.IsZero() {
				break
			}
			if !until.After(m) {
				t.Fatalf("%s at %s: until %s is not later", w.text(), m, until)
			}
		}
	})
}

// allZones lists the zones that come with Go, each once whatever its names.
func allZones(t *testing.T) []string {
	t.Helper()
	z, err := zip.OpenReader(filepath.Join(build.Default.GOROOT, "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Skipf("no list of zones: %v", err)
	}
	defer z.Close()
	var names []string
	same := map[uint32]bool{}
	for _, f := range z.File {
		if !strings.HasSuffix(f.Name, "/") && !same[f.CRC32] {
			same[f.CRC32] = true
			names = append(names, f.Name)
		}
	}
	require.Greater(t, len(names), 300)
	return names
}

// Invariant 10: in every zone there is, and ten years ahead, the next change is
// later than the instant asked about, and is one.
func TestTheNextOpeningIsFoundInEveryZone(t *testing.T) {
	const text = "daily 20:00-02:30; sun none"
	c := calling(t, text)
	w := &weekly{}
	for day := range 7 {
		if day > 0 {
			w.windows[day] = [][2]int{{20 * 60, 26*60 + 30}}
		}
	}
	names := allZones(t)
	from, years := in(t, "UTC", "2026-11-22 12:00"), 10
	if testing.Short() {
		years = 1
	}
	to := from.AddDate(years, 0, 0)
	for _, name := range names {
		zone, err := time.LoadLocation(name)
		require.NoError(t, err)
		class := c.ClassOf(campaign.Phone{Zones: []string{name}})
		require.NotEmpty(t, class, name)
		for at := from; at.Before(to); {
			open, until := c.ClassOpen(class, at)
			if !until.After(at) || until.Sub(at) > 48*time.Hour {
				t.Fatalf("%s at %s: until %s", name, at, until)
			}
			if open != w.open(at, zone) || open != w.open(until.Add(-time.Second), zone) || open == w.open(until, zone) {
				t.Fatalf("%s at %s: open %v until %s", name, at, open, until)
			}
			at = until
		}
	}
}

// Invariants 10 and 11: what is released and when is one question asked from
// two sides.
func TestReleasedAndReleaseOfAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWeekly(t)
		h, err := campaign.ParseHours(w.text())
		require.NoError(t, err)
		release := time.Duration(rapid.Int64Range(1, int64(30*24*time.Hour)).Draw(t, "release"))
		c, _, err := campaign.Compile(campaign.Config{
			ID: "c", Zone: rapid.SampledFrom(strangeZones).Draw(t, "zone"), Hours: h,
			Callbacks: campaign.Callbacks{Release: campaign.Delay(release)},
		}, nil, nil)
		require.NoError(t, err)
		due := time.UnixMicro(rapid.Int64Range(1262304000e6, 2145916800e6).Draw(t, "due")).UTC()
		at, ok := c.ReleaseOf(due)
		if !ok {
			if _, any := c.Released(due.AddDate(50, 0, 0)); any && h.String() == "never" {
				t.Fatal("released by hours that are never open")
			}
			return
		}
		if at.Sub(due) < release {
			t.Fatalf("%s: %s due %s is released %s", h, release, due, at)
		}
		for _, off := range []time.Duration{0, -1, 1, -time.Microsecond, time.Hour, -time.Hour, 24 * time.Hour, -24 * time.Hour} {
			now := at.Add(off)
			latest, ok := c.Released(now)
			if ok && !due.After(latest) != !now.Before(at) || !ok && off >= 0 {
				t.Fatalf("%s: %s due %s is released at %s, but at %s only what was due at %s (%v)", h, release, due, at, now, latest, ok)
			}
		}
	})
}
