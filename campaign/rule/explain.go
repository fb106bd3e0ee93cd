package rule

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/cel-go/common/types"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// Result is what became of a condition, or of a part of one.
type Result uint8

// The results.
const (
	NotAsked Result = iota // what was asked before it had decided
	True
	False
	Known  // it has a value that is neither true nor false, such as a number
	Absent // a property that has no value
	Failed // neither true nor false: an error
)

var resultNames = [...]string{"not asked", "true", "false", "known", "absent", "failed"}

// String returns the result in words.
func (r Result) String() string {
	if int(r) < len(resultNames) {
		return resultNames[r]
	}
	return fmt.Sprintf("Result(%d)", uint8(r))
}

// MarshalText writes the result in words.
func (r Result) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// Part is a part of a condition, and what became of it in one decision.
type Part struct {
	Text   string `json:"text"`             // in one line
	Line   int    `json:"line,omitempty"`   // of its first character, from 1; 0 is not known
	Column int    `json:"column,omitempty"` // in characters, from 1; 0 is not known
	// Element is, in a part that is asked for each element of a list, the one
	// that it was asked for: p = "card".
	Element string `json:"element,omitempty"`
	Result  Result `json:"result"`
	// Value is its value as a person reads it: texts are quoted, instants are on
	// the phone's clock. If it failed, it says why.
	Value string `json:"value,omitempty"`
	// Parts are what it consists of, in the order in which they are asked. Those
	// that are always the same are left out, unless they fail.
	Parts []Part `json:"parts,omitempty"`
	// More is how many elements of a list are not among the Parts.
	More int `json:"more,omitempty"`

	form form
}

// Explanation says what one condition decided, and why.
type Explanation struct {
	Path     string            `json:"path"` // where the configuration has the condition
	Kind     campaign.Kind     `json:"kind"`
	Status   status.ID         `json:"status,omitempty"` // of an auto-set condition or a next call
	Text     string            `json:"text"`
	Campaign campaign.ID       `json:"campaign"`
	Record   campaign.RecordID `json:"record"`
	// Result is True, False or Failed; or Known for a rank or a next call, whose
	// value is that of Root.
	Result Result `json:"result"`
	Root   Part   `json:"root"`
	// Why says in a line which values decided.
	Why string `json:"why"`
	// Err is the [*Failure] if it failed.
	Err error `json:"-"`
}

// Of returns the set of a campaign's conditions, if an [Engine] compiled them
// and there are some.
func Of(c *campaign.Campaign) (*Set, bool) {
	if c == nil {
		return nil, false
	}
	s, ok := c.Rules().(*Set)
	return s, ok
}

// Conditions are those of the set, in the order of their places.
func (s *Set) Conditions() []campaign.Condition {
	list := make([]campaign.Condition, len(s.programs))
	for i, p := range s.programs {
		list[i] = p.condition
	}
	return list
}

// missing is the error of a place where there is no condition; nil if there is one.
func (s *Set) missing(i int) error {
	if i < 0 || i >= len(s.programs) {
		return fmt.Errorf("rule: there is no condition %d: the campaign has %d, counted from 0", i, len(s.programs))
	}
	return nil
}

var errNoFacts = errors.New("rule: no facts: a condition is about a record")

// Explain decides condition i once more, and says what each of its parts came
// to. call is nil where a decision is about none. It is for people: it costs as
// much as many decisions.
func (s *Set) Explain(i int, f *campaign.Facts, call *campaign.Call, now time.Time) Explanation {
	err := s.missing(i)
	if err == nil && f == nil {
		err = errNoFacts
	}
	if err != nil {
		e := Explanation{Result: Failed, Campaign: s.campaign.ID(), Why: err.Error(), Err: err}
		e.Root = Part{Text: "the condition", Result: Failed, Value: err.Error()}
		if i >= 0 && i < len(s.programs) {
			c := s.programs[i].condition
			e.Path, e.Kind, e.Status, e.Text, e.Root.Text = c.Path, c.Kind, c.Status, c.Text, c.Text
		}
		return e
	}
	x := s.see(f, call, now)
	e := s.programs[i].explain(x)
	s.done(x)
	return e
}

