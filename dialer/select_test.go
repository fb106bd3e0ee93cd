package dialer_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

func power(c *campaign.Config) { c.Mode = campaign.Power }

func release(d time.Duration) func(*campaign.Config) {
	return func(c *campaign.Config) { c.Callbacks.Release = campaign.Delay(d) }
}

func order(n uint16) func(*campaign.Record) {
	return func(r *campaign.Record) { r.Order = n }
}

// rows: K2, K5, K7, K13, K14, K16, K17
func TestSevenTiersAreServedInOrder(t *testing.T) {
	h := open(t, conf("sales", power, release(time.Hour)))
	// Imported in the opposite of the order in which they are to come.
	for i, id := range []string{"last", "again", "fresh", "public", "released", "dropped", "own"} {
		h.add(record("sales", id, i))
	}
	h.set("sales", "last", "last", campaign.Input{})
	h.called("sales", "again", campaign.NoAnswer)
	h.set("sales", "public", "back", campaign.Input{At: in(time.Minute)})
	h.mine("sales", "released", "bob", in(time.Minute))
	h.called("sales", "dropped", campaign.Drop)
	h.mine("sales", "own", "ann", in(2*time.Hour))
	h.wait(2 * time.Hour)
	assert.Equal(t, []string{"1:own", "2:dropped", "3:released", "4:public", "5:fresh", "6:again", "7:last"}, h.order(agent("ann")))
}

// rows: K7
func TestPromisesAreKeptInTheOrderTheyWereMadeFor(t *testing.T) {
	h := open(t, conf("sales"))
	// The ids run against every order that counts.
	h.add(record("sales", "z", 1), record("sales", "y", 2, order(7)), record("sales", "x", 3, order(3)),
		record("sales", "w", 4), record("sales", "v", 5, order(3)), record("sales", "a", 6, order(1)))
	h.mine("sales", "a", "ann", in(2*time.Minute)) // first by order, and due last
	for _, id := range []string{"v", "w", "x", "y"} {
		h.mine("sales", id, "ann", in(time.Minute))
	}
	h.mine("sales", "z", "ann", in(0))
	h.wait(time.Hour)
	assert.Equal(t, []string{"1:z", "1:x", "1:v", "1:y", "1:w", "1:a"}, h.order(agent("ann")),
		"due, then order with 0 last, then import sequence; never the id")
}

// rows: K16
func TestPublicCallbacksAndRetriesComeByDueOrderAndSequence(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "d", 1), record("sales", "c", 2), record("sales", "b", 3, order(2)), record("sales", "a", 4, order(1)))
	for id, at := range map[string]time.Duration{"a": time.Minute, "b": 0, "c": 0, "d": 0} {
		h.set("sales", id, "back", campaign.Input{At: in(at)})
	}
	h.wait(time.Hour)
	assert.Equal(t, []string{"4:b", "4:d", "4:c", "4:a"}, h.order(engine))

	h = open(t, conf("sales"))
	h.add(record("sales", "d", 1), record("sales", "c", 2), record("sales", "b", 3, order(2)), record("sales", "a", 4, order(1)))
	for _, id := range []string{"c", "d", "b"} {
		h.called("sales", id, campaign.NoAnswer)
	}
	h.wait(time.Minute)
	h.called("sales", "a", campaign.NoAnswer)
	h.wait(2 * time.Hour)
	assert.Equal(t, []string{"6:b", "6:d", "6:c", "6:a"}, h.order(engine), "called longest ago first, then order, then sequence")
}

func TestFreshRecordsComeByOrderThenImport(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "z", 1, order(2)), record("sales", "y", 2), record("sales", "x", 3, order(1)),
		record("sales", "w", 4), record("sales", "v", 5, order(1)), record("sales", "u", 6, order(65535)))
	assert.Equal(t, []string{"5:x", "5:v", "5:z", "5:u", "5:y", "5:w"}, h.order(engine), "order 0 is unset and comes last")
}

func TestEndOfQueueComesByOrderThenTimeOfSetting(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1), record("sales", "b", 2), record("sales", "c", 3), record("sales", "d", 4, order(5)))
	for _, id := range []string{"c", "a", "d", "b"} {
		h.set("sales", id, "last", campaign.Input{})
		h.wait(time.Second)
	}
	assert.Equal(t, []string{"7:d", "7:c", "7:a", "7:b"}, h.order(engine))
}

