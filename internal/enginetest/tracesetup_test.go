package enginetest

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/rule"
	"github.com/nextcall/nextcall/dialer/sim"
	"github.com/nextcall/nextcall/status"
)

// traceStart is a Sunday midnight in Warsaw, so that the first week begins with a closed day.
var traceStart = time.Date(2026, 10, 17, 22, 0, 0, 0, time.UTC)

const (
	alpha, beta, gamma = campaign.ID("alpha"), campaign.ID("beta"), campaign.ID("gamma")
	shopList           = blacklist.List("shop")
)

var traceCampaigns = []campaign.ID{alpha, beta, gamma}

// traceStatuses are one of each kind that moves a record, those of rules last.
func traceStatuses(t testing.TB) []status.Status {
	month, err := blacklist.ParseExpiry("1 month")
	require.NoError(t, err)
	hours, err := blacklist.ParseExpiry("5 hours")
	require.NoError(t, err)
	const unpromised = ` && !(record.qualifier in ["callback_at", "callback_after", "own_callback_at", "own_callback_after"])`
	return []status.Status{
		{ID: "again", Title: "Call again", Qualifier: status.Redial},
		{ID: "at", Title: "Call back at", Qualifier: status.CallbackAt},
		{ID: "mine", Title: "I call back at", Qualifier: status.OwnCallbackAt},
		{ID: "mine3h", Title: "I call back in three hours", Qualifier: status.OwnCallbackAfter, Delay: status.Delay(3 * time.Hour)},
		{ID: "last", Title: "To the end of the queue", Qualifier: status.EndOfQueue},
		{ID: "hand", Title: "By hand", Qualifier: status.Manual},
		{ID: "mail", Title: "Send a mail", Qualifier: status.SendMail, Template: "offer"},
		{ID: "sold", Title: "Sold", Qualifier: status.SuccessClosed},
		{ID: "no", Title: "No", Qualifier: status.Closed},
		{ID: "never", Title: "Never call", Qualifier: status.Closed, Blacklist: blacklist.Global, Class: status.ClassRefusal, Expiry: month},
		{ID: "later", Title: "Not today", Qualifier: status.Redial, Blacklist: shopList, Expiry: hours},
		{ID: "wrong", Title: "Wrong number", Qualifier: status.Redial, EndsNumber: true},
		{ID: "r-rejected", Title: "Rejected twice", Qualifier: status.Closed,
			AutoSet: `call.outcome == "rejected" && count("rejected", duration("720h")) >= 2` + unpromised},
		{ID: "r-machine", Title: "Good customer's machine", Qualifier: status.CallbackAfter, Delay: status.Delay(2 * time.Hour),
			AutoSet: `call.outcome == "voicemail" && record.fields.?balance.orValue(0) > 5000` + unpromised},
		{ID: "r-drop", Title: "Reached after a drop", Qualifier: status.Progressive, Delay: status.Delay(time.Hour),
			AutoSet: `attempts.drop > 0 && call.outcome in ["no_answer", "busy", "voicemail"]` + unpromised},
		{ID: "r-busy", Title: "Busy three times", Qualifier: status.EndOfQueue, Delay: status.Delay(6 * time.Hour),
			AutoSet: `call.outcome == "busy" && attempts.busy >= 3` + unpromised},
	}
}

// traceCampaign compiles one of the campaigns, at a revision; change may edit it.
func traceCampaign(t testing.TB, id campaign.ID, revision int64, change func(*campaign.Config)) *campaign.Campaign {
	hours := func(text string) campaign.Hours {
		h, err := campaign.ParseHours(text)
		require.NoError(t, err)
		return h
	}
	delay := func(d time.Duration) campaign.Delay { return campaign.Delay(d) }
	cfg := campaign.Config{
		ID: id, Revision: revision, Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw", Order: 1, Parity: 1,
		Hours: hours("mon-sat 07:00-22:00"), CalleeHours: hours("mon-fri 08:00-20:00; sat 10:00-14:00"),
		Callbacks: campaign.Callbacks{Tries: 2, Release: delay(90 * time.Minute)},
		Limits: campaign.Limits{Attempts: 7, Unanswered: 6, NumberAttempts: 4,
			Caps: []campaign.Cap{{Per: campaign.PerNumber, Max: 2, Days: 1}, {Per: campaign.PerContact, Max: 5, Within: delay(48 * time.Hour)}},
			Gaps: []campaign.Gap{{Per: campaign.PerNumber, Min: delay(25 * time.Minute)}, {Per: campaign.PerContact, Min: delay(10 * time.Minute), Law: true}}},
		RecordTypes: []campaign.RecordType{{Name: "lead", Fields: []campaign.Field{{Name: "balance", Type: campaign.Int}}}},
		Overrides:   []campaign.Override{campaign.OverrideGap, campaign.OverrideLimit, campaign.OverrideOwner},
	}
	switch id {
	case alpha:
		cfg.Mode, cfg.Parity, cfg.RetryShare = campaign.Predictive, 2, 30
		cfg.Blacklists = []blacklist.List{shopList}
		cfg.Condition, cfg.Rank = `record.fields.?balance.orValue(0) != 13`, `10 + record.fields.?balance.orValue(0) / 100`
	case beta:
		cfg.Mode, cfg.CalleeZone = campaign.ProgressiveMode, "America/New_York"
		cfg.Retry = campaign.Retry{OpenHours: true, Delays: map[campaign.Outcome]campaign.Delay{campaign.NoAnswer: delay(2 * time.Hour)}}
	case gamma:
		cfg.Mode, cfg.Order = campaign.Preview, 2
		cfg.Retry.IntoHours = true
		cfg.Skips.Max = 2
		cfg.Leases.Dial = delay(40 * time.Second) // some phones ring longer: the report comes too late
		cfg.Holidays = map[string]campaign.Holidays{"": {Country: "PL"}}
	}
	list := traceStatuses(t)
	for _, s := range list {
		cfg.Statuses = append(cfg.Statuses, s.ID)
	}
	if change != nil {
		change(&cfg)
	}
	dict, err := status.New(list...)
	require.NoError(t, err)
	c, _, err := campaign.Compile(cfg, dict, rule.Engine{})
	require.NoError(t, err)
	return c
}

