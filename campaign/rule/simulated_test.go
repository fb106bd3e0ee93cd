package rule_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/campaign/rule"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/dialer/sim"
	"github.com/nextcall/nextcall/status"
)

// ruledConfig is a campaign that is decided by conditions wherever it can be.
func ruledConfig(t testing.TB) campaign.Config {
	cfg := config()
	cfg.Mode = campaign.Predictive
	cfg.Audit = true
	cfg.Limits.Attempts = 12
	cfg.Condition = `record.attempts < 10 && !(phone.index == 2 && phone.attempts >= 4)`
	cfg.Rank = `1000.0 - record.fields.balance + double(count("no_answer", duration("48h")))`
	rejected := auto("rejected", status.Closed, `call.outcome == "rejected" && count("rejected", duration("240h")) >= 2`)
	rejected.Blacklist, rejected.Expiry = blacklist.Global, expiry(t, "6 months")
	machine := auto("machine", status.Redial, `call.outcome == "voicemail" && local(now).hour >= 12`)
	machine.NextAt = `now + period("1 day")`
	cfg.Own = []status.Status{
		rejected, machine,
		auto("dropped", status.Progressive, `attempts.drop > 0 && attempts.conversations == 0 && call.outcome in ["no_answer", "busy", "voicemail"]`),
		auto("often", status.CallbackAfter, `call.outcome == "busy" && attempts.today >= 2`),
		auto("last", status.EndOfQueue, `call.outcome == "no_answer" && streak("no_answer") >= 2`),
		auto("twice", status.Closed, `attempts.no_answer + attempts.busy > 6`),
		{ID: "sold", Title: "Sold", Qualifier: status.SuccessClosed},
	}
	return cfg
}

// inGo are the same conditions, written by hand.
func inGo(t testing.TB) campaign.RuleEngine {
	warsaw, err := time.LoadLocation("Europe/Warsaw")
	require.NoError(t, err)
	count := func(f *campaign.Facts, call *campaign.Call, o campaign.Outcome, from time.Time) (n int) {
		for _, c := range f.History {
			if c.Record == f.Record.ID && c.Campaign == f.Record.Campaign && (call == nil || c.Token != call.Token) && !c.Dialed.Before(from) && c.Outcome == o {
				n++
			}
		}
		if call != nil && call.Outcome == o && !call.Dialed.Before(from) {
			n++
		}
		return n
	}
	today := func(f *campaign.Facts, call *campaign.Call, now time.Time) (n int) {
		y, m, d := now.In(warsaw).Date()
		from := time.Date(y, m, d, 0, 0, 0, 0, warsaw)
		for _, c := range append(f.History[:len(f.History):len(f.History)], call) {
			if c.Record == f.Record.ID && c.Counted && !c.Dialed.Before(from) {
				n++
			}
		}
		return n
	}
	return campaign.GoRules{
		Reads: campaign.Reads{Within: 240 * time.Hour},
		Holds: func(c *campaign.Condition, f *campaign.Facts, call *campaign.Call, now time.Time) (bool, error) {
			r := &f.Record
			a := &r.Attempts
			switch {
			case c.Kind == campaign.DialWhen:
				return a.SinceReset < 10 && !(r.Next == 1 && r.Phones[1].Attempts >= 4), nil
			case c.Status == "rejected":
				return call.Outcome == campaign.Rejected && count(f, call, campaign.Rejected, now.Add(-240*time.Hour)) >= 2, nil
			case c.Status == "machine":
				return call.Outcome == campaign.Voicemail && now.In(warsaw).Hour() >= 12, nil
			case c.Status == "dropped":
				o := call.Outcome
				return a.ByOutcome[campaign.Drop] > 0 && a.Talks == 0 && (o == campaign.NoAnswer || o == campaign.LineBusy || o == campaign.Voicemail), nil
			case c.Status == "often":
				return call.Outcome == campaign.LineBusy && today(f, call, now) >= 2, nil
			case c.Status == "last":
				return call.Outcome == campaign.NoAnswer && r.LastOutcome == campaign.NoAnswer && a.Streak >= 2, nil
			}
			return a.ByOutcome[campaign.NoAnswer]+a.ByOutcome[campaign.LineBusy] > 6, nil
		},
		Number: func(_ *campaign.Condition, f *campaign.Facts, now time.Time) (float64, error) {
			return 1000 - f.Record.Fields["balance"].(float64) + float64(count(f, nil, campaign.NoAnswer, now.Add(-48*time.Hour))), nil
		},
		Time: func(_ *campaign.Condition, _ *campaign.Facts, _ *campaign.Call, now time.Time) (time.Time, error) {
			return now.In(warsaw).AddDate(0, 0, 1), nil
		},
	}
}