// Why says in a line which values decided about condition i, such as
//
//	record.fields.balance > 100.0 is false: record.fields.balance is 80.0
//
// Of a condition that failed it says what the part that failed has read; the
// error of the decision says the rest.
func (s *Set) Why(i int, f *campaign.Facts, call *campaign.Call, now time.Time) string {
	e := s.Explain(i, f, call, now)
	var failure *Failure
	if e.Result != Failed || !errors.As(e.Err, &failure) {
		return e.Why
	}
	return values(e.Root.failed())
}

func (p *program) explain(s *scope) (e Explanation) {
	e = Explanation{
		Path: p.condition.Path, Kind: p.condition.Kind, Status: p.condition.Status, Text: p.condition.Text,
		Campaign: s.r.Campaign, Record: s.r.ID,
	}
	defer func() {
		if what := recover(); what != nil {
			e.failed(p.broken(s, what))
		}
	}()
	w := asking{scope: s, left: maxShown, naming: true}
	x := w.find(p.told.parts(p, s.set.env).root, s)
	var err error
	if x.val, err = p.eval(s); err != nil { // the truth, however many parts there are
		x.val = types.WrapErr(err)
		e.Root = s.part(&x)
		e.failed(err)
		return e
	}
	e.Root = s.part(&x)
	if _, dated := x.val.(types.Timestamp); p.condition.Kind == campaign.NextAt && !dated {
		at, err := p.time(s)
		if err != nil {
			e.failed(err)
			return e
		}
		e.Root.Value += " from now: " + s.showTime(at)
	}
	e.Result, e.Why = e.Root.Result, why(&e.Root)
	return e
}

func (e *Explanation) failed(err error) {
	e.Result, e.Why, e.Err = Failed, err.Error(), err
	e.Root.Result, e.Root.Value = Failed, err.Error()
	if f, ok := err.(*Failure); ok {
		e.Root.Value = f.Reason()
	}
	if e.Root.Text == "" {
		e.Root.Text = e.Text
	}
}

// part makes of what was found what is shown.
func (s *scope) part(x *found) Part {
	p := x.piece
	out := Part{Text: p.text, Line: p.line, Column: p.column, Element: x.element, More: x.cut, form: p.form}
	switch {
	case x.val == nil:
		return out
	case x.absent:
		out.Result, out.Value = Absent, Absent.String()
	case x.failed():
		out.Result, out.Value = Failed, reasonOf(fmt.Sprint(x.val.Value()))
	case x.val == types.True:
		out.Result, out.Value = True, "true"
	case x.val == types.False:
		out.Result, out.Value = False, "false"
	default:
		out.Result, out.Value = Known, s.show(x.val)
	}
	for i := range x.parts {
		if part := &x.parts[i]; !part.piece.quiet || part.failed() {
			out.Parts = append(out.Parts, s.part(part))
		}
	}
	if p.clock && len(s.locations()) > 0 {
		out.Parts = append(out.Parts, Part{Text: "local(now)", Result: Known, Value: s.showNow()})
	}
	return out
}

// String is the explanation as an indented tree.
func (e Explanation) String() string {
	var b strings.Builder
	if e.Path != "" {
		fmt.Fprintf(&b, "%s, record %q: ", e.Path, string(e.Record))
	}
	e.Root.write(&b, 0)
	return b.String()
}

func (p *Part) write(b *strings.Builder, depth int) {
	if depth > 0 {
		b.WriteString(strings.Repeat("  ", depth))
		if p.Column > 0 {
			b.WriteString(position(p.Line, p.Column) + ": ")
		}
		if p.Element != "" {
			b.WriteString("for " + p.Element + ", ")
		}
	}
	b.WriteString(p.says() + "\n")
	for i := range p.Parts {
		p.Parts[i].write(b, depth+1)
	}
	if p.More > 0 {
		fmt.Fprintf(b, "%s… and %d more elements\n", strings.Repeat("  ", depth+1), p.More)
	}
}

// says is the part and its result in one line.
func (p *Part) says() string {
	switch p.Result {
	case NotAsked:
		return p.Text + " was not asked"
	case Failed:
		return p.Text + " failed: " + p.Value
	}
	return p.Text + " is " + p.Value
}
