package ruletest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/rule"
	"github.com/nextcall/nextcall/campaign/rule/ruletest"
	"github.com/nextcall/nextcall/status"
)

// rules are those that most cases here are about.
const rules = `
campaign spring
zone = Europe/Warsaw
callee_zone = Europe/Warsaw
mode = power
start = 2026-02-01
holidays = PL
queue = sales
condition = !(phone.index > 1)
rank = record.fields.balance

record_type client
balance = double
age = int
vip = bool
city = string
asked = timestamp
products = strings
city.required_when = record.fields.vip
city.valid_when = record.fields.city != "?"

contact_fields
score = int

agents
ann.team = vip
ann.skills = ["de", "pl"]

status stopped
qualifier = closed
auto_set = call.outcome == "rejected" && record.fields.age > 10
auto_stop = true

status cancelled
qualifier = success_cancelled
auto_set = call.outcome == "rejected"

status later
qualifier = redial
auto_set = call.outcome == "busy" && record.attempts >= 3
next_at = now + period("1 day")

status broken
qualifier = redial
auto_set = record.fields.balance > 10.0

status any
qualifier = end_of_queue
auto_set = call.outcome != "voicemail"

status off
qualifier = redial
auto_set = true
disabled = true

status manual
qualifier = manual
`

// run gives what is wrong with a file, or with its cases.
func run(t *testing.T, text string) (*ruletest.Report, error) {
	t.Helper()
	suite, err := ruletest.Parse("rules.txt", []byte(text))
	if err != nil {
		return nil, err
	}
	return suite.Run(ruletest.Options{})
}

// after the rules of this file.
func withRules(text string) string { return strings.ReplaceAll(rules, "queue = sales\n", "") + text }

// Each case stands with a part of every problem that it has.
func TestACaseThatDoesNotHoldSaysWhatDecided(t *testing.T) {
	for text, want := range map[string][]string{
		"call.outcome = \"busy\"\nrecord.attempts = 3\nrecord.fields.balance = 1\n-> later":                  nil,
		"call.outcome = \"busy\"\nrecord.attempts = 3\nrecord.fields.balance = 1\n-> none":                   {`-> none: the rule of "later" decides`},
		"call.outcome = \"busy\"\nrecord.attempts = 2\nrecord.fields.balance = 1\n-> later":                  {`-> later: the rule of "any" decides`},
		"call.outcome = \"busy\"\nrecord.attempts = 3\nrecord.fields.balance = 11\n-> later\n-> also broken": nil,
		"call.outcome = \"busy\"\nrecord.attempts = 3\nrecord.fields.balance = 11\n-> later\n-> also later":  {`-> also later: the rule of "later" decides, and behind it hold ["broken" "any"]`},
		"call.outcome = \"busy\"\n-> any":                                                                          {`the condition of "broken" fails, and the case does not say "-> fails broken"`},
		"call.outcome = \"busy\"\n-> any\n-> fails broken":                                                         nil,
		"call.outcome = \"busy\"\nrecord.fields.balance = 1\n-> any\n-> fails broken":                              {`-> fails broken: it does not fail; the rule of "any" decides`},
		"call.outcome = \"voicemail\"\nrecord.fields.balance = 1\n-> any":                                          {`-> any: no rule decides`},
		"call.outcome = \"rejected\"\n-> fails stopped\n-> none":                                                   nil, // it stops the search
		"call.outcome = \"rejected\"\n-> fails stopped\n-> any":                                                    {`-> any: no rule decides`},
		"call.outcome = \"rejected\"\nrecord.fields.age = 1\nrecord.fields.balance = 1\n-> any":                    nil, // cancelled comes before, but cancels no success
		"call.outcome = \"rejected\"\nrecord.fields.age = 1\nrecord.success = true\n-> cancelled":                  nil,
		"call.outcome = \"busy\"\nrecord.attempts = 3\nrecord.success = true\nrecord.fields.balance = 1\n-> later": {`-> later: no rule decides`},
		"call.outcome = \"answered\"\nrecord.attempts = 3\n-> none":                                                nil, // an agent decides
		"call.outcome = \"busy\"\ncall.inbound = true\nrecord.attempts = 3\n-> none":                               nil,
		"record.fields.balance = 2.5\n-> rank = 2.5\n-> dial = yes":                                                nil,
		"record.fields.balance = 2.5\n-> rank = 2\n-> dial = no":                                                   {`-> rank = 2: got 2.5`, `-> dial = no: got yes`},
		"-> rank = fails": nil,
		"-> rank = 1":     {`-> rank = 1: got a failure: rank failed for record "record"`},
		"record.fields.balance = 1\n-> rank = fails": {`-> rank = fails: got 1`},
		"phone.index = 2\n-> dial = no":              nil,
		"record.phones = []\n-> dial = fails":        nil,
		"record.phones = []\n-> dial = no":           {`-> dial = no: got a failure`},
		"record.fields.vip = true\nrecord.fields.city = \"?\"\n-> required city = no\n-> valid city = yes": {`-> required city = no: got yes`, `-> valid city = yes: got no`},
		"-> required city = fails\n-> valid city = fails":                                                  nil,
		"-> next_at later = 2026-03-03T10:00":                                                              nil,
		"-> next_at later = in 24h":                                                                        nil,
		"-> next_at later = in 23h":                                                                        {`-> next_at later = in 23h: got 2026-03-03T10:00:00 Europe/Warsaw`},
		"-> next_at later = fails":                                                                         {`-> next_at later = fails: got 2026-03-03T10:00:00 Europe/Warsaw`},
	} {
		report, err := run(t, withRules("case it\n"+text))
		if !assert.NoError(t, err, text) {
			continue
		}
		problems := report.Cases[0].Problems
		assert.Len(t, problems, len(want), "%s\n%q", text, problems)
		for i := range min(len(want), len(problems)) {
			assert.Contains(t, problems[i], want[i], text)
		}
	}
}

