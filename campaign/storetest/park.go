package storetest

import (
	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// parking is when a parked record is left out.
var parking = part{"Park", []clause{
	{
		Name: "AParkCountsUntilItsTime",
		Rule: "A parked record does not match until its park's time; at that very instant it does.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1", park(at(5), 0)))
			got := claim(t, st, all(at(4)))
			assert.Empty(t, got.Leased)
			require.Len(t, got.Classes, 1)
			assert.Zero(t, got.Classes[0].Waiting)
			assert.Equal(t, at(5), got.Classes[0].Wake)
			assert.Equal(t, []string{"a1"}, leased(t, st, all(at(5))), "not after its time")
		},
	},
	{
		Name: "AParkCountsOnlyAtItsRevision",
		Rule: "A park counts only at the revision of the step.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1", park(at(5), 7)), rec("b1", park(at(5), 8)))
			q := all(noon, revision(7), limit(1))
			assert.Equal(t, []string{"b1"}, leased(t, st, q), "made at a revision that is not this one")
			assert.Empty(t, leased(t, st, q))
			commit(t, st, campaign.Change{Ref: leaseRef(look(t, st, campaign.Ref{Campaign: one, Record: "b1"}))})

			got := claim(t, st, all(noon, revision(8)))
			assert.Equal(t, []string{"a1"}, ids(got.Leased), "the park of b1 counts now, that of a1 no more")
			require.Len(t, got.Classes, 1)
			assert.Equal(t, at(5), got.Classes[0].Wake)
		},
	},
	{
		Name: "AParkMadeAtARevisionStillUnknownCountsOnceItIs",
		Rule: "A park made at a revision that the store has not heard of counts as soon as a Claim comes with " +
			"that revision.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"), rec("b1", park(at(5), 8)))
			got := claim(t, st, all(noon, revision(8), limit(1), func(q *campaign.Claim) { q.From[0].Max = 0 }))
			require.Len(t, got.Classes, 1)
			assert.Equal(t, at(5), got.Classes[0].Wake)
			assert.Equal(t, []string{"a1"}, leased(t, st, all(noon, revision(8))))
		},
	},
	{
		Name: "AParkEndsByWakeAndByUnlistInEveryCampaign",
		Rule: "Wake ends the parks of all records that have one of its numbers, in every campaign, and so does " +
			"taking the number off a list; that is no new version of the records.",
		holds: func(t *trial) {
			st := t.open()
			const number = 48_600_111_222
			r := func(id string, c campaign.ID) *campaign.Record {
				return rec(id, in(c), phones(48_700_000_000+blacklist.Number(id[0]), number), park(at(60), 0))
			}
			add(t, st, r("a1", one), r("b1", other), rec("c1", park(at(60), 0)))
			require.Empty(t, leased(t, st, all(noon, campaigns(one, other))))
			version := look(t, st, campaign.Ref{Campaign: one, Record: "a1"}).Record.Version
			commit(t, st, campaign.Change{Wake: []blacklist.Number{number}})
			assert.Equal(t, version, look(t, st, campaign.Ref{Campaign: one, Record: "a1"}).Record.Version, "a park is no version")
			got := claim(t, st, all(noon, campaigns(one, other)))
			assert.Equal(t, []string{"a1", "b1"}, ids(got.Leased))
			for _, f := range got.Leased {
				park(at(60), 0)(&f.Record)
				commit(t, st, campaign.Change{Ref: leaseRef(f), Record: &f.Record})
			}
			require.Empty(t, leased(t, st, all(noon, campaigns(one, other))))
			commit(t, st, campaign.Change{Unlist: []blacklist.Key{{List: blacklist.Global, Number: number}}})
			assert.Equal(t, []string{"a1", "b1"}, leased(t, st, all(noon, campaigns(one, other))))
		},
	},
}}
