package storetest

import (
	"fmt"
	"reflect"
	"time"
)

// differ finds the first place where two values of one type differ, or returns
// nil. No elements are no elements, whether a slice or map is nil or empty: what
// a database brings back need not know the one from the other.
func differ(want, got any) *difference {
	w, g := reflect.ValueOf(want), reflect.ValueOf(got)
	if !w.IsValid() || !g.IsValid() || w.Type() != g.Type() {
		if w.IsValid() || g.IsValid() {
			return &difference{"", w, g}
		}
		return nil
	}
	return compare("", w, g)
}

// difference is where two values differ.
type difference struct {
	path      string // such as .Record.Phones[0].Label; "" is the whole
	want, got reflect.Value
}

func shown(v reflect.Value) string {
	switch {
	case !v.IsValid():
		return "nothing"
	case (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && !v.IsNil() && v.CanInterface():
		if _, ok := v.Interface().(error); !ok {
			return shown(v.Elem())
		}
	case v.Kind() == reflect.String:
		return fmt.Sprintf("%q", v.String())
	}
	return fmt.Sprintf("%+v", v)
}

func compare(path string, w, g reflect.Value) *difference {
	unlike := &difference{path, w, g}
	switch w.Kind() {
	case reflect.Slice:
		if w.Len() != g.Len() {
			return unlike
		}
		return elements(path, w, g)
	case reflect.Array:
		return elements(path, w, g)
	case reflect.Map:
		if w.Len() != g.Len() {
			return unlike
		}
		for _, key := range w.MapKeys() {
			if !g.MapIndex(key).IsValid() {
				return unlike
			}
			if d := compare(fmt.Sprintf("%s[%v]", path, key), w.MapIndex(key), g.MapIndex(key)); d != nil {
				return d
			}
		}
		return nil
	case reflect.Pointer, reflect.Interface:
		switch {
		case w.IsNil() || g.IsNil():
			if w.IsNil() != g.IsNil() {
				return unlike
			}
			return nil
		case w.Elem().Type() != g.Elem().Type():
			return unlike
		}
		return compare(path, w.Elem(), g.Elem())
	case reflect.Struct:
		if w.Type() == reflect.TypeFor[time.Time]() {
			break // an instant in another location is another value
		}
		for i := range w.NumField() {
			f := w.Type().Field(i)
			if d := compare(path+"."+f.Name, w.Field(i), g.Field(i)); d != nil {
				return d
			}
		}
		return nil
	}
	if w.Comparable() && g.Comparable() && w.Equal(g) {
		return nil
	}
	return unlike
}

func elements(path string, w, g reflect.Value) *difference {
	for i := range w.Len() {
		if d := compare(fmt.Sprintf("%s[%d]", path, i), w.Index(i), g.Index(i)); d != nil {
			return d
		}
	}
	return nil
}
