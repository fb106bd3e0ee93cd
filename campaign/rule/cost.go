package rule

import (
	"math"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/checker"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"
)

// The sizes that the cost of a condition is estimated with. Real values may be
// larger; what such a condition costs then grows in proportion, and one that
// goes through lists is stopped at the limit.
const (
	maxValue   = 1024 // characters of a text in a field
	maxID      = 200  // characters of an id, a tag or an owner
	maxItems   = 100  // items of a list
	maxHistory = 200  // calls of a record
)

const (
	// DefaultMaxCost bounds a condition unless an [Engine] says otherwise. One
	// unit is about what reading and comparing a property costs: 20 to 50 ns.
	DefaultMaxCost = 100_000
	maxPattern     = 2_000 // parts of a regular expression, written out
)

// cost refuses a condition that would take too long.
func (l *linter) cost(checked *cel.Ast) {
	limit := l.env.limit()
	estimate, err := l.env.cel.EstimateCost(checked, sizes{l.env.schema})
	if err != nil {
		l.fail(span{0, len(l.spans.text)}, "its cost cannot be estimated: %v", err)
		return
	}
	if estimate.Max <= limit {
		return
	}
	whole := l.spans.of(checked.NativeRep().Expr())
	if estimate.Max > 1<<53 {
		l.fail(whole, "the condition could run without a bound: its cost is not limited by the sizes of the campaign's values; want at most %d", limit)
		return
	}
	l.fail(whole, "the condition is too expensive: it costs up to %d, want at most %d; go through fewer lists inside each other, and make fewer long texts", estimate.Max, limit)
}

// limit is the most that a condition may cost.
func (e *environment) limit() uint64 {
	if e.maxCost == 0 {
		return DefaultMaxCost
	}
	return e.maxCost
}

// sizes tell cel-go how large values can be, and what functions cost.
type sizes struct{ schema *schema }

// EstimateSize knows the properties of the schema and what is in their lists.
func (s sizes) EstimateSize(node checker.AstNode) *checker.SizeEstimate {
	if x := node.Expr(); x.Kind() == ast.SelectKind {
		if fn, _ := operation(x.AsSelect().Operand()); fn == "local" {
			return upTo(uint64(len("2026-01-31")))
		}
	}
	path := node.Path()
	if len(path) == 0 {
		return nil
	}
	item := path[len(path)-1] == "@items"
	if item {
		path = path[:len(path)-1]
	}
	p := s.schema.byPath[strings.Join(path, ".")]
	if p == nil {
		if t := node.Type(); t != nil && strings.HasPrefix(t.TypeName(), "nextcall.") {
			return upTo(1)
		}
		return nil
	}
	return s.property(p, item)
}

func (s sizes) property(p *property, item bool) *checker.SizeEstimate {
	switch {
	case item:
		return upTo(maxID)
	case p.kind == kindStrings:
		return upTo(maxItems)
	case p.kind != kindString:
		return upTo(1)
	case p.enum != nil:
		longest := 0
		for _, v := range p.enum {
			longest = max(longest, len(v))
		}
		return upTo(uint64(longest))
	case strings.Contains(p.path, ".fields."):
		return upTo(maxValue)
	}
	return upTo(maxID)
}

func upTo(n uint64) *checker.SizeEstimate { return &checker.SizeEstimate{Max: n} }

// EstimateCallCost knows the functions whose result is a text, and those of ours.
func (s sizes) EstimateCallCost(function, _ string, target *checker.AstNode, args []checker.AstNode) *checker.CallEstimate {
	operands := args
	if target != nil {
		operands = append([]checker.AstNode{*target}, args...)
	}
	if fixed, ok := fixedCosts[function]; ok {
		return &checker.CallEstimate{CostEstimate: checker.FixedCostEstimate(fixed)}
	}
	size := func(i int) uint64 {
		if i < len(operands) {
			return s.size(operands[i])
		}
		return 0
	}
	makes := func(n uint64) *checker.CallEstimate {
		return &checker.CallEstimate{CostEstimate: checker.CostEstimate{Min: 1, Max: plus(1, n/10)}, ResultSize: upTo(n)}
	}
	switch function {
	case "matches":
		if len(operands) != 2 {
			return nil
		}
		text, _ := constText(operands[1].Expr())
		steps := max(patternSize(text), 1)
		return &checker.CallEstimate{CostEstimate: checker.CostEstimate{Min: 1, Max: plus(1, times(size(0), steps)/40)}}
	case "prefix":
		return &checker.CallEstimate{CostEstimate: checker.CostEstimate{Min: 1, Max: plus(1, times(size(1), 2))}}
	case "bucket", "indexOf", "lastIndexOf":
		return &checker.CallEstimate{CostEstimate: checker.CostEstimate{Min: 1, Max: plus(1, times(size(0), max(size(1), 1))/10)}}
	case "_?._":
		if p := s.schema.byPath[pathOfNode(operands)]; p != nil {
			return &checker.CallEstimate{CostEstimate: checker.FixedCostEstimate(1), ResultSize: s.property(p, false)}
		}
	case "_[?_]":
		if p := s.listed(operands); p != nil {
			return &checker.CallEstimate{CostEstimate: checker.FixedCostEstimate(1), ResultSize: s.property(p, true)}
		}
	case "orValue", "or":
		return &checker.CallEstimate{CostEstimate: checker.FixedCostEstimate(1), ResultSize: upTo(max(size(0), size(1)))}
	case "value", "optional.of", "optional.ofNonZeroValue", "first", "last":
		return &checker.CallEstimate{CostEstimate: checker.FixedCostEstimate(1), ResultSize: upTo(size(0))}
	case "optional.none":
		return &checker.CallEstimate{CostEstimate: checker.FixedCostEstimate(1), ResultSize: upTo(0)}
	case "substring", "trim", "lowerAscii", "upperAscii", "reverse":
		return makes(size(0))
	case "charAt":
		return makes(1)
	case "string":
		if t := operands[0].Type(); t != nil && t.Kind() != types.StringKind && t.Kind() != types.BytesKind {
			return makes(64)
		}
		return makes(size(0))
	case "strings.quote":
		return makes(plus(times(size(0), 2), 2))
	case "replace":
		return makes(replaced(operands, size))
	case "split":
		return makes(plus(size(0), 1))
	case "join":
		return makes(times(size(0), plus(s.items(operands[0]), size(1))))
	case "format":
		if len(operands) == 2 {
			return makes(plus(size(0), times(size(1), max(s.items(operands[1]), 100))))
		}
	}
	return nil
}

