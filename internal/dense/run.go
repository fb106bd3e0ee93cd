package dense

// Run gives numbers in the order they came. What has been taken is given back
// to the garbage collector in chunks of 16,384.
//
// Invariant: every chunk but the last is full; of the first chunk the first taken
// numbers are gone, and at least one is not; only an empty run may have one empty
// chunk instead.
type Run struct {
	chunks [][]uint32
	taken  int
	n      int
}

const (
	// firstRoom is the room that a run begins with: many runs stay short. Five times
	// fourfold is a chunk.
	firstRoom = 16
	// runLen is a chunk: the fewer there are, the less a garbage collection has to do.
	runLen = 1 << 14
)

// Push adds a number at the end.
func (r *Run) Push(slot uint32) {
	last := len(r.chunks) - 1
	switch {
	case last < 0:
		r.chunks = append(r.chunks, make([]uint32, 0, firstRoom))
		last++
	case len(r.chunks[last]) == runLen:
		r.chunks = append(r.chunks, make([]uint32, 0, runLen))
		last++
	case len(r.chunks[last]) == cap(r.chunks[last]):
		r.chunks[last] = append(make([]uint32, 0, 4*cap(r.chunks[last])), r.chunks[last]...)
	}
	r.chunks[last] = append(r.chunks[last], slot)
	r.n++
}

// Head returns the first number.
func (r *Run) Head() (uint32, bool) {
	if r.n == 0 {
		return 0, false
	}
	return r.chunks[0][r.taken], true
}

// Pop takes the first number out, if there is one.
func (r *Run) Pop() {
	if r.n == 0 {
		return
	}
	r.n--
	r.taken++
	switch {
	case r.n == 0 && len(r.chunks[0]) < runLen:
		r.chunks[0] = r.chunks[0][:0] // keeps the room: a run that comes and goes makes no garbage
		r.taken = 0
	case r.taken == len(r.chunks[0]):
		r.chunks[0] = nil
		r.chunks = r.chunks[1:]
		r.taken = 0
	}
}

// Len returns how many numbers there are.
func (r *Run) Len() int { return r.n }

// Walk gives all numbers in order, until do returns false.
func (r *Run) Walk(do func(slot uint32) bool) {
	skip := r.taken
	for _, chunk := range r.chunks {
		for _, slot := range chunk[skip:] {
			if !do(slot) {
				return
			}
		}
		skip = 0
	}
}
