package rule_test

import (
	"fmt"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/rule"
)

// An editor checks a condition while somebody writes it.
func ExampleEngine_Checker() {
	checker, err := rule.Engine{}.Checker(campaign.Config{ID: "spring", Zone: "Europe/Warsaw"}, nil)
	if err != nil {
		panic(err)
	}
	for _, p := range checker.Check(campaign.Condition{Kind: campaign.AutoSet, Text: `call.outcome == "bussy" && record.attempts >= 3`}) {
		fmt.Println(p)
	}
	for _, p := range checker.Check(campaign.Condition{Kind: campaign.DialWhen, Text: `since(record.last_call) > duration("48h")`}) {
		fmt.Println(p)
	}
	// Output:
	// column 17: "bussy" is not a value of call.outcome: did you mean "busy"?
	//     call.outcome == "bussy" && record.attempts >= 3
	//                     ^^^^^^^
	// column 7: record.last_call is absent when never called, and then the condition fails: write has(record.last_call) && …
	//     since(record.last_call) > duration("48h")
	//           ^^^^^^^^^^^^^^^^
}
