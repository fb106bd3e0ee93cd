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
		o := l.optional(c.Target())
		if o == nil {
			return nil, true
		}
		switch name {
		case "hasValue":
			return o.hasValue(), true
		case "value":
			return o.operand, true // none is an error
		}
		return o.orElse(l.lower(c.Args()[0])), true
	}
	return nil, false
}

// optional is a part that may be none: has says that it is not. There may be a
// value that the getter does not know, which cel-go must be asked about.
type optional struct {
	*operand
	has func(*scope) bool
}

// optional lowers a part that may be none, or gives nil.
func (l *lowerer) optional(x ast.Expr) *optional {
	if path, ok := optionalPath(x); ok {
		if p := l.env.schema.byPath[path]; p != nil {
			return &optional{l.property(p), p.has}
		}
		return nil
	}
	if x.Kind() == ast.CallKind && x.AsCall().FunctionName() == "or" && x.AsCall().IsMemberFunction() {
		first, second := l.optional(x.AsCall().Target()), l.optional(x.AsCall().Args()[0])
		if first == nil || second == nil {
			return nil
		}
		if op := first.orElse(second.operand); op != nil {
			return &optional{op, func(s *scope) bool { return first.has(s) || second.has(s) }}
		}
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

// hasValue asks whether there is a value. One of a wrong type fails here: has()
// alone does not look at it.
func (o *optional) hasValue() *operand {
	known := o.known()
	return boolean(func(s *scope) answer {
		if v := known(s); v == yes || !o.has(s) {
			return v
		}
		return ask
	})
}

// known answers whether the getter has a value.
func (op *operand) known() func(*scope) answer {
	switch op.kind {
	case kindString:
		return knows(op.text)
	case kindInt, kindDuration:
		return knows(op.num)
	case kindDouble:
		return knows(op.real)
	case kindTime:
		return knows(op.when)
	case kindStrings:
		return knows(op.list)
	}
	return func(s *scope) answer { return truth(op.test(s) != ask) }
}

func knows[T any](get func(*scope) (T, bool)) func(*scope) answer {
	return func(s *scope) answer {
		_, ok := get(s)
		return truth(ok)
	}
}

// orElse is the value, or another where there is none.
func (o *optional) orElse(other *operand) *operand {
	if other == nil || o.kind != other.kind {
		return nil
	}
	op := &operand{kind: o.kind, at: o.orElsePlace(other)}
	switch op.kind {
	case kindString:
		op.text = firstOf(o.text, o.has, other.text)
	case kindInt, kindDuration:
		op.num = firstOf(o.num, o.has, other.num)
	case kindDouble:
		op.real = firstOf(o.real, o.has, other.real)
	case kindBool:
		op.test = func(s *scope) answer {
			if v := o.test(s); v != ask || o.has(s) {
				return v
			}
			return other.test(s)
		}
	case kindTime:
		op.when = firstOf(o.when, o.has, other.when)
	case kindStrings:
		op.list = firstOf(o.list, o.has, other.list)
	}
	return op
}

func firstOf[T any](first func(*scope) (T, bool), has func(*scope) bool, second func(*scope) (T, bool)) func(*scope) (T, bool) {
	return func(s *scope) (T, bool) {
		if v, ok := first(s); ok || has(s) {
			return v, ok
		}
		return second(s)
	}
}
