package rule

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/google/cel-go/cel"
	"google.golang.org/protobuf/proto"
)

// readAlike reports whether a text is read without cel-go's parser. What is read
// must be what that makes, to the last id, position and replaced call; and it
// must not be a text which that refuses.
func readAlike(t *testing.T, env *environment, text string) bool {
	t.Helper()
	if len(text) > maxText || !utf8.ValidString(text) {
		return false
	}
	got := env.read(newSpans(text))
	if got == nil {
		return false
	}
	want, issues := env.cel.Parse(text)
	require.NoError(t, issues.Err(), "this was read, and is refused by cel-go: %q", text)
	a, err := cel.AstToParsedExpr(got)
	require.NoError(t, err)
	b, err := cel.AstToParsedExpr(want)
	require.NoError(t, err)
	require.True(t, proto.Equal(a, b), "%q is read as\n%v\nand by cel-go as\n%v", text, a, b)
	return true
}

// goldenTexts are the conditions of the linter's messages, right ones and wrong ones.
func goldenTexts(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/lint/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var all []string
	for _, file := range files {
		golden, err := os.ReadFile(file)
		require.NoError(t, err)
		for block := range strings.SplitSeq(string(golden), "#### ") {
			_, rest, _ := strings.Cut(block, "\n")
			text, _, _ := strings.Cut(rest, "\n--\n")
			all = append(all, text)
		}
	}
	return all
}

func TestOrdinaryConditionsAreReadWithoutTheParserOfCELGo(t *testing.T) {
	env := sceneSet(t).env
	texts := append(textsOf(hundred()), twenty...)
	for _, c := range hundredConditions() {
		texts = append(texts, c.Text)
	}
	texts = append(texts,
		`1 - -1 == 2 && -1 - 1 == -2 && - 5 < 0 && --5 == 5 && ---5 < 0 && !!true && !false && -record.attempts < 0`,
		`-9223372036854775808 < 9223372036854775807 && 0x1F == 31 && -0xf == -15 && 0xFFu == 255u && 7U > 0u`,
		`1.5e3 == 1500.0 && .5 < 1e0 && -.5 < 0.0 && 1E-3 > 0.0`,
		`"a\"b\\c\n\t'" != 'it\'s "so"' && "" == '' && "Kraków 😀" != "\a\b\f\r\v\?"`,
		`record.tags[0] == "x" && record.tags[?0].orValue("") == "" && [1, 2,][0] == 1 && [?record.?owner, "b"].size() == 2 && [] == [ ]`,
		"record.fields.`city` == \"ó\" && record.?fields.?city.hasValue()",
		`record.tags.exists(t, t.startsWith("v") && record.tags.all(u, u != t)) || record.tags.map(t, t != "", t + "!").filter(t, has(record.owner)).size() > 0`,
		`record.?owner.optMap(o, o + "x").orValue("") == "" || record.tags.exists_one(t, t == "a")`,
		"a ? b : c ? d : e // and a comment\n  || .now < now",
		"x.as(1).loop.package",
		`-7u != - 0x7U`,
		`a || b || c || d || e || f || g && h && i && j && k`,
	)
	for _, text := range texts {
		assert.True(t, readAlike(t, env, text), "%q is left to cel-go", text)
	}
}

func TestGeneratedConditionsAreReadAlike(t *testing.T) {
	env := sceneSet(t).env
	n, left := 20_000, 0
	if testing.Short() {
		n = 2_000
	}
	g := &generator{Rand: rand.New(rand.NewPCG(4, 11)), schema: env.schema, rare: 5}
	for range n {
		text := g.of(kindBool, 2+g.IntN(4)).String()
		if len(text) <= maxText && !readAlike(t, env, text) {
			left++
		}
	}
	assert.Less(t, left, n/20, "too many ordinary conditions are left to cel-go")
}

