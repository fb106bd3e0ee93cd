package campaign_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
)

// closedOn reports whether the day is a holiday of the region.
func closedOn(t *testing.T, h campaign.Holidays, day string) bool {
	t.Helper()
	c := compiled(t, campaign.Config{
		CalleeHours: hours(t, "daily 00:00-24:00; holiday none"), Holidays: map[string]campaign.Holidays{"": h},
	})
	open, _ := c.ClassOpen("UTC|", in(t, "UTC", day+" 12:00"))
	return !open
}

func TestNationalHolidays(t *testing.T) {
	for country, days := range map[string][]string{
		"PL": {"2026-01-06", "2026-11-11", "2026-06-04", "2027-03-29", "2026-12-24"}, // Epiphany, independence, Corpus Christi, Easter Monday, Christmas Eve
		"CZ": {"2026-10-28", "2026-07-06", "2026-09-28", "2026-04-03"},
		"DE": {"2026-10-03", "2026-05-14", "2026-12-26"},
		"US": {"2026-11-26", "2026-07-04", "2026-07-03", "2026-01-19"}, // a Saturday's is made up for on Friday
		"GB": {"2026-05-25", "2026-12-28"},                             // Boxing Day is a Saturday
		"FR": {"2026-07-14", "2026-05-08"},
		"IT": {"2026-12-08", "2026-04-25"},
		"ES": {"2026-10-12"},
		"AT": {"2026-10-26"},
		"SK": {"2026-08-29"},
		"NL": {"2026-04-27"},
		"BE": {"2026-07-21"},
		"CH": {"2026-08-01"},
		"PT": {"2026-06-10"},
		"HU": {"2026-10-23"},
		"SE": {"2026-06-06"},
		"IE": {"2026-03-17"},
		"CA": {"2026-07-01"},
		"RO": {"2026-12-01"},
		"UA": {"2026-08-24"},
	} {
		for _, day := range days {
			assert.True(t, closedOn(t, campaign.Holidays{Country: country}, day), "%s %s", country, day)
		}
		assert.False(t, closedOn(t, campaign.Holidays{Country: country}, "2026-11-19"), country)
		assert.False(t, closedOn(t, campaign.Holidays{}, days[0]), country)
	}
}

// Every country has some holidays in every year, and not too many.
func TestEveryCountryHasHolidays(t *testing.T) {
	require.GreaterOrEqual(t, len(campaign.Countries()), 30)
	assert.True(t, slices.IsSorted(campaign.Countries()))
	for _, country := range campaign.Countries() {
		c := compiled(t, campaign.Config{
			CalleeHours: hours(t, "holiday 00:00-24:00"), Holidays: map[string]campaign.Holidays{"": {Country: country}},
		})
		for _, year := range []int{2024, 2026, 2036} {
			days := 0
			for day := time.Date(year, 1, 1, 12, 0, 0, 0, time.UTC); day.Year() == year; day = day.AddDate(0, 0, 1) {
				if open, _ := c.ClassOpen("UTC|", day); open {
					days++
				}
			}
			assert.True(t, days >= 6 && days <= 25, "%s has %d holidays in %d", country, days, year)
		}
	}
}

// What is made up for in another year is found there.
func TestAHolidayMadeUpForInTheYearBefore(t *testing.T) {
	us := campaign.Holidays{Country: "US"}
	assert.True(t, closedOn(t, us, "2021-12-31"), "1 January 2022 was a Saturday")
	assert.True(t, closedOn(t, us, "2022-01-01"))
}

func TestDatesOfOnesOwn(t *testing.T) {
	h := campaign.Holidays{Dates: []string{"2026-12-24", "02-29", "06-24"}}
	assert.True(t, closedOn(t, h, "2026-12-24"))
	assert.False(t, closedOn(t, h, "2027-12-24"))
	assert.True(t, closedOn(t, h, "2028-02-29"))
	assert.False(t, closedOn(t, h, "2027-03-01"))
	assert.True(t, closedOn(t, h, "2031-06-24"))
	assert.True(t, closedOn(t, campaign.Holidays{Country: "PL", Dates: []string{"2026-11-20"}}, "2026-11-20"))
	assert.True(t, closedOn(t, campaign.Holidays{Country: "PL"}, "2300-11-11"), "beyond the years that are kept")
	assert.True(t, closedOn(t, campaign.Holidays{Country: "PL"}, "1950-01-01"), "and before them")
}
