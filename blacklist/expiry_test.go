package blacklist_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
)

func zone(tb testing.TB, name string) *time.Location {
	tb.Helper()
	loc, err := time.LoadLocation(name)
	require.NoError(tb, err)
	return loc
}

// rows: D13
func TestExpiryTextsThatAreRead(t *testing.T) {
	for text, canonical := range map[string]string{
		"6 days, 19 months":   "6 days, 19 months",
		"6 days 19 months":    "6 days, 19 months",
		"6 days,19 months":    "6 days, 19 months",
		"6 days , 19 months":  "6 days, 19 months",
		"19 months 6 days":    "19 months, 6 days", // the order is kept
		"+6 days":             "6 days",
		"+6 days, +1 month":   "6 days, 1 month",
		"6 days +1 month":     "6 days, 1 month",
		"1 hours":             "1 hour",
		"2 hour":              "2 hours",
		"1 HOUR":              "1 hour",
		"3 WeEkS":             "3 weeks",
		"007 years":           "7 years",
		"\t 1\t day \t":       "1 day",
		"1\u00a0day\u2003":    "1 day",
		"1\nday":              "1 day",
		"1 day 1 day":         "1 day, 1 day", // a unit may repeat
		"9998 years":          "9998 years",
		"87649415 hours":      "87649415 hours",
		"9998 years 11 month": "9998 years, 11 months",

		"000000000000000000000000000000000000001 year": "1 year",
	} {
		expiry, err := blacklist.ParseExpiry(text)
		if !assert.NoError(t, err, "%q", text) {
			continue
		}
		assert.Equal(t, canonical, expiry.String(), "%q", text)
		assert.False(t, expiry.IsPermanent())
	}
}

// rows: D13, D15
func TestExpiryTextsThatAreRefused(t *testing.T) {
	for _, row := range []struct {
		name, text string
		pos        int
		says       string
	}{
		{"empty", "", 0, "empty"},
		{"only white space", " \t", 0, "empty"},
		{"only a comma", ",", 0, "an empty term"},
		{"a comma first", ", 1 day", 0, "an empty term"},
		{"a comma last", "1 day,", 6, "an empty term"},
		{"two commas", "1 day,, 1 week", 6, "an empty term"},
		{"a bare number", "6", 1, "a number without a unit"},
		{"a bare number at the end", "6 days 7", 8, "a number without a unit"},
		{"a bare number and a comma", "6, 7 days", 1, "a number without a unit"},
		{"a bare unit", "days", 0, "a unit without a number"},
		{"a bare +", "+ 6 days", 1, "an empty term"},
		{"zero", "0 days", 0, "zero"},
		{"zero, written long", "1 day +000 weeks", 6, "zero"},
		{"negative", "-6 days", 0, "a negative number"},
		{"negative later", "1 month -3 days", 8, "a negative number"},
		{"a fraction", "1.5 days", 1, "a fraction"},
		{"a decimal comma", "1,5 days", 1, "a number without a unit"},
		{"minutes", "5 minutes", 2, `unknown unit "minutes"`},
		{"an abbreviation", "5 d", 2, `unknown unit "d"`},
		{"touching", "5days", 1, "no white space"},
		{"touching the next", "5 days+1 week", 2, "unknown unit"},
		{"a long s", "3 day\u017f", 2, "unknown unit"},
		{"a Kelvin sign", "3 wee\u212as", 2, "unknown unit"},
		{"Arabic digits", "٣ days", 0, "begins with a number"},
		{"a word", "three days", 0, "begins with a number"},
		{"overflow", "99999999999999999999999999 hours", 0, "past the year 9999"},
		{"exactly 2^64", "1 day 18446744073709551616 hours", 6, "past the year 9999"},
		{"past the year 9999", "9999 years", 0, "past the year 9999"},
		{"past it together", "5000 years, 5000 years", 12, "past the year 9999"},
		{"one hour too many", "87649416 hours", 0, "past the year 9999"},
		{"not UTF-8", "6 d\xe9ys", 3, "not UTF-8"},
		{"NUL", "3 days\x00", 2, "unknown unit"},
	} {
		t.Run(row.name, func(t *testing.T) {
			expiry, err := blacklist.ParseExpiry(row.text)
			var typed *blacklist.ParseError
			require.ErrorAs(t, err, &typed)
			assert.Equal(t, "expiry", typed.What)
			assert.Equal(t, row.text, typed.Input)
			assert.Equal(t, row.pos, typed.Pos)
			assert.Contains(t, typed.Msg, row.says)
			for _, unit := range []string{"hours", "days", "weeks", "months", "years"} {
				assert.Contains(t, err.Error(), unit, "the message lists the units")
			}
			assert.Equal(t, blacklist.Expiry{}, expiry)
			_, err = blacklist.PreviewExpiry(row.text, time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), time.UTC)
			if row.text == "" {
				assert.NoError(t, err, "no text at all is permanent in a form")
			} else {
				assert.Equal(t, error(typed), err, "the preview says the same")
			}
		})
	}
}

