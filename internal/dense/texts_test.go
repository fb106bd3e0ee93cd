package dense

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (t *Texts) check() error {
	var errs []error
	all := t.all()
	ends := make([]int, len(all)) // of the texts of each block
	t.Walk(func(h uint32, s string) bool {
		block, at := int(h>>blockBits), int(h&blockMask)
		begin := ends[block]
		if h>>blockBits == 0 && begin == 0 {
			begin = 1
		}
		errs = append(errs,
			wrong(at == begin, "text %d begins at %d of its block, not at %d", h, at, begin),
			wrong(s != "" && len(s) <= MaxText, "text %d has %d bytes", h, len(s)))
		if ends[block] = at + 1 + len(s); len(s) >= longText {
			ends[block]++
		}
		return true
	})
	for i, block := range all {
		errs = append(errs, wrong(len(block) <= blockLen, "block %d has %d bytes", i, len(block)))
		for _, b := range block[ends[i]:] {
			if b != 0 {
				errs = append(errs, wrong(false, "block %d is not zero behind its texts", i))
				break
			}
		}
	}
	if last := len(all) - 1; last >= 0 {
		errs = append(errs, wrong(t.used == ends[last], "the last block ends at %d, not at %d", t.used, ends[last]))
	}
	return errors.Join(errs...)
}

func driveTexts(t require.TestingT, c choices) {
	var texts Texts
	type text struct {
		handle uint32
		s      string
	}
	var put []text
	seen := map[uint32]bool{0: true}
	add := func(s string) {
		h, err := texts.Put(s)
		switch {
		case len(s) > MaxText:
			require.Equal(t, &FullError{"the room for the bytes of one text", MaxText}, err)
			return
		case s == "":
			require.NoError(t, err)
			require.Zero(t, h)
			return
		}
		require.NoError(t, err)
		require.False(t, seen[h], "handle %d was given twice", h)
		seen[h] = true
		put = append(put, text{h, s})
	}
	letters := strings.Repeat("abcdefghijklmnopqrstuvwxyz\x00\xff", 200)
	for c.more() {
		size := []int{0, 1, 7, 126, 127, 128, 129, 255, 256, 257, 1023, MaxText - 1, MaxText, MaxText + 1, c.upTo(MaxText)}[c.upTo(15)]
		times := 1
		if c.upTo(4) == 0 {
			times = c.upTo(40)
		}
		for range times {
			add(letters[c.upTo(20):][:size])
		}
		require.NoError(t, texts.check())
		require.Equal(t, "", texts.Get(0))
		n := 0
		texts.Walk(func(h uint32, s string) bool {
			require.Less(t, n, len(put), "more texts than were put")
			require.True(t, put[n].handle == h && put[n].s == s, "text %d is not the one that was put", n)
			require.True(t, texts.Get(h) == s, "handle %d", h)
			n++
			return true
		})
		require.Len(t, put, n, "as many texts as were put")
	}
}

func TestTextsGiveBackWhatWasPut(t *testing.T) { properties(t, driveTexts) }
func FuzzTexts(f *testing.F)                   { fuzzed(f, driveTexts) }

func TestTextsAreNoCopies(t *testing.T) {
	var texts Texts
	h, err := texts.Put("0301234567")
	require.NoError(t, err)
	got := texts.Get(h)
	for range 10_000 {
		_, err := texts.Put("another one")
		require.NoError(t, err)
	}
	assert.Equal(t, "0301234567", got)
	assert.Equal(t, "0301234567", texts.Get(h))
	assert.Zero(t, testing.AllocsPerRun(100, func() { _ = texts.Get(h) }))
}

func TestTextsTakeLittleMoreThanTheirBytes(t *testing.T) {
	var texts Texts
	_, err := texts.Put("x")
	require.NoError(t, err)
	assert.Equal(t, 256, len(texts.all()[0]), "for those who have few texts")
	assert.Equal(t, [][]byte{[]byte("\x00\x01x")}, texts.Blocks())
	const all = 100_000
	for range all {
		_, err := texts.Put("1234567890")
		require.NoError(t, err)
	}
	room := 0
	for _, block := range texts.all() {
		room += len(block)
	}
	assert.Less(t, room, all*11+blockLen+8*16)
}

func TestTextsEndAtFourGiB(t *testing.T) {
	var texts Texts
	blocks := make([][]byte, maxBlocks) // all the same one, full
	for i := range blocks {
		blocks[i] = make([]byte, 0)
	}
	blocks[maxBlocks-1] = make([]byte, blockLen)
	texts.blocks.Store(&blocks)
	texts.used = blockLen - 4
	h, err := texts.Put("abc")
	require.NoError(t, err, "just room for it")
	assert.EqualValues(t, 1<<32-4, h)
	assert.Equal(t, "abc", texts.Get(h))
	_, err = texts.Put("a")
	assert.EqualError(t, err, "the memory for texts, in blocks of 64 KiB, is full: at most 65536")
	h, err = texts.Put("")
	assert.NoError(t, err)
	assert.Zero(t, h)
}

func TestTextsAreReadWhileSomebodyPuts(t *testing.T) {
	const all = 40_000
	var texts Texts
	handles := make([]uint32, all)
	text := func(k int) string { return "text number " + strings.Repeat("x", k%200) }
	whileAdding(t, all, func(k int) { handles[k], _ = texts.Put(text(k)) },
		func(k int) bool {
			// Byte by byte: the race detector does not see what == reads.
			return HashText(texts.Get(handles[k])) == HashText(text(k))
		})
}

func BenchmarkTextsGet(b *testing.B) {
	var texts Texts
	handles := make([]uint32, 1<<20)
	for i := range handles {
		handles[i], _ = texts.Put("0301234567")
	}
	i := 0
	for b.Loop() {
		if len(texts.Get(handles[i])) != 10 {
			b.Fatal("not the text")
		}
		i = (i + 1) & (1<<20 - 1)
	}
}
