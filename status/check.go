package status

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The longest texts, in characters.
const (
	maxName = 200    // ids, titles, names of lists, agents, campaigns and places
	maxText = 10_000 // descriptions, templates and conditions
)

// maxDelay is far beyond any callback and far below what overflows a date.
const maxDelay = Delay(10 * 365 * 24 * time.Hour)

// FieldError is one mistake in one field of a status.
type FieldError struct {
	Status ID     // the status; empty if it has no id
	Field  string // the field's JSON name, such as "delay" or "relations.queues"
	Value  string // what was given
	Msg    string // what is wrong and what would be right
}

// Error names the status, the field, the value and what would be right.
func (e *FieldError) Error() string {
	return fmt.Sprintf("status %q: %s %q: %s", string(e.Status), e.Field, shorten(e.Value), e.Msg)
}

// shorten keeps a message readable when the value is a whole text.
func shorten(text string) string {
	const most = 60
	if length(text) <= most {
		return text
	}
	return string([]rune(text)[:most]) + "…"
}

// Check returns all mistakes of the status joined, each a *FieldError, or nil.
func (s Status) Check() error { return errors.Join(s.check()...) }

// check collects the mistakes of one status.
func (s Status) check() []error {
	c := checker{status: s.ID}
	c.id(s.ID)
	c.title(s.Title)
	c.text("description", s.Description)
	c.color(s.Color)
	c.name("agent", string(s.Agent))
	c.name("blacklist", string(s.Blacklist))
	c.name("campaign", s.Campaign)
	c.text("template", s.Template)
	c.text("auto_set", s.AutoSet)
	c.text("next_at", s.NextAt)
	if int(s.Class) >= len(classNames) {
		c.fail("class", s.Class.String(), "there is no such class")
	}
	c.qualifier(s.Qualifier)
	if s.Qualifier.row().Definable {
		c.fit(s) // what fits a qualifier is a question only when there is one
	}
	if !s.Expiry.IsPermanent() && s.Blacklist == "" {
		c.fail("expiry", s.Expiry.String(), "an expiry needs a blacklist: name one, or leave the expiry out")
	}
	if s.AutoStop && s.AutoSet == "" {
		c.fail("auto_stop", "true", "there is no condition that can fail: give auto_set, or leave auto_stop out")
	}
	c.places("relations.categories", s.Relations.Categories)
	c.places("relations.queues", s.Relations.Queues)
	c.places("relations.record_types", s.Relations.RecordTypes)
	return c.errs
}

// checker collects the mistakes of one status.
type checker struct {
	status ID
	errs   []error
}

func (c *checker) fail(field, value, format string, args ...any) {
	c.errs = append(c.errs, &FieldError{
		Status: c.status, Field: field, Value: value, Msg: fmt.Sprintf(format, args...),
	})
}

// encoded refuses text that no store or screen takes.
func (c *checker) encoded(field, value string, most int, lines bool) bool {
	switch {
	case !utf8.ValidString(value):
		c.fail(field, value, "not UTF-8")
	case length(value) > most:
		c.fail(field, value, "%d characters; at most %d are allowed", length(value), most)
	case strings.ContainsFunc(value, func(r rune) bool {
		return unicode.IsControl(r) && !(lines && (r == '\n' || r == '\r' || r == '\t'))
	}):
		c.fail(field, value, "contains a control character")
	default:
		return true
	}
	return false
}

// text checks a text of several lines that may be empty.
func (c *checker) text(field, value string) {
	if c.encoded(field, value, maxText, true) && value != "" && blank(value) {
		c.fail(field, value, "only white space: leave it empty")
	}
}

// name checks a name in one line that may be empty. A name with white space
// around it looks like another name and is none.
func (c *checker) name(field, value string) {
	if c.encoded(field, value, maxName, false) && strings.TrimSpace(value) != value {
		c.fail(field, value, "white space around it: write %q", strings.TrimSpace(value))
	}
}

func (c *checker) id(id ID) {
	if blank(string(id)) {
		c.fail("id", string(id), "every status has an id")
		return
	}
	if c.encoded("id", string(id), maxName, false) && strings.ContainsFunc(string(id), unicode.IsSpace) {
		c.fail("id", string(id), "an id has no white space")
	}
}

func (c *checker) title(title string) {
	if blank(title) {
		c.fail("title", title, "every status has a title")
		return
	}
	c.name("title", title)
}

