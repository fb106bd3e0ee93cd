package rule

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// A gen makes conditions and facts of a small world, in which conditions often
// exclude and cover each other.
type gen struct{ *rand.Rand }

func (g gen) one(of ...string) string { return of[g.IntN(len(of))] }

func (g gen) condition(depth int) string {
	if depth == 0 || g.IntN(5) == 0 {
		return g.atom()
	}
	a, b := g.condition(depth-1), g.condition(depth-1)
	switch g.IntN(8) {
	case 0:
		return "!(" + a + ")"
	case 1:
		return "(" + a + " ? " + b + " : " + g.condition(depth-1) + ")"
	case 2, 3, 4:
		return "(" + a + " && " + b + ")"
	}
	return "(" + a + " || " + b + ")"
}

func (g gen) atom() string {
	op := g.one("==", "!=", "<", "<=", ">", ">=")
	outcome := func() string { return g.one(`"busy"`, `"drop"`, `"no_answer"`, `"answered"`) }
	n := g.IntN(5) - 1
	switch g.IntN(18) {
	case 0, 1:
		return "call.outcome " + g.one("==", "!=") + " " + outcome()
	case 2:
		return g.one("", "!") + "(call.outcome in [" + outcome() + ", " + outcome() + "])"
	case 3, 4:
		return fmt.Sprintf("record.attempts %s %d", op, n)
	case 5:
		return fmt.Sprintf("%d.5 %s record.attempts", max(n, 0), g.one("<", "<=", ">", ">="))
	case 6:
		return fmt.Sprintf("record.fields.age %s %d", op, n)
	case 7:
		return fmt.Sprintf("record.fields.?age.orValue(%d) %s %d", n, op, g.IntN(3))
	case 8:
		return fmt.Sprintf("record.fields.balance %s %d", g.one("<", "<=", ">", ">="), n)
	case 9:
		return fmt.Sprintf("record.fields.balance %s %s", op, g.one("0.5", "1.0", "-0.0"))
	case 10:
		return g.one("has(record.fields.age)", "has(record.last_call)", "has(record.fields.vip)", "has(record.owner)", "true", "false")
	case 11:
		return g.one("record.fields.vip", "call.abandoned", "record.fields.vip == false", "is_workday()")
	case 12:
		return "record.owner " + g.one("==", "!=") + " " + g.one(`"eva"`, `"jan"`)
	case 13:
		return fmt.Sprintf(`since(record.last_call) %s duration("%dh")`, op, g.IntN(3))
	case 14:
		return fmt.Sprintf("%d / record.attempts %s %d", n, op, g.IntN(3))
	case 15:
		return `attempts.?last_outcome.orValue("none") ` + g.one("==", "!=") + " " + g.one(`"none"`, `"busy"`)
	case 16:
		return fmt.Sprintf("record.attempts in [%d, %d]", n, g.IntN(4))
	}
	return g.one("record.tags[0]", `record.fields.city`) + ` == "a"`
}

func (g gen) facts(now time.Time) (*campaign.Facts, *campaign.Call) {
	f := &campaign.Facts{Record: campaign.Record{ID: "r", Campaign: "c", Type: "client", Fields: campaign.Fields{},
		Phones: []campaign.Phone{{Number: 48600100200, Zones: []string{"Europe/Warsaw"}}}}}
	r := &f.Record
	r.Attempts.SinceReset = g.IntN(4)
	r.Owner = campaign.AgentID(g.one("", "eva", "jan"))
	set := func(name string, v any) {
		if g.IntN(3) > 0 {
			r.Fields[name] = v
		}
	}
	set("age", int64(g.IntN(5)-1))
	set("balance", float64(g.IntN(5)-1)/2)
	set("vip", g.IntN(2) == 0)
	set("city", g.one("a", "b"))
	if g.IntN(3) > 0 {
		r.LastCall = now.Add(-time.Duration(g.IntN(4)) * 45 * time.Minute)
	}
	if g.IntN(2) > 0 {
		r.Tags = []string{g.one("a", "b")}
	}
	outcomes := []campaign.Outcome{campaign.LineBusy, campaign.Drop, campaign.NoAnswer}
	r.LastOutcome = append(outcomes, campaign.OutcomeNone)[g.IntN(4)]
	return f, &campaign.Call{Number: 48600100200, Outcome: outcomes[g.IntN(3)], Dialed: now, Ended: now}
}

