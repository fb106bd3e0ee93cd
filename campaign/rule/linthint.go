package rule

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/nearest"
)

// otherVariables are names that people know from elsewhere.
var otherVariables = map[string]string{
	"True": "true", "TRUE": "true", "yes": "true", "False": "false", "FALSE": "false", "no": "false",
	"NULL": "has(…) to ask for a value", "Null": "has(…) to ask for a value", "nil": "has(…) to ask for a value",
	"None": "has(…) to ask for a value", "undefined": "has(…) to ask for a value",
	"hour": "local(now).hour", "minute": "local(now).minute", "month": "local(now).month", "day": "local(now).day", "year": "local(now).year",
	"date": "local(now).date", "today": "local(now).date", "time": "time_between(\"08:00\", \"18:00\")", "tomorrow": `now + period("1 day")`,
	"fields": "record.fields or contact.fields", "math": "a ? b : c: there are no mathematical functions",
}

// otherProperties are properties that people look for under another name.
var otherProperties = map[string]string{
	"call.duration": "call.talk, call.ring or call.wrap", "call.length": "call.talk", "call.time": "call.dialed or call.ended", "call.status": "record.status or call.outcome",
	"call.result": "call.outcome", "call.disposition": "call.outcome", "campaign.name": "campaign.id", "agent.name": "agent.id",
	"record.calls": "attempts.total", "record.phone": "phone.number", "record.country": "phone.country", "record.number": "phone.number",
}

// otherOutcomes are words for outcomes that are spelled nothing like them.
var otherOutcomes = map[string]string{
	"machine": "voicemail", "answering machine": "voicemail", "answering_machine": "voicemail", "amd": "voicemail", "mailbox": "voicemail",
	"abandoned": "drop", "dropped": "drop", "connected": "answered", "success": "answered", "talked": "answered",
	"unanswered": "no_answer", "not_answered": "no_answer", "not answered": "no_answer", "wrong_number": "invalid_number", "wrong number": "invalid_number",
	"declined": "rejected", "error": "failed",
}

// meantValue is the one of some values that a person meant by a text: the
// nearest, one of the same words in another order, or one that means the same.
func meantValue(text string, values []string) string {
	if near := nearest.Name(text, values); near != "" {
		return near
	}
	words := strings.Split(strings.ToLower(text), "_")
	slices.Sort(words)
	for _, v := range values {
		other := strings.Split(v, "_")
		slices.Sort(other)
		if slices.Equal(words, other) {
			return v
		}
	}
	if v := otherOutcomes[strings.ToLower(text)]; slices.Contains(values, v) {
		return v
	}
	return ""
}

// ownWords are what people call the field that a condition is about.
var ownWords = []string{"value", "this", "self", "it", "field", "x"}

// ownField is the field that a condition is about, if a word means it.
func (l *linter) ownField(name string) (string, bool) {
	about := l.condition.Kind == campaign.ValidWhen || l.condition.Kind == campaign.Required
	return "record.fields." + l.condition.Field, about && l.condition.Field != "" && slices.Contains(ownWords, name)
}

// anIndex explains x["name"] for an object, which is written x.name.
func (l *linter) anIndex(at span, operands []ast.Expr, types []string) {
	text := l.spans.shown(operands[0])
	if name, ok := constText(operands[1]); ok && strings.HasPrefix(types[0], "nextcall.") {
		l.fail(at, "%s is an object: write %s", text, asWritten(text+"."+name))
		return
	}
	l.fail(at, "%s is %s and cannot be indexed with %s", text, worded(types[0]), worded(types[1]))
}

var (
	clockText = regexp.MustCompile(`^([0-9]{1,2})(:[0-9]{2})?$`)
	dateText  = regexp.MustCompile(`^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$`)
)

