package dense

import "math/bits"

// Entry is a thing at its place. Gen tells entries of one Slot apart: the owner
// counts it up when a thing moves, and the entries of old generations are dead.
type Entry struct {
	Key       Key
	Slot, Gen uint32
}

// before orders by Key, then Slot, then Gen. It borrows its way through the
// words from the lowest on, because a branch here is guessed wrongly half of the
// time.
func (e *Entry) before(o *Entry) bool {
	_, borrow := bits.Sub64(uint64(e.Slot)<<32|uint64(e.Gen), uint64(o.Slot)<<32|uint64(o.Gen), 0)
	_, borrow = bits.Sub64(e.Key.Lo, o.Key.Lo, borrow)
	_, borrow = bits.Sub64(e.Key.Hi, o.Key.Hi, borrow)
	return borrow != 0
}

// Heap gives the first of its entries, by Key and then by Slot. It does not know
// which entries are dead: whoever takes the head asks, and whoever kills counts,
// and calls Keep when too many are.
//
// Invariant: no entry is before its parent, which is at (i-1)/4.
type Heap struct{ entries []Entry }

const arity = 4

// Push adds an entry.
func (h *Heap) Push(e Entry) {
	h.entries = append(h.entries, e)
	all := h.entries
	i := len(all) - 1
	for i > 0 {
		parent := (i - 1) / arity
		if !e.before(&all[parent]) {
			break
		}
		all[i] = all[parent]
		i = parent
	}
	all[i] = e
}

// Head returns the first entry.
func (h *Heap) Head() (Entry, bool) {
	if len(h.entries) == 0 {
		return Entry{}, false
	}
	return h.entries[0], true
}

// Pop takes the first entry out, if there is one.
func (h *Heap) Pop() {
	last := len(h.entries) - 1
	if last < 0 {
		return
	}
	e := h.entries[last]
	h.entries = h.entries[:last]
	if last > 0 {
		h.sink(0, e)
	}
	h.shrink()
}

// sink puts e into the hole at i, or below it.
func (h *Heap) sink(i int, e Entry) {
	all := h.entries
	for {
		child := arity*i + 1
		if child >= len(all) {
			break
		}
		least := child
		for c := child + 1; c < min(child+arity, len(all)); c++ {
			if all[c].before(&all[least]) {
				least = c
			}
		}
		if !all[least].before(&e) {
			break
		}
		all[i] = all[least]
		i = least
	}
	all[i] = e
}

// Len returns how many entries there are, the dead ones counted.
func (h *Heap) Len() int { return len(h.entries) }

// Keep drops all entries that are not live. It looks at each once.
func (h *Heap) Keep(live func(Entry) bool) {
	kept := h.entries[:0]
	for _, e := range h.entries {
		if live(e) {
			kept = append(kept, e)
		}
	}
	h.entries = kept
	for i := (len(kept)+arity-2)/arity - 1; i >= 0; i-- {
		h.sink(i, kept[i])
	}
	h.shrink()
}

// shrink gives memory back when three quarters of it are not in use.
func (h *Heap) shrink() {
	if n := len(h.entries); cap(h.entries) > chunkLen && n < cap(h.entries)/4 {
		h.entries = append(make([]Entry, 0, 2*n), h.entries...)
	}
}

// Walk gives all entries in no order, the dead ones with them, until do returns
// false.
func (h *Heap) Walk(do func(Entry) bool) {
	for _, e := range h.entries {
		if !do(e) {
			return
		}
	}
}
