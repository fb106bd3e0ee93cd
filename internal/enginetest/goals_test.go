package enginetest_test

import (
	"fmt"
	"testing"
	"time"
)

// nanos writes a time that is given in nanoseconds.
func nanos(ns float64) string {
	switch {
	case ns < 1000:
		return fmt.Sprintf("%.0f ns", ns)
	case ns < 1e6:
		return fmt.Sprintf("%.2f µs", ns/1e3)
	}
	return fmt.Sprintf("%.1f ms", ns/1e6)
}

// whole writes the value of all rounds, and how they differ.
func (s spread) whole() string {
	return fmt.Sprintf("%s (%s: %s–%s)", nanos(s.all), nanos(s.median), nanos(s.low), nanos(s.high))
}

// nanos writes the median.
func (s spread) nanos() string {
	return fmt.Sprintf("%s (%s–%s)", nanos(s.median), nanos(s.low), nanos(s.high))
}

func (s spread) times() string {
	return fmt.Sprintf("%.2f× (%.2f×: %.2f–%.2f)", s.all, s.median, s.low, s.high)
}

func run(ask, hands int) command {
	return command{Do: "run", Ask: ask, Hands: hands, For: *slice}
}

// cycleRows: a full cycle, with every rule on, against the least that a cycle
// can be without any.
func cycleRows(t *testing.T, tb *table, n int) {
	queue := begin(t, spec{Kind: "queue", N: n})
	heap := begin(t, spec{Kind: "heap", N: n})
	tree := begin(t, spec{Kind: "btree", N: n})
	nothing := begin(t, spec{Kind: "nothing"})
	got := race(t, *rounds, entry{queue, run(1, 1)}, entry{queue, run(100, 1)}, entry{heap, run(1, 1)}, entry{tree, run(1, 1)}, entry{nothing, run(1, 1)})
	one, hundred, base, other, alone := &got[0], &got[1], &got[2], &got[3], &got[4]
	tb.set(rowOne, "", n, "%s", one.each(perCycle).whole())
	tb.set(rowHundred, "", n, "%s", hundred.each(perCycle).whole())
	tb.set(rowHeap, "", n, "%s", base.each(perCycle).whole())
	tb.set("google/btree, no rules", "", n, "%s", other.each(perCycle).whole())
	tb.set("the harness alone", "", n, "%s", alone.each(perCycle).whole())
	tb.set("asks of one / heap", "1 M: ≤ 2.0×, 10 M: ≤ 1.0×", n, "%s", one.against(base, perCycle).times())
	tb.set("asks of 100 / heap", "1 M: ≤ 1.0×, 10 M: ≤ 0.5×", n, "%s", hundred.against(base, perCycle).times())
	tb.set("asks of one / btree", "", n, "%s", one.against(other, perCycle).times())
	tb.set("asks of 100 / btree", "", n, "%s", hundred.against(other, perCycle).times())
	tb.set("allocations of a cycle, asks of one", "≤ 5", n, "%.2f", float64(one.Mallocs)/float64(one.Cycles))
	tb.set("allocations of a cycle, asks of 100", "≤ 5", n, "%.2f", float64(hundred.Mallocs)/float64(hundred.Cycles))
	tb.set("of the calls, to fresh records", "", n, "%.0f %%", 100*float64(one.Fresh+hundred.Fresh)/float64(one.Cycles+hundred.Cycles))
	for _, p := range []*process{queue, heap, tree, nothing} {
		p.finish(t)
	}
	tb.set("adding a record and half a call, wall time", "", n, "%s", nanos(float64(queue.took)/float64(n)))
}

// writtenRows: the same full cycle with the twenty conditions in CEL, and with
// them in Go.
func writtenRows(t *testing.T, tb *table, n int) {
	cel := begin(t, spec{Kind: "queue", N: n})
	hand := begin(t, spec{Kind: "queue", N: n, ByHand: true})
	got := race(t, *rounds, entry{cel, run(1, 1)}, entry{hand, run(1, 1)}, entry{cel, run(100, 1)}, entry{hand, run(100, 1)})
	tb.set("cycle with 20 conditions in CEL / in Go, asks of one", "≤ 1.1×", n, "%s", got[0].against(&got[1], perCycle).times())
	tb.set("cycle with 20 conditions in CEL / in Go, asks of 100", "≤ 1.1×", n, "%s", got[2].against(&got[3], perCycle).times())
	cel.finish(t)
	hand.finish(t)
}

