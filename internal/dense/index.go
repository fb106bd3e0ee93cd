package dense

// Index finds numbers by a hash of 64 bits, in 4 bytes a slot. It keeps neither
// the hash nor what was hashed: the owner knows what a number stands for, says
// whether it is the same, and gives its hash again when it has to move.
//
// The slots are in tables of at most 4096, and the upper bits of the hash choose
// the table. A full table is split in two, so that no addition waits for all
// numbers to be moved. Four bits of the hash are kept beside a number as its
// tag, and the owner is asked for one in fifteen of the others only.
//
// Hashes that are all alike make it slow, and never wrong.
//
// A number that is removed leaves its slot dead, for the next one that comes by,
// unless the slot behind it is empty: so nobody is asked where its neighbours belong.
//
// Invariant: a table is in 1<<(depth of the index - depth of the table) places
// of the directory, side by side; of its slots at least one in eight is empty;
// between the place that a number's hash names and the place where it is, no slot
// is empty; no slot is dead that has an empty one behind it.
type Index struct {
	tables []*table // by the upper bits of the hash: as many bits as depth says
	depth  uint8
	n      int
}

// table is one piece of an Index. A slot is a tag above 28 bits of a number, or
// empty or dead: no tag is 0.
type table struct {
	slots []uint32
	used  int   // by numbers
	dead  int   // by those that were removed
	depth uint8 // how many upper bits of the hash all its numbers have in common
}

const (
	leastSlots = 8
	tableSlots = 1 << 12
	maxDepth   = 18 // 1024 numbers a table when the index is full

	numberBits = 28
	numberMask = 1<<numberBits - 1

	empty = 0
	dead  = 1
)

// taken reports whether a number is in a slot.
func taken(slot uint32) bool { return slot > numberMask }

// tagOf takes the lowest bits of the hash, homeOf bits from the middle: the
// directory has the upper ones.
func tagOf(hash uint64) uint32 {
	if tag := uint32(hash & 15); tag != 0 {
		return tag << numberBits
	}
	return 8 << numberBits
}

func homeOf(hash uint64, slots int) int { return int(uint64(uint32(hash>>8)) * uint64(slots) >> 32) }

func (x *Index) table(hash uint64) *table { return x.tables[hash>>(64-x.depth)] }

// Find returns the number that same says yes to, among those with this hash.
func (x *Index) Find(hash uint64, same func(v uint32) bool) (uint32, bool) {
	if x.n == 0 {
		return 0, false
	}
	slots, tag := x.table(hash).slots, tagOf(hash)
	for i := homeOf(hash, len(slots)); ; i++ {
		if i == len(slots) {
			i = 0
		}
		switch slot := slots[i]; {
		case slot == empty:
			return 0, false
		case slot&^numberMask == tag && same(slot&numberMask):
			return slot & numberMask, true
		}
	}
}

// Add adds a number that the index does not have under this hash. hashOf gives
// the hash of the numbers that are already there.
func (x *Index) Add(hash uint64, v uint32, hashOf func(v uint32) uint64) error {
	if v > MaxNumber {
		return &FullError{"the index of numbers from 0 on", MaxNumber + 1}
	}
	if x.tables == nil {
		x.tables = []*table{{slots: make([]uint32, leastSlots)}}
	}
	t := x.table(hash)
	for t.full() {
		switch {
		case t.dead*8 >= len(t.slots):
			t.resize(len(t.slots), hashOf)
		case len(t.slots) >= tableSlots && t.depth < maxDepth:
			x.split(hash, t, hashOf)
		default:
			t.resize(nextSize(len(t.slots)), hashOf)
		}
		t = x.table(hash)
	}
	t.put(hash, v)
	x.n++
	return nil
}

// nextSize goes from 8 to 12 to 16 to 24: never more than half again.
func nextSize(slots int) int {
	if slots&(slots-1) == 0 {
		return slots + slots/2
	}
	return slots + slots/3
}

func (t *table) full() bool { return (t.used+t.dead+1)*8 > len(t.slots)*7 }

func (t *table) put(hash uint64, v uint32) {
	i := homeOf(hash, len(t.slots))
	for taken(t.slots[i]) {
		if i++; i == len(t.slots) {
			i = 0
		}
	}
	if t.slots[i] == dead {
		t.dead--
	}
	t.slots[i] = tagOf(hash) | v
	t.used++
}

