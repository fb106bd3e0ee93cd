package campaign

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func instant(t testing.TB, zone, local string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	require.NoError(t, err)
	when, err := time.ParseInLocation("2006-01-02 15:04", local, loc)
	require.NoError(t, err)
	return when.UTC()
}

func mustCompile(t require.TestingT, cfg Config) *Campaign {
	cfg.ID = "c"
	c, _, err := Compile(cfg, nil, nil)
	require.NoError(t, err)
	return c
}

func hoursOf(t require.TestingT, text string) Hours {
	h, err := ParseHours(text)
	require.NoError(t, err)
	return h
}

// Friday 20:30, no answer, again after an hour: by wall time due at Monday's
// opening, in open hours at the opening and what was left of the hour.
func TestADelayOverTheWeekend(t *testing.T) {
	c := mustCompile(t, Config{Zone: "Europe/Warsaw", CalleeHours: hoursOf(t, "mon-fri 08:00-21:00")})
	class := c.ClassOf(Phone{Zones: []string{"Europe/Warsaw"}})
	friday := instant(t, "Europe/Warsaw", "2026-11-20 20:30")

	got, ok := c.intoHours(class, friday.Add(time.Hour))
	require.True(t, ok)
	assert.Equal(t, instant(t, "Europe/Warsaw", "2026-11-23 08:00"), got)
	got, ok = c.addOpen(class, friday, time.Hour)
	require.True(t, ok)
	assert.Equal(t, instant(t, "Europe/Warsaw", "2026-11-23 08:30"), got)
	got, ok = c.addOpen(class, friday, 30*time.Minute)
	require.True(t, ok)
	assert.Equal(t, instant(t, "Europe/Warsaw", "2026-11-20 21:00"), got, "half an hour has passed at closing time")
	got, ok = c.addOpen(class, friday, 0)
	require.True(t, ok)
	assert.Equal(t, friday, got)
}

// The person in New York may be called from 09:00 to 20:00 there, and the
// campaign works from 08:00 to 16:00 in Warsaw: one hour is common.
func TestOpenMeansBothAtWorkAndCallable(t *testing.T) {
	cfg := Config{
		Zone: "Europe/Warsaw", Hours: hoursOf(t, "mon-fri 08:00-16:00"), CalleeHours: hoursOf(t, "daily 09:00-20:00"),
		Start: "2026-11-18", End: "2026-11-24",
	}
	c := mustCompile(t, cfg)
	class := c.ClassOf(Phone{Zones: []string{"America/New_York"}})
	for from, want := range map[string]string{
		"2026-11-01 12:00": "2026-11-18 15:00", // the start date
		"2026-11-20 15:30": "2026-11-20 15:30",
		"2026-11-20 16:00": "2026-11-23 15:00",
		"2026-11-24 16:00": "", // it ends before the next opening
		"2026-11-26 15:00": "",
	} {
		got, ok := c.intoHours(class, instant(t, "Europe/Warsaw", from))
		if want == "" {
			assert.False(t, ok, from)
			continue
		}
		assert.True(t, ok, from)
		assert.Equal(t, instant(t, "Europe/Warsaw", want), got, from)
	}
	got, ok := c.addOpen(class, instant(t, "Europe/Warsaw", "2026-11-20 12:00"), 90*time.Minute)
	assert.True(t, ok)
	assert.Equal(t, instant(t, "Europe/Warsaw", "2026-11-23 15:30"), got)
	_, ok = c.addOpen(class, instant(t, "Europe/Warsaw", "2026-11-20 12:00"), 200*time.Minute)
	assert.False(t, ok, "three hours are all there are until the end")
	_, ok = c.addOpen("", instant(t, "Europe/Warsaw", "2026-11-20 12:00"), time.Minute)
	assert.False(t, ok)
	_, ok = c.intoHours("Europe/Nowhere|", instant(t, "Europe/Warsaw", "2026-11-20 12:00"))
	assert.False(t, ok)

	cfg.Paused = true
	_, ok = mustCompile(t, cfg).intoHours(class, instant(t, "Europe/Warsaw", "2026-11-20 12:00"))
	assert.True(t, ok, "a pause moves no call")
}

// A week without a window ends in an answer, not in a loop.
func TestAWeekWithoutWindows(t *testing.T) {
	for _, text := range []string{"never", "holiday 10:00-12:00"} {
		c := mustCompile(t, Config{Zone: "Europe/Warsaw", CalleeHours: hoursOf(t, text)})
		class := c.ClassOf(Phone{Zones: []string{"Europe/Warsaw"}})
		began := time.Now()
		_, ok := c.intoHours(class, instant(t, "Europe/Warsaw", "2026-11-20 12:00"))
		assert.False(t, ok, text)
		_, ok = c.addOpen(class, instant(t, "Europe/Warsaw", "2026-11-20 12:00"), time.Hour)
		assert.False(t, ok, text)
		assert.Less(t, time.Since(began), time.Second)
	}
}