// rows: D12, D14, D16
func TestPreviewShowsWhatIsStored(t *testing.T) {
	warsaw := zone(t, "Europe/Warsaw")
	from := time.Date(2024, 1, 31, 9, 30, 0, 123456789, warsaw)
	for text, want := range map[string]string{
		"30 hours":          "2024-02-01T14:30:00.123456Z",
		"1 month":           "2024-02-29T08:30:00.123456Z",
		"1 month 1 month":   "2024-03-29T08:30:00.123456Z", // step by step, not 2 months
		"2 months":          "2024-03-31T07:30:00.123456Z",
		"1 day, 1 month":    "2024-03-01T08:30:00.123456Z", // left to right
		"1 month, 1 day":    "2024-03-01T08:30:00.123456Z",
		"6 days, 19 months": "2025-09-06T07:30:00.123456Z",
		"19 months, 6 days": "2025-09-06T07:30:00.123456Z",
		"1 months, 30 days": "2024-03-30T08:30:00.123456Z",
		"30 days, 1 months": "2024-04-01T07:30:00.123456Z",
		"+1 YEAR":           "2025-01-31T08:30:00.123456Z",
		"2 weeks":           "2024-02-14T08:30:00.123456Z",
		"9 weeks":           "2024-04-03T07:30:00.123456Z", // 9:30 on the wall
	} {
		preview, err := blacklist.PreviewExpiry(text, from, warsaw)
		require.NoError(t, err, "%q", text)
		assert.Equal(t, want, preview.Until.Format(time.RFC3339Nano), "%q", text)
		assert.Equal(t, time.UTC, preview.Until.Location())
		assert.False(t, preview.Permanent)

		expiry, err := blacklist.ParseExpiry(text)
		require.NoError(t, err)
		stored, err := expiry.At(from, warsaw)
		require.NoError(t, err)
		assert.Equal(t, stored, preview.Until, "%q", text)
		assert.Equal(t, expiry, preview.Expiry)
	}
}

// rows: D11
func TestWithoutAnExpiryAnEntryIsPermanent(t *testing.T) {
	var expiry blacklist.Expiry
	assert.True(t, expiry.IsPermanent())
	assert.Equal(t, "", expiry.String())
	until, err := expiry.At(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), nil)
	require.NoError(t, err)
	assert.True(t, until.IsZero())

	preview, err := blacklist.PreviewExpiry("", time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), time.UTC)
	require.NoError(t, err)
	assert.Equal(t, blacklist.Preview{Permanent: true}, preview)
}

// rows: D13, D15
func TestAnEndThatDoesNotExistIsAnError(t *testing.T) {
	const text = "  1  DAY,   9000 years"
	expiry, err := blacklist.ParseExpiry(text)
	require.NoError(t, err, "from the year 900 it would be sound")
	from := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

	_, err = expiry.At(from, time.UTC)
	var typed *blacklist.ParseError
	require.ErrorAs(t, err, &typed)
	assert.Equal(t, "1 day, 9000 years", typed.Input)
	assert.Equal(t, strings.Index(typed.Input, "9000"), typed.Pos)
	assert.Contains(t, typed.Error(), "9999")

	_, err = blacklist.PreviewExpiry(text, from, time.UTC)
	require.ErrorAs(t, err, &typed)
	assert.Equal(t, text, typed.Input, "the preview points into what was typed")
	assert.Equal(t, strings.Index(text, "9000"), typed.Pos)

	_, err = expiry.At(from, nil)
	require.ErrorAs(t, err, &typed)
	assert.Contains(t, typed.Error(), "a time zone")
	assert.Zero(t, typed.Pos)

	_, err = expiry.At(time.Date(12_000, 1, 1, 0, 0, 0, 0, time.UTC), time.UTC)
	require.ErrorAs(t, err, &typed)
	assert.Contains(t, typed.Error(), "the start")
}

func TestExpiryAsText(t *testing.T) {
	type form struct {
		Expiry blacklist.Expiry `json:"expiry"`
	}
	for text, want := range map[string]string{
		`{"expiry":" +6 DAYS 19 month "}`: `{"expiry":"6 days, 19 months"}`,
		`{"expiry":""}`:                   `{"expiry":""}`,
		`{}`:                              `{"expiry":""}`,
	} {
		var in form
		require.NoError(t, json.Unmarshal([]byte(text), &in))
		out, err := json.Marshal(in)
		require.NoError(t, err)
		assert.Equal(t, want, string(out))
	}
	kept, err := blacklist.ParseExpiry("1 day")
	require.NoError(t, err)
	again := kept
	assert.Error(t, again.UnmarshalText([]byte("soon")))
	assert.Equal(t, kept, again, "a refusal changes nothing")
	require.NoError(t, again.UnmarshalText(nil))
	assert.True(t, again.IsPermanent())
	assert.Equal(t, "1 day", kept.String(), "a copy is not shared")
}
