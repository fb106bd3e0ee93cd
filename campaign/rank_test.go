package campaign_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

func ranked(c *campaign.Config) { c.Rank = "rank" }

func TestARankIsTheOrderOfFreshRecordsAndOfTheEndOfTheQueue(t *testing.T) {
	for _, tt := range []struct {
		rank float64
		want int64
	}{
		{1, 1}, {7, 7}, {7.4, 7}, {7.5, 8}, {0, 1}, {-3, 1}, {65535, 65535}, {65535.4, 65535}, {65536, 65535}, {1e300, 65535},
		{math.Inf(1), 65535}, {math.Inf(-1), 1}, {0.2, 1}, {math.MaxInt64, 65535}, {-math.MaxFloat64, 1},
	} {
		b := &book{number: map[string]func(*campaign.Facts) float64{"rank": func(*campaign.Facts) float64 { return tt.rank }}}
		x := given(t).with(b, ranked)
		r := campaign.Record{ID: "new", Order: 9, Phones: []campaign.Phone{{Number: main}}}
		change, err := x.c.Admit(r, supervisor, noon)
		require.NoError(t, err)
		assert.Equal(t, tt.want, change.Record.Sort, "%v", tt.rank)
		assert.EqualValues(t, 9, change.Record.Order, "the order is what the host says")
		assert.Empty(t, change.Answer.Warnings)
		last := x.idle().must(campaign.Set{Status: "end_of_queue", Actor: supervisor}).Record
		assert.Equal(t, status.LaneLast, last.Lane)
		assert.Equal(t, tt.want, last.Sort)
		assert.Equal(t, noon.UnixMicro(), last.Key, "equal ranks by the time of setting")
	}
}

func TestARankThatFailsMakesTheRecordTheLast(t *testing.T) {
	nan := &book{number: map[string]func(*campaign.Facts) float64{"rank": func(*campaign.Facts) float64 { return math.NaN() }}}
	for text, b := range map[string]*book{"rank": nan, "fail": {}} {
		x := given(t).with(b, func(c *campaign.Config) { c.Rank = text })
		change, err := x.c.Admit(campaign.Record{ID: "new", Order: 9, Phones: []campaign.Phone{{Number: main}}}, campaign.Actor{}, noon)
		require.NoError(t, err, "bad data of a rank loses no record")
		assert.EqualValues(t, 1<<16, change.Record.Sort)
		require.Len(t, change.Answer.Warnings, 1)
		assert.Contains(t, change.Answer.Warnings[0], "the rank failed, so the record comes last: ")
		change = x.must(campaign.Result{Outcome: campaign.NoAnswer, Status: "end_of_queue"})
		assert.EqualValues(t, 1<<16, change.Record.Sort)
		assert.Len(t, change.Call.Answer.Warnings, 1, "and the log says so")
	}
}

func TestARankIsComputedWhenTheRecordChangesAndOnlyWhereItOrders(t *testing.T) {
	b := &book{number: map[string]func(*campaign.Facts) float64{"rank": func(f *campaign.Facts) float64 {
		if f.Contact != nil {
			return 500
		}
		age, _ := f.Record.Fields["age"].(int64)
		return float64(age)
	}}, reads: campaign.Reads{Contact: true}}
	x := given(t).with(b, ranked)
	x.f.Record.Order = 33
	assert.EqualValues(t, 33, x.idle().must(campaign.Set{Status: "redial", Actor: supervisor}).Record.Sort, "what was called before goes by its order")
	assert.Zero(t, b.asked["rank"])
	x.must(campaign.Set{Qualifier: status.Unused, Actor: supervisor, Fields: campaign.Fields{"age": 20}})
	x.f.Record.Attempts = campaign.Counters{}
	change := x.must(campaign.Edit{Fields: campaign.Fields{"age": 41}, Actor: supervisor})
	assert.Equal(t, status.LaneFresh, change.Record.Lane)
	assert.EqualValues(t, 41, change.Record.Sort, "the record as it is to be")
	x.f.Contact = &campaign.Contact{ID: "p"}
	assert.EqualValues(t, 500, x.must(campaign.Edit{Note: "n", Actor: supervisor}).Record.Sort)
	assert.True(t, x.c.Need(noon).Contact)
}
