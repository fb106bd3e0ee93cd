package dense

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// choices decide what a test does next: drawn ones by rapid, read ones by the
// fuzzer. Each structure has one test of its behaviour, driven by either.
type choices interface {
	more() bool
	upTo(n int) int // a number from 0 to n-1
}

type drawn struct {
	t    *rapid.T
	left int
}

func (d *drawn) more() bool     { d.left--; return d.left >= 0 }
func (d *drawn) upTo(n int) int { return rapid.IntRange(0, n-1).Draw(d.t, "choice") }

// read takes one byte for a small choice and two for a larger one. When the
// bytes are used up, all further choices are 0.
type read struct{ bytes []byte }

func (r *read) more() bool { return len(r.bytes) > 0 }

func (r *read) upTo(n int) int {
	v := r.next()
	if n > 256 {
		v = v<<8 | r.next()
	}
	return v % n
}

func (r *read) next() int {
	if len(r.bytes) == 0 {
		return 0
	}
	b := r.bytes[0]
	r.bytes = r.bytes[1:]
	return int(b)
}

// properties runs a driver on choices that rapid makes and, if a test fails,
// makes smaller.
func properties(t *testing.T, drive func(require.TestingT, choices)) {
	rapid.Check(t, func(t *rapid.T) {
		drive(t, &drawn{t, rapid.IntRange(0, 40).Draw(t, "steps")})
	})
}

// fuzzed runs a driver on choices that the fuzzer makes. The seeds are long
// enough to fill some chunks, with every first choice.
func fuzzed(f *testing.F, drive func(require.TestingT, choices)) {
	for first := range 8 {
		seed := []byte{byte(first)}
		x := uint64(first)
		for range 120 {
			x = HashNumber(x + 1)
			seed = append(seed, byte(x))
		}
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		drive(t, &read{data[:min(len(data), 400)]})
	})
}

// wrong is an error if what holds does not.
func wrong(holds bool, format string, args ...any) error {
	if holds {
		return nil
	}
	return fmt.Errorf(format, args...)
}

func TestWhatIsFullSaysHowMuchFits(t *testing.T) {
	require.EqualError(t, &FullError{"the list of agents", 7}, "the list of agents is full: at most 7")
}
