package scenarios

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/storetest/faultstore"
	"github.com/nextcall/nextcall/dialer"
)

// The scenarios that every release replays, by their numbers in the list of
// invariants. 2026-10-23 is a Friday.

const weekOnly = "mon-fri 09:00-21:00"

func scenario01FridayEveningsRetryWaitsForMonday(t *testing.T, fresh opener) {
	for _, tc := range []struct {
		name  string
		retry campaign.Retry
		due   time.Time // as it is stored
		call  string    // when it is called
	}{
		{"wall time: due an hour later, called at Monday's opening", campaign.Retry{}, clock("2026-10-23 21:30"), "2026-10-26 09:00"},
		{"wall time, moved into the hours", campaign.Retry{IntoHours: true}, clock("2026-10-26 09:00"), "2026-10-26 09:00"},
		{"open hours: half an hour passes on Friday, the rest on Monday", campaign.Retry{OpenHours: true}, clock("2026-10-26 09:30"), "2026-10-26 09:30"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cfg := office("c", weekOnly)
			cfg.Retry = tc.retry
			d := sit(t, fresh, "2026-10-23 20:30", cfg)
			d.add("c", "r", "+48600100200")
			answer := d.end(d.dial("r"), campaign.NoAnswer)
			want.Equal(t, tc.due, answer.Due)
			for _, closed := range []string{"2026-10-23 20:59", "2026-10-23 21:30", "2026-10-24 03:00", "2026-10-24 12:00", "2026-10-25 12:00", "2026-10-26 03:00"} {
				d.at(closed)
				d.nothing(clock(tc.call))
			}
			d.clock = clock(tc.call).Add(-time.Microsecond)
			d.nothing(clock(tc.call))
			d.at(tc.call)
			d.dial("r")
		})
	}
}

func scenario02OnlyWednesdayIsClosed(t *testing.T, fresh opener) {
	for _, open := range []bool{false, true} {
		cfg := office("c", "mon-tue 09:00-21:00; thu-sun 09:00-21:00")
		cfg.Retry.OpenHours = open
		d := sit(t, fresh, "2026-10-27 20:30", cfg) // a Tuesday
		d.add("c", "r", "+48600100200")
		d.end(d.dial("r"), campaign.NoAnswer)
		call := "2026-10-29 09:00"
		if open {
			call = "2026-10-29 09:30"
		}
		d.at("2026-10-28 12:00")
		d.nothing(clock(call))
		d.at(call)
		d.dial("r")
	}
}

func scenario03TheWholeWeekIsClosed(t *testing.T, fresh opener) {
	d := sit(t, fresh, "2026-10-23 12:00", office("c", "never"))
	ref := d.add("c", "r", "+48600100200")
	d.nothing(time.Time{})
	e := d.blocked(ref, campaign.ReasonHours)
	want.Zero(t, e.Blockers[0].Until)
	want.Zero(t, e.Earliest)
	o, err := d.Outlook(ctx, "c", 24)
	want.NoError(t, err)
	want.Equal(t, map[campaign.Reason]int{campaign.ReasonHours: 1}, o.Blockers)
	want.Zero(t, o.NextWake)
}

func scenario04ACallbackThatNobodyWasFreeForComesFirstInTheMorning(t *testing.T, fresh opener) {
	d := sit(t, fresh, "2026-10-26 12:00", office("c", "daily 09:00-21:00"))
	d.add("c", "promised", "+48600100200")
	d.say(d.dial("promised"), campaign.Result{Outcome: campaign.Answered, Status: "cb", Input: campaign.Input{At: clock("2026-10-26 20:59")}})
	d.add("c", "fresh", "+48600100201")
	d.at("2026-10-26 21:00")
	d.nothing(clock("2026-10-27 09:00"))
	d.at("2026-10-27 09:00")
	want.Equal(t, dialer.TierPublic, d.dial("promised").Tier)
}

