package rule

import (
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
)

// ofOptional lowers what is asked of record.?next_call and its like. mine says
// that it is that.
func (l *lowerer) ofOptional(c ast.CallExpr) (op *operand, mine bool) {
	if !c.IsMemberFunction() {
		return nil, false
	}
	switch name := c.FunctionName(); name {
	case "orValue", "hasValue", "value":
		optional := l.optional(c.Target())
		if optional == nil {
			return nil, true
		}
		switch name {
		case "hasValue":
			return presence(optional), true
		case "value":
			return optional, true // none is an error
		}
		return l.orElse(optional, l.lower(c.Args()[0])), true
	}
	return nil, false
}

// optional lowers a part that may be none: then its getter gives false, as it
// does for nothing else.
func (l *lowerer) optional(x ast.Expr) *operand {
	if path, ok := optionalPath(x); ok {
		if p := l.env.schema.byPath[path]; p != nil {
			return l.property(p)
		}
		return nil
	}
	if x.Kind() == ast.CallKind && x.AsCall().FunctionName() == "or" && x.AsCall().IsMemberFunction() {
		first, second := l.optional(x.AsCall().Target()), l.optional(x.AsCall().Args()[0])
		if first == nil {
			return nil
		}
		return l.orElse(first, second)
	}
	return nil
}

// optionalPath is the path of record.?fields.?city.
func optionalPath(x ast.Expr) (string, bool) {
	if x.Kind() != ast.CallKind || x.AsCall().FunctionName() != operators.OptSelect {
		return "", false
	}
	args := x.AsCall().Args()
	if args[1].Kind() != ast.LiteralKind {
		return "", false
	}
	name, ok := args[1].AsLiteral().(types.String)
	if !ok {
		return "", false
	}
	operand, ok := pathOf(args[0])
	if !ok {
		operand, ok = optionalPath(args[0])
	}
	return operand + "." + string(name), ok
}

// orElse is the first that has a value.
func (l *lowerer) orElse(first, second *operand) *operand {
	if second == nil || first.kind != second.kind {
		return nil
	}
	op := &operand{kind: first.kind}
	switch op.kind {
	case kindString:
		op.text = firstOf(first.text, second.text)
	case kindInt, kindDuration:
		op.num = firstOf(first.num, second.num)
	case kindDouble:
		op.real = firstOf(first.real, second.real)
	case kindBool:
		op.test = func(s *scope) answer {
			if v := first.test(s); v != ask {
				return v
			}
			return second.test(s)
		}
	case kindTime:
		op.when = firstOf(first.when, second.when)
	case kindStrings:
		op.list = firstOf(first.list, second.list)
	}
	return op
}

func firstOf[T any](first, second func(*scope) (T, bool)) func(*scope) (T, bool) {
	return func(s *scope) (T, bool) {
		if v, ok := first(s); ok {
			return v, true
		}
		return second(s)
	}
}
