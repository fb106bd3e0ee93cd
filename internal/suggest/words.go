package suggest

import (
	"bytes"
	"slices"
	"sort"

	"github.com/nextcall/nextcall/internal/fold"
)

// pageLen is how many bytes of words a page has at the most.
const pageLen = 2 << 10

// pageRoom is what a page needs before it is split.
const pageRoom = pageLen + fold.Max + 2

// words keeps distinct words in their order, in pages: a page is its words with a
// space before the first, between them, and behind the last.
type words struct{ pages [][]byte }

// firstOf returns the first word of a page.
func firstOf(page []byte) []byte { return page[1 : 1+bytes.IndexByte(page[1:], ' ')] }

// page returns the page in which a word is, or would be.
func (w *words) page(word string) int {
	return max(0, sort.Search(len(w.pages), func(i int) bool { return string(firstOf(w.pages[i])) > word })-1)
}

// place returns where a word begins in a page, or would begin.
func place(page []byte, word string) (at int, found bool) {
	for at = 1; at < len(page); {
		n := bytes.IndexByte(page[at:], ' ')
		switch w := page[at : at+n]; {
		case string(w) == word:
			return at, true
		case string(w) > word:
			return at, false
		}
		at += n + 1
	}
	return at, false
}

func (w *words) add(word string) {
	if len(w.pages) == 0 {
		page := append(make([]byte, 0, pageRoom), ' ')
		w.pages = append(w.pages, append(append(page, word...), ' '))
		return
	}
	i := w.page(word)
	at, found := place(w.pages[i], word)
	if found {
		return
	}
	page := slices.Insert(w.pages[i], at, append([]byte(word), ' ')...)
	w.pages[i] = page
	if len(page) > pageLen {
		// Behind the word in the middle.
		half := len(page) / 2
		half += bytes.IndexByte(page[half:], ' ')
		if half+1 < len(page) {
			w.pages = slices.Insert(w.pages, i+1, append(make([]byte, 0, pageRoom), page[half:]...))
			w.pages[i] = page[:half+1]
		}
	}
}

func (w *words) remove(word string) {
	if len(w.pages) == 0 {
		return
	}
	i := w.page(word)
	at, found := place(w.pages[i], word)
	if !found {
		return
	}
	page := slices.Delete(w.pages[i], at, at+len(word)+1)
	w.pages[i] = page
	switch {
	case len(page) == 1:
		w.pages = slices.Delete(w.pages, i, i+1)
	case i+1 < len(w.pages) && len(page)+len(w.pages[i+1]) <= pageLen/2:
		w.pages[i] = append(page, w.pages[i+1][1:]...)
		w.pages = slices.Delete(w.pages, i+1, i+2)
	}
}

// holding calls do with each word in which a text begins behind the first letter,
// in their order, until it returns false. A text that ends with a space is the end
// of a word.
func (w *words) holding(text string, do func(word string) bool) {
	pattern := []byte(text)
	for _, page := range w.pages {
		for at := 0; ; {
			found := bytes.Index(page[at:], pattern)
			if found < 0 {
				break
			}
			found += at
			from := bytes.LastIndexByte(page[:found+1], ' ') + 1
			to := from + bytes.IndexByte(page[from:], ' ')
			at = to
			if from < found && !do(string(page[from:to])) {
				return
			}
		}
	}
}
