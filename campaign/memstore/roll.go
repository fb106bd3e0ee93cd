package memstore

import (
	"cmp"
	"slices"
	"sort"
)

// roll lists the records of a campaign by sequence, those of one sequence by
// slot. As long as records come in that order, and stay, their slots are the list,
// and it keeps nothing. Then it has blocks, so that one that comes in the middle moves
// no more than a block.
type roll struct {
	blocks [][]mark // nil: the records are in the order of their slots
}

const blockSize = 512

// mark is a place in a roll.
type mark struct {
	sequence int64
	slot     slot
}

func (m mark) compare(o mark) int {
	return cmp.Or(cmp.Compare(m.sequence, o.sequence), cmp.Compare(m.slot, o.slot))
}

// added notes a record that has just been added.
func (r *roll) added(l *line, s slot) {
	if r.blocks == nil && (s == 0 || l.rows.seq(s-1) <= l.rows.seq(s)) {
		return
	}
	if r.blocks == nil {
		r.list(l, s)
	}
	r.insert(mark{l.rows.seq(s), s})
}

// moved notes that a record had another sequence.
func (r *roll) moved(l *line, s slot, was int64) {
	seq := l.rows.seq
	if r.blocks == nil {
		if (s == 0 || seq(s-1) <= seq(s)) && (int(s)+1 == l.rows.len() || seq(s) <= seq(s+1)) {
			return
		}
		now := seq(s)
		l.rows.setSeq(s, was)
		r.list(l, slot(l.rows.len()))
		l.rows.setSeq(s, now)
	}
	r.remove(mark{was, s})
	r.insert(mark{seq(s), s})
}

// left notes that a record is about to leave its campaign.
func (r *roll) left(l *line, s slot) {
	if r.blocks == nil {
		r.list(l, slot(l.rows.len()))
	}
	r.remove(mark{l.rows.seq(s), s})
}

// list makes the blocks from the first n slots, none of which was left.
func (r *roll) list(l *line, n slot) {
	r.blocks = make([][]mark, 0, n/blockSize+1)
	for from := slot(0); from < n; from += blockSize {
		block := make([]mark, 0, blockSize)
		for s := from; s < min(n, from+blockSize); s++ {
			block = append(block, mark{l.rows.seq(s), s})
		}
		r.blocks = append(r.blocks, block)
	}
}

// find returns the block and the index at which the first record that is not
// before m stands, or would stand.
func (r *roll) find(m mark) (block, at int) {
	// The last block that begins before m or at it; the first one if none does.
	block = max(0, sort.Search(len(r.blocks), func(i int) bool { return r.blocks[i][0].compare(m) > 0 })-1)
	if block < len(r.blocks) {
		at, _ = slices.BinarySearchFunc(r.blocks[block], m, mark.compare)
	}
	return block, at
}

func (r *roll) insert(m mark) {
	block, at := r.find(m)
	if block == len(r.blocks) {
		r.blocks = append(r.blocks, []mark{m})
		return
	}
	b := r.blocks[block]
	switch {
	case len(b) < blockSize:
		r.blocks[block] = slices.Insert(b, at, m)
	case at == len(b):
		// Imports append: leave full blocks behind.
		r.blocks = slices.Insert(r.blocks, block+1, []mark{m})
	default:
		half := len(b) / 2
		r.blocks = slices.Insert(r.blocks, block+1, slices.Clone(b[half:]))
		r.blocks[block] = b[:half]
		r.insert(m)
	}
}

func (r *roll) remove(m mark) {
	block, at := r.find(m)
	if at == 0 {
		r.blocks[block] = r.blocks[block][1:] // those who leave mostly go from the first one on
	} else {
		r.blocks[block] = slices.Delete(r.blocks[block], at, at+1)
	}
	if len(r.blocks[block]) == 0 {
		r.blocks = slices.Delete(r.blocks, block, block+1)
	}
}

// after appends up to n records behind m to into; a nil m is the beginning.
func (r *roll) after(l *line, m *mark, n int, into []slot) []slot {
	if r.blocks == nil {
		from := slot(0)
		if m != nil {
			from = m.slot + 1
		}
		for s := from; n > 0 && int(s) < l.rows.len(); s, n = s+1, n-1 {
			into = append(into, s)
		}
		return into
	}
	block, at := 0, 0
	if m != nil {
		block, at = r.find(*m)
		if block < len(r.blocks) && at < len(r.blocks[block]) && r.blocks[block][at] == *m {
			at++
		}
	}
	for ; n > 0 && block < len(r.blocks); block, at = block+1, 0 {
		for _, x := range r.blocks[block][at:min(len(r.blocks[block]), at+n)] {
			into = append(into, x.slot)
			n--
		}
	}
	return into
}
