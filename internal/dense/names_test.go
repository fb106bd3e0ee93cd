package dense

import (
	"errors"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (n *Names) check() error {
	errs := []error{wrong(len(n.ids) == n.Len()-1, "%d names and %d numbers", n.Len()-1, len(n.ids))}
	for id, s := range n.all() {
		got, known := n.Lookup(s)
		errs = append(errs, wrong(known && int(got) == id, "name %q has number %d and is found as %d", s, id, got))
	}
	return errors.Join(errs...)
}

func driveNames(t require.TestingT, c choices) {
	var names Names
	limit := []int{0, 1, 40, MaxNumber}[c.upTo(4)]
	ids := map[string]uint32{"": 0}
	for c.more() {
		s := strconv.Itoa(c.upTo(100))
		if c.upTo(10) == 0 {
			s = ""
		}
		id, known := names.Lookup(s)
		want, wanted := ids[s]
		require.Equal(t, wanted, known, "name %q", s)
		require.Equal(t, want, id)
		id, err := names.ID(s, "the list", limit)
		switch {
		case wanted:
			require.NoError(t, err)
			require.Equal(t, want, id)
		case len(ids)-1 == limit:
			require.Equal(t, &FullError{"the list", limit}, err)
		default:
			require.NoError(t, err)
			require.EqualValues(t, len(ids), id, "the numbers have no gaps")
			ids[s] = id
		}
		require.NoError(t, names.check())
		require.Equal(t, len(ids), names.Len())
		for s, id := range ids {
			require.Equal(t, s, names.Name(id))
		}
		last := uint32(0)
		names.Walk(func(id uint32, s string) bool {
			require.Equal(t, last+1, id)
			require.Equal(t, ids[s], id)
			last = id
			return true
		})
		require.EqualValues(t, names.Len()-1, last)
	}
}

func TestNamesKeepTheirNumbers(t *testing.T) { properties(t, driveNames) }
func FuzzNames(f *testing.F)                 { fuzzed(f, driveNames) }

func TestNamesStopAtTheirLimit(t *testing.T) {
	var names Names
	for _, s := range []string{"a", "", "b", "a"} {
		_, err := names.ID(s, "the list of classes", 2)
		require.NoError(t, err)
	}
	_, err := names.ID("c", "the list of classes", 2)
	require.EqualError(t, err, "the list of classes is full: at most 2")
	id, known := names.Lookup("c")
	assert.False(t, known)
	assert.Zero(t, id)
	assert.Equal(t, 3, names.Len())
}

func TestNamesAreReadWhileSomebodyAdds(t *testing.T) {
	const all = 20_000
	var names Names
	whileAdding(t, all, func(k int) { _, _ = names.ID(strconv.Itoa(k), "the list", all) },
		func(k int) bool { return names.Name(uint32(k+1)) == strconv.Itoa(k) })
}
