package rule

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
)

func TestLocalTimeIsThatOfAllZonesThatThePhoneMayBeIn(t *testing.T) {
	p := newProbe(t, probeConfig())
	p.f.Record.Phones = []campaign.Phone{{Number: 1, Zones: []string{"America/New_York", "America/Los_Angeles"}}}
	p.now = time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC) // 10:00 in New York, 07:00 in Los Angeles
	p.is(`tz == "America/New_York"`, `local(now).hour == 10`, `time_between("07:00", "11:00")`, `weekday() == 1`)
	p.isNot(`time_between("08:00", "17:00")`, `time_between("07:01", "23:00")`, `time_between("09:00", "07:00")`)
	p.f.Record.Phones[0].Zones = []string{"America/New_York", "Nowhere/Land"}
	p.is(`tz == "America/New_York"`)
	for _, text := range []string{`time_between("07:00", "11:00")`, `local(now).hour == 10`, `weekday() == 1`, `is_holiday()`, `is_workday(now)`, `now + period("1 day") > now`} {
		p.fails(text, "the zone of the phone is not known")
	}
	p.is(`time_between("07:00", "11:00") || true`)
	p.f.Record.Phones[0].Zones = nil
	p.is(`tz == "Europe/Warsaw"`, `local(now).hour == 16`, `time_between("16:00", "16:01")`)
}

func TestTimeBetweenIsHalfOpenAndMayCrossMidnight(t *testing.T) {
	p := newProbe(t, probeConfig())
	p.is(`time_between("10:00", "10:01")`, `time_between("00:00", "24:00")`, `time_between("22:00", "10:01")`, `time_between("10:00", "02:00")`)
	p.isNot(`time_between("08:00", "10:00")`, `time_between("10:01", "24:00")`, `time_between("22:00", "10:00")`, `time_between("24:00", "08:00")`)
	p.f.Record.Owner = "8:00"
	p.fails(`time_between(record.owner, "10:00")`, `"8:00" is no time of day: want "08:00" to "24:00"`)
	p.f.Record.Owner = "24:01"
	p.fails(`time_between("00:00", record.owner)`, `"24:01" is no time of day`)
}

func TestPeriodsKeepTheClockOfThePhoneAndDurationsDoNot(t *testing.T) {
	p := newProbe(t, probeConfig())
	p.now = time.Date(2026, 3, 28, 1, 30, 0, 0, time.UTC) // 02:30 in Warsaw; on the next day that hour does not exist
	p.is(`now + duration("24h") == timestamp("2026-03-29T01:30:00Z")`, `local(now + duration("24h")).hour == 3`,
		`now + period("2 days") == timestamp("2026-03-30T00:30:00Z")`, `local(now + period("2 days")).hour == 2`,
		`now + period("1 day") >= timestamp("2026-03-29T01:00:00Z")`, `now + period("1 month, 3 days") == timestamp("2026-05-01T00:30:00Z")`)
	p.now = time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC) // 02:30, for the first time that day
	p.is(`local(now).hour == 2`, `local(now + duration("1h")).hour == 2`, `now + period("1 day") == timestamp("2026-10-26T01:30:00Z")`)
}

func TestHolidaysAreThoseOfTheRegionOnItsOwnClock(t *testing.T) {
	p := newProbe(t, probeConfig())
	p.is(`is_holiday(timestamp("2026-05-03T12:00:00Z"))`, `is_holiday(timestamp("2026-05-02T22:30:00Z"))`, `!is_holiday(timestamp("2026-05-02T21:30:00Z"))`,
		`!is_workday(timestamp("2026-05-01T12:00:00Z"))`, `is_workday(timestamp("2026-04-30T12:00:00Z"))`, `!is_workday(timestamp("2026-03-07T12:00:00Z"))`,
		`weekday(timestamp("2026-03-08T12:00:00Z")) == 7`, `weekday(timestamp("2026-03-08T23:30:00Z")) == 1`)
}

func TestPartsOfATimestampInAZoneAreThoseOfTheStandardLibrary(t *testing.T) {
	p := newProbe(t, probeConfig())
	p.is(`now.getHours() == 9`, `now.getHours("Europe/Warsaw") == 10`, `now.getHours("-03:30") == 5`, `now.getMinutes("-03:30") == 30`, `now.getDayOfWeek("Asia/Tokyo") == 1`,
		`now.getDate("Pacific/Kiritimati") == 2`, `now.getFullYear() == 2026 && now.getMonth() == 2 && now.getDayOfMonth() == 1 && now.getDayOfYear() == 60`,
		`duration("90m").getHours() == 1 && duration("90m").getMinutes() == 90`, `now.getHours("") == 9`, `timestamp("2026-01-01T12:00:00+05:00").getHours() == 7`, `now.getHours(tz) == 10`)
	p.fails(`now.getHours("Nowhere/Land") == 1`, "unknown time zone Nowhere/Land")
	p.fails(`now.getHours("Local") == 1`, `"Local" is the zone of a machine`)
	p.fails(`now.getHours("25:00") == 1`, "out of range")
}

func TestBucketsAreEvenAndThoseOfAnotherExperimentIndependent(t *testing.T) {
	for _, n := range []int64{2, 3, 10} {
		counts := make([]int, n)
		for i := range 10_000 {
			b, err := bucket(fmt.Sprintf("record-%d", i), n)
			require.NoError(t, err)
			counts[b]++
		}
		for _, c := range counts {
			assert.InDelta(t, 10_000/n, c, 500, "%d buckets: %v", n, counts)
		}
	}
	same := 0
	for i := range 10_000 {
		a, _ := bucket(fmt.Sprintf("greeting-%d", i), 2)
		b, _ := bucket(fmt.Sprintf("price-%d", i), 2)
		if a == b {
			same++
		}
	}
	assert.InDelta(t, 5000, same, 300, "who is in one experiment says nothing of the other")
	got, err := bucket("r1", 1000)
	require.NoError(t, err)
	assert.Equal(t, int64(194), got, "the buckets of a running experiment never change")

	p := newProbe(t, probeConfig())
	p.is(`bucket(record.id, 1) == 0`, `bucket(record.id, 1000) == 194`, `bucket("", 9223372036854775807) >= 0`)
	p.fails(`bucket(record.id, 0) == 0`, "want one bucket or more, not 0")
	p.fails(`bucket(record.id, -record.order - 2) == 0`, "want one bucket or more, not -2")
}

func TestPrefixesAreComparedAsTheyAreWritten(t *testing.T) {
	p := newProbe(t, probeConfig())
	p.f = probeFacts()
	p.is(`prefix(phone.number, ["+49", "+48"])`, `!prefix(phone.number, [])`, `prefix("", [""])`, `prefix(record.owner, record.fields.products + ["b"])`, `!prefix(phone.number, ["48"])`)
	p.fails(`prefix(phone.number, ["+1", dyn(1)])`, "prefix: element 1 is a int: want a list of string")
}

func FuzzBucketsAreInRange(f *testing.F) {
	f.Add("r1", int64(3))
	f.Fuzz(func(t *testing.T, key string, n int64) {
		b, err := bucket(key, n)
		if n <= 0 {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		require.True(t, 0 <= b && b < n)
	})
}
