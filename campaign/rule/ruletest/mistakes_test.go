package ruletest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/nextcall/nextcall/campaign/rule/ruletest"
)

// Each file stands with the error that it gives, whole.
func TestAFileWithMistakesNamesThemAllWithTheirLines(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  `rules.txt: no case: want a line such as "case busy for the third time", facts, and "-> later"`,
		"\xff":                              `rules.txt: want UTF-8`,
		"case\n-> none":                     `rules.txt:1: case: want a name after it`,
		"case a":                            `rules.txt:1: case "a" says nothing of what must come of it: want a line such as "-> none"`,
		"case a\n->":                        "rules.txt:2: -> what? want a status, none, or one of also, fails, dial, required, valid, rank and next_at\nrules.txt:1: case \"a\" says nothing of what must come of it: want a line such as \"-> none\"",
		"-> none":                           `rules.txt:1: a result belongs to a case: want a line such as "case busy" before it`,
		"given\n-> none":                    `rules.txt:2: a result belongs to a case: want a line such as "case busy" before it`,
		"tz = \"UTC\"":                      `rules.txt:1: tz: it belongs to no block: want a heading before it, such as "case busy"`,
		"given all":                         `rules.txt:1: given takes no name: "all" is one too many`,
		"case a\n-> none\ncase a\n-> none":  `rules.txt:3: case "a" is there already, in line 1`,
		"case a\nnow = 1\nnow = 2\n-> none": `rules.txt:3: now is given already, in line 2`,
		"case a\ntz =\n-> none":             `rules.txt:2: tz: want a value after =`,
		"case a\n= 3\n-> none":              `rules.txt:2: "= 3": want a name before =`,
		"cases a\ncase b\n-> none":          `rules.txt:1: "cases a": want "name = value", "-> result", or a heading: one of campaign, status, record_type, contact_fields, agents, given, case: did you mean "case"?`,
		"campaign a\ncampaign b\ncase b\n-> none": `rules.txt:2: campaign "b" is there already, in line 1`,

		"campaign a\nzone = Warsaw\ncase b\n-> none":                                                            `rules.txt:2: zone "Warsaw": want an IANA zone such as "Europe/Warsaw"`,
		"campaign a\nzone = UTC\nzonne = UTC\ncase b\n-> none":                                                  `rules.txt:3: zonne: a campaign has no such setting here: want one of audit, callee_zone, condition, holidays, limits.attempts, limits.unanswered, mode, queue, rank, start, zone: did you mean "zone"?`,
		"campaign a\nzone = UTC\naudit = yes\ncase b\n-> none":                                                  `rules.txt:3: audit: yes: want true or false`,
		"campaign a\nzone = UTC\nstatus s\nqualifier = redail\ncase b\n-> none":                                 `rules.txt:4: qualifier: status: "redail" is not a qualifier; did you mean "redial"?`,
		"campaign a\nzone = UTC\nstatus s\nqualifier = redial\ndelay = 2 hours\ncase b\n-> none":                `rules.txt:5: delay: 2 hours: want a duration such as 90s, 2h or 1h30m`,
		"campaign a\nzone = UTC\nrecord_type c\nx = dobule\nx.requird = true\ny.hidden = true\ncase b\n-> none": "rules.txt:4: x = dobule: want a type, one of string, int, double, bool, timestamp, strings: did you mean \"double\"?\nrules.txt:5: x.requird: want one of required, hidden, required_when, valid_when behind the field's name: did you mean \"required\"?\nrules.txt:6: y.hidden: the field is not there: want \"y = string\" before it",
		"campaign a\nzone = UTC\nagents\nann.teem = x\nann.skills = de\ncase b\n-> none":                        "rules.txt:4: ann.teem: want an agent's team or skills, such as \"ann.team = sales\"\nrules.txt:5: ann.skills: de: want a list such as [\"a\", \"b\"]",
		"campaign a\nzone = UTC\ncase b\n-> none":                                                               `rules.txt: campaign "a" has no conditions: there is nothing to test`,
	} {
		_, err := run(t, text)
		if assert.Error(t, err, "%q", text) {
			assert.Equal(t, want, err.Error(), "%q", text)
		}
	}
}

