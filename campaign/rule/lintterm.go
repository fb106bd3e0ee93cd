package rule

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/nextcall/nextcall/campaign"
)

// A term is something with one value in a decision: a property, or any other
// expression, by its text.
type term struct {
	key      string
	text     string
	fallible bool
	has      string // the key of the term that says whether there is a value; "" if there is none
	kind     types.Kind
	lo, hi   int64    // of numbers: the least and the greatest value
	values   []string // of texts: the only values; nil: any
	enum     []string // values, but for what this decision or term has more or less: their order counts bits
	why      string   // why values are missing
	grows    bool     // with every call, or with time: a bound on it ends
}

// bound is what must be so of a term. Numbers of all types are mapped to int64 in
// their order, so that every range has ends that belong to it.
type bound struct {
	term   *term
	lo, hi int64    // of numbers and truth values, which are 0 and 1
	in     []string // of texts: one of them; nil: any but out
	out    []string
	set    uint64 // of texts with few values, instead of in and out: a bit for each that it may be
}

// few reports whether a text has so few values that a set has a bit for each. Of
// one that has more, such as the status in a campaign with a hundred, any other
// value is taken to be possible: less is told then, and nothing wrong.
func (t *term) few() bool { return t.values != nil && len(t.enum) < 64 }

// bit is that of one of the term's own values.
func (t *term) bit(v string) uint64 {
	if i := slices.Index(t.enum, v); i >= 0 {
		return 1 << i
	}
	return 1 << 63 // the one that a term has more
}

// setOf are the term's own values for which want is true.
func (t *term) setOf(want func(string) bool) (set uint64) {
	for _, v := range t.values {
		if want(v) {
			set |= t.bit(v)
		}
	}
	return set
}

// meet is what must be so for both; false if nothing can be.
func (a bound) meet(b bound) (bound, bool) {
	m := bound{term: a.term, lo: max(a.lo, b.lo), hi: min(a.hi, b.hi)}
	if a.term.kind != types.StringKind {
		return m, m.lo <= m.hi
	}
	if a.term.few() {
		m.set = a.set & b.set
		return m, m.set != 0
	}
	m.out = append(slices.Clip(a.out), b.out...)
	switch {
	case a.in == nil && b.in == nil:
		return m, true
	case a.in == nil:
		m.in = slices.Clone(b.in)
	default:
		m.in = slices.Clone(a.in)
		if b.in != nil {
			m.in = slices.DeleteFunc(m.in, func(v string) bool { return !slices.Contains(b.in, v) })
		}
	}
	m.in = slices.DeleteFunc(m.in, func(v string) bool { return slices.Contains(m.out, v) })
	m.out = nil
	return m, len(m.in) > 0
}

// within reports whether what is asked for lies within another bound.
func (a *bound) within(b *bound) bool {
	if a.term.kind != types.StringKind {
		return a.lo >= b.lo && a.hi <= b.hi
	}
	if a.term.few() {
		return a.set&^b.set == 0
	}
	if a.in == nil {
		return b.in == nil && containsAll(a.out, b.out)
	}
	return (b.in == nil || containsAll(b.in, a.in)) && !containsAny(b.out, a.in)
}

// excludes reports whether both bounds leave nothing.
func (a *bound) excludes(b *bound) bool {
	switch {
	case a.term.kind != types.StringKind:
		return a.lo > b.hi || b.lo > a.hi
	case a.term.few():
		return a.set&b.set == 0
	case a.in != nil && b.in != nil:
		return !containsAny(a.in, b.in)
	case a.in != nil:
		return containsAll(b.out, a.in)
	case b.in != nil:
		return containsAll(a.out, b.in)
	}
	return false
}

func containsAll(list, values []string) bool {
	return !slices.ContainsFunc(values, func(v string) bool { return !slices.Contains(list, v) })
}

func containsAny(list, values []string) bool {
	return slices.ContainsFunc(values, func(v string) bool { return slices.Contains(list, v) })
}

