package rule

import (
	"fmt"
	"reflect"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/nextcall/nextcall/blacklist"
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

// Equal compares instants: a decision has one zone.
func (l *localValue) Equal(other ref.Val) ref.Val {
	o, ok := other.(*localValue)
	return types.Bool(ok && l.at.Equal(o.at))
}
func (l *localValue) Value() any { return l }

// IsSet and Get read a part where cel-go does not know the type, as in
// dyn(local(now)).hour.
func (l *localValue) IsSet(field ref.Val) ref.Val { return types.Bool(!types.IsError(l.Get(field))) }

// Get gives a part.
func (l *localValue) Get(field ref.Val) ref.Val {
	name, _ := field.(types.String)
	if name == "date" {
		return types.String(l.at.Format(time.DateOnly))
	}
	if n, ok := localPart(string(name), l.at); ok {
		return types.Int(n)
	}
	return types.NewErr("a local time has no part %v", field.Value())
}

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
	of := map[string]*types.FieldType{}
	for _, name := range localParts {
		t := types.IntType
		if name == "date" {
			t = types.StringType
		}
		of[name] = &types.FieldType{
			Type: t, IsSet: func(any) bool { return true },
			GetFrom: func(target any) (any, error) {
				l, ok := target.(*localValue)
				if !ok {
					return nil, fmt.Errorf("%T has no part %s", target, name)
				}
				return l.Get(types.String(name)), nil
			},
		}
	}
	return of
}

var localParts = []string{"date", "year", "month", "day", "hour", "minute", "weekday"}

// periodValue are calendar steps in a zone, to be added to an instant.
type periodValue struct {
	opaque
	steps blacklist.Expiry
	loc   *time.Location
}

// Equal compares steps: a decision has one zone.
func (p *periodValue) Equal(other ref.Val) ref.Val {
	o, ok := other.(*periodValue)
	return types.Bool(ok && p.steps == o.steps)
}
func (p *periodValue) Value() any { return p }

// from is the instant to which the steps lead.
func (p *periodValue) from(t time.Time) (time.Time, error) { return p.steps.At(t, p.loc) }
