package rule

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// otherMarks are marks that people know from other languages, with what a
// condition writes instead. Those of several characters have no space in them.
var otherMarks = map[string]string{
	"=": "== to compare", "<>": "!=", "===": "==", "!==": "!=", "=>": ">=, or a comma after the name in list.exists(t, …)", "=<": "<=", "=!": "!=",
	"=~": `x.matches("…")`, "~": `x.matches("…")`, "&": "&&", "|": "||", "&&&": "&&", "|||": "||", "^": "!= between two conditions",
	"->": "a dot before a property", "?.": `.? before a property that may be absent, as in record.fields.?city.orValue("")`,
	"??": `.?name.orValue(…), as in record.fields.?city.orValue("")`, "++": "+ 1", ">>": ">", "<<": "<", "**": "x * x", ":=": "== to compare",
	"“": `a straight quote, "`, "”": `a straight quote, "`, "„": `a straight quote, "`, "‘": `a straight quote, "`, "’": `a straight quote, "`,
	"«": `a straight quote, "`, "»": `a straight quote, "`, "´": `a straight quote, "`, "–": "-", "—": "-", "−": "-",
	"≥": ">=", "≤": "<=", "≠": "!=", "×": "*", "÷": "/", "∧": "&&", "∨": "||", "¬": "!",
	";": "&& or ||: a condition is one expression", "#": "// before a comment", "/*": "// before a comment, which ends with the line",
	"$": "the name or the number without it", "@": "the name without it", "{{": "the name without braces, such as record.attempts",
}

// otherWords are words of other languages, in small letters.
var otherWords = map[string]string{
	"and": "&&", "or": "||", "not": "!", "xor": "!= between two conditions", "is": "==, or has(…) to ask for a value",
	"equals": "==", "eq": "==", "ne": "!=", "gt": ">", "lt": "<", "gte": ">=", "lte": "<=", "mod": "%", "div": "/",
	"like": `x.startsWith("…"), x.contains("…") or x.matches("…")`, "ilike": `x.lowerAscii().contains("…")`,
	"contains": `x.contains("…"), or "…" in list`, "startswith": `x.startsWith("…")`, "endswith": `x.endsWith("…")`, "matches": `x.matches("…")`,
	"between": "x >= a && x <= b", "in": "in, in small letters",
	"if": "condition ? a : b", "else": "condition ? a : b", "elif": "condition ? a : b", "then": "condition ? a : b", "when": "condition ? a : b", "case": "condition ? a : b",
	"where": "the condition alone", "select": "the condition alone", "return": "the condition alone",
	"let": "the value itself: there are no variables of your own", "var": "the value itself: there are no variables of your own",
	"desc": "a minus before the number: the lowest rank comes first", "asc": "nothing: the lowest rank comes first",
}

// foreign reports what stands at a word and belongs to another language. It is
// asked of texts that cannot be read only. How many words it took is returned, 0
// if there is nothing to say.
func (l *linter) foreign(i int) int {
	switch l.spans.words[i].kind {
	case lexMark:
		return l.foreignMark(i)
	case lexName:
		return l.foreignWord(i)
	case lexNumber:
		return l.foreignNumber(i)
	}
	return 0
}

// said reports words that are written otherwise.
func (l *linter) said(i, n int, instead string) int {
	at := l.spans.words[i : i+n]
	l.fail(span{at[0].start, at[n-1].end}, "a condition does not know %s here: write %s", short(l.spans.joined(i, i+n-1)), instead)
	return n
}

