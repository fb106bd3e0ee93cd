package rule

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
)

// sceneSet is a set without conditions, over the schema of sceneConfig.
func sceneSet(t testing.TB) *Set {
	t.Helper()
	c, _, err := campaign.Compile(sceneConfig(), nil, campaign.GoRules{})
	require.NoError(t, err)
	rules, _, err := Engine{Agents: sceneAgents}.Rules(c, nil)
	require.NoError(t, err)
	return rules.(*Set)
}

// compiledAlone makes a program of a text, without what the linter says of it.
func compiledAlone(t testing.TB, set *Set, k campaign.Kind, text string) *program {
	t.Helper()
	checked, issues := set.env.checked(text)
	require.NoError(t, issues.Err(), text)
	p, err := set.env.compile(campaign.Condition{Path: "x", Kind: k, Text: text}, checked)
	if err != nil {
		return nil // a constant that cannot be, such as timestamp(4611686018427387904)
	}
	return p
}

// agreement is how the fast way of a program and cel-go agree about a scene.
type agreement uint8

const (
	agree    agreement = iota
	handed             // the fast way asks, and cel-go has an error to report
	needless           // the fast way asks, although cel-go has a value
	differ
)

// judged compares both ways, and what a glance tells.
func judged(p *program, s *scope) (agreement, string) {
	slow, _, err := p.slow.Eval(s)
	fast, known := fastValue(p, s)
	if p.fast.glance != nil {
		x := s.sight
		x.foundPhone = 0
		if v := p.fast.glance.glance(&x); v != ask && (err != nil || (v == yes) != (slow == types.True)) {
			return differ, fmt.Sprintf("cel-go says %v (%v), a glance %v", slow, err, v)
		}
	}
	switch {
	case !known && err != nil:
		return handed, ""
	case !known:
		return needless, fmt.Sprintf("cel-go says %v, the fast way asks", slow)
	case err != nil:
		return differ, fmt.Sprintf("cel-go fails (%v), the fast way says %v", err, fast)
	case !agrees(p, s, slow, fast):
		return differ, fmt.Sprintf("cel-go says %v, the fast way %v", slow, fast)
	}
	return agree, ""
}

// fastValue is what the fast way says, if it knows.
func fastValue(p *program, s *scope) (any, bool) {
	switch {
	case p.fast.number != nil:
		v, ok := p.fast.number(s)
		return v, ok
	case p.fast.time != nil:
		v, ok := p.fast.time(s)
		return v, ok
	}
	v := p.fast.test(s)
	return v == yes, v != ask
}

func agrees(p *program, s *scope, slow ref.Val, fast any) bool {
	switch v := slow.(type) {
	case types.Bool:
		return bool(v) == fast
	case types.Int:
		return float64(v) == fast
	case types.Double:
		return math.Float64bits(float64(v)) == math.Float64bits(fast.(float64)) || math.IsNaN(float64(v)) && math.IsNaN(fast.(float64))
	case types.Timestamp:
		return fast.(time.Time).Equal(v.Time) && fast.(time.Time).Location() == time.UTC
	case types.Duration:
		return fast.(time.Time).Equal(s.now.Add(v.Duration))
	case *periodValue:
		at, err := v.from(s.now)
		return err == nil && at.Equal(fast.(time.Time))
	}
	return false
}

// tallied counts what a run of the differential test saw.
type tallied struct {
	refused                    int // by cel-go
	conditions, lowered, whole int // whole: without an island
	evaluations, values        int // values: those for which cel-go has no error
	needless, differ           int
}

// compareWays evaluates generated conditions of a kind, in scenes. change may
// break the fast way of a program, to see that it is found.
func compareWays(t testing.TB, set *Set, g *generator, k campaign.Kind, of kind, conditions int, all []scene, depth int, change func(*program)) tallied {
	var n tallied
	for range conditions {
		node := g.of(of, depth)
		p := compiledAlone(t, set, k, node.String())
		if p == nil {
			n.refused++
			continue
		}
		n.conditions++
		if !p.fast.isSet() {
			continue
		}
		n.lowered++
		if change != nil {
			change(p)
		}
		if p.fast.islands == 0 {
			n.whole++
		}
		for _, x := range all {
			s := set.see(x.facts, x.call, x.now)
			v, why := judged(p, s)
			set.done(s)
			n.evaluations++
			switch v {
			case agree:
				n.values++
			case needless:
				n.values++
				n.needless++
			case differ:
				n.differ++
				if n.differ <= 3 && change == nil {
					small, why := smaller(t, set, k, node, x, why)
					t.Logf("%s\n  %s\n  in %v", small, why, x)
				}
			}
		}
	}
	return n
}

// smaller cuts a condition down to what still differs.
func smaller(t testing.TB, set *Set, k campaign.Kind, node *genNode, x scene, why string) (*genNode, string) {
	fails := func(n *genNode) (string, bool) {
		checked, issues := set.env.checked(n.String())
		if issues.Err() != nil {
			return "", false
		}
		p, err := set.env.compile(campaign.Condition{Kind: k, Text: n.String()}, checked)
		if err != nil || !p.fast.isSet() {
			return "", false
		}
		s := set.see(x.facts, x.call, x.now)
		defer set.done(s)
		v, why := judged(p, s)
		return why, v == differ
	}
	for again := true; again; {
		again = false
		for _, n := range cuts(node) {
			if reason, ok := fails(n); ok && len(n.String()) < len(node.String()) {
				node, why, again = n, reason, true
				break
			}
		}
	}
	return node, why
}

