package campaign

import (
	"strings"
	"unicode"

	"github.com/nextcall/nextcall/blacklist"
)

// Terms reads what people paste into one field: numbers and record ids between
// white space of any kind, a byte order mark or zero-width spaces. Each text comes
// once, in the order of its first place. number reads a phone number as the host
// does (package e164 has one that does); a text that it refuses can only be an id.
// With a nil number all are ids.
//
// A number with blanks in it is several texts: only blanks part one from the next.
func Terms(text string, number func(string) (blacklist.Number, error)) []Term {
	texts := strings.FieldsFunc(text, func(c rune) bool {
		return unicode.IsSpace(c) || c == '\ufeff' || c == '\u200b'
	})
	terms := make([]Term, 0, len(texts))
	seen := make(map[string]bool, len(texts))
	for _, s := range texts {
		if seen[s] {
			continue
		}
		seen[s] = true
		t := Term{ID: RecordID(s)}
		if number != nil {
			if n, err := number(s); err == nil {
				t.Number = n
			}
		}
		terms = append(terms, t)
	}
	return terms
}
