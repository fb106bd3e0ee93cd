package rule

import (
	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"

	"github.com/nextcall/nextcall/campaign"
)

// result refuses a condition whose value is not of the type it is used for.
func (l *linter) result(t *cel.Type) {
	whole := span{0, len(l.spans.text)}
	if len(l.spans.words) > 0 {
		whole = span{l.spans.words[0].start, l.spans.words[len(l.spans.words)-1].end}
	}
	is := worded(t.String())
	switch l.condition.Kind {
	case campaign.Rank:
		if t.Kind() != types.IntKind && t.Kind() != types.DoubleKind {
			l.fail(whole, "a rank is a number, and this is %s", is)
		}
	case campaign.NextAt:
		if t.Kind() != types.TimestampKind && t.Kind() != types.DurationKind && t.TypeName() != periodType {
			l.fail(whole, `the next call is a timestamp, a duration or a period, such as now + duration("2h"), and this is %s`, is)
		}
	default:
		if t.Kind() != types.BoolKind {
			hint := ""
			switch t.Kind() {
			case types.IntKind, types.DoubleKind:
				hint = ": compare it, such as with > 0"
			case types.StringKind:
				hint = `: compare it, such as with == "…"`
			case types.TimestampKind:
				hint = ": ask has(...) whether there is one, or compare it with now"
			}
			l.fail(whole, "a condition is true or false, and this is %s%s", is, hint)
		}
	}
}

// objects refuses objects, and other values that are there to be read from, as
// values of their own: they could only be compared, and that would say nothing.
func (l *linter) objects(root ast.Expr) {
	l.object(root, nil)
}

func (l *linter) object(x, parent ast.Expr) {
	if arg, ok := l.sinceOf(x); ok && l.kindOf(arg) != types.TimestampKind && l.kindOf(arg) != types.DynKind {
		l.fail(l.spans.of(x), "since takes a timestamp, and %s is %s", l.spans.shown(arg), worded(l.checked.GetType(arg.ID()).String()))
	}
	if t := l.checked.GetType(x.ID()); t != nil && !l.allowed(x, t, parent) {
		switch text := l.spans.shown(x); {
		case t.TypeName() == periodType:
			l.fail(l.spans.of(x), `%s is no value of its own: add it to a timestamp, as in now + period("3 days")`, text)
		case t.TypeName() == localType:
			l.fail(l.spans.of(x), "%s is no value of its own: read a part of it, such as %s.hour", text, text)
		case l.env.schema.byType[t.TypeName()] != nil:
			l.fail(l.spans.of(x), "%s is no value of its own: read one of its properties, such as %s", text, l.env.schema.example(l.env.schema.byType[t.TypeName()].path))
		default:
			l.fail(l.spans.of(x), "%s is no value that a condition can use", text)
		}
	}
	if x.Kind() == ast.ComprehensionKind {
		c := x.AsComprehension()
		for _, part := range []ast.Expr{c.IterRange(), c.AccuInit(), c.LoopCondition(), c.LoopStep(), c.Result()} {
			l.object(part, x)
		}
		return
	}
	for _, part := range partsOf(x) {
		l.object(part, x)
	}
}

// allowed reports whether a value of a type may stand where it does.
func (l *linter) allowed(x ast.Expr, t *types.Type, parent ast.Expr) bool {
	name := t.TypeName()
	own := len(name) > len("nextcall.") && name[:len("nextcall.")] == "nextcall."
	if t.Kind() == types.TypeKind || !own {
		return t.Kind() != types.TypeKind
	}
	fn, operands := "", []ast.Expr(nil)
	if parent != nil {
		fn, operands = operation(parent)
	}
	first := len(operands) > 0 && operands[0].ID() == x.ID()
	switch name {
	case contextType:
		return fn != "" && first
	case periodType:
		return parent == nil || fn == operators.Add || fn == operators.Conditional
	case localType:
		return parent != nil && parent.Kind() == ast.SelectKind
	}
	return parent != nil && parent.Kind() == ast.SelectKind || fn == operators.OptSelect && first
}

// style warns of what works and seldom says what was meant.
func (l *linter) style(root ast.Expr) {
	ast.PreOrderVisit(root, ast.NewExprVisitor(func(x ast.Expr) {
		name, operands := operation(x)
		switch {
		case (name == operators.Equals || name == operators.NotEquals) && len(operands) == 2:
			if l.kindOf(operands[0]) == types.DoubleKind && l.kindOf(operands[1]) == types.DoubleKind {
				l.warn(l.spans.of(x), "a double is seldom exactly equal to another: compare with <= or >=, or use an int")
			}
		case name == "time_between" && len(operands) == 3:
			from, ok := constText(operands[1])
			if to, also := constText(operands[2]); ok && also && from == to {
				l.warn(l.spans.of(x), "this part of the day ends when it begins: want two times, such as time_between(\"08:00\", \"21:00\")")
			}
		case name == operators.In && operands[1].Kind() == ast.ListKind:
			for _, e := range operands[1].AsList().Elements() {
				if sign, o := operation(e); sign == operators.Subtract && literal(o[0]) && literal(o[1]) {
					l.warn(l.spans.of(e), "this is one number, a difference: for a range write x >= %s && x <= %s", l.spans.shown(o[0]), l.spans.shown(o[1]))
				}
			}
		case name == "prefix" && len(operands) == 2 && operands[1].Kind() == ast.ListKind:
			if p := l.propertyOf(operands[0]); p == nil || p.path != "phone.number" && p.path != "call.number" {
				return
			}
			for _, e := range operands[1].AsList().Elements() {
				if text, ok := constText(e); ok && (text == "" || text[0] != '+') {
					l.warn(l.spans.of(e), `no number begins with %q: numbers are written with + and the country, such as "+48600"`, text)
				}
			}
		}
		if x.Kind() == ast.IdentKind && x.AsIdent() == "now" && l.condition.Kind == campaign.Rank {
			l.warn(l.spans.of(x), "a rank is computed when the record changes, not when time passes: now stays what it was then")
		}
	}))
}

func (l *linter) kindOf(x ast.Expr) types.Kind {
	if t := l.checked.GetType(x.ID()); t != nil {
		return t.Kind()
	}
	return types.DynKind
}