// rows: K5, K7
func TestOwnCallbacksOfAllCampaignsComeFirst(t *testing.T) {
	first := func(c *campaign.Config) { c.Order = 1 }
	second := func(c *campaign.Config) { c.Order = 2 }
	for name, tc := range map[string]struct {
		campaignsFirst bool
		want           []string
	}{
		"across all campaigns":         {false, []string{"1:promise", "5:fresh", "5:other"}},
		"only when the campaign comes": {true, []string{"5:fresh", "1:promise", "5:other"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := openWith(t, dialer.Config{CampaignsFirst: tc.campaignsFirst}, conf("early", first), conf("late", second))
			h.add(record("early", "fresh", 1), record("late", "promise", 2), record("late", "other", 3))
			h.mine("late", "promise", "ann", in(time.Minute))
			h.wait(time.Hour)
			assert.Equal(t, tc.want, h.order(agent("ann")))
		})
	}
}

// rows: K5, K7
func TestAnOwnCallbackPassesToOthersAfterItsReleaseTimeInWorkingHours(t *testing.T) {
	h := open(t, conf("sales", release(2*time.Hour), func(c *campaign.Config) { c.Hours = hours(t, "mon-fri 08:00-18:00") }))
	h.add(record("sales", "promise", 1))
	h.mine("sales", "promise", "ann", clockTime(17, 0))

	h.at(clockTime(17, 59))
	sel := h.none(agent("bob"))
	tuesday := clockTime(24+9, 0) // one hour on Monday, one on Tuesday
	assert.Equal(t, tuesday, sel.NextDue)
	e := h.explain("sales", "promise", campaign.Asker{Agent: "bob"})
	assert.Equal(t, []campaign.Reason{campaign.ReasonOwner}, reasons(e.Blockers))
	assert.Contains(t, e.Blockers[0].Detail, "ann")
	assert.Equal(t, tuesday, e.Earliest)

	h.at(tuesday.Add(-time.Microsecond))
	h.none(agent("bob"))
	h.at(tuesday)
	call := h.one(dialer.Ask{Agent: "bob", Start: true})
	assert.Equal(t, dialer.TierReleased, call.Tier)

	// Owner and qualifier stay until the other agent's result.
	r := h.record("sales", "promise")
	assert.Equal(t, campaign.AgentID("ann"), r.Owner)
	assert.Equal(t, status.OwnCallbackAt, r.Qualifier)
	h.report(call, campaign.Result{Outcome: campaign.NoAnswer})
	r = h.record("sales", "promise")
	assert.Equal(t, campaign.AgentID("ann"), r.Owner, "nobody was reached: the promise is still ann's")
	assert.Equal(t, status.OwnCallbackAt, r.Qualifier)

	h.wait(time.Hour)
	call = h.one(dialer.Ask{Agent: "ann", Start: true})
	assert.Equal(t, dialer.TierOwn, call.Tier)
	h.report(call, campaign.Result{Outcome: campaign.Answered, Status: "call", Actor: campaign.Actor{Agent: "ann"}})
	assert.Empty(t, h.record("sales", "promise").Owner)
}

func TestAnOwnCallbackThatIsNeverReleasedWaitsForItsOwner(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "promise", 1))
	h.mine("sales", "promise", "ann", in(0))
	h.wait(1000 * time.Hour)
	sel := h.none(agent("bob"))
	assert.Zero(t, sel.NextDue, "no time brings bob more")
	h.none(reserved)
	h.none(engine)
	assert.Equal(t, []string{"1:promise"}, h.order(agent("ann")))
}

// rows: K17, K18, K19
func TestOnlyPowerAndPredictiveKnowTheProgressiveTier(t *testing.T) {
	for _, tc := range []struct {
		mode  campaign.Mode
		fresh string // set without a call
		again string // set after one
	}{
		{campaign.Preview, "5:new", "6:old"},
		{campaign.ProgressiveMode, "5:new", "6:old"},
		{campaign.Power, "2:new", "2:old"},
		{campaign.Predictive, "2:new", "2:old"},
	} {
		t.Run(string(tc.mode), func(t *testing.T) {
			h := open(t, conf("sales", func(c *campaign.Config) { c.Mode = tc.mode }))
			h.add(record("sales", "new", 1), record("sales", "old", 2))
			h.set("sales", "new", "progressive", campaign.Input{})
			h.reported("sales", "old", campaign.Result{Outcome: campaign.Drop})
			h.wait(2 * time.Hour)
			assert.Equal(t, []string{tc.fresh, tc.again}, h.order(reserved))

			h = open(t, conf("sales", func(c *campaign.Config) { c.Mode = tc.mode }))
			h.add(record("sales", "new", 1))
			h.set("sales", "new", "progressive", campaign.Input{})
			if tc.mode.OverDials() {
				h.none(engine)
			} else {
				assert.Equal(t, []string{tc.fresh}, h.order(engine))
			}
		})
	}
}

