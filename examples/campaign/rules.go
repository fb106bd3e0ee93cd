package main

import (
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/status"
)

// unpromised is a part of every rule: while a callback stands, the campaign
// tries it again by its own policy, and no rule ends the promise.
const unpromised = `!(record.qualifier in ["callback_at", "callback_after", "own_callback_at"])`

// ruled are the statuses that rules set after calls that reached no agent. The
// first whose condition holds wins, so what matters more comes first.
func ruled(halfYear blacklist.Expiry) []status.Status {
	list := []status.Status{
		{
			ID: "turned_away", Title: "Rejected twice", Qualifier: status.Closed, Class: status.ClassRefusal,
			Blacklist: blacklist.Global, Expiry: halfYear,
			AutoSet: `call.outcome == "rejected" && count("rejected", duration("720h")) >= 2`,
		},
		{
			// Contacts of a file have no balance: a field without a value is not 0
			// by itself, the rule would fail.
			ID: "good_customer", Title: "Good customer's machine", Qualifier: status.CallbackAfter, Delay: status.Delay(2 * time.Hour),
			AutoSet: `call.outcome == "voicemail" && record.fields.?balance.orValue(0) > 5000`,
		},
		{
			// Whoever once picked up and heard nobody is called with an agent
			// reserved until somebody has talked to them.
			ID: "owed_a_talk", Title: "Reached after a drop", Qualifier: status.Progressive, Delay: status.Delay(time.Hour),
			AutoSet: `attempts.drop > 0 && attempts.conversations == 0 && call.outcome in ["no_answer", "busy", "voicemail"]`,
		},
		{
			// From 17:00 to 21:00, that is 08:00 to 12:00 on the next day, where the
			// person is.
			ID: "out_tonight", Title: "Machine in the evening", Qualifier: status.Redial, NextAt: `now + period("1 day") - duration("9h")`,
			AutoSet: `call.outcome == "voicemail" && time_between("17:00", "21:00")`,
		},
		{
			ID: "line_busy", Title: "Busy three times", Qualifier: status.Redial, Delay: status.Delay(6 * time.Hour),
			AutoSet: `call.outcome == "busy" && attempts.busy >= 3`,
		},
		{
			// Numbers are called in turn, so three in a row that end at the third
			// number or later are three numbers.
			ID: "hard_to_reach", Title: "No answer at three numbers", Qualifier: status.EndOfQueue, Delay: status.Delay(20 * time.Hour),
			AutoSet: `call.outcome == "no_answer" && phone.index >= 3 && streak("no_answer") >= 3`,
		},
	}
	for i := range list {
		list[i].AutoSet += " && " + unpromised
		list[i].Hidden = true
	}
	return list
}
