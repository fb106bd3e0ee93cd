package rule_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/campaign/rule"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

// office is a campaign in a queue with a record, as a host runs it.
type office struct {
	t     testing.TB
	c     *campaign.Campaign
	store *memstore.Store
	q     *dialer.Queue
	now   time.Time
}

func newOffice(t testing.TB, change func(*campaign.Config), own ...status.Status) *office {
	t.Helper()
	cfg := config()
	cfg.Mode = campaign.Predictive
	cfg.Own = own
	if change != nil {
		change(&cfg)
	}
	c, _, err := campaign.Compile(cfg, nil, rule.Engine{})
	require.NoError(t, err)
	o := &office{t: t, c: c, store: memstore.New(), now: monday}
	o.q, err = dialer.New(context.Background(), o.store, dialer.Static(c), dialer.Config{Now: func() time.Time { return o.now }})
	require.NoError(t, err)
	r := facts().Record
	o.add(campaign.Record{ID: "r1", Type: "client", Phones: r.Phones, Fields: r.Fields, Tags: r.Tags})
	return o
}

func (o *office) add(r campaign.Record) {
	o.t.Helper()
	r.Campaign = o.c.ID()
	added, err := o.q.Add(context.Background(), dialer.Adding{Records: []campaign.Record{r}})
	require.NoError(o.t, err)
	require.NoError(o.t, added[0].Err)
}

// call dials the record and reports what came of it.
func (o *office) call(r campaign.Result) campaign.Answer {
	o.t.Helper()
	ctx := context.Background()
	call, err := o.q.Take(ctx, dialer.Taking{Ref: o.ref(), Actor: campaign.Actor{Agent: "ann"}, Start: true})
	require.NoError(o.t, err)
	o.now = o.now.Add(30 * time.Second)
	a, err := o.q.Report(ctx, call.Ref, r)
	require.NoError(o.t, err)
	return a
}

func (o *office) ref() campaign.Ref { return campaign.Ref{Campaign: o.c.ID(), Record: "r1"} }

// looked is what the store knows of the record, with its last call.
func (o *office) looked() *campaign.Facts {
	o.t.Helper()
	var looked campaign.Looked
	ref := o.ref()
	require.NoError(o.t, o.store.Look(context.Background(), campaign.Need{}, &looked, ref))
	ref.Token = looked.Facts[0].Record.LastToken
	require.NoError(o.t, o.store.Look(context.Background(), campaign.Need{Before: true}, &looked, ref))
	return &looked.Facts[0]
}

func auto(id status.ID, q status.Qualifier, text string) status.Status {
	s := status.Status{ID: id, Title: string(id), Qualifier: q, AutoSet: text}
	if q == status.CallbackAfter {
		s.Delay = status.Delay(time.Hour)
	}
	return s
}

var modes = []campaign.Mode{campaign.Preview, campaign.ProgressiveMode, campaign.Power, campaign.Predictive}

// rows: K21, K22
func TestAConditionSetsItsStatusInEveryMode(t *testing.T) {
	for _, mode := range modes {
		o := newOffice(t, func(cfg *campaign.Config) { cfg.Mode = mode },
			auto("machine", status.CallbackAfter, `call.outcome == "voicemail" && record.fields.balance > 100.0 && call.mode == "`+string(mode)+`"`))
		a := o.call(campaign.Result{Outcome: campaign.Voicemail})
		assert.Equal(t, status.ID("machine"), a.Status, mode)
		assert.Equal(t, status.CallbackAfter, a.Qualifier, mode)
		assert.True(t, a.Has(campaign.WhyRule), mode)
		assert.Equal(t, o.now.Add(time.Hour), a.Due, mode)
		assert.Empty(t, a.Warnings, mode)
		assert.Equal(t, status.ID("machine"), o.looked().Record.Status, mode)
	}
}

// rows: K21
func TestThePositionOfAStatusDecidesBetweenConditionsThatHold(t *testing.T) {
	busy, often := auto("busy", status.Redial, `call.outcome == "busy"`), auto("often", status.EndOfQueue, `record.attempts >= 1`)
	for _, own := range [][]status.Status{{busy, often}, {often, busy}} {
		o := newOffice(t, func(cfg *campaign.Config) { cfg.Audit = true }, own...)
		a := o.call(campaign.Result{Outcome: campaign.LineBusy})
		assert.Equal(t, own[0].ID, a.Status)
		assert.Equal(t, []status.ID{own[1].ID}, a.Also, "audit names what else would have been set")
	}
}

// rows: K21
func TestWithoutAConditionThatHoldsTheFallbackDecides(t *testing.T) {
	o := newOffice(t, nil, auto("machine", status.Closed, `call.outcome == "voicemail"`))
	a := o.call(campaign.Result{Outcome: campaign.LineBusy})
	assert.Empty(t, a.Status)
	assert.Equal(t, status.Busy, a.Qualifier)
	assert.True(t, a.Has(campaign.WhyFallback))
}

// rows: K21
func TestAnAgentsChoiceWinsOverConditions(t *testing.T) {
	o := newOffice(t, nil, auto("rule", status.Closed, `true`), status.Status{ID: "chosen", Title: "Chosen", Qualifier: status.Redial})
	a := o.call(campaign.Result{Outcome: campaign.Voicemail, Status: "chosen", Actor: campaign.Actor{User: "ann", Agent: "ann"}})
	assert.Equal(t, status.ID("chosen"), a.Status)
	assert.True(t, a.Has(campaign.WhyChosen))
	assert.False(t, a.Has(campaign.WhyRule))
}

