package memstore

import "cmp"

// chainKind names one of the three chains that a call is in. Its head is kept by
// what the calls are of; 0 is an empty chain. The newest call comes first, by
// the time it ended and its token.
type chainKind uint8

const (
	ofRecord chainKind = iota
	ofNumber
	ofContact
)

// newer orders two calls: positive if a comes before b in a chain.
func newer(a, b *callRow) int {
	return cmp.Or(cmp.Compare(a.ended, b.ended), cmp.Compare(a.token, b.token))
}

// link puts a call into a chain that it is not in. Calls mostly end in the order
// in which they are linked, so its place is looked for from the head.
func (c *calls) link(k chainKind, head *uint32, h uint32) {
	row := c.slab.At(h)
	at := head
	for *at != 0 {
		x := c.slab.At(*at)
		if newer(row, x) > 0 {
			break
		}
		at = &x.next[k]
	}
	row.next[k], *at = *at, h
}

// unlink takes a call out of a chain, and says whether it was in it.
func (c *calls) unlink(k chainKind, head *uint32, h uint32) bool {
	for at := head; *at != 0; at = &c.slab.At(*at).next[k] {
		if *at == h {
			row := c.slab.At(h)
			*at, row.next[k] = row.next[k], 0
			return true
		}
	}
	return false
}

// next is the next older call of a chain, 0 behind the oldest.
func (c *calls) next(k chainKind, h uint32) uint32 { return c.slab.At(h).next[k] }
