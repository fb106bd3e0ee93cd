package rule

import (
	"maps"
	"slices"
	"strings"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"

	"github.com/nextcall/nextcall/campaign"
)

// known are facts that hold where a part of a condition matters: the path of a
// property that has a value, "≠0 x" for an x that is not zero, "size x" for a
// list whose size was asked.
type known map[string]bool

func (k known) with(more known) known {
	if len(more) == 0 {
		return k
	}
	all := maps.Clone(k)
	if all == nil {
		all = known{}
	}
	maps.Copy(all, more)
	return all
}

func both(a, b known) known {
	all := known{}
	for fact := range a {
		if b[fact] {
			all[fact] = true
		}
	}
	return all
}

// A flow walks a condition and finds what may fail. In CEL, false && x and
// x && false are false even if x fails, and so with || and true: what guards a
// part may stand on either side of it.
type flow struct {
	l     *linter
	said  map[string]bool
	quiet bool // only find out
	found bool
}

// mayFail warns of everything that can fail.
func (l *linter) mayFail(root ast.Expr) {
	f := &flow{l: l}
	f.walk(root, nil)
}

// fallible reports whether a part can fail on its own.
func (l *linter) fallible(x ast.Expr) bool {
	f := &flow{l: l, quiet: true}
	f.walk(x, nil)
	return f.found
}

// warn says once what can be said of each key; "" stands for the text of x.
func (f *flow) warn(key string, x ast.Expr, format string, args ...any) {
	f.found = true
	if f.quiet {
		return
	}
	if key == "" {
		key = f.l.spans.written(x)
	}
	if f.said == nil {
		f.said = map[string]bool{}
	}
	if !f.said[key] {
		f.said[key] = true
		f.l.warn(f.l.spans.of(x), format, args...)
	}
}

func (f *flow) walk(x ast.Expr, k known) {
	switch x.Kind() {
	case ast.IdentKind, ast.SelectKind:
		if x.Kind() == ast.SelectKind && x.AsSelect().IsTestOnly() {
			if _, ok := pathOf(x); !ok {
				f.walk(x.AsSelect().Operand(), k)
			}
			return
		}
		if path, ok := pathOf(x); ok {
			f.read(x, path, k)
			return
		}
	case ast.CallKind:
		if f.logic(x, k) {
			return
		}
		f.call(x, k)
	}
	for _, part := range partsOf(x) {
		f.walk(part, k)
	}
}

// logic walks an operator that decides whether its operands matter.
func (f *flow) logic(x ast.Expr, k known) bool {
	name, o := operation(x)
	switch name {
	case operators.LogicalAnd:
		f.walk(o[0], k.with(f.unlessFalse(o[1])))
		f.walk(o[1], k.with(f.unlessFalse(o[0])))
	case operators.LogicalOr:
		f.walk(o[0], k.with(f.unlessTrue(o[1])))
		f.walk(o[1], k.with(f.unlessTrue(o[0])))
	case operators.Conditional:
		f.walk(o[0], k)
		f.walk(o[1], k.with(f.unlessFalse(o[0])))
		f.walk(o[2], k.with(f.unlessTrue(o[0])))
	case operators.OptSelect:
		if _, ok := pathOf(x); ok {
			return true
		}
		return false
	default:
		return false
	}
	return true
}

// unlessFalse are the facts that hold if x is not false: it is true, or fails.
func (f *flow) unlessFalse(x ast.Expr) known {
	if x.Kind() == ast.SelectKind && x.AsSelect().IsTestOnly() {
		if path, ok := pathOf(x); ok {
			return known{path: true}
		}
	}
	name, o := operation(x)
	switch name {
	case operators.LogicalAnd:
		return f.unlessFalse(o[0]).with(f.unlessFalse(o[1]))
	case operators.LogicalOr:
		return both(f.unlessFalse(o[0]), f.unlessFalse(o[1]))
	case operators.LogicalNot:
		return f.unlessTrue(o[0])
	case operators.Conditional:
		return both(f.unlessFalse(o[0]).with(f.unlessFalse(o[1])), f.unlessTrue(o[0]).with(f.unlessFalse(o[2])))
	case "hasValue":
		if path, ok := pathOf(o[0]); ok {
			return known{path: true}
		}
	case operators.NotEquals, operators.Greater, operators.Less, operators.GreaterEquals, operators.LessEquals:
		return f.compared(name, o)
	case operators.Equals:
		return f.sized(o)
	}
	return nil
}

// unlessTrue are the facts that hold if x is not true: it is false, or fails.
func (f *flow) unlessTrue(x ast.Expr) known {
	name, o := operation(x)
	switch name {
	case operators.LogicalAnd:
		return both(f.unlessTrue(o[0]), f.unlessTrue(o[1]))
	case operators.LogicalOr:
		return f.unlessTrue(o[0]).with(f.unlessTrue(o[1]))
	case operators.LogicalNot:
		return f.unlessFalse(o[0])
	case operators.Conditional:
		return both(f.unlessFalse(o[0]).with(f.unlessTrue(o[1])), f.unlessTrue(o[0]).with(f.unlessTrue(o[2])))
	case operators.Equals:
		return f.compared(operators.NotEquals, o)
	}
	return f.sized(o)
}

