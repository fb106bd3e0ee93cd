package plainstore

import (
	"cmp"
	"slices"
	"sort"
)

// roll lists the records of a campaign by sequence, and those of one sequence as
// they were added, in blocks, so that one that comes in the middle moves no more
// than a block.
type roll struct{ blocks [][]*stored }

const blockSize = 512

// mark is a place in a roll.
type mark struct {
	sequence int64
	added    uint64
}

func (s *stored) mark() mark { return mark{s.rec.Sequence, s.added} }

func (m mark) compare(o mark) int {
	return cmp.Or(cmp.Compare(m.sequence, o.sequence), cmp.Compare(m.added, o.added))
}

// find returns the block and the index at which the first record that is not
// before m stands, or would stand.
func (r *roll) find(m mark) (block, at int) {
	// The last block that begins before m or at it; the first one if none does.
	block = max(0, sort.Search(len(r.blocks), func(i int) bool {
		return r.blocks[i][0].mark().compare(m) > 0
	})-1)
	if block < len(r.blocks) {
		at, _ = slices.BinarySearchFunc(r.blocks[block], m, func(s *stored, m mark) int {
			return s.mark().compare(m)
		})
	}
	return block, at
}

func (r *roll) insert(s *stored) {
	block, at := r.find(s.mark())
	if block == len(r.blocks) {
		r.blocks = append(r.blocks, []*stored{s})
		return
	}
	b := r.blocks[block]
	switch {
	case len(b) < blockSize:
		r.blocks[block] = slices.Insert(b, at, s)
	case at == len(b):
		// Imports append: leave full blocks behind.
		r.blocks = slices.Insert(r.blocks, block+1, []*stored{s})
	default:
		half := len(b) / 2
		r.blocks = slices.Insert(r.blocks, block+1, slices.Clone(b[half:]))
		clear(b[half:])
		r.blocks[block] = b[:half]
		r.insert(s)
	}
}

func (r *roll) remove(s *stored) {
	block, at := r.find(s.mark())
	r.blocks[block] = slices.Delete(r.blocks[block], at, at+1)
	if len(r.blocks[block]) == 0 {
		r.blocks = slices.Delete(r.blocks, block, block+1)
	}
}

// after appends up to n records behind m to into; a nil m is the beginning.
func (r *roll) after(m *mark, n int, into []*stored) []*stored {
	block, at := 0, 0
	if m != nil {
		block, at = r.find(*m)
		if block < len(r.blocks) && at < len(r.blocks[block]) && r.blocks[block][at].mark() == *m {
			at++
		}
	}
	for ; n > 0 && block < len(r.blocks); block, at = block+1, 0 {
		page := r.blocks[block][at:]
		page = page[:min(n, len(page))]
		into = append(into, page...)
		n -= len(page)
	}
	return into
}
