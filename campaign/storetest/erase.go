package storetest

import (
	"slices"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// erasing is what is left of a record's log and history when what is personal is
// taken from them.
var erasing = part{"Erase", []clause{
	{
		Name: "EraseTakesWhatIsPersonalFromLogAndHistory",
		Rule: "Erase leaves a record's calls without Number, Contact and Before, and without what their answers say of numbers and actions, " +
			"and its lines without their Note: all else of them stays. By number and contact the calls are not found any more.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1", person("p"), phones(shared)), rec("b1", in(other), person("p"), phones(shared)))
			a, b := refOf(rec("a1")), refOf(rec("b1", in(other)))
			whole := filled[campaign.Call]()
			whole.Token, whole.Campaign, whole.Record, whole.Contact, whole.Number = 900, one, "a1", "p", shared
			line := filled[campaign.Entry]()
			commit(t, st, campaign.Change{Ref: a, Call: whole, Entry: line})
			called(t, st, rec("b1", in(other), person("p")), 20, shared)
			require.Len(t, look(t, st, b).History, 2)
			commit(t, st, campaign.Change{Ref: a, Erase: true})

			want := whole.Erased()
			token := a
			token.Token = 900
			f := look(t, st, token)
			require.NotNil(t, f.Call)
			assert.Equal(t, want, *f.Call)
			assert.Zero(t, f.Call.Number)
			assert.Zero(t, f.Call.Contact)
			assert.Nil(t, f.Call.Before)
			assert.Equal(t, []campaign.Token{20, 900}, sortedTokens(f.History), "it is the record's still")
			assert.Equal(t, []campaign.Token{20}, tokensOf(look(t, st, b).History), "nobody else's")
			entries, calls := lines(t, st, a)
			if t.options.History {
				require.Len(t, entries, 1)
				bare := *line
				bare.Note = ""
				assert.Equal(t, bare, entries[0])
				require.Len(t, calls, 1)
				assert.Equal(t, want, *calls[0])
				kept, _ := lines(t, st, b)
				require.Len(t, kept, 1)
				assert.Equal(t, "called", kept[0].Note, "another record's")
			}
			assert.EqualValues(t, 48_600_555_666, reported(t, st, campaign.Ref{Campaign: other, Record: "b1", Token: 20}).Number)
			assert.Equal(t, look(t, st, a).Record.Version, int64(1), "the record is as it was")
			assert.ErrorIs(t, refused(t, st, campaign.Change{Ref: refOf(rec("gone")), Erase: true}), campaign.ErrNotFound)
		},
	},
	{
		Name: "WhatEraseWritesItselfStays",
		Rule: "Erase is done before the Call and the Entry of its change are written, and once the record is what the change makes of it: in one change " +
			"a record is moved, emptied and erased.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1", person("p"), phones(shared)), rec("b1", phones(48_600_555_777)))
			called(t, st, rec("a1", person("p")), 20, shared)
			called(t, st, rec("b1"), 21, 48_600_555_777)
			ch := moves(rec("a1"), phones(), standing(status.StandingClosed))
			ch.Erase, ch.Entry = true, &campaign.Entry{Note: "erased at their wish"}
			bare := campaign.Change{Ref: refOf(rec("b1")), Erase: true, Entry: &campaign.Entry{Note: "stays"},
				Call: &campaign.Call{Token: 22, Campaign: one, Record: "b1", Number: shared, Ended: noon}}
			commit(t, st, ch, bare)
			f := look(t, st, campaign.Ref{Campaign: one, Record: "a1", Token: 20})
			assert.Equal(t, other, f.Record.Campaign)
			require.NotNil(t, f.Call)
			assert.Zero(t, f.Call.Number)
			assert.Empty(t, f.Record.Phones)
			history := look(t, st, refOf(rec("b1"))).History
			require.Len(t, history, 2)
			assert.Zero(t, history[0].Number)
			assert.Equal(t, shared, history[1].Number)
			for ref, want := range map[campaign.Ref]string{refOf(rec("a1", in(other))): "erased at their wish", refOf(rec("b1")): "stays"} {
				if entries, _ := lines(t, st, ref); t.options.History {
					require.Len(t, entries, 2)
					assert.Equal(t, "", entries[0].Note)
					assert.Equal(t, want, entries[1].Note)
				}
			}
		},
	},
	{
		Name: "ALateReportBringsNothingBack",
		Rule: "What only adds to log and history is refused with ErrConflict if its Call names a number or a contact which that call of a record has no more: " +
			"it was decided before the record was erased. Nothing of it is written. Decided again, without them, it is.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1", person("p"), phones(shared)), rec("b1", person("q"), phones(48_600_555_777)), rec("c1", in(other), person("p"), phones(shared)))
			a, b := called(t, st, rec("a1", person("p")), 20, shared), called(t, st, rec("b1", person("q")), 21, 48_600_555_777)
			called(t, st, rec("c1", in(other), person("p")), 22, shared)
			late := func(ref campaign.Ref) campaign.Change {
				call := *reported(t, st, ref)
				call.Outcome = campaign.Answered
				token := ref.Token
				ref.Token = 0
				return campaign.Change{Ref: ref, Call: &call, Entry: &campaign.Entry{Call: token, Note: "said their name"},
					List: []blacklist.Entry{{Number: call.Number, List: "l", Added: noon}}}
			}
			// Of a record that stays, and of one that moves, the call was made before.
			for _, ref := range []campaign.Ref{a, b} {
				before := late(ref)
				at := ref
				at.Token = 0
				if ref == b {
					commit(t, st, moves(rec("b1", person("q"), phones(48_600_555_777))))
					at.Campaign = other
				}
				commit(t, st, campaign.Change{Ref: at, Erase: true})
				erased := *reported(t, st, ref)
				bare := before
				bare.Ref = campaign.Ref{}
				bare.Entry = nil
				onlyNumber, onlyContact := erased, erased
				onlyNumber.Number, onlyContact.Contact = before.Call.Number, before.Call.Contact
				for _, ch := range []campaign.Change{before, bare, {Ref: before.Ref, Call: &onlyNumber}, {Ref: before.Ref, Call: &onlyContact}} {
					assert.ErrorIs(t, refused(t, st, ch), campaign.ErrConflict)
				}
				assert.Equal(t, erased, *reported(t, st, ref), "the log is as it was")
				entries, _ := lines(t, st, at)
				if t.options.History {
					assert.Len(t, entries, 1, "and the history")
				}
				assert.Empty(t, listed(t, st, blacklist.Query{Now: noon, Lists: []blacklist.List{"l"}, Numbers: []blacklist.Number{before.Call.Number}}), "nothing is listed")
				assert.False(t, slices.Contains(tokensOf(look(t, st, refOf(rec("c1", in(other)))).History), ref.Token), "it is not found by the number")

				again := late(ref)
				again.List = nil
				commit(t, st, again)
				now := *reported(t, st, ref)
				assert.Equal(t, campaign.Answered, now.Outcome, "the outcome is logged")
				assert.Zero(t, now.Number)
				assert.Zero(t, now.Contact)
			}
			c := campaign.Ref{Campaign: other, Record: "c1", Token: 22}
			commit(t, st, late(c))
			assert.Equal(t, campaign.Answered, reported(t, st, c).Outcome, "nobody else is erased")
		},
	},
	{
		Name: "EraseWithdrawsActions",
		Rule: "Erase withdraws the record's actions that nobody has acknowledged, as if they were done; those of a record that moves name it where it is. " +
			"Others stay, and what the change itself asks for.",
		Needs: actions,
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"), rec("b1"), rec("a1", in(other)), rec("c1"))
			act := func(id string, r *campaign.Record) campaign.Action {
				return campaign.Action{ID: id, Campaign: r.Campaign, Record: r.ID, Contact: "p", Number: shared, Template: "t", At: noon}
			}
			given := []campaign.Action{act("z", rec("a1")), act("y", rec("b1")), act("x", rec("a1")), act("w", rec("a1", in(other))), act("v", rec("c1"))}
			commit(t, st, campaign.Change{Ref: refOf(rec("a1")), Record: rec("a1"), Actions: given})
			left := func(want ...campaign.Action) {
				t.Helper()
				assert.Equal(t, want, pending(t, st, "", 0))
			}
			left(given...)
			commit(t, st, moves(rec("b1")))
			given[1].Campaign = other
			left(given...)
			last := act("u", rec("a1"))
			commit(t, st, campaign.Change{Ref: refOf(rec("a1")), Erase: true, Actions: []campaign.Action{last}})
			left(given[1], given[3], given[4], last)
			commit(t, st, campaign.Change{Actions: given[:1]})
			left(given[1], given[3], given[4], last)
			add(t, st, rec("b1"))
			commit(t, st, campaign.Change{Ref: refOf(rec("b1")), Erase: true})
			left(given[1], given[3], given[4], last)
			gone := moves(rec("c1"))
			gone.Erase = true
			commit(t, st, campaign.Change{Ref: refOf(rec("b1", in(other))), Erase: true}, gone)
			left(given[3], last)
			commit(t, st, campaign.Change{Done: []string{"w", "y"}})
			left(last)
			assert.Empty(t, pending(t, st, "u", 0), "it is behind all")
		},
	},
}}