// rows: K21
func TestCallsThatReachedAnAgentAndCallsThatCameInAreNotAskedAbout(t *testing.T) {
	o := newOffice(t, nil, auto("rule", status.Closed, `true`))
	a := o.call(campaign.Result{Outcome: campaign.Answered})
	assert.Empty(t, a.Status)
	assert.Equal(t, status.Manual, a.Qualifier)

	o = newOffice(t, nil, auto("rule", status.Closed, `true`))
	ctx := context.Background()
	in, err := o.q.Inbound(ctx, dialer.Caller{Number: 48600100200, Agent: "ann"})
	require.NoError(t, err)
	a, err = o.q.Report(ctx, in.Records[0].Ref, campaign.Result{Outcome: campaign.Drop})
	require.NoError(t, err)
	assert.Empty(t, a.Status)
	assert.False(t, a.Has(campaign.WhyRule))
}

// rows: K21
func TestAConditionThatFailsIsReportedWithItsPlaceAndNeverTakenForFalse(t *testing.T) {
	fails := auto("fails", status.Closed, `record.attempts == 1 && record.fields.age / (record.attempts - 1) > 3`)
	next := auto("next", status.Redial, `record.attempts == 1`)
	o := newOffice(t, nil, fails, next)
	a := o.call(campaign.Result{Outcome: campaign.NoAnswer})
	assert.Equal(t, status.ID("next"), a.Status)
	require.Len(t, a.Warnings, 1)
	assert.Contains(t, a.Warnings[0], `"fails"`)
	assert.Contains(t, a.Warnings[0], `own[0].auto_set failed for record "r1" at column 25, record.fields.age / (record.attempts - 1): division by zero`)

	fails.AutoStop = true
	o = newOffice(t, nil, fails, next)
	a = o.call(campaign.Result{Outcome: campaign.NoAnswer})
	assert.Empty(t, a.Status)
	assert.True(t, a.Has(campaign.WhyFallback))
	require.Len(t, a.Warnings, 1)
	assert.Contains(t, a.Warnings[0], "column 25")
}

// rows: K21, K25
func TestADecisionSaysWhyOneConditionWonAndWhatBecameOfTheOthers(t *testing.T) {
	own := []status.Status{
		auto("off", status.Closed, `true`),
		auto("machine", status.CallbackAfter, `call.outcome == "voicemail"`),
		auto("fails", status.Closed, `record.next_call > now`),
		auto("undo", status.SuccessCancelled, `call.outcome == "busy"`),
		auto("often", status.EndOfQueue, `record.attempts >= 1 && since(record.created) < duration("1h")`),
		auto("busy", status.Redial, `call.outcome in ["busy", "no_answer"]`),
		auto("vip", status.Redial, `record.fields.vip && record.fields.balance > 500.0`),
	}
	own[0].Disabled = true
	o := newOffice(t, nil, own...)
	a := o.call(campaign.Result{Outcome: campaign.LineBusy})
	require.Equal(t, status.ID("often"), a.Status)

	// Afterwards, from what the store knows.
	f := o.looked()
	seen, ok := o.c.Seen(f, f.Call)
	require.True(t, ok)
	set, _ := rule.Of(o.c)
	d := set.ExplainCall(&seen, f.Call, o.now)
	assert.Equal(t, a.Status, d.Winner, "the explanation agrees with the decision")
	golden(t, "explain/decision.txt", d.String())

	own[4].AutoSet, own[5].AutoSet = `false`, `record.attempts > 5`
	own[2].AutoStop = true
	o = newOffice(t, nil, own...)
	a = o.call(campaign.Result{Outcome: campaign.LineBusy})
	require.Empty(t, a.Status)
	f = o.looked()
	seen, _ = o.c.Seen(f, f.Call)
	set, _ = rule.Of(o.c)
	d = set.ExplainCall(&seen, f.Call, o.now)
	assert.Empty(t, d.Winner)
	golden(t, "explain/decision-ended.txt", d.String())

	in := *f.Call
	in.Inbound = true
	d = set.ExplainCall(&seen, &in, o.now)
	assert.Empty(t, d.Winner)
	golden(t, "explain/decision-inbound.txt", d.String())
}

func TestExplainSaysWhatTheDialConditionHasRead(t *testing.T) {
	for text, want := range map[string]string{
		`record.attempts < 0 || record.fields.balance > 500.0`: `dial condition: record.attempts < 0 is false: record.attempts is 0; record.fields.balance > 500.0 is false: record.fields.balance is 120.5`,
		`record.fields.age / (record.attempts * 2) > 1`:        `dial condition: failed: condition failed for record "r1" at column 1, record.fields.age / (record.attempts * 2): division by zero: ask first whether the divisor is 0; record.fields.age is 41, record.attempts * 2 is 0`,
	} {
		o := newOffice(t, func(cfg *campaign.Config) { cfg.Condition = text })
		e, err := o.q.Explain(context.Background(), o.ref(), campaign.Asker{Reserved: true})
		require.NoError(t, err)
		require.Len(t, e.Blockers, 1)
		assert.Equal(t, want, e.Blockers[0].String())
	}
}
