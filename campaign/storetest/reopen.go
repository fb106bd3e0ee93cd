package storetest

import (
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// lasting is what a durable store knows after it was opened again.
var lasting = part{"Lasting", []clause{
	{
		Name:  "EverythingIsThereWhenTheStoreIsOpenedAgain",
		Rule:  "What was committed and leased before a store is opened again is there afterwards.",
		Needs: reopening,
		holds: func(t *trial) {
			st := t.open()
			d := prepare(t, st, "a1", shared)
			commit(t, st, d.change())
			r := filled[campaign.Record]()
			r.ID, r.Campaign = "r1", other
			add(t, st, r, rec("b1", person("p"), phones(48_600_555_777, 48_600_555_888)), rec("c1", in(other), person("p")), rec("d1", park(at(60), 0)))
			b := lease(t, st, all(noon, limit(1)))
			until := campaign.Change{Ref: campaign.Ref{Campaign: other}, Revision: 7, List: []blacklist.Entry{{List: "timed", Number: shared, Until: at(5)}}}
			commit(t, st, until)
			refs := []campaign.Ref{leaseRef(d.lease), refOf(r), leaseRef(b), refOf(rec("c1", in(other))), refOf(rec("d1"))}
			need := campaign.Need{Contact: true, Before: true}
			facts, found := lookAll(t, st, need, refs...), find(t, st, campaign.Filter{})
			entries, calls := lines(t, st, refs[0])
			todo := pending(t, st, "", 0)

			st = t.reopen(st)
			d.all(t, st)
			assert.Equal(t, facts, lookAll(t, st, need, refs...))
			assert.Equal(t, found, find(t, st, campaign.Filter{}))
			entriesNow, callsNow := lines(t, st, refs[0])
			assert.Equal(t, entries, entriesNow)
			assert.Equal(t, calls, callsNow)
			assert.Equal(t, todo, pending(t, st, "", 0))
			q := blacklist.Query{Now: at(5).Add(-time.Microsecond), Lists: []blacklist.List{"timed"}, Numbers: []blacklist.Number{shared}}
			assert.Len(t, listed(t, st, q), 1)
			q.Now = at(5)
			assert.Empty(t, listed(t, st, q))
			var got campaign.Claimed
			assert.ErrorIs(t, st.Claim(t.ctx, all(noon, campaigns(other), revision(6)), &got), campaign.ErrConfigChanged, "the revision that it knew")
			assert.Empty(t, leased(t, st, all(noon)), "the park counts")
		},
	},
	{
		Name:  "ALeaseOutlivesTheStore",
		Rule:  "A lease goes on when the store is opened again: its token is good, what it holds is held, it runs out as it would have, and all later tokens and sequences are larger.",
		Needs: reopening,
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1", phones(shared)), rec("b1", in(other), phones(shared)), rec("c1"))
			a, c := lease(t, st, all(noon, limit(1))), lease(t, st, all(noon))
			st = t.reopen(st)
			b := lease(t, st, all(noon, campaigns(other)))
			assert.Len(t, b.Busy, 1, "the number is held")
			assert.Greater(t, b.Lease.Token, c.Lease.Token, "tokens go on")
			commit(t, st, ended(c))
			assert.ErrorIs(t, refused(t, st, ended(c)), campaign.ErrLeaseLost)
			add(t, st, rec("d1"))
			assert.Greater(t, look(t, st, refOf(rec("d1"))).Record.Sequence, look(t, st, refOf(rec("c1"))).Record.Sequence, "sequences go on")
			x := first(t, claim(t, st, all(at(1))).Expired)
			assert.Equal(t, refOf(&a.Record), refOf(&x.Record))
			assert.Equal(t, a.Lease.Token, x.Lease.Call)
			commit(t, st, ended(a)) // the first token may end it
			assert.Equal(t, []string{"a1", "c1", "d1"}, leased(t, st, all(at(1))))
		},
	},
	{
		Name:  "WhatMovedStaysMoved",
		Rule:  "A record that has moved is where it is when the store is opened again, with its calls and its history, and is known by the token of a call to its old name.",
		Needs: reopening,
		holds: func(t *trial) {
			st := t.open()
			a := rec("a1", person("p"))
			add(t, st, a, rec("b1"))
			ref := called(t, st, a, 20, shared)
			commit(t, st, moves(look1(t, st, refOf(a))), moves(rec("b1"), phones(shared)))
			add(t, st, rec("a1", phones(48_600_555_111)))
			there, need := refOf(rec("a1", in(other))), campaign.Need{Contact: true, Before: true}
			facts := lookAll(t, st, need, ref, there, refOf(a))
			entries, calls := lines(t, st, there)
			st = t.reopen(st)
			assert.Equal(t, facts, lookAll(t, st, need, ref, there, refOf(a)))
			entriesNow, callsNow := lines(t, st, there)
			assert.Equal(t, entries, entriesNow)
			assert.Equal(t, calls, callsNow)
			assert.Equal(t, []string{"a1", "a1", "b1"}, find(t, st, campaign.Filter{}))
			assert.Equal(t, []string{"a1", "b1"}, leased(t, st, all(noon, campaigns(other))))
		},
	},
	{
		Name:  "WhatWasOverStaysOver",
		Rule:  "What was ended, woken, taken off a list or acknowledged before a store is opened again is not back afterwards.",
		Needs: reopening,
		holds: func(t *trial) {
			st := t.open()
			ch := adding(rec("a1", phones(shared), park(at(60), 0)))
			ch.List, ch.Actions = []blacklist.Entry{{List: "l", Number: shared}}, []campaign.Action{{ID: "x"}}
			commit(t, st, ch)
			commit(t, st, campaign.Change{Wake: []blacklist.Number{shared}, Unlist: []blacklist.Key{{List: "l", Number: shared}}, Done: []string{"x"}})
			a := lease(t, st, all(noon))
			commit(t, st, ended(a))
			st = t.reopen(st)
			assert.Empty(t, listed(t, st, blacklist.Query{Now: noon, Lists: []blacklist.List{"l"}, Numbers: []blacklist.Number{shared}}))
			commit(t, st, campaign.Change{Actions: []campaign.Action{{ID: "x"}}})
			assert.Empty(t, pending(t, st, "", 0), "its id is still known")
			assert.ErrorIs(t, refused(t, st, ended(a)), campaign.ErrLeaseLost)
			assert.Equal(t, []string{"a1"}, leased(t, st, all(noon)))
		},
	},
}}
