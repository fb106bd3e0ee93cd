package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// expects compares what a store did with what it should have done. Hosts link
// this package into their tests, so it does so with the standard library.
type expects struct{ stop bool }

// After a failure of assert the clause goes on, after one of require it ends.
var assert, require = expects{}, expects{stop: true}

// fail reports a difference, and with it what the clause said about it.
func (e expects) fail(t *trial, say []any, want, got string) bool {
	t.Helper()
	text := ""
	if len(say) > 0 {
		text = fmt.Sprint(say[0])
		if len(say) > 1 {
			text = fmt.Sprintf(text, say[1:]...)
		}
	}
	t.broken(e.stop, text, want, got)
	return false
}

// long is the length from which values are not told whole.
const long = 300

// Equal compares values of one type.
func (e expects) Equal(t *trial, want, got any, say ...any) bool {
	t.Helper()
	d := differ(want, got)
	if d == nil {
		return true
	}
	w, g := shown(reflect.ValueOf(want)), shown(reflect.ValueOf(got))
	if len(w)+len(g) > long && d.path != "" {
		w, g = d.path+" "+shown(d.want), d.path+" "+shown(d.got)
	}
	return e.fail(t, say, w, g)
}

// EqualValues compares values of different types, such as a constant with one
// of a type of its own.
func (e expects) EqualValues(t *trial, want, got any, say ...any) bool {
	t.Helper()
	w, to := reflect.ValueOf(want), reflect.TypeOf(got)
	if to != nil && w.IsValid() && w.CanConvert(to) && differ(w.Convert(to).Interface(), got) == nil {
		return true
	}
	return e.fail(t, say, fmt.Sprint(want), fmt.Sprint(got))
}

// ElementsMatch compares lists whose order does not matter.
func (e expects) ElementsMatch(t *trial, want, got any, say ...any) bool {
	t.Helper()
	w, g := reflect.ValueOf(want), reflect.ValueOf(got)
	left := make([]any, 0, g.Len())
	for i := range g.Len() {
		left = append(left, g.Index(i).Interface())
	}
	missing := 0
	for i := range w.Len() {
		at := slices.IndexFunc(left, func(x any) bool { return differ(w.Index(i).Interface(), x) == nil })
		if at < 0 {
			missing++
			continue
		}
		left = slices.Delete(left, at, at+1)
	}
	if missing == 0 && len(left) == 0 {
		return true
	}
	return e.fail(t, say, fmt.Sprintf("in any order %+v", want), fmt.Sprintf("%+v", got))
}

func (e expects) Empty(t *trial, got any, say ...any) bool {
	t.Helper()
	v := reflect.ValueOf(got)
	if !v.IsValid() || v.Len() == 0 {
		return true
	}
	return e.fail(t, say, "nothing", shown(v))
}

func (e expects) Zero(t *trial, got any, say ...any) bool {
	t.Helper()
	v := reflect.ValueOf(got)
	return !v.IsValid() || differ(reflect.Zero(v.Type()).Interface(), got) == nil || e.fail(t, say, "the zero value", shown(v))
}

func (e expects) NotZero(t *trial, got any, say ...any) bool {
	t.Helper()
	v := reflect.ValueOf(got)
	return v.IsValid() && !v.IsZero() || e.fail(t, say, "a value", "the zero value")
}

func (e expects) Nil(t *trial, got any, say ...any) bool {
	t.Helper()
	return isNil(got) || e.fail(t, say, "nil", shown(reflect.ValueOf(got)))
}

func (e expects) NotNil(t *trial, got any, say ...any) bool {
	t.Helper()
	return !isNil(got) || e.fail(t, say, "a value", "nil")
}

func isNil(x any) bool {
	v := reflect.ValueOf(x)
	switch v.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Slice, reflect.Map, reflect.Pointer, reflect.Interface, reflect.Func, reflect.Chan:
		return v.IsNil()
	}
	return false
}

func (e expects) Len(t *trial, got any, want int, say ...any) bool {
	t.Helper()
	n := reflect.ValueOf(got).Len()
	return n == want || e.fail(t, say, fmt.Sprintf("%d of them", want), fmt.Sprintf("%d: %.300s", n, fmt.Sprintf("%+v", got)))
}

func (e expects) True(t *trial, got bool, say ...any) bool {
	t.Helper()
	return got || e.fail(t, say, "true", "false")
}

func (e expects) False(t *trial, got bool, say ...any) bool {
	t.Helper()
	return !got || e.fail(t, say, "false", "true")
}

// number is a number of any integer type; all that are compared here are small.
func number(x any) int64 { return reflect.ValueOf(x).Convert(reflect.TypeFor[int64]()).Int() }

func (e expects) Greater(t *trial, got, than any, say ...any) bool {
	t.Helper()
	return number(got) > number(than) || e.fail(t, say, fmt.Sprintf("more than %v", than), fmt.Sprint(got))
}

func (e expects) Less(t *trial, got, than any, say ...any) bool {
	t.Helper()
	return number(got) < number(than) || e.fail(t, say, fmt.Sprintf("less than %v", than), fmt.Sprint(got))
}

func (e expects) NoError(t *trial, err error, say ...any) bool {
	t.Helper()
	return err == nil || e.fail(t, say, "no error", fmt.Sprint(err))
}

func (e expects) Error(t *trial, err error, say ...any) bool {
	t.Helper()
	return err != nil || e.fail(t, say, "an error", "none")
}

func (e expects) ErrorIs(t *trial, err, want error, say ...any) bool {
	t.Helper()
	return errors.Is(err, want) || e.fail(t, say, fmt.Sprintf("the error %q", want), fmt.Sprint(err))
}

func (e expects) ErrorAs(t *trial, err error, target any, say ...any) bool {
	t.Helper()
	return errors.As(err, target) || e.fail(t, say, fmt.Sprintf("a %T", reflect.ValueOf(target).Elem().Interface()), fmt.Sprint(err))
}

func (e expects) ErrorContains(t *trial, err error, text string, say ...any) bool {
	t.Helper()
	return err != nil && strings.Contains(err.Error(), text) || e.fail(t, say, "an error with "+text, fmt.Sprint(err))
}