func scenario05Crashes(t *testing.T, fresh opener) {
	t.Run("between claim and dial: the offer becomes a skip", func(t *testing.T) {
		d := sit(t, fresh, "2026-10-26 12:00", office("c", weekOnly))
		ref := d.add("c", "r", "+48600100200")
		want.Len(t, d.askOn(d.process("that crashes"), dialer.Ask{Agent: "bob"}).Calls, 1)
		d.later(30*time.Second - time.Microsecond)
		want.Empty(t, d.ask("ann", 1).Calls)
		d.later(time.Microsecond)
		sel := d.ask("ann", 1)
		want.Equal(t, 1, sel.Settled)
		want.Empty(t, sel.Calls)
		e := d.blocked(ref, campaign.ReasonSkipped)
		want.Zero(t, e.Record.Attempts.Total)
		want.Equal(t, d.clock.Add(10*time.Minute), e.Earliest)
		d.later(10 * time.Minute)
		d.dial("r")
	})
	t.Run("between dial and report: unknown, an attempt, not at once", func(t *testing.T) {
		d := sit(t, fresh, "2026-10-26 12:00", office("c", weekOnly))
		ref := d.add("c", "r", "+48600100200")
		want.Len(t, d.askOn(d.process("that crashes"), dialer.Ask{Agent: "bob", Start: true}).Calls, 1)
		d.later(2 * time.Minute)
		sel := d.ask("ann", 1)
		want.Equal(t, 1, sel.Settled)
		want.Empty(t, sel.Calls)
		e := d.explain(ref)
		want.Equal(t, 1, e.Record.Attempts.Total)
		want.Equal(t, campaign.Unknown, e.Record.LastOutcome)
		want.Equal(t, d.clock.Add(time.Hour), e.Record.Due)
	})
	t.Run("between report and commit: written once, whichever way", func(t *testing.T) {
		for _, written := range []bool{false, true} {
			faults := faultstore.New(faultstore.Config{})
			d := sitOn(t, faults.Around(fresh()), "2026-10-26 12:00", office("c", weekOnly))
			ref := d.add("c", "r", "+48600100200")
			c := d.dial("r")
			kind := faultstore.Before
			if written {
				kind = faultstore.After
			}
			faults.Next(1, faultstore.Commit, kind)
			_, err := d.Report(ctx, c.Ref, campaign.Result{Outcome: campaign.Answered, Status: "dnc"})
			want.ErrorIs(t, err, faultstore.ErrInjected)
			again := d.process("after the crash")
			first, err := again.Report(ctx, c.Ref, campaign.Result{Outcome: campaign.Answered, Status: "dnc"})
			want.NoError(t, err)
			second, err := again.Report(ctx, c.Ref, campaign.Result{Outcome: campaign.NoAnswer})
			want.NoError(t, err)
			want.Equal(t, first, second)
			want.Equal(t, 1, d.explain(ref).Record.Attempts.Total)
			want.Len(t, first.Listed, 1)
		}
	})
}

func scenario06TwoProcessesSelectAtOnce(t *testing.T, fresh opener) {
	d := sit(t, fresh, "2026-10-26 12:00", office("c", weekOnly))
	for i := range 6 {
		d.add("c", campaign.RecordID(rune('a'+i)), "+4860010020"+string(rune('0'+i/2))) // two records a number
	}
	other := d.process("two")
	seen := map[blacklist.Number]campaign.RecordID{}
	for range 3 {
		for _, q := range []*dialer.Queue{d.Queue, other} {
			for _, c := range d.askOn(q, dialer.Ask{Reserved: true, Limit: 2}).Calls {
				want.Empty(t, seen[c.Number.Number], "number %v is given out twice", c.Number.Number)
				seen[c.Number.Number] = c.Record.ID
			}
		}
	}
	want.Len(t, seen, 3)
}

func scenario07OneNumberTwoSpellingsTwoCampaigns(t *testing.T, fresh opener) {
	d := sit(t, fresh, "2026-10-26 12:00", office("c", weekOnly), office("d", weekOnly))
	d.add("c", "main", "+48 600-100-200")
	alt := d.add("d", "alternate", "+48600100201", "0048600100200")
	other := d.add("d", "other", "+48.600.100.200")
	c := d.dial("main")
	e := d.blocked(other, campaign.ReasonInUse)
	want.Equal(t, num("+48600100200"), e.Blockers[0].Number)
	// The alternate record has another number, which is free.
	want.True(t, d.explain(alt).Callable)
	got := d.ask("bob", 5).Calls
	want.Len(t, got, 1)
	want.Equal(t, num("+48600100201"), got[0].Number.Number)
	_, err := d.Take(ctx, dialer.Taking{Ref: other, Actor: campaign.Actor{Agent: "cid"}})
	want.True(t, err != nil, "a record whose number is in use is not taken")
	d.end(c, campaign.NoAnswer)
	want.True(t, d.explain(other).Callable, "without a gap the number is free again")
}

