package memstore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/status"
)

// BenchmarkFilter is Count by each part of a filter over a million records, each
// third of them called; ns/record is CPU time.
func BenchmarkFilter(b *testing.B) {
	ctx := context.Background()
	const records = 1_000_000
	noon := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	st := memstore.New()
	var changes []campaign.Change
	for i := range records {
		r := campaign.Record{
			ID: campaign.RecordID(fmt.Sprintf("r%08d", i)), Campaign: "c", Contact: campaign.ContactID(fmt.Sprintf("c%08d", i)), ExternalID: fmt.Sprintf("CRM-%07d", i),
			Class: benchZones[i%4], Sort: 1 << 16, Created: noon, Updated: noon, Author: "engine", List: fmt.Sprint("list", i/100_000),
			Phones:   []campaign.Phone{{Number: blacklist.Number(48_600_000_000 + i)}},
			Progress: campaign.Progress{Standing: status.StandingQueued, Lane: status.LaneFresh, Qualifier: status.Unused, StatusAt: noon},
		}
		if i%3 == 0 {
			r.Status, r.Qualifier, r.Lane = status.ID(fmt.Sprint("s", i%20)), status.Redial, status.LaneAgain
			r.LastCall, r.Due = noon.Add(time.Duration(i)*time.Second), noon.Add(time.Duration(i)*time.Second+time.Hour)
			r.LastAgent, r.Author = campaign.AgentID(fmt.Sprint("agent", i%100)), fmt.Sprint("agent", i%100)
		}
		changes = append(changes, campaign.Change{Ref: campaign.Ref{Campaign: "c", Record: r.ID}, Add: true, Record: &r})
		if len(changes) == 1000 {
			if errs, err := st.Commit(ctx, changes...); errs != nil || err != nil {
				b.Fatal(errs, err)
			}
			changes = changes[:0]
		}
	}
	var thousands campaign.Filter
	for i := range 10_000 {
		thousands.Terms = append(thousands.Terms, campaign.Term{ID: campaign.RecordID(fmt.Sprintf("r%08d", i*37)), Number: blacklist.Number(48_600_000_000 + i*91)})
	}
	for _, c := range []struct {
		name   string
		filter campaign.Filter
		by     campaign.Group
	}{
		{"all", campaign.Filter{}, campaign.ByNothing},
		{"all by status", campaign.Filter{}, campaign.ByStatus},
		{"all by state", campaign.Filter{At: noon}, campaign.ByState},
		{"list", campaign.Filter{Lists: []string{"list3"}}, campaign.ByNothing},
		{"status", campaign.Filter{Statuses: []status.ID{"s3"}}, campaign.ByNothing},
		{"system status", campaign.Filter{Systems: []campaign.System{campaign.SystemToCall}}, campaign.ByNothing},
		{"in progress", campaign.Filter{Systems: []campaign.System{campaign.SystemInProgress}}, campaign.ByNothing},
		{"owner", campaign.Filter{Owners: []campaign.AgentID{"agent7"}}, campaign.ByNothing},
		{"agent", campaign.Filter{Agents: []campaign.AgentID{"agent7"}}, campaign.ByNothing},
		{"author", campaign.Filter{Authors: []string{"agent7"}}, campaign.ByNothing},
		{"called", campaign.Filter{Called: campaign.Span{From: noon.Add(time.Hour), To: noon.Add(2 * time.Hour)}}, campaign.ByNothing},
		{"due", campaign.Filter{Due: campaign.Span{From: noon.Add(time.Hour), To: noon.Add(2 * time.Hour)}}, campaign.ByNothing},
		{"external id", campaign.Filter{ExternalID: "345678"}, campaign.ByNothing},
		{"operation", campaign.Filter{Operation: "op"}, campaign.ByNothing},
		{"20,000 terms", thousands, campaign.ByNothing},
		{"one number", campaign.Filter{Numbers: []blacklist.Number{48_600_000_777}}, campaign.ByNothing},
	} {
		b.Run(c.name, func(b *testing.B) {
			used := cpu()
			for b.Loop() {
				if _, err := st.Count(ctx, c.filter, c.by); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64((cpu()-used).Nanoseconds())/float64(b.N)/records, "ns/record")
		})
	}
}
