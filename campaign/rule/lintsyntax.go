package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
)

// syntax says in plain words why a text cannot be read. Where the reason is
// known, what cel-go says after it would only confuse.
func (l *linter) syntax(issues *cel.Issues) {
	if len(l.spans.words) == 0 {
		l.fail(span{0, 0}, "the condition is empty")
		return
	}
	l.invisible()
	taken := 0
	for i, w := range l.spans.words {
		at := span{w.start, w.end}
		if o := l.env.schema.byType["nextcall."+l.spans.word(i-3)+".fields"]; o != nil && l.spans.word(i-1) == "fields" && l.spans.word(i) == "." {
			if whole, to := l.unwritable(o, "", span{w.end, w.end}); whole != "" {
				l.unwrittenField(whole, span{w.end, to})
				return
			}
		}
		if w.kind == lexOpen && l.spans.text[w.start] == '`' {
			l.fail(at, "the name that begins here has no closing backtick")
			return
		}
		if w.kind == lexOpen {
			hint := ""
			if strings.Contains(l.spans.word(i), `\`) {
				hint = `, or a backslash that stands for nothing (write \\ for a backslash)`
			}
			l.fail(at, "the text that begins here has no closing quote on this line%s", hint)
			return
		}
		if i >= taken {
			taken = i + l.foreign(i)
		}
	}
	if len(l.problems) > 0 || l.brackets() {
		return
	}
	for _, issue := range issues.Errors() {
		l.syntaxIssue(issue.Message, l.spans.offset(issue.Location.Line(), issue.Location.Column()))
		if len(l.problems) > 0 && strings.HasPrefix(issue.Message, "Syntax error") {
			return // the rest follows from it
		}
	}
}

// brackets finds one that is not closed, or closes nothing.
func (l *linter) brackets() bool {
	pairs := map[string]string{")": "(", "]": "[", "}": "{"}
	var open []int
	for i := range l.spans.words {
		switch w := l.spans.word(i); w {
		case "(", "[", "{", "[?":
			open = append(open, i)
		case ")", "]", "}":
			if len(open) == 0 || strings.TrimSuffix(l.spans.word(open[len(open)-1]), "?") != pairs[w] {
				l.fail(l.spans.wordSpan(i), "this %s closes nothing: take it away, or open a %s before it", w, pairs[w])
				return true
			}
			open = open[:len(open)-1]
		}
	}
	for _, i := range open {
		l.fail(l.spans.wordSpan(i), "this %s is never closed", l.spans.word(i))
	}
	return len(open) > 0
}

func (l *linter) syntaxIssue(msg string, place int) {
	i := l.spans.wordAt(place)
	at := span{place, place + 1}
	word := "the end"
	if i >= 0 {
		at, word = l.spans.wordSpan(i), short(l.spans.word(i))
	} else if place >= len(l.spans.text) {
		last := l.spans.words[len(l.spans.words)-1]
		at = span{last.end, last.end + 1}
	}
	switch {
	case strings.Contains(msg, "recursion"), strings.Contains(msg, "expression count exceeds"), strings.Contains(msg, "nesting"):
		l.fail(at, "the condition is nested too deep: want at most %d levels", maxRecursion)
	case strings.HasPrefix(msg, "invalid int literal"), strings.HasPrefix(msg, "invalid uint literal"):
		l.fail(at, "%s is too large: an int has at most 19 digits, up to 9223372036854775807", word)
	case strings.HasPrefix(msg, "invalid double literal"):
		l.fail(at, "%s is no number", word)
	case strings.HasPrefix(msg, "reserved identifier: "):
		l.fail(at, "%s is a word of the language and names nothing here", strings.TrimPrefix(msg, "reserved identifier: "))
	case strings.Contains(msg, "invalid argument to has() macro"):
		l.fail(at, "has(...) asks whether a property has a value: want one property in it, such as has(record.last_call)")
	case strings.Contains(msg, "argument must be a simple name"), strings.Contains(msg, "argument is not an identifier"):
		l.fail(at, `want the name of a variable of your own first, such as record.tags.exists(t, t == "new")`)
	case strings.HasPrefix(msg, "Syntax error"):
		if i < 0 {
			l.fail(at, "the condition ends too early: %s", l.spans.missingAtEnd())
			return
		}
		if strings.HasPrefix(word, "`") && l.spans.word(i-1) != "." && l.spans.word(i-1) != ".?" {
			l.fail(at, "a text stands in quotes, %q; backticks are for a field's name after a dot", strings.Trim(word, "`"))
			return
		}
		if strings.HasPrefix(word, "`") {
			l.fail(at, "a name in backticks consists of the letters a to z, digits, spaces and _ . - /")
			return
		}
		if strings.HasPrefix(word, "\"") && strings.Contains(word, `\`) {
			l.fail(at, `%s has a backslash that stands for nothing: write \\ for a backslash, or an r before the text`, word)
			return
		}
		l.fail(at, "%s is not expected here: %s", word, l.spans.expected(i, l.env.functions()))
	default:
		l.fail(at, "%s", plain(msg))
	}
}

// expected guesses what is missing before a word.
func (s *spans) expected(i int, names []string) string {
	if i == 0 {
		return "a condition begins with a value, such as record.attempts"
	}
	for k := i - 1; k > 0 && s.word(i) == ","; k-- {
		if next := s.word(k); s.word(k-1) == "in" && (next == "(" || s.kind(k) == lexString) {
			return `a list is written in [ ], such as in ["busy", "drop"]`
		}
	}
	switch before := s.words[i-1]; {
	case slices.Contains(names, s.word(i-1)) && before.kind == lexName && s.word(i-2) != ".":
		return fmt.Sprintf("%s is a function: what it takes stands in parentheses, %s(…)", s.word(i-1), s.word(i-1))
	case s.word(i) == "/":
		return fmt.Sprintf("after %s a value is missing, and a regular expression is a text in quotes", s.word(i-1))
	case before.kind != lexMark || s.word(i-1) == ")" || s.word(i-1) == "]":
		return fmt.Sprintf("between %s and %s an operator is missing, such as && or ==", s.word(i-1), s.word(i))
	default:
		return fmt.Sprintf("after %s a value is missing", s.word(i-1))
	}
}

// missingAtEnd guesses what is missing at the end.
func (s *spans) missingAtEnd() string {
	choices := 0
	for i := range s.words {
		switch s.word(i) {
		case "?":
			choices++
		case ":":
			choices--
		}
	}
	switch last := s.word(len(s.words) - 1); {
	case last == "." || last == ".?":
		return "the name of a property is missing after the dot"
	case choices > 0 && s.kind(len(s.words)-1) != lexMark:
		return "a ? wants a : and what holds otherwise, as in condition ? a : b"
	}
	return "a value is missing here"
}

func (s *spans) wordSpan(i int) span { return span{s.words[i].start, s.words[i].end} }

// offset is the place of a line, from 1, and a column, from 0.
func (s *spans) offset(line, column int) int {
	place := 0
	for ; line > 1 && place < len(s.text); place++ {
		if s.text[place] == '\n' {
			line--
		}
	}
	return min(max(place+column, 0), len(s.text))
}

// plain takes out of a message of cel-go what only its authors understand.
func plain(msg string) string {
	msg = strings.ReplaceAll(msg, " (in container '')", "")
	msg = strings.ReplaceAll(msg, "Syntax error: ", "")
	msg = strings.ReplaceAll(msg, "nextcall.", "")
	return msg
}
