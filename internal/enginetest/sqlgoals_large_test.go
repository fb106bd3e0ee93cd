package enginetest_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/nextcall/nextcall/internal/enginetest"
)

// usual is how many records the larger ones are compared with.
const usual = 100_000

// large is a database of its own, whose records SQL has multiplied.
func (p place) large(t *testing.T, n int) place {
	t.Helper()
	p.Base, p.Own = fmt.Sprint("large", n), true
	if err := p.fillLarge(t.Context(), p.Base, n); err != nil {
		t.Fatal(err)
	}
	return p
}

// bigRows: a store on PostgreSQL with many records against the same with few.
func bigRows(t *testing.T, tb *table, n int) {
	if n <= usual {
		t.Skipf("%d records: want more than %d, such as -sizes 5m", n, usual)
	}
	at := place{Engine: "postgres", Dir: enginetest.StartPostgres(t, false)}
	start := time.Now()
	big := begin(t, spec{Kind: "store", N: n, Place: at.large(t, n)})
	tb.set("postgres, large: filling by SQL, a record", "", n, "%s", nanos(float64(time.Since(start))/float64(n)))
	small := begin(t, spec{Kind: "store", N: usual, Place: at.large(t, usual)})
	if err := at.administer("CHECKPOINT"); err != nil {
		t.Fatal(err)
	}
	got := race(t, *rounds, entry{big, asks(1, 64)}, entry{small, asks(1, 64)}, entry{big, asks(100, 1)}, entry{small, asks(100, 1)})
	tb.set("postgres, large: store, 64 callers: cycles a second", "", n, "%s", got[0].each(perCall).perSecond())
	tb.set("postgres, large: store, asks of 100: cycles a second", "", n, "%s", got[2].each(perCall).perSecond())
	tb.set("postgres, large: speed / that at 100 k, 64 callers", "5 M: ≥ 0.8×", n, "%s", got[1].against(&got[0], perCall).times())
	tb.set("postgres, large: speed / that at 100 k, asks of 100", "5 M: ≥ 0.8×", n, "%s", got[3].against(&got[2], perCall).times())
	small.finish(t)
	big.end() // to compare millions of records one by one takes minutes; each ask was checked
}

// snapshotRows: what is left of the speed while somebody holds a snapshot, so
// that nothing that was replaced can be removed.
func snapshotRows(t *testing.T, tb *table, n int) {
	const slices = 30
	at := place{Engine: "postgres", Dir: enginetest.StartPostgres(t, false)}
	stages := make([]*stage, 2)
	names := []string{"store", "plain SKIP LOCKED"}
	databases := make([]*sql.DB, 2)
	for i, s := range []spec{{Kind: "store", N: n, Place: at.large(t, n)}, {Kind: "plain postgres", N: n, Place: at, Lock: skipLocked}} {
		var err error
		if stages[i], err = newStage(s); err != nil {
			t.Fatal(err)
		}
		switch c := stages[i].contestant.(type) {
		case *storeContestant:
			databases[i] = c.db
			defer c.close()
		case *plainPostgres:
			databases[i] = c.db
			defer c.check()
		}
	}
	work := func(i int) reply {
		c := asks(100, 1)
		c.For = *hold / slices
		r := stages[i].do(c)
		if r.Err != "" {
			t.Fatalf("%s: %s", names[i], r.Err)
		}
		return r
	}
	for i := range stages {
		work(i) // the caches are cold
	}
	for _, db := range databases {
		defer holdSnapshot(t, db)()
	}
	var got [2][3]reply
	for slice := range slices {
		for k := range stages {
			i := (k + slice) % len(stages)
			r, third := work(i), &got[i][slice*3/slices]
			third.Cycles, third.Wall = third.Cycles+r.Cycles, third.Wall+r.Wall
		}
	}
	for i, name := range names {
		first, last := perCall(got[i][0]), perCall(got[i][2])
		tb.set("postgres, a snapshot held: "+name+": cycles a second, first and last third", "", n, "%.0f, %.0f", 1e9/first, 1e9/last)
		goal := ""
		if i == 0 {
			goal = "≥ 0.7×"
		}
		tb.set("postgres, a snapshot held: "+name+": speed of the last third / the first", goal, n, "%.2f×", first/last)
	}
}

// holdSnapshot begins a transaction that sees what is there now, until end.
func holdSnapshot(t *testing.T, db *sql.DB) (end func()) {
	t.Helper()
	tx, err := db.BeginTx(context.Background(), &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	var now string
	if err := tx.QueryRow(`SELECT pg_current_snapshot()`).Scan(&now); err != nil {
		t.Fatal(err)
	}
	return func() { _ = tx.Rollback() }
}
