package rule_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/rule"
	"github.com/nextcall/nextcall/status"
)

// ruled is what is said of a campaign whose statuses s0, s1, … have the conditions.
func ruled(t *testing.T, edit func(*campaign.Config), conditions ...string) []string {
	t.Helper()
	cfg := config()
	cfg.Limits.Attempts = 20
	for i, text := range conditions {
		cfg.Own = append(cfg.Own, status.Status{ID: status.ID(fmt.Sprintf("s%d", i)), Title: fmt.Sprintf("S%d", i), Qualifier: status.Redial, AutoSet: text})
	}
	if edit != nil {
		edit(&cfg)
	}
	_, all, err := campaign.Compile(cfg, nil, rule.Engine{})
	require.NoError(t, err)
	var said []string
	for _, w := range all {
		if strings.HasSuffix(w.Path, ".auto_set") {
			said = append(said, w.String())
		}
	}
	return said
}

// rows: K21
func TestARuleThatAnEarlierOneCoversNeverDecides(t *testing.T) {
	never := func(by string, conditions ...string) {
		t.Helper()
		last := fmt.Sprintf("own[%d].auto_set: never decides: wherever it is true, %s before it is true too", len(conditions)-1, by)
		assert.Contains(t, ruled(t, nil, conditions...), last, "%q", conditions)
	}
	never(`the condition of status "s0"`, `call.outcome == "busy"`, `call.outcome == "busy" && record.attempts >= 3`)
	never(`the condition of status "s0"`, `call.outcome in ["busy", "drop"]`, `call.outcome == "drop" && is_workday()`)
	never(`the condition of status "s0"`, `record.attempts > 2`, `record.attempts >= 3 && is_workday()`)
	never(`the condition of status "s1"`, `call.outcome == "drop"`, `call.outcome == "busy" || is_workday()`, `is_workday()`)
	never(`the condition of status "s0"`, `has(record.fields.age) && record.fields.age > 3`, `has(record.fields.age) && record.fields.age > 5`)
	never(`one of the conditions of statuses "s0" and "s1"`, `call.outcome == "busy" && record.attempts < 3`, `call.outcome == "busy" && record.attempts >= 3`, `call.outcome == "busy"`)
	never(`one of the conditions of statuses "s0" and "s1"`, `record.attempts < 3`, `call.outcome in ["busy", "drop"]`, `call.outcome == "busy"  ||  record.attempts == 2`)
	// The first leaves less than the last asks for, and the second takes just that.
	never(`one of the conditions of statuses "s0" and "s1"`, `call.outcome != "busy" && is_workday()`, `call.outcome == "busy"`, `call.outcome in ["busy", "drop"] && is_workday()`)
}

func TestARuleThatMayBeReachedIsNotCalledUnreachable(t *testing.T) {
	for _, conditions := range [][]string{
		{`call.outcome == "busy" && record.attempts >= 3`, `call.outcome == "busy"`},
		{`call.outcome == "busy"`, `call.outcome == "drop"`},
		// The first fails on a record without the field, and is passed over.
		{`record.fields.age > 3 || record.fields.age <= 3`, `call.outcome == "busy"`},
		{`call.outcome == "busy" && record.fields.age > 3`, `call.outcome == "busy" && record.fields.age <= 3`, `call.outcome == "busy"`},
		{`is_workday()`, `time_between("08:00", "10:00")`},
		{`record.owner != "eva"`, `record.owner != "jan"`},
		{`record.fields.balance > 1.0`, `record.fields.balance >= 1.0`},
	} {
		for _, said := range ruled(t, nil, conditions...) {
			assert.NotContains(t, said, "never decides", "%q", conditions)
		}
	}
	// A status that cannot follow a success leaves those records to others.
	said := ruled(t, func(cfg *campaign.Config) { cfg.Own[1].Qualifier = status.Success }, `call.outcome == "busy"`, `call.outcome == "busy"`)
	for _, s := range said {
		assert.NotContains(t, s, "never decides")
	}
}

