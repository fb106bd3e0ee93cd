package ruletest

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/rule"
	"github.com/nextcall/nextcall/status"
)

// Options say what a file is run against. The zero value runs the rules that
// stand in the file.
type Options struct {
	// Campaign is the host's own, compiled with a [rule.Engine]. The file has
	// cases only then. Nil: the file says what the rules are.
	Campaign *campaign.Campaign
	// Engine compiles the rules of the file. The agents of the file join its own.
	Engine rule.Engine
	// FullCoverage fails the test unless each branch of each condition was seen
	// true and seen false.
	FullCoverage bool
}

// Run reads a file and runs its cases, each as a subtest with its name. One that
// does not hold says which rule decided, and what each branch was. The coverage
// is logged. A file that cannot be read, or a case that cannot be, ends the test
// with all mistakes and their lines.
func Run(t *testing.T, file string, o Options) *Report {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	suite, err := Parse(file, text)
	if err != nil {
		t.Fatal(err)
	}
	report, err := suite.Run(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range report.Cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Helper()
			if len(c.Problems) > 0 {
				t.Errorf("%s:%d: %s\n%s", file, c.Line, strings.Join(c.Problems, "\n"), c.Explanation)
			}
		})
	}
	for _, w := range report.Warnings {
		t.Logf("%s: warning: %s", file, w)
	}
	t.Logf("%s: %s", file, report)
	if missing := report.Missing(); o.FullCoverage && len(missing) > 0 {
		t.Errorf("%s: not all branches were seen:\n%s", file, strings.Join(missing, "\n"))
	}
	return report
}

// runner is what all cases of a run share.
type runner struct {
	suite      *Suite
	c          *campaign.Campaign
	cfg        campaign.Config
	plain      *campaign.Campaign // of the same kind, without rules: it counts calls
	set        *rule.Set
	rules      campaign.Rules
	conditions []campaign.Condition
	statuses   []*status.Status // that the first conditions set
	auto       int              // how many they are
	zone       *time.Location
	fieldNames []string // "record.fields.balance"
}

