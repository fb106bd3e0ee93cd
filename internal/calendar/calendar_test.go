package calendar_test

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/nextcall/nextcall/internal/calendar"
	"github.com/nextcall/nextcall/internal/outside"
)

func zone(tb testing.TB, name string) *time.Location {
	tb.Helper()
	loc, err := time.LoadLocation(name)
	require.NoError(tb, err)
	return loc
}

func instant(tb testing.TB, text string) time.Time {
	tb.Helper()
	t, err := time.Parse(time.RFC3339, text)
	require.NoError(tb, err)
	return t.UTC()
}

func TestAddStepsOnTheLocalCalendar(t *testing.T) {
	for _, row := range []struct {
		name, from string
		n          int64
		unit       calendar.Unit
		zone, want string
	}{
		{"January 31 + 1 month is the last of February", "2023-01-31T11:00:00Z", 1, calendar.Months, "Europe/Warsaw", "2023-02-28T11:00:00Z"},
		{"in a leap year the 29th", "2024-01-31T11:00:00Z", 1, calendar.Months, "Europe/Warsaw", "2024-02-29T11:00:00Z"},
		{"a leap day + 1 year", "2024-02-29T11:00:00Z", 1, calendar.Years, "UTC", "2025-02-28T11:00:00Z"},
		{"a leap day + 4 years", "2024-02-29T11:00:00Z", 4, calendar.Years, "UTC", "2028-02-29T11:00:00Z"},
		{"a leap day - 1 year", "2024-02-29T11:00:00Z", -1, calendar.Years, "UTC", "2023-02-28T11:00:00Z"},
		{"March 31 - 1 month", "2024-03-31T12:00:00Z", -1, calendar.Months, "UTC", "2024-02-29T12:00:00Z"},
		{"over the new year", "2023-11-30T12:00:00Z", 3, calendar.Months, "UTC", "2024-02-29T12:00:00Z"},
		{"the month of the zone counts, not that of UTC", "2023-01-31T23:30:00Z", 1, calendar.Months, "Europe/Warsaw", "2023-02-28T23:30:00Z"},
		{"a day over the gap has 23 hours", "2024-03-30T11:00:00Z", 1, calendar.Days, "Europe/Warsaw", "2024-03-31T10:00:00Z"},
		{"24 hours over the gap are 24", "2024-03-30T11:00:00Z", 24, calendar.Hours, "Europe/Warsaw", "2024-03-31T11:00:00Z"},
		{"2:30 is skipped: the offset before", "2024-03-30T01:30:00Z", 1, calendar.Days, "Europe/Warsaw", "2024-03-31T01:30:00Z"},
		{"2:30 comes twice: the first", "2024-10-26T00:30:00Z", 1, calendar.Days, "Europe/Warsaw", "2024-10-27T00:30:00Z"},
		{"a week back", "2024-04-03T10:00:00Z", -1, calendar.Weeks, "Europe/Warsaw", "2024-03-27T11:00:00Z"},
		{"a skipped date", "2011-12-29T20:00:00Z", 1, calendar.Days, "Pacific/Apia", "2011-12-30T20:00:00Z"},
		{"nothing stays, even in the second hour", "2024-10-27T01:30:00Z", 0, calendar.Days, "Europe/Warsaw", "2024-10-27T01:30:00Z"},
		{"the last moment", "9999-12-31T22:00:00Z", 1, calendar.Hours, "UTC", "9999-12-31T23:00:00Z"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := calendar.Add(instant(t, row.from), row.n, row.unit, zone(t, row.zone))
			require.NoError(t, err)
			assert.Equal(t, row.want, got.Format(time.RFC3339))
			assert.Equal(t, time.UTC, got.Location())
		})
	}
}

func TestLongHourStepsAreExact(t *testing.T) {
	from := instant(t, "0001-01-02T00:00:00Z")
	got, err := calendar.Add(from, calendar.Hours.Max()-24, calendar.Hours, time.UTC)
	require.NoError(t, err)
	assert.Equal(t, "9999-12-31T23:00:00Z", got.Format(time.RFC3339))
	back, err := calendar.Add(got, -(calendar.Hours.Max() - 24), calendar.Hours, time.UTC)
	require.NoError(t, err)
	assert.Equal(t, from, back)
}

