// Package fold says what of names and phone numbers is compared while somebody
// types: texts without case, diacritics and punctuation, the words that a name can
// be entered at, the forms of a number, and how well each fits what was typed.
package fold

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Max is how many bytes of a folded text are compared; what follows is not looked at.
const Max = 256

// letters are those that no decomposition takes apart, in small letters.
var letters = [...]struct {
	from rune
	to   string
}{
	{'ß', "ss"}, {'æ', "ae"}, {'ð', "d"}, {'ø', "o"}, {'þ', "th"},
	{'đ', "d"}, {'ħ', "h"}, {'ı', "i"}, {'ł', "l"}, {'ŋ', "n"}, {'œ', "oe"}, {'ŧ', "t"},
	{'ƀ', "b"}, {'ƒ', "f"}, {'ƶ', "z"}, {'ɓ', "b"}, {'ɗ', "d"}, {'ə', "e"}, {'ɨ', "i"}, {'ς', "σ"},
	{'‘', "'"}, {'’', "'"}, {'ʻ', "'"}, {'ʼ', "'"}, {'′', "'"}, {'`', "'"},
}

// Text folds a text: small letters without diacritics (Ł is l, ß is ss), typographic
// apostrophes as plain ones, and whatever white space and punctuation else there is
// between words as one space. It is cut at [Max] bytes. A folded text stays as it is
// when it is folded again.
func Text(s string) string {
	f := folder{out: make([]byte, 0, min(len(s), Max))}
	var it norm.Iter
	it.InitString(norm.NFKD, s)
	for !f.full && !it.Done() {
		for part := it.Next(); len(part) > 0 && !f.full; {
			r, n := utf8.DecodeRune(part)
			part = part[n:]
			f.add(r)
		}
	}
	return string(f.out)
}

// folder collects a folded text.
type folder struct {
	out  []byte
	gap  bool // something stands between the last letter and the next
	full bool
}

// add folds a rune of a decomposed text.
func (f *folder) add(r rune) {
	if r < utf8.RuneSelf {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			f.put(r)
			return
		case 'A' <= r && r <= 'Z':
			f.put(r + 'a' - 'A')
			return
		}
	}
	r = unicode.ToLower(r)
	for i := range letters {
		if letters[i].from == r {
			for _, to := range letters[i].to {
				f.put(to)
			}
			return
		}
	}
	switch {
	case r == '\'':
		f.put(r)
	case unicode.IsSpace(r), unicode.IsPunct(r):
		f.gap = true
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cc, unicode.Cf):
	default:
		f.put(r)
	}
}

func (f *folder) put(r rune) {
	n := utf8.RuneLen(r)
	space := f.gap && len(f.out) > 0
	if space {
		n++
	}
	if f.full = f.full || len(f.out)+n > Max; f.full {
		return
	}
	if space {
		f.out = append(f.out, ' ')
	}
	f.gap = false
	f.out = utf8.AppendRune(f.out, r)
}
