package suggest

import (
	"cmp"
	"iter"
	"slices"
	"strings"
)

// Fill enters many contacts into an empty index, faster than one by one. After an
// error the index is of no use.
func (x *Index) Fill(contacts iter.Seq2[uint32, *Contact]) error {
	var lists [numKinds][]keyed
	for contact, c := range contacts {
		row := c.row()
		if row == "" {
			continue
		}
		h, err := x.texts.Put(row)
		if err != nil {
			return err
		}
		x.put(contact, h, row)
		parts(row, func(k kind, at, n int) {
			lists[k] = append(lists[k], keyed{head(row[at : at+n]), entry{contact, uint16(at), uint16(n)}})
		})
	}
	for k := range lists {
		x.sort(lists[k], 0)
		x.order[k].fill(lists[k])
		lists[k] = nil
	}
	x.words.fill(&x.order[ofName], &x.order[ofWord])
	return nil
}

// keyed is an entry with eight bytes of its text as a number.
type keyed struct {
	key uint64
	entry
}

// sort puts entries into their order whose texts are equal up to depth, and whose
// keys are the eight bytes behind it.
func (x *Index) sort(list []keyed, depth int) {
	slices.SortFunc(list, func(a, b keyed) int { return cmp.Compare(a.key, b.key) })
	for from := 0; from < len(list); {
		to := from + 1
		for to < len(list) && list[to].key == list[from].key {
			to++
		}
		if same := list[from:to]; len(same) > 1 {
			if byte(same[0].key) == 0 { // the texts end here
				slices.SortFunc(same, func(a, b keyed) int {
					return cmp.Or(strings.Compare(x.id(a.contact), x.id(b.contact)), cmp.Compare(a.at, b.at))
				})
			} else {
				for i := range same {
					same[i].key = head(x.text(same[i].entry)[depth+8:])
				}
				x.sort(same, depth+8)
			}
		}
		from = to
	}
}

// filled is how many entries of a block are used at first, to have room for more.
const filled = blockLen * 7 / 8

func (o *order) fill(list []keyed) {
	for part := range slices.Chunk(list, filled) {
		b := &block{n: len(part)}
		for i := range part {
			b.e[i] = part[i].entry
		}
		o.list, o.heads = append(o.list, b), append(o.heads, head(o.index.text(b.e[0])))
	}
}

// firsts walks along the words that the texts of an order begin with, each once.
type firsts struct {
	cursor
	word string
	more bool
}

func (f *firsts) next() {
	for f.more = f.cursor.next(""); f.more && firstWord(f.text) == f.word; f.more = f.cursor.next("") {
	}
	if f.more {
		f.word = firstWord(f.text)
	}
}

// fill takes the words that the texts of two orders begin with.
func (w *words) fill(a, b *order) {
	x, y := firsts{cursor: a.seek("")}, firsts{cursor: b.seek("")}
	x.next()
	y.next()
	var page []byte
	for x.more || y.more {
		word := x.word
		if !x.more || y.more && y.word < word {
			word = y.word
		}
		if len(page)+len(word) > pageLen*7/8 {
			w.pages = append(w.pages, newPage(page))
			page = page[:0]
		}
		if len(page) == 0 {
			page = append(page, ' ')
		}
		page = append(append(page, word...), ' ')
		if x.more && x.word == word {
			x.next()
		}
		if y.more && y.word == word {
			y.next()
		}
	}
	if len(page) > 0 {
		w.pages = append(w.pages, newPage(page))
	}
}
