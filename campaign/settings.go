package campaign

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Setting is one value of a campaign's effective configuration.
type Setting struct {
	// Path names it as the configuration's JSON does, such as
	// "limits.caps[2].max" or `retry.delays["busy"]`.
	Path string
	// Value as text; "" is empty or none.
	Value string
	// Origin says where it comes from.
	Origin Origin
}

// Origin says where a setting comes from. There is no third place: what is not
// listed is not in force.
type Origin string

// The origins.
const (
	OriginSet     Origin = "set"     // the configuration says so
	OriginDefault Origin = "default" // it says nothing, so the documented default holds
)

// String is the setting in one line.
func (s Setting) String() string { return fmt.Sprintf("%s = %q (%s)", s.Path, s.Value, s.Origin) }

// Settings lists the effective configuration, every value with its origin, in
// the order of [Config]; the keys of maps are sorted.
func (c *Campaign) Settings() []Setting {
	return settings(nil, "", reflect.ValueOf(c.cfg), reflect.ValueOf(c.given))
}

// settings appends the leaves of an effective value. Given is the same part of
// the configuration as it came in, invalid where it says nothing.
func settings(into []Setting, path string, effective, given reflect.Value) []Setting {
	leaf := func(text string) []Setting {
		origin := OriginDefault
		if given.IsValid() && !given.IsZero() {
			origin = OriginSet
		}
		return append(into, Setting{Path: path, Value: text, Origin: origin})
	}
	if text, ok := effective.Interface().(encoding.TextMarshaler); ok && (effective.Kind() != reflect.Pointer || !effective.IsNil()) {
		b, err := text.MarshalText()
		if err != nil { // a checked configuration has none
			return leaf(fmt.Sprint(effective.Interface()))
		}
		return leaf(string(b))
	}
	switch effective.Kind() {
	case reflect.Struct:
		for i := range effective.NumField() {
			field := effective.Type().Field(i)
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if path != "" {
				name = path + "." + name
			}
			var g reflect.Value
			if given.IsValid() {
				g = given.Field(i)
			}
			into = settings(into, name, effective.Field(i), g)
		}
		return into
	case reflect.Slice:
		if effective.Len() == 0 {
			return leaf("")
		}
		for i := range effective.Len() {
			var g reflect.Value
			if given.IsValid() && i < given.Len() {
				g = given.Index(i)
			}
			into = settings(into, fmt.Sprintf("%s[%d]", path, i), effective.Index(i), g)
		}
		return into
	case reflect.Map:
		if effective.Len() == 0 {
			return leaf("")
		}
		keys := effective.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int {
			if a.CanUint() {
				return int(a.Uint()) - int(b.Uint())
			}
			return strings.Compare(a.String(), b.String())
		})
		for _, key := range keys {
			var g reflect.Value
			if given.IsValid() && given.Len() > 0 {
				g = given.MapIndex(key)
			}
			into = settingsOf(into, fmt.Sprintf("%s[%q]", path, fmt.Sprint(key.Interface())), effective.MapIndex(key), g)
		}
		return into
	case reflect.Pointer:
		if effective.IsNil() {
			return leaf("")
		}
		g := given
		if g.IsValid() && !g.IsNil() {
			g = g.Elem()
		}
		return settingsOf(into, path, effective.Elem(), g)
	}
	return leaf(fmt.Sprint(effective.Interface()))
}

// settingsOf appends the leaves of a map's or pointer's value. That it is there
// is what sets it: a delay of 0 in a map is as good as any other.
func settingsOf(into []Setting, path string, effective, given reflect.Value) []Setting {
	from := len(into)
	into = settings(into, path, effective, given)
	if given.IsValid() && len(into) == from+1 && into[from].Path == path {
		into[from].Origin = OriginSet
	}
	return into
}
