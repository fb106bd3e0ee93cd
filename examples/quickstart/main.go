// The smallest host: three records, one call, and why the others wait.
package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

func main() {
	ctx := context.Background()
	dict, err := status.New(
		status.Status{ID: "callback", Title: "Callback", Qualifier: status.CallbackAt},
		status.Status{ID: "sold", Title: "Sold", Qualifier: status.SuccessClosed})
	check(err)
	hours, err := campaign.ParseHours("mon-fri 09:00-20:00")
	check(err)
	spring, warnings, err := campaign.Compile(campaign.Config{
		ID: "spring", Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw", CalleeHours: hours,
		Statuses: []status.ID{"callback", "sold"}, Limits: campaign.Limits{Attempts: 6},
	}, dict, nil)
	check(err)
	fmt.Println("warnings:", len(warnings))

	now := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC) // a host leaves Now out: time.Now
	queue, err := dialer.New(ctx, memstore.New(), dialer.Static(spring), dialer.Config{Now: func() time.Time { return now }})
	check(err)
	_, err = queue.Add(ctx, dialer.Adding{Records: []campaign.Record{
		{ID: "eva", Campaign: "spring", Phones: []campaign.Phone{{Number: 48600100200}}},
		{ID: "sita", Campaign: "spring", Phones: []campaign.Phone{{Number: 9779812345678, Zones: []string{"Asia/Kathmandu"}}}},
		{ID: "tom", Campaign: "spring"},
	}})
	check(err)

	next, err := queue.Next(ctx, dialer.Ask{Agent: "ann"})
	check(err)
	call, err := queue.Start(ctx, next.Calls[0].Ref, 0) // dial call.Number.Number, then report
	check(err)
	now = now.Add(3 * time.Minute)
	answer, err := queue.Report(ctx, call.Ref, campaign.Result{
		Outcome: campaign.Answered, Status: "callback", Input: campaign.Input{Date: "2026-11-24", Hour: "10:30"}})
	check(err)
	fmt.Printf("called %s at %s, next call %s\n", call.Record.ID, call.Number.Number, answer.Due.Format(time.RFC3339))

	for _, id := range []campaign.RecordID{"eva", "sita", "tom"} {
		why, err := queue.Explain(ctx, campaign.Ref{Campaign: "spring", Record: id}, campaign.Asker{})
		check(err)
		fmt.Println(id, "is not called:", why.Blockers)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
