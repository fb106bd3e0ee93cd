package transfer_test

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/status"
	"github.com/nextcall/nextcall/transfer"
)

// cpu is the processor time that the process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkBulk changes, or moves, each of a million records once; with planned it
// only says what would come of it. An operation is all of them.
func BenchmarkBulk(b *testing.B) {
	const size = 1_000_000
	loaded := []*campaign.Campaign{compile(b, "spring"), compile(b, "autumn")}
	store := memstore.New()
	changes := make([]campaign.Change, 0, 500)
	for i := range size {
		r := campaign.Record{ID: campaign.RecordID(fmt.Sprintf("r%08d", i)), Campaign: "spring", Contact: campaign.ContactID(fmt.Sprintf("c%08d", i)),
			Phones: []campaign.Phone{{Number: blacklist.Number(48_600_000_000 + i)}}}
		change, err := loaded[0].Admit(r, sue, now)
		if err != nil {
			b.Fatal(err)
		}
		if changes = append(changes, change); len(changes) == cap(changes) {
			if errs, err := store.Commit(ctx, changes...); errs != nil || err != nil {
				b.Fatal(errs, err)
			}
			changes = changes[:0]
		}
	}
	bulk, err := transfer.New(store, func(context.Context) ([]*campaign.Campaign, error) { return loaded, nil })
	if err != nil {
		b.Fatal(err)
	}
	operations := 0
	work := func(b *testing.B, dry bool, request func(operation string) transfer.Request) {
		began := cpu()
		for range b.N {
			operations++
			r := request(fmt.Sprint("operation ", operations))
			var report transfer.Report
			var err error
			if dry {
				report, err = bulk.Plan(ctx, r, now)
			} else {
				report, err = bulk.Run(ctx, r, now, transfer.Options{})
			}
			if err != nil || report.Changed != size {
				b.Fatal(report.String(), err)
			}
		}
		b.ReportMetric((cpu()-began).Seconds()/float64(b.N), "cpu-s/op")
	}
	change := func(operation string) transfer.Request {
		return transfer.Change{Filter: spring, Set: campaign.Set{Status: "later", Input: campaign.Input{At: now.Add(time.Hour)}, Actor: sue, Operation: operation}}
	}
	away := campaign.ID("spring")
	move := func(operation string) transfer.Request {
		from := away
		if away = "autumn"; from == away {
			away = "spring"
		}
		return transfer.Move{Filter: campaign.Filter{Campaigns: []campaign.ID{from}}, To: away, Set: campaign.Set{Qualifier: status.Unused, Actor: sue, Operation: operation}}
	}
	b.Run("plan", func(b *testing.B) { work(b, true, change) })
	b.Run("change", func(b *testing.B) { work(b, false, change) })
	b.Run("move", func(b *testing.B) { work(b, false, move) })
}
