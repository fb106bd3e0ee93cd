package rule

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// setOf compiles conditions of one kind over the schema of sceneConfig.
func setOf(t testing.TB, k campaign.Kind, conditions ...string) *Set {
	t.Helper()
	c, _, err := campaign.Compile(sceneConfig(), nil, campaign.GoRules{})
	require.NoError(t, err)
	var all []campaign.Condition
	for i, text := range conditions {
		all = append(all, campaign.Condition{Path: fmt.Sprintf("statuses[%d].auto_set", i), Kind: k, Text: text})
	}
	rules, _, err := Engine{Agents: sceneAgents}.Rules(c, all)
	require.NoError(t, err)
	return rules.(*Set)
}

func textsOf(all []twice) []string {
	var out []string
	for _, c := range all {
		out = append(out, c.cel)
	}
	return out
}

func TestTheBenchmarksCompareConditionsThatMeanTheSame(t *testing.T) {
	set := sceneSet(t)
	six := realistic(set.campaign)
	rules := setOf(t, campaign.AutoSet, textsOf(six)...)
	all := hundred()
	many := setOf(t, campaign.AutoSet, textsOf(all)...)
	held := make([]int, len(six))
	for _, x := range ordinary(300) {
		for i, c := range six {
			got, err := rules.Holds(i, x.facts, x.call, x.now)
			require.NoError(t, err, c.cel)
			require.Equal(t, c.hand(x.facts, x.call, x.now), got, c.cel)
			if got {
				held[i]++
			}
		}
		first, err := many.First(0, x.facts, x.call, x.now)
		require.NoError(t, err)
		require.Equal(t, len(all), first)
		for _, c := range all {
			require.False(t, c.hand(x.facts, x.call, x.now), c.cel)
		}
	}
	t.Logf("of 300 calls, the six conditions hold for %v", held)
}

func TestADecisionAllocatesNothing(t *testing.T) {
	if raced {
		t.Skip("the race detector allocates, and empties pools at random")
	}
	set := sceneSet(t)
	calls := ordinary(16)
	each := func(name string, decide func(scene)) {
		for _, x := range calls {
			assert.Zero(t, testing.AllocsPerRun(50, func() { decide(x) }), name)
		}
	}
	rules := setOf(t, campaign.AutoSet, append(textsOf(realistic(set.campaign)),
		`time_between("08:00", "21:00") && is_workday() && local(now).date != "2026-12-24"`,
		`count("busy", duration("24h")) > 0 || streak("busy") > 2 || attempts.today > 4`,
		`prefix(phone.number, ["+4860", "+4870"]) && call.number.startsWith("+48") && phone.number != "+48600100200"`,
		`bucket(record.id, 10) < 5 && record.fields.?city.orValue("").contains("K") && now.getHours("Europe/Warsaw") > 3`,
		`"new" in record.tags && record.fields.city in ["Kraków", "Gdańsk"] && record.fields.age * 2 + 1 < 100`)...)
	for i, p := range rules.programs {
		require.True(t, p.fast.isSet() && p.fast.islands == 0, p.condition.Text)
		each(p.condition.Text, func(x scene) { _, _ = rules.Holds(i, x.facts, x.call, x.now) })
	}
	many := setOf(t, campaign.AutoSet, textsOf(hundred())...)
	each("a hundred", func(x scene) { _, _ = many.First(0, x.facts, x.call, x.now) })
	rank := setOf(t, campaign.Rank, `record.fields.balance / double(record.attempts + 1)`)
	each("a rank", func(x scene) { _, _ = rank.Number(0, x.facts, x.now) })
	next := setOf(t, campaign.NextAt, `record.attempts > 2 ? duration("48h") : duration("2h")`)
	weeks := setOf(t, campaign.NextAt, `now + period("2 weeks, 1 day")`, `period("2 weeks")`)
	each("a period", func(x scene) {
		_, _ = weeks.Time(0, x.facts, x.call, x.now)
		_, _ = weeks.Time(1, x.facts, x.call, x.now)
	})
	each("a next call", func(x scene) { _, _ = next.Time(0, x.facts, x.call, x.now) })
}