// example is a value within the bound, in words.
func (b bound) example() string {
	switch b.term.kind {
	case types.StringKind:
		switch {
		case b.set != 0:
			i := slices.IndexFunc(b.term.values, func(v string) bool { return b.term.bit(v)&b.set != 0 })
			return fmt.Sprintf("%s is %q", b.term.text, b.term.values[i])
		case len(b.in) > 0:
			return fmt.Sprintf("%s is %q", b.term.text, b.in[0])
		}
		return ""
	case types.BoolKind:
		if b.term.text == "" {
			return ""
		}
		if b.lo == 1 {
			return b.term.text
		}
		return "not " + b.term.text
	}
	v := b.lo
	if v == b.term.lo || v == math.MinInt64 {
		v = b.hi
	}
	if v == math.MaxInt64 {
		return ""
	}
	if b.term.kind == types.DoubleKind { // a round one, if there is
		if round := ordered(math.Ceil(unordered(v))); round <= b.hi {
			v = round
		}
	}
	return fmt.Sprintf("%s is %s", b.term.text, number(b.term.kind, v))
}

// domain are the values that a term can have, in words.
func (t *term) domain() string {
	switch {
	case t.kind == types.StringKind && t.values != nil:
		return "one of " + listed(t.values)
	case t.kind == types.StringKind || t.kind == types.BoolKind:
		return ""
	case t.lo > math.MinInt64 && t.hi < math.MaxInt64:
		return fmt.Sprintf("from %s to %s", number(t.kind, t.lo), number(t.kind, t.hi))
	case t.lo > math.MinInt64:
		return fmt.Sprintf("at least %s", number(t.kind, t.lo))
	}
	return ""
}

func number(k types.Kind, v int64) string {
	switch k {
	case types.DoubleKind:
		return strconv.FormatFloat(unordered(v), 'g', -1, 64)
	case types.DurationKind:
		return time.Duration(v).String()
	case types.TimestampKind:
		return time.Unix(0, v).UTC().Format(time.RFC3339)
	}
	return strconv.FormatInt(v, 10)
}

// ordered maps a number to an integer so that order is kept; for a double the
// next integer is the next double.
func ordered(f float64) int64 {
	bits := int64(math.Float64bits(f + 0)) // -0 becomes 0
	if bits < 0 {
		return math.MinInt64 - bits
	}
	return bits
}

func unordered(n int64) float64 {
	if n < 0 {
		n = math.MinInt64 - n
	}
	return math.Float64frombits(uint64(n))
}

// reckoner finds out when a condition holds.
type reckoner struct {
	l     *linter
	terms map[string]*term
	known map[reckoning]reckoned
	// loose keeps what cannot be, where a term that may fail is asked: not false
	// for any value is not the same as true.
	loose bool
}

// term is what an expression is reckoned as; nil if its values are of no type
// that is understood.
func (r *reckoner) term(x ast.Expr) *term {
	text := r.l.spans.written(x)
	kind := r.l.kindOf(x)
	p := r.l.propertyOf(x)
	if text == "" || kind == types.DoubleKind && p == nil {
		return nil // a computed double may be no number, which no range contains
	}
	switch kind {
	case types.StringKind, types.BoolKind, types.IntKind, types.DoubleKind, types.DurationKind, types.TimestampKind:
	default:
		return nil
	}
	if t := r.terms[text]; t != nil {
		return t
	}
	t := &term{key: text, text: text, kind: kind, lo: math.MinInt64, hi: math.MaxInt64, fallible: r.l.fallible(x)}
	if kind == types.DoubleKind {
		t.lo, t.hi = ordered(math.Inf(-1)), ordered(math.Inf(1))
	}
	if p != nil && t.fallible {
		t.has = "has(" + p.path + ")"
	}
	if kind == types.BoolKind {
		t.lo, t.hi = 0, 1
	}
	if p != nil && p.enum != nil {
		t.values, t.enum = p.enum, p.enum
		if p.path == "call.outcome" && r.l.condition.Kind == campaign.AutoSet {
			t.values = slices.DeleteFunc(slices.Clone(p.enum), func(v string) bool { return v == campaign.Answered.String() })
			t.why = "what an agent answered, the agent decides; auto-set conditions are asked about other calls only"
		}
		if name, o := operation(x); name == "orValue" {
			instead, ok := constText(o[1])
			t.values = append(slices.Clone(t.values), instead)
			if !ok {
				t.values = nil
			}
		}
	} else if lo, hi, ok := rangeOf(x, p); ok {
		t.lo, t.hi = lo, hi
	}
	t.grows = grows(x, p)
	r.terms[text] = t
	return t
}