func (c *checker) color(color string) {
	if color == "" {
		return
	}
	if len(color) != 7 || color[0] != '#' || strings.Trim(color[1:], "0123456789abcdefABCDEF") != "" {
		c.fail("color", color, `a colour is written "#rrggbb", such as "#ff8800"`)
	}
}

func (c *checker) qualifier(q Qualifier) {
	switch e := q.row(); {
	case q == None:
		c.fail("qualifier", q.String(), "every status names a qualifier")
	case int(q) >= len(effects):
		c.fail("qualifier", q.String(), "there is no such qualifier")
	case !e.Definable && e.Engine:
		c.fail("qualifier", q.String(), "only the engine sets it, so no status can have it")
	case !e.Definable:
		c.fail("qualifier", q.String(), "only import, bulk change and move set it, so no status can have it")
	}
}

// fit checks the fields that only some qualifiers use. A field that nothing
// would read is a mistake: dropping it would hide what its author expected.
func (c *checker) fit(s Status) {
	e := s.Qualifier.row()
	switch {
	case s.Delay < 0:
		c.fail("delay", s.Delay.String(), "a delay is not negative")
	case s.Delay > maxDelay:
		c.fail("delay", s.Delay.String(), "longer than 10 years")
	case s.Delay == 0 && e.Next == NextDelay && s.NextAt == "":
		c.fail("delay", s.Delay.String(), "%s needs the delay after which to call back, or next_at", e.Name)
	case s.Delay != 0 && e.Next == NextInput:
		c.fail("delay", s.Delay.String(), "%s is called at the time given with it: leave the delay out", e.Name)
	case s.Delay != 0 && e.Next != NextDelay && e.Next != NextPolicy:
		c.fail("delay", s.Delay.String(), "%s makes no next call: leave the delay out", e.Name)
	}
	switch {
	case s.NextAt == "":
	case e.Next != NextDelay && e.Next != NextPolicy && e.Next != NextInput:
		c.fail("next_at", s.NextAt, "%s makes no next call: leave next_at out", e.Name)
	case s.Delay != 0:
		c.fail("next_at", s.NextAt, "given together with the delay %s: leave one of them out", s.Delay)
	}
	switch {
	case s.Template == "" && e.Action != ActionNone:
		c.fail("template", s.Template, "%s needs the template of the message", e.Name)
	case s.Template != "" && e.Action == ActionNone:
		c.fail("template", s.Template, "%s sends no message: leave the template out", e.Name)
	}
	if s.Agent != "" && !e.Own {
		c.fail("agent", string(s.Agent), "%s is no own callback, so no agent is responsible: leave the agent out", e.Name)
	}
	if s.NextCall && !e.MayFlagNextCall {
		c.fail("next_call", "true", "%s makes no next call, so none can be required", e.Name)
	}
}

// places checks one set of relations.
func (c *checker) places(field string, names []string) {
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		if name == "" {
			c.fail(field, name, "a relation needs a name")
			continue
		}
		c.name(field, name)
		if seen[name] {
			c.fail(field, name, "named twice")
		}
		seen[name] = true
	}
}

// CheckAll checks a list of statuses that live side by side: each of them, and
// that no two have the same id or, whatever the case, the same title. All
// mistakes are joined, each a *FieldError. A campaign checks with it the
// statuses it attaches together with its own.
func CheckAll(statuses []Status) error { return errors.Join(checkAll(statuses)...) }

func checkAll(statuses []Status) []error {
	var errs []error
	ids := make(map[ID]bool, len(statuses))
	titles := make(map[string]ID, len(statuses))
	for _, s := range statuses {
		errs = append(errs, s.check()...)
		if s.ID != "" && ids[s.ID] {
			errs = append(errs, &FieldError{
				Status: s.ID, Field: "id", Value: string(s.ID), Msg: "another status has this id",
			})
		}
		ids[s.ID] = true
		if blank(s.Title) {
			continue // reported above; nothing is not the same as nothing
		}
		if other, ok := titles[fold(s.Title)]; ok {
			errs = append(errs, &FieldError{
				Status: s.ID, Field: "title", Value: s.Title,
				Msg: fmt.Sprintf("status %q has this title too: people could not tell them apart", string(other)),
			})
			continue
		}
		titles[fold(s.Title)] = s.ID
	}
	return errs
}

// fold maps texts that differ only in case to one text, as strings.EqualFold
// compares them.
func fold(text string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, text)
}
