package rule

import "math"

// numbers is a range of whole numbers, or all others.
type numbers struct {
	low, size uint64 // as differences are made: without overflow
	not       bool
}

// numbersFor are the numbers for which a comparison with c holds; false if none is
// there.
func (o orders) numbersFor(c int64) (numbers, bool) {
	low, high := c, c
	switch o {
	case less, less | equal:
		low = math.MinInt64
		if o == less {
			high--
		}
	case more, more | equal:
		high = math.MaxInt64
		if o == more {
			low++
		}
	}
	none := o == less && c == math.MinInt64 || o == more && c == math.MaxInt64
	return numbers{uint64(low), uint64(high) - uint64(low), o == less|more}, !none
}

func (r numbers) has(n int64) bool { return (uint64(n)-r.low <= r.size) != r.not }

// of asks whether a number is in the range.
func (r numbers) of(num func(*scope) (int64, bool)) func(*scope) answer {
	return func(s *scope) answer {
		v, ok := num(s)
		if !ok {
			return ask
		}
		return truth(r.has(v))
	}
}
