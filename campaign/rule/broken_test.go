package rule

import (
	"errors"
	"fmt"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// A defect of the engine itself must not take a dialler down, and must not
// decide either.
func TestAPanicOfTheEngineIsAFailureOfThatCondition(t *testing.T) {
	own := []status.Status{
		{ID: "a", Title: "A", Qualifier: status.Redial, AutoSet: `record.attempts > 100`},
		{ID: "b", Title: "B", Qualifier: status.Redial, AutoSet: `record.attempts == 0`},
		{ID: "c", Title: "C", Qualifier: status.Redial, AutoSet: `record.id == "r1"`},
	}
	c, _, err := campaign.Compile(campaign.Config{ID: "spring", Zone: "UTC", CalleeZone: "UTC", Own: own}, nil, Engine{})
	require.NoError(t, err)
	set, ok := Of(c)
	require.True(t, ok)
	set.programs[1].fast.glance = nil
	set.programs[1].fast.test = func(*scope) answer { panic("a defect") }
	f := &campaign.Facts{Record: campaign.Record{ID: "r1", Campaign: "spring"}}
	call := &campaign.Call{Token: 1, Campaign: "spring", Record: "r1", Outcome: campaign.LineBusy}
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

	at, err := set.First(0, f, call, now)
	var failure *Failure
	require.True(t, errors.As(err, &failure), "%v", err)
	assert.Equal(t, 1, at)
	assert.Equal(t, status.ID("b"), failure.Status)
	assert.ErrorContains(t, err, "the rules engine broke down: a defect")

	at, err = set.First(2, f, call, now)
	require.NoError(t, err, "other conditions decide as before")
	assert.Equal(t, 2, at)

	_, err = set.Holds(1, f, call, now)
	assert.ErrorContains(t, err, "a defect")
	_, err = set.Holds(7, f, call, now)
	assert.ErrorContains(t, err, "there is no condition 7: the campaign has 3")
	assert.ErrorContains(t, set.Explain(-1, f, call, now).Err, "no condition -1")
}

func TestWithoutFactsThereIsAnErrorAndNoPanic(t *testing.T) {
	set := setOf(t, campaign.AutoSet, `record.attempts > 1`, `record.attempts > count("busy", duration("1h"))`)
	for i := range 2 {
		_, err := set.Holds(i, nil, nil, sceneMonday)
		assert.ErrorIs(t, err, errNoFacts)
		at, err := set.First(i, nil, nil, sceneMonday)
		assert.ErrorIs(t, err, errNoFacts)
		assert.Equal(t, i, at)
	}
	_, err := setOf(t, campaign.Rank, `record.attempts`).Number(0, nil, sceneMonday)
	assert.ErrorIs(t, err, errNoFacts)
	_, err = setOf(t, campaign.NextAt, `duration("1h")`).Time(0, nil, nil, sceneMonday)
	assert.ErrorIs(t, err, errNoFacts)
	_, err = set.Holds(2, &campaign.Facts{}, nil, sceneMonday)
	assert.ErrorContains(t, err, "no condition 2")
}

// A record as a careless store may give it: nothing that a glance reads panics.
func TestAGlanceAtARecordWithNothingInIt(t *testing.T) {
	set := sceneSet(t)
	for _, text := range glances() {
		set.programs = append(set.programs, compiledAlone(t, set, campaign.AutoSet, text))
	}
	for _, f := range []*campaign.Facts{{}, {Record: campaign.Record{Progress: campaign.Progress{Next: 7}}}, {Record: campaign.Record{Progress: campaign.Progress{Next: -7, LastOutcome: 255, Qualifier: 255}}}} {
		for _, call := range []*campaign.Call{nil, {}, {Number: 5, Outcome: 255}} {
			for i := range set.programs {
				_, err := set.Holds(i, f, call, time.Time{})
				assert.NotContains(t, fmt.Sprint(err), "broke down")
			}
		}
	}
}
