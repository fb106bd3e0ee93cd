package dialer_test

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

// ruled opens a house whose campaigns compile with an engine.
func ruled(t testing.TB, rules campaign.RuleEngine, cfgs ...campaign.Config) *house {
	t.Helper()
	h := &house{t: t, clock: &clock{t: monday}, store: reusing{memstore.New()}, rules: rules, cfgs: cfgs}
	h.q = h.queue(dialer.Config{})
	return h
}

// speaking is an engine whose rules say why.
type speaking struct {
	campaign.GoRules
	why string
}

func (s speaking) Rules(c *campaign.Campaign, conditions []campaign.Condition) (campaign.Rules, []campaign.Warning, error) {
	rules, warnings, err := s.GoRules.Rules(c, conditions)
	return talkative{rules, conditions, s.why}, warnings, err
}

type talkative struct {
	campaign.Rules
	conditions []campaign.Condition
	why        string
}

func (r talkative) Why(i int, f *campaign.Facts, call *campaign.Call, _ time.Time) string {
	if r.conditions[i].Kind != campaign.DialWhen || call != nil || f.Record.ID == "" {
		return "asked about something else"
	}
	return r.why
}

// rows: K21
func TestExplainSaysWhatARulesEngineSaysOfTheDialCondition(t *testing.T) {
	broken := errors.New("no such key: age")
	for _, tt := range []struct {
		name string
		err  error
		why  string
		want string
	}{
		{"does not hold", nil, "attempts.total = 7, want < 5", "attempts.total = 7, want < 5"},
		{"fails", broken, "age is not set", "failed: no such key: age; age is not set"},
		{"says nothing", nil, "", "attempts.total < 5"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			engine := speaking{campaign.GoRules{Holds: func(c *campaign.Condition, _ *campaign.Facts, _ *campaign.Call, _ time.Time) (bool, error) {
				return false, tt.err
			}}, tt.why}
			// A rule before it, so that its place is not the first.
			own := []status.Status{{ID: "auto", Title: "auto", Qualifier: status.Redial, AutoSet: "x"}}
			h := ruled(t, engine, conf("sales", func(c *campaign.Config) { c.Condition, c.Own = "attempts.total < 5", own }))
			h.add(record("sales", "a", 1))
			e := h.explain("sales", "a", campaign.Asker{})
			require.Equal(t, []campaign.Reason{campaign.ReasonCondition}, reasons(e.Blockers))
			assert.Equal(t, tt.want, e.Blockers[0].Detail)
		})
	}
	engine := speaking{campaign.GoRules{Holds: func(*campaign.Condition, *campaign.Facts, *campaign.Call, time.Time) (bool, error) { return true, nil }}, "never said"}
	h := ruled(t, engine, conf("sales", func(c *campaign.Config) { c.Condition = "true" }))
	h.add(record("sales", "a", 1))
	assert.Empty(t, h.explain("sales", "a", campaign.Asker{}).Blockers)
}

// reader notes which kinds of conditions were asked, and wants the contact with each.
type reader struct {
	t     *testing.T
	where string
	known bool
	asked map[string]bool
}

func (r *reader) see(c *campaign.Condition, f *campaign.Facts) {
	r.asked[r.where+": "+c.Kind.String()] = true
	if r.known {
		assert.NotNil(r.t, f.Contact, "%s: %s", r.where, c.Kind)
	} else {
		assert.Nil(r.t, f.Contact, "%s: %s", r.where, c.Kind)
	}
}

func (r *reader) engine() campaign.RuleEngine {
	return campaign.GoRules{
		Reads: campaign.Reads{Contact: true},
		Holds: func(c *campaign.Condition, f *campaign.Facts, _ *campaign.Call, _ time.Time) (bool, error) {
			r.see(c, f)
			return c.Kind == campaign.DialWhen || c.Kind == campaign.ValidWhen, nil
		},
		Number: func(c *campaign.Condition, f *campaign.Facts, _ time.Time) (float64, error) {
			r.see(c, f)
			return 7, nil
		},
		Time: func(c *campaign.Condition, f *campaign.Facts, _ *campaign.Call, now time.Time) (time.Time, error) {
			r.see(c, f)
			return now, nil
		},
	}
}

