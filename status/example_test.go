package status_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/status"
)

// A screen offers the inputs that the status asks for.
func ExampleStatus_Inputs() {
	s := status.Status{ID: "mine", Title: "I call back", Qualifier: status.OwnCallbackAt, Agent: "eva"}
	in := s.Inputs()
	fmt.Println("date and time:", in.Time, "required:", in.TimeRequired)
	fmt.Println("agent:", in.Agent, "required:", in.AgentRequired)
	// Output:
	// date and time: true required: true
	// agent: true required: false
}

// All mistakes are found at once.
func ExampleStatus_Check() {
	s := status.Status{ID: "later", Title: "Later", Color: "blue", Qualifier: status.CallbackAfter}
	fmt.Println(s.Check())
	s.Color, s.Delay = "#0000ff", status.Delay(2*time.Hour)
	fmt.Println(s.Check())
	// Output:
	// status "later": color "blue": a colour is written "#rrggbb", such as "#ff8800"
	// status "later": delay "0s": callback_after needs the delay after which to call back, or next_at
	// <nil>
}

// The table of qualifiers says what the engine does.
func ExampleQualifier_Effect() {
	q, err := status.ParseQualifier("own_callback_at")
	if err != nil {
		fmt.Println(err)
		return
	}
	e := q.Effect()
	fmt.Printf("%s: %s, next call: %s, owner: %s\n", e.Title, e.Standing, e.Next, e.Owner)

	_, err = status.ParseQualifier("OwnCallback")
	fmt.Println(err)
	// Output:
	// Own callback at a time: queued, next call: input, owner: set
	// status: "OwnCallback" is not a qualifier; did you mean "own_callback_at"?
}

// A dictionary starts with two statuses, and is stored as JSON.
func ExampleDictionary() {
	d := status.Default()
	year, err := blacklist.ParseExpiry("1 year")
	if err != nil {
		fmt.Println(err)
		return
	}
	err = d.Add(status.Status{
		ID: "refused", Title: "Refused", Qualifier: status.Closed,
		Blacklist: blacklist.Global, Expiry: year, Class: status.ClassRefusal,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range d.All() {
		fmt.Println(s.Title, "-", s.Qualifier)
	}
	last, _ := d.Get("refused")
	text, _ := json.Marshal(last)
	fmt.Println(string(text))
	// Output:
	// Call - redial
	// Do not call - closed
	// Refused - closed
	// {"id":"refused","title":"Refused","qualifier":"closed","blacklist":"global","expiry":"1 year","class":"refusal"}
}

// A change that would leave a mistake changes nothing.
func ExampleDictionary_Clone() {
	d := status.Default()
	fmt.Println(d.Clone("call", "call_later", "CALL"))
	fmt.Println(d.Clone("call", "call_later", "Call later"))
	fmt.Println(d.Len())
	// Output:
	// status "call_later": title "CALL": status "call" has this title too: people could not tell them apart
	// <nil>
	// 3
}
