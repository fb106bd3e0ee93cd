package rule

import (
	"sync"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/env"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/stdlib"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/ext"
)

// The bounds of what a condition may be, before its cost is looked at.
const (
	maxText      = 4096 // bytes
	maxRecursion = 64   // levels of nesting
)

// environment is what the conditions of one campaign are checked against.
type environment struct {
	schema *schema
	cel    *cel.Env
	macros map[macroKey]cel.Macro
	// contextual are the names of the functions that read the scope.
	contextual map[string]bool
	maxCost    uint64 // 0 is the default
}

// language is what the environments of all campaigns have in common: operators,
// macros and functions. To declare them takes longer than to check twenty
// conditions, and each campaign would keep a copy.
var language = sync.OnceValues(func() (*cel.Env, error) {
	own := env.NewLibrarySubset().AddExcludedFunctions(env.NewFunction(operators.Add))
	for _, name := range partFunctions {
		own.AddExcludedFunctions(env.NewFunction(name))
	}
	options := []cel.EnvOption{
		cel.StdLib(cel.StdLibSubset(own)),
		addition(),
		cel.OptionalTypes(),
		ext.Strings(ext.StringsVersion(4)),
		cel.CrossTypeNumericComparisons(true),
		cel.DefaultUTCTimeZone(true),
		cel.EnableMacroCallTracking(),
		cel.EnableIdentifierEscapeSyntax(), // record.fields.`order-id`
		cel.ParserRecursionLimit(maxRecursion),
		cel.ParserExpressionSizeLimit(maxText),
		cel.Variable(contextName, contextCEL),
	}
	options = append(options, functionOptions()...)
	return cel.NewCustomEnv(append(options, (&zoneCache{}).options()...)...)
})

// newEnvironment makes an environment; more are options beside ours.
func newEnvironment(s *schema, more ...cel.EnvOption) (*environment, error) {
	base, err := language()
	if err != nil {
		return nil, err
	}
	var options []cel.EnvOption
	for _, o := range s.objects {
		if !o.inner {
			options = append(options, cel.Variable(o.path, o.celType))
		}
	}
	for _, p := range s.top {
		options = append(options, cel.Variable(p.path, celTypes[p.kind]))
	}
	options = append(options, more...)
	// Last, because options that declare types want to be given a registry.
	options = append(options, func(e *cel.Env) (*cel.Env, error) {
		return cel.CustomTypeProvider(newProvider(e.CELTypeProvider(), s))(e)
	})
	made, err := base.Extend(options...)
	if err != nil {
		return nil, err
	}
	return &environment{schema: s, cel: made, macros: macrosByKey(made.Macros()), contextual: contextualNames()}, nil
}

// addition declares + as the standard library does, and beside that for an
// instant and a period: a function of the library takes no further overload that
// has a binding of its own.
func addition() cel.EnvOption {
	var overloads []cel.FunctionOpt
	for _, f := range stdlib.Functions() {
		if f.Name() != operators.Add {
			continue
		}
		for _, o := range f.OverloadDecls() {
			overloads = append(overloads, cel.Overload(o.ID(), o.ArgTypes(), o.ResultType(), cel.BinaryBinding(add)))
		}
	}
	return cel.Function(operators.Add, append(overloads, cel.Overload("nextcall_add_period",
		[]*types.Type{types.TimestampType, periodCEL}, types.TimestampType, cel.BinaryBinding(addPeriod)))...)
}

func add(a, b ref.Val) ref.Val {
	if adder, ok := a.(traits.Adder); ok {
		return adder.Add(b)
	}
	return types.NewErr("%s and %s cannot be added", a.Type().TypeName(), b.Type().TypeName())
}

func addPeriod(t, p ref.Val) ref.Val {
	at, err := p.(*periodValue).from(t.(types.Timestamp).Time)
	if err != nil {
		return types.WrapErr(err)
	}
	return types.Timestamp{Time: at}
}

// checked parses and checks a text.
func (e *environment) checked(text string) (*cel.Ast, *cel.Issues) {
	return e.cel.Compile(text)
}
