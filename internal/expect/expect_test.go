package expect_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/nextcall/nextcall/internal/expect"
)

// hearing is a test that goes on, whatever is said.
type hearing struct {
	testing.TB
	said  string
	ended bool
}

func (*hearing) Helper()            {}
func (h *hearing) Error(say ...any) { h.said = fmt.Sprint(say...) }
func (h *hearing) Fatal(say ...any) { h.said, h.ended = fmt.Sprint(say...), true }
func (h *hearing) Fatalf(format string, values ...any) {
	h.said, h.ended = fmt.Sprintf(format, values...), true
}

func TestEachDifferenceIsToldOnceAndNothingElseIs(t *testing.T) {
	type check = func(e expect.Expects, t testing.TB) bool
	wrapped := fmt.Errorf("read: %w", io.EOF)
	for name, c := range map[string]struct {
		right, wrong check
		said         string
	}{
		"Equal": {
			func(e expect.Expects, t testing.TB) bool { return e.Equal(t, []int{1}, []int{1}) },
			func(e expect.Expects, t testing.TB) bool { return e.Equal(t, 1, int64(1), "sort %d", 7) }, "sort 7: want 1, got 1",
		},
		"True": {
			func(e expect.Expects, t testing.TB) bool { return e.True(t, true) },
			func(e expect.Expects, t testing.TB) bool { return e.True(t, false, "100% of it") }, "100% of it: that is not so",
		},
		"False": {
			func(e expect.Expects, t testing.TB) bool { return e.False(t, false) },
			func(e expect.Expects, t testing.TB) bool { return e.False(t, true) }, "that is so",
		},
		"NoError": {
			func(e expect.Expects, t testing.TB) bool { return e.NoError(t, nil) },
			func(e expect.Expects, t testing.TB) bool { return e.NoError(t, io.EOF) }, "want no error, got EOF",
		},
		"Error": {
			func(e expect.Expects, t testing.TB) bool { return e.Error(t, io.EOF) },
			func(e expect.Expects, t testing.TB) bool { return e.Error(t, nil) }, "want an error, got none",
		},
		"ErrorIs": {
			func(e expect.Expects, t testing.TB) bool { return e.ErrorIs(t, wrapped, io.EOF) },
			func(e expect.Expects, t testing.TB) bool { return e.ErrorIs(t, nil, io.EOF) }, `want the error "EOF", got <nil>`,
		},
		"ErrorContains": {
			func(e expect.Expects, t testing.TB) bool { return e.ErrorContains(t, wrapped, "EOF") },
			func(e expect.Expects, t testing.TB) bool { return e.ErrorContains(t, nil, "") }, `want an error with "", got <nil>`,
		},
		"Contains": {
			func(e expect.Expects, t testing.TB) bool { return e.Contains(t, "abc", "b") },
			func(e expect.Expects, t testing.TB) bool { return e.Contains(t, "abc", "d") }, `want "d" within "abc"`,
		},
		"Len": {
			func(e expect.Expects, t testing.TB) bool { return e.Len(t, "ab", 2) },
			func(e expect.Expects, t testing.TB) bool { return e.Len(t, []int{5}, 2) }, "want 2 of them, got 1: [5]",
		},
		"Empty": {
			func(e expect.Expects, t testing.TB) bool { return e.Empty(t, []int(nil)) },
			func(e expect.Expects, t testing.TB) bool { return e.Empty(t, "x") }, "want none, got x",
		},
		"NotEmpty": {
			func(e expect.Expects, t testing.TB) bool { return e.NotEmpty(t, "x") },
			func(e expect.Expects, t testing.TB) bool { return e.NotEmpty(t, []int{}) }, "want some, got none",
		},
		"Zero": {
			func(e expect.Expects, t testing.TB) bool { return e.Zero(t, 0) },
			func(e expect.Expects, t testing.TB) bool { return e.Zero(t, 3) }, "want the zero value, got 3",
		},
		"InDelta": {
			func(e expect.Expects, t testing.TB) bool { return e.InDelta(t, 1, 1.5, 0.5) },
			func(e expect.Expects, t testing.TB) bool { return e.InDelta(t, 1, 1.5, 0.4) }, "want 1 or 0.4 more or less, got 1.5",
		},
	} {
		for _, e := range []expect.Expects{expect.Assert, expect.Require} {
			var h hearing
			assert.True(t, c.right(e, &h), name)
			assert.Empty(t, h.said, name)
			assert.False(t, c.wrong(e, &h), name)
			assert.Equal(t, c.said, h.said, name)
			assert.Equal(t, e == expect.Require, h.ended, name)
		}
	}
	var h hearing
	assert.NotNil(t, expect.ErrorAs[*fs.PathError](&h, errors.Join(io.EOF, &fs.PathError{Op: "open"})))
	assert.Empty(t, h.said)
	expect.ErrorAs[*fs.PathError](&h, io.EOF)
	assert.Equal(t, "want a *fs.PathError, got EOF", h.said)
	assert.True(t, h.ended)
}
