package rule

import (
	"bytes"
	"cmp"
	"strconv"
	"time"

	"github.com/google/cel-go/common/operators"

	"github.com/nextcall/nextcall/blacklist"
)

// comparison lowers a == b and its like, or gives nil.
func comparison(name string, a, b *operand) *operand {
	holds, ok := orderings(name)
	if !ok {
		return nil
	}
	if a.fixed && !b.fixed {
		a, b, name, holds = b, a, mirrored(name), holds.mirrored()
	}
	if text, ok := b.constant(); ok && a.code != nil && (holds == equal || holds == less|more) {
		if p := a.code.in([]string{text}); p != nil {
			return seen(p.opposed(holds != equal))
		}
	}
	if p := holds.glanced(a, b); p != nil {
		return seen(p)
	}
	if test := holds.compared(name, a, b); test != nil {
		return boolean(test)
	}
	return nil
}

// compared compares by closures; b is the constant if one of both is.
func (o orders) compared(name string, a, b *operand) func(*scope) answer {
	switch {
	case a.kind == kindInt && b.kind == kindDouble || a.kind == kindDouble && b.kind == kindInt:
		// Both sides are doubles then, as cel-go compares them.
		return orderedTest(name, asReal(a).real, asReal(b).real, b.fixed)
	case a.kind != b.kind:
		return nil
	}
	switch a.kind {
	case kindInt, kindDuration:
		if b.fixed {
			c, _ := b.num(nil)
			if r, ok := o.numbersFor(c); ok {
				return r.of(a.num)
			}
		}
		return orderedTest(name, a.num, b.num, b.fixed)
	case kindDouble:
		return orderedTest(name, a.real, b.real, b.fixed)
	case kindString:
		if test := o.ofMadeText(a, b); test != nil {
			return test
		}
		return orderedTest(name, a.text, b.text, b.fixed)
	case kindTime:
		return o.ofTimes(a.when, b.when)
	case kindBool:
		return o.ofBools(a.test, b.test)
	}
	return nil
}

// asReal is an int as a double; a double itself.
func asReal(op *operand) *operand {
	if op.kind != kindInt {
		return op
	}
	if op.fixed {
		n, _ := op.num(nil)
		return fixedReal(float64(n))
	}
	num := op.num
	return &operand{kind: kindDouble, real: func(s *scope) (float64, bool) {
		n, ok := num(s)
		return float64(n), ok
	}}
}

// orders are the results of a three-way comparison for which an operator holds.
type orders uint8

const (
	less orders = 1 << iota
	equal
	more
)

func orderings(name string) (orders, bool) {
	switch name {
	case operators.Equals:
		return equal, true
	case operators.NotEquals:
		return less | more, true
	case operators.Less:
		return less, true
	case operators.LessEquals:
		return less | equal, true
	case operators.Greater:
		return more, true
	case operators.GreaterEquals:
		return more | equal, true
	}
	return 0, false
}

// of is the answer for a comparison's result: -1, 0 or 1.
func (o orders) of(c int) answer { return truth(o>>(c+1)&1 != 0) }

func (o orders) mirrored() orders { return o&equal | o&less<<2 | o&more>>2 }

func mirrored(name string) string {
	switch name {
	case operators.Less:
		return operators.Greater
	case operators.LessEquals:
		return operators.GreaterEquals
	case operators.Greater:
		return operators.Less
	case operators.GreaterEquals:
		return operators.LessEquals
	}
	return name
}

