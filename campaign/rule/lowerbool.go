package rule

import (
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
)

// logic lowers what can have a value although a part of it fails. mine says
// that it is one of these.
func (l *lowerer) logic(c ast.CallExpr) (op *operand, mine bool) {
	args := c.Args()
	switch c.FunctionName() {
	case operators.LogicalAnd, operators.LogicalOr:
		return l.junction(c.FunctionName(), args), true
	case operators.LogicalNot:
		return inverted(l.test(args[0])), true
	case operators.Conditional:
		return l.conditional(args[0], args[1], args[2]), true
	}
	return nil, false
}

func boolean(test func(*scope) answer) *operand { return &operand{kind: kindBool, test: test} }

// test lowers a part that says yes or no. What cannot be lowered is an island.
func (l *lowerer) test(x ast.Expr) *operand {
	islands, tests := len(l.islands), l.tests
	op := l.lower(x)
	switch {
	case op != nil && op.kind == kindBool:
		if l.tests == tests && len(l.islands) == islands {
			l.tests++
		}
		return op
	case op != nil || !l.isBool(x):
		return nil
	}
	// Islands inside it are not needed if it is one itself.
	l.islands, l.tests = append(l.islands[:islands], &island{expr: x}), tests
	return boolean(l.islands[islands].test)
}

// inverted is the opposite of a test.
func inverted(op *operand) *operand {
	switch {
	case op == nil:
		return nil
	case op.plan.isLone():
		return seen(op.plan.not())
	}
	return &operand{kind: kindBool, test: not(op.test), plan: op.plan.not()}
}

// junction lowers && and ||, a chain of one kind at once.
func (l *lowerer) junction(name string, args []ast.Expr) *operand {
	p := &plan{join: allOf}
	if name == operators.LogicalOr {
		p.join = anyOf
	}
	var tests []func(*scope) answer
	for _, a := range args {
		for _, part := range chain(name, a) {
			op := l.test(part)
			if op == nil {
				return nil
			}
			tests, p.parts = append(tests, op.test), append(p.parts, op.plan)
		}
	}
	return &operand{kind: kindBool, test: joined(name, tests), plan: p}
}

// chain takes a && (b && c) apart.
func chain(name string, x ast.Expr) []ast.Expr {
	if x.Kind() != ast.CallKind || x.AsCall().FunctionName() != name {
		return []ast.Expr{x}
	}
	var parts []ast.Expr
	for _, a := range x.AsCall().Args() {
		parts = append(parts, chain(name, a)...)
	}
	return parts
}

// joined is && or ||: one part decides, whatever the others are, failed ones too.
func joined(name string, tests []func(*scope) answer) func(*scope) answer {
	decides, other := no, yes
	if name == operators.LogicalOr {
		decides, other = yes, no
	}
	switch len(tests) {
	case 1:
		return tests[0]
	case 2:
		a, b := tests[0], tests[1]
		return func(s *scope) answer {
			first := a(s)
			if first == decides {
				return first
			}
			if second := b(s); second != other {
				return second
			}
			return first
		}
	case 3:
		a, b, c := tests[0], tests[1], tests[2]
		return func(s *scope) answer {
			first := a(s)
			if first == decides {
				return first
			}
			second := b(s)
			if second == decides {
				return second
			}
			if third := c(s); third != other {
				return third
			}
			return min(first, second) // ask is the least
		}
	}
	return func(s *scope) answer {
		v := other
		for _, test := range tests {
			switch test(s) {
			case decides:
				return decides
			case ask:
				v = ask
			}
		}
		return v
	}
}

func not(test func(*scope) answer) func(*scope) answer {
	opposite := [4]answer{ask: ask, yes: no, no: yes}
	return func(s *scope) answer { return opposite[test(s)&3] }
}

// conditional lowers c ? a : b. Only the part that is chosen can fail.
func (l *lowerer) conditional(c, a, b ast.Expr) *operand {
	question := l.test(c)
	if question == nil {
		return nil
	}
	test := question.test
	if l.isBool(a) && l.isBool(b) {
		then, otherwise := l.test(a), l.test(b)
		if then == nil || otherwise == nil {
			return nil
		}
		op := boolean(func(s *scope) answer {
			switch test(s) {
			case yes:
				return then.test(s)
			case no:
				return otherwise.test(s)
			}
			return ask
		})
		op.plan = &plan{join: choice, parts: []*plan{question.plan, then.plan, otherwise.plan}}
		return op
	}
	then, otherwise := l.lower(a), l.lower(b)
	if then == nil || otherwise == nil || then.kind != otherwise.kind {
		return nil
	}
	op := &operand{kind: then.kind}
	switch op.kind {
	case kindString:
		op.text = chosen(test, then.text, otherwise.text)
	case kindInt, kindDuration:
		op.num = chosen(test, then.num, otherwise.num)
	case kindDouble:
		op.real = chosen(test, then.real, otherwise.real)
	case kindTime:
		op.when = chosen(test, then.when, otherwise.when)
	case kindStrings:
		op.list = chosen(test, then.list, otherwise.list)
	default:
		return nil
	}
	return op
}

func chosen[T any](test func(*scope) answer, then, otherwise func(*scope) (T, bool)) func(*scope) (T, bool) {
	return func(s *scope) (T, bool) {
		switch test(s) {
		case yes:
			return then(s)
		case no:
			return otherwise(s)
		}
		var none T
		return none, false
	}
}
