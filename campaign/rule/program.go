package rule

import (
	"fmt"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/nextcall/nextcall/campaign"
)

// program is one compiled condition.
type program struct {
	condition campaign.Condition
	ast       *cel.Ast
	slow      cel.Program // what the condition means
	fast      lowered     // the same, faster; zero: there is none
	told      *told       // its parts, for what failed and for explanations
}

// eval is the value by cel-go: the truth.
func (p *program) eval(s *scope) (ref.Val, error) {
	s.steps = 0
	v, _, err := p.slow.Eval(s)
	if err != nil {
		return nil, p.failed(s, err)
	}
	return v, nil
}

// holds decides a condition that says yes or no.
func (p *program) holds(s *scope) (bool, error) {
	if p.fast.ruledOut(s.call) {
		return false, nil
	}
	if p.fast.glance != nil {
		switch p.fast.glance.glance(&s.sight) {
		case yes:
			return true, nil
		case no:
			return false, nil
		}
	}
	return p.asked(s)
}

// asked decides it where a glance does not tell.
func (p *program) asked(s *scope) (bool, error) {
	if p.fast.test != nil {
		if p.fast.islands > 0 {
			s.steps = 0 // the islands count theirs together
		}
		switch p.fast.test(s) {
		case yes:
			return true, nil
		case no:
			return false, nil
		}
	}
	v, err := p.eval(s)
	if err != nil {
		return false, err
	}
	b, ok := v.(types.Bool)
	if !ok {
		return false, p.failed(s, fmt.Errorf("the result is a %s, not a bool", v.Type().TypeName()))
	}
	return bool(b), nil
}

// number is the value of a rank.
func (p *program) number(s *scope) (float64, error) {
	if p.fast.number != nil {
		if n, ok := p.fast.number(s); ok {
			return n, nil
		}
	}
	v, err := p.eval(s)
	if err != nil {
		return 0, err
	}
	switch n := v.(type) {
	case types.Int:
		return float64(n), nil
	case types.Double:
		return float64(n), nil
	}
	return 0, p.failed(s, fmt.Errorf("the result is a %s, not a number", v.Type().TypeName()))
}

// time is the value of a next call: an instant, or how long from now.
func (p *program) time(s *scope) (time.Time, error) {
	if p.fast.time != nil {
		if t, ok := p.fast.time(s); ok {
			return t, nil
		}
	}
	v, err := p.eval(s)
	if err != nil {
		return time.Time{}, err
	}
	switch t := v.(type) {
	case types.Timestamp:
		return t.Time.UTC(), nil
	case types.Duration:
		return s.now.Add(t.Duration), nil
	case *periodValue:
		at, err := t.from(s.now)
		if err != nil {
			return time.Time{}, p.failed(s, err)
		}
		return at, nil
	}
	return time.Time{}, p.failed(s, fmt.Errorf("the result is a %s, not a timestamp, duration or period", v.Type().TypeName()))
}

// compile makes a program of a checked condition. The static cost and the
// linter have their say elsewhere.
func (e *environment) compile(c campaign.Condition, checked *cel.Ast) (*program, error) {
	slow, err := e.plan(checked.NativeRep())
	if err != nil {
		return nil, err
	}
	return &program{condition: c, ast: checked, slow: slow, fast: e.lower(c.Kind, checked), told: new(told)}, nil
}

// plan makes what cel-go evaluates.
func (e *environment) plan(checked *ast.AST) (cel.Program, error) {
	return e.cel.PlanProgram(checked, append(e.bounded(checked), cel.EvalOptions(cel.OptOptimize))...)
}