// compared are the facts of a comparison with a constant: x != 0, x > 0.
func (f *flow) compared(name string, o []ast.Expr) known {
	facts := f.sized(o)
	if len(o) != 2 {
		return facts
	}
	n, ok := constInt(o[1])
	if !ok {
		return facts
	}
	switch {
	case name == operators.NotEquals && n == 0, name == operators.Greater && n >= 0, name == operators.GreaterEquals && n > 0,
		name == operators.Less && n <= 0, name == operators.LessEquals && n < 0:
		return facts.with(known{"≠0 " + f.l.spans.written(o[0]): true})
	}
	return facts
}

// sized is the fact that somebody asked for the size of a list or a text.
func (f *flow) sized(o []ast.Expr) known {
	facts := known(nil)
	for _, x := range o {
		if name, args := operation(x); name == "size" && len(args) == 1 {
			facts = facts.with(known{"size " + f.l.spans.written(args[0]): true})
		}
	}
	return facts
}

// read is a property that must have a value.
func (f *flow) read(x ast.Expr, path string, k known) {
	p := f.l.env.schema.byPath[path]
	if p == nil || k[path] || f.l.present(p) {
		return
	}
	parent, name, inner := cutLast(path)
	if strings.Contains(path, ".fields.") {
		path = asWritten(path)
		parent, name, _ = strings.Cut(path, ".fields.")
		parent += ".fields"
	}
	instead := ""
	if zero, ok := zeroTexts[p.kind]; ok && inner {
		instead = ", or write " + parent + ".?" + name + ".orValue(" + zero + ")"
	}
	guard := "has(" + path + ") && …"
	switch {
	case path == "campaign.started":
		f.warn(path, x, "campaign.started has no value, and the condition fails: the campaign has no start date")
		return
	case !inner: // tz
		f.warn(path, x, "%s may be absent, and then the condition fails: give the campaign a default callee zone", path)
		return
	case strings.HasPrefix(path, "call.") && f.l.condition.Kind == campaign.NextAt && !p.optional:
		f.warn(path, x, "%s is absent when a person sets the status without a call, and then the condition fails: write has(%s) ? … : …", path, path)
		return
	case f.l.condition.Kind == campaign.NextAt || f.l.condition.Kind == campaign.Rank:
		guard = "has(" + path + ") ? … : …"
	}
	why := "may be absent"
	if p.doc != "" && strings.Contains(p.doc, "absent") {
		why = "is " + p.doc
	} else if strings.Contains(path, ".fields.") {
		why = "is absent on a record without it"
		if strings.HasPrefix(path, "contact.") {
			why = "is absent on a contact without it"
		}
	}
	f.warn(path, x, "%s %s, and then the condition fails: write %s%s", path, why, guard, instead)
}

var zeroTexts = map[kind]string{kindString: `""`, kindInt: "0", kindDouble: "0.0", kindBool: "false", kindStrings: "[]"}

// present reports whether a property has a value wherever the condition is
// asked, or so nearly always that a warning would be noise.
func (l *linter) present(p *property) bool {
	kind := l.condition.Kind
	if strings.HasPrefix(p.path, "call.") && kind == campaign.NextAt {
		return false
	}
	if !p.optional {
		return true
	}
	switch p.path {
	case "record.created", "record.updated":
		return true
	case "tz":
		return l.env.schema.cfg.CalleeZone != ""
	case "campaign.started":
		return l.env.schema.cfg.Start != ""
	case "call.dialed", "call.ended":
		return kind == campaign.AutoSet
	case "phone.number", "phone.index", "phone.attempts", "phone.valid":
		return kind == campaign.AutoSet || kind == campaign.DialWhen
	}
	return kind == campaign.ValidWhen && p.path == "record.fields."+l.condition.Field
}

// call finds functions and operators that fail for some values.
func (f *flow) call(x ast.Expr, k known) {
	name, o := operation(x)
	text := func(i int) string { return f.l.spans.shown(o[i]) }
	fact := func(of string, i int) bool { return k[of+" "+f.l.spans.written(o[i])] }
	switch name {
	case operators.Divide, operators.Modulo:
		if _, constant := constInt(o[1]); !constant && f.l.kindOf(o[1]) != types.DoubleKind && !fact("≠0", 1) {
			f.warn("", x, "this fails when %s is 0: write %s != 0 && …", text(1), text(1))
		}
	case operators.Index:
		if !fact("size", 0) {
			f.warn("", x, "this fails when %s has no %s: ask its size first, or write %s[?%s].orValue(…)", text(0), text(1), text(0), text(1))
		}
	case "substring", "charAt":
		if !fact("size", 0) {
			f.warn("", x, "this fails when %s is shorter: ask size(%s) first", text(0), text(0))
		}
	case "int", "uint", "double", "timestamp", "duration", "bool":
		if len(o) == 1 && f.l.kindOf(o[0]) == types.StringKind {
			if _, constant := constText(o[0]); !constant {
				f.warn("", x, "this fails when %s is no %s", text(0), name)
			}
		}
	case "value":
		if path, ok := pathOf(o[0]); !ok || !k[path] {
			f.warn("", x, "this fails when there is no value: write %s.orValue(…)", text(0))
		}
	case "period":
		if _, constant := constText(o[len(o)-1]); !constant {
			f.warn("", x, "this fails when %s is no period", text(len(o)-1))
		}
	case "time_between":
		if !slices.ContainsFunc(o[1:], func(a ast.Expr) bool { _, constant := constText(a); return !constant }) {
			return
		}
		f.warn("", x, "this fails when what it is given is no time of day")
	case "bucket":
		if _, constant := constInt(o[1]); !constant {
			f.warn("", x, "this fails when %s is 0 or less", text(1))
		}
	}
}
