package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	celtypes "github.com/google/cel-go/common/types"
)

// types says in plain words what the type checker found.
func (l *linter) types(issues *cel.Issues) {
	for _, issue := range issues.Errors() {
		x := l.exprs[issue.ExprID]
		msg := issue.Message
		place := l.spans.offset(issue.Location.Line(), issue.Location.Column())
		at := span{place, place + 1}
		if x != nil {
			at = l.spans.of(x)
		}
		name := quotedIn(msg)
		switch {
		case strings.HasPrefix(msg, "undeclared reference to"):
			l.unknownName(x, name)
		case strings.HasPrefix(msg, "undefined field") && x != nil:
			l.unknownField(x, name)
		case strings.HasPrefix(msg, "found no matching overload") && x != nil:
			l.overload(x, name, signature(msg))
		case strings.Contains(msg, "does not support field selection") && x != nil:
			l.noParts(x, name)
		case strings.HasPrefix(msg, "expected type"):
			l.mismatch(x, at, msg)
		case strings.Contains(msg, "cannot be range of a comprehension"):
			l.fail(at, "%s is %s: only a list can be gone through", l.spans.shown(x), worded(name))
		case strings.Contains(msg, "string.format"):
			l.fail(at, "the format and its list of values do not fit: %s", plain(msg))
		default:
			l.fail(at, "%s", plain(msg))
		}
	}
}

// quotedIn is the first text in single quotes.
func quotedIn(msg string) string {
	if _, rest, ok := strings.Cut(msg, "'"); ok {
		name, _, _ := strings.Cut(rest, "'")
		return name
	}
	return ""
}

// signature are the types of the operands that a message names.
func signature(msg string) []string {
	_, text, _ := strings.Cut(msg, "applied to '")
	text = strings.TrimSuffix(text, "'")
	var all []string
	if target, rest, ok := strings.Cut(text, ".("); ok {
		all, text = append(all, target), "("+rest
	}
	text = strings.TrimSuffix(strings.TrimPrefix(text, "("), ")")
	depth, from := 0, 0
	for i, r := range text {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				all, from = append(all, strings.TrimSpace(text[from:i])), i+1
			}
		}
	}
	if last := strings.TrimSpace(text[from:]); last != "" {
		all = append(all, last)
	}
	return all
}

// worded is a type with its article: "an int", "a list of string".
func worded(t string) string {
	inner := func(prefix string) (string, bool) {
		rest, ok := strings.CutPrefix(t, prefix+"(")
		return strings.TrimSuffix(rest, ")"), ok
	}
	if of, ok := inner("list"); ok {
		return "a list of " + bare(of)
	}
	if of, ok := inner("optional_type"); ok {
		return "an optional " + bare(of)
	}
	if strings.HasPrefix(t, "map(") {
		return "a map"
	}
	switch t {
	case "google.protobuf.Timestamp":
		return "a timestamp"
	case "google.protobuf.Duration":
		return "a duration"
	case "int":
		return "an int"
	case "uint":
		return "a uint"
	case "null":
		return "null"
	case localType:
		return "a local time"
	case periodType:
		return "a period"
	}
	if strings.HasPrefix(t, "nextcall.") {
		return "an object"
	}
	return "a " + t
}

// bare is a type without an article.
func bare(t string) string {
	w := worded(t)
	if _, rest, ok := strings.Cut(w, " "); ok {
		return rest
	}
	return w
}

var comparisons = []string{operators.Equals, operators.NotEquals, operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals}

// overload explains operands that an operator or a function does not take.
func (l *linter) overload(x ast.Expr, name string, types []string) {
	_, operands := operation(x)
	at := l.spans.of(x)
	if slices.Contains(comparisons, name) && len(types) == 2 && len(operands) == 2 {
		l.compared(at, operands, types)
		return
	}
	switch name {
	case operators.LogicalNot:
		l.notBool(operands[0], types[0], "! turns a condition into its opposite")
		return
	case operators.LogicalAnd, operators.LogicalOr:
		for i, t := range types {
			if t != "bool" && t != "dyn" && i < len(operands) {
				l.notBool(operands[i], t, "between && and || stand conditions")
			}
		}
		return
	case operators.Conditional:
		if len(types) == 3 && types[0] != "bool" && types[0] != "dyn" {
			l.notBool(operands[0], types[0], "a condition stands here")
			return
		}
		if len(types) == 3 {
			l.fail(at, "this gives either %s or %s: both sides of : are of one type", worded(types[1]), worded(types[2]))
			return
		}
	case operators.In:
		l.membership(at, operands, types)
		return
	case operators.Index:
		l.fail(at, "%s is %s and cannot be indexed with %s", l.spans.shown(operands[0]), worded(types[0]), worded(types[1]))
		return
	}
	if sign, ok := arithmetic[name]; ok {
		l.arithmetic(at, sign, operands, types)
		return
	}
	l.arguments(x, name, types)
}

