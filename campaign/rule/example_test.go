package rule_test

import (
	"fmt"
	"time"
	_ "time/tzdata"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/rule"
	"github.com/nextcall/nextcall/status"
)

// A rule sets a status after a call that reached nobody. The campaign is
// compiled with the engine, and the rest is done by Apply, or by the report of a
// dialer's Queue.
func ExampleEngine() {
	dict, err := status.New(
		status.Status{ID: "sold", Title: "Sold", Qualifier: status.SuccessClosed},
		status.Status{
			ID: "later", Title: "Busy again and again", Qualifier: status.Redial, Delay: status.Delay(6 * time.Hour),
			AutoSet: `call.outcome == "busy" && record.attempts >= 3`,
		})
	if err != nil {
		fmt.Println(err)
		return
	}
	spring, _, err := campaign.Compile(campaign.Config{
		ID: "spring", Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw", Statuses: []status.ID{"sold", "later"},
	}, dict, rule.Engine{})
	if err != nil {
		fmt.Println(err)
		return
	}

	// A record that was called twice is called once more, and the line is busy.
	dialed := time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)
	facts := campaign.Facts{
		Record: campaign.Record{
			ID: "eva", Campaign: "spring", Phones: []campaign.Phone{{Number: 48600100200}},
			Progress: campaign.Progress{Attempts: campaign.Counters{Total: 2, SinceReset: 2}},
		},
		Lease: campaign.Lease{Token: 7, Call: 7, Phase: campaign.Dialed, Number: 48600100200, At: dialed, Dialed: dialed, Until: dialed.Add(time.Minute)},
	}
	change, err := spring.Apply(&facts, campaign.Result{Outcome: campaign.LineBusy}, dialed.Add(10*time.Second))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(change.Answer.Status, change.Answer.Why, change.Answer.Due.Format(time.RFC3339))

	// Why it won, for people.
	set, _ := rule.Of(spring)
	facts.Record = *change.Record
	fmt.Println(set.ExplainCall(&facts, change.Call, dialed.Add(10*time.Second)).Reason)
	// Output:
	// later [auto-set rule] 2026-11-23T17:00:10Z
	// it holds, and is the first of the list
}

// What conditions can read, for an editor that completes what is typed.
func ExampleSet_Variables() {
	spring, _, err := campaign.Compile(campaign.Config{
		ID: "spring", Zone: "Europe/Warsaw", Condition: `is_workday()`,
		RecordTypes: []campaign.RecordType{{Name: "client", Fields: []campaign.Field{{Name: "balance", Type: campaign.Double}}}},
	}, nil, rule.Engine{})
	if err != nil {
		fmt.Println(err)
		return
	}
	set, _ := rule.Of(spring)
	for _, v := range set.Variables() {
		if v.Path == "now" || v.Path == "record.fields.balance" {
			fmt.Println(v.Path, v.Type, "optional:", v.Optional)
		}
	}
	// Output:
	// now timestamp optional: false
	// record.fields.balance double optional: true
}
