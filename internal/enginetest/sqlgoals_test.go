package enginetest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/nextcall/nextcall/internal/enginetest"
)

// perCall is the wall time of a cycle in nanoseconds: with a database most of it
// is spent in another process, or waiting for the disk.
func perCall(r reply) float64 { return float64(r.Wall) / float64(r.Cycles) }

// perSecond writes how many cycles were made a second.
func (s spread) perSecond() string {
	return fmt.Sprintf("%.0f (%.0f: %.0f–%.0f)", 1e9/s.all, 1e9/s.median, 1e9/s.high, 1e9/s.low)
}

// asks are slices of cycles on a database. They are longer than those in memory:
// a disk is waited for hundreds of times.
func asks(ask, hands int) command {
	return command{Do: "run", Ask: ask, Hands: hands, For: max(*slice, 400*time.Millisecond), Slow: true}
}

// fill makes a database of records, and says how long it took.
func (p place) fill(t *testing.T, tb *table, n int) place {
	t.Helper()
	p.Base = fmt.Sprint("base", n)
	start := time.Now()
	if err := p.fillBase(t.Context(), p.Base, n); err != nil {
		t.Fatal(err)
	}
	tb.set(p.Engine+": adding a record and some calls", "", n, "%s", nanos(float64(time.Since(start))/float64(n)))
	return p
}

// sqliteRows: a store on SQLite against its own statements without it, and
// against the least of SQL that does the work; and many callers against one.
func sqliteRows(t *testing.T, tb *table, n int) {
	at := place{Engine: "sqlite", Dir: t.TempDir()}.fill(t, tb, n)
	store := begin(t, spec{Kind: "store", N: n, Place: at})
	one := begin(t, spec{Kind: "replay", N: n, Place: at, Ask: 1})
	hundred := begin(t, spec{Kind: "replay", N: n, Place: at, Ask: 100})
	plain := begin(t, spec{Kind: "plain sqlite", N: n, Place: at})
	got := race(t, *rounds,
		entry{store, asks(1, 1)}, entry{one, asks(1, 1)}, entry{plain, asks(1, 1)},
		entry{store, asks(100, 1)}, entry{hundred, asks(100, 1)}, entry{plain, asks(100, 1)},
		entry{store, asks(1, 64)})
	for i, name := range []string{
		"store, asks of one", "its statements without it, asks of one", "plain SQL, asks of one",
		"store, asks of 100", "its statements without it, asks of 100", "plain SQL, asks of 100",
		"store, 64 callers",
	} {
		tb.set("sqlite: "+name+": cycles a second", "", n, "%s", got[i].each(perCall).perSecond())
	}
	tb.set("sqlite: speed / its statements without it, asks of one", "≥ 0.7×", n, "%s", got[1].against(&got[0], perCall).times())
	tb.set("sqlite: speed / its statements without it, asks of 100", "≥ 0.7×", n, "%s", got[4].against(&got[3], perCall).times())
	// The engine is in the same process, so its CPU time is counted: what others
	// have the disk do meanwhile is not.
	tb.set("sqlite: CPU time of its statements / of the store, asks of one", "", n, "%s", got[1].against(&got[0], perCycle).times())
	tb.set("sqlite: CPU time of its statements / of the store, asks of 100", "", n, "%s", got[4].against(&got[3], perCycle).times())
	tb.set("sqlite: speed / plain SQL, asks of one", "", n, "%s", got[2].against(&got[0], perCall).times())
	tb.set("sqlite: speed / plain SQL, asks of 100", "", n, "%s", got[5].against(&got[3], perCall).times())
	tb.set("sqlite: CPU time of plain SQL / of the store, asks of one", "", n, "%s", got[2].against(&got[0], perCycle).times())
	tb.set("sqlite: CPU time of plain SQL / of the store, asks of 100", "", n, "%s", got[5].against(&got[3], perCycle).times())
	tb.set("sqlite: 64 callers / one caller", "≥ 8×", n, "%s", got[0].against(&got[6], perCall).times())
	for _, p := range []*process{store, one, hundred, plain} {
		p.finish(t)
	}
}

// postgresRows: a store on PostgreSQL against a plain pick of one row a
// statement, and with many callers against River.
func postgresRows(t *testing.T, tb *table, n int) {
	at := place{Engine: "postgres", Dir: enginetest.StartPostgres(t, false)}.fill(t, tb, n)
	store := begin(t, spec{Kind: "store", N: n, Place: at})
	skip := begin(t, spec{Kind: "plain postgres", N: n, Place: at, Lock: skipLocked})
	lock := begin(t, spec{Kind: "plain postgres", N: n, Place: at, Lock: rowLock})
	queue := begin(t, spec{Kind: "river", N: n, Place: at})
	dialer := begin(t, spec{Kind: "queue", N: min(n, 20_000), Called: 1000, Place: at.empty()})
	if err := at.administer("CHECKPOINT"); err != nil {
		t.Fatal(err)
	}
	got := race(t, *rounds,
		entry{store, asks(1, 1)}, entry{skip, asks(1, 1)},
		entry{store, asks(1, 64)}, entry{store, asks(100, 1)}, entry{store, asks(100, 8)}, entry{queue, asks(riverJobs, 1)},
		entry{skip, asks(1, 8)}, entry{lock, asks(1, 8)}, entry{skip, asks(100, 8)}, entry{lock, asks(100, 8)},
		entry{dialer, asks(1, 64)})
	for i, name := range []string{
		"store, asks of one", "plain SKIP LOCKED, one row a statement",
		"store, 64 callers", "store, asks of 100", "store, asks of 100, 8 callers", "River, 1,000 workers",
		"plain SKIP LOCKED, 8 callers", "plain row lock, 8 callers", "plain SKIP LOCKED, asks of 100, 8 callers", "plain row lock, asks of 100, 8 callers",
		"store and dialer with all rules, 64 callers",
	} {
		tb.set("postgres: "+name+": cycles a second", "", n, "%s", got[i].each(perCall).perSecond())
		tb.set("postgres: "+name+": CPU time of a cycle, server and client", "", n, "%s", got[i].each(perCycle).whole())
	}
	tb.set("postgres: speed / plain SKIP LOCKED, one caller", "≥ 0.7×", n, "%s", got[1].against(&got[0], perCall).times())
	tb.set("postgres: 64 callers / River", "≥ 1.0×", n, "%s", got[5].against(&got[2], perCall).times())
	tb.set("postgres: CPU time of plain SKIP LOCKED / of the store, one caller", "", n, "%s", got[1].against(&got[0], perCycle).times())
	tb.set("postgres: CPU time of River / of the store, 64 callers", "", n, "%s", got[5].against(&got[2], perCycle).times())
	tb.set("postgres: CPU time of River / of the store, asks of 100", "", n, "%s", got[5].against(&got[3], perCycle).times())
	tb.set("postgres: dialer, 64 callers / River", "", n, "%s", got[5].against(&got[10], perCall).times())
	tb.set("postgres: asks of 100 / River", "", n, "%s", got[5].against(&got[3], perCall).times())
	tb.set("postgres: asks of 100, 8 callers / River", "", n, "%s", got[5].against(&got[4], perCall).times())
	tb.set("postgres: plain row lock / SKIP LOCKED, 8 callers", "", n, "%s", got[6].against(&got[7], perCall).times())
	tb.set("postgres: plain row lock / SKIP LOCKED, asks of 100, 8 callers", "", n, "%s", got[8].against(&got[9], perCall).times())
	for _, p := range []*process{store, skip, lock, queue, dialer} {
		p.finish(t)
	}
}
