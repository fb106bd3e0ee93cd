package rule

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	celpb "cel.dev/expr"
	suite "cel.dev/expr/conformance/test"
	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
)

// The conformance data of the Common Expression Language (module cel.dev/expr)
// say what each expression gives. They are run in three ways: with cel-go as it
// comes, which is the yardstick; in the environment of conditions; and in that
// environment with the fast path before cel-go. What ours gives must be what the
// language says wherever cel-go itself gives that.

const (
	suiteCases  = 2508 // in v0.25.3 of the module
	suitePasses = 2455 // of them, what must pass each way
)

func TestCELGoItselfConformsButForWhatIsListed(t *testing.T) {
	plain := conformanceEnvs{}
	var err error
	plain.noMacros, err = cel.NewCustomEnv(append([]cel.EnvOption{
		cel.StdLib(), cel.ClearMacros(), cel.OptionalTypes(), cel.EnableIdentifierEscapeSyntax(),
	}, suiteOptions()...)...)
	require.NoError(t, err)
	plain.all, err = plain.noMacros.Extend(cel.Macros(cel.StandardMacros...))
	require.NoError(t, err)
	conforms(t, plain, plainEval)
}

func TestOurEnvironmentConformsAsCELGoDoes(t *testing.T) {
	ours := ourConformanceEnvs(t)
	conforms(t, ours, conformanceEval)
}

func TestOurFastPathConformsAsCELGoDoes(t *testing.T) {
	ours := ourConformanceEnvs(t)
	set := conformanceSet(t)
	fast := &fastConformance{set: set}
	conforms(t, ours, fast.eval)
	if fast.lowered > 0 {
		assert.Greater(t, 100*fast.decided, 90*fast.lowered, "cases that the fast path hands over though it has them")
	}
	t.Logf("the fast path has %d of the cases, and decides %d", fast.lowered, fast.decided)
}

// ourConformanceEnvs are environments of conditions, with the libraries and types
// that the suite's expressions want beside.
func ourConformanceEnvs(t *testing.T) conformanceEnvs {
	t.Helper()
	cfg := campaign.Config{ID: "suite", Zone: "UTC"}
	all, err := newEnvironment(newSchema(&cfg, nil, nil), suiteOptions()...)
	require.NoError(t, err)
	noMacros, err := newEnvironment(newSchema(&cfg, nil, nil), append([]cel.EnvOption{cel.ClearMacros()}, suiteOptions()...)...)
	require.NoError(t, err)
	return conformanceEnvs{all: all.cel, noMacros: noMacros.cel, schema: all.schema}
}

// conforms runs all cases. A case that is listed as known not to pass must not
// pass: else the list is out of date.
func conforms(t *testing.T, envs conformanceEnvs, eval conformanceEvaluator) {
	t.Helper()
	known := conformanceSkips(t, envs.schema != nil)
	passed, n := 0, 0
	var wrong []string
	for name, c := range conformanceCases(t) {
		n++
		reason, listed := known.of(name)
		err := envs.run(c, eval)
		switch {
		case err == nil && listed:
			wrong = append(wrong, fmt.Sprintf("%s passes, and is listed as known not to: %s", name, reason))
		case err != nil && !listed:
			wrong = append(wrong, fmt.Sprintf("%s: %s: %v", name, c.GetExpr(), err))
		}
		if err == nil {
			passed++
		}
	}
	for _, line := range wrong {
		t.Error(line)
	}
	assert.Empty(t, known.unused(), "listed, but no case has the name")
	assert.Equal(t, suiteCases, n, "cases")
	assert.GreaterOrEqual(t, passed, suitePasses, "cases that pass")
	t.Logf("%d of %d cases pass", passed, n)
}

// knownSkips are the cases that cel-go is known not to pass, and why.
type knownSkips struct {
	reasons map[string]string
	seen    map[string]bool
}

// conformanceSkips reads the list: after a line "# reason", names of cases up to
// an empty line. A name after "optimized" is for our environments alone.
func conformanceSkips(t *testing.T, ours bool) *knownSkips {
	t.Helper()
	data, err := os.ReadFile("testdata/conformance_skips.txt")
	require.NoError(t, err)
	k := &knownSkips{reasons: map[string]string{}, seen: map[string]bool{}}
	reason := ""
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if text, ok := strings.CutPrefix(line, "#"); ok {
			reason = strings.TrimSpace(text)
			continue
		}
		if line == "" {
			reason = ""
			continue
		}
		require.NotEmpty(t, reason, "%s is listed without a reason", line)
		if name, ok := strings.CutPrefix(line, "optimized "); ok {
			if !ours {
				continue
			}
			line = name
		}
		require.NotContains(t, k.reasons, line, "it is listed twice")
		k.reasons[line] = reason
	}
	return k
}

func (k *knownSkips) of(name string) (string, bool) {
	reason, ok := k.reasons[name]
	k.seen[name] = true
	return reason, ok
}

func (k *knownSkips) unused() []string {
	var names []string
	for name := range k.reasons {
		if !k.seen[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// fastConformance decides by the fast path of a condition, and asks cel-go
// where that hands over. A case that is no condition is made one: its value
// must equal the value that the suite wants.
type fastConformance struct {
	set              *Set
	lowered, decided int
}

func (f *fastConformance) eval(c *conformanceCase) error {
	if err := conformanceEval(c); err != nil {
		return err
	}
	ast, want, err := c.condition()
	if err != nil || ast == nil {
		return err
	}
	p, err := (&environment{schema: c.envs.schema, cel: c.env}).compile(campaign.Condition{Kind: campaign.DialWhen, Text: c.GetExpr()}, ast)
	if err != nil {
		return c.failed(err)
	}
	if p.fast.test == nil {
		return nil
	}
	f.lowered++
	s := f.set.see(&campaign.Facts{}, nil, conformanceNow)
	defer f.set.done(s)
	switch got := p.fast.test(s); {
	case got == ask:
		return nil // cel-go has decided it above
	case want == ask:
		return fmt.Errorf("the fast path decides what must fail (%d)", got)
	case got != want:
		return fmt.Errorf("the fast path says %d, not %d", got, want)
	}
	f.decided++
	return nil
}

// plainEval evaluates by cel-go as it comes.
func plainEval(c *conformanceCase) error { return c.evaluate() }

// conformanceEval evaluates by cel-go as conditions are evaluated.
func conformanceEval(c *conformanceCase) error { return c.evaluate(cel.EvalOptions(cel.OptOptimize)) }

func (c *conformanceCase) evaluate(options ...cel.ProgramOption) error {
	program, err := c.env.Program(c.ast, options...)
	if err != nil {
		return c.failed(err)
	}
	bindings, err := c.bindings()
	if err != nil {
		return err
	}
	got, _, err := program.Eval(bindings)
	if err == nil && types.IsError(got) {
		err = got.(*types.Err)
	}
	if err != nil {
		return c.failed(err)
	}
	return c.gives(got)
}

// failed says whether the case is to fail.
func (c *conformanceCase) failed(err error) error {
	switch c.GetResultMatcher().(type) {
	case *suite.SimpleTest_EvalError, *suite.SimpleTest_AnyEvalErrors:
		return nil
	}
	return err
}

var trueValue = &celpb.Value{Kind: &celpb.Value_BoolValue{BoolValue: true}}
