package dense

import (
	"sync/atomic"
	"unsafe"
)

// MaxText is the length of the longest text that Texts keeps, in bytes.
const MaxText = 1 << 12

const (
	blockBits = 16
	blockLen  = 1 << blockBits
	blockMask = blockLen - 1
	maxBlocks = 1 << (32 - blockBits)
)

// Texts keeps strings as bytes, one after the other, in blocks of 64 KiB. The
// first blocks are smaller, for those who have few texts. A text is one or two
// bytes longer than its string and is never moved, changed or given back.
//
// A handle is the block's number and the place in it. Handle 0 is "": in the
// first block the place 0 is not used.
//
// Invariant: a block is a row of texts, each with its length before it, and then
// zeros to its end; no text crosses from one block to the next; the texts of the
// last block take up used bytes.
type Texts struct {
	blocks atomic.Pointer[[][]byte] // replaced as a whole, so that Get needs no lock
	used   int
}

// Put keeps a text and returns its handle. It does not look for one that is
// already there.
func (t *Texts) Put(s string) (uint32, error) {
	if s == "" {
		return 0, nil
	}
	if len(s) > MaxText {
		return 0, &FullError{"the room for the bytes of one text", MaxText}
	}
	need := len(s) + 1
	if len(s) >= longText {
		need++
	}
	blocks := t.all()
	last := len(blocks) - 1
	if last < 0 || t.used+need > len(blocks[last]) {
		if len(blocks) == maxBlocks {
			return 0, &FullError{"the memory for texts, in blocks of 64 KiB,", maxBlocks}
		}
		last++
		t.used = 0
		if last == 0 {
			t.used = 1
		}
		more := append(blocks, make([]byte, max(blockSize(last), t.used+need))) // behind what the readers of old see
		t.blocks.Store(&more)
		blocks = more
	}
	into := blocks[last][t.used : t.used+need]
	if len(s) < longText {
		into[0] = byte(len(s))
	} else {
		into[0], into[1] = byte(longText|len(s)>>8), byte(len(s))
	}
	copy(into[need-len(s):], s)
	h := uint32(last)<<blockBits | uint32(t.used)
	t.used += need
	return h, nil
}

// longText is the first length that takes two bytes, the higher one first and
// with this bit set.
const longText = 1 << 7

// blockSize is 256 bytes for the first block, 1, 4 and 16 KiB for the next ones.
func blockSize(block int) int { return min(blockLen, 256<<(2*min(block, 4))) }

func (t *Texts) all() [][]byte {
	if blocks := t.blocks.Load(); blocks != nil {
		return *blocks
	}
	return nil
}

// Get returns a text. It is the stored one, not a copy, and good for ever.
func (t *Texts) Get(h uint32) string {
	if h == 0 {
		return ""
	}
	return textAt((*t.blocks.Load())[h>>blockBits], int(h&blockMask))
}

func textAt(block []byte, at int) string {
	b := block[at+1:]
	n := int(block[at])
	if n >= longText {
		n = n&^longText<<8 | int(b[0])
		b = b[1:]
	}
	b = b[:n]
	return unsafe.String(unsafe.SliceData(b), n) // nobody changes these bytes any more
}

// Walk gives all texts with their handles in the order they were put, until do
// returns false.
func (t *Texts) Walk(do func(h uint32, s string) bool) {
	for i, block := range t.all() {
		at := 0
		if i == 0 {
			at = 1
		}
		for at < len(block) && block[at] != 0 {
			s := textAt(block, at)
			if !do(uint32(i)<<blockBits|uint32(at), s) {
				return
			}
			if at += 1 + len(s); len(s) >= longText {
				at++
			}
		}
	}
}

// Blocks returns the bytes in which the texts are, the last block up to what is
// in use of it. They are the bytes themselves, not a copy.
func (t *Texts) Blocks() [][]byte {
	blocks := append([][]byte(nil), t.all()...)
	if last := len(blocks) - 1; last >= 0 {
		blocks[last] = blocks[last][:t.used]
	}
	return blocks
}
