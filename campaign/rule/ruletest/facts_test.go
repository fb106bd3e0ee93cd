package ruletest_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/rule"
	"github.com/nextcall/nextcall/campaign/rule/ruletest"
	"github.com/nextcall/nextcall/status"
)

// factsSeen are lines of a case with a condition that must hold then. Each
// variable has one, or it is said why a case cannot say it.
var factsSeen = []struct{ facts, holds string }{
	{"now = 2026-07-01T12:00", `now == timestamp("2026-07-01T10:00:00Z")`},
	{"now = 2026-07-01T12:00:30 America/New_York", `now == timestamp("2026-07-01T16:00:30Z")`},
	{"tz = \"Asia/Tokyo\"", `tz == "Asia/Tokyo" && local(now).hour == 18`},
	{"", `now == timestamp("2026-03-02T09:00:00Z") && tz == "Europe/Warsaw"`},
	{"blacklisted = true", `blacklisted`},
	{"blacklisted = false", `!blacklisted`},
	{"record.id = \"r7\"", `record.id == "r7"`},
	{"record.external_id = \"e\\\"7\"", `record.external_id == "e\"7"`},
	{"record.status = \"set\"", `record.status == "set" && record.qualifier == "redial"`},
	{"record.status = \"set\"\nrecord.qualifier = \"busy\"", `record.status == "set" && record.qualifier == "busy"`},
	{"record.qualifier = \"end_of_queue\"", `record.qualifier == "end_of_queue"`},
	{"record.owner = \"ann\"", `record.owner == "ann" && agent.id == "ann" && agent.team == "vip" && "de" in agent.skills`},
	{"record.order = 7", `record.order == 7`},
	{"record.attempts = 7", `record.attempts == 7 && attempts.since_reset == 7 && attempts.total == 7`},
	{"attempts.since_reset = 7\nattempts.total = 9", `record.attempts == 7 && attempts.total == 9`},
	{"attempts.total = 9", `record.attempts == 9 && attempts.total == 9`},
	{"record.created = 48h ago", `now - record.created == duration("48h")`},
	{"record.updated = 48h ago", `now - record.updated == duration("48h")`},
	{"record.status_since = 48h ago", `now - record.status_since == duration("48h")`},
	{"record.next_call = in 2h", `record.next_call - now == duration("2h")`},
	{"record.last_call = 48h ago", `since(record.last_call) == duration("48h")`},
	{"record.last_call = absent", `!has(record.last_call)`},
	{"record.tags = [\"a\", \"b, c\"]", `record.tags == ["a", "b, c"]`},
	{"record.tags = []", `size(record.tags) == 0`},
	{"record.source = \"web\"", `record.source == "web"`},
	{"record.fields.balance = 12.5", `record.fields.balance == 12.5`},
	{"record.fields.age = -3", `record.fields.age == -3`},
	{"record.fields.vip = true", `record.fields.vip`},
	{"record.fields.city = \"Łódź # 1\"", `record.fields.city == "Łódź # 1"`},
	{"record.fields.asked = 2026-01-01T00:00:00Z", `record.fields.asked == timestamp("2026-01-01T00:00:00Z")`},
	{"record.fields.products = [\"x\"]", `"x" in record.fields.products`},
	{"contact.fields.score = 7", `contact.fields.score == 7`},
	{"contact.id = \"c7\"", `contact.id == "c7"`},
	{"contact.kind = \"company\"", `contact.kind == "company"`},
	{"contact.kind = \"person\"", `contact.kind == "person"`},
	{"contact.country = \"CZ\"", `contact.country == "CZ"`},
	{"attempts.answered = 7", `attempts.answered == 7 && attempts.total == 7`},
	{"attempts.no_answer = 7", `attempts.no_answer == 7`},
	{"attempts.busy = 7\nattempts.drop = 2", `attempts.busy == 7 && attempts.drop == 2 && attempts.total == 9`},
	{"attempts.voicemail = 7", `attempts.voicemail == 7`},
	{"attempts.invalid = 7", `attempts.invalid == 7`},
	{"attempts.conversations = 7", `attempts.conversations == 7`},
	{"attempts.streak_no_contact = 7", `attempts.streak_no_contact == 7`},
	{"attempts.streak = 7\nattempts.last_outcome = \"busy\"", `attempts.last_outcome == "busy" && streak("busy") == 7`},
	{"attempts.first = 48h ago\nattempts.last = 24h ago", `attempts.last - attempts.first == duration("24h")`},
	{"phone.number = \"+49 30 901820\"", `phone.number == "+4930901820" && phone.index == 1`},
	{"phone.index = 3", `phone.index == 3 && phone.left == 3`},
	{"phone.country = \"CZ\"", `phone.country == "CZ"`},
	{"phone.attempts = 7", `phone.attempts == 7`},
	{"phone.last_outcome = \"busy\"", `phone.last_outcome == "busy"`},
	{"phone.valid = false", `!phone.valid && phone.left == 0`},
	{"phone.left = 4", `phone.left == 4 && phone.valid`},
	{"phone.left = 0", `phone.left == 0 && !phone.valid`},
	{"phone.index = 3\nphone.left = 1", `phone.left == 1 && phone.valid && phone.index == 3`},
	{"record.phones = [\"+48700100200\", \"+48700100201\"]\nphone.number = \"+48700100201\"", `phone.index == 2`},
	{"record.phones = []", `!has(phone.number)`},
	{"earlier_call = \"busy\" 3h ago\nearlier_call = \"busy\" 30h ago\nearlier_call = \"no_answer\" 26h ago on phone 2\nphone.index = 2",
		`attempts.busy == 2 && count("busy", duration("4h")) == 1 && attempts.today == 1 && phone.attempts == 1 && record.attempts == 3 && attempts.last_outcome == "busy" && streak("busy") == 1`},
}

