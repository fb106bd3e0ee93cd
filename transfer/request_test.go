package transfer_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/plainstore"
	"github.com/nextcall/nextcall/status"
	"github.com/nextcall/nextcall/transfer"
)

var (
	ctx = context.Background()
	now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	sue = campaign.Actor{User: "sue", Agent: "sue"}
)

// compile makes a campaign with a few statuses, one of them its own.
func compile(t testing.TB, id campaign.ID) *campaign.Campaign {
	t.Helper()
	own := []status.Status{
		{ID: "again", Title: "Call again", Qualifier: status.Redial},
		{ID: "later", Title: "Not before", Qualifier: status.CallbackAt},
		{ID: "mine", Title: "My record", Qualifier: status.OwnCallbackAt},
		{ID: "bobs", Title: "Bob's", Qualifier: status.OwnCallbackAt, Agent: "bob"},
		{ID: "nothing", Title: "Nothing", Qualifier: status.Manual},
		{ID: "sold", Title: "Sold", Qualifier: status.Success},
		{ID: "refusal", Title: "Refusal", Qualifier: status.Closed, Blacklist: "dnc"},
		{ID: "off", Title: "Off", Qualifier: status.Redial, Disabled: true},
		{ID: "flagged", Title: "Flagged", Qualifier: status.Redial, NextCall: true},
	}
	own = append(own, status.Status{ID: status.ID("only_" + id), Title: "Only here", Qualifier: status.Closed})
	c, _, err := campaign.Compile(campaign.Config{ID: id, Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw", Own: own,
		Agents: []campaign.AgentID{"ann", "bob", "sue"}}, nil, nil)
	require.NoError(t, err)
	return c
}

func bulk(t testing.TB) *transfer.Bulk {
	t.Helper()
	loaded := []*campaign.Campaign{compile(t, "spring"), compile(t, "autumn")}
	b, err := transfer.New(plainstore.New(), func(context.Context) ([]*campaign.Campaign, error) { return loaded, nil })
	require.NoError(t, err)
	return b
}

// all returns the errors of one type, at any depth.
func all[T error](err error) (found []T) {
	var one T
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			found = append(found, all[T](e)...)
		}
	} else if errors.As(err, &one) {
		found = append(found, one)
	}
	return found
}

// paths are where the fields are that are wrong.
func paths(err error) (paths []string) {
	for _, e := range all[*campaign.FieldError](err) {
		paths = append(paths, e.Path)
	}
	for _, e := range all[*campaign.InputError](err) {
		paths = append(paths, "input "+e.Field)
	}
	for _, e := range all[*transfer.CampaignError](err) {
		paths = append(paths, e.Path+" "+string(e.ID))
	}
	for _, e := range all[*campaign.StatusError](err) {
		paths = append(paths, "status "+string(e.ID))
	}
	for _, e := range all[*campaign.MoveError](err) {
		paths = append(paths, "qualifier "+e.Qualifier.String())
	}
	for range all[*campaign.AgentError](err) {
		paths = append(paths, "agent")
	}
	for range all[*campaign.ActorError](err) {
		paths = append(paths, "actor")
	}
	return paths
}

var spring = campaign.Filter{Campaigns: []campaign.ID{"spring"}}

func set(id status.ID, edits ...func(*campaign.Set)) campaign.Set {
	s := campaign.Set{Status: id, Actor: sue, Operation: "op"}
	for _, edit := range edits {
		edit(&s)
	}
	return s
}

