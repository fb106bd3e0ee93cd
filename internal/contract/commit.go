package contract

import (
	"context"
	"testing"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

func anAddedRecordGetsVersionAndSequence(t *testing.T, open opener) {
	st := open(t)
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
}

func versionsConflict(t *testing.T, open opener) {
	st := open(t)
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
}

func duplicatesAreNamed(t *testing.T, open opener) {
	st := open(t)
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
	b := look(t, st, campaign.Ref{Campaign: one, Record: "b1"}).Record
	commit(t, st, unique(rec("d1", phones(b.Phones[0].Number)))) // the other one is closed
	commit(t, st, adding(rec("e1", phones(shared))))             // not asked for
	commit(t, st, unique(rec("a1", in(other), person("p"))))     // another campaign
	assert.Len(t, find(t, st, campaign.Filter{}), 5)
}

func unknownRecordsAreNotFound(t *testing.T, open opener) {
	st := open(t)
	gone := campaign.Ref{Campaign: one, Record: "gone"}
	for name, ch := range map[string]campaign.Change{
		"write":   {Ref: gone, Record: rec("gone")},
		"log":     {Ref: gone, Entry: &campaign.Entry{}},
		"lease":   {Ref: gone, Lease: &campaign.Lease{}},
		"release": {Ref: campaign.Ref{Campaign: one, Record: "gone", Token: 1}},
	} {
		require.ErrorIs(t, refused(t, st, ch), campaign.ErrNotFound, name)
	}
	facts, err := looked(ctx, st, campaign.Need{}, gone, gone)
	require.NoError(t, err)
	assert.Equal(t, make([]campaign.Facts, 2), facts)
}

func aChangeIsWrittenWholeOrNotAtAll(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1"), rec("b1"), rec("c1"))
	a := claim(t, st, all(noon, limit(1))).Leased[0]
	stale := a.Record
	stale.Version, stale.List = 99, "changed"
	everything := campaign.Change{
		Ref: leaseRef(a), Record: &stale,
		Call:    &campaign.Call{Token: a.Lease.Call, Campaign: one, Record: "a1", Number: a.Lease.Number, Ended: noon},
		Entry:   &campaign.Entry{Note: "n"},
		List:    []blacklist.Entry{{List: blacklist.Global, Number: shared}},
		Actions: []campaign.Action{{ID: "x"}},
		Contact: &campaign.Contact{ID: "p"}, Revision: 9,
	}
	written := func() (n int) {
		f := look(t, st, leaseRef(a))
		entries, calls, err := st.(campaign.HistoryStore).History(ctx, refOf(&a.Record))
		require.NoError(t, err)
		actions, err := st.(campaign.ActionStore).Pending(ctx, "", 0)
		require.NoError(t, err)
		listed, err := st.Check(ctx, blacklist.Query{Now: noon, Numbers: []blacklist.Number{shared}})
		require.NoError(t, err)
		for _, yes := range []bool{
			f.Record.List == "changed", f.Call != nil, f.Lease.Token == 0, len(f.History) > 0,
			len(entries) > 0, len(calls) > 0, len(actions) > 0, len(listed) > 0,
		} {
			if yes {
				n++
			}
		}
		return n
	}
	b, c := rec("b1"), rec("c1")
	b.List, c.List = "batch", "batch"
	errs, err := st.Commit(ctx, campaign.Change{Ref: refOf(b), Record: b}, everything, campaign.Change{Ref: refOf(c), Record: c})
	require.NoError(t, err)
	require.Len(t, errs, 3)
	assert.NoError(t, errs[0])
	assert.ErrorIs(t, errs[1], campaign.ErrConflict)
	assert.NoError(t, errs[2])
	assert.Zero(t, written())
	assert.Equal(t, []string{"b1", "c1"}, find(t, st, campaign.Filter{Lists: []string{"batch"}}), "the others are written")

	stale.Version = 0
	bad := everything
	bad.List = append(bad.List, blacklist.Entry{List: "", Number: 5})
	require.Error(t, refused(t, st, bad), "an invalid entry")
	assert.Zero(t, written())
	assert.Nil(t, look(t, st, leaseRef(a)).Contact)
	assert.Equal(t, []string{"b1", "c1"}, leased(t, st, all(noon)), "revision 9 was not learnt")
	commit(t, st, everything)
	assert.Equal(t, 8, written())
	var got campaign.Claimed
	require.ErrorIs(t, st.Claim(ctx, all(noon), &got), campaign.ErrConfigChanged)
}

func changesToOneRecordSeeEachOther(t *testing.T, open opener) {
	st := open(t)
	r := rec("a1")
	second, third := *r, *r
	second.Version, second.List = 1, "second"
	third.Version, third.List = 1, "third"
	errs, err := st.Commit(ctx, adding(r), campaign.Change{Ref: refOf(r), Record: &second}, campaign.Change{Ref: refOf(r), Record: &third})
	require.NoError(t, err)
	require.Len(t, errs, 3)
	assert.NoError(t, errs[1])
	assert.ErrorIs(t, errs[2], campaign.ErrConflict)
	assert.Equal(t, "second", look(t, st, refOf(r)).Record.List)
	assert.Zero(t, r.Version, "the caller's record is the caller's")
}

func whatDoesNotFitTogetherIsRefused(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1"))
	a := claim(t, st, all(noon)).Leased[0]
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
}

func theLogIsKeptByTokenAndReadByRecordContactAndNumber(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1", person("p"), phones(shared)), rec("b1", in(other), person("p")), rec("c1", in(other), phones(48_600_000_007, shared)), rec("d1"))
	call := func(token campaign.Token, c campaign.ID, id campaign.RecordID, p campaign.ContactID, n blacklist.Number, end int) *campaign.Call {
		return &campaign.Call{Token: token, Campaign: c, Record: id, Contact: p, Number: n, Ended: at(end), Before: &campaign.Before{}}
	}
	for _, c := range []*campaign.Call{
		call(3, one, "a1", "p", shared, -10), call(2, one, "a1", "p", shared, -20), call(4, one, "a1", "", 48_600_999_999, -10),
		call(5, other, "b1", "p", 48_600_888_888, -15), call(6, other, "c1", "", shared, -5), call(7, one, "d1", "", 48_600_777_777, -1),
	} {
		commit(t, st, campaign.Change{Ref: campaign.Ref{Campaign: c.Campaign, Record: c.Record}, Call: c})
	}
	tokens := func(c campaign.ID, id campaign.RecordID, since int) (tokens []campaign.Token) {
		facts, err := looked(ctx, st, campaign.Need{Since: at(since)}, campaign.Ref{Campaign: c, Record: id})
		require.NoError(t, err)
		for _, x := range facts[0].History {
			assert.Nil(t, x.Before)
			tokens = append(tokens, x.Token)
		}
		return tokens
	}
	assert.Equal(t, []campaign.Token{2, 5, 3, 4, 6}, tokens(one, "a1", -99), "oldest first, each once")
	assert.Equal(t, []campaign.Token{2, 5, 3}, tokens(other, "b1", -99)[:3])
	assert.Equal(t, []campaign.Token{2, 3, 6}, tokens(other, "c1", -99))
	assert.Equal(t, []campaign.Token{3, 4, 6}, tokens(one, "a1", -10), "since that very instant")

	late := call(3, one, "a1", "", 48_600_666_666, -30)
	late.Outcome = campaign.Answered
	commit(t, st, campaign.Change{Ref: campaign.Ref{Campaign: one, Record: "a1"}, Call: late})
	assert.Equal(t, []campaign.Token{3, 2, 5, 4, 6}, tokens(one, "a1", -99), "replaced, not doubled")
	assert.Equal(t, []campaign.Token{2, 5}, tokens(other, "b1", -99), "no longer to this contact")
	assert.Equal(t, campaign.Answered, look(t, st, campaign.Ref{Campaign: one, Record: "a1", Token: 3}).Call.Outcome)

	facts, err := looked(ctx, st, campaign.Need{NoCalls: true}, campaign.Ref{Campaign: one, Record: "a1"})
	require.NoError(t, err)
	assert.Nil(t, facts[0].History)
	_, calls, err := st.(campaign.HistoryStore).History(ctx, campaign.Ref{Campaign: one, Record: "a1"})
	require.NoError(t, err)
	assert.Len(t, calls, 3, "its own only")
}

func aTokenBringsItsCallAndTheLatestItsBefore(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1"), rec("b1"))
	a := campaign.Ref{Campaign: one, Record: "a1"}
	before := &campaign.Before{Progress: campaign.Progress{Tries: 3}}
	log := func(token campaign.Token, b *campaign.Before) {
		commit(t, st, campaign.Change{Ref: a, Call: &campaign.Call{Token: token, Campaign: one, Record: "a1", Before: b, Ended: noon}})
	}
	log(8, before)
	log(7, &campaign.Before{}) // a late report of an older call
	a.Token = 8
	assert.Equal(t, before, look(t, st, a).Call.Before)
	facts, err := looked(ctx, st, campaign.Need{}, a)
	require.NoError(t, err)
	assert.Nil(t, facts[0].Call.Before, "not asked for")
	a.Token = 9
	assert.Nil(t, look(t, st, a).Call)
	assert.Nil(t, look(t, st, campaign.Ref{Campaign: one, Record: "b1", Token: 8}).Call, "the call of another record")
	a.Token = 7
	assert.EqualValues(t, 7, look(t, st, a).Call.Token)
}

func listsAreCheckedAsCommitted(t *testing.T, open opener) {
	st := open(t)
	check := func(now time.Time) bool {
		answers, err := st.Check(ctx, blacklist.Query{Now: now, Lists: []blacklist.List{"l"}, Numbers: []blacklist.Number{shared}})
		require.NoError(t, err)
		for _, a := range answers {
			assert.Empty(t, a.Checker)
			assert.True(t, a.Listed)
		}
		return len(answers) > 0
	}
	assert.False(t, check(noon))
	commit(t, st, campaign.Change{List: []blacklist.Entry{{List: "l", Number: shared, Until: at(5)}}})
	assert.True(t, check(noon))
	assert.False(t, check(at(5)))
	commit(t, st, campaign.Change{Unlist: []blacklist.Key{{List: "l", Number: shared}}})
	assert.False(t, check(noon))
}

func actionsAreStoredOnceUntilAcknowledged(t *testing.T, open opener) {
	st := open(t)
	pending := func(after string, limit int) (ids []string) {
		actions, err := st.(campaign.ActionStore).Pending(ctx, after, limit)
		require.NoError(t, err)
		for _, a := range actions {
			ids = append(ids, a.ID)
		}
		return ids
	}
	act := func(ids ...string) (actions []campaign.Action) {
		for _, id := range ids {
			actions = append(actions, campaign.Action{ID: id, Template: "t"})
		}
		return actions
	}
	commit(t, st, campaign.Change{Actions: act("z", "y")}, campaign.Change{Actions: act("y", "x", "w")})
	assert.Equal(t, []string{"z", "y", "x", "w"}, pending("", 0))
	assert.Equal(t, []string{"z", "y"}, pending("", 2))
	commit(t, st, campaign.Change{Done: []string{"y", "y", "never"}})
	assert.Equal(t, []string{"x"}, pending("y", 1), "behind one that is done")
	commit(t, st, campaign.Change{Done: []string{"z", "x"}, Actions: act("y", "v")})
	assert.Equal(t, []string{"w", "v"}, pending("", 0), "a known one is not stored again")
	assert.Equal(t, []string{"v"}, pending("w", 0))
	assert.Empty(t, pending("v", 0))
}

func timesAreKeptInUTCAtMicroseconds(t *testing.T, open opener) {
	st := open(t)
	rough := time.Date(2026, 6, 1, 14, 0, 0, 1999, time.FixedZone("east", 7200))
	want := time.Date(2026, 6, 1, 12, 0, 0, 1000, time.UTC)
	r := rec("a1", due(status.LaneFresh, rough), person("p"))
	r.Park.Until, r.Created, r.SkipUntil, r.Attempts.First = rough, rough, rough, rough
	r.Phones = []campaign.Phone{{Number: shared, BlockedUntil: rough}}
	r.Fields, r.Notes = campaign.Fields{"t": rough, "s": "x"}, []campaign.Note{{At: rough}}
	ch := adding(r)
	ch.Contact = &campaign.Contact{ID: "p", Fields: campaign.Fields{"t": rough}}
	ch.Entry = &campaign.Entry{At: rough}
	ch.Actions = []campaign.Action{{ID: "a", At: rough}}
	ch.Call = &campaign.Call{Token: 900, Campaign: one, Record: "a1", Dialed: rough, Ended: rough,
		Answer: campaign.Answer{Due: rough, Listed: []blacklist.Entry{{Until: rough}}}, Before: &campaign.Before{Progress: campaign.Progress{Due: rough}}}
	commit(t, st, ch)
	f := look(t, st, campaign.Ref{Campaign: one, Record: "a1", Token: 900})
	entries, _, err := st.(campaign.HistoryStore).History(ctx, refOf(r))
	require.NoError(t, err)
	actions, err := st.(campaign.ActionStore).Pending(ctx, "", 0)
	require.NoError(t, err)
	lease := claim(t, st, all(rough, func(q *campaign.Claim) { q.Until = rough.Add(time.Hour) })).Leased[0].Lease
	assert.Equal(t, want.Add(time.Hour), lease.Until)
	for name, got := range map[string]any{
		"due": f.Record.Due, "park": f.Record.Park.Until, "created": f.Record.Created, "skip": f.Record.SkipUntil,
		"first": f.Record.Attempts.First, "phone": f.Record.Phones[0].BlockedUntil, "field": f.Record.Fields["t"],
		"note": f.Record.Notes[0].At, "contact": f.Contact.Fields["t"], "dialed": f.Call.Dialed, "ended": f.Call.Ended,
		"answer": f.Call.Answer.Due, "listed": f.Call.Answer.Listed[0].Until, "before": f.Call.Before.Progress.Due,
		"entry": entries[0].At, "action": actions[0].At, "lease": lease.At,
	} {
		assert.True(t, got == any(want), "%s is %v", name, got)
	}
	assert.Equal(t, rough, r.Phones[0].BlockedUntil, "the caller's values are the caller's")
	assert.Equal(t, rough, r.Fields["t"])
}

func answersAreCopiesNotAliases(t *testing.T, open opener) {
	st := open(t)
	r := rec("a1", phones(shared), person("p"))
	add(t, st, r, rec("b1", in(other), phones(shared), person("p")))
	r.List = "scribbled"
	with := campaign.Change{Ref: refOf(r), Lease: &campaign.Lease{Until: at(1), With: []campaign.Ref{{Campaign: one, Record: "a1"}}}}
	commit(t, st, with)
	for token := range campaign.Token(2) {
		commit(t, st, campaign.Change{Ref: refOf(r), Entry: &campaign.Entry{Note: "n"}, Call: &campaign.Call{Token: 50 + token, Campaign: one, Record: "a1", Number: shared}})
	}
	b := campaign.Ref{Campaign: other, Record: "b1"}
	first, second := look(t, st, b), look(t, st, refOf(r))
	require.Len(t, first.Busy, 2)
	require.Len(t, first.History, 2)
	wantFirst, wantSecond := look(t, st, b), look(t, st, refOf(r))
	first.Record.List, first.Busy[0].Holder, first.History[0] = "x", "x", nil
	second.Lease.With[0].Record = "x"
	with.Lease.With[0].Record = "x"
	entries, calls, err := st.(campaign.HistoryStore).History(ctx, refOf(r))
	require.NoError(t, err)
	entries[0].Note, calls[0] = "x", nil
	assert.Equal(t, wantFirst, look(t, st, b))
	assert.Equal(t, wantSecond, look(t, st, refOf(r)))
	assert.Empty(t, wantSecond.Record.List)
	entries, calls, err = st.(campaign.HistoryStore).History(ctx, refOf(r))
	require.NoError(t, err)
	assert.Equal(t, "n", entries[0].Note)
	assert.NotNil(t, calls[0])

	// An answer that is used again leaves what was taken from it.
	var got campaign.Claimed
	require.NoError(t, st.Claim(ctx, all(noon, campaigns(other)), &got))
	kept := got.Leased[0]
	busy := kept.Busy[0]
	commit(t, st, ended(kept))
	require.NoError(t, st.Claim(ctx, all(noon, campaigns(other), func(q *campaign.Claim) { q.Holder = "second" }), &got))
	assert.Equal(t, busy, kept.Busy[0])
	assert.Equal(t, "holder", kept.Lease.Holder)
	require.NoError(t, st.Claim(ctx, all(noon, campaigns(other)), &got))
	assert.Empty(t, got.Leased, "what it held is replaced")
}

func aCancelledContextDoesNothing(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1"))
	gone, cancel := context.WithCancel(ctx)
	cancel()
	var got campaign.Claimed
	require.ErrorIs(t, st.Claim(gone, all(noon), &got), context.Canceled)
	_, err := st.Commit(gone, adding(rec("b1")))
	require.ErrorIs(t, err, context.Canceled)
	_, err = looked(gone, st, campaign.Need{}, campaign.Ref{})
	require.ErrorIs(t, err, context.Canceled)
	_, err = st.Count(gone, campaign.Filter{}, campaign.ByNothing)
	require.ErrorIs(t, err, context.Canceled)
	_, err = st.Check(gone, blacklist.Query{})
	require.ErrorIs(t, err, context.Canceled)
	_, _, err = st.(campaign.HistoryStore).History(gone, campaign.Ref{})
	require.ErrorIs(t, err, context.Canceled)
	_, err = st.(campaign.ActionStore).Pending(gone, "", 0)
	require.ErrorIs(t, err, context.Canceled)
	n := 0
	for _, err := range st.Find(gone, campaign.Filter{}, campaign.Need{}) {
		require.ErrorIs(t, err, context.Canceled)
		n++
	}
	assert.Equal(t, 1, n)
	assert.Equal(t, []string{"a1"}, find(t, st, campaign.Filter{}))
	assert.Zero(t, look(t, st, campaign.Ref{Campaign: one, Record: "a1"}).Lease)
}
