package blacklist

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/nextcall/nextcall/internal/calendar"
)

type term struct {
	n    int64 // at least 1
	unit calendar.Unit
	pos  int // where it stands in the text
}

const wantExpiry = "terms such as 6 days or 2 weeks; units are hours, days, weeks, months, years"

// parseTerms reads the grammar that ParseExpiry describes, and appends the
// terms; there is at least one if there is no error.
func parseTerms(terms []term, text string) ([]term, error) {
	p := expiryParser{text: text}
	if pos := invalidUTF8(text); pos >= 0 {
		return nil, p.refuse(pos, "not UTF-8")
	}
	p.skipSpace()
	if p.pos == len(text) {
		return nil, p.refuse(0, "empty")
	}
	for {
		t, err := p.term()
		if err != nil {
			return nil, err
		}
		terms = append(terms, t)
		p.skipSpace()
		if p.pos == len(text) {
			break
		}
		if text[p.pos] == ',' {
			p.pos++
			p.skipSpace()
		}
	}
	// What does not end in time even from the first moment of all never will.
	if _, failed, err := apply(terms, time.Time{}, time.UTC); err != nil {
		return nil, p.refuse(terms[failed].pos, "past the year 9999")
	}
	return terms, nil
}

// apply takes the terms from left to right; failed is the one that has no result.
func apply(terms []term, from time.Time, loc *time.Location) (until time.Time, failed int, err error) {
	until = from.Truncate(time.Microsecond)
	for i, t := range terms {
		if until, err = calendar.Add(until, t.n, t.unit, loc); err != nil {
			return time.Time{}, i, err
		}
	}
	return until, 0, nil
}

// expiryParser reads a text from left to right; pos is the next byte.
type expiryParser struct {
	text string
	pos  int
}

func (p *expiryParser) refuse(pos int, msg string) *ParseError {
	return &ParseError{What: "expiry", Input: p.text, Pos: pos, Msg: msg, Want: wantExpiry}
}

func (p *expiryParser) skipSpace() bool {
	rest := strings.TrimLeftFunc(p.text[p.pos:], unicode.IsSpace)
	skipped := len(rest) < len(p.text)-p.pos
	p.pos = len(p.text) - len(rest)
	return skipped
}

// word returns the text up to the next white space or comma, for messages and units.
func (p *expiryParser) word() string {
	rest := p.text[p.pos:]
	if end := strings.IndexFunc(rest, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }); end >= 0 {
		return rest[:end]
	}
	return rest
}

func (p *expiryParser) term() (term, error) {
	start := p.pos
	n, err := p.number()
	if err != nil {
		return term{}, err
	}
	if !p.skipSpace() {
		switch word := p.word(); {
		case word == "":
			return term{}, p.refuse(p.pos, "a number without a unit")
		case word[0] == '.':
			return term{}, p.refuse(p.pos, "a fraction")
		default:
			return term{}, p.refuse(p.pos, "no white space between the number and "+quote(word))
		}
	}
	at := p.pos
	word := p.word()
	if word == "" {
		return term{}, p.refuse(at, "a number without a unit")
	}
	unit := unitNamed(word)
	if unit == 0 {
		return term{}, p.refuse(at, "unknown unit "+quote(word))
	}
	p.pos += len(word)
	return term{n: n, unit: unit, pos: start}, nil
}

func (p *expiryParser) number() (int64, error) {
	start := p.pos
	if p.pos < len(p.text) && p.text[p.pos] == '+' {
		p.pos++
	}
	first := p.pos
	var n int64
	for p.pos < len(p.text) && isDigit(p.text[p.pos]) {
		// Past the largest count of any unit the value no longer matters.
		n = min(n*10+int64(p.text[p.pos]-'0'), calendar.Hours.Max()+1)
		p.pos++
	}
	switch {
	case p.pos > first && n == 0:
		return 0, p.refuse(start, "zero")
	case p.pos > first:
		return n, nil
	}
	switch word := p.word(); {
	case word == "":
		return 0, p.refuse(p.pos, "an empty term")
	case word[0] == '-':
		return 0, p.refuse(start, "a negative number")
	case unitNamed(word) != 0:
		return 0, p.refuse(start, "a unit without a number")
	default:
		r, _ := utf8.DecodeRuneInString(word)
		return 0, p.refuse(p.pos, "a term begins with a number, not "+strconv.QuoteRune(r))
	}
}

// unitNamed returns the unit of a name, singular or plural, in any case of the
// ASCII letters, or 0. (strings.EqualFold would take U+017F for an s.)
func unitNamed(name string) calendar.Unit {
	for unit := calendar.Hours; unit <= calendar.Years; unit++ {
		plural := unit.String()
		if equalASCII(name, plural) || equalASCII(name, plural[:len(plural)-1]) {
			return unit
		}
	}
	return 0
}

func equalASCII(text, lower string) bool {
	if len(text) != len(lower) {
		return false
	}
	for i := range len(text) {
		c := text[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}
