package blacklist

import "math/bits"

// set is a set of numbers in memory that is used again: an open table, at most
// half full, in which 0 is an empty place.
type set struct {
	table []Number
	shift uint
	zero  bool // 0 is no number, but it may be asked about
}

// reset empties the set and makes room for n numbers.
func (s *set) reset(n int) {
	size := 8
	if n > size/2 {
		size = 1 << bits.Len(uint(2*n-1))
	}
	if cap(s.table) < size {
		s.table = make([]Number, size)
	}
	s.table = s.table[:size]
	clear(s.table)
	s.shift = uint(64 - bits.Len(uint(size-1)))
	s.zero = false
}

// place is where a number is, or the empty place where it belongs.
func (s *set) place(n Number) int {
	mask := len(s.table) - 1
	at := int(uint64(n) * 0x9e3779b97f4a7c15 >> s.shift)
	for s.table[at] != n && s.table[at] != 0 {
		at = (at + 1) & mask
	}
	return at
}

// add reports whether the number was not in the set before.
func (s *set) add(n Number) bool {
	if n == 0 {
		was := s.zero
		s.zero = true
		return !was
	}
	at := s.place(n)
	if s.table[at] == n {
		return false
	}
	s.table[at] = n
	return true
}

func (s *set) has(n Number) bool {
	if n == 0 {
		return s.zero
	}
	return s.table[s.place(n)] == n
}
