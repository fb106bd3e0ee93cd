package rule

import (
	"fmt"
	"hash/fnv"
	"reflect"
	"strings"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/nextcall/nextcall/blacklist"
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

// opaque is a value of a type of our own that conditions can only pass on.
type opaque struct{ t *types.Type }

func (o opaque) ConvertToNative(reflect.Type) (any, error) {
	return nil, fmt.Errorf("%s is no value for Go", o.t.TypeName())
}
func (o opaque) ConvertToType(t ref.Type) ref.Val {
	return types.NewErr("%s cannot be converted to %s", o.t.TypeName(), t.TypeName())
}
func (o opaque) Equal(ref.Val) ref.Val { return types.False }
func (o opaque) Type() ref.Type        { return o.t }
func (o opaque) Value() any            { return o }

// contextValue is the scope as an argument.
type contextValue struct{ scope *scope }

func (c *contextValue) ConvertToNative(t reflect.Type) (any, error) {
	return opaque{contextCEL}.ConvertToNative(t)
}
func (c *contextValue) ConvertToType(t ref.Type) ref.Val { return opaque{contextCEL}.ConvertToType(t) }
func (c *contextValue) Equal(ref.Val) ref.Val            { return types.False }
func (c *contextValue) Type() ref.Type                   { return contextCEL }
func (c *contextValue) Value() any                       { return c }

// localValue is an instant on the clock of a zone.
type localValue struct {
	opaque
	at time.Time
}

func (l *localValue) Value() any { return l }

// localPart reads a part of a local time.
func localPart(name string, at time.Time) (int64, bool) {
	switch name {
	case "year":
		return int64(at.Year()), true
	case "month":
		return int64(at.Month()), true
	case "day":
		return int64(at.Day()), true
	case "hour":
		return int64(at.Hour()), true
	case "minute":
		return int64(at.Minute()), true
	case "weekday":
		return isoWeekday(at), true
	}
	return 0, false
}

// isoWeekday is 1 on Monday and 7 on Sunday (ISO 8601).
func isoWeekday(at time.Time) int64 { return int64((at.Weekday()+6)%7) + 1 }

func localFields() map[string]*types.FieldType {
	of := map[string]*types.FieldType{"date": {
		Type: types.StringType, IsSet: func(any) bool { return true },
		GetFrom: func(target any) (any, error) { return target.(*localValue).at.Format(time.DateOnly), nil },
	}}
	for _, name := range []string{"year", "month", "day", "hour", "minute", "weekday"} {
		of[name] = &types.FieldType{
			Type: types.IntType, IsSet: func(any) bool { return true },
			GetFrom: func(target any) (any, error) {
				n, _ := localPart(name, target.(*localValue).at)
				return n, nil
			},
		}
	}
	return of
}

// periodValue are calendar steps in a zone, to be added to an instant.
type periodValue struct {
	opaque
	steps blacklist.Expiry
	loc   *time.Location
}

// from is the instant to which the steps lead.
func (p *periodValue) from(t time.Time) (time.Time, error) { return p.steps.At(t, p.loc) }

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
			ok, err := s.timeBetween(string(a[0].(types.String)), string(a[1].(types.String)))
			return boolOr(ok, err)
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

// errNoZone: the functions of local time fail where the zone is not known.
var errNoZone = fmt.Errorf("the zone of the phone is not known: give the phone a zone, or the campaign a default callee zone")

// local is an instant on the phone's clock: that of the first of its zones.
func (s *scope) local(t time.Time) (time.Time, error) {
	zones := s.locations()
	if len(zones) == 0 {
		return time.Time{}, errNoZone
	}
	return t.In(zones[0]), nil
}

// timeBetween reports whether now is in a half-open window of local time, in
// all zones that the phone may be in. One that ends before it begins crosses
// midnight.
func (s *scope) timeBetween(from, to string) (bool, error) {
	a, okA := clock(from)
	b, okB := clock(to)
	if !okA || !okB {
		bad := from
		if okA {
			bad = to
		}
		return false, fmt.Errorf(`%q is no time of day: want "08:00" to "24:00"`, bad)
	}
	zones := s.locations()
	if len(zones) == 0 {
		return false, errNoZone
	}
	for _, loc := range zones {
		at := s.now.In(loc)
		if !within(at.Hour()*60+at.Minute(), a, b) {
			return false, nil
		}
	}
	return true, nil
}

func within(minute, from, to int) bool {
	if from < to {
		return from <= minute && minute < to
	}
	return minute >= from || minute < to
}

// clock reads "08:00", in minutes of the day.
func clock(text string) (int, bool) {
	if len(text) != 5 || text[2] != ':' {
		return 0, false
	}
	for _, i := range []int{0, 1, 3, 4} {
		if text[i] < '0' || text[i] > '9' {
			return 0, false
		}
	}
	h, m := int(text[0]-'0')*10+int(text[1]-'0'), int(text[3]-'0')*10+int(text[4]-'0')
	return h*60 + m, m < 60 && h*60+m <= 24*60
}

func (s *scope) holiday(t time.Time) (bool, error) {
	at, err := s.local(t)
	if err != nil {
		return false, err
	}
	return s.set.campaign.Holiday(s.region(), at), nil
}

// workday is a day from Monday to Friday that is no holiday.
func (s *scope) workday(t time.Time) (bool, error) {
	at, err := s.local(t)
	if err != nil {
		return false, err
	}
	return isoWeekday(at) <= 5 && !s.set.campaign.Holiday(s.region(), at), nil
}

// period reads calendar steps, to be made in the phone's zone.
func (s *scope) period(text string) (*periodValue, error) {
	steps, err := blacklist.ParseExpiry(text)
	if err != nil {
		return nil, err
	}
	zones := s.locations()
	if len(zones) == 0 {
		return nil, errNoZone
	}
	return &periodValue{opaque{periodCEL}, steps, zones[0]}, nil
}

// bucket puts a key into one of n buckets, 0 to n-1: always the same one, on
// every machine (FNV-1a).
func bucket(key string, n int64) (int64, error) {
	if n <= 0 {
		return 0, fmt.Errorf("bucket: want one bucket or more, not %d", n)
	}
	h := fnv.New64a()
	h.Write([]byte(key))
	return int64(h.Sum64() % uint64(n)), nil
}

// hasPrefix reports whether the number begins with one of the prefixes.
func hasPrefix(number string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(number, p) {
			return true
		}
	}
	return false
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
		return m.NewCall("_-_", m.NewIdent("now"), args[0]), nil
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
				prefixes, err := list.ConvertToNative(reflect.TypeFor[[]string]())
				if err != nil {
					return types.WrapErr(err)
				}
				return types.Bool(hasPrefix(string(number.(types.String)), prefixes.([]string)))
			}))),
	)
}

func withContext(name string) cel.MacroFactory {
	return func(m cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
		return m.NewCall(name, append([]ast.Expr{m.NewIdent(contextName)}, args...)...), nil
	}
}
