package campaign

import (
	"cmp"
	"strings"

	"github.com/nextcall/nextcall/internal/fold"
)

// Typed is what somebody has typed so far to find a contact: a part of a name, or
// the beginning of a phone number.
//
// Names are "First Last", "Last First" and the company. They are compared without
// case, diacritics (Łukasz is lukasz, Groß is gross) and punctuation, any of which
// is as good as a space, with one space between words. No more than the first 256
// bytes of a name, and of what was typed, are compared.
//
// Numbers are looked at if there is nothing but digits, spaces, dashes, dots, slashes
// and brackets, and perhaps a + at the beginning. They may be typed with their
// country code, without it, or with a 0 instead of it; after + or 00 it is the
// country code that follows. No more than a contact's first 100 numbers are compared.
type Typed struct {
	Text string
	// Limit is how many suggestions come at the most; 0 is 10, more than 100 is 100.
	Limit int
}

// Most is how many suggestions come at the most: the limit, as it is meant.
func (t Typed) Most() int {
	if t.Limit <= 0 {
		return 10
	}
	return min(t.Limit, 100)
}

// Suggestion is a contact that matches what was typed.
type Suggestion struct {
	Contact *Contact
	Fit     Fit
	// Text is what matches: the name, folded, from the word on in which the match
	// begins, or the digits of the number, without the country code if that was not
	// typed. Of several that fit equally well it is the first, bytes compared.
	Text string
}

// Fit says how well a name or a phone matches what was typed. Less is better.
type Fit uint8

// The fits, the best first.
const (
	FitExact     = Fit(fold.Exact)     // the whole name or number
	FitPrefix    = Fit(fold.Prefix)    // the name or number begins with it
	FitWordStart = Fit(fold.WordStart) // a further word of the name begins with it
	FitInside    = Fit(fold.Inside)    // it is somewhere else inside the name
)

// Compare says which suggestion comes first: the better fit, then the smaller
// text, then the smaller id, bytes compared.
func (s Suggestion) Compare(o Suggestion) int {
	return cmp.Or(cmp.Compare(s.Fit, o.Fit), strings.Compare(s.Text, o.Text), cmp.Compare(s.Contact.ID, o.Contact.ID))
}

// Match reports whether a contact, which may be nil, matches, and how well. A store
// that has no index asks it of every contact and sorts what it says by
// [Suggestion.Compare].
func (t Typed) Match(c *Contact) (Suggestion, bool) {
	if c == nil {
		return Suggestion{}, false
	}
	q := fold.NewQuery(t.Text)
	best, found := q.Names(fold.Names(c.FirstName, c.LastName, c.Company))
	for _, n := range c.Phones[:min(len(c.Phones), fold.MaxNumbers)] {
		if m, ok := q.Number(n.Uint64()); ok && (!found || m.Less(best)) {
			best, found = m, true
		}
	}
	return Suggestion{Contact: c, Fit: Fit(best.Fit), Text: best.Text}, found
}