// overlaps are those of a campaign whose statuses s0, s1, … have the conditions.
func overlaps(t *testing.T, conditions ...string) []rule.Overlap {
	t.Helper()
	cfg := config()
	for i, text := range conditions {
		cfg.Own = append(cfg.Own, status.Status{ID: status.ID(fmt.Sprintf("s%d", i)), Title: fmt.Sprintf("S%d", i), Qualifier: status.Redial, AutoSet: text})
	}
	c, _, err := campaign.Compile(cfg, nil, rule.Engine{})
	require.NoError(t, err)
	set, ok := rule.Of(c)
	require.True(t, ok)
	return set.Overlaps()
}

func TestConditionsThatCrossAreNamedOnce(t *testing.T) {
	for _, x := range []struct{ first, second, when string }{
		{`call.outcome == "busy" && record.attempts >= 3`, `call.outcome == "busy" && record.attempts <= 3`, `call.outcome is "busy" and record.attempts is 3`},
		{`record.attempts <= 3`, `record.attempts >= 3`, `record.attempts is 3`},
		{`call.outcome in ["busy", "no_answer"]`, `call.outcome in ["no_answer", "congestion"]`, `call.outcome is "no_answer"`},
		{`record.fields.?balance.orValue(0.0) > 1000`, `record.fields.?balance.orValue(0.0) < 2000 && call.abandoned`, `record.fields.?balance.orValue(0.0) is 1001 and call.outcome is "drop"`},
		{`since(record.created) > duration("48h")`, `since(record.created) <= duration("72h")`, ""},
	} {
		said := ruled(t, nil, x.first, x.second, x.second+` && is_workday()`)
		require.NotEmpty(t, said, x)
		assert.True(t, strings.HasPrefix(said[0], `own[1].auto_set: crosses the condition of status "s0", which is asked first and decides where both are true`), said[0])
		assert.Contains(t, said[0], x.when)
		require.Len(t, said, 2, "the third is covered by the second: %q", said)
		assert.Contains(t, said[1], "never decides")
	}
	said := ruled(t, nil, `record.attempts >= 3`, `record.attempts <= 3`, `record.attempts in [2, 4]`)
	assert.LessOrEqual(t, len(said), 2, "one for each condition: %q", said)
}

func TestThatPositionDecidesBetweenTwoConditionsIsNoMistake(t *testing.T) {
	for _, both := range [][2]string{
		{`call.outcome == "voicemail" && record.fields.?balance.orValue(0.0) > 5000.0`, `call.outcome == "voicemail" && time_between("17:00", "21:00")`},
		{`call.outcome == "busy" && record.attempts >= 3`, `call.outcome == "busy" && phone.index == 2`},
		{`attempts.drop > 0 && call.outcome in ["no_answer", "busy"]`, `call.outcome == "busy" && attempts.busy >= 3`},
	} {
		assert.Empty(t, ruled(t, nil, both[0], both[1]), "%q", both)
		found := overlaps(t, both[0], both[1])
		require.Len(t, found, 1, "%q", both)
		assert.EqualValues(t, "s0", found[0].First)
		assert.EqualValues(t, "s1", found[0].Second)
	}
	assert.Equal(t, []rule.Overlap{{First: "s0", Second: "s1", Example: `call.outcome is "busy" and record.attempts is 3 and phone.index is 2`}},
		overlaps(t, `call.outcome == "busy" && record.attempts >= 3`, `call.outcome == "busy" && phone.index == 2`))
	assert.Empty(t, overlaps(t,
		`call.outcome == "busy" && record.attempts >= 3`, `call.outcome == "busy"`, // first the exception, then the rule
		`call.outcome == "no_answer" && phone.index < 3`, `call.outcome == "no_answer" && phone.index >= 3`, // disjoint
		`is_holiday()`,           // about something else
		`call.outcome == "busy"`, // never decides
	))
	assert.Empty(t, overlaps(t, `call.outcome in ["busy", "drop"]`, `call.outcome == "busy" && record.attempts > 3`), "the second never decides")
}

