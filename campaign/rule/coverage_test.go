package rule_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/rule"
	"github.com/nextcall/nextcall/status"
)

// Each line is a condition, then its branches with what they are for the busy
// call and the facts of this package's tests.
func TestTheBranchesOfAConditionAreWhatDecides(t *testing.T) {
	type branch struct {
		text   string
		line   int
		column int
		seen   rule.Seen
	}
	for text, want := range map[string][]branch{
		`call.outcome == "busy"`: {{`call.outcome == "busy"`, 1, 1, rule.SeenTrue}},
		`call.outcome=='busy'  &&  record.attempts >= 30`: {
			{`call.outcome == "busy"`, 1, 1, rule.SeenTrue}, {`record.attempts >= 30`, 1, 27, rule.SeenFalse}},
		"call.outcome == \"drop\" &&\n\trecord.attempts > 1": {
			{`call.outcome == "drop"`, 1, 1, rule.SeenFalse}, {`record.attempts > 1`, 2, 2, rule.SeenNot}},
		`!record.fields.vip || (time_between("08:00", "09:00") ? is_holiday() : weekday() == 1)`: {
			{`record.fields.vip`, 1, 2, rule.SeenTrue}, {`time_between("08:00", "09:00")`, 1, 24, rule.SeenFalse},
			{`is_holiday()`, 1, 57, rule.SeenNot}, {`weekday() == 1`, 1, 72, rule.SeenTrue}},
		`record.next_call > now || true`: {{`record.next_call > now`, 1, 1, rule.SeenFailed}},
		`since(record.last_call) > duration("48h") && record.tags.exists(x, x == "new")`: {
			{`since(record.last_call) > duration("48h")`, 1, 1, rule.SeenTrue}, {`record.tags.exists(x, x == "new")`, 1, 46, rule.SeenTrue}},
		`has(record.fields.city) && record.fields.city == "Kraków" && true`: {
			{`has(record.fields.city)`, 1, 1, rule.SeenTrue}, {`record.fields.city == "Kraków"`, 1, 28, rule.SeenTrue}},
		`(record.fields.vip ? 1 : 2) == 1`: {
			{`(record.fields.vip ? 1 : 2) == 1`, 1, 2, rule.SeenTrue}, {`record.fields.vip`, 1, 2, rule.SeenTrue}},
	} {
		set := settingOne(t, text)
		var got []branch
		seen := set.Trace(0, facts(), busyCall(), monday)
		for k, b := range set.Branches(0) {
			got = append(got, branch{b.Text, b.Line, b.Column, seen[k]})
		}
		assert.Equal(t, want, got, text)
	}
}

func TestARankHasTheBranchesOfItsChoices(t *testing.T) {
	cfg := config()
	cfg.Rank = `record.fields.vip ? 1.0 : record.fields.balance`
	set := compiledSet(t, cfg)
	require.Len(t, set.Branches(0), 1)
	assert.Equal(t, `record.fields.vip`, set.Branches(0)[0].Text)
	assert.Equal(t, []rule.Seen{rule.SeenTrue}, set.Trace(0, facts(), nil, monday))
	cfg.Rank = `record.fields.balance`
	assert.Empty(t, compiledSet(t, cfg).Branches(0), "a number decides nothing")
}

func TestTheVocabularyNamesEveryVariable(t *testing.T) {
	set := settingOne(t, `true`)
	of := map[string]rule.Variable{}
	for _, v := range set.Variables() {
		assert.NotContains(t, of, v.Path, "named twice")
		of[v.Path] = v
	}
	assert.Equal(t, rule.Variable{Path: "record.fields.balance", Type: "double", Optional: true}, of["record.fields.balance"])
	assert.Contains(t, of["call.outcome"].Values, "busy")
	assert.Equal(t, []campaign.Kind{campaign.AutoSet, campaign.NextAt}, of["call.outcome"].Kinds)
	assert.Equal(t, []string{"", "set"}, of["record.status"].Values)
	of["call.outcome"].Values[0] = "changed"
	for _, v := range set.Variables() {
		assert.NotContains(t, v.Values, "changed", "the values are the caller's own")
	}
}

// settingOne compiles a condition that sets a status.
func settingOne(t testing.TB, text string) *rule.Set {
	t.Helper()
	cfg := config()
	cfg.Own = []status.Status{{ID: "set", Title: "Set", Qualifier: status.Redial, AutoSet: text}}
	return compiledSet(t, cfg)
}

func compiledSet(t testing.TB, cfg campaign.Config) *rule.Set {
	t.Helper()
	c, _, err := campaign.Compile(cfg, nil, rule.Engine{})
	require.NoError(t, err)
	return c.Rules().(*rule.Set)
}
