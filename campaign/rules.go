package campaign

import (
	"errors"
	"fmt"
	"time"

	"github.com/nextcall/nextcall/status"
)

// Kind is what a condition is for, and so what it is given and what it says.
type Kind uint8

// The kinds of conditions. All but two say yes or no.
const (
	AutoSet   Kind = iota // sets a status after a call that reached no agent
	DialWhen              // the dial condition: may the record be called at all
	Required              // a field is required
	ValidWhen             // a field's value is valid
	Rank                  // gives a number: the record's place in tiers 5 and 7
	NextAt                // gives a time: the next call of a record that gets a status
	Where                 // finds records: it belongs to no configuration
)

var kindNames = [...]string{"auto-set", "dial condition", "required when", "valid when", "rank", "next call", "record filter"}

// String returns the kind in words.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Condition is a text of a configuration that a [RuleEngine] makes a decision of.
type Condition struct {
	Path   string // where the configuration has it, such as "statuses[2].auto_set"
	Kind   Kind
	Text   string
	Status status.ID // of AutoSet and NextAt
	Type   string    // the record type of Required and ValidWhen
	Field  string    // of Required and ValidWhen
}

// RuleEngine compiles the conditions of a campaign. Package campaign/rule has one
// for CEL; [GoRules] is one for conditions written in Go.
type RuleEngine interface {
	// Rules compiles c's conditions. c is complete but for them, and may be kept.
	// The error joins all mistakes, each a [*FieldError] with the condition's Path.
	Rules(c *Campaign, conditions []Condition) (Rules, []Warning, error)
}

// Rules are the compiled conditions of a campaign. i is a condition's place in
// the list that the engine was given, in which those of kind [AutoSet] come
// first, in the order in which they decide. Rules are safe for concurrent use
// and keep nothing of what they are given.
//
// The record has a call that changes it counted. Beside a call the history need
// not have it; where call is nil it has.
//
// An error is a third result: the condition failed. It is reported, and never
// taken for false in silence.
type Rules interface {
	// Needs says what the conditions read beside the record.
	Needs() Reads
	// First returns the first of the auto-set conditions from place i on that
	// holds or, with an error, that fails; their number if there is none.
	First(i int, f *Facts, call *Call, now time.Time) (int, error)
	// Holds tells whether condition i holds. call is nil for all kinds but AutoSet.
	Holds(i int, f *Facts, call *Call, now time.Time) (bool, error)
	// Number is the value of a [Rank].
	Number(i int, f *Facts, now time.Time) (float64, error)
	// Time is the value of a [NextAt]. call is nil where a status is set without one.
	Time(i int, f *Facts, call *Call, now time.Time) (time.Time, error)
}

// Explainer is an optional ability of [Rules]: it says in words why condition i
// holds, does not hold or fails, each part with what it read. "" is no answer.
type Explainer interface {
	Why(i int, f *Facts, call *Call, now time.Time) string
}

// Reads is what conditions read beside the record.
type Reads struct {
	Contact bool
	Today   bool          // the calls of today, in the campaign's zone
	Within  time.Duration // the calls of that long
	All     bool          // all calls
}

// GoRules is an engine for conditions written in Go: for a host without a rules
// engine, and for tests. The conditions' texts are for people then. A condition
// of a kind whose function is nil is refused.
type GoRules struct {
	Reads  Reads
	Holds  func(c *Condition, f *Facts, call *Call, now time.Time) (bool, error)
	Number func(c *Condition, f *Facts, now time.Time) (float64, error)
	Time   func(c *Condition, f *Facts, call *Call, now time.Time) (time.Time, error)
}

// Rules binds the functions to the campaign's conditions.
func (g GoRules) Rules(_ *Campaign, conditions []Condition) (Rules, []Warning, error) {
	var errs []error
	r := &goRules{GoRules: g, conditions: conditions}
	for _, c := range conditions {
		if c.Kind == AutoSet {
			r.auto++
		}
		if missing := g.missing(c.Kind); missing != "" {
			errs = append(errs, &FieldError{Path: c.Path, Value: c.Text, Msg: "GoRules has no function " + missing + " for it"})
		}
	}
	if len(errs) > 0 {
		return nil, nil, errors.Join(errs...)
	}
	return r, nil, nil
}

func (g GoRules) missing(k Kind) string {
	switch {
	case k == Rank && g.Number == nil:
		return "Number"
	case k == NextAt && g.Time == nil:
		return "Time"
	case k != Rank && k != NextAt && g.Holds == nil:
		return "Holds"
	}
	return ""
}

type goRules struct {
	GoRules
	conditions []Condition
	auto       int // how many are of kind AutoSet
}

func (r *goRules) Needs() Reads { return r.Reads }

func (r *goRules) First(i int, f *Facts, call *Call, now time.Time) (int, error) {
	for ; i < r.auto; i++ {
		if ok, err := r.GoRules.Holds(&r.conditions[i], f, call, now); ok || err != nil {
			return i, err
		}
	}
	return r.auto, nil
}

func (r *goRules) Holds(i int, f *Facts, call *Call, now time.Time) (bool, error) {
	return r.GoRules.Holds(&r.conditions[i], f, call, now)
}

func (r *goRules) Number(i int, f *Facts, now time.Time) (float64, error) {
	return r.GoRules.Number(&r.conditions[i], f, now)
}

func (r *goRules) Time(i int, f *Facts, call *Call, now time.Time) (time.Time, error) {
	return r.GoRules.Time(&r.conditions[i], f, call, now)
}
