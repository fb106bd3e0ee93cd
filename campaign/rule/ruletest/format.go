package ruletest

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/nextcall/nextcall/internal/nearest"
)

// Error is a mistake in a file of rules and cases.
type Error struct {
	File string
	Line int // from 1; 0: the file as a whole
	Msg  string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Msg)
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Msg)
}

// Suite is a file of rules and cases. It is not changed by running it.
type Suite struct {
	name   string
	blocks []block // those that say what the rules are
	cases  []testCase
}

// block is a heading and what stands below it.
type block struct {
	kind     string // "campaign", "status", …
	name     string
	line     int
	settings []setting
}

// setting is a line of the form "name = value".
type setting struct {
	name, value string
	line        int
}

// testCase is one case: the facts of given blocks come before its own.
type testCase struct {
	name  string
	line  int
	facts []setting
	wants []setting // what follows "->"; the name is empty
}

// headings are the words that open a block, and whether a name must follow.
var headings = map[string]bool{
	"campaign": true, "status": true, "record_type": true, "case": true,
	"contact_fields": false, "agents": false, "given": false,
}

var headingNames = []string{"campaign", "status", "record_type", "contact_fields", "agents", "given", "case"}

// maxFile is the longest file that is read, in bytes.
const maxFile = 4 << 20

// Parse reads a file of rules and cases. name is used in messages. The error
// joins all mistakes of form, each an [*Error]; names and values are checked by
// [Suite.Run], when it is known what the rules are.
func Parse(name string, text []byte) (*Suite, error) {
	p := &parser{suite: &Suite{name: name}, named: map[string]int{}}
	switch {
	case len(text) > maxFile:
		return nil, &Error{File: name, Msg: fmt.Sprintf("%d bytes: want at most %d", len(text), maxFile)}
	case !utf8.Valid(text):
		return nil, &Error{File: name, Msg: "want UTF-8"}
	}
	for i, line := range strings.Split(strings.TrimPrefix(string(text), "\ufeff"), "\n") {
		p.line(i+1, strings.TrimSpace(line))
	}
	p.close()
	if len(p.suite.cases) == 0 && len(p.errs) == 0 {
		p.fail(0, `no case: want a line such as "case busy for the third time", facts, and "-> later"`)
	}
	if len(p.errs) > 0 {
		return nil, errors.Join(p.errs...)
	}
	return p.suite, nil
}

type parser struct {
	suite *Suite
	errs  []error
	block *block         // the open one; nil before the first
	wants []setting      // of an open case
	given []setting      // facts of the last given block
	named map[string]int // kind and name of blocks -> line
	open  *string        // the value that may go on in the next line
}

func (p *parser) fail(line int, format string, args ...any) {
	p.errs = append(p.errs, &Error{File: p.suite.name, Line: line, Msg: fmt.Sprintf(format, args...)})
}

func (p *parser) line(n int, text string) {
	if text != "" && text[0] == '#' {
		return
	}
	open := p.open
	p.open = nil
	switch {
	case open != nil && text != "" && (goesOn(*open) || continues(text)):
		*open += "\n" + text
		p.open = open
		return
	case text == "":
		return
	case strings.HasPrefix(text, "->"):
		p.want(n, strings.TrimSpace(text[2:]))
		return
	}
	word, rest, _ := strings.Cut(text, " ")
	rest = strings.TrimSpace(rest)
	if _, ok := headings[word]; ok && !strings.HasPrefix(rest, "=") {
		p.heading(n, word, rest)
		return
	}
	name, value, ok := strings.Cut(text, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	switch {
	case !ok:
		p.fail(n, `%q: want "name = value", "-> result", or a heading: one of %s%s`, clip(text), strings.Join(headingNames, ", "), meant(word, headingNames))
	case name == "":
		p.fail(n, "%q: want a name before =", clip(text))
	case value == "":
		p.fail(n, "%s: want a value after =", name)
	case p.block == nil:
		p.fail(n, "%s: it belongs to no block: want a heading before it, such as %q", name, "case busy")
	default:
		p.setting(n, name, value)
	}
}

// heading closes the open block and opens another.
func (p *parser) heading(n int, kind, name string) {
	p.close()
	p.block = &block{kind: kind, name: name, line: n}
	switch {
	case headings[kind] && name == "":
		p.fail(n, "%s: want a name after it", kind)
		return
	case !headings[kind] && name != "":
		p.fail(n, "%s takes no name: %q is one too many", kind, clip(name))
	}
	if kind == "given" {
		return // there may be several
	}
	key := kind + " " + name
	if kind == "campaign" {
		key = kind
	}
	if before, ok := p.named[key]; ok {
		p.fail(n, "%s %q is there already, in line %d", kind, name, before)
		return
	}
	p.named[key] = n
}

func (p *parser) setting(n int, name, value string) {
	b := p.block
	if name != earlierCall {
		for _, s := range b.settings {
			if s.name == name {
				p.fail(n, "%s is given already, in line %d", name, s.line)
				return
			}
		}
	}
	b.settings = append(b.settings, setting{name, value, n})
	if b.kind != "case" && b.kind != "given" {
		p.open = &b.settings[len(b.settings)-1].value
	}
}

func (p *parser) want(n int, text string) {
	switch {
	case p.block == nil || p.block.kind != "case":
		p.fail(n, "a result belongs to a case: want a line such as %q before it", "case busy")
	case text == "":
		p.fail(n, "-> what? want a status, none, or one of also, fails, dial, required, valid, rank and next_at")
	default:
		p.wants = append(p.wants, setting{value: text, line: n})
	}
}

// close puts the open block where it belongs.
func (p *parser) close() {
	b := p.block
	p.block, p.open = nil, nil
	if b == nil {
		return
	}
	switch b.kind {
	case "given":
		p.given = b.settings
	case "case":
		c := testCase{name: b.name, line: b.line, wants: p.wants}
		p.wants = nil
		own := map[string]bool{}
		for _, s := range b.settings {
			own[s.name] = true
		}
		for _, s := range p.given {
			if !own[s.name] {
				c.facts = append(c.facts, s)
			}
		}
		c.facts = append(c.facts, b.settings...)
		if len(c.wants) == 0 {
			p.fail(b.line, "case %q says nothing of what must come of it: want a line such as %q", clip(b.name), "-> none")
		}
		p.suite.cases = append(p.suite.cases, c)
	default:
		p.suite.blocks = append(p.suite.blocks, *b)
	}
}

// goesOn reports whether a condition cannot end here.
func goesOn(text string) bool {
	for _, end := range []string{"&&", "||", "(", "[", "?", ":", ",", "+", "-", "*", "/", "==", "!=", "<", ">", "<=", ">=", " in"} {
		if strings.HasSuffix(text, end) {
			return true
		}
	}
	return false
}

// continues reports whether a line cannot begin anything.
func continues(text string) bool {
	for _, begin := range []string{"&&", "||", "?", ":", ")", "]", "=="} {
		if strings.HasPrefix(text, begin) {
			return true
		}
	}
	return false
}

// clip shortens what is shown of a text.
func clip(text string) string {
	if r := []rune(text); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return text
}

// meant adds the name that was probably meant.
func meant(text string, names []string) string {
	if n := nearest.Name(text, names); n != "" && n != text {
		return fmt.Sprintf(": did you mean %q?", n)
	}
	return ""
}
