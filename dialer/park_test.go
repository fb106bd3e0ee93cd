package dialer_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
)

func gap(min time.Duration) func(*campaign.Config) {
	return func(c *campaign.Config) {
		c.Limits.Gaps = []campaign.Gap{{Per: campaign.PerRecord, Min: campaign.Delay(min)}}
	}
}

func limit(l campaign.Cap) func(*campaign.Config) {
	return func(c *campaign.Config) { c.Limits.Caps = []campaign.Cap{l} }
}

// reason is the first reason of the only record that a selection skipped.
func reason(t *testing.T, sel dialer.Selection) campaign.Reason {
	t.Helper()
	require.Len(t, sel.Skipped, 1)
	return sel.Skipped[0].Blockers[0].Reason
}

func TestANumberInUseIsLookedAtAgainAfterThirtySecondsAtMost(t *testing.T) {
	h := open(t, conf("a"), conf("b"))
	h.add(record("a", "one", 7), record("b", "two", 7))
	first := h.one(dialer.Ask{Campaigns: []campaign.ID{"a"}, Start: true}) // for two minutes
	inB := dialer.Ask{Campaigns: []campaign.ID{"b"}}
	sel := h.none(inB)
	assert.Equal(t, campaign.ReasonInUse, reason(t, sel))
	assert.Equal(t, in(30*time.Second), sel.NextDue)

	assert.Empty(t, h.none(inB).Skipped, "it is parked, and not looked at")
	h.wait(30 * time.Second)
	assert.Equal(t, campaign.ReasonInUse, reason(t, h.none(inB)))
	h.report(first, campaign.Result{Outcome: campaign.LineBusy})
	h.wait(30 * time.Second)
	assert.Equal(t, []string{"5:two"}, h.order(inB))
}

func TestAContactInUseParksItsOtherRecords(t *testing.T) {
	h := open(t, conf("a"), conf("b"))
	person := func(r *campaign.Record) { r.Contact = "jan" }
	h.add(record("a", "one", 1, person), record("b", "two", 2, person))
	call := h.one(dialer.Ask{Campaigns: []campaign.ID{"a"}})
	sel := h.none(dialer.Ask{Campaigns: []campaign.ID{"b"}})
	assert.Equal(t, campaign.ReasonInUse, reason(t, sel))
	assert.Equal(t, call.Lease.Until, sel.NextDue, "until the other lease ends, if that is sooner")
}

func TestAGapParksUntilItHasPassed(t *testing.T) {
	h := open(t, conf("sales", gap(3*time.Hour)))
	h.add(record("sales", "a", 1))
	h.called("sales", "a", campaign.NoAnswer)
	h.wait(time.Hour)
	sel := h.none(engine)
	assert.Equal(t, campaign.ReasonGap, reason(t, sel))
	assert.Equal(t, in(3*time.Hour), sel.NextDue)
	h.at(in(3*time.Hour - time.Microsecond))
	h.none(engine)
	h.at(in(3 * time.Hour))
	assert.Equal(t, []string{"6:a"}, h.order(engine))
}

func TestADailyLimitParksUntilMidnightOfTheCampaign(t *testing.T) {
	h := open(t, conf("sales", limit(campaign.Cap{Per: campaign.PerNumber, Max: 1, Days: 1})))
	h.add(record("sales", "a", 1))
	h.called("sales", "a", campaign.NoAnswer)
	h.wait(time.Hour)
	sel := h.none(engine)
	assert.Equal(t, campaign.ReasonLimit, reason(t, sel))
	midnight := time.Date(2026, 3, 2, 23, 0, 0, 0, time.UTC)
	assert.Equal(t, midnight, sel.NextDue)
	h.at(midnight)
	assert.Equal(t, []string{"6:a"}, h.order(engine))
}

func TestARollingLimitParksUntilTheWindowFrees(t *testing.T) {
	h := open(t, conf("sales", limit(campaign.Cap{Per: campaign.PerRecord, Max: 2, Within: campaign.Delay(24 * time.Hour)})))
	h.add(record("sales", "a", 1))
	h.called("sales", "a", campaign.NoAnswer)
	h.wait(2 * time.Hour)
	h.called("sales", "a", campaign.NoAnswer)
	h.wait(2 * time.Hour)
	sel := h.none(engine)
	assert.Equal(t, campaign.ReasonLimit, reason(t, sel))
	assert.Equal(t, in(24*time.Hour), sel.NextDue, "the first of the two leaves the window")
	h.at(in(24 * time.Hour))
	assert.Equal(t, []string{"6:a"}, h.order(engine))
}

