package enginetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

var benchNoon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

const benchZone = "Europe/Warsaw"

// fillStore adds fresh records of one phone each.
func fillStore(t testing.TB, st campaign.Store, n int) {
	changes := make([]campaign.Change, 0, 1000)
	for i := range n {
		r := &campaign.Record{ID: campaign.RecordID(fmt.Sprint("r", i)), Campaign: "one", Class: benchZone, Sort: 1 << 16,
			Phones:   []campaign.Phone{{Number: blacklist.Number(48_600_000_000 + i)}},
			Progress: campaign.Progress{Standing: status.StandingQueued, Lane: status.LaneFresh}}
		changes = append(changes, campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: r.ID}, Add: true, Record: r})
		if len(changes) == cap(changes) || i == n-1 {
			errs, err := st.Commit(context.Background(), changes...)
			require.NoError(t, err)
			require.Nil(t, errs)
			changes = changes[:0]
		}
	}
}

// cycler leases records and reports calls that nobody answered.
type cycler struct {
	st      campaign.Store
	delay   time.Duration // until a record is called again
	claimed campaign.Claimed
	changes []campaign.Change
	records []campaign.Record
	calls   []campaign.Call
}

// cycle does up to n records and returns how many.
func (c *cycler) cycle(ctx context.Context, n int) (int, error) {
	now := benchNoon
	q := campaign.Claim{Now: now, Until: now.Add(time.Minute), Holder: "bench", Limit: n, From: []campaign.Step{{
		Campaign: "one", Open: []string{benchZone}, Max: n,
		Sources: []campaign.Source{{Lane: status.LanePublic, Due: now}, {Lane: status.LaneFresh, Due: now}, {Lane: status.LaneAgain, Due: now}},
	}}}
	if err := c.st.Claim(ctx, q, &c.claimed); err != nil {
		return 0, err
	}
	leased := c.claimed.Leased
	c.changes, c.records, c.calls = c.changes[:0], make([]campaign.Record, len(leased)), make([]campaign.Call, len(leased))
	for i := range leased {
		f := &leased[i]
		r, call := &c.records[i], &c.calls[i]
		*r = f.Record
		r.Lane, r.Due, r.LastCall, r.LastOutcome = status.LaneAgain, now.Add(c.delay), now, campaign.NoAnswer
		r.Attempts.Total++
		*call = campaign.Call{Token: f.Lease.Call, Campaign: "one", Record: r.ID, Number: r.Phones[0].Number, Holder: "bench",
			Dialed: now, Ended: now, Outcome: campaign.NoAnswer, Counted: true, Before: &campaign.Before{Progress: f.Record.Progress, Phones: f.Record.Phones}}
		c.changes = append(c.changes, campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: r.ID, Token: f.Lease.Token}, Record: r, Call: call})
	}
	if len(c.changes) == 0 {
		return 0, nil
	}
	errs, err := c.st.Commit(ctx, c.changes...)
	if err == nil && errs != nil {
		err = errs[0]
	}
	return len(leased), err
}
