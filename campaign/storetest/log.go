package storetest

import (
	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// logging is what the log of calls keeps.
var logging = part{"Log", []clause{
	{
		Name: "TheLogIsKeptByTokenAndReadByRecordContactAndNumber",
		Rule: "A call with a known token replaces that one. History is the calls to the record, its contact " +
			"and its numbers, in all campaigns, as far back as Need says, oldest first, each once.",
		holds: func(t *trial) {
			st := t.open()
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
				facts := lookAll(t, st, campaign.Need{Since: at(since)}, campaign.Ref{Campaign: c, Record: id})
				for _, x := range facts[0].History {
					assert.Nil(t, x.Before)
					tokens = append(tokens, x.Token)
				}
				return tokens
			}
			assert.Equal(t, []campaign.Token{2, 5, 3, 4, 6}, tokens(one, "a1", -99), "oldest first, each once")
			assert.Equal(t, []campaign.Token{2, 5, 3}, tokens(other, "b1", -99), "its contact's, not those of numbers that it has not")
			assert.Equal(t, []campaign.Token{2, 3, 6}, tokens(other, "c1", -99))
			assert.Equal(t, []campaign.Token{3, 4, 6}, tokens(one, "a1", -10), "since that very instant")

			late := call(3, one, "a1", "", 48_600_666_666, -30)
			late.Outcome = campaign.Answered
			commit(t, st, campaign.Change{Ref: campaign.Ref{Campaign: one, Record: "a1"}, Call: late})
			assert.Equal(t, []campaign.Token{3, 2, 5, 4, 6}, tokens(one, "a1", -99), "replaced, not doubled")
			assert.Equal(t, []campaign.Token{2, 5}, tokens(other, "b1", -99), "no longer to this contact")
			assert.Equal(t, campaign.Answered, reported(t, st, campaign.Ref{Campaign: one, Record: "a1", Token: 3}).Outcome)

			facts := lookAll(t, st, campaign.Need{NoCalls: true}, campaign.Ref{Campaign: one, Record: "a1"})
			assert.Nil(t, facts[0].History)
		},
	},
	{
		Name: "ATokenBringsItsCallAndTheLatestItsBefore",
		Rule: "A Ref whose token is that of a call in the record's log brings it in Facts.Call, with its " +
			"Before if that is asked for and the call is the record's latest.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"), rec("b1"), rec("a1", in(other)))
			a := campaign.Ref{Campaign: one, Record: "a1"}
			before := &campaign.Before{Progress: campaign.Progress{Tries: 3}}
			log := func(token campaign.Token, b *campaign.Before) {
				commit(t, st, campaign.Change{Ref: a, Call: &campaign.Call{Token: token, Campaign: one, Record: "a1", Before: b, Ended: noon}})
			}
			log(8, before)
			log(7, &campaign.Before{}) // a late report of an older call
			a.Token = 8
			assert.Equal(t, before, reported(t, st, a).Before)
			facts := lookAll(t, st, campaign.Need{}, a)
			require.NotNil(t, facts[0].Call)
			assert.Nil(t, facts[0].Call.Before, "not asked for")
			a.Token = 9
			assert.Nil(t, look(t, st, a).Call)
			assert.Nil(t, look(t, st, campaign.Ref{Campaign: one, Record: "b1", Token: 8}).Call, "the call of another record")
			assert.Nil(t, look(t, st, campaign.Ref{Campaign: other, Record: "a1", Token: 8}).Call, "the call of a record of another campaign")
			a.Token = 7
			assert.EqualValues(t, 7, reported(t, st, a).Token)
		},
	},
	{
		Name: "ACallIsKeptWhole",
		Rule: "A call is kept as it was given, with its answer and, if it is the record's latest, its Before.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"))
			call := filled[campaign.Call]()
			call.Token, call.Campaign, call.Record = 900, one, "a1"
			ref := campaign.Ref{Campaign: one, Record: "a1", Token: 900}
			commit(t, st, campaign.Change{Ref: refOf(rec("a1")), Call: call})
			f := look(t, st, ref)
			require.NotNil(t, f.Call)
			assert.Equal(t, *call, *f.Call)
			plain := *call
			plain.Before = nil
			require.Len(t, f.History, 1)
			assert.Equal(t, plain, *f.History[0], "in the history, where Before is left out")
			empty := campaign.Call{Token: 901, Campaign: one, Record: "a1", Ended: noon}
			commit(t, st, campaign.Change{Ref: refOf(rec("a1")), Call: &empty})
			ref.Token = 901
			f = look(t, st, ref)
			require.NotNil(t, f.Call)
			assert.Equal(t, empty, *f.Call, "one of which little is known")
		},
	},
	{
		Name:  "TheHistoryIsToldInItsOrder",
		Rule:  "History brings the lines of a record's history, oldest first, and its own calls; of a record that does not exist, ErrNotFound.",
		Needs: history,
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1", person("p"), phones(shared)), rec("b1", person("p"), in(other), phones(shared)))
			a, b := refOf(rec("a1")), refOf(rec("b1", in(other)))
			whole := filled[campaign.Entry]()
			commit(t, st, campaign.Change{Ref: a, Entry: whole},
				campaign.Change{Ref: a, Entry: &campaign.Entry{At: at(-9), Note: "second"}, Call: &campaign.Call{Token: 9, Campaign: one, Record: "a1", Number: shared, Ended: at(2)}},
				campaign.Change{Ref: b, Entry: &campaign.Entry{Note: "of b"}, Call: &campaign.Call{Token: 10, Campaign: other, Record: "b1", Contact: "p", Number: shared, Ended: at(1)}},
				campaign.Change{Ref: a, Entry: &campaign.Entry{Note: "third"}, Call: &campaign.Call{Token: 11, Campaign: one, Record: "a1", Ended: at(1)}})
			entries, calls := lines(t, st, a)
			require.Len(t, entries, 3)
			assert.Equal(t, *whole, entries[0])
			assert.Equal(t, "second", entries[1].Note, "in the order of their commits")
			assert.Equal(t, "third", entries[2].Note)
			require.Len(t, calls, 2, "its own only")
			assert.EqualValues(t, 11, calls[0].Token)
			assert.EqualValues(t, 9, calls[1].Token)
			entries, calls = lines(t, st, b)
			assert.Len(t, entries, 1)
			assert.Len(t, calls, 1)
			_, _, err := st.(campaign.HistoryStore).History(t.ctx, campaign.Ref{Campaign: one, Record: "gone"})
			assert.ErrorIs(t, err, campaign.ErrNotFound)
		},
	},
	{
		Name: "AContactIsKeptWholeAndReplaced",
		Rule: "A contact is kept as it was given, before or after the records that have it; another one with its id replaces it whole.",
		holds: func(t *trial) {
			st := t.open()
			p := filled[campaign.Contact]()
			p.ID, p.Version = "p", 0
			commit(t, st, campaign.Change{Contact: p})
			add(t, st, rec("a1", person("p")), rec("b1", in(other), person("p")), rec("c1", person("q")), rec("d1"))
			for _, ref := range []campaign.Ref{refOf(rec("a1")), refOf(rec("b1", in(other)))} {
				got := look(t, st, ref).Contact
				require.NotNil(t, got)
				p.Version = got.Version // the store's own
				assert.Equal(t, *p, *got)
			}
			assert.Nil(t, look(t, st, refOf(rec("c1"))).Contact, "never written")
			assert.Nil(t, look(t, st, refOf(rec("d1"))).Contact, "it has none")
			commit(t, st, campaign.Change{Contact: &campaign.Contact{ID: "p", LastName: "new"}}, campaign.Change{Contact: &campaign.Contact{ID: "q"}})
			got := look(t, st, refOf(rec("a1"))).Contact
			require.NotNil(t, got)
			assert.Equal(t, campaign.Contact{ID: "p", LastName: "new", Version: got.Version}, *got)
			assert.NotNil(t, look(t, st, refOf(rec("c1"))).Contact)
		},
	},
}}
