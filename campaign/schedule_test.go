package campaign_test

import (
	"fmt"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
)

// compiled compiles a campaign that may have warnings, but no mistakes.
func compiled(t testing.TB, cfg campaign.Config) *campaign.Campaign {
	t.Helper()
	if cfg.ID == "" {
		cfg.ID = "c"
	}
	if cfg.Zone == "" {
		cfg.Zone = "UTC"
	}
	c, _, err := campaign.Compile(cfg, nil, nil)
	require.NoError(t, err)
	return c
}

// calling is a campaign that only restricts when people are called.
func calling(t testing.TB, text string) *campaign.Campaign {
	t.Helper()
	return compiled(t, campaign.Config{CalleeHours: hours(t, text)})
}

// in reads a local time, "2026-11-20 20:30", in a zone.
func in(t testing.TB, zone, local string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	require.NoError(t, err)
	layout := "2006-01-02 15:04"
	if len(local) > len(layout) {
		layout = time.RFC3339
	}
	at, err := time.ParseInLocation(layout, local, loc)
	require.NoError(t, err)
	return at.UTC()
}

// An hour that comes twice is written with its offset.
func TestWindowsOpenAndClose(t *testing.T) {
	for _, tt := range []struct {
		name, zone, hours string
		at                string
		open              bool
		until             string // "" is never
	}{
		{"Friday evening, the weekend closed", "Europe/Warsaw", "mon-fri 08:00-20:00", "2026-11-20 20:30", false, "2026-11-23 08:00"},
		{"at the end of a window it is over", "Europe/Warsaw", "mon-fri 08:00-20:00", "2026-11-20 20:00", false, "2026-11-23 08:00"},
		{"at its start it is open", "Europe/Warsaw", "mon-fri 08:00-20:00", "2026-11-23 08:00", true, "2026-11-23 20:00"},
		{"only Wednesday closed", "Europe/Warsaw", "daily 08:00-20:00; wed none", "2026-11-24 20:00", false, "2026-11-26 08:00"},
		{"Sundays only", "Europe/Warsaw", "sun 10:00-12:00", "2026-11-22 12:00", false, "2026-11-29 10:00"},
		{"lunch", "Europe/Paris", "mon-fri 10:00-13:00, 14:00-20:00", "2026-11-20 13:00", false, "2026-11-20 14:00"},
		{"past midnight", "Europe/Warsaw", "daily 20:00-02:00", "2026-11-20 23:00", true, "2026-11-21 02:00"},
		{"past midnight, after midnight", "Europe/Warsaw", "daily 20:00-02:00", "2026-11-21 01:59", true, "2026-11-21 02:00"},
		{"past midnight, by day", "Europe/Warsaw", "daily 20:00-02:00", "2026-11-21 02:00", false, "2026-11-21 20:00"},
		{"the part after midnight belongs to Friday", "Europe/Warsaw", "fri 20:00-02:00", "2026-11-20 23:30", true, "2026-11-21 02:00"},
		{"Friday begins closed, Thursday had no window", "Europe/Warsaw", "fri 20:00-02:00", "2026-11-20 01:00", false, "2026-11-20 20:00"},
		{"round the clock", "Europe/Warsaw", "always", "2026-11-20 03:00", true, ""},
		{"round the clock on weekdays", "Europe/Warsaw", "mon-fri 00:00-24:00", "2026-11-18 03:00", true, "2026-11-21 00:00"},
		{"one day and the next unite at midnight", "Europe/Warsaw", "fri 20:00-24:00; sat 00:00-04:00", "2026-11-20 22:00", true, "2026-11-21 04:00"},
		{"a whole week closed", "Europe/Warsaw", "never", "2026-11-20 03:00", false, ""},
		{"no restriction", "Europe/Warsaw", "", "2026-11-20 03:00", true, ""},

		{"+14:00", "Pacific/Kiritimati", "mon-fri 08:00-20:00", "2026-11-23 07:59", false, "2026-11-23 08:00"},
		{"+13:45", "Pacific/Chatham", "mon-fri 08:00-20:00", "2026-11-20 20:30", false, "2026-11-23 08:00"},
		{"+13:45 opens a Monday that is a Sunday in UTC", "Pacific/Chatham", "mon 08:00-20:00", "2026-11-23 08:00", true, "2026-11-23 20:00"},
		{"-12:00", "Etc/GMT+12", "mon-fri 08:00-20:00", "2026-11-20 20:30", false, "2026-11-23 08:00"},
		{"half an hour", "Asia/Kolkata", "daily 08:15-20:45", "2026-11-20 20:45", false, "2026-11-21 08:15"},
		{"a quarter", "Asia/Kathmandu", "daily 08:00-20:00", "2026-11-20 07:00", false, "2026-11-20 08:00"},
		{"half an hour of summer time", "Australia/Lord_Howe", "daily 08:00-20:00", "2026-10-03 21:00", false, "2026-10-04 08:00"},
		{"Phoenix has no summer time, its neighbours have", "America/Phoenix", "daily 08:00-20:00", "2026-03-08 20:00", false, "2026-03-09 08:00"},
		{"Denver has", "America/Denver", "daily 08:00-20:00", "2026-03-07 20:00", false, "2026-03-08 08:00"},

		// 29 March 2026: 02:00 to 03:00 does not exist in Warsaw.
		{"a window that begins in the gap opens after it", "Europe/Warsaw", "sun 02:30-04:00", "2026-03-29 01:00", false, "2026-03-29T03:00:00+02:00"},
		{"a window inside the gap does not open", "Europe/Warsaw", "sun 02:15-02:45", "2026-03-29 01:00", false, "2026-04-05T02:15:00+02:00"},
		{"a window that ends in the gap closes after it", "Europe/Warsaw", "sun 01:00-02:30", "2026-03-29 01:30", true, "2026-03-29T03:00:00+02:00"},
		// 25 October 2026: 02:00 to 03:00 comes twice.
		{"the first hour of two opens", "Europe/Warsaw", "sun 02:30-04:00", "2026-10-25 01:00", false, "2026-10-25T02:30:00+02:00"},
		{"and closes when the clocks go back before its start", "Europe/Warsaw", "sun 02:30-04:00", "2026-10-25T02:45:00+02:00", true, "2026-10-25T02:00:00+01:00"},
		{"and opens again", "Europe/Warsaw", "sun 02:30-04:00", "2026-10-25T02:10:00+01:00", false, "2026-10-25T02:30:00+01:00"},
		{"a window inside the hour opens twice", "Europe/Warsaw", "sun 02:15-02:45", "2026-10-25T02:45:00+02:00", false, "2026-10-25T02:15:00+01:00"},
		{"around the overlap it is one long window", "Europe/Warsaw", "sun 01:00-04:00", "2026-10-25T01:30:00+02:00", true, "2026-10-25T04:00:00+01:00"},
		{"31 December of a leap year, of which Go's zones say strange things", "America/New_York", "daily 08:00-20:00", "2040-12-31 12:00", true, "2040-12-31 20:00"},
		{"and in the south", "Pacific/Auckland", "daily 08:00-20:00", "2040-12-31 20:00", false, "2041-01-01 08:00"},
		{"midnight that is skipped", "Africa/Cairo", "fri 00:00-24:00", "2026-04-23 23:00", false, "2026-04-24T01:00:00+03:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := calling(t, tt.hours)
			class := c.ClassOf(campaign.Phone{Zones: []string{tt.zone}})
			open, until := c.ClassOpen(class, in(t, tt.zone, tt.at))
			assert.Equal(t, tt.open, open)
			if tt.until == "" {
				assert.Zero(t, until)
			} else {
				assert.Equal(t, in(t, tt.zone, tt.until), until)
			}
		})
	}
}

