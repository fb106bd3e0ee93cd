package scenarios

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/storetest/faultstore"
	"github.com/nextcall/nextcall/dialer"
)

func scenario13PausedWithRetriesAndCallbacksDue(t *testing.T, fresh opener) {
	cfg := office("c", weekOnly)
	d := sit(t, fresh, "2026-10-26 12:00", cfg)
	d.add("c", "retry", "+48600100200")
	d.end(d.dial("retry"), campaign.NoAnswer)
	d.add("c", "promised", "+48600100201")
	d.say(d.dial("promised"), campaign.Result{Outcome: campaign.Answered, Status: "cb", Input: campaign.Input{At: clock("2026-10-26 14:00")}})
	other := d.process("two")
	cfg.Revision, cfg.Paused = 2, true
	d.configure(d.Queue, cfg) // only one process is told
	d.at("2026-10-26 15:00")
	for range 3 {
		sel := d.askOn(other, dialer.Ask{Agent: "ann", Limit: 5, Start: true})
		want.Empty(t, sel.Calls, "the other process notices at once")
		want.Empty(t, d.ask("bob", 5).Calls)
	}
	cfg.Revision, cfg.Paused = 3, false
	d.configure(other, cfg)
	want.Equal(t, dialer.TierPublic, d.dial("promised").Tier)
	want.Equal(t, dialer.TierAgain, d.dial("retry").Tier)
}

func scenario14ParityWithAnEmptyCampaign(t *testing.T, fresh opener) {
	parity := map[campaign.ID]int{"a": 40, "b": 25, "c": 30, "d": 5}
	var cfgs []campaign.Config
	for _, id := range []campaign.ID{"a", "b", "c", "d"} {
		cfg := office(id, "always")
		cfg.Order, cfg.Parity = 1, parity[id]
		cfgs = append(cfgs, cfg)
	}
	d := sit(t, fresh, "2026-10-26 12:00", cfgs...)
	for _, id := range []campaign.ID{"a", "c", "d"} { // b has none
		for i := range 400 {
			d.add(id, campaign.RecordID(fmt.Sprint(id, i)), fmt.Sprintf("+4860%s%06d", map[campaign.ID]string{"a": "1", "c": "2", "d": "3"}[id], i))
		}
	}
	got := map[campaign.ID]int{}
	for n := 0; n < 600; {
		for _, c := range d.ask("ann", 1+n%7).Calls {
			got[c.Campaign]++
			n++
		}
	}
	total := got["a"] + got["c"] + got["d"]
	for _, id := range []campaign.ID{"a", "c", "d"} {
		share := float64(total) * float64(parity[id]) / 75
		want.InDelta(t, share, float64(got[id]), 2, "campaign %s of %d calls: %v", id, total, got)
	}
}

func scenario15TheClockJumps(t *testing.T, fresh opener) {
	cfg := office("c", "daily 08:00-21:00")
	cfg.Limits.Caps = []campaign.Cap{{Per: campaign.PerNumber, Max: 2, Days: 1}}
	d := sit(t, fresh, "2026-10-26 09:00", cfg)
	refs := map[campaign.RecordID]campaign.Ref{}
	for i := range 4 {
		id := campaign.RecordID(fmt.Sprint("r", i))
		refs[id] = d.add("c", id, fmt.Sprintf("+4860010020%d", i))
	}
	calls := map[campaign.RecordID]int{}
	serve := func() {
		for range 10 {
			for _, c := range d.ask("ann", 4).Calls {
				calls[c.Record.ID]++
				d.end(c, campaign.LineBusy)
			}
		}
	}
	serve()
	d.later(-2 * time.Hour) // back
	serve()
	for _, n := range calls {
		want.Equal(t, 1, n, "back in time nothing is due, and nothing lost")
	}
	d.later(2*time.Hour + 5*time.Hour) // asleep
	serve()
	serve()
	d.later(time.Hour)
	serve()
	for id := range refs {
		want.Equal(t, 2, calls[id], "no burst past the cap of a day: %v", calls)
	}
	d.at("2026-10-27 09:00")
	serve()
	for id := range refs {
		want.Equal(t, 3, calls[id], "the next day nothing is lost: %v", calls)
	}
}

// forgetful is a store from which records disappear.
type forgetful struct {
	campaign.Store
	gone campaign.RecordID
}

func (s *forgetful) Look(ctx context.Context, need campaign.Need, into *campaign.Looked, refs ...campaign.Ref) error {
	err := s.Store.Look(ctx, need, into, refs...)
	for i := range into.Facts {
		if refs[i].Record == s.gone {
			into.Facts[i] = campaign.Facts{}
		}
	}
	return err
}

