package scenarios

import (
	"testing"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// Two hosts work on one store, and only one of them has heard of a zone: its time
// zone data are newer. This host is the one that has not; the other one's records
// are written to the store as it writes them.
func scenario21HostsWithDifferentZoneData(t *testing.T, fresh opener) {
	const newland, lisbon = "Europe/Newland", "Europe/Lisbon"
	d := sitOn(t, fresh(), "2026-10-26 12:00", office("c", weekOnly))
	put := func(id campaign.RecordID, zone, class, number string) campaign.Ref {
		r := campaign.Record{ID: id, Campaign: "c", Phones: []campaign.Phone{{Number: num(number), Zones: []string{zone}}}}
		r.Standing, r.Lane, r.Class, r.Sort = status.StandingQueued, status.LaneFresh, class, 1
		errs, err := d.store.Commit(ctx, campaign.Change{Ref: campaign.Ref{Campaign: "c", Record: id}, Add: true, Record: &r})
		want.NoError(t, err)
		want.Empty(t, errs)
		return campaign.Ref{Campaign: "c", Record: id}
	}
	theirs := put("theirs", newland, newland+"|", "+48600100200")
	d.nothing(time.Time{})
	e := d.blocked(theirs, campaign.ReasonZone)
	want.Equal(t, newland+"|", e.Record.Class, "it stays where the other host looks for it")
	want.Equal(t, status.StandingQueued, e.Record.Standing)
	o, err := d.Outlook(ctx, "c", 0)
	want.NoError(t, err)
	want.Equal(t, 1, o.Blockers[campaign.ReasonZone], "it is counted, and by its reason")

	// The other host asks: it names the class among those that are open there.
	claim := campaign.Claim{Now: d.clock, Until: d.clock.Add(time.Minute), Holder: "other", Limit: 1, From: []campaign.Step{{
		Campaign: "c", Revision: 1, Open: []string{newland + "|"}, Max: 1, Sources: []campaign.Source{{Lane: status.LaneFresh, Due: d.clock}},
	}}}
	var got campaign.Claimed
	want.NoError(t, d.store.Claim(ctx, claim, &got))
	want.Len(t, got.Leased, 1)
	want.Equal(t, theirs.Record, got.Leased[0].Record.ID)
	// It dies. Its lease is settled by this host, which knows no zone for it.
	d.later(2 * time.Minute)
	want.Equal(t, 1, d.ask("ann", 1).Settled)
	e = d.blocked(theirs, campaign.ReasonSkipped, campaign.ReasonZone)
	want.Equal(t, newland+"|", e.Record.Class)
	_, err = d.Edit(ctx, theirs, campaign.Edit{Note: "who is this?"})
	want.NoError(t, err)
	want.Equal(t, newland+"|", d.explain(theirs).Record.Class, "and it still stays there")

	// A record that a host wrote before it knew the zone has no class. Who knows
	// the zone gives it one with the next change.
	early := put("early", lisbon, "", "+48600100201")
	want.Empty(t, d.ask("ann", 1).Calls)
	_, err = d.Edit(ctx, early, campaign.Edit{Note: "the zone is known by now"})
	want.NoError(t, err)
	d.dial("early")
}