// afterCallSeen are the same after a call.
var afterCallSeen = []struct{ facts, holds string }{
	{"call.outcome = \"busy\"", `call.outcome == "busy" && record.attempts == 1 && attempts.busy == 1 && phone.attempts == 1 && attempts.streak_no_contact == 1 && attempts.today == 1 && has(record.last_call) && call.id == 1 && call.mode == "power"`},
	{"call.outcome = \"failed\"", `record.attempts == 0`},
	{"call.outcome = \"failed\"\ncall.rang = true", `record.attempts == 1`},
	{"call.outcome = \"drop\"", `call.abandoned`},
	{"call.outcome = \"busy\"\ncall.mode = \"predictive\"", `call.mode == "predictive" && campaign.mode == "power"`},
	{"call.outcome = \"busy\"\ncall.id = 7", `call.id == 7`},
	{"call.outcome = \"busy\"\ncall.amd = \"machine\"", `call.amd == "machine"`},
	{"call.outcome = \"busy\"\ncall.hangup_by = \"callee\"", `call.hangup_by == "callee"`},
	{"call.outcome = \"busy\"\ncall.agent = \"ann\"", `call.agent == "ann" && agent.team == "vip"`},
	{"call.outcome = \"busy\"\ncall.number = \"+48700100200\"", `call.number == "+48700100200" && phone.number == "+48700100200"`},
	{"call.outcome = \"busy\"\ncall.sip_code = 486", `call.sip_code == 486`},
	{"call.outcome = \"busy\"\ncall.q850 = 17", `call.q850 == 17`},
	{"call.outcome = \"busy\"\ncall.ring = 12s\ncall.talk = 3s", `call.ring == duration("12s") && call.talk == duration("3s") && now - call.dialed == duration("15s")`},
	{"call.outcome = \"busy\"\ncall.wrap = 90s", `call.wrap == duration("90s") && now - call.ended == duration("90s")`},
	{"call.outcome = \"busy\"\ncall.dialed = 3m ago\ncall.answered = 2m ago\ncall.ended = 1m ago", `call.answered - call.dialed == duration("1m") && call.ended - call.answered == duration("1m")`},
	{"call.outcome = \"busy\"\nearlier_call = \"busy\" 3h ago", `streak("busy") == 2 && count("busy", duration("24h")) == 2 && record.attempts == 2`},
	{"call.outcome = \"busy\"\nrecord.attempts = 3\nrecord.status = \"\"", `record.attempts == 3 && attempts.busy == 1 && record.status == ""`},
	{"call.outcome = \"busy\"", `call.queue == "" && campaign.id == "spring" && campaign.started < now`},
}