// rows: Z2, Z3, Z20, Z21, Z22, Z23, Z24, P4, P5, P10, P11, P16, P17, P18
func TestARequestWithAMistakeIsRefused(t *testing.T) {
	at := func(s *campaign.Set) { s.Input.At = now.Add(time.Hour) }
	agent := func(s *campaign.Set) { s.Input.Agent = "bob" }
	with := func(edit func(*campaign.Filter)) campaign.Filter {
		f := spring
		edit(&f)
		return f
	}
	for _, tt := range []struct {
		name string
		r    transfer.Request
		want []string
	}{
		{"no campaign", transfer.Change{Set: set("again")}, []string{"filter.campaigns"}},
		{"an empty campaign", transfer.Change{Filter: campaign.Filter{Campaigns: []campaign.ID{""}}, Set: set("again")}, []string{"filter.campaigns"}},
		{"two campaigns", transfer.Change{Filter: campaign.Filter{Campaigns: []campaign.ID{"spring", "autumn"}}, Set: set("again")}, []string{"filter.campaigns"}},
		{"a campaign that nobody knows", transfer.Change{Filter: campaign.Filter{Campaigns: []campaign.ID{"sprin"}}, Set: set("again")}, []string{"filter.campaigns sprin"}},
		{"no target", transfer.Change{Filter: spring, Set: campaign.Set{Actor: sue}}, []string{"status"}},
		{"a status of another campaign", transfer.Change{Filter: spring, Set: set("only_autumn")}, []string{"status only_autumn"}},
		{"a status of the source", transfer.Move{Filter: spring, To: "autumn", Set: set("only_spring")}, []string{"status only_spring"}},
		{"a source status of another campaign", transfer.Move{Filter: with(func(f *campaign.Filter) { f.Statuses = []status.ID{"only_autumn"} }), To: "autumn", Set: set("again")}, []string{"status only_autumn"}},
		{"a disabled status", transfer.Change{Filter: spring, Set: set("off")}, []string{"status off"}},
		{"a qualifier that is not set by itself", transfer.Change{Filter: spring, Set: campaign.Set{Qualifier: status.Redial, Actor: sue}}, []string{"qualifier"}},
		{"status and qualifier", transfer.Change{Filter: spring, Set: set("again", func(s *campaign.Set) { s.Qualifier = status.Unused })}, []string{"qualifier"}},
		{"moved to none", transfer.Move{Filter: spring, To: "autumn", Set: set("nothing")}, []string{"qualifier manual"}},
		{"successes", transfer.Move{Filter: with(func(f *campaign.Filter) {
			f.Qualifiers = []status.Qualifier{status.Success, status.Redial, status.SuccessClosed}
		}), To: "autumn", Set: set("again")}, []string{"qualifier success", "qualifier success_closed"}},
		{"a success status", transfer.Move{Filter: with(func(f *campaign.Filter) { f.Statuses = []status.ID{"sold"} }), To: "autumn", Set: set("again")}, []string{"qualifier success"}},
		{"own callbacks", transfer.Move{Filter: with(func(f *campaign.Filter) { f.Systems = []campaign.System{campaign.SystemMine} }), To: "autumn", Set: set("again")}, []string{"qualifier own_callback_at", "qualifier own_callback_after"}},
		{"records in progress", transfer.Move{Filter: with(func(f *campaign.Filter) { f.Systems = []campaign.System{campaign.SystemInProgress} }), To: "autumn", Set: set("again")}, []string{"filter.systems"}},
		{"no campaign to go to", transfer.Move{Filter: spring, Set: set("again")}, []string{"to"}},
		{"nobody knows where to", transfer.Move{Filter: spring, To: "winter", Set: set("again")}, []string{"to winter"}},
		{"an unknown record type", transfer.Move{Filter: spring, To: "autumn", Type: "persn", Set: set("again")}, []string{"type"}},
		{"an input that is not active", transfer.Change{Filter: spring, Set: set("again", at, agent)}, []string{"input at", "input agent"}},
		{"an agent for a public callback", transfer.Change{Filter: spring, Set: set("later", at, agent)}, []string{"input agent"}},
		{"a missing time", transfer.Change{Filter: spring, Set: set("later")}, []string{"input date", "input hour"}},
		{"a missing time of the next-call flag", transfer.Move{Filter: spring, To: "autumn", Set: set("flagged")}, []string{"input date", "input hour"}},
		{"a time for unused", transfer.Change{Filter: spring, Set: campaign.Set{Qualifier: status.Unused, Actor: sue, Input: campaign.Input{At: now}}}, []string{"input at"}},
		{"an own callback of nobody", transfer.Change{Filter: spring, Set: set("mine", at)}, []string{"agent"}},
		{"of an agent who is not there", transfer.Change{Filter: spring, Set: set("mine", at, func(s *campaign.Set) { s.Input.Agent = "eve" })}, []string{"agent"}},
		{"which numbers are blacklisted", transfer.Change{Filter: spring, Set: set("refusal")}, []string{"blacklist"}},
		{"nobody asked which", transfer.Change{Filter: spring, Set: set("again", func(s *campaign.Set) { s.Blacklist = campaign.WhichAll })}, []string{"blacklist"}},
		{"an actor without an agent account", transfer.Change{Filter: spring, Set: set("again", func(s *campaign.Set) { s.Actor.Agent = "" })}, []string{"actor"}},
		{"no actor", transfer.Change{Filter: spring, Set: campaign.Set{Status: "again"}}, []string{"actor"}},
		{"an actor who may use neither", transfer.Move{Filter: spring, To: "autumn", Set: set("again", func(s *campaign.Set) { s.Actor.Campaigns = []campaign.ID{"winter"} })}, []string{"actor", "actor"}},
		{"an actor who may not use the source", transfer.Move{Filter: spring, To: "autumn", Set: set("again", func(s *campaign.Set) { s.Actor.Campaigns = []campaign.ID{"autumn"} })}, []string{"actor"}},
		{"a negative limit", transfer.Change{Filter: spring, Limit: -1, Set: set("again")}, []string{"limit"}},
		{"the filter's own limit", transfer.Change{Filter: with(func(f *campaign.Filter) { f.Limit = 5 }), Set: set("again")}, []string{"filter.limit"}},
		{"the filter's own place", transfer.Change{Filter: with(func(f *campaign.Filter) { f.After = campaign.Ref{Record: "r"} }), Set: set("again")}, []string{"filter.after"}},
		{"a filter that is wrong", transfer.Change{Filter: with(func(f *campaign.Filter) { f.Systems = []campaign.System{"busi"} }), Set: set("again")}, []string{"filter.systems[0]"}},
		{"an undo of nothing", transfer.Undo{Operation: "undo", Actor: sue}, []string{"undoes", "log"}},
		{"an undo of itself", transfer.Undo{Undoes: "op", Operation: "op", Actor: sue, Log: nothing}, []string{"operation"}},
		{"an undo by nobody", transfer.Undo{Undoes: "op", Operation: "undo", Log: nothing}, []string{"actor"}},
		{"everything at once", transfer.Move{Filter: campaign.Filter{Qualifiers: []status.Qualifier{status.Success}, Limit: 3}, Limit: -1, To: "autumn",
			Set: campaign.Set{Status: "nothing", Input: campaign.Input{At: now, Agent: "eve"}, Blacklist: campaign.WhichMain, Actor: campaign.Actor{User: "clerk"}}},
			[]string{"filter.campaigns", "filter.limit", "limit", "blacklist", "input at", "input agent", "qualifier success", "qualifier manual", "actor"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := bulk(t).Plan(ctx, tt.r, now)
			require.Error(t, err)
			assert.ElementsMatch(t, tt.want, paths(err), err.Error())
			_, again := bulk(t).Run(ctx, tt.r, now, transfer.Options{})
			assert.Equal(t, err.Error(), again.Error())
		})
	}
}

