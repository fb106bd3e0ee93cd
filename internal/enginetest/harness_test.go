package enginetest_test

import (
	"container/heap"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
)

// Ten milliseconds show that a contestant works, and nothing about its speed.
const moment = 10 * time.Millisecond

func TestEveryContestantDoesTheCyclesThatItSays(t *testing.T) {
	specs := map[string]spec{
		"queue":                    {Kind: "queue", N: 2000},
		"queue closed":             {Kind: "queue", N: 20_000, Live: 2000, Dormant: "closed"},
		"queue far":                {Kind: "queue", N: 20_000, Live: 2000, Dormant: "far"},
		"queue of three campaigns": {Kind: "queue", N: 6000, Campaigns: 3},
		"heap":                     {Kind: "heap", N: 2000},
		"btree":                    {Kind: "btree", N: 2000},
		"nothing":                  {Kind: "nothing"},
		"queue ruled by hand":      {Kind: "queue", N: 2000, ByHand: true},
	}
	for name, spec := range specs {
		t.Run(name, func(t *testing.T) {
			s, err := newStage(spec)
			require.NoError(t, err)
			commands := []command{
				{Do: "run", Ask: 1, For: moment}, {Do: "run", Ask: 10, For: moment},
				{Do: "latency", Ask: 1, For: moment}, {Do: "run", Ask: 1, For: moment},
			}
			if spec.Kind == "queue" {
				commands = append(commands, command{Do: "run", Ask: 1, Hands: 2, For: moment}, command{Do: "run", Ask: 5, Any: true, For: moment})
			}
			for _, c := range commands {
				r := s.do(c)
				require.Empty(t, r.Err, "%+v", c)
				assert.Positive(t, r.Cycles, "%+v", c)
				assert.Equal(t, r.Asks*c.Ask, r.Cycles, "%+v", c)
			}
			require.Empty(t, s.do(command{Do: "check"}).Err)
			assert.Positive(t, s.do(command{Do: "memory"}).Bytes)
		})
	}
}

func TestEachRecordButTheBlacklistedIsCalledOnce(t *testing.T) {
	s, err := newStage(spec{Kind: "queue", N: 2000, Fresh: true})
	require.NoError(t, err)
	r := s.do(command{Do: "call all"})
	require.Empty(t, r.Err)
	assert.Equal(t, 1980, r.Cycles)
	require.Empty(t, s.do(command{Do: "check"}).Err)
	assert.Contains(t, s.do(command{Do: "run", Ask: 1, For: moment}).Err, "has not the mix of a run")
}

func TestHalfOfTheCallsAreToFreshRecords(t *testing.T) {
	s, err := newStage(spec{Kind: "queue", N: 10_000})
	require.NoError(t, err)
	r := s.do(command{Do: "run", Ask: 10, For: time.Minute}) // until the mix is used up
	require.Empty(t, r.Err)
	assert.InDelta(t, 0.5, float64(r.Fresh)/float64(r.Cycles), 0.1)
	assert.Positive(t, r.Parked)
	assert.Less(t, r.Wall, time.Minute, "the run did not end with its mix")
}

func TestAQueueThatDoesNotDoItsWorkIsNotMeasured(t *testing.T) {
	t.Run("a call that never was", func(t *testing.T) {
		c, err := newQueueContestant(spec{Kind: "queue", N: 100, Live: 100, Campaigns: 1, Fresh: true})
		require.NoError(t, err)
		c.calls.Add(1)
		assert.ErrorContains(t, c.check(), "want 100 and 1")
	})
	t.Run("a call nobody reports", func(t *testing.T) {
		c, err := newQueueContestant(spec{Kind: "queue", N: 100, Live: 100, Campaigns: 1, Fresh: true})
		require.NoError(t, err)
		require.NoError(t, c.hand(0, 1).next(1, false))
		assert.ErrorContains(t, c.check(), "still leased")
	})
	t.Run("fewer calls than asked for", func(t *testing.T) {
		c, err := newQueueContestant(spec{Kind: "queue", N: 100, Live: 100, Campaigns: 1, Fresh: true})
		require.NoError(t, err)
		assert.ErrorIs(t, c.hand(0, 1).next(100, false), errNotAsked)
	})
	t.Run("a record put aside for no reason", func(t *testing.T) {
		c, err := newQueueContestant(spec{Kind: "queue", N: 100, Live: 100, Campaigns: 1, Fresh: true})
		require.NoError(t, err)
		h := &queueHand{c: c}
		h.sel.Skipped = []dialer.Skipped{{Blockers: []campaign.Blocker{{Reason: campaign.ReasonBlacklisted, Number: firstNumber}}}}
		_, _, _, err = h.report()
		assert.ErrorContains(t, err, "was put aside")
	})
	t.Run("a blacklisted number", func(t *testing.T) {
		c, err := newQueueContestant(spec{Kind: "queue", N: 100, Live: 100, Campaigns: 1, Fresh: true})
		require.NoError(t, err)
		h := &queueHand{c: c}
		h.sel.Calls = []dialer.Call{{Number: campaign.Phone{Number: firstNumber + 50}, Lease: campaign.Lease{Phase: campaign.Dialed}}}
		_, _, _, err = h.report()
		assert.ErrorContains(t, err, "no call to make")
	})
}