// saying is the file of one condition and one case.
func saying(kind, facts, condition, want string) string {
	text := withRules("")
	text = strings.Replace(text, "condition = !(phone.index > 1)", "", 1)
	if kind == "dial" {
		text = strings.Replace(text, "mode = power", "mode = power\ncondition = "+condition, 1)
	} else {
		text = strings.Replace(text, "status stopped", "status set\nqualifier = redial\nauto_set = "+condition+"\n\nstatus stopped", 1)
	}
	if !strings.Contains(text, "status set\n") {
		text += "\nstatus set\nqualifier = redial\n"
	}
	return text + "\ncase it\n" + facts + "\n-> " + want
}

func TestTheRulesSeeWhatTheCaseSays(t *testing.T) {
	for _, x := range factsSeen {
		report, err := run(t, saying("dial", x.facts, x.holds, "dial = yes"))
		if assert.NoError(t, err, x) {
			assert.Empty(t, report.Failed(), x)
		}
	}
	for _, x := range afterCallSeen {
		report, err := run(t, saying("auto", x.facts, x.holds, "set"))
		if assert.NoError(t, err, x) {
			assert.Empty(t, report.Failed(), x)
		}
	}
}

func TestACasesOwnFactsTakeThePlaceOfGivenOnes(t *testing.T) {
	const given = "\nearlier_call = \"busy\" 2h ago\nrecord.fields.balance = 3\nrecord.tags = [\"a\"]\n\n"
	text := strings.Replace(withRules(""), "condition = !(phone.index > 1)", `condition = attempts.total == 1 && attempts.no_answer == 1 && !has(record.fields.balance) && record.tags == ["a"]`, 1)
	for facts, want := range map[string]string{
		"earlier_call = \"no_answer\" 1h ago\nrecord.fields.balance = absent": "dial = yes",
		"earlier_call = \"no_answer\" 1h ago":                                 "dial = no",
		"record.fields.balance = absent":                                      "dial = no",
	} {
		report, err := run(t, text+"\ngiven"+given+"case it\n"+facts+"\n-> "+want)
		require.NoError(t, err)
		assert.Empty(t, report.Failed(), facts)
	}
}

func TestEveryVariableCanBeSaidOrItIsSaidWhyNot(t *testing.T) {
	report, err := run(t, saying("dial", "", "true", "dial = yes"))
	require.NoError(t, err)
	require.NotEmpty(t, report.Cases)
	c, _, err := campaign.Compile(campaign.Config{ID: "spring", Zone: "UTC", Condition: "true"}, nil, rule.Engine{})
	require.NoError(t, err)
	var facts []string
	for _, x := range slices.Concat(factsSeen, afterCallSeen) {
		for _, line := range strings.Split(x.facts, "\n") {
			name, _, _ := strings.Cut(line, " ")
			facts = append(facts, name)
		}
	}
	for _, v := range c.Rules().(*rule.Set).Variables() {
		_, err := run(t, saying("dial", v.Path+" = absurd", "true", "dial = yes"))
		if !assert.Error(t, err, v.Path) {
			continue
		}
		assert.NotContains(t, err.Error(), "no such fact", v.Path)
		if !strings.Contains(err.Error(), "a case cannot say it") {
			assert.Contains(t, facts, v.Path, "no case above says %s", v.Path)
		}
	}
}

