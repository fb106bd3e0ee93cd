package campaign_test

import (
	"errors"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// noon is a Monday, 12:00 in Warsaw.
var noon = time.Date(2026, 3, 2, 11, 0, 0, 0, time.UTC)

const (
	main, second, third = blacklist.Number(48600100200), blacklist.Number(48600100201), blacklist.Number(48600100202)
	ann, bob            = campaign.AgentID("ann"), campaign.AgentID("bob")
)

var supervisor = campaign.Actor{User: "sue", Agent: "sue1"}

// ruleFunc decides whether the auto-set condition of a status holds.
type ruleFunc func(id status.ID, f *campaign.Facts, call *campaign.Call) (bool, error)

// engine is a rules engine made of one function; every dial condition holds.
func (r ruleFunc) engine() campaign.RuleEngine {
	return campaign.GoRules{
		Reads: campaign.Reads{Contact: true, Today: true},
		Holds: func(c *campaign.Condition, f *campaign.Facts, call *campaign.Call, _ time.Time) (bool, error) {
			if c.Kind != campaign.AutoSet {
				return true, nil
			}
			return r(c.Status, f, call)
		},
	}
}

// house are the statuses of the tests: one for each qualifier that a status may
// have, named after it, and some with flags.
func house() []status.Status {
	day := status.Delay(24 * time.Hour)
	var all []status.Status
	for _, q := range status.Qualifiers() {
		if !q.Effect().Definable {
			continue
		}
		s := status.Status{ID: status.ID(q.String()), Title: q.String(), Qualifier: q}
		if q.Effect().Next == status.NextDelay {
			s.Delay = 2 * day
		}
		if q.Effect().Action != status.ActionNone {
			s.Template = "hello"
		}
		all = append(all, s)
	}
	week, err := blacklist.ParseExpiry("1 week")
	if err != nil {
		panic(err)
	}
	return append(all,
		status.Status{ID: "slow", Title: "slow", Qualifier: status.Redial, Delay: 3 * day},
		status.Status{ID: "dated", Title: "dated", Qualifier: status.Redial, NextCall: true},
		status.Status{ID: "dated_own", Title: "dated_own", Qualifier: status.OwnCallbackAfter, Delay: day, NextCall: true},
		status.Status{ID: "strict", Title: "strict", Qualifier: status.Redial, NextCall: true, Validate: true},
		status.Status{ID: "valid", Title: "valid", Qualifier: status.Closed, Validate: true},
		status.Status{ID: "refusal", Title: "Never again", Qualifier: status.Closed, Blacklist: "dnc"},
		status.Status{ID: "cooldown", Title: "Cool down", Qualifier: status.Closed, Blacklist: "dnc", Expiry: week},
		status.Status{ID: "wrong_person", Title: "Wrong person", Qualifier: status.Redial, EndsNumber: true},
		status.Status{ID: "bobs", Title: "Bob's", Qualifier: status.OwnCallbackAt, Agent: bob},
		status.Status{ID: "off", Title: "off", Qualifier: status.Redial, Disabled: true},
		status.Status{ID: "shy", Title: "shy", Qualifier: status.Redial, Hidden: true},
		status.Status{ID: "auto_off", Title: "auto_off", Qualifier: status.Closed, Disabled: true, AutoSet: "x"},
		status.Status{ID: "auto1", Title: "auto1", Qualifier: status.EndOfQueue, AutoSet: "x", Hidden: true},
		status.Status{ID: "auto2", Title: "auto2", Qualifier: status.Closed, AutoSet: "x", Blacklist: "dnc"},
		status.Status{ID: "auto3", Title: "auto3", Qualifier: status.Success, AutoSet: "x"},
	)
}

// fixture is one record of one campaign on its way through events.
type fixture struct {
	t     testing.TB
	c     *campaign.Campaign
	f     campaign.Facts
	now   time.Time
	rules ruleFunc
}

// given compiles a campaign and makes a record that was called three times and
// is called now by ann: its first number is being dialled.
func given(t testing.TB, change ...func(*campaign.Config)) *fixture {
	t.Helper()
	x := &fixture{t: t, now: noon}
	cfg := campaign.Config{
		ID: "c", Revision: 7, Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw", Own: house(), Mode: campaign.Preview,
		RecordTypes: []campaign.RecordType{{Name: "person", Fields: []campaign.Field{
			{Name: "city", Required: true}, {Name: "age", Type: campaign.Int, Required: true},
			{Name: "secret", Required: true, Hidden: true}, {Name: "pet"},
		}}},
	}
	for _, f := range change {
		f(&cfg)
	}
	c, _, err := campaign.Compile(cfg, nil, ruleFunc(func(id status.ID, f *campaign.Facts, call *campaign.Call) (bool, error) {
		if x.rules == nil {
			return false, nil
		}
		return x.rules(id, f, call)
	}).engine())
	require.NoError(t, err)
	x.c = c
	x.f.Record = campaign.Record{
		ID: "r", Campaign: "c", Contact: "p", Type: "person", Version: 41, Sequence: 5,
		Phones: []campaign.Phone{{Number: main, Attempts: 3}, {Number: second}, {Number: third}},
		Progress: campaign.Progress{
			Status: "shy", Qualifier: status.Redial, Standing: status.StandingQueued, Lane: status.LaneAgain,
			Due: noon.Add(-time.Minute), Owner: "old",
			Attempts: campaign.Counters{Total: 3, SinceReset: 3, Unanswered: 2},
		},
	}
	x.lease()
	return x
}

// lease starts a call to the next number.
func (x *fixture) lease() *fixture {
	r := &x.f.Record
	token := 100 + campaign.Token(r.Version)
	x.f.Call = nil
	x.f.Lease = campaign.Lease{
		Token: token, Call: token, Holder: "test", Agent: ann, Phase: campaign.Dialed, Lane: r.Lane,
		ForCallback: r.Lane == status.LaneOwn || r.Lane == status.LanePublic,
		At:          x.now.Add(-2 * time.Minute), Dialed: x.now.Add(-time.Minute), Until: x.now.Add(time.Minute),
	}
	if len(r.Phones) > 0 {
		x.f.Lease.Number = r.Phones[r.Next].Number
	}
	return x
}

// idle takes the lease away.
func (x *fixture) idle() *fixture {
	x.f.Lease = campaign.Lease{}
	return x
}

func (x *fixture) apply(e campaign.Event) (campaign.Change, error) {
	return x.c.Apply(&x.f, e, x.now)
}

// must applies an event and commits the change, as a store does.
func (x *fixture) must(e campaign.Event) campaign.Change {
	x.t.Helper()
	change, err := x.apply(e)
	require.NoError(x.t, err)
	return x.commit(change)
}

func (x *fixture) commit(change campaign.Change) campaign.Change {
	if change.Record != nil {
		x.f.Record = *change.Record
		x.f.Record.Version++
	}
	x.f.Lease = campaign.Lease{}
	x.f.Call = change.Call
	return change
}

// call is a whole call: a lease, and its result.
func (x *fixture) call(o campaign.Outcome) campaign.Change {
	x.t.Helper()
	x.now = x.now.Add(time.Hour)
	if x.f.Record.Due.After(x.now) {
		x.now = x.f.Record.Due
	}
	return x.lease().must(campaign.Result{Outcome: o})
}

func (x *fixture) refused(e campaign.Event) error {
	x.t.Helper()
	change, err := x.apply(e)
	require.Error(x.t, err)
	assert.Equal(x.t, campaign.Change{}, change, "a failed check changes nothing")
	return err
}

func mode(m campaign.Mode) func(*campaign.Config) { return func(c *campaign.Config) { c.Mode = m } }

// inputErrors are the fields that are wrong, in order.
func inputErrors(err error) (fields []string) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			fields = append(fields, inputErrors(e)...)
		}
		return fields
	}
	var in *campaign.InputError
	if errors.As(err, &in) {
		return []string{in.Field}
	}
	return nil
}

func tomorrow() campaign.Input { return campaign.Input{Date: "2026-03-03", Hour: "09:30"} }
