package enginetest_test

import (
	"fmt"
	"reflect"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/ext"

	"github.com/nextcall/nextcall/campaign"
)

// celEngine is cel-go as its documentation has it. make makes the variables of
// one decision; with structs they are always in the same memory.
type celEngine struct {
	*situations
	env          *cel.Env
	six, hundred []cel.Program
	chosen       cel.Program
	ready        []cel.Activation // of each call
	make         func(*campaign.Facts, *campaign.Call, time.Time) (cel.Activation, error)
}

// newCELStructs has a type for each variable, and fields that are read by reflection.
func newCELStructs(s *situations) (*celEngine, error) {
	object := func(v any) *cel.Type { return cel.ObjectType(reflect.TypeOf(v).String()) }
	e := &celEngine{situations: s}
	var err error
	e.env, err = cel.NewEnv(
		ext.NativeTypes(reflect.TypeFor[callValues](), reflect.TypeFor[recordValues](), reflect.TypeFor[attemptValues](), reflect.TypeFor[phoneValues](),
			ext.ParseStructTags(true)),
		cel.Variable("now", cel.TimestampType), cel.Variable("call", object(callValues{})), cel.Variable("record", object(recordValues{})),
		cel.Variable("attempts", object(attemptValues{})), cel.Variable("phone", object(phoneValues{})),
	)
	if err != nil {
		return nil, err
	}
	bound := func(v *variables) (map[string]any, cel.Activation, error) {
		values := map[string]any{"now": v.Now, "call": v.Call, "record": v.Record, "attempts": v.Attempts, "phone": v.Phone}
		a, err := cel.NewActivation(values)
		return values, a, err
	}
	again := newVariables()
	values, same, err := bound(again)
	if err != nil {
		return nil, err
	}
	e.make = func(f *campaign.Facts, call *campaign.Call, now time.Time) (cel.Activation, error) {
		again.fill(f, call, now)
		values["now"] = now
		return same, nil
	}
	return e, e.prepare(func(f *campaign.Facts, call *campaign.Call, now time.Time) (cel.Activation, error) {
		v := newVariables()
		v.fill(f, call, now)
		_, a, err := bound(v)
		return a, err
	})
}

// newCELMaps has no types: each variable is a map.
func newCELMaps(s *situations) (*celEngine, error) {
	e := &celEngine{situations: s}
	values := cel.MapType(cel.StringType, cel.DynType)
	var err error
	e.env, err = cel.NewEnv(
		cel.Variable("now", cel.TimestampType), cel.Variable("call", values), cel.Variable("record", values),
		cel.Variable("attempts", values), cel.Variable("phone", values),
	)
	if err != nil {
		return nil, err
	}
	e.make = func(f *campaign.Facts, call *campaign.Call, now time.Time) (cel.Activation, error) {
		return cel.NewActivation(mapped(f, call, now))
	}
	return e, e.prepare(e.make)
}

// prepare compiles all, and makes the variables of each call once.
func (e *celEngine) prepare(variables func(*campaign.Facts, *campaign.Call, time.Time) (cel.Activation, error)) error {
	for _, x := range six() {
		p, err := e.program(x.text)
		if err != nil {
			return err
		}
		e.six = append(e.six, p)
	}
	var err error
	if e.chosen, err = e.program(filter().text); err != nil {
		return err
	}
	if _, err := e.compile(); err != nil {
		return err
	}
	for k := range e.calls {
		a, err := variables(&e.calls[k].facts, &e.calls[k].call, e.now)
		if err != nil {
			return err
		}
		e.ready = append(e.ready, a)
	}
	return nil
}

func (e *celEngine) program(text string) (cel.Program, error) {
	checked, issues := e.env.Compile(text)
	if err := issues.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", text, err)
	}
	return e.env.Program(checked, cel.EvalOptions(cel.OptOptimize))
}

func (e *celEngine) compile() (int, error) {
	e.hundred = nil
	for _, x := range hundred() {
		p, err := e.program(x.text)
		if err != nil {
			return 0, err
		}
		e.hundred = append(e.hundred, p)
	}
	return len(e.hundred), nil
}

func celHolds(p cel.Program, a cel.Activation) (bool, error) {
	v, _, err := p.Eval(a)
	return v == types.True, err
}

func (e *celEngine) rule(i, first, n int) (sum int, _ error) {
	p := e.six[i]
	for _, k := range e.order[first : first+n] {
		ok, err := celHolds(p, e.ready[k])
		if err != nil {
			return 0, err
		}
		if ok {
			sum++
		}
	}
	return sum, nil
}

func (e *celEngine) set(hundred bool, first, n int) (sum int, _ error) {
	rules := e.six
	if hundred {
		rules = e.hundred
	}
	for _, k := range e.order[first : first+n] {
		x := &e.calls[k]
		a, err := e.make(&x.facts, &x.call, e.now)
		if err != nil {
			return 0, err
		}
		for _, p := range rules {
			ok, err := celHolds(p, a)
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

func (e *celEngine) filter(first, n int) (sum int, _ error) {
	for k := range e.records[first : first+n] {
		a, err := e.make(&e.records[first+k], nil, e.now)
		if err != nil {
			return 0, err
		}
		ok, err := celHolds(e.chosen, a)
		if err != nil {
			return 0, err
		}
		if ok {
			sum++
		}
	}
	return sum, nil
}