func TestAddRefusesWhatHasNoResult(t *testing.T) {
	now := instant(t, "2024-06-01T00:00:00Z")
	auckland := zone(t, "Pacific/Auckland")
	for _, row := range []struct {
		name string
		from time.Time
		n    int64
		unit calendar.Unit
		loc  *time.Location
	}{
		{"no unit", now, 1, 0, time.UTC},
		{"unknown unit", now, 1, calendar.Years + 1, time.UTC},
		{"no zone", now, 1, calendar.Days, nil},
		{"no zone for hours either", now, 1, calendar.Hours, nil},
		{"past the year 9999", now, 7976, calendar.Years, time.UTC},
		{"before the year 1", now, -2024, calendar.Years, time.UTC},
		{"9999 in UTC is 10000 in the zone", instant(t, "9999-12-31T10:00:00Z"), 2, calendar.Hours, auckland},
		{"9999 in the zone is 10000 in UTC", instant(t, "9999-12-30T20:00:00Z"), 1, calendar.Months, zone(t, "America/New_York")},
		{"too many hours", now, 8_000 * 8766, calendar.Hours, time.UTC},
		{"largest hours", now, math.MaxInt64, calendar.Hours, time.UTC},
		{"smallest hours", now, math.MinInt64, calendar.Hours, time.UTC},
		{"largest weeks", now, math.MaxInt64, calendar.Weeks, time.UTC},
		{"smallest months", now, math.MinInt64, calendar.Months, time.UTC},
		{"largest years", now, math.MaxInt64, calendar.Years, time.UTC},
		{"a start in the year 0", time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), 5, calendar.Years, time.UTC},
		{"a start past the year 9999", time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC), -5, calendar.Years, time.UTC},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := calendar.Add(row.from, row.n, row.unit, row.loc)
			var typed *calendar.Error
			require.ErrorAs(t, err, &typed)
			assert.Equal(t, row.n, typed.N)
			assert.Equal(t, row.unit, typed.Unit)
			assert.NotEmpty(t, typed.Error())
			assert.Zero(t, got)
		})
	}
}

// Every row of the month-end oracle: pure dates, so the zone is UTC. All
// engines but SQLite clamp; the truth is PostgreSQL's column, which equals
// java.time's in every row with a result inside the years 1 to 9999.
func TestMonthEndsAreThoseOfPostgreSQLAndJava(t *testing.T) {
	file, err := os.Open(filepath.Join(outside.Dir(t), "vectors", "month_end_oracle.csv"))
	require.NoError(t, err)
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	units := map[string]calendar.Unit{"month": calendar.Months, "year": calendar.Years}
	agreed, refused := 0, 0
	for _, row := range rows[1:] {
		from, err := time.Parse(time.DateOnly, row[0])
		require.NoError(t, err)
		n, err := strconv.ParseInt(row[1], 10, 64)
		require.NoError(t, err)
		require.Contains(t, units, row[2])
		got, err := calendar.Add(from, n, units[row[2]], time.UTC)
		if len(row[3]) > len(time.DateOnly) { // 10098-12-31
			assert.Error(t, err, "%v", row)
			refused++
			continue
		}
		require.NoError(t, err, "%v", row)
		assert.Equal(t, row[3], row[4], "the engines agree: %v", row)
		assert.Equal(t, row[3], got.Format(time.DateOnly), "%v", row)
		agreed++
	}
	assert.Equal(t, 140, agreed)
	assert.Equal(t, 1, refused)
}

func TestAddDaysIsAdd(t *testing.T) {
	warsaw := zone(t, "Europe/Warsaw")
	rapid.Check(t, func(r *rapid.T) {
		from := time.Unix(rapid.Int64Range(0, 4e9).Draw(r, "from"), 0)
		n := rapid.IntRange(-400, 400).Draw(r, "n")
		want, err := calendar.Add(from, int64(n), calendar.Days, warsaw)
		if err != nil {
			r.Fatal(err)
		}
		if got := calendar.AddDays(from, n, warsaw); !got.Equal(want) {
			r.Fatalf("AddDays %v, Add %v", got, want)
		}
	})
}