var arithmetic = map[string]string{operators.Add: "+", operators.Subtract: "-", operators.Multiply: "*", operators.Divide: "/", operators.Modulo: "%", operators.Negate: "-"}

// compared explains a comparison of two types.
func (l *linter) compared(at span, operands []ast.Expr, types []string) {
	if slices.Contains(types, "null") {
		return // constants says that there is none
	}
	a, b := l.spans.shown(operands[0]), l.spans.shown(operands[1])
	hint := "only values of one type can be compared"
	for i := range 2 {
		this, other, otherType := operands[i], operands[1-i], types[1-i]
		p := l.propertyOf(this)
		lit := other.Kind() == ast.LiteralKind
		switch {
		case types[i] == "duration" && lit && (otherType == "int" || otherType == "double"):
			hint = fmt.Sprintf("say what it counts, such as duration(\"%vh\")", other.AsLiteral().Value())
		case types[i] == "duration" && lit && otherType == "string":
			hint = `write duration("2h")`
			if !celtypes.IsError(celtypes.String(other.AsLiteral().Value().(string)).ConvertToType(celtypes.DurationType)) {
				hint = fmt.Sprintf("write duration(%s)", l.spans.shown(other))
			}
		case types[i] == "timestamp" && otherType == "string":
			hint = `write timestamp("2026-01-31T00:00:00Z"), or compare local(...).date with a date as text`
		case types[i] == "timestamp" && otherType == "duration":
			hint = "compare since(...) with a duration"
		case types[i] == "nextcall.period":
			hint = "a period is added to a timestamp: compare the sum"
		case p != nil && p.enum != nil && otherType != "string":
			hint = "compare with one of " + listed(p.enum)
		case types[i] == "string" && otherType == "int" && lit:
			hint = fmt.Sprintf("write \"%v\", in quotes", other.AsLiteral().Value())
		case types[i] == "double" && otherType == "int" && lit:
			hint = fmt.Sprintf("write %v.0", other.AsLiteral().Value())
		case types[i] == "double" && otherType == "int":
			hint = fmt.Sprintf("write double(%s)", l.spans.shown(other))
		case (types[i] == "int" || types[i] == "double") && otherType == "string" && lit:
			hint = fmt.Sprintf("write %v, without quotes", other.AsLiteral().Value())
		case types[i] == "bool" && otherType != "bool":
			hint = "it is a condition of its own: compare it with nothing, or with true or false"
		case strings.HasPrefix(types[i], "list(") && !strings.HasPrefix(otherType, "list("):
			hint = fmt.Sprintf("write %s in %s", l.spans.shown(other), l.spans.shown(this))
		case strings.HasPrefix(types[i], "optional_type("):
			hint = "give what to take when there is no value: .orValue(...)"
		default:
			continue
		}
		break
	}
	l.fail(at, "%s is %s and %s is %s: %s", a, worded(types[0]), b, worded(types[1]), hint)
}

// listed are values in quotes, the first of many.
func listed(values []string) string {
	const most = 8
	var b strings.Builder
	n := 0
	for _, v := range values {
		if v == "" {
			continue
		}
		if n == most {
			b.WriteString(", …")
			break
		}
		if n > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", v)
		n++
	}
	return b.String()
}

func (l *linter) notBool(x ast.Expr, t, why string) {
	text := l.spans.shown(x)
	hint := "compare it with something"
	switch t {
	case "string":
		hint = fmt.Sprintf(`write %s == "…"`, text)
	case "int", "double":
		hint = fmt.Sprintf("write %s > 0", text)
	case "timestamp":
		hint = fmt.Sprintf("write has(%s)", text)
	case "list(string)":
		hint = fmt.Sprintf("write %s.size() > 0", text)
	}
	l.fail(l.spans.of(x), "%s, and %s is %s: %s", why, text, worded(t), hint)
}

