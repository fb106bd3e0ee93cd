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

// What campaigns share in one ask is not taken for those that differ.
func TestACampaignsPoliciesAreItsOwnBesideOthersWithout(t *testing.T) {
	for _, tc := range []struct {
		name string
		edit func(*campaign.Config)
		want []string
	}{
		{"retries first", func(c *campaign.Config) { c.RetryShare = 100 }, []string{"6:again", "5:fresh"}},
		{"own callbacks are released", func(c *campaign.Config) { c.Callbacks.Release = campaign.Delay(time.Hour) }, []string{"3:own", "5:fresh", "6:again"}},
	} {
		for _, order := range []int{1, 3} { // served before and behind the plain ones
			t.Run(fmt.Sprintf("%s, order %d", tc.name, order), func(t *testing.T) {
				h := open(t, conf("plain", rank(2)), conf("plainer", rank(2)), conf("special", rank(order), tc.edit))
				h.add(record("special", "again", 1), record("special", "fresh", 2), record("special", "own", 3), record("plain", "kept", 4))
				h.called("special", "again", campaign.NoAnswer)
				h.mine("special", "own", "bob", monday.Add(time.Hour))
				h.mine("plain", "kept", "bob", monday.Add(time.Hour))
				h.wait(4 * time.Hour)
				assert.Equal(t, tc.want, h.order(agent("ann")), "bob's own callback in the plain campaign is never released")
			})
		}
	}
}

// Records whose people are asleep do not earn their campaign a debt.
func TestAClosedClassIsNotSomethingToGive(t *testing.T) {
	h := open(t, conf("awake"), conf("asleep", func(c *campaign.Config) { c.CalleeHours = hours(t, "mon-fri 12:00-20:00") }))
	h.fill(80, "awake", "asleep")
	for range 20 {
		assert.Equal(t, campaign.ID("awake"), h.one(dialer.Ask{Start: true}).Campaign)
	}
	h.at(clockTime(12, 0))
	var calls []dialer.Call
	for range 20 {
		calls = append(calls, h.one(dialer.Ask{Start: true}))
	}
	assert.Equal(t, map[campaign.ID]int{"awake": 10, "asleep": 10}, shares(calls))
}

// between is a store in which something happens right after a claim.
type between struct {
	campaign.Store
	do func()
}

func (s *between) Claim(ctx context.Context, q campaign.Claim, into *campaign.Claimed) error {
	err := s.Store.Claim(ctx, q, into)
	if do := s.do; do != nil {
		s.do = nil
		do()
	}
	return err
}

func TestACampaignUnloadedBetweenClaimAndAnswerGivesItsRecordsBack(t *testing.T) {
	h := open(t, conf("a"), conf("b"))
	h.add(record("a", "one", 1), record("b", "two", 2))
	plain := h.store
	s := &between{Store: plain}
	h.store = s
	q := h.queue(dialer.Config{})
	h.store = plain
	require.Len(t, mustNext(t, q, dialer.Ask{Campaigns: []campaign.ID{"a"}, Start: true}), 1)
	s.do = func() {
		h.mu.Lock()
		h.cfgs = h.cfgs[:1]
		h.mu.Unlock()
		require.NoError(t, q.Reload(ctx))
	}
	assert.Empty(t, mustNext(t, q, dialer.Ask{Limit: 2}))
	var looked campaign.Looked
	require.NoError(t, plain.Look(ctx, campaign.Need{}, &looked, ref("b", "two")))
	assert.Zero(t, looked.Facts[0].Lease.Token, "it was given back")
}

func TestAChangeOfHoursHoldsFromTheNextAskOn(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1), record("sales", "b", 2))
	h.one(engine)
	h.configure("sales", func(c *campaign.Config) { c.CalleeHours = hours(t, "mon-fri 14:00-20:00") })
	require.NoError(t, h.q.Reload(ctx))
	assert.Equal(t, clockTime(14, 0), h.none(engine).NextDue)
	h.configure("sales", func(c *campaign.Config) { c.CalleeHours = campaign.Hours{} })
	require.NoError(t, h.q.Reload(ctx))
	assert.Equal(t, []string{"b"}, ids(h.next(engine)))
}

func mustNext(t *testing.T, q *dialer.Queue, ask dialer.Ask) []dialer.Call {
	t.Helper()
	sel, err := q.Next(ctx, ask)
	require.NoError(t, err)
	return sel.Calls
}