func scenario08Blacklisted(t *testing.T, fresh opener) {
	n := "+48600100200"
	list := func(d *desk, until time.Time) {
		want.NoError(t, d.List(ctx, blacklist.Entry{Number: num("00 48 600-100-200"), List: blacklist.Global, Until: until}))
	}
	t.Run("while it is queued", func(t *testing.T) {
		d := sit(t, fresh, "2026-10-26 12:00", office("c", weekOnly))
		ref := d.add("c", "r", n)
		list(d, time.Time{})
		d.nothing(time.Time{})
		d.blocked(ref, campaign.ReasonBlacklisted)
	})
	t.Run("while it is leased: it is not started", func(t *testing.T) {
		d := sit(t, fresh, "2026-10-26 12:00", office("c", weekOnly))
		d.add("c", "r", n)
		c := d.askOn(d.Queue, dialer.Ask{Agent: "ann"}).Calls[0]
		list(d, time.Time{})
		_, err := d.Start(ctx, c.Ref, 0)
		var blocked *dialer.BlockedError
		want.True(t, errors.As(err, &blocked), "a *dialer.BlockedError, not %v", err)
		want.Equal(t, campaign.ReasonBlacklisted, blocked.Blockers[0].Reason)
	})
	t.Run("while a callback waits, and to the microsecond until it is free", func(t *testing.T) {
		d := sit(t, fresh, "2026-10-26 12:00", office("c", weekOnly))
		d.add("c", "r", n)
		d.say(d.dial("r"), campaign.Result{Outcome: campaign.Answered, Status: "own", Input: campaign.Input{At: clock("2026-10-26 14:00"), Agent: "ann"}})
		free := clock("2026-10-26 15:07:03.000001")
		list(d, free)
		d.at("2026-10-26 14:00")
		d.nothing(free)
		d.clock = free.Add(-time.Microsecond)
		d.nothing(free)
		d.clock = free
		want.Equal(t, dialer.TierOwn, d.dial("r").Tier)
	})
	t.Run("taken off the list by hand: at once", func(t *testing.T) {
		d := sit(t, fresh, "2026-10-26 12:00", office("c", weekOnly))
		d.add("c", "r", n)
		list(d, time.Time{})
		d.nothing(time.Time{})
		want.NoError(t, d.Unlist(ctx, blacklist.Key{List: blacklist.Global, Number: num(n)}))
		d.dial("r")
	})
}

func scenario09TheCapHoldsInAnyOrderOfOutcomes(t *testing.T, fresh opener) {
	outcomes := []campaign.Outcome{campaign.LineBusy, campaign.NoAnswer, campaign.Voicemail, campaign.Rejected}
	cfg := office("c", "always")
	cfg.Limits.Attempts = 3
	d := sit(t, fresh, "2026-10-26 12:00", cfg)
	var refs []campaign.Ref
	mixes := map[campaign.RecordID]int{}
	for mix := range 256 { // every sequence of four outcomes
		id := campaign.RecordID(fmt.Sprint("r", mix))
		mixes[id] = mix
		refs = append(refs, d.add("c", id, fmt.Sprintf("+48600100%03d", mix)))
	}
	calls := map[campaign.RecordID]int{}
	for range 40 {
		for _, c := range d.ask("ann", 256).Calls {
			d.end(c, outcomes[mixes[c.Record.ID]>>(2*(calls[c.Record.ID]%4))&3])
			calls[c.Record.ID]++
		}
		d.later(time.Hour)
	}
	for _, ref := range refs {
		want.Equal(t, 3, calls[ref.Record], "record %s", ref.Record)
		d.blocked(ref, campaign.ReasonClosed, campaign.ReasonLimit)
	}
}

func scenario10LimitOneIsExactlyOneCall(t *testing.T, fresh opener) {
	cfg := office("c", "always")
	cfg.Limits.Attempts = 1
	d := sit(t, fresh, "2026-10-26 12:00", cfg)
	d.add("c", "r", "+48600100200", "+48600100201")
	answer := d.end(d.dial("r"), campaign.LineBusy)
	want.True(t, answer.Has(campaign.WhyAttemptLimit))
	for range 100 {
		d.later(time.Hour)
		want.Empty(t, d.ask("ann", 5).Calls)
	}
}
