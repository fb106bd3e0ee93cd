package rule_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/campaign/rule"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

// Whichever number an agent picks, and whichever is next afterwards.
//
// rows: K21
func TestARuleSeesTheNumberThatWasCalled(t *testing.T) {
	ctx := context.Background()
	o := abroad(t, "")
	c, _, err := campaign.Compile(func() campaign.Config {
		cfg := o.c.Config()
		cfg.Own = []status.Status{auto("far", status.Redial, `phone.index == 2 && phone.number == "+12125550100" && phone.number == call.number &&
			tz == "America/New_York" && local(now).hour == 4 && phone.attempts == 1 && phone.last_outcome == "busy" && phone.valid && phone.left == 2`)}
		cfg.Own[0].NextAt = `now + period(phone.index == 2 && local(now).hour == 4 ? "1 day" : "2 days")`
		return cfg
	}(), nil, rule.Engine{})
	require.NoError(t, err)
	o.q, err = dialer.New(ctx, o.store, dialer.Static(c), dialer.Config{Now: func() time.Time { return o.now }})
	require.NoError(t, err)
	call, err := o.q.Take(ctx, dialer.Taking{Ref: o.ref(), Actor: ann, Number: second, Start: true})
	require.NoError(t, err)
	a := o.report(call, campaign.Result{Outcome: campaign.LineBusy})
	assert.Equal(t, status.ID("far"), a.Status, "%v", a.Warnings)
	assert.Equal(t, o.now.Add(24*time.Hour), a.Due)
	assert.Equal(t, first, o.record().Phones[o.record().Next].Number, "the other one is next")
}

// A rule is no person: it keeps no record in the queue that nobody can call.
//
// rows: K21
func TestARuleDoesNotQueueARecordWithoutANumberLeft(t *testing.T) {
	again := auto("again", status.Redial, `call.outcome == "invalid_number" && !phone.valid && phone.left == (phone.index == 1 ? 1 : 0)`)
	o := newOffice(t, nil, again)
	a := o.call(campaign.Result{Outcome: campaign.Invalid})
	require.Equal(t, status.ID("again"), a.Status, "%v", a.Warnings)
	require.Equal(t, status.StandingQueued, a.Standing)
	o.now = o.now.Add(time.Hour)
	a = o.call(campaign.Result{Outcome: campaign.Invalid})
	assert.Equal(t, []campaign.Why{campaign.WhyRule, campaign.WhyNoNumberLeft}, a.Why)
	assert.Equal(t, status.StandingClosed, a.Standing)
	assert.Equal(t, status.InvalidNumber, a.Qualifier)
	assert.Equal(t, status.ID("again"), a.Status)
}

// What a record brings from elsewhere is counted on.
//
// rows: K21
func TestARowOfCallsThatWasBroughtGoesOn(t *testing.T) {
	o := newOffice(t, nil, auto("fourth", status.Closed, `streak("busy") == 4 && attempts.total == 4 && attempts.busy == 4`))
	brought := campaign.Progress{LastCall: monday.Add(-24 * time.Hour), LastOutcome: campaign.LineBusy,
		Attempts: campaign.Counters{Total: 3, SinceReset: 3, Unanswered: 3, Streak: 3}}
	brought.Attempts.ByOutcome[campaign.LineBusy] = 3
	o.add(campaign.Record{ID: "old", Phones: []campaign.Phone{{Number: 48600100888}}, Progress: brought})
	call, err := o.q.Take(context.Background(), dialer.Taking{Ref: campaign.Ref{Campaign: "spring", Record: "old"}, Actor: ann, Start: true})
	require.NoError(t, err)
	a := o.report(call, campaign.Result{Outcome: campaign.LineBusy})
	assert.Equal(t, status.ID("fourth"), a.Status)
}

// An ask for one campaign settles the leases of others, and their rules read
// what they need all the same.
//
// rows: K21
func TestALeaseThatAnotherCampaignsAskSettlesIsDecidedByItsOwnRules(t *testing.T) {
	ctx := context.Background()
	cfg := config()
	cfg.Own = []status.Status{auto("lost", status.EndOfQueue,
		`count("unknown", duration("24h")) == 2 && attempts.today == 2 && contact.?country.orValue("") == "PL"`)}
	ruled, _, err := campaign.Compile(cfg, nil, rule.Engine{})
	require.NoError(t, err)
	plain, _, err := campaign.Compile(campaign.Config{ID: "plain", Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw"}, nil, nil)
	require.NoError(t, err)
	now := monday
	store := memstore.New()
	q, err := dialer.New(ctx, store, dialer.Static(ruled, plain), dialer.Config{Now: func() time.Time { return now }})
	require.NoError(t, err)
	errs, err := store.Commit(ctx, campaign.Change{Contact: &campaign.Contact{ID: "jan", Country: "PL"}})
	require.NoError(t, err)
	require.Empty(t, errs)
	ref := campaign.Ref{Campaign: "spring", Record: "r1"}
	added, err := q.Add(ctx, dialer.Adding{Records: []campaign.Record{{ID: "r1", Campaign: "spring", Contact: "jan", Phones: []campaign.Phone{{Number: first}}}}})
	require.NoError(t, err)
	require.NoError(t, added[0].Err)
	for _, want := range []status.ID{"", "lost"} {
		_, err = q.Take(ctx, dialer.Taking{Ref: ref, Actor: ann, Start: true})
		require.NoError(t, err)
		now = now.Add(time.Hour)
		s, err := q.Next(ctx, dialer.Ask{Agent: "bob", Campaigns: []campaign.ID{"plain"}})
		require.NoError(t, err)
		require.Equal(t, 1, s.Settled)
		var looked campaign.Looked
		require.NoError(t, store.Look(ctx, campaign.Need{}, &looked, ref))
		assert.Equal(t, want, looked.Facts[0].Record.Status)
	}
}

// A report of a call whose record has moved on decides nothing about it: the log
// has the truth, and the record what it has become.
//
// rows: K21
func TestALateReportOfARecordThatMovedOnAsksNoRule(t *testing.T) {
	ctx := context.Background()
	rejected := auto("rejected", status.Closed, `call.outcome == "rejected"`)
	rejected.Blacklist = blacklist.Global
	o := newOffice(t, nil, rejected, status.Status{ID: "later", Title: "Later", Qualifier: status.EndOfQueue})
	call := o.dial()
	o.now = o.now.Add(time.Hour)
	_, err := o.q.Set(ctx, o.ref(), campaign.Set{Status: "later", Actor: ann})
	require.Error(t, err, "the lease has run out, but nobody has settled it")
	_, err = o.q.Next(ctx, dialer.Ask{Agent: "bob", Campaigns: []campaign.ID{"spring"}})
	require.NoError(t, err)
	_, err = o.q.Set(ctx, o.ref(), campaign.Set{Status: "later", Actor: ann})
	require.NoError(t, err)
	a, err := o.q.Report(ctx, call.Ref, campaign.Result{Outcome: campaign.Rejected})
	var lost *dialer.LeaseLostError
	require.ErrorAs(t, err, &lost)
	assert.True(t, lost.Kept)
	assert.False(t, a.Has(campaign.WhyRule))
	assert.Empty(t, a.Listed)
	assert.Equal(t, status.ID("later"), o.record().Status)
	assert.Equal(t, campaign.Rejected, o.looked().Call.Outcome)
}
