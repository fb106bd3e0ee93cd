package blacklist

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// ParseError says what is wrong with a text that somebody typed, and where.
type ParseError struct {
	What  string // what the text should be: "number" or "expiry"
	Input string // the whole text
	Pos   int    // the byte of Input at which it goes wrong, from 0; len(Input) is its end
	Msg   string // what is wrong there
	Want  string // what would be right
}

func (e *ParseError) Error() string {
	return fmt.Sprintf("blacklist: %s %s: at byte %d: %s; want %s", e.What, quote(e.Input), e.Pos, e.Msg, e.Want)
}

// quote shows a text in a message: escaped, and cut if it is long.
func quote(text string) string {
	const limit = 60
	if len(text) <= limit {
		return strconv.Quote(text)
	}
	cut := limit
	for cut > limit-utf8.UTFMax && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return strconv.Quote(text[:cut]) + "…"
}

// invalidUTF8 returns the position of the first byte that is not UTF-8, or -1.
func invalidUTF8(text string) int {
	for pos, r := range text {
		if r != utf8.RuneError {
			continue
		}
		if _, size := utf8.DecodeRuneInString(text[pos:]); size == 1 {
			return pos
		}
	}
	return -1
}
