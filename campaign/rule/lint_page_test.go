package rule_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/rule"
	"github.com/nextcall/nextcall/status"
)

// rows are the rows of the table in docs/rules.md whose heading is given: the
// first column, and the texts in code of the second.
func rows(t *testing.T, heading string) map[string][]string {
	t.Helper()
	page, err := os.ReadFile("../../docs/rules.md")
	require.NoError(t, err)
	_, table, ok := strings.Cut(string(page), "\n| "+heading+" | Such as |\n|---|---|\n")
	require.True(t, ok, "no table %q", heading)
	table, _, _ = strings.Cut(table, "\n\n")
	found := map[string][]string{}
	for line := range strings.SplitSeq(table, "\n") {
		cells := strings.SplitN(strings.Trim(line, "| "), " | ", 2)
		require.Len(t, cells, 2, line)
		for _, code := range regexp.MustCompile("`[^`]+`").FindAllString(cells[1], -1) {
			found[cells[0]] = append(found[cells[0]], strings.Trim(code, "`"))
		}
	}
	return found
}

// The page about rules shows what the linter says: it does say so.
func TestThePageTellsTheTruthAboutTheLinter(t *testing.T) {
	checker, err := rule.Engine{}.Checker(lintConfig(), status.Default())
	require.NoError(t, err)
	severities := func(kind campaign.Kind, text string) map[rule.Severity]bool {
		found := map[rule.Severity]bool{}
		for _, p := range checker.Check(campaign.Condition{Kind: kind, Text: text}) {
			found[p.Severity] = true
		}
		return found
	}
	n := 0
	for row, texts := range rows(t, "Refused") {
		switch {
		case strings.HasPrefix(row, "what the place"):
			assert.True(t, severities(campaign.DialWhen, texts[0]+` == "busy"`)[rule.Error], texts[0])
			assert.True(t, severities(campaign.Where, texts[1])[rule.Error], texts[1])
		case strings.HasPrefix(row, "what may cost"):
			assert.True(t, severities(campaign.DialWhen, `record.tags.exists(a, record.tags.exists(b, record.tags.exists(c, a == b && b == c)))`)[rule.Error])
		default:
			for _, text := range texts {
				n++
				assert.True(t, severities(campaign.AutoSet, text)[rule.Error], text)
			}
		}
	}
	assert.Greater(t, n, 12)
	for row, texts := range rows(t, "Warning") {
		if strings.HasPrefix(row, "it may fail") || strings.HasPrefix(row, "it is never true") || strings.HasPrefix(row, "two parts") {
			for _, text := range texts {
				assert.Equal(t, map[rule.Severity]bool{rule.Warning: true}, severities(campaign.AutoSet, text), text)
			}
		}
	}
	crossing, covered := rows(t, "Warning")["it crosses one before it: some values are in both parts"], rows(t, "Warning")["it never decides: one before it is true wherever it is"]
	require.Len(t, crossing, 2)
	require.Len(t, covered, 2)
	assert.Contains(t, strings.Join(ruled(t, nil, crossing...), "\n"), "crosses")
	assert.Contains(t, strings.Join(ruled(t, nil, covered...), "\n"), "never decides")

	page, err := os.ReadFile("../../docs/rules.md")
	require.NoError(t, err)
	cfg := config()
	cfg.Own = []status.Status{{ID: "a", Title: "A", Qualifier: status.Closed, AutoSet: `call.outcome == "bussy" && record.attempts >= 3`}}
	_, _, err = campaign.Compile(cfg, nil, rule.Engine{})
	require.Error(t, err)
	assert.Contains(t, string(page), "```text\n"+err.Error()+"\n```\n")
}
