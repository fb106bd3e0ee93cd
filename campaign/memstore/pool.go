package memstore

// poolChunk is how many things a pool makes room for at once.
const poolChunk = 256

// pool keeps things that few records have and that may hold pointers. Handles
// begin at 1; 0 is none. What lies at a handle stays where it is.
type pool[T any] struct {
	chunks [][]T
	used   uint32 // the highest handle ever given
	free   []uint32
}

// add returns the handle of a zeroed thing.
func (p *pool[T]) add() uint32 {
	if n := len(p.free); n > 0 {
		h := p.free[n-1]
		p.free = p.free[:n-1]
		return h
	}
	if p.used%poolChunk == 0 {
		p.chunks = append(p.chunks, make([]T, poolChunk))
	}
	p.used++
	return p.used
}

func (p *pool[T]) at(h uint32) *T { return &p.chunks[(h-1)/poolChunk][(h-1)%poolChunk] }

// drop zeroes the thing and gives its place back.
func (p *pool[T]) drop(h uint32) {
	var zero T
	*p.at(h) = zero
	p.free = append(p.free, h)
}

// len is the number of things in use.
func (p *pool[T]) len() int { return int(p.used) - len(p.free) }
