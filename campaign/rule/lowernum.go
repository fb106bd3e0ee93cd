package rule

import (
	"math"

	"github.com/google/cel-go/common/operators"
)

// lowerArithmetic lowers + - * / % of numbers and durations, and what has to do with
// instants. A result that does not fit is cel-go's to report.
func lowerArithmetic(name string, a, b *operand) *operand {
	switch {
	case a.kind == kindInt && b.kind == kindInt:
		if f := onInts(name); f != nil {
			return &operand{kind: kindInt, num: bothOf(a.num, b.num, f), sum: summed(name, a.linear(), b.linear())}
		}
	case a.kind == kindDouble && b.kind == kindDouble:
		if f := onDoubles(name); f != nil {
			return &operand{kind: kindDouble, real: bothOf(a.real, b.real, f)}
		}
	case a.kind == kindString && b.kind == kindString && name == operators.Add:
		return &operand{kind: kindString, text: bothOf(a.text, b.text, func(x, y string) (string, bool) { return x + y, true })}
	}
	return onTimes(name, a, b)
}

// summed is a sum, a difference or a product as a sum; nil if it is none.
func summed(name string, a, b *linear) *linear {
	switch name {
	case operators.Add:
		return a.plusTimes(b, 1)
	case operators.Subtract:
		return a.plusTimes(b, -1)
	case operators.Multiply:
		return a.times(b)
	}
	return nil
}

// bothOf calls f with two values that are there.
func bothOf[A, B, T any](a func(*scope) (A, bool), b func(*scope) (B, bool), f func(A, B) (T, bool)) func(*scope) (T, bool) {
	return func(s *scope) (v T, ok bool) {
		x, ok := a(s)
		if !ok {
			return v, false
		}
		y, ok := b(s)
		if !ok {
			return v, false
		}
		return f(x, y)
	}
}

func onInts(name string) func(x, y int64) (int64, bool) {
	switch name {
	case operators.Add:
		return addInts
	case operators.Subtract:
		return subtractInts
	case operators.Multiply:
		return multiplyInts
	case operators.Divide:
		return func(x, y int64) (int64, bool) {
			if y == 0 || y == -1 && x == math.MinInt64 {
				return 0, false
			}
			return x / y, true
		}
	case operators.Modulo:
		return func(x, y int64) (int64, bool) {
			if y == 0 || y == -1 && x == math.MinInt64 {
				return 0, false
			}
			return x % y, true
		}
	}
	return nil
}

func addInts(x, y int64) (int64, bool) {
	sum := x + y
	return sum, (sum < x) == (y < 0)
}

func subtractInts(x, y int64) (int64, bool) {
	difference := x - y
	return difference, (difference < x) == (y > 0)
}

func multiplyInts(x, y int64) (int64, bool) {
	if x == 0 {
		return 0, true
	}
	product := x * y
	return product, product/x == y && (x != -1 || y != math.MinInt64)
}

func onDoubles(name string) func(x, y float64) (float64, bool) {
	switch name {
	case operators.Add:
		return func(x, y float64) (float64, bool) { return x + y, true }
	case operators.Subtract:
		return func(x, y float64) (float64, bool) { return x - y, true }
	case operators.Multiply:
		return func(x, y float64) (float64, bool) { return x * y, true }
	case operators.Divide:
		return func(x, y float64) (float64, bool) { return x / y, true }
	}
	return nil
}

// unary lowers a minus sign, a size, a conversion or a change of case.
func unary(name string, a *operand) *operand {
	switch name {
	case operators.Negate:
		return negated(a)
	case "size":
		return sizeOf(a)
	case "int", "double", "string", "bool", "timestamp", "duration":
		return converted(name, a)
	case "lowerAscii":
		return recased(a, 'A', 'a')
	case "upperAscii":
		return recased(a, 'a', 'A')
	}
	return nil
}

func negated(a *operand) *operand {
	switch a.kind {
	case kindInt, kindDuration:
		return &operand{
			kind: a.kind, num: mapped(a.num, func(n int64) (int64, bool) { return -n, n != math.MinInt64 }),
			sum: (&linear{}).plusTimes(a.linear(), -1),
		}
	case kindDouble:
		return &operand{kind: kindDouble, real: mapped(a.real, func(f float64) (float64, bool) { return -f, true })}
	}
	return nil
}

// mapped calls f with a value that is there.
func mapped[A, T any](a func(*scope) (A, bool), f func(A) (T, bool)) func(*scope) (T, bool) {
	return func(s *scope) (v T, ok bool) {
		x, ok := a(s)
		if !ok {
			return v, false
		}
		return f(x)
	}
}
