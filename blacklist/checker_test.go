package blacklist_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
)

// checkerFunc is a Checker made of a function.
type checkerFunc func(ctx context.Context, q blacklist.Query) ([]blacklist.Answer, error)

func (f checkerFunc) Check(ctx context.Context, q blacklist.Query) ([]blacklist.Answer, error) {
	return f(ctx, q)
}

var errDown = errors.New("connection refused")

func TestAskFailsClosed(t *testing.T) {
	var own blacklist.Memory
	require.NoError(t, own.Add(blacklist.Entry{Number: anna, List: "loans", Added: noon}))
	q := blacklist.Query{Now: noon, Lists: []blacklist.List{"loans"}, Numbers: []blacklist.Number{anna, boris, anna}}
	down := checkerFunc(func(context.Context, blacklist.Query) ([]blacklist.Answer, error) {
		return []blacklist.Answer{{Number: anna, Listed: true}}, errDown
	})

	for _, row := range []struct {
		name    string
		checker blacklist.Checker
		want    error
	}{{"an error", down, errDown}, {"no checker", nil, nil}} {
		t.Run(row.name, func(t *testing.T) {
			answers := blacklist.Ask(t.Context(), q, blacklist.Named{Name: "own", Checker: &own}, blacklist.Named{Name: "register", Checker: row.checker})
			require.Len(t, answers, 3, "the own entry, and one failure for each number, given twice or not")
			assert.Equal(t, "own", answers[0].Checker)
			assert.True(t, answers[0].Listed)
			assert.NoError(t, answers[0].Err)
			for i, n := range []blacklist.Number{anna, boris} {
				a := answers[i+1]
				assert.Equal(t, n, a.Number)
				assert.Equal(t, "register", a.Checker)
				assert.ErrorContains(t, a.Err, `"register"`)
				assert.True(t, a.Blocks(), "unknown is not callable")
				assert.False(t, a.Listed)
				if row.want != nil {
					assert.ErrorIs(t, a.Err, row.want)
				}
			}
		})
	}
}

func TestAskWithAContextThatIsDoneAsksNobody(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	careless := checkerFunc(func(context.Context, blacklist.Query) ([]blacklist.Answer, error) {
		t.Error("asked")
		return nil, nil
	})
	answers := blacklist.Ask(ctx, blacklist.Query{Now: noon, Numbers: []blacklist.Number{anna}}, blacklist.Named{Name: "register", Checker: careless})
	require.Len(t, answers, 1)
	assert.ErrorIs(t, answers[0].Err, context.Canceled)

	var own blacklist.Memory
	_, err := own.Check(ctx, blacklist.Query{Now: noon, Numbers: []blacklist.Number{anna}})
	assert.ErrorIs(t, err, context.Canceled)
}

func TestAskReportsFailuresOfSingleNumbersAndDropsWhatBlocksNothing(t *testing.T) {
	partly := checkerFunc(func(_ context.Context, q blacklist.Query) ([]blacklist.Answer, error) {
		return []blacklist.Answer{
			{Number: anna, Err: errDown, Checker: "calls itself otherwise"},
			{Number: boris},                         // neither listed nor unknown
			{Number: 34600100200, Listed: true},     // nobody asked
			{Number: boris, Listed: true, Err: nil}, // listed
		}, nil
	})
	q := blacklist.Query{Now: noon, Numbers: []blacklist.Number{anna, boris}}
	answers := blacklist.Ask(t.Context(), q, blacklist.Named{Name: "register", Checker: partly})
	assert.Equal(t, []blacklist.Answer{
		{Number: anna, Err: errDown, Checker: "register"},
		{Number: boris, Listed: true, Checker: "register"},
	}, answers)
}

func TestAskWithoutNumbersOrCheckers(t *testing.T) {
	assert.Empty(t, blacklist.Ask(t.Context(), blacklist.Query{Now: noon}, blacklist.Named{Name: "nil"}))
	assert.Empty(t, blacklist.Ask(t.Context(), blacklist.Query{Now: noon, Numbers: []blacklist.Number{anna}}))
}

func TestAskLeavesTheQueryAlone(t *testing.T) {
	numbers := []blacklist.Number{boris, boris, anna}
	var own blacklist.Memory
	blacklist.Ask(t.Context(), blacklist.Query{Now: noon, Numbers: numbers}, blacklist.Named{Name: "own", Checker: &own})
	assert.Equal(t, []blacklist.Number{boris, boris, anna}, numbers)
}