func TestABaselineThatLosesOneIsNotMeasured(t *testing.T) {
	lost, disordered, tree := newHeapContestant(100), newHeapContestant(100), newTreeContestant(100)
	heap.Pop(&lost.items)
	assert.Error(t, lost.check())
	disordered.items[0].due = math.MaxInt64
	assert.Error(t, disordered.check())
	tree.index.tree.DeleteMin()
	assert.Error(t, tree.check())
}

func TestADeciderIsToldWhatToDecide(t *testing.T) {
	s, err := newStage(spec{Kind: "rules", Engine: "nextcall", N: 2000})
	require.NoError(t, err)
	for _, what := range everyWhat() {
		once := s.do(command{Do: "pass", What: what})
		require.Empty(t, once.Err, what)
		r := s.do(command{Do: "decide", What: what, For: moment})
		require.Empty(t, r.Err, what)
		assert.Positive(t, r.Cycles, what)
		assert.Positive(t, r.CPU, what)
		if what == whatCompile {
			assert.Equal(t, len(hundred()), once.Cycles)
		}
	}
	assert.Contains(t, s.do(command{Do: "pass", What: "R7"}).Err, "want one of")
	assert.Equal(t, 2000, s.do(command{Do: "pass", What: whatFilter}).Cycles)
	other, err := newStage(spec{Kind: "nothing"})
	require.NoError(t, err)
	assert.Contains(t, other.do(command{Do: "decide", What: "R1"}).Err, "decides nothing")
}

func TestSpecsThatCannotBeMadeAreRefused(t *testing.T) {
	for _, s := range []spec{
		{Kind: "list", N: 100}, {Kind: "queue", N: 150}, {Kind: "queue", N: 1000, Live: 300}, {Kind: "queue", N: 1000, Campaigns: 3},
		{Kind: "queue", N: 1000, Live: 100, Dormant: "dead"}, {Kind: "rules", Engine: "abacus"},
	} {
		_, err := newStage(s)
		assert.ErrorContains(t, err, "want", "%+v", s)
	}
}

func TestSizesAreWrittenAsPeopleSayThem(t *testing.T) {
	sizes, err := parseSizes("100k, 1M,30000")
	require.NoError(t, err)
	assert.Equal(t, []int{100_000, 1_000_000, 30_000}, sizes)
	for _, bad := range []string{"", "k", "many", "-10k", "5k", "100k,", "1.5m", "99999999999999999999"} {
		_, err := parseSizes(bad)
		assert.ErrorContains(t, err, "want", "%q", bad)
	}
}

func TestATableHasARowForEachFigureAndAColumnForEachSize(t *testing.T) {
	tb := &table{sizes: []int{100_000, 1_000_000}}
	tb.set(rowOne, "", 100_000, "%s", spread{low: 900, median: 1000, high: 1100, all: 1250}.whole())
	tb.set("ratio", "≤ 2.0×", 1_000_000, "%s", spread{low: 1, median: 1.5, high: 2, all: 1.75}.times())
	assert.Equal(t, `| what | goal | 100 k | 1 M |
|---|---|---|---|
| cycle, asks of one |  | 1.25 µs (1.00 µs: 900 ns–1.10 µs) | – |
| ratio | ≤ 2.0× | – | 1.75× (1.50×: 1.00–2.00) |
`, tb.String())
	assert.Contains(t, tb.short(), "| 100 k | 1.25 µs | – | – |\n| 1 M | – | – | – |\n")
}

func TestARareCollectionCountsInTheWholeThoughNotInTheMedian(t *testing.T) {
	r := result{rounds: []reply{{Cycles: 10, CPU: 10}, {Cycles: 10, CPU: 20}, {Cycles: 10, CPU: 90}}, reply: reply{Cycles: 30, CPU: 120}}
	base := result{rounds: []reply{{Cycles: 1, CPU: 2}, {Cycles: 1, CPU: 2}, {Cycles: 1, CPU: 2}}, reply: reply{Cycles: 3, CPU: 6}}
	assert.Equal(t, 2.0, r.each(perCycle).median)
	assert.Equal(t, 4.0, r.each(perCycle).all)
	assert.Equal(t, 1.0, r.against(&base, perCycle).median)
	assert.Equal(t, 2.0, r.against(&base, perCycle).all)
}

func TestAContestantWorksInAProcessOfItsOwn(t *testing.T) {
	a, b := begin(t, spec{Kind: "queue", N: 1000}), begin(t, spec{Kind: "heap", N: 1000})
	c := command{Do: "run", Ask: 2, For: moment}
	got := race(t, 3, entry{a, c}, entry{b, c})
	for i := range got {
		assert.Len(t, got[i].rounds, 3)
		assert.Positive(t, got[i].CPU)
		assert.Equal(t, 2*got[i].Asks, got[i].Cycles)
	}
	assert.Positive(t, a.empty)
	a.finish(t)
	b.finish(t)
	assert.NotNil(t, a.cmd.ProcessState, "the process has not ended")
}
