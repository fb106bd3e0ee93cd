package rule

import (
	"fmt"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"
)

// blockMacros let the suite write what only optimisers make: a block of common
// sub-expressions, cel.block([...], x), its parts by index, and the variables of
// comprehensions by depth.
func blockMacros() cel.EnvOption {
	return func(e *cel.Env) (*cel.Env, error) {
		options := []cel.EnvOption{cel.Macros(
			cel.ReceiverMacro("block", 2, blockMacro(func(m cel.MacroExprFactory, args []ast.Expr) ast.Expr {
				return m.NewCall("cel.@block", args...)
			}, ast.ListKind)),
			cel.ReceiverMacro("index", 1, blockMacro(func(m cel.MacroExprFactory, args []ast.Expr) ast.Expr {
				return m.NewIdent(fmt.Sprintf("@index%d", args[0].AsLiteral()))
			}, ast.LiteralKind)),
			cel.ReceiverMacro("iterVar", 2, blockMacro(numbered("@it"), ast.LiteralKind)),
			cel.ReceiverMacro("accuVar", 2, blockMacro(numbered("@ac"), ast.LiteralKind)),
		)}
		for i := range 30 {
			options = append(options, cel.Variable(fmt.Sprintf("@index%d", i), cel.DynType))
		}
		for _, o := range options {
			var err error
			if e, err = o(e); err != nil {
				return nil, err
			}
		}
		return e, nil
	}
}

func numbered(prefix string) func(cel.MacroExprFactory, []ast.Expr) ast.Expr {
	return func(m cel.MacroExprFactory, args []ast.Expr) ast.Expr {
		return m.NewIdent(fmt.Sprintf("%s:%d:%d", prefix, args[0].AsLiteral(), args[1].AsLiteral()))
	}
}

// blockMacro expands calls of cel.name(...) whose first argument is of a kind,
// and whose numbers are not negative.
func blockMacro(expand func(cel.MacroExprFactory, []ast.Expr) ast.Expr, first ast.ExprKind) cel.MacroFactory {
	return func(m cel.MacroExprFactory, target ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
		if target.Kind() != ast.IdentKind || target.AsIdent() != "cel" {
			return nil, nil
		}
		if args[0].Kind() != first {
			return nil, m.NewError(args[0].ID(), "not what a block is made of")
		}
		if first == ast.LiteralKind {
			for _, a := range args {
				if n, ok := a.AsLiteral().(types.Int); !ok || n < 0 {
					return nil, m.NewError(a.ID(), "want a number from 0")
				}
			}
		}
		return expand(m, args), nil
	}
}
