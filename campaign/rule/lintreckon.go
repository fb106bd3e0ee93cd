package rule

import (
	"math"
	"slices"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/nextcall/nextcall/campaign"
)

// ways are those in which x is true, or false; the second result is whether they
// are exact: else x is so in fewer cases.
func (r *reckoner) ways(x ast.Expr, want bool) (ways, bool) {
	key := reckoning(x.ID()) << 2
	if want {
		key |= 1
	}
	if r.loose {
		key |= 2
	}
	if known, ok := r.known[key]; ok {
		return known.ways, known.exact
	}
	all, exact := r.reckon(x, want)
	r.known[key] = reckoned{all, exact}
	return all, exact
}

// A reckoning is what was asked of a part, reckoned what came out.
type (
	reckoning int64 // the id, with want and loose in the lowest bits
	reckoned  struct {
		ways  ways
		exact bool
	}
)

func (r *reckoner) reckon(x ast.Expr, want bool) (ways, bool) {
	if b, ok := constBool(x); ok {
		if b == want {
			return surely(), true
		}
		return ways{}, true
	}
	name, o := operation(x)
	switch name {
	case operators.LogicalNot:
		return r.ways(o[0], !want)
	case operators.LogicalAnd, operators.LogicalOr:
		a, okA := r.ways(o[0], want)
		b, okB := r.ways(o[1], want)
		join := or
		if (name == operators.LogicalAnd) == want {
			join = r.and
		}
		all, ok := join(a, b)
		return all, ok && okA && okB
	case operators.Conditional:
		return r.either(o, want)
	case operators.In:
		if all, ok := r.among(o, want); ok {
			return all, true
		}
	case operators.Equals, operators.NotEquals, operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		if all, ok := r.comparison(name, o[0], o[1], want); ok {
			return all, true
		}
		if name == operators.NotEquals {
			return r.opaque(r.l.spans.written(o[0])+" == "+r.l.spans.written(o[1]), x, !want), true
		}
		if name == operators.Equals {
			return r.opaque(r.l.spans.written(o[0])+" == "+r.l.spans.written(o[1]), x, want), true
		}
	}
	return r.yes(x, want), true
}

// either are the ways of c ? a : b, which fails when c does.
func (r *reckoner) either(o []ast.Expr, want bool) (ways, bool) {
	if r.loose && r.l.fallible(o[0]) {
		return surely(), false
	}
	var all ways
	exact := true
	for i, when := range []bool{true, false} {
		c, okC := r.ways(o[0], when)
		v, okV := r.ways(o[i+1], want)
		w, okW := r.and(c, v)
		sum, ok := or(all, w)
		all, exact = sum, exact && okC && okV && okW && ok
	}
	return all, exact
}

// yes are the ways in which something that says yes or no says so.
func (r *reckoner) yes(x ast.Expr, want bool) ways {
	if p := r.l.propertyOf(x); p != nil && p.path == "call.abandoned" && x.Kind() == ast.SelectKind && !x.AsSelect().IsTestOnly() {
		return r.oneOf(r.outcome(p), []string{campaign.Drop.String()}, want)
	}
	if x.Kind() == ast.SelectKind && x.AsSelect().IsTestOnly() {
		if path, ok := pathOf(x); ok {
			if p := r.l.env.schema.byPath[path]; p != nil && r.l.present(p) && !p.optional {
				if want {
					return surely()
				}
				return ways{}
			}
			return r.opaque("has("+path+")", x, want)
		}
	}
	return r.opaque(r.l.spans.written(x), x, want)
}

// outcome is the term of call.outcome, for another property that says the same.
func (r *reckoner) outcome(abandoned *property) *term {
	p := r.l.env.schema.byPath["call.outcome"]
	if t := r.terms[p.path]; t != nil {
		return t
	}
	t := &term{key: p.path, text: p.path, kind: types.StringKind, lo: math.MinInt64, hi: math.MaxInt64, values: p.enum, enum: p.enum, fallible: !r.l.present(abandoned)}
	r.terms[p.path] = t
	return t
}

// opaque takes a part as a whole that is true or false, by its text.
func (r *reckoner) opaque(key string, x ast.Expr, want bool) ways {
	if key == "" {
		return surely()
	}
	t := r.terms[key]
	if t == nil {
		t = &term{key: key, kind: types.BoolKind, hi: 1, fallible: r.l.fallible(x)}
		if x.Kind() == ast.SelectKind {
			t.text = key
		}
		if p := r.l.propertyOf(x); p != nil && t.fallible {
			t.has = "has(" + p.path + ")"
		}
		r.terms[key] = t
	}
	at := int64(0)
	if want {
		at = 1
	}
	return ways{way{{term: t, lo: at, hi: at}}}
}

