package storetest

import (
	"slices"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// copying is that answers and arguments are copies.
var copying = part{"Copies", []clause{
	{
		Name: "AnswersAreCopiesNotAliases",
		Rule: "What a store is given it copies, and what it returns is not what it keeps: writing to either " +
			"changes nothing. What a Claimed held is replaced when it is used again.",
		holds: func(t *trial) {
			st := t.open()
			r := rec("a1", phones(shared), person("p"))
			add(t, st, r, rec("b1", in(other), phones(shared), person("p")))
			r.List = "scribbled"
			with := campaign.Change{Ref: refOf(r), Lease: &campaign.Lease{Until: at(1), With: []campaign.Ref{{Campaign: one, Record: "a1"}}}}
			commit(t, st, with)
			for token := range campaign.Token(2) {
				commit(t, st, campaign.Change{Ref: refOf(r), Entry: &campaign.Entry{Note: "n"}, Call: &campaign.Call{Token: 50 + token, Campaign: one, Record: "a1", Number: shared}})
			}
			b := campaign.Ref{Campaign: other, Record: "b1"}
			read, second := look(t, st, b), look(t, st, refOf(r))
			require.Len(t, read.Busy, 2)
			require.Len(t, read.History, 2)
			wantRead, wantSecond := look(t, st, b), look(t, st, refOf(r))
			require.Len(t, second.Lease.With, 1)
			read.Record.List, read.Busy[0].Holder, read.History[0] = "x", "x", nil
			second.Lease.With[0].Record = "x"
			with.Lease.With[0].Record = "x"
			entries, calls := lines(t, st, refOf(r))
			if t.options.History {
				require.Len(t, entries, 2)
				require.Len(t, calls, 2)
				entries[0].Note, calls[0] = "x", nil
			}
			assert.Equal(t, wantRead, look(t, st, b))
			assert.Equal(t, wantSecond, look(t, st, refOf(r)))
			assert.Empty(t, wantSecond.Record.List)
			if entries, calls = lines(t, st, refOf(r)); t.options.History {
				require.Len(t, entries, 2)
				assert.Equal(t, "n", entries[0].Note)
				require.Len(t, calls, 2)
				assert.NotNil(t, calls[0])
			}

			// An answer that is used again leaves what was taken from it.
			var got campaign.Claimed
			require.NoError(t, st.Claim(t.ctx, all(noon, campaigns(other)), &got))
			kept := first(t, got.Leased)
			require.Len(t, kept.Busy, 2)
			busy := kept.Busy[0]
			commit(t, st, ended(kept))
			require.NoError(t, st.Claim(t.ctx, all(noon, campaigns(other), func(q *campaign.Claim) { q.Holder = "second" }), &got))
			assert.Equal(t, busy, kept.Busy[0])
			assert.Equal(t, "holder", kept.Lease.Holder)
			require.NoError(t, st.Claim(t.ctx, all(noon, campaigns(other)), &got))
			assert.Empty(t, got.Leased, "what it held is replaced")
		},
	},
	{
		Name: "ArgumentsAreTheCallersAgain",
		Rule: "What a store is given it copies, but for what is immutable: whoever commits may use slices and structs again for the next change.",
		holds: func(t *trial) {
			st := t.open()
			r := rec("a1", phones(shared, 48_600_555_777))
			r.Phones[0].Label = "label"
			ch := adding(r)
			ch.Call = &campaign.Call{Token: 50, Campaign: one, Record: "a1", Ended: noon, AMD: "human",
				Answer: campaign.Answer{Owner: "x", Listed: []blacklist.Entry{{List: "l", Number: shared}}, Actions: []campaign.Action{{ID: "x"}}, Why: []campaign.Why{campaign.WhyRule}, Also: []status.ID{"later"}, Warnings: []string{"w"}},
				Before: &campaign.Before{Progress: campaign.Progress{Tries: 3}, Phones: []campaign.Phone{{Number: shared, Label: "before"}}}}
			ch.Entry = &campaign.Entry{Note: "n"}
			ch.Actions = []campaign.Action{{ID: "act", Template: "t"}}
			ch.List = []blacklist.Entry{{List: "l", Number: shared, Author: "x"}}
			ch.Contact = &campaign.Contact{ID: "p", LastName: "name"}
			ch.Lease = &campaign.Lease{Holder: "holder", Until: at(9), Overrides: []campaign.Override{campaign.OverrideGap}}
			changes := []campaign.Change{ch, adding(rec("b1", person("p")))}
			commit(t, st, changes...)
			ref := campaign.Ref{Campaign: one, Record: "a1", Token: 50}
			before, contact := look(t, st, ref), look(t, st, refOf(rec("b1"))).Contact
			require.NotNil(t, contact)
			entries, _ := lines(t, st, ref)
			todo := pending(t, st, "", 0)
			q := blacklist.Query{Now: noon, Lists: []blacklist.List{"l"}, Numbers: []blacklist.Number{shared}}
			onList := listed(t, st, q)
			require.NotNil(t, before.Call)
			whole, kept := *before.Call, *contact
			keptPhones := slices.Clone(before.Record.Phones)

			r.Phones[0], r.Phones[1].Number, r.List = campaign.Phone{Number: 48_600_000_666}, 48_600_000_667, "scribble"
			ch.Call.AMD, ch.Call.Answer.Owner, ch.Call.Answer.Listed[0].Number = "scribble", "scribble", 48_600_000_666
			ch.Call.Answer.Actions[0].ID, ch.Call.Answer.Why[0], ch.Call.Answer.Also[0], ch.Call.Answer.Warnings[0] = "scribble", "scribble", "scribble", "scribble"
			ch.Call.Before.Progress.Tries, ch.Call.Before.Phones[0].Label = 99, "scribble"
			ch.Entry.Note, ch.Actions[0].Template, ch.List[0].Author = "scribble", "scribble", "scribble"
			ch.Contact.LastName, ch.Lease.Holder, ch.Lease.Overrides[0] = "scribble", "scribble", "scribble"
			changes[0], changes[1] = campaign.Change{}, campaign.Change{}

			again := look(t, st, ref)
			assert.Equal(t, keptPhones, again.Record.Phones, "the phones")
			assert.Equal(t, before.Record, again.Record, "the record")
			assert.Equal(t, before.Lease, again.Lease, "the lease")
			require.NotNil(t, again.Call)
			assert.EqualValues(t, "human", again.Call.AMD)
			require.Equal(t, 1, len(again.Call.Answer.Warnings)*len(again.Call.Answer.Why)*len(again.Call.Answer.Actions)*len(again.Call.Answer.Listed), "of each part of the answer")
			assert.Equal(t, "w", again.Call.Answer.Warnings[0])
			assert.Equal(t, []status.ID{"later"}, again.Call.Answer.Also)
			assert.Equal(t, campaign.WhyRule, again.Call.Answer.Why[0])
			assert.EqualValues(t, "x", again.Call.Answer.Actions[0].ID)
			assert.Equal(t, shared, again.Call.Answer.Listed[0].Number)
			require.NotNil(t, again.Call.Before)
			require.Len(t, again.Call.Before.Phones, 1)
			assert.Equal(t, 3, again.Call.Before.Progress.Tries)
			assert.Equal(t, "before", again.Call.Before.Phones[0].Label)
			assert.Equal(t, whole, *again.Call, "the call")
			contact = look(t, st, refOf(rec("b1"))).Contact
			require.NotNil(t, contact)
			assert.Equal(t, kept, *contact, "the contact")
			assert.Equal(t, "name", contact.LastName)
			assert.Equal(t, onList, listed(t, st, q), "the entry of a list")
			linesNow, _ := lines(t, st, ref)
			assert.Equal(t, entries, linesNow, "the line of the history")
			assert.Equal(t, todo, pending(t, st, "", 0), "the action")
			assert.Empty(t, find(t, st, campaign.Filter{Numbers: []blacklist.Number{48_600_000_666, 48_600_000_667}, AnyNumber: true}))
		},
	},
	{
		Name: "AnAnswerStaysWhatItWas",
		Rule: "What an answer holds is good until that answer is used again, whatever is written meanwhile and whoever asks.",
		holds: func(t *trial) {
			st := t.open()
			r := rec("a1", phones(shared, 48_600_555_777), person("p"))
			r.Fields, r.Notes, r.Tags, r.Phones[1].Label = campaign.Fields{"f": "x"}, []campaign.Note{{Text: "x"}}, []string{"x"}, "second"
			add(t, st, r, rec("b1", in(other), phones(shared), person("p")))
			commit(t, st, campaign.Change{Contact: &campaign.Contact{ID: "p", LastName: "x"}, Call: &campaign.Call{Token: 50, Campaign: one, Record: "a1", Number: shared, Ended: noon}})
			need := campaign.Need{Contact: true}
			var claimed, second campaign.Claimed
			var looked, reference campaign.Looked
			q := all(noon, func(q *campaign.Claim) { q.Need = need })
			t.did("%s", asked(q))
			require.NoError(t, st.Claim(t.ctx, q, &claimed))
			require.NoError(t, st.Look(t.ctx, need, &looked, refOf(r)))
			require.NoError(t, st.Look(t.ctx, need, &reference, refOf(r)))
			require.Len(t, claimed.Leased, 1)
			require.Len(t, looked.Facts, 1)
			f := claimed.Leased[0]
			f.Record.Fields = campaign.Fields{"f": "y"}
			phones(48_600_000_001, 48_600_000_002)(&f.Record)
			f.Record.Notes, f.Record.Tags = []campaign.Note{{Text: "y"}}, []string{"y"}
			lease := f.Lease
			lease.Holder, lease.Until = "y", at(9)
			commit(t, st, campaign.Change{Ref: leaseRef(f), Record: &f.Record, Extend: true, Lease: &lease,
				Contact: &campaign.Contact{ID: "p", LastName: "y"}, Call: &campaign.Call{Token: 50, Campaign: one, Record: "a1", Number: shared, Ended: at(1), AMD: "y"}})
			q.From[0].Campaign = other
			require.NoError(t, st.Claim(t.ctx, q, &second))
			require.NoError(t, st.Look(t.ctx, need, &reference, refOf(rec("b1", in(other))), refOf(r)))
			for _, c := range []struct {
				of  string
				got campaign.Facts
			}{{"a Claim", claimed.Leased[0]}, {"a Look", looked.Facts[0]}} {
				assert.Equal(t, r.Phones, c.got.Record.Phones, "the phones of %s", c.of)
				assert.Equal(t, r.Fields, c.got.Record.Fields, "the fields of %s", c.of)
				assert.Equal(t, r.Notes, c.got.Record.Notes, "the notes of %s", c.of)
				assert.Equal(t, r.Tags, c.got.Record.Tags, "the tags of %s", c.of)
				require.NotNil(t, c.got.Contact, c.of)
				assert.Equal(t, "x", c.got.Contact.LastName, "the contact of %s", c.of)
				assert.Equal(t, "holder", c.got.Lease.Holder, "the lease of %s", c.of)
				require.Len(t, c.got.History, 1, c.of)
				assert.Equal(t, noon, c.got.History[0].Ended, "the history of %s", c.of)
			}
		},
	},
	{
		Name: "AnAnswerMayComeFromAnotherStore",
		Rule: "A Claimed or Looked that was used elsewhere is used again like a new one: what it held is replaced, a foreign Scratch too.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"))
			old := campaign.Facts{Record: *rec("z1"), Contact: &campaign.Contact{}, Busy: make([]campaign.Hold, 3), History: []*campaign.Call{{}}, Call: &campaign.Call{}, Listed: make([]blacklist.Answer, 2)}
			looked := campaign.Looked{Facts: []campaign.Facts{old, old, old}, Scratch: "somebody else's"}
			require.NoError(t, st.Look(t.ctx, campaign.Need{}, &looked, refOf(rec("a1")), refOf(rec("gone"))))
			assert.Equal(t, lookAll(t, st, campaign.Need{}, refOf(rec("a1")), refOf(rec("gone"))), looked.Facts, "looked at with a new answer, and a used one")
			claimed := campaign.Claimed{Leased: []campaign.Facts{old}, Expired: []campaign.Facts{old, old}, Classes: make([]campaign.Class, 3),
				NextExpiry: noon, Owners: make([]campaign.OwnerHead, 2), Scratch: &looked}
			t.did("%s", asked(all(noon)))
			require.NoError(t, st.Claim(t.ctx, all(noon), &claimed))
			assert.Empty(t, claimed.Expired)
			assert.Zero(t, claimed.NextExpiry)
			assert.Empty(t, claimed.Owners)
			assert.Empty(t, claimed.Classes, "no record waits any more")
			f := first(t, claimed.Leased)
			assert.Equal(t, lookAll(t, st, campaign.Need{}, refOf(rec("a1")))[0], f)
		},
	},
}}