// rows: D11, D12, D18
func TestABlacklistedNumberIsParkedUntilItsEntryEnds(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "week", 1), record("sales", "ever", 2))
	until := in(6*24*time.Hour + time.Microsecond)
	h.list(1, until)
	h.list(2, time.Time{})
	sel := h.none(dialer.Ask{Limit: 5})
	require.Len(t, sel.Skipped, 2)
	assert.Equal(t, until, sel.NextDue)
	assert.Equal(t, blacklist.Global, sel.Skipped[0].Blockers[0].Entry.List)

	h.at(until.Add(-time.Microsecond))
	h.none(engine)
	h.at(until)
	assert.Equal(t, []string{"5:week"}, h.order(engine), "free again exactly at its expiry")
	assert.Zero(t, h.none(dialer.Ask{Limit: 5}).NextDue, "no time frees the other")

	h.unlist(2)
	assert.Equal(t, []string{"5:ever"}, h.order(engine), "removal by hand wakes it at once")
}

// rows: D18
func TestARemovalIsNotLostWhenItMeetsAPark(t *testing.T) {
	for name, ask := range map[string]dialer.Ask{"at the ask": {}, "of many": {Limit: 3}} {
		t.Run(name, func(t *testing.T) {
			h := open(t, conf("sales"))
			h.add(record("sales", "a", 1))
			h.list(1, time.Time{})
			done := h.meddle(func(c campaign.Change) bool {
				return c.Record != nil && c.Record.Park.Reason == campaign.ReasonBlacklisted
			}, func() { h.unlist(1) })
			h.next(ask)
			require.True(t, *done)
			assert.True(t, h.record("sales", "a").Park.Until.IsZero())
		})
	}
	t.Run("at the start", func(t *testing.T) {
		h := open(t, conf("sales"))
		h.add(record("sales", "a", 1))
		call := h.one(engine)
		h.list(1, time.Time{})
		done := h.meddle(func(c campaign.Change) bool { return c.Record != nil }, func() { h.unlist(1) })
		_, err := h.q.Start(ctx, call.Ref, 0)
		as[*dialer.BlockedError](t, err)
		require.True(t, *done)
		assert.Equal(t, []string{"5:a"}, h.order(engine))
	})
}

func TestARemovalNamesTheNumbersToWake(t *testing.T) {
	h := open(t, conf("sales"))
	var wake []blacklist.Number
	h.meddle(func(c campaign.Change) bool { wake = append(wake, c.Wake...); return false }, nil)
	h.unlist(1)
	assert.Equal(t, []blacklist.Number{number(1)}, wake, "for stores that do not find them by themselves")
}

// register is a blacklist of the test's own.
type register struct {
	entries map[blacklist.Number]blacklist.Entry
	err     error
	asked   int
}

func (r *register) Check(_ context.Context, q blacklist.Query) ([]blacklist.Answer, error) {
	r.asked++
	if r.err != nil {
		return nil, r.err
	}
	var answers []blacklist.Answer
	for _, n := range q.Numbers {
		if e, ok := r.entries[n]; ok && e.Blocks(q.Now) {
			answers = append(answers, blacklist.Answer{Number: n, Listed: true, Entry: e})
		}
	}
	return answers, nil
}

func withRegister(t *testing.T, r *register, cfgs ...campaign.Config) *house {
	return openWith(t, dialer.Config{Checkers: []blacklist.Named{{Name: "register", Checker: r}}}, cfgs...)
}

func TestANumberListedElsewhereIsAskedAboutAgainAfterADay(t *testing.T) {
	r := &register{entries: map[blacklist.Number]blacklist.Entry{
		number(1): {Number: number(1), List: "register"},
		number(2): {Number: number(2), List: "register", Until: in(2 * time.Hour)},
	}}
	h := withRegister(t, r, conf("sales"))
	h.add(record("sales", "ever", 1), record("sales", "soon", 2))
	sel := h.none(dialer.Ask{Limit: 2})
	require.Len(t, sel.Skipped, 2)
	assert.Equal(t, "register", sel.Skipped[0].Blockers[0].Checker)
	assert.Equal(t, in(2*time.Hour), sel.NextDue)
	h.wait(2 * time.Hour)
	assert.Equal(t, []string{"5:soon"}, h.order(engine))
	delete(r.entries, number(1)) // nobody tells us
	h.at(in(24*time.Hour - time.Second))
	h.next(engine)
	h.none(dialer.Ask{Limit: 2})
	h.at(in(24 * time.Hour))
	assert.Contains(t, h.order(dialer.Ask{Limit: 2}), "5:ever")
}