func TestAClassNamesZonesAndRegion(t *testing.T) {
	c := compiled(t, campaign.Config{CalleeZone: "Europe/Prague", CalleeHours: hours(t, "daily 08:00-20:00")})
	for _, tt := range []struct {
		name  string
		phone campaign.Phone
		want  string
	}{
		{"one zone", campaign.Phone{Zones: []string{"Europe/Warsaw"}, Region: "PL"}, "Europe/Warsaw|PL"},
		{"no zone: the campaign's", campaign.Phone{Region: "CZ"}, "*|CZ"},
		{"sorted, each once", campaign.Phone{Zones: []string{"America/New_York", "America/Chicago", "America/New_York"}}, "America/Chicago,America/New_York|"},
		{"one that is no zone spoils all", campaign.Phone{Zones: []string{"Europe/Warsaw", "Europe/Nowhere"}}, ""},
		{"the machine's own zone is none", campaign.Phone{Zones: []string{"Local"}}, ""},
		{"nor is the empty name", campaign.Phone{Zones: []string{""}}, ""},
		{"nor one with leap seconds", campaign.Phone{Zones: []string{"right/Europe/Warsaw"}}, ""},
		{"nor a path", campaign.Phone{Zones: []string{"../Europe/Warsaw"}}, ""},
		{"nor two in one", campaign.Phone{Zones: []string{"Europe/Warsaw,Europe/Prague"}}, ""},
	} {
		got := c.ClassOf(tt.phone)
		assert.Equal(t, tt.want, got, tt.name)
		open, until := c.ClassOpen(got, in(t, "Europe/Warsaw", "2026-11-20 18:00"))
		assert.Equal(t, tt.want != "", open, tt.name)
		assert.Equal(t, tt.want != "", !until.IsZero(), tt.name)
	}
	none := compiled(t, campaign.Config{})
	open, until := none.ClassOpen(none.ClassOf(campaign.Phone{}), in(t, "Europe/Warsaw", "2026-11-20 18:00"))
	assert.False(t, open, "no zone is known for the number")
	assert.Zero(t, until)
}

