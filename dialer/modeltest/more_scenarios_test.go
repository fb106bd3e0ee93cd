package modeltest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
)

var errFlaky = errors.New("the store is away")

// flaky fails writes: the next n-th one, or every n-th, before or after it is done.
type flaky struct {
	campaign.Store
	every, next, n int
	after          bool
}

func (s *flaky) fail(next int, after bool) { s.n, s.next, s.after = 0, next, after }

func (s *flaky) write(do func() error) error {
	s.n++
	if s.n != s.next && (s.every == 0 || s.n%s.every != 0) {
		return do()
	}
	if s.every > 0 {
		s.after = !s.after
	}
	if s.after {
		if err := do(); err != nil {
			return err
		}
	}
	return errFlaky
}

func (s *flaky) Claim(ctx context.Context, q campaign.Claim, into *campaign.Claimed) error {
	return s.write(func() error { return s.Store.Claim(ctx, q, into) })
}

func (s *flaky) Commit(ctx context.Context, changes ...campaign.Change) (errs []error, err error) {
	err = s.write(func() (err error) {
		errs, err = s.Store.Commit(ctx, changes...)
		return err
	})
	return errs, err
}

// History passes the optional ability on.
func (s *flaky) History(ctx context.Context, ref campaign.Ref) ([]campaign.Entry, []*campaign.Call, error) {
	return s.Store.(campaign.HistoryStore).History(ctx, ref)
}

func TestScenario13PausedWithRetriesAndCallbacksDue(t *testing.T) {
	onEveryStore(t, scenario13PausedWithRetriesAndCallbacksDue)
}

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
		require.Empty(t, sel.Calls, "the other process notices at once")
		require.Empty(t, d.ask("bob", 5).Calls)
	}
	cfg.Revision, cfg.Paused = 3, false
	d.configure(other, cfg)
	require.Equal(t, dialer.TierPublic, d.dial("promised").Tier)
	require.Equal(t, dialer.TierAgain, d.dial("retry").Tier)
}

func TestScenario14ParityWithAnEmptyCampaign(t *testing.T) {
	onEveryStore(t, scenario14ParityWithAnEmptyCampaign)
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
		want := float64(total) * float64(parity[id]) / 75
		require.InDelta(t, want, float64(got[id]), 2, "campaign %s of %d calls: %v", id, total, got)
	}
}

func TestScenario15TheClockJumps(t *testing.T) { onEveryStore(t, scenario15TheClockJumps) }

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
		require.Equal(t, 1, n, "back in time nothing is due, and nothing lost")
	}
	d.later(2*time.Hour + 5*time.Hour) // asleep
	serve()
	serve()
	d.later(time.Hour)
	serve()
	for id := range refs {
		require.Equal(t, 2, calls[id], "no burst past the cap of a day: %v", calls)
	}
	d.at("2026-10-27 09:00")
	serve()
	for id := range refs {
		require.Equal(t, 3, calls[id], "the next day nothing is lost: %v", calls)
	}
}

func TestScenario16TheRecordIsGoneWhileItIsLeased(t *testing.T) {
	onEveryStore(t, scenario16TheRecordIsGoneWhileItIsLeased)
}

func scenario16TheRecordIsGoneWhileItIsLeased(t *testing.T, fresh opener) {
	gone := map[campaign.RecordID]bool{}
	store := &broken{Store: fresh(), facts: func(_ *broken, ref campaign.Ref, f *campaign.Facts) {
		if gone[ref.Record] {
			*f = campaign.Facts{}
		}
	}}
	d := sitOn(t, store, "2026-10-26 12:00", office("c", weekOnly))
	d.add("c", "r", "+48600100200")
	d.add("c", "s", "+48600100201")
	c := d.dial("r")
	gone["r"] = true
	_, err := d.Report(ctx, c.Ref, campaign.Result{Outcome: campaign.Answered, Status: "dnc"})
	require.ErrorIs(t, err, campaign.ErrNotFound)
	_, err = d.Start(ctx, c.Ref, 0)
	require.ErrorIs(t, err, campaign.ErrNotFound)
	d.dial("s")
}

func TestScenario17AnUnknownOutcomeCode(t *testing.T) {
	onEveryStore(t, scenario17AnUnknownOutcomeCode)
}

