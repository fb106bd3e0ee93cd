package storetest

import (
	"slices"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// moves is the change that takes a record of campaign one to another one, as it is.
func moves(r *campaign.Record, edits ...func(*campaign.Record)) campaign.Change {
	x := *r
	x.Campaign, x.Sequence = other, 0
	for _, edit := range edits {
		edit(&x)
	}
	return campaign.Change{Ref: refOf(r), Move: true, Record: &x}
}

// called logs a call to a record, as a lease that has ended leaves it.
func called(t *trial, st campaign.Store, r *campaign.Record, token campaign.Token, n blacklist.Number) campaign.Ref {
	t.Helper()
	commit(t, st, campaign.Change{Ref: refOf(r), Entry: &campaign.Entry{Call: token, Note: "called"}, Call: &campaign.Call{
		Token: token, Campaign: r.Campaign, Record: r.ID, Contact: r.Contact, Number: n, Ended: at(int(token) - 99),
		Before: &campaign.Before{Progress: campaign.Progress{Tries: int(token)}},
	}})
	ref := refOf(r)
	ref.Token = token
	return ref
}

func tokensOf(calls []*campaign.Call) (tokens []campaign.Token) {
	for _, c := range calls {
		tokens = append(tokens, c.Token)
	}
	return tokens
}

// moving is what becomes of a record that goes to another campaign.
var moving = part{"Move", []clause{
	{
		Name: "AMovedRecordIsInTheOtherCampaignAndNowhereElse",
		Rule: "Move takes a record from its campaign to another one, which the store may have met or not: there it is " +
			"found, counted and claimed as its Record says, and where it was it is not any more.",
		holds: func(t *trial) {
			st := t.open()
			whole := filled[campaign.Record]()
			whole.ID, whole.Campaign, whole.Park = "w1", one, campaign.Park{}
			whole.Standing, whole.Lane = status.StandingHeld, status.LaneNone
			add(t, st, rec("a1", person("p"), phones(shared, 48_600_555_777)), rec("b1"), whole)
			a, w := look(t, st, refOf(rec("a1"))).Record, look(t, st, refOf(whole)).Record
			commit(t, st, moves(&a, phones(shared, 48_600_555_888), class("X"), due(status.LanePublic, at(-1))), moves(&w))

			for _, id := range []campaign.RecordID{"a1", "w1"} {
				gone := campaign.Ref{Campaign: one, Record: id}
				assert.Zero(t, look(t, st, gone).Record.ID, "where %s was", id)
				assert.ErrorIs(t, refused(t, st, campaign.Change{Ref: gone, Entry: &campaign.Entry{}}), campaign.ErrNotFound, "where %s was", id)
			}
			got := look(t, st, campaign.Ref{Campaign: other, Record: "w1"}).Record
			w.Campaign, w.Version, w.Sequence = other, got.Version, got.Sequence
			assert.Equal(t, w, got, "nothing of it is lost")
			assert.Equal(t, []string{"b1"}, find(t, st, campaign.Filter{Campaigns: []campaign.ID{one}}))
			assert.Equal(t, []string{"a1", "w1"}, find(t, st, campaign.Filter{Campaigns: []campaign.ID{other}}))
			assert.Equal(t, []string{"b1", "a1", "w1"}, find(t, st, campaign.Filter{}))
			for n, want := range map[blacklist.Number][]string{shared: {"a1"}, 48_600_555_777: nil, 48_600_555_888: {"a1"}} {
				assert.Equal(t, want, find(t, st, campaign.Filter{Numbers: []blacklist.Number{n}, AnyNumber: true}), "by the number %s", n)
			}
			assert.Equal(t, []string{"a1"}, find(t, st, campaign.Filter{Contacts: []campaign.ContactID{"p"}}), "by the contact")
			counts, err := st.Count(t.ctx, campaign.Filter{}, campaign.ByCampaign)
			require.NoError(t, err)
			assert.Equal(t, map[string]int{"one": 1, "other": 2}, counts)

			assert.Equal(t, []string{"b1"}, leased(t, st, all(noon)))
			open := func(q *campaign.Claim) { q.From[0].Open = []string{"X"} }
			assert.Equal(t, []string{"a1"}, leased(t, st, all(noon, campaigns(other), open)))
		},
	},
	{
		Name: "AMovedRecordComesAsOneThatIsAdded",
		Rule: "A moved record gets the next sequence if it brings none, and comes behind the records that are there where all " +
			"else is equal. Its version goes on, and its park ends, whatever revision it was made at.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1", park(at(60), 7)), rec("b1"), rec("c1", in(other)), rec("d1", in(other)))
			commit(t, st, campaign.Change{Ref: campaign.Ref{Campaign: other}, Revision: 7})
			a, b := look(t, st, refOf(rec("a1"))).Record, look(t, st, refOf(rec("b1"))).Record
			c, d := look(t, st, refOf(rec("c1", in(other)))).Record, look(t, st, refOf(rec("d1", in(other)))).Record
			same := func(r *campaign.Record) { r.Sequence = c.Sequence }
			commit(t, st, moves(&a, same), moves(&b))
			a, b = look(t, st, refOf(rec("a1", in(other)))).Record, look(t, st, refOf(rec("b1", in(other)))).Record
			assert.EqualValues(t, 2, a.Version)
			assert.Equal(t, c.Sequence, a.Sequence, "it keeps the one that it brings")
			assert.Less(t, d.Sequence, b.Sequence, "the next one")
			assert.Equal(t, campaign.Park{}, a.Park)
			in := campaign.Filter{Campaigns: []campaign.ID{other}}
			assert.Equal(t, []string{"c1", "a1", "d1", "b1"}, find(t, st, in))
			assert.Equal(t, []string{"c1", "a1", "d1", "b1"}, leased(t, st, all(noon, campaigns(other), revision(7))))
			add(t, st, rec("e1"))
			assert.Less(t, b.Sequence, look(t, st, refOf(rec("e1"))).Record.Sequence, "sequences go on")
		},
	},
	{
		Name: "ItsCallsAndItsHistoryGoAlong",
		Rule: "The calls and the lines of a moved record are its own in the other campaign: they are in Facts.History, even under " +
			"numbers that it has no more, and in its history. A call's Campaign stays the one it was made for.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1", person("p")), rec("b1", in(other), person("q"), phones(48_600_555_777)))
			a := rec("a1", person("p"))
			called(t, st, a, 20, 48_600_555_999)
			called(t, st, a, 21, shared)
			called(t, st, rec("b1", in(other), person("q")), 22, 48_600_555_777)
			commit(t, st, moves(a, person("r"), phones(48_600_555_777)))
			there := refOf(rec("a1", in(other)))
			f := look(t, st, there)
			assert.Equal(t, []campaign.Token{20, 21, 22}, tokensOf(f.History), "its own, and those of its number")
			for i, want := range []campaign.ID{one, one, other} {
				if i < len(f.History) {
					assert.Equal(t, want, f.History[i].Campaign, "call %d", f.History[i].Token)
					assert.Nil(t, f.History[i].Before)
				}
			}
			commit(t, st, campaign.Change{Ref: there, Entry: &campaign.Entry{Note: "there"}})
			entries, calls := lines(t, st, there)
			if t.options.History {
				assert.Equal(t, []campaign.Token{20, 21}, tokensOf(calls))
				require.Len(t, entries, 3)
				assert.Equal(t, "there", entries[2].Note, "in the order of their commits")
			}
			called(t, st, rec("a1", in(other), person("r")), 30, shared)
			assert.Equal(t, []campaign.Token{20, 21, 22, 30}, tokensOf(look(t, st, there).History))
			add(t, st, rec("a1", phones(48_600_555_111)))
			assert.Empty(t, look(t, st, refOf(a)).History, "another record of that id has none of it")
		},
	},
	{
		Name: "TheTokenOfACallNamesTheMovedRecord",
		Rule: "A Ref with the token of a call to a record that has moved brings the record as it is where it is, with that call, " +
			"by the campaign that the call was made for and by the one where the record is, even if another one has its old name.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1", person("p")))
			ref := called(t, st, rec("a1", person("p")), 20, shared)
			commit(t, st, moves(look1(t, st, refOf(rec("a1")))))
			there := campaign.Ref{Campaign: other, Record: "a1", Token: 20}
			wanted := func(say string) {
				t.Helper()
				for _, by := range []campaign.Ref{ref, there} {
					f := look(t, st, by)
					assert.Equal(t, refOf(rec("a1", in(there.Campaign))), refOf(&f.Record), "%s, by %s", say, named(by))
					require.NotNil(t, f.Call, "%s, by %s", say, named(by))
					assert.Equal(t, one, f.Call.Campaign)
					require.NotNil(t, f.Call.Before)
					assert.Equal(t, 20, f.Call.Before.Progress.Tries, "what was before the call")
				}
			}
			wanted("once it has moved")
			add(t, st, rec("a1", phones(48_600_555_111)))
			wanted("with another one in its place")
			assert.Equal(t, one, look(t, st, refOf(rec("a1"))).Record.Campaign, "which is found as ever")
			back := *look1(t, st, refOf(rec("a1", in(other))))
			back.Campaign, back.Sequence = "third", 0
			commit(t, st, campaign.Change{Ref: refOf(rec("a1", in(other))), Move: true, Record: &back})
			there.Campaign = "third"
			wanted("once it has moved on")
			assert.Zero(t, look(t, st, campaign.Ref{Campaign: other, Record: "a1", Token: 20}).Record.ID, "no call was made to it there")
			assert.Nil(t, look(t, st, campaign.Ref{Campaign: one, Record: "a1", Token: 21}).Call)
		},
	},
	{
		Name: "ALateReportReachesTheMovedRecord",
		Rule: "A change of log and entries whose Call is in the log is about the record of that call, though Ref and Call name it " +
			"by the campaign it was moved from.",
		holds: func(t *trial) {
			st := t.open()
			a := rec("a1", person("p"))
			add(t, st, a)
			ref := called(t, st, a, 20, shared)
			commit(t, st, moves(look1(t, st, refOf(a))))
			there := refOf(rec("a1", in(other)))
			late := func(note string, outcome campaign.Outcome) campaign.Change {
				return campaign.Change{Ref: refOf(a), Entry: &campaign.Entry{Note: note}, Call: &campaign.Call{
					Token: 20, Campaign: one, Record: "a1", Number: shared, Ended: at(-10), Outcome: outcome}}
			}
			reaches := func(note string, outcome campaign.Outcome) {
				t.Helper()
				ch := late(note, outcome)
				ch.List = []blacklist.Entry{{List: "l", Number: shared}}
				commit(t, st, ch)
				f := look(t, st, there)
				require.Len(t, f.History, 1, "replaced, not doubled")
				assert.Equal(t, outcome, f.History[0].Outcome)
				assert.Equal(t, outcome, reported(t, st, ref).Outcome, "by its old name")
				if entries, _ := lines(t, st, there); t.options.History {
					require.NotZero(t, len(entries))
					assert.Equal(t, note, entries[len(entries)-1].Note)
				}
			}
			reaches("late", campaign.Voicemail)
			add(t, st, rec("a1", phones(48_600_555_111)))
			reaches("with another one in its place", campaign.Answered)
			assert.Empty(t, look(t, st, refOf(a)).History, "which has nothing of it")
			if entries, calls := lines(t, st, refOf(a)); t.options.History {
				assert.Empty(t, entries)
				assert.Empty(t, calls)
			}
			assert.Len(t, listed(t, st, blacklist.Query{Now: noon, Lists: []blacklist.List{"l"}, Numbers: []blacklist.Number{shared}}), 1)
			lost := late("of no call", campaign.Answered)
			lost.Ref.Record, lost.Call.Record = "gone", "gone"
			assert.ErrorIs(t, refused(t, st, lost), campaign.ErrNotFound, "another record's name")
		},
	},
	{
		Name: "WhatIsThereAlreadyRefusesAMove",
		Rule: "A record of that id or contact, or with UniqueNumbers an open one with one of the numbers, in the campaign that a record " +
			"is to go to, refuses the move with a *DuplicateError that names it; all stays as it was.",
		holds: func(t *trial) {
			st := t.open()
			there := rec("t1", in(other), person("p"), phones(48_600_000_009, shared))
			add(t, st, there, rec("u1", in(other), standing(status.StandingClosed), phones(48_600_555_777)),
				rec("t1"), rec("a1", person("p")), rec("b1", phones(48_600_000_008, shared)), rec("c1", phones(48_600_555_777)))
			unique := func(ch campaign.Change) campaign.Change {
				ch.UniqueNumbers = true
				return ch
			}
			before := lookAll(t, st, campaign.Need{}, refOf(rec("t1")), refOf(rec("a1")), refOf(rec("b1")))
			for name, c := range map[string]struct {
				change campaign.Change
				want   campaign.DuplicateError
			}{
				"id":      {moves(rec("t1")), campaign.DuplicateError{What: "record id", Value: "t1", Existing: refOf(there)}},
				"contact": {moves(rec("a1", person("p"))), campaign.DuplicateError{What: "contact in campaign", Value: "p", Existing: refOf(there)}},
				"number": {unique(moves(rec("b1", phones(48_600_000_008, shared)))),
					campaign.DuplicateError{What: "number in campaign", Value: shared.String(), Existing: refOf(there)}},
			} {
				var duplicate *campaign.DuplicateError
				require.ErrorAs(t, refused(t, st, c.change), &duplicate, name)
				assert.Equal(t, c.want, *duplicate)
			}
			assert.Equal(t, before, lookAll(t, st, campaign.Need{}, refOf(rec("t1")), refOf(rec("a1")), refOf(rec("b1"))))
			commit(t, st, unique(moves(rec("c1", phones(48_600_555_777))))) // the other one is closed
			commit(t, st, moves(rec("b1", phones(shared))))                 // not asked for
			commit(t, st, unique(adding(rec("n1", person("q"), phones(shared)))))
			assert.Equal(t, []string{"t1", "a1", "n1"}, find(t, st, campaign.Filter{Campaigns: []campaign.ID{one}}))
		},
	},
	{
		Name: "OnlyWhatNobodyHasIsMoved",
		Rule: "A record that a live lease holds is not moved, even if the lease has run out: the error is a *LeasedError. That another " +
			"lease holds its contact or a number does not matter.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1", person("p"), phones(shared)), rec("w1", in("third"), person("p"), phones(shared)))
			w := rec("w1", in("third"), person("p"), phones(shared))
			a := lease(t, st, all(noon, limit(1)))
			holds := func(say string) {
				t.Helper()
				var held *campaign.LeasedError
				require.ErrorAs(t, refused(t, st, moves(rec("a1", person("p"), phones(shared)))), &held, say)
				assert.Equal(t, refOf(&a.Record), held.Hold.Ref)
			}
			holds("while it is leased")
			commit(t, st, moves(w))
			f := look(t, st, refOf(rec("w1", in(other))))
			assert.Len(t, f.Busy, 2, "its contact and its number are held")
			ran := first(t, claim(t, st, all(at(5))).Expired)
			holds("while it is to be settled")
			commit(t, st, ended(ran))
			commit(t, st, moves(rec("a1", person("r"), phones(shared))))
			assert.Empty(t, look(t, st, refOf(rec("a1", in(other)))).Busy)
		},
	},
	{
		Name: "AMoveIsDecidedUnderTheRevisionOfTheOtherCampaign",
		Rule: "The Revision of a move is that of the campaign that the record goes to: an older one than is known is refused with " +
			"ErrConfigChanged, a newer one becomes the newest known there, and nothing is learnt of the campaign it leaves. " +
			"A Version that is not the record's is ErrConflict.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"), rec("b1"))
			commit(t, st, campaign.Change{Ref: campaign.Ref{Campaign: one}, Revision: 9}, campaign.Change{Ref: campaign.Ref{Campaign: other}, Revision: 3})
			ch := moves(rec("a1"))
			ch.Revision = 2
			assert.ErrorIs(t, refused(t, st, ch), campaign.ErrConfigChanged)
			ch.Revision, ch.Record.Version = 5, 2
			assert.ErrorIs(t, refused(t, st, ch), campaign.ErrConflict)
			assert.Equal(t, one, look(t, st, refOf(rec("a1"))).Record.Campaign, "it stays")
			ch.Record.Version = 1
			commit(t, st, ch)
			var got campaign.Claimed
			assert.ErrorIs(t, st.Claim(t.ctx, all(noon, campaigns(other), revision(4)), &got), campaign.ErrConfigChanged)
			assert.Equal(t, []string{"a1"}, leased(t, st, all(noon, campaigns(other), revision(5))))
			assert.Equal(t, []string{"b1"}, leased(t, st, all(noon, revision(9))))
		},
	},
	{
		Name: "MovesOfOneCommitAreMadeInTheirOrder",
		Rule: "The changes of a Commit see the moves before them: a record that was added is moved, one that was moved is changed, leased and moved " +
			"back, and its old name is free.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1", person("p")), rec("b1"), rec("x1", in(other), person("q")))
			there, after := rec("a1", in(other), person("p")), rec("b1", in(other))
			there.List, after.List = "there", "moved back"
			back := *after
			back.Campaign = one
			taken := &campaign.Lease{Holder: "h", Until: at(9)}
			errs := commitAll(t, st,
				moves(rec("a1", person("p"))), adding(rec("a1", person("p"))), // another one comes in its place
				campaign.Change{Ref: refOf(there), Record: there, Lease: taken},
				moves(rec("b1")), campaign.Change{Ref: refOf(after), Record: after}, campaign.Change{Ref: refOf(after), Move: true, Record: &back},
				adding(rec("c1", person("r"))), moves(rec("c1", person("r"))), moves(rec("c1")),
				moves(rec("a1", person("q"))), adding(rec("d1", in(other), person("r"))), adding(rec("e1", person("r"))))
			for i, err := range errs {
				var duplicate *campaign.DuplicateError
				switch i {
				case 8:
					assert.ErrorIs(t, err, campaign.ErrNotFound, "it is gone from there")
				case 9, 10:
					assert.ErrorAs(t, err, &duplicate, "change %d", i)
				default:
					assert.NoError(t, err, "change %d", i)
				}
			}
			assert.Equal(t, []string{"a1", "b1", "e1"}, find(t, st, campaign.Filter{Campaigns: []campaign.ID{one}}))
			assert.Equal(t, []string{"x1", "a1", "c1"}, find(t, st, campaign.Filter{Campaigns: []campaign.ID{other}}))
			a := look(t, st, refOf(there))
			assert.Equal(t, taken.Token, a.Lease.Token)
			assert.Equal(t, "there", a.Record.List)
			assert.Equal(t, "moved back", look(t, st, refOf(rec("b1"))).Record.List)
			assert.Equal(t, []string{"a1", "b1", "e1"}, leased(t, st, all(noon)))
			assert.Equal(t, []string{"x1", "c1"}, leased(t, st, all(noon, campaigns(other))))
		},
	},
}}

// look1 is a record as it is, to be changed.
func look1(t *trial, st campaign.Store, ref campaign.Ref) *campaign.Record {
	t.Helper()
	r := look(t, st, ref).Record
	return &r
}

func sortedTokens(calls []*campaign.Call) []campaign.Token {
	tokens := tokensOf(calls)
	slices.Sort(tokens)
	return tokens
}