// An unknown zone is never open, even where there is no restriction.
func TestAnUnknownClassIsClosedForEver(t *testing.T) {
	for _, text := range []string{"", "always", "daily 08:00-20:00"} {
		c := calling(t, text)
		for _, class := range []string{
			"", "|", "|PL", "Europe/Warsaw", "Europe/Nowhere|", "Local|", "Europe/Warsaw,|", ",Europe/Warsaw|",
			"Europe/Warsaw,Europe/Prague|", "Europe/Warsaw,Europe/Warsaw|", "europe warsaw|", "../etc/passwd|",
		} {
			open, until := c.ClassOpen(class, in(t, "UTC", "2026-11-20 12:00"))
			assert.False(t, open, class)
			assert.Zero(t, until, class)
		}
	}
}

// A number that may be in several zones is called when it is day in all of them.
func TestSeveralZonesMustAllBeOpen(t *testing.T) {
	c := calling(t, "mon-fri 09:00-17:00")
	class := c.ClassOf(campaign.Phone{Zones: []string{"America/New_York", "America/Los_Angeles"}})
	for _, tt := range []struct {
		at    string // in New York, three hours ahead
		open  bool
		until string
	}{
		{"2026-11-20 09:00", false, "2026-11-20 12:00"},
		{"2026-11-20 12:00", true, "2026-11-20 17:00"},
		{"2026-11-20 17:00", false, "2026-11-23 12:00"},
	} {
		open, until := c.ClassOpen(class, in(t, "America/New_York", tt.at))
		assert.Equal(t, tt.open, open, tt.at)
		assert.Equal(t, in(t, "America/New_York", tt.until), until, tt.at)
	}
	apart := c.ClassOf(campaign.Phone{Zones: []string{"America/New_York", "Asia/Tokyo"}})
	began := time.Now()
	open, until := c.ClassOpen(apart, in(t, "UTC", "2026-11-20 12:00"))
	assert.False(t, open, "office hours of Tokyo and New York never meet")
	assert.Zero(t, until)
	assert.Less(t, time.Since(began), 2*time.Second)
}

