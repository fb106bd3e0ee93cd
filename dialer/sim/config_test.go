package sim_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer/sim"
)

func TestShifts(t *testing.T) {
	for _, row := range []struct {
		name  string
		shift sim.Shift
		until time.Duration
		want  time.Duration
	}{
		{name: "round the clock", until: 36 * time.Hour, want: 36 * time.Hour},
		{name: "a day", shift: sim.Shift{Zone: "Europe/Warsaw", From: 8 * time.Hour, To: 16 * time.Hour}, until: 24 * time.Hour, want: 8 * time.Hour},
		{name: "over midnight: began yesterday", shift: sim.Shift{Zone: "Europe/Warsaw", From: 22 * time.Hour, To: 6 * time.Hour}, until: 24 * time.Hour, want: 8 * time.Hour},
		{name: "cut by the end", shift: sim.Shift{Zone: "Europe/Warsaw", From: 8 * time.Hour, To: 16 * time.Hour}, until: 9 * time.Hour, want: time.Hour},
		{name: "another weekday", shift: sim.Shift{Zone: "Europe/Warsaw", From: 8 * time.Hour, To: 16 * time.Hour, Days: []time.Weekday{time.Wednesday}}, until: 48 * time.Hour, want: 0},
		{name: "in another zone", shift: sim.Shift{Zone: "Asia/Tokyo", From: 8 * time.Hour, To: 16 * time.Hour, Days: []time.Weekday{time.Monday}}, until: 48 * time.Hour, want: 8 * time.Hour},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.cfg.Agents = []sim.Agent{{ID: "ann", Shift: row.shift}}
			w.cfg.Until = monday.Add(row.until)
			r, _ := w.run(t, mixed)
			assert.Equal(t, row.want, r.Agents[0].Shift)
			assert.Equal(t, w.cfg.Until, r.End)
			assert.Zero(t, r.Agents[0].Busy())
		})
	}
}

func TestAConfigIsCheckedAsAWhole(t *testing.T) {
	_, err := sim.Run(t.Context(), sim.Config{})
	require.Error(t, err)
	for _, want := range []string{"Queue:", "Store:", "Clock:", "Agents:", "Model:"} {
		assert.ErrorContains(t, err, want)
	}
	w := newWorld(t, nil)
	w.cfg.Model = sim.ModelFunc(mixed)
	w.cfg.Until = monday
	w.cfg.Agents = []sim.Agent{{ID: "a"}, {ID: "a"}, {}, {ID: "b", WrapUp: -1}}
	w.cfg.OnTime = -1
	w.cfg.Began = monday.Add(time.Hour)
	_, err = sim.Run(t.Context(), w.cfg)
	for _, want := range []string{"Began:", `"a": comes twice`, "Agents[2].ID", "Agents[3]", "OnTime"} {
		assert.ErrorContains(t, err, want)
	}
	w.cfg.Began = time.Time{}
	_, err = sim.Run(t.Context(), w.cfg)
	assert.ErrorContains(t, err, "Until:")
	w.cfg.Until, w.cfg.OnTime = monday.Add(time.Hour), 0
	w.cfg.Agents = []sim.Agent{{ID: "a", Shift: sim.Shift{Zone: "Mars/Base", From: 25 * time.Hour, Days: []time.Weekday{9}}}, {ID: "b", Shift: sim.Shift{To: -1}}}
	_, err = sim.Run(t.Context(), w.cfg)
	for _, want := range []string{`"a"`, "Mars/Base", "from 25h", "day 9", `"b"`, "to -1ns"} {
		assert.ErrorContains(t, err, want)
	}
}

func TestMistakesOfAModelAreErrors(t *testing.T) {
	for name, answer := range map[string]sim.Answer{
		"no outcome":      {},
		"negative time":   {Outcome: campaign.NoAnswer, Ring: -1},
		`status "banana"`: {Outcome: campaign.Answered, Status: "banana"},
	} {
		w := newWorld(t, nil, campaign.Record{ID: "eva", Phones: phone(48600100200)})
		w.cfg.Model = sim.ModelFunc(func(*sim.Call, *rand.Rand) sim.Answer { return answer })
		_, err := sim.Run(t.Context(), w.cfg)
		assert.ErrorContains(t, err, name)
		assert.ErrorContains(t, err, "2026-11-16T08:00:00Z")
	}
}

func TestASimulationEndsWithItsContext(t *testing.T) {
	w := newWorld(t, nil, crowd(50)...)
	ctx, cancel := context.WithCancel(t.Context())
	w.cfg.Model = sim.ModelFunc(func(c *sim.Call, rng *rand.Rand) sim.Answer {
		cancel()
		return mixed(c, rng)
	})
	_, err := sim.Run(ctx, w.cfg)
	require.ErrorIs(t, err, context.Canceled)
}

func TestProgressReachesTheEnd(t *testing.T) {
	w := newWorld(t, nil, crowd(50)...)
	var told []time.Duration
	w.cfg.Progress = func(done, total time.Duration) {
		assert.Equal(t, 5*24*time.Hour, total)
		told = append(told, done)
	}
	w.run(t, mixed)
	require.NotEmpty(t, told)
	assert.IsNonDecreasing(t, told)
	assert.Equal(t, 5*24*time.Hour, told[len(told)-1])
}
