package rule

import (
	"fmt"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
)

// contextName is the variable that carries the scope to functions which read
// it. Conditions cannot write it: macros put it in.
const contextName = "@context"

const (
	contextType = "nextcall.context"
	localType   = "nextcall.local"
	periodType  = "nextcall.period"
)

var (
	contextCEL = types.NewOpaqueType(contextType)
	localCEL   = types.NewObjectType(localType)
	periodCEL  = types.NewOpaqueType(periodType)
)

// contextual is a function that reads the scope: conditions call it without the
// first argument, and a macro puts that in.
type contextual struct {
	name string
	args []*types.Type
	out  *types.Type
	call func(s *scope, args []ref.Val) ref.Val
}

// contextuals are all functions that read the scope. Two may share a name if
// they take another number of arguments.
func contextuals() []contextual {
	str, ts := types.StringType, types.TimestampType
	return []contextual{
		{"count", []*types.Type{str, types.DurationType}, types.IntType, func(s *scope, a []ref.Val) ref.Val {
			return types.Int(s.count(string(a[0].(types.String)), a[1].(types.Duration).Duration))
		}},
		{"streak", []*types.Type{str}, types.IntType, func(s *scope, a []ref.Val) ref.Val {
			return types.Int(s.streak(string(a[0].(types.String))))
		}},
		{"local", []*types.Type{ts}, localCEL, func(s *scope, a []ref.Val) ref.Val {
			at, err := s.local(a[0].(types.Timestamp).Time)
			if err != nil {
				return types.WrapErr(err)
			}
			return &localValue{opaque{localCEL}, at}
		}},
		{"time_between", []*types.Type{str, str}, types.BoolType, func(s *scope, a []ref.Val) ref.Val {
			return boolOr(s.timeBetween(string(a[0].(types.String)), string(a[1].(types.String))))
		}},
		{"weekday", nil, types.IntType, func(s *scope, _ []ref.Val) ref.Val {
			at, err := s.local(s.now)
			if err != nil {
				return types.WrapErr(err)
			}
			return types.Int(isoWeekday(at))
		}},
		{"weekday", []*types.Type{ts}, types.IntType, func(s *scope, a []ref.Val) ref.Val {
			at, err := s.local(a[0].(types.Timestamp).Time)
			if err != nil {
				return types.WrapErr(err)
			}
			return types.Int(isoWeekday(at))
		}},
		{"is_holiday", nil, types.BoolType, func(s *scope, _ []ref.Val) ref.Val { return boolOr(s.holiday(s.now)) }},
		{"is_holiday", []*types.Type{ts}, types.BoolType, func(s *scope, a []ref.Val) ref.Val {
			return boolOr(s.holiday(a[0].(types.Timestamp).Time))
		}},
		{"is_workday", nil, types.BoolType, func(s *scope, _ []ref.Val) ref.Val { return boolOr(s.workday(s.now)) }},
		{"is_workday", []*types.Type{ts}, types.BoolType, func(s *scope, a []ref.Val) ref.Val {
			return boolOr(s.workday(a[0].(types.Timestamp).Time))
		}},
		{"period", []*types.Type{str}, periodCEL, func(s *scope, a []ref.Val) ref.Val {
			p, err := s.period(string(a[0].(types.String)))
			if err != nil {
				return types.WrapErr(err)
			}
			return p
		}},
	}
}

func boolOr(ok bool, err error) ref.Val {
	if err != nil {
		return types.WrapErr(err)
	}
	return types.Bool(ok)
}

// bucket puts a key into one of n buckets, 0 to n-1: always the same one, on
// every machine. It is FNV-1a, and then mixed: the lowest bits of FNV-1a alone
// would put keys with another beginning into buckets that go with the first.
func bucket(key string, n int64) (int64, error) {
	if n <= 0 {
		return 0, fmt.Errorf("bucket: want one bucket or more, not %d", n)
	}
	h := uint64(14695981039346656037)
	for i := range len(key) {
		h = (h ^ uint64(key[i])) * 1099511628211
	}
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return int64((h ^ h>>31) % uint64(n)), nil
}

// functionOptions declare the functions and the macros that hide the context.
func functionOptions() []cel.EnvOption {
	var options []cel.EnvOption
	var macros []cel.Macro
	for _, f := range contextuals() {
		id := "nextcall_" + f.name + fmt.Sprint(len(f.args))
		options = append(options, cel.Function(f.name, cel.Overload(id, append([]*types.Type{contextCEL}, f.args...), f.out,
			cel.FunctionBinding(func(args ...ref.Val) ref.Val { return f.call(args[0].(*contextValue).scope, args[1:]) }))))
		macros = append(macros, cel.GlobalMacro(f.name, len(f.args), withContext(f.name)))
	}
	macros = append(macros, cel.GlobalMacro("since", 1, func(m cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
		// The dot says that a variable of exists() is not meant, whatever its name.
		return m.NewCall(operators.Subtract, m.NewIdent(".now"), args[0]), nil
	}))
	return append(options, cel.Macros(macros...),
		cel.Function("bucket", cel.Overload("nextcall_bucket", []*types.Type{types.StringType, types.IntType}, types.IntType,
			cel.BinaryBinding(func(key, n ref.Val) ref.Val {
				i, err := bucket(string(key.(types.String)), int64(n.(types.Int)))
				if err != nil {
					return types.WrapErr(err)
				}
				return types.Int(i)
			}))),
		cel.Function("prefix", cel.Overload("nextcall_prefix", []*types.Type{types.StringType, types.NewListType(types.StringType)}, types.BoolType,
			cel.BinaryBinding(func(number, list ref.Val) ref.Val {
				all := list.(traits.Lister)
				for i := range all.Size().(types.Int) {
					prefix, ok := all.Get(i).(types.String)
					if !ok {
						return types.NewErr("prefix: element %d is a %s: want a list of string", i, all.Get(i).Type().TypeName())
					}
					if strings.HasPrefix(string(number.(types.String)), string(prefix)) {
						return types.True
					}
				}
				return types.False
			}))),
	)
}

// withContext is a macro that gives the scope to a function.
func withContext(name string) cel.MacroFactory {
	return func(m cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
		return m.NewCall(name, append([]ast.Expr{m.NewIdent(contextName)}, args...)...), nil
	}
}
