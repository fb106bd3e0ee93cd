package rule

import (
	"math"
	"time"

	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
)

// The instants that CEL knows, in seconds since 1970.
const (
	firstSecond = -62135596800 // 0001-01-01T00:00:00Z
	lastSecond  = 253402300799 // 9999-12-31T23:59:59Z
)

// onTimes lowers arithmetic with durations and instants, or gives nil.
func onTimes(name string, a, b *operand) *operand {
	add, sub := name == operators.Add, name == operators.Subtract
	switch {
	case a.kind == kindDuration && b.kind == kindDuration && add:
		return &operand{kind: kindDuration, num: bothOf(a.num, b.num, addInts)}
	case a.kind == kindDuration && b.kind == kindDuration && sub:
		return &operand{kind: kindDuration, num: bothOf(a.num, b.num, subtractInts)}
	case a.kind == kindTime && b.kind == kindDuration && add:
		return &operand{kind: kindTime, when: bothOf(a.when, b.num, later), times: a.times.shifted(b, 1)}
	case a.kind == kindDuration && b.kind == kindTime && add:
		return &operand{kind: kindTime, when: bothOf(b.when, a.num, later), times: b.times.shifted(a, 1)}
	case a.kind == kindTime && b.kind == kindDuration && sub:
		return &operand{kind: kindTime, when: bothOf(a.when, b.num, earlier), times: a.times.shifted(b, -1)}
	case a.kind == kindTime && b.kind == kindTime && sub:
		op := &operand{kind: kindDuration, num: bothOf(a.when, b.when, between)}
		if a.times.isNow() && b.times != nil && !b.times.now {
			op.at = &place{from: fromAgo, which: uint8(b.times.at)}
		}
		return op
	}
	return nil
}

// later is an instant a duration later, as far as CEL knows instants. Round
// drops the reading of the monotonic clock.
func later(t time.Time, d int64) (time.Time, bool) { return shift(t.Round(0), time.Duration(d)) }

// shift is later without that reading.
func shift(t time.Time, d time.Duration) (time.Time, bool) {
	t = t.Add(d)
	sec := t.Unix()
	return t, sec >= firstSecond && sec <= lastSecond
}

func earlier(t time.Time, d int64) (time.Time, bool) {
	if d == math.MinInt64 {
		return t, false
	}
	return later(t, -d)
}

// between is a - b, where it surely fits in a duration: 292 years.
func between(a, b time.Time) (int64, bool) {
	const most = math.MaxInt64/int64(time.Second) - 1
	sec := a.Unix() - b.Unix()
	if sec < -most || sec > most {
		return 0, false
	}
	return sec*int64(time.Second) + int64(a.Nanosecond()-b.Nanosecond()), true
}

// converted lowers a conversion: what a constant is made of is converted once.
func converted(to string, a *operand) *operand {
	if text, ok := a.constant(); ok {
		switch to {
		case "timestamp":
			if v, ok := types.String(text).ConvertToType(types.TimestampType).(types.Timestamp); ok {
				return fixedTime(v.Time)
			}
			return nil
		case "duration":
			if v, ok := types.String(text).ConvertToType(types.DurationType).(types.Duration); ok {
				return fixedInt(kindDuration, int64(v.Duration))
			}
			return nil
		}
	}
	switch {
	case to == "int" && a.kind == kindDuration:
		return &operand{kind: kindInt, num: a.num}
	case to == "int" && a.kind == kindTime:
		return &operand{kind: kindInt, num: mapped(a.when, func(t time.Time) (int64, bool) { return t.Unix(), true })}
	case to == "int" && a.kind == kindDouble:
		return &operand{kind: kindInt, num: mapped(a.real, truncated)}
	case to == "double" && a.kind == kindInt:
		return asReal(a)
	case to == "timestamp" && a.kind == kindInt:
		return &operand{kind: kindTime, when: mapped(a.num, func(n int64) (time.Time, bool) {
			return time.Unix(n, 0).UTC(), n >= firstSecond && n <= lastSecond
		})}
	case to == convertible(a.kind):
		return a // to what it is
	}
	return nil
}

func convertible(k kind) string {
	switch k {
	case kindTime:
		return "timestamp"
	case kindStrings:
		return "" // there is no such conversion
	}
	return k.String()
}

// truncated is a double as an int, if it surely fits.
func truncated(f float64) (int64, bool) {
	if f > math.MinInt64 && f < math.MaxInt64 {
		return int64(f), true
	}
	return 0, false
}

// timePart lowers t.getHours("Europe/Warsaw") and its like; b is nil without a
// zone. Without one it is UTC.
func timePart(name string, a, b *operand) *operand {
	if a.kind == kindDuration && b == nil {
		if f := durationPart(name); f != nil {
			return &operand{kind: kindInt, num: mapped(a.num, func(n int64) (int64, bool) { return f(time.Duration(n)), true })}
		}
		return nil
	}
	f := instantPart(name)
	if f == nil || a.kind != kindTime {
		return nil
	}
	if b == nil {
		return &operand{kind: kindInt, num: mapped(a.when, func(t time.Time) (int64, bool) { return f(t.UTC()), true })}
	}
	zone, ok := b.constant()
	if !ok || zone == "Local" {
		return nil
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return nil // an offset such as "+02:00", or a mistake
	}
	return &operand{kind: kindInt, num: mapped(a.when, func(t time.Time) (int64, bool) { return f(t.In(loc)), true })}
}

// instantPart reads a part of an instant as CEL counts: months and days from 0,
// but getDate from 1, and Sunday is 0.
func instantPart(name string) func(time.Time) int64 {
	switch name {
	case "getFullYear":
		return func(t time.Time) int64 { return int64(t.Year()) }
	case "getMonth":
		return func(t time.Time) int64 { return int64(t.Month()) - 1 }
	case "getDate":
		return func(t time.Time) int64 { return int64(t.Day()) }
	case "getDayOfMonth":
		return func(t time.Time) int64 { return int64(t.Day()) - 1 }
	case "getDayOfYear":
		return func(t time.Time) int64 { return int64(t.YearDay()) - 1 }
	case "getDayOfWeek":
		return func(t time.Time) int64 { return int64(t.Weekday()) }
	case "getHours":
		return func(t time.Time) int64 { return int64(t.Hour()) }
	case "getMinutes":
		return func(t time.Time) int64 { return int64(t.Minute()) }
	case "getSeconds":
		return func(t time.Time) int64 { return int64(t.Second()) }
	case "getMilliseconds":
		return func(t time.Time) int64 { return int64(t.Nanosecond() / 1e6) }
	}
	return nil
}

func durationPart(name string) func(time.Duration) int64 {
	switch name {
	case "getHours":
		return func(d time.Duration) int64 { return int64(d.Hours()) }
	case "getMinutes":
		return func(d time.Duration) int64 { return int64(d.Minutes()) }
	case "getSeconds":
		return func(d time.Duration) int64 { return int64(d.Seconds()) }
	case "getMilliseconds":
		return func(d time.Duration) int64 { return d.Milliseconds() }
	}
	return nil
}
