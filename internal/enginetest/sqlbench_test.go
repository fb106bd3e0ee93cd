package enginetest_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/internal/enginetest"
)

func TestContestantsOnDatabasesDoTheCyclesThatTheySay(t *testing.T) {
	sqlite := place{Engine: "sqlite", Dir: t.TempDir(), Base: "base", Hasty: true}
	require.NoError(t, sqlite.fillBase(t.Context(), "base", 2000))
	postgres := place{Engine: "postgres", Dir: enginetest.StartPostgres(t, true), Base: "base"}
	require.NoError(t, postgres.fillBase(t.Context(), "base", 2000))
	one, ten, many := []command{{Ask: 1}}, []command{{Ask: 10}}, []command{{Ask: 1}, {Ask: 10}, {Ask: 1, Hands: 8}, {Ask: 1}}
	for name, x := range map[string]struct {
		spec
		do []command
	}{
		"sqlite store":         {spec{Kind: "store", N: 2000, Place: sqlite}, many},
		"sqlite replay one":    {spec{Kind: "replay", N: 2000, Place: sqlite, Ask: 1}, one},
		"sqlite replay ten":    {spec{Kind: "replay", N: 2000, Place: sqlite, Ask: 10}, ten},
		"sqlite plain":         {spec{Kind: "plain sqlite", N: 2000, Place: sqlite}, many[:2]},
		"sqlite queue":         {spec{Kind: "queue", N: 2000, Called: 200, Place: sqlite.empty()}, many},
		"postgres store":       {spec{Kind: "store", N: 2000, Place: postgres}, many},
		"postgres skip locked": {spec{Kind: "plain postgres", N: 2000, Lock: skipLocked, Place: postgres}, many[:2]},
		"postgres row lock":    {spec{Kind: "plain postgres", N: 2000, Lock: rowLock, Place: postgres}, many},
		"postgres queue":       {spec{Kind: "queue", N: 1000, Called: 100, Place: postgres.empty()}, one},
		"river":                {spec{Kind: "river", Ask: 200, Place: postgres}, []command{{Ask: 200}, {Ask: 200}}},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := newStage(x.spec)
			require.NoError(t, err)
			for _, c := range x.do {
				c.Do, c.For, c.Slow = "run", moment, true
				r := s.do(c)
				require.Empty(t, r.Err, "%+v", c)
				assert.Positive(t, r.Cycles, "%+v", c)
				assert.Equal(t, r.Asks*c.Ask, r.Cycles, "%+v", c)
				assert.Positive(t, r.Wall)
			}
			require.Empty(t, s.do(command{Do: "check"}).Err)
		})
	}
}

// A replay that does not find what the store found is no replay.
func TestAReplayOnAnotherDatabaseFails(t *testing.T) {
	at := place{Engine: "sqlite", Dir: t.TempDir(), Base: "base", Hasty: true}
	require.NoError(t, at.fillBase(t.Context(), "base", 1000))
	c, err := newReplayContestant(spec{N: 1000, Place: at, Ask: 1})
	require.NoError(t, err)
	defer c.close()
	require.NoError(t, c.next(1, false))
	c.at = 0
	require.Error(t, c.next(1, false))
}

// cycles runs a contestant for as long as a benchmark wants.
func cycles(b *testing.B, s spec, ask, hands int) {
	b.Helper()
	c, err := build(s)
	require.NoError(b, err)
	all := make([]hand, hands)
	for i := range all {
		all[i] = c.hand(i, hands)
	}
	tell, since := func(int) {}, 0
	watched, ok := c.(*storeContestant)
	if ok = ok && *statementsFlag && watched.Place.Engine == "postgres"; ok {
		tell = watch(b, watched.db)
	}
	done, most, again := 0, 0, false
	var taken time.Duration // by the contestant's own account
	who, knows := c.(timer)
	for b.Loop() {
		if most < ask*hands {
			b.StopTimer()
			most, again, err = c.ready()
			require.NoError(b, err)
			if ok && again { // the database is another one
				tell, since = watch(b, watched.db), done
			}
			b.StartTimer()
		}
		counts := make([]int, hands)
		var wait sync.WaitGroup
		for i, h := range all {
			wait.Go(func() {
				if err := h.next(ask, false); err != nil {
					b.Error(err)
					return
				}
				n, _, _, err := h.report()
				if err != nil {
					b.Error(err)
				}
				counts[i] = n
			})
		}
		wait.Wait()
		if b.Failed() {
			return
		}
		for _, n := range counts {
			done, most = done+n, most-n
		}
		if knows {
			taken += who.took()
		}
	}
	if !knows {
		taken = b.Elapsed()
	}
	tell(done - since)
	b.ReportMetric(float64(done)/taken.Seconds(), "cycles/s")
	b.ReportMetric(float64(taken.Microseconds())/float64(done), "µs/cycle")
	require.NoError(b, c.(checker).check())
}

type measured struct {
	name       string
	spec       spec
	ask, hands int
}

func (m *measured) run(b *testing.B, n int, at place) {
	b.Run(fmt.Sprintf("%s/ask=%d/callers=%d", m.name, m.ask, m.hands), func(b *testing.B) {
		s := m.spec
		s.N, s.Place, s.Ask = n, at, m.ask
		cycles(b, s, m.ask, m.hands)
	})
}

// BenchmarkSQLite sets the store, durable, beside its own statements and beside
// the least of plain SQL that does its work. TestTable compares them fairly: here
// one comes after another.
func BenchmarkSQLite(b *testing.B) {
	const n = 20_000
	at := place{Engine: "sqlite", Dir: b.TempDir(), Base: "base"}
	require.NoError(b, at.fillBase(b.Context(), at.Base, n))
	for _, ask := range []int{1, 100} {
		for _, kind := range []string{"store", "replay", "plain sqlite"} {
			(&measured{kind, spec{Kind: kind}, ask, 1}).run(b, n, at)
		}
	}
	(&measured{"store", spec{Kind: "store"}, 1, 64}).run(b, n, at)
}

// BenchmarkPostgreSQL sets the store beside plain picks and River.
func BenchmarkPostgreSQL(b *testing.B) {
	const n = 20_000
	var more []string
	if *statementsFlag {
		more = watching
	}
	at := place{Engine: "postgres", Dir: enginetest.StartPostgres(b, false, more...), Base: "base"}
	require.NoError(b, at.fillBase(b.Context(), at.Base, n))
	store := spec{Kind: "store"}
	skip, lock := spec{Kind: "plain postgres", Lock: skipLocked}, spec{Kind: "plain postgres", Lock: rowLock}
	for _, m := range []measured{
		{"store", store, 1, 1}, {"skip locked", skip, 1, 1},
		{"store", store, 1, 64}, {"store", store, 100, 1}, {"store", store, 100, 8}, {"river", spec{Kind: "river"}, riverJobs, 1},
		{"skip locked", skip, 1, 8}, {"row lock", lock, 1, 8}, {"skip locked", skip, 100, 8}, {"row lock", lock, 100, 8},
	} {
		m.run(b, n, at)
	}
}
