package rule_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/rule"
	"github.com/nextcall/nextcall/status"
)

var update = flag.Bool("update", false, "write the golden files")

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
	{"absent-absorbed", `record.next_call > now || record.attempts == 3`},
	{"divided", `100 / (record.attempts - 3) > 5`},
	{"exists", `record.fields.products.exists(p, p.startsWith("l") && p != "lease")`},
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
