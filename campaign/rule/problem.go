package rule

import (
	"fmt"
	"strings"
)

// Severity says how bad a [Problem] is.
type Severity uint8

// The severities.
const (
	Error   Severity = iota // the condition is refused
	Warning                 // the condition works, and probably does not say what was meant
)

// String returns "error" or "warning".
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	}
	return fmt.Sprintf("Severity(%d)", uint8(s))
}

// Problem is something in the text of a condition that is wrong or probably not
// meant.
type Problem struct {
	Severity Severity
	Line     int    // from 1
	Column   int    // in characters, from 1
	Length   int    // how many characters of the line; at least 1
	Source   string // the line
	Msg      string // what is wrong, and what would be right
}

// Place is "column 5", or "line 2, column 5" after the first line.
func (p Problem) Place() string {
	if p.Line <= 1 {
		return fmt.Sprintf("column %d", p.Column)
	}
	return fmt.Sprintf("line %d, column %d", p.Line, p.Column)
}

// String is the problem with its line, and carets under what it is about.
func (p Problem) String() string {
	line, at, length := p.window()
	if line == "" {
		return p.Place() + ": " + p.Msg
	}
	// The tabs of the line are kept, so that the carets stand under it.
	under := []rune(line)[:min(at, len([]rune(line)))]
	for i, r := range under {
		if r != '\t' {
			under[i] = ' '
		}
	}
	return fmt.Sprintf("%s: %s\n    %s\n    %s%s", p.Place(), p.Msg, line, string(under), strings.Repeat("^", length))
}

// window is the part of a long line around the place, with how many characters
// stand before it and belong to it.
func (p Problem) window() (line string, at, length int) {
	const most, before = 120, 40
	text := []rune(p.Source)
	at, length = p.Column-1, max(p.Length, 1)
	if len(text) <= most {
		return p.Source, at, length
	}
	from := max(0, min(at-before, len(text)-most))
	to := min(len(text), from+most)
	begin, end := "", ""
	if from > 0 {
		begin = "…"
	}
	if to < len(text) {
		end = "…"
	}
	return begin + string(text[from:to]) + end, at - from + len([]rune(begin)), max(1, min(length, to-at))
}

// CheckError says everything that is wrong with the text of a condition.
type CheckError struct {
	Text     string
	Problems []Problem // of severity Error, in the order of the text; at least one
}

func (e *CheckError) Error() string {
	var b strings.Builder
	for i, p := range e.Problems {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.String())
	}
	return b.String()
}
