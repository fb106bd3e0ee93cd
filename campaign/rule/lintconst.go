package rule

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// constants finds what the text alone shows to be wrong: values that a property
// never has, properties that the condition may not read, arguments that no
// evaluation can use. It does not need to know types, so that these mistakes are
// reported together with those of types.
func (l *linter) constants(root ast.Expr) {
	ast.PreOrderVisit(root, ast.NewExprVisitor(func(x ast.Expr) {
		switch x.Kind() {
		case ast.IdentKind, ast.SelectKind:
			l.readable(x)
		case ast.ListKind:
			l.mixed(x)
		case ast.ComprehensionKind:
			c := x.AsComprehension()
			l.shadow(x, c.IterVar())
			l.shadow(x, c.IterVar2())
		case ast.CallKind:
			name, operands := operation(x)
			if name == operators.OptSelect {
				l.readable(x)
			}
			if l.env.contextual[name] {
				if len(operands) == 0 || operands[0].Kind() != ast.IdentKind || operands[0].AsIdent() != contextName {
					if t := target(x); t != nil && name == "count" {
						l.fail(l.spans.functionName(x), "count counts calls: for the elements of a list write size(%s)", l.spans.shown(t))
						return
					}
					l.fail(l.spans.functionName(x), "%s is called so: %s%s", name, strings.Join(l.env.forms(name), " or "), suchAs(name))
					return
				}
				operands = operands[1:]
			}
			l.enums(name, operands)
			l.argument(name, operands)
		}
	}))
}

func contextualNames() map[string]bool {
	names := map[string]bool{}
	for _, f := range contextuals() {
		names[f.name] = true
	}
	return names
}

// readable refuses a property that this kind of condition may not read, and one
// that has two types.
func (l *linter) readable(x ast.Expr) {
	path, ok := pathOf(x)
	if !ok {
		return
	}
	if why := l.env.schema.clashes[path]; why != "" {
		l.fail(l.spans.of(x), "%s cannot be read: %s", path, why)
		return
	}
	p := l.env.schema.byPath[path]
	if p == nil || p.only == nil || p.only(l.condition.Kind) {
		return
	}
	var in []string
	for k, text := range kindTexts {
		if p.only(campaign.Kind(k)) {
			in = append(in, text)
		}
	}
	l.fail(l.spans.of(x), "%s cannot be read in %s: it is known only in %s", path, kindTexts[l.condition.Kind], joinAnd(in))
}

var kindTexts = [...]string{
	campaign.AutoSet: "an auto-set condition", campaign.DialWhen: "the dial condition", campaign.Required: "a field's required_when",
	campaign.ValidWhen: "a field's valid_when", campaign.Rank: "the rank", campaign.NextAt: "a status's next_at",
	campaign.Where: "a record filter",
}

func joinAnd(list []string) string {
	text := ""
	for i, s := range list {
		switch {
		case i == 0:
		case i == len(list)-1:
			text += " and "
		default:
			text += ", "
		}
		text += s
	}
	return text
}

// shadow refuses a variable of a list's own that hides one of ours: readers,
// and the rest of the linter, would take it for that.
func (l *linter) shadow(x ast.Expr, name string) {
	if l.env.schema.byPath[name] != nil || l.env.schema.byType["nextcall."+name] != nil {
		l.fail(l.spans.of(x), "this calls an item of the list %s, which hides the %s that conditions read: choose another name", name, name)
	}
}

// enums checks constants that a property, or an outcome, is compared with.
func (l *linter) enums(name string, operands []ast.Expr) {
	switch name {
	case operators.Equals, operators.NotEquals:
		l.enum(operands[0], operands[1])
		l.enum(operands[1], operands[0])
		l.localDate(operands[0], operands[1])
		l.localDate(operands[1], operands[0])
		for i, x := range operands {
			if x.Kind() == ast.LiteralKind && x.AsLiteral() == types.NullValue {
				other := l.spans.shown(operands[1-i])
				hint := fmt.Sprintf("write has(%s) or !has(%s)", other, other)
				if p := l.propertyOf(operands[1-i]); p != nil && !p.optional {
					hint = other + " always has a value"
					if p.kind == kindString {
						hint = fmt.Sprintf("write %s == \"\" or %s != \"\"", other, other)
					}
				}
				l.fail(l.spans.of(x), "there is no null: what is not set is absent, %s", hint)
			}
		}
	case operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		l.localDate(operands[0], operands[1])
		l.localDate(operands[1], operands[0])
	case operators.In:
		if operands[1].Kind() == ast.ListKind {
			for _, x := range operands[1].AsList().Elements() {
				l.enum(operands[0], x)
				l.localDate(operands[0], x)
			}
		}
	case "count", "streak":
		if len(operands) > 0 {
			l.oneOf("an outcome of a call", outcomeNames(), operands[0])
		}
	}
}

// enum checks a constant against the values that a property can have.
func (l *linter) enum(x, constant ast.Expr) {
	p := l.propertyOf(x)
	if p == nil || p.enum == nil {
		return
	}
	values := p.enum
	if name, operands := operation(x); name == "orValue" && len(operands) == 2 {
		if instead, ok := constText(operands[1]); ok {
			values = append(slices.Clone(values), instead)
		}
	}
	l.oneOf("a value of "+p.path, values, constant)
}

func (l *linter) oneOf(what string, values []string, constant ast.Expr) {
	text, ok := constText(constant)
	if !ok || slices.Contains(values, text) {
		return
	}
	at := l.spans.of(constant)
	if near := meantValue(text, values); near != "" {
		l.fail(at, "%q is not %s: did you mean %q?", text, what, near)
		return
	}
	if listed(values) == "" {
		l.fail(at, "%q is not %s: there is none but \"\"", text, what)
		return
	}
	l.fail(at, "%q is not %s: want one of %s", text, what, listed(values))
}

