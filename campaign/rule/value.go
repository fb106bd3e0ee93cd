package rule

import (
	"fmt"
	"math"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/nextcall/nextcall/campaign"
)

// value is the property's value as cel-go takes it, and whether there is one. A
// value of a wrong type is there: it is an error, so that has() does not hide it.
func (p *property) value(s *scope) (ref.Val, bool) {
	switch p.kind {
	case kindString:
		if v, ok := p.text(s); ok {
			if known, ok := p.boxes[v]; ok {
				return known, true
			}
			return types.String(v), true
		}
	case kindInt:
		if v, ok := p.num(s); ok {
			return types.Int(v), true
		}
	case kindDouble:
		if v, ok := p.real(s); ok {
			return types.Double(v), true
		}
	case kindBool:
		if v, ok := p.flag(s); ok {
			return types.Bool(v), true
		}
	case kindTime:
		if v, ok := p.when(s); ok {
			return types.Timestamp{Time: v}, true
		}
	case kindDuration:
		if v, ok := p.num(s); ok {
			return types.Duration{Duration: time.Duration(v)}, true
		}
	case kindStrings:
		if v, ok := p.list(s); ok {
			return types.NewStringList(types.DefaultTypeAdapter, v), true
		}
	}
	if p.wrong != nil {
		if err := p.wrong(s); err != nil {
			return types.WrapErr(err), true
		}
	}
	return nil, false
}

// has reports whether there is a value, of a wrong type perhaps.
func (p *property) has(s *scope) bool {
	ok := false
	switch p.kind {
	case kindString:
		_, ok = p.text(s)
	case kindInt, kindDuration:
		_, ok = p.num(s)
	case kindDouble:
		_, ok = p.real(s)
	case kindBool:
		_, ok = p.flag(s)
	case kindTime:
		_, ok = p.when(s)
	case kindStrings:
		_, ok = p.list(s)
	}
	return ok || p.wrong != nil && p.wrong(s) != nil
}

// boxed are the values that a property often has, made once for all: to make one
// costs cel-go an allocation. Properties with the same values share them.
func (s *schema) boxed(enum []string) map[string]ref.Val {
	if len(enum) == 0 {
		return nil
	}
	if all := s.boxes[&enum[0]]; all != nil {
		return all
	}
	all := make(map[string]ref.Val, len(enum))
	for _, v := range enum {
		all[v] = types.String(v)
	}
	s.boxes[&enum[0]] = all
	return all
}

// fieldOf are the getters of a field of type T. Values are of the Go types that
// [campaign.FieldType] names; what a store of the host's own may give in their
// place is put right, as it is when a record is saved. What cannot be put right is
// neither absent nor a value: wrong tells.
func fieldOf[T any](p *property, name string, of func(*scope) campaign.Fields, right func(any) (T, bool)) func(*scope) (T, bool) {
	p.wrong = func(s *scope) error {
		raw := of(s)[name]
		if raw == nil {
			return nil
		}
		if _, ok := right(raw); ok {
			return nil
		}
		return fmt.Errorf("%s holds %s, of Go type %T: want a value of type %s", p.path, shortened(fmt.Sprint(raw), 60), raw, p.kind)
	}
	return func(s *scope) (T, bool) {
		raw := of(s)[name]
		if v, ok := raw.(T); ok || raw == nil {
			return v, ok
		}
		return right(raw)
	}
}

func shortened(text string, runes int) string {
	if all := []rune(text); len(all) > runes {
		return string(all[:runes]) + "…"
	}
	return text
}

// fieldTime is fieldOf for times: the zero time is none, and all are in UTC.
func fieldTime(p *property, name string, of func(*scope) campaign.Fields) func(*scope) (time.Time, bool) {
	get := fieldOf(p, name, of, asTime)
	return func(s *scope) (time.Time, bool) {
		t, ok := get(s)
		if !ok {
			return t, false
		}
		return moment(t)
	}
}

func asText(v any) (string, bool) { s, ok := v.(string); return s, ok }

func asFlag(v any) (bool, bool) { b, ok := v.(bool); return b, ok }

func asInt(v any) (int64, bool) {
	switch n := v.(type) {
	case int64:
		return n, true
	case int:
		return int64(n), true
	case int32:
		return int64(n), true
	case uint32:
		return int64(n), true
	case float64:
		// Beyond 2^53 a float64 is no longer one integer.
		return int64(n), n == math.Trunc(n) && math.Abs(n) <= 1<<53
	}
	return 0, false
}

func asDouble(v any) (float64, bool) {
	switch n := v.(type) {
	case float64:
		return n, true
	case float32:
		return float64(n), true
	case int64:
		return float64(n), true
	case int:
		return float64(n), true
	case int32:
		return float64(n), true
	}
	return 0, false
}

func asTime(v any) (time.Time, bool) {
	switch t := v.(type) {
	case time.Time:
		return t, true
	case string:
		at, err := time.Parse(time.RFC3339, t)
		return at, err == nil
	}
	return time.Time{}, false
}

func asList(v any) ([]string, bool) {
	switch all := v.(type) {
	case []string:
		return all, true
	case []any:
		list := make([]string, len(all))
		for i, x := range all {
			s, ok := x.(string)
			if !ok {
				return nil, false
			}
			list[i] = s
		}
		return list, true
	}
	return nil, false
}
