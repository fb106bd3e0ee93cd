package rule

import (
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"

	"github.com/nextcall/nextcall/campaign"
)

// readsOf is what a condition reads beside the record. What is not read for a
// condition looks as if it were not there, so all ways to mention it count.
func (e *environment) readsOf(checked *cel.Ast) campaign.Reads {
	var reads campaign.Reads
	e.readsIn(checked.NativeRep().Expr(), &reads)
	return reads
}

func (e *environment) readsIn(x ast.Expr, reads *campaign.Reads) {
	if path, ok := pathOf(x); ok {
		if p := e.schema.byPath[path]; p != nil {
			*reads = wider(*reads, p.reads)
			return
		}
		if o := e.schema.byType["nextcall."+path]; o != nil {
			*reads = wider(*reads, readsOfAll(o)) // as in dyn(contact).country
			return
		}
	}
	if x.Kind() == ast.CallKind && x.AsCall().FunctionName() == "count" {
		*reads = wider(*reads, countReads(x.AsCall()))
	}
	for _, part := range partsOf(x) {
		e.readsIn(part, reads)
	}
}

// readsOfAll is what all properties of an object need.
func readsOfAll(o *object) campaign.Reads {
	var reads campaign.Reads
	for _, p := range o.fields {
		reads = wider(reads, p.reads)
	}
	for _, inner := range o.objects {
		reads = wider(reads, readsOfAll(inner))
	}
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
