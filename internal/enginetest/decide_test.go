package enginetest_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/rule"
)

// What is compared must be the same decisions, one by one.
func TestEveryEngineDecidesTheSame(t *testing.T) {
	s := newSituations(2000)
	r := rand.New(rand.NewPCG(1, 4))
	s.calls, s.order = make([]situation, 4096), make([]uint16, 4096)
	for i := range s.calls {
		s.order[i] = uint16(i)
		s.calls[i] = newSituation(r, i, pick(r, []int{6, 12, 6000}))
		record := &s.calls[i].facts.Record
		switch i % 8 {
		case 0: // the hundred hold here now and then
			record.Attempts.Total, record.Attempts.SinceReset, record.Attempts.Unanswered = 1000+r.IntN(22), 1000+r.IntN(22), 1000+r.IntN(22)
		case 1:
			record.Fields["balance"] = float64(20*(999+r.IntN(24)) + r.IntN(2))
		case 2:
			s.calls[i].call.Ring = time.Duration(999+r.IntN(24)) * time.Second
		}
	}
	made := map[string]*decider{}
	for _, name := range engines {
		e, err := newEngine(name, s)
		require.NoError(t, err, name)
		made[name] = &decider{engine: e, situations: s}
	}
	for _, what := range everyWhat() {
		total, all := 0, 0
		pass := len(s.calls)
		switch what {
		case whatFilter:
			pass = len(s.records)
		case whatCompile:
			pass = 1
		}
		for i := range pass {
			want, n, err := made["hand-written"].decide(what, i, 1)
			require.NoError(t, err)
			for _, name := range engines[1:] {
				got, _, err := made[name].decide(what, i, 1)
				require.NoError(t, err, "%s by %s, %d", what, name, i)
				require.Equal(t, want, got, "%s by %s, %d", what, name, i)
			}
			total, all = total+want, all+n
		}
		if what != whatCompile {
			assert.Positive(t, total, what)
			assert.NotEqual(t, len(hundred())*all, total, what)
			assert.NotEqual(t, all, total, what)
		}
	}
}

func TestNoneOfTheHundredHoldsInAnOrdinarySituation(t *testing.T) {
	for _, name := range engines {
		d, err := newDecider(spec{Engine: name, N: 100})
		require.NoError(t, err)
		var r reply
		require.NoError(t, d.pass(whatHundred, &r))
		assert.Equal(t, manyTurns, r.Cycles)
		assert.Equal(t, 100*manyTurns, r.Sum, name)
	}
}

func TestAnEngineThatDecidesOtherwiseIsNotMeasured(t *testing.T) {
	assert.NoError(t, agree([]reply{{Sum: 3, Cycles: 9}, {Sum: 3, Cycles: 9}}))
	assert.ErrorContains(t, agree([]reply{{Sum: 3, Cycles: 9}, {Sum: 4, Cycles: 9}}), "nextcall comes to 4 in 9 decisions")
	assert.Error(t, agree([]reply{{Sum: 3, Cycles: 9}, {Sum: 3, Cycles: 8}}))
}

func TestTheTwentySayTheSameInBothLanguages(t *testing.T) {
	ours, hand := &kept{RuleEngine: rule.Engine{}}, &kept{RuleEngine: byHand()}
	_, err := ruled(decideID, ours)
	require.NoError(t, err)
	_, err = ruled(decideID, hand)
	require.NoError(t, err)
	assert.Equal(t, ours.rules.Needs(), hand.rules.Needs())
	require.Len(t, ours.conditions, 21)

	held := make([]int, len(ours.conditions))
	r := rand.New(rand.NewPCG(20, 4))
	const situations = 20_000
	dialedToday := make([]*campaign.Call, 1001)
	for k := range dialedToday {
		dialedToday[k] = &campaign.Call{Token: campaign.Token(-k - 1), Campaign: decideID, Record: "busy", Counted: true, Dialed: tenOClock.Add(-time.Hour)}
	}
	for i := range situations {
		s := newSituation(r, i, pick(r, []int{6, 9000}))
		if i%4 == 0 {
			s.facts.Contact = &campaign.Contact{Country: pick(r, []string{"PL", "DE"})}
		}
		if i%3 == 0 {
			s.call.Ring, s.call.Outcome = 2000*time.Second, campaign.NoAnswer
		}
		if i%5 == 0 {
			s.facts.Record.Phones[0].Region = "US"
		}
		if i%7 == 0 {
			s.facts.Record.Status = closedStatus
			s.facts.Record.Attempts.ByOutcome[campaign.NoAnswer] = uint16(min(2*s.facts.Record.Attempts.Total+1000, 60_000))
		}
		if i%20 == 0 {
			s.facts.Record.ID = dialedToday[0].Record
			s.facts.History = dialedToday[:997+r.IntN(5)]
		}
		for k := range ours.conditions {
			call := &s.call
			if ours.conditions[k].Kind == campaign.DialWhen {
				call = nil
			}
			a, err := ours.rules.Holds(k, &s.facts, call, tenOClock)
			require.NoError(t, err, ours.conditions[k].Text)
			b, err := hand.rules.Holds(k, &s.facts, call, tenOClock)
			require.NoError(t, err)
			require.Equal(t, b, a, "%s, situation %d", ours.conditions[k].Text, i)
			if a {
				held[k]++
			}
		}
	}
	for k, n := range held {
		assert.True(t, 0 < n && n < situations, "%s held %d times", ours.conditions[k].Text, n)
	}
}

// BenchmarkRules decides in each way; the table of the goal "rules" compares
// them with less noise.
func BenchmarkRules(b *testing.B) {
	for _, what := range everyWhat() {
		for _, name := range engines {
			b.Run(fmt.Sprintf("%s/%s", what, name), func(b *testing.B) {
				d, err := newDecider(spec{Engine: name, N: 10_000})
				if err != nil {
					b.Fatal(err)
				}
				pass, batch := d.size(what)
				b.ReportAllocs()
				b.ResetTimer()
				for done, at := 0, 0; done < b.N; {
					n := min(batch, pass-at, b.N-done)
					_, decisions, err := d.decide(what, at, n)
					if err != nil {
						b.Fatal(err)
					}
					done += decisions
					at = (at + n) % pass
				}
			})
		}
	}
}