// Run runs the cases. The error joins all that is wrong with the file, each an
// [*Error]; a case that does not hold is no error, but has Problems. A Suite may
// be run several times, by several goroutines.
func (s *Suite) Run(o Options) (*Report, error) {
	report := &Report{}
	c := o.Campaign
	switch {
	case c == nil:
		compiled, warnings, err := s.Compile(o.Engine)
		if err != nil {
			return nil, err
		}
		c, report.Warnings = compiled, aboutRules(warnings, compiled.Conditions())
	case len(s.blocks) > 0:
		return nil, &Error{File: s.name, Line: s.blocks[0].line, Msg: fmt.Sprintf("%s: the rules are those of campaign %q, which was given: leave the block out", s.blocks[0].kind, c.ID())}
	}
	run, err := s.runner(c)
	if err != nil {
		return nil, err
	}
	for i, x := range run.conditions {
		cover := Coverage{Condition: x}
		for _, b := range run.set.Branches(i) {
			cover.Branches = append(cover.Branches, BranchCoverage{Branch: b})
		}
		report.Conditions = append(report.Conditions, cover)
	}
	var errs []error
	for i := range s.cases {
		result, err := run.one(&s.cases[i], report.Conditions)
		if err != nil {
			errs = append(errs, err)
		}
		report.Cases = append(report.Cases, result)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return report, nil
}

// aboutRules leaves out what is remarked on hours and limits: a file of rules
// has none.
func aboutRules(warnings []campaign.Warning, conditions []campaign.Condition) []campaign.Warning {
	return slices.DeleteFunc(warnings, func(w campaign.Warning) bool {
		return !slices.ContainsFunc(conditions, func(x campaign.Condition) bool { return strings.HasPrefix(w.Path, x.Path) })
	})
}

func (s *Suite) runner(c *campaign.Campaign) (*runner, error) {
	run := &runner{suite: s, c: c, cfg: c.Config(), conditions: c.Conditions(), rules: c.Rules()}
	var ok bool
	if run.set, ok = rule.Of(c); !ok {
		msg := fmt.Sprintf("campaign %q has no conditions: there is nothing to test", c.ID())
		if run.rules != nil {
			msg = fmt.Sprintf("the conditions of campaign %q are not in CEL: want one that was compiled with a rule.Engine", c.ID())
		}
		return nil, &Error{File: s.name, Msg: msg}
	}
	statuses := c.Statuses()
	for _, x := range run.conditions {
		if x.Kind == campaign.AutoSet {
			i := slices.IndexFunc(statuses, func(st status.Status) bool { return st.ID == x.Status })
			run.statuses = append(run.statuses, &statuses[i])
		}
	}
	run.auto = len(run.statuses)
	var err error
	if run.zone, err = time.LoadLocation(run.cfg.Zone); err != nil {
		return nil, &Error{File: s.name, Msg: err.Error()}
	}
	run.plain, _, err = campaign.Compile(campaign.Config{ID: run.cfg.ID, Mode: run.cfg.Mode, Zone: run.cfg.Zone, CalleeZone: run.cfg.CalleeZone}, nil, nil)
	if err != nil {
		return nil, &Error{File: s.name, Msg: err.Error()}
	}
	for _, v := range run.set.Variables() {
		if isField(v.Path) {
			run.fieldNames = append(run.fieldNames, v.Path)
		}
	}
	return run, nil
}

// one runs a case, and adds what it saw to the coverage.
func (run *runner) one(c *testCase, cover []Coverage) (CaseResult, error) {
	result := CaseResult{Name: c.name, Line: c.line}
	at := func(line int, err error) error { return &Error{File: run.suite.name, Line: line, Msg: err.Error()} }
	built, err := run.build(c, fieldsOf(c))
	errs := []error{err}
	times := &reader{now: built.now, zone: run.zone}
	var wants []want
	for _, s := range c.wants {
		w, err := run.readWant(s, times)
		if err != nil {
			errs = append(errs, at(s.line, err))
		}
		if w.asksCall() && built.call == nil && errors.Join(errs...) == nil {
			errs = append(errs, at(s.line, fmt.Errorf(`%s: a rule decides after a call: say how it ended, such as call.outcome = "busy"`, w.text)))
		}
		wants = append(wants, w)
	}
	if err := run.contradiction(c, wants); err != nil {
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return result, err
	}
	v := &verdict{run: run, built: &built}
	v.decide(wants)
	for _, k := range v.asked {
		cover[k].Asked++
		for i, seen := range run.set.Trace(k, &built.facts, v.call(run.conditions[k].Kind), built.now) {
			b := &cover[k].Branches[i]
			switch seen {
			case rule.SeenTrue:
				b.True++
			case rule.SeenFalse:
				b.False++
			case rule.SeenFailed:
				b.Failed++
			}
		}
	}
	result.Problems, result.Explanation = v.problems, v.explain(wants)
	return result, nil
}

// contradiction finds results that cannot come true together.
func (run *runner) contradiction(c *testCase, wants []want) error {
	first := ""
	for _, w := range wants {
		if w.word != "" && w.word != "none" {
			continue
		}
		if first != "" {
			return &Error{File: run.suite.name, Line: w.line, Msg: fmt.Sprintf("%s contradicts %s: one rule decides: for one behind it write -> also", w.text, first)}
		}
		first = w.text
	}
	return nil
}

// fieldsOf are the fields that a case's results name.
func fieldsOf(c *testCase) []string {
	var all []string
	for _, s := range c.wants {
		word, rest, _ := strings.Cut(s.value, " ")
		if name, _, ok := strings.Cut(rest, "="); ok && slices.Contains([]string{"required", "valid"}, word) {
			all = append(all, strings.TrimSpace(name))
		}
	}
	return all
}
