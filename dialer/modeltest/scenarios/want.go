package scenarios

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"testing"
)

// expects compares what happened with what should have. Hosts link this package
// into their tests, so it does so with the standard library.
type expects struct{}

// want ends the scenario at the first difference.
var want expects

// fail ends the scenario. What is said about it comes first.
func (expects) fail(t testing.TB, say []any, format string, args ...any) {
	t.Helper()
	text := ""
	if len(say) > 0 {
		text = fmt.Sprintf(fmt.Sprint(say[0]), say[1:]...) + ": "
	}
	t.Fatalf("%s"+format, append([]any{text}, args...)...)
}

func (e expects) Equal(t testing.TB, want, got any, say ...any) {
	t.Helper()
	if !reflect.DeepEqual(want, got) {
		e.fail(t, say, "want %+v, got %+v", want, got)
	}
}

func (e expects) True(t testing.TB, ok bool, say ...any) {
	t.Helper()
	if !ok {
		e.fail(t, say, "that is not so")
	}
}

func (e expects) NoError(t testing.TB, err error, say ...any) {
	t.Helper()
	if err != nil {
		e.fail(t, say, "want no error, got %v", err)
	}
}

func (e expects) ErrorIs(t testing.TB, err, target error, say ...any) {
	t.Helper()
	if !errors.Is(err, target) {
		e.fail(t, say, "want the error %q, got %v", target, err)
	}
}

func (e expects) Len(t testing.TB, got any, n int, say ...any) {
	t.Helper()
	if v := reflect.ValueOf(got); v.Len() != n {
		e.fail(t, say, "want %d of them, got %d: %+v", n, v.Len(), got)
	}
}

func (e expects) Empty(t testing.TB, got any, say ...any) {
	t.Helper()
	if !empty(got) {
		e.fail(t, say, "want none, got %+v", got)
	}
}

func (e expects) NotEmpty(t testing.TB, got any, say ...any) {
	t.Helper()
	if empty(got) {
		e.fail(t, say, "want some, got none")
	}
}

// empty says whether a list or text has nothing in it.
func empty(got any) bool { return reflect.ValueOf(got).Len() == 0 }

func (e expects) Zero(t testing.TB, got any, say ...any) {
	t.Helper()
	if !reflect.ValueOf(got).IsZero() {
		e.fail(t, say, "want the zero value, got %+v", got)
	}
}

func (e expects) InDelta(t testing.TB, want, got, delta float64, say ...any) {
	t.Helper()
	if math.Abs(want-got) > delta {
		e.fail(t, say, "want %v or %v more or less, got %v", want, delta, got)
	}
}
