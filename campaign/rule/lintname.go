package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/cel-go/common/ast"

	"github.com/nextcall/nextcall/internal/nearest"
)

// unknownName explains a name that nothing has: a variable or a function.
func (l *linter) unknownName(x ast.Expr, name string) {
	if x != nil && x.Kind() == ast.CallKind {
		l.unknownFunction(x, name)
		return
	}
	at := span{}
	if x != nil {
		at = l.spans.of(x)
	}
	s := l.env.schema
	name = strings.TrimPrefix(name, ".")
	own, isOwn := l.ownField(name)
	switch {
	case isOwn:
		l.fail(at, "there is no variable %s: did you mean %s?", name, own)
	case otherVariables[name] != "":
		l.fail(at, "there is no variable %s: write %s", name, otherVariables[name])
	case x != nil && x.Kind() == ast.StructKind:
		l.fail(at, "a condition makes no objects")
	case s.enumValue(name):
		l.fail(at, "there is no variable %s: as a text, write it in quotes, %q", name, name)
	case slices.Contains(l.env.functions(), name):
		with := "..."
		if slices.Contains(l.env.forms(name), name+"()") {
			with = ""
		}
		l.fail(at, "%s is a function: call it, %s(%s)%s", name, name, with, suchAs(name))
	default:
		l.fail(at, "there is no variable %s%s", name, s.meantVariable(name))
	}
}

// meantVariable suggests a variable, or a property by its last name.
func (s *schema) meantVariable(name string) string {
	var tops []string
	for _, p := range s.top {
		tops = append(tops, p.path)
	}
	for _, o := range s.objects {
		if _, _, inner := cutLast(o.path); !inner {
			tops = append(tops, o.path)
		}
	}
	if paths := s.named(name); len(paths) > 0 {
		return ": did you mean " + strings.Join(paths, " or ") + "?"
	}
	if near := nearest.Name(name, tops); near != "" {
		return ": did you mean " + near + "?"
	}
	slices.Sort(tops)
	return ": there are " + strings.Join(tops, ", ")
}

// named are the properties whose last name is the given one, at most three.
func (s *schema) named(name string) []string {
	var all []string
	for _, p := range s.properties {
		if _, last, inner := cutLast(p.path); inner && last == name && len(all) < 3 {
			all = append(all, p.path)
		}
	}
	return all
}

// enumValue reports whether some property can have the value.
func (s *schema) enumValue(name string) bool {
	return slices.ContainsFunc(s.properties, func(p *property) bool { return slices.Contains(p.enum, name) })
}

func (l *linter) unknownFunction(x ast.Expr, name string) {
	at := l.spans.functionName(x)
	if t := target(x); t != nil {
		if path, ok := pathOf(t); ok && l.env.schema.byPath[path+"."+name] != nil {
			l.fail(at, "%s.%s is a property, not a function: write it without parentheses", path, name)
			return
		}
		if part, ok := strings.CutSuffix(strings.ToLower(strings.TrimPrefix(name, "get")), "s"); ok || part != "" {
			if _, ofTime := localRanges[part]; ofTime || part == "year" || part == "date" {
				l.fail(at, "there is no function %s: write local(%s).%s", name, l.spans.shown(t), part)
				return
			}
		}
	}
	if l.env.schema.byPath[name] != nil {
		l.fail(at, "%s is a variable, not a function: write it without parentheses", name)
		return
	}
	if l.env.schema.byType["nextcall."+name] != nil {
		l.fail(at, "%s is an object: a condition reads its properties, such as %s", name, l.env.schema.example(name))
		return
	}
	if hint, ok := otherFunctions[name]; ok {
		l.fail(at, "there is no function %s: write %s", name, hint)
		return
	}
	if form, ok := macroForms[name]; ok {
		l.fail(at, "%s is written %s", name, form)
		return
	}
	names := l.env.functions()
	if near := nearest.Name(name, names); near != "" {
		l.fail(at, "there is no function %s: did you mean %s?", name, near)
		return
	}
	l.fail(at, "there is no function %s", name)
}

