package blacklist

import "math/bits"

// filter tells most numbers that are not on a list by one look at one word: it
// has a bit for each number that was ever added, and others that share it. It
// stays in the processor's cache where a map of the entries does not.
type filter struct {
	words []uint64 // a power of two of them
	shift uint
	room  int // how many numbers may still be added before it is made anew
}

// filterBits is how many bits a number has at least when a filter is made.
const filterBits = 32

// newFilter is an empty filter with room for at least n numbers.
func newFilter(n int) filter {
	size := max(bits.Len(uint(n*filterBits-1)), 10) // log2 of the bits
	return filter{words: make([]uint64, 1<<(size-6)), shift: uint(64 - size), room: 1 << size / (filterBits / 2)}
}

func (f *filter) bit(n Number) (word uint64, mask uint64) {
	at := uint64(n) * 0x9e3779b97f4a7c15 >> f.shift
	return at >> 6, 1 << (at & 63)
}

// add is to be called while there is room.
func (f *filter) add(n Number) {
	word, mask := f.bit(n)
	f.words[word] |= mask
	f.room--
}

// mayHave is false for a number that was never added.
func (f *filter) mayHave(n Number) bool {
	word, mask := f.bit(n)
	return f.words[word]&mask != 0
}
