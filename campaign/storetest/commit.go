package storetest

import (
	"fmt"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// committing is what a Commit writes and what it refuses.
var committing = part{"Commit", []clause{
	{
		Name: "AnAddedRecordGetsVersionAndSequence",
		Rule: "An added record has version 1, and the next sequence if it brings none; written without one it " +
			"keeps the one it has.",
		holds: func(t *trial) {
			st := t.open()
			numbered := rec("b1", in(other))
			numbered.Sequence = 40
			add(t, st, rec("a1"), numbered, rec("c1"))
			get := func(c campaign.ID, id campaign.RecordID) campaign.Record {
				return look(t, st, campaign.Ref{Campaign: c, Record: id}).Record
			}
			a, b, c := get(one, "a1"), get(other, "b1"), get(one, "c1")
			assert.EqualValues(t, 1, a.Version)
			assert.EqualValues(t, 40, b.Sequence)
			assert.Less(t, a.Sequence, c.Sequence)
			a.Sequence, a.Version = 0, 0
			commit(t, st, campaign.Change{Ref: refOf(&a), Record: &a})
			assert.NotZero(t, get(one, "a1").Sequence, "it keeps the one it has")
		},
	},
	{
		Name: "VersionsConflict",
		Rule: "A record that carries a version is written only if the stored one has that version, else " +
			"ErrConflict; each write makes the version one larger.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"))
			r := look(t, st, campaign.Ref{Campaign: one, Record: "a1"}).Record
			mine, theirs := r, r
			theirs.List = "theirs"
			commit(t, st, campaign.Change{Ref: refOf(&r), Record: &theirs})
			mine.List = "mine"
			require.ErrorIs(t, refused(t, st, campaign.Change{Ref: refOf(&r), Record: &mine}), campaign.ErrConflict)
			assert.Equal(t, "theirs", look(t, st, refOf(&r)).Record.List)
			mine.Version = 0
			commit(t, st, campaign.Change{Ref: refOf(&r), Record: &mine})
			got := look(t, st, refOf(&r)).Record
			assert.Equal(t, "mine", got.List)
			assert.EqualValues(t, 3, got.Version)
		},
	},
	{
		Name: "DuplicatesAreNamed",
		Rule: "A record id or a contact that the campaign has already, or with UniqueNumbers a number of an " +
			"open record, is refused with a *DuplicateError that names the existing record.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1", person("p"), phones(48_600_000_009, shared)), rec("b1", standing(status.StandingClosed)))
			unique := func(r *campaign.Record) campaign.Change {
				ch := adding(r)
				ch.UniqueNumbers = true
				return ch
			}
			a := campaign.Ref{Campaign: one, Record: "a1"}
			for name, c := range map[string]struct {
				change campaign.Change
				want   campaign.DuplicateError
			}{
				"id":      {adding(rec("a1")), campaign.DuplicateError{What: "record id", Value: "a1", Existing: a}},
				"contact": {adding(rec("c1", person("p"))), campaign.DuplicateError{What: "contact in campaign", Value: "p", Existing: a}},
				"number":  {unique(rec("c1", phones(48_600_000_008, shared))), campaign.DuplicateError{What: "number in campaign", Value: shared.String(), Existing: a}},
			} {
				var duplicate *campaign.DuplicateError
				require.ErrorAs(t, refused(t, st, c.change), &duplicate, name)
				assert.Equal(t, c.want, *duplicate)
			}
			commit(t, st, unique(rec("d1", phones(rec("b1").Phones[0].Number)))) // the other one is closed
			commit(t, st, adding(rec("e1", phones(shared))))                     // not asked for
			commit(t, st, unique(rec("a1", in(other), person("p"))))             // another campaign
			assert.Len(t, find(t, st, campaign.Filter{}), 5)
		},
	},
	{
		Name: "UnknownRecordsAreNotFound",
		Rule: "A change of a record that does not exist is refused with ErrNotFound; Look answers for it with " +
			"an empty Record.ID.",
		holds: func(t *trial) {
			st := t.open()
			gone := campaign.Ref{Campaign: one, Record: "gone"}
			for name, ch := range map[string]campaign.Change{
				"write":   {Ref: gone, Record: rec("gone")},
				"log":     {Ref: gone, Entry: &campaign.Entry{}},
				"lease":   {Ref: gone, Lease: &campaign.Lease{}},
				"release": {Ref: campaign.Ref{Campaign: one, Record: "gone", Token: 1}},
			} {
				require.ErrorIs(t, refused(t, st, ch), campaign.ErrNotFound, name)
			}
			facts := lookAll(t, st, campaign.Need{}, gone, gone)
			assert.Equal(t, make([]campaign.Facts, 2), facts)
		},
	},
	{
		Name: "AChangeIsWrittenWholeOrNotAtAll",
		Rule: "Each change is written whole or not at all, whatever becomes of the others in the same Commit.",
		holds: func(t *trial) {
			st := t.open()
			d := prepare(t, st, "a1", shared)
			d.none(t, st, "before it was committed")
			add(t, st, rec("b1"), rec("c1"))
			b, c := rec("b1"), rec("c1")
			b.List, c.List = "batch", "batch"
			stale := d.change()
			stale.Record.Version = 99
			errs := commitAll(t, st, campaign.Change{Ref: refOf(b), Record: b}, stale, campaign.Change{Ref: refOf(c), Record: c})
			assert.NoError(t, errs[0])
			assert.ErrorIs(t, errs[1], campaign.ErrConflict)
			assert.NoError(t, errs[2])
			d.none(t, st, "of the one that was refused")
			assert.Equal(t, []string{"b1", "c1"}, find(t, st, campaign.Filter{Lists: []string{"batch"}}), "the others are written")
			commit(t, st, d.change())
			d.all(t, st, "once it was written")
		},
	},
	{
		Name: "ARefusedChangeLeavesNoTrace",
		Rule: "A change that is refused, for whatever reason, leaves no part of it behind, nor does it teach the store its revision.",
		holds: func(t *trial) {
			st := t.open()
			d := prepare(t, st, "a1", shared)
			add(t, st, rec("b1"), rec("c1", phones(48_600_000_777)))
			commit(t, st, campaign.Change{Ref: campaign.Ref{Campaign: other}, Revision: 5})
			require.Equal(t, []string{"b1"}, leased(t, st, all(noon, limit(1))))
			for _, c := range []struct {
				name  string
				spoil func(ch *campaign.Change)
			}{
				{"the token of nobody", func(ch *campaign.Change) { ch.Ref.Token += 1000 }},
				{"no token on a leased record", func(ch *campaign.Change) { ch.Ref.Token = 0 }},
				{"another version", func(ch *campaign.Change) { ch.Record.Version = 99 }},
				{"no such record", func(ch *campaign.Change) { ch.Ref.Record, ch.Record.ID = "gone", "gone" }},
				{"a record id that is there", func(ch *campaign.Change) { ch.Ref.Token, ch.Add = 0, true }},
				{"a number that is there", func(ch *campaign.Change) {
					ch.Ref, ch.Record = refOf(rec("n1")), rec("n1", phones(shared))
					ch.Add, ch.UniqueNumbers = true, true
				}},
				{"an entry without a list", func(ch *campaign.Change) { ch.List = append(ch.List, blacklist.Entry{Number: shared}) }},
				{"an action without an id", func(ch *campaign.Change) { ch.Actions = append(ch.Actions, campaign.Action{}) }},
				{"a lease on what is leased", func(ch *campaign.Change) {
					ch.Ref.Token, ch.Lease = 0, &campaign.Lease{Until: at(1)}
				}},
				{"a lease that needs what is held", func(ch *campaign.Change) {
					ch.Ref, ch.Record = refOf(rec("c1")), rec("c1")
					ch.Lease = &campaign.Lease{Until: at(1), With: []campaign.Ref{refOf(rec("b1"))}}
				}},
			} {
				ch := d.change()
				ch.Revision = 9
				c.spoil(&ch)
				refused(t, st, ch)
				d.none(t, st, c.name)
				assert.Zero(t, look(t, st, refOf(rec("n1"))).Record.ID, c.name)
			}
			old := adding(rec("o1", in(other)))
			old.Revision, old.List = 4, []blacklist.Entry{{List: "new", Number: shared}}
			assert.ErrorIs(t, refused(t, st, old), campaign.ErrConfigChanged)
			d.none(t, st, "decided under an older revision")
			assert.Equal(t, []string{"c1"}, leased(t, st, all(noon)), "revision 9 was not learnt")
			ch := d.change()
			ch.Revision = 9
			commit(t, st, ch)
			d.all(t, st, "once it was written")
			var got campaign.Claimed
			t.did("%s", asked(all(noon)))
			assert.ErrorIs(t, st.Claim(t.ctx, all(noon), &got), campaign.ErrConfigChanged, "revision 9 was learnt")
		},
	},
	{
		Name: "ChangesToOneRecordSeeEachOther",
		Rule: "The changes of a Commit are made in their order; one sees what those before it wrote. The " +
			"caller's values stay the caller's.",
		holds: func(t *trial) {
			st := t.open()
			r := rec("a1")
			second, third := *r, *r
			second.Version, second.List = 1, "second"
			third.Version, third.List = 1, "third"
			errs := commitAll(t, st, adding(r), campaign.Change{Ref: refOf(r), Record: &second}, campaign.Change{Ref: refOf(r), Record: &third})
			assert.NoError(t, errs[1])
			assert.ErrorIs(t, errs[2], campaign.ErrConflict)
			assert.Equal(t, "second", look(t, st, refOf(r)).Record.List)
			assert.Zero(t, r.Version, "the caller's record is the caller's")
		},
	},
	{
		Name: "EachErrorStandsAtItsChange",
		Rule: "errs is nil if all changes were written, else as long as changes: errs[i] says what became of changes[i].",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"), rec("b1", person("p")), rec("c1"))
			a := lease(t, st, all(noon, limit(1)))
			commit(t, st, campaign.Change{Ref: campaign.Ref{Campaign: other}, Revision: 3})
			foreign := ended(a)
			foreign.Ref.Token += 1000
			stale := rec("b1")
			stale.Version = 9
			old := adding(rec("o1", in(other)))
			old.Revision = 2
			errs := commitAll(t, st,
				adding(rec("n1")), foreign, campaign.Change{Ref: refOf(stale), Record: stale}, adding(rec("n2")),
				campaign.Change{Ref: refOf(&a.Record), Record: &a.Record}, adding(rec("n3", person("p"))),
				campaign.Change{Ref: refOf(rec("gone")), Record: rec("gone")}, old, adding(rec("n4")), ended(a))
			for i, want := range []error{nil, campaign.ErrLeaseLost, campaign.ErrConflict, nil, nil, nil, campaign.ErrNotFound, campaign.ErrConfigChanged, nil, nil} {
				switch i {
				case 4:
					var held *campaign.LeasedError
					assert.ErrorAs(t, errs[i], &held, "change %d", i)
				case 5:
					var duplicate *campaign.DuplicateError
					assert.ErrorAs(t, errs[i], &duplicate, "change %d", i)
				default:
					assert.ErrorIs(t, errs[i], want, "change %d", i)
				}
			}
			assert.Equal(t, []string{"a1", "b1", "c1", "n1", "n2", "n4"}, find(t, st, campaign.Filter{}))
			assert.Zero(t, look(t, st, refOf(&a.Record)).Lease)
		},
	},
	{
		Name: "ALongCommitIsMadeInItsOrder",
		Rule: "A Commit takes as many changes as it is given, and makes them in their order.",
		holds: func(t *trial) {
			st := t.open()
			const n = 500
			changes := make([]campaign.Change, 0, 2*n)
			var want []string
			for i := range n {
				id := fmt.Sprintf("r%03d", n-i)
				r := rec(id, phones(blacklist.Number(48_600_000_000+i)))
				again := *r
				again.List, again.Version = "again", 1
				changes = append(changes, adding(r), campaign.Change{Ref: refOf(r), Record: &again})
				want = append(want, id)
			}
			commit(t, st, changes...)
			assert.Equal(t, want, find(t, st, campaign.Filter{Lists: []string{"again"}}))
		},
	},
	{
		Name: "WhatIsWrittenMovesTheRecord",
		Rule: "A record waits where its last write says: in which campaign's class, lane and place, or not at all.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1", keyed(1, 0)), rec("b1", keyed(2, 0)), rec("c1", keyed(3, 0)), rec("d1", keyed(4, 0)), rec("e1", owner("x", at(-1))))
			moved := []*campaign.Record{
				rec("a1", keyed(9, 0)), rec("b1", standing(status.StandingClosed)), rec("c1", due(status.LanePublic, at(-1))),
				rec("d1", class("X")), rec("e1", owner("y", at(-1))),
			}
			for _, r := range moved {
				commit(t, st, campaign.Change{Ref: refOf(r), Record: r})
			}
			q := all(noon, func(q *campaign.Claim) { q.From[0].Sources[0].Owner = "x" })
			assert.Equal(t, []string{"c1", "a1"}, leased(t, st, q))
			q = all(noon, func(q *campaign.Claim) { q.From[0].Sources[0].Owner, q.From[0].Open = "y", []string{"X", zone} })
			assert.Equal(t, []string{"e1", "d1"}, leased(t, st, q))
		},
	},
	{
		Name: "WhatDoesNotFitTogetherIsRefused",
		Rule: "A change whose parts do not fit together is refused and writes nothing.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"))
			a := lease(t, st, all(noon))
			for name, ch := range map[string]campaign.Change{
				"lease at its end":   {Ref: leaseRef(a), Lease: &a.Lease},
				"add nothing":        {Ref: campaign.Ref{Campaign: one, Record: "n"}, Add: true},
				"add without id":     {Add: true, Record: &campaign.Record{Campaign: one}},
				"another record":     {Ref: leaseRef(a), Record: rec("b1")},
				"another campaign":   {Ref: leaseRef(a), Record: rec("a1", in(other))},
				"history of nothing": {Entry: &campaign.Entry{}},
				"lease on nothing":   {Lease: &campaign.Lease{}},
				"call without token": {Call: &campaign.Call{Campaign: one, Record: "a1"}},
				"contact without id": {Contact: &campaign.Contact{}},
				"action without id":  {Actions: []campaign.Action{{}}},
				"invalid number":     {List: []blacklist.Entry{{List: "l", Number: 1}}},
				"add under a token":  {Ref: campaign.Ref{Campaign: one, Record: "n1", Token: 1}, Add: true, Record: rec("n1")},
			} {
				require.Error(t, refused(t, st, ch), name)
			}
			assert.Equal(t, a, look(t, st, refOf(&a.Record)))
		},
	},
}}