// Open time is added exactly: no more and no less of it lies between.
func TestAddOpenCountsOpenTime(t *testing.T) {
	texts := []string{"", "daily 08:00-20:00", "mon-fri 22:00-04:00", "sun 01:30-03:30", "mon 09:00-09:01; wed 23:59-00:01"}
	zones := []string{"Europe/Warsaw", "Pacific/Chatham", "America/New_York", "Australia/Lord_Howe"}
	rapid.Check(t, func(t *rapid.T) {
		c := mustCompile(t, Config{
			Zone:        rapid.SampledFrom(zones).Draw(t, "zone"),
			Hours:       hoursOf(t, rapid.SampledFrom(texts[:2]).Draw(t, "hours")),
			CalleeHours: hoursOf(t, rapid.SampledFrom(texts).Draw(t, "callee")),
		})
		class := c.ClassOf(Phone{Zones: []string{rapid.SampledFrom(zones).Draw(t, "callee zone")}})
		from := time.UnixMicro(rapid.Int64Range(1262304000e6, 2145916800e6).Draw(t, "from")).UTC()
		d := time.Duration(rapid.Int64Range(1, int64(10*time.Hour)).Draw(t, "d"))
		got, ok := c.addOpen(class, from, d)
		first, ever := c.intoHours(class, from)
		if ok != ever {
			t.Fatalf("open %v, but added %v", ever, ok)
		}
		if !ok {
			return
		}
		if len(c.class(class).both.gates) == 0 {
			if !got.Equal(from.Add(d)) {
				t.Fatalf("%s and %s is %s", from, d, got)
			}
			return
		}
		if worked := c.class(class).both.gates.worked(from, got); worked != d {
			t.Fatalf("from %s to %s is %s, not %s", from, got, worked, d)
		}
		if first.Before(from) || !first.Equal(from) && c.class(class).both.gates.worked(from, first) != 0 {
			t.Fatalf("%s is not the first open instant after %s", first, from)
		}
	})
}

func TestTheCampaignsDay(t *testing.T) {
	c := mustCompile(t, Config{Zone: "Africa/Cairo"})
	for _, tt := range []struct {
		now  string
		back int
		want string
	}{
		{"2026-11-22 12:00", 0, "2026-11-22 00:00"},
		{"2026-11-22 00:00", 0, "2026-11-22 00:00"},
		{"2026-11-22 12:00", 6, "2026-11-16 00:00"},
		{"2026-11-22 12:00", -1, "2026-11-23 00:00"},
		{"2026-04-24 12:00", 0, "2026-04-24 01:00"}, // midnight is skipped
		{"2026-03-02 12:00", 2, "2026-02-28 00:00"},
	} {
		assert.Equal(t, instant(t, "Africa/Cairo", tt.want), c.dayStart(instant(t, "Africa/Cairo", tt.now), tt.back), tt.now)
	}
}

// Limits need the calls they count, gaps the calls since their length, and
// nothing needs more.
func TestNeedLooksBackAsFarAsLimitsDo(t *testing.T) {
	now := instant(t, "Europe/Warsaw", "2026-11-22 12:00")
	week, month := Delay(7*24*time.Hour), Delay(30*24*time.Hour)
	for _, tt := range []struct {
		name   string
		limits Limits
		want   Need
	}{
		{"nothing", Limits{Attempts: 5}, Need{NoCalls: true}},
		{"today", Limits{Caps: []Cap{{Per: PerNumber, Max: 1, Days: 1}}}, Need{Since: instant(t, "Europe/Warsaw", "2026-11-22 00:00")}},
		{"seven days", Limits{Caps: []Cap{{Per: PerNumber, Max: 1, Days: 7}, {Per: PerRecord, Max: 1, Days: 1}}}, Need{Since: instant(t, "Europe/Warsaw", "2026-11-16 00:00")}},
		{"a rolling week", Limits{Caps: []Cap{{Per: PerNumber, Max: 1, Within: week}}}, Need{Since: now.Add(-time.Duration(week))}},
		{"the longest wins", Limits{Caps: []Cap{{Per: PerNumber, Max: 1, Within: week}, {Per: PerNumber, Max: 3, Days: 2}}, Gaps: []Gap{{Per: PerContact, Min: month}}}, Need{Since: now.Add(-time.Duration(month))}},
		{"a lifetime", Limits{Caps: []Cap{{Per: PerContact, Max: 3}}, Gaps: []Gap{{Per: PerContact, Min: month}}}, Need{}},
		{"unlimited", Limits{Caps: []Cap{{Per: PerContact}}, Gaps: []Gap{{Per: PerContact}}}, Need{NoCalls: true}},
	} {
		assert.Equal(t, tt.want, mustCompile(t, Config{Zone: "Europe/Warsaw", Limits: tt.limits}).Need(now), tt.name)
	}
}
