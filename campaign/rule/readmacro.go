package rule

import (
	"strings"

	"github.com/google/cel-go/common"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/parser"
)

// macroKey tells which calls a macro is for.
type macroKey struct {
	name   string
	args   int // -1: any number
	method bool
}

func macrosByKey(list []parser.Macro) map[macroKey]parser.Macro {
	all := make(map[macroKey]parser.Macro, len(list))
	for _, m := range list {
		key := macroKey{m.Function(), m.ArgCount(), m.IsReceiverStyle()}
		if strings.Contains(m.MacroKey(), ":*:") {
			key.args = -1
		}
		all[key] = m
	}
	return all
}

// expanded is what a macro makes of a call; nil if there is none for it.
func (r *reader) expanded(id int64, name string, target ast.Expr, args []ast.Expr) ast.Expr {
	m := r.macros[macroKey{name, len(args), target != nil}]
	if m == nil {
		if m = r.macros[macroKey{name, -1, target != nil}]; m == nil {
			return nil
		}
	}
	if r.left {
		return nil
	}
	at, _ := r.info.GetOffsetRange(id)
	x, err := m.Expander()(&expander{r, ast.OffsetRange{Start: at.Start, Stop: at.Start}}, target, args)
	if err != nil {
		return r.leave()
	}
	if x == nil {
		return nil
	}
	r.remember(x.ID(), name, target, args)
	r.info.ClearOffsetRange(id)
	if id == r.next-1 {
		r.next--
	}
	return x
}

// remember keeps the call that a macro replaced, for messages and explanations.
func (r *reader) remember(id int64, name string, target ast.Expr, args []ast.Expr) {
	written := make([]ast.Expr, len(args))
	for i, a := range args {
		written[i] = r.unexpanded(a)
	}
	if target == nil {
		r.info.SetMacroCall(id, r.fac.NewCall(0, name, written...))
		return
	}
	r.info.SetMacroCall(id, r.fac.NewMemberCall(0, name, r.unexpanded(target), written...))
}

// unexpanded is a part with its own macros replaced by references to them.
func (r *reader) unexpanded(x ast.Expr) ast.Expr {
	if _, macro := r.info.GetMacroCall(x.ID()); macro {
		return r.fac.NewUnspecifiedExpr(x.ID())
	}
	all := func(list []ast.Expr) []ast.Expr {
		written := make([]ast.Expr, len(list))
		for i, part := range list {
			written[i] = r.unexpanded(part)
		}
		return written
	}
	switch x.Kind() {
	case ast.CallKind:
		call := x.AsCall()
		if call.IsMemberFunction() {
			args := all(call.Args())
			return r.fac.NewMemberCall(x.ID(), call.FunctionName(), r.unexpanded(call.Target()), args...)
		}
		return r.fac.NewCall(x.ID(), call.FunctionName(), all(call.Args())...)
	case ast.ListKind:
		return r.fac.NewList(x.ID(), all(x.AsList().Elements()), x.AsList().OptionalIndices())
	}
	return x
}

// expander is what a macro makes its parts with: each is placed where the call is.
type expander struct {
	*reader
	at ast.OffsetRange
}

func (e *expander) id() int64 { return e.idAt(e.at) }

// Copy copies a variable. The macros that conditions have copy nothing else; what
// does is left to cel-go.
func (e *expander) Copy(x ast.Expr) ast.Expr {
	if x.Kind() != ast.IdentKind {
		return e.leave()
	}
	at, _ := e.info.GetOffsetRange(x.ID())
	return e.fac.NewIdent(e.idAt(at), x.AsIdent())
}

func (e *expander) NewLiteral(v ref.Val) ast.Expr { return e.fac.NewLiteral(e.id(), v) }

func (e *expander) NewList(elements ...ast.Expr) ast.Expr {
	return e.fac.NewList(e.id(), elements, []int32{})
}

func (e *expander) NewMap(entries ...ast.EntryExpr) ast.Expr { return e.fac.NewMap(e.id(), entries) }

func (e *expander) NewMapEntry(key, value ast.Expr, optional bool) ast.EntryExpr {
	return e.fac.NewMapEntry(e.id(), key, value, optional)
}

func (e *expander) NewStruct(name string, fields ...ast.EntryExpr) ast.Expr {
	return e.fac.NewStruct(e.id(), name, fields)
}

func (e *expander) NewStructField(name string, value ast.Expr, optional bool) ast.EntryExpr {
	return e.fac.NewStructField(e.id(), name, value, optional)
}

func (e *expander) NewComprehension(list ast.Expr, item, found string, init, condition, step, result ast.Expr) ast.Expr {
	return e.fac.NewComprehension(e.id(), list, item, found, init, condition, step, result)
}

func (e *expander) NewComprehensionTwoVar(list ast.Expr, first, second, found string, init, condition, step, result ast.Expr) ast.Expr {
	return e.fac.NewComprehensionTwoVar(e.id(), list, first, second, found, init, condition, step, result)
}

func (e *expander) NewIdent(name string) ast.Expr { return e.fac.NewIdent(e.id(), name) }

func (e *expander) NewAccuIdent() ast.Expr { return e.fac.NewAccuIdent(e.id()) }

func (e *expander) AccuIdentName() string { return e.fac.AccuIdentName() }

func (e *expander) NewCall(function string, args ...ast.Expr) ast.Expr {
	return e.fac.NewCall(e.id(), function, args...)
}

func (e *expander) NewMemberCall(function string, target ast.Expr, args ...ast.Expr) ast.Expr {
	return e.fac.NewMemberCall(e.id(), function, target, args...)
}

func (e *expander) NewPresenceTest(x ast.Expr, field string) ast.Expr {
	return e.fac.NewPresenceTest(e.id(), x, field)
}

func (e *expander) NewSelect(x ast.Expr, field string) ast.Expr {
	return e.fac.NewSelect(e.id(), x, field)
}

func (e *expander) OffsetLocation(id int64) common.Location { return e.info.GetStartLocation(id) }

// NewError says what is wrong with the arguments; cel-go will say it again.
func (e *expander) NewError(id int64, message string) *common.Error {
	return common.NewError(id, message, e.OffsetLocation(id))
}
