package storetest

import (
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// together is changes of several records that are one.
var together = part{"Also", []clause{
	{
		Name: "FurtherRecordsAreWrittenWithTheFirst",
		Rule: "What a change does to further records in Also is written with it: the records, of whatever campaign, with their " +
			"versions, entries and erasures; a lease that it extends lives on and holds what its record needs now.",
		holds: func(t *trial) {
			st := t.open()
			w := joint(t, st)
			ch := w.change()
			ch.Revision, ch.Also[2].Revision = 5, 3 // none of them outdated when it comes
			commit(t, st, ch)
			w.written(t, st, true)
			require.ErrorIs(t, refused(t, st, campaign.Change{Ref: campaign.Ref{Campaign: one}, Revision: 4}), campaign.ErrConfigChanged)
			live := look(t, st, campaign.Ref{Campaign: one, Record: "l1"})
			assert.Equal(t, w.lease.Token, live.Lease.Token, "the lease lives on under its token")
			commit(t, st, campaign.Change{Ref: refOf(rec("b1")), Lease: &campaign.Lease{Until: at(1), Holder: "holder"}})
			freed := campaign.Change{Ref: refOf(rec("o1", in(other))), Lease: &campaign.Lease{Until: at(1), Holder: "holder", Number: shared, Phase: campaign.Dialed}}
			var leased *campaign.LeasedError
			require.ErrorAs(t, refused(t, st, freed), &leased)
			assert.Equal(t, campaign.RecordID("l1"), leased.Hold.Ref.Record, "the lease holds the number that its record got")
		},
	},
	{
		Name: "IfOneIsRefusedNothingIsWritten",
		Rule: "If the change or one of Also is refused nothing of them is written, and the error is that one's; what else the Commit does is not touched.",
		holds: func(t *trial) {
			for name, c := range map[string]struct {
				spoil func(ch *campaign.Change)
				want  error
			}{
				"the change is of another version":       {func(ch *campaign.Change) { ch.Record.Version = 99 }, campaign.ErrConflict},
				"a further one is of another version":    {func(ch *campaign.Change) { ch.Also[1].Record.Version = 99 }, campaign.ErrConflict},
				"a further record does not exist":        {func(ch *campaign.Change) { gone := rec("gone"); ch.Also[2].Ref, ch.Also[2].Record = refOf(gone), gone }, campaign.ErrNotFound},
				"a further lease is lost":                {func(ch *campaign.Change) { ch.Also[0].Ref.Token += 1000 }, campaign.ErrLeaseLost},
				"a further campaign has a newer version": {func(ch *campaign.Change) { ch.Also[1].Revision = 1 }, campaign.ErrConfigChanged},
				"a further lease is in another phase":    {func(ch *campaign.Change) { ch.Also[0].Phases = campaign.Talking.Only() }, campaign.ErrConflict},
			} {
				st := t.open()
				w := joint(t, st)
				add(t, st, rec("x1"))
				commit(t, st, campaign.Change{Ref: campaign.Ref{Campaign: other}, Revision: 7})
				ch := w.change()
				c.spoil(&ch)
				aside := rec("x1")
				aside.List = "aside"
				errs := commitAll(t, st, ch, campaign.Change{Ref: refOf(aside), Record: aside})
				require.ErrorIs(t, errs[0], c.want, name)
				assert.NoError(t, errs[1], name)
				assert.Equal(t, "aside", look(t, st, refOf(aside)).Record.List)
				w.written(t, st, false)
			}
			st := t.open()
			w := joint(t, st)
			ch := w.change()
			ch.Also[0].Ref.Token, ch.Also[0].Extend = 0, false
			var leased *campaign.LeasedError
			require.ErrorAs(t, refused(t, st, ch), &leased)
			w.written(t, st, false)
		},
	},
	{
		Name:  "AChangeOfSeveralThatFailsIsWholeOrNothing",
		Rule:  "A change with Also that fails half-way is written whole or not at all.",
		Needs: failing,
		holds: func(t *trial) {
			for n := range 1000 {
				st := t.open()
				w := joint(t, st)
				ch := w.change()
				t.options.FailWrite(t.TB, st, n)
				t.did("Commit: %s, with write %d failing", told(ch), n)
				errs, err := st.Commit(t.ctx, ch)
				t.options.FailWrite(t.TB, st, -1)
				all := look(t, st, ch.Ref).Record.List == "batch"
				if err == nil && errs == nil {
					require.True(t, n > 0, "the write that should fail failed")
					w.written(t, st, true)
					return
				}
				w.written(t, st, all)
			}
			t.broken(false, "a change of four records", "at most 1,000 writes that can fail", "more")
		},
	},
	{
		Name: "FurtherChangesCarryOnlyRecords",
		Rule: "A further change that adds, moves, logs, begins or ends a lease, has lists, actions, contacts or further ones of its own, or names a record twice, is refused, and nothing is written.",
		holds: func(t *trial) {
			for name, spoil := range map[string]func(also *campaign.Change){
				"adds":       func(also *campaign.Change) { also.Add = true },
				"moves":      func(also *campaign.Change) { also.Move = true },
				"no record":  func(also *campaign.Change) { also.Record = nil },
				"a call":     func(also *campaign.Change) { also.Call = &campaign.Call{Token: 9} },
				"a lease":    func(also *campaign.Change) { also.Lease = &campaign.Lease{} },
				"an end":     func(also *campaign.Change) { also.Ref.Token = 1 },
				"an action":  func(also *campaign.Change) { also.Actions = []campaign.Action{{ID: "a"}} },
				"a contact":  func(also *campaign.Change) { also.Contact = &campaign.Contact{ID: "c"} },
				"a number":   func(also *campaign.Change) { also.Wake = append(also.Wake, shared) },
				"the first":  func(also *campaign.Change) { r := rec("a1"); also.Ref, also.Record = refOf(r), r },
				"one of its": func(also *campaign.Change) { also.Also = []campaign.Change{{Ref: refOf(rec("z1")), Record: rec("z1")}} },
			} {
				st := t.open()
				w := joint(t, st)
				ch := w.change()
				spoil(&ch.Also[1])
				require.Error(t, refused(t, st, ch), name)
				w.written(t, st, false)
			}
		},
	},
	{
		Name:  "AContactEndsWithWhatHasIt",
		Rule:  "A contact is merged or deleted though records have it, if further changes of the same change give each of them another one, or none; their log and history are erased if they say so.",
		Needs: contacts,
		holds: func(t *trial) {
			st := t.open()
			write(t, st, &campaign.Contact{ID: "a"}, &campaign.Contact{ID: "b"})
			add(t, st, rec("x1", person("a")), rec("y1", in(other), person("a")))
			logged := campaign.Call{Token: 70, Campaign: one, Record: "x1", Number: shared, Contact: "a", Ended: at(-1)}
			commit(t, st, campaign.Change{Ref: refOf(rec("x1")), Call: &logged})
			merge := campaign.Change{Contact: &campaign.Contact{ID: "b", LastName: "B"}, Merge: "a"}
			x, y := rec("x1", person("b")), rec("y1", in(other), person("b"))
			merge.Also = []campaign.Change{{Ref: refOf(x), Record: x}}
			assert.ErrorIs(t, refused(t, st, merge), campaign.ErrConflict, "one record has it still")
			assert.Equal(t, []campaign.ContactID{"a", "b"}, gives(t, st, "a", "b"))
			merge.Also = append(merge.Also, campaign.Change{Ref: refOf(y), Record: y})
			commit(t, st, merge)
			assert.Equal(t, []campaign.ContactID{"b", "b"}, gives(t, st, "a", "b"))
			assert.Equal(t, []string{"x1", "y1"}, find(t, st, campaign.Filter{Contacts: []campaign.ContactID{"b"}}))
			x, y = rec("x1", person("")), rec("y1", in(other), person(""))
			forget := campaign.Change{Forget: "b", Also: []campaign.Change{{Ref: refOf(x), Record: x, Erase: true}}}
			assert.ErrorIs(t, refused(t, st, forget), campaign.ErrConflict)
			forget.Also = append(forget.Also, campaign.Change{Ref: refOf(y), Record: y, Erase: true})
			commit(t, st, forget)
			assert.Equal(t, []campaign.ContactID{"", ""}, gives(t, st, "a", "b"))
			assert.Zero(t, reported(t, st, campaign.Ref{Campaign: one, Record: "x1", Token: 70}).Number)
			assert.EqualValues(t, "", look(t, st, refOf(y)).Record.Contact)
		},
	},
}}

// joint is a change of four records: the first, one that is leased, one of
// another campaign, and one more.
type joined struct {
	lease campaign.Lease
}

func joint(t *trial, st campaign.Store) *joined {
	t.Helper()
	add(t, st, rec("l1"))
	f := lease(t, st, all(noon, limit(1)))
	add(t, st, rec("a1"), rec("o1", in(other)), rec("b1", phones(48_600_777_888)))
	return &joined{lease: f.Lease}
}

func (w *joined) change() campaign.Change {
	further := func(r *campaign.Record) campaign.Change {
		r.List = "batch"
		return campaign.Change{Ref: refOf(r), Record: r, Entry: &campaign.Entry{At: noon, Author: "author", Why: campaign.WhyEdited}}
	}
	ch := further(rec("a1"))
	leased := further(rec("l1", phones(shared)))
	leased.Ref.Token, leased.Extend = w.lease.Token, true
	ch.Also = []campaign.Change{leased, further(rec("o1", in(other), standing(status.StandingClosed))), further(rec("b1"))}
	ch.Also[2].Erase = true
	return ch
}

// written wants all of the change to be there, or nothing.
func (w *joined) written(t *trial, st campaign.Store, all bool) {
	t.Helper()
	for _, ref := range []campaign.Ref{refOf(rec("a1")), refOf(rec("l1")), refOf(rec("o1", in(other))), refOf(rec("b1"))} {
		r := look(t, st, ref).Record
		assert.Equal(t, all, r.List == "batch", "%s is written", named(ref))
		assert.Equal(t, all, r.Version == 2, "%s has a new version", named(ref))
		entries, _ := lines(t, st, ref)
		if t.options.History {
			assert.Equal(t, all, len(entries) == 1, "%s has a line", named(ref))
		}
	}
	assert.Equal(t, all, look(t, st, refOf(rec("o1", in(other)))).Record.Standing == status.StandingClosed, "the other campaign's record")
	assert.NotZero(t, look(t, st, refOf(rec("l1"))).Lease, "the lease lives")
}