// otherFunctions are functions that people know from elsewhere.
var otherFunctions = map[string]string{
	"len": "size(...)", "length": "size(...)", "lower": "x.lowerAscii()", "toLower": "x.lowerAscii()", "upper": "x.upperAscii()",
	"isnull": "!has(...)", "is_null": "!has(...)", "isset": "has(...)", "any": "list.exists(x, ...)", "today": "local(now).date",
	"date": `timestamp("2026-01-31T00:00:00Z")`, "days": `period("3 days")`, "hours": `duration("2h")`, "minutes": `duration("10m")`,
	"hour": "local(now).hour", "minute": "local(now).minute", "month": "local(now).month", "year": "local(now).year", "day": "local(now).day",
	"day_of_week": "weekday()", "dayofweek": "weekday()", "is_weekend": "weekday() >= 6", "isweekend": "weekday() >= 6", "isWeekend": "weekday() >= 6",
	"defined": "has(...)", "empty": `!has(x), or x == "" for a text without characters`, "isEmpty": `x == "" for a text, size(x) == 0 for a list, !has(x) for what is absent`,
	"random": "bucket(record.id, 10) == 0 to take a tenth of the records", "rand": "bucket(record.id, 10) == 0 to take a tenth of the records",
	"min": "a < b ? a : b", "max": "a > b ? a : b", "abs": "x < 0 ? -x : x", "round": "int(x + 0.5)", "floor": "int(x)", "equals": "==",
	"toLowerCase": "x.lowerAscii()", "toUpperCase": "x.upperAscii()", "some": "list.exists(x, ...)", "every": "list.all(x, ...)", "find": "list.exists(x, ...)",
	"after": "a > b", "before": "a < b", "between": "x >= a && x <= b", "if": "condition ? a : b", "least": "a < b ? a : b", "greatest": "a > b ? a : b",
	"now": "now, without parentheses", "in": "x in [...]", "like": `x.matches("...")`, "regex": `x.matches("...")`,
	"includes": `"a" in list, or text.contains("a")`, "ifnull": ".?name.orValue(...)", "coalesce": ".?name.orValue(...)",
}

// macroForms are the functions whose arguments are special.
var macroForms = map[string]string{
	"has": "has(record.last_call), with one property in it", "since": "since(record.last_call), with one timestamp in it",
	"all": `list.all(t, t != "x")`, "exists": `list.exists(t, t == "x"), and to ask for a value has(record.last_call)`, "exists_one": `list.exists_one(t, t == "x")`,
	"map": "list.map(t, t.size())", "filter": `list.filter(t, t != "x")`,
	"optMap": "optional.optMap(v, v + 1)", "optFlatMap": "optional.optFlatMap(v, optional.of(v))",
}

