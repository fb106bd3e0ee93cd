package contract

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// expects compares what a store did with what it should have done. This package
// is code for hosts who write a store, so it does so with the standard library.
type expects struct{ stop bool }

// After a failure of assert the sentence goes on, after one of require it ends.
var assert, require = expects{}, expects{stop: true}

// fail reports a difference, and with what the caller said about it.
func (e expects) fail(t *testing.T, say []any, format string, args ...any) bool {
	t.Helper()
	msg := fmt.Sprintf(format, args...)
	if len(say) > 0 {
		text := fmt.Sprint(say[0])
		if strings.Contains(text, "%") {
			text = fmt.Sprintf(text, say[1:]...)
		}
		msg = text + ": " + msg
	}
	t.Error(msg)
	if e.stop {
		t.FailNow()
	}
	return false
}

func (e expects) Equal(t *testing.T, want, got any, say ...any) bool {
	t.Helper()
	if reflect.DeepEqual(want, got) {
		return true
	}
	return e.fail(t, say, "\n\twant %+v\n\tgot  %+v", want, got)
}

// EqualValues compares values of different types, such as a constant with one
// of a type of its own.
func (e expects) EqualValues(t *testing.T, want, got any, say ...any) bool {
	t.Helper()
	w, to := reflect.ValueOf(want), reflect.TypeOf(got)
	if to != nil && w.IsValid() && w.CanConvert(to) && reflect.DeepEqual(w.Convert(to).Interface(), got) {
		return true
	}
	return e.fail(t, say, "want %v, got %v", want, got)
}

// ElementsMatch compares lists whose order does not matter.
func (e expects) ElementsMatch(t *testing.T, want, got any, say ...any) bool {
	t.Helper()
	w, g := reflect.ValueOf(want), reflect.ValueOf(got)
	left := make([]any, 0, g.Len())
	for i := range g.Len() {
		left = append(left, g.Index(i).Interface())
	}
	missing := 0
	for i := range w.Len() {
		at := slices.IndexFunc(left, func(x any) bool { return reflect.DeepEqual(w.Index(i).Interface(), x) })
		if at < 0 {
			missing++
			continue
		}
		left = slices.Delete(left, at, at+1)
	}
	if missing == 0 && len(left) == 0 {
		return true
	}
	return e.fail(t, say, "want, in any order,\n\t%+v\n\tgot  %+v", want, got)
}

func empty(x any) bool {
	v := reflect.ValueOf(x)
	switch v.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Slice, reflect.Map, reflect.String:
		return v.Len() == 0
	}
	return v.IsZero()
}

func (e expects) Empty(t *testing.T, got any, say ...any) bool {
	t.Helper()
	return empty(got) || e.fail(t, say, "want nothing, got %+v", got)
}

func (e expects) Zero(t *testing.T, got any, say ...any) bool {
	t.Helper()
	v := reflect.ValueOf(got)
	return !v.IsValid() || v.IsZero() || e.fail(t, say, "want the zero value, got %+v", got)
}

func (e expects) NotZero(t *testing.T, got any, say ...any) bool {
	t.Helper()
	v := reflect.ValueOf(got)
	return v.IsValid() && !v.IsZero() || e.fail(t, say, "want a value, got %+v", got)
}

func (e expects) Nil(t *testing.T, got any, say ...any) bool {
	t.Helper()
	return isNil(got) || e.fail(t, say, "want nil, got %+v", got)
}

func (e expects) NotNil(t *testing.T, got any, say ...any) bool {
	t.Helper()
	return !isNil(got) || e.fail(t, say, "want a value, got nil")
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

func (e expects) Len(t *testing.T, got any, want int, say ...any) bool {
	t.Helper()
	n := reflect.ValueOf(got).Len()
	return n == want || e.fail(t, say, "want %d of them, got %d: %+v", want, n, got)
}

func (e expects) True(t *testing.T, got bool, say ...any) bool {
	t.Helper()
	return got || e.fail(t, say, "want true")
}

func (e expects) False(t *testing.T, got bool, say ...any) bool {
	t.Helper()
	return !got || e.fail(t, say, "want false")
}

// number is a number of any integer type; all that are compared here are small.
func number(x any) int64 { return reflect.ValueOf(x).Convert(reflect.TypeFor[int64]()).Int() }

func (e expects) Greater(t *testing.T, got, than any, say ...any) bool {
	t.Helper()
	return number(got) > number(than) || e.fail(t, say, "want more than %v, got %v", than, got)
}

func (e expects) GreaterOrEqual(t *testing.T, got, least any, say ...any) bool {
	t.Helper()
	return number(got) >= number(least) || e.fail(t, say, "want at least %v, got %v", least, got)
}

func (e expects) Less(t *testing.T, got, than any, say ...any) bool {
	t.Helper()
	return number(got) < number(than) || e.fail(t, say, "want less than %v, got %v", than, got)
}

func (e expects) LessOrEqual(t *testing.T, got, most any, say ...any) bool {
	t.Helper()
	return number(got) <= number(most) || e.fail(t, say, "want at most %v, got %v", most, got)
}

func (e expects) NoError(t *testing.T, err error, say ...any) bool {
	t.Helper()
	return err == nil || e.fail(t, say, "want no error, got %v", err)
}

func (e expects) Error(t *testing.T, err error, say ...any) bool {
	t.Helper()
	return err != nil || e.fail(t, say, "want an error")
}

func (e expects) ErrorIs(t *testing.T, err, want error, say ...any) bool {
	t.Helper()
	return errors.Is(err, want) || e.fail(t, say, "want the error %q, got %v", want, err)
}

func (e expects) ErrorAs(t *testing.T, err error, target any, say ...any) bool {
	t.Helper()
	return errors.As(err, target) || e.fail(t, say, "want a %T, got %v", reflect.ValueOf(target).Elem().Interface(), err)
}

func (e expects) ErrorContains(t *testing.T, err error, text string, say ...any) bool {
	t.Helper()
	return err != nil && strings.Contains(err.Error(), text) || e.fail(t, say, "want an error with %s, got %v", text, err)
}
