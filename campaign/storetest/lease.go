package storetest

import (
	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// leasing is what a lease holds, and what ends it.
var leasing = part{"Lease", []clause{
	{
		Name: "ALeaseHoldsContactAndAllNumbersAcrossCampaigns",
		Rule: "A lease holds its record, its contact and all its numbers, in all campaigns. What another live " +
			"lease holds is in Facts.Busy, and is not held by this one.",
		holds: func(t *trial) {
			st := t.open()
			const second, third blacklist.Number = 48_600_555_777, 48_600_555_888
			add(t, st, rec("a1", phones(shared, second, shared), person("p")),
				rec("b1", in(other), phones(third, second), person("p")), rec("c1", in(other), phones(shared, third)))
			a := lease(t, st, all(noon))
			assert.Empty(t, a.Busy, "what a lease holds itself is not busy")
			hold := campaign.Hold{Ref: refOf(&a.Record), Holder: "holder", Until: at(1)}
			byNumber := func(h campaign.Hold, n blacklist.Number) campaign.Hold { h.Number = n; return h }
			byContact := func(h campaign.Hold) campaign.Hold { h.Contact = "p"; return h }

			got := claim(t, st, all(noon, campaigns(other), func(q *campaign.Claim) { q.Holder, q.Until = "second", at(2) }))
			require.Equal(t, []string{"b1", "c1"}, ids(got.Leased))
			b, c := got.Leased[0], got.Leased[1]
			assert.ElementsMatch(t, []campaign.Hold{byContact(hold), byNumber(hold, second)}, b.Busy)
			bHolds := campaign.Hold{Ref: refOf(&b.Record), Holder: "second", Until: at(2)}
			assert.ElementsMatch(t, []campaign.Hold{byNumber(hold, shared), byNumber(bHolds, third)}, c.Busy)

			// b does not hold what a holds, so its end frees only its own.
			commit(t, st, ended(b))
			assert.Equal(t, []campaign.Hold{byNumber(hold, shared)}, look(t, st, refOf(&c.Record)).Busy)
			assert.Len(t, look(t, st, refOf(&b.Record)).Busy, 2)
			commit(t, st, ended(a))
			assert.Empty(t, look(t, st, refOf(&c.Record)).Busy)
			assert.Empty(t, look(t, st, refOf(&b.Record)).Busy, "c did not hold third: b did when c was leased")
		},
	},
	{
		Name: "ExtendKeepsTheLeaseUnderNewTerms",
		Rule: "A change with Extend keeps the lease and its token; with Lease set it goes on under those " +
			"terms.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1", phones(shared, 48_600_555_777)))
			a := lease(t, st, all(noon))
			terms := a.Lease
			terms.Token, terms.Call = 99, 98 // the store keeps its own
			terms.Phase, terms.Number, terms.Dialed, terms.Until = campaign.Dialed, 48_600_555_777, noon, at(30)
			commit(t, st, campaign.Change{Ref: leaseRef(a), Extend: true, Lease: &terms})
			terms.Token, terms.Call = a.Lease.Token, a.Lease.Call
			assert.Equal(t, terms, look(t, st, leaseRef(a)).Lease)
			assert.Empty(t, claim(t, st, all(at(5))).Expired, "it runs longer")
			a.Record.List = "written"
			commit(t, st, campaign.Change{Ref: leaseRef(a), Extend: true, Record: &a.Record})
			assert.Equal(t, terms, look(t, st, leaseRef(a)).Lease, "writing the record under a lease")
			assert.Len(t, claim(t, st, all(at(30))).Expired, 1)
			add(t, st, rec("b1"))
			require.ErrorIs(t, refused(t, st, campaign.Change{Ref: campaign.Ref{Campaign: one, Record: "b1", Token: 0}, Extend: true}), campaign.ErrLeaseLost)
		},
	},
	{
		Name: "TheNumberReallyDialledIsGuarded",
		Rule: "A lease holds the number that is really dialled; dialling one that another lease holds is " +
			"refused with a *LeasedError.",
		holds: func(t *trial) {
			st := t.open()
			const second blacklist.Number = 48_600_555_777
			add(t, st, rec("a1", phones(shared, second)), rec("b1", in(other), phones(second)))
			b := lease(t, st, all(noon, campaigns(other)))
			a := lease(t, st, all(noon))
			require.Len(t, a.Busy, 1)
			dial := a.Lease
			dial.Phase, dial.Number = campaign.Dialed, second
			var held *campaign.LeasedError
			require.ErrorAs(t, refused(t, st, campaign.Change{Ref: leaseRef(a), Extend: true, Lease: &dial}), &held)
			assert.Equal(t, second, held.Hold.Number)
			dial.Phase = campaign.Talking
			require.ErrorAs(t, refused(t, st, campaign.Change{Ref: leaseRef(a), Extend: true, Lease: &dial}), &held, "nor talk on it")
			dial.Phase = campaign.Dialed
			assert.Equal(t, a.Lease, look(t, st, refOf(&a.Record)).Lease)
			commit(t, st, ended(b))
			commit(t, st, campaign.Change{Ref: leaseRef(a), Extend: true, Lease: &dial})
			b = lease(t, st, all(noon, campaigns(other)))
			require.Len(t, b.Busy, 1, "what became free the dialling lease holds now")
			assert.Equal(t, second, b.Busy[0].Number)

			const third blacklist.Number = 48_600_555_888
			add(t, st, rec("c1", in(other), phones(third)))
			dial.Number = third // none of the record's own
			commit(t, st, campaign.Change{Ref: leaseRef(a), Extend: true, Lease: &dial})
			c := look(t, st, refOf(rec("c1", in(other))))
			require.Len(t, c.Busy, 1, "it holds a number that is none of its record's")
			assert.Equal(t, third, c.Busy[0].Number)
			commit(t, st, ended(a))
			assert.Empty(t, look(t, st, refOf(&c.Record)).Busy)
		},
	},
	{
		Name: "ANewLeaseNeedsRecordContactAndNumbersFree",
		Rule: "A new lease must find its record, its contact, its numbers and those of further records free, " +
			"else it is refused with a *LeasedError that names what is held and by whom.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1", phones(shared), person("p")), rec("b1", in(other), phones(shared)), rec("c1", in(other), person("p")), rec("d1", in(other)))
			take := func(id campaign.RecordID, with ...campaign.Ref) campaign.Change {
				return campaign.Change{Ref: campaign.Ref{Campaign: other, Record: id}, Lease: &campaign.Lease{Holder: "taker", At: noon, Until: at(1), With: with}}
			}
			a := lease(t, st, all(noon))
			hold := campaign.Hold{Ref: refOf(&a.Record), Holder: "holder", Until: at(1)}
			for id, want := range map[campaign.RecordID]campaign.Hold{
				"b1": {Ref: hold.Ref, Holder: hold.Holder, Until: hold.Until, Number: shared},
				"c1": {Ref: hold.Ref, Holder: hold.Holder, Until: hold.Until, Contact: "p"},
			} {
				var leased *campaign.LeasedError
				require.ErrorAs(t, refused(t, st, take(id)), &leased)
				assert.Equal(t, want, leased.Hold)
				require.ErrorAs(t, refused(t, st, take("d1", campaign.Ref{Campaign: other, Record: id})), &leased, "further records too")
				assert.Equal(t, want, leased.Hold)
				assert.Zero(t, look(t, st, campaign.Ref{Campaign: other, Record: "d1"}).Lease)
			}
			require.ErrorIs(t, refused(t, st, take("d1", campaign.Ref{Campaign: other, Record: "gone"})), campaign.ErrNotFound)
			add(t, st, rec("e1", in(other), phones()))
			commit(t, st, take("e1"))
			var taken *campaign.LeasedError
			require.ErrorAs(t, refused(t, st, take("d1", campaign.Ref{Campaign: other, Record: "e1"})), &taken, "a further record that has no number")
			assert.Equal(t, campaign.Hold{Ref: campaign.Ref{Campaign: other, Record: "e1"}, Holder: "taker", Until: at(1)}, taken.Hold)
			ch := take("d1")
			ch.Lease.Number = shared
			var leased *campaign.LeasedError
			require.ErrorAs(t, refused(t, st, ch), &leased, "the number dialled, whoever's it is")

			commit(t, st, ended(a))
			ch = take("b1")
			commit(t, st, ch)
			assert.Greater(t, ch.Lease.Token, a.Lease.Token, "the token is told")
			assert.Equal(t, ch.Lease.Token, ch.Lease.Call)
			assert.Equal(t, *ch.Lease, look(t, st, ch.Ref).Lease)
			assert.Len(t, look(t, st, refOf(&a.Record)).Busy, 1)
		},
	},
	{
		Name: "AnInboundLeaseHoldsFurtherRecordsUntilItEnds",
		Rule: "A lease holds the further records that it names, until it ends.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1", phones(shared)), rec("b1", in(other), phones(shared, 48_600_555_777)), rec("c1", phones(48_600_555_777)))
			a, b := campaign.Ref{Campaign: one, Record: "a1"}, campaign.Ref{Campaign: other, Record: "b1"}
			ch := campaign.Change{Ref: a, Lease: &campaign.Lease{Inbound: true, Number: shared, Until: at(1), With: []campaign.Ref{b, b, a}}}
			commit(t, st, ch)
			assert.Equal(t, *ch.Lease, look(t, st, b).Lease, "one lease over both")
			assert.Empty(t, look(t, st, b).Busy)
			assert.Empty(t, leased(t, st, all(noon, campaigns(other))))
			got := claim(t, st, all(noon)).Leased
			require.Equal(t, []string{"c1"}, ids(got))
			require.Len(t, got[0].Busy, 1)
			assert.Equal(t, a, got[0].Busy[0].Ref)
			a.Token = ch.Lease.Token
			terms := *ch.Lease
			terms.With, terms.Until = nil, at(2)
			commit(t, st, campaign.Change{Ref: a, Extend: true, Lease: &terms})
			assert.Equal(t, ch.Lease.Token, look(t, st, b).Lease.Token, "also when it is extended by terms that name none")
			assert.Equal(t, ch.Lease.With, look(t, st, b).Lease.With)
			commit(t, st, campaign.Change{Ref: a})
			assert.Equal(t, []string{"b1"}, leased(t, st, all(noon, campaigns(other))))
			assert.Equal(t, []string{"a1"}, leased(t, st, all(noon)))
		},
	},
	{
		Name: "ARecordsOtherNumbersAndContactCountAtOnce",
		Rule: "When a record is given other numbers or another contact, they are what counts from then on: for " +
			"what is busy, for history, for Find and for Wake.",
		holds: func(t *trial) {
			st := t.open()
			const second blacklist.Number = 48_600_555_777
			add(t, st, rec("a1", phones(shared), person("p")), rec("b1", in(other), phones(second), person("q")))
			commit(t, st, campaign.Change{Call: &campaign.Call{Token: 70, Campaign: other, Record: "gone", Contact: "q", Ended: at(-2)}},
				campaign.Change{Call: &campaign.Call{Token: 71, Campaign: other, Record: "gone", Number: second, Ended: at(-1)}})
			require.Len(t, claim(t, st, all(noon, campaigns(other))).Leased, 1)
			a := look(t, st, campaign.Ref{Campaign: one, Record: "a1"})
			require.Empty(t, a.Busy)
			require.Empty(t, a.History)
			phones(second)(&a.Record)
			commit(t, st, campaign.Change{Ref: refOf(&a.Record), Record: &a.Record})
			a = look(t, st, refOf(&a.Record))
			assert.Len(t, a.Busy, 1)
			a.Record.Contact = "q"
			commit(t, st, campaign.Change{Ref: refOf(&a.Record), Record: &a.Record})
			a = look(t, st, refOf(&a.Record))
			assert.Len(t, a.Busy, 2)
			assert.Len(t, a.History, 2)
			for _, f := range []campaign.Filter{{Numbers: []blacklist.Number{second}}, {Contacts: []campaign.ContactID{"q"}}} {
				assert.Equal(t, []string{"a1", "b1"}, find(t, st, f))
			}
			for _, f := range []campaign.Filter{{Numbers: []blacklist.Number{shared}}, {Contacts: []campaign.ContactID{"p"}}} {
				assert.Empty(t, find(t, st, f))
			}
			park(at(60), 0)(&a.Record)
			a.Record.Version = 0
			commit(t, st, campaign.Change{Ref: refOf(&a.Record), Record: &a.Record})
			commit(t, st, campaign.Change{Wake: []blacklist.Number{shared}})
			assert.NotZero(t, look(t, st, refOf(&a.Record)).Record.Park, "the number that it had")
			commit(t, st, campaign.Change{Wake: []blacklist.Number{second}})
			assert.Zero(t, look(t, st, refOf(&a.Record)).Record.Park)
		},
	},
	{
		Name: "AReleasedRecordIsAsItWas",
		Rule: "A lease is no new version of its record, and a record whose lease ended without a write is as " +
			"it was.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1", due(status.LaneAgain, at(-1))))
			before := look(t, st, campaign.Ref{Campaign: one, Record: "a1"})
			f := lease(t, st, all(noon))
			assert.Equal(t, before.Record, f.Record, "a lease is no new version")
			commit(t, st, ended(f))
			assert.Equal(t, before, look(t, st, refOf(&f.Record)))
		},
	},
	{
		Name: "ANewRecordCanBeLeasedAsItIsAdded",
		Rule: "A change may add a record and lease it in one: the lease needs contact and numbers of the added record free.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("b1", in(other), phones(shared)))
			b := lease(t, st, all(noon, campaigns(other)))
			ch := adding(rec("a1", phones(shared)))
			ch.Lease = &campaign.Lease{Inbound: true, Number: shared, Holder: "taker", At: noon, Until: at(1)}
			var held *campaign.LeasedError
			require.ErrorAs(t, refused(t, st, ch), &held)
			assert.Equal(t, shared, held.Hold.Number)
			assert.Empty(t, look(t, st, ch.Ref).Record.ID, "nor was it added")
			commit(t, st, ended(b), ch)
			assert.NotZero(t, ch.Lease.Token, "the token is told")
			f := look(t, st, ch.Ref)
			assert.EqualValues(t, "a1", f.Record.ID)
			assert.Equal(t, *ch.Lease, f.Lease)
			assert.Len(t, look(t, st, refOf(&b.Record)).Busy, 1)
		},
	},
	{
		Name: "ALeaseKeepsAllItsTerms",
		Rule: "A lease is kept as it was given, but for its tokens.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"), rec("b1", in(other)))
			ch := campaign.Change{Ref: refOf(rec("a1")), Lease: filled[campaign.Lease]()}
			ch.Lease.With = []campaign.Ref{refOf(rec("b1", in(other)))}
			commit(t, st, ch)
			got := look(t, st, ch.Ref).Lease
			assert.Equal(t, *ch.Lease, got)
			assert.Equal(t, got.Token, got.Call, "its first token is its call's id")
			terms := *ch.Lease
			terms.Phase, terms.Answered, terms.Until = campaign.Talking, at(3), at(9)
			ch.Ref.Token = got.Token
			commit(t, st, campaign.Change{Ref: ch.Ref, Extend: true, Lease: &terms})
			assert.Equal(t, terms, look(t, st, ch.Ref).Lease)
		},
	},
}}