// functions are the names of all functions that conditions can call.
func (e *environment) functions() []string {
	var all []string
	for name := range e.cel.Functions() {
		if strings.IndexFunc(name, func(r rune) bool { return !nameStart(r) && !isDigit(r) && r != '.' }) < 0 && name[0] != '_' {
			all = append(all, name)
		}
	}
	for name := range macroForms {
		all = append(all, name)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// example is a property of an object.
func (s *schema) example(path string) string {
	if o := s.byType["nextcall."+path]; o != nil {
		for _, name := range o.names {
			if o.fields[name] != nil {
				return path + "." + name
			}
		}
	}
	return path + ".…"
}

// functionName is where the name of a called function is written.
func (s *spans) functionName(x ast.Expr) span {
	i := s.wordAt(s.place(x.ID()))
	if i > 0 && s.word(i) == "(" && s.words[i-1].kind == lexName {
		return s.wordSpan(i - 1)
	}
	return s.of(x)
}

// unknownField explains a property that its object does not have.
func (l *linter) unknownField(x ast.Expr, name string) {
	operand, at := l.selected(x)
	path, ok := pathOf(operand)
	o := l.env.schema.byType["nextcall."+path]
	if !ok || o == nil {
		l.unknownPart(operand, at, name)
		return
	}
	if whole, to := l.unwritable(o, name, at); whole != "" {
		l.mute(span{at.start, to})
		l.unwrittenField(whole, span{at.start, to})
		return
	}
	if whole := path + "." + name; otherProperties[whole] != "" {
		l.fail(at, "there is no %s: did you mean %s?", whole, otherProperties[whole])
		return
	}
	if path == "attempts" && slices.Contains(outcomeNames(), name) {
		l.fail(at, "there is no attempts.%s: write count(%q, duration(\"720h\")), which counts those of 30 days", name, name)
		return
	}
	if near := o.suffixed(name); near != "" {
		l.fail(at, "there is no %s.%s: did you mean %s.%s?", path, name, path, near)
		return
	}
	names := slices.Clone(o.names)
	slices.Sort(names)
	full := path + "." + name
	if near := nearest.Name(name, names); near != "" {
		l.fail(at, "there is no %s: did you mean %s.%s?", full, path, near)
		return
	}
	if elsewhere := l.env.schema.named(name); len(elsewhere) > 0 {
		l.fail(at, "there is no %s: did you mean %s?", full, strings.Join(elsewhere, " or "))
		return
	}
	if len(names) == 0 {
		l.fail(at, "there is no %s: the campaign's record types have no fields", full)
		return
	}
	l.fail(at, "there is no %s: %s has %s", full, path, strings.Join(names, ", "))
}

// selected is what a selection, plain or optional, selects from, and where the
// selected name is.
func (l *linter) selected(x ast.Expr) (ast.Expr, span) {
	at := span{l.spans.place(x.ID()), l.spans.place(x.ID()) + 1}
	if i := l.spans.wordAt(at.start); i >= 0 && i+1 < len(l.spans.words) {
		at = l.spans.wordSpan(i + 1)
	}
	switch x.Kind() {
	case ast.SelectKind:
		operand := x.AsSelect().Operand()
		if x.AsSelect().IsTestOnly() { // the place is that of has
			if r := l.spans.of(operand); r.end < len(l.spans.text) {
				if i := l.spans.wordAt(r.end); i >= 0 && i+1 < len(l.spans.words) {
					at = l.spans.wordSpan(i + 1)
				}
			}
		}
		return operand, at
	case ast.CallKind:
		if args := x.AsCall().Args(); len(args) > 0 {
			return args[0], at
		}
	}
	return x, at
}

// unknownPart is a selection from something that is no object of the schema.
func (l *linter) unknownPart(operand ast.Expr, at span, name string) {
	if fn, _ := operation(operand); fn == "local" {
		parts := []string{"date", "day", "hour", "minute", "month", "weekday", "year"}
		hint := "it has " + strings.Join(parts, ", ")
		if near := nearest.Name(name, parts); near != "" {
			hint = "did you mean " + near + "?"
		}
		l.fail(at, "a local time has no part %s: %s", name, hint)
		return
	}
	l.fail(at, "%s has no part %s", l.spans.shown(operand), name)
}

// unwritable finds a field of an object whose name is no name in CEL, and which
// the text writes at a place all the same.
func (l *linter) unwritable(o *object, begin string, at span) (string, int) {
	for _, name := range o.names {
		if writable(name) || !strings.HasPrefix(name, begin) {
			continue
		}
		if end := at.start + len([]rune(name)); end <= len(l.spans.text) && string(l.spans.text[at.start:end]) == name {
			return name, end
		}
	}
	return "", 0
}

func (l *linter) unwrittenField(name string, at span) {
	if quotable(name) {
		l.fail(at, "the name of this field is written in backticks: `%s`", name)
		return
	}
	l.fail(at, "the field %q cannot be written in a condition: name it with letters, digits and _ only, such as %s", name, suggested(name))
}

// suggested is a name near to one that cannot be written.
func suggested(name string) string {
	fixed := strings.Map(func(r rune) rune {
		if nameStart(r) || isDigit(r) {
			return r
		}
		return '_'
	}, name)
	if !writable(fixed) {
		fixed = fmt.Sprintf("field_%s", fixed)
	}
	return fixed
}