func TestAFailingCaseExplainsWhatDecided(t *testing.T) {
	report, err := run(t, withRules("case it\ncall.outcome = \"busy\"\nrecord.fields.balance = 1\n-> later\n-> rank = 2"))
	require.NoError(t, err)
	require.Len(t, report.Failed(), 1)
	explanation := report.Failed()[0].Explanation
	for _, want := range []string{
		`status "any" is set`, `later, lost`, `record.attempts >= 3 is false`, `record.attempts is 1`, `balance is 1`,
	} {
		assert.Contains(t, explanation, want)
	}
}

// What a rule behind the one that decided would have been is not coverage.
func TestCoverageCountsOnlyWhatWasAsked(t *testing.T) {
	report, err := run(t, withRules("case it\ncall.outcome = \"busy\"\nrecord.attempts = 3\n-> later"))
	require.NoError(t, err)
	asked := map[string]int{}
	for _, c := range report.Conditions {
		asked[c.Condition.Path+" "+string(c.Condition.Status)] = c.Asked
	}
	assert.Equal(t, 1, asked["own[0].auto_set stopped"])
	assert.Equal(t, 0, asked["own[1].auto_set cancelled"], "it cannot follow")
	assert.Equal(t, 1, asked["own[2].auto_set later"])
	assert.Equal(t, 0, asked["own[3].auto_set broken"])
	assert.Equal(t, 0, asked["rank "])
	assert.Contains(t, report.Missing(), `stopped auto-set: column 1: call.outcome == "rejected" was never true`)
	assert.Contains(t, report.Missing(), `stopped auto-set: column 31: record.fields.age > 10 was never false`, "it was not looked at")
	assert.NotContains(t, strings.Join(report.Missing(), "\n"), `call.outcome == "rejected" was never false`)
	assert.Contains(t, report.Missing(), `rank: no case asks it`)
	assert.InDelta(t, 3.0/22, report.Covered(), 0.0001)
}

func TestAHostsOwnCampaignIsTestedWithoutItsRulesInTheFile(t *testing.T) {
	dict, err := status.New(status.Status{ID: "later", Title: "Later", Qualifier: status.Redial, AutoSet: `agent.team == "vip"`})
	require.NoError(t, err)
	cfg := campaign.Config{ID: "spring", Zone: "Europe/Warsaw", Statuses: []status.ID{"later"}}
	c, _, err := campaign.Compile(cfg, dict, rule.Engine{Agents: map[campaign.AgentID]rule.Agent{"ann": {Team: "vip"}}})
	require.NoError(t, err)
	suite, err := ruletest.Parse("rules.txt", []byte("case it\ncall.outcome = \"busy\"\ncall.agent = \"ann\"\n-> later"))
	require.NoError(t, err)
	report, err := suite.Run(ruletest.Options{Campaign: c})
	require.NoError(t, err)
	assert.Empty(t, report.Failed())

	_, err = suite.Run(ruletest.Options{})
	assert.EqualError(t, err, `rules.txt: there are no rules: begin with a line such as "campaign spring", or give a campaign in Options`)
	cfg.Statuses = nil
	none, _, err := campaign.Compile(cfg, dict, nil)
	require.NoError(t, err)
	_, err = suite.Run(ruletest.Options{Campaign: none})
	assert.EqualError(t, err, `rules.txt: campaign "spring" has no conditions: there is nothing to test`)
	cfg.Condition = "in Go"
	inGo, _, err := campaign.Compile(cfg, nil, campaign.GoRules{Holds: func(*campaign.Condition, *campaign.Facts, *campaign.Call, time.Time) (bool, error) { return true, nil }})
	require.NoError(t, err)
	_, err = suite.Run(ruletest.Options{Campaign: inGo})
	assert.EqualError(t, err, `rules.txt: the conditions of campaign "spring" are not in CEL: want one that was compiled with a rule.Engine`)
	both, err := ruletest.Parse("rules.txt", []byte(withRules("case it\n-> none")))
	require.NoError(t, err)
	_, err = both.Run(ruletest.Options{Campaign: c})
	assert.EqualError(t, err, `rules.txt:2: campaign: the rules are those of campaign "spring", which was given: leave the block out`)
}
