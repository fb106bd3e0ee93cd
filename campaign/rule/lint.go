package rule

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"

	"github.com/nextcall/nextcall/campaign"
)

// A linter looks at one condition.
type linter struct {
	env       *environment
	condition campaign.Condition
	spans     *spans
	exprs     []ast.Expr // by id, of the text as it is parsed
	checked   *ast.AST   // nil until the types are right
	problems  []Problem
	muted     []span // what one problem has said enough about
}

// verdict is what the linter found out about a condition.
type verdict struct {
	ast      *cel.Ast  // nil if the condition is refused
	problems []Problem // in the order of the text, errors first
	sense    *sense    // nil if the condition is refused
}

// errors are the problems that refuse the condition; nil if there are none.
func (v *verdict) errors(text string) error {
	n := 0
	for n < len(v.problems) && v.problems[n].Severity == Error {
		n++
	}
	if n == 0 {
		return nil
	}
	return &CheckError{Text: text, Problems: v.problems[:n:n]}
}

// lint checks a condition and says all that is wrong with it.
func (e *environment) lint(c campaign.Condition) *verdict {
	l := &linter{env: e, condition: c}
	v := &verdict{}
	switch {
	case len(c.Text) > maxText:
		l.spans = newSpans("")
		l.fail(span{}, "the condition has %d bytes: want at most %d", len(c.Text), maxText)
	case !utf8.ValidString(c.Text):
		l.spans = newSpans("")
		l.fail(span{}, "the condition is not UTF-8")
	default:
		l.spans = newSpans(c.Text)
		l.run(v)
	}
	slices.SortStableFunc(l.problems, func(a, b Problem) int {
		switch {
		case a.Severity != b.Severity:
			return int(a.Severity) - int(b.Severity)
		case a.Line != b.Line:
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	v.problems = l.problems
	if len(v.problems) > 0 && v.problems[0].Severity == Error {
		v.ast, v.sense = nil, nil
	}
	return v
}

func (l *linter) run(v *verdict) {
	defer func() {
		if r := recover(); r != nil {
			l.fail(span{0, len(l.spans.text)}, "the condition cannot be checked: %v", r)
		}
	}()
	if at, deep := l.spans.deep(); deep {
		l.fail(at, "the condition is nested too deep: want at most %d levels", maxRecursion)
		return
	}
	parsed := l.env.read(l.spans)
	if parsed == nil {
		var issues *cel.Issues
		if parsed, issues = l.env.cel.Parse(l.condition.Text); issues.Err() != nil {
			l.syntax(issues)
			if len(l.problems) == 0 {
				l.fail(span{0, len(l.spans.text)}, "the condition cannot be read: %s", plain(issues.Err().Error()))
			}
			return
		}
	}
	native := parsed.NativeRep()
	l.spans.info = native.SourceInfo()
	l.exprs = make([]ast.Expr, 0, len(l.spans.words)+8)
	ast.PreOrderVisit(native.Expr(), ast.NewExprVisitor(l.number))
	l.constants(native.Expr())
	checked, issues := l.env.cel.Check(parsed)
	if issues.Err() != nil {
		l.types(issues)
		return
	}
	l.checked = checked.NativeRep()
	root := l.checked.Expr()
	l.objects(root)
	l.result(checked.OutputType())
	l.cost(checked)
	if len(l.problems) > 0 {
		return
	}
	v.ast = checked
	l.mayFail(root)
	l.style(root)
	v.sense = l.truth(root)
}

// number keeps a part by its id. Ids are counted from 1.
func (l *linter) number(x ast.Expr) {
	for int(x.ID()) >= len(l.exprs) {
		l.exprs = append(l.exprs, nil)
	}
	l.exprs[x.ID()] = x
}

// part is that of an id; nil if there is none.
func (l *linter) part(id int64) ast.Expr {
	if id < 0 || int(id) >= len(l.exprs) {
		return nil
	}
	return l.exprs[id]
}

// fail reports a mistake for which the condition is refused. One place has one
// mistake: the first that is found.
func (l *linter) fail(at span, format string, args ...any) {
	for _, m := range l.muted {
		if m.start <= at.start && at.start < m.end {
			return
		}
	}
	l.report(Error, at, fmt.Sprintf(format, args...))
}

// warn reports what is allowed and probably not meant.
func (l *linter) warn(at span, format string, args ...any) {
	l.report(Warning, at, fmt.Sprintf(format, args...))
}

// maxProblems bounds what is said of a condition: nobody reads more, and a text
// that is no condition at all would have one at each word.
const maxProblems = 30

func (l *linter) report(s Severity, at span, msg string) {
	if len(l.problems) >= maxProblems {
		return
	}
	line, column, source := l.spans.position(at.start)
	rest := utf8.RuneCountInString(source) - column + 1
	for _, p := range l.problems {
		if p.Line == line && p.Column == column && (p.Severity == Error || p.Msg == msg) {
			return
		}
	}
	l.problems = append(l.problems, Problem{
		Severity: s, Line: line, Column: column, Length: max(1, min(at.end-at.start, rest)), Source: source, Msg: msg,
	})
}

// mute keeps silent about what begins in a part of the text.
func (l *linter) mute(at span) {
	if at.end > at.start {
		l.muted = append(l.muted, span{at.start + 1, at.end})
	}
}

// propertyOf is the property that an expression reads, plainly or as an optional
// with a default; nil if it is none.
func (l *linter) propertyOf(x ast.Expr) *property {
	if name, operands := operation(x); (name == "orValue" || name == "value") && len(operands) > 0 {
		return l.propertyOf(operands[0])
	}
	path, ok := pathOf(x)
	if !ok {
		return nil
	}
	return l.env.schema.byPath[path]
}

// writes reports whether pathOf gives a path, without making it.
func writes(x ast.Expr, path string) bool {
	for x.Kind() == ast.SelectKind {
		sel := x.AsSelect()
		operand, ok := strings.CutSuffix(path, sel.FieldName())
		if !ok {
			return false
		}
		if operand, ok = strings.CutSuffix(operand, "."); !ok {
			return false
		}
		x, path = sel.Operand(), operand
	}
	written, ok := pathOf(x)
	return ok && written == path
}

// pathOf is the path that a chain of identifiers and selections writes, such as
// record.fields.city or record.fields.?city. A dot before it, by which cel-go
// tells a variable from one of exists(), is left out.
func pathOf(x ast.Expr) (string, bool) {
	switch x.Kind() {
	case ast.IdentKind:
		return strings.TrimPrefix(x.AsIdent(), "."), true
	case ast.SelectKind:
		sel := x.AsSelect()
		if operand, ok := pathOf(sel.Operand()); ok {
			return operand + "." + sel.FieldName(), true
		}
	case ast.CallKind:
		if name, operands := operation(x); name == operators.OptSelect && len(operands) == 2 {
			operand, ok := pathOf(operands[0])
			field, isText := constText(operands[1])
			return operand + "." + field, ok && isText
		}
	}
	return "", false
}
