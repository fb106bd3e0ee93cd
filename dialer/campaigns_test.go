package dialer_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
)

func rank(n int) func(*campaign.Config)   { return func(c *campaign.Config) { c.Order = n } }
func weight(n int) func(*campaign.Config) { return func(c *campaign.Config) { c.Parity = n } }
func paused(c *campaign.Config)           { c.Paused = true }

func TestAPausedCampaignGivesNothing(t *testing.T) {
	h := open(t, conf("sales", paused))
	h.add(record("sales", "fresh", 1), record("sales", "promise", 2))
	h.mine("sales", "promise", "ann", monday)
	h.wait(time.Hour)
	sel := h.none(agent("ann"))
	assert.Zero(t, sel.NextDue, "nobody knows when it goes on")
	e := h.explain("sales", "promise", campaign.Asker{Agent: "ann"})
	assert.Equal(t, []campaign.Reason{campaign.ReasonInactive}, reasons(e.Blockers))
	assert.Zero(t, e.Earliest)
}

func TestACampaignRunsFromItsFirstToItsLastDayInItsZone(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) { c.Start, c.End = "2026-03-03", "2026-03-04" }))
	h.add(record("sales", "a", 1))
	first := time.Date(2026, 3, 2, 23, 0, 0, 0, time.UTC)  // midnight in Warsaw
	behind := time.Date(2026, 3, 4, 23, 0, 0, 0, time.UTC) // the day after the last begins
	assert.Equal(t, first, h.none(engine).NextDue)
	h.at(first.Add(-time.Microsecond))
	h.none(engine)
	for _, at := range []time.Time{first, behind.Add(-time.Microsecond)} {
		h.at(at)
		call := h.one(engine)
		require.NoError(t, h.q.Release(ctx, call.Ref))
	}
	h.at(behind)
	assert.Zero(t, h.none(engine).NextDue)
}

func TestACampaignRestsOutsideItsWorkingHours(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) { c.Hours = hours(t, "mon 08:00-18:00; wed 10:00-12:00") }))
	h.add(record("sales", "a", 1))
	h.at(clockTime(18, 0))
	sel := h.none(engine)
	wednesday := clockTime(48+10, 0)
	assert.Equal(t, wednesday, sel.NextDue)
	h.at(clockTime(17, 59))
	assert.Equal(t, []string{"5:a"}, h.order(engine))
}

func TestNextDueIsWhenCampaignAndPersonAreBothThere(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) {
		c.Hours = hours(t, "mon-fri 08:00-18:00")
		c.CalleeHours = hours(t, "mon-sun 16:00-20:00")
	}))
	h.add(record("sales", "a", 1))
	h.set("sales", "a", "back", campaign.Input{At: clockTime(19, 0)}) // the campaign is closed then
	assert.Equal(t, clockTime(24+16, 0), h.none(engine).NextDue)
	e := h.explain("sales", "a", campaign.Asker{})
	assert.Equal(t, clockTime(24+16, 0), e.Earliest, "as Explain says")
}

func TestCampaignsAreServedByOrder(t *testing.T) {
	h := open(t, conf("unset"), conf("third", rank(30)), conf("first", rank(1)), conf("second", rank(2)))
	for i, id := range []campaign.ID{"unset", "third", "first", "second"} {
		h.add(record(id, "of-"+string(id), i))
	}
	assert.Equal(t, []string{"5:of-first", "5:of-second", "5:of-third", "5:of-unset"}, h.order(engine), "0 is unset and comes last")
}

func TestAnAskGetsOnlyTheCampaignsItNames(t *testing.T) {
	h := open(t, conf("a"), conf("b"), conf("c", func(c *campaign.Config) { c.Agents = []campaign.AgentID{"cid"} }))
	h.add(record("a", "a1", 1), record("b", "b1", 2), record("c", "c1", 3))
	assert.Equal(t, []string{"5:b1"}, h.order(dialer.Ask{Campaigns: []campaign.ID{"b"}}))
	assert.Equal(t, []string{"5:a1"}, h.order(agent("ann")), "ann does not work in c, and b is empty")
	assert.Equal(t, []string{"5:c1"}, h.order(agent("cid")))
}

// shares counts calls by campaign.
func shares(calls []dialer.Call) map[campaign.ID]int {
	n := map[campaign.ID]int{}
	for _, c := range calls {
		n[c.Campaign]++
	}
	return n
}

// fill gives campaigns n fresh records each.
func (h *house) fill(n int, ids ...campaign.ID) {
	h.t.Helper()
	for _, id := range ids {
		var list []campaign.Record
		for i := range n {
			h.filled++ // every record has a number of its own
			list = append(list, record(id, fmt.Sprintf("%s-%d", id, i), 1_000_000+h.filled))
		}
		h.add(list...)
	}
}