// cuts are the trees in which one part is replaced by a part of itself.
func cuts(n *genNode) []*genNode {
	var all []*genNode
	for _, kid := range n.kids {
		if kid.kind == n.kind {
			all = append(all, kid)
		}
	}
	for i, kid := range n.kids {
		for _, cut := range cuts(kid) {
			kids := append([]*genNode(nil), n.kids...)
			kids[i] = cut
			all = append(all, &genNode{n.kind, n.format, kids})
		}
	}
	return all
}

func TestLoweredConditionsSayWhatCELSays(t *testing.T) {
	set := sceneSet(t)
	var sum tallied
	for _, run := range []struct {
		seed       uint64
		kind       campaign.Kind
		of         kind
		conditions int
		depth      int
	}{
		{1, campaign.AutoSet, kindBool, 700, 3},
		{2, campaign.AutoSet, kindBool, 500, 5},
		{3, campaign.Rank, kindInt, 150, 3},
		{4, campaign.Rank, kindDouble, 150, 3},
		{5, campaign.NextAt, kindTime, 100, 3},
		{6, campaign.NextAt, kindDuration, 100, 3},
	} {
		g := &generator{Rand: rand.New(rand.NewPCG(run.seed, 1)), schema: set.env.schema}
		n := compareWays(t, set, g, run.kind, run.of, run.conditions, scenes(run.seed, 80), run.depth, nil)
		assert.Zero(t, n.differ, "seed %d", run.seed)
		t.Logf("seed %d: %+v", run.seed, n)
		sum.refused += n.refused
		sum.conditions += n.conditions
		sum.lowered += n.lowered
		sum.whole += n.whole
		sum.evaluations += n.evaluations
		sum.values += n.values
		sum.needless += n.needless
	}
	t.Logf("all: %+v", sum)
	assert.GreaterOrEqual(t, sum.evaluations, 100_000)
	assert.Greater(t, sum.values*2, sum.evaluations, "too few of the evaluations have a value to compare")
	assert.LessOrEqual(t, sum.needless*100, sum.values, "more than 1 %% are handed to cel-go needlessly")
	assert.GreaterOrEqual(t, sum.whole*100, sum.conditions*97, "too few conditions are lowered")
}

func TestIslandsAreDecidedByCELAndTheRestWithoutIt(t *testing.T) {
	set := sceneSet(t)
	g := &generator{Rand: rand.New(rand.NewPCG(7, 1)), schema: set.env.schema, rare: 4}
	n := compareWays(t, set, g, campaign.AutoSet, kindBool, 400, scenes(7, 50), 6, nil)
	t.Logf("%+v", n)
	assert.Zero(t, n.differ, "seed 7")
	assert.LessOrEqual(t, n.needless*100, n.values)
	assert.Greater(t, n.lowered-n.whole, 30, "too few have an island")
}

// A differential test that compared nothing would pass for ever.
func TestABrokenLoweringIsFound(t *testing.T) {
	set := sceneSet(t)
	run := func(k campaign.Kind, of kind, change func(*program)) tallied {
		g := &generator{Rand: rand.New(rand.NewPCG(8, 1)), schema: set.env.schema}
		return compareWays(t, set, g, k, of, 30, scenes(8, 20), 3, change)
	}
	changed := func(change func(answer) answer) func(*program) {
		return func(p *program) {
			test := p.fast.test
			p.fast.test = func(s *scope) answer { return change(test(s)) }
		}
	}
	assert.Zero(t, run(campaign.AutoSet, kindBool, changed(func(a answer) answer { return a })).differ)
	assert.NotZero(t, run(campaign.AutoSet, kindBool, changed(func(a answer) answer {
		if a == yes {
			return no
		}
		return a
	})).differ, "true is taken for false")
	assert.NotZero(t, run(campaign.AutoSet, kindBool, changed(func(a answer) answer { return max(a, yes) })).differ, "what failed is taken for true")
	assert.NotZero(t, run(campaign.AutoSet, kindBool, changed(func(a answer) answer {
		if a == ask {
			return no
		}
		return a
	})).differ, "what failed is taken for false")
	lazy := run(campaign.AutoSet, kindBool, changed(func(answer) answer { return ask }))
	assert.Greater(t, lazy.needless*100, lazy.values, "nothing is decided without cel-go")
	assert.NotZero(t, run(campaign.Rank, kindInt, func(p *program) {
		number := p.fast.number
		p.fast.number = func(s *scope) (float64, bool) {
			v, ok := number(s)
			return v + 1, ok
		}
	}).differ, "a number is one more")
	assert.NotZero(t, run(campaign.NextAt, kindTime, func(p *program) {
		at := p.fast.time
		p.fast.time = func(s *scope) (time.Time, bool) {
			v, ok := at(s)
			return v.Add(1), ok
		}
	}).differ, "a time is a nanosecond later")
}
