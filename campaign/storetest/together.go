package storetest

import (
	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// further is a change of a record that is made with another change.
func further(r *campaign.Record, list string) campaign.Change {
	r.List = list
	return campaign.Change{Ref: refOf(r), Record: r}
}

// joining is changes of several records as one.
var joining = part{"Together", []clause{
	{
		Name: "FurtherChangesAreMadeWithIt",
		Rule: "The further changes of a change are made with it, of whatever campaigns: each writes its record and its line, and nothing else happens to a lease that it extends.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"), rec("b1", in(other)), rec("c1"), rec("d1"))
			held := lease(t, st, all(noon, limit(1)))
			free := rec("b1", in(other))
			also := further(free, "batch")
			also.Entry = &campaign.Entry{At: noon, Author: "ann", Why: campaign.WhyEdited}
			busy := further(rec("a1", phones(48_600_000_777)), "batch")
			busy.Ref, busy.Extend = leaseRef(held), true
			ch := further(rec("c1"), "batch")
			ch.Also = []campaign.Change{also, busy}
			commit(t, st, ch)
			assert.Equal(t, []string{"a1", "c1", "b1"}, find(t, st, campaign.Filter{Lists: []string{"batch"}}))
			f := look(t, st, refOf(rec("a1")))
			assert.Equal(t, held.Lease.Token, f.Lease.Token, "the lease goes on")
			assert.Equal(t, held.Lease.Until, f.Lease.Until)
			assert.EqualValues(t, 2, look(t, st, refOf(free)).Record.Version)
			d := rec("d1", phones(48_600_000_777))
			commit(t, st, campaign.Change{Ref: refOf(d), Record: d})
			busyNow := look(t, st, refOf(d)).Busy
			require.Len(t, busyNow, 1, "the lease holds what its record has now")
			assert.Equal(t, blacklist.Number(48_600_000_777), busyNow[0].Number)
		},
	},
	{
		Name: "OneThatIsRefusedRefusesAll",
		Rule: "If one of the further changes is refused, so are the change and all others, with the error of that one; nothing of them is written.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"), rec("b1", in(other)), rec("c1"))
			require.Equal(t, []string{"a1"}, leased(t, st, all(noon, limit(1))))
			stale := rec("c1")
			stale.Version = 9
			var leasedError *campaign.LeasedError
			for name, c := range map[string]struct {
				also campaign.Change
				is   func(err error) bool
			}{
				"leased":  {further(rec("a1"), "batch"), func(err error) bool { return assert.ErrorAs(t, err, &leasedError) }},
				"stale":   {further(stale, "batch"), func(err error) bool { return assert.ErrorIs(t, err, campaign.ErrConflict) }},
				"unknown": {further(rec("gone"), "batch"), func(err error) bool { return assert.ErrorIs(t, err, campaign.ErrNotFound) }},
			} {
				ch := campaign.Change{List: []blacklist.Entry{{Number: shared, List: "l", Added: noon}}}
				ch.Also = []campaign.Change{further(rec("b1", in(other)), "batch"), c.also}
				c.is(refused(t, st, ch))
				assert.Empty(t, find(t, st, campaign.Filter{Lists: []string{"batch"}}), name)
				assert.Empty(t, listed(t, st, blacklist.Query{Now: noon, Lists: []blacklist.List{"l"}, Numbers: []blacklist.Number{shared}}), name)
			}
			own := further(rec("a1"), "batch") // leased
			own.Also = []campaign.Change{further(rec("b1", in(other)), "batch")}
			assert.ErrorAs(t, refused(t, st, own), &leasedError)
			assert.Empty(t, find(t, st, campaign.Filter{Lists: []string{"batch"}}), "nor if the change itself is refused")
		},
	},
	{
		Name: "FurtherChangesFitTogether",
		Rule: "A further change carries a record and at most a line, an erasure, a revision or the token of a lease that it extends; each is of another record; a change with further ones neither begins nor ends a lease.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"), rec("b1"))
			ok := further(rec("a1"), "batch")
			for name, spoil := range map[string]func(ch *campaign.Change){
				"twice":        func(ch *campaign.Change) { ch.Also = append(ch.Also, further(rec("a1"), "batch")) },
				"the same":     func(ch *campaign.Change) { ch.Ref, ch.Record = refOf(rec("a1")), rec("a1") },
				"no record":    func(ch *campaign.Change) { ch.Also[0].Record = nil },
				"one is added": func(ch *campaign.Change) { ch.Also[0] = adding(rec("n1")) },
				"an entry of a list": func(ch *campaign.Change) {
					ch.Also[0].List = []blacklist.Entry{{Number: shared, List: "l", Added: noon}}
				},
				"a new lease": func(ch *campaign.Change) { ch.Also[0].Lease = &campaign.Lease{Until: at(1)} },
				"one is leased": func(ch *campaign.Change) {
					ch.Ref, ch.Lease = refOf(rec("b1")), &campaign.Lease{Until: at(1)}
				},
				"further of further": func(ch *campaign.Change) { ch.Also[0].Also = []campaign.Change{further(rec("b1"), "batch")} },
			} {
				ch := campaign.Change{Also: []campaign.Change{ok}}
				spoil(&ch)
				refused(t, st, ch)
				assert.Empty(t, find(t, st, campaign.Filter{Lists: []string{"batch"}}), name)
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
