package scenarios

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/transfer"
)

// scenario18TransferWhileSomeAreLeased: a list goes to another campaign while five of
// its hundred records are being called.
func scenario18TransferWhileSomeAreLeased(t *testing.T, fresh opener) {
	d := sit(t, fresh, "2026-10-26 12:00", office("c", weekOnly), office("d", weekOnly))
	for i := range 100 {
		d.add("c", campaign.RecordID(fmt.Sprintf("r%02d", i)), fmt.Sprintf("+486001002%02d", i))
	}
	calls := d.askOn(d.Queue, dialer.Ask{Agent: "ann", Limit: 5, Start: true, Campaigns: []campaign.ID{"c"}}).Calls
	want.Len(t, calls, 5)
	bulk, err := transfer.New(d.store, func(context.Context) ([]*campaign.Campaign, error) { return d.loaded, nil })
	want.NoError(t, err)
	move := transfer.Move{Filter: campaign.Filter{Campaigns: []campaign.ID{"c"}}, To: "d",
		Set: campaign.Set{Status: "again", Actor: campaign.Actor{User: "sue", Agent: "sue"}, Operation: "to d"}}
	report, err := bulk.Run(ctx, move, d.clock, transfer.Options{Batch: 30})
	want.NoError(t, err)
	want.Equal(t, 95, report.Changed)
	want.Equal(t, 5, report.SkippedFor(transfer.InProgress))
	in := func(id campaign.ID) int {
		counts, err := d.store.Count(ctx, campaign.Filter{Campaigns: []campaign.ID{id}, At: d.clock}, campaign.ByNothing)
		want.NoError(t, err)
		return counts[""]
	}
	want.Equal(t, []int{5, 95}, []int{in("c"), in("d")})

	// Their calls go on as if nothing had been, and so do those of the others.
	d.later(time.Minute)
	for i, c := range calls {
		if i == 0 {
			d.say(c, campaign.Result{Outcome: campaign.Answered, Status: "dnc", Actor: campaign.Actor{Agent: "ann"}})
			continue
		}
		if i > 1 {
			d.end(c, campaign.NoAnswer)
		}
	}
	d.later(10 * time.Minute) // the call that nobody reported is over
	want.Empty(t, d.askOn(d.Queue, dialer.Ask{Agent: "ann", Limit: 100, Start: true, Campaigns: []campaign.ID{"c"}}).Calls)
	moved := d.askOn(d.Queue, dialer.Ask{Agent: "ann", Limit: 10, Start: true, Campaigns: []campaign.ID{"d"}}).Calls
	want.Len(t, moved, 10)

	// The same transfer once more brings those whose calls are over, and no other twice.
	report, err = bulk.Run(ctx, move, d.clock, transfer.Options{})
	want.NoError(t, err)
	want.Equal(t, 5, report.Changed)
	want.Equal(t, []int{0, 100}, []int{in("c"), in("d")})
	for _, c := range calls {
		ref := campaign.Ref{Campaign: "d", Record: c.Ref.Record}
		want.Len(t, d.calls(ref), 1, "its call has come along")
	}

	// Its report comes after all, and names it by where it was.
	_, err = d.Report(ctx, calls[1].Ref, campaign.Result{Outcome: campaign.Answered, Status: "dnc", Actor: campaign.Actor{Agent: "ann"}})
	lost := (*dialer.LeaseLostError)(nil)
	want.True(t, errors.As(err, &lost) && lost.Kept, "want a *LeaseLostError that says what was kept, got %v", err)
	ref := campaign.Ref{Campaign: "d", Record: calls[1].Ref.Record}
	want.Equal(t, campaign.Answered, d.calls(ref)[0].Outcome)
	want.Equal(t, campaign.ReasonBlacklisted, d.explain(ref).Blockers[0].Reason)
}
