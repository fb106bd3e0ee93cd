package storetest

import (
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// keeping is that values come back as they were given.
var keeping = part{"Values", []clause{
	{
		Name: "TimesAreKeptInUTCAtMicroseconds",
		Rule: "Times are kept in UTC at microseconds, cut off below.",
		holds: func(t *trial) {
			st := t.open()
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
			given := lease(t, st, all(rough, func(q *campaign.Claim) { q.Until = rough.Add(time.Hour) })).Lease
			assert.Equal(t, want.Add(time.Hour), given.Until)
			require.NotNil(t, f.Call)
			require.NotNil(t, f.Call.Before)
			require.NotNil(t, f.Contact)
			require.Len(t, f.Record.Phones, 1)
			require.Len(t, f.Record.Notes, 1)
			require.Len(t, f.Call.Answer.Listed, 1)
			times := map[string]any{
				"due": f.Record.Due, "park": f.Record.Park.Until, "created": f.Record.Created, "skip": f.Record.SkipUntil,
				"first": f.Record.Attempts.First, "phone": f.Record.Phones[0].BlockedUntil, "field": f.Record.Fields["t"],
				"note": f.Record.Notes[0].At, "contact": f.Contact.Fields["t"], "dialed": f.Call.Dialed, "ended": f.Call.Ended,
				"answer": f.Call.Answer.Due, "listed": f.Call.Answer.Listed[0].Until, "before": f.Call.Before.Progress.Due,
				"lease": given.At,
			}
			if entries, _ := lines(t, st, refOf(r)); t.options.History {
				require.Len(t, entries, 1)
				times["line"] = entries[0].At
			}
			if actions := pending(t, st, "", 0); t.options.Actions {
				require.Len(t, actions, 1)
				times["action"] = actions[0].At
			}
			for name, got := range times {
				assert.Equal(t, any(want), got, name)
			}
			assert.Equal(t, rough, r.Phones[0].BlockedUntil, "the caller's values are the caller's")
			assert.Equal(t, rough, r.Fields["t"])
		},
	},
	{
		Name: "ARecordIsKeptWhole",
		Rule: "A record is kept as it was given, added or written, but for its version: every field of it.",
		holds: func(t *trial) {
			st := t.open()
			r := filled[campaign.Record]()
			r.ID, r.Campaign, r.Version = "a1", one, 1
			add(t, st, r)
			assert.Equal(t, *r, look(t, st, refOf(r)).Record, "added")
			other := rec("a1")
			other.Sequence = r.Sequence
			commit(t, st, campaign.Change{Ref: refOf(r), Record: other})
			other.Version = 2
			assert.Equal(t, *other, look(t, st, refOf(r)).Record, "written, with little in it")
			r.Version = 2
			commit(t, st, campaign.Change{Ref: refOf(r), Record: r})
			r.Version = 3
			assert.Equal(t, *r, look(t, st, refOf(r)).Record, "written")
			for f, err := range st.Find(t.ctx, campaign.Filter{}, campaign.Need{}) {
				require.NoError(t, err)
				assert.Equal(t, *r, f.Record, "found")
			}
			r.Park = campaign.Park{}
			r.Due, r.Version = at(-1), 3
			commit(t, st, campaign.Change{Ref: refOf(r), Record: r})
			r.Version = 4
			f := lease(t, st, all(noon, func(q *campaign.Claim) { q.From[0].Open = []string{r.Class} }))
			assert.Equal(t, *r, f.Record, "leased")
		},
	},
	{
		Name: "FieldsKeepTheirKinds",
		Rule: "The values of a record's fields keep their kinds: string, int64, float64, bool, time.Time and []string, zero ones too.",
		holds: func(t *trial) {
			st := t.open()
			r := rec("a1")
			r.Fields = campaign.Fields{
				"text": "x", "empty": "", "number in text": "17", "time in text": "2026-06-01T12:00:00Z",
				"int": int64(7), "large": int64(9_007_199_254_740_993), "zero": int64(0), "below": int64(-1 << 62),
				"float": 2.5, "whole": float64(3), "huge": 1e300, "no": false, "yes": true,
				"time": at(3).Add(time.Microsecond), "texts": []string{"b", "", "a"}, "Text": "upper", " ": "blank",
			}
			add(t, st, r)
			got := look(t, st, refOf(r)).Record.Fields
			for name, want := range r.Fields {
				assert.Equal(t, want, got[name], "field %q", name)
			}
			assert.Len(t, got, len(r.Fields))
		},
	},
	{
		Name: "TextsAreKeptAsTheyAre",
		Rule: "A text is any UTF-8 without NUL bytes, and is kept as it is.",
		holds: func(t *trial) {
			st := t.open()
			for i, text := range []string{
				"'; DROP TABLE records; --", `back\\slash "quoted" 'quoted'`, "100% _ * ?", "żółć 電話 📞", " blanks around ", "line\nline\ttab\r", "$1 :name @p ?", "null", "{}", "[1,2]",
			} {
				r := rec("x", phones(blacklist.Number(48_600_000_000+i)))
				r.ID, r.Contact, r.Class, r.List, r.Status, r.Owner = campaign.RecordID(text), campaign.ContactID(text), text, text, status.ID(text), campaign.AgentID(text)
				r.Operation, r.ExternalID, r.Fields, r.Tags, r.Notes = text, text, campaign.Fields{text: text}, []string{text}, []campaign.Note{{Text: text}}
				r.Past = []campaign.ID{campaign.ID(text)}
				r.Phones[0].Label, r.Lane = text, status.LaneOwn
				ch := adding(r)
				ch.Contact = &campaign.Contact{ID: r.Contact, LastName: text}
				ch.Actions = []campaign.Action{{ID: text}}
				ch.List = []blacklist.Entry{{List: blacklist.List(text), Number: shared, Reason: text}}
				commit(t, st, ch)
				f := look(t, st, ch.Ref)
				r.Version, r.Sequence = f.Record.Version, f.Record.Sequence
				assert.Equal(t, *r, f.Record)
				require.NotNil(t, f.Contact)
				assert.Equal(t, text, f.Contact.LastName)
				for name, filter := range map[string]campaign.Filter{
					"records": {Records: []campaign.RecordID{r.ID}}, "contacts": {Contacts: []campaign.ContactID{r.Contact}}, "lists": {Lists: []string{text}},
					"statuses": {Statuses: []status.ID{r.Status}}, "owners": {Owners: []campaign.AgentID{r.Owner}}, "operation": {Operation: text},
				} {
					assert.Equal(t, []string{text}, find(t, st, filter), name)
				}
				assert.Len(t, listed(t, st, blacklist.Query{Now: noon, Lists: []blacklist.List{blacklist.List(text)}, Numbers: []blacklist.Number{shared}}), 1)
				assert.Equal(t, []string{text}, leased(t, st, all(noon, func(q *campaign.Claim) {
					q.From[0].Open, q.From[0].Sources = []string{text}, []campaign.Source{{Lane: status.LaneOwn, Owner: r.Owner, Due: noon}}
				})))
			}
		},
	},
	{
		Name: "IdsAreComparedByteByByte",
		Rule: "Ids are equal if their bytes are, and where they are sorted, their bytes are compared: no language's letters, no case, no blanks cut off.",
		holds: func(t *trial) {
			st := t.open()
			names := []string{"10", "9", "A", "B", "a", "a ", "a1", "b", "ä", "ﬁ", "\U00010348"} // in the order of their bytes
			names = slices.Insert(names, 8, "a\u0308")
			slices.Sort(names)
			for i := range names {
				name := names[len(names)-1-i]
				r := rec("x", in(campaign.ID(name)), phones(blacklist.Number(48_600_000_000+i)), person(campaign.ContactID(name)))
				r.ID, r.List = campaign.RecordID(name), name
				s := rec("x", phones(blacklist.Number(48_600_100_000+i)), person(campaign.ContactID(name)))
				s.ID, s.List = campaign.RecordID(name), name
				commit(t, st, adding(r), adding(s)) // nor is any of them a duplicate
			}
			var found []string
			for f, err := range st.Find(t.ctx, campaign.Filter{}, campaign.Need{}) {
				require.NoError(t, err)
				if f.Record.Campaign != one {
					found = append(found, string(f.Record.Campaign))
				}
			}
			assert.Equal(t, names, found, "by campaign, its bytes compared")
			behind := campaign.Ref{Campaign: "B", Record: "B"}
			found = nil
			for f, err := range st.Find(t.ctx, campaign.Filter{After: behind, Lists: names}, campaign.Need{}) {
				require.NoError(t, err)
				if f.Record.Campaign != one {
					found = append(found, string(f.Record.Campaign))
				}
			}
			assert.Equal(t, names[slices.Index(names, "B")+1:], found, "behind B, its bytes compared")
			for _, name := range names {
				for what, f := range map[string]campaign.Filter{
					"record": {Records: []campaign.RecordID{campaign.RecordID(name)}}, "contact": {Contacts: []campaign.ContactID{campaign.ContactID(name)}}, "list": {Lists: []string{name}},
				} {
					assert.ElementsMatch(t, []string{name, name}, find(t, st, f), "%s %q", what, name)
				}
				assert.EqualValues(t, name, look(t, st, campaign.Ref{Campaign: campaign.ID(name), Record: campaign.RecordID(name)}).Record.ID)
			}
			backwards := slices.Clone(names)
			slices.Reverse(backwards)
			assert.Equal(t, backwards, leased(t, st, all(noon)), "a Claim sorts nothing by id")
		},
	},
	{
		Name: "NoTimeAndFarTimesAreKept",
		Rule: "The zero time is kept as the zero time, and so are those of the years 1 to 9999: a park until campaign.Forever ends then.",
		holds: func(t *trial) {
			st := t.open()
			early := time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC)
			a, b, c := rec("a1", park(campaign.Forever, 0)), rec("b1", due(status.LaneAgain, campaign.Forever)), rec("c1", due(status.LaneAgain, early))
			a.Created, a.Updated = early, time.Date(1899, 12, 31, 23, 59, 59, 999_999_000, time.UTC)
			add(t, st, a, b, c, rec("d1"))
			for _, r := range []*campaign.Record{a, b, c, rec("d1")} {
				got := look(t, st, refOf(r)).Record
				r.Version, r.Sequence = got.Version, got.Sequence
				assert.Equal(t, *r, got)
			}
			assert.True(t, look(t, st, refOf(rec("d1"))).Record.Due.IsZero())
			assert.Equal(t, []string{"d1", "c1"}, leased(t, st, all(noon)))
			got := claim(t, st, all(noon))
			for _, x := range got.Classes {
				assert.Equal(t, campaign.Forever, x.Heads[status.LaneAgain])
				assert.Equal(t, campaign.Forever, x.Wake)
			}
		},
	},
	{
		Name: "EachFieldIsKeptAlone",
		Rule: "A field is kept whatever the others are: alone in a record, a call or a contact, too.",
		holds: func(t *trial) {
			st := t.open()
			number := blacklist.Number(48_600_000_000)
			for kind, base := range map[campaign.ID]*campaign.Record{one: {}, other: rec("x")} {
				eachAlone(*base, func(path string, r *campaign.Record) {
					number++
					r.ID, r.Campaign, r.Version = campaign.RecordID(path), kind, 0
					r.Phones = slices.Clone(r.Phones)
					if len(r.Phones) > 0 {
						r.Phones[0].Number = number
					}
					add(t, st, r)
					f := look(t, st, refOf(r))
					want := *r
					want.Version = 1
					if want.Sequence == 0 {
						want.Sequence = f.Record.Sequence
					}
					assert.Equal(t, want, f.Record, "%s alone", path)
				})
			}
			add(t, st, rec("a1"))
			token := campaign.Token(1000)
			eachAlone(campaign.Call{}, func(path string, c *campaign.Call) {
				token++
				c.Token, c.Campaign, c.Record = token, one, "a1"
				commit(t, st, campaign.Change{Call: c})
				got := look(t, st, campaign.Ref{Campaign: one, Record: "a1", Token: token}).Call
				require.NotNil(t, got)
				assert.Equal(t, *c, *got, "%s alone", path)
			})
			add(t, st, rec("b1", person("p")))
			eachAlone(campaign.Contact{}, func(path string, p *campaign.Contact) {
				p.ID, p.Version = "p", 0
				commit(t, st, campaign.Change{Contact: p})
				got := look(t, st, refOf(rec("b1"))).Contact
				require.NotNil(t, got)
				p.Version = got.Version // the store's own
				assert.Equal(t, *p, *got, "%s alone", path)
			})
		},
	},
}}
