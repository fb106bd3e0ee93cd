package sim_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/dialer/sim"
	"github.com/nextcall/nextcall/status"
)

// One agent calls a hundred people for a day. Every third dial is answered.
func Example() {
	ctx := context.Background()
	dict, err := status.New(status.Status{ID: "sold", Title: "Sold", Qualifier: status.SuccessClosed})
	if err != nil {
		fmt.Println(err)
		return
	}
	c, _, err := campaign.Compile(campaign.Config{
		ID: "spring", Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw", Statuses: []status.ID{"sold"},
		Limits: campaign.Limits{Attempts: 4},
	}, dict, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	clock := sim.NewClock(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
	store := memstore.New()
	queue, err := dialer.New(ctx, store, dialer.Static(c), dialer.Config{Now: clock.Now})
	if err != nil {
		fmt.Println(err)
		return
	}
	records := make([]campaign.Record, 100)
	for i := range records {
		records[i] = campaign.Record{
			ID: campaign.RecordID(fmt.Sprint(i)), Campaign: "spring",
			Phones: []campaign.Phone{{Number: blacklist.Number(48600000000 + i)}},
		}
	}
	if _, err := queue.Add(ctx, dialer.Adding{Records: records}); err != nil {
		fmt.Println(err)
		return
	}
	people := func(c *sim.Call, rng *rand.Rand) sim.Answer {
		if c.Dial%3 == 0 {
			return sim.Answer{Outcome: campaign.Answered, Ring: 5 * time.Second, Talk: 2 * time.Minute, Status: "sold"}
		}
		return sim.Answer{Outcome: campaign.NoAnswer, Ring: 20 * time.Second}
	}
	report, err := sim.Run(ctx, sim.Config{
		Queue: queue, Store: store, Clock: clock, Until: clock.Now().Add(8 * time.Hour),
		Agents: []sim.Agent{{ID: "ann", WrapUp: 10 * time.Second}}, Model: sim.ModelFunc(people), Seed: 1,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range report.Results {
		fmt.Println(r.Outcome, r.Status, r.Qualifier, r.Calls)
	}
	fmt.Println(report.Standings, "attempts", report.Attempts)
	// Output:
	// answered sold success_closed 100
	// no_answer  redial 200
	// map[closed:100] attempts [0 0 0 100]
}