func world(t *testing.T) *Set {
	t.Helper()
	cfg := campaign.Config{ID: "c", Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw", RecordTypes: []campaign.RecordType{{Name: "client", Fields: []campaign.Field{
		{Name: "city"}, {Name: "age", Type: campaign.Int}, {Name: "balance", Type: campaign.Double}, {Name: "vip", Type: campaign.Bool},
	}}}, Own: []status.Status{{ID: "s", Title: "S", Qualifier: status.Redial, AutoSet: "true"}}}
	c, _, err := campaign.Compile(cfg, nil, Engine{})
	require.NoError(t, err)
	rules, _, err := Engine{}.Rules(c, nil)
	require.NoError(t, err)
	return rules.(*Set)
}

// What the linter claims of generated conditions is compared with what they do:
// never and always true, excluded and covered by others, cannot fail.
func TestWhatTheLinterClaimsIsSo(t *testing.T) {
	const rounds, each, tries = 1500, 3, 25
	seed := uint64(20260302)
	g := gen{rand.New(rand.NewPCG(seed, 1))}
	set := world(t)
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	claims := map[string]int{}
	for range rounds {
		var rules []lintedRule
		var programs []*program
		var safe []bool
		for i := range each {
			text := g.condition(1 + i%3)
			x := campaign.Condition{Path: "auto_set", Kind: campaign.AutoSet, Text: text}
			p, v, err := set.env.compiled(x)
			require.NoError(t, err, text)
			programs = append(programs, p)
			rules = append(rules, lintedRule{condition: x, sense: v.sense, status: status.Status{Qualifier: status.Redial}})
			fails := false
			for _, p := range v.problems {
				fails = fails || strings.Contains(p.Msg, "fails")
			}
			safe = append(safe, !fails)
		}
		by := covering(rules[:2], &rules[2])
		if spared(rules[:2], &rules[2]) {
			claims["spared"]++
			require.Empty(t, takers(rules[:2], &rules[2]), "%s, %s and %s", rules[0].condition.Text, rules[1].condition.Text, rules[2].condition.Text)
		}
		if by != nil {
			claims["covered"]++
		}
		for range tries {
			f, call := g.facts(now)
			var is, failed [each]bool
			scope := set.see(f, call, now)
			for i, p := range programs {
				ok, err := p.holds(scope)
				is[i], failed[i] = ok, err != nil
			}
			set.done(scope)
			claim := func(name string, i int, so bool) {
				t.Helper()
				claims[name]++
				if !so {
					t.Fatalf("seed %d, claim %q is wrong for %+v %s:\n%s\n%s\n%s", seed, name, f.Record, call.Outcome, rules[0].condition.Text, rules[1].condition.Text, rules[i].condition.Text)
				}
			}
			for i, r := range rules {
				if safe[i] {
					claim("cannot fail", i, !failed[i])
				}
				if len(r.sense.holds) == 0 {
					claim("never true", i, !is[i])
				}
				if len(r.sense.not) == 0 {
					claim("true and cannot fail", i, is[i])
				}
			}
			for i := range 2 {
				if _, exact := or(rules[i].sense.holds, nil); exact && excluded(rules[i].sense.holds, rules[2].sense.holds) {
					claim("exclude each other", 2, !is[i] || !is[2])
				}
				if len(rules[2].sense.holds.without(rules[i].sense.not)) == 0 {
					claim("implies", 2, !is[2] || is[i])
				}
			}
			if by != nil {
				covered := !is[2]
				for i := range 2 {
					covered = covered || is[i]
				}
				claim("covered by others", 2, covered)
			}
		}
	}
	t.Log(claims)
	for _, name := range []string{"cannot fail", "never true", "true and cannot fail", "exclude each other", "implies", "covered", "spared"} {
		require.Greater(t, claims[name], 20, name)
	}
}

func excluded(a, b ways) bool {
	for _, x := range a {
		for _, y := range b {
			if _, ok := meet(x, y); ok {
				return false
			}
		}
	}
	return true
}

// BenchmarkLint is what saving a rule takes, with and without the linter.
func BenchmarkLint(b *testing.B) {
	cfg := campaign.Config{ID: "c", Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw"}
	env, err := newEnvironment(newSchema(&cfg, nil, nil))
	require.NoError(b, err)
	x := campaign.Condition{Kind: campaign.AutoSet, Text: `call.outcome == "busy" && record.attempts >= 3 && (phone.index == 1 || since(record.created) > duration("48h"))`}
	b.Run("linted", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := env.compiled(x); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("checked only", func(b *testing.B) {
		for b.Loop() {
			checked, issues := env.checked(x.Text)
			if issues.Err() != nil {
				b.Fatal(issues.Err())
			}
			if _, err := env.compile(x, checked); err != nil {
				b.Fatal(err)
			}
		}
	})
}
