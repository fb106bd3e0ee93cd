package rule

import (
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"

	"github.com/nextcall/nextcall/campaign"
)

// program checks and compiles a condition. The error is a [*CheckError] that
// says everything that is wrong.
func (e *environment) program(c campaign.Condition) (*program, error) {
	p, _, err := e.compiled(c)
	return p, err
}

// compiled compiles a condition, with what the linter found out.
func (e *environment) compiled(c campaign.Condition) (*program, *verdict, error) {
	v := e.lint(c)
	if err := v.errors(c.Text); err != nil {
		return nil, v, err
	}
	p, err := e.compile(c, v.ast)
	return p, v, err
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

func wider(a, b campaign.Reads) campaign.Reads {
	return campaign.Reads{Contact: a.Contact || b.Contact, Today: a.Today || b.Today, All: a.All || b.All, Within: max(a.Within, b.Within)}
}
