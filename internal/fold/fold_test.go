package fold_test

import (
	"encoding/csv"
	"os"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/nextcall/nextcall/internal/fold"
)

// The file is what PostgreSQL's unaccent makes of names.
func TestNamesFoldAsUnaccentDoes(t *testing.T) {
	file, err := os.Open("testdata/names_unaccent_oracle.csv")
	require.NoError(t, err)
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	require.Greater(t, len(rows), 20)
	for _, row := range rows[1:] {
		require.Equal(t, strings.ToLower(row[1]), fold.Text(row[0]), row[0])
	}
}

// rows: N9
func TestTextsFold(t *testing.T) {
	for given, want := range map[string]string{
		"":                           "",
		" \t\n":                      "",
		"Łukasz":                     "lukasz",
		"ŁUKASZ ŻÓŁĆ":                "lukasz zolc",
		"Zażółć gęślą jaźń":          "zazolc gesla jazn",
		"Z\u0307aneta":               "zaneta", // a dot that comes apart
		"Groß":                       "gross",
		"GROẞ":                       "gross",
		"Jørgen Ærø":                 "jorgen aero",
		"Đorđe Đoković":              "dorde dokovic",
		"Þór Ðað":                    "thor dad",
		"İstanbul ışık":              "istanbul isik",
		"œuvre":                      "oeuvre",
		"ﬁn":                         "fin",
		"Ｆｕｌｌ　Ｗｉｄｔｈ":                 "full width",
		"Ёлкин Андрей":               "елкин андреи",
		"ΟΔΥΣΣΕΥΣ Οδυσσεύς":          "οδυσσευσ οδυσσευσ",
		"  Anna \u00a0 Maria\t":      "anna maria",
		"Kowalska-Nowak":             "kowalska nowak",
		"Kowalska – Nowak":           "kowalska nowak",
		"Kowalski, Jan":              "kowalski jan",
		"„ALFA” Sp. z o.o.":          "alfa sp z o o",
		"O’Brien":                    "o'brien",
		"H&M":                        "h m",
		"soft\u00adhyphen\u200bzero": "softhyphenzero",
		"a\x00b\xffc":                "ab\ufffdc",
		"★ Bar":                      "★ bar",
	} {
		require.Equal(t, want, fold.Text(given), "%q", given)
	}
}

func TestEveryRuneFoldsOnce(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		once := fold.Text(string(r))
		if twice := fold.Text(once); twice != once || strings.ContainsFunc(once, unicode.IsControl) {
			t.Errorf("%U folds to %q, then to %q", r, once, twice)
		}
	}
}

func TestAFoldedTextStaysAsItIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		once := fold.Text(text)
		require.Equal(t, once, fold.Text(once))
		require.Equal(t, strings.TrimSpace(once), once)
		require.NotContains(t, once, "  ")
	})
}

func TestLongTextsAreCutBetweenRunes(t *testing.T) {
	for _, unit := range []string{"x", "ł", "ż ", "ß", "漢", "a\u0301", "👍"} {
		long := strings.Repeat(unit, 10_000)
		got := fold.Text(long)
		require.LessOrEqual(t, len(got), fold.Max, unit)
		require.Greater(t, len(got), fold.Max-5, unit)
		require.True(t, utf8.ValidString(got), unit)
		require.True(t, strings.HasPrefix(got, fold.Text(strings.Repeat(unit, 10))), unit)
	}
	require.Empty(t, fold.Text(strings.Repeat("\u0301", 10_000)), "nothing but marks")
}

func TestANameIsEnteredAtItsWords(t *testing.T) {
	for _, c := range []struct {
		names []string
		want  []fold.Tail
	}{
		{nil, []fold.Tail{}},
		{fold.Names("Jan", "", ""), []fold.Tail{{"jan", true}}},
		{fold.Names("Jan", "Kowalski", ""), []fold.Tail{{"jan kowalski", true}, {"kowalski jan", true}}},
		{fold.Names("Jan Maria", "Nowak", ""), []fold.Tail{
			{"jan maria nowak", true}, {"nowak jan maria", true}, {"maria nowak", false},
		}},
		{fold.Names("", "", "Bar u Jana"), []fold.Tail{{"bar u jana", true}, {"u jana", false}, {"jana", false}}},
		{fold.Names("Jan", "Jan", "Jan"), []fold.Tail{{"jan jan", true}, {"jan", true}}},
	} {
		require.Equal(t, c.want, fold.Tails(c.names))
	}
}

func TestTheCountryCodeIsFound(t *testing.T) {
	for digits, want := range map[string]string{
		"48600123456": "600123456", "12125550100": "2125550100", "79161234567": "9161234567",
		"351912345678": "912345678", "380501234567": "501234567", "390612345678": "0612345678",
		"4930123456": "30123456", "98212345678": "212345678", "97150123456": "50123456",
		"42": "", "4": "", "": "",
	} {
		require.Equal(t, want, fold.National(digits), digits)
	}
}

func TestWhatIsTypedMayBeANumber(t *testing.T) {
	both := func(d string) fold.Query { return fold.Query{International: []string{d}, National: []string{d}} }
	for typed, want := range map[string]fold.Query{
		"":                      {},
		"+":                     {},
		"00":                    {},
		"0":                     {National: []string{"0"}},
		"4":                     both("4"),
		"600 123":               both("600123"),
		"600-12.3":              both("600123"),
		"(22) 12/34":            both("221234"),
		"+48 600":               {International: []string{"48600"}},
		"0048 600":              {International: []string{"48600"}},
		" + 48":                 {International: []string{"48"}},
		"0600":                  {National: []string{"0600", "600"}},
		"4+8":                   {},
		"++48":                  {},
		"600a":                  {},
		strings.Repeat("6", 30): {},
	} {
		q := fold.NewQuery(typed)
		q.Text = ""
		require.Equal(t, want, q, "%q", typed)
	}
}

func FuzzQuery(f *testing.F) {
	for _, seed := range []string{"jan kow", "+48 600", "0", "ß", "\xff\x00", "a\u0301\u0301"} {
		f.Add(seed, "Jan", "Kowalski", uint64(48600123456))
	}
	f.Fuzz(func(t *testing.T, typed, first, last string, number uint64) {
		q := fold.NewQuery(typed)
		names := fold.Names(first, last, typed)
		m, found := q.Names(names)
		if q.Text == "" {
			require.False(t, found)
		} else {
			require.True(t, found, "the company is what was typed")
			require.Equal(t, fold.Match{Fit: fold.Exact, Text: q.Text}, m)
		}
		q.Number(number)
	})
}