var nothing iter.Seq2[transfer.Before, error] = func(func(transfer.Before, error) bool) {}

func TestARunNeedsAnOperation(t *testing.T) {
	r := transfer.Change{Filter: spring, Set: set("again", func(s *campaign.Set) { s.Operation = "" })}
	_, err := bulk(t).Plan(ctx, r, now)
	require.NoError(t, err)
	_, err = bulk(t).Run(ctx, r, now, transfer.Options{})
	assert.Equal(t, []string{"operation"}, paths(err))
	_, err = bulk(t).Run(ctx, nil, now, transfer.Options{})
	require.Error(t, err)
	_, err = bulk(t).Run(ctx, r, now, transfer.Options{Batch: -1})
	assert.Equal(t, []string{"batch"}, paths(err))
}

// What a single change of a status says is wrong, a change of many says too.
func TestTheErrorsAreThoseOfASingleChange(t *testing.T) {
	c := compile(t, "spring")
	for _, id := range []status.ID{"again", "later", "mine", "bobs", "refusal", "off", "flagged", "only_autumn", ""} {
		for _, in := range []campaign.Input{{}, {At: now.Add(time.Hour)}, {Agent: "bob"}, {Agent: "eve"}, {Date: "2026-03-03"}, {Date: "soon", Hour: "25:00", Zone: "Warsaw"}} {
			s := campaign.Set{Status: id, Input: in, Actor: sue, Operation: "op"}
			single := campaign.Facts{Record: campaign.Record{ID: "r", Campaign: "spring", Progress: campaign.Progress{Standing: status.StandingQueued}}}
			_, want := c.Apply(&single, s, now)
			_, got := bulk(t).Plan(ctx, transfer.Change{Filter: spring, Set: s}, now)
			if want == nil {
				assert.NoError(t, got)
				continue
			}
			require.Error(t, got)
			assert.Equal(t, want.Error(), got.Error())
		}
	}
}

