package storetest

import (
	"github.com/nextcall/nextcall/campaign"
)

// fencing is what a token is good for.
var fencing = part{"Fence", []clause{
	{
		Name: "ALeaseIsFenced",
		Rule: "A change whose token is not that of the record's live lease is refused with ErrLeaseLost and " +
			"writes nothing; tokens grow.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"), rec("b1"))
			a := lease(t, st, all(noon, limit(1)))
			b := lease(t, st, all(noon, limit(1)))
			foreign := leaseRef(a)
			foreign.Token = b.Lease.Token
			for name, ch := range map[string]campaign.Change{
				"end":    {Ref: foreign},
				"write":  {Ref: foreign, Record: &a.Record},
				"extend": {Ref: foreign, Extend: true, Lease: &a.Lease},
				"log":    {Ref: foreign, Entry: &campaign.Entry{}},
			} {
				require.ErrorIs(t, refused(t, st, ch), campaign.ErrLeaseLost, name)
			}
			commit(t, st, ended(a))
			require.ErrorIs(t, refused(t, st, ended(a)), campaign.ErrLeaseLost, "it has ended")
			again := lease(t, st, all(noon))
			assert.Greater(t, again.Lease.Token, b.Lease.Token, "tokens grow")
			require.ErrorIs(t, refused(t, st, campaign.Change{Ref: leaseRef(a), Record: &a.Record}), campaign.ErrLeaseLost)
			assert.Equal(t, again.Lease, look(t, st, refOf(&a.Record)).Lease)
			require.ErrorIs(t, refused(t, st, campaign.Change{Ref: campaign.Ref{Campaign: one, Record: "b1", Token: 999}}), campaign.ErrLeaseLost)
		},
	},
	{
		Name: "ALeasedRecordIsNotWrittenWithoutItsToken",
		Rule: "A leased record is not written without its token: *LeasedError. A change without Record, Lease " +
			"and Revision needs none.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"))
			a := lease(t, st, all(noon))
			for name, ch := range map[string]campaign.Change{
				"write":     {Ref: refOf(&a.Record), Record: &a.Record},
				"lease":     {Ref: refOf(&a.Record), Lease: &campaign.Lease{Until: at(1)}},
				"extend":    {Ref: refOf(&a.Record), Extend: true},
				"decide by": {Ref: refOf(&a.Record), Revision: 1},
			} {
				var leased *campaign.LeasedError
				require.ErrorAs(t, refused(t, st, ch), &leased, name)
				assert.Equal(t, campaign.Hold{Ref: refOf(&a.Record), Holder: "holder", Until: at(1)}, leased.Hold)
			}
			// A late report writes log and history without one.
			commit(t, st, campaign.Change{Ref: refOf(&a.Record), Entry: &campaign.Entry{Note: "late"}, Call: &campaign.Call{Token: 77, Campaign: one, Record: "a1"}})
			assert.Equal(t, a.Lease, look(t, st, refOf(&a.Record)).Lease)
		},
	},
	{
		Name: "AChangeMayNeedAPhase",
		Rule: "A change under a token that names Phases is refused with ErrConflict where the lease is in " +
			"another one, and writes nothing; without Phases any will do.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"))
			a := lease(t, st, all(noon))
			changes := map[string]campaign.Change{
				"end":    {Ref: leaseRef(a)},
				"write":  {Ref: leaseRef(a), Record: &a.Record},
				"extend": {Ref: leaseRef(a), Extend: true},
				"terms":  {Ref: leaseRef(a), Extend: true, Lease: &campaign.Lease{Until: at(9)}},
			}
			for phase := campaign.Offered; phase <= campaign.Talking; phase++ {
				terms := a.Lease
				terms.Phase, terms.Until = phase, at(1+int(phase))
				commit(t, st, campaign.Change{Ref: leaseRef(a), Extend: true, Lease: &terms})
				before := look(t, st, leaseRef(a))
				for name, ch := range changes {
					for _, other := range []campaign.Phase{campaign.Offered, campaign.Dialed, campaign.Talking} {
						if ch.Phases = other.Only(); other != phase {
							require.ErrorIs(t, refused(t, st, ch), campaign.ErrConflict, "%s in phase %d, for %d only", name, phase, other)
						}
					}
				}
				assert.Equal(t, before, look(t, st, leaseRef(a)))
			}
			ch := changes["extend"]
			ch.Phases = campaign.Offered.Only() | campaign.Talking.Only()
			commit(t, st, ch)
			lost := leaseRef(a)
			lost.Token += 1000
			require.ErrorIs(t, refused(t, st, campaign.Change{Ref: lost, Phases: campaign.Offered.Only()}), campaign.ErrLeaseLost, "the token comes first")
			ch = changes["write"]
			ch.Phases = campaign.Talking.Only()
			commit(t, st, ch)
		},
	},
	{
		Name: "TokensGrowAcrossCampaigns",
		Rule: "Each lease has a token larger than all before it, in whatever campaign and however it was given.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"), rec("b1", in(other)), rec("c1"))
			var last campaign.Token
			grows := func(x campaign.Token, how string) {
				assert.Greater(t, x, last, how)
				last = x
			}
			grows(lease(t, st, all(noon, limit(1))).Lease.Token, "claimed")
			grows(lease(t, st, all(noon, campaigns(other))).Lease.Token, "claimed in another campaign")
			ch := campaign.Change{Ref: refOf(rec("c1")), Lease: &campaign.Lease{Until: at(9)}}
			commit(t, st, ch)
			grows(ch.Lease.Token, "taken")
			grows(first(t, claim(t, st, all(at(1))).Expired).Lease.Token, "run out")
			grows(first(t, claim(t, st, all(at(1), campaigns(other))).Expired).Lease.Token, "run out in another campaign")
		},
	},
}}
