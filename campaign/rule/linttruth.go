package rule

import (
	"slices"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
)

// sense is what a condition says, as far as the linter can reckon with it.
type sense struct {
	holds ways // it is true
	not   ways // it is not true: false, or, where a term may fail, perhaps failed
	exact bool // holds says exactly when; else it is true in fewer cases
}

// truth finds out when a condition holds, and warns of parts that are never or
// always true. It claims little: what it does not understand may be true or
// false.
func (l *linter) truth(root ast.Expr) *sense {
	if l.checked.GetType(root.ID()).TypeName() != "bool" {
		return nil
	}
	r := &reckoner{l: l, terms: map[string]*term{}, known: make(map[reckoning]reckoned, len(l.exprs)/2)}
	s := &sense{}
	s.holds, s.exact = r.ways(root, true)
	r.loose = true
	s.not, _ = r.ways(root, false)
	r.loose = false
	if !r.never(root) {
		r.always(root)
	}
	return s
}

// never warns of the largest parts that are never true.
func (r *reckoner) never(x ast.Expr) bool {
	if w, _ := r.ways(x, true); len(w) == 0 {
		r.sayNever(x)
		return true
	}
	name, o := operation(x)
	found := false
	switch name {
	case operators.LogicalOr, operators.LogicalAnd:
		for _, part := range o {
			found = r.never(part) || found
		}
	case operators.Conditional:
		found = r.never(o[1]) || found
		found = r.never(o[2]) || found
	}
	return found
}

// sayNever names the two parts that exclude each other, if it is two.
func (r *reckoner) sayNever(x ast.Expr) {
	if literal(x) {
		r.l.warn(r.l.spans.of(x), "this is never true")
		return
	}
	parts := conjuncts(x, nil)
	var all []ways
	for _, p := range parts {
		w, _ := r.ways(p, true)
		if len(w) == 0 && len(parts) > 1 {
			r.sayNever(p)
			return
		}
		all = append(all, w)
	}
	for j := range parts {
		for i := range j {
			if w, _ := r.and(all[i], all[j]); len(w) == 0 {
				r.l.warn(r.l.spans.of(parts[j]), "this and %s exclude each other: together they are never true", r.l.spans.shown(parts[i]))
				return
			}
		}
	}
	r.l.warn(r.l.spans.of(x), "this is never true%s", r.because(x))
}

// because says what values the compared value can have.
func (r *reckoner) because(x ast.Expr) string {
	if x.Kind() == ast.SelectKind && x.AsSelect().IsTestOnly() {
		path, _ := pathOf(x)
		return ": " + path + " always has a value"
	}
	name, o := operation(x)
	if len(o) != 2 || !slices.Contains(comparisons, name) && name != operators.In {
		return ""
	}
	for _, side := range o {
		if literal(side) || side.Kind() == ast.ListKind {
			continue
		}
		if t := r.term(side); t != nil {
			if t.why != "" {
				return ": " + t.why
			}
			if d := t.domain(); d != "" {
				return ": " + r.l.spans.shown(side) + " is " + d
			}
		}
	}
	return ""
}

// always warns of the largest parts that are always true.
func (r *reckoner) always(x ast.Expr) {
	if w, _ := r.ways(x, false); len(w) == 0 {
		r.l.warn(r.l.spans.of(x), "this is always true%s", r.because(x))
		return
	}
	switch name, o := operation(x); name {
	case operators.LogicalAnd, operators.LogicalOr:
		for _, part := range o {
			r.always(part)
		}
	}
}

func literal(x ast.Expr) bool { return x.Kind() == ast.LiteralKind }

// conjuncts are the parts between &&.
func conjuncts(x ast.Expr, into []ast.Expr) []ast.Expr {
	if name, o := operation(x); name == operators.LogicalAnd {
		return conjuncts(o[1], conjuncts(o[0], into))
	}
	return append(into, x)
}
