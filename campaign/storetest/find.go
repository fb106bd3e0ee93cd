package storetest

import (
	"fmt"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// finding is what Find and Count bring.
var finding = part{"Find", []clause{
	{
		Name: "FindNarrowsByEveryPartOfTheFilter",
		Rule: "Find streams the records that match every part of the filter, by campaign and sequence, behind " +
			"After, at most Limit of them; Count counts the same.",
		holds: func(t *trial) {
			st := t.open()
			const second blacklist.Number = 48_600_555_777
			with := func(edit func(*campaign.Record)) func(*campaign.Record) { return edit }
			add(t, st,
				rec("z1", in(other), phones(second)),
				rec("c1", person("p"), phones(shared, second)),
				rec("b1", with(func(r *campaign.Record) { r.List, r.Status, r.Qualifier, r.Operation = "l", "s", status.Redial, "op" })),
				rec("a1", owner("x", at(9))),
				rec("d1", standing(status.StandingClosed)), rec("e1", standing(status.StandingHeld)), rec("f1", park(at(9), 0)), rec("g1", park(at(9), 5)),
			)
			everything := []string{"c1", "b1", "a1", "d1", "e1", "f1", "g1", "z1"}
			require.Equal(t, []string{"c1", "b1"}, leased(t, st, all(noon, func(q *campaign.Claim) {
				q.From[0].Sources, q.From[0].Max, q.Limit = []campaign.Source{{Lane: status.LaneFresh, Due: noon}}, 2, 2
			})))
			commit(t, st, ended(look(t, st, campaign.Ref{Campaign: one, Record: "c1"})))
			for name, c := range map[string]struct {
				filter campaign.Filter
				want   []string
			}{
				"all, by campaign and sequence": {campaign.Filter{}, everything},
				"campaign":                      {campaign.Filter{Campaigns: []campaign.ID{other, "none"}}, []string{"z1"}},
				"records, in the same order":    {campaign.Filter{Records: []campaign.RecordID{"z1", "a1", "c1", "a1", "none"}}, []string{"c1", "a1", "z1"}},
				"records of a campaign":         {campaign.Filter{Campaigns: []campaign.ID{one}, Records: []campaign.RecordID{"z1", "a1"}}, []string{"a1"}},
				"contact":                       {campaign.Filter{Contacts: []campaign.ContactID{"p"}}, []string{"c1"}},
				"main number":                   {campaign.Filter{Numbers: []blacklist.Number{second}}, []string{"z1"}},
				"any number":                    {campaign.Filter{Numbers: []blacklist.Number{second, shared}, AnyNumber: true}, []string{"c1", "z1"}},
				"contact and number":            {campaign.Filter{Contacts: []campaign.ContactID{"p"}, Numbers: []blacklist.Number{second}}, nil},
				"list":                          {campaign.Filter{Lists: []string{"l"}}, []string{"b1"}},
				"status":                        {campaign.Filter{Statuses: []status.ID{"s"}}, []string{"b1"}},
				"no status":                     {campaign.Filter{Statuses: []status.ID{""}, Campaigns: []campaign.ID{other}}, []string{"z1"}},
				"qualifier":                     {campaign.Filter{Qualifiers: []status.Qualifier{status.Redial}}, []string{"b1"}},
				"owner":                         {campaign.Filter{Owners: []campaign.AgentID{"x"}}, []string{"a1"}},
				"operation":                     {campaign.Filter{Operation: "op"}, []string{"b1"}},
				"ready":                         {campaign.Filter{States: []campaign.State{campaign.StateReady}, At: noon}, []string{"c1", "g1", "z1"}},
				"waiting":                       {campaign.Filter{States: []campaign.State{campaign.StateWaiting}, At: noon}, []string{"a1"}},
				"waiting no more":               {campaign.Filter{States: []campaign.State{campaign.StateWaiting}, At: at(9)}, nil},
				"parked":                        {campaign.Filter{States: []campaign.State{campaign.StateParked}, At: noon}, []string{"f1"}},
				"parked at a named revision": {campaign.Filter{States: []campaign.State{campaign.StateParked}, At: noon,
					Revisions: map[campaign.ID]int64{one: 5}}, []string{"g1"}},
				"held, closed or leased": {campaign.Filter{States: []campaign.State{campaign.StateHeld, campaign.StateClosed, campaign.StateLeased}}, []string{"b1", "d1", "e1"}},
				"limit":                  {campaign.Filter{Limit: 2}, everything[:2]},
				"after":                  {campaign.Filter{After: campaign.Ref{Campaign: one, Record: "a1"}}, everything[3:]},
				"after, with limit":      {campaign.Filter{After: campaign.Ref{Campaign: one, Record: "g1"}, Limit: 5}, everything[7:]},
				"after, of some records": {campaign.Filter{After: campaign.Ref{Campaign: one, Record: "a1"}, Records: []campaign.RecordID{"c1", "a1", "g1", "z1"}}, []string{"g1", "z1"}},
			} {
				assert.Equal(t, c.want, find(t, st, c.filter), name)
				n, err := st.Count(t.ctx, c.filter, campaign.ByNothing)
				require.NoError(t, err)
				assert.Equal(t, len(c.want), n[""], name)
			}
			commit(t, st, campaign.Change{Ref: campaign.Ref{Campaign: one}, Revision: 5})
			parked := campaign.Filter{States: []campaign.State{campaign.StateParked}, At: noon}
			assert.Equal(t, []string{"g1"}, find(t, st, parked), "parked at the newest revision that the store knows")
			parked.Revisions = map[campaign.ID]int64{one: 0, other: 5}
			assert.Equal(t, []string{"f1"}, find(t, st, parked), "parked at the revision that is named")
		},
	},
	{
		Name: "FindBringsWhatIsNeeded",
		Rule: "Find brings beside each record its lease, and the contact and calls that Need asks for.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1", person("p")))
			commit(t, st, campaign.Change{Contact: &campaign.Contact{ID: "p", Company: "c"},
				Call: &campaign.Call{Token: 50, Campaign: one, Record: "a1", Ended: noon}})
			f := lease(t, st, all(noon))
			for need, want := range map[campaign.Need][2]int{{}: {0, 1}, {Contact: true, NoCalls: true}: {1, 0}, {Since: at(1)}: {0, 0}} {
				for got, err := range st.Find(t.ctx, campaign.Filter{}, need) {
					require.NoError(t, err)
					assert.Equal(t, want[0] == 1, got.Contact != nil)
					assert.Len(t, got.History, want[1])
					assert.Equal(t, f.Lease, got.Lease)
				}
			}
		},
	},
	{
		Name: "TheCallerOfFindMayWriteOrStop",
		Rule: "Find holds no lock while its caller has an answer: the caller may write, or stop.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"), rec("b1"), rec("c1"))
			for f, err := range st.Find(t.ctx, campaign.Filter{}, campaign.Need{}) {
				require.NoError(t, err)
				f.Record.List = "seen"
				t.within("a write while Find's caller has an answer", func() {
					errs, err := st.Commit(t.ctx, campaign.Change{Ref: refOf(&f.Record), Record: &f.Record})
					assert.NoError(t, err)
					assert.Nil(t, errs)
				})
				if f.Record.ID == "b1" {
					break
				}
			}
			assert.Equal(t, []string{"a1", "b1"}, find(t, st, campaign.Filter{Lists: []string{"seen"}}))
		},
	},
	{
		Name: "CountGroups",
		Rule: "Count counts the matching records by state, status, qualifier, owner, class, campaign or " +
			"nothing; another group is an error.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"), rec("b1", owner("x", at(9))), rec("c1", standing(status.StandingClosed)), rec("d1", standing(status.StandingHeld)),
				rec("e1", park(at(9), 0)), rec("f1", in(other), class("X")))
			s := look(t, st, campaign.Ref{Campaign: one, Record: "c1"}).Record
			s.Status, s.Qualifier = "s", status.Closed
			commit(t, st, campaign.Change{Ref: refOf(&s), Record: &s})
			require.Len(t, claim(t, st, all(noon)).Leased, 1)
			for by, want := range map[campaign.Group]map[string]int{
				campaign.ByNothing:   {"": 6},
				campaign.ByState:     {"leased": 1, "waiting": 1, "closed": 1, "held": 1, "parked": 1, "ready": 1},
				campaign.ByStatus:    {"": 5, "s": 1},
				campaign.ByQualifier: {status.None.String(): 5, status.Closed.String(): 1},
				campaign.ByOwner:     {"": 5, "x": 1},
				campaign.ByClass:     {zone: 5, "X": 1},
				campaign.ByCampaign:  {"one": 5, "other": 1},
			} {
				got, err := st.Count(t.ctx, campaign.Filter{At: noon}, by)
				require.NoError(t, err)
				assert.Equal(t, want, got, "by %q", by)
			}
			_, err := st.Count(t.ctx, campaign.Filter{}, "colour")
			require.ErrorContains(t, err, `"colour"`)
		},
	},
	{
		Name: "FindGoesOnBehindAnyRecord",
		Rule: "Pages of Limit records, each behind the last one's, bring all records once, in the order of one Find.",
		holds: func(t *trial) {
			st := t.open()
			for i := range 40 {
				r := rec(fmt.Sprint("r", i), phones(blacklist.Number(48_600_000_000+i)))
				r.Sequence = int64(1 + (i*7)%20) // each twice, not in the order of adding
				if i%3 == 0 {
					r.Campaign = other
				}
				add(t, st, r)
			}
			whole := find(t, st, campaign.Filter{})
			require.Len(t, whole, 40)
			var paged []string
			var after campaign.Ref
			for len(paged) < len(whole) {
				page := 0
				for f, err := range st.Find(t.ctx, campaign.Filter{After: after, Limit: 7}, campaign.Need{}) {
					require.NoError(t, err)
					paged = append(paged, string(f.Record.ID))
					after = refOf(&f.Record)
					page++
				}
				if page == 0 {
					break
				}
			}
			assert.Equal(t, whole, paged)
			assert.Empty(t, find(t, st, campaign.Filter{After: after, Limit: 7}))
			err := error(nil)
			for _, err = range st.Find(t.ctx, campaign.Filter{After: campaign.Ref{Campaign: one, Record: "gone"}}, campaign.Need{}) {
				assert.ErrorIs(t, err, campaign.ErrNotFound, "behind a record that does not exist")
			}
			assert.Error(t, err, "behind a record that does not exist")
		},
	},
	{
		Name: "AFilterMayNameThousands",
		Rule: "A filter may name thousands of ids, whatever a database takes at once.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"), rec("b1", person("p")), rec("c1", phones(shared)))
			const n = 70_000
			var f, g, h campaign.Filter
			for i := range n {
				f.Records = append(f.Records, campaign.RecordID(fmt.Sprint("none", i)))
				g.Contacts = append(g.Contacts, campaign.ContactID(fmt.Sprint("none", i)))
				h.Numbers = append(h.Numbers, blacklist.Number(49_000_000_000+i))
			}
			f.Records = append(f.Records, "c1", "a1")
			g.Contacts = append(g.Contacts, "p")
			h.Numbers = append(h.Numbers, shared)
			for name, c := range map[string]struct {
				filter campaign.Filter
				want   []string
			}{"records": {f, []string{"a1", "c1"}}, "contacts": {g, []string{"b1"}}, "numbers": {h, []string{"c1"}}} {
				var found []string
				for facts, err := range st.Find(t.ctx, c.filter, campaign.Need{}) {
					require.NoError(t, err, name)
					found = append(found, string(facts.Record.ID))
				}
				assert.Equal(t, c.want, found, name)
			}
		},
	},
	{
		Name: "LookAnswersEachRefInItsPlace",
		Rule: "into.Facts becomes as long as refs, in their order, a ref that comes twice answered twice.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"), rec("b1", in(other)), rec("c1"))
			got := lookAll(t, st, campaign.Need{}, refOf(rec("c1")), refOf(rec("b1", in(other))), refOf(rec("b1")), refOf(rec("a1")), refOf(rec("c1")), campaign.Ref{})
			assert.Equal(t, []string{"c1", "b1", "", "a1", "c1", ""}, ids(got))
			assert.Equal(t, campaign.Facts{}, got[2])
			assert.Equal(t, got[0], got[4])
		},
	},
}}
