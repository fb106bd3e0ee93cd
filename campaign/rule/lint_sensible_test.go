package rule_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/rule"
	"github.com/nextcall/nextcall/status"
)

// sensible are the auto-set conditions of a call centre, in the order of its
// list: the exceptions first.
var sensible = []string{
	`call.outcome == "rejected" && count("rejected", duration("720h")) >= 2`,
	`call.outcome == "invalid_number" && phone.left == 0`,
	`call.outcome == "invalid_number"`,
	`call.outcome == "fax" && contact.?kind.orValue("person") == "company"`,
	`call.outcome == "fax"`,
	`call.outcome == "voicemail" && record.fields.?balance.orValue(0.0) > 5000.0`,
	`call.outcome == "voicemail" && "vip" in record.tags`,
	`call.outcome == "voicemail" && time_between("17:00", "21:00")`,
	`call.outcome == "voicemail" && streak("voicemail") >= 4`,
	`call.outcome == "voicemail" && record.attempts >= 8`,
	`attempts.drop > 0 && attempts.conversations == 0 && call.outcome in ["no_answer", "busy", "voicemail"]`,
	`call.outcome == "drop" && attempts.drop >= 2`,
	`call.outcome == "busy" && call.sip_code == 600`,
	`call.outcome == "busy" && attempts.busy >= 3`,
	`call.outcome == "busy" && call.q850 == 17 && call.ring < duration("2s")`,
	`call.outcome == "no_answer" && phone.index >= 3 && streak("no_answer") >= 3`,
	`call.outcome == "no_answer" && attempts.streak_no_contact >= 10`,
	`call.outcome == "no_answer" && !is_workday()`,
	`call.outcome == "no_answer" && weekday() == 5 && local(now).hour >= 16`,
	`call.outcome == "no_answer" && call.ring > duration("40s") && attempts.today >= 2`,
	`call.outcome == "congestion" && count("congestion", duration("1h")) >= 3`,
	`call.outcome in ["failed", "unknown"] && attempts.total >= 15`,
	`call.outcome in ["failed", "unknown"]`,
	`call.abandoned && record.qualifier == "callback_at"`,
	`call.outcome == "answered" && false || call.outcome == "cancelled" && record.owner != ""`,
}

// others are conditions of the other kinds.
var others = map[campaign.Kind][]string{
	campaign.DialWhen: {
		`is_workday() || "weekend" in record.tags`,
		`!has(record.last_call) || since(record.last_call) > duration("24h")`,
		`!blacklisted && attempts.today < 3`,
		`phone.?country.orValue("") in ["PL", "DE"] && time_between("09:00", "20:00")`,
		`prefix(phone.number, ["+48", "+49"]) && bucket(record.id, 10) < 5`,
		`has(record.fields.signed) && record.fields.signed + period("14 days") < now`,
		`local(now).month != 12 || local(now).day < 24`,
	},
	campaign.Rank: {
		`has(record.fields.balance) ? 20000.0 - record.fields.balance : 20000.0`,
		`"vip" in record.tags ? 1 : record.attempts + 2`,
		`record.fields.?age.orValue(99)`,
	},
	campaign.NextAt: {
		`now + period("6 months")`,
		`duration("2h")`,
		`period("2 weeks")`,
		`has(record.fields.signed) ? record.fields.signed + period("1 year") : now + period("1 month")`,
		`local(now).hour < 12 ? now + duration("5h") : now + period("1 day")`,
	},
	campaign.Required: {
		`record.fields.?city.orValue("") == "Kraków"`,
		`record.fields.?vip.orValue(false)`,
	},
	campaign.ValidWhen: {
		`record.fields.city.matches("^[A-ZŁŚŻ][a-ząęółśżźćń -]+$")`,
		`size(record.fields.city) >= 2 && size(record.fields.city) <= 60`,
		`record.fields.city in ["Kraków", "Łódź", "Warszawa"]`,
	},
	campaign.Where: {
		`record.attempts >= 3 && record.fields.?city.orValue("") == "Kraków"`,
		`record.qualifier in ["redial", "callback_at"] && has(record.next_call) && record.next_call < now`,
		`"card" in record.fields.?products.orValue([]) && !("loan" in record.fields.?products.orValue([]))`,
		`contact.?country.orValue("PL") != "PL" || contact.fields.?score.orValue(0) > 5`,
	},
}

func TestWhatACallCentreWritesRaisesNoAlarm(t *testing.T) {
	checker, err := rule.Engine{}.Checker(lintConfig(), status.Default())
	require.NoError(t, err)
	n := 0
	for kind, texts := range others {
		for _, text := range texts {
			n++
			assert.Empty(t, checker.Check(campaign.Condition{Kind: kind, Text: text, Type: "client", Field: "city"}), text)
		}
	}
	var alarms []string
	for _, text := range sensible {
		n++
		for _, p := range checker.Check(campaign.Condition{Kind: campaign.AutoSet, Text: text}) {
			alarms = append(alarms, text+": "+p.String())
			assert.Equal(t, rule.Warning, p.Severity, text)
		}
	}
	require.Len(t, alarms, 1, "but for the one that no auto-set condition is asked about: %q", alarms)
	assert.Contains(t, alarms[0], `call.outcome == "answered"`)
	assert.GreaterOrEqual(t, n, 40)

	said := ruled(t, nil, sensible[:len(sensible)-1]...)
	assert.Empty(t, said, "and none beside each other")
	assert.NotEmpty(t, overlaps(t, sensible[:len(sensible)-1]...), "though many may hold together")
}

// rows: K21
func TestNoTextBreaksTheChecker(t *testing.T) {
	checker, err := rule.Engine{}.Checker(lintConfig(), status.Default())
	require.NoError(t, err)
	long := func(part string, n int) string {
		text := ""
		for range n {
			text += part
		}
		return text
	}
	begun := time.Now()
	for _, text := range []string{
		long("a", 5000), long("(", 3000), long("!", 3000), long("-", 3000), long("record.", 500), long("x.?", 1000), long("[", 2000), long(`"`, 4001),
		long("1+", 2000) + "1", long("true&&", 600) + "true", long("🙂", 1000), long("= ", 2000), long("2h ", 1000), long("ą", 2000), long("1,000 ", 500),
		"\x00", "\xff\xfe", "call.outcome == \"\x00\"", "\u202e", "a\u0301", long("in {", 900), long("is null ", 500), long("? ", 2000), long("`", 3000), long(".", 3000),
		"record.fields.", "record.fields.`", "has(", "since(", "since()", "since(since(now))", "count(", `record.tags.exists(`, `[1, "a", 2.0, true, b"x", null]`, `{1: "a", "b": 2}`,
	} {
		for kind := campaign.AutoSet; kind <= campaign.Where; kind++ {
			problems := checker.Check(campaign.Condition{Kind: kind, Text: text, Type: "client", Field: "city"})
			require.NotEmpty(t, problems, "%.40q", text)
			require.LessOrEqual(t, len(problems), 30, "%.40q", text)
			for _, p := range problems {
				assert.NotContains(t, p.Msg, "cannot be checked", "%.40q", text)
				assert.NotContains(t, p.Msg, "runtime error", "%.40q", text)
				assert.Less(t, len(p.String()), 4000, "%.40q", text)
				assert.Positive(t, p.Line)
				assert.Positive(t, p.Column)
			}
		}
	}
	assert.Less(t, time.Since(begun), 20*time.Second)
}
