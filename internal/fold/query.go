package fold

import (
	"strconv"
	"strings"
)

// Fit says how well a text matches what was typed. Less is better.
type Fit uint8

// The fits, the best first.
const (
	Exact     Fit = iota // it is the whole name or number
	Prefix               // the name or number begins with it
	WordStart            // a further word of the name begins with it
	Inside               // it is elsewhere in the name
)

// Query is what was typed, as it is compared. The zero Query matches nothing.
type Query struct {
	Text          string   // with names; "": no name matches
	International []string // with the beginnings of whole numbers
	National      []string // with the beginnings of numbers without their country code
}

// NewQuery folds what was typed. A number may be typed with its country code,
// without it, or with a 0 instead of it.
func NewQuery(typed string) Query {
	q := Query{Text: Text(typed)}
	d, international := digits(typed)
	switch {
	case d == "":
	case international:
		q.International = []string{d}
	case d[0] == '0':
		// In some countries the 0 is a part of the number.
		q.National = []string{d}
		if d = d[1:]; d != "" {
			q.National = append(q.National, d)
		}
	default:
		q.International, q.National = []string{d}, []string{d}
	}
	return q
}

// Match is how a text of a contact matches.
type Match struct {
	Fit  Fit
	Text string
}

// Less reports whether m comes before o.
func (m Match) Less(o Match) bool {
	return m.Fit < o.Fit || m.Fit == o.Fit && m.Text < o.Text
}

// Tail matches a tail of a name. Inside is only what begins in its first word:
// other tails begin with the others.
func (q *Query) Tail(t Tail) (Match, bool) {
	m := Match{Text: t.Text}
	switch {
	case q.Text == "":
		return Match{}, false
	case t.Name && t.Text == q.Text:
		m.Fit = Exact
	case strings.HasPrefix(t.Text, q.Text):
		if m.Fit = WordStart; t.Name {
			m.Fit = Prefix
		}
	default:
		at := strings.Index(t.Text, q.Text)
		if at < 0 || strings.IndexByte(t.Text[:at], ' ') >= 0 {
			return Match{}, false
		}
		m.Fit = Inside
	}
	return m, true
}

// Names returns the best match among the tails of a contact's folded names.
func (q *Query) Names(names []string) (best Match, found bool) {
	for _, t := range Tails(names) {
		if m, ok := q.Tail(t); ok && (!found || m.Less(best)) {
			best, found = m, true
		}
	}
	return best, found
}

// Number matches a number, the country code first; 0 is none.
func (q *Query) Number(number uint64) (best Match, found bool) {
	if number == 0 || q.International == nil && q.National == nil {
		return Match{}, false
	}
	look := func(text string, beginnings []string) {
		for _, b := range beginnings {
			if !strings.HasPrefix(text, b) {
				continue
			}
			m := Match{Prefix, text}
			if text == b {
				m.Fit = Exact
			}
			if !found || m.Less(best) {
				best, found = m, true
			}
		}
	}
	whole := strconv.FormatUint(number, 10)
	look(whole, q.International)
	look(National(whole), q.National)
	return best, found
}
