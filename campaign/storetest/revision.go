package storetest

import (
	"github.com/nextcall/nextcall/campaign"
)

// revisions is what a store makes of revisions of campaigns.
var revisions = part{"Revision", []clause{
	{
		Name: "AnOlderRevisionLeasesNothing",
		Rule: "If a newer revision of a step's campaign is known, a Claim leases nothing from any step, and " +
			"its error is ErrConfigChanged.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"), rec("b1", in(other)))
			require.Empty(t, leased(t, st, all(noon, revision(5), func(q *campaign.Claim) { q.From[0].Max = 0 })))
			got := campaign.Claimed{Leased: make([]campaign.Facts, 3)}
			q := all(noon, campaigns(other, one), revision(4))
			require.ErrorIs(t, st.Claim(t.ctx, q, &got), campaign.ErrConfigChanged)
			assert.Empty(t, got.Leased)
			for _, id := range []campaign.RecordID{"a1"} {
				assert.Zero(t, look(t, st, campaign.Ref{Campaign: one, Record: id}).Lease)
			}
			assert.Zero(t, look(t, st, campaign.Ref{Campaign: other, Record: "b1"}).Lease, "nor from the other campaign")
			assert.Equal(t, []string{"a1"}, leased(t, st, all(noon, revision(5))))
		},
	},
	{
		Name: "ARevisionIsLearntFromACommit",
		Rule: "A Commit teaches the store its revision; one under an older revision is refused with " +
			"ErrConfigChanged.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"))
			commit(t, st, campaign.Change{Ref: campaign.Ref{Campaign: one, Record: "a1"}, Revision: 3})
			var got campaign.Claimed
			require.ErrorIs(t, st.Claim(t.ctx, all(noon, revision(2)), &got), campaign.ErrConfigChanged)
			err := refused(t, st, campaign.Change{Ref: campaign.Ref{Campaign: one, Record: "a1"}, Revision: 2, Record: rec("a1")})
			assert.ErrorIs(t, err, campaign.ErrConfigChanged)
			assert.EqualValues(t, 1, look(t, st, campaign.Ref{Campaign: one, Record: "a1"}).Record.Version)
			commit(t, st, campaign.Change{Ref: campaign.Ref{Campaign: one}, Revision: 4}) // a definition alone
			require.ErrorIs(t, st.Claim(t.ctx, all(noon, revision(3)), &got), campaign.ErrConfigChanged)
		},
	},
	{
		Name:  "ADefinitionTeachesItsRevision",
		Rule:  "A definition of a campaign teaches the store its revision as a Commit does.",
		Needs: defining,
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"))
			t.did("Define %s at revision 4", one)
			t.options.Define(t.TB, st, one, 4)
			var got campaign.Claimed
			t.did("%s", asked(all(noon, revision(3))))
			require.ErrorIs(t, st.Claim(t.ctx, all(noon, revision(3)), &got), campaign.ErrConfigChanged)
			assert.Empty(t, got.Leased)
			assert.Equal(t, []string{"a1"}, leased(t, st, all(noon, revision(4))))
		},
	},
}}
