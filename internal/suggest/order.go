package suggest

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sort"
	"strings"
)

// blockLen is how many entries a block has at the most.
const blockLen = 256

// order keeps entries by (text, id of the contact, place in its row), in blocks, so
// that one that comes or goes moves no more than a block.
type order struct {
	index *Index
	list  []*block // none is empty
	heads []uint64 // of the first entries of the blocks: see head
}

type block struct {
	n int
	e [blockLen]entry
}

// head is the first eight bytes of a text as a number: numbers compare as the
// texts do, unless they are equal.
func head(text string) uint64 {
	if len(text) >= 8 {
		return binary.BigEndian.Uint64([]byte(text[:8]))
	}
	var b [8]byte
	copy(b[:], text)
	return binary.BigEndian.Uint64(b[:])
}

// compare orders two entries, the first of which has this text.
func (o *order) compare(text string, a, b entry) int {
	if d := strings.Compare(text, o.index.text(b)); d != 0 {
		return d
	}
	if a.contact != b.contact {
		return strings.Compare(o.index.id(a.contact), o.index.id(b.contact))
	}
	return cmp.Compare(a.at, b.at)
}

// search returns the first place at which an entry is not before what is looked
// for, as before tells. Behind all entries it is behind the last block.
func (o *order) search(text string, before func(e entry) bool) (block, at int) {
	h := head(text)
	// The last block that begins before it, or the first one.
	block = max(0, sort.Search(len(o.list), func(i int) bool {
		if o.heads[i] != h {
			return o.heads[i] > h
		}
		return !before(o.list[i].e[0])
	})-1)
	if block == len(o.list) {
		return block, 0
	}
	b := o.list[block]
	at = sort.Search(b.n, func(i int) bool { return !before(b.e[i]) })
	if at == b.n {
		return block + 1, 0
	}
	return block, at
}

// find returns where an entry is, or would be.
func (o *order) find(e entry, text string) (block, at int) {
	return o.search(text, func(x entry) bool { return o.compare(text, e, x) > 0 })
}

func (o *order) insert(e entry) {
	text := o.index.text(e)
	at, i := o.find(e, text)
	switch {
	case len(o.list) == 0:
		o.list, o.heads = append(o.list, new(block)), append(o.heads, 0)
	case i == 0 && at > 0:
		// As well at the end of the block before.
		at--
		i = o.list[at].n
	}
	if o.list[at].n == blockLen {
		at, i = o.split(at, i)
	}
	b := o.list[at]
	copy(b.e[i+1:b.n+1], b.e[i:b.n])
	b.e[i] = e
	b.n++
	if i == 0 {
		o.heads[at] = head(text)
	}
}

// split makes two blocks of a full one, and returns where its place i is by then.
// Where entries come in their order, full blocks are left behind.
func (o *order) split(at, i int) (newAt, newI int) {
	b, more, h := o.list[at], new(block), uint64(0)
	left := blockLen / 2
	if i == blockLen && at == len(o.list)-1 {
		left = blockLen
	} else {
		h = head(o.index.text(b.e[left]))
	}
	more.n = copy(more.e[:], b.e[left:])
	b.n = left
	o.list, o.heads = slices.Insert(o.list, at+1, more), slices.Insert(o.heads, at+1, h)
	if i > left || more.n == 0 {
		return at + 1, i - left
	}
	return at, i
}

// remove takes an entry out that is there.
func (o *order) remove(e entry) {
	at, i := o.find(e, o.index.text(e))
	if at == len(o.list) || o.list[at].e[i] != e {
		return
	}
	b := o.list[at]
	copy(b.e[i:b.n-1], b.e[i+1:b.n])
	b.n--
	switch {
	case b.n == 0:
		o.list, o.heads = slices.Delete(o.list, at, at+1), slices.Delete(o.heads, at, at+1)
		return
	case i == 0:
		o.heads[at] = head(o.index.text(b.e[0]))
	}
	// Blocks that have become small are joined, so that few bytes are kept for few.
	if at+1 < len(o.list) && b.n+o.list[at+1].n <= blockLen/2 {
		next := o.list[at+1]
		copy(b.e[b.n:], next.e[:next.n])
		b.n += next.n
		o.list, o.heads = slices.Delete(o.list, at+1, at+2), slices.Delete(o.heads, at+1, at+2)
	}
}

// cursor walks along entries.
type cursor struct {
	o         *order
	block, at int

	// What next came to.
	entry entry
	text  string
}

// seek returns a cursor before the first entry whose text is not before a text.
func (o *order) seek(text string) cursor {
	block, at := o.search(text, func(e entry) bool { return o.index.text(e) < text })
	return cursor{o: o, block: block, at: at}
}

// next goes on to the next entry, as long as its text begins with a text.
func (c *cursor) next(beginning string) bool {
	if c.block >= len(c.o.list) {
		return false
	}
	b := c.o.list[c.block]
	c.entry = b.e[c.at]
	c.text = c.o.index.text(c.entry)
	if c.at++; c.at == b.n {
		c.block, c.at = c.block+1, 0
	}
	return strings.HasPrefix(c.text, beginning)
}

// about says how many entries begin with a text, roughly where they are more than
// a block.
func (o *order) about(beginning string) int {
	from, to := o.seek(beginning), o.seek(beginning+"\xff") // no text has this byte
	return max(0, (to.block-from.block)*filled+to.at-from.at)
}
