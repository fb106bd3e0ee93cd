package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// filtering is what each part of a filter finds.
var filtering = part{"Filter", []clause{
	{
		// rows: Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z16
		Name: "EachPartFindsWhatItNames",
		Rule: "A filter finds what campaign.Filter.Match says, by each of its parts alone and by several together, in the order of Find.",
		holds: func(t *trial) {
			st := t.open()
			all := variety(t, st)
			for _, a := range askings() {
				assert.Equal(t, ids(among(all, a.filter)), find(t, st, a.filter), a.name)
			}
		},
	},
	{
		Name: "CountsAreExact",
		Rule: "Count counts by each group exactly those that Find finds.",
		holds: func(t *trial) {
			st := t.open()
			all := variety(t, st)
			for _, a := range askings() {
				for _, by := range []campaign.Group{campaign.ByNothing, campaign.ByState, campaign.ByStatus, campaign.ByQualifier, campaign.ByOwner, campaign.ByClass, campaign.ByCampaign} {
					want := make(map[string]int)
					for _, f := range among(all, a.filter) {
						want[by.Of(&f.Record, f.Record.StateAt(noon, 0, f.Lease.Token != 0))]++
					}
					t.did("Count %+v by %q", a.filter, by)
					got, err := st.Count(t.ctx, a.filter, by)
					require.NoError(t, err)
					assert.Equal(t, want, got, "%s, by %q", a.name, by)
				}
			}
			f := campaign.Filter{At: noon, Limit: 4, After: refOf(&all[2].Record)}
			got, err := st.Count(t.ctx, f, campaign.ByQualifier)
			require.NoError(t, err)
			want := make(map[string]int)
			for _, x := range all[3:7] {
				want[x.Record.Qualifier.String()]++
			}
			assert.Equal(t, want, got, "at most Limit, behind After")
		},
	},
	{
		Name: "EachPartFindsWhatARecordHasBecome",
		Rule: "A record is found by what a call or another write has made of it, and no longer by what it was.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"), rec("b1"), rec("c1"))
			f := lease(t, st, all(noon, limit(1)))
			r := f.Record
			become := func(text string, q status.Qualifier, hour int) campaign.Filter {
				r.Status, r.Qualifier, r.Lane, r.Owner, r.LastAgent = status.ID(text), q, status.LaneAgain, campaign.AgentID(text), campaign.AgentID(text)
				r.Author, r.Operation, r.LastCall, r.Due = text, text, at(60*hour), at(60*hour+30)
				return campaign.Filter{Statuses: []status.ID{r.Status}, Qualifiers: []status.Qualifier{q}, Owners: []campaign.AgentID{r.Owner}, Agents: []campaign.AgentID{r.Owner},
					Authors: []string{text}, Operation: text, Called: campaign.Span{From: r.LastCall, To: r.LastCall.Add(1)}, Due: campaign.Span{From: r.Due, To: r.Due.Add(1)}}
			}
			each := func(f campaign.Filter) []campaign.Filter {
				return []campaign.Filter{{Statuses: f.Statuses}, {Qualifiers: f.Qualifiers}, {Owners: f.Owners}, {Agents: f.Agents}, {Authors: f.Authors},
					{Operation: f.Operation}, {Called: f.Called}, {Due: f.Due}, f}
			}
			found := func(now campaign.Filter, old ...campaign.Filter) {
				t.Helper()
				for _, f := range each(now) {
					assert.Equal(t, []string{string(r.ID)}, find(t, st, f), "what it is")
				}
				for _, o := range old {
					for _, f := range each(o) {
						assert.Empty(t, find(t, st, f), "what it was")
					}
				}
			}
			x := become("x", status.Success, -3)
			commit(t, st, campaign.Change{Ref: leaseRef(f), Record: &r, Call: &campaign.Call{Token: f.Lease.Call, Campaign: one, Record: r.ID, Ended: r.LastCall.Add(time.Minute)}})
			found(x)
			y := become("y", status.Closed, -30)
			commit(t, st, campaign.Change{Ref: refOf(&r), Record: keptBy(t, st, &r, func(kept *campaign.Record) { r.Version = kept.Version; *kept = r })})
			found(y, x)
			taken := campaign.Lease{Holder: "h", Until: at(60)}
			commit(t, st, campaign.Change{Ref: refOf(&r), Lease: &taken})
			found(y, x)
			ref := refOf(&r)
			ref.Token = taken.Token
			r.Standing = status.StandingHeld
			z := become("z", status.SuccessClosed, -60)
			r.Lane = status.LaneNone
			commit(t, st, campaign.Change{Ref: ref, Record: keptBy(t, st, &r, func(kept *campaign.Record) { r.Version = kept.Version; *kept = r }),
				Call: &campaign.Call{Token: taken.Call, Campaign: one, Record: r.ID, Ended: at(1000)}})
			found(z, x, y)
		},
	},
	{
		Name: "PagesStayWhileRecordsChange",
		Rule: "Pages of Limit records, each behind the last one's, bring each record that matches throughout once, in one order, while it and others are written and added.",
		holds: func(t *trial) {
			st := t.open()
			all := variety(t, st)
			for i, a := range askings() {
				want := ids(among(all, a.filter))
				var got []string
				f := a.filter
				f.Limit = 3 + i%5
				for left := 2 * len(all); left > 0; left-- {
					page := 0
					for x, err := range st.Find(t.ctx, f, campaign.Need{NoCalls: true}) {
						require.NoError(t, err, a.name)
						if page++; x.Record.List != "fresh" {
							got = append(got, string(x.Record.ID))
						}
						f.After = refOf(&x.Record)
					}
					if page == 0 {
						break
					}
					// One that came, one that may still come, and now and then a new one.
					var changes []campaign.Change
					for _, j := range []int{left % len(all), len(all) - 1 - left%len(all)} {
						if all[j].Lease.Token == 0 {
							r := keptBy(t, st, &all[j].Record, func(r *campaign.Record) { r.Changes++ })
							changes = append(changes, campaign.Change{Ref: refOf(r), Record: r})
						}
					}
					if left == 2*len(all) && i%4 == 0 {
						r := rec(fmt.Sprint("fresh", i), phones(blacklist.Number(48_700_000_000+i)))
						r.List = "fresh"
						changes = append(changes, adding(r))
					}
					commit(t, st, changes...)
				}
				assert.Equal(t, want, got, a.name)
			}
		},
	},
	{
		Name: "AFilterThatIsWrongIsRefused",
		Rule: "Find and Count refuse a filter with a system status or state that is none, a span that ends before it begins or a negative limit: with all that is wrong, as campaign.Filter.Check has it.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"))
			for _, f := range []campaign.Filter{
				{Systems: []campaign.System{"bussy"}}, {States: []campaign.State{77}}, {Called: campaign.Span{From: at(1), To: noon}},
				{Due: campaign.Span{From: at(1), To: noon}}, {Limit: -1}, {Limit: -1, Systems: []campaign.System{""}, Records: []campaign.RecordID{"none"}},
			} {
				want := f.Check()
				t.did("Find and Count %+v", f)
				var got error
				for x, err := range st.Find(t.ctx, f, campaign.Need{}) {
					assert.Equal(t, campaign.Facts{}, x, "nothing is found")
					got = err
				}
				counts, err := st.Count(t.ctx, f, campaign.ByNothing)
				assert.Empty(t, counts, "nothing is counted")
				for _, err := range []error{got, err} {
					require.Error(t, err)
					assert.Equal(t, paths(want), paths(err))
				}
			}
			_, err := st.Count(t.ctx, campaign.Filter{Limit: -1}, "colour")
			require.ErrorContains(t, err, "limit")
			require.ErrorContains(t, err, `"colour"`)
		},
	},
	{
		// rows: Z15, Z16, Z17
		Name: "FindStreamsTheColumnsOfAList",
		Rule: "What Find streams shows a list's columns: campaign, assigned agent, author of the last change, number, last call, next call, system status, campaign status, order and sequence.",
		holds: func(t *trial) {
			st := t.open()
			want := rec("a1", phones(shared, 48_600_555_777), due(status.LaneAgain, at(30)))
			want.Owner, want.Author, want.LastCall, want.Status, want.Qualifier = "ola", "anna", at(-30), "again", status.Redial
			want.Order, want.Sort, want.Sequence = 7, 7, 42
			add(t, st, want, rec("b1"))
			commit(t, st, campaign.Change{Ref: refOf(rec("b1")), Lease: &campaign.Lease{Holder: "h", Until: at(5)}})
			var shown []string
			t.did("Find all")
			for f, err := range st.Find(t.ctx, campaign.Filter{}, campaign.Need{NoCalls: true}) {
				require.NoError(t, err)
				r := &f.Record
				shown = append(shown, fmt.Sprint(r.Campaign, "|", r.Owner, "|", r.Author, "|", r.Phones[0].Number, "|", r.LastCall.Format("15:04"), "|", r.Due.Format("15:04"),
					"|", r.System(f.Lease.Token != 0), "|", r.Status, "|", r.Order))
				if r.ID == "a1" {
					assert.EqualValues(t, 42, r.Sequence, "the order in which it was added")
				}
			}
			assert.Equal(t, []string{
				fmt.Sprint("one|ola|anna|", shared, "|11:30|12:30|to call|again|7"),
				fmt.Sprint("one|||", rec("b1").Phones[0].Number, "|00:00|00:00|in progress||0"),
			}, sorted(shown))
		},
	},
	{
		// rows: Z11
		Name: "EachPartMayNameThousands",
		Rule: "Each part of a filter may name thousands of values, whatever a database takes at once.",
		holds: func(t *trial) {
			st := t.open()
			r := rec("a1", person("p"))
			r.List, r.Status, r.Owner, r.LastAgent, r.Author = "l", "s", "ola", "ewa", "anna"
			add(t, st, r, rec("b1"), rec("c1", phones(shared)))
			const n = 70_000
			parts := map[string]func(f *campaign.Filter, text string, number blacklist.Number){
				"terms": func(f *campaign.Filter, text string, number blacklist.Number) {
					f.Terms = append(f.Terms, campaign.Term{ID: campaign.RecordID(text), Number: number})
				},
				"lists": func(f *campaign.Filter, text string, _ blacklist.Number) { f.Lists = append(f.Lists, text) },
				"statuses": func(f *campaign.Filter, text string, _ blacklist.Number) {
					f.Statuses = append(f.Statuses, status.ID(text))
				},
				"owners": func(f *campaign.Filter, text string, _ blacklist.Number) {
					f.Owners = append(f.Owners, campaign.AgentID(text))
				},
				"agents": func(f *campaign.Filter, text string, _ blacklist.Number) {
					f.Agents = append(f.Agents, campaign.AgentID(text))
				},
				"authors": func(f *campaign.Filter, text string, _ blacklist.Number) { f.Authors = append(f.Authors, text) },
				"campaigns and records": func(f *campaign.Filter, text string, _ blacklist.Number) {
					f.Campaigns, f.Records = append(f.Campaigns, campaign.ID(text)), append(f.Records, campaign.RecordID(text))
				},
			}
			last := map[string]string{"terms": "a1", "lists": "l", "statuses": "s", "owners": "ola", "agents": "ewa", "authors": "anna", "campaigns and records": "a1"}
			for name, part := range parts {
				var f campaign.Filter
				for i := range n {
					part(&f, fmt.Sprint("none", i), blacklist.Number(49_000_000_000+i))
				}
				part(&f, last[name], 0)
				want := []string{"a1"}
				switch name {
				case "terms":
					part(&f, "x", shared)
					want = []string{"a1", "c1"}
				case "campaigns and records":
					f.Campaigns = append(f.Campaigns, one)
				}
				var found []string
				for x, err := range st.Find(t.ctx, f, campaign.Need{}) {
					require.NoError(t, err, name)
					found = append(found, string(x.Record.ID))
				}
				assert.Equal(t, want, found, name)
				counts, err := st.Count(t.ctx, f, campaign.ByNothing)
				require.NoError(t, err, name)
				assert.Equal(t, len(want), counts[""], name)
			}
		},
	},
	{
		Name: "TextsThatNoRecordHasFindNothing",
		Rule: "A filter may name any text: what no record has, such as one with NUL bytes or what is not UTF-8, finds nothing and is no error.",
		holds: func(t *trial) {
			st := t.open()
			r := rec("a1")
			r.ExternalID = "żółć"
			add(t, st, r)
			for _, text := range []string{"\x00", "a\x00", "\xff", "a1\xc5", "'", `\`} {
				for name, f := range map[string]campaign.Filter{
					"campaigns": {Campaigns: []campaign.ID{campaign.ID(text)}}, "records": {Records: []campaign.RecordID{campaign.RecordID(text)}},
					"contacts": {Contacts: []campaign.ContactID{campaign.ContactID(text)}}, "terms": {Terms: []campaign.Term{{ID: campaign.RecordID(text)}}},
					"external": {ExternalID: text}, "lists": {Lists: []string{text}}, "statuses": {Statuses: []status.ID{status.ID(text)}},
					"owners": {Owners: []campaign.AgentID{campaign.AgentID(text)}}, "agents": {Agents: []campaign.AgentID{campaign.AgentID(text)}},
					"authors": {Authors: []string{text}}, "operation": {Operation: text},
				} {
					assert.Empty(t, find(t, st, f), "%s %q", name, text)
					counts, err := st.Count(t.ctx, f, campaign.ByNothing)
					require.NoError(t, err)
					assert.Empty(t, counts, "%s %q", name, text)
				}
			}
			assert.Equal(t, []string{"a1"}, find(t, st, campaign.Filter{Lists: []string{"\x00", ""}}), "the others are looked for")
			assert.Equal(t, []string{"a1"}, find(t, st, campaign.Filter{ExternalID: "\xc5\x82"}), "a part is compared byte by byte")
			assert.Equal(t, []string{"a1"}, find(t, st, campaign.Filter{ExternalID: "\x82\xc4"}), "even where it ends inside of a letter")
		},
	},
}}

// paths are what the errors of a wrong filter name.
func paths(err error) (all []string) {
	switch e := err.(type) {
	case *campaign.FieldError:
		return []string{e.Path}
	case interface{ Unwrap() []error }:
		for _, e := range e.Unwrap() {
			all = append(all, paths(e)...)
		}
	case interface{ Unwrap() error }:
		return paths(e.Unwrap())
	}
	return all
}

func sorted(texts []string) []string {
	texts = slices.Clone(texts)
	slices.Sort(texts)
	return texts
}
