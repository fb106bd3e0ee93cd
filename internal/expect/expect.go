// Package expect answers whether what happened is what should have. The kits that
// hosts link into their tests compare with it, for they use the standard library
// alone.
package expect

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
)

// Expects compares. Each of its methods reports whether it holds; what is said
// behind the values is told with a difference: a format and its values, or one text.
type Expects struct{ stop bool }

// After a difference Assert goes on, and Require ends the test.
var Assert, Require = Expects{}, Expects{stop: true}

func (e Expects) fail(t testing.TB, say []any, format string, args ...any) bool {
	t.Helper()
	text := ""
	switch {
	case len(say) > 1:
		text = fmt.Sprintf(fmt.Sprint(say[0]), say[1:]...) + ": "
	case len(say) == 1:
		text = fmt.Sprint(say[0]) + ": "
	}
	text += fmt.Sprintf(format, args...)
	if e.stop {
		t.Fatal(text)
	}
	t.Error(text)
	return false
}

// Equal compares values of one type, as reflect.DeepEqual does.
func (e Expects) Equal(t testing.TB, want, got any, say ...any) bool {
	t.Helper()
	return reflect.DeepEqual(want, got) || e.fail(t, say, "want %+v, got %+v", want, got)
}

// True wants what is so.
func (e Expects) True(t testing.TB, ok bool, say ...any) bool {
	t.Helper()
	return ok || e.fail(t, say, "that is not so")
}

// False wants what is not so.
func (e Expects) False(t testing.TB, ok bool, say ...any) bool {
	t.Helper()
	return !ok || e.fail(t, say, "that is so")
}

// NoError wants nil.
func (e Expects) NoError(t testing.TB, err error, say ...any) bool {
	t.Helper()
	return err == nil || e.fail(t, say, "want no error, got %v", err)
}

// Error wants any error.
func (e Expects) Error(t testing.TB, err error, say ...any) bool {
	t.Helper()
	return err != nil || e.fail(t, say, "want an error, got none")
}

// ErrorIs wants an error that is another one, as errors.Is sees it.
func (e Expects) ErrorIs(t testing.TB, err, target error, say ...any) bool {
	t.Helper()
	return errors.Is(err, target) || e.fail(t, say, "want the error %q, got %v", target, err)
}

// ErrorContains wants an error with a text.
func (e Expects) ErrorContains(t testing.TB, err error, text string, say ...any) bool {
	t.Helper()
	return err != nil && strings.Contains(err.Error(), text) || e.fail(t, say, "want an error with %q, got %v", text, err)
}

// ErrorAs returns the error of a type among those that err joins or wraps. Without
// one the test ends.
func ErrorAs[T error](t testing.TB, err error) T {
	t.Helper()
	var target T
	if !errors.As(err, &target) {
		t.Fatalf("want a %T, got %v", target, err)
	}
	return target
}

// Contains wants a text within another one.
func (e Expects) Contains(t testing.TB, text, part string, say ...any) bool {
	t.Helper()
	return strings.Contains(text, part) || e.fail(t, say, "want %q within %q", part, text)
}

// Len wants so many elements.
func (e Expects) Len(t testing.TB, got any, n int, say ...any) bool {
	t.Helper()
	v := reflect.ValueOf(got)
	return v.Len() == n || e.fail(t, say, "want %d of them, got %d: %+v", n, v.Len(), got)
}

// Empty wants a list or text with nothing in it.
func (e Expects) Empty(t testing.TB, got any, say ...any) bool {
	t.Helper()
	return empty(got) || e.fail(t, say, "want none, got %+v", got)
}

// NotEmpty wants a list or text with something in it.
func (e Expects) NotEmpty(t testing.TB, got any, say ...any) bool {
	t.Helper()
	return !empty(got) || e.fail(t, say, "want some, got none")
}

func empty(got any) bool { return reflect.ValueOf(got).Len() == 0 }

// Zero wants the zero value.
func (e Expects) Zero(t testing.TB, got any, say ...any) bool {
	t.Helper()
	return reflect.ValueOf(got).IsZero() || e.fail(t, say, "want the zero value, got %+v", got)
}

// InDelta wants a number, or one that is no further from it than delta.
func (e Expects) InDelta(t testing.TB, want, got, delta float64, say ...any) bool {
	t.Helper()
	return math.Abs(want-got) <= delta || e.fail(t, say, "want %v or %v more or less, got %v", want, delta, got)
}