// simulated are ten days of the campaign: what happened, byte for byte, and how
// often each status was set.
func simulated(t *testing.T, engine campaign.RuleEngine, seed uint64) (string, map[status.ID]int) {
	ctx := context.Background()
	c, _, err := campaign.Compile(ruledConfig(t), nil, engine)
	require.NoError(t, err)
	clock := sim.NewClock(monday)
	store := memstore.New()
	q, err := dialer.New(ctx, store, dialer.Static(c), dialer.Config{Now: clock.Now})
	require.NoError(t, err)
	var records []campaign.Record
	for i := range 120 {
		n := blacklist.Number(48600200000 + 10*i)
		records = append(records, campaign.Record{ID: campaign.RecordID(fmt.Sprintf("r%03d", i)), Campaign: c.ID(), Type: "client",
			Phones: []campaign.Phone{{Number: n}, {Number: n + 1}}, Fields: campaign.Fields{"balance": float64(i * 7 % 100)}})
	}
	added, err := q.Add(ctx, dialer.Adding{Records: records})
	require.NoError(t, err)
	for _, a := range added {
		require.NoError(t, a.Err)
		require.Empty(t, a.Warnings)
	}
	shift := sim.Shift{Zone: "Europe/Warsaw", From: 8 * time.Hour, To: 20 * time.Hour, Days: []time.Weekday{1, 2, 3, 4, 5}}
	var trace strings.Builder
	_, err = sim.Run(ctx, sim.Config{
		Queue: q, Store: store, Clock: clock, Until: monday.Add(10 * 24 * time.Hour), Seed: seed,
		Agents: []sim.Agent{{ID: "ann", Shift: shift, WrapUp: time.Minute}, {ID: "bob", Shift: shift, WrapUp: time.Minute}},
		Trace:  func(e sim.Event) { trace.WriteString(e.String()); trace.WriteByte('\n') },
		Model: sim.ModelFunc(func(_ *sim.Call, rng *rand.Rand) sim.Answer {
			a := sim.Answer{Ring: time.Duration(1+rng.IntN(30)) * time.Second}
			switch u := rng.IntN(100); {
			case u < 45:
				a.Outcome = campaign.NoAnswer
			case u < 65:
				a.Outcome = campaign.LineBusy
			case u < 80:
				a.Outcome = campaign.Voicemail
			case u < 88:
				a.Outcome = campaign.Rejected
			case u < 92:
				a.Outcome = campaign.Drop
			case u < 94:
				a.Outcome = campaign.Congestion
			default:
				a.Outcome, a.Talk, a.Status = campaign.Answered, time.Minute, "sold"
			}
			return a
		}),
	})
	require.NoError(t, err)
	set := map[status.ID]int{}
	for f, err := range store.Find(ctx, campaign.Filter{Campaigns: []campaign.ID{c.ID()}, At: clock.Now()}, campaign.Need{}) {
		require.NoError(t, err)
		for _, call := range f.History {
			if call.Record == f.Record.ID {
				set[call.Status]++
				trace.WriteString(fmt.Sprintln(f.Record.ID, call.Token, call.Status, call.Answer.Also, call.Answer.Warnings, call.Answer.Due))
			}
		}
		trace.WriteString(fmt.Sprintln(f.Record.ID, f.Record.Qualifier, f.Record.Sort, f.Record.Due))
	}
	return trace.String(), set
}

// rows: K21
func TestDaysOfACampaignGoAsTheSameConditionsInGoSay(t *testing.T) {
	trace, set := simulated(t, rule.Engine{}, 7)
	require.Greater(t, strings.Count(trace, "\n"), 1000)
	for _, s := range ruledConfig(t).Own {
		assert.NotZero(t, set[s.ID], "no call had the status %s", s.ID)
	}
	assert.NotZero(t, set[""], "the fallback never decided")
	t.Log(set)
	again, _ := simulated(t, rule.Engine{}, 7)
	assert.True(t, trace == again, "two runs from one seed differ")
	other, _ := simulated(t, rule.Engine{}, 8)
	assert.False(t, trace == other, "another seed changes nothing")
	byHand, _ := simulated(t, inGo(t), 7)
	if trace != byHand {
		a, b := strings.Split(trace, "\n"), strings.Split(byHand, "\n")
		for i := range min(len(a), len(b)) {
			require.Equal(t, b[i], a[i], "line %d", i)
		}
		t.Fatal("one trace goes on longer than the other")
	}
}