// orderedTest compares as Go does, which is as CEL does: of doubles too, where NaN
// is neither equal nor in any order.
func orderedTest[T cmp.Ordered](name string, a, b func(*scope) (T, bool), fixed bool) func(*scope) answer {
	if fixed {
		c, ok := b(nil)
		if ok {
			return orderedWith(name, a, c)
		}
	}
	var holds func(x, y T) bool
	switch name {
	case operators.Equals:
		holds = func(x, y T) bool { return x == y }
	case operators.NotEquals:
		holds = func(x, y T) bool { return x != y }
	case operators.Less:
		holds = func(x, y T) bool { return x < y }
	case operators.LessEquals:
		holds = func(x, y T) bool { return x <= y }
	case operators.Greater:
		holds = func(x, y T) bool { return x > y }
	default:
		holds = func(x, y T) bool { return x >= y }
	}
	return func(s *scope) answer {
		x, ok := a(s)
		if !ok {
			return ask
		}
		y, ok := b(s)
		if !ok {
			return ask
		}
		return truth(holds(x, y))
	}
}

// orderedWith compares with a constant: most conditions do.
func orderedWith[T cmp.Ordered](name string, a func(*scope) (T, bool), c T) func(*scope) answer {
	switch name {
	case operators.Equals:
		return func(s *scope) answer {
			if v, ok := a(s); ok {
				return truth(v == c)
			}
			return ask
		}
	case operators.NotEquals:
		return func(s *scope) answer {
			if v, ok := a(s); ok {
				return truth(v != c)
			}
			return ask
		}
	case operators.Less:
		return func(s *scope) answer {
			if v, ok := a(s); ok {
				return truth(v < c)
			}
			return ask
		}
	case operators.LessEquals:
		return func(s *scope) answer {
			if v, ok := a(s); ok {
				return truth(v <= c)
			}
			return ask
		}
	case operators.Greater:
		return func(s *scope) answer {
			if v, ok := a(s); ok {
				return truth(v > c)
			}
			return ask
		}
	}
	return func(s *scope) answer {
		if v, ok := a(s); ok {
			return truth(v >= c)
		}
		return ask
	}
}

func (o orders) ofTimes(a, b func(*scope) (time.Time, bool)) func(*scope) answer {
	return func(s *scope) answer {
		x, ok := a(s)
		if !ok {
			return ask
		}
		y, ok := b(s)
		if !ok {
			return ask
		}
		return o.of(x.Compare(y))
	}
}

// ofBools compares answers; false is less than true.
func (o orders) ofBools(a, b func(*scope) answer) func(*scope) answer {
	return func(s *scope) answer {
		x := a(s)
		if x == ask {
			return ask
		}
		y := b(s)
		if y == ask {
			return ask
		}
		return o.of(cmp.Compare(y, x)) // yes is before no among the answers
	}
}

// ofMadeText compares a text with a constant without making the text, or gives
// nil.
func (o orders) ofMadeText(a, b *operand) func(*scope) answer {
	want, ok := b.constant()
	if !ok {
		return nil
	}
	if a.number != nil {
		return o.ofNumber(a.number, []byte(want))
	}
	if a.date != nil {
		return o.ofDate(a.date, []byte(want))
	}
	return nil
}

func (o orders) ofNumber(get func(*scope) (blacklist.Number, bool), want []byte) func(*scope) answer {
	if n, err := blacklist.ParseNumber(string(want)); err == nil && n.String() == string(want) && (o == equal || o == less|more) {
		return func(s *scope) answer {
			v, ok := get(s)
			if !ok {
				return ask
			}
			return truth((v == n) == (o == equal))
		}
	}
	return func(s *scope) answer {
		v, ok := get(s)
		if !ok {
			return ask
		}
		var room [24]byte
		return o.of(bytes.Compare(appendNumber(room[:0], v), want))
	}
}

// appendNumber writes a number as its String does.
func appendNumber(to []byte, n blacklist.Number) []byte {
	if n == 0 {
		return to
	}
	return strconv.AppendUint(append(to, '+'), n.Uint64(), 10)
}

func (o orders) ofDate(get func(*scope) (time.Time, bool), want []byte) func(*scope) answer {
	return func(s *scope) answer {
		at, ok := get(s)
		if !ok {
			return ask
		}
		var room [24]byte
		return o.of(bytes.Compare(at.AppendFormat(room[:0], time.DateOnly), want))
	}
}
