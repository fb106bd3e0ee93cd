package rule

import (
	"sort"
	"strings"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
)

// A span is a part of a text, in characters: from start up to end.
type span struct{ start, end int }

// spans find the text of the parts of a condition. cel-go knows of each part
// one place only, that of its operator.
type spans struct {
	source string
	text   []rune
	bytes  []int32 // where each character begins in source; nil: all are single bytes
	words  []lexeme
	close  map[int]int // by the index of an opening bracket's word
	depth  int         // how deep brackets are nested
	level  int         // the index of the word where they are
	info   *ast.SourceInfo
}

func newSpans(text string) *spans {
	s := &spans{source: text, text: []rune(text), close: map[int]int{}}
	if len(s.text) < len(text) {
		s.bytes = make([]int32, 0, len(s.text)+1)
		for i := range text {
			s.bytes = append(s.bytes, int32(i))
		}
		s.bytes = append(s.bytes, int32(len(text)))
	}
	s.words = lex(s.text)
	var open []int
	for i := range s.words {
		switch s.word(i) {
		case "(", "[", "{", "[?":
			open = append(open, i)
			if len(open) > s.depth {
				s.depth, s.level = len(open), i
			}
		case ")", "]", "}":
			if len(open) > 0 {
				s.close[open[len(open)-1]] = i
				open = open[:len(open)-1]
			}
		}
	}
	return s
}

func (s *spans) word(i int) string {
	if i < 0 || i >= len(s.words) {
		return ""
	}
	return s.cut(s.words[i].start, s.words[i].end)
}

// cut is a part of the text, of whole characters.
func (s *spans) cut(start, end int) string {
	if s.bytes == nil {
		return s.source[start:end]
	}
	return s.source[s.bytes[start]:s.bytes[end]]
}

// wordAt is the index of the word that begins at a place, or is there.
func (s *spans) wordAt(place int) int {
	i := sort.Search(len(s.words), func(i int) bool { return s.words[i].end > place })
	if i < len(s.words) && s.words[i].start <= place {
		return i
	}
	return -1
}

// deep reports whether brackets are nested so deep that the parser, which takes
// long to find out, would refuse the text.
func (s *spans) deep() (span, bool) {
	if s.depth <= maxRecursion {
		return span{}, false
	}
	return s.wordSpan(s.level), true
}

// of is where an expression is written.
func (s *spans) of(x ast.Expr) span {
	first, last, ok := s.wordsOf(x)
	if !ok {
		place := s.place(x.ID())
		return span{place, min(place+1, len(s.text))}
	}
	return span{s.words[first].start, s.words[last].end}
}

// place is the character at which cel-go places a part; 0 if it knows none.
func (s *spans) place(id int64) int {
	if s.info == nil {
		return 0
	}
	at, ok := s.info.GetOffsetRange(id)
	if !ok {
		return 0
	}
	return min(max(int(at.Start), 0), len(s.text))
}

// written is an expression's text in one line, without comments.
func (s *spans) written(x ast.Expr) string {
	first, last, ok := s.wordsOf(x)
	if !ok {
		return ""
	}
	return s.joined(first, last)
}

// shown is an expression's text for a message.
func (s *spans) shown(x ast.Expr) string {
	return short(s.written(x))
}

// shownSpan is a part of the text in one line.
func (s *spans) shownSpan(at span) string {
	first, last := s.wordAt(at.start), s.wordAt(at.end-1)
	if first < 0 || last < first {
		return ""
	}
	return s.joined(first, last)
}

// joined are words with single spaces where the text has white space.
func (s *spans) joined(first, last int) string {
	var b strings.Builder
	for i := first; i <= last; i++ {
		if i > first && s.words[i].start > s.words[i-1].end {
			b.WriteByte(' ')
		}
		b.WriteString(s.word(i))
	}
	return b.String()
}

// wordsOf are the first and the last word of an expression.
func (s *spans) wordsOf(x ast.Expr) (first, last int, ok bool) {
	i := s.wordAt(s.place(x.ID()))
	if i < 0 || x.ID() == 0 {
		return 0, 0, false
	}
	if s.info != nil {
		if call, macro := s.info.GetMacroCall(x.ID()); macro {
			return s.callRange(i, call)
		}
	}
	switch x.Kind() {
	case ast.LiteralKind:
		if s.word(i) == "-" && i+1 < len(s.words) {
			return i, i + 1, true
		}
		return i, i, true
	case ast.SelectKind:
		if from, to, ok := s.wrapped(x.AsSelect().Operand()); ok && to < i && i+1 < len(s.words) {
			return from, i + 1, true
		}
	case ast.CallKind:
		return s.callRange(i, x)
	case ast.ListKind, ast.MapKind:
		if end, ok := s.close[i]; ok {
			return i, end, true
		}
	case ast.StructKind:
		if end, ok := s.close[i+1]; ok {
			return i, end, true
		}
	}
	return i, i, true
}

