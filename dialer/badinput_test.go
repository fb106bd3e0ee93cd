package dialer_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

// every returns all errors of a type in err's tree.
func every[T error](err error) []T {
	var list []T
	switch e := err.(type) {
	case nil:
	case T:
		list = append(list, e)
	case interface{ Unwrap() []error }:
		for _, part := range e.Unwrap() {
			list = append(list, every[T](part)...)
		}
	case interface{ Unwrap() error }:
		list = append(list, every[T](e.Unwrap())...)
	}
	return list
}

// rows: D20, D24, D26, K20, K25, K26
func TestAReportWithAMistakeSaysWhatWouldBeRightAndChangesNothing(t *testing.T) {
	asks := func(c *campaign.Config) {
		c.RecordTypes = []campaign.RecordType{{Name: "lead", Fields: []campaign.Field{
			{Name: "email", Required: true}, {Name: "plan", Required: true}, {Name: "secret", Required: true, Hidden: true},
		}}}
		c.Agents = []campaign.AgentID{"ann", "bob"}
	}
	is := func(target any) func(error) bool { return func(err error) bool { return errors.As(err, target) } }
	for name, tc := range map[string]struct {
		edit   func(*campaign.Config)
		result campaign.Result
		is     func(error) bool
		says   []string
	}{
		"a status nobody knows":  {nil, chosen("soldd"), is(new(*campaign.StatusError)), []string{"soldd", `did you mean "sold"`}},
		"a disabled one":         {nil, chosen("old"), is(new(*campaign.StatusError)), []string{"disabled"}},
		"one that is not added":  {nil, chosen("elsewhere"), is(new(*campaign.StatusError)), []string{"not attached"}},
		"one of another queue's": {func(c *campaign.Config) { c.Queue = "support" }, chosen("no"), is(new(*campaign.StatusError)), []string{"queue", "support"}},
		"no time":                {nil, chosen("back"), is(new(*campaign.InputError)), []string{"date", "hour"}},
		"a date without an hour": {nil, with(chosen("back"), campaign.Input{Date: "2026-03-05"}), is(new(*campaign.InputError)), []string{"hour", "23:59"}},
		"no such date":           {nil, with(chosen("back"), campaign.Input{Date: "2026-02-30", Hour: "10:00"}), is(new(*campaign.InputError)), []string{"2026-02-30", "want the date"}},
		"no such zone":           {nil, with(chosen("back"), campaign.Input{Date: "2026-03-05", Hour: "10:00", Zone: "Mars/Olympus"}), is(new(*campaign.InputError)), []string{"Mars/Olympus", warsaw}},
		"a year past 9999":       {nil, with(chosen("back"), campaign.Input{At: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}), is(new(*campaign.InputError)), []string{"9999"}},
		"a year before 1":        {nil, with(chosen("back"), campaign.Input{At: time.Date(0, 12, 31, 0, 0, 0, 0, time.UTC)}), is(new(*campaign.InputError)), []string{"year from 1"}},
		"a time not asked for":   {nil, with(chosen("no"), campaign.Input{At: in(time.Hour)}), is(new(*campaign.InputError)), []string{"leave it out"}},
		"an agent not asked for": {nil, with(chosen("back"), campaign.Input{At: in(time.Hour), Agent: "bob"}), is(new(*campaign.InputError)), []string{"bob", "leave it out"}},
		"an agent who is not there": {asks, with(chosen("mine"), campaign.Input{At: in(time.Hour), Agent: "zoe"}),
			is(new(*campaign.AgentError)), []string{"zoe"}},
		"an empty required field":   {asks, chosen("form"), is(new(*campaign.RequiredError)), []string{"email", "plan"}},
		"text that is not UTF-8":    {nil, campaign.Result{Outcome: campaign.Answered, Status: "no", Note: "\xff"}, is(new(*campaign.FieldError)), []string{"UTF-8"}},
		"a field that nobody knows": {asks, campaign.Result{Outcome: campaign.Answered, Status: "no", Fields: campaign.Fields{"emial": "x"}}, is(new(*campaign.FieldError)), []string{"emial"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, conf("sales", func(c *campaign.Config) {
				if tc.edit != nil {
					tc.edit(c)
				}
			}))
			lead := ""
			if len(h.cfgs[0].RecordTypes) > 0 {
				lead = "lead"
			}
			h.add(record("sales", "a", 1, func(r *campaign.Record) { r.Type = lead }))
			call := h.one(dialer.Ask{Agent: "ann", Start: true})
			before := h.explain("sales", "a", campaign.Asker{})
			_, err := h.q.Report(ctx, call.Ref, tc.result)
			require.Error(t, err)
			assert.True(t, tc.is(err), "%T: %v", err, err)
			for _, word := range tc.says {
				assert.Contains(t, err.Error(), word)
			}
			for _, e := range every[*campaign.RequiredError](err) {
				assert.NotContains(t, e.Fields, "secret", "a hidden field is not demanded")
			}
			assert.Equal(t, before, h.explain("sales", "a", campaign.Asker{}))
		})
	}
}

