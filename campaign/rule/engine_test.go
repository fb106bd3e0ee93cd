package rule_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/rule"
	"github.com/nextcall/nextcall/status"
)

// monday is 10:00 in Warsaw, a working day.
var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// config has a record type with a field of each type.
func config() campaign.Config {
	return campaign.Config{
		ID: "spring", Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw", Start: "2026-02-01",
		Holidays: map[string]campaign.Holidays{"": {Country: "PL"}},
		RecordTypes: []campaign.RecordType{{Name: "client", Fields: []campaign.Field{
			{Name: "city"}, {Name: "age", Type: campaign.Int}, {Name: "balance", Type: campaign.Double},
			{Name: "vip", Type: campaign.Bool}, {Name: "signed", Type: campaign.Timestamp}, {Name: "products", Type: campaign.Strings},
		}}},
		ContactFields: []campaign.Field{{Name: "score", Type: campaign.Int}},
	}
}

// facts are of a client who was called three times, last on a Friday.
func facts() *campaign.Facts {
	friday := monday.Add(-66 * time.Hour)
	f := &campaign.Facts{Record: campaign.Record{
		ID: "r1", Campaign: "spring", Contact: "c1", Type: "client",
		Phones: []campaign.Phone{{Number: 48600100200, Zones: []string{"Europe/Warsaw"}, Region: "PL", Attempts: 2}, {Number: 48600100201}},
		Fields: campaign.Fields{"city": "Kraków", "age": int64(41), "balance": 120.5, "vip": true, "signed": friday, "products": []string{"card", "loan"}},
		Tags:   []string{"new"},
		Progress: campaign.Progress{
			Qualifier: status.Redial, LastCall: friday, LastOutcome: campaign.LineBusy,
			Attempts: campaign.Counters{Total: 3, SinceReset: 3, Unanswered: 3, Streak: 2, First: friday.Add(-time.Hour), Last: friday},
		},
	}}
	f.Record.Attempts.ByOutcome[campaign.LineBusy] = 2
	f.Contact = &campaign.Contact{ID: "c1", FirstName: "Jan", Country: "PL", Fields: campaign.Fields{"score": int64(7)}}
	return f
}

func busyCall() *campaign.Call {
	return &campaign.Call{
		Token: 9, Campaign: "spring", Record: "r1", Number: 48600100200, Mode: campaign.Power, Outcome: campaign.LineBusy,
		Dialed: monday.Add(-time.Minute), Ended: monday.Add(-30 * time.Second), Ring: 12 * time.Second, Counted: true,
	}
}

func TestConditionsReadTheFacts(t *testing.T) {
	for text, want := range map[string]bool{
		`call.outcome == "busy" && record.attempts >= 3`:                                      true,
		`call.ring > duration("10s") && call.talk == duration("0s")`:                          true,
		`record.fields.balance > 100 && record.fields.vip`:                                    true,
		`has(record.fields.age) && record.fields.age + 1 == 42`:                               true,
		`"loan" in record.fields.products && "new" in record.tags`:                            true,
		`contact.fields.score == 7 && contact.country == "PL" && contact.kind == "person"`:    true,
		`since(record.last_call) > duration("48h")`:                                           true,
		`local(now).hour == 10 && local(now).weekday == 1 && local(now).date == "2026-03-02"`: true,
		`time_between("08:00", "10:00")`:                                                      false,
		`is_workday() && !is_holiday() && weekday() == 1`:                                     true,
		`now + period("1 month") == timestamp("2026-04-02T08:00:00Z")`:                        true, // summer time began
		`count("busy", duration("1h")) == 1 && streak("busy") == 2`:                           true,
		`prefix(phone.number, ["+48"]) && phone.index == 1 && phone.left == 2`:                true,
		`bucket(record.id, 10) < 10 && tz == "Europe/Warsaw"`:                                 true,
		`attempts.busy == 2 && attempts.today == 1`:                                           true,
		`record.fields.?city.orValue("") == "Kraków"`:                                         true,
		`record.next_call > now || !has(record.next_call)`:                                    true,
		`campaign.started < now && !has(agent.id)`:                                            true,
	} {
		cfg := config()
		cfg.Own = []status.Status{{ID: "set", Title: "Set", Qualifier: status.Redial, AutoSet: text}}
		c, _, err := campaign.Compile(cfg, nil, rule.Engine{})
		if !assert.NoError(t, err, text) {
			continue
		}
		set := mustSet(t, c)
		got, err := set.Holds(0, facts(), busyCall(), monday)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
}

func mustSet(t testing.TB, c *campaign.Campaign) campaign.Rules {
	t.Helper()
	rules, _, err := rule.Engine{}.Rules(c, conditionsOf(c))
	require.NoError(t, err)
	return rules
}

func conditionsOf(c *campaign.Campaign) []campaign.Condition {
	var all []campaign.Condition
	for _, s := range c.Statuses() {
		all = append(all, campaign.Condition{Path: "auto_set", Kind: campaign.AutoSet, Text: s.AutoSet, Status: s.ID})
	}
	return all
}