// BenchmarkCondition measures the six, a decision at a time: by hand, lowered
// (the condition alone), as the campaign asks (with the scope taken from the
// pool), and by cel-go over the same scope.
func BenchmarkCondition(b *testing.B) {
	set := sceneSet(b)
	six := realistic(set.campaign)
	rules := setOf(b, campaign.AutoSet, textsOf(six)...)
	calls := ordinary(64)
	for i, c := range six {
		p := rules.programs[i]
		b.Run(c.name+"/by-hand", func(b *testing.B) {
			n, at := 0, 0
			for b.Loop() {
				x := &calls[at&63]
				at++
				if c.hand(x.facts, x.call, x.now) {
					n++
				}
			}
		})
		// The scopes are made before, as one is for all conditions of a set.
		var scopes []*scope
		for _, x := range calls {
			scopes = append(scopes, rules.see(x.facts, x.call, x.now))
		}
		b.Run(c.name+"/lowered", func(b *testing.B) {
			n, at := 0, 0
			for b.Loop() {
				s := scopes[at&63]
				at++
				s.turn(s.r)
				if ok, _ := p.holds(s); ok {
					n++
				}
			}
		})
		b.Run(c.name+"/asked", func(b *testing.B) {
			b.ReportAllocs()
			n, at := 0, 0
			for b.Loop() {
				x := &calls[at&63]
				at++
				if ok, _ := rules.Holds(i, x.facts, x.call, x.now); ok {
					n++
				}
			}
		})
		b.Run(c.name+"/cel-go", func(b *testing.B) {
			b.ReportAllocs()
			at := 0
			for b.Loop() {
				s := scopes[at&63]
				at++
				s.turn(s.r)
				_, _, _ = p.slow.Eval(s)
			}
		})
	}
}

// BenchmarkHundred measures a set of a hundred conditions, of which none holds.
func BenchmarkHundred(b *testing.B) {
	all := hundred()
	set := setOf(b, campaign.AutoSet, textsOf(all)...)
	calls := ordinary(64)
	b.Run("by-hand", func(b *testing.B) {
		n, at := 0, 0
		for b.Loop() {
			x := &calls[at&63]
			at++
			for _, c := range all {
				if c.hand(x.facts, x.call, x.now) {
					n++
					break
				}
			}
		}
	})
	first := func(b *testing.B, set *Set) {
		b.ReportAllocs()
		at := 0
		for b.Loop() {
			x := &calls[at&63]
			at++
			_, _ = set.First(0, x.facts, x.call, x.now)
		}
	}
	b.Run("indexed", func(b *testing.B) { first(b, set) })
	b.Run("lowered", func(b *testing.B) {
		plain := setOf(b, campaign.AutoSet, textsOf(all)...)
		plain.index = nil
		first(b, plain)
	})
	b.Run("cel-go", func(b *testing.B) {
		slow := setOf(b, campaign.AutoSet, textsOf(all)...)
		slow.index = nil
		for _, p := range slow.programs {
			p.fast = lowered{}
		}
		first(b, slow)
	})
}

// BenchmarkFilter measures one pass over many records: 100,000, or as many as
// RULE_BENCH_RECORDS says.
func BenchmarkFilter(b *testing.B) {
	n := 100_000
	if text := os.Getenv("RULE_BENCH_RECORDS"); text != "" {
		n, _ = strconv.Atoi(text)
	}
	records := make([]campaign.Record, n)
	for i := range records {
		records[i] = ordinaryRecord(i)
	}
	const text = `record.qualifier == "redial" && record.attempts < 3 && record.last_call < now - duration("24h")`
	set := setOf(b, campaign.DialWhen, text)
	perMillion := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N)/float64(n)*1e6, "ms/million")
	}
	want := 0
	b.Run("by-hand", func(b *testing.B) {
		for b.Loop() {
			want = 0
			for i := range records {
				r := &records[i]
				if r.Qualifier == status.Redial && r.Attempts.SinceReset < 3 && r.LastCall.Before(sceneMonday.Add(-24*time.Hour)) {
					want++
				}
			}
		}
		perMillion(b)
	})
	pass := func(b *testing.B, set *Set) {
		b.ReportAllocs()
		for b.Loop() {
			got := 0
			for range set.Matching(0, records, sceneMonday) {
				got++
			}
			if got != want {
				b.Fatalf("%d records: want %d", got, want)
			}
		}
		perMillion(b)
	}
	b.Run("lowered", func(b *testing.B) { pass(b, set) })
	b.Run("cel-go", func(b *testing.B) {
		slow := setOf(b, campaign.DialWhen, text)
		slow.programs[0].fast = lowered{}
		pass(b, slow)
	})
}

// BenchmarkCompileAndLower measures a hundred conditions, from text to what decides.
func BenchmarkCompileAndLower(b *testing.B) {
	set := sceneSet(b)
	texts := textsOf(hundred())
	b.Run("rule", func(b *testing.B) {
		at := 0
		for b.Loop() {
			if _, _, err := set.env.compiled(campaign.Condition{Path: "x", Kind: campaign.AutoSet, Text: texts[at%len(texts)]}); err != nil {
				b.Fatal(err)
			}
			at++
		}
	})
	b.Run("lowering", func(b *testing.B) {
		rules := setOf(b, campaign.AutoSet, texts...)
		at := 0
		for b.Loop() {
			p := rules.programs[at%len(texts)]
			set.env.lower(p.condition.Kind, p.ast)
			at++
		}
	})
	b.Run("index-of-100", func(b *testing.B) {
		rules := setOf(b, campaign.AutoSet, texts...)
		for b.Loop() {
			set.env.schema.newIndex(rules.programs)
		}
	})
}
