package rule

import (
	"slices"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"

	"github.com/nextcall/nextcall/blacklist"
)

// membership lowers x in list. mine says that it is that.
func (l *lowerer) membership(c ast.CallExpr) (op *operand, mine bool) {
	if c.FunctionName() != operators.In {
		return nil, false
	}
	x := l.lower(c.Args()[0])
	if x == nil {
		return nil, true
	}
	list := c.Args()[1]
	if list.Kind() == ast.ListKind {
		return l.inLiteral(x, list.AsList()), true
	}
	of := l.lower(list)
	if of == nil || of.kind != kindStrings || x.kind != kindString {
		return nil, true
	}
	if text, ok := x.constant(); ok {
		op := boolean(inList(of, text, false))
		op.opposite = inList(of, text, true)
		return op, true
	}
	return boolean(func(s *scope) answer {
		text, ok := x.text(s)
		if !ok {
			return ask
		}
		all, ok := of.list(s)
		if !ok {
			return ask
		}
		return truth(slices.Contains(all, text))
	}), true
}

// inList asks whether a constant is in a list, or is not.
func inList(of *operand, text string, not bool) func(*scope) answer {
	if of.path == "record.tags" {
		found, none := truth(!not), truth(not)
		return func(s *scope) answer {
			if len(s.r.Tags) > 0 && contains(s.r.Tags, text) {
				return found
			}
			return none
		}
	}
	return func(s *scope) answer {
		all, ok := of.list(s)
		if !ok {
			return ask
		}
		return truth(contains(all, text) != not)
	}
}

// contains looks at the length and the last byte first: the texts of a list often
// differ there already.
func contains(all []string, text string) bool {
	if text == "" {
		return slices.Contains(all, text)
	}
	last := text[len(text)-1]
	for _, t := range all {
		if len(t) == len(text) && t[len(t)-1] == last && t == text {
			return true
		}
	}
	return false
}

// inLiteral lowers x in [a, b, c] where all elements are constants of x's type.
func (l *lowerer) inLiteral(x *operand, list ast.ListExpr) *operand {
	var elements []*operand
	for _, e := range list.Elements() {
		op := l.lower(e)
		if op == nil || !op.fixed || op.kind != x.kind {
			return nil
		}
		elements = append(elements, op)
	}
	if len(list.OptionalIndices()) > 0 {
		return nil
	}
	switch x.kind {
	case kindString:
		var texts []string
		for _, e := range elements {
			t, _ := e.constant()
			texts = append(texts, t)
		}
		if x.code != nil {
			if op := x.code.in(texts, false); op != nil {
				return op
			}
		}
		return boolean(inTexts(x, texts))
	case kindInt, kindDuration:
		return boolean(inValues(x.num, elements, func(e *operand) (int64, bool) { return e.num(nil) }))
	case kindDouble:
		return boolean(inValues(x.real, elements, func(e *operand) (float64, bool) { return e.real(nil) }))
	}
	return nil
}

func inValues[T comparable](get func(*scope) (T, bool), elements []*operand, of func(*operand) (T, bool)) func(*scope) answer {
	var values []T
	for _, e := range elements {
		v, ok := of(e)
		if !ok {
			return func(*scope) answer { return ask }
		}
		values = append(values, v)
	}
	return func(s *scope) answer {
		v, ok := get(s)
		if !ok {
			return ask
		}
		return truth(slices.Contains(values, v))
	}
}

// inTexts asks whether a text is one of several constants.
func inTexts(x *operand, texts []string) func(*scope) answer {
	if x.number != nil {
		if test := inNumbers(x.number, texts); test != nil {
			return test
		}
	}
	const few = 8 // so many are found faster by looking at each
	if len(texts) <= few {
		return func(s *scope) answer {
			t, ok := x.text(s)
			if !ok {
				return ask
			}
			return truth(slices.Contains(texts, t))
		}
	}
	set := make(map[string]struct{}, len(texts))
	for _, t := range texts {
		set[t] = struct{}{}
	}
	return func(s *scope) answer {
		t, ok := x.text(s)
		if !ok {
			return ask
		}
		_, in := set[t]
		return truth(in)
	}
}

// in asks for one of several codes, or for none of them; nil if one of the texts
// is no code.
func (c *codes) in(texts []string, not bool) *operand {
	var set [4]uint64
	for _, t := range texts {
		code, ok := c.find(t)
		if !ok {
			return nil
		}
		set[code>>6] |= 1 << (code & 63)
	}
	if c.outcome {
		o := &outcomes{set, not}
		return &operand{kind: kindBool, test: o.test, outcomes: o}
	}
	get := c.get
	return boolean(func(s *scope) answer {
		v, ok := get(s)
		if !ok {
			return ask
		}
		return truth((set[v>>6]>>(v&63)&1 != 0) != not)
	})
}

// inNumbers asks for one of several numbers; nil if one of the texts is not how
// a number is written.
func inNumbers(get func(*scope) (blacklist.Number, bool), texts []string) func(*scope) answer {
	set := make(map[blacklist.Number]struct{}, len(texts))
	for _, t := range texts {
		n, err := blacklist.ParseNumber(t)
		if err != nil || n.String() != t {
			return nil
		}
		set[n] = struct{}{}
	}
	return func(s *scope) answer {
		n, ok := get(s)
		if !ok {
			return ask
		}
		_, in := set[n]
		return truth(in)
	}
}

// constants are the elements of a list of constant texts.
func (l *lowerer) constants(x ast.Expr) ([]string, bool) {
	if x.Kind() != ast.ListKind || len(x.AsList().OptionalIndices()) > 0 {
		return nil, false
	}
	var all []string
	for _, e := range x.AsList().Elements() {
		t, ok := l.lower(e).constant()
		if !ok {
			return nil, false
		}
		all = append(all, t)
	}
	return all, len(all) > 0 // the elements of [] may be of any type
}
