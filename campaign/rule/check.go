package rule

import (
	"fmt"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"

	"github.com/nextcall/nextcall/campaign"
)

// program checks and compiles a condition, or says everything that is wrong.
func (e *environment) program(c campaign.Condition) (*program, error) {
	if len(c.Text) > maxText {
		return nil, fmt.Errorf("%d bytes: want at most %d", len(c.Text), maxText)
	}
	checked, issues := e.checked(c.Text)
	if err := issues.Err(); err != nil {
		return nil, err
	}
	if err := resultFits(c.Kind, checked.OutputType()); err != nil {
		return nil, err
	}
	return e.compile(c, checked)
}

// resultFits refuses a condition whose value is not of the type it is used for.
func resultFits(k campaign.Kind, t *cel.Type) error {
	switch k {
	case campaign.Rank:
		if t.Kind() != types.IntKind && t.Kind() != types.DoubleKind {
			return fmt.Errorf("it is a %s: want a number", t)
		}
	case campaign.NextAt:
		if t.Kind() != types.TimestampKind && t.Kind() != types.DurationKind && t.TypeName() != periodType {
			return fmt.Errorf(`it is a %s: want a timestamp, a duration or a period, such as now + duration("2h")`, t)
		}
	default:
		if t.Kind() != types.BoolKind {
			return fmt.Errorf("it is a %s: want a condition that is true or false", t)
		}
	}
	return nil
}

// readsOf is what a condition reads beside the record.
func (e *environment) readsOf(checked *cel.Ast) campaign.Reads {
	var reads campaign.Reads
	visit := ast.NewExprVisitor(func(x ast.Expr) {
		if path, ok := pathOf(x); ok {
			if p := e.schema.byPath[path]; p != nil {
				reads = wider(reads, p.reads)
			}
		}
		if x.Kind() == ast.CallKind && x.AsCall().FunctionName() == "count" {
			reads = wider(reads, countReads(x.AsCall()))
		}
	})
	ast.PreOrderVisit(checked.NativeRep().Expr(), visit)
	return reads
}

// countReads is how far back a count looks: as its constant says, else to the
// beginning.
func countReads(c ast.CallExpr) campaign.Reads {
	args := c.Args()
	if len(args) == 3 && args[2].Kind() == ast.CallKind && args[2].AsCall().FunctionName() == "duration" {
		if a := args[2].AsCall().Args(); len(a) == 1 && a[0].Kind() == ast.LiteralKind {
			if text, ok := a[0].AsLiteral().(types.String); ok {
				if d, err := time.ParseDuration(string(text)); err == nil {
					return campaign.Reads{Within: max(d, 1)}
				}
			}
		}
	}
	return campaign.Reads{All: true}
}

// pathOf is the path that a chain of identifiers and selections writes.
func pathOf(x ast.Expr) (string, bool) {
	switch x.Kind() {
	case ast.IdentKind:
		return x.AsIdent(), true
	case ast.SelectKind:
		sel := x.AsSelect()
		if operand, ok := pathOf(sel.Operand()); ok {
			return operand + "." + sel.FieldName(), true
		}
	}
	return "", false
}

func wider(a, b campaign.Reads) campaign.Reads {
	return campaign.Reads{Contact: a.Contact || b.Contact, Today: a.Today || b.Today, All: a.All || b.All, Within: max(a.Within, b.Within)}
}
