package blacklist_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/nextcall/nextcall/blacklist"
)

// One Work answers one query after another as Ask does: nothing of an earlier
// query is left, and nothing is asked twice.
func TestWorkSaysWhatAskSays(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var own blacklist.Memory
		var work blacklist.Work
		register := &recording{}
		for step := range rapid.IntRange(1, 12).Draw(r, "steps") {
			if rapid.Bool().Draw(r, "add") {
				n := anna + blacklist.Number(rapid.IntRange(0, 9).Draw(r, "listed"))
				require.NoError(t, own.Add(blacklist.Entry{Number: n, List: "loans", Added: noon, Until: noon.Add(time.Hour)}))
			}
			q := blacklist.Query{Now: noon.Add(time.Duration(rapid.IntRange(0, 90).Draw(r, "minutes")) * time.Minute), Lists: []blacklist.List{"loans"}}
			for range rapid.IntRange(0, 40).Draw(r, "numbers") {
				if n := rapid.IntRange(-1, 60).Draw(r, "number"); n < 0 {
					q.Numbers = append(q.Numbers, 0)
				} else {
					q.Numbers = append(q.Numbers, anna+blacklist.Number(n))
				}
			}
			register.fail = rapid.IntRange(0, 4).Draw(r, "fail") == 0
			checkers := []blacklist.Named{{Name: "own", Checker: &own}, {Name: "register", Checker: register}}
			want := plainAsk(t, q, checkers)
			if got := work.Ask(t.Context(), q, checkers...); fmt.Sprint(got) != fmt.Sprint(want) {
				r.Fatalf("step %d: work says %v, want %v", step, got, want)
			}
			seen := map[blacklist.Number]bool{}
			for _, n := range register.asked {
				if seen[n] {
					r.Fatalf("%v was asked about twice", n)
				}
				seen[n] = true
			}
			if got := blacklist.Ask(t.Context(), q, checkers...); fmt.Sprint(got) != fmt.Sprint(want) {
				r.Fatalf("step %d: Ask says %v, want %v", step, got, want)
			}
		}
	})
}

// recording lists even numbers and numbers nobody asked for, and remembers what
// it was asked about last.
type recording struct {
	asked []blacklist.Number
	fail  bool
}

func (c *recording) Check(_ context.Context, q blacklist.Query) ([]blacklist.Answer, error) {
	c.asked = append(c.asked[:0], q.Numbers...)
	if c.fail {
		return nil, errDown
	}
	answers := []blacklist.Answer{{Number: 34600100200, Listed: true}, {Number: anna + 1000, Listed: true}}
	for _, n := range q.Numbers {
		if n%2 == 0 {
			answers = append(answers, blacklist.Answer{Number: n, Listed: true})
		}
	}
	return answers, nil
}

// plainAsk is Ask with a map.
func plainAsk(t *testing.T, q blacklist.Query, checkers []blacklist.Named) []blacklist.Answer {
	asked := map[blacklist.Number]bool{}
	var unique []blacklist.Number
	for _, n := range q.Numbers {
		if !asked[n] {
			asked[n] = true
			unique = append(unique, n)
		}
	}
	if len(unique) == 0 {
		return nil
	}
	var answers []blacklist.Answer
	for _, c := range checkers {
		found, err := c.Checker.Check(t.Context(), blacklist.Query{Now: q.Now, Lists: q.Lists, Numbers: unique})
		if err != nil {
			for _, n := range unique {
				answers = append(answers, blacklist.Answer{Number: n, Checker: c.Name, Err: fmt.Errorf("blacklist: checker %q: %w", c.Name, err)})
			}
			continue
		}
		for _, a := range found {
			if asked[a.Number] && a.Blocks() {
				a.Checker = c.Name
				answers = append(answers, a)
			}
		}
	}
	return answers
}

func TestAskingAboutNumbersThatAreNotListedAllocatesNothing(t *testing.T) {
	var own blacklist.Memory
	require.NoError(t, own.Add(blacklist.Entry{Number: boris, List: "loans", Added: noon}))
	checkers := []blacklist.Named{{Checker: &own}}
	for _, n := range []int{1, 3, 100} {
		q := blacklist.Query{Now: noon, Lists: []blacklist.List{"loans", "surveys"}}
		for i := range n {
			q.Numbers = append(q.Numbers, anna+1000+blacklist.Number(i))
		}
		var work blacklist.Work
		ctx := t.Context()
		assert.Zero(t, testing.AllocsPerRun(100, func() {
			if len(work.Ask(ctx, q, checkers...)) > 0 {
				t.Error("listed")
			}
		}), "%d numbers", n)
	}
}

// Thousands of numbers come and go; whoever is listed is always found.
func TestMemoryFindsEveryNumberHoweverManyCameAndWent(t *testing.T) {
	var m blacklist.Memory
	const size = 3000
	at := func(i int) blacklist.Number { return anna + blacklist.Number(i*i) }
	listed := func(n blacklist.Number) bool {
		answers, err := m.Check(t.Context(), blacklist.Query{Now: noon, Lists: []blacklist.List{"loans"}, Numbers: []blacklist.Number{n}})
		require.NoError(t, err)
		return len(answers) == 1
	}
	for i := range 2 * size {
		require.NoError(t, m.Add(blacklist.Entry{Number: at(i), List: "loans", Added: noon}))
		if i >= size {
			require.Len(t, m.Remove(blacklist.Key{List: "loans", Number: at(i - size)}), 1)
		}
		if !listed(at(i)) || i > 0 && !listed(at(max(i/2, i-size+1))) {
			t.Fatalf("after %d numbers one that is listed is not found", i)
		}
	}
	for i := range 2 * size {
		if listed(at(i)) != (i >= size) {
			t.Fatalf("number %d: listed %v", i, i < size)
		}
	}
	assert.Equal(t, size, m.Len())
}

func BenchmarkWorkAsk(b *testing.B) {
	var own blacklist.Memory
	for i := range blacklist.Number(100_000) {
		if err := own.Add(blacklist.Entry{Number: 48600000000 + 2*i, List: "loans", Added: noon}); err != nil {
			b.Fatal(err)
		}
	}
	checkers := []blacklist.Named{{Checker: &own}}
	for _, n := range []int{1, 100} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var work blacklist.Work
			ctx := b.Context()
			q := blacklist.Query{Now: noon, Lists: []blacklist.List{"loans"}, Numbers: make([]blacklist.Number, n)}
			next := blacklist.Number(0)
			b.ReportAllocs()
			for b.Loop() {
				for i := range q.Numbers {
					next = (next + 7919) % 100_000
					q.Numbers[i] = 48600000001 + 2*next
				}
				if len(work.Ask(ctx, q, checkers...)) > 0 {
					b.Fatal("listed")
				}
			}
		})
	}
}