func (t *table) resize(slots int, hashOf func(uint32) uint64) {
	old := t.slots
	t.slots, t.used, t.dead = make([]uint32, slots), 0, 0
	for _, slot := range old {
		if taken(slot) {
			t.put(hashOf(slot&numberMask), slot&numberMask)
		}
	}
}

// split divides a table by the next bit of the hash.
func (x *Index) split(hash uint64, t *table, hashOf func(uint32) uint64) {
	if t.depth == x.depth {
		tables := make([]*table, 2*len(x.tables))
		for i := range tables {
			tables[i] = x.tables[i/2]
		}
		x.tables = tables
		x.depth++
	}
	old, bit := t.slots, uint64(1)<<(63-t.depth)
	ones := 0
	hashes := make([]uint64, 0, t.used)
	for _, slot := range old {
		if taken(slot) {
			h := hashOf(slot & numberMask)
			hashes = append(hashes, h)
			if h&bit != 0 {
				ones++
			}
		}
	}
	t.depth++
	upper := &table{slots: make([]uint32, sizeFor(ones)), depth: t.depth}
	t.slots, t.used, t.dead = make([]uint32, sizeFor(len(hashes)-ones)), 0, 0
	k := 0
	for _, slot := range old {
		if !taken(slot) {
			continue
		}
		if h := hashes[k]; h&bit != 0 {
			upper.put(h, slot&numberMask)
		} else {
			t.put(h, slot&numberMask)
		}
		k++
	}
	places := 1 << (x.depth - t.depth)
	first := int(hash>>(64-x.depth)) &^ (2*places - 1) // of the table as it was
	for i := first + places; i < first+2*places; i++ {
		x.tables[i] = upper
	}
}

// sizeFor leaves a quarter empty, so that a new table is not full at once.
func sizeFor(used int) int {
	slots := leastSlots
	for used*4 > slots*3 {
		slots = nextSize(slots)
	}
	return slots
}

// Grow makes room for n numbers in all, for those who know how many will come:
// so the ones that are there are moved once and not again and again. It never
// takes room away.
func (x *Index) Grow(n int, hashOf func(v uint32) uint64) {
	depth := uint8(0)
	for n>>depth > tableSlots*3/4 && depth < maxDepth {
		depth++
	}
	if n <= x.n || depth < x.depth || x.tables != nil && depth == x.depth {
		return
	}
	grown := Index{tables: make([]*table, 1<<depth), depth: depth}
	slots := sizeFor(n >> depth)
	for i := range grown.tables {
		grown.tables[i] = &table{slots: make([]uint32, slots), depth: depth}
	}
	x.Walk(func(v uint32) bool {
		_ = grown.Add(hashOf(v), v, hashOf) // it was added before
		return true
	})
	*x = grown
}

// Remove takes a number out that was added under this hash, and says whether it
// was there.
func (x *Index) Remove(hash uint64, v uint32) bool {
	if x.n == 0 {
		return false
	}
	t := x.table(hash)
	slots := t.slots
	want, i := tagOf(hash)|v, homeOf(hash, len(slots))
	for slots[i] != want {
		if slots[i] == empty {
			return false
		}
		if i++; i == len(slots) {
			i = 0
		}
	}
	t.used--
	x.n--
	behind := i + 1
	if behind == len(slots) {
		behind = 0
	}
	if slots[behind] != empty {
		slots[i] = dead
		t.dead++
		return true
	}
	slots[i] = empty
	for {
		if i--; i < 0 {
			i = len(slots) - 1
		}
		if slots[i] != dead {
			return true
		}
		slots[i] = empty
		t.dead--
	}
}

// Len returns how many numbers there are.
func (x *Index) Len() int { return x.n }

// Walk gives all numbers in no order, until do returns false.
func (x *Index) Walk(do func(v uint32) bool) {
	var last *table
	for _, t := range x.tables {
		if t == last {
			continue
		}
		last = t
		for _, slot := range t.slots {
			if taken(slot) && !do(slot&numberMask) {
				return
			}
		}
	}
}
