package rule

import (
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/overloads"
	"github.com/google/cel-go/common/stdlib"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
)

// partFunctions are the functions of the standard library that take a part of a
// timestamp, in a zone perhaps: now.getHours("Europe/Warsaw").
var partFunctions = []string{
	overloads.TimeGetFullYear, overloads.TimeGetMonth, overloads.TimeGetDate, overloads.TimeGetDayOfMonth, overloads.TimeGetDayOfWeek,
	overloads.TimeGetDayOfYear, overloads.TimeGetHours, overloads.TimeGetMinutes, overloads.TimeGetSeconds, overloads.TimeGetMilliseconds,
}

// zoneCache are the zones that conditions have named. The library loads a zone
// each time, which costs more than all the rest of a condition.
type zoneCache struct{ loaded sync.Map }

var errLocal = errors.New(`"Local" is the zone of a machine: want a zone such as "Europe/Warsaw"`)

func (z *zoneCache) load(name string) (*time.Location, error) {
	if loc, ok := z.loaded.Load(name); ok {
		return loc.(*time.Location), nil
	}
	if name == "Local" {
		return nil, errLocal
	}
	loc, err := time.LoadLocation(name)
	if err == nil {
		z.loaded.Store(name, loc)
	}
	return loc, err
}

// options declare the functions as the standard library does, with zones that are
// loaded once.
func (z *zoneCache) options() []cel.EnvOption {
	var options []cel.EnvOption
	for _, f := range stdlib.Functions() {
		for _, name := range partFunctions {
			if f.Name() != name {
				continue
			}
			var declared []cel.FunctionOpt
			for _, o := range f.OverloadDecls() {
				binding := cel.UnaryBinding(func(v ref.Val) ref.Val { return part(name, o.ID(), v) })
				if len(o.ArgTypes()) == 2 {
					binding = cel.BinaryBinding(func(v, zone ref.Val) ref.Val { return z.partIn(name, o.ID(), v, zone) })
				}
				declared = append(declared, cel.MemberOverload(o.ID(), o.ArgTypes(), o.ResultType(), binding))
			}
			options = append(options, cel.Function(name, declared...))
		}
	}
	return options
}

// part is a part of a timestamp in UTC, or of a duration.
func part(name, overload string, v ref.Val) ref.Val {
	if t, ok := v.(types.Timestamp); ok {
		v = types.Timestamp{Time: t.UTC()}
	}
	return v.(traits.Receiver).Receive(name, overload, nil)
}

// partIn is a part of a timestamp in a zone, which is a name or an offset.
func (z *zoneCache) partIn(name, overload string, v, zone ref.Val) ref.Val {
	text := string(zone.(types.String))
	if strings.Contains(text, ":") {
		return v.(types.Timestamp).Receive(name, overload, []ref.Val{zone})
	}
	loc, err := z.load(text)
	if err != nil {
		return types.WrapErr(err)
	}
	return types.Timestamp{Time: v.(types.Timestamp).In(loc)}.Receive(name, overload, nil)
}
