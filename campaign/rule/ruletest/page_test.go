package ruletest_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/rule"
	"github.com/nextcall/nextcall/campaign/rule/ruletest"
)

var update = flag.Bool("update", false, "write the generated parts of docs/rules.md anew")

const pagePath = "../../../docs/rules.md"

var (
	fence     = regexp.MustCompile("(?ms)^```([a-z]+) ?([a-z._]*)\n(.*?)^```$")
	generated = regexp.MustCompile(`(?ms)^<!-- ([a-z]+)(?:: ([^\n]*))? -->\n.*?^<!-- end -->$`)
)

// blocks are the page's code blocks of a language, each with what follows the
// language's name, and its text.
func blocks(t *testing.T, language string) (all [][2]string) {
	t.Helper()
	page, err := os.ReadFile(pagePath)
	require.NoError(t, err)
	for _, m := range fence.FindAllStringSubmatch(string(page), -1) {
		if m[1] == language {
			all = append(all, [2]string{m[2], m[3]})
		}
	}
	require.NotEmpty(t, all, "blocks of %s", language)
	return all
}

// rulesOfPage are the ten rules and their cases, as one file.
func rulesOfPage(t *testing.T) string {
	t.Helper()
	text := ""
	for _, b := range blocks(t, "rules") {
		text += b[1] + "\n"
	}
	return text
}

func runPage(t *testing.T) *ruletest.Report {
	t.Helper()
	suite, err := ruletest.Parse("docs/rules.md", []byte(rulesOfPage(t)))
	require.NoError(t, err)
	report, err := suite.Run(ruletest.Options{})
	require.NoError(t, err)
	return report
}

func TestTheTenRulesOfThePageDoWhatItSays(t *testing.T) {
	report := runPage(t)
	for _, c := range report.Cases {
		assert.Empty(t, c.Problems, "%s\n%s", c.Name, c.Explanation)
	}
	assert.Empty(t, report.Missing(), "each branch of each rule is shown true and false")
	for _, w := range report.Warnings {
		assert.NotContains(t, w.Msg, "without end")
	}
	page, err := os.ReadFile(pagePath)
	require.NoError(t, err)
	for n := 1; n <= 10; n++ {
		assert.Regexp(t, fmt.Sprintf(`(?m)^### %d\. `, n), string(page))
	}
}

// The file that the README shows, under a heading for its campaign.
func TestTheRulesOfTheReadmeHold(t *testing.T) {
	readme, err := os.ReadFile("../../../README.md")
	require.NoError(t, err)
	for _, m := range fence.FindAllStringSubmatch(string(readme), -1) {
		if !strings.Contains(m[3], "auto_set = ") {
			continue
		}
		suite, err := ruletest.Parse("README.md", []byte("campaign spring\nzone = UTC\n"+m[3]))
		require.NoError(t, err)
		report, err := suite.Run(ruletest.Options{})
		require.NoError(t, err)
		assert.Len(t, report.Cases, 1)
		assert.Empty(t, report.Failed())
		return
	}
	t.Error("README.md shows no rule")
}

// A condition that the page shows by itself is one of the campaign's.
func TestTheConditionsThatThePageQuotesAreThoseItRuns(t *testing.T) {
	rules := rulesOfPage(t)
	quoted := 0
	for _, b := range blocks(t, "cel") {
		if b[0] != "" && b[0] != "dial" {
			assert.Contains(t, rules, b[0]+" = "+b[1])
			quoted++
		}
	}
	assert.Equal(t, 3, quoted)
}

// Each line of the traps is compiled, and becomes what the page says.
func TestEveryTrapOfThePageIsAsItSays(t *testing.T) {
	facts := blocks(t, "traps")[0][1]
	setting, given, _ := strings.Cut(facts, "\ngiven\n")
	lines := 0
	for _, b := range blocks(t, "cel") {
		if b[0] != "" && b[0] != "dial" {
			continue
		}
		for _, line := range strings.Split(strings.TrimSpace(b[1]), "\n") {
			expression, says, ok := strings.Cut(line, "//")
			require.True(t, ok, "%q says nothing", line)
			becomes, _, _ := strings.Cut(strings.TrimSpace(says), ",")
			trap(t, b[0] == "dial", setting, given, strings.TrimSpace(expression), becomes)
			lines++
		}
	}
	assert.Greater(t, lines, 45)
}

