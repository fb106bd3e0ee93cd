package dense

import (
	"iter"
	"sync/atomic"
)

const (
	chunkBits = 10
	chunkLen  = 1 << chunkBits
	chunkMask = chunkLen - 1

	maxBatch = 32 // chunks that are asked for at once
)

// Slab keeps values of a type without pointers, in chunks of 1024. A value stays
// where it is for ever, so the address that At gives is good for as long as the
// value is in use.
//
// Large slabs ask for memory in batches of chunks: a garbage collection spends its
// time on each block, however long it is.
//
// Invariant: the numbers below n are in use or in free, never both; each number
// is in free at most once; there are just as many chunks as n needs; what was
// never given out is zero.
type Slab[T any] struct {
	chunks atomic.Pointer[[]*[chunkLen]T] // replaced as a whole, so that At needs no lock
	spare  [][chunkLen]T                  // of the latest batch, not yet chunks
	n      int
	free   []uint32 // given back, the last one first to be used again
	idle   []uint64 // a bit for each number in free; empty while nothing was given back
}

// Add gives the number of a zeroed value: one that was given back, or a new one.
// At most limit values are in use; what names them in the *FullError.
func (s *Slab[T]) Add(what string, limit int) (uint32, error) {
	if last := len(s.free) - 1; last >= 0 {
		i := s.free[last]
		s.free = s.free[:last]
		s.idle[i>>6] &^= 1 << (i & 63)
		var zero T
		*s.At(i) = zero
		return i, nil
	}
	if limit = min(limit, MaxNumber+1); s.n >= limit {
		return 0, &FullError{what, limit}
	}
	if s.n&chunkMask == 0 {
		var chunks []*[chunkLen]T
		if old := s.chunks.Load(); old != nil {
			chunks = *old
		}
		if len(s.spare) == 0 {
			s.spare = make([][chunkLen]T, min(max(len(chunks)/8, 1), maxBatch))
		}
		chunks = append(chunks, &s.spare[0]) // writes behind what the readers of old see
		s.spare = s.spare[1:]
		s.chunks.Store(&chunks)
	}
	s.n++
	return uint32(s.n - 1), nil
}

// At returns where the value is.
func (s *Slab[T]) At(i uint32) *T { return &(*s.chunks.Load())[i>>chunkBits][i&chunkMask] }

// Free gives a value back: its number will be given out again. What is not in
// use stays as it is.
func (s *Slab[T]) Free(i uint32) {
	if !s.InUse(i) {
		return
	}
	if word := int(i >> 6); word >= len(s.idle) {
		s.idle = append(s.idle, make([]uint64, word+1-len(s.idle))...)
	}
	s.idle[i>>6] |= 1 << (i & 63)
	s.free = append(s.free, i)
}

// InUse says whether a number was given out and not given back.
func (s *Slab[T]) InUse(i uint32) bool {
	if int64(i) >= int64(s.n) {
		return false
	}
	word := int(i >> 6)
	return word >= len(s.idle) || s.idle[word]>>(i&63)&1 == 0
}

// Len returns 1 + the highest number ever given out.
func (s *Slab[T]) Len() int { return s.n }

// Chunks gives all values below Len, in order and in pieces of at most 1024,
// with those that are not in use. They are the values themselves, not a copy.
func (s *Slab[T]) Chunks() iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		for at := 0; at < s.n; at += chunkLen {
			chunk := (*s.chunks.Load())[at>>chunkBits]
			if !yield(chunk[:min(chunkLen, s.n-at)]) {
				return
			}
		}
	}
}
