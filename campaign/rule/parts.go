package rule

import (
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/parser"
)

// spot is where a part stands in the text of its condition, and what it says.
type spot struct {
	line, column int // from 1, in characters
	text         string
}

// form is how the value of a part follows from those of its own parts.
type form uint8

const (
	formValue    form = iota // all are asked, and then the part itself
	formProperty             // a property: it has no parts
	formFixed                // it reads nothing, and is the same always
	formAnd                  // asked until one is false
	formOr                   // asked until one is true
	formNot
	formChoice // a ? b : c
	formElse   // a.orValue(b): b is asked if a has no value
	formLoop   // the first is gone through, the others are asked for each element
)

// piece is a part of a condition that can be evaluated by itself.
type piece struct {
	spot
	id       int64
	form     form
	property *property   // of formProperty
	optional bool        // a property that may be absent without an error: a.?b
	quiet    bool        // it goes without saying, unless it fails
	program  cel.Program // nil of a property
	err      error       // why there is no program
	clock    bool        // it reads the local time of now
	parts    []*piece

	name   string // of formLoop: what the elements are called
	ending string // of formLoop: the function, which may end before the last element
}

// pieces are a condition's parts.
type pieces struct {
	root *piece
	sure map[int64]spot // where an id that cel-go gives with an error is right
	// reads are the parts that read a property; 0: several do.
	reads map[*property]int64
}

// told makes a program's pieces when they are first asked for: most conditions
// never fail, and are never explained.
type told struct {
	once   sync.Once
	pieces *pieces
}

func (t *told) parts(p *program, e *environment) *pieces {
	t.once.Do(func() {
		b := builder{env: e, ast: p.ast.NativeRep(), source: []rune(p.condition.Text), bound: map[string]int{}}
		b.pieces = &pieces{sure: map[int64]spot{}, reads: map[*property]int64{}}
		b.root = b.piece(b.ast.Expr())
		b.root.program = p.slow
		for _, id := range b.reads {
			if id != 0 {
				b.sure[id] = b.spots[id]
			}
		}
		delete(b.sure, 0)
		t.pieces = b.pieces
	})
	return t.pieces
}

// builder makes pieces of an expression.
type builder struct {
	*pieces
	env    *environment
	ast    *ast.AST
	source []rune
	bound  map[string]int // names of elements, which hide variables
	spots  map[int64]spot
}

func (b *builder) piece(x ast.Expr) *piece {
	p := &piece{spot: b.spot(x), id: x.ID(), quiet: fixed(x) || b.element(x)}
	if prop := b.read(x); prop != nil {
		b.reading(p, prop)
		return p
	}
	switch x.Kind() {
	case ast.LiteralKind:
		p.form = formFixed
	case ast.SelectKind:
		b.selection(p, x)
	case ast.CallKind:
		b.call(p, x)
	case ast.ComprehensionKind:
		b.loop(p, x)
	default:
		b.list(p, x)
	}
	p.program, p.err = b.plan(x)
	return p
}

// reading makes p the part that reads a property.
func (b *builder) reading(p *piece, prop *property) {
	p.form, p.property, p.quiet = formProperty, prop, false
	if _, again := b.reads[prop]; again {
		b.reads[prop] = 0
		return
	}
	b.reads[prop] = p.id
	if b.spots == nil {
		b.spots = map[int64]spot{}
	}
	b.spots[p.id] = p.spot
}

// read is the property that an expression reads, nil if it is none.
func (b *builder) read(x ast.Expr) *property {
	if x.Kind() == ast.SelectKind && x.AsSelect().IsTestOnly() {
		return nil
	}
	return b.property(x, "")
}

// property is the one that an expression, or a name in what it gives, reads.
func (b *builder) property(x ast.Expr, name string) *property {
	path, ok := b.path(x)
	if !ok {
		return nil
	}
	return b.env.schema.byPath[path+name]
}

// path is what a chain of names writes, if it does not begin with an element of
// a list that is gone through.
func (b *builder) path(x ast.Expr) (string, bool) {
	root := x
	for root.Kind() == ast.SelectKind {
		root = root.AsSelect().Operand()
	}
	if b.element(root) {
		return "", false
	}
	return pathOf(x)
}

// selection is has(a.b), or a.b where a is no object of the schema.
func (b *builder) selection(p *piece, x ast.Expr) {
	sel := x.AsSelect()
	if prop := b.property(sel.Operand(), "."+sel.FieldName()); prop != nil {
		p.parts = []*piece{{spot: spot{p.line, p.column, prop.path}, form: formProperty, property: prop}}
		return
	}
	p.parts = b.all(sel.Operand())
}

func (b *builder) call(p *piece, x ast.Expr) {
	call := x.AsCall()
	args := call.Args()
	if call.IsMemberFunction() {
		args = append([]ast.Expr{call.Target()}, args...)
	}
	switch name := call.FunctionName(); {
	case name == operators.LogicalAnd, name == operators.LogicalOr:
		p.form = formAnd
		if name == operators.LogicalOr {
			p.form = formOr
		}
		for _, arg := range args {
			part := b.piece(arg)
			if part.form == p.form {
				p.parts = append(p.parts, part.parts...)
			} else {
				p.parts = append(p.parts, part)
			}
		}
		return
	case name == operators.LogicalNot:
		p.form = formNot
	case name == operators.Conditional:
		p.form = formChoice
	case name == operators.OptSelect:
		// The property itself cannot be asked where it is absent.
		if args[1].Kind() == ast.LiteralKind {
			field, _ := args[1].AsLiteral().Value().(string)
			if prop := b.property(args[0], "."+field); prop != nil {
				p.form, p.property, p.optional, p.quiet = formProperty, prop, true, false
				return
			}
		}
		p.parts = b.all(args[0])
		return
	case (name == "orValue" || name == "or") && call.IsMemberFunction() && len(args) == 2:
		p.form = formElse
	case name == operators.Index || name == operators.OptIndex:
	default:
		b.sure[p.id] = p.spot
		p.clock = readsClock(name, args)
	}
	p.parts = b.all(args...)
}

