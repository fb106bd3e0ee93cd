package plainstore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/plainstore"
	"github.com/nextcall/nextcall/status"
)

// BenchmarkStoreCycle is a lease of one record and its report, which puts the
// record behind all others. Half of the records wait in lane again, half are fresh.
func BenchmarkStoreCycle(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			ctx := context.Background()
			st := plainstore.New()
			now := time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)
			for i := range n {
				r := &campaign.Record{
					ID: campaign.RecordID(fmt.Sprint("r", i)), Campaign: "c", Contact: campaign.ContactID(fmt.Sprint("k", i)),
					Class: "Europe/Warsaw", Sort: int64(i % 100),
					Phones:   []campaign.Phone{{Number: blacklist.Number(48_600_000_000 + i)}},
					Progress: campaign.Progress{Standing: status.StandingQueued, Lane: status.LaneFresh},
				}
				if i%2 == 0 {
					r.Lane, r.Due = status.LaneAgain, now.Add(time.Duration(i%9973)*time.Millisecond)
				}
				errs, err := st.Commit(ctx, campaign.Change{Ref: campaign.Ref{Campaign: "c", Record: r.ID}, Add: true, Record: r})
				if errs != nil || err != nil {
					b.Fatal(errs, err)
				}
			}
			q := campaign.Claim{Limit: 1, Holder: "bench", Need: campaign.Need{Contact: true}, From: []campaign.Step{{
				Campaign: "c", Open: []string{"Europe/Warsaw"}, Max: 1,
				Sources: []campaign.Source{{Lane: status.LaneAgain}, {Lane: status.LaneFresh}},
			}}}
			var got campaign.Claimed
			now = now.Add(time.Minute)
			b.ReportAllocs()
			for b.Loop() {
				now = now.Add(time.Millisecond)
				q.Now, q.Until = now, now.Add(time.Minute)
				q.From[0].Sources[0].Due, q.From[0].Sources[1].Due = now, now
				q.Need.Since = now.Add(-24 * time.Hour)
				if err := st.Claim(ctx, q, &got); err != nil || len(got.Leased) != 1 {
					b.Fatal(err, len(got.Leased))
				}
				f := &got.Leased[0]
				f.Record.Due = now.Add(time.Second)
				f.Record.Lane = status.LaneAgain
				errs, err := st.Commit(ctx, campaign.Change{
					Ref:    campaign.Ref{Campaign: "c", Record: f.Record.ID, Token: f.Lease.Token},
					Record: &f.Record,
					Call: &campaign.Call{Token: f.Lease.Call, Campaign: "c", Record: f.Record.ID, Contact: f.Record.Contact,
						Number: f.Lease.Number, Dialed: now, Ended: now, Outcome: campaign.NoAnswer},
				})
				if errs != nil || err != nil {
					b.Fatal(errs, err)
				}
			}
		})
	}
}