// rows: K17, K19
func TestUnreservedAsksGetTiersFourToSevenAndNameWhoIsNeeded(t *testing.T) {
	h := open(t, conf("sales", power, release(time.Hour)))
	for i, id := range []string{"own", "dropped", "released", "early", "fresh", "public"} {
		h.add(record("sales", id, i))
	}
	h.called("sales", "dropped", campaign.Drop)
	h.mine("sales", "released", "bob", in(0))
	h.mine("sales", "own", "ann", in(90*time.Minute))
	h.mine("sales", "early", "cid", in(5*time.Hour))
	h.set("sales", "public", "back", campaign.Input{At: in(0)})
	h.wait(2 * time.Hour)

	sel := h.next(dialer.Ask{Limit: 10})
	assert.Equal(t, []string{"public", "fresh"}, ids(sel))
	assert.ElementsMatch(t, []dialer.Reserve{
		{Campaign: "sales", Agent: "ann", Tier: dialer.TierOwn, Due: in(90 * time.Minute)},
		{Campaign: "sales", Agent: "bob", Tier: dialer.TierOwn, Due: in(0)},
		{Campaign: "sales", Tier: dialer.TierReleased, Due: in(0)},
		{Campaign: "sales", Tier: dialer.TierProgressive, Due: monday},
	}, sel.Reserve, "cid's is not due")
	assert.Empty(t, h.next(dialer.Ask{Agent: "ann"}).Reserve, "a reserved ask needs no advice")
}

// rows: K17, K19
func TestAfterADropOnlyAReservedAgentGetsTheRecordUntilOneWasReached(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) { c.Mode = campaign.Predictive }))
	h.add(record("sales", "dropped", 1))
	call := h.one(dialer.Ask{Start: true})
	h.report(call, campaign.Result{Outcome: campaign.Drop})
	sel := h.none(engine)
	assert.Equal(t, []dialer.Reserve{{Campaign: "sales", Tier: dialer.TierProgressive, Due: monday}}, sel.Reserve)

	call = h.one(dialer.Ask{Agent: "ann", Start: true})
	assert.Equal(t, dialer.TierProgressive, call.Tier)
	h.report(call, campaign.Result{Outcome: campaign.NoAnswer})

	h.wait(2 * time.Hour)
	h.none(engine)
	call = h.one(dialer.Ask{Agent: "ann", Start: true})
	h.report(call, campaign.Result{Outcome: campaign.Answered, Status: "call", Actor: campaign.Actor{Agent: "ann"}})

	h.wait(48 * time.Hour)
	assert.Equal(t, []string{"6:dropped"}, h.order(engine), "an agent talked to them: anybody may call again")
}

// rows: K16
func TestNothingIsCalledBeforeItsTime(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "public", 1), record("sales", "again", 2))
	h.set("sales", "public", "back", campaign.Input{At: in(3 * time.Hour)})
	h.called("sales", "again", campaign.NoAnswer)
	assert.Equal(t, in(time.Hour), h.none(reserved).NextDue)
	h.at(in(time.Hour).Add(-time.Microsecond))
	h.none(reserved)
	h.at(in(time.Hour))
	assert.Equal(t, []string{"6:again"}, h.order(reserved))
	assert.Equal(t, in(3*time.Hour), h.none(reserved).NextDue)
	h.at(in(3 * time.Hour))
	sel := h.next(reserved)
	assert.Equal(t, []string{"public"}, ids(sel))
	assert.Equal(t, 1, sel.Settled, "the call that nobody reported")
}

// rows: K15
func TestClosedAndHeldRecordsAreNotSelected(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "closed", 1), record("sales", "held", 2), record("sales", "sold", 3), record("sales", "mailed", 4))
	h.set("sales", "closed", "no", campaign.Input{})
	h.set("sales", "held", "manual", campaign.Input{})
	h.set("sales", "sold", "sold", campaign.Input{})
	h.set("sales", "mailed", "mail", campaign.Input{})
	h.wait(10000 * time.Hour)
	sel := h.none(dialer.Ask{Agent: "ann", Limit: 10})
	assert.Zero(t, sel.NextDue)
	assert.Empty(t, sel.Skipped)
}

func TestAnAskOfManyGetsThemInOrderAndNeverTwice(t *testing.T) {
	h := open(t, conf("sales"))
	for i := range 20 {
		h.add(record("sales", string(rune('z'-i)), i))
	}
	var got []string
	for range 4 {
		sel := h.next(dialer.Ask{Limit: 6})
		got = append(got, ids(sel)...)
	}
	require.Len(t, got, 20)
	for i, id := range got {
		assert.Equal(t, string(rune('z'-i)), id)
	}
}
