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

func TestAnAgreedCallbackIsExemptFromTheCampaignsOwnGapNotFromALaws(t *testing.T) {
	day := campaign.Delay(24 * time.Hour)
	for name, tc := range map[string]struct {
		law, agreed bool
		callable    bool
	}{
		"agreed, the campaign's":   {law: false, agreed: true, callable: true},
		"agreed, a law's":          {law: true, agreed: true},
		"by hand, the campaign's":  {law: false, agreed: false},
		"by hand, and a law's too": {law: true, agreed: false},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, conf("sales", func(c *campaign.Config) {
				c.Limits.Gaps = []campaign.Gap{{Per: campaign.PerNumber, Min: day, Law: tc.law}}
			}))
			h.add(record("sales", "a", 1))
			if tc.agreed {
				h.reported("sales", "a", chosen("later"))
			} else {
				h.called("sales", "a", campaign.NoAnswer)
				h.set("sales", "a", "later", campaign.Input{})
			}
			h.wait(time.Hour)
			if tc.callable {
				assert.Equal(t, []string{"a"}, ids(h.next(engine)))
				return
			}
			sel := h.none(engine)
			assert.Equal(t, campaign.ReasonGap, reason(t, sel))
			assert.Equal(t, in(24*time.Hour), sel.NextDue)
		})
	}
}

func TestLimitsAndGapsCountTheCallsOfAllCampaigns(t *testing.T) {
	contact := func(r *campaign.Record) { r.Contact = "p" }
	for name, tc := range map[string]struct {
		per   campaign.Scope
		phone int // of the record in the second campaign
		edit  func(*campaign.Record)
		want  bool // whether the call of the first counts
	}{
		"of a number":               {campaign.PerNumber, 1, contact, true},
		"of another number":         {campaign.PerNumber, 2, contact, false},
		"of a contact":              {campaign.PerContact, 2, contact, true},
		"of a contact without id":   {campaign.PerContact, 2, func(*campaign.Record) {}, false},
		"of a record: its own only": {campaign.PerRecord, 1, contact, false},
	} {
		for what, edit := range map[campaign.Reason]func(*campaign.Config){
			campaign.ReasonGap: func(c *campaign.Config) {
				c.Limits.Gaps = []campaign.Gap{{Per: tc.per, Min: campaign.Delay(24 * time.Hour)}}
			},
			campaign.ReasonLimit: limit(campaign.Cap{Per: tc.per, Max: 1, Within: campaign.Delay(24 * time.Hour)}),
		} {
			t.Run(what.String()+" "+name, func(t *testing.T) {
				h := open(t, conf("a", edit), conf("b", edit))
				h.add(record("a", "one", 1, tc.edit), record("b", "two", tc.phone, tc.edit))
				h.called("a", "one", campaign.NoAnswer)
				sel := h.next(dialer.Ask{Campaigns: []campaign.ID{"b"}})
				if !tc.want {
					assert.Equal(t, []string{"two"}, ids(sel))
					return
				}
				require.Empty(t, ids(sel))
				assert.Equal(t, what, reason(t, sel))
				assert.Equal(t, in(24*time.Hour), sel.NextDue)
			})
		}
	}
}

func TestUnusedBuysNoCallsBeyondALimitThatReadsTheLog(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) {
		c.Limits.Attempts = 1
		c.Limits.Caps = []campaign.Cap{{Per: campaign.PerNumber, Max: 2}}
	}))
	h.add(record("sales", "a", 1))
	again := func() {
		_, err := h.q.Set(ctx, ref("sales", "a"), campaign.Set{Qualifier: status.Unused, Actor: boss})
		require.NoError(t, err)
	}
	assert.Equal(t, status.Exhausted, h.called("sales", "a", campaign.NoAnswer).Qualifier)
	again()
	assert.Equal(t, status.Exhausted, h.called("sales", "a", campaign.NoAnswer).Qualifier, "the record's counter began anew")
	again()
	sel := h.none(engine)
	assert.Equal(t, campaign.ReasonLimit, reason(t, sel), "the log's did not")
	assert.Zero(t, sel.NextDue)
}

func TestARaisedLimitRevivesNothingByItself(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) { c.Limits.Attempts = 1 }))
	h.add(record("sales", "a", 1))
	h.called("sales", "a", campaign.NoAnswer)
	h.configure("sales", func(c *campaign.Config) { c.Limits.Attempts = 5 })
	require.NoError(t, h.q.Reload(ctx))
	h.wait(48 * time.Hour)
	h.none(engine)
	h.set("sales", "a", "call", campaign.Input{})
	assert.Equal(t, []string{"6:a"}, h.order(engine), "but a person may")
}
