package storetest

import (
	"context"
	"fmt"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// stopping is what a store does when its caller has gone, or asks for nothing.
var stopping = part{"Context", []clause{
	{
		Name: "ACancelledContextDoesNothing",
		Rule: "With a cancelled context nothing is written or leased, and the error is the context's.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"))
			gone, cancel := context.WithCancel(t.ctx)
			cancel()
			var got campaign.Claimed
			require.ErrorIs(t, st.Claim(gone, all(noon), &got), context.Canceled)
			_, err := st.Commit(gone, adding(rec("b1")))
			require.ErrorIs(t, err, context.Canceled)
			var into campaign.Looked
			require.ErrorIs(t, st.Look(gone, campaign.Need{}, &into, campaign.Ref{}), context.Canceled)
			_, err = st.Count(gone, campaign.Filter{}, campaign.ByNothing)
			require.ErrorIs(t, err, context.Canceled)
			_, err = st.Check(gone, blacklist.Query{})
			require.ErrorIs(t, err, context.Canceled)
			if h, ok := st.(campaign.HistoryStore); ok && t.options.History {
				_, _, err = h.History(gone, campaign.Ref{Campaign: one, Record: "a1"})
				require.ErrorIs(t, err, context.Canceled)
			}
			if a, ok := st.(campaign.ActionStore); ok && t.options.Actions {
				_, err = a.Pending(gone, "", 0)
				require.ErrorIs(t, err, context.Canceled)
			}
			n := 0
			for _, err := range st.Find(gone, campaign.Filter{}, campaign.Need{}) {
				require.ErrorIs(t, err, context.Canceled)
				n++
			}
			assert.Equal(t, 1, n)
			assert.Equal(t, []string{"a1"}, find(t, st, campaign.Filter{}))
			assert.Zero(t, look(t, st, campaign.Ref{Campaign: one, Record: "a1"}).Lease)
		},
	},
	{
		Name: "AskingForNothingBringsNothing",
		Rule: "Nothing asked is nothing done, and no error: a Claim without steps, sources or open classes, a Commit without changes or with an empty one, a Look at nothing, a Check of no number.",
		holds: func(t *trial) {
			st := t.open()
			ask := func(say string) {
				t.Helper()
				for name, from := range map[string][]campaign.Step{
					"no step": nil, "a step without sources": {{Campaign: one, Open: []string{zone}, Max: 9}},
					"a step without open classes": {{Campaign: one, Max: 9, Sources: sources(noon)}},
					"an unknown campaign":         {{Campaign: "nobody's", Open: []string{zone}, Max: 9, Sources: sources(noon)}},
					"no lane":                     {{Campaign: one, Open: []string{zone}, Max: 9, Sources: []campaign.Source{{Due: noon}}}},
				} {
					got := claim(t, st, all(noon, func(q *campaign.Claim) { q.From = from }))
					assert.Empty(t, got.Leased, "%s, %s", name, say)
					assert.Empty(t, got.Expired, "%s, %s", name, say)
				}
				commit(t, st)
				commit(t, st, campaign.Change{})
				commit(t, st, campaign.Change{}, campaign.Change{Done: []string{"none"}, Wake: []blacklist.Number{shared}})
				var into campaign.Looked
				into.Facts = make([]campaign.Facts, 2)
				require.NoError(t, st.Look(t.ctx, campaign.Need{}, &into))
				assert.Empty(t, into.Facts, say)
				assert.Empty(t, listed(t, st, blacklist.Query{}), say)
				assert.Empty(t, pending(t, st, "", 0), say)
			}
			ask("in an empty store")
			assert.Empty(t, find(t, st, campaign.Filter{}))
			for _, by := range []campaign.Group{campaign.ByNothing, campaign.ByState, campaign.ByCampaign} {
				counts, err := st.Count(t.ctx, campaign.Filter{}, by)
				require.NoError(t, err)
				for _, n := range counts {
					assert.Zero(t, n, "by %q", by)
				}
			}
			add(t, st, rec("a1"))
			before := look(t, st, refOf(rec("a1")))
			ask("beside a record")
			assert.Equal(t, before, look(t, st, refOf(rec("a1"))))
			assert.Equal(t, []string{"a1"}, leased(t, st, all(noon)))
		},
	},
	{
		Name: "AStreamThatIsCutOffSaysSo",
		Rule: "A Find whose context ends before its last record ends with the context's error: a part never looks like the whole.",
		holds: func(t *trial) {
			st := t.open()
			const n = 2000
			records := make([]*campaign.Record, n)
			for i := range records {
				records[i] = rec(fmt.Sprint("r", i), phones(blacklist.Number(48_600_000_000+i)))
			}
			add(t, st, records...)
			gone, cancel := context.WithCancel(t.ctx)
			defer cancel()
			found := 0
			var last error
			t.did("Find all, cancelled at the first")
			for _, err := range st.Find(gone, campaign.Filter{}, campaign.Need{}) {
				assert.NoError(t, last, "an error is the last that comes")
				if last = err; err == nil {
					found++
				}
				cancel()
			}
			if last != nil {
				assert.ErrorIs(t, last, context.Canceled)
			} else {
				assert.Equal(t, n, found, "without an error all of them come")
			}
		},
	},
}}