func fourCampaigns() []campaign.Config {
	return []campaign.Config{conf("a", weight(40)), conf("b", weight(25)), conf("c", weight(30)), conf("d", weight(5))}
}

func TestParityIsExactOverALongRun(t *testing.T) {
	for _, limit := range []int{1, 3, 100} {
		t.Run(fmt.Sprintf("asks of %d", limit), func(t *testing.T) {
			h := open(t, fourCampaigns()...)
			h.fill(500, "a", "b", "c", "d")
			var calls []dialer.Call
			for len(calls) < 1200 {
				calls = append(calls, h.next(dialer.Ask{Limit: limit, Start: true}).Calls...)
				if n := len(calls); n%100 == 0 {
					assert.Equal(t, map[campaign.ID]int{"a": 40 * n / 100, "b": 25 * n / 100, "c": 30 * n / 100, "d": 5 * n / 100}, shares(calls))
				}
			}
			n := shares(calls)
			assert.InDelta(t, 480, n["a"], 2)
			assert.InDelta(t, 60, n["d"], 2)
		})
	}
}

func TestTheOthersAbsorbTheShareOfAnEmptyCampaign(t *testing.T) {
	for _, limit := range []int{1, 7} {
		t.Run(fmt.Sprintf("asks of %d", limit), func(t *testing.T) {
			h := open(t, fourCampaigns()...)
			h.fill(600, "b", "c", "d")
			var calls []dialer.Call
			for len(calls) < 840 {
				sel := h.next(dialer.Ask{Limit: limit, Start: true})
				require.Len(t, sel.Calls, limit, "work is never refused for a share")
				calls = append(calls, sel.Calls...)
			}
			n := shares(calls)
			assert.InDelta(t, 350, n["b"], 8)
			assert.InDelta(t, 420, n["c"], 8)
			assert.InDelta(t, 70, n["d"], 8)

			// When it comes back it is owed nothing for the time it was empty.
			h.fill(200, "a")
			calls = nil
			for len(calls) < 210 {
				calls = append(calls, h.next(dialer.Ask{Limit: limit, Start: true}).Calls...)
			}
			assert.InDelta(t, 84, shares(calls)["a"], 10)
		})
	}
}

func TestOwnCallbacksDoNotCountForParity(t *testing.T) {
	h := open(t, conf("a"), conf("b"))
	h.fill(40, "a", "b")
	for i := range 20 {
		h.mine("a", fmt.Sprintf("a-%d", i), "ann", monday)
	}
	var calls []dialer.Call
	for range 40 {
		calls = append(calls, h.one(dialer.Ask{Agent: "ann", Start: true}))
	}
	assert.Equal(t, map[campaign.ID]int{"a": 20}, shares(calls[:20]))
	assert.Equal(t, map[campaign.ID]int{"a": 10, "b": 10}, shares(calls[20:]))
}

func TestParityIsKeptPerSetOfCampaigns(t *testing.T) {
	h := open(t, conf("a"), conf("b"), conf("c"))
	h.fill(100, "a", "b", "c")
	pair := dialer.Ask{Campaigns: []campaign.ID{"a", "b"}, Start: true}
	var two, three []dialer.Call
	for range 30 {
		two = append(two, h.one(pair))
		three = append(three, h.one(dialer.Ask{Start: true}))
	}
	assert.Equal(t, map[campaign.ID]int{"a": 15, "b": 15}, shares(two))
	assert.Equal(t, map[campaign.ID]int{"a": 10, "b": 10, "c": 10}, shares(three))
}

func TestDueRetriesGetTheirShareWhileFreshRecordsRemain(t *testing.T) {
	for _, tc := range []struct{ share, limit, calls, want int }{
		{0, 1, 100, 0}, {30, 1, 100, 30}, {30, 10, 100, 30}, {30, 100, 100, 30}, {50, 3, 90, 45}, {100, 1, 40, 40},
	} {
		t.Run(fmt.Sprintf("share %d, asks of %d", tc.share, tc.limit), func(t *testing.T) {
			h := open(t, conf("sales", func(c *campaign.Config) { c.RetryShare = tc.share }))
			h.fill(200, "sales")
			for i := range 60 {
				h.called("sales", fmt.Sprintf("sales-%d", i), campaign.NoAnswer)
			}
			h.wait(2 * time.Hour)
			again, all := 0, 0
			for all < tc.calls {
				for _, c := range h.next(dialer.Ask{Limit: tc.limit, Start: true}).Calls {
					all++
					if c.Tier == dialer.TierAgain {
						again++
					}
				}
			}
			assert.Equal(t, tc.want, again)
		})
	}
	t.Run("in campaigns that share", func(t *testing.T) {
		third := func(c *campaign.Config) { c.RetryShare = 30 }
		h := open(t, conf("a", third), conf("b", third))
		h.fill(200, "a", "b")
		for i := range 60 {
			h.called("a", fmt.Sprintf("a-%d", i), campaign.NoAnswer)
			h.called("b", fmt.Sprintf("b-%d", i), campaign.NoAnswer)
		}
		h.wait(2 * time.Hour)
		again := 0
		for _, c := range h.next(dialer.Ask{Limit: 100, Start: true}).Calls {
			if c.Tier == dialer.TierAgain {
				again++
			}
		}
		assert.Equal(t, 30, again)
	})
	t.Run("without fresh records all are retries", func(t *testing.T) {
		h := open(t, conf("sales", func(c *campaign.Config) { c.RetryShare = 30 }))
		h.fill(20, "sales")
		for i := range 20 {
			h.called("sales", fmt.Sprintf("sales-%d", i), campaign.NoAnswer)
		}
		h.wait(2 * time.Hour)
		assert.Len(t, h.order(engine), 20)
	})
}