// Words are taken away, doubled, exchanged and put in, so that most texts are
// nearly right.
func TestTextsThatAreNearlyRightAreReadAlikeOrLeftToCELGo(t *testing.T) {
	env := sceneSet(t).env
	n, right := 60_000, 0
	if testing.Short() {
		n = 6_000
	}
	texts := append(goldenTexts(t), twenty...)
	r := rand.New(rand.NewPCG(7, 13))
	marks := []string{
		"(", ")", "[", "]", "{", "}", "[?", ".?", "?", ":", ",", ".", "-", "--", "!", "!!", "==", "in", "&&", "||", "<>", "+", "/", "//", "%",
		"true", "null", "as", ".x", "`a b`", "`ż`", "0x1f", "-0x1", "1u", "1.5", ".5", "1e3", "1e", "0xg", "1_000", "9999999999999999999", `"\q"`, `"\x41"`,
		`r"\d"`, `b"x"`, `"""a"""`, `''`, `'"'`, "\"\r\"", "\v", "\u00a0", "\r\n", "has(x)", "x.all(y, y)", "has(1)", "x.map(1, 2)", "a.b{c: 1}", "{1: 2}", "ó",
	}
	for range n {
		s := newSpans(texts[r.IntN(len(texts))])
		words := make([]string, 0, len(s.words)+4)
		for i := range s.words {
			words = append(words, s.word(i))
		}
		for range 1 + r.IntN(3) {
			at := r.IntN(len(words) + 1)
			switch more := len(words) > at; {
			case r.IntN(2) == 0:
				words = append(words[:at:at], append([]string{marks[r.IntN(len(marks))]}, words[at:]...)...)
			case more && r.IntN(2) == 0:
				words = append(words[:at:at], words[at+1:]...)
			case more:
				words[at] = words[r.IntN(len(words))]
			}
		}
		gap := []string{"", " ", "\n", "\t ", " // c\n"}[r.IntN(5)]
		if readAlike(t, env, strings.Join(words, gap)) {
			right++
		}
	}
	t.Logf("%d of %d texts were read", right, n)
	assert.Greater(t, right, n/100, "hardly any text was right: nothing was compared")
}

func TestWhatIsNestedDeepIsReadAlikeOrLeftToCELGo(t *testing.T) {
	env := sceneSet(t).env
	for _, around := range [][2]string{
		{"(", ")"}, {"[", "]"}, {"!(", ")"}, {"-(1 + ", ")"}, {"f(", ")"}, {"x.f(", ")"}, {"has(x.y) && (", ")"}, {"a ? b : ", ""}, {"a ? (", ") : c"},
		{"", ".x"}, {"", "[0]"}, {"", ".f()"}, {"", ".?x"}, {"1 + ", ""}, {"", " * 2"}, {"", " == 1"}, {"(", ") + 1"}, {"(", ").x == 1"}, {"x.exists(y, ", ")"},
		{"a || ", ""}, {"a && (b || ", ")"}, {"(", " < 1) + 2 * 3"}, {"!", ""}, {"-", ""}, {"x[", "]"}, {"(x + ", ").y"},
	} {
		read := 0
		for n := range 90 {
			if readAlike(t, env, strings.Repeat(around[0], n)+"z"+strings.Repeat(around[1], n)) {
				read = n
			}
		}
		assert.GreaterOrEqual(t, read, 10, "%q", around)
	}
	// Chains inside chains: nested deep only once all of it is put together.
	for _, more := range []string{" + 1", ".x", " == 1"} {
		for n := 4; n < 28; n += 4 {
			text := "z"
			for range 6 {
				text = "(" + text + strings.Repeat(more, n) + ")"
				readAlike(t, env, text)
			}
		}
	}
}

func TestTheConformanceSuiteIsReadAlike(t *testing.T) {
	env := conformanceSet(t).env
	read, all := 0, 0
	for _, c := range conformanceCases(t) {
		if all++; readAlike(t, env, c.GetExpr()) {
			read++
		}
	}
	t.Logf("%d of %d expressions were read", read, all)
	assert.Greater(t, read, all/2)
}

// FuzzRead gives the reader any text.
func FuzzRead(f *testing.F) {
	env := sceneSet(f).env
	for _, text := range append(goldenTexts(f), twenty...) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) < 300 {
			readAlike(t, env, text)
		}
	})
}
