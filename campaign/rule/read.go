package rule

import (
	"unicode"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/parser"
)

// A reader makes the expression of a condition out of its words. It makes what
// cel-go's parser makes, to the last id and position, in a tenth of the time;
// and it knows the ordinary language only. What it does not know, or finds wrong,
// it leaves to cel-go, from which all messages come.
type reader struct {
	spans  *spans
	macros map[macroKey]parser.Macro
	fac    ast.ExprFactory
	info   *ast.SourceInfo
	at     int   // the word that is next
	next   int64 // the id that is next
	left   bool  // it was left to cel-go

	// cel-go refuses what is nested too deep, counted as it reads and again as
	// it makes the expression. What comes near to that is left to it.
	depth  int // of what is being read
	height int // of what was read last
}

const (
	maxDepth  = maxRecursion/2 - 2
	maxHeight = maxRecursion - 4
)

// read makes the expression of a text; nil if cel-go must.
func (e *environment) read(s *spans) *cel.Ast {
	for _, c := range s.text {
		if c == '\v' || c > unicode.MaxASCII && unicode.IsSpace(c) {
			return nil // a space for us, and none for CEL
		}
	}
	source := common.NewTextSource(s.source)
	r := &reader{spans: s, macros: e.macros, fac: factory, info: ast.NewSourceInfo(source), next: 1}
	x := r.expr()
	if r.left || r.at < len(s.words) {
		return nil
	}
	// cel-go makes such a value of an expression only in another form, and only
	// by copying it. Of nothing at all it makes an empty one.
	made := cel.ParsedExprToAstWithSource(nil, source)
	*made.NativeRep() = *ast.NewAST(x, r.info)
	return made
}

// factory makes expressions as cel-go's parser does: with a name that no
// condition can write, for what exists() and the like have found so far.
var factory = ast.NewExprFactoryWithAccumulator(parser.HiddenAccumulatorName)

// leave leaves the text to cel-go. What it returns stands for anything.
func (r *reader) leave() ast.Expr {
	r.left, r.at = true, len(r.spans.words)
	return r.fac.NewUnspecifiedExpr(0)
}

// mark is the next word if it is an operator or a bracket, else "".
func (r *reader) mark() string {
	if r.spans.kind(r.at) == lexMark {
		return r.spans.word(r.at)
	}
	return ""
}

// take goes past a mark, if it is the next word.
func (r *reader) take(mark string) bool {
	if r.mark() != mark {
		return false
	}
	r.at++
	return true
}

// id is that of a part which cel-go places at some words, of so many bytes.
func (r *reader) id(word, bytes int) int64 {
	if r.left {
		return 0
	}
	start := int32(r.spans.words[word].start)
	return r.idAt(ast.OffsetRange{Start: start, Stop: start + int32(bytes)})
}

func (r *reader) idAt(at ast.OffsetRange) int64 {
	id := r.next
	r.next++
	r.info.SetOffsetRange(id, at)
	return id
}

// deeper goes one level down; the one above goes back by setting the depth.
func (r *reader) deeper() {
	if r.depth++; r.depth > maxDepth {
		r.leave()
	}
}

// above makes the last read part, and others of so much height, parts of another.
func (r *reader) above(height int) {
	if r.height = max(r.height, height) + 1; r.height > maxHeight {
		r.leave()
	}
}

// expr reads a whole expression: a choice, or less.
func (r *reader) expr() ast.Expr {
	depth := r.depth
	r.deeper()
	x := r.or()
	if at := r.at; r.take("?") {
		height := r.height
		id := r.id(at, 1)
		yes := r.or()
		height = max(height, r.height)
		if !r.take(":") {
			return r.leave()
		}
		no := r.expr()
		r.above(height)
		x = r.fac.NewCall(id, operators.Conditional, x, yes, no)
	}
	r.depth = depth
	return x
}

func (r *reader) or() ast.Expr {
	return r.chain("||", operators.LogicalOr, func() ast.Expr {
		return r.chain("&&", operators.LogicalAnd, r.relation)
	})
}

// chain reads parts with a logical operator between them. cel-go puts them into a
// balanced tree.
func (r *reader) chain(mark, function string, part func() ast.Expr) ast.Expr {
	first := part()
	if r.mark() != mark {
		return first
	}
	parts, ids, height := []ast.Expr{first}, []int64(nil), r.height
	for {
		at := r.at
		if !r.take(mark) {
			break
		}
		parts = append(parts, part())
		ids = append(ids, r.id(at, len(mark)))
		height = max(height, r.height)
	}
	r.height = height
	return r.balanced(function, parts, ids)
}

func (r *reader) balanced(function string, parts []ast.Expr, ids []int64) ast.Expr {
	if len(ids) == 0 {
		return parts[0]
	}
	mid := len(ids) / 2
	return r.fac.NewCall(ids[mid], function,
		r.balanced(function, parts[:mid+1], ids[:mid]), r.balanced(function, parts[mid+1:], ids[mid+1:]))
}

func (r *reader) relation() ast.Expr {
	return r.binary(func() string {
		switch mark := r.mark(); mark {
		case "==", "!=", "<", "<=", ">", ">=":
			return mark
		}
		if r.spans.kind(r.at) == lexName && r.spans.word(r.at) == "in" {
			return "in"
		}
		return ""
	}, r.sum)
}

func (r *reader) sum() ast.Expr {
	return r.binary(func() string {
		switch mark := r.mark(); mark {
		case "+", "-":
			return mark
		}
		return ""
	}, r.product)
}

func (r *reader) product() ast.Expr {
	return r.binary(func() string {
		switch mark := r.mark(); mark {
		case "*", "/", "%":
			return mark
		}
		return ""
	}, r.unary)
}

// binary reads parts with operators between them, from left to right.
func (r *reader) binary(operator func() string, part func() ast.Expr) ast.Expr {
	x, depth := part(), r.depth
	for {
		mark := operator()
		if mark == "" {
			r.depth = depth
			return x
		}
		r.deeper()
		height := r.height
		id := r.id(r.at, len(mark))
		r.at++
		function, _ := operators.Find(mark)
		x = r.fac.NewCall(id, function, x, part())
		r.above(height)
	}
}
