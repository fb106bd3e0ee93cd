package sqlstore

import (
	"slices"
	"strconv"
	"strings"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/fold"
)

// tail is what a contact can be entered at while somebody types: a name from one
// of its words on, folded, or the digits of a number.
type tail struct {
	kind tailKind
	text string
}

// tailKind is a kind of tail. The numbers are those in the table.
type tailKind int64

const (
	wholeName   tailKind = iota
	furtherWord          // from a further word of a name on
	wholeNumber          // with the country code
	national             // without it
)

// ofName reports whether it is a tail of a name.
func (k tailKind) ofName() bool { return k <= furtherWord }

// word is the word that the tail of a name begins with.
func (t tail) word() string {
	word, _, _ := strings.Cut(t.text, " ")
	return word
}

// tailsOf lists the tails of a contact, each once.
func tailsOf(c *campaign.Contact) []tail {
	if c == nil {
		return nil
	}
	var list []tail
	for _, t := range fold.Tails(fold.Names(c.FirstName, c.LastName, c.Company)) {
		kind := furtherWord
		if t.Name {
			kind = wholeName
		}
		list = append(list, tail{kind, t.Text})
	}
	number := func(k tailKind, digits string) {
		if t := (tail{k, digits}); digits != "" && !slices.Contains(list, t) {
			list = append(list, t)
		}
	}
	for _, n := range c.Phones[:min(len(c.Phones), fold.MaxNumbers)] {
		if n != 0 {
			whole := strconv.FormatUint(n.Uint64(), 10)
			number(wholeNumber, whole)
			number(national, fold.National(whole))
		}
	}
	return list
}