func (l *linter) foreignMark(i int) int {
	s := l.spans
	for n := 3; n >= 1; n-- {
		if mark, ok := s.adjacent(i, n); ok && otherMarks[mark] != "" {
			return l.said(i, n, otherMarks[mark])
		}
	}
	this, next := s.word(i), s.word(i+1)
	switch {
	case next == "=" && strings.Contains("!<>", this):
		return l.said(i, 2, this+"= without a space")
	case this == "-" && next == "-" && s.kind(i+2) == lexName && s.kind(i+3) == lexName: // of SQL
		return l.said(i, 2, "// before a comment")
	case this == "." && s.kind(i+1) == lexNumber && strings.HasPrefix(next, "."):
		return l.said(i, 2, "x >= a && x <= b for a range")
	}
	r := s.text[s.words[i].start]
	switch {
	case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
		l.fail(s.wordSpan(i), "an invisible character stands here, U+%04X: take it away", r)
	case r > unicode.MaxASCII:
		l.fail(s.wordSpan(i), "%c is no part of a condition: in a text, it stands between quotes", r)
	default:
		return 0
	}
	return 1
}

// short is a word for a message.
func short(word string) string {
	const most = 60
	if text := []rune(word); len(text) > most {
		return string(text[:most]) + "…"
	}
	return word
}

// adjacent are so many marks without space between them.
func (s *spans) adjacent(i, n int) (string, bool) {
	if i+n > len(s.words) {
		return "", false
	}
	for k := i; k < i+n; k++ {
		if s.words[k].kind != lexMark || k > i && s.words[k].start != s.words[k-1].end {
			return "", false
		}
	}
	return string(s.text[s.words[i].start:s.words[i+n-1].end]), true
}

// kind is that of a word, lexOpen if there is none.
func (s *spans) kind(i int) lexKind {
	if i < 0 || i >= len(s.words) {
		return lexOpen
	}
	return s.words[i].kind
}

func (l *linter) foreignWord(i int) int {
	s := l.spans
	word := s.word(i)
	if s.word(i-1) == "." || s.word(i-1) == ".?" {
		return 0
	}
	if strings.Contains(otherMarks[s.word(i-1)], "straight quote") {
		return 0 // in a text, of which its quote was named
	}
	if strings.IndexFunc(word, func(r rune) bool { return r > unicode.MaxASCII }) >= 0 && word[0] != '`' {
		l.fail(s.wordSpan(i), "a text stands in quotes, %q, and a name consists of the letters a to z, digits and _", short(word))
		return 1
	}
	small := strings.ToLower(word)
	next, after := strings.ToLower(s.word(i+1)), strings.ToLower(s.word(i+2))
	switch {
	case word == "in":
		if next == "{" && !slices.ContainsFunc(s.words, func(w lexeme) bool { return string(s.text[w.start:w.end]) == ":" }) {
			l.fail(s.wordSpan(i+1), `a list is written in [ ], such as in ["busy", "drop"]`)
			return 2
		}
		return 0
	case small == "is" && next == "null":
		return l.said(i, 2, "!has(x) to ask whether there is no value")
	case small == "is" && next == "not" && after == "null":
		return l.said(i, 3, "has(x) to ask whether there is a value")
	case small == "is" && next == "not":
		return l.said(i, 2, "!=")
	case small == "not" && next == "in":
		return l.said(i, 2, "!(x in [ … ])")
	case (small == "desc" || small == "asc") && i != len(s.words)-1:
		return 0
	case next == "(" && !slices.Contains([]string{"and", "or", "not", "xor", "if", "in", "where"}, small):
		return 0
	}
	instead := otherWords[small]
	if instead == "" {
		return 0
	}
	return l.said(i, 1, instead)
}

// goodNumber is a number as CEL reads it.
var goodNumber = regexp.MustCompile(`^(0[xX][0-9a-fA-F]+[uU]?|[0-9]+[uU]?|[0-9]*\.[0-9]+([eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+)$`)

// unitNumber is a number with its unit, as people write it.
var unitNumber = regexp.MustCompile(`^([0-9]+) ?([a-zA-Z]+)$`)

