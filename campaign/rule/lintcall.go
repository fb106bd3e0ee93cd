package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/cel-go/common/ast"
)

// arguments explains a function that does not take what it is given.
func (l *linter) arguments(x ast.Expr, name string, types []string) {
	at := l.spans.functionName(x)
	forms := l.env.forms(name)
	if len(forms) == 0 {
		l.unknownFunction(x, name)
		return
	}
	if target := target(x); name == "contains" && target != nil && len(types) == 2 && strings.HasPrefix(types[0], "list(") {
		l.fail(at, "contains looks into a text, and %s is a list: write %s in %s", l.spans.shown(target), l.spans.shown(x.AsCall().Args()[0]), l.spans.shown(target))
		return
	}
	if name == "orValue" && l.orElse(at, target(x), types) {
		return
	}
	if target(x) == nil && len(types) == 1 && name == "size" {
		l.fail(at, "size counts the elements of a list or the characters of a text, and %s is %s", l.spans.shown(x.AsCall().Args()[0]), worded(types[0]))
		return
	}
	if t := target(x); t != nil && len(types) > 0 && types[0] == localType && strings.HasPrefix(name, "get") {
		l.fail(at, "%s is a local time: read a part of it, such as %s.hour", l.spans.shown(t), l.spans.shown(t))
		return
	}
	given := make([]string, 0, len(types))
	for _, t := range types {
		if t != contextType {
			given = append(given, bare(t))
		}
	}
	got := "nothing"
	if len(given) > 0 {
		got = strings.Join(given, ", ")
	}
	if x.AsCall().IsMemberFunction() && len(given) > 0 {
		got = given[0] + "." + name + "(" + strings.Join(given[1:], ", ") + ")"
	}
	l.fail(at, "%s does not take %s: want %s%s", name, got, strings.Join(forms, " or "), suchAs(name))
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
	name := l.spans.word(l.spans.wordAt(at.start))
	path, _ := pathOf(operand)
	parent, _, _ := cutLast(path)
	switch {
	case t == "timestamp":
		hint = fmt.Sprintf(": local(%s) has hour, minute, weekday, day, month, year and date", text)
	case t == "duration":
		hint = fmt.Sprintf(`: compare it with another, such as %s > duration("60s")`, text)
	case slices.Contains([]string{"length", "size", "len", "count"}, name):
		hint = fmt.Sprintf(": write size(%s)", text)
	case l.env.schema.byPath[parent+"."+name] != nil:
		hint = fmt.Sprintf(": did you mean %s.%s?", parent, name)
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