// asTime is what is written for a text that is compared with a timestamp.
func (l *linter) asTime(this ast.Expr, text string) string {
	shown := l.spans.shown(this)
	switch {
	case text == "":
		return fmt.Sprintf("write has(%s) or !has(%s)", shown, shown)
	case clockText.MatchString(text):
		return `write time_between("08:00", "18:00") for the time of day now, or compare local(…).hour with a number`
	case dateText.MatchString(text):
		return fmt.Sprintf(`compare local(%s).date with the text, or write timestamp("2026-01-31T00:00:00Z") for an instant`, shown)
	}
	return `write timestamp("2026-01-31T00:00:00Z"), or compare local(…).date with a date as text`
}

// asNumber is what is written for a text that is compared with a number.
func asNumber(this ast.Expr, text string) string {
	name, _ := operation(this)
	if this.Kind() == ast.SelectKind {
		name = this.AsSelect().FieldName()
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return fmt.Sprintf("write %s, without quotes", text)
	}
	if strings.Contains(strings.ToLower(name), "week") {
		return "compare with a number: 1 is Monday, 7 is Sunday"
	}
	return "compare with a number"
}

// isComparison reports whether an expression compares two values.
func isComparison(x ast.Expr) bool {
	name, _ := operation(x)
	return slices.Contains(comparisons, name)
}

// unchained is a < b < c as a condition writes it.
func (l *linter) unchained(first ast.Expr, whole string) string {
	_, o := operation(first)
	return fmt.Sprintf("comparisons do not chain: write %s && %s", l.spans.shown(first), l.spans.shown(o[1])+whole)
}

// negated is a hint where a ! stands before what is compared.
func (l *linter) negated(x ast.Expr) (string, bool) {
	at := l.spans.of(x)
	i, _ := slices.BinarySearchFunc(l.spans.words, at.end, func(w lexeme, end int) int { return w.start - end })
	next := l.spans.word(i)
	if !slices.Contains([]string{"in", "==", "!=", "<", "<=", ">", ">="}, next) {
		return "", false
	}
	return fmt.Sprintf("! belongs to %s alone, which is no condition: write !(%s %s …)", l.spans.shown(x), l.spans.shown(x), next), true
}

// suffixed are the properties of an object that begin with a word, or end with
// it: sip_code for sip.
func (o *object) suffixed(word string) string {
	for _, name := range o.names {
		if o.fields[name] != nil && (strings.HasPrefix(name, word+"_") || strings.HasSuffix(name, "_"+word)) {
			return name
		}
	}
	return ""
}

// mixed refuses a list of constants of several types: what is looked for can be
// equal to those of one type only.
func (l *linter) mixed(x ast.Expr) {
	var first ast.Expr
	for _, e := range x.AsList().Elements() {
		switch {
		case e.Kind() != ast.LiteralKind:
		case first == nil:
			first = e
		case numberly(first) && numberly(e):
		case first.AsLiteral().Type() != e.AsLiteral().Type():
			l.fail(l.spans.of(e), "a list has elements of one type, and this is %s beside %s", worded(e.AsLiteral().Type().TypeName()), worded(first.AsLiteral().Type().TypeName()))
			return
		}
	}
}

func numberly(x ast.Expr) bool {
	switch x.AsLiteral().Type().TypeName() {
	case "int", "uint", "double":
		return true
	}
	return false
}

// localDate refuses a text that no local date ever is.
func (l *linter) localDate(x, constant ast.Expr) {
	if x.Kind() != ast.SelectKind || x.AsSelect().FieldName() != "date" {
		return
	}
	text, ok := constText(constant)
	if fn, _ := operation(x.AsSelect().Operand()); !ok || fn != "local" {
		return
	}
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		l.fail(l.spans.of(constant), `%q is no date: want year, month and day, such as "2026-03-02"`, text)
	}
}

