package dialer_test

import (
	"context"
	"fmt"
	"time"
	_ "time/tzdata"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

// A queue offers a record, dials it, and takes what came of the call.
func ExampleQueue() {
	ctx := context.Background()
	hours, err := campaign.ParseHours("mon-fri 09:00-18:00")
	if err != nil {
		fmt.Println(err)
		return
	}
	spring, _, err := campaign.Compile(campaign.Config{
		ID: "spring", Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw",
		CalleeHours: hours,
		Limits:      campaign.Limits{Attempts: 5},
		Statuses:    []status.ID{"call", "do-not-call"},
	}, dictionary(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) // 10:00 in Warsaw
	queue, err := dialer.New(ctx, memstore.New(), dialer.Static(spring), dialer.Config{Now: func() time.Time { return now }})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = queue.Add(ctx, dialer.Adding{Records: []campaign.Record{
		{ID: "jan", Campaign: "spring", Phones: []campaign.Phone{{Number: 48600100200}}},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}

	// An agent is free.
	selection, err := queue.Next(ctx, dialer.Ask{Agent: "ann"})
	if err != nil || len(selection.Calls) == 0 {
		fmt.Println("nothing to call", err)
		return
	}
	call, err := queue.Start(ctx, selection.Calls[0].Ref, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("dial", call.Number.Number)

	// Nobody answered.
	now = now.Add(30 * time.Second)
	answer, err := queue.Report(ctx, call.Ref, campaign.Result{Outcome: campaign.NoAnswer})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("attempt", answer.Attempts, "next call", answer.Due.Format(time.RFC3339))

	selection, err = queue.Next(ctx, dialer.Ask{Agent: "ann"})
	fmt.Println(len(selection.Calls), "calls, ask again at", selection.NextDue.Format(time.RFC3339), err)
	// Output:
	// dial +48600100200
	// attempt 1 next call 2026-03-02T10:00:30Z
	// 0 calls, ask again at 2026-03-02T10:00:30Z <nil>
}

// Explain answers why nobody calls a record.
func ExampleQueue_Explain() {
	ctx := context.Background()
	spring, _, err := campaign.Compile(campaign.Config{
		ID: "spring", Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw", RequireConsent: true,
		Start: "2026-03-09", Statuses: []status.ID{"call", "do-not-call"},
	}, dictionary(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	queue, err := dialer.New(ctx, memstore.New(), dialer.Static(spring), dialer.Config{Now: func() time.Time { return now }})
	if err != nil {
		fmt.Println(err)
		return
	}
	jan := campaign.Record{ID: "jan", Campaign: "spring", Phones: []campaign.Phone{{Number: 48600100200}}}
	if _, err := queue.Add(ctx, dialer.Adding{Records: []campaign.Record{jan}}); err != nil {
		fmt.Println(err)
		return
	}
	explain := func() {
		e, err := queue.Explain(ctx, campaign.Ref{Campaign: "spring", Record: "jan"}, campaign.Asker{})
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, b := range e.Blockers {
			fmt.Println("-", b)
		}
		if !e.Earliest.IsZero() {
			fmt.Println("callable from", e.Earliest.Format(time.RFC3339))
		}
	}
	explain()
	consent := true
	if _, err := queue.Edit(ctx, campaign.Ref{Campaign: "spring", Record: "jan"}, campaign.Edit{Consent: &consent}); err != nil {
		fmt.Println(err)
	}
	explain()
	// Output:
	// - campaign inactive: not started until 2026-03-08T23:00:00Z
	// - no consent: the campaign demands consent
	// - campaign inactive: not started until 2026-03-08T23:00:00Z
	// callable from 2026-03-08T23:00:00Z
}

// dictionary has a status to call again and one to never do so.
func dictionary() *status.Dictionary {
	d, err := status.New(
		status.Status{ID: "call", Title: "Call", Qualifier: status.Redial},
		status.Status{ID: "do-not-call", Title: "Do not call", Qualifier: status.Closed},
	)
	if err != nil {
		panic(err)
	}
	return d
}