// fixedCosts are those of functions that take as long for every value.
var fixedCosts = map[string]uint64{
	"count": maxHistory, "streak": 2, "local": 10, "weekday": 10, "is_holiday": 20, "is_workday": 20, "time_between": 10, "period": 20,
	"getFullYear": 50, "getMonth": 50, "getDayOfYear": 50, "getDayOfMonth": 50, "getDate": 50, "getDayOfWeek": 50, "getHours": 50, "getMinutes": 50,
}

// listed is the list of the schema that is indexed; nil if it is another one.
func (s sizes) listed(operands []checker.AstNode) *property {
	if len(operands) != 2 {
		return nil
	}
	path, _ := pathOf(operands[0].Expr())
	return s.schema.byPath[path]
}

func pathOfNode(operands []checker.AstNode) string {
	if len(operands) != 2 {
		return ""
	}
	name, _ := constText(operands[1].Expr())
	path, _ := pathOf(operands[0].Expr())
	return path + "." + name
}

// size is the most that a value can have; without a bound it is as large as can be.
func (s sizes) size(n checker.AstNode) uint64 {
	if known := n.ComputedSize(); known != nil {
		return known.Max
	}
	return math.MaxUint64
}

// items is the length of the longest item of a list.
func (s sizes) items(n checker.AstNode) uint64 {
	if path, ok := pathOf(n.Expr()); ok && s.schema.byPath[path] != nil {
		return maxID
	}
	if n.Expr().Kind() != ast.ListKind {
		return math.MaxUint64
	}
	longest := uint64(0)
	for _, x := range n.Expr().AsList().Elements() {
		switch path, isPath := pathOf(x); {
		case x.Kind() == ast.LiteralKind:
			text, _ := constText(x)
			longest = max(longest, uint64(len(text)), 64)
		case isPath && s.schema.byPath[path] != nil:
			p := s.schema.byPath[path]
			longest = max(longest, s.property(p, p.kind == kindStrings).Max, 64)
			if p.kind == kindStrings {
				longest = max(longest, maxItems*(maxID+4))
			}
		default:
			return math.MaxUint64
		}
	}
	return longest
}

// replaced is how long a text can become when parts of it are replaced.
func replaced(operands []checker.AstNode, size func(int) uint64) uint64 {
	if len(operands) < 3 {
		return math.MaxUint64
	}
	old, constant := constText(operands[1].Expr())
	times_ := plus(size(0), 1)
	if constant && old != "" {
		times_ = plus(size(0)/uint64(len([]rune(old))), 1)
	}
	return plus(size(0), times(times_, size(2)))
}

func plus(a, b uint64) uint64 {
	if a > math.MaxUint64-b {
		return math.MaxUint64
	}
	return a + b
}

func times(a, b uint64) uint64 {
	if b != 0 && a > math.MaxUint64/b {
		return math.MaxUint64
	}
	return a * b
}

// patternSize is about how many parts a regular expression has when its
// repetitions are written out; without that, eight characters can ask for a
// thousand times a thousand. 0 if it cannot be read.
func patternSize(text string) uint64 {
	re, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return 0
	}
	return partsOfPattern(re)
}

func partsOfPattern(re *syntax.Regexp) uint64 {
	n := uint64(1)
	switch re.Op {
	case syntax.OpLiteral:
		n = uint64(len(re.Rune))
	case syntax.OpCharClass:
		n = uint64(len(re.Rune)/32 + 1)
	}
	for _, sub := range re.Sub {
		n = plus(n, partsOfPattern(sub))
	}
	if re.Op == syntax.OpRepeat {
		n = times(n, uint64(max(re.Max, re.Min, 1)))
	}
	return n
}

// patternError is what is wrong with a regular expression.
func patternError(err error) string {
	var bad *syntax.Error
	if e, ok := err.(*syntax.Error); ok {
		bad = e
	}
	if bad == nil {
		return err.Error()
	}
	return strings.Join(slices.DeleteFunc([]string{bad.Code.String(), bad.Expr}, func(s string) bool { return s == "" }), ": ")
}