// readsClock reports whether a function reads the local time of now.
func readsClock(name string, args []ast.Expr) bool {
	switch name {
	case "time_between":
		return true
	case "weekday", "is_holiday", "is_workday":
		return len(args) == 1 // the context
	}
	return false
}

func (b *builder) list(p *piece, x ast.Expr) {
	switch x.Kind() {
	case ast.ListKind:
		p.parts = b.all(x.AsList().Elements()...)
	case ast.MapKind:
		for _, e := range x.AsMap().Entries() {
			p.parts = append(p.parts, b.all(e.AsMapEntry().Key(), e.AsMapEntry().Value())...)
		}
	}
}

// all are the pieces of expressions that have a value for people.
func (b *builder) all(list ...ast.Expr) []*piece {
	var parts []*piece
	for _, x := range list {
		if x.Kind() == ast.IdentKind && x.AsIdent() == contextName {
			continue
		}
		if path, ok := b.path(x); ok && b.env.schema.byType["nextcall."+path] != nil {
			continue // an object, which is no value
		}
		parts = append(parts, b.piece(x))
	}
	return parts
}

// loop is a macro that goes through a list: exists, all, exists_one, map and
// filter. Of other comprehensions only the range is a part.
func (b *builder) loop(p *piece, x ast.Expr) {
	fold := x.AsComprehension()
	p.parts = b.all(fold.IterRange())
	macro, ok := b.ast.SourceInfo().GetMacroCall(x.ID())
	if !ok || fold.HasIterVar2() || len(p.parts) != 1 || len(macro.AsCall().Args()) < 2 {
		p.parts = append(p.parts, b.properties(fold.AccuInit(), fold.LoopStep(), fold.Result())...)
		return
	}
	p.form, p.name, p.ending = formLoop, fold.IterVar(), macro.AsCall().FunctionName()
	b.bound[p.name]++
	for _, arg := range macro.AsCall().Args()[1:] {
		if body := byID(fold.LoopStep(), arg.ID()); body != nil {
			p.parts = append(p.parts, b.piece(body))
		}
	}
	b.bound[p.name]--
}

// properties are those that expressions read somewhere inside.
func (b *builder) properties(list ...ast.Expr) []*piece {
	var parts []*piece
	for _, x := range list {
		ast.PreOrderVisit(x, ast.NewExprVisitor(func(x ast.Expr) {
			if prop := b.read(x); prop != nil {
				p := &piece{spot: b.spot(x), id: x.ID()}
				b.reading(p, prop)
				parts = append(parts, p)
			}
		}))
	}
	return parts
}

func byID(in ast.Expr, id int64) ast.Expr {
	var found ast.Expr
	ast.PreOrderVisit(in, ast.NewExprVisitor(func(x ast.Expr) {
		if x.ID() == id && found == nil {
			found = x
		}
	}))
	return found
}

// fixed reports whether an expression reads no variable.
func fixed(x ast.Expr) bool {
	is := true
	ast.PreOrderVisit(x, ast.NewExprVisitor(func(x ast.Expr) { is = is && x.Kind() != ast.IdentKind }))
	return is
}

// element reports whether an expression is an element of a list that is gone
// through, which is named once for all parts.
func (b *builder) element(x ast.Expr) bool {
	return x.Kind() == ast.IdentKind && b.bound[x.AsIdent()] > 0
}

// plan makes a program of a part of the condition.
func (b *builder) plan(x ast.Expr) (cel.Program, error) {
	part := ast.NewCheckedAST(ast.NewAST(x, b.ast.SourceInfo()), b.ast.TypeMap(), b.ast.ReferenceMap())
	return b.env.cel.PlanProgram(part, cel.EvalOptions(cel.OptOptimize))
}

// spot is where the first character of an expression is, and its text in one line.
func (b *builder) spot(x ast.Expr) spot {
	info := b.ast.SourceInfo()
	first := int32(-1)
	ast.PreOrderVisit(x, ast.NewExprVisitor(func(x ast.Expr) {
		if at, ok := info.GetOffsetRange(x.ID()); ok && (first < 0 || at.Start < first) {
			first = at.Start
		}
	}))
	s := spot{text: b.text(x)}
	if first < 0 {
		return s
	}
	// What begins with the parenthesis of a call begins with its name.
	if int(first) < len(b.source) && b.source[first] == '(' {
		for first > 0 && b.source[first-1] <= ' ' {
			first--
		}
		for first > 0 && isName(b.source[first-1]) {
			first--
		}
	}
	// A parenthesis is no part of any expression, but it is of the text.
	for at := first - 1; strings.HasPrefix(s.text, "(") && at >= 0 && int(at) < len(b.source) && b.source[first] != '('; at-- {
		if b.source[at] == '(' {
			first = at
		} else if b.source[at] > ' ' {
			break
		}
	}
	at := info.GetLocationByOffset(first)
	s.line, s.column = at.Line(), at.Column()+1
	return s
}

func isName(r rune) bool {
	return r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

// maxPart is the longest text of a part that is shown, in bytes.
const maxPart = 300

func (b *builder) text(x ast.Expr) string {
	text, err := parser.Unparse(x, b.ast.SourceInfo(), parser.WrapOnColumn(maxText*4))
	if err != nil {
		return ""
	}
	return cut(text, maxPart)
}

// cut shortens a text to at most so many bytes, and says so.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most] + "…"
}
