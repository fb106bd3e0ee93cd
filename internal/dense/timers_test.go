package dense

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (t *Timers) check() error {
	errs := []error{t.strays.check()}
	for i := range t.rings {
		r := &t.rings[i]
		errs = append(errs,
			wrong(len(r.room)&(len(r.room)-1) == 0 && r.n <= len(r.room), "ring %d: %d timers in room for %d", i, r.n, len(r.room)),
			wrong(r.start == 0 || r.start < len(r.room), "ring %d begins at %d of %d", i, r.start, len(r.room)))
		for k := 1; k < r.n; k++ {
			if r.at(k-1).compare(*r.at(k)) > 0 {
				errs = append(errs, wrong(false, "ring %d: timer %d is before the one before it", i, k))
			}
		}
	}
	return errors.Join(errs...)
}

func driveTimers(t require.TestingT, c choices) {
	var timers Timers
	var model []Timer // the live ones, sorted
	now, token := int64(-50), int64(0)
	live := func(x Timer) bool {
		_, found := slices.BinarySearchFunc(model, x, Timer.compare)
		return found
	}
	inside := func() (all, dead int) {
		timers.Walk(func(x Timer) bool {
			all++
			if !live(x) {
				dead++
			}
			return true
		})
		return all, dead
	}
	push := func(x Timer) {
		timers.Push(x)
		at, _ := slices.BinarySearchFunc(model, x, Timer.compare)
		model = slices.Insert(model, at, x)
	}
	die := func(n int) {
		timers.Dead(n, live)
		require.NoError(t, timers.check())
		all, dead := inside()
		require.True(t, dead <= all/2 || all < sweepFrom, "%d of %d are dead", dead, all)
	}
	for c.more() {
		switch c.upTo(7) {
		case 0, 1: // some begin, of a few lengths
			length := []int64{30, 120, 120, 900, 4, 0, -20, 10_000}[c.upTo(8)]
			for range c.upTo(40) {
				token++
				push(Timer{At: now + length, Token: token, Slot: uint32(c.upTo(3))})
				now += int64(c.upTo(3))
			}
		case 2: // one of any time
			token++
			push(Timer{At: []int64{math.MinInt64, -1, 0, math.MaxInt64, now, now - int64(c.upTo(300))}[c.upTo(6)], Token: token - int64(c.upTo(5))*1000, Slot: 1})
		case 3, 4: // some die
			for range min(c.upTo(60), len(model)) {
				i := c.upTo(len(model))
				model = slices.Delete(model, i, i+1)
				die(1)
			}
		case 5: // some come to their end
			now += int64(c.upTo(500))
			for {
				x, ok := timers.Head(live)
				if !ok || x.At > now {
					break
				}
				require.Equal(t, model[0], x)
				model = model[1:]
				timers.Pop()
			}
		case 6: // several die at once
			n := c.upTo(len(model) + 1)
			model = model[n:]
			die(n)
		}
		require.NoError(t, timers.check())
		all, dead := inside()
		require.Equal(t, all, timers.Len())
		require.Equal(t, len(model), all-dead, "no live timer is lost, none is there twice")
		require.Equal(t, dead, timers.dead)
		x, ok := timers.Head(live)
		require.Equal(t, len(model) > 0, ok)
		if ok {
			require.Equal(t, model[0], x)
		}
		require.NoError(t, timers.check())
	}
}

func TestTimersFindTheEarliest(t *testing.T) { properties(t, driveTimers) }
func FuzzTimers(f *testing.F)                { fuzzed(f, driveTimers) }

func always(Timer) bool { return true }

func TestTimersOfFourLengthsNeedNoHeap(t *testing.T) {
	var timers Timers
	for i := range int64(1000) {
		for _, length := range []int64{900, 30, 120, 7} {
			timers.Push(Timer{At: i + length, Token: i})
		}
	}
	assert.Zero(t, timers.strays.Len())
	timers.Push(Timer{At: 3, Token: 5})
	assert.Equal(t, 1, timers.strays.Len(), "what ends before all of them is a stray")
	x, _ := timers.Head(always)
	assert.Equal(t, Timer{At: 3, Token: 5}, x)
}

func TestTimersOfOneMomentEndByToken(t *testing.T) {
	var timers Timers
	for _, token := range []int64{3, math.MaxInt64, -4, 1, 2, math.MinInt64, 0} {
		timers.Push(Timer{At: 9, Token: token})
	}
	var got []int64
	for {
		x, ok := timers.Head(always)
		if !ok {
			break
		}
		got = append(got, x.Token)
		timers.Pop()
	}
	assert.Equal(t, []int64{math.MinInt64, -4, 0, 1, 2, 3, math.MaxInt64}, got)
	timers.Pop() // of nothing is nothing
	assert.Zero(t, timers.Len())
}

func TestTimersThatDiedAreSweptOut(t *testing.T) {
	var timers Timers
	living := map[int64]bool{}
	live := func(x Timer) bool { return living[x.Token] }
	for i := range int64(100_000) { // each lives for ten others
		timers.Push(Timer{At: i + 1000, Token: i})
		living[i] = true
		if i >= 10 {
			delete(living, i-10)
			timers.Dead(1, live)
		}
		require.LessOrEqual(t, timers.Len(), sweepFrom)
	}
	x, ok := timers.Head(live)
	assert.True(t, ok)
	assert.EqualValues(t, 100_000-10, x.Token)
}

func TestStraysThatDiedAreSweptOut(t *testing.T) {
	var timers Timers
	live := func(x Timer) bool { return x.Token%4 == 0 }
	for i := range int64(1000) { // each ends before the one that began before it
		timers.Push(Timer{At: -i, Token: i})
	}
	require.Equal(t, 996, timers.strays.Len())
	timers.Dead(750, live)
	assert.Equal(t, 250, timers.Len())
	require.NoError(t, timers.check())
	x, _ := timers.Head(live)
	assert.EqualValues(t, 996, x.Token)
}

func TestTimersGiveTheirMemoryBack(t *testing.T) {
	var timers Timers
	for i := range int64(100_000) {
		timers.Push(Timer{At: i})
	}
	for range 99_000 {
		timers.Pop()
	}
	assert.LessOrEqual(t, len(timers.rings[0].room), 8*1024)
	x, _ := timers.Head(always)
	assert.EqualValues(t, 99_000, x.At)
	assert.Zero(t, testing.AllocsPerRun(1000, func() {
		timers.Push(Timer{At: 100_000})
		timers.Pop()
	}))
}

// BenchmarkTimers begins a lease, extends it and ends it, while a thousand are
// live.
func BenchmarkTimers(b *testing.B) {
	var timers Timers
	now := int64(0)
	live := func(x Timer) bool { return x.Token > now-1000 && x.Token&1 == 1 }
	b.ReportAllocs()
	for b.Loop() {
		now += 2
		timers.Push(Timer{At: now + 30, Token: now})
		timers.Dead(1, live)
		timers.Push(Timer{At: now + 4000, Token: now + 1})
		timers.Dead(1, live)
		timers.Head(live)
	}
}

func TestATimerKeepsItsGenWhereverItIs(t *testing.T) {
	var timers Timers
	for at := int64(9); at > 0; at-- { // each is before all others: four rings and strays
		timers.Push(Timer{At: at, Token: 1, Slot: 2, Gen: uint32(at)})
	}
	for at := int64(1); at < 10; at++ {
		x, ok := timers.Head(func(Timer) bool { return true })
		assert.True(t, ok)
		assert.Equal(t, Timer{At: at, Token: 1, Slot: 2, Gen: uint32(at)}, x)
		timers.Pop()
	}
}