func scenario17AnUnknownOutcomeCode(t *testing.T, fresh opener) {
	d := sit(t, fresh, "2026-10-26 12:00", office("c", weekOnly))
	d.add("c", "r", "+48600100200")
	o, err := campaign.ParseOutcome("SIP 799")
	require.Error(t, err)
	answer := d.end(d.dial("r"), o)
	require.Equal(t, campaign.Unknown, answer.Outcome)
	require.Equal(t, d.clock.Add(time.Hour), answer.Due)
	require.Equal(t, 1, answer.Attempts)
	d.later(time.Hour)
	answer = d.end(d.dial("r"), campaign.Outcome(200))
	require.Equal(t, campaign.Unknown, answer.Outcome)
	require.NotEmpty(t, answer.Warnings)
}

func TestScenario19TheListIsExhausted(t *testing.T) { onEveryStore(t, scenario19TheListIsExhausted) }

func scenario19TheListIsExhausted(t *testing.T, fresh opener) {
	cfg := office("c", weekOnly)
	cfg.Limits.Attempts = 2
	d := sit(t, fresh, "2026-10-26 12:00", cfg)
	ref := d.add("c", "r", "+48600100200")
	d.nothingAfter(d.dial("r"), campaign.NoAnswer, clock("2026-10-26 13:00"))
	o, err := d.Outlook(ctx, "c", 3)
	require.NoError(t, err)
	require.Equal(t, clock("2026-10-26 13:00"), o.NextWake)
	require.Equal(t, []dialer.Hour{{From: d.clock}, {From: clock("2026-10-26 13:00"), Callable: 1}, {From: clock("2026-10-26 14:00"), Callable: 1}}, o.Forecast)
	d.at("2026-10-26 13:00")
	d.nothingAfter(d.dial("r"), campaign.NoAnswer, time.Time{})
	require.Equal(t, campaign.StateClosed, d.blocked(ref, campaign.ReasonClosed, campaign.ReasonLimit).State)
	o, err = d.Outlook(ctx, "c", 0)
	require.NoError(t, err)
	require.Zero(t, o.NextWake)
	require.Equal(t, 1, o.Blockers[campaign.ReasonClosed])
}

func (d *desk) nothingAfter(c dialer.Call, o campaign.Outcome, next time.Time) {
	d.t.Helper()
	d.end(c, o)
	d.nothing(next)
}

func TestScenario20TheStoreFailsOnEveryKthWrite(t *testing.T) {
	onEveryStore(t, scenario20TheStoreFailsOnEveryKthWrite)
}

func scenario20TheStoreFailsOnEveryKthWrite(t *testing.T, fresh opener) {
	for k := 2; k <= 9; k++ {
		store := &flaky{Store: fresh()}
		cfg := office("c", "always")
		cfg.Limits.Attempts = 1
		d := sitOn(t, store, "2026-10-26 12:00", cfg)
		var refs []campaign.Ref
		for i := range 12 {
			refs = append(refs, d.add("c", campaign.RecordID(fmt.Sprint("r", i)), fmt.Sprintf("+486001002%02d", i)))
		}
		store.every = k
		for range 60 {
			sel, err := d.Next(ctx, dialer.Ask{Agent: "ann", Limit: 3, Start: true})
			require.True(t, err == nil || errors.Is(err, errFlaky), err)
			for _, c := range sel.Calls {
				for try := 0; ; try++ {
					require.Less(t, try, 5)
					if _, err = d.Report(ctx, c.Ref, campaign.Result{Outcome: campaign.NoAnswer}); err == nil {
						break
					}
					require.ErrorIs(t, err, errFlaky)
				}
			}
			d.later(3 * time.Minute) // what nobody knows of runs out
		}
		store.every = 0
		for range 60 { // it is well again: what is left comes to its end
			for _, c := range d.ask("ann", 3).Calls {
				d.end(c, campaign.NoAnswer)
			}
			d.later(3 * time.Minute)
		}
		for _, ref := range refs {
			e := d.explain(ref)
			require.Equal(t, campaign.StateClosed, e.State, "k=%d record %s: %v", k, ref.Record, e.Blockers)
			require.Equal(t, 1, e.Record.Attempts.Total, "k=%d record %s", k, ref.Record)
			require.Len(t, e.Calls, 1)
		}
	}
}