func TestTheContactIsBroughtWhereverAConditionIsAsked(t *testing.T) {
	r := &reader{t: t, asked: map[string]bool{}}
	h := ruled(t, r.engine(), conf("sales", func(c *campaign.Config) {
		c.Condition, c.Rank = "dial", "rank"
		c.RecordTypes = []campaign.RecordType{{Name: "p", Fields: []campaign.Field{{Name: "age", Type: campaign.Int, ValidWhen: "valid", RequiredWhen: "required"}, {Name: "pet", RequiredWhen: "required"}}}}
		c.Own = []status.Status{{ID: "auto", Title: "auto", Qualifier: status.Redial, AutoSet: "x"},
			{ID: "soon", Title: "soon", Qualifier: status.EndOfQueue, NextAt: "soon", Validate: true}}
	}))
	step := func(where string, do func()) { r.where = where; do() }
	step("add", func() {
		h.add(record("sales", "a", 1, func(x *campaign.Record) {
			x.Contact, x.Type, x.Fields = "jan", "p", campaign.Fields{"age": 40}
		}))
	})
	errs, err := h.store.Commit(ctx, campaign.Change{Contact: &campaign.Contact{ID: "jan", Country: "PL"}})
	require.NoError(t, err)
	require.Nil(t, errs)
	r.known = true
	var call dialer.Call
	fields := campaign.Fields{"age": 41}
	step("next", func() { call = h.one(engine) })
	assert.Equal(t, "PL", call.Contact.Country)
	step("start", func() { call, err = h.q.Start(ctx, call.Ref, 0); require.NoError(t, err) })
	step("report", func() { h.report(call, campaign.Result{Outcome: campaign.NoAnswer, Fields: fields, Actor: boss}) })
	step("correct", func() {
		_, err := h.q.Correct(ctx, call.Ref, campaign.Correction{Status: "soon", Actor: boss, Fields: fields})
		require.NoError(t, err)
	})
	step("set", func() { h.set("sales", "a", "soon", campaign.Input{}) })
	step("edit", func() {
		_, err := h.q.Edit(ctx, ref("sales", "a"), campaign.Edit{Fields: fields, Actor: boss})
		require.NoError(t, err)
	})
	step("explain", func() { h.explain("sales", "a", campaign.Asker{}) })
	step("outlook", func() {
		_, err := h.q.Outlook(ctx, "sales", 2)
		require.NoError(t, err)
	})
	step("inbound", func() {
		in, err := h.q.Inbound(ctx, dialer.Caller{Number: number(1), Agent: "ann"})
		require.NoError(t, err)
		h.report(dialer.Call{Ref: in.Records[0].Ref}, campaign.Result{Outcome: campaign.Answered, Status: "soon", Fields: fields, Actor: boss})
	})
	step("take", func() {
		_, err := h.q.Take(ctx, dialer.Taking{Ref: ref("sales", "a"), Actor: boss, Start: true})
		require.NoError(t, err)
	})
	h.wait(time.Hour)
	step("explain expired", func() { h.explain("sales", "a", campaign.Asker{}) })
	step("expiry", func() { h.none(engine) })
	assert.Equal(t, []string{
		"add: rank", "add: valid when",
		"correct: next call", "correct: rank", "correct: required when", "correct: valid when",
		"edit: rank", "edit: required when", "edit: valid when",
		"expiry: auto-set", "explain expired: auto-set", "explain expired: dial condition", "explain: dial condition",
		"inbound: dial condition", "inbound: next call", "inbound: rank", "inbound: required when", "inbound: valid when",
		"next: dial condition", "outlook: dial condition",
		"report: auto-set", "report: valid when",
		"set: next call", "set: rank", "set: required when",
		"start: dial condition", "take: dial condition",
	}, slices.Sorted(maps.Keys(r.asked)))
}

func TestFreshRecordsComeByTheCampaignsRank(t *testing.T) {
	rank := campaign.GoRules{Number: func(_ *campaign.Condition, f *campaign.Facts, _ time.Time) (float64, error) {
		balance, ok := f.Record.Fields["balance"].(int64)
		if !ok {
			return 0, errors.New("no balance")
		}
		return float64(10_000 - balance), nil
	}}
	h := ruled(t, rank, conf("sales", func(c *campaign.Config) {
		c.Rank = "10000 - record.fields.balance"
		c.RecordTypes = []campaign.RecordType{{Name: "debt", Fields: []campaign.Field{{Name: "balance", Type: campaign.Int}}}}
	}))
	var records []campaign.Record
	for i, balance := range []any{300, nil, 9000, 300, 50_000, -1} {
		records = append(records, record("sales", string(rune('a'+i)), i, func(r *campaign.Record) {
			r.Type, r.Order, r.Fields = "debt", uint16(i+1), campaign.Fields{"balance": balance}
		}))
	}
	added, err := h.q.Add(ctx, dialer.Adding{Records: records})
	require.NoError(t, err)
	for i, a := range added {
		require.NoError(t, a.Err)
		if i == 1 {
			assert.Equal(t, []string{"the rank failed, so the record comes last: no balance"}, a.Warnings)
		} else {
			assert.Empty(t, a.Warnings)
		}
	}
	_, err = h.q.Edit(ctx, ref("sales", "f"), campaign.Edit{Fields: campaign.Fields{"balance": 8000}, Actor: boss})
	require.NoError(t, err)
	assert.Equal(t, []string{"5:e", "5:c", "5:f", "5:a", "5:d", "5:b"}, h.order(engine))

	again, err := h.q.Add(ctx, dialer.Adding{Records: records[1:2]})
	require.NoError(t, err)
	require.Error(t, again[0].Err)
	assert.Empty(t, again[0].Warnings, "what was not added has nothing to warn of")
}

// A repeated report is given what the first one was told, of the audit too.
func TestAnAuditIsStoredWithTheCall(t *testing.T) {
	yes := campaign.GoRules{Holds: func(*campaign.Condition, *campaign.Facts, *campaign.Call, time.Time) (bool, error) { return true, nil }}
	h := ruled(t, yes, conf("sales", func(c *campaign.Config) {
		c.Audit = true
		for _, id := range []status.ID{"one", "two", "three"} {
			c.Own = append(c.Own, status.Status{ID: id, Title: string(id), Qualifier: status.Redial, AutoSet: "true"})
		}
	}))
	h.add(record("sales", "a", 1))
	call := h.one(dialer.Ask{Start: true})
	first := h.report(call, campaign.Result{Outcome: campaign.NoAnswer})
	assert.Equal(t, []status.ID{"two", "three"}, first.Also)
	assert.Equal(t, first, h.report(call, campaign.Result{Outcome: campaign.NoAnswer}))
	assert.Equal(t, first.Also, h.calls("sales", "a")[0].Answer.Also)
	h.restart()
	assert.Equal(t, first.Also, h.calls("sales", "a")[0].Answer.Also, "after a restart as well")
}

// restart saves the house's store and goes on with what was loaded.
func (h *house) restart() {
	h.t.Helper()
	var saved bytes.Buffer
	require.NoError(h.t, h.store.(reusing).Snapshot(ctx, &saved))
	loaded, err := memstore.Load(ctx, &saved)
	require.NoError(h.t, err)
	h.store = reusing{loaded}
	h.q = h.queue(dialer.Config{})
}
