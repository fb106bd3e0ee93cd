package rule

import (
	"cmp"
	"slices"
)

// plan is how the looks of a glance are joined. nil is a part that no glance
// tells.
type plan struct {
	join  join
	look  look // of a lone one
	parts []*plan
}

// join is a way to join looks.
type join uint8

const (
	lone   join = iota
	allOf       // &&
	anyOf       // ||
	noneOf      // ! of one
	choice      // ? :
)

// seen is what a glance tells, as an operand.
func seen(p *plan) *operand {
	g := p.glance()
	return &operand{kind: kindBool, plan: p, test: func(s *scope) answer { return g.glance(&s.sight) }}
}

// lonely is a plan of one look.
func lonely(t look) *plan { return &plan{look: t} }

// not is the opposite.
func (p *plan) not() *plan {
	if p == nil {
		return nil
	}
	if p.join == noneOf {
		return p.parts[0]
	}
	return &plan{join: noneOf, parts: []*plan{p}}
}

// isLone reports whether it is one look, or the opposite of one.
func (p *plan) isLone() bool {
	return p != nil && (p.join == lone || p.join == noneOf && p.parts[0].isLone())
}

// glance is where the glance begins, nil where it would not tell anything.
func (p *plan) glance() *look {
	if p == nil {
		return nil
	}
	if first := p.before(saysYes, saysNo); first.manner != unknown {
		return first
	}
	return nil
}

// before is what asks first, if what follows is known.
func (p *plan) before(yes, no *look) *look {
	switch {
	case p == nil:
		return &look{}
	case p.join == lone:
		t := p.look
		t.yes, t.no = yes, no
		t.here = t.direct()
		return &t
	case p.join == noneOf:
		return p.parts[0].before(no, yes)
	case p.join == choice:
		return p.parts[0].before(p.parts[1].before(yes, no), p.parts[2].before(yes, no))
	}
	for _, part := range slices.Backward(p.cheapestFirst()) {
		if p.join == allOf {
			yes = part.before(yes, no)
		} else {
			no = part.before(yes, no)
		}
	}
	if p.join == allOf {
		return yes
	}
	return no
}

// cheapestFirst are the parts in the order in which they are asked. It does not
// matter to the answer: where a part knows none, all of them are asked again.
func (p *plan) cheapestFirst() []*plan {
	parts := slices.Clone(p.parts)
	slices.SortStableFunc(parts, func(a, b *plan) int { return cmp.Compare(a.cost(), b.cost()) })
	return parts
}

// cost is about what a plan takes, in nanoseconds. What no glance tells comes
// last.
func (p *plan) cost() int {
	if p == nil {
		return 1000
	}
	sum := 0
	for _, part := range p.parts {
		sum += part.cost()
	}
	if p.join != lone {
		return sum
	}
	switch t := &p.look; {
	case t.from == fromOutcome:
		return 1
	case t.from == fromLocal || t.manner == inWindow:
		return 30
	case t.from == fromSum:
		return 4 * len(t.sum)
	case t.from >= fromTalks && t.from <= fromAgo:
		return 4
	case t.from.isField():
		return 10
	case t.manner == inRange || t.manner == inSet:
		return 2
	}
	return 6
}