// among are the ways of x in [...].
func (r *reckoner) among(o []ast.Expr, want bool) (ways, bool) {
	if o[1].Kind() != ast.ListKind || len(o[1].AsList().OptionalIndices()) > 0 {
		return nil, false
	}
	t := r.term(o[0])
	if t == nil {
		return nil, false
	}
	elements := o[1].AsList().Elements()
	if t.kind == types.StringKind {
		var values []string
		for _, e := range elements {
			text, ok := constText(e)
			if !ok {
				return nil, false
			}
			values = append(values, text)
		}
		return r.oneOf(t, values, want), true
	}
	all := ways{}
	if !want {
		all = surely()
	}
	for _, e := range elements {
		one, ok := r.comparison(operators.Equals, o[0], e, want)
		if !ok {
			return nil, false
		}
		join := or
		if !want {
			join = r.and
		}
		if all, ok = join(all, one); !ok {
			return nil, false
		}
	}
	return all, true
}

// oneOf are the ways in which a text is one of some values, or none of them.
func (r *reckoner) oneOf(t *term, values []string, want bool) ways {
	b := bound{term: t, lo: math.MinInt64, hi: math.MaxInt64}
	switch {
	case t.few():
		b.set = t.setOf(func(v string) bool { return slices.Contains(values, v) == want })
		if b.set == 0 && !(r.loose && t.fallible) {
			return ways{}
		}
		if b.set == t.setOf(func(string) bool { return true }) && !t.fallible {
			return surely()
		}
	case want:
		if len(values) == 0 {
			return ways{}
		}
		b.in = values
	default:
		b.out = values
	}
	return ways{way{b}}
}

// flipped are the comparisons with their sides exchanged, opposite those that are
// true when they are false.
var (
	flipped = map[string]string{
		operators.Less: operators.Greater, operators.Greater: operators.Less, operators.LessEquals: operators.GreaterEquals,
		operators.GreaterEquals: operators.LessEquals, operators.Equals: operators.Equals, operators.NotEquals: operators.NotEquals,
	}
	opposite = map[string]string{
		operators.Less: operators.GreaterEquals, operators.GreaterEquals: operators.Less, operators.LessEquals: operators.Greater,
		operators.Greater: operators.LessEquals, operators.Equals: operators.NotEquals, operators.NotEquals: operators.Equals,
	}
)

// comparison are the ways of a comparison with a constant; false if it is none.
func (r *reckoner) comparison(name string, a, b ast.Expr, want bool) (ways, bool) {
	v := constant(b)
	if v == nil {
		if v = constant(a); v == nil {
			return nil, false
		}
		a, name = b, flipped[name]
	}
	if constant(a) != nil {
		return nil, false
	}
	t := r.term(a)
	if t == nil {
		return nil, false
	}
	if !want {
		name = opposite[name]
	}
	switch v := v.(type) {
	case types.String:
		if t.kind == types.StringKind && (name == operators.Equals || name == operators.NotEquals) {
			return r.oneOf(t, []string{string(v)}, name == operators.Equals), true
		}
		return nil, false
	case types.Bool:
		if t.kind == types.BoolKind && (name == operators.Equals || name == operators.NotEquals) {
			return r.ways(a, bool(v) == (name == operators.Equals))
		}
		return nil, false
	}
	floor, ceil, ok := around(t.kind, v)
	if !ok {
		return nil, false
	}
	exact := floor == ceil
	least, most := ceil, floor // of values that are >= v, and <= v
	over, under := floor+1, ceil-1
	if !exact {
		over, under = ceil, floor
	}
	switch name {
	case operators.Less:
		return r.between(t, math.MinInt64, under), true
	case operators.LessEquals:
		return r.between(t, math.MinInt64, most), true
	case operators.Greater:
		return r.between(t, over, math.MaxInt64), true
	case operators.GreaterEquals:
		return r.between(t, least, math.MaxInt64), true
	case operators.Equals:
		return r.between(t, least, most), true
	}
	return or(r.between(t, math.MinInt64, under), r.between(t, over, math.MaxInt64))
}

// between are the ways in which a number is in a range that includes its ends.
func (r *reckoner) between(t *term, lo, hi int64) ways {
	lo, hi = max(lo, t.lo), min(hi, t.hi)
	switch {
	case lo > hi && !(r.loose && t.fallible):
		return ways{}
	case lo == t.lo && hi == t.hi && !t.fallible:
		return surely()
	}
	return ways{way{{term: t, lo: lo, hi: hi}}}
}

func constBool(x ast.Expr) (is, ok bool) {
	if !literal(x) {
		return false, false
	}
	b, ok := x.AsLiteral().(types.Bool)
	return bool(b), ok
}

// constant is the value that the text alone gives; nil if there is none.
func constant(x ast.Expr) ref.Val {
	if literal(x) {
		return x.AsLiteral()
	}
	if name, o := operation(x); len(o) == 1 && (name == "duration" || name == "timestamp") {
		if text, ok := constText(o[0]); ok {
			if v := types.String(text).ConvertToType(conversions[name].to); !types.IsError(v) {
				return v
			}
		}
	}
	return nil
}
