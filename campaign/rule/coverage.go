package rule

import (
	"time"
	"unicode"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"

	"github.com/nextcall/nextcall/campaign"
)

// Branch is an atomic part of a condition: what stands between its && and ||,
// under its !, or before its ?. A condition is well tested when each branch was
// seen true and seen false.
type Branch struct {
	Text   string // as cel-go writes it: in double quotes, with single spaces
	Line   int    // of where it begins, from 1
	Column int    // in characters, from 1
}

// Seen says what a branch was in one decision.
type Seen uint8

// What a branch can be. The zero value says that it was not asked, because the
// others had decided.
const (
	SeenNot Seen = iota
	SeenTrue
	SeenFalse
	SeenFailed
)

var seenNames = [...]string{"not asked", "true", "false", "failed"}

// String returns the word for it.
func (s Seen) String() string { return seenNames[min(int(s), len(seenNames)-1)] }

// Branches are the branches of condition i, from left to right; none for one
// that decides nothing, such as a rank without a ?, or where there is none.
func (s *Set) Branches(i int) []Branch {
	if s.missing(i) != nil {
		return nil
	}
	native := s.programs[i].ast.NativeRep()
	info := native.SourceInfo()
	var branches []Branch
	for _, x := range coverBranches(native) {
		text, err := cel.ExprToString(x, info)
		if err != nil {
			text = "?" // what was parsed can be written again
		}
		at := coverStart(x, info, []rune(s.programs[i].condition.Text))
		branches = append(branches, Branch{Text: text, Line: at.Line(), Column: at.Column() + 1})
	}
	return branches
}

// Trace decides condition i once more, slowly, and tells what each of its
// Branches was. It is for tests and for people, not for a busy queue.
func (s *Set) Trace(i int, f *campaign.Facts, call *campaign.Call, now time.Time) []Seen {
	if s.missing(i) != nil || f == nil {
		return nil
	}
	p := s.programs[i]
	branches := coverBranches(p.ast.NativeRep())
	seen := make([]Seen, len(branches))
	// Without optimisation: what is folded to a constant is not seen.
	tracked, err := s.env.cel.Program(p.ast, cel.EvalOptions(cel.OptTrackState))
	if err != nil {
		return seen
	}
	x := s.see(f, call, now)
	defer s.done(x)
	defer func() {
		if recover() != nil { // what fails so has no value; the decision itself reports it
			clear(seen)
		}
	}()
	_, details, _ := tracked.Eval(x) // an error is the value of the branch that failed
	if details == nil {
		return seen
	}
	for k, b := range branches {
		v, asked := details.State().Value(b.ID())
		switch v := v.(type) {
		case types.Bool:
			seen[k] = SeenFalse
			if v {
				seen[k] = SeenTrue
			}
		default:
			if asked {
				seen[k] = SeenFailed
			}
		}
	}
	return seen
}

// coverBranches finds the branches of a condition, from left to right.
func coverBranches(checked *ast.AST) []ast.Expr {
	var found []ast.Expr
	var walk func(x ast.Expr, decides bool)
	walk = func(x ast.Expr, decides bool) {
		if x.Kind() != ast.CallKind {
			if decides && x.Kind() != ast.LiteralKind {
				found = append(found, x)
			}
			return
		}
		call := x.AsCall()
		args := call.Args()
		switch call.FunctionName() {
		case operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot:
			for _, a := range args {
				walk(a, true)
			}
			return
		case operators.Conditional:
			walk(args[0], true)
			walk(args[1], decides)
			walk(args[2], decides)
			return
		}
		if decides {
			found = append(found, x)
		}
		if call.IsMemberFunction() {
			walk(call.Target(), false)
		}
		for _, a := range args { // a ? among the arguments decides too
			walk(a, false)
		}
	}
	root := checked.Expr()
	walk(root, checked.GetType(root.ID()).Kind() == types.BoolKind)
	return found
}

// coverStart is where the text of an expression begins: at its leftmost part,
// and there before the name of a function, for its place is that of the bracket.
func coverStart(x ast.Expr, info *ast.SourceInfo, text []rune) common.Location {
	start := int32(len(text))
	ast.PreOrderVisit(x, ast.NewExprVisitor(func(e ast.Expr) {
		if o, ok := info.GetOffsetRange(e.ID()); ok && o.Start >= 0 {
			start = min(start, o.Start)
		}
	}))
	if int(start) < len(text) && text[start] == '(' {
		for start > 0 && (text[start-1] == '_' || unicode.IsLetter(text[start-1]) || unicode.IsDigit(text[start-1])) {
			start--
		}
	}
	return info.GetLocationByOffset(start)
}