// The cases decide as the campaign does: where they say nothing that Apply would
// count anew, Apply sets the same status.
//
// rows: K21
func TestACaseDecidesAsTheCampaignDoes(t *testing.T) {
	outcomes := []string{"busy", "no_answer", "voicemail", "drop", "rejected", "failed", "answered", "cancelled"}
	text := withRules("")
	suite, err := ruletest.Parse("rules.txt", []byte(text+"\ncase x\n-> dial = yes"))
	require.NoError(t, err)
	c, _, err := suite.Compile(rule.Engine{})
	require.NoError(t, err)
	winners := map[status.ID]int{}
	for _, outcome := range outcomes {
		for _, balance := range []string{"", "1", "11"} {
			for _, age := range []string{"", "5", "50"} {
				for earlier := range 3 {
					for _, success := range []bool{false, true} {
						facts, f, e := decided(t, c, outcome, balance, age, earlier, success)
						change, err := c.Apply(f, e, f.Lease.Dialed)
						require.NoError(t, err)
						want := change.Call.Status
						winners[want]++
						if want == "" {
							want = "none"
						}
						for _, w := range change.Answer.Warnings {
							for _, id := range []string{"stopped", "broken"} {
								if strings.Contains(w, `rule of status "`+id+`" failed`) {
									facts += "-> fails " + id + "\n"
								}
							}
						}
						one, err := ruletest.Parse("rules.txt", []byte("case it\n"+facts+"-> "+string(want)))
						require.NoError(t, err, facts)
						report, err := one.Run(ruletest.Options{Campaign: c})
						if assert.NoError(t, err, facts) {
							assert.Empty(t, report.Failed(), facts)
						}
					}
				}
			}
		}
	}
	assert.Len(t, winners, 6, "each rule, and none: %v", winners)
}

// decided is one case, and the same as facts and an event.
func decided(t *testing.T, c *campaign.Campaign, outcome, balance, age string, earlier int, success bool) (string, *campaign.Facts, campaign.Result) {
	t.Helper()
	text := fmt.Sprintf("call.outcome = %q\nrecord.success = %v\n", outcome, success)
	f := &campaign.Facts{Record: campaign.Record{ID: "record", Campaign: "spring", Type: "client", Phones: []campaign.Phone{{Number: 48600100200}}, Fields: campaign.Fields{}}}
	o, err := campaign.ParseOutcome(outcome)
	require.NoError(t, err)
	if balance != "" {
		text += "record.fields.balance = " + balance + "\n"
		f.Record.Fields["balance"] = map[string]float64{"1": 1, "11": 11}[balance]
	}
	if age != "" {
		text += "record.fields.age = " + age + "\n"
		f.Record.Fields["age"] = map[string]int64{"5": 5, "50": 50}[age]
	}
	f.Record.Success = success
	now := monday
	for i := range earlier {
		text += fmt.Sprintf("earlier_call = \"busy\" %dh ago\n", i+1)
		f.Record.Attempts.Total++
		f.Record.Attempts.SinceReset++
		f.Record.Attempts.ByOutcome[campaign.LineBusy]++
	}
	f.Lease = campaign.Lease{Token: 9, Call: 9, Phase: campaign.Dialed, Number: 48600100200, At: now, Dialed: now, Until: now.Add(c.DialTTL())}
	return text, f, campaign.Result{Outcome: o}
}

func TestASuiteMayRunInSeveralGoroutines(t *testing.T) {
	suite, err := ruletest.Parse("rules.txt", []byte(withRules("given\ntz = \"UTC\"\ncase a\ncall.outcome = \"busy\"\nrecord.attempts = 3\n-> later\ncase b\nearlier_call = \"drop\" 1h ago\nearlier_call = \"busy\" 2h ago\n-> dial = yes")))
	require.NoError(t, err)
	reports := make([]*ruletest.Report, 4)
	var wg sync.WaitGroup
	for i := range reports {
		wg.Add(1)
		go func() {
			defer wg.Done()
			reports[i], _ = suite.Run(ruletest.Options{})
		}()
	}
	wg.Wait()
	for _, r := range reports {
		require.NotNil(t, r)
		assert.Equal(t, reports[0], r)
	}
}
