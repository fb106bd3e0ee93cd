package rule

import (
	"fmt"
	"strings"

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

// pathOf is the path that a chain of identifiers and selections writes. A dot
// before it, by which cel-go tells a variable from one of exists(), is left out.
func pathOf(x ast.Expr) (string, bool) {
	switch x.Kind() {
	case ast.IdentKind:
		return strings.TrimPrefix(x.AsIdent(), "."), true
	case ast.SelectKind:
		sel := x.AsSelect()
		if operand, ok := pathOf(sel.Operand()); ok {
			return operand + "." + sel.FieldName(), true
		}
	}
	return "", false
}
