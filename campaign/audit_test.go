package campaign_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// rows: K21
func TestARuleThatFailsIsPassedOverOrEndsTheSearch(t *testing.T) {
	for _, tt := range []struct {
		name     string
		first    string
		stop     bool
		want     status.ID
		why      campaign.Why
		warnings []string
	}{
		{"holds", "yes", true, "redial", campaign.WhyRule, nil},
		{"does not hold", "no", true, "closed", campaign.WhyRule, nil},
		{"fails", "fail", false, "closed", campaign.WhyRule,
			[]string{`the rule of status "redial" failed and was passed over: line 1: no such key`}},
		{"fails and stops", "fail", true, "shy", campaign.WhyFallback,
			[]string{`the rule of status "redial" failed, so no later rule was asked and the fallback applies: line 1: no such key`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := &book{}
			x := given(t).with(b, autoSet("redial", tt.first), autoSet("closed", "yes"),
				own("redial", func(s *status.Status) { s.AutoStop = tt.stop }))
			change := x.must(campaign.Result{Outcome: campaign.NoAnswer})
			assert.Equal(t, tt.want, change.Record.Status)
			assert.True(t, change.Answer.Has(tt.why), change.Answer.Why)
			assert.Equal(t, tt.warnings, change.Answer.Warnings)
			assert.Equal(t, change.Answer, change.Call.Answer)
			assert.Empty(t, change.Answer.Also, "nobody asked for an audit")
		})
	}
}

// rows: K21
func TestAnAuditListsWhatElseWouldHaveMatched(t *testing.T) {
	rules := func(c *campaign.Config) {
		for id, text := range map[status.ID]string{"redial": "no", "end_of_queue": "yes", "closed": "fail", "success": "yes",
			"success_cancelled": "yes", "slow": "no", "refusal": "yes"} {
			autoSet(id, text)(c)
		}
	}
	x := given(t).with(&book{}, rules, audited)
	change := x.must(campaign.Result{Outcome: campaign.NoAnswer})
	assert.Equal(t, status.ID("end_of_queue"), change.Record.Status, "the first one decides as ever")
	assert.Equal(t, []status.ID{"success", "refusal"}, change.Answer.Also, "what cannot follow is left out")
	assert.Equal(t, []string{`the rule of status "closed", behind the one that decided, failed: line 1: no such key`}, change.Answer.Warnings)
	assert.Equal(t, change.Answer.Also, change.Call.Answer.Also, "it is stored with the call")
	assert.Empty(t, change.List, "what else would have matched does nothing")

	again, err := x.apply(campaign.Result{Outcome: campaign.NoAnswer})
	require.NoError(t, err)
	assert.Equal(t, change.Answer, again.Answer, "a repeated report is given it again")
	again.Answer.Also[0] = "scribbled"
	assert.Equal(t, status.ID("success"), x.f.Call.Answer.Also[0])

	x = given(t).with(&book{}, rules, audited)
	assert.Empty(t, x.must(campaign.Result{Outcome: campaign.NoAnswer, Status: "redial", Actor: supervisor}).Answer.Also, "nothing was asked")
	x = given(t).with(&book{}, autoSet("redial", "no"), autoSet("closed", "fail"), audited)
	change = x.must(campaign.Result{Outcome: campaign.NoAnswer})
	assert.Empty(t, change.Answer.Also)
	assert.True(t, change.Answer.Has(campaign.WhyFallback))
	x = given(t).with(&book{}, autoSet("redial", "yes"), autoSet("closed", "fail"), audited,
		own("closed", func(s *status.Status) { s.AutoStop = true }), autoSet("slow", "yes"))
	assert.Equal(t, []status.ID{"slow"}, x.must(campaign.Result{Outcome: campaign.NoAnswer}).Answer.Also, "a failure ends the search, not the audit")
}
