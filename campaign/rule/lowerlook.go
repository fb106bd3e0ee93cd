package rule

import (
	"time"
)

// summand bounds the numbers of a sum, and largest what a sum of them may come
// to: so no part of it overflows, in whatever order it is reckoned.
const (
	summand = 1 << 32
	largest = 1 << 60
)

// linear is a number that is reckoned from others: a sum of places, each times a
// constant, and a constant.
type linear struct {
	parts []scaled
	plus  int64
	size  uint64 // no part of it is larger
}

// linear is a number as a sum, nil if it is none.
func (op *operand) linear() *linear {
	switch {
	case op.kind != kindInt:
		return nil
	case op.sum != nil:
		return op.sum
	case op.at != nil:
		return &linear{parts: []scaled{{*op.at, 1}}, size: summand}
	case op.fixed:
		if n, ok := op.num(nil); ok && -summand <= n && n <= summand {
			return &linear{plus: n, size: summand}
		}
	}
	return nil
}

// plusTimes is a sum and another one, times a constant.
func (a *linear) plusTimes(b *linear, by int64) *linear {
	if a == nil || b == nil {
		return nil
	}
	sum := &linear{plus: a.plus + by*b.plus, size: a.size + uint64(max(by, -by))*b.size}
	sum.parts = append(sum.parts, a.parts...)
	for _, p := range b.parts {
		p.by *= by
		sum.parts = append(sum.parts, p)
	}
	if sum.size > largest {
		return nil
	}
	return sum
}

// times is a product with a constant, nil if neither factor is one.
func (a *linear) times(b *linear) *linear {
	switch {
	case a == nil || b == nil:
		return nil
	case len(a.parts) == 0:
		a, b = b, a
	case len(b.parts) > 0:
		return nil
	}
	if b.plus > summand>>16 || b.plus < -summand>>16 {
		return nil
	}
	return (&linear{}).plusTimes(a, b.plus)
}

// glanced is a comparison as a plan, or nil. Only b may be a constant.
func (o orders) glanced(a, b *operand) *plan {
	if a.fixed {
		return nil
	}
	equals, differs := o == equal, o == less|more
	switch {
	case b.fixed && a.at != nil && (a.kind == kindInt || a.kind == kindDuration) && b.kind == a.kind:
		c, _ := b.num(nil)
		return o.glancedNumber(*a.at, nil, c)
	case a.kind == kindInt && b.kind == kindInt:
		if d := a.linear().plusTimes(b.linear(), -1); d != nil && len(d.parts) > 0 {
			return o.glancedNumber(place{from: fromSum}, d.parts, -d.plus)
		}
	case a.kind == kindDouble && a.at != nil && b.fixed && (b.kind == kindDouble || b.kind == kindInt):
		c, _ := asReal(b).real(nil)
		return lonely(look{manner: inOrder, orders: o, place: *a.at, real: c})
	case a.kind == kindString && a.at != nil && a.at.from.isText() && (equals || differs):
		if text, ok := b.constant(); ok {
			return oneOfTexts(*a.at, []string{text}).opposed(differs)
		}
	case a.kind == kindTime && b.kind == kindTime:
		return o.glancedInstant(a.times, b.times)
	}
	return nil
}

// glancedNumber compares a number, or a sum, with a constant.
func (o orders) glancedNumber(at place, sum []scaled, c int64) *plan {
	r, ok := o.numbersFor(c)
	if !ok {
		return nil
	}
	return lonely(look{manner: inRange, place: at, sum: sum, low: r.low, size: r.size}).opposed(r.not)
}

// glancedInstant compares a property's instant with one that is reckoned from
// now.
func (o orders) glancedInstant(a, b *instants) *plan {
	switch {
	case a == nil || b == nil || a.now == b.now:
		return nil
	case a.now:
		return o.mirrored().glancedInstant(b, a)
	}
	sec, nano := int64(b.plus/time.Second), int64(b.plus%time.Second)
	if nano < 0 {
		sec, nano = sec-1, nano+int64(time.Second)
	}
	return lonely(look{manner: inOrder, orders: o, place: place{from: a.at}, sec: sec, nano: nano})
}

// opposed is the plan, or its opposite.
func (p *plan) opposed(not bool) *plan {
	if not {
		return p.not()
	}
	return p
}

// oneOfTexts asks whether a text is one of several; nil if there are many, which
// are looked up faster otherwise.
func oneOfTexts(at place, texts []string) *plan {
	if len(texts) > fewTexts {
		return nil
	}
	if len(texts) == 1 {
		return lonely(look{manner: isText, place: at, text: texts[0]})
	}
	return lonely(look{manner: isAny, place: at, texts: texts})
}

// fewTexts are found faster by looking at each.
const fewTexts = 8

// orElsePlace is the place of a property with the constant that orValue names,
// nil if it is none.
func (op *operand) orElsePlace(constant *operand) *place {
	if op.at == nil || op.at.or != nil || !constant.fixed || op.kind != constant.kind {
		return nil
	}
	at := *op.at
	switch {
	case at.from.isCode(): // its text is asked for
		return nil
	case at.from.isNumber():
		n, _ := constant.num(nil)
		at.or = &other{num: n}
	case at.from.isText():
		t, _ := constant.constant()
		at.or = &other{text: t}
	case at.from == fromRealField:
		f, _ := constant.real(nil)
		at.or = &other{real: f}
	default:
		return nil
	}
	return &at
}
