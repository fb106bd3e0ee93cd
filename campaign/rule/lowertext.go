package rule

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/nextcall/nextcall/blacklist"
)

var textManners = map[string]manner{"startsWith": startsWith, "endsWith": endsWith, "contains": hasPart}

// onText lowers a question about a text, or gives nil.
func onText(name string, a, b *operand) *operand {
	if a.kind != kindString || b.kind != kindString {
		return nil
	}
	if want, ok := b.constant(); ok {
		switch {
		case name == "matches":
			return matching(a, want)
		case name == "startsWith" && a.number != nil:
			return boolean(startsWithAny(a.number, [][]byte{[]byte(want)}))
		case a.at != nil && a.at.from.isText():
			if f := textManners[name]; f != unknown {
				return seen(lonely(look{manner: f, place: *a.at, text: want}))
			}
		}
	}
	var f func(s, part string) bool
	switch name {
	case "contains":
		f = strings.Contains
	case "startsWith":
		f = strings.HasPrefix
	case "endsWith":
		f = strings.HasSuffix
	default:
		return nil
	}
	x, y := a.text, b.text
	return boolean(func(s *scope) answer {
		text, ok := x(s)
		if !ok {
			return ask
		}
		part, ok := y(s)
		if !ok {
			return ask
		}
		return truth(f(text, part))
	})
}

// matching lowers a regular expression that is a constant. A bad one is refused
// before a condition comes here.
func matching(a *operand, expression string) *operand {
	re, err := regexp.Compile(expression)
	if err != nil {
		return nil
	}
	return boolean(func(s *scope) answer {
		text, ok := a.text(s)
		if !ok {
			return ask
		}
		return truth(re.MatchString(text))
	})
}

// startsWithAny asks how a number begins, without making its text.
func startsWithAny(get func(*scope) (blacklist.Number, bool), prefixes [][]byte) func(*scope) answer {
	return func(s *scope) answer {
		n, ok := get(s)
		if !ok {
			return ask
		}
		var room [24]byte
		digits := appendNumber(room[:0], n)
		for _, p := range prefixes {
			if bytes.HasPrefix(digits, p) {
				return yes
			}
		}
		return no
	}
}

// sizeOf counts the characters of a text or the elements of a list.
func sizeOf(a *operand) *operand {
	switch a.kind {
	case kindString:
		return &operand{kind: kindInt, num: mapped(a.text, func(t string) (int64, bool) { return int64(utf8.RuneCountInString(t)), true })}
	case kindStrings:
		return &operand{kind: kindInt, num: mapped(a.list, func(l []string) (int64, bool) { return int64(len(l)), true })}
	}
	return nil
}

// recased changes the case of the letters from a to z. What is not UTF-8 is
// mended, as cel-go does.
func recased(a *operand, from, to byte) *operand {
	if a.kind != kindString {
		return nil
	}
	return &operand{kind: kindString, text: mapped(a.text, func(t string) (string, bool) {
		if !utf8.ValidString(t) {
			t = string([]rune(t))
		}
		for i := 0; i < len(t); i++ {
			if t[i]-from < 26 {
				return recase(t, from, to), true
			}
		}
		return t, true
	})}
}

func recase(t string, from, to byte) string {
	all := []byte(t)
	for i := range all {
		if all[i]-from < 26 {
			all[i] += to - from
		}
	}
	return string(all)
}

// onList lowers list[i], or gives nil. An index out of range is cel-go's to
// report.
func onList(name string, a, b *operand) *operand {
	if name != "_[_]" || a.kind != kindStrings || b.kind != kindInt {
		return nil
	}
	return &operand{kind: kindString, text: bothOf(a.list, b.num, func(list []string, i int64) (string, bool) {
		if i < 0 || i >= int64(len(list)) {
			return "", false
		}
		return list[i], true
	})}
}
