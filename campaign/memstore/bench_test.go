package memstore_test

import (
	"context"
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/status"
)

// cpu is the processor time that the process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

var benchZones = []string{"Europe/Warsaw", "Europe/Prague", "Europe/London", "Europe/Lisbon"}

// fill adds n fresh records, each with a number, a contact and the line that
// says that it was added.
func fill(b *testing.B, st *memstore.Store, n int, now time.Time) {
	for i := range n {
		r := campaign.Record{
			ID: campaign.RecordID(fmt.Sprintf("r%08d", i)), Campaign: "c", Contact: campaign.ContactID(fmt.Sprintf("c%08d", i)),
			Class: benchZones[i%4], Sort: 1 << 16, Created: now, Updated: now, Author: "engine",
			Phones:   []campaign.Phone{{Number: blacklist.Number(48_600_000_000 + i), Zones: benchZones[i%4 : i%4+1]}},
			Progress: campaign.Progress{Standing: status.StandingQueued, Lane: status.LaneFresh, Qualifier: status.Unused, StatusAt: now},
		}
		errs, err := st.Commit(context.Background(), campaign.Change{
			Ref: campaign.Ref{Campaign: "c", Record: r.ID}, Add: true, Record: &r,
			Entry: &campaign.Entry{At: now, Author: "engine", Why: campaign.WhyAdded, Qualifier: status.Unused},
		})
		if errs != nil || err != nil {
			b.Fatal(errs, err)
		}
	}
}

// BenchmarkStore is the life of a lease: it is claimed, started and reported,
// with record, call and line of history. The record waits then for as long as it
// takes all others to come round.
func BenchmarkStore(b *testing.B) {
	ctx := context.Background()
	for _, n := range []int{100_000, 1_000_000} {
		start := time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)
		var st *memstore.Store
		now := start
		for _, ask := range []int{1, 100} {
			b.Run(fmt.Sprintf("%d/ask%d", n, ask), func(b *testing.B) {
				if st == nil {
					before := heapInUse()
					st = memstore.New()
					fill(b, st, n, start)
					b.Logf("%d bytes a fresh record", (heapInUse()-before)/uint64(n))
				}
				q := campaign.Claim{Limit: ask, Holder: "bench", Need: campaign.Need{NoCalls: true}, From: []campaign.Step{{
					Campaign: "c", Revision: 1, Open: benchZones, Max: ask,
					Sources: []campaign.Source{{Lane: status.LanePublic}, {Lane: status.LaneAgain}, {Lane: status.LaneFresh}, {Lane: status.LaneLast}},
				}}}
				var got campaign.Claimed
				var looked campaign.Looked
				var lease campaign.Lease
				calls, entries := make([]campaign.Call, 1), make([]campaign.Entry, 1)
				changes := make([]campaign.Change, 1)
				b.ReportAllocs()
				b.ResetTimer()
				used := cpu()
				for done := 0; done < b.N; {
					now = now.Add(time.Duration(ask) * 2 * time.Minute / time.Duration(n))
					q.Now, q.Until = now, now.Add(time.Minute)
					for i := range q.From[0].Sources {
						q.From[0].Sources[i].Due = now
					}
					if err := st.Claim(ctx, q, &got); err != nil || len(got.Leased) == 0 {
						b.Fatal(err, len(got.Leased))
					}
					for i := range got.Leased {
						f := &got.Leased[i]
						ref := campaign.Ref{Campaign: "c", Record: f.Record.ID, Token: f.Lease.Token}
						lease = f.Lease
						lease.Phase, lease.Dialed, lease.Until = campaign.Dialed, now, now.Add(2*time.Minute)
						changes[0] = campaign.Change{Ref: ref, Extend: true, Lease: &lease, Revision: 1}
						if errs, err := st.Commit(ctx, changes...); errs != nil || err != nil {
							b.Fatal(errs, err)
						}
						if err := st.Look(ctx, campaign.Need{Since: now.Add(-time.Hour), Contact: true}, &looked, ref); err != nil {
							b.Fatal(err)
						}
						r := &looked.Facts[0].Record
						r.Due, r.Lane, r.Qualifier = now.Add(110*time.Second), status.LaneAgain, status.Redial
						r.LastCall, r.LastToken, r.LastOutcome = now, ref.Token, campaign.NoAnswer
						r.Attempts.Total++
						r.Phones[0].LastCall = now
						r.Changes++
						calls[0] = campaign.Call{Token: ref.Token, Campaign: "c", Record: r.ID, Contact: r.Contact,
							Number: f.Lease.Number, Dialed: now, Ended: now, Outcome: campaign.NoAnswer, Counted: true, Changes: r.Changes}
						entries[0] = campaign.Entry{At: now, Author: "engine", Why: campaign.WhyFallback, Call: ref.Token, Qualifier: status.Redial}
						changes[0] = campaign.Change{Ref: ref, Record: r, Call: &calls[0], Entry: &entries[0]}
						if errs, err := st.Commit(ctx, changes...); errs != nil || err != nil {
							b.Fatal(errs, err)
						}
					}
					done += len(got.Leased)
				}
				b.ReportMetric(float64(cpu()-used)/float64(b.N), "cpu-ns/op")
			})
		}
	}
}
