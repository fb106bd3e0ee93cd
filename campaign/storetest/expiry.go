package storetest

import (
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// expiring is how leases that ran out come back.
var expiring = part{"Expiry", []clause{
	{
		Name: "RunOutLeasesComeBackOldestFirstAndNothingElse",
		Rule: "Leases of q.From's campaigns whose Until is not after q.Now come back in Expired, oldest first, " +
			"with a new token, q.Until and the first token in Lease.Call; then nothing is leased.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"), rec("b1"), rec("c1", in(other)), rec("d1"))
			until := func(m int) func(*campaign.Claim) {
				return func(q *campaign.Claim) { q.Until, q.Limit = at(m), 1 }
			}
			a := lease(t, st, all(noon, until(5)))
			b := lease(t, st, all(noon, until(2)))
			c := lease(t, st, all(noon, campaigns(other), until(3)))

			settle := func(q *campaign.Claim) { q.From[0].Max, q.Until = 0, at(60) }
			assert.Empty(t, claim(t, st, all(at(2).Add(-time.Microsecond), settle)).Expired)
			got := claim(t, st, all(at(5), limit(2), settle))
			require.Equal(t, []string{"b1", "a1"}, ids(got.Expired), "of the asked campaigns only, with Max 0 too")
			assert.Empty(t, got.Leased)
			for i, old := range []campaign.Facts{b, a} {
				x := got.Expired[i]
				assert.Greater(t, x.Lease.Token, c.Lease.Token, "a new token")
				assert.Equal(t, old.Lease.Token, x.Lease.Call, "the call keeps the first")
				assert.Equal(t, at(60), x.Lease.Until)
				want := old.Lease
				want.Token, want.Until = x.Lease.Token, x.Lease.Until
				assert.Equal(t, want, x.Lease, "all else is as it was")
			}
			got = claim(t, st, all(at(6), campaigns(one, other)))
			assert.Equal(t, []string{"c1"}, ids(got.Expired))
			assert.Empty(t, got.Leased, "never both")
			assert.Equal(t, []string{"d1"}, leased(t, st, all(at(6))))
		},
	},
	{
		Name: "NoMoreRunOutLeasesThanTheLimitAndAgainWhenNotSettled",
		Rule: "At most q.Limit leases that ran out come back; one that nobody settles comes back again when " +
			"its new Until has passed.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"), rec("b1"))
			require.Len(t, claim(t, st, all(noon)).Leased, 2)
			first := claim(t, st, all(at(1), limit(1)))
			require.Equal(t, []string{"a1"}, ids(first.Expired))
			require.Equal(t, []string{"b1"}, ids(claim(t, st, all(at(1), limit(1))).Expired))
			assert.Empty(t, leased(t, st, all(at(1))), "each is being settled")
			again := claim(t, st, all(at(2)))
			require.Equal(t, []string{"a1", "b1"}, ids(again.Expired), "whoever settled them is gone too")
			assert.Equal(t, first.Expired[0].Lease.Call, again.Expired[0].Lease.Call)
			require.ErrorIs(t, refused(t, st, ended(first.Expired[0])), campaign.ErrLeaseLost)
			commit(t, st, ended(again.Expired[0]), ended(again.Expired[1]))
			assert.Equal(t, []string{"a1", "b1"}, leased(t, st, all(at(2))))
		},
	},
	{
		Name: "TheFirstTokenMayEndARunOutLeaseButNotExtendIt",
		Rule: "The first token may end a lease that ran out until it is settled, but not extend it once it was " +
			"handed out.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"))
			f := lease(t, st, all(noon))
			extend := f.Lease
			extend.Until = at(9)
			commit(t, st, campaign.Change{Ref: leaseRef(f), Extend: true, Lease: &extend}) // even past its time, until it is handed out
			require.Len(t, claim(t, st, all(at(9))).Expired, 1)
			err := refused(t, st, campaign.Change{Ref: leaseRef(f), Extend: true, Lease: &extend})
			require.ErrorIs(t, err, campaign.ErrLeaseLost)
			commit(t, st, campaign.Change{Ref: leaseRef(f), Record: &f.Record})
			assert.Zero(t, look(t, st, leaseRef(f)).Lease)
			require.ErrorIs(t, refused(t, st, ended(f)), campaign.ErrLeaseLost, "it is settled")
			assert.Equal(t, []string{"a1"}, leased(t, st, all(at(9))))
		},
	},
	{
		Name: "ARunOutLeaseFreesNumbersAndContact",
		Rule: "The numbers and contacts of a lease that ran out are free from the moment at which it is handed " +
			"out; its record is not.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1", phones(shared), person("p")), rec("b1", in(other), phones(shared), person("p")))
			require.Len(t, claim(t, st, all(noon)).Leased, 1)
			b := campaign.Ref{Campaign: other, Record: "b1"}
			require.Len(t, look(t, st, b).Busy, 2)
			require.Len(t, claim(t, st, all(at(1))).Expired, 1)
			assert.Empty(t, look(t, st, b).Busy)
			assert.Len(t, claim(t, st, all(at(1), campaigns(other))).Leased, 1)
			assert.NotZero(t, look(t, st, campaign.Ref{Campaign: one, Record: "a1"}).Lease.Token, "the record itself is still being settled")
		},
	},
	{
		Name: "AnExtendedLeaseHidesNoOtherThatRanOut",
		Rule: "A lease that is extended hides no other one that has run out.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"), rec("b1"))
			a := lease(t, st, all(noon, limit(1)))
			require.Len(t, claim(t, st, all(noon, func(q *campaign.Claim) { q.Until = at(2) })).Leased, 1)
			a.Lease.Until = at(9)
			commit(t, st, campaign.Change{Ref: leaseRef(a), Extend: true, Lease: &a.Lease})
			assert.Equal(t, []string{"b1"}, ids(claim(t, st, all(at(3))).Expired))
		},
	},
	{
		Name: "ALeaseRunsOutAtItsVeryInstant",
		Rule: "A lease has run out at q.Now if its Until is not after q.Now: at that very instant, and not a microsecond before.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"))
			require.Len(t, claim(t, st, all(noon)).Leased, 1)
			assert.Empty(t, claim(t, st, all(at(1).Add(-time.Microsecond))).Expired)
			assert.Len(t, claim(t, st, all(at(1))).Expired, 1)
		},
	},
	{
		Name: "ALeaseThatRanOutStaysUntilItIsSettled",
		Rule: "Nothing but a Claim or a Commit ends a lease: one that ran out holds its record until it is settled, whatever the time, and its token is good.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1", phones(shared)), rec("b1", in(other), phones(shared)))
			a := lease(t, st, all(noon))
			b := lease(t, st, all(at(600), campaigns(other)))
			assert.Len(t, b.Busy, 1, "a Claim of another campaign settles nothing")
			assert.Equal(t, []string{"a1"}, find(t, st, campaign.Filter{Campaigns: []campaign.ID{one}, States: []campaign.State{campaign.StateLeased}, At: at(600)}))
			err := refused(t, st, campaign.Change{Ref: refOf(&a.Record), Record: &a.Record})
			var held *campaign.LeasedError
			assert.ErrorAs(t, err, &held)
			a.Record.List = "late"
			commit(t, st, campaign.Change{Ref: leaseRef(a), Record: &a.Record})
			assert.Equal(t, "late", look(t, st, refOf(&a.Record)).Record.List)
			assert.Equal(t, []string{"a1"}, leased(t, st, all(at(600))), "it came back to the queue, and not as one that ran out")
		},
	},
}}
