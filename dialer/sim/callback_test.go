package sim_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer/sim"
)

func TestAnOwnCallbackGoesToItsOwner(t *testing.T) {
	later := func(after time.Duration) sim.ModelFunc {
		return func(c *sim.Call, _ *rand.Rand) sim.Answer {
			a := sim.Answer{Outcome: campaign.Answered, Talk: time.Minute, Status: "sold"}
			if c.Dial == 1 {
				a.Status, a.Input.At = "mine", c.At.Add(after)
			}
			return a
		}
	}
	// Bob is first to ask, and has the afternoon off on Tuesday.
	bob := officeAgent("bob")
	bob.Shift.To = 12 * time.Hour
	agents := []sim.Agent{bob, officeAgent("ann")}
	records := func() []campaign.Record {
		return []campaign.Record{{ID: "eva", Phones: phone(48600100200)}, {ID: "tom", Phones: phone(48600100201)}}
	}
	for _, row := range []struct {
		name  string
		after time.Duration
		calls []string
		want  sim.Callbacks
	}{
		{
			name: "due while both are there: each has their own", after: 2 * time.Hour,
			calls: []string{"eva bob Mon 09:00", "tom ann Mon 09:00", "eva bob Mon 11:00", "tom ann Mon 11:00"},
			want:  sim.Callbacks{Made: 2, Own: 2, OnTime: 2, Reached: 2},
		},
		{
			name: "due when the owner has gone: another's after 2 h of working time", after: 4 * time.Hour,
			calls: []string{"eva bob Mon 09:00", "tom ann Mon 09:00", "tom ann Mon 13:00", "eva ann Mon 15:00"},
			want:  sim.Callbacks{Made: 2, Own: 2, OnTime: 1, Late: 1, Passed: 1, Reached: 2},
		},
		{
			name: "due at night: at the first opening, for its owner, on time", after: 14 * time.Hour,
			calls: []string{"eva bob Mon 09:00", "tom ann Mon 09:00", "eva bob Tue 09:00", "tom ann Tue 09:00"},
			want:  sim.Callbacks{Made: 2, Own: 2, OnTime: 2, Reached: 2},
		},
		{
			name: "due after the end", after: 10 * 24 * time.Hour,
			calls: []string{"eva bob Mon 09:00", "tom ann Mon 09:00"},
			want:  sim.Callbacks{Made: 2, Own: 2, NotDue: 2},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t, nil, records()...)
			w.cfg.Agents = agents
			var calls []string
			w.started(&calls)
			r, trace := w.run(t, later(row.after))
			assert.Equal(t, row.calls, calls, trace)
			assert.Equal(t, row.want, r.Callbacks)
		})
	}
}

func TestCallbacksThatReachNobody(t *testing.T) {
	for _, row := range []struct {
		name  string
		until time.Duration // from Monday, midnight
		agent func(*sim.Agent)
		want  sim.Callbacks
	}{
		{name: "given up after two tries", until: 48 * time.Hour, want: sim.Callbacks{Made: 1, OnTime: 1, GivenUp: 1}},
		{name: "still being tried", until: 11*time.Hour + 30*time.Minute, want: sim.Callbacks{Made: 1, OnTime: 1, Trying: 1}},
		{
			name: "overdue: nobody is there", until: 48 * time.Hour,
			agent: func(a *sim.Agent) { a.Shift.To, a.Shift.Days = 10*time.Hour, []time.Weekday{time.Monday} },
			want:  sim.Callbacks{Made: 1, Overdue: 1},
		},
		{
			name: "late: nobody was there", until: 48 * time.Hour,
			agent: func(a *sim.Agent) { a.Shift.To = 10 * time.Hour },
			want:  sim.Callbacks{Made: 1, Late: 1, Trying: 1},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t, nil, campaign.Record{ID: "eva", Phones: phone(48600100200)})
			w.cfg.Until = monday.Add(row.until)
			if row.agent != nil {
				row.agent(&w.cfg.Agents[0])
				w.cfg.Agents[0].Shift.From = 8 * time.Hour
			}
			r, trace := w.run(t, func(c *sim.Call, _ *rand.Rand) sim.Answer {
				if c.Dial == 1 {
					return sim.Answer{Outcome: campaign.Answered, Talk: time.Minute, Status: "callback", Input: campaign.Input{At: c.At.Add(2 * time.Hour)}}
				}
				return sim.Answer{Outcome: campaign.NoAnswer, Ring: 20 * time.Second}
			})
			assert.Equal(t, row.want, r.Callbacks, trace)
		})
	}
}