// memoryRows: what a record takes, and what it costs the collector.
func memoryRows(t *testing.T, tb *table, n int) {
	const collections = 7
	queue := begin(t, spec{Kind: "queue", N: n, Fresh: true})
	heap := begin(t, spec{Kind: "heap", N: n})
	bytes := func(p *process) float64 {
		return float64(p.do(t, command{Do: "memory"}).Bytes-p.empty) / float64(n)
	}
	tb.set("bytes of a record, nobody called yet", "≤ 176", n, "%.0f", bytes(queue))
	tb.set("bytes of an item of the heap, its id included", "", n, "%.0f", bytes(heap))
	collect := func(which string) {
		got := race(t, collections, entry{queue, command{Do: "gc"}}, entry{heap, command{Do: "gc"}})
		cpu, wall := func(r reply) float64 { return float64(r.CPU) }, func(r reply) float64 { return float64(r.Wall) }
		tb.set("a forced GC, CPU time, "+which, "", n, "%s", got[0].each(cpu).nanos())
		tb.set("a forced GC, CPU time, heap of pointers", "", n, "%s", got[1].each(cpu).nanos())
		tb.set("forced GC / heap of pointers, CPU time, "+which, "≤ 0.05×", n, "%s", got[0].against(&got[1], cpu).times())
		tb.set("forced GC / heap of pointers, wall time, "+which, "≤ 0.05×", n, "%s", got[0].against(&got[1], wall).times())
	}
	collect("nobody called yet")
	called := queue.do(t, command{Do: "call all"})
	if called.Cycles != n/100*99 {
		t.Fatalf("%d records were called: want %d, each that is not blacklisted", called.Cycles, n/100*99)
	}
	tb.set("bytes of a record, each called once", "", n, "%.0f", bytes(queue))
	collect("each called once")
	queue.finish(t)
	heap.finish(t)
}

// latencyRows: how long an agent waits for a call beside a host that makes
// garbage. It is wall time, so that of the harness alone is shown as well.
func latencyRows(t *testing.T, tb *table, n int) {
	const long, times = 2 * time.Second, 5
	queue := begin(t, spec{Kind: "queue", N: n})
	nothing := begin(t, spec{Kind: "nothing"})
	c := command{Do: "latency", Ask: 1, For: long, Garbage: true}
	got := race(t, times, entry{queue, c}, entry{nothing, c})
	for i, name := range []string{"p50", "p99", "p99.9", "longest"} {
		goal := ""
		if name == "p99.9" {
			goal = "1 M: ≤ 50 µs"
		}
		at := func(r reply) float64 { return float64(r.Quantiles[i]) }
		tb.set("Next beside garbage, "+name, goal, n, "%s", got[0].each(at).nanos())
		tb.set("the harness alone, "+name, "", n, "%s", got[1].each(at).nanos())
	}
	rate := got[0].each(func(r reply) float64 { return r.GarbageRate })
	tb.set("garbage that the host made", "", n, "%.0f MB/s", rate.median/1e6)
	queue.finish(t)
	nothing.finish(t)
}

// dormantRows: nine of ten records are closed, or far in the future. They
// should cost nothing.
func dormantRows(t *testing.T, tb *table, n int) {
	live := n / 10
	for _, how := range []string{"closed", "far"} {
		alone := begin(t, spec{Kind: "queue", N: live})
		full := begin(t, spec{Kind: "queue", N: n, Live: live, Dormant: how})
		got := race(t, *rounds, entry{full, run(1, 1)}, entry{alone, run(1, 1)}, entry{full, run(100, 1)}, entry{alone, run(100, 1)})
		tb.set("9 of 10 records "+how+" / a tenth alone, asks of one", "10 M: ≤ 1.2×", n, "%s", got[0].against(&got[1], perCycle).times())
		tb.set("9 of 10 records "+how+" / a tenth alone, asks of 100", "10 M: ≤ 1.2×", n, "%s", got[2].against(&got[3], perCycle).times())
		full.finish(t)
		alone.finish(t)
	}
}

// campaignRows: what several campaigns and two goroutines make of it. Cycles a
// second are wall time.
func campaignRows(t *testing.T, tb *table, n int) {
	for _, campaigns := range []int{1, 2, 100} {
		if n/campaigns < 1000 {
			continue // asks of 100 would empty one
		}
		queue := begin(t, spec{Kind: "queue", N: n, Campaigns: campaigns})
		ways := []struct {
			name string
			command
		}{
			{"one goroutine, asks of one", run(1, 1)}, {"two goroutines, asks of one", run(1, 2)},
			{"one goroutine, asks of 100", run(100, 1)}, {"two goroutines, asks of 100", run(100, 2)},
			{"one goroutine, asks of 100 from any", command{Do: "run", Ask: 100, Any: true, For: *slice}},
		}
		if campaigns == 1 {
			ways = ways[:4]
		}
		var entries []entry
		for _, w := range ways {
			entries = append(entries, entry{queue, w.command})
		}
		for i, r := range race(t, *rounds, entries...) {
			speed := r.each(func(r reply) float64 { return float64(r.Cycles) / r.Wall.Seconds() / 1000 })
			tb.set(fmt.Sprintf("campaigns: %d, %s: cycles a second; CPU", campaigns, ways[i].name), "", n, "%.0f k; %s", speed.median, nanos(r.each(perCycle).all))
		}
		queue.finish(t)
	}
}
