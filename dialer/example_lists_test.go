package dialer_test

import (
	"context"
	"fmt"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

// A campaign's records came in batches: of fresh ones, two in three calls go to
// the new batch, and nobody of an old one is called.
func ExampleQueue_Next_lists() {
	ctx := context.Background()
	spring, _, err := campaign.Compile(campaign.Config{
		ID: "spring", Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw", Statuses: []status.ID{"call", "do-not-call"},
		Lists: []campaign.List{
			{Name: "new", Weight: 2, Until: "2026-03-31"},
			{Name: "fair", Weight: 1},
			{Name: "old", Off: true},
		},
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
	var records []campaign.Record
	for _, list := range []string{"old", "fair", "new"} {
		for i := range 4 {
			records = append(records, campaign.Record{
				ID: campaign.RecordID(fmt.Sprint(list, "-", i)), Campaign: "spring", List: list,
				Phones: []campaign.Phone{{Number: blacklist.Number(48600100200 + len(records))}},
			})
		}
	}
	if _, err := queue.Add(ctx, dialer.Adding{Records: records}); err != nil {
		fmt.Println(err)
		return
	}
	for range 6 {
		selection, err := queue.Next(ctx, dialer.Ask{Agent: "ann"})
		if err != nil || len(selection.Calls) == 0 {
			fmt.Println("nothing to call", err)
			return
		}
		fmt.Println("call", selection.Calls[0].Record.ID)
	}
	e, err := queue.Explain(ctx, campaign.Ref{Campaign: "spring", Record: "old-0"}, campaign.Asker{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("old-0:", e.Blockers[0])
	// Output:
	// call new-0
	// call fair-0
	// call new-1
	// call new-2
	// call fair-1
	// call new-3
	// old-0: list closed: list "old" is off
}
