package rule_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/rule"
	"github.com/nextcall/nextcall/status"
)

// golden compares a text with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

// autoSet compiles a campaign whose one status has the condition.
func autoSet(t testing.TB, text string) *rule.Set {
	t.Helper()
	return rules(t, later(text)...)
}

// later is a status that a condition sets.
func later(text string) []status.Status {
	return []status.Status{{ID: "later", Title: "Later", Qualifier: status.Redial, AutoSet: text}}
}

// rules compiles a campaign with the statuses.
func rules(t testing.TB, own ...status.Status) *rule.Set {
	t.Helper()
	cfg := config()
	cfg.Own = own
	c, _, err := campaign.Compile(cfg, nil, rule.Engine{})
	require.NoError(t, err)
	set, ok := rule.Of(c)
	require.True(t, ok)
	return set
}

// explained are conditions whose explanations are kept as golden texts.
var explained = []struct{ name, text string }{
	{"and", `call.outcome == "busy" && record.attempts >= 3`},
	{"and-false-first", `call.outcome == "voicemail" && record.fields.balance > 100.0`},
	{"or", `call.outcome == "voicemail" || record.attempts > 10 || record.fields.vip`},
	{"or-false", `call.outcome == "voicemail" || record.attempts > 10`},
	{"nested", `!(record.fields.vip && (record.attempts < 3 || attempts.busy == 2)) || "new" in record.tags`},
	{"choice", `record.fields.vip ? record.attempts > 5 : record.fields.balance > 1000.0`},
	{"durations", `since(record.last_call) > duration("48h") && call.ring <= duration("12s")`},
	{"times", `now + period("2 weeks") < timestamp("2026-03-20T00:00:00Z")`},
	{"local", `local(now).hour >= 10 && local(record.last_call).weekday == 5`},
	{"clock", `time_between("08:00", "09:30") || is_holiday()`},
	{"absent", `has(record.next_call) && record.next_call > now`},
	{"absent-failed", `record.attempts > 1 && record.next_call > now`},
	{"absent-optional", `record.fields.?city.orValue("Łódź") == "Łódź" || record.?next_call.orValue(now) == now`},
	{"absent-or-else", `record.fields.?city.orValue(record.id) == "Kraków" && record.?next_call.or(record.?last_call).hasValue()`},
	{"absent-absorbed", `record.next_call > now || record.attempts == 3`},
	{"divided", `100 / (record.attempts - 3) > 5`},
	{"exists", `record.fields.products.exists(p, p.startsWith("l") && p != "lease")`},
	{"exists-first", `record.fields.products.exists(p, p == "card")`},
	{"all", `record.fields.products.all(p, p == "card")`},
	{"filter", `size(record.fields.products.filter(p, p != "card")) == 1`},
	{"list", `call.outcome in ["busy", "no_answer"] && record.fields.city in ["Kraków", "Łódź"]`},
	{"functions", `count("busy", duration("24h")) >= 2 || prefix(phone.number, ["+48"])`},
	{"parentheses", `(record.attempts + 1) * 2 > 8 && "ą" != "" && ( record.attempts + 2 ) * 2 < 8`},
	{"lines", "// called often\nrecord.attempts >= 3 &&\n  // and recently\n  since(record.last_call) < duration(\"24h\")"},
	{"strings", `record.fields.city.lowerAscii() + "!" == "kraków!"`},
	{"fixed", `true`},
}

func TestExplanationsSayWhatEveryPartCameTo(t *testing.T) {
	for _, x := range explained {
		t.Run(x.name, func(t *testing.T) {
			e := autoSet(t, x.text).Explain(0, facts(), busyCall(), monday)
			golden(t, "explain/"+x.name+".txt", fmt.Sprintf("%s\n\n%s\nwhy: %s\n", x.text, e, e.Why))
		})
	}
}

// What an explanation says is what the condition decides, and every value is
// that of the part by itself.
func TestAnExplanationAgreesWithTheDecision(t *testing.T) {
	for _, x := range explained {
		set := autoSet(t, x.text)
		holds, err := set.Holds(0, facts(), busyCall(), monday)
		e := set.Explain(0, facts(), busyCall(), monday)
		want := rule.False
		switch {
		case err != nil:
			want = rule.Failed
			assert.Equal(t, err, e.Err, x.text)
		case holds:
			want = rule.True
		}
		assert.Equal(t, want, e.Result, x.text)
		assert.Equal(t, want, e.Root.Result, x.text)
	}
}

func TestExplanationsOfNumbersAndTimesSayWhatTheyCameTo(t *testing.T) {
	cfg := config()
	cfg.Rank = `record.fields.vip ? 100.0 - record.fields.balance / 2.0 : 0.0`
	cfg.Own = []status.Status{
		{ID: "soon", Title: "Soon", Qualifier: status.CallbackAt, NextAt: `local(now).hour < 12 ? now + duration("2h") : now + period("1 day")`},
		{ID: "wait", Title: "Wait", Qualifier: status.CallbackAt, NextAt: `call.ring + duration("3h")`},
		{ID: "month", Title: "Month", Qualifier: status.CallbackAt, NextAt: `period("1 month")`},
	}
	c, _, err := campaign.Compile(cfg, nil, rule.Engine{})
	require.NoError(t, err)
	set, _ := rule.Of(c)
	text := ""
	for i, x := range set.Conditions() {
		e := set.Explain(i, facts(), busyCall(), monday)
		assert.Equal(t, rule.Known, e.Result, x.Text)
		text += fmt.Sprintf("%s\nwhy: %s\n\n", e, e.Why)
	}
	golden(t, "explain/numbers-and-times.txt", text)
}

