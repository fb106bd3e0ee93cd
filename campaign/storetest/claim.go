package storetest

import (
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// claiming is what a Claim leases, and in which order.
var claiming = part{"Claim", []clause{
	{
		Name: "ClaimServesStepsThenSourcesThenTheLanesKey",
		Rule: "The steps of a Claim are served in the order of q.From, inside a step the sources in their " +
			"order, inside a source by the lane's key: dated lanes by due, sort and sequence, fresh and last " +
			"by sort, key and sequence.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st,
				rec("z1", in(other)),
				rec("a1", keyed(2, 0)), rec("b1", keyed(1, 9)), rec("c1", keyed(1, 3)), rec("d1", keyed(1, 3)), // fresh: sort, key, sequence
				rec("e1", due(status.LaneAgain, at(-1)), keyed(9, 9)), rec("f1", due(status.LaneAgain, at(-2)), keyed(9, 9)),
				rec("g1", due(status.LaneAgain, at(-1)), keyed(1, 99)), rec("h1", due(status.LaneAgain, at(-1)), keyed(1, 1)), // dated: due, sort, sequence
				rec("i1", due(status.LaneLast, at(-3)), keyed(1, 7)), rec("j1", due(status.LaneLast, at(-1)), keyed(1, 5)), // last: sort, key
				rec("k1", due(status.LanePublic, at(-1))), rec("l1", due(status.LaneProgressive, at(-1))), rec("m1", owner("x", at(-1))),
			)
			assert.Equal(t,
				[]string{"m1", "l1", "k1", "c1", "d1", "b1", "a1", "f1", "g1", "h1", "e1", "j1", "i1", "z1"},
				leased(t, st, all(noon, campaigns(one, other))))
		},
	},
	{
		Name: "ClaimMergesOpenClassesByTheLanesKey",
		Rule: "Only records of an open class match, and all open classes together are served by the lane's " +
			"key. \"\" is no class.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st,
				rec("a1", keyed(3, 0)), rec("b1", keyed(2, 0), class("X")), rec("c1", keyed(1, 0)),
				rec("d1", keyed(0, 0), class("shut")), rec("e1", keyed(0, 0), class("")),
				rec("f1", due(status.LaneAgain, at(-1))), rec("g1", due(status.LaneAgain, at(-2)), class("X")),
			)
			q := all(noon)
			q.From[0].Open = []string{"X", zone, "X", "nobody's", ""}
			assert.Equal(t, []string{"c1", "b1", "a1", "g1", "f1"}, leased(t, st, q))
		},
	},
	{
		Name: "TheOrderOfAddingDecidesBetweenRecordsOfOneSequence",
		Rule: "Among records of one sequence those come first that were added first, in Claim and in Find; " +
			"writing a record again does not change its place.",
		holds: func(t *trial) {
			st := t.open()
			sequence := func(n int64) func(*campaign.Record) { return func(r *campaign.Record) { r.Sequence = n } }
			add(t, st, rec("c1", sequence(7)), rec("a1", sequence(7)), rec("b1", sequence(6)),
				rec("f1", due(status.LaneAgain, at(-1)), sequence(7)), rec("e1", due(status.LaneAgain, at(-1)), sequence(7), class("X")),
				rec("d1", due(status.LaneAgain, at(-1)), sequence(7)))
			assert.Equal(t, []string{"b1", "c1", "a1", "f1", "e1", "d1"}, find(t, st, campaign.Filter{}))
			assert.Equal(t, []string{"e1", "d1"}, find(t, st, campaign.Filter{After: campaign.Ref{Campaign: one, Record: "f1"}}))
			c := look(t, st, campaign.Ref{Campaign: one, Record: "c1"}).Record
			commit(t, st, campaign.Change{Ref: refOf(&c), Record: &c}) // written again, not added again
			q := all(noon)
			q.From[0].Open = []string{"X", zone}
			assert.Equal(t, []string{"b1", "c1", "a1", "f1", "e1", "d1"}, leased(t, st, q))
		},
	},
	{
		Name: "OneCampaignMayComeSeveralTimesWithOtherSources",
		Rule: "A campaign may come several times in q.From, with other sources; its classes are told once.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"), rec("b1", in(other)), rec("c1", owner("agent", at(-1)), in(other)), rec("d1", owner("x", at(-1))))
			q := all(noon)
			step := func(id campaign.ID, s ...campaign.Source) campaign.Step {
				return campaign.Step{Campaign: id, Open: []string{zone}, Max: 9, Sources: s}
			}
			own := campaign.Source{Lane: status.LaneOwn, Owner: "agent", Due: noon}
			fresh := campaign.Source{Lane: status.LaneFresh, Due: noon}
			q.From = []campaign.Step{step(one, own), step(other, own), step(one, fresh), step(other, fresh)}
			got := claim(t, st, q)
			assert.Equal(t, []string{"c1", "a1", "b1"}, ids(got.Leased))
			assert.Len(t, got.Classes, 1, "a campaign's classes come once")
		},
	},
	{
		Name: "OwnLaneByOwnerOrAnybody",
		Rule: "In the own lane a source's Owner says whose callbacks match; \"\" is anybody's.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1", owner("x", at(-3))), rec("b1", owner("y", at(-2))), rec("c1", owner("y", at(-4))), rec("d1", owner("", at(-9))))
			q := all(noon)
			q.From[0].Sources = []campaign.Source{{Lane: status.LaneOwn, Owner: "y", Due: noon}}
			assert.Equal(t, []string{"c1", "b1"}, leased(t, st, q))
			q.From[0].Sources = []campaign.Source{{Lane: status.LaneOwn, Due: at(-4)}}
			assert.Equal(t, []string{"d1"}, leased(t, st, q), "others' after the release time only")
			q.From[0].Sources[0].Due = noon
			assert.Equal(t, []string{"a1"}, leased(t, st, q))
		},
	},
	{
		Name: "FewerThanTheLimitMeansNoneIsLeftUnlessAMaxCutItShort",
		Rule: "A Claim leases until q.Limit is reached or nothing more matches, except where a step's or a " +
			"source's Max cuts it short.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"), rec("b1"), rec("c1"), rec("d1", due(status.LaneLast, noon)), rec("e1", in(other)))
			q := all(noon, limit(2))
			assert.Equal(t, []string{"a1", "b1"}, leased(t, st, q))

			q = all(noon, campaigns(one, other))
			q.From[0].Max = 1
			assert.Equal(t, []string{"c1", "e1"}, leased(t, st, q), "the step's Max")
			assert.Equal(t, []string{"d1"}, leased(t, st, all(noon)))
			assert.Empty(t, leased(t, st, all(noon)))

			st = t.open()
			add(t, st, rec("a1"), rec("b1"), rec("d1", due(status.LaneLast, noon)))
			q = all(noon)
			q.From[0].Sources[3].Max = 1
			assert.Equal(t, []string{"a1", "d1"}, leased(t, st, q), "the source's Max")
		},
	},
	{
		Name: "AClaimOfNothingIsAnErrorNotAnAnswer",
		Rule: "q.Limit is at least 1: a Claim of no leases is an error.",
		holds: func(t *trial) {
			var got campaign.Claimed
			require.Error(t, t.open().Claim(t.ctx, all(noon, limit(0)), &got))
		},
	},
	{
		Name: "OnlyQueuedDueRecordsMatch",
		Rule: "A record matches if it is queued in the source's lane and its Due is not after the source's " +
			"Due.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1", standing(status.StandingHeld)), rec("b1", standing(status.StandingClosed)),
				rec("c1", due(status.LaneFresh, noon)), rec("d1", due(status.LaneFresh, noon.Add(time.Microsecond))),
				rec("e1", due(status.LanePublic, noon)), rec("f1", due(status.LanePublic, noon.Add(time.Microsecond))))
			assert.Equal(t, []string{"e1", "c1"}, leased(t, st, all(noon)), "due at this very instant")
			assert.Equal(t, []string{"f1", "d1"}, leased(t, st, all(noon.Add(time.Microsecond))))
		},
	},
	{
		Name: "DueIsTheSourcesNotTheClocks",
		Rule: "Whether a record is due is asked of the source's Due, not of q.Now.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1", due(status.LaneFresh, at(-5)), keyed(2, 0)), rec("b1", due(status.LaneFresh, at(-1)), keyed(1, 0)))
			assert.Empty(t, leased(t, st, all(noon, func(q *campaign.Claim) { q.From[0].Sources = sources(at(-10)) })))
			b := lease(t, st, all(noon, limit(1)))
			require.EqualValues(t, "b1", b.Record.ID)
			commit(t, st, ended(b)) // both are known to be due at noon
			got := claim(t, st, all(noon, func(q *campaign.Claim) { q.From[0].Sources = sources(at(-5)) }))
			assert.Equal(t, []string{"a1"}, ids(got.Leased))
			assert.Equal(t, []string{"b1"}, leased(t, st, all(noon)))
		},
	},
	{
		Name: "TheClockMayBeSetBack",
		Rule: "Due times and parks are compared with each Claim's own instants: nothing is forgotten when a " +
			"later Claim has an earlier clock.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1", due(status.LaneFresh, at(5))), rec("b1", park(at(5), 0)), rec("c1", due(status.LaneAgain, at(5))))
			q := all(at(10), func(q *campaign.Claim) { q.From[0].Max = 0 })
			require.Empty(t, leased(t, st, q))
			q = all(at(10), limit(1), func(q *campaign.Claim) { q.From[0].Sources[3].Due = at(4) })
			require.Equal(t, []string{"b1"}, leased(t, st, q))
			commit(t, st, campaign.Change{Ref: leaseRef(look(t, st, campaign.Ref{Campaign: one, Record: "b1"}))})
			require.Empty(t, leased(t, st, all(at(10), func(q *campaign.Claim) { q.From[0].Max = 0 }))) // the park is over

			got := claim(t, st, all(noon))
			assert.Empty(t, got.Leased, "nothing is due yet, and the park counts again")
			require.Len(t, got.Classes, 1)
			assert.Equal(t, at(5), got.Classes[0].Wake)
			assert.Equal(t, []string{"a1", "b1", "c1"}, find(t, st, campaign.Filter{}))
			assert.ElementsMatch(t, []string{"a1", "b1", "c1"}, leased(t, st, all(at(5))))
		},
	},
	{
		Name: "ALeaseSaysWhoHasItAndWhatFor",
		Rule: "A lease says its holder, agent, lane, phase, proposed number, and whether it is for a callback; " +
			"Look brings what Claim brought.",
		holds: func(t *trial) {
			st := t.open()
			r := rec("a1", due(status.LanePublic, at(-1)), phones(48_600_000_001, 48_600_000_002))
			r.Qualifier, r.Next, r.Promised = status.CallbackAt, 1, true
			add(t, st, r)
			got := claim(t, st, all(noon, func(q *campaign.Claim) { q.Reserved = true }))
			require.Len(t, got.Leased, 1)
			f := got.Leased[0]
			assert.NotZero(t, f.Lease.Token)
			assert.Equal(t, campaign.Lease{
				Token: f.Lease.Token, Call: f.Lease.Token, Holder: "holder", Agent: "agent", Phase: campaign.Offered,
				Number: 48_600_000_002, Lane: status.LanePublic, ForCallback: true, Reserved: true, At: noon, Until: at(1),
			}, f.Lease)
			assert.Equal(t, f, look(t, st, refOf(r)), "Look brings what a lease brings")
		},
	},
	{
		Name: "ANumberIsSortedAsANumber",
		Rule: "Sort, Key and Sequence are compared as numbers, Due as an instant, however large they are.",
		holds: func(t *trial) {
			st := t.open()
			moment := noon.UnixMicro()
			sequence := func(n int64) func(*campaign.Record) { return func(r *campaign.Record) { r.Sequence = n } }
			add(t, st,
				rec("a1", keyed(10, 0)), rec("b1", keyed(9, moment+1)), rec("c1", keyed(9, moment)), rec("d1", keyed(9, 999_999)),
				rec("e1", keyed(65_536, 0), sequence(100)), rec("f1", keyed(65_536, 0), sequence(99)), rec("g1", keyed(65_536, 0), sequence(1<<33)),
				rec("h1", due(status.LaneAgain, at(-1))), rec("i1", due(status.LaneAgain, at(-1).Add(-time.Microsecond))), rec("j1", due(status.LaneAgain, time.Time{})))
			assert.Equal(t, []string{"d1", "c1", "b1", "a1", "f1", "e1", "g1", "j1", "i1", "h1"}, leased(t, st, all(noon)))
		},
	},
	{
		Name: "OutsideTheOwnLaneAnOwnerIsInformation",
		Rule: "Only in the own lane does a source's Owner choose whose records match.",
		holds: func(t *trial) {
			st := t.open()
			owned := func(a campaign.AgentID) func(*campaign.Record) { return func(r *campaign.Record) { r.Owner = a } }
			add(t, st, rec("a1", due(status.LanePublic, at(-1)), owned("x")), rec("b1", due(status.LanePublic, at(-1))), rec("c1", owned("y")))
			q := all(noon)
			q.From[0].Sources = []campaign.Source{{Lane: status.LanePublic, Owner: "y", Due: noon}, {Lane: status.LaneFresh, Owner: "x", Due: noon}}
			assert.Equal(t, []string{"a1", "b1", "c1"}, leased(t, st, q))
		},
	},
	{
		Name: "ClaimBringsWhatIsNeeded",
		Rule: "Claim brings with each lease, taken or run out, the contact and the calls that Need asks for.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1", person("p")))
			commit(t, st, campaign.Change{Contact: &campaign.Contact{ID: "p", Company: "c"},
				Call: &campaign.Call{Token: 50, Campaign: one, Record: "a1", Ended: at(-1)}})
			for i, c := range []struct {
				need           campaign.Need
				contact, calls int
			}{{campaign.Need{}, 0, 1}, {campaign.Need{Contact: true, NoCalls: true}, 1, 0}, {campaign.Need{Since: at(-1)}, 0, 1}, {campaign.Need{Since: noon, Contact: true}, 1, 0}} {
				q := all(at(i), func(q *campaign.Claim) { q.Need = c.need })
				got := claim(t, st, q)
				if i == 0 {
					got.Expired = got.Leased // the others are the same lease again, each time it has run out
				}
				f := first(t, got.Expired)
				assert.Equal(t, c.contact == 1, f.Contact != nil, "the contact, for %+v", c.need)
				assert.Len(t, f.History, c.calls, "the calls, for %+v", c.need)
			}
		},
	},
	{
		Name: "ARecordOfNothingIsLeasedAsWell",
		Rule: "Whether a record can be called is not the store's to judge: one without number, contact and status is leased like any other.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1", phones()), rec("b1", phones(0)))
			got := claim(t, st, all(noon))
			require.Equal(t, []string{"a1", "b1"}, ids(got.Leased))
			assert.Zero(t, got.Leased[0].Lease.Number)
			assert.Empty(t, got.Leased[0].Busy)
			assert.Empty(t, got.Leased[1].Busy, "no number is nobody's number")
		},
	},
	{
		Name: "TheOrderIsTheSortWhateverTheRecordsOwnOrderIs",
		Rule: "Records are sorted by Sort; a record's own Order is kept beside it, and sorts nothing.",
		holds: func(t *trial) {
			st := t.open()
			ordered := func(order uint16, sort int64) func(*campaign.Record) {
				return func(r *campaign.Record) { r.Order, r.Sort = order, sort }
			}
			add(t, st, rec("a1", ordered(1, 65_535)), rec("b1", ordered(2, 1)), rec("c1", ordered(0, 700)), rec("d1", ordered(4, 1<<16)), rec("e1", ordered(65_535, 2)))
			got := claim(t, st, all(noon)).Leased
			assert.Equal(t, []string{"b1", "e1", "c1", "a1", "d1"}, ids(got))
			var orders []uint16
			for _, f := range got {
				orders = append(orders, f.Record.Order)
			}
			assert.Equal(t, []uint16{2, 65_535, 0, 1, 4}, orders)
		},
	},
}}
