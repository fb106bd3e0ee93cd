package rule

import (
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
)

// lowerLiteral lowers a constant as the text has it.
func lowerLiteral(v ref.Val) *operand {
	switch v := v.(type) {
	case types.Bool:
		return fixedBool(bool(v))
	case types.Int:
		return fixedInt(kindInt, int64(v))
	case types.Double:
		return fixedReal(float64(v))
	case types.String:
		return fixedText(string(v))
	}
	return nil
}

func fixedBool(b bool) *operand {
	v := truth(b)
	return &operand{kind: kindBool, fixed: true, test: func(*scope) answer { return v }}
}

func fixedInt(k kind, n int64) *operand {
	return &operand{kind: k, fixed: true, num: func(*scope) (int64, bool) { return n, true }}
}

func fixedReal(f float64) *operand {
	return &operand{kind: kindDouble, fixed: true, real: func(*scope) (float64, bool) { return f, true }}
}

func fixedText(t string) *operand {
	return &operand{kind: kindString, fixed: true, text: func(*scope) (string, bool) { return t, true }}
}

func fixedTime(t time.Time) *operand {
	return &operand{kind: kindTime, fixed: true, when: func(*scope) (time.Time, bool) { return t, true }}
}

// folded evaluates an operand made of constants once. One that cannot be
// evaluated is left: it may stand where its value does not matter.
func folded(op *operand) *operand {
	switch op.kind {
	case kindBool:
		if v := op.test(nil); v != ask {
			return fixedBool(v == yes)
		}
	case kindInt, kindDuration:
		if v, ok := op.num(nil); ok {
			return fixedInt(op.kind, v)
		}
	case kindDouble:
		if v, ok := op.real(nil); ok {
			return fixedReal(v)
		}
	case kindString:
		if v, ok := op.text(nil); ok {
			return fixedText(v)
		}
	case kindTime:
		if v, ok := op.when(nil); ok {
			return fixedTime(v)
		}
	}
	return op
}

// constant is the text of a constant.
func (op *operand) constant() (string, bool) {
	if op == nil || !op.fixed || op.kind != kindString {
		return "", false
	}
	return op.text(nil)
}
