package rule

import (
	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"
)

// island is a part of a lowered condition that cel-go evaluates: the rest need
// not go there because of it, and often decides without it.
type island struct {
	expr    ast.Expr
	program cel.Program
}

// plan makes the program of the part, out of the condition as it was checked.
func (i *island) plan(e *environment, whole *ast.AST) error {
	part := ast.NewCheckedAST(ast.NewAST(i.expr, whole.SourceInfo()), whole.TypeMap(), whole.ReferenceMap())
	var err error
	i.program, err = e.plan(part)
	return err
}

// test evaluates the part. One that fails is asked about again with the whole
// condition, which knows where it failed.
func (i *island) test(s *scope) answer {
	v, _, err := i.program.Eval(s)
	if b, ok := v.(types.Bool); ok && err == nil {
		return truth(bool(b))
	}
	return ask
}
