package modeltest

import (
	"errors"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// lead is the record type of the campaign with rules; its field "code" is what
// the conditions read.
const lead = "lead"

const (
	codeReason   = 1  // the field "reason" is required
	codePast     = 2  // whether it is fails; a computed next call has passed
	codeNo       = 13 // the dial condition does not hold
	codeInvalid  = 70 // the code is not valid
	codeUnsure   = 71 // whether it is fails
	codeBroken   = 99 // dial condition, rank and computed next call fail
	computedSpan = 5 * time.Hour
)

// calc is a status that people choose in the campaign with rules only: it
// computes its next call, and demands what is required.
var calc = status.Status{ID: "calc", Title: "As computed", Qualifier: status.CallbackAt, NextAt: "by the code", Validate: true}

// ruled are statuses that no person sets, in the order in which they decide.
var ruled = []status.Status{
	{ID: "r-broken", Title: "A rule that fails", Qualifier: status.Closed, AutoSet: "always an error"},
	{ID: "r-refused", Title: "Refused", Qualifier: status.Closed, Blacklist: shop, Expiry: twoHours, AutoSet: "rejected"},
	{ID: "r-mail", Title: "Write to a voicemail", Qualifier: status.SendMail, Template: "sorry", AutoSet: "voicemail"},
	{ID: "r-later", Title: "Later, on even numbers", Qualifier: status.CallbackAfter, Delay: status.Delay(3 * time.Hour), AutoSet: "no answer, even"},
	{ID: "r-unknown", Title: "Nobody knows, on odd numbers", Qualifier: status.Redial, Delay: status.Delay(90 * time.Minute), AutoSet: "unknown, odd"},
	{ID: "r-evening", Title: "Busy, on even numbers", Qualifier: status.CallbackAt, NextAt: "by the code", AutoSet: "busy, even"},
	{ID: "r-also", Title: "Never the first", Qualifier: status.Redial, AutoSet: "rejected or voicemail"},
	{ID: "r-broken2", Title: "Another rule that fails", Qualifier: status.Closed, AutoSet: "always an error"},
}

// rulings are the statuses whose rules hold for a call with an outcome: the first
// is set.
func rulings(o campaign.Outcome, n blacklist.Number) []status.ID {
	switch {
	case o == campaign.Rejected:
		return []status.ID{"r-refused", "r-also"}
	case o == campaign.Voicemail:
		return []status.ID{"r-mail", "r-also"}
	case o == campaign.NoAnswer && n%2 == 0:
		return []status.ID{"r-later"}
	case o == campaign.Unknown && n%2 == 1:
		return []status.ID{"r-unknown"}
	case o == campaign.LineBusy && n%2 == 0:
		return []status.ID{"r-evening"}
	}
	return nil
}

var errRule = errors.New("modeltest: the rule fails on purpose")

// ruleBook is the rules engine of a campaign.
var ruleBook = campaign.GoRules{Reads: campaign.Reads{Contact: true, Today: true}, Holds: holds, Number: ranking, Time: computing}

func codeOf(f *campaign.Facts) int64 {
	code, _ := f.Record.Fields["code"].(int64)
	return code
}

func holds(c *campaign.Condition, f *campaign.Facts, call *campaign.Call, _ time.Time) (bool, error) {
	code := codeOf(f)
	switch c.Kind {
	case campaign.DialWhen:
		return code != codeNo, failing(code == codeBroken)
	case campaign.Required:
		return code == codeReason, failing(code == codePast)
	case campaign.ValidWhen:
		return code != codeInvalid, failing(code == codeUnsure)
	}
	return slices.Contains(rulings(call.Outcome, call.Number), c.Status), failing(c.Status == "r-broken" || c.Status == "r-broken2")
}

func failing(fails bool) error {
	if fails {
		return errRule
	}
	return nil
}

// ranking is 10.4 less four times the code.
func ranking(_ *campaign.Condition, f *campaign.Facts, _ time.Time) (float64, error) {
	code := codeOf(f)
	return 10.4 - 4*float64(code), failing(code == codeBroken)
}

// ranks are what the model wants of it: rounded, and at least 1.
var ranks = map[int64]int64{0: 10, codeReason: 6, codePast: 2, codeNo: 1, codeBroken: 1 << 16}

func computing(_ *campaign.Condition, f *campaign.Facts, _ *campaign.Call, now time.Time) (time.Time, error) {
	code := codeOf(f)
	if code == codePast {
		return now.Add(-time.Hour), nil
	}
	return now.Add(computedSpan), failing(code == codeBroken)
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