// traceRecords are people in several zones, some of them in two campaigns, some
// with two numbers, and some with a number that another person has too.
func traceRecords(n int) []campaign.Record {
	rnd := rand.New(rand.NewPCG(5, 0))
	zones := []string{"", "America/New_York", "Asia/Kathmandu", "Pacific/Chatham"}
	var all []campaign.Record
	for i := range n {
		number := blacklist.Number(48_600_000_000 + i%(n-n/8)) // an eighth of them shares a number
		zone := func() []string {
			if z := zones[rnd.IntN(len(zones)+3)%len(zones)]; z != "" {
				return []string{z}
			}
			return nil
		}
		in := traceCampaigns[i%3]
		r := campaign.Record{
			ID: campaign.RecordID(fmt.Sprintf("r%04d", i)), Campaign: in, Type: "lead", Order: uint16(rnd.IntN(4)),
			Contact: campaign.ContactID(fmt.Sprintf("c%04d", i)),
			Phones:  []campaign.Phone{{Number: number, Zones: zone()}},
			Fields:  campaign.Fields{"balance": int64(rnd.IntN(9000))},
		}
		if i%40 == 0 {
			r.Fields["balance"] = int64(13)
		}
		if i%3 == 0 {
			r.Phones = append(r.Phones, campaign.Phone{Number: 48_700_000_000 + blacklist.Number(i), Zones: zone()})
		}
		all = append(all, r)
		if i%5 == 0 { // the same person once more
			r.Campaign, r.ID = traceCampaigns[(i+1)%3], r.ID+"x"
			all = append(all, r)
		}
	}
	return all
}

// traceAgents are shifts and ways of working that are not alike.
func traceAgents() []sim.Agent {
	days := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday}
	day := sim.Shift{Zone: "Europe/Warsaw", From: 8 * time.Hour, To: 16 * time.Hour, Days: days}
	night := sim.Shift{Zone: "Europe/Warsaw", From: 13 * time.Hour, To: 22 * time.Hour, Days: days}
	return []sim.Agent{
		{ID: "ann", Shift: day, WrapUp: 20 * time.Second},
		{ID: "bob", Shift: day, WrapUp: 45 * time.Second, Preview: 12 * time.Second},
		{ID: "cid", Shift: night, Campaigns: []campaign.ID{alpha, beta}},
		{ID: "dan", Shift: night, WrapUp: 10 * time.Second, Preview: 28 * time.Second, Campaigns: []campaign.ID{gamma}},
		{ID: "eve", Shift: day, Campaigns: []campaign.ID{beta, gamma}, WrapUp: time.Minute},
	}
}

// traceModel is what people do: everything happens to somebody.
func traceModel(c *sim.Call, rng *rand.Rand) sim.Answer {
	ring := time.Second + time.Duration(rng.IntN(49_000_000))*time.Microsecond
	outcomes := []struct {
		below int
		is    campaign.Outcome
	}{{25, campaign.NoAnswer}, {34, campaign.LineBusy}, {42, campaign.Voicemail}, {46, campaign.Rejected}, {50, campaign.Drop},
		{52, campaign.Invalid}, {55, campaign.Congestion}, {57, campaign.Failed}, {59, campaign.Barred}, {60, campaign.Fax}}
	u := rng.IntN(100)
	for _, o := range outcomes {
		if u < o.below {
			return sim.Answer{Outcome: o.is, Ring: ring, Rang: rng.IntN(2) == 0}
		}
	}
	a := sim.Answer{Outcome: campaign.Answered, Ring: ring, Talk: time.Duration(rng.IntN(500)) * time.Second}
	a.Status = []status.ID{"", "again", "again", "at", "at", "mine", "mine", "mine3h", "last", "hand", "mail", "sold", "no", "never", "later", "wrong"}[rng.IntN(16)]
	if a.Status == "at" || a.Status == "mine" {
		a.Input.At = c.At.Add(time.Duration(20+rng.IntN(40*60)) * time.Minute)
	}
	return a
}
