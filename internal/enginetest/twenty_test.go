package enginetest_test

import (
	"slices"
	"time"
	_ "time/tzdata"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// condition is one rule twice: in CEL, and in Go as somebody would write it who
// has no rules engine.
type condition struct {
	text  string
	holds func(f *campaign.Facts, call *campaign.Call, now time.Time) bool
}

// twenty are the auto-set conditions of the measured campaigns. They look at
// what such conditions do look at, and none ever holds: all of them are asked
// after every call.
func twenty() []condition {
	warsaw, err := time.LoadLocation(zones[0])
	if err != nil {
		panic(err) // the zones are linked in
	}
	phone := func(f *campaign.Facts, call *campaign.Call) *campaign.Phone {
		if i := f.Record.Phone(call.Number); i >= 0 {
			return &f.Record.Phones[i]
		}
		return nil
	}
	type facts = *campaign.Facts
	type call = *campaign.Call
	type now = time.Time
	return []condition{
		{`call.outcome == "busy" && record.attempts >= 1000`,
			func(f facts, c call, _ now) bool {
				return c.Outcome == campaign.LineBusy && f.Record.Attempts.SinceReset >= 1000
			}},
		{`call.outcome == "busy" && streak("busy") >= 1000`,
			func(f facts, c call, _ now) bool {
				return c.Outcome == campaign.LineBusy && f.Record.LastOutcome == campaign.LineBusy && f.Record.Attempts.Streak >= 1000
			}},
		{`call.outcome == "no_answer" && attempts.streak_no_contact >= 1000`,
			func(f facts, c call, _ now) bool {
				return c.Outcome == campaign.NoAnswer && f.Record.Attempts.Unanswered >= 1000
			}},
		{`call.outcome == "no_answer" && phone.attempts >= 1000 && phone.left == 1`,
			func(f facts, c call, _ now) bool {
				if c.Outcome != campaign.NoAnswer || phone(f, c).Attempts < 1000 {
					return false
				}
				left := 0
				for i := range f.Record.Phones {
					if f.Record.Phones[i].Out == "" {
						left++
					}
				}
				return left == 1
			}},
		{`call.outcome == "no_answer" && call.ring > duration("1000s")`,
			func(_ facts, c call, _ now) bool { return c.Outcome == campaign.NoAnswer && c.Ring > 1000*time.Second }},
		{`call.outcome == "voicemail" && attempts.voicemail >= 1000`,
			func(f facts, c call, _ now) bool {
				return c.Outcome == campaign.Voicemail && f.Record.Attempts.ByOutcome[campaign.Voicemail] >= 1000
			}},
		{`call.outcome == "voicemail" && attempts.total >= 1000 && weekday() == 1`,
			func(f facts, c call, t now) bool {
				if c.Outcome != campaign.Voicemail || f.Record.Attempts.Total < 1000 {
					return false
				}
				loc := warsaw
				if p := phone(f, c); len(p.Zones) > 0 && p.Zones[0] != zones[0] {
					loc, _ = time.LoadLocation(p.Zones[0])
				}
				return t.In(loc).Weekday() == time.Monday
			}},
		{`call.outcome == "rejected" && attempts.total >= 3 && attempts.today >= 1000`,
			func(f facts, c call, t now) bool {
				return c.Outcome == campaign.Rejected && f.Record.Attempts.Total >= 3 && today(f, c, t.In(warsaw)) >= 1000
			}},
		{`call.outcome in ["rejected", "busy"] && has(contact.country) && contact.country == "PL" && attempts.total >= 1000`,
			func(f facts, c call, _ now) bool {
				return (c.Outcome == campaign.Rejected || c.Outcome == campaign.LineBusy) &&
					f.Contact != nil && f.Contact.Country == "PL" && f.Record.Attempts.Total >= 1000
			}},
		{`call.outcome == "unknown" && now - record.created > duration("8760h")`,
			func(f facts, c call, t now) bool {
				return c.Outcome == campaign.Unknown && t.Sub(f.Record.Created) > 8760*time.Hour
			}},
		{`call.hangup_by == "network" && attempts.total >= 1000`,
			func(f facts, c call, _ now) bool { return c.HangupBy == "network" && f.Record.Attempts.Total >= 1000 }},
		{`call.sip_code == 603 && attempts.total >= 1000`,
			func(f facts, c call, _ now) bool { return c.SIPCode == 603 && f.Record.Attempts.Total >= 1000 }},
		{`call.amd == "machine" && call.talk < duration("5s") && attempts.total >= 1000`,
			func(f facts, c call, _ now) bool {
				return c.AMD == "machine" && c.Talk < 5*time.Second && f.Record.Attempts.Total >= 1000
			}},
		{`record.status == "done" && attempts.total >= 1000`,
			func(f facts, _ call, _ now) bool {
				return f.Record.Status == closedStatus && f.Record.Attempts.Total >= 1000
			}},
		{`record.qualifier == "progressive" && attempts.streak_no_contact >= 1000`,
			func(f facts, _ call, _ now) bool {
				return f.Record.Qualifier == status.Progressive && f.Record.Attempts.Unanswered >= 1000
			}},
		{`record.owner != "" && attempts.total >= 1000`,
			func(f facts, _ call, _ now) bool { return f.Record.Owner != "" && f.Record.Attempts.Total >= 1000 }},
		{`"gold" in record.tags && attempts.total >= 1000`,
			func(f facts, _ call, _ now) bool {
				return slices.Contains(f.Record.Tags, "gold") && f.Record.Attempts.Total >= 1000
			}},
		{`attempts.drop > 0 && attempts.conversations == 0 && attempts.total >= 1000`,
			func(f facts, _ call, _ now) bool {
				a := &f.Record.Attempts
				return a.ByOutcome[campaign.Drop] > 0 && a.Talks == 0 && a.Total >= 1000
			}},
		{`has(phone.country) && phone.country in ["US", "CA"] && attempts.total >= 1000`,
			func(f facts, c call, _ now) bool {
				p := phone(f, c)
				return p != nil && (p.Region == "US" || p.Region == "CA") && f.Record.Attempts.Total >= 1000
			}},
		{`(attempts.busy + attempts.no_answer) * 2 > attempts.total * 3 + 1000`,
			func(f facts, _ call, _ now) bool {
				a := &f.Record.Attempts
				return (int(a.ByOutcome[campaign.LineBusy])+int(a.ByOutcome[campaign.NoAnswer]))*2 > a.Total*3+1000
			}},
	}
}

// today counts the record's dials since midnight, this call among them.
func today(f *campaign.Facts, call *campaign.Call, now time.Time) int {
	y, m, d := now.Date()
	midnight := time.Date(y, m, d, 0, 0, 0, 0, now.Location())
	n := 0
	for _, c := range f.History {
		if c.Record == f.Record.ID && c.Campaign == f.Record.Campaign && c.Token != call.Token && c.Counted && !c.Dialed.Before(midnight) {
			n++
		}
	}
	if call.Counted && !call.Dialed.Before(midnight) {
		n++
	}
	return n
}

// dialWhen is the dial condition of the measured campaigns. It always holds.
func dialWhen() condition {
	return condition{`attempts.total < 1000`, func(f *campaign.Facts, _ *campaign.Call, _ time.Time) bool { return f.Record.Attempts.Total < 1000 }}
}

// byHand are the twenty and the dial condition in Go.
func byHand() campaign.RuleEngine {
	rules, dial := twenty(), dialWhen()
	return campaign.GoRules{
		Reads: campaign.Reads{Contact: true, Today: true}, // what the twenty read
		Holds: func(c *campaign.Condition, f *campaign.Facts, call *campaign.Call, now time.Time) (bool, error) {
			if c.Kind == campaign.DialWhen {
				return dial.holds(f, call, now), nil
			}
			return rules[int(c.Status[0]-'a')].holds(f, call, now), nil
		},
	}
}
