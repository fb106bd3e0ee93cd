package rule

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// byHand is a condition as somebody would write it in Go.
type byHand func(f *campaign.Facts, call *campaign.Call, now time.Time) bool

// twice is a condition in both languages.
type twice struct {
	name string
	cel  string
	hand byHand
}

// realistic are six conditions as campaigns have them.
func realistic(c *campaign.Campaign) []twice {
	phone := func(f *campaign.Facts, call *campaign.Call) *campaign.Phone {
		if i := f.Record.Phone(call.Number); i >= 0 {
			return &f.Record.Phones[i]
		}
		return nil
	}
	return []twice{
		{"R1", `call.outcome == "busy" && record.attempts >= 3`, func(f *campaign.Facts, call *campaign.Call, _ time.Time) bool {
			return call.Outcome == campaign.LineBusy && f.Record.Attempts.SinceReset >= 3
		}},
		{"R2", `call.outcome in ["busy", "voicemail", "no_answer"] && local(now).hour >= 10`, func(f *campaign.Facts, call *campaign.Call, now time.Time) bool {
			if call.Outcome != campaign.LineBusy && call.Outcome != campaign.Voicemail && call.Outcome != campaign.NoAnswer {
				return false
			}
			p := phone(f, call)
			if p == nil || len(p.Zones) == 0 {
				return false
			}
			loc, ok := c.Location(p.Zones[0])
			return ok && now.In(loc).Hour() >= 10
		}},
		{"R3", `has(record.last_call) && since(record.last_call) > duration("48h") && record.qualifier == "redial"`, func(f *campaign.Facts, _ *campaign.Call, now time.Time) bool {
			last := f.Record.LastCall
			return !last.IsZero() && now.Sub(last) > 48*time.Hour && f.Record.Qualifier == status.Redial
		}},
		{"R4", `record.fields.balance > 1000.0 && call.outcome != "answered"`, func(f *campaign.Facts, call *campaign.Call, _ time.Time) bool {
			balance, ok := f.Record.Fields["balance"].(float64)
			return ok && balance > 1000 && call.Outcome != campaign.Answered
		}},
		{"R5", `call.outcome == "no_answer" && phone.left >= 2 && attempts.streak_no_contact > 1`, func(f *campaign.Facts, call *campaign.Call, _ time.Time) bool {
			if call.Outcome != campaign.NoAnswer {
				return false
			}
			left := 0
			for i := range f.Record.Phones {
				if f.Record.Phones[i].Out == "" {
					left++
				}
			}
			return left >= 2 && f.Record.Attempts.Unanswered > 1
		}},
		{"R6", `phone.country == "PL" && !("vip" in record.tags) && (record.attempts > 5 || attempts.busy >= 2)`, func(f *campaign.Facts, call *campaign.Call, _ time.Time) bool {
			p := phone(f, call)
			return p != nil && p.Region == "PL" && !slices.Contains(f.Record.Tags, "vip") &&
				(f.Record.Attempts.SinceReset > 5 || f.Record.Attempts.ByOutcome[campaign.LineBusy] >= 2)
		}},
	}
}

// hundred are a hundred conditions of which none holds for the ordinary calls.
func hundred() []twice {
	var all []twice
	outcomes := []campaign.Outcome{campaign.LineBusy, campaign.NoAnswer, campaign.Voicemail, campaign.Drop, campaign.Rejected, campaign.Congestion, campaign.Invalid}
	for i := range 100 {
		o, n := outcomes[i%len(outcomes)], 20+i/7
		var c twice
		switch i % 5 {
		case 0:
			c = twice{"", fmt.Sprintf(`call.outcome == %q && record.attempts >= %d`, o, n), func(f *campaign.Facts, call *campaign.Call, _ time.Time) bool {
				return call.Outcome == o && f.Record.Attempts.SinceReset >= n
			}}
		case 1:
			c = twice{"", fmt.Sprintf(`record.status == "redial" && call.outcome == %q && attempts.total > %d`, o, n), func(f *campaign.Facts, call *campaign.Call, _ time.Time) bool {
				return f.Record.Status == "redial" && call.Outcome == o && f.Record.Attempts.Total > n
			}}
		case 2:
			c = twice{"", fmt.Sprintf(`has(record.last_call) && since(record.last_call) > duration("%dh") && call.outcome == %q`, 24*n, o), func(f *campaign.Facts, call *campaign.Call, now time.Time) bool {
				return !f.Record.LastCall.IsZero() && now.Sub(f.Record.LastCall) > time.Duration(24*n)*time.Hour && call.Outcome == o
			}}
		case 3:
			c = twice{"", fmt.Sprintf(`call.outcome == %q && record.fields.balance > %d.0`, o, 100*n), func(f *campaign.Facts, call *campaign.Call, _ time.Time) bool {
				if call.Outcome != o {
					return false
				}
				balance, ok := f.Record.Fields["balance"].(float64)
				return ok && balance > float64(100*n)
			}}
		case 4:
			c = twice{"", fmt.Sprintf(`call.talk > duration("%dm") || call.ring > duration("%dm")`, n, n), func(_ *campaign.Facts, call *campaign.Call, _ time.Time) bool {
				return call.Talk > time.Duration(n)*time.Minute || call.Ring > time.Duration(n)*time.Minute
			}}
		}
		all = append(all, c)
	}
	return all
}

// ordinary are calls to records as a campaign has them: nothing is absent that
// the conditions read, for they are compared with ones that cannot fail.
func ordinary(n int) []scene {
	all := make([]scene, n)
	outcomes := []campaign.Outcome{campaign.LineBusy, campaign.NoAnswer, campaign.Voicemail, campaign.Answered, campaign.Drop}
	for i := range all {
		f := &campaign.Facts{Record: ordinaryRecord(i)}
		o := outcomes[i/3%len(outcomes)]
		all[i] = scene{f, &campaign.Call{
			Token: campaign.Token(i), Campaign: "spring", Record: f.Record.ID, Number: f.Record.Phones[0].Number, Mode: campaign.Power, Outcome: o,
			Dialed: sceneMonday.Add(-time.Minute), Ended: sceneMonday, Ring: 20 * time.Second,
		}, sceneMonday}
	}
	return all
}

func ordinaryRecord(i int) campaign.Record {
	last := sceneMonday.Add(-time.Duration(1+i*13%200) * time.Hour)
	r := campaign.Record{
		ID: campaign.RecordID("r" + strconv.Itoa(i)), Campaign: "spring", Contact: "c1", Type: "client", Tags: []string{"new", "web"},
		Phones: []campaign.Phone{{Number: 48600100200 + blacklist.Number(i), Zones: []string{"Europe/Warsaw"}, Region: "PL"}, {Number: 48700100200, Zones: []string{"Europe/Warsaw"}, Region: "PL"}},
		Fields: campaign.Fields{"city": "Kraków", "age": int64(20 + i%60), "balance": float64(i * 37 % 1900)},
		Progress: campaign.Progress{
			Status: "redial", Qualifier: status.Qualifier(2 + i%3), LastCall: last, LastOutcome: campaign.LineBusy,
			Attempts: campaign.Counters{Total: 1 + i%5, SinceReset: 1 + i%5, Unanswered: i % 3, First: last, Last: last},
		},
	}
	r.Attempts.ByOutcome[campaign.LineBusy] = uint16(i % 3)
	return r
}
