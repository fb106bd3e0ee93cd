package enginetest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/campaign/sqlstore"
	"github.com/nextcall/nextcall/internal/enginetest"
	"github.com/nextcall/nextcall/status"
)

const (
	bulkRecords = 20_000
	bulkChunk   = 500
)

var bulkStart = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// bulkWork is records of campaign a that are changed, and moved to and fro, in
// chunks, as supervisors do.
type bulkWork struct {
	st      campaign.Store
	records []campaign.Record
	round   int
}

// newBulk adds the records.
func newBulk(b *testing.B, st campaign.Store) *bulkWork {
	w := &bulkWork{st: st, records: make([]campaign.Record, bulkRecords)}
	for i := range w.records {
		w.records[i] = campaign.Record{ID: campaign.RecordID(fmt.Sprintf("%08d", i)), Campaign: "a", Contact: campaign.ContactID(fmt.Sprint("c", i)), Class: "Europe/Warsaw",
			Phones: []campaign.Phone{{Number: 48_600_000_000 + blacklist.Number(i), Zones: []string{"Europe/Warsaw"}}}, Fields: campaign.Fields{"city": "Wrocław", "debt": int64(i)},
			Sort: 1 << 16, Created: bulkStart, Updated: bulkStart, Author: "import",
			Progress: campaign.Progress{Qualifier: status.Unused, Standing: status.StandingQueued, Lane: status.LaneFresh, StatusAt: bulkStart}}
	}
	w.each(b, func(r *campaign.Record) campaign.Change {
		return campaign.Change{Add: true, Entry: &campaign.Entry{At: bulkStart, Author: "import", Why: campaign.WhyAdded}}
	})
	for i := range w.records {
		w.records[i].Version, w.records[i].Sequence = 1, int64(i+1)
	}
	return w
}

// each commits a change of each record, in chunks.
func (w *bulkWork) each(b *testing.B, change func(r *campaign.Record) campaign.Change) {
	changes := make([]campaign.Change, 0, bulkChunk)
	for from := 0; from < len(w.records); from += bulkChunk {
		changes = changes[:0]
		for i := from; i < from+bulkChunk; i++ {
			r := &w.records[i]
			ref := campaign.Ref{Campaign: r.Campaign, Record: r.ID}
			ch := change(r)
			ch.Ref, ch.Record = ref, r
			changes = append(changes, ch)
		}
		errs, err := w.st.Commit(b.Context(), changes...)
		require.NoError(b, err)
		require.Nil(b, errs)
		for i := range changes {
			if !changes[i].Add {
				changes[i].Record.Version++
			}
		}
	}
	w.round++
}

// set gives each record another status.
func (w *bulkWork) set(b *testing.B) {
	at := bulkStart.Add(time.Duration(w.round) * time.Hour)
	w.each(b, func(r *campaign.Record) campaign.Change {
		was := r.Status
		r.Status, r.Qualifier, r.StatusAt, r.Updated, r.Author = status.ID(fmt.Sprint("s", w.round%7)), status.Redial, at, at, "boss"
		r.Operation, r.Lane, r.Due = fmt.Sprint("operation", w.round), status.LaneAgain, at
		r.Changes++
		return campaign.Change{Entry: &campaign.Entry{At: at, Author: "boss", Why: campaign.WhyChosen, Operation: r.Operation, From: was, To: r.Status, Qualifier: r.Qualifier}}
	})
}

// move takes each record to the other campaign.
func (w *bulkWork) move(b *testing.B) {
	at := bulkStart.Add(time.Duration(w.round) * time.Hour)
	w.each(b, func(r *campaign.Record) campaign.Change {
		to := campaign.ID("b")
		if r.Campaign == "b" {
			to = "a"
		}
		r.Campaign, r.Sequence, r.Updated, r.Author, r.Operation = to, 0, at, "boss", fmt.Sprint("operation", w.round)
		r.Changes++
		return campaign.Change{Move: true, Entry: &campaign.Entry{At: at, Author: "boss", Why: campaign.WhyChosen, Operation: r.Operation}}
	})
}

// BenchmarkBulk changes and moves 20,000 records in Commits of 500. CPU time is told of
// the process and of the server that serves it.
func BenchmarkBulk(b *testing.B) {
	for _, engine := range []string{"memory", "sqlite", "postgres"} {
		for name, do := range map[string]func(*bulkWork, *testing.B){"set": (*bulkWork).set, "move": (*bulkWork).move} {
			b.Run(engine+"/"+name, func(b *testing.B) {
				var st campaign.Store = memstore.New()
				served := func() time.Duration { return 0 }
				if engine != "memory" {
					at := place{Engine: engine, Dir: b.TempDir()}
					if engine == "postgres" {
						at.Dir = enginetest.StartPostgres(b, false)
					}
					c, err := at.fresh()
					require.NoError(b, err)
					b.Cleanup(func() { _ = c.drop() })
					on, err := sqlstore.Open(b.Context(), c.db, at.dialect(), sqlstore.Options{})
					require.NoError(b, err)
					st = on
					if engine == "postgres" {
						served = func() time.Duration { return serverCPU(c.name) }
					}
				}
				w := newBulk(b, st)
				b.ResetTimer()
				own, theirs := cpuTime(), served()
				for range b.N {
					do(w, b)
				}
				own, theirs = cpuTime()-own, served()-theirs
				n := float64(b.N * bulkRecords)
				b.ReportMetric(float64(own.Microseconds())/n, "cpu-us/record")
				b.ReportMetric(float64(theirs.Microseconds())/n, "server-us/record")
				b.ReportMetric(n/b.Elapsed().Seconds(), "records/s")
			})
		}
	}
}