// callRange is that of a call or an operator, whose word is i.
func (s *spans) callRange(i int, x ast.Expr) (first, last int, ok bool) {
	call := x.AsCall()
	args := call.Args()
	switch name := call.FunctionName(); {
	case name == operators.OptSelect && len(args) == 2:
		from, _, ok := s.wrapped(args[0])
		return from, min(i+1, len(s.words)-1), ok
	case name == operators.LogicalNot || name == operators.Negate:
		if len(args) == 1 {
			_, to, ok := s.wrapped(args[0])
			return i, to, ok
		}
	case s.word(i) == "[" || s.word(i) == "[?":
		if end, ok := s.close[i]; ok && len(args) > 0 {
			from, _, ok := s.wrapped(args[0])
			return from, end, ok
		}
	case s.word(i) == "(":
		end, ok := s.close[i]
		if !ok {
			end = i
		}
		from := max(i-1, 0)
		if call.IsMemberFunction() {
			if at, _, ok := s.wrapped(call.Target()); ok {
				from = at
			}
		}
		return from, end, true
	case len(args) >= 2:
		from, _, okFrom := s.wrapped(args[0])
		_, to, okTo := s.wrapped(args[len(args)-1])
		if okFrom && okTo && from <= to {
			return from, to, true
		}
	}
	return i, i, true
}

// wrapped is the range of an operand with the parentheses around it.
func (s *spans) wrapped(x ast.Expr) (first, last int, ok bool) {
	first, last, ok = s.wordsOf(x)
	for ok && first > 0 && s.word(first-1) == "(" && s.close[first-1] == last+1 && !s.called(first-1) {
		first, last = first-1, last+1
	}
	return first, last, ok
}

// called reports whether a parenthesis encloses arguments.
func (s *spans) called(i int) bool {
	if i == 0 {
		return false
	}
	switch before := s.words[i-1]; before.kind {
	case lexName:
		return s.word(i-1) != "in"
	case lexMark:
		return s.word(i-1) == ")" || s.word(i-1) == "]"
	}
	return false
}

// position is the line and the column of a character, from 1, and the line.
func (s *spans) position(place int) (line, column int, text string) {
	line, from := 1, 0
	for i := 0; i < place && i < len(s.text); i++ {
		if s.text[i] == '\n' {
			line, from = line+1, i+1
		}
	}
	to := from
	for to < len(s.text) && s.text[to] != '\n' {
		to++
	}
	return line, place - from + 1, strings.TrimSuffix(string(s.text[from:to]), "\r")
}

// partsOf are the parts of an expression.
func partsOf(x ast.Expr) []ast.Expr {
	switch x.Kind() {
	case ast.SelectKind:
		return []ast.Expr{x.AsSelect().Operand()}
	case ast.CallKind:
		call := x.AsCall()
		if call.IsMemberFunction() {
			return append([]ast.Expr{call.Target()}, call.Args()...)
		}
		return call.Args()
	case ast.ListKind:
		return x.AsList().Elements()
	case ast.MapKind:
		var all []ast.Expr
		for _, e := range x.AsMap().Entries() {
			all = append(all, e.AsMapEntry().Key(), e.AsMapEntry().Value())
		}
		return all
	case ast.StructKind:
		var all []ast.Expr
		for _, f := range x.AsStruct().Fields() {
			all = append(all, f.AsStructField().Value())
		}
		return all
	case ast.ComprehensionKind:
		c := x.AsComprehension()
		return []ast.Expr{c.IterRange(), c.AccuInit(), c.LoopCondition(), c.LoopStep(), c.Result()}
	}
	return nil
}

// operation is the name of a function or operator with its operands, the target of
// a method first.
func operation(x ast.Expr) (name string, operands []ast.Expr) {
	if x.Kind() != ast.CallKind {
		return "", nil
	}
	return x.AsCall().FunctionName(), partsOf(x)
}

func constText(x ast.Expr) (string, bool) {
	if x.Kind() != ast.LiteralKind {
		return "", false
	}
	text, ok := x.AsLiteral().(types.String)
	return string(text), ok
}