func TestARuleThatCallsAgainWithoutEndIsNamed(t *testing.T) {
	const endless = "own[0].auto_set: calls again without end: add a bound such as record.attempts < 10, or set limits.attempts or limits.unanswered of the campaign"
	unlimited := func(cfg *campaign.Config) { cfg.Limits = campaign.Limits{} }
	for text, want := range map[string]bool{
		`call.outcome == "busy"`:                                                               true,
		`call.outcome == "busy" && record.attempts >= 3`:                                       true,
		`call.outcome == "busy" && record.attempts < 3`:                                        false,
		`call.outcome == "busy" && attempts.total < 3 || call.outcome == "drop"`:               true,
		`call.outcome == "busy" && attempts.busy <= 3`:                                         false,
		`call.outcome == "busy" && attempts.today < 3`:                                         true, // tomorrow it begins anew
		`since(record.created) < duration("720h")`:                                             false,
		`call.outcome == "busy" && now < timestamp("2026-12-31T00:00:00Z")`:                    false,
		`call.outcome == "busy" && !(record.attempts > 5)`:                                     false,
		`call.outcome == "busy" && count("busy", duration("9000h")) in [1, 2, 3]`:              false,
		`record.attempts < 3 ? call.outcome == "busy" : call.outcome == "drop"`:                true,
		`record.attempts < 3 ? call.outcome == "busy" : is_holiday() && is_holiday() == false`: false,
	} {
		said := ruled(t, unlimited, text)
		if want {
			assert.Contains(t, said, endless, text)
		} else {
			assert.NotContains(t, said, endless, text)
		}
	}
	assert.Empty(t, ruled(t, nil, `call.outcome == "busy"`), "the campaign has a limit")
	assert.NotContains(t, ruled(t, func(cfg *campaign.Config) { unlimited(cfg); cfg.Own[0].Qualifier = status.Closed }, `call.outcome == "busy"`), endless)
	assert.NotContains(t, ruled(t, func(cfg *campaign.Config) { unlimited(cfg); cfg.Own[0].EndsNumber = true }, `call.outcome == "busy"`), endless)
}

func TestAConditionsMistakesAndWarningsComeWithTheCampaign(t *testing.T) {
	cfg := config()
	cfg.Own = []status.Status{{ID: "a", Title: "A", Qualifier: status.Closed, AutoSet: `call.outcome == "bussy" && record.atempts > 3`}}
	cfg.Condition = `record.owner == 3`
	_, _, err := campaign.Compile(cfg, nil, rule.Engine{})
	var field *campaign.FieldError
	require.ErrorAs(t, err, &field)
	assert.Equal(t, "own[0].auto_set", field.Path)
	assert.NotContains(t, strings.SplitN(field.Error(), "\n", 2)[0], cfg.Own[0].AutoSet, "the text stands once, under its mistake")
	var check *rule.CheckError
	require.ErrorAs(t, err, &check)
	require.Len(t, check.Problems, 2)
	p := check.Problems[0]
	assert.Equal(t, rule.Problem{Severity: rule.Error, Line: 1, Column: 17, Length: 7, Source: cfg.Own[0].AutoSet, Msg: `"bussy" is not a value of call.outcome: did you mean "busy"?`}, p)
	assert.ErrorContains(t, err, "record.owner is a string and 3 is an int")
	assert.ErrorContains(t, err, "\n    call.outcome == \"bussy\" && record.atempts > 3\n                    ^^^^^^^")

	assert.Contains(t, ruled(t, nil, `now - record.last_call > duration("48h")`),
		"own[0].auto_set: column 7: record.last_call is absent when never called, and then the condition fails: write has(record.last_call) && …")
}

func TestACampaignWithoutStatusesSaysSo(t *testing.T) {
	checker, err := rule.Engine{}.Checker(campaign.Config{ID: "bare", Zone: "UTC"}, nil)
	require.NoError(t, err)
	for text, want := range map[string]string{
		`record.status == "sold"`:       `"sold" is not a value of record.status: there is none but ""`,
		`record.status in ["sold", ""]`: `"sold" is not a value of record.status: there is none but ""`,
		`record.fields.city == "x"`:     `there is no record.fields.city: the campaign's record types have no fields`,
	} {
		problems := checker.Check(campaign.Condition{Kind: campaign.Where, Text: text})
		if assert.Len(t, problems, 1, text) {
			assert.Equal(t, want, problems[0].Msg)
		}
	}
}
