package blacklist_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/nextcall/nextcall/blacklist"
)

var (
	noon     = time.Date(2024, 5, 6, 12, 0, 0, 0, time.UTC)
	tomorrow = noon.AddDate(0, 0, 1)
)

const (
	anna  blacklist.Number = 48600100200
	boris blacklist.Number = 420601100200
)

// rows: D11, D12
func TestAnEntryBlocksUntilItsExpiryAndNotAtIt(t *testing.T) {
	temporary := blacklist.Entry{Number: anna, List: "loans", Added: noon, Until: tomorrow}
	assert.True(t, temporary.Blocks(noon))
	assert.True(t, temporary.Blocks(tomorrow.Add(-time.Nanosecond)))
	assert.False(t, temporary.Blocks(tomorrow), "free at the very instant")
	assert.False(t, temporary.Blocks(tomorrow.AddDate(1, 0, 0)))
	assert.False(t, temporary.Permanent())

	permanent := blacklist.Entry{Number: anna, List: "loans", Added: noon}
	assert.True(t, permanent.Permanent())
	assert.True(t, permanent.Blocks(noon.AddDate(900, 0, 0)))
}

// rows: D17, D18
func TestMergeKeepsTheLaterEndWhole(t *testing.T) {
	short := blacklist.Entry{Number: anna, List: "loans", Author: "eva", Reason: "asked", Added: noon, Until: tomorrow}
	long := blacklist.Entry{Number: anna, List: "loans", Author: "jan", Reason: "law", Added: noon.Add(-time.Hour), Until: tomorrow.Add(time.Hour)}
	forever := blacklist.Entry{Number: anna, List: "loans", Author: "ola", Reason: "angry", Added: noon}
	assert.Equal(t, long, short.Merge(long))
	assert.Equal(t, long, long.Merge(short), "a shorter one does not shorten")
	assert.Equal(t, forever, long.Merge(forever))
	assert.Equal(t, forever, forever.Merge(long))
	again := short
	again.Author, again.Added = "ola", noon.Add(time.Minute)
	assert.Equal(t, short, short.Merge(again), "the same end changes nothing")
	other := forever
	other.Author = "jan"
	assert.Equal(t, forever, forever.Merge(other))
}

func drawEntry(r *rapid.T, name string) blacklist.Entry {
	e := blacklist.Entry{Number: anna, List: "loans", Author: name, Added: noon}
	if hours := rapid.IntRange(0, 5).Draw(r, name); hours > 0 { // few values, so that ties come
		e.Until = noon.Add(time.Duration(hours) * time.Hour)
	}
	return e
}

func TestMergeIsAMaximum(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		a, b, c := drawEntry(r, "a"), drawEntry(r, "b"), drawEntry(r, "c")
		if a.Merge(a) != a {
			r.Fatal("not idempotent")
		}
		if a.Merge(b).Until != b.Merge(a).Until {
			r.Fatal("the end depends on the order")
		}
		if a.Merge(b).Merge(c) != a.Merge(b.Merge(c)) {
			r.Fatal("not associative")
		}
		at := noon.Add(time.Duration(rapid.IntRange(0, 6).Draw(r, "at")) * time.Hour)
		if a.Merge(b).Blocks(at) != (a.Blocks(at) || b.Blocks(at)) {
			r.Fatal("merging frees or blocks somebody")
		}
	})
}

func TestAllMistakesOfAnEntryAreReported(t *testing.T) {
	good := blacklist.Entry{Number: anna, List: "loans", Author: "eva", Reason: "asked", Added: noon, Until: tomorrow}
	require.NoError(t, good.Check())
	require.NoError(t, blacklist.Entry{Number: anna, List: blacklist.Global}.Check(), "the least there is")

	fields := func(err error) (names []string) {
		joined, ok := err.(interface{ Unwrap() []error })
		require.True(t, ok, "%v", err)
		for _, err := range joined.Unwrap() {
			var typed *blacklist.EntryError
			require.ErrorAs(t, err, &typed)
			assert.NotEmpty(t, typed.Want)
			assert.Contains(t, err.Error(), typed.Field)
			names = append(names, typed.Field)
		}
		return names
	}
	for _, row := range []struct {
		name  string
		spoil func(*blacklist.Entry)
		want  []string
	}{
		{"no number", func(e *blacklist.Entry) { e.Number = 0 }, []string{"number"}},
		{"too short", func(e *blacklist.Entry) { e.Number = 12 }, []string{"number"}},
		{"no list", func(e *blacklist.Entry) { e.List = "" }, []string{"list"}},
		{"list not UTF-8", func(e *blacklist.Entry) { e.List = "\xff" }, []string{"list"}},
		{"author not UTF-8", func(e *blacklist.Entry) { e.Author = "Micha\xb3" }, []string{"author"}},
		{"NUL in the reason", func(e *blacklist.Entry) { e.Reason = "a\x00b" }, []string{"reason"}},
		{"ends when it begins", func(e *blacklist.Entry) { e.Until = e.Added }, []string{"until"}},
		{"ends before it begins", func(e *blacklist.Entry) { e.Until = noon.Add(-time.Hour) }, []string{"until"}},
		{"shorter than a microsecond", func(e *blacklist.Entry) { e.Until = e.Added.Add(999) }, []string{"until"}},
		{"past the year 9999", func(e *blacklist.Entry) { e.Until = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC) }, []string{"until"}},
		{"added in the year 0", func(e *blacklist.Entry) { e.Added = time.Time{}.Add(-1) }, []string{"added"}},
		{"a sliver of the first second is not permanent", func(e *blacklist.Entry) { e.Added, e.Until = time.Time{}, time.Time{}.Add(1) }, []string{"until"}},
		{"everything", func(e *blacklist.Entry) {
			*e = blacklist.Entry{Author: "\xff", Reason: "\xff", Added: noon, Until: noon}
		}, []string{"number", "list", "author", "reason", "until"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := good
			row.spoil(&e)
			assert.Equal(t, row.want, fields(e.Check()))

			var m blacklist.Memory
			err := m.Add(good, e)
			var typed *blacklist.EntryError
			assert.True(t, errors.As(err, &typed))
			assert.Zero(t, m.Len(), "nothing is added")
		})
	}
}

func TestAnEntryAsJSON(t *testing.T) {
	for _, row := range []struct {
		entry blacklist.Entry
		text  string
	}{
		{blacklist.Entry{Number: anna, List: "loans", Author: "eva", Reason: "asked", Added: noon, Until: tomorrow},
			`{"number":"+48600100200","list":"loans","author":"eva","reason":"asked","added":"2024-05-06T12:00:00Z","until":"2024-05-07T12:00:00Z"}`},
		{blacklist.Entry{Number: anna, List: blacklist.Global}, `{"number":"+48600100200","list":"global"}`},
	} {
		text, err := json.Marshal(row.entry)
		require.NoError(t, err)
		assert.JSONEq(t, row.text, string(text))
		var back blacklist.Entry
		require.NoError(t, json.Unmarshal(text, &back))
		assert.Equal(t, row.entry, back)
	}
}