func TestAPauseOnOneQueueStopsAllQueuesOfTheStore(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1), record("sales", "b", 2))
	other := h.queue(dialer.Config{Holder: "other"})
	offered := h.one(engine)

	h.configure("sales", paused)
	require.NoError(t, other.Reload(ctx))

	sel := h.none(engine) // nobody told this queue
	assert.Zero(t, sel.NextDue)
	_, err := h.q.Start(ctx, offered.Ref, 0)
	blocked := as[*dialer.BlockedError](t, err)
	assert.Equal(t, []campaign.Reason{campaign.ReasonInactive}, reasons(blocked.Blockers))
}

func TestAStartNoticesAPauseThatNoClaimHasSeen(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	other := h.queue(dialer.Config{})
	offered := h.one(engine)
	h.configure("sales", paused)
	require.NoError(t, other.Reload(ctx))
	_, err := h.q.Start(ctx, offered.Ref, 0)
	assert.Equal(t, []campaign.Reason{campaign.ReasonInactive}, reasons(as[*dialer.BlockedError](t, err).Blockers))

	_, err = h.q.Take(ctx, dialer.Taking{Ref: ref("sales", "a")})
	assert.Equal(t, []campaign.Reason{campaign.ReasonInactive}, reasons(as[*dialer.BlockedError](t, err).Blockers))
}

func TestALoaderThatIsBehindIsNamed(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	stale, err := dialer.New(ctx, h.store, dialer.Static(compile(t, conf("sales"), nil)), dialer.Config{Now: h.clock.now})
	require.NoError(t, err)
	h.configure("sales", func(*campaign.Config) {})
	require.NoError(t, h.q.Reload(ctx))
	_, err = stale.Next(ctx, engine)
	require.ErrorIs(t, err, campaign.ErrConfigChanged)
	assert.Contains(t, err.Error(), "sales")
	assert.Contains(t, err.Error(), "Loader")
	h.one(engine) // nothing was leased in vain
}

func TestAQueueIsMadeOfAStoreAndALoader(t *testing.T) {
	h := open(t, conf("sales"))
	_, err := dialer.New(ctx, nil, h.load, dialer.Config{})
	assert.ErrorContains(t, err, "Store")
	_, err = dialer.New(ctx, h.store, nil, dialer.Config{})
	assert.ErrorContains(t, err, "Loader")
	_, err = dialer.New(ctx, h.store, h.load, dialer.Config{Holder: "\xff"})
	assert.ErrorContains(t, err, "UTF-8")
	_, err = dialer.New(ctx, h.store, h.load, dialer.Config{CheckerRetry: -1})
	assert.ErrorContains(t, err, "CheckerRetry")
	c := compile(t, conf("sales"), nil)
	_, err = dialer.New(ctx, h.store, dialer.Static(c, c), dialer.Config{})
	assert.ErrorContains(t, err, "twice")
	_, err = dialer.New(ctx, h.store, dialer.Static(c, nil), dialer.Config{})
	assert.ErrorContains(t, err, "nil")
	boom := func(context.Context) ([]*campaign.Campaign, error) { return nil, assert.AnError }
	_, err = dialer.New(ctx, h.store, boom, dialer.Config{})
	assert.ErrorIs(t, err, assert.AnError)
}

func TestANewDefaultZoneHoldsForRecordsThatAreThereAlready(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) { c.CalleeHours = hours(t, "mon-fri 08:00-18:00") }))
	h.add(record("sales", "a", 1))
	h.configure("sales", func(c *campaign.Config) { c.CalleeZone = "America/New_York" })
	require.NoError(t, h.q.Reload(ctx))
	opening := time.Date(2026, 3, 2, 13, 0, 0, 0, time.UTC)
	assert.Equal(t, opening, h.none(engine).NextDue, "it is 04:00 in New York")
	h.at(opening)
	assert.Equal(t, []string{"5:a"}, h.order(engine))
}
