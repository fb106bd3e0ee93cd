package rule

import (
	"fmt"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/interpreter"
)

// bounded are the options of a program that goes through lists: its steps are
// counted while it runs, for a list may be longer than its cost was reckoned
// with. cel-go's own count of the cost is not for us: what it takes grows with
// the square of the steps.
func (e *environment) bounded(checked *ast.AST) []cel.ProgramOption {
	steps := map[int64]bool{}
	ast.PreOrderVisit(checked.Expr(), ast.NewExprVisitor(func(x ast.Expr) {
		if x.Kind() == ast.ComprehensionKind {
			steps[x.AsComprehension().LoopStep().ID()] = true
		}
	}))
	if len(steps) == 0 {
		return nil
	}
	limit := e.limit()
	return []cel.ProgramOption{cel.CustomDecoratorV2(func(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
		if steps[i.ID()] {
			return &step{i, limit}, nil
		}
		return i, nil
	})}
}

// step is what is done for one item of a list.
type step struct {
	interpreter.InterpretableV2
	limit uint64
}

// Exec counts the step, and ends the evaluation when there were too many.
func (s *step) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	if v, ok := frame.ResolveName(contextName); ok {
		if c, ok := v.(*contextValue); ok {
			if c.scope.steps++; c.scope.steps > s.limit {
				panic(interpreter.EvalCancelledError{Cause: interpreter.CostLimitExceeded,
					Message: fmt.Sprintf("it was stopped after going through %d items of lists", s.limit)})
			}
		}
	}
	return s.InterpretableV2.Exec(frame)
}
