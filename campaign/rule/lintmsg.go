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
		if x := l.part(issue.ExprID); x != nil && strings.HasPrefix(issue.Message, "undeclared reference to") {
			l.unknownLoop(x) // before what is said of the names in it
		}
	}
	for _, issue := range issues.Errors() {
		x := l.part(issue.ExprID)
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
		if hint, ok := l.negated(operands[0]); ok {
			l.fail(l.spans.of(operands[0]), "%s", hint)
			return
		}
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
		l.anIndex(at, operands, types)
		return
	}
	if arg, ok := l.sinceOf(x); ok {
		l.fail(at, "since takes a timestamp, and %s is %s: want such as %s", l.spans.shown(arg), worded(types[len(types)-1]), exampleOf("since"))
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
		text, _ := constText(other)
		arg, since := l.sinceOf(this)
		switch {
		case since && types[i] == "timestamp":
			hint = fmt.Sprintf("since takes a timestamp, and %s is none", l.spans.shown(arg))
		case types[i] == "bool" && isComparison(this) && otherType != "bool" && i == 0:
			hint = l.unchained(this, strings.TrimPrefix(l.spans.shownSpan(at), l.spans.shown(this)))
		case types[i] == "duration" && lit && (otherType == "int" || otherType == "double"):
			n := other.AsLiteral().Value()
			hint = fmt.Sprintf("say what it counts, duration(\"%vs\"), duration(\"%vm\") or duration(\"%vh\")", n, n, n)
		case types[i] == "duration" && lit && otherType == "string":
			hint = `write duration("2h")`
			if long := longTime(text); strings.HasPrefix(long, "period") {
				hint = `write duration("48h"): a duration has no days`
			}
			if !celtypes.IsError(celtypes.String(other.AsLiteral().Value().(string)).ConvertToType(celtypes.DurationType)) {
				hint = fmt.Sprintf("write duration(%s)", l.spans.shown(other))
			}
		case types[i] == "timestamp" && otherType == "string":
			hint = l.asTime(this, text)
		case types[i] == "timestamp" && otherType == "duration":
			hint = "compare since(...) with a duration"
		case types[i] == "nextcall.period":
			hint = "a period is added to a timestamp: compare the sum"
		case strings.HasPrefix(otherType, "list(") && !strings.HasPrefix(types[i], "list("):
			hint = fmt.Sprintf("write %s in %s", a, b)
			if i == 1 {
				hint = fmt.Sprintf("write %s in %s", b, a)
			}
		case strings.HasPrefix(types[i], "nextcall.") && l.env.schema.byType[types[i]] != nil:
			hint = "compare one of its properties, such as " + l.env.schema.example(l.env.schema.byType[types[i]].path)
		case types[i] == localType:
			hint = fmt.Sprintf("compare a part of it, such as %s.hour", l.spans.shown(this))
		case types[i] == "string" && dateText.MatchString(strings.ReplaceAll(l.spans.shown(other), " ", "")):
			hint = fmt.Sprintf("write %q, in quotes", l.spans.shown(other))
		case p != nil && p.enum != nil && otherType != "string":
			hint = "compare with one of " + listed(p.enum)
		case types[i] == "string" && otherType == "int" && lit:
			hint = fmt.Sprintf("write \"%v\", in quotes", other.AsLiteral().Value())
		case types[i] == "double" && otherType == "int" && lit:
			hint = fmt.Sprintf("write %v.0", other.AsLiteral().Value())
		case types[i] == "double" && otherType == "int":
			hint = fmt.Sprintf("write double(%s)", l.spans.shown(other))
		case (types[i] == "int" || types[i] == "double") && otherType == "string" && lit:
			hint = asNumber(this, text)
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
	const most = 25
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
		if literal(x) {
			hint = fmt.Sprintf(`say what is compared with it, such as call.outcome == %s, or write call.outcome in […, %s]`, text, text)
		}
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
	case ok && strings.HasPrefix(types[0], "list("):
		l.fail(at, "in looks for one value, and %s is a list: write %s.exists(v, v in %s)", a, a, b)
	case strings.HasPrefix(types[0], "list("):
		l.fail(at, "in looks into a list, which stands behind it: write %s in %s", b, a)
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
	case sign == "-" && types[0] == "timestamp" && types[1] == periodType:
		hint = ": a period is only added, so write it on the other side of a comparison, as in record.created + period(\"2 days\") < now"
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