// A number that may be in several zones is called when all of them allow it.
func TestAnExplanationNamesEveryZoneThatThePhoneMayBeIn(t *testing.T) {
	f := facts()
	f.Record.Phones[0].Zones = []string{"Europe/Warsaw", "America/New_York"}
	e := autoSet(t, `time_between("08:00", "20:00")`).Explain(0, f, busyCall(), monday)
	assert.Equal(t, `time_between("08:00", "20:00") is false: local(now) is Mon 2026-03-02 10:00 +01:00 Europe/Warsaw and Mon 2026-03-02 04:00 -05:00 America/New_York`, e.Why)
}

func TestWhatIsAskedAboutNothingIsSaidToBe(t *testing.T) {
	set := autoSet(t, `true`)
	assert.ErrorContains(t, set.Explain(3, facts(), nil, monday).Err, "there is no condition 3: the campaign has 1")
	assert.ErrorContains(t, set.Explain(0, nil, nil, monday).Err, "no facts")
	assert.NotEmpty(t, set.Why(3, facts(), nil, monday))
	assert.Contains(t, set.ExplainCall(facts(), nil, monday).Reason, "there is no call")
}

// A long list is not shown to its end.
func TestALongExplanationSaysWhatItLeavesOut(t *testing.T) {
	f := facts()
	products := make([]string, 1000)
	for i := range products {
		products[i] = fmt.Sprintf("p%d", i)
	}
	f.Record.Fields["products"] = products
	e := autoSet(t, `record.fields.products.all(p, p.startsWith("p") && size(p) < 9)`).Explain(0, f, busyCall(), monday)
	assert.Equal(t, rule.True, e.Result)
	assert.Less(t, len(e.String()), 10_000)
	assert.Contains(t, e.String(), "… and 980 more elements")
}

// BenchmarkExplain shows what an explanation costs, beside the decision.
func BenchmarkExplain(b *testing.B) {
	set, f, call := autoSet(b, `call.outcome == "busy" && record.attempts >= 3 && since(record.last_call) > duration("48h")`), facts(), busyCall()
	b.Run("decide", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = set.Holds(0, f, call, monday)
		}
	})
	b.Run("explain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = set.Explain(0, f, call, monday)
		}
	})
}

// The element that decided is shown, however long the list is.
func TestTheElementThatDecidedIsAlwaysShown(t *testing.T) {
	f := facts()
	f.Record.Tags = nil
	for i := range 200 {
		f.Record.Tags = append(f.Record.Tags, fmt.Sprintf("t%d", i))
	}
	for text, want := range map[string]string{
		`record.tags.exists(t, t == "t150")`: `for t = "t150", t == "t150" is true`,
		`record.tags.all(t, t != "t150")`:    `for t = "t150", t != "t150" is false`,
	} {
		cfg := config()
		cfg.Condition = text
		c, _, err := campaign.Compile(cfg, nil, rule.Engine{})
		require.NoError(t, err)
		set, _ := rule.Of(c)
		said := set.Explain(0, f, nil, monday).String()
		assert.Contains(t, said, want)
		assert.Contains(t, said, `for t = "t3"`)
		assert.NotContains(t, said, `for t = "t100"`)
		assert.Contains(t, said, "more elements")
		assert.NotContains(t, said, `t151`)
	}
}

func TestWhatDoesNotExistIsAnAnswerAndNoPanic(t *testing.T) {
	cfg := config()
	cfg.Condition = `record.attempts > 0`
	c, _, err := campaign.Compile(cfg, nil, rule.Engine{})
	require.NoError(t, err)
	set, _ := rule.Of(c)
	for _, i := range []int{-1, 1} {
		assert.Nil(t, set.Branches(i))
		assert.Nil(t, set.Trace(i, facts(), nil, monday))
		assert.Equal(t, "the condition failed: rule: there is no condition "+fmt.Sprint(i)+": the campaign has 1, counted from 0\n", set.Explain(i, facts(), nil, monday).String())
	}
	assert.Nil(t, set.Trace(0, nil, nil, monday))
	e := set.Explain(0, nil, nil, monday)
	assert.Equal(t, "condition", e.Path)
	assert.Equal(t, rule.Failed, e.Result)
	assert.Contains(t, e.String(), "no facts")
	_, ok := rule.Of(nil)
	assert.False(t, ok)
	_, _, err = rule.Engine{}.Filter(nil, "true")
	assert.ErrorContains(t, err, "no campaign")
	everyone, _, err := rule.Engine{}.Filter(c, "true")
	require.NoError(t, err)
	_, err = everyone.Holds(nil, monday)
	assert.ErrorContains(t, err, "no facts")
	_, _, err = rule.Engine{}.Filter(c, strings.Repeat("x", 5000))
	assert.EqualError(t, err, "filter: column 1: the condition has 5000 bytes: want at most 4096")
}
