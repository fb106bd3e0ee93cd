package storetest

import (
	"github.com/nextcall/nextcall/campaign"
)

// acting is what becomes of actions: the ability campaign.ActionStore.
var acting = part{"Actions", []clause{
	{
		Name: "ActionsAreStoredOnceUntilAcknowledged",
		Rule: "Actions are stored until they are acknowledged; one whose id is known is not stored again. " +
			"Pending lists them oldest first, behind the one with the id after.",
		Needs: actions,
		holds: func(t *trial) {
			st := t.open()
			left := func(after string, limit int) (ids []string) {
				for _, a := range pending(t, st, after, limit) {
					ids = append(ids, a.ID)
				}
				return ids
			}
			act := func(ids ...string) (actions []campaign.Action) {
				for _, id := range ids {
					actions = append(actions, campaign.Action{ID: id, Template: "t"})
				}
				return actions
			}
			commit(t, st, campaign.Change{Actions: act("z", "y")}, campaign.Change{Actions: act("y", "x", "w")})
			assert.Equal(t, []string{"z", "y", "x", "w"}, left("", 0))
			assert.Equal(t, []string{"z", "y"}, left("", 2))
			commit(t, st, campaign.Change{Done: []string{"y", "y", "never"}})
			assert.Equal(t, []string{"x"}, left("y", 1), "behind one that is done")
			commit(t, st, campaign.Change{Done: []string{"z", "x"}, Actions: act("y", "v")})
			assert.Equal(t, []string{"w", "v"}, left("", 0), "a known one is not stored again")
			assert.Equal(t, []string{"v"}, left("w", 0))
			assert.Empty(t, left("v", 0))
		},
	},
	{
		Name:  "AnActionIsKeptWhole",
		Rule:  "An action is kept as it was given.",
		Needs: actions,
		holds: func(t *trial) {
			st := t.open()
			a := filled[campaign.Action]()
			commit(t, st, campaign.Change{Actions: []campaign.Action{*a}})
			got := pending(t, st, "", 0)
			require.Len(t, got, 1)
			assert.Equal(t, *a, got[0])
		},
	},
}}