func with(r campaign.Result, in campaign.Input) campaign.Result {
	r.Input = in
	return r
}

// rows: D20, D24, D26
func TestAllMistakesAreReportedAtOnce(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) {
		c.RecordTypes = []campaign.RecordType{{Name: "lead", Fields: []campaign.Field{{Name: "email", Required: true}}}}
	}))
	h.add(record("sales", "a", 1, func(r *campaign.Record) { r.Type = "lead" }))
	call := h.one(dialer.Ask{Agent: "ann", Start: true})
	r := chosen("form-later")
	r.Input.Agent = "bob" // not asked for
	r.Note = "\xff"
	_, err := h.q.Report(ctx, call.Ref, r)
	var fields []string
	for _, e := range every[*campaign.InputError](err) {
		fields = append(fields, e.Field)
	}
	assert.ElementsMatch(t, []string{"date", "hour", "agent"}, fields)
	assert.Len(t, every[*campaign.RequiredError](err), 1)
	assert.Len(t, every[*campaign.FieldError](err), 1)

	// With all of them put right it is taken.
	r = with(chosen("form-later"), campaign.Input{Date: "2026-03-05", Hour: "10:00"})
	r.Fields = campaign.Fields{"email": "jan@example.com"}
	assert.Equal(t, time.Date(2026, 3, 5, 9, 0, 0, 0, time.UTC), h.report(call, r).Due)
}

// rows: D21, D25
func TestAStatusWithoutTheFlagsDemandsNothing(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) {
		c.RecordTypes = []campaign.RecordType{{Name: "lead", Fields: []campaign.Field{{Name: "email", Required: true}}}}
	}))
	h.add(record("sales", "a", 1, func(r *campaign.Record) { r.Type = "lead" }))
	h.report(h.one(dialer.Ask{Agent: "ann", Start: true}), chosen("call"))
}

func TestABadAskIsNamedField(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) { c.Agents = []campaign.AgentID{"ann"} }))
	for name, tc := range map[string]struct {
		ask  dialer.Ask
		says string
	}{
		"limit":     {dialer.Ask{Limit: -1}, "1 to 10000"},
		"too many":  {dialer.Ask{Limit: 10_001}, "1 to 10000"},
		"parks":     {dialer.Ask{MaxParks: -1}, "positive"},
		"agent":     {dialer.Ask{Agent: "\xff"}, "UTF-8"},
		"stranger":  {dialer.Ask{Agent: "zoe", Campaigns: []campaign.ID{"sales"}}, "zoe does not work in campaign sales"},
		"all wrong": {dialer.Ask{Limit: -1, MaxParks: -1, Agent: "\xff"}, "max parks"},
	} {
		_, err := h.q.Next(ctx, tc.ask)
		as[*dialer.AskError](t, err)
		assert.ErrorContains(t, err, tc.says, name)
		if name == "all wrong" {
			assert.Len(t, every[*dialer.AskError](err), 3)
		}
	}
	_, err := h.q.Next(ctx, dialer.Ask{Campaigns: []campaign.ID{"nowhere"}})
	assert.Equal(t, campaign.ID("nowhere"), as[*dialer.CampaignError](t, err).ID)
}

func TestNobodyTakesWhatTheyMayNotUse(t *testing.T) {
	h := open(t, conf("sales"), conf("other"))
	h.add(record("sales", "a", 1))
	take := taking("sales", "a")
	take.Actor.Campaigns = []campaign.ID{"other"}
	_, err := h.q.Take(ctx, take)
	assert.Contains(t, as[*campaign.ActorError](t, err).Error(), `only ["other"]`)
	for _, bad := range []campaign.AgentID{"\xff", "a\x00"} {
		take := taking("sales", "a")
		take.Actor.Agent = bad
		_, err = h.q.Take(ctx, take)
		as[*dialer.AskError](t, err)
		_, err = h.q.Inbound(ctx, dialer.Caller{Number: number(1), Agent: bad})
		as[*dialer.AskError](t, err)
		_, err = h.q.Next(ctx, dialer.Ask{Agent: bad})
		as[*dialer.AskError](t, err)
	}
}

