package modeltest

import (
	"errors"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// lead is the record type of the campaign with rules; its field "code" is what
// the dial condition reads.
const lead = "lead"

const (
	codeNo     = 13 // the dial condition does not hold
	codeBroken = 99 // the dial condition fails
)

// ruled are statuses that no person sets, in the order in which they decide.
var ruled = []status.Status{
	{ID: "r-broken", Title: "A rule that fails", Qualifier: status.Closed, AutoSet: "always an error"},
	{ID: "r-refused", Title: "Refused", Qualifier: status.Closed, Blacklist: shop, Expiry: twoHours, AutoSet: "rejected"},
	{ID: "r-mail", Title: "Write to a voicemail", Qualifier: status.SendMail, Template: "sorry", AutoSet: "voicemail"},
	{ID: "r-later", Title: "Later, on even numbers", Qualifier: status.CallbackAfter, Delay: status.Delay(3 * time.Hour), AutoSet: "no answer, even"},
	{ID: "r-unknown", Title: "Nobody knows, on odd numbers", Qualifier: status.Redial, Delay: status.Delay(90 * time.Minute), AutoSet: "unknown, odd"},
}

// ruling is the status that the rules give a call with an outcome; "" none.
func ruling(o campaign.Outcome, n blacklist.Number) status.ID {
	switch {
	case o == campaign.Rejected:
		return "r-refused"
	case o == campaign.Voicemail:
		return "r-mail"
	case o == campaign.NoAnswer && n%2 == 0:
		return "r-later"
	case o == campaign.Unknown && n%2 == 1:
		return "r-unknown"
	}
	return ""
}

var errRule = errors.New("modeltest: the rule fails on purpose")

// ruleBook is the rules engine of a campaign.
var ruleBook = campaign.GoRules{Reads: campaign.Reads{Contact: true, Today: true}, Holds: holds}

func holds(c *campaign.Condition, f *campaign.Facts, call *campaign.Call, _ time.Time) (bool, error) {
	if c.Kind == campaign.DialWhen {
		code, _ := f.Record.Fields["code"].(int64)
		if code == codeBroken {
			return false, errRule
		}
		return code != codeNo, nil
	}
	if c.Status == "r-broken" {
		return false, errRule
	}
	return ruling(call.Outcome, call.Number) == c.Status, nil
}

// holiday gives a campaign its holidays, and the model the same.
func (s *settings) holiday(c *campaign.Config, id campaign.ID) {
	switch id {
	case alpha:
		c.Holidays = map[string]campaign.Holidays{"": {Dates: []string{"2026-10-26", "11-11"}}}
		s.days = map[string]holidays{"": {"2026-10-26": true, "2026-11-11": true}}
	case delta:
		c.Holidays = map[string]campaign.Holidays{"": {Dates: []string{"2026-10-24"}}, "PL": {Country: "PL"}, "X": {Dates: []string{"10-25", "2026-10-26"}}}
		s.days = map[string]holidays{"": {"2026-10-24": true}, "X": {"2026-10-25": true, "2026-10-26": true},
			"PL": {"2026-11-01": true, "2026-11-11": true, "2026-12-24": true, "2026-12-25": true, "2026-12-26": true}}
	}
}