func (l *linter) membership(at span, operands []ast.Expr, types []string) {
	a, b := l.spans.shown(operands[0]), l.spans.shown(operands[1])
	switch of, ok := strings.CutPrefix(types[1], "list("); {
	case ok:
		l.fail(at, "%s is %s, and the list is one of %s", a, worded(types[0]), bare(strings.TrimSuffix(of, ")")))
	case types[1] == "string" && literal(operands[1]):
		l.fail(at, "in looks into a list, and %s is a string: write %s in [%s]", b, a, b)
	case types[1] == "string":
		l.fail(at, "in looks into a list, and %s is a string: write %s.contains(%s) to look into a text, or a list in [ ]", b, b, a)
	default:
		l.fail(at, "in looks into a list, and %s is %s", b, worded(types[1]))
	}
}

func (l *linter) arithmetic(at span, sign string, operands []ast.Expr, types []string) {
	if len(types) == 1 {
		l.fail(at, "%s is %s: - takes a number", l.spans.shown(operands[0]), worded(types[0]))
		return
	}
	hint := ""
	switch {
	case slices.Contains(types, "timestamp"):
		hint = `: to a timestamp a duration is added, such as duration("2h"), or a period, such as period("3 days")`
	case slices.Contains(types, periodType):
		hint = `: a period is added to a timestamp, as in now + period("3 days")`
	case slices.Contains(types, "int") && slices.Contains(types, "double"):
		hint = ": int and double do not mix: write double(...) around the int, or 1.0 for 1"
	case slices.Contains(types, "string"):
		hint = ": write string(...) around what is no text"
	}
	l.fail(at, "%s is %s and %s is %s, and %s does not take them%s", l.spans.shown(operands[0]), worded(types[0]),
		l.spans.shown(operands[1]), worded(types[1]), sign, hint)
}

// arguments explains a function that does not take what it is given.
func (l *linter) arguments(x ast.Expr, name string, types []string) {
	at := l.spans.functionName(x)
	forms := l.env.forms(name)
	if len(forms) == 0 {
		l.unknownFunction(x, name)
		return
	}
	if target := x.AsCall().Target(); name == "contains" && target != nil && len(types) == 2 && strings.HasPrefix(types[0], "list(") {
		l.fail(at, "contains looks into a text, and %s is a list: write %s in %s", l.spans.shown(target), l.spans.shown(x.AsCall().Args()[0]), l.spans.shown(target))
		return
	}
	given := make([]string, len(types))
	for i, t := range types {
		given[i] = bare(t)
	}
	got := "nothing"
	if len(given) > 0 {
		got = strings.Join(given, ", ")
	}
	if x.AsCall().IsMemberFunction() && len(given) > 0 {
		got = given[0] + "." + name + "(" + strings.Join(given[1:], ", ") + ")"
	}
	l.fail(at, "%s does not take %s: want %s", name, got, strings.Join(forms, " or "))
}

// forms are the ways in which a function is called, at most four.
func (e *environment) forms(name string) []string {
	f, ok := e.cel.Functions()[name]
	if !ok {
		return nil
	}
	var all []string
	for _, o := range f.OverloadDecls() {
		var args []string
		for _, t := range o.ArgTypes() {
			if t.TypeName() != contextType {
				args = append(args, bare(t.String()))
			}
		}
		form := name + "(" + strings.Join(args, ", ") + ")"
		if o.IsMemberFunction() && len(args) > 0 {
			form = args[0] + "." + name + "(" + strings.Join(args[1:], ", ") + ")"
		}
		all = append(all, form)
	}
	if len(all) > 4 {
		all = all[:4]
	}
	return all
}

// noParts explains a selection from a value that has no properties.
func (l *linter) noParts(x ast.Expr, t string) {
	operand, at := l.selected(x)
	text := l.spans.shown(operand)
	hint := ""
	if t == "timestamp" {
		hint = fmt.Sprintf(": local(%s) has hour, minute, weekday, day, month, year and date", text)
	}
	l.fail(at, "%s is %s and has no properties%s", text, worded(t), hint)
}

// mismatch explains a value of a type that does not fit where it stands.
func (l *linter) mismatch(x ast.Expr, at span, msg string) {
	parts := strings.Split(msg, "'")
	if len(parts) < 4 {
		l.fail(at, "%s", plain(msg))
		return
	}
	want, got := parts[1], parts[3]
	if want == "bool" && x != nil {
		l.notBool(x, got, "a condition stands here")
		return
	}
	text := ""
	if x != nil {
		text = l.spans.shown(x)
	}
	l.fail(at, "%s is %s: want %s", text, worded(got), worded(want))
}
