package enginetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// Two stores on one database know nothing of each other but what the database
// tells: as two processes. It is what invariant 1 asks for.
func TestTwoStoresOnOnePostgreSQLLeaseNothingTwice(t *testing.T) {
	const records = 300
	p := newPostgresStores(t)
	first := p.open(t)
	stores := []campaign.Store{first, p.at(t, p.name[first])}
	noon := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	for _, id := range []campaign.ID{"one", "two"} {
		var changes []campaign.Change
		for i := range records {
			r := &campaign.Record{ID: campaign.RecordID(fmt.Sprint("r", i)), Campaign: id, Class: "Europe/Warsaw",
				// Each number is in both campaigns, in orders that cross.
				Phones:   []campaign.Phone{{Number: blacklist.Number(48_600_000_000 + i)}, {Number: blacklist.Number(48_600_000_000 + records - 1 - i)}},
				Progress: campaign.Progress{Standing: status.StandingQueued, Lane: status.LaneFresh}}
			changes = append(changes, campaign.Change{Ref: campaign.Ref{Campaign: id, Record: r.ID}, Add: true, Record: r})
		}
		errs, err := first.Commit(t.Context(), changes...)
		require.NoError(t, err)
		require.Nil(t, errs)
	}
	var mu sync.Mutex
	leased := make(map[campaign.Ref]int)
	free := make(map[blacklist.Number]int) // by how many leases each number is held
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			var got campaign.Claimed
			order := []campaign.ID{"one", "two"}
			if i%2 == 1 {
				order = []campaign.ID{"two", "one"}
			}
			for {
				q := campaign.Claim{Now: noon, Until: noon.Add(time.Hour), Holder: fmt.Sprint("p", i), Limit: 7}
				for _, id := range order {
					q.From = append(q.From, campaign.Step{Campaign: id, Open: []string{"Europe/Warsaw"}, Max: 4,
						Sources: []campaign.Source{{Lane: status.LaneFresh, Due: noon}}})
				}
				if !assert.NoError(t, stores[i%2].Claim(context.Background(), q, &got)) || len(got.Leased) == 0 {
					return
				}
				mu.Lock()
				for _, f := range got.Leased {
					leased[campaign.Ref{Campaign: f.Record.Campaign, Record: f.Record.ID}]++
					if len(f.Busy) == 0 {
						free[f.Record.Phones[0].Number]++
					}
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	assert.Len(t, leased, 2*records, "all are leased")
	for ref, n := range leased {
		assert.Equal(t, 1, n, "leases of %v", ref)
	}
	for number, n := range free {
		assert.LessOrEqual(t, n, 1, "leases that hold %v", number)
	}
	assert.NotEmpty(t, free)
}