func TestHolidaysAndTheirEves(t *testing.T) {
	cfg := campaign.Config{
		CalleeHours: hours(t, "mon-fri 09:00-20:00; sat 10:00-19:00; holiday none; eve 10:00-19:00"),
		Holidays: map[string]campaign.Holidays{
			"":   {Country: "PL"},
			"CZ": {Country: "CZ"},
			"IT": {Country: "IT", Dates: []string{"2026-11-20", "06-24"}},
		},
	}
	c := compiled(t, cfg)
	for _, tt := range []struct {
		name, zone, region, at string
		open                   bool
		until                  string
	}{
		{"11 November in Poland", "Europe/Warsaw", "", "2026-11-11 12:00", false, "2026-11-12 09:00"},
		{"the day before it closes early", "Europe/Warsaw", "", "2026-11-10 12:00", true, "2026-11-10 19:00"},
		{"and opens late", "Europe/Warsaw", "", "2026-11-10 09:30", false, "2026-11-10 10:00"},
		{"a region without holidays of its own has the default's", "Europe/Warsaw", "XX", "2026-11-11 12:00", false, "2026-11-12 09:00"},
		{"no holiday in Czechia", "Europe/Prague", "CZ", "2026-11-11 12:00", true, "2026-11-11 20:00"},
		{"28 October in Czechia", "Europe/Prague", "CZ", "2026-10-28 12:00", false, "2026-10-29 09:00"},
		{"none in Poland", "Europe/Warsaw", "", "2026-10-28 12:00", true, "2026-10-28 20:00"},
		{"Saturday's hours on an eve in Italy", "Europe/Rome", "IT", "2026-12-07 19:30", false, "2026-12-09 09:00"},
		{"a date of one's own", "Europe/Rome", "IT", "2026-11-20 12:00", false, "2026-11-21 10:00"},
		{"a date of every year", "Europe/Rome", "IT", "2031-06-24 12:00", false, "2031-06-25 09:00"},
		{"holiday beats eve: Christmas Day is before another", "Europe/Warsaw", "", "2026-12-25 12:00", false, "2026-12-28 09:00"},
		{"Easter Monday moves", "Europe/Warsaw", "", "2027-03-29 12:00", false, "2027-03-30 09:00"},
		{"each zone has its own date", "Pacific/Kiritimati", "", "2026-11-11 23:30", false, "2026-11-12 09:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			class := c.ClassOf(campaign.Phone{Zones: []string{tt.zone}, Region: tt.region})
			open, until := c.ClassOpen(class, in(t, tt.zone, tt.at))
			assert.Equal(t, tt.open, open)
			assert.Equal(t, in(t, tt.zone, tt.until), until)
		})
	}

	cfg.CalleeHours = hours(t, "mon-fri 09:00-20:00")
	open, _ := compiled(t, cfg).ClassOpen("Europe/Warsaw|", in(t, "Europe/Warsaw", "2026-11-11 12:00"))
	assert.True(t, open, "hours that do not speak of holidays have none")
}

func TestRunning(t *testing.T) {
	base := campaign.Config{
		Zone: "Europe/Warsaw", Start: "2026-11-21", End: "2026-11-24",
		Hours: hours(t, "mon-fri 08:00-20:00"),
	}
	paused := base
	paused.Paused = true
	weekend := base
	weekend.End = "2026-11-22"
	open := campaign.Config{Zone: "Europe/Warsaw", Start: "2026-11-21", End: "2026-11-24"}
	for _, tt := range []struct {
		name  string
		cfg   campaign.Config
		at    string
		ok    bool
		until string
		why   string
	}{
		{"paused", paused, "2026-11-23 12:00", false, "", "paused"},
		{"not started: from the first opening on", base, "2026-11-20 12:00", false, "2026-11-23 08:00", "not started"},
		{"started, the weekend closed", base, "2026-11-21 12:00", false, "2026-11-23 08:00", "outside working hours"},
		{"at work", base, "2026-11-23 12:00", true, "2026-11-23 20:00", ""},
		{"over night", base, "2026-11-23 20:00", false, "2026-11-24 08:00", "outside working hours"},
		{"the last evening: it does not open again", base, "2026-11-24 20:00", false, "", "outside working hours"},
		{"the end date is inclusive", open, "2026-11-24 23:59", true, "2026-11-25 00:00", ""},
		{"ended", open, "2026-11-25 00:00", false, "", "ended"},
		{"the start date too", open, "2026-11-21 00:00", true, "2026-11-25 00:00", ""},
		{"a minute before", open, "2026-11-20 23:59", false, "2026-11-21 00:00", "not started"},
		{"never open between its dates", weekend, "2026-11-20 12:00", false, "", "not started"},
		{"no dates, no hours", campaign.Config{Zone: "Europe/Warsaw"}, "2026-11-20 12:00", true, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ok, until, why := compiled(t, tt.cfg).Running(in(t, "Europe/Warsaw", tt.at))
			assert.Equal(t, tt.ok, ok)
			assert.Equal(t, tt.why, why)
			if tt.until == "" {
				assert.Zero(t, until)
			} else {
				assert.Equal(t, in(t, "Europe/Warsaw", tt.until), until)
			}
		})
	}
}

