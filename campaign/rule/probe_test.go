package rule

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/cel-go/common/types/ref"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// atTen is Monday, 10:00 in Warsaw, a working day.
var atTen = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// A probe asks conditions about facts, without what the linter has to say.
type probe struct {
	t    testing.TB
	set  *Set
	f    *campaign.Facts
	call *campaign.Call
	now  time.Time
}

// probeConfig has fields of each type, for records and for contacts.
func probeConfig() campaign.Config {
	fields := []campaign.Field{
		{Name: "city"}, {Name: "age", Type: campaign.Int}, {Name: "balance", Type: campaign.Double},
		{Name: "vip", Type: campaign.Bool}, {Name: "signed", Type: campaign.Timestamp}, {Name: "products", Type: campaign.Strings},
	}
	return campaign.Config{
		ID: "spring", Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw", Start: "2026-02-01", Mode: campaign.Power, Queue: "north",
		Holidays:      map[string]campaign.Holidays{"": {Country: "PL"}},
		RecordTypes:   []campaign.RecordType{{Name: "client", Fields: fields}},
		ContactFields: fields,
		Own:           []status.Status{{ID: "later", Title: "Later", Qualifier: status.Redial}},
	}
}

// newProbe sees an empty record without a call.
func newProbe(t testing.TB, cfg campaign.Config) *probe {
	t.Helper()
	c, _, err := campaign.Compile(cfg, nil, nil)
	require.NoError(t, err)
	agents := map[campaign.AgentID]Agent{"ann": {Team: "red", Skills: []string{"loans", "english"}}}
	rules, _, err := Engine{Agents: agents}.Rules(c, nil)
	require.NoError(t, err)
	return &probe{t: t, set: rules.(*Set), f: &campaign.Facts{Record: campaign.Record{ID: "r1", Campaign: "spring"}}, now: atTen}
}

// probeFacts are facts in which every property has a value.
func probeFacts() *campaign.Facts {
	day := func(n int) time.Time { return time.Date(2026, 1, n, 12, 0, 0, 0, time.UTC) }
	fields := campaign.Fields{"city": "Kraków", "age": int64(41), "balance": 120.5, "vip": true, "signed": day(1), "products": []string{"card", "loan"}}
	f := &campaign.Facts{
		Record: campaign.Record{
			ID: "r1", Campaign: "spring", ExternalID: "crm-7", Contact: "c1", Type: "client", Source: campaign.ChannelWeb, Order: 12,
			Phones: []campaign.Phone{
				{Number: 48600100201, Out: campaign.OutInvalid, LastOutcome: campaign.Invalid},
				{Number: 48600100200, Zones: []string{"Europe/Warsaw"}, Region: "PL", Attempts: 2, LastOutcome: campaign.LineBusy},
				{Number: 48600100202},
			},
			Fields: fields, Tags: []string{"new"}, Created: day(2), Updated: day(3),
			Progress: campaign.Progress{
				Status: "later", Qualifier: status.Redial, StatusAt: day(4), Due: day(5), Owner: "bob", Next: 2,
				LastCall: day(6), LastOutcome: campaign.LineBusy,
				Attempts: campaign.Counters{Total: 30, SinceReset: 20, Unanswered: 10, Talks: 3, Streak: 2, First: day(7), Last: day(8)},
			},
		},
		Contact: &campaign.Contact{ID: "c1", Company: "Ada Ltd", Country: "PL", Fields: fields},
		Listed:  []blacklist.Answer{{Number: 48600100201, Listed: true}},
	}
	for i, o := range []campaign.Outcome{campaign.Answered, campaign.NoAnswer, campaign.LineBusy, campaign.Voicemail, campaign.Drop, campaign.Invalid} {
		f.Record.Attempts.ByOutcome[o] = uint16(i + 1)
	}
	return f
}

func probeCall() *campaign.Call {
	return &campaign.Call{
		Token: 9, Campaign: "spring", Record: "r1", Number: 48600100200, Mode: campaign.Predictive, Outcome: campaign.Drop, Agent: "ann",
		Dialed: atTen.Add(-time.Minute), Answered: atTen.Add(-50 * time.Second), Ended: atTen.Add(-30 * time.Second),
		Ring: 10 * time.Second, Talk: 20 * time.Second, Counted: true, AMD: "human", HangupBy: "callee", SIPCode: 200, Q850: 16,
	}
}

// program compiles a text, of whatever type.
func (p *probe) program(text string) *program {
	p.t.Helper()
	checked, issues := p.set.env.checked(text)
	require.NoError(p.t, issues.Err(), text)
	made, err := p.set.env.compile(campaign.Condition{Path: "probe", Kind: campaign.NextAt, Text: text}, checked)
	require.NoError(p.t, err, text)
	return made
}

// holds decides as a set does: by the fast path where there is one.
func (p *probe) holds(text string) (bool, error) {
	p.t.Helper()
	s := p.set.see(p.f, p.call, p.now)
	defer p.set.done(s)
	return p.program(text).holds(s)
}

// eval is the value by cel-go.
func (p *probe) eval(text string) (ref.Val, error) {
	p.t.Helper()
	s := p.set.see(p.f, p.call, p.now)
	defer p.set.done(s)
	return p.program(text).eval(s)
}

// is demands that conditions hold, both ways.
func (p *probe) is(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		got, err := p.holds(text)
		require.NoError(p.t, err, text)
		require.True(p.t, got, text)
		value, err := p.eval(text)
		require.NoError(p.t, err, text)
		require.Equal(p.t, true, value.Value(), text)
	}
}

// isNot demands that conditions do not hold, both ways.
func (p *probe) isNot(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		got, err := p.holds(text)
		require.NoError(p.t, err, text)
		require.False(p.t, got, text)
		value, err := p.eval(text)
		require.NoError(p.t, err, text)
		require.Equal(p.t, false, value.Value(), text)
	}
}

// fails demands that a condition fails, and that the failure says why.
func (p *probe) fails(text, why string) {
	p.t.Helper()
	_, err := p.holds(text)
	var failure *Failure
	require.ErrorAs(p.t, err, &failure, text)
	require.ErrorContains(p.t, err, why, text)
	_, err = p.eval(text)
	require.ErrorContains(p.t, err, why, text)
}