func TestAFailingCheckerParksNothingAndEndsTheAsk(t *testing.T) {
	r := &register{err: errors.New("line down")}
	h := withRegister(t, r, conf("sales"))
	h.add(record("sales", "a", 1), record("sales", "b", 2), record("sales", "c", 3))
	sel := h.none(dialer.Ask{Limit: 2})
	assert.Equal(t, in(5*time.Second), sel.NextDue)
	require.NotEmpty(t, sel.Skipped)
	b := sel.Skipped[0].Blockers[0]
	assert.Equal(t, campaign.ReasonChecker, b.Reason)
	assert.Equal(t, "register", b.Checker)
	assert.Contains(t, b.Detail, "line down")
	assert.Equal(t, 1, r.asked, "it is not asked again and again")
	for _, id := range []string{"a", "b", "c"} {
		e := h.explain("sales", id, campaign.Asker{})
		assert.Zero(t, e.Record.Park.Until)
		assert.Zero(t, e.Lease.Token)
	}
	r.err = nil
	assert.Equal(t, []string{"5:a", "5:b", "5:c"}, h.order(engine), "and in the order that they had")
}

// failing is a store whose own lists cannot be read.
type failing struct{ campaign.Store }

func (failing) Check(context.Context, blacklist.Query) ([]blacklist.Answer, error) {
	return nil, errors.New("disk full")
}

func TestAStoreThatCannotReadItsListsMeansNotCallable(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	call := h.one(engine)
	h.store = failing{h.store}
	h.q = h.queue(dialer.Config{CheckerRetry: time.Minute})
	_, err := h.q.Start(ctx, call.Ref, 0)
	assert.Equal(t, []campaign.Reason{campaign.ReasonChecker}, reasons(as[*dialer.BlockedError](t, err).Blockers))
	require.NoError(t, h.q.Release(ctx, call.Ref))
	sel := h.none(engine)
	assert.Equal(t, campaign.ReasonChecker, reason(t, sel))
	assert.Equal(t, in(time.Minute), sel.NextDue, "the host may say how long to wait")
}

func TestNobodyIsCalledOutsideTheirHours(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) { c.CalleeHours = hours(t, "mon-fri 08:00-20:00") }))
	h.add(record("sales", "tokyo", 1, func(r *campaign.Record) { r.Phones[0].Zones = []string{"Asia/Tokyo"} }),
		record("sales", "new york", 2, func(r *campaign.Record) { r.Phones[0].Zones = []string{"America/New_York"} }))
	// 10:00 in Warsaw is 18:00 in Tokyo and 04:00 in New York.
	assert.Equal(t, []string{"5:tokyo"}, h.order(engine))
	opening := time.Date(2026, 3, 2, 13, 0, 0, 0, time.UTC)
	assert.Equal(t, opening, h.none(engine).NextDue)
	e := h.explain("sales", "new york", campaign.Asker{})
	assert.Equal(t, campaign.ReasonHours, e.Blockers[0].Reason)
	assert.Equal(t, opening, e.Earliest)
	h.at(opening.Add(-time.Microsecond))
	assert.NotContains(t, h.order(engine), "5:new york")
	h.at(opening)
	assert.Equal(t, []string{"5:new york"}, h.order(engine))
}

func TestARecordWithoutZoneIsNeverCalled(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) { c.CalleeZone = "" }))
	h.add(record("sales", "lost", 1), campaign.Record{ID: "phoneless", Campaign: "sales"})
	sel := h.none(dialer.Ask{Limit: 5})
	assert.Zero(t, sel.NextDue)
	assert.Equal(t, []campaign.Reason{campaign.ReasonZone}, reasons(h.explain("sales", "lost", campaign.Asker{}).Blockers))
	assert.Equal(t, []campaign.Reason{campaign.ReasonNoNumber}, reasons(h.explain("sales", "phoneless", campaign.Asker{}).Blockers))

	_, err := h.q.Edit(ctx, ref("sales", "lost"), campaign.Edit{Phones: []campaign.Phone{{Number: number(1), Zones: []string{warsaw}}}})
	require.NoError(t, err)
	assert.Equal(t, []string{"5:lost"}, h.order(engine))
}