// trap runs one expression: as the rule of a status, or as a dial condition of a
// record that was never called.
func trap(t *testing.T, dial bool, setting, given, expression, becomes string) {
	t.Helper()
	text := setting + "\nstatus trap\nqualifier = redial\nauto_set = " + expression + "\n\ncase it\n" + given
	want := map[string]string{"true": "-> trap", "false": "-> none", "fails": "-> none\n-> fails trap", "refused": "-> none"}[becomes]
	if dial {
		text = strings.Replace(setting, "zone = ", "condition = "+expression+"\nzone = ", 1) + "\ncase it\n"
		want = map[string]string{"true": "-> dial = yes", "false": "-> dial = no", "fails": "-> dial = fails"}[becomes]
	}
	require.NotEmpty(t, want, "%s: %q is none of true, false, fails and refused", expression, becomes)
	suite, err := ruletest.Parse("docs/rules.md", []byte(text+"\n"+want))
	require.NoError(t, err, expression)
	report, err := suite.Run(ruletest.Options{})
	if becomes == "refused" {
		assert.Error(t, err, expression)
		return
	}
	if assert.NoError(t, err, expression) {
		assert.Empty(t, report.Failed(), expression)
	}
}

// What is generated comes from the code, so it cannot say anything else.
func TestThePageIsGeneratedFromWhatThereIs(t *testing.T) {
	page, err := os.ReadFile(pagePath)
	require.NoError(t, err)
	report := runPage(t)
	want := generated.ReplaceAllStringFunc(string(page), func(part string) string {
		m := generated.FindStringSubmatch(part)
		head, _, _ := strings.Cut(part, "\n")
		body := ""
		switch m[1] {
		case "variables":
			body = variablesTable(t)
		case "functions":
			body = functionsTable()
		case "explained":
			i := slices.IndexFunc(report.Cases, func(c ruletest.CaseResult) bool { return c.Name == m[2] })
			require.GreaterOrEqual(t, i, 0, "no case %q", m[2])
			body = "```text\n" + winnerOnly(report.Cases[i].Explanation) + "```\n"
		default:
			t.Errorf("nothing is generated for %q", m[1])
		}
		return head + "\n" + body + "<!-- end -->"
	})
	if *update {
		require.NoError(t, os.WriteFile(pagePath, []byte(want), 0o644))
		return
	}
	assert.Equal(t, want, string(page), "run go test ./campaign/rule/ruletest -run Page -update")
	assert.Equal(t, 10, strings.Count(want, "<!-- explained: "), "each rule has an explained call")
}

// winnerOnly leaves out the parts of the rules that lost: the page has no room.
func winnerOnly(explanation string) string {
	var kept []string
	show := true
	for _, line := range strings.Split(strings.TrimRight(explanation, "\n"), "\n") {
		if ruling.MatchString(line) {
			show = strings.HasSuffix(line, ", won") || strings.HasSuffix(line, ", also")
		}
		if show {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n") + "\n"
}

var ruling = regexp.MustCompile(`^\d+\. `)

func variablesTable(t *testing.T) string {
	c, _, err := campaign.Compile(campaign.Config{ID: "c", Zone: "UTC", Condition: "true"}, nil, rule.Engine{})
	require.NoError(t, err)
	set, ok := rule.Of(c)
	require.True(t, ok)
	names := func(values []string) string {
		quoted := make([]string, len(values))
		for i, v := range values {
			quoted[i] = fmt.Sprintf("`%q`", v)
		}
		return strings.Join(quoted, ", ")
	}
	var outcomes []string
	var b strings.Builder
	b.WriteString("| Variable | Type | What it is | In |\n|---|---|---|---|\n")
	for _, v := range set.Variables() {
		kind, what, in := v.Type, []string{}, "all"
		if v.Optional {
			kind += ", optional"
		}
		if v.Doc != "" {
			what = append(what, v.Doc)
		}
		switch {
		case slices.Contains(v.Values, "no_answer"):
			outcomes, what = v.Values, append(what, "an outcome")
		case len(v.Values) > 0 && v.Path != "record.status":
			what = append(what, "one of "+names(v.Values))
		}
		if v.Kinds != nil {
			var kinds []string
			for _, k := range v.Kinds {
				kinds = append(kinds, k.String())
			}
			in = strings.Join(kinds, ", ")
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", v.Path, kind, strings.Join(what, "; "), in)
	}
	fmt.Fprintf(&b, "\nThe outcomes are %s.\n", names(outcomes))
	return b.String()
}

func functionsTable() string {
	var b strings.Builder
	b.WriteString("| Function | What it gives | Such as |\n|---|---|---|\n")
	for _, f := range rule.Functions() {
		fmt.Fprintf(&b, "| `%s` | %s | `%s` |\n", f.Form, f.Doc, f.Example)
	}
	return b.String()
}
