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
		if of.at != nil {
			return seen(lonely(look{manner: hasElement, place: *of.at, text: text})), true
		}
		return boolean(inList(of, text)), true
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

// inList asks whether a constant is in a list.
func inList(of *operand, text string) func(*scope) answer {
	return func(s *scope) answer {
		all, ok := of.list(s)
		if !ok {
			return ask
		}
		return truth(contains(all, text))
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
			if p := x.code.in(texts); p != nil {
				return seen(p)
			}
		}
		if x.at != nil && x.at.from.isText() {
			if p := oneOfTexts(*x.at, texts); p != nil {
				return seen(p)
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
	if len(texts) <= fewTexts {
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

// in asks for one of several codes; nil if one of the texts is no code.
func (c *codes) in(texts []string) *plan {
	set := uint64(0)
	for _, t := range texts {
		code, ok := c.find(t)
		if !ok || code > 63 {
			return nil
		}
		set |= 1 << code
	}
	return lonely(look{manner: inSet, place: c.at, low: set})
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