func TestTheCampaignsMustLoad(t *testing.T) {
	_, err := transfer.New(nil, nil)
	require.Error(t, err)
	_, err = transfer.New(plainstore.New(), nil)
	require.Error(t, err)
	broken := errors.New("no connection")
	for _, load := range []func(context.Context) ([]*campaign.Campaign, error){
		func(context.Context) ([]*campaign.Campaign, error) { return nil, broken },
		func(context.Context) ([]*campaign.Campaign, error) { return []*campaign.Campaign{nil}, nil },
	} {
		b, err := transfer.New(plainstore.New(), load)
		require.NoError(t, err)
		_, err = b.Plan(ctx, transfer.Change{Filter: spring, Set: set("again")}, now)
		require.Error(t, err)
	}
}

// rows: Z20, Z21, Z22, Z23, Z24, P18
func TestAScreenIsToldTheTargetsAndTheirInputs(t *testing.T) {
	c := compile(t, "spring")
	want := map[status.ID]status.Inputs{
		"": {}, "again": {}, "nothing": {}, "sold": {}, "refusal": {}, "only_spring": {},
		"later":   {Time: true, TimeRequired: true},
		"flagged": {Time: true, TimeRequired: true},
		"mine":    {Time: true, TimeRequired: true, Agent: true, AgentRequired: true},
		"bobs":    {Time: true, TimeRequired: true, Agent: true},
	}
	got := map[status.ID]status.Inputs{}
	targets := transfer.Targets(c)
	for _, x := range targets {
		got[x.Status] = x.Inputs
		assert.NotEmpty(t, x.Title)
		assert.Equal(t, x.Status == "refusal", x.Blacklist == "dnc")
	}
	assert.Equal(t, want, got)
	assert.Equal(t, status.Unused, targets[0].Qualifier, "unused comes first")
	move := transfer.MoveTargets(c)
	assert.Len(t, move, len(targets)-1)
	assert.False(t, slices.ContainsFunc(move, func(x transfer.Target) bool { return x.Qualifier == status.Manual }))

	// A request is taken with exactly the inputs that are said to be active.
	for _, x := range targets {
		for _, given := range []status.Inputs{{}, {Time: true}, {Agent: true}, {Time: true, Agent: true}} {
			s := campaign.Set{Status: x.Status, Actor: sue, Operation: "op"}
			if x.Status == "" {
				s.Qualifier = status.Unused
			}
			if x.Blacklist != "" {
				s.Blacklist = campaign.WhichNone
			}
			if given.Time {
				s.Input.At = now.Add(time.Hour)
			}
			if given.Agent {
				s.Input.Agent = "bob"
			}
			_, err := bulk(t).Plan(ctx, transfer.Change{Filter: spring, Set: s}, now)
			right := given.Time == x.Inputs.Time && (given.Agent == x.Inputs.Agent || x.Inputs.Agent && !x.Inputs.AgentRequired)
			assert.Equal(t, right, err == nil, "%s with %+v: %v", x.Title, given, err)
		}
	}
}

// rows: P15
func TestTheReportSaysInALineWhatCameOfIt(t *testing.T) {
	r := transfer.Report{Kind: transfer.Moved, From: "spring", To: "autumn", Statuses: []status.ID{"no_interest"}, Status: "call_again",
		Found: 124, Changed: 120, Already: 1, Skipped: []transfer.Skipped{{Reason: transfer.InProgress, Count: 2}, {Reason: transfer.LimitReached, Count: 1}}}
	assert.Equal(t, `moved 120 records from campaign "spring", status "no_interest", to campaign "autumn", status "call_again"; 1 record already; 3 skipped: 2 in progress, 1 limit reached`, r.String())
	assert.Equal(t, 2, r.SkippedFor(transfer.InProgress))
	assert.Zero(t, r.SkippedFor(transfer.Exists))
	r = transfer.Report{Kind: transfer.Changed, Dry: true, From: "spring", To: "spring", Statuses: []status.ID{"a", "b"}, Qualifier: status.Unused, Changed: 1}
	assert.Equal(t, `would change 1 record of campaign "spring", statuses ["a" "b"], to unused`, r.String())
	assert.Equal(t, "restored 0 records", (&transfer.Report{Kind: transfer.Undone}).String())
	assert.Len(t, transfer.Reasons(), 15)
}
