package enginetest_test

import (
	"strconv"
	"time"
	_ "time/tzdata"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// tenOClock is a working Monday in Warsaw, when all zones of the records are
// open for ten hours more.
var tenOClock = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

var zones = []string{"Europe/Warsaw", "Europe/Prague", "Europe/London", "Europe/Lisbon"}

// delays are after how long a record is called again. The shortest is longer than
// the gap that the campaign demands.
var delays = map[campaign.Outcome]campaign.Delay{
	campaign.NoAnswer:  campaign.Delay(65 * time.Second),
	campaign.LineBusy:  campaign.Delay(80 * time.Second),
	campaign.Voicemail: campaign.Delay(240 * time.Second),
	campaign.Rejected:  campaign.Delay(180 * time.Second),
	campaign.Unknown:   campaign.Delay(110 * time.Second),
}

// outcomes are the keys of delays, in a fixed order.
var outcomes = [...]campaign.Outcome{campaign.NoAnswer, campaign.LineBusy, campaign.Voicemail, campaign.Rejected, campaign.Unknown}

func meanDelay() (mean time.Duration) {
	for _, d := range delays {
		mean += time.Duration(d) / time.Duration(len(delays))
	}
	return mean
}

const closedStatus = status.ID("done")

// ruled compiles a campaign that has every kind of rule on, with an engine that
// knows the twenty conditions.
func ruled(id campaign.ID, engine campaign.RuleEngine) (*campaign.Campaign, error) {
	list := []status.Status{{ID: closedStatus, Title: "Done", Qualifier: status.Closed}}
	var ids []status.ID
	for i, rule := range twenty() {
		id := status.ID(rune('a' + i))
		list = append(list, status.Status{ID: id, Title: "Rule " + string(id), Qualifier: status.Redial, AutoSet: rule.text})
		ids = append(ids, id)
	}
	dict, err := status.New(list...)
	if err != nil {
		return nil, err
	}
	hours, err := campaign.ParseHours("mon-sun 06:00-23:00")
	if err != nil {
		return nil, err
	}
	callee, err := campaign.ParseHours("mon-sat 07:00-22:00; holiday none")
	if err != nil {
		return nil, err
	}
	c, _, err := campaign.Compile(campaign.Config{
		ID: id, Zone: zones[0], CalleeZone: zones[0], Mode: campaign.Power, Statuses: append(ids, closedStatus),
		Hours: hours, CalleeHours: callee, Holidays: map[string]campaign.Holidays{"": {Country: "PL"}},
		Limits: campaign.Limits{
			Attempts: 1000, Unanswered: 1000, NumberAttempts: 1000,
			Caps: []campaign.Cap{{Per: campaign.PerNumber, Max: 1000, Days: 1}, {Per: campaign.PerContact, Max: 1000, Within: campaign.Delay(7 * 24 * time.Hour)}},
			Gaps: []campaign.Gap{{Per: campaign.PerNumber, Min: campaign.Delay(time.Minute)}},
		},
		Retry: campaign.Retry{Delays: delays}, RetryShare: 50,
		Condition: dialWhen().text, Blacklists: []blacklist.List{"own"},
	}, dict, engine)
	return c, err
}

// firstNumber is that of record 0; the others follow.
const firstNumber = 48_600_000_000

// person is record i: one phone, a contact, no fields.
func person(i int, in campaign.ID) campaign.Record {
	text := strconv.AppendInt(append(make([]byte, 0, 16), 'r'), 100_000_000+int64(i), 10)
	id := string(text)
	text[0] = 'c'
	return campaign.Record{
		ID: campaign.RecordID(id), Campaign: in, Contact: campaign.ContactID(text),
		Phones: []campaign.Phone{{Number: blacklist.Number(firstNumber + i), Zones: zones[i%len(zones) : i%len(zones)+1]}},
	}
}
