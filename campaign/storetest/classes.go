package storetest

import (
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// telling is what a Claim tells besides its leases.
var telling = part{"Tell", []clause{
	{
		Name: "ClassesTellHeadsOwnAndWake",
		Rule: "Claimed.Classes are all that hold queued records of the steps' campaigns, open or not, after " +
			"the leases were taken, with the earliest Due of each lane, the asker's own, and when the first " +
			"park ends.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st,
				rec("a1", due(status.LaneFresh, at(9)), keyed(1, 0)), rec("b1", due(status.LaneFresh, at(7)), keyed(2, 0)),
				rec("c1", due(status.LanePublic, at(3)), park(at(1), 0)), rec("d1", due(status.LanePublic, at(4))),
				rec("e1", owner("agent", at(20))), rec("f1", owner("x", at(10))),
				rec("l1", due(status.LaneFresh, at(7)), keyed(3, 0)),
				rec("g1", class("parked"), park(at(2), 0)), rec("h1", class("parked"), park(at(3), 0)),
				rec("i1", class("held"), standing(status.StandingHeld)), rec("j1", class("")), rec("k1", in(other)),
			)
			ask := all(noon, campaigns(one))
			ask.From[0].Open = nil // learnt before it is ever open
			var first campaign.Class
			first.Campaign, first.Name = one, zone
			first.Waiting = 1<<status.LaneFresh | 1<<status.LanePublic | 1<<status.LaneOwn
			first.Heads[status.LaneFresh], first.Heads[status.LanePublic], first.Heads[status.LaneOwn] = at(7), at(4), at(10)
			first.Own, first.HasOwn, first.Wake = at(20), true, at(1)
			want := []campaign.Class{first, {Campaign: one, Name: "parked", Wake: at(2)}}
			got := claim(t, st, ask)
			assert.ElementsMatch(t, want, got.Classes)

			ask = all(at(8), limit(9), func(q *campaign.Claim) {
				q.Agent = "nobody"
				q.From[0].Sources = []campaign.Source{{Lane: status.LaneFresh, Due: at(8), Max: 1}}
			})
			got = claim(t, st, ask)
			require.Equal(t, []string{"b1"}, ids(got.Leased))
			first.Heads[status.LanePublic] = at(3)
			first.Own, first.HasOwn, first.Wake = time.Time{}, false, time.Time{}
			var second campaign.Class
			second.Campaign, second.Name, second.Waiting = one, "parked", 1<<status.LaneFresh
			assert.ElementsMatch(t, []campaign.Class{first, second}, got.Classes)
		},
	},
	{
		Name: "OwnersAreToldIfAskedFor",
		Rule: "Claimed.Owners are, if asked for, the agents who own callbacks that are not parked in the steps' campaigns, with the earliest Due of each in a class.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1", owner("x", at(9))), rec("b1", owner("x", at(5))), rec("c1", owner("y", at(7)), class("X")),
				rec("d1", owner("z", at(1)), park(at(60), 0)), rec("e1", owner("w", at(1)), in(other)), rec("f1", owner("x", at(-1))),
				rec("g1", due(status.LanePublic, at(1)), func(r *campaign.Record) { r.Owner = "v" }))
			none := func(q *campaign.Claim) { q.From[0].Max = 0 }
			assert.Empty(t, claim(t, st, all(noon, none)).Owners, "not asked for")
			got := claim(t, st, all(noon, none, func(q *campaign.Claim) { q.Owners = true }))
			assert.ElementsMatch(t, []campaign.OwnerHead{{Campaign: one, Class: zone, Owner: "x", Due: at(-1)}, {Campaign: one, Class: "X", Owner: "y", Due: at(7)}}, got.Owners)
			require.Equal(t, []string{"f1"}, leased(t, st, all(noon)))
			got = claim(t, st, all(noon, none, func(q *campaign.Claim) { q.Owners = true }))
			assert.ElementsMatch(t, []campaign.OwnerHead{{Campaign: one, Class: zone, Owner: "x", Due: at(5)}, {Campaign: one, Class: "X", Owner: "y", Due: at(7)}}, got.Owners,
				"after one was leased")
		},
	},
	{
		Name: "TheNextExpiryIsThatOfTheFirstLiveLease",
		Rule: "Claimed.NextExpiry is when the first of the leases of the steps' campaigns runs out that were live before this Claim; zero says that there was none.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"), rec("b1"), rec("c1", in(other)))
			until := func(m int) func(*campaign.Claim) {
				return func(q *campaign.Claim) { q.Until, q.Limit = at(m), 1 }
			}
			got := claim(t, st, all(noon, until(9)))
			assert.Zero(t, got.NextExpiry, "its own leases do not count")
			a := first(t, got.Leased)
			assert.Equal(t, at(9), claim(t, st, all(noon, until(5))).NextExpiry)
			assert.Zero(t, claim(t, st, all(noon, campaigns(other), until(1))).NextExpiry, "nor those of other campaigns")
			assert.Equal(t, at(5), claim(t, st, all(noon)).NextExpiry)
			a.Lease.Until = at(2)
			commit(t, st, campaign.Change{Ref: leaseRef(a), Extend: true, Lease: &a.Lease})
			assert.Equal(t, at(2), claim(t, st, all(noon)).NextExpiry, "after it was given less time")
			commit(t, st, ended(a))
			assert.Equal(t, at(5), claim(t, st, all(noon, func(q *campaign.Claim) { q.From[0].Max = 0 })).NextExpiry, "after it ended")
		},
	},
}}
