package rule

import (
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
)

// certainty is what is known of a condition when one property's value is known,
// whatever else it reads and whatever else in it fails: in CEL, false && error is
// false and true || error is true.
type certainty uint8

const (
	uncertain certainty = iota
	always              // it holds
	never               // it does not hold
)

func certain(holds bool) certainty {
	if holds {
		return always
	}
	return never
}

// knowing is that a text property has a value.
type knowing struct {
	path  string
	value string
}

// judge says what is certain of a condition.
func (k knowing) judge(x ast.Expr) certainty {
	if x.Kind() == ast.LiteralKind {
		if b, ok := x.AsLiteral().(types.Bool); ok {
			return certain(bool(b))
		}
		return uncertain
	}
	if x.Kind() != ast.CallKind {
		return uncertain
	}
	c := x.AsCall()
	args := c.Args()
	switch c.FunctionName() {
	case operators.LogicalAnd:
		return k.both(args[0], args[1], never, always)
	case operators.LogicalOr:
		return k.both(args[0], args[1], always, never)
	case operators.LogicalNot:
		switch k.judge(args[0]) {
		case always:
			return never
		case never:
			return always
		}
	case operators.Conditional:
		switch k.judge(args[0]) {
		case always:
			return k.judge(args[1])
		case never:
			return k.judge(args[2])
		}
	case operators.Equals, operators.NotEquals:
		if want, ok := k.against(args[0], args[1]); ok {
			return certain((k.value == want) == (c.FunctionName() == operators.Equals))
		}
	case operators.In:
		return k.in(args[0], args[1])
	}
	return uncertain
}

// both judges && and ||: one part that decides is enough, else both must not.
func (k knowing) both(a, b ast.Expr, decides, other certainty) certainty {
	first, second := k.judge(a), k.judge(b)
	switch {
	case first == decides || second == decides:
		return decides
	case first == other && second == other:
		return other
	}
	return uncertain
}

// against is the constant that the property is compared with.
func (k knowing) against(a, b ast.Expr) (string, bool) {
	if writes(a, k.path) {
		return constantText(b)
	}
	if writes(b, k.path) {
		return constantText(a)
	}
	return "", false
}

func (k knowing) in(x, list ast.Expr) certainty {
	if list.Kind() != ast.ListKind || !writes(x, k.path) {
		return uncertain
	}
	found := false
	for _, e := range list.AsList().Elements() {
		text, ok := constantText(e)
		if !ok {
			return uncertain
		}
		found = found || text == k.value
	}
	return certain(found)
}

func constantText(x ast.Expr) (string, bool) {
	if x.Kind() != ast.LiteralKind {
		return "", false
	}
	t, ok := x.AsLiteral().(types.String)
	return string(t), ok
}
