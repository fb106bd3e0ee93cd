package rule

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
)

// indexForms are conditions on properties that have few values, as those of a
// campaign are.
var indexForms = []genForm{
	{`call.outcome == %s && %s`, "oB"}, {`%s && call.outcome == %s`, "Bo"}, {`call.outcome in [%s, %s] && %s`, "ooB"}, {`!(call.outcome != %s || %s)`, "oB"},
	{`(call.outcome == %s || call.outcome == %s) && %s`, "ooB"}, {`(call.outcome == %s ? %s : false)`, "oB"}, {`call.outcome == %s && record.qualifier == "redial" && %s`, "oB"},
	{`record.status == "busy" && %s`, "B"}, {`"redial" == record.status && %s`, "B"}, {`record.status in ["busy", "gone"] && %s`, "B"}, {`record.status != "redial" && %s`, "B"},
	{`phone.country == "PL" && %s`, "B"}, {`phone.country == "US" && %s || call.outcome == %s && %s`, "BoB"}, {`attempts.last_outcome == %s && %s`, "oB"},
	{`record.source == "web" && %s`, "B"}, {`record.qualifier in ["redial", "busy"] && (%s || %s)`, "BB"}, {`call.mode == "power" && call.outcome == %s && %s`, "oB"}, {`%s`, "B"}, {`false && %s`, "B"},
	{`record.fields.city == "PL" && %s`, "B"}, {`record.fields.city == "a" && %s`, "B"}, {`tz == "Europe/Warsaw" && %s`, "B"}, {`!(record.status == "busy") || %s`, "B"},
}

// withConditions is a copy of a set with generated auto-set conditions.
func withConditions(t testing.TB, set *Set, g *generator, n int) *Set {
	t.Helper()
	made := &Set{campaign: set.campaign, calleeZone: set.calleeZone, env: set.env}
	made.scopes.New = func() any { return made.newScope() }
	for len(made.programs) < n {
		form := indexForms[g.IntN(len(indexForms))]
		node := &genNode{kind: kindBool, format: form.format}
		for _, kid := range form.kids {
			node.kids = append(node.kids, g.kid(kid, 1))
		}
		if p := compiledAlone(t, made, campaign.AutoSet, node.String()); p != nil {
			p.condition.Path = fmt.Sprintf("statuses[%d]", len(made.programs))
			made.programs = append(made.programs, p)
		}
	}
	made.auto = n
	made.index = made.env.schema.newIndex(made.programs)
	return made
}

// plainFirst asks cel-go about one condition after the other.
func plainFirst(set *Set, i int, x scene) (int, error) {
	s := set.see(x.facts, x.call, x.now)
	defer set.done(s)
	for ; i < set.auto; i++ {
		p := set.programs[i]
		plain := &program{condition: p.condition, ast: p.ast, slow: p.slow, told: p.told}
		if ok, err := plain.holds(s); ok || err != nil {
			return i, err
		}
	}
	return set.auto, nil
}

// differencesOfFirst goes through all decisions of a set, as the engine does
// which skips conditions that fail and looks for what else would match.
func differencesOfFirst(t testing.TB, set *Set, all []scene) (decisions, failures, differences int) {
	for _, x := range all {
		for i := 0; i <= set.auto; i++ {
			want, wantErr := plainFirst(set, i, x)
			got, err := set.First(i, x.facts, x.call, x.now)
			decisions++
			if wantErr != nil {
				failures++
			}
			if got != want || fmt.Sprint(err) != fmt.Sprint(wantErr) {
				if differences++; differences <= 3 {
					t.Logf("from %d: %d, %v: want %d, %v", i, got, err, want, wantErr)
				}
			}
			i = want
		}
	}
	return decisions, failures, differences
}

// left is the share of the conditions that the index leaves to be evaluated.
func left(set *Set, all []scene) float64 {
	n := 0
	for _, x := range all {
		s := set.see(x.facts, x.call, x.now)
		rows := slices.Repeat([]uint64{^uint64(0)}, set.index.words)
		for _, t := range set.index.tables {
			for i, w := range t.row(s) {
				rows[i] &= w
			}
		}
		for i := range set.auto {
			n += bits.OnesCount64(rows[i/64] >> (i % 64) & 1)
		}
		set.done(s)
	}
	return float64(n) / float64(len(all)*set.auto)
}

func TestTheIndexLosesNoConditionAndNoFailure(t *testing.T) {
	set := sceneSet(t)
	decisions, failures := 0, 0
	for seed := range uint64(16) {
		g := &generator{Rand: rand.New(rand.NewPCG(seed, 3)), schema: set.env.schema}
		made := withConditions(t, set, g, 1+g.IntN(140))
		all := scenes(seed, 25)
		n, failed, differences := differencesOfFirst(t, made, all)
		assert.Zero(t, differences, "seed %d", seed)
		decisions, failures = decisions+n, failures+failed
		if made.auto >= 30 {
			require.NotNil(t, made.index, "seed %d", seed)
			assert.Less(t, left(made, all), 0.75, "seed %d", seed)
		}
	}
	t.Logf("%d decisions, %d failures", decisions, failures)
	assert.Greater(t, decisions, 5000)
	assert.Greater(t, failures, 500)
}

func TestABrokenIndexIsFound(t *testing.T) {
	set := sceneSet(t)
	g := &generator{Rand: rand.New(rand.NewPCG(3, 3)), schema: set.env.schema}
	made := withConditions(t, set, g, 70)
	table := &made.index.tables[0]
	row := table.row
	table.row = func(s *scope) []uint64 {
		words := slices.Clone(row(s))
		for i := range words {
			words[i] &^= 0x1111111111111111
		}
		return words
	}
	_, _, differences := differencesOfFirst(t, made, scenes(3, 25))
	assert.NotZero(t, differences)
}

func TestWhatIsCertainlyFalseHidesNoFailure(t *testing.T) {
	set := sceneSet(t)
	for text, want := range map[string]certainty{
		`call.outcome == "busy"`:                                           never,
		`call.outcome == "drop"`:                                           always,
		`"drop" != call.outcome`:                                           never,
		`call.outcome == "busy" && record.fields.age > 3`:                  never,
		`record.fields.age > 3 && call.outcome in ["busy", "answered"]`:    never,
		`call.outcome == "busy" || record.fields.age > 3`:                  uncertain,
		`call.outcome == "drop" || record.fields.age > 3`:                  always,
		`!(call.outcome == "drop" || record.fields.age > 3)`:               never,
		`record.fields.age > 3 ? call.outcome == "busy" : false`:           uncertain, // the question may fail
		`call.outcome == "busy" ? record.fields.vip : false`:               never,
		`call.outcome == "drop" ? call.outcome == "busy" : true`:           never,
		`call.outcome == "busy" && call.outcome == "drop"`:                 never,
		`call.outcome == record.fields.city`:                               uncertain,
		`call.outcome in ["busy", record.fields.city]`:                     uncertain,
		`["busy"].exists(t, call.outcome == t) || call.outcome == "busy"`:  uncertain,
		`["busy"].exists(tz, tz == "busy") && call.outcome.size() == 4`:    uncertain,
		`call.outcome == "bus" + "y"`:                                      uncertain,
		`record.fields.age > 3 || record.fields.age < 3 && call.abandoned`: uncertain,
	} {
		p := compiledAlone(t, set, campaign.AutoSet, text)
		assert.Equal(t, want, knowing{"call.outcome", "drop"}.judge(p.ast.NativeRep().Expr()), text)
	}
}
