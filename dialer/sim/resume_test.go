package sim_test

import (
	"context"
	"errors"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer/sim"
)

// resumed is the world as another process finds it, with the clock at now.
func (w *world) resumed(now time.Time) {
	w.cfg.Began = monday
	w.cfg.Clock.Set(now)
}

func crew(n int) (agents []sim.Agent) {
	for i := range n {
		agents = append(agents, officeAgent(campaign.AgentID([]string{"ann", "bob", "eva", "tom"}[i])))
	}
	return agents
}

// busy leaves out when agents had nothing to do: a run that goes on asks anew.
func busy(trace string) string {
	return regexp.MustCompile(`(?m)^\S+ idle .*\n`).ReplaceAllString(trace, "")
}

func TestARunThatGoesOnReportsAsIfItHadNeverStopped(t *testing.T) {
	// One agent: of several at work at one instant another may be the first to ask.
	whole := newWorld(t, nil, crowd(60)...)
	want, trace := whole.run(t, mixed)

	parts := newWorld(t, nil, crowd(60)...)
	var got *sim.Report
	var traces string
	for day := range 5 {
		parts.cfg.Until = monday.Add(time.Duration(day+1) * 24 * time.Hour) // nobody is at work then
		if day > 0 {
			parts.resumed(parts.cfg.Until.Add(-24 * time.Hour))
		}
		parts.cfg.Trace = nil
		var part string
		got, part = parts.run(t, mixed)
		traces += busy(part)
	}
	assert.True(t, busy(trace) == traces, "another trace")
	assert.Equal(t, want, got)
	assert.Positive(t, want.Callbacks.OnTime)
	assert.NotEmpty(t, want.Listed)
}

func TestARunThatIsOverReportsAgain(t *testing.T) {
	w := newWorld(t, nil, crowd(200)...)
	w.cfg.Agents = crew(4)
	want, _ := w.run(t, mixed)
	w.cfg.Trace = nil
	w.resumed(want.End)
	got, trace := w.run(t, mixed)
	assert.Equal(t, want, got)
	assert.Empty(t, trace)
	assert.Positive(t, want.Callbacks.Passed)
}

func TestCallsThatWereOnWhenARunWasCutOffAreSettledAndNotMadeAgain(t *testing.T) {
	w := newWorld(t, nil, crowd(200)...)
	w.cfg.Agents = crew(4)
	// Cut off in the middle of a day, with four calls on or about to be made.
	ctx, cut := context.WithCancel(t.Context())
	started, before := map[campaign.Token]campaign.Ref{}, 0
	w.cfg.Model = sim.ModelFunc(mixed)
	w.cfg.Trace = func(e sim.Event) {
		switch e.Kind {
		case sim.KindStarted:
			started[e.Call.Token] = e.Call.Ref
		case sim.KindReported:
			delete(started, e.Call.Token)
			if before++; before == 150 {
				cut()
			}
		}
	}
	_, err := sim.Run(ctx, w.cfg)
	require.True(t, errors.Is(err, context.Canceled), "%v", err)
	require.NotEmpty(t, started)
	on := len(started)

	w.cfg.Trace = nil
	w.resumed(w.cfg.Clock.Now())
	r, _ := w.run(t, mixed)
	assert.Equal(t, on, r.Settled)
	dials := 0
	for f, err := range w.store.Find(t.Context(), campaign.Filter{}, campaign.Need{}) {
		require.NoError(t, err)
		seen := map[campaign.Token]bool{}
		for _, c := range f.History {
			assert.False(t, seen[c.Token])
			seen[c.Token] = true
			if c.Record == f.Record.ID {
				dials++
				_, was := started[c.Token]
				assert.Equal(t, was, c.Expired, "call %d of record %s", c.Token, c.Record)
			}
		}
	}
	assert.Equal(t, dials, r.Calls+r.Settled, "every call is counted once")
	assert.Greater(t, r.Calls, before)
	sum := 0
	for _, a := range r.Agents {
		sum += a.Calls
	}
	assert.Equal(t, dials, sum)

	w.cfg.Trace = nil
	w.resumed(r.End)
	again, _ := w.run(t, mixed)
	assert.Equal(t, r, again, "what was cut off is counted the same way, whether it is settled yet or not")
}
