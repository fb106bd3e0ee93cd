package blacklist_test

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/internal/outside"
)

func TestEverySpellingIsOneNumber(t *testing.T) {
	const want = blacklist.Number(48600100200)
	for _, text := range []string{
		"+48600100200",
		"+48 600 100 200",
		"0048600100200",
		"00 48 600-100-200",
		"00-48-600-100-200",
		"+48 (600) 100.200",
		"+48/600/100/200",
		"+48\t600\u00a0100 200",
		"+48 - 600 - 100 - 200",
		"  +48600100200\t",
		"\u00a0+48600100200\u00a0",
		"\u202a+48 600 100 200\u202c",
		"\u200e +48600100200 \u200f",
		"\u2066+48600100200\u2069",
	} {
		got, err := blacklist.ParseNumber(text)
		if assert.NoError(t, err, "%q", text) {
			assert.Equal(t, want, got, "%q", text)
		}
	}
}

func TestNumbersHaveSevenToFifteenDigits(t *testing.T) {
	for text, want := range map[string]blacklist.Number{
		"+1000000":          1_000_000,
		"+999999999999999":  999_999_999_999_999,
		"00999999999999999": 999_999_999_999_999,
		"+290 1234":         2901234, // Saint Helena
		"+1 (201) 555-0123": 12015550123,
	} {
		got, err := blacklist.ParseNumber(text)
		if assert.NoError(t, err, "%q", text) {
			assert.Equal(t, want, got, "%q", text)
		}
	}
}

func TestWhatIsNotOneInternationalNumberIsRefused(t *testing.T) {
	for _, row := range []struct {
		name, text string
		pos        int
		says       string
	}{
		{"empty", "", 0, "no number"},
		{"only spaces", " \t\u00a0", 0, "no number"},
		{"only marks", "\u200e\u200f", 0, "no number"},
		{"only +", "+", 1, "0 digits"},
		{"only 00", "00", 2, "0 digits"},
		{"only separators after +", "+ - ", 1, "unexpected"},
		{"national", "600100200", 0, "no + or 00"},
		{"national with one 0", "0600100200", 0, "no + or 00"},
		{"without plus", "48600100200", 0, "no + or 00"},
		{"without plus, indented", "  48600100200", 2, "no + or 00"},
		{"the country code begins with 0", "+048600100200", 1, "does not begin with 0"},
		{"three zeros", "00048600100200", 2, "does not begin with 0"},
		{"+ and 00", "+0048600100200", 1, "does not begin with 0"},
		{"two plus", "++48600100200", 1, "unexpected '+'"},
		{"six digits", "+486001", 7, "6 digits are too few"},
		{"sixteen digits", "+1234567890123456", 16, "more than 15 digits"},
		{"sixteen digits after 00", "001234567890123456", 17, "more than 15 digits"},
		{"letters", "+1800FLOWERS", 5, "unexpected 'F'"},
		{"an extension", "+48600100200 ext. 5", 13, "unexpected 'e'"},
		{"a tel link", "tel:+48600100200", 0, "unexpected 't'"},
		{"two with a comma", "+48600100200, +48600100201", 12, "unexpected ','"},
		{"two with a slash", "+48600100 / +48600101", 12, "a second +"},
		{"two in a row", "+48600100200 48600100201", 17, "more than 15 digits"},
		{"Arabic digits", "+٤٨٦٠٠١٠٠٢٠٠", 1, "unexpected '٤'"},
		{"full-width digits", "+48６00100200", 3, "unexpected '６'"},
		{"full-width plus", "＋48600100200", 0, "unexpected '＋'"},
		{"another dash", "+48–600–100", 3, "unexpected '–'"},
		{"a narrow space", "+48\u202f600100200", 3, `unexpected '\u202f'`},
		{"a mark inside", "+48\u200e600100200", 3, `unexpected '\u200e'`},
		{"a space after +", "+ 48600100200", 1, "unexpected ' '"},
		{"a parenthesis before +", "(+48) 600100200", 0, "unexpected '('"},
		{"a trailing separator", "+48600100200-", 12, "after the last digit"},
		{"a trailing separator and space", "+48600100200. ", 12, "after the last digit"},
		{"a trunk zero", "+44 (0)20 7946 0958", 4, "leave out (0)"},
		{"a trunk zero with spaces", "+44 ( 0\u00a0) 20 7946 0958", 4, "leave out (0)"},
		{"a line break", "+48600100200\n", 12, `unexpected '\n'`},
		{"NUL", "+48600100200\x00", 12, `unexpected '\x00'`},
		{"not UTF-8", "+48600\xff100200", 6, "not UTF-8"},
		{"not UTF-8 at the margin", "\xa0+48600100200", 0, "not UTF-8"},
		{"a replacement character is UTF-8", "+48600\ufffd100200", 6, "unexpected"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := blacklist.ParseNumber(row.text)
			var typed *blacklist.ParseError
			require.ErrorAs(t, err, &typed)
			assert.Equal(t, "number", typed.What)
			assert.Equal(t, row.text, typed.Input)
			assert.Equal(t, row.pos, typed.Pos)
			assert.Contains(t, typed.Msg, row.says)
			assert.Contains(t, typed.Want, "+48 600 100 200")
			assert.True(t, utf8.ValidString(typed.Error()))
			assert.Zero(t, got)
		})
	}
}