// conversions make a value of a text, and fail where the text is none.
var conversions = map[string]struct {
	to   ref.Type
	want string
}{
	"timestamp": {types.TimestampType, `an instant such as "2026-01-31T08:00:00Z" or "2026-01-31T08:00:00+01:00"`},
	"duration":  {types.DurationType, `a duration such as "90s", "10m" or "48h" (it has no days: write "48h" or period("2 days"))`},
	"int":       {types.IntType, "a whole number"},
	"uint":      {types.UintType, "a whole number that is not negative"},
	"double":    {types.DoubleType, "a number such as 1.5"},
	"bool":      {types.BoolType, `"true" or "false"`},
}

var zoneGetters = []string{"getFullYear", "getMonth", "getDayOfYear", "getDayOfMonth", "getDate", "getDayOfWeek", "getHours", "getMinutes", "getSeconds", "getMilliseconds"}

// argument checks what a function is given in the text itself.
func (l *linter) argument(name string, operands []ast.Expr) {
	if to, ok := conversions[name]; ok && len(operands) == 1 {
		if text, ok := constText(operands[0]); ok && types.IsError(types.String(text).ConvertToType(to.to)) {
			want := to.want
			if long := longTime(text); name == "duration" && long != "" {
				want = instead(long)
			} else if _, err := strconv.Atoi(text); name == "duration" && err == nil {
				want = fmt.Sprintf("a unit behind the number, \"%ss\", \"%sm\" or \"%sh\"", text, text, text)
			}
			l.fail(l.spans.of(operands[0]), "%q is no %s: want %s", text, name, want)
		}
		return
	}
	switch {
	case name == "matches" && len(operands) == 2:
		l.expression(operands[1])
	case name == "format" && len(operands) == 2:
		l.format(operands[0])
	case name == "time_between" && len(operands) == 2:
		for _, x := range operands {
			if text, ok := constText(x); ok {
				if _, ok := clock(text); !ok {
					if _, ok := clock("0" + text); ok {
						l.fail(l.spans.of(x), `%q is no time of day: write %q`, text, "0"+text)
						continue
					}
					l.fail(l.spans.of(x), `%q is no time of day: want "00:00" to "24:00", such as "08:30"`, text)
				}
			}
		}
	case name == "period" && len(operands) == 1:
		if text, ok := constText(operands[0]); ok {
			if _, err := blacklist.ParseExpiry(text); err != nil {
				why := err.Error()
				var parse *blacklist.ParseError
				if errors.As(err, &parse) {
					why = parse.Msg
				}
				l.fail(l.spans.of(operands[0]), "%q is no period (%s): want a number and a unit, hours, days, weeks, months or years, such as \"2 weeks\" or \"6 months\"", text, why)
			}
		}
	case name == "bucket" && len(operands) == 2:
		if n, ok := constInt(operands[1]); ok && n <= 0 {
			l.fail(l.spans.of(operands[1]), "there is no bucket of %d: want 1 or more", n)
		}
	case (name == operators.Divide || name == operators.Modulo) && len(operands) == 2:
		if n, ok := constInt(operands[1]); ok && n == 0 {
			l.fail(l.spans.of(operands[1]), "a division by 0 always fails")
		}
	case slices.Contains(zoneGetters, name) && len(operands) == 2:
		if text, ok := constText(operands[1]); ok && !zone(text) {
			if near := meantZone(text); near != "" {
				l.fail(l.spans.of(operands[1]), "there is no zone %q: did you mean %q?", text, near)
				return
			}
			l.fail(l.spans.of(operands[1]), `there is no zone %q: want one such as "Europe/Warsaw" or "+02:00"`, text)
		}
	}
}

func constInt(x ast.Expr) (int64, bool) {
	if x.Kind() != ast.LiteralKind {
		return 0, false
	}
	n, ok := x.AsLiteral().(types.Int)
	return int64(n), ok
}

func zone(text string) bool {
	if len(text) > 2 && text[len(text)-3] == ':' {
		_, err := time.Parse("-07:00", map[bool]string{true: "+", false: ""}[text[0] != '+' && text[0] != '-']+text)
		return err == nil
	}
	_, err := time.LoadLocation(text)
	return err == nil && text != "" && text != "Local"
}

// expression checks a regular expression: it is a constant, so that it is
// compiled once and its cost is known.
func (l *linter) expression(x ast.Expr) {
	text, ok := constText(x)
	if !ok {
		l.fail(l.spans.of(x), "a regular expression must be a constant text, so that its cost is known before it runs")
		return
	}
	if steps := patternSize(text); steps > maxPattern {
		l.fail(l.spans.of(x), "the regular expression is too large: written out it has about %d parts, want at most %d", steps, maxPattern)
		return
	}
	if _, err := regexp.Compile(text); err != nil {
		l.fail(l.spans.of(x), "the regular expression cannot be read: %s", patternError(err))
	}
}

var precision = regexp.MustCompile(`%\.([0-9]+)`)

// format checks the text that values are put into.
func (l *linter) format(x ast.Expr) {
	text, ok := constText(x)
	if !ok {
		l.fail(l.spans.of(x), "a format must be a constant text, so that its cost is known before it runs")
		return
	}
	for _, digits := range precision.FindAllStringSubmatch(text, -1) {
		if len(digits[1]) > 2 {
			l.fail(l.spans.of(x), "%s asks for too many digits: want at most 99", digits[0])
		}
	}
}
