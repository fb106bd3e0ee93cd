package enginetest_test

import (
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// What an engine decides. A rule of the six is one decision; a set gives the
// first of its rules that holds; the filter is asked about each record.
const (
	whatSet     = "six rules" // after a call, with all that is made for it
	whatHundred = "100 rules" // the same
	whatFilter  = "filter"    // of the records, with all that is made for one
	whatCompile = "compile"   // one of the hundred
)

// whatRule is the i-th of the six, from 1, with its variables made before.
func whatRule(i int) string { return fmt.Sprintf("R%d", i) }

func everyWhat() []string {
	var all []string
	for i := range six() {
		all = append(all, whatRule(i+1))
	}
	return append(all, whatSet, whatHundred, whatFilter, whatCompile)
}

// engine decides conditions in one way.
type engine interface {
	// rule decides rule i of the six for n situations from the first-th on, and
	// counts how often it holds.
	rule(i, first, n int) (int, error)
	// set decides which of the six, or of the hundred, is the first that holds in
	// each situation, and adds up their places; none counts as their number.
	set(hundred bool, first, n int) (int, error)
	// filter counts the records for which the filter holds.
	filter(first, n int) (int, error)
	// compile compiles the hundred, and returns how many there are.
	compile() (int, error)
}

// engines are the names by which a spec asks for one, in the order of columns.
var engines = []string{"hand-written", "nextcall", "cel-go, structs", "cel-go, maps", "expr"}

func newEngine(name string, s *situations) (engine, error) {
	switch name {
	case "hand-written":
		return newHandEngine(s), nil
	case "nextcall":
		return newOurEngine(s)
	case "cel-go, structs":
		return newCELStructs(s)
	case "cel-go, maps":
		return newCELMaps(s)
	case "expr":
		return newExprEngine(s)
	}
	return nil, fmt.Errorf("no engine is called %q: want one of %q", name, engines)
}

// decider is an engine as a contestant. It is told what to decide with each
// command, and has no cycles.
type decider struct {
	nothing
	engine
	situations *situations
	place      map[string]int // how far it came with each
}

func newDecider(s spec) (*decider, error) {
	d := &decider{situations: newSituations(s.N), place: map[string]int{}}
	var err error
	d.engine, err = newEngine(s.Engine, d.situations)
	return d, err
}

// size is how many decisions a whole pass has, and how many are made between two
// looks at the clock.
func (d *decider) size(what string) (pass, batch int) {
	switch what {
	case whatFilter:
		return len(d.situations.records), min(1024, len(d.situations.records))
	case whatHundred:
		return manyTurns, 32
	case whatSet:
		return manyTurns, 256
	}
	return manyTurns, 1024
}

// decide makes n decisions from the first-th on, and returns a sum that is the
// same for all engines, and how many decisions there really were.
func (d *decider) decide(what string, first, n int) (sum, decisions int, err error) {
	switch what {
	case whatSet, whatHundred:
		sum, err = d.set(what == whatHundred, first, n)
	case whatFilter:
		sum, err = d.filter(first, n)
	case whatCompile:
		sum, err = d.compile()
		n = sum
	default:
		i := 0
		if _, err := fmt.Sscanf(what, "R%d", &i); err != nil || i < 1 || i > len(six()) {
			return 0, 0, fmt.Errorf("nothing is called %q: want one of %q", what, everyWhat())
		}
		sum, err = d.rule(i-1, first, n)
	}
	return sum, n, err
}

// pass makes all decisions once, so that engines can be compared.
func (d *decider) pass(what string, r *reply) (err error) {
	all, _ := d.size(what)
	r.Sum, r.Cycles, err = d.decide(what, 0, all)
	return err
}

// run makes decisions for some time, beginning where the last run ended.
func (d *decider) run(c command, r *reply) error {
	pass, batch := d.size(c.What)
	at := d.place[c.What]
	mallocs := countMallocs()
	start, before := time.Now(), cpuTime()
	for time.Since(start) < c.For {
		n := min(batch, pass-at)
		_, decisions, err := d.decide(c.What, at, n)
		if err != nil {
			return err
		}
		r.Cycles += decisions
		if at += n; at == pass {
			at = 0
		}
	}
	r.Wall, r.CPU = time.Since(start), cpuTime()-before
	r.Mallocs = countMallocs() - mallocs
	d.place[c.What] = at
	return nil
}

// decideWith is what a stage does with the command "decide" or "pass".
func (s *stage) decideWith(c command, r *reply) error {
	d, ok := s.contestant.(*decider)
	if !ok {
		return errors.New("this contestant decides nothing")
	}
	if c.Do == "pass" {
		err := d.pass(c.What, r)
		runtime.GC()
		return err
	}
	return d.run(c, r)
}

// handEngine is Go as somebody would write it who has no rules engine.
type handEngine struct {
	*situations
	six, hundred []func(*campaign.Facts, *campaign.Call, time.Time) bool
	chosen       func(*campaign.Facts, *campaign.Call, time.Time) bool
}

func newHandEngine(s *situations) *handEngine {
	e := &handEngine{situations: s, chosen: filter().holds}
	for _, x := range six() {
		e.six = append(e.six, x.holds)
	}
	_, _ = e.compile() // it cannot fail
	return e
}

func (e *handEngine) compile() (int, error) {
	e.hundred = nil
	for _, x := range hundred() {
		e.hundred = append(e.hundred, x.holds)
	}
	return len(e.hundred), nil
}

func (e *handEngine) rule(i, first, n int) (sum int, _ error) {
	holds := e.six[i]
	for _, k := range e.order[first : first+n] {
		x := &e.calls[k]
		if holds(&x.facts, &x.call, e.now) {
			sum++
		}
	}
	return sum, nil
}

func (e *handEngine) set(hundred bool, first, n int) (sum int, _ error) {
	rules := e.six
	if hundred {
		rules = e.hundred
	}
	for _, k := range e.order[first : first+n] {
		x := &e.calls[k]
		i := 0
		for i < len(rules) && !rules[i](&x.facts, &x.call, e.now) {
			i++
		}
		sum += i
	}
	return sum, nil
}

func (e *handEngine) filter(first, n int) (sum int, _ error) {
	for k := range e.records[first : first+n] {
		if e.chosen(&e.records[first+k], nil, e.now) {
			sum++
		}
	}
	return sum, nil
}
