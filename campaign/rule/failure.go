package rule

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// Failure says why a condition could not be decided: it is neither true nor
// false, and what it would have decided is left as it was.
type Failure struct {
	Path     string    // where the configuration has the condition
	Status   status.ID // of an auto-set condition or a next call
	Campaign campaign.ID
	Record   campaign.RecordID
	Line     int    // of the part that failed, from 1; 0 is not known
	Column   int    // in characters, from 1; 0 is not known
	Expr     string // the part that failed; "" is not known
	Err      error  // what happened
}

// Error says in one line which condition failed, for which record, where and why.
func (e *Failure) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s failed for record %q", e.Path, string(e.Record))
	if e.Column > 0 {
		fmt.Fprintf(&b, " at %s", position(e.Line, e.Column))
	}
	why := e.Reason()
	// What has no value says its own name.
	if e.Expr != "" && !strings.HasPrefix(why, e.Expr+" ") {
		fmt.Fprintf(&b, ", %s", e.Expr)
	}
	return b.String() + ": " + why
}

// Reason says what happened, and what would be right, without where.
func (e *Failure) Reason() string {
	if e.Err == nil {
		return "the reason is not known"
	}
	return reasonOf(e.Err.Error())
}

// Unwrap gives what happened.
func (e *Failure) Unwrap() error { return e.Err }

// position is a place in a text; the first line goes without saying.
func position(line, column int) string {
	if line > 1 {
		return fmt.Sprintf("line %d, column %d", line, column)
	}
	return fmt.Sprintf("column %d", column)
}

// reasonOf says for people what an error of cel-go says for programmers.
func reasonOf(msg string) string {
	for _, x := range plainly {
		if msg == x.msg || x.begins && strings.HasPrefix(msg, x.msg) {
			if !x.begins {
				return x.say
			}
			return x.say + written(strings.TrimPrefix(msg, x.msg))
		}
	}
	return msg
}

// written is the call of a function, or of an operator as conditions write it:
// int + string for _+_(int, string).
func written(call string) string {
	call = hidden.Replace(call)
	operator, rest, ok := strings.Cut(strings.TrimPrefix(call, "_"), "_(")
	if a, b, two := strings.Cut(strings.TrimSuffix(rest, ")"), ", "); ok && two && operator != "" {
		return a + " " + operator + " " + b
	}
	return call
}

// hidden are names that conditions do not write.
var hidden = strings.NewReplacer(contextType+", ", "", contextType, "", "nextcall.", "")

var plainly = []struct {
	msg    string
	begins bool // the rest of the message is kept
	say    string
}{
	{"division by zero", false, "division by zero: ask first whether the divisor is 0"},
	{"modulus by zero", false, "division by zero: ask first whether the divisor is 0"},
	{"integer overflow", false, "integer overflow: the number is too large for an int"},
	{"unsigned integer overflow", false, "integer overflow: the number is too large for a uint, or below 0"},
	{"duration overflow", false, "duration overflow: want at most about 292 years"},
	{"timestamp overflow", false, "timestamp overflow: want the years 1 to 9999"},
	{"no such overload", false, "no such overload: these values do not go together, compare or combine those of one type"},
	{"no such overload: ", true, "no such overload, these values do not go together: "},
	{"no such key: ", true, "the map has no key "},
	{"index out of bounds: ", true, "the list has no element "},
	{"internal error: ", true, "the rules engine broke down: "},
}

// shared are error values that all evaluations of cel-go in this process share,
// so that the part they name may be one of another condition. That they name one
// already, before any evaluation, keeps them from being written to by several.
var shared = [...]ref.Val{
	types.LabelErrNode(-1, types.NoSuchOverloadErr()),
	types.LabelErrNode(-1, types.Int(math.MaxInt64).ConvertToType(types.TimestampType)),
}

// failed makes a Failure of an error of evaluation.
func (p *program) failed(s *scope, err error) error {
	f := &Failure{Path: p.condition.Path, Status: p.condition.Status, Campaign: s.r.Campaign, Record: s.r.ID, Err: err}
	id := int64(0)
	var e *types.Err
	if errors.As(err, &e) {
		f.Err = e.Unwrap()
		id = e.NodeID()
		if slices.Contains(shared[:], ref.Val(e)) {
			id = 0
		}
	}
	at := p.failedAt(s, id, f.Err)
	f.Line, f.Column, f.Expr = at.line, at.column, at.text
	return f
}

// failedAt finds the part that failed. id is the one that cel-go names, or 0.
// Mostly that is it: then a condition that fails for each of a million records
// costs little more than one that does not. Else the parts are evaluated one by
// one.
func (p *program) failedAt(s *scope, id int64, err error) spot {
	parts := p.told.parts(p, s.set.env)
	var none absentError
	if errors.As(err, &none) {
		id = parts.reads[none.property]
	}
	if at, ok := parts.sure[id]; ok {
		return at
	}
	w := asking{scope: s, left: maxSearched}
	return w.search(parts.root, s).spot
}

// broken is the Failure of a condition whose evaluation panicked.
func (p *program) broken(s *scope, what any) error {
	return &Failure{
		Path: p.condition.Path, Status: p.condition.Status, Campaign: s.r.Campaign, Record: s.r.ID,
		Line: 1, Column: 1, Expr: p.condition.Text, Err: fmt.Errorf("internal error: %v", what),
	}
}
