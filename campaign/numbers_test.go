package campaign_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

func TestNumbersGoRoundAndRound(t *testing.T) {
	x := given(t)
	var dialled []int
	for range 6 {
		dialled = append(dialled, x.f.Record.Next)
		x.call(campaign.NoAnswer)
	}
	assert.Equal(t, []int{0, 1, 2, 0, 1, 2}, dialled)
}

func TestTheRetryDelayIsShorterInsideARound(t *testing.T) {
	short := campaign.Delay(2 * time.Minute)
	x := given(t, func(c *campaign.Config) { c.Retry.BetweenNumbers = &short })
	x.f.Record.Phones[0].Attempts = 0
	var delays []time.Duration
	for range 6 {
		r := x.call(campaign.NoAnswer).Record
		delays = append(delays, r.Due.Sub(x.now))
	}
	const m, h = 2 * time.Minute, time.Hour
	assert.Equal(t, []time.Duration{m, m, h, m, m, h}, delays)
	x = given(t, func(c *campaign.Config) { c.Retry.BetweenNumbers = &short })
	r := x.must(campaign.Result{Outcome: campaign.NoAnswer, Status: "slow"}).Record
	assert.Equal(t, noon.Add(72*time.Hour), r.Due, "the status's own delay beats the campaign's")
}

func TestANumberTheSwitchRefusesIsBlockedForADayAndNothingIsClosed(t *testing.T) {
	x := given(t)
	r := x.must(campaign.Result{Outcome: campaign.Barred}).Record
	assert.Equal(t, noon.Add(24*time.Hour), r.Phones[0].BlockedUntil)
	assert.Empty(t, r.Phones[0].Out)
	assert.Equal(t, status.Redial, r.Qualifier)
	assert.Equal(t, status.StandingQueued, r.Standing)
	assert.Equal(t, 1, r.Next)
	x.call(campaign.NoAnswer)
	assert.Equal(t, 1, x.call(campaign.NoAnswer).Record.Next, "the blocked one is passed over")
	x.call(campaign.Barred)
	r = x.call(campaign.Barred).Record
	assert.Equal(t, 0, r.Next, "all are blocked: the one that is free first")
	assert.Equal(t, status.StandingQueued, r.Standing)
}

func TestAWrongNumberIsOutAndTheLastOneClosesTheRecord(t *testing.T) {
	x := given(t)
	r := x.must(campaign.Result{Outcome: campaign.Invalid}).Record
	assert.Equal(t, campaign.OutInvalid, r.Phones[0].Out)
	assert.Equal(t, 1, r.Next)
	assert.Equal(t, status.StandingQueued, r.Standing)
	r = x.lease().must(campaign.Result{Outcome: campaign.Fax}).Record
	assert.Equal(t, 2, r.Next)
	change := x.lease().must(campaign.Result{Outcome: campaign.Invalid})
	r = change.Record
	assert.Equal(t, status.StandingClosed, r.Standing)
	assert.Equal(t, status.InvalidNumber, r.Qualifier)
	assert.Empty(t, r.Owner)
	assert.Empty(t, r.Class)
	assert.Zero(t, r.Due)
	assert.True(t, change.Answer.Has(campaign.WhyNoNumberLeft))
}

func TestAStatusMayEndTheNumberAndTheRecordGoesOn(t *testing.T) {
	x := given(t)
	for i := range 2 {
		r := x.lease().must(campaign.Result{Outcome: campaign.Answered, Status: "wrong_person"}).Record
		assert.Equal(t, campaign.OutEnded, r.Phones[i].Out)
		assert.Equal(t, status.Redial, r.Qualifier)
		assert.Equal(t, i+1, r.Next)
	}
	r := x.lease().must(campaign.Result{Outcome: campaign.Answered, Status: "wrong_person"}).Record
	assert.Equal(t, status.StandingClosed, r.Standing)
	assert.Equal(t, status.InvalidNumber, r.Qualifier)
	assert.Equal(t, status.ID("wrong_person"), r.Status)
}

func TestANumberAtItsLimitIsOutForGood(t *testing.T) {
	x := given(t, func(c *campaign.Config) { c.Limits.NumberAttempts = 4 })
	assert.Equal(t, 1, x.must(campaign.Result{Outcome: campaign.Drop}).Record.Next, "not even after a drop")
	for range 7 {
		require.Equal(t, status.StandingQueued, x.call(campaign.NoAnswer).Record.Standing)
		require.NotEqual(t, 0, x.f.Record.Next)
	}
	change := x.call(campaign.NoAnswer)
	assert.Equal(t, status.Exhausted, change.Record.Qualifier)
	assert.True(t, change.Answer.Has(campaign.WhyNoNumberLeft))
	for _, p := range change.Record.Phones {
		assert.Equal(t, 4, p.Attempts)
	}
}

func TestANumberWithoutAZoneIsPassedOverAndClosesNothing(t *testing.T) {
	x := given(t, func(c *campaign.Config) { c.CalleeZone = "" })
	x.f.Record.Phones[0].Zones = []string{"Europe/Warsaw"}
	x.f.Record.Phones[2].Zones = []string{"Asia/Kathmandu"}
	r := x.must(campaign.Result{Outcome: campaign.NoAnswer}).Record
	assert.Equal(t, 2, r.Next)
	assert.Equal(t, x.c.ClassOf(r.Phones[2]), r.Class, "hours and class are those of the next number")
	x.lease().must(campaign.Result{Outcome: campaign.Invalid})
	r = x.lease().must(campaign.Result{Outcome: campaign.Invalid}).Record
	assert.Equal(t, status.StandingQueued, r.Standing, "a zone may be found out")
	assert.Empty(t, r.Class, "but nobody dials it")
}
