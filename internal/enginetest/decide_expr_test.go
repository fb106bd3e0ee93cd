package enginetest_test

import (
	"fmt"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
)

// exprEngine is expr, whose conditions are typed by a Go struct and run on a
// virtual machine that is used again.
type exprEngine struct {
	*situations
	machine      vm.VM
	six, hundred []*vm.Program
	chosen       *vm.Program
	again        *variables
	ready        []*variables // of each call
}

func newExprEngine(s *situations) (*exprEngine, error) {
	e := &exprEngine{situations: s, again: newVariables()}
	for _, x := range six() {
		p, err := exprProgram(x)
		if err != nil {
			return nil, err
		}
		e.six = append(e.six, p)
	}
	var err error
	if e.chosen, err = exprProgram(filter()); err != nil {
		return nil, err
	}
	if _, err := e.compile(); err != nil {
		return nil, err
	}
	for k := range e.calls {
		v := newVariables()
		v.fill(&e.calls[k].facts, &e.calls[k].call, e.now)
		e.ready = append(e.ready, v)
	}
	return e, nil
}

func exprProgram(x decided) (*vm.Program, error) {
	// The time of the decision is a variable: a clock is no part of it.
	p, err := expr.Compile(x.asExpr(), expr.Env(&variables{}), expr.AsBool(), expr.DisableBuiltin("now"))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", x.asExpr(), err)
	}
	return p, nil
}

func (e *exprEngine) compile() (int, error) {
	e.hundred = nil
	for _, x := range hundred() {
		p, err := exprProgram(x)
		if err != nil {
			return 0, err
		}
		e.hundred = append(e.hundred, p)
	}
	return len(e.hundred), nil
}

func (e *exprEngine) holds(p *vm.Program, v *variables) (bool, error) {
	out, err := e.machine.Run(p, v)
	ok, _ := out.(bool)
	return ok, err
}

func (e *exprEngine) rule(i, first, n int) (sum int, _ error) {
	for _, k := range e.order[first : first+n] {
		ok, err := e.holds(e.six[i], e.ready[k])
		if err != nil {
			return 0, err
		}
		if ok {
			sum++
		}
	}
	return sum, nil
}

func (e *exprEngine) set(hundred bool, first, n int) (sum int, _ error) {
	rules := e.six
	if hundred {
		rules = e.hundred
	}
	for _, k := range e.order[first : first+n] {
		x := &e.calls[k]
		e.again.fill(&x.facts, &x.call, e.now)
		for _, p := range rules {
			ok, err := e.holds(p, e.again)
			if err != nil {
				return 0, err
			}
			if ok {
				break
			}
			sum++
		}
	}
	return sum, nil
}

func (e *exprEngine) filter(first, n int) (sum int, _ error) {
	for k := range e.records[first : first+n] {
		e.again.fill(&e.records[first+k], nil, e.now)
		ok, err := e.holds(e.chosen, e.again)
		if err != nil {
			return 0, err
		}
		if ok {
			sum++
		}
	}
	return sum, nil
}