func TestWhatDoesNotExistIsNotFound(t *testing.T) {
	h := open(t, conf("sales"))
	ghost := campaign.Ref{Campaign: "sales", Record: "ghost", Token: 1}
	nowhere := campaign.Ref{Campaign: "nowhere", Record: "a", Token: 1}
	for name, do := range map[string]func(campaign.Ref) error{
		"start":   func(r campaign.Ref) error { return errOf(h.q.Start(ctx, r, 0)) },
		"extend":  func(r campaign.Ref) error { return errOf(h.q.Extend(ctx, r, dialer.Extension{})) },
		"release": func(r campaign.Ref) error { return h.q.Release(ctx, r) },
		"skip":    func(r campaign.Ref) error { return errOf(h.q.Skip(ctx, r, ann)) },
		"report":  func(r campaign.Ref) error { return errOf(h.q.Report(ctx, r, chosen("no"))) },
		"correct": func(r campaign.Ref) error {
			return errOf(h.q.Correct(ctx, r, campaign.Correction{Status: "no", Actor: ann}))
		},
		"set":     func(r campaign.Ref) error { return errOf(h.q.Set(ctx, r, campaign.Set{Status: "no", Actor: boss})) },
		"edit":    func(r campaign.Ref) error { return errOf(h.q.Edit(ctx, r, campaign.Edit{})) },
		"message": func(r campaign.Ref) error { return errOf(h.q.Message(ctx, r, campaign.Message{})) },
		"take":    func(r campaign.Ref) error { return errOf(h.q.Take(ctx, dialer.Taking{Ref: r})) },
		"explain": func(r campaign.Ref) error { return errOf(h.q.Explain(ctx, r, campaign.Asker{})) },
	} {
		err := do(ghost)
		require.ErrorIs(t, err, campaign.ErrNotFound, name)
		assert.ErrorContains(t, err, "ghost", name)
		as[*dialer.CampaignError](t, do(nowhere))
	}
}

func TestACallThatWasNotStartedHasNoResult(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	call := h.one(agent("ann"))
	_, err := h.q.Report(ctx, call.Ref, chosen("no"))
	require.ErrorIs(t, err, campaign.ErrNotStarted)
	require.NoError(t, h.q.Release(ctx, call.Ref), "the lease is still there")
}

func TestACorrectionNamesAFinishedCall(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	for _, token := range []campaign.Token{0, 77} {
		_, err := h.q.Correct(ctx, campaign.Ref{Campaign: "sales", Record: "a", Token: token}, campaign.Correction{Status: "no", Actor: ann})
		as[*campaign.CorrectionError](t, err)
	}
}

func TestAnUnknownOutcomeIsTakenAsUnknownWithAWarning(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	outcome, err := campaign.ParseOutcome("SIP 499")
	as[*campaign.OutcomeError](t, err)
	call := h.one(dialer.Ask{Start: true})
	assert.Equal(t, campaign.Unknown, h.report(call, campaign.Result{Outcome: outcome}).Outcome)

	h.wait(2 * time.Hour)
	call = h.one(dialer.Ask{Start: true})
	a := h.report(call, campaign.Result{Outcome: campaign.Outcome(200)})
	assert.Equal(t, campaign.Unknown, a.Outcome)
	assert.NotEmpty(t, a.Warnings)
}

func TestATimeThatHasPassedIsDueNowWithAWarning(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	a := h.set("sales", "a", "back", campaign.Input{Date: "2026-03-01", Hour: "10:00"})
	assert.Equal(t, monday, a.Due)
	assert.NotEmpty(t, a.Warnings)
	assert.Equal(t, []string{"4:a"}, h.order(engine))
}

func TestAStatusSetWithoutACallSaysWhatItBlacklists(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(several("sales", "a", 1, 2))
	_, err := h.q.Set(ctx, ref("sales", "a"), campaign.Set{Status: "never", Actor: boss})
	assert.Contains(t, as[*campaign.FieldError](t, err).Error(), `"all numbers"`)
	_, err = h.q.Set(ctx, ref("sales", "a"), campaign.Set{Status: "never", Actor: boss, Blacklist: campaign.WhichAll})
	require.NoError(t, err)
	assert.True(t, h.listed(1))
	assert.True(t, h.listed(2))
	_, err = h.q.Set(ctx, ref("sales", "a"), campaign.Set{Qualifier: status.Success, Actor: boss})
	as[*campaign.FieldError](t, err)
}

func TestErrorsOfAQueueSpeakForThemselves(t *testing.T) {
	for _, tc := range []struct {
		err  error
		says []string
	}{
		{&dialer.CampaignError{ID: "x"}, []string{`"x"`, "Loader"}},
		{&dialer.AskError{Field: "limit", Msg: "want 1"}, []string{"limit", "want 1"}},
		{&dialer.OverrideError{What: "gap", Msg: "no"}, []string{"gap"}},
		{&dialer.BlockedError{Ref: ref("c", "r"), Earliest: monday, Blockers: []campaign.Blocker{{Reason: campaign.ReasonGap, Number: number(1)}}},
			[]string{"record r of campaign c", "too soon", "+48600000001", "2026-03-02T09:00:00Z"}},
		{&dialer.LeaseLostError{Ref: campaign.Ref{Campaign: "c", Record: "r", Token: 7}}, []string{"lease 7", "record r"}},
		{&campaign.ListedError{Answers: []blacklist.Answer{{Number: number(1), Entry: blacklist.Entry{List: "own"}}}}, []string{"own", "+48600000001"}},
	} {
		for _, word := range tc.says {
			assert.ErrorContains(t, tc.err, word)
		}
	}
}
