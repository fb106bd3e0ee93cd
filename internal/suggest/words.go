package suggest

import (
	"bytes"
	"slices"
	"sort"

	"github.com/nextcall/nextcall/internal/fold"
)

const (
	// pageLen is how many bytes of words a page has at the most.
	pageLen = 2 << 10
	// pageRoom is what a page needs before it is split.
	pageRoom = pageLen + fold.Max + 2
)

// words keeps distinct words in their order, in pages.
type words struct{ pages []*page }

// page is words with a space before the first, between them, and behind the last.
type page struct {
	text []byte
	// pairs has a bit for each pair of bytes that follow each other in the text, and
	// perhaps for more: a page without one of what is looked for is not looked at.
	pairs pairs
}

// pairs is a set of pairs of bytes, by their hashes.
type pairs [16]uint64

func (p *pairs) add(text []byte) {
	for i := 1; i < len(text); i++ {
		h := pairOf(text[i-1], text[i])
		p[h>>6] |= 1 << (h & 63)
	}
}

func pairOf(a, b byte) uint32 { return (uint32(a)<<8 | uint32(b)) * 2654435761 >> 22 }

// holds reports whether all pairs of another set may be in this one.
func (p *pairs) holds(other *pairs) bool {
	for i := range p {
		if other[i]&^p[i] != 0 {
			return false
		}
	}
	return true
}

// newPage returns a page with a copy of a text.
func newPage(text []byte) *page {
	p := &page{text: append(make([]byte, 0, pageRoom), text...)}
	p.pairs.add(p.text)
	return p
}

// first returns the first word of a page.
func (p *page) first() []byte { return p.text[1 : 1+bytes.IndexByte(p.text[1:], ' ')] }

// place returns where a word begins in a page, or would begin.
func (p *page) place(word string) (at int, found bool) {
	for at = 1; at < len(p.text); {
		n := bytes.IndexByte(p.text[at:], ' ')
		switch w := p.text[at : at+n]; {
		case string(w) == word:
			return at, true
		case string(w) > word:
			return at, false
		}
		at += n + 1
	}
	return at, false
}

// page returns the number of the page in which a word is, or would be.
func (w *words) page(word string) int {
	return max(0, sort.Search(len(w.pages), func(i int) bool { return string(w.pages[i].first()) > word })-1)
}

func (w *words) add(word string) {
	spaced := append(append(append(make([]byte, 0, len(word)+2), ' '), word...), ' ')
	if len(w.pages) == 0 {
		w.pages = append(w.pages, newPage(spaced))
		return
	}
	i := w.page(word)
	p := w.pages[i]
	at, found := p.place(word)
	if found {
		return
	}
	p.text = slices.Insert(p.text, at, spaced[1:]...)
	p.pairs.add(spaced)
	if len(p.text) > pageLen {
		// Behind the word in the middle.
		half := len(p.text) / 2
		half += bytes.IndexByte(p.text[half:], ' ')
		if half+1 < len(p.text) {
			w.pages[i] = newPage(p.text[:half+1])
			w.pages = slices.Insert(w.pages, i+1, newPage(p.text[half:]))
		}
	}
}

func (w *words) remove(word string) {
	if len(w.pages) == 0 {
		return
	}
	i := w.page(word)
	p := w.pages[i]
	at, found := p.place(word)
	if !found {
		return
	}
	p.text = slices.Delete(p.text, at, at+len(word)+1)
	switch {
	case len(p.text) == 1:
		w.pages = slices.Delete(w.pages, i, i+1)
	case i+1 < len(w.pages) && len(p.text)+len(w.pages[i+1].text) <= pageLen/2:
		w.pages[i] = newPage(append(p.text, w.pages[i+1].text[1:]...))
		w.pages = slices.Delete(w.pages, i+1, i+2)
	}
}

// holding calls do with each word in which a text begins behind the first letter,
// in their order, until it returns false. A text that ends with a space is the end
// of a word.
func (w *words) holding(text string, do func(word string) bool) {
	pattern := []byte(text)
	var wanted pairs
	wanted.add(pattern)
	for _, p := range w.pages {
		if !p.pairs.holds(&wanted) {
			continue
		}
		for at := 0; ; {
			found := bytes.Index(p.text[at:], pattern)
			if found < 0 {
				break
			}
			found += at
			from := bytes.LastIndexByte(p.text[:found+1], ' ') + 1
			to := from + bytes.IndexByte(p.text[from:], ' ')
			at = to
			if from < found && !do(string(p.text[from:to])) {
				return
			}
		}
	}
}