func TestALongTextIsCutInTheMessage(t *testing.T) {
	_, err := blacklist.ParseNumber(strings.Repeat("ł", 10_000))
	require.Error(t, err)
	assert.Less(t, len(err.Error()), 500)
	assert.True(t, utf8.ValidString(err.Error()))
	assert.NotContains(t, err.Error(), `\x`, "no character is cut in two")
}

func TestNumberFromDigits(t *testing.T) {
	n, err := blacklist.NumberFrom(48600100200)
	require.NoError(t, err)
	assert.Equal(t, uint64(48600100200), n.Uint64())
	for _, bad := range []uint64{0, 1, 999_999, 1_000_000_000_000_000, math.MaxUint64} {
		_, err := blacklist.NumberFrom(bad)
		var typed *blacklist.ParseError
		require.ErrorAs(t, err, &typed, "%d", bad)
		assert.LessOrEqual(t, typed.Pos, len(typed.Input))
		assert.False(t, blacklist.Number(bad).Valid(), "%d", bad)
	}
	for _, good := range []uint64{1_000_000, 999_999_999_999_999} {
		n, err := blacklist.NumberFrom(good)
		require.NoError(t, err)
		assert.True(t, n.Valid())
	}
}

func TestNumbersAsText(t *testing.T) {
	type row struct {
		Phone  blacklist.Number         `json:"phone"`
		None   blacklist.Number         `json:"none"`
		Counts map[blacklist.Number]int `json:"counts"`
	}
	in := row{Phone: 48600100200, Counts: map[blacklist.Number]int{420601100200: 2}}
	text, err := json.Marshal(in)
	require.NoError(t, err)
	assert.JSONEq(t, `{"phone":"+48600100200","none":"","counts":{"+420601100200":2}}`, string(text))
	var out row
	require.NoError(t, json.Unmarshal(text, &out))
	assert.Equal(t, in, out)

	assert.Equal(t, "+48600100200", in.Phone.String())
	assert.Equal(t, "", in.None.String())
	assert.True(t, in.None.IsZero())
	assert.False(t, in.Phone.IsZero())

	_, err = json.Marshal(blacklist.Number(12))
	assert.Error(t, err, "12 is no number")
	kept := in.Phone
	assert.Error(t, kept.UnmarshalText([]byte("600100200")))
	assert.Equal(t, in.Phone, kept, "a refusal changes nothing")
	require.NoError(t, kept.UnmarshalText(nil))
	assert.Zero(t, kept)
}

// Complaints of consumers hold what people type: nothing, sixteen digits, two
// numbers in one field. They are national, so none may pass as international,
// and with the country's code those of ten digits must.
func TestComplaintsAreReadOrRefused(t *testing.T) {
	file, err := os.Open(filepath.Join(outside.Dir(t), "ftc_dnc", "complaints_part1.csv"))
	require.NoError(t, err)
	defer file.Close()
	reader := csv.NewReader(file)
	reader.FieldsPerRecord = -1
	rows, err := reader.ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 7017)
	read, refused := 0, 0
	for _, row := range rows[1:] {
		text := row[0]
		if !strings.HasPrefix(text, "00") {
			_, err := blacklist.ParseNumber(text)
			assert.Error(t, err, "%q", text)
		}
		n, err := blacklist.ParseNumber("+1" + text)
		if err != nil {
			var typed *blacklist.ParseError
			require.ErrorAs(t, err, &typed)
			refused++
			continue
		}
		again, err := blacklist.ParseNumber(n.String())
		require.NoError(t, err)
		require.Equal(t, n, again)
		read++
	}
	t.Logf("%d read, %d refused", read, refused)
	assert.Greater(t, read, 6000)
	assert.Positive(t, refused)
}
