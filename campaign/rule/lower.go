package rule

import (
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// answer is what a lowered condition says.
type answer uint8

const (
	ask answer = iota // cel-go knows: an error, or a value out of the fast range
	yes
	no
)

// truth is the answer of something that cannot fail.
func truth(b bool) answer {
	v := no
	if b {
		v = yes
	}
	return v
}

// lowered is a condition as closures over the scope. The one for its kind is
// set, or none: then cel-go decides alone. A closure that does not know the
// value says so (ask, false), and cel-go gives the value or the error.
type lowered struct {
	glance *look  // of a test; nil: there is none
	not    uint64 // a bit for each outcome of the call with which a test is false, as far as its glance begins so
	test   func(*scope) answer
	number func(*scope) (float64, bool)
	time   func(*scope) (time.Time, bool)
	// islands are how many parts inside are evaluated by cel-go.
	islands int
}

// ruledOut reports whether a test is false for the call's outcome alone, which most
// conditions that set a status begin with.
func (f *lowered) ruledOut(call *campaign.Call) bool {
	return call != nil && f.not>>call.Outcome&1 != 0
}

// isSet reports whether there is a fast way.
func (f *lowered) isSet() bool { return f.test != nil || f.number != nil || f.time != nil }

// operand is a lowered part of a condition: how its value is got. One of the
// getters is set, that of its kind; false means that cel-go must be asked.
type operand struct {
	kind  kind
	fixed bool // a constant: the getter gives it for a nil scope

	test func(*scope) answer
	num  func(*scope) (int64, bool) // of durations in nanoseconds
	real func(*scope) (float64, bool)
	text func(*scope) (string, bool)
	when func(*scope) (time.Time, bool)
	list func(*scope) ([]string, bool)

	plan *plan   // what of a test a glance tells; nil: nothing
	at   *place  // where a glance reads the value; nil: nowhere
	sum  *linear // of a number that is reckoned from others
	// Texts that need not be made to be compared.
	code   *codes                                // of an outcome or qualifier
	number func(*scope) (blacklist.Number, bool) // of a phone number
	date   func(*scope) (time.Time, bool)        // of a date
	times  *instants                             // where the instant of a time comes from, or of a duration since then
}

// lowerer lowers one condition.
type lowerer struct {
	env     *environment
	ast     *ast.AST
	islands []*island
	tests   int // parts that say yes or no without cel-go
}

// lower makes the fast way of a checked condition, or none.
func (e *environment) lower(k campaign.Kind, checked *cel.Ast) lowered {
	l := &lowerer{env: e, ast: checked.NativeRep()}
	root := l.ast.Expr()
	var fast lowered
	switch k {
	case campaign.Rank:
		fast.number = l.rank(root)
	case campaign.NextAt:
		fast.time = l.nextAt(root)
	default:
		if op := l.lower(root); op != nil && op.kind == kindBool {
			fast.test, fast.glance = op.test, op.plan.glance()
			fast.not = fast.glance.never()
		}
		if l.tests == 0 && len(l.islands) > 0 {
			return lowered{} // all of it is cel-go's anyway
		}
	}
	if !fast.isSet() || !l.settle() {
		return lowered{}
	}
	fast.islands = len(l.islands)
	return fast
}

// rank lowers a number.
func (l *lowerer) rank(x ast.Expr) func(*scope) (float64, bool) {
	op := l.lower(x)
	if op == nil || op.kind != kindInt && op.kind != kindDouble {
		return nil
	}
	return asReal(op).real
}

// nextAt lowers an instant, or what is added to now.
func (l *lowerer) nextAt(x ast.Expr) func(*scope) (time.Time, bool) {
	if steps := l.period(x); steps != nil {
		return steps.after(func(s *scope) (time.Time, bool) { return s.now, true })
	}
	op := l.lower(x)
	if op == nil {
		return nil
	}
	switch op.kind {
	case kindTime:
		return func(s *scope) (time.Time, bool) {
			t, ok := op.when(s)
			return t.UTC(), ok
		}
	case kindDuration:
		return func(s *scope) (time.Time, bool) {
			d, ok := op.num(s)
			return s.now.Add(time.Duration(d)), ok
		}
	}
	return nil
}

// lower lowers a part, or says that it cannot: nil.
func (l *lowerer) lower(x ast.Expr) *operand {
	switch x.Kind() {
	case ast.LiteralKind:
		return lowerLiteral(x.AsLiteral())
	case ast.IdentKind, ast.SelectKind:
		return l.load(x)
	case ast.CallKind:
		return l.call(x.AsCall())
	case ast.ListKind:
		if texts, ok := l.constants(x); ok {
			return &operand{kind: kindStrings, fixed: true, list: func(*scope) ([]string, bool) { return texts, true }}
		}
	}
	return nil
}

// call lowers an operator or a function. Those that take parts which may fail,
// without failing themselves, come first; all others need all of their
// arguments.
func (l *lowerer) call(c ast.CallExpr) *operand {
	if op, mine := l.logic(c); mine {
		return op
	}
	if op, mine := l.ofOptional(c); mine {
		return op
	}
	if op, mine := l.contextual(c); mine {
		return op
	}
	if op, mine := l.membership(c); mine {
		return op
	}
	var args []*operand
	if c.IsMemberFunction() {
		args = append(args, l.lower(c.Target()))
	}
	for _, a := range c.Args() {
		args = append(args, l.lower(a))
	}
	fixed := len(args) > 0
	for _, a := range args {
		if a == nil {
			return nil
		}
		fixed = fixed && a.fixed
	}
	op := strict(c.FunctionName(), args)
	if op != nil && fixed {
		return folded(op)
	}
	return op
}

// strict lowers what fails if an argument fails.
func strict(name string, args []*operand) *operand {
	switch len(args) {
	case 1:
		if op := unary(name, args[0]); op != nil {
			return op
		}
		return timePart(name, args[0], nil)
	case 2:
		a, b := args[0], args[1]
		for _, by := range []func(string, *operand, *operand) *operand{comparison, lowerArithmetic, onText, timePart, onList} {
			if op := by(name, a, b); op != nil {
				return op
			}
		}
	}
	return nil
}

// settle plans the islands. What cannot be planned was checked wrongly: cel-go
// has it then, alone.
func (l *lowerer) settle() bool {
	for _, i := range l.islands {
		if i.plan(l.env, l.ast) != nil {
			return false
		}
	}
	return true
}

// isBool tells the checked type of a part.
func (l *lowerer) isBool(x ast.Expr) bool { return l.ast.GetType(x.ID()).Kind() == types.BoolKind }
