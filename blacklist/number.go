package blacklist

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Number is an international phone number: the digits of its E.164 form, with
// the country code and without prefix, as a decimal number (+48 600 100 200 is
// 48600100200). The zero value is no number. Two spellings of one number are
// equal Numbers, and a Number is a map key of eight bytes.
type Number uint64

// A number has 7 to 15 digits: 15 is the limit of E.164, and no shorter number
// than 7, country code included, is a subscriber's. A country code does not
// begin with 0, so no leading zero is lost.
const (
	minDigits        = 7
	maxDigits        = 15
	minNumber Number = 1_000_000
	maxNumber Number = 999_999_999_999_999
)

const wantNumber = "the international form: + or 00, then 7 to 15 digits beginning with the country code, such as +48 600 100 200"

// ParseNumber reads one number in international form: + or 00, then 7 to 15
// digits. A single one or a run of spaces, tabs, no-break spaces and - . / ( )
// may stand between digits; white space and bidirectional marks at the ends
// are dropped. Everything else is refused with a *ParseError: a national
// number (its country would be a guess), letters, digits of other scripts, two
// numbers, a trunk zero "(0)" (whether it is dialled depends on the country).
// Package e164 reads more forms, given a region.
func ParseNumber(text string) (Number, error) {
	refuse := func(pos int, format string, args ...any) (Number, error) {
		return 0, &ParseError{What: "number", Input: text, Pos: pos, Msg: fmt.Sprintf(format, args...), Want: wantNumber}
	}
	if pos := invalidUTF8(text); pos >= 0 {
		return refuse(pos, "not UTF-8")
	}
	start := len(text) - len(strings.TrimLeftFunc(text, isMargin))
	end := len(strings.TrimRightFunc(text, isMargin))
	if start >= end {
		return refuse(0, "no number")
	}
	body := text[:end]
	pos := start
	switch {
	case body[pos] == '+':
		pos++
	case strings.HasPrefix(body[pos:], "00"):
		pos += 2
	case isDigit(body[pos]):
		return refuse(pos, "no + or 00 before the country code")
	default:
		return refuse(pos, "unexpected %s", firstRune(body[pos:]))
	}
	if pos == start+1 && pos < end && !isDigit(body[pos]) {
		return refuse(pos, "unexpected %s after +", firstRune(body[pos:]))
	}

	var number Number
	digits, lastDigit := 0, pos-1
	for pos < end {
		if c := body[pos]; isDigit(c) {
			if digits == 0 && c == '0' {
				return refuse(pos, "a country code does not begin with 0")
			}
			if digits == maxDigits {
				return refuse(pos, "more than %d digits", maxDigits)
			}
			number = number*10 + Number(c-'0')
			digits++
			lastDigit = pos
			pos++
			continue
		}
		if isTrunkZero(body[pos:]) {
			return refuse(pos, "leave out (0) if it is not dialled from abroad")
		}
		size := separator(body[pos:])
		if size == 0 {
			if body[pos] == '+' {
				return refuse(pos, "a second +, one number at a time")
			}
			return refuse(pos, "unexpected %s", firstRune(body[pos:]))
		}
		pos += size
	}
	if digits < minDigits {
		return refuse(end, "%d digits are too few", digits)
	}
	if lastDigit != end-1 {
		return refuse(lastDigit+1, "unexpected %s after the last digit", firstRune(body[lastDigit+1:]))
	}
	return number, nil
}

// NumberFrom takes the digits of an international number as Uint64 gives them.
// Anything but 7 to 15 digits, 0 included, is a *ParseError.
func NumberFrom(u uint64) (Number, error) {
	if n := Number(u); n.Valid() {
		return n, nil
	}
	digits := strconv.FormatUint(u, 10)
	return 0, &ParseError{
		What: "number", Input: digits, Pos: min(len(digits), maxDigits),
		Msg: fmt.Sprintf("%d digits", len(digits)), Want: "7 to 15 digits beginning with the country code",
	}
}

// Uint64 returns the digits as a number: 48600100200. 0 is no number.
func (n Number) Uint64() uint64 { return uint64(n) }

// IsZero reports whether n is no number.
func (n Number) IsZero() bool { return n == 0 }

// Valid reports whether n has the 7 to 15 digits of a number. No number is not
// valid. Whether anybody can be reached there is another question.
func (n Number) Valid() bool { return n >= minNumber && n <= maxNumber }

// String returns the E.164 form, "+48600100200", or "" for no number.
func (n Number) String() string {
	if n == 0 {
		return ""
	}
	return string(n.append(make([]byte, 0, maxDigits+1)))
}

func (n Number) append(to []byte) []byte {
	return strconv.AppendUint(append(to, '+'), uint64(n), 10)
}

// MarshalText returns what String does, so that in JSON a number is a string.
// A value that is neither a number nor zero is a *ParseError.
func (n Number) MarshalText() ([]byte, error) {
	if n == 0 {
		return []byte{}, nil
	}
	if _, err := NumberFrom(uint64(n)); err != nil {
		return nil, err
	}
	return n.append(make([]byte, 0, maxDigits+1)), nil
}

// UnmarshalText reads what ParseNumber does; an empty text is no number.
func (n *Number) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*n = 0
		return nil
	}
	number, err := ParseNumber(string(text))
	if err != nil {
		return err
	}
	*n = number
	return nil
}

// separator returns the size of the separator that text begins with, or 0.
func separator(text string) int {
	switch text[0] {
	case ' ', '\t', '-', '.', '/', '(', ')':
		return 1
	}
	if strings.HasPrefix(text, noBreakSpace) {
		return len(noBreakSpace)
	}
	return 0
}

const noBreakSpace = "\u00a0"

// isTrunkZero reports whether text begins with a zero alone in parentheses.
func isTrunkZero(text string) bool {
	const spaces = " \t" + noBreakSpace
	text, open := strings.CutPrefix(text, "(")
	text, zero := strings.CutPrefix(strings.TrimLeft(text, spaces), "0")
	return open && zero && strings.HasPrefix(strings.TrimLeft(text, spaces), ")")
}

// isMargin holds for what is dropped around a number: white space, and the
// invisible marks that come along when a number is copied from a contact card.
func isMargin(r rune) bool {
	return r == ' ' || r == '\t' || r == '\u00a0' || unicode.Is(unicode.Bidi_Control, r)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// firstRune quotes the first character of a text for a message.
func firstRune(text string) string {
	r, _ := utf8.DecodeRuneInString(text)
	return strconv.QuoteRune(r)
}
