package rule

import (
	"slices"

	"github.com/nextcall/nextcall/status"
)

// Overlap says that the auto-set conditions of two statuses may hold for the same
// call. The first decides then: that is what their order is for. For somebody
// who looks at the order of a list, or changes it.
type Overlap struct {
	First, Second status.ID
	Example       string // when both hold, such as `call.outcome is "busy"`; "" if none is known
}

// Overlaps are the pairs of auto-set conditions that may hold together, as far as
// that can be seen from what both say of the same properties. First the exception
// and then the rule is not among them, nor a condition that never decides, which
// [campaign.Compile] warns of: as it does of those pairs that look like a mistake.
func (s *Set) Overlaps() []Overlap {
	var all []Overlap
	for j := range s.rules {
		b := &s.rules[j]
		if b.sense == nil || len(b.sense.holds) == 0 || len(covering(s.rules[:j], b)) > 0 {
			continue
		}
		for i := range j {
			if example, ok := overlap(&s.rules[i], b); ok {
				all = append(all, Overlap{s.rules[i].status.ID, b.status.ID, example})
			}
		}
	}
	return all
}

// crossing reports whether two rules may hold together in ways that cross, with
// an example where one is known. Most pairs do not even touch, so that is asked
// first, and what two ways are together only where they are.
func crossing(a, b *lintedRule) (string, bool) { return meeting(a, b, crosses) }

// meeting finds two ways that may be at once, and that matter, with an example
// where one is known. There is none where the second rule covers the first.
func meeting(a, b *lintedRule, matters func(x, y way) bool) (string, bool) {
	if a.sense == nil {
		return "", false
	}
	for _, x := range a.sense.holds {
		for _, y := range b.sense.holds {
			if !matters(x, y) || x.excludes(y) {
				continue
			}
			switch {
			case a.sense.holds.gone(b.sense.not):
				return "", false
			case !a.sense.exact || !b.sense.exact:
				return "", true
			}
			m, _ := meet(x, y)
			return m.words(), true
		}
	}
	return "", false
}

// touches reports whether two ways say something of one term.
func touches(x, y way) bool {
	return slices.ContainsFunc(y, func(q bound) bool { return x.on(q.term.key) != nil })
}

// crosses reports whether of one term's values each of two ways takes some that
// the other does not take.
func crosses(x, y way) bool {
	return slices.ContainsFunc(y, func(q bound) bool {
		p := x.on(q.term.key)
		return p != nil && (p.lo < q.lo && p.hi < q.hi || p.lo > q.lo && p.hi > q.hi || p.set&^q.set != 0 && q.set&^p.set != 0 ||
			beyond(p.in, q.in) && beyond(q.in, p.in))
	})
}

// beyond reports whether a has values that b does not have.
func beyond(a, b []string) bool {
	return b != nil && slices.ContainsFunc(a, func(v string) bool { return !slices.Contains(b, v) })
}
