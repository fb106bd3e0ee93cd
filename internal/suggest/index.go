package suggest

import (
	"slices"
	"strconv"
	"strings"

	"github.com/nextcall/nextcall/internal/dense"
	"github.com/nextcall/nextcall/internal/fold"
)

// An Index holds contacts by small numbers of its owner's, best without gaps. It is
// not safe for concurrent use. [New] makes one.
type Index struct {
	id    func(contact uint32) string
	rows  []uint32 // by contact: its row in texts; 0 is none
	texts *dense.Texts
	waste int // bytes in texts that are no longer a row
	used  int // bytes in texts that are one
	order [numKinds]order
	words words
}

// kind is what a text is of a contact.
type kind uint8

const (
	ofName     kind = iota // a whole name
	ofWord                 // a name from a further word on
	ofNumber               // a number, the country code first
	ofNational             // a number without its country code
	numKinds
)

// entry is a text of a contact: a part of its row.
type entry struct {
	contact uint32
	at, n   uint16
}

// New returns an empty index. id gives the id of a contact: contacts with equal
// texts come in the order of their ids, bytes compared. It is to stay what it is.
func New(id func(contact uint32) string) *Index {
	x := &Index{id: id, texts: new(dense.Texts)}
	for k := range x.order {
		x.order[k].index = x
	}
	return x
}

// A Contact is what the index is told of one.
type Contact struct {
	First, Last, Company string
	Numbers              []uint64 // with their country codes; 0 is none
}

// row is all that is kept of a contact: its folded names with a line break
// between them, then each number behind a tab. Neither is in a folded text.
func (c *Contact) row() string {
	var b strings.Builder
	for i, name := range fold.Names(c.First, c.Last, c.Company) {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(name)
	}
	numbers := c.Numbers[:min(len(c.Numbers), fold.MaxNumbers)]
	for i, n := range numbers {
		if n != 0 && !slices.Contains(numbers[:i], n) {
			b.WriteByte('\t')
			b.Write(strconv.AppendUint(nil, n, 10))
		}
	}
	return b.String()
}

// namesIn are the names in a row.
func namesIn(row string) []string {
	names, _, _ := strings.Cut(row, "\t")
	if names == "" {
		return nil
	}
	return strings.Split(names, "\n")
}

// row returns the row of a contact, "" if it has none.
func (x *Index) row(contact uint32) string {
	if int(contact) >= len(x.rows) {
		return ""
	}
	return x.texts.Get(x.rows[contact])
}

// text returns the text of an entry.
func (x *Index) text(e entry) string {
	return x.texts.Get(x.rows[e.contact])[e.at : e.at+e.n]
}

// Set enters a contact instead of what it was. On an error it is as it was.
func (x *Index) Set(contact uint32, c *Contact) error {
	now := c.row()
	was := x.row(contact)
	if now == was {
		return nil
	}
	if err := x.tidy(); err != nil {
		return err
	}
	h, err := x.texts.Put(now)
	if err != nil {
		return err
	}
	if was != "" {
		x.leave(contact, was)
	}
	x.put(contact, h, now)
	parts(now, func(k kind, at, n int) {
		x.order[k].insert(entry{contact, uint16(at), uint16(n)})
		if k <= ofWord {
			x.words.add(firstWord(now[at : at+n]))
		}
	})
	return nil
}

// Remove takes a contact out.
func (x *Index) Remove(contact uint32) {
	if was := x.row(contact); was != "" {
		x.leave(contact, was)
		x.put(contact, 0, "")
	}
}

func (x *Index) put(contact, h uint32, row string) {
	if more := int(contact) + 1 - len(x.rows); more > 0 {
		if row == "" {
			return
		}
		x.rows = append(x.rows, make([]uint32, more)...)
	}
	x.rows[contact] = h
	x.used += len(row)
}

// leave takes the entries of a contact out of the orders, and words that nobody
// has any more out of their list.
func (x *Index) leave(contact uint32, row string) {
	x.used -= len(row)
	x.waste += len(row)
	parts(row, func(k kind, at, n int) { x.order[k].remove(entry{contact, uint16(at), uint16(n)}) })
	parts(row, func(k kind, at, n int) {
		if word := firstWord(row[at : at+n]); k <= ofWord && !x.has(word) {
			x.words.remove(word)
		}
	})
}

// has reports whether a tail begins with a word.
func (x *Index) has(word string) bool {
	for k := ofName; k <= ofWord; k++ {
		if c := x.order[k].seek(word); c.next(word) && firstWord(c.text) == word {
			return true
		}
	}
	return false
}

// leastWaste is how many bytes may be wasted before rows are put together.
const leastWaste = 1 << 20

// tidy puts the rows together when half of them is waste.
func (x *Index) tidy() error {
	if x.waste < leastWaste || x.waste < x.used {
		return nil
	}
	texts := new(dense.Texts)
	rows := slices.Clone(x.rows)
	for c, h := range x.rows {
		if h != 0 {
			var err error
			if rows[c], err = texts.Put(x.texts.Get(h)); err != nil {
				return err
			}
		}
	}
	x.texts, x.rows, x.waste = texts, rows, 0
	return nil
}

// parts calls do with each text of a row: of its names, and of its numbers.
func parts(row string, do func(k kind, at, n int)) {
	names := namesIn(row)
	for _, t := range fold.Tails(names) {
		k, at := ofWord, 0
		if t.Name {
			k = ofName
		}
		for _, name := range names {
			if at += len(name); strings.HasSuffix(name, t.Text) {
				break
			}
			at++
		}
		do(k, at-len(t.Text), len(t.Text))
	}
	at := strings.IndexByte(row, '\t')
	if at < 0 {
		return
	}
	for at < len(row) {
		at++
		n := len(row) - at
		if end := strings.IndexByte(row[at:], '\t'); end >= 0 {
			n = end
		}
		do(ofNumber, at, n)
		if national := len(fold.National(row[at : at+n])); national > 0 {
			do(ofNational, at+n-national, national)
		}
		at += n
	}
}

func firstWord(text string) string {
	if end := strings.IndexByte(text, ' '); end >= 0 {
		return text[:end]
	}
	return text
}
