package suggest

import (
	"fmt"
	"strings"
)

// Audit looks whether all that the index keeps fits together.
func (x *Index) Audit() error {
	kept := make(map[kind]int)
	words := make(map[string]bool)
	used := 0
	for contact := range x.rows {
		row := x.row(uint32(contact))
		used += len(row)
		parts(row, func(k kind, at, n int) {
			kept[k]++
			if k <= ofWord {
				words[firstWord(row[at:at+n])] = true
			}
		})
	}
	if used != x.used {
		return fmt.Errorf("rows have %d bytes, not %d", used, x.used)
	}
	for k := range x.order {
		o, n := &x.order[k], 0
		var last *entry
		for i, b := range o.list {
			if b.n == 0 || b.n > blockLen {
				return fmt.Errorf("block %d of kind %d has %d entries", i, k, b.n)
			}
			if o.heads[i] != head(x.text(b.e[0])) {
				return fmt.Errorf("block %d of kind %d has another head", i, k)
			}
			for j := range b.n {
				if last != nil && o.compare(x.text(*last), *last, b.e[j]) >= 0 {
					return fmt.Errorf("%q is not before %q", x.text(*last), x.text(b.e[j]))
				}
				last = &b.e[j]
				n++
			}
		}
		if n != kept[kind(k)] {
			return fmt.Errorf("there are %d entries of kind %d, not %d", n, k, kept[kind(k)])
		}
	}
	before := ""
	for i, p := range x.words.pages {
		page := p.text
		var all pairs
		if all.add(page); !p.pairs.holds(&all) {
			return fmt.Errorf("page %d has pairs that it does not say", i)
		}
		if len(page) < 3 || page[0] != ' ' || page[len(page)-1] != ' ' {
			return fmt.Errorf("page %d is %q", i, page)
		}
		for word := range strings.SplitSeq(string(page[1:len(page)-1]), " ") {
			if word <= before || !words[word] {
				return fmt.Errorf("word %q behind %q: wanted %t", word, before, words[word])
			}
			before = word
			delete(words, word)
		}
	}
	if len(words) > 0 {
		return fmt.Errorf("words are missing: %v", words)
	}
	return nil
}

// Empty reports whether nothing is kept.
func (x *Index) Empty() bool {
	n := len(x.words.pages) + x.used
	for k := range x.order {
		n += len(x.order[k].list)
	}
	return n == 0
}

// Words counts the distinct words.
func (x *Index) Words() (n int) {
	for _, page := range x.words.pages {
		n += strings.Count(string(page.text), " ") - 1
	}
	return n
}