// condition is a dial condition of the test's own.
type condition struct{ ok bool }

func (c *condition) engine() campaign.RuleEngine {
	return campaign.GoRules{Holds: func(x *campaign.Condition, _ *campaign.Facts, _ *campaign.Call, _ time.Time) (bool, error) {
		return x.Kind == campaign.DialWhen && c.ok, nil
	}}
}

func TestADialConditionParksForAQuarterOfAnHourAtMost(t *testing.T) {
	rules := &condition{}
	h := &house{t: t, clock: &clock{t: monday}, rules: rules.engine()}
	h.store = open(t).store
	h.cfgs = []campaign.Config{conf("sales", func(c *campaign.Config) { c.Condition = "weather == 'fine'" })}
	h.q = h.queue(dialer.Config{})
	h.add(record("sales", "a", 1))
	sel := h.none(engine)
	assert.Equal(t, campaign.ReasonCondition, reason(t, sel))
	assert.Contains(t, sel.Skipped[0].Blockers[0].Detail, "weather")
	assert.Equal(t, in(15*time.Minute), sel.NextDue)
	rules.ok = true
	h.none(engine)
	h.wait(15 * time.Minute)
	assert.Equal(t, []string{"5:a"}, h.order(engine))
}

func TestAnEditWakesWhatWaitsForConsent(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) { c.RequireConsent = true }))
	h.add(record("sales", "a", 1))
	sel := h.none(engine)
	assert.Equal(t, campaign.ReasonConsent, reason(t, sel))
	assert.Equal(t, in(15*time.Minute), sel.NextDue)
	yes := true
	_, err := h.q.Edit(ctx, ref("sales", "a"), campaign.Edit{Consent: &yes, Actor: boss})
	require.NoError(t, err)
	assert.Equal(t, []string{"5:a"}, h.order(engine))
}

func TestANewRevisionWakesAllThatWasParked(t *testing.T) {
	h := open(t, conf("sales", gap(48*time.Hour)))
	h.fill(3, "sales")
	for _, id := range []string{"sales-0", "sales-1", "sales-2"} {
		h.called("sales", id, campaign.NoAnswer)
	}
	h.wait(2 * time.Hour)
	assert.Len(t, h.none(dialer.Ask{Limit: 9}).Skipped, 3)
	assert.Empty(t, h.none(dialer.Ask{Limit: 9}).Skipped)
	h.configure("sales", func(c *campaign.Config) { c.Limits.Gaps = nil })
	require.NoError(t, h.q.Reload(ctx))
	assert.Len(t, h.order(engine), 3)
}

func TestASkipOutlivesAChangeOfConfiguration(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	call := h.one(agent("ann"))
	_, err := h.q.Skip(ctx, call.Ref, campaign.Actor{Agent: "ann"})
	require.NoError(t, err)
	h.configure("sales", func(c *campaign.Config) { c.Order = 5 })
	require.NoError(t, h.q.Reload(ctx))
	sel := h.none(agent("bob"))
	assert.Equal(t, campaign.ReasonSkipped, reason(t, sel))
	assert.Equal(t, in(10*time.Minute), sel.NextDue)
	h.wait(10 * time.Minute)
	assert.Equal(t, []string{"5:a"}, h.order(agent("bob")))
}

func TestOneAskParksNoMoreThanItMay(t *testing.T) {
	h := open(t, conf("sales"))
	h.fill(30, "sales")
	for i := range 29 {
		require.NoError(t, h.q.List(ctx, blacklist.Entry{Number: h.record("sales", "sales-0").Phones[0].Number + blacklist.Number(i), List: blacklist.Global}))
	}
	parked := 0
	for _, limit := range []int{1, 10, 100} {
		sel := h.none(dialer.Ask{Limit: limit, MaxParks: 5})
		assert.Len(t, sel.Skipped, 5, "asked for %d", limit)
		assert.Equal(t, h.now(), sel.NextDue, "there is more: ask again")
		parked += len(sel.Skipped)
	}
	for parked < 29 {
		sel := h.next(dialer.Ask{MaxParks: 5})
		parked += len(sel.Skipped)
		if len(sel.Calls) > 0 {
			assert.Equal(t, []string{"sales-29"}, ids(sel))
			break
		}
	}
	assert.Equal(t, 29, parked)
}