// meantZone is the zone that somebody meant: a city without its continent, an
// offset that is written otherwise.
func meantZone(text string) string {
	bare := strings.TrimPrefix(strings.TrimPrefix(text, "UTC"), "GMT")
	if n, err := strconv.Atoi(bare); err == nil && n > -15 && n < 15 && bare != "" {
		return fmt.Sprintf("%+03d:00", n)
	}
	city := strings.ReplaceAll(strings.TrimSpace(text), " ", "_")
	if i := strings.LastIndexByte(city, '/'); i >= 0 {
		city = city[i+1:]
	}
	for _, area := range []string{"Europe", "America", "Asia", "Africa", "Australia", "Atlantic", "Pacific", "Indian"} {
		if name := area + "/" + city; city != "" && zone(name) {
			return name
		}
	}
	return ""
}

// example is how a function is used, "" if it is none of ours.
func exampleOf(name string) string {
	switch name {
	case "duration":
		return `duration("48h")`
	case "timestamp":
		return `timestamp("2026-01-31T08:00:00Z")`
	}
	for _, f := range Functions() {
		if strings.HasPrefix(f.Form, name+"(") {
			return f.Example
		}
	}
	return ""
}

// orElse explains what orValue does not take.
func (l *linter) orElse(at span, target ast.Expr, types []string) bool {
	of, optional := strings.CutPrefix(types[0], "optional_type(")
	switch {
	case target == nil || len(types) != 2:
		return false
	case optional:
		l.fail(at, "%s is %s, and what to take instead is %s: want %s", l.spans.shown(target), worded(types[0]), worded(types[1]), worded(strings.TrimSuffix(of, ")")))
		return true
	}
	path, ok := pathOf(target)
	parent, name, inner := cutLast(path)
	if !ok || !inner {
		return false
	}
	l.fail(at, "%s is no optional: write %s.?%s.orValue(…)", path, parent, name)
	return true
}

// sinceOf is what since is given, in an expression that its macro made.
func (l *linter) sinceOf(x ast.Expr) (ast.Expr, bool) {
	name, o := operation(x)
	if name != operators.Subtract || len(o) != 2 {
		return nil, false
	}
	call, ok := l.spans.info.GetMacroCall(x.ID())
	if !ok || call.Kind() != ast.CallKind || call.AsCall().FunctionName() != "since" {
		return nil, false
	}
	return o[1], true
}

// target is what a method is called of, nil if x is no method.
func target(x ast.Expr) ast.Expr {
	if x.Kind() != ast.CallKind || !x.AsCall().IsMemberFunction() {
		return nil
	}
	return x.AsCall().Target()
}

// loops are functions that go through a list, here or elsewhere.
var loops = []string{"any", "some", "every", "find", "exists", "all", "exists_one", "map", "filter", "includes"}

// unknownLoop says how a list is gone through, and nothing of the variables in
// a call that is none.
func (l *linter) unknownLoop(x ast.Expr) {
	name, _ := operation(x)
	if !slices.Contains(loops, name) {
		return
	}
	l.unknownFunction(x, name)
	l.mute(l.spans.of(x))
}

// suchAs is an example of a function's use, with the words before it.
func suchAs(name string) string {
	if text := exampleOf(name); text != "" {
		return ", such as " + text
	}
	return ""
}

// instead is what duration takes where a number has a unit of the calendar.
func instead(long string) string {
	of := unitNumber.FindStringSubmatch(strings.Trim(strings.TrimPrefix(long, "period"), "()\""))
	if strings.HasPrefix(long, "duration") || of == nil {
		return strings.TrimSuffix(strings.TrimPrefix(long, "duration("), ")")
	}
	hours := map[string]int{"day": 24, "week": 7 * 24}[strings.TrimSuffix(of[2], "s")]
	n, err := strconv.Atoi(of[1])
	if hours == 0 || err != nil || n > 10_000 {
		return fmt.Sprintf("no calendar: write %s, to be added to a timestamp", long)
	}
	return fmt.Sprintf("hours, \"%dh\", or, to be added to a timestamp, %s", n*hours, long)
}
