package contract

import (
	"testing"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

var marks = []sentence{
	{"TagsCountryAndWhatElseHeldComeBackAsTheyWereGiven", tagsCountryAndWhatElseHeldComeBackAsTheyWereGiven},
	{"TheOrderIsTheSortWhateverTheRecordsOwnOrderIs", theOrderIsTheSortWhateverTheRecordsOwnOrderIs},
}

func tagsCountryAndWhatElseHeldComeBackAsTheyWereGiven(t *testing.T, open opener) {
	st := open(t)
	r := rec("a1", person("p"))
	r.Tags, r.Sort = []string{"vip", "żółty"}, 1<<16 // an ordinary record but for the tags
	ch := adding(r)
	ch.Contact = &campaign.Contact{ID: "p", Country: "PL"}
	also := []status.ID{"later", "never"}
	ch.Call = &campaign.Call{Token: 900, Campaign: one, Record: "a1", Ended: noon, Answer: campaign.Answer{Call: 900, Also: also}}
	commit(t, st, ch)
	also[0] = "scribbled"
	f := look(t, st, campaign.Ref{Campaign: one, Record: "a1", Token: 900})
	assert.Equal(t, []string{"vip", "żółty"}, f.Record.Tags)
	assert.Equal(t, "PL", f.Contact.Country)
	assert.Equal(t, []status.ID{"later", "never"}, f.Call.Answer.Also, "an answer is copied")

	again := f.Record
	again.Tags = []string{"cold"}
	commit(t, st, campaign.Change{Ref: refOf(&again), Record: &again})
	assert.Equal(t, []string{"vip", "żółty"}, f.Record.Tags, "what was read stays as it was")
	assert.Equal(t, []string{"cold"}, look(t, st, refOf(r)).Record.Tags)
	again.Tags, again.Version = nil, 0
	commit(t, st, campaign.Change{Ref: refOf(&again), Record: &again})
	assert.Empty(t, look(t, st, refOf(r)).Record.Tags)
}

func theOrderIsTheSortWhateverTheRecordsOwnOrderIs(t *testing.T, open opener) {
	st := open(t)
	for id, x := range map[string]struct {
		order uint16
		rank  int64
	}{"a1": {1, 65_535}, "a2": {2, 1}, "a3": {0, 700}, "a4": {4, 1 << 16}, "a5": {65_535, 2}} {
		r := rec(id)
		r.Order, r.Sort = x.order, x.rank
		commit(t, st, adding(r))
	}
	var got []campaign.RecordID
	var orders []uint16
	for _, f := range claim(t, st, all(noon)).Leased {
		got, orders = append(got, f.Record.ID), append(orders, f.Record.Order)
	}
	assert.Equal(t, []campaign.RecordID{"a2", "a5", "a3", "a1", "a4"}, got)
	assert.Equal(t, []uint16{2, 65_535, 0, 1, 4}, orders)
}
