package campaign_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

func nextAt(id status.ID, text string) func(*campaign.Config) {
	return own(id, func(s *status.Status) { s.Delay, s.NextAt = 0, text })
}

// rows: K21, D23
func TestAStatusComputesItsNextCallWhenNobodyGivesATime(t *testing.T) {
	far := time.Date(2026, 3, 9, 9, 30, 0, 1234, time.FixedZone("east", 7200))
	b := &book{time: map[string]func(*campaign.Facts, *campaign.Call, time.Time) time.Time{
		"far":  func(*campaign.Facts, *campaign.Call, time.Time) time.Time { return far },
		"past": func(*campaign.Facts, *campaign.Call, time.Time) time.Time { return noon.Add(-time.Hour) },
		"ever": func(*campaign.Facts, *campaign.Call, time.Time) time.Time {
			return time.Date(20_000, 1, 1, 0, 0, 0, 0, time.UTC)
		},
		"never": func(*campaign.Facts, *campaign.Call, time.Time) time.Time { return time.Time{} },
		"called": func(f *campaign.Facts, call *campaign.Call, now time.Time) time.Time {
			if call == nil {
				return now.Add(time.Minute)
			}
			return now.Add(time.Duration(f.Record.Attempts.Total) * time.Hour)
		},
	}}
	kept := time.Date(2026, 3, 9, 7, 30, 0, 1000, time.UTC)
	for _, tt := range []struct {
		status status.ID
		text   string
		input  campaign.Input
		due    time.Time
		says   string // of the warning
	}{
		{"redial", "far", campaign.Input{}, kept, ""},
		{"end_of_queue", "far", campaign.Input{}, kept, ""},
		{"callback_at", "far", campaign.Input{}, kept, ""},
		{"callback_after", "far", campaign.Input{}, kept, ""},
		{"own_callback_at", "far", campaign.Input{}, kept, ""},
		{"own_callback_after", "far", campaign.Input{}, kept, ""},
		{"dated", "far", campaign.Input{}, kept, ""},
		{"callback_at", "far", tomorrow(), time.Date(2026, 3, 3, 8, 30, 0, 0, time.UTC), ""},
		{"dated", "far", tomorrow(), time.Date(2026, 3, 3, 8, 30, 0, 0, time.UTC), ""},
		{"callback_at", "past", campaign.Input{}, noon, "has passed: it is due now"},
		{"callback_at", "never", campaign.Input{}, noon, "has passed: it is due now"},
		{"callback_at", "ever", campaign.Input{}, campaign.Forever, ""},
		{"callback_at", "called", campaign.Input{}, noon.Add(4 * time.Hour), ""}, // the fourth
		{"redial", "fail", campaign.Input{}, noon.Add(time.Hour), "could not be computed, so the retry policy holds: line 1"},
		{"callback_at", "fail", campaign.Input{}, noon.Add(time.Hour), "could not be computed"},
		{"own_callback_after", "fail", campaign.Input{}, noon.Add(time.Hour), "could not be computed"},
	} {
		t.Run(fmt.Sprint(tt.status, " ", tt.text, " ", tt.input), func(t *testing.T) {
			x := given(t).with(b, nextAt(tt.status, tt.text))
			change := x.must(campaign.Result{Outcome: campaign.NoAnswer, Status: tt.status, Input: tt.input})
			r := change.Record
			assert.Equal(t, tt.due, r.Due)
			assert.Equal(t, status.StandingQueued, r.Standing)
			assert.Equal(t, tt.input != campaign.Input{}, r.DueInput != nil)
			assert.Equal(t, tt.status != "redial" && tt.status != "end_of_queue", r.Promised, "a callback is one, whoever gave the time")
			if tt.says == "" {
				assert.Empty(t, change.Answer.Warnings)
				return
			}
			require.Len(t, change.Answer.Warnings, 1)
			assert.Contains(t, change.Answer.Warnings[0], tt.says)
		})
	}

	x := given(t).with(b, nextAt("callback_at", "called")).idle()
	assert.Equal(t, noon.Add(time.Minute), x.must(campaign.Set{Status: "callback_at", Actor: supervisor}).Record.Due, "without a call there is none to see")
	x = given(t).with(b, nextAt("callback_at", "far"))
	assert.Equal(t, []string{"date", "hour"}, inputErrors(x.refused(campaign.Result{Outcome: campaign.Answered, Status: "callback_at", Input: campaign.Input{Zone: "UTC"}})),
		"half a time is a mistake")
	assert.Equal(t, []string{"date"}, inputErrors(x.refused(campaign.Result{Outcome: campaign.Answered, Status: "callback_at", Input: campaign.Input{Date: "soon", Hour: "09:00"}})))
	x = given(t).with(b, nextAt("redial", "far"))
	assert.Equal(t, []string{"date", "hour"}, inputErrors(x.refused(campaign.Result{Outcome: campaign.Answered, Status: "redial", Input: tomorrow()})),
		"what takes no time still takes none")

	admitted, err := given(t).with(b, nextAt("callback_at", "far")).c.Admit(
		campaign.Record{ID: "new", Progress: campaign.Progress{Status: "callback_at"}, Phones: []campaign.Phone{{Number: main}}}, supervisor, noon)
	require.NoError(t, err)
	assert.Equal(t, kept, admitted.Record.Due)
}

// rows: K21
func TestARuleMaySetACallbackWhoseTimeIsComputed(t *testing.T) {
	b := &book{time: map[string]func(*campaign.Facts, *campaign.Call, time.Time) time.Time{
		"evening": func(_ *campaign.Facts, call *campaign.Call, now time.Time) time.Time {
			return call.Ended.Add(6 * time.Hour)
		},
	}, holds: map[string]func(*campaign.Facts, *campaign.Call) bool{
		"voicemail": func(_ *campaign.Facts, call *campaign.Call) bool { return call.Outcome == campaign.Voicemail },
	}}
	for _, id := range []status.ID{"callback_at", "dated"} {
		x := given(t).with(b, nextAt(id, "evening"), autoSet(id, "voicemail"))
		r := x.must(campaign.Result{Outcome: campaign.Voicemail}).Record
		assert.Equal(t, noon.Add(6*time.Hour), r.Due)
		assert.Equal(t, status.LanePublic, r.Lane)
		assert.True(t, r.Promised)
		assert.False(t, r.Agreed)
		// Its own calls that reach nobody move it by the policy.
		assert.Equal(t, noon.Add(7*time.Hour), x.call(campaign.NoAnswer).Record.Due)
		assert.Equal(t, 1, b.asked["evening"])
	}
}

func TestAComputedNextCallMovesIntoOpenHoursIfThePolicySaysSo(t *testing.T) {
	b := &book{time: map[string]func(*campaign.Facts, *campaign.Call, time.Time) time.Time{
		"night": func(*campaign.Facts, *campaign.Call, time.Time) time.Time { return noon.Add(10 * time.Hour) },
	}}
	for _, into := range []bool{false, true} {
		x := given(t).with(b, nextAt("callback_at", "night"), func(c *campaign.Config) {
			c.CalleeHours, c.Retry.IntoHours = hours(t, "daily 09:00-18:00"), into
		})
		want := noon.Add(10 * time.Hour)
		if into {
			want = time.Date(2026, 3, 3, 8, 0, 0, 0, time.UTC)
		}
		assert.Equal(t, want, x.must(campaign.Result{Outcome: campaign.Answered, Status: "callback_at"}).Record.Due)
	}
}