func scenario16TheRecordIsGoneWhileItIsLeased(t *testing.T, fresh opener) {
	store := &forgetful{Store: fresh()}
	d := sitOn(t, store, "2026-10-26 12:00", office("c", weekOnly))
	d.add("c", "r", "+48600100200")
	d.add("c", "s", "+48600100201")
	c := d.dial("r")
	store.gone = "r"
	_, err := d.Report(ctx, c.Ref, campaign.Result{Outcome: campaign.Answered, Status: "dnc"})
	want.ErrorIs(t, err, campaign.ErrNotFound)
	_, err = d.Start(ctx, c.Ref, 0)
	want.ErrorIs(t, err, campaign.ErrNotFound)
	d.dial("s")
}

func scenario17AnUnknownOutcomeCode(t *testing.T, fresh opener) {
	d := sit(t, fresh, "2026-10-26 12:00", office("c", weekOnly))
	d.add("c", "r", "+48600100200")
	o, err := campaign.ParseOutcome("SIP 799")
	want.True(t, err != nil, "nobody knows SIP 799")
	answer := d.end(d.dial("r"), o)
	want.Equal(t, campaign.Unknown, answer.Outcome)
	want.Equal(t, d.clock.Add(time.Hour), answer.Due)
	want.Equal(t, 1, answer.Attempts)
	d.later(time.Hour)
	answer = d.end(d.dial("r"), campaign.Outcome(200))
	want.Equal(t, campaign.Unknown, answer.Outcome)
	want.NotEmpty(t, answer.Warnings)
}

func scenario19TheListIsExhausted(t *testing.T, fresh opener) {
	cfg := office("c", weekOnly)
	cfg.Limits.Attempts = 2
	d := sit(t, fresh, "2026-10-26 12:00", cfg)
	ref := d.add("c", "r", "+48600100200")
	d.nothingAfter(d.dial("r"), campaign.NoAnswer, clock("2026-10-26 13:00"))
	o, err := d.Outlook(ctx, "c", 3)
	want.NoError(t, err)
	want.Equal(t, clock("2026-10-26 13:00"), o.NextWake)
	want.Equal(t, []dialer.Hour{{From: d.clock}, {From: clock("2026-10-26 13:00"), Callable: 1}, {From: clock("2026-10-26 14:00"), Callable: 1}}, o.Forecast)
	d.at("2026-10-26 13:00")
	d.nothingAfter(d.dial("r"), campaign.NoAnswer, time.Time{})
	want.Equal(t, campaign.StateClosed, d.blocked(ref, campaign.ReasonClosed, campaign.ReasonLimit).State)
	o, err = d.Outlook(ctx, "c", 0)
	want.NoError(t, err)
	want.Zero(t, o.NextWake)
	want.Equal(t, 1, o.Blockers[campaign.ReasonClosed])
}

func (d *desk) nothingAfter(c dialer.Call, o campaign.Outcome, next time.Time) {
	d.t.Helper()
	d.end(c, o)
	d.nothing(next)
}

func scenario20TheStoreFailsOnEveryKthCall(t *testing.T, fresh opener) {
	for k := 2; k <= 9; k++ {
		seed := uint64(k % 2) // exactly every k-th, or scattered
		t.Run(fmt.Sprintf("one call in %d, seed %d", k, seed), func(t *testing.T) { failing(t, fresh(), k, seed) })
	}
}

// failing lets a campaign come to its end on a store that fails on one call in k:
// nothing is lost and nothing done twice.
func failing(t *testing.T, store campaign.Store, k int, seed uint64) {
	faults := faultstore.New(faultstore.Config{})
	cfg := office("c", "always")
	cfg.Limits.Attempts = 1
	d := sitOn(t, faults.Around(store), "2026-10-26 12:00", cfg)
	var refs []campaign.Ref
	for i := range 12 {
		refs = append(refs, d.add("c", campaign.RecordID(fmt.Sprint("r", i)), fmt.Sprintf("+486001002%02d", i)))
	}
	faults.Set(faultstore.Config{Every: k, Seed: seed})
	for range 30 {
		sel, err := d.Next(ctx, dialer.Ask{Agent: "ann", Limit: 3, Start: true})
		want.True(t, err == nil || errors.Is(err, faultstore.ErrInjected), "%v", err)
		for _, c := range sel.Calls {
			for try := 0; ; try++ {
				want.True(t, try < 20, "a report that never comes through")
				if _, err = d.Report(ctx, c.Ref, campaign.Result{Outcome: campaign.NoAnswer}); err == nil {
					break
				}
				want.ErrorIs(t, err, faultstore.ErrInjected)
			}
		}
		d.later(3 * time.Minute) // what nobody knows of runs out
	}
	want.NotEmpty(t, faults.Hits())
	faults.Set(faultstore.Config{})
	for range 30 { // it is well again: what is left comes to its end
		for _, c := range d.ask("ann", 3).Calls {
			d.end(c, campaign.NoAnswer)
		}
		d.later(3 * time.Minute)
	}
	for _, ref := range refs {
		e := d.explain(ref)
		want.Equal(t, campaign.StateClosed, e.State, "record %s: %v", ref.Record, e.Blockers)
		want.Equal(t, 1, e.Record.Attempts.Total, "record %s", ref.Record)
		want.Len(t, d.calls(ref), 1)
	}
}
