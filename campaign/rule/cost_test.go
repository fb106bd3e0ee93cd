package rule_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/rule"
	"github.com/nextcall/nextcall/status"
)

func nested(macro string, depth int, inner string) string {
	list := "[" + strings.Repeat("1, ", 30) + "1]"
	return strings.Repeat(list+"."+macro+"(x, ", depth) + inner + strings.Repeat(")", depth)
}

// Each of these would take minutes or gigabytes, if it ran as it is written.
func TestAConditionMadeToHurtIsRefusedAtOnce(t *testing.T) {
	checker, err := rule.Engine{}.Checker(config(), status.Default())
	require.NoError(t, err)
	for name, text := range map[string]string{
		"lists within lists":             nested("all", 8, "true"),
		"lists of lists":                 nested("map", 8, "1") + ".size() > 0",
		"filters":                        nested("filter", 10, "true") + ".size() > 0",
		"tags within tags":               `record.tags.all(a, record.tags.all(b, record.tags.all(c, a + b + c != "")))`,
		"texts that double":              `"x"` + strings.Repeat(`.replace("", "xxxxxxxxxx")`, 60) + ` == ""`,
		"texts in texts":                 `record.id` + strings.Repeat(`.replace("", record.fields.?city.orValue(""))`, 4) + ` == ""`,
		"one text many times":            strings.Repeat(`record.fields.?city.orValue("") + `, 100) + `"" == ` + strings.Repeat(`record.fields.?city.orValue("") + `, 3) + `""`,
		"quoted quotes":                  strings.Repeat("strings.quote(", 60) + "record.id" + strings.Repeat(")", 60) + ` == ""`,
		"joined lists":                   `record.tags.map(t, record.tags.join(t)).join(",").contains("x")`,
		"a pattern written out":          `record.id.matches("(a{1,99}){1,10}b{1,999}")`,
		"a pattern of classes":           `record.id.matches("` + strings.Repeat(`\\pL{9}\\pN{90}`, 40) + `")`,
		"a pattern over a large text":    `record.fields.?city.orValue("").replace("", record.id).matches("(a|b|c|d|e|f){1,100}$")`,
		"digits":                         `"%.999999999f".format([1.5]) == ""`,
		"nested parentheses":             strings.Repeat("(", 2000) + "true" + strings.Repeat(")", 2000),
		"nested negations":               strings.Repeat("!(", 1000) + "true" + strings.Repeat(")", 1000),
		"nested lists":                   strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + " == []",
		"nested choices":                 strings.Repeat("true ? ", 500) + "true" + strings.Repeat(" : false", 500),
		"unclosed brackets":              strings.Repeat("(", 4000),
		"a text that is too long":        strings.Repeat("true && ", 600) + "true",
		"a condition of a megabyte":      strings.Repeat("record.attempts > 1 || ", 50_000) + "true",
		"a huge list within a huge list": "[" + strings.Repeat("1,", 900) + "1].all(x, [" + strings.Repeat("1,", 900) + "1].all(y, x == y))",
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begin := time.Now()
			problems := checker.Check(campaign.Condition{Text: text})
			took := time.Since(begin)
			runtime.ReadMemStats(&after)
			require.NotEmpty(t, problems)
			assert.Equal(t, rule.Error, problems[0].Severity, problems[0])
			assert.Less(t, took, 2*time.Second)
			assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(12<<20))
			t.Logf("%v, %d KiB: %.120s", took.Round(time.Microsecond), (after.TotalAlloc-before.TotalAlloc)>>10, problems[0].Msg)
		})
	}
}

// What is refused by its cost is so at any size of a record; these are not, and
// what they may cost stays ten times below the limit.
func TestConditionsThatPeopleWriteAreFarBelowTheLimit(t *testing.T) {
	checker, err := rule.Engine{MaxCost: rule.DefaultMaxCost / 10}.Checker(config(), status.Default())
	require.NoError(t, err)
	for _, text := range []string{
		`call.outcome == "busy" && record.attempts >= 3`,
		`call.outcome == "voicemail" && local(now).hour >= 17`,
		`call.outcome == "voicemail" && record.fields.?balance.orValue(0.0) > 1000.0`,
		`call.outcome == "no_answer" && phone.index >= 3 && phone.left > 0`,
		`attempts.?last_outcome.orValue("") == "drop" && call.abandoned`,
		`streak("rejected") >= 2 || count("rejected", duration("720h")) >= 2`,
		`has(record.last_call) && since(record.last_call) > duration("48h") && time_between("08:00", "20:00") && is_workday()`,
		`record.fields.?city.orValue("") in ["Kraków", "Warszawa", "Praha"] && "vip" in record.tags`,
		`record.fields.?city.orValue("").lowerAscii().startsWith("kra")`,
		`record.fields.?city.orValue("").matches("^[A-Z][a-z]+( [A-Z][a-z]+)*$")`,
		`record.tags.exists(t, t.startsWith("segment-")) && prefix(phone.number, ["+48", "+420", "+421"])`,
		`record.fields.?products.orValue([]).filter(p, p != "card").size() > 1`,
		`timestamp(local(now).date + "T08:00:00Z") < now && local(now).date == "2026-01-31"`,
		`record.tags[?0].orValue("").startsWith("a") || record.tags[0] + record.owner == "ab" || string(record.attempts) + "x" == "3x"`,
		`record.fields.?city.orValue(record.owner).size() > 3 && record.fields.?city.optMap(c, c + "!").orValue("") == "Kraków!"`,
		`("a" in record.tags ? record.owner : record.id) + "x" == "evax" && record.id.split("-")[0] == "a"`,
		`now.getHours("Europe/Warsaw") >= 8 && bucket(record.id, 10) < 5`,
		strings.Repeat(`call.outcome == "busy" && record.attempts == 3 || `, 60) + "false",
	} {
		for _, p := range checker.Check(campaign.Condition{Text: text}) {
			assert.NotEqual(t, rule.Error, p.Severity, "%s: %s", text, p)
		}
	}
}

func TestAListLongerThanFieldsShouldHaveStopsTheCondition(t *testing.T) {
	cfg := config()
	cfg.Own = []status.Status{{ID: "set", Title: "Set", Qualifier: status.Closed, AutoSet: `record.tags.exists(t, t == "never")`}}
	c, _, err := campaign.Compile(cfg, nil, rule.Engine{})
	require.NoError(t, err)
	f := facts()
	f.Record.Tags = make([]string, 5_000_000)
	begin := time.Now()
	_, err = mustSet(t, c).Holds(0, f, busyCall(), monday)
	var failure *rule.Failure
	require.ErrorAs(t, err, &failure)
	assert.ErrorContains(t, err, "stopped after going through 100000 items")
	assert.Less(t, time.Since(begin), 10*time.Second)
	f.Record.Tags = f.Record.Tags[:100_001]
	_, err = mustSet(t, c).Holds(0, f, busyCall(), monday)
	require.ErrorAs(t, err, &failure, "one item too many")
	f.Record.Tags = f.Record.Tags[:100_000]
	ok, err := mustSet(t, c).Holds(0, f, busyCall(), monday)
	assert.NoError(t, err)
	assert.False(t, ok)
}
