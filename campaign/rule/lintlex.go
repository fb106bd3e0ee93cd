package rule

import (
	"strings"
	"unicode"
)

// A lexeme is a word of a condition's text, in characters.
type lexeme struct {
	kind       lexKind
	start, end int
}

type lexKind uint8

const (
	lexName lexKind = iota
	lexNumber
	lexString
	lexMark // an operator, a bracket, or a character that CEL does not know
	lexOpen // a string without its end
)

// marks are the operators of two characters; all others have one.
var marks = [...]string{"==", "!=", "<=", ">=", "&&", "||", ".?", "[?", "<>"}

// lex cuts a text into words as CEL does. It never fails: what is no word is a
// mark of one character.
func lex(text []rune) []lexeme {
	all := make([]lexeme, 0, len(text)/3+1)
	for i := 0; i < len(text); {
		switch r := text[i]; {
		case unicode.IsSpace(r):
			i++
		case r == '/' && runeAt(text, i+1) == '/':
			for i < len(text) && text[i] != '\n' {
				i++
			}
		default:
			x := lexOne(text, i)
			all = append(all, x)
			i = x.end
		}
	}
	return all
}

func lexOne(text []rune, i int) lexeme {
	r := text[i]
	if n := stringPrefix(text, i); r == '"' || r == '\'' || n > 0 {
		end, closed := stringEnd(text, i+n, n > 0 && rawPrefix(text[i:i+n]))
		if !closed {
			return lexeme{lexOpen, i, end}
		}
		return lexeme{lexString, i, end}
	}
	switch {
	case r == '`':
		end := i + 1
		for end < len(text) && text[end] != '`' && text[end] != '\n' {
			end++
		}
		if runeAt(text, end) != '`' {
			return lexeme{lexOpen, i, end}
		}
		return lexeme{lexName, i, end + 1}
	case isDigit(r), r == '.' && isDigit(runeAt(text, i+1)):
		return lexeme{lexNumber, i, numberEnd(text, i)}
	case nameStart(r), unicode.IsLetter(r): // a letter that CEL does not know begins what was meant as a name
		end := i
		for end < len(text) && (nameStart(text[end]) || isDigit(text[end]) || text[end] > unicode.MaxASCII && (unicode.IsLetter(text[end]) || unicode.IsMark(text[end]))) {
			end++
		}
		return lexeme{lexName, i, end}
	}
	for _, m := range marks {
		if rune(m[0]) == r && rune(m[1]) == runeAt(text, i+1) {
			return lexeme{lexMark, i, i + 2}
		}
	}
	return lexeme{lexMark, i, i + 1}
}

// stringPrefix is how many letters, such as the r of a raw string, stand before
// a quote.
func stringPrefix(text []rune, i int) int {
	for n := range 3 {
		switch runeAt(text, i+n) {
		case '"', '\'':
			return n
		case 'r', 'R', 'b', 'B':
		default:
			return 0
		}
	}
	return 0
}

func rawPrefix(prefix []rune) bool {
	for _, r := range prefix {
		if r == 'r' || r == 'R' {
			return true
		}
	}
	return false
}

// stringEnd is where the string that begins at a quote ends, and whether it does.
func stringEnd(text []rune, i int, raw bool) (int, bool) {
	q := text[i]
	triple := runeAt(text, i+1) == q && runeAt(text, i+2) == q
	if triple {
		i += 3
	} else {
		i++
	}
	for ; i < len(text); i++ {
		switch r := text[i]; {
		case r == '\\' && !raw:
			i++
		case r == q && !triple:
			return i + 1, true
		case r == q && runeAt(text, i+1) == q && runeAt(text, i+2) == q:
			return i + 3, true
		case (r == '\n' || r == '\r') && !triple:
			return i, false
		}
	}
	return len(text), false
}

func numberEnd(text []rune, i int) int {
	for i < len(text) {
		r := text[i]
		sign := (r == '+' || r == '-') && (text[i-1] == 'e' || text[i-1] == 'E')
		if !isDigit(r) && !nameStart(r) && !sign && (r != '.' || !isDigit(runeAt(text, i+1))) {
			break
		}
		i++
	}
	return i
}

func runeAt(text []rune, i int) rune {
	if i < len(text) {
		return text[i]
	}
	return 0
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func nameStart(r rune) bool {
	return r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// quotable reports whether a name can be written in backticks.
func quotable(name string) bool {
	for _, r := range name {
		if !nameStart(r) && !isDigit(r) && !strings.ContainsRune(".-/ ", r) {
			return false
		}
	}
	return name != ""
}

// asWritten is how a condition writes a path, in which a field may need
// backticks.
func asWritten(path string) string {
	for _, object := range []string{"record.fields.", "contact.fields."} {
		if name, ok := strings.CutPrefix(path, object); ok && !writable(name) {
			return object + "`" + name + "`"
		}
	}
	return path
}

// writable reports whether a name can be written in a condition.
func writable(name string) bool {
	for i, r := range name {
		if !nameStart(r) && (i == 0 || !isDigit(r)) {
			return false
		}
	}
	return name != "" && name != "in" && name != "true" && name != "false" && name != "null"
}