// An own callback of Friday 19:00, released after two hours of work, is anyone's
// on Monday at 09:00.
func TestAnOwnCallbackIsReleasedInWorkingTime(t *testing.T) {
	c := compiled(t, campaign.Config{
		Zone: "Europe/Warsaw", Hours: hours(t, "mon-fri 08:00-20:00"),
		Callbacks: campaign.Callbacks{Release: campaign.Delay(2 * time.Hour)},
	})
	due, at := in(t, "Europe/Warsaw", "2026-11-20 19:00"), in(t, "Europe/Warsaw", "2026-11-23 09:00")
	got, ok := c.ReleaseOf(due)
	require.True(t, ok)
	assert.Equal(t, at, got)
	got, ok = c.Released(at)
	require.True(t, ok)
	assert.Equal(t, due, got)
	got, ok = c.Released(at.Add(-time.Microsecond))
	require.True(t, ok)
	assert.Equal(t, due.Add(-time.Microsecond), got)

	// At Monday 10:00 everything that fell due over the weekend is two hours old.
	got, ok = c.Released(in(t, "Europe/Warsaw", "2026-11-23 10:00"))
	require.True(t, ok)
	assert.Equal(t, in(t, "Europe/Warsaw", "2026-11-23 08:00"), got)

	never := compiled(t, campaign.Config{Hours: hours(t, "mon-fri 08:00-20:00")})
	_, ok = never.ReleaseOf(due)
	assert.False(t, ok)
	_, ok = never.Released(at)
	assert.False(t, ok)

	closed := compiled(t, campaign.Config{Hours: hours(t, "never"), Callbacks: campaign.Callbacks{Release: 1}})
	_, ok = closed.ReleaseOf(due)
	assert.False(t, ok)
	_, ok = closed.Released(at)
	assert.False(t, ok)
}

// The answer depends on the instant alone, whoever asked before and about what.
func TestAnswersDoNotDependOnTheOrderOfQuestions(t *testing.T) {
	c := compiled(t, campaign.Config{
		CalleeHours: hours(t, "mon-fri 08:00-20:00; holiday none"), Zone: "Europe/Warsaw", Hours: hours(t, "mon-fri 09:00-17:00"),
		Holidays: map[string]campaign.Holidays{"": {Country: "PL"}},
	})
	class := c.ClassOf(campaign.Phone{Zones: []string{"Europe/Warsaw"}})
	start := in(t, "Europe/Warsaw", "2026-11-09 00:00")
	want := make([]time.Time, 24*21)
	for i := range want {
		fresh := compiled(t, c.Config())
		_, want[i] = fresh.ClassOpen(class, start.Add(time.Duration(i)*time.Hour))
	}
	var done sync.WaitGroup
	for worker := range 4 {
		done.Add(1)
		go func() {
			defer done.Done()
			for n := range 2 * len(want) {
				i := (n*(2*worker+1)*5 + worker) % len(want)
				at := start.Add(time.Duration(i) * time.Hour)
				_, until := c.ClassOpen(class, at)
				assert.Equal(t, want[i], until, at)
				c.Running(at)
			}
		}()
	}
	done.Wait()
}

func BenchmarkClassOpen(b *testing.B) {
	c := calling(b, "mon-fri 08:00-21:00; sat 09:00-13:00, 14:00-18:00; holiday none")
	at := in(b, "Europe/Warsaw", "2026-11-20 12:00")
	for _, zones := range [][]string{{"Europe/Warsaw"}, {"America/New_York", "America/Los_Angeles"}} {
		class := c.ClassOf(campaign.Phone{Zones: zones})
		b.Run(fmt.Sprintf("again/%d", len(zones)), func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				c.ClassOpen(class, at)
			}
		})
		b.Run(fmt.Sprintf("anew/%d", len(zones)), func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				c.ClassOpen(class, at.Add(time.Duration(i%2)*30*24*time.Hour))
			}
		})
	}
}