// A condition with a mistake is reported with the line that it stands in.
func TestAConditionThatDoesNotCompileHasTheLineOfTheFile(t *testing.T) {
	_, err := run(t, "campaign a\nzone = UTC\n\nstatus s\nqualifier = redial\n# two lines\nauto_set = record.attemts > 3\n  && true\ncase b\n-> none")
	assert.ErrorContains(t, err, `rules.txt:7: own[0].auto_set`)
	assert.ErrorContains(t, err, `attemts`)
	_, err = run(t, "campaign a\nzone = UTC\nrecord_type r\nx = int\nx.valid_when = record.fields.x\ncase b\n-> none")
	assert.ErrorContains(t, err, `rules.txt:5: record_types[0].fields[0].valid_when`)
}

// Each case stands with its error, but for the name of the file. The rules
// before it are those of this package's tests.
func TestACaseThatCannotBeSaysWhy(t *testing.T) {
	const busy = "call.outcome = \"busy\"\n"
	for text, want := range map[string]string{
		"call.outcome = \"bussy\"\n-> none":                                                  `call.outcome: "bussy" is no outcome: want one of answered, busy, no_answer, voicemail, drop, fax, invalid_number, rejected, blacklisted, congestion, failed, cancelled, unknown, fax_sent, fax_failed, sms_sent, sms_failed, played, played_partly: did you mean "busy"?`,
		"now = 2026-03-29T02:30\n-> dial = yes":                                              `now: 2026-03-29T02:30: there is no such time in Europe/Warsaw: the clocks go forward then`,
		"call.outcome = busy\n-> none":                                                       `call.outcome: busy: want a text in double quotes`,
		"call.outcom = \"busy\"\n-> none":                                                    `call.outcom: there is no such fact: did you mean "call.outcome"?`,
		"record.fields.balnce = 3\n-> dial = yes":                                            `record.fields.balnce: the campaign's record types have no such field: did you mean "record.fields.balance"?`,
		"record.type = \"client\"\nrecord.fields.x = 3\n-> dial = yes":                       `record.fields.x: record type "client" has no such field`,
		"record.type = \"klient\"\n-> dial = yes":                                            `record.type: "klient" is none of the record types ["client"]: did you mean "client"?`,
		"contact.fields.scor = 3\n-> dial = yes":                                             `contact.fields.scor: contacts have no such field: did you mean "contact.fields.score"?`,
		"record.fields.balance = \"3\"\n-> dial = yes":                                       `record.fields.balance is of type double: "3": want a number, such as 120.5, without quotes`,
		"record.fields.age = 3.5\n-> dial = yes":                                             `record.fields.age is of type int: 3.5: want a whole number, without quotes`,
		"record.fields.asked = today\n-> dial = yes":                                         `record.fields.asked is of type timestamp: today: want a time such as 2026-03-02T10:00, 2026-03-02T10:00 Europe/Warsaw, 2026-03-02T09:00:00Z, 3h ago or in 30m`,
		"record.attempts = -1\n-> dial = yes":                                                `record.attempts: -1: want 0 to 1000000`,
		"now = 3h ago\n-> dial = yes":                                                        `now: want a time such as 2026-03-02T10:00, not one that is seen from now`,
		"now = 2026-13-02T10:00\n-> dial = yes":                                              `now: 2026-13-02T10:00: want a time such as 2026-03-02T10:00, 2026-03-02T10:00 Europe/Warsaw, 2026-03-02T09:00:00Z, 3h ago or in 30m`,
		"now = 2026-03-02T10:00 Mars\n-> dial = yes":                                         `now: 2026-03-02T10:00 Mars: "Mars" is no IANA zone such as Europe/Warsaw`,
		"call.ring = 3s\n-> none":                                                            `case "it" has a call: say how it ended, such as call.outcome = "busy"`,
		"record.attempts = 3\n-> later":                                                      `-> later: a rule decides after a call: say how it ended, such as call.outcome = "busy"`,
		busy + "record.phones = []\n-> none":                                                 `case "it" has a call: the record has no number: leave record.phones out, or give one`,
		busy + "record.attempts = 0\n-> none":                                                `record.attempts = 0: the call itself is an attempt: want 1 or more`,
		busy + "attempts.busy = 0\n-> none":                                                  `attempts.busy = 0: the call itself is one: want 1 or more`,
		busy + "attempts.last_outcome = \"drop\"\n-> none":                                   `attempts.last_outcome = "drop": the last call is this one, and was "busy"`,
		busy + "attempts.total = 3\nrecord.attempts = 4\n-> none":                            `attempts.total = 3 is less than record.attempts = 4, which begins anew with a reset`,
		busy + "call.ended = in 1h\n-> none":                                                 `the call cannot be: ended 2026-03-02T10:00:00Z is in the future: taken as now`,
		busy + "call.dialed = now\ncall.ended = 1h ago\n-> none":                             `the call cannot be: ended 2026-03-02T08:00:00Z is before dialed: taken as 2026-03-02T09:00:00Z`,
		busy + "call.ended = 1h ago\ncall.wrap = 1m\n-> none":                                `call.wrap: it contradicts call.ended: leave one out`,
		busy + "call.abandoned = true\n-> none":                                              `call.abandoned: a case cannot say it: it follows from the outcome: give call.outcome = "drop"`,
		busy + "call.number = \"+48700\"\n-> none":                                           `call.number: blacklist: number "+48700": at byte 6: 5 digits are too few`,
		busy + "call.number = \"+48700100200\"\nphone.number = \"+48700100201\"\n-> none":    `phone.number: phone.number and call.number are one: leave one out`,
		"record.phones = [\"+48700100200\"]\nphone.number = \"+48700100201\"\n-> dial = yes": `+48700100201 is none of record.phones`,
		"record.phones = [\"+48700100200\"]\nphone.index = 2\n-> dial = yes":                 `phone.index = 2: record.phones has 1`,
		"record.phones = [\"+48700100200\"]\nphone.left = 2\n-> dial = yes":                  `phone.left: 2: of the record's 1 numbers 1 can be dialled`,
		"record.phones = [\"+48700100200\", \"+48 700 100 200\"]\n-> dial = yes":             `record.phones: +48700100200 comes twice: leave one out`,
		"record.status = \"latr\"\n-> dial = yes":                                            `record.status: "latr" is no status of the campaign: did you mean "later"?`,
		"record.source = \"post\"\n-> dial = yes":                                            `record.source: "post" is no source: want "" for an import, or one of agent, call, mail, fax, sms, mms, web`,
		"earlier_call = busy\n-> dial = yes":                                                 `earlier_call: busy: want a text in double quotes; want such as "busy" 3h ago`,
		"earlier_call = \"busy\" in 3h\n-> dial = yes":                                       `earlier_call: in 3h is after now, 2026-03-02T10:00:00+01:00`,
		"earlier_call = \"busy\" 3h ago on phone 2\n-> dial = yes":                           `earlier_call: on phone 2: the record has 1: want 1 for the first`,

		busy + "-> latr":           `"latr" is no status of the campaign: did you mean "later"?`,
		busy + "-> manual":         `status "manual" has no auto-set condition that is asked: it has none, or is disabled; there is one for stopped, cancelled, later, broken, any`,
		busy + "-> off":            `status "off" has no auto-set condition that is asked`,
		busy + "-> none\n-> later": `-> later contradicts -> none: one rule decides: for one behind it write -> also`,
		"-> dial":                  `dial: want "=" and what must come of it, such as "-> dial = yes"`,
		"-> dial = maybe":          `maybe: want yes, no or fails`,
		"-> dials = yes":           `"dials = yes": want a status, or one of none, also, fails, dial, required, valid, rank, next_at: did you mean "dial"?`,
		"-> required town = yes":   `required: no field "town" has such a condition: there is one for ["city"]`,
		"-> next_at any = in 2h":   `status "any" has no next call condition that is asked`,
		"-> rank = high":           `high: want a number, such as 120.5, without quotes`,
		"-> next_at later = soon":  `soon: want a time such as`,
	} {
		_, err := run(t, withRules("case it\n"+text))
		if assert.Error(t, err, text) {
			assert.Contains(t, err.Error(), want, text)
			assert.Regexp(t, `^rules\.txt:\d+: `, err.Error(), text)
		}
	}
}

func TestAllMistakesOfAllCasesAreFoundAtOnce(t *testing.T) {
	_, err := run(t, withRules("case a\ncall.outcome = \"bussy\"\nrecord.atempts = 3\n-> latr\ncase b\n-> dial = si"))
	var list interface{ Unwrap() []error }
	if assert.ErrorAs(t, err, &list) {
		assert.Contains(t, err.Error(), `"bussy"`)
		assert.Contains(t, err.Error(), `record.atempts`)
		assert.Contains(t, err.Error(), `"latr"`)
		assert.Contains(t, err.Error(), `si: want yes`)
	}
	var e *ruletest.Error
	assert.ErrorAs(t, err, &e)
}
