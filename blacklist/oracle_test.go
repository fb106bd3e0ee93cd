package blacklist_test

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/internal/outside"
)

// vectors reads a file of outside test data as one map per row.
func vectors(t *testing.T, name string) []map[string]string {
	t.Helper()
	file, err := os.Open(filepath.Join(outside.Dir(t), "vectors", name))
	require.NoError(t, err)
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	named := make([]map[string]string, 0, len(rows))
	for _, row := range rows[1:] {
		m := make(map[string]string, len(row))
		for i, column := range rows[0] {
			m[column] = row[i]
		}
		named = append(named, m)
	}
	return named
}

// All rows of the oracle, through the text that people type. Which column is
// the truth depends on the class of the row:
//
//   - clean: all engines agree, so PostgreSQL's.
//   - clean_but_go_overflows_or_differs: all calendar engines agree and only
//     Go's AddDate overflows a month or picks the other side of a gap, so
//     PostgreSQL's, and never Go's.
//   - engines_disagree: the end is a local time that comes twice. Our rule is
//     the first of the two (RFC 5545), and so is Temporal's; PostgreSQL takes
//     the second.
//   - pg_java_temporal_agree: one engine has older time zone data; the other
//     three agree.
//
// rows: D12, D13, D14, D16
func TestExpiriesEndWhereTheOracleSays(t *testing.T) {
	const postgres, temporal, addDate = "postgresql_15_18", "temporal_polyfill_0_5_1", "go_AddDate_1_26_8"
	truth := map[string]string{
		"clean":                             postgres,
		"clean_but_go_overflows_or_differs": postgres,
		"engines_disagree":                  temporal,
		"pg_java_temporal_agree":            postgres,
	}
	count := map[string]int{}
	for i, row := range vectors(t, "expiry_add_oracle.csv") {
		class := row["class"]
		require.Contains(t, truth, class, "row %d", i)
		count[class]++
		want, err := time.Parse(time.RFC3339, row[truth[class]])
		require.NoError(t, err, "row %d", i)
		from, err := time.Parse(time.RFC3339, row["start_utc"])
		require.NoError(t, err, "row %d", i)

		got, err := blacklist.PreviewExpiry(row["amount"]+" "+row["unit"], from, zone(t, row["zone"]))
		require.NoError(t, err, "row %d", i)
		assert.Equal(t, want.UTC(), got.Until, "row %d: %v", i, row)

		if class == "clean_but_go_overflows_or_differs" {
			assert.NotEqual(t, row[addDate], row[postgres], "row %d", i)
		}
		if class == "engines_disagree" {
			assert.NotEqual(t, row[postgres], row[temporal], "row %d", i)
		} else {
			assert.Equal(t, row[postgres], row[temporal], "row %d", i)
		}
	}
	assert.Equal(t, map[string]int{
		"clean":                             3944,
		"clean_but_go_overflows_or_differs": 243,
		"engines_disagree":                  254,
		"pg_java_temporal_agree":            6,
	}, count, "no row is passed over")
}

// The texts that twelve other parsers were given, and our verdict on each: the
// canonical text of those in our grammar; all others are refused.
//
// rows: D13, D15
func TestOurGrammarDecidesWhereParsersSplit(t *testing.T) {
	accepted := map[string]string{
		"30 hours": "30 hours",
		"1 day":    "1 day", "2 day": "2 days", "12 day": "12 days", "30 day": "30 days",
		"1 days": "1 day", "3 days": "3 days", "12 days": "12 days",
		"2 week": "2 weeks", "30 week": "30 weeks", "3 weeks": "3 weeks", "12 weeks": "12 weeks", "30 weeks": "30 weeks",
		"2 months": "2 months", "3 months": "3 months", "30 months": "30 months", "003 months": "3 months",
		"1 year": "1 year", "3 year": "3 years", "12 year": "12 years",
		" 3 days ": "3 days", "3\tdays": "3 days", "3\ndays": "3 days", "3\u00a0days": "3 days",
		"3 DAYS": "3 days", "3 dAyS": "3 days",
		"2 months 1 months": "2 months, 1 month",
		"3 days +2 hours":   "3 days, 2 hours",
	}
	refused := []string{
		"0 day", "0 weeks", // zero
		"- 3 days", "-1 month +3 days", // negative
		"in 3 days", "@ 3 days", "three days", "one month", "a week", "an hour", // words
		"1.5 months", "1,5 days", ".5 days", "1. days", // fractions
		"0x10 days", "1_000 days", "３ days", // other digits
		"1 day 12:00", "12:00", "45 minutes", "45 mins", "90 seconds", "90 sec", "1 hour 30 minutes", // finer units
		"3d", "3w", "3h", "1m", "1 m", "1mo", "1 mons", "1 mth", "1y", "2 hr", "P3D", "p1m", "3-days", // abbreviations, touching
		"3 dayz", "1 quarter", "2 weekdays", "1 workday", "3 tage", "3 dni", "2 miesiące", "3 ｄays", // other units
		"   ", "day", "never", "forever", "null", // no term at all
		"2147483647 days", "178000001 years", "300000 years", "9223372036854775807 hours", // past the year 9999
		"3 days\x00", "3 days--", "3 days; DROP TABLE x", // something behind
	}
	want := map[string]bool{}
	for text := range accepted {
		want[text] = true
	}
	for _, text := range refused {
		want[text] = false
	}
	require.Len(t, want, 85)

	rows := vectors(t, "duration_text_acceptance_matrix.csv")
	require.Len(t, rows, 85)
	for _, row := range rows {
		var text string
		require.NoError(t, json.Unmarshal([]byte(row["input_json"]), &text))
		require.Contains(t, want, text)
		delete(want, text)
		expiry, err := blacklist.ParseExpiry(text)
		if canonical, ok := accepted[text]; ok {
			if assert.NoError(t, err, "%q", text) {
				assert.Equal(t, canonical, expiry.String(), "%q", text)
			}
			continue
		}
		var typed *blacklist.ParseError
		assert.ErrorAs(t, err, &typed, "%q", text)
	}
	assert.Empty(t, want, "every verdict was asked for")
}