// grows reports whether a number grows while a record is called again and again.
func grows(x ast.Expr, p *property) bool {
	if p != nil {
		o, name, _ := cutLast(p.path)
		return p.path == "now" || p.path == "record.attempts" || p.path == "phone.attempts" || o == "attempts" && p.kind == kindInt && name != "today"
	}
	name, o := operation(x)
	switch name {
	case operators.Subtract: // since(record.created)
		since, _ := pathOf(o[1])
		from, _ := pathOf(o[0])
		return from == "now" && (since == "record.created" || since == "attempts.first" || since == "campaign.started")
	}
	return name == "count"
}

// rangeOf are the least and the greatest value of what is counted.
func rangeOf(x ast.Expr, p *property) (lo, hi int64, ok bool) {
	if p != nil && (p.kind == kindInt || p.kind == kindDuration) && constZero(x) {
		if o, _, _ := cutLast(p.path); o == "attempts" || o == "phone" || o == "call" && p.kind == kindDuration || p.path == "record.attempts" {
			if p.path == "phone.index" {
				return 1, math.MaxInt64, true
			}
			return 0, math.MaxInt64, true
		}
		return 0, 0, false
	}
	if x.Kind() == ast.SelectKind {
		if fn, _ := operation(x.AsSelect().Operand()); fn == "local" {
			span, ok := localRanges[x.AsSelect().FieldName()]
			return span[0], span[1], ok
		}
	}
	name, o := operation(x)
	if name == "bucket" {
		n, ok := constInt(o[1])
		return 0, n - 1, ok
	}
	span, ok := functionRanges[name]
	return span[0], span[1], ok
}

// constZero reports whether an optional's default is in the range as well.
func constZero(x ast.Expr) bool {
	if name, o := operation(x); name == "orValue" {
		n, ok := constInt(o[1])
		return ok && n >= 1
	}
	return true
}

var localRanges = map[string][2]int64{"hour": {0, 23}, "minute": {0, 59}, "weekday": {1, 7}, "day": {1, 31}, "month": {1, 12}}

// functionRanges are the results of functions; those that CEL has for times
// count months and days from 0.
var functionRanges = map[string][2]int64{
	"weekday": {1, 7}, "count": {0, math.MaxInt64}, "streak": {0, math.MaxInt64}, "size": {0, math.MaxInt64},
	"getMonth": {0, 11}, "getDayOfMonth": {0, 30}, "getDate": {1, 31}, "getDayOfWeek": {0, 6}, "getDayOfYear": {0, 365},
}

// around are the greatest value of a kind up to a constant and the least from
// it on, as integers of the kind's order: the same where the constant is such a
// value. Constants at the ends of the range are left to themselves.
func around(k types.Kind, v ref.Val) (floor, ceil int64, ok bool) {
	n := int64(0)
	switch v := v.(type) {
	case types.Int:
		n, ok = int64(v), k == types.IntKind
		if k == types.DoubleKind && n >= -1<<53 && n <= 1<<53 {
			n, ok = ordered(float64(n)), true
		}
	case types.Double:
		f := float64(v)
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return 0, 0, false
		}
		if k == types.IntKind && math.Abs(f) < 1<<62 {
			return int64(math.Floor(f)), int64(math.Ceil(f)), true
		}
		n, ok = ordered(f), k == types.DoubleKind
	case types.Duration:
		n, ok = int64(v.Duration), k == types.DurationKind
	case types.Timestamp:
		n, ok = v.Time.UnixNano(), k == types.TimestampKind && v.Time.Year() > 1700 && v.Time.Year() < 2250
	}
	return n, n, ok && n > math.MinInt64 && n < math.MaxInt64
}
