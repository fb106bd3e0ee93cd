package dialer

import (
	"slices"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// callableFrom is the first instant from now on at which a record is callable
// if nobody does anything: other leases run out then, and are settled. It is
// false if no time will bring it.
func callableFrom(c *campaign.Campaign, f *campaign.Facts, a campaign.Asker, now time.Time) (time.Time, bool) {
	ends := []time.Time{now}
	if f.Lease.Token != 0 && f.Lease.Token != a.Lease && f.Lease.Until.After(now) {
		ends = append(ends, f.Lease.Until)
	}
	for _, hold := range f.Busy {
		if hold.Until.After(now) {
			ends = append(ends, hold.Until)
		}
	}
	// With each end there is less in the way, so the least of the answers holds.
	var first time.Time
	found := false
	for _, end := range ends {
		if at, ever := c.Earliest(runOut(c, f, a, end), a, end); ever && (!found || at.Before(first)) {
			first, found = at, true
		}
	}
	return first, found
}

// runOut is what is known about a record at an instant if the leases of others
// that have run out by then are settled.
func runOut(c *campaign.Campaign, f *campaign.Facts, a campaign.Asker, at time.Time) *campaign.Facts {
	over := func(h campaign.Hold) bool { return !at.Before(h.Until) }
	gone := f.Lease.Token != 0 && f.Lease.Token != a.Lease && !at.Before(f.Lease.Until)
	if !gone && !slices.ContainsFunc(f.Busy, over) {
		return f
	}
	g := *f
	g.Busy = slices.DeleteFunc(slices.Clone(f.Busy), over)
	if gone {
		if change, err := c.Apply(f, campaign.Expiry{}, f.Lease.Until); err == nil && change.Record != nil {
			g.Record = *change.Record
			if change.Call != nil {
				g.History = append(slices.Clone(f.History), change.Call)
			}
		}
		g.Lease = campaign.Lease{}
	}
	return &g
}
