package campaign_test

import (
	"fmt"
	"time"
	_ "time/tzdata"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// exampleCampaign calls people in Warsaw, Monday to Friday.
func exampleCampaign() (*campaign.Campaign, error) {
	halfYear, err := blacklist.ParseExpiry("6 months")
	if err != nil {
		return nil, err
	}
	dict, err := status.New(
		status.Status{ID: "sold", Title: "Sold", Qualifier: status.SuccessClosed},
		status.Status{ID: "never", Title: "Do not call", Qualifier: status.Closed, Blacklist: blacklist.Global, Expiry: halfYear},
	)
	if err != nil {
		return nil, err
	}
	hours, err := campaign.ParseHours("mon-fri 09:00-20:00")
	if err != nil {
		return nil, err
	}
	c, _, err := campaign.Compile(campaign.Config{
		ID: "spring", Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw", CalleeHours: hours,
		Statuses: []status.ID{"sold", "never"}, Limits: campaign.Limits{Attempts: 6},
	}, dict, nil)
	return c, err
}

// All mistakes of a configuration are found at once, each with its place. What
// is allowed but looks wrong is a warning.
func ExampleCompile() {
	dict, err := status.New(status.Status{ID: "sold", Title: "Sold", Qualifier: status.SuccessClosed})
	if err != nil {
		fmt.Println(err)
		return
	}
	cfg := campaign.Config{ID: "spring", Zone: "Warsaw", Statuses: []status.ID{"slod"}, Limits: campaign.Limits{Attempts: -1}}
	_, _, err = campaign.Compile(cfg, dict, nil)
	fmt.Println(err)

	cfg.Zone, cfg.Statuses, cfg.Limits.Attempts = "Europe/Warsaw", []status.ID{"sold"}, 0
	_, warnings, err := campaign.Compile(cfg, dict, nil)
	fmt.Println("mistakes:", err)
	for _, w := range warnings {
		fmt.Println("warning:", w)
	}
	// Output:
	// zone "Warsaw": want an IANA zone such as "Europe/Warsaw"
	// statuses[0] "slod": no such status in the dictionary or among the campaign's own
	// limits.attempts "-1": want 0 to 1000000
	// mistakes: <nil>
	// warning: callee_hours: people may be called at every hour of day and night
	// warning: callee_zone: numbers without a zone of their own are never called
	// warning: limits: records are called again without end: set limits.attempts, limits.unanswered, limits.number_attempts or a cap without a window
}

// A host with a queue of its own asks before it dials. It brings what it knows
// of the record: here its log has no call yet, and no list names its number.
func ExampleCampaign_Eligible() {
	c, err := exampleCampaign()
	if err != nil {
		fmt.Println(err)
		return
	}
	sunday := time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)
	added, err := c.Admit(campaign.Record{
		ID: "eva", Campaign: "spring", Phones: []campaign.Phone{{Number: 48600100200}},
	}, campaign.Actor{User: "import"}, sunday)
	if err != nil {
		fmt.Println(err)
		return
	}
	facts := campaign.Facts{Record: *added.Record}

	_, blockers := c.Eligible(&facts, campaign.Asker{Agent: "ann"}, sunday, nil)
	fmt.Println(blockers)
	monday := blockers[0].Until
	phone, blockers := c.Eligible(&facts, campaign.Asker{Agent: "ann"}, monday, nil)
	fmt.Println(facts.Record.Phones[phone].Number, len(blockers))
	// Output:
	// [outside calling hours: Europe/Warsaw until 2026-11-23T08:00:00Z]
	// +48600100200 0
}

// A host with a queue of its own makes a lease when it dials, and writes down
// everything that follows from the result.
func ExampleCampaign_Apply() {
	c, err := exampleCampaign()
	if err != nil {
		fmt.Println(err)
		return
	}
	dialed := time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)
	added, err := c.Admit(campaign.Record{
		ID: "eva", Campaign: "spring", Phones: []campaign.Phone{{Number: 48600100200}},
	}, campaign.Actor{User: "import"}, dialed.Add(-time.Hour))
	if err != nil {
		fmt.Println(err)
		return
	}
	const token = 7 // the host's own: larger than all before, kept with the record while it is called
	facts := campaign.Facts{
		Record: *added.Record,
		Lease: campaign.Lease{
			Token: token, Call: token, Agent: "ann", Phase: campaign.Dialed, Number: 48600100200,
			At: dialed, Dialed: dialed, Until: dialed.Add(c.DialTTL()),
		},
	}
	change, err := c.Apply(&facts, campaign.Result{
		Outcome: campaign.Answered, Status: "never", Talk: 20 * time.Second,
		Actor: campaign.Actor{User: "ann", Agent: "ann"},
	}, dialed.Add(30*time.Second))
	if err != nil {
		fmt.Println(err)
		return
	}
	// In one transaction: the record, the call, and the entries.
	fmt.Println("record:", change.Record.Standing, "attempts:", change.Record.Attempts.Total)
	fmt.Println("call:", change.Call.Number, change.Call.Outcome)
	for _, e := range change.List {
		fmt.Println("blacklist:", e.Number, "until", e.Until.Format(time.DateOnly))
	}
	// Output:
	// record: closed attempts: 1
	// call: +48600100200 answered
	// blacklist: +48600100200 until 2027-05-23
}

// Conditions in Go, for a host that has no rules engine.
func ExampleRules() {
	dict, err := status.New(status.Status{
		ID: "machine", Title: "Answering machine", Qualifier: status.EndOfQueue, Hidden: true,
		AutoSet: `call.outcome == "voicemail"`, // the text is for people here: goRules decides
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	c, _, err := campaign.Compile(campaign.Config{ID: "spring", Zone: "Europe/Warsaw", Statuses: []status.ID{"machine"}}, dict, goRules)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range c.Statuses() {
		fmt.Println(s.ID, "is set by rule")
	}
	// Output: machine is set by rule
}

var goRules = campaign.GoRules{Holds: func(c *campaign.Condition, _ *campaign.Facts, call *campaign.Call, _ time.Time) (bool, error) {
	if c.Status == "machine" {
		return call.Outcome == campaign.Voicemail, nil
	}
	return false, fmt.Errorf("no rule for status %q", c.Status)
}}

// People paste numbers and ids into one field, with whatever is between them.
func ExampleTerms() {
	for _, term := range campaign.Terms("+48 600100200\t+48600100200\n  A-17\u00a0A-17 ", blacklist.ParseNumber) {
		fmt.Printf("id %q, number %d\n", term.ID, term.Number)
	}
	// Output:
	// id "+48", number 0
	// id "600100200", number 0
	// id "+48600100200", number 48600100200
	// id "A-17", number 0
}
