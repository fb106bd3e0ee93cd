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
	return &operand{kind: kindBool, plan: p, test: func(s *scope) answer { return g.of(&s.sight) }}
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

// glance makes the list of looks, nil where it would not tell anything.
func (p *plan) glance() glance {
	if p == nil {
		return nil
	}
	var g glance
	p.emit(&g, -int32(yes), -int32(no))
	slices.Reverse(g)
	last := int32(len(g) - 1)
	for i := range g {
		t := &g[i]
		if t.yes >= 0 {
			t.yes = last - t.yes
		}
		if t.no >= 0 {
			t.no = last - t.no
		}
	}
	if g[0].manner == unknown {
		return nil
	}
	return g
}

// emit appends the looks, the last first, and returns the place of the first.
func (p *plan) emit(g *glance, yes, no int32) int32 {
	switch {
	case p == nil:
		*g = append(*g, look{yes: yes, no: no})
		return int32(len(*g) - 1)
	case p.join == lone:
		t := p.look
		t.yes, t.no = yes, no
		if t.manner == inRange || t.manner == inSet {
			t.here = t.from
		}
		*g = append(*g, t)
		return int32(len(*g) - 1)
	case p.join == noneOf:
		return p.parts[0].emit(g, no, yes)
	case p.join == choice:
		then := p.parts[1].emit(g, yes, no)
		otherwise := p.parts[2].emit(g, yes, no)
		return p.parts[0].emit(g, then, otherwise)
	}
	for _, part := range slices.Backward(p.cheapestFirst()) {
		if p.join == allOf {
			yes = part.emit(g, yes, no)
		} else {
			no = part.emit(g, yes, no)
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
	case t.from == fromLocal || t.manner == inWindow:
		return 30
	case t.from.isField():
		return 10
	case t.from == fromSum:
		return 4 * len(t.sum)
	case t.manner == inRange || t.manner == inSet:
		return 2
	}
	return 4
}