// longTime is how a condition writes a number of some unit: duration("2h") or
// period("3 days"); "" if it is none.
func longTime(text string) string {
	parts := unitNumber.FindStringSubmatch(text)
	if parts == nil {
		if _, err := time.ParseDuration(text); err == nil {
			return fmt.Sprintf("duration(%q)", text)
		}
		return ""
	}
	n := parts[1]
	switch strings.ToLower(parts[2]) {
	case "ms", "s", "m", "h":
		return fmt.Sprintf("duration(%q)", n+strings.ToLower(parts[2]))
	case "sec", "secs", "second", "seconds":
		return fmt.Sprintf("duration(%q)", n+"s")
	case "min", "mins", "minute", "minutes":
		return fmt.Sprintf("duration(%q)", n+"m")
	case "hr", "hrs", "hour", "hours":
		return fmt.Sprintf("duration(%q)", n+"h")
	case "d", "day", "days":
		return calendarTime(n, "days")
	case "w", "week", "weeks":
		return calendarTime(n, "weeks")
	case "month", "months":
		return calendarTime(n, "months")
	case "y", "year", "years":
		return calendarTime(n, "years")
	}
	return ""
}

func calendarTime(n, units string) string {
	if n == "1" {
		units = strings.TrimSuffix(units, "s")
	}
	return fmt.Sprintf("period(%q)", n+" "+units)
}

func (l *linter) foreignNumber(i int) int {
	s := l.spans
	word, next := s.word(i), s.word(i+1)
	at := s.wordSpan(i)
	if !goodNumber.MatchString(word) {
		digits := strings.ReplaceAll(word, "_", "")
		switch instead := longTime(word); {
		case instead != "":
			l.fail(at, "%s is written %s", word, instead)
		case digits != word && goodNumber.MatchString(digits):
			l.fail(at, "a number has no separators: write %s", digits)
		default:
			l.fail(at, "%s is no number", short(word))
		}
		return 1
	}
	if i+1 >= len(s.words) {
		return 0
	}
	both := span{at.start, s.words[i+1].end}
	touches := s.words[i+1].start == at.end
	switch s.kind(i + 1) {
	case lexName:
		if instead := longTime(word + " " + next); instead != "" {
			l.fail(both, "%s %s is written %s", word, next, instead)
			return 2
		}
	case lexNumber:
		if !touches && len(next) == 3 && goodNumber.MatchString(next) {
			l.fail(both, "a number has no separators: write %s%s", word, next)
			return 2
		}
	case lexMark:
		if !touches || s.kind(i+2) != lexNumber || s.words[i+2].start != s.words[i+1].end {
			if next == "." && touches && s.kind(i+2) != lexName {
				l.fail(both, "a digit is missing after the dot: write %s.0", word)
				return 2
			}
			return 0
		}
		whole := span{at.start, s.words[i+2].end}
		switch {
		case next == "," && !s.inside(i):
			hint := word + "." + s.word(i+2)
			if len(s.word(i+2)) == 3 {
				hint = word + s.word(i+2) + " or " + hint
			}
			l.fail(whole, "a number has a dot and no separators: write %s", hint)
			return 3
		case next == ":" && !slices.ContainsFunc(s.words[:i], func(w lexeme) bool { return s.text[w.start] == '?' }):
			l.fail(whole, `a time of day stands in quotes, as in time_between("08:00", "18:00")`)
			return 3
		}
	}
	return 0
}

// inside reports whether a word is between brackets where a comma separates.
func (s *spans) inside(i int) bool {
	for open, end := range s.close {
		if open < i && i < end && (s.word(open) != "(" || s.called(open)) {
			return true
		}
	}
	return false
}

// invisible reports what looks like a space and is none.
func (l *linter) invisible() {
	end := 0
	for i := 0; i <= len(l.spans.words); i++ {
		start := len(l.spans.text)
		if i < len(l.spans.words) {
			start = l.spans.words[i].start
		}
		comment := false
		for k := end; k < start; k++ {
			switch r := l.spans.text[k]; {
			case r == '/':
				comment = true
			case r == '\n':
				comment = false
			case !comment && !strings.ContainsRune(" \t\r\n\f", r):
				l.fail(span{k, k + 1}, "a space stands here that is none, U+%04X: write a plain one", r)
			}
		}
		if i < len(l.spans.words) {
			end = l.spans.words[i].end
		}
	}
}
