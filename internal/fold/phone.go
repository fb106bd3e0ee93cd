package fold

import (
	"strings"
	"unicode"
)

// MaxNumbers is how many numbers of a contact are compared.
const MaxNumbers = 100

// twoDigits has a bit for each two-digit country code that the ITU has assigned
// (E.164): row is the first digit, bit the second. 1 and 7 have one digit, all
// others three.
var twoDigits = [10]uint16{
	2: 1<<0 | 1<<7,
	3: 1<<0 | 1<<1 | 1<<2 | 1<<3 | 1<<4 | 1<<6 | 1<<9,
	4: 1<<0 | 1<<1 | 1<<3 | 1<<4 | 1<<5 | 1<<6 | 1<<7 | 1<<8 | 1<<9,
	5: 1<<1 | 1<<2 | 1<<3 | 1<<4 | 1<<5 | 1<<6 | 1<<7 | 1<<8,
	6: 1<<0 | 1<<1 | 1<<2 | 1<<3 | 1<<4 | 1<<5 | 1<<6,
	8: 1<<1 | 1<<2 | 1<<4 | 1<<6,
	9: 1<<0 | 1<<1 | 1<<2 | 1<<3 | 1<<4 | 1<<5 | 1<<8,
}

// National returns the digits of a number that follow its country code. Digits
// are those of a whole number, the country code first.
func National(digits string) string {
	n := 3
	switch {
	case digits == "" || digits[0] == '1' || digits[0] == '7':
		n = 1
	case len(digits) > 1 && twoDigits[digits[0]-'0']&(1<<(digits[1]-'0')) != 0:
		n = 2
	}
	return digits[min(n, len(digits)):]
}

// maxDigits is more than any number has, with what may stand before it.
const maxDigits = 20

// digits returns the digits of what may be a number, and whether they begin with
// the country code, as + and 00 say. What is no number has none.
func digits(typed string) (text string, international bool) {
	var out []byte
	for _, r := range typed {
		switch {
		case '0' <= r && r <= '9':
			out = append(out, byte(r))
		case r == '+' && len(out) == 0 && !international:
			international = true
		case unicode.IsSpace(r), unicode.In(r, unicode.Pd, unicode.Cf), strings.ContainsRune(".()[]/", r):
		default:
			return "", false
		}
		if len(out) > maxDigits {
			return "", false
		}
	}
	text = string(out)
	if rest, found := strings.CutPrefix(text, "00"); found && !international {
		return rest, true
	}
	return text, international
}
