package sim_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/dialer/sim"
	"github.com/nextcall/nextcall/status"
)

// monday is the midnight in Warsaw (23:00 UTC) with which the tests begin.
var monday = time.Date(2026, 11, 15, 23, 0, 0, 0, time.UTC)

// world is a campaign that is about to be simulated.
type world struct {
	queue *dialer.Queue
	store campaign.Store
	cfg   sim.Config
}

// newWorld makes a campaign with every kind of status; change may edit it.
func newWorld(t *testing.T, change func(*campaign.Config), records ...campaign.Record) *world {
	t.Helper()
	month, err := blacklist.ParseExpiry("1 month")
	require.NoError(t, err)
	dict, err := status.New(
		status.Status{ID: "again", Title: "Again", Qualifier: status.Redial},
		status.Status{ID: "callback", Title: "Callback", Qualifier: status.CallbackAt},
		status.Status{ID: "mine", Title: "Mine", Qualifier: status.OwnCallbackAt},
		status.Status{ID: "sold", Title: "Sold", Qualifier: status.SuccessClosed},
		status.Status{ID: "no", Title: "No", Qualifier: status.Closed},
		status.Status{ID: "never", Title: "Never", Qualifier: status.Closed, Blacklist: blacklist.Global, Expiry: month},
	)
	require.NoError(t, err)
	working, err := campaign.ParseHours("mon-fri 08:00-20:00")
	require.NoError(t, err)
	callee, err := campaign.ParseHours("daily 09:00-18:00")
	require.NoError(t, err)
	cfg := campaign.Config{
		ID: "c", Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw", Mode: campaign.ProgressiveMode,
		Hours: working, CalleeHours: callee, Limits: campaign.Limits{Attempts: 6},
		Callbacks: campaign.Callbacks{Tries: 2, Release: campaign.Delay(2 * time.Hour)},
	}
	for _, s := range dict.All() {
		cfg.Statuses = append(cfg.Statuses, s.ID)
	}
	if change != nil {
		change(&cfg)
	}
	c, _, err := campaign.Compile(cfg, dict, nil)
	require.NoError(t, err)
	clock := sim.NewClock(monday)
	w := &world{store: memstore.New()}
	w.queue, err = dialer.New(t.Context(), w.store, dialer.Static(c), dialer.Config{Now: clock.Now})
	require.NoError(t, err)
	for i := range records {
		records[i].Campaign = "c"
	}
	added, err := w.queue.Add(t.Context(), dialer.Adding{Records: records, AllowSameNumber: true})
	require.NoError(t, err)
	for _, a := range added {
		require.NoError(t, a.Err)
	}
	w.cfg = sim.Config{
		Queue: w.queue, Store: w.store, Clock: clock, Until: monday.Add(5 * 24 * time.Hour), Seed: 7,
		Agents: []sim.Agent{officeAgent("ann")},
	}
	return w
}

func officeAgent(id campaign.AgentID) sim.Agent {
	return sim.Agent{ID: id, WrapUp: 20 * time.Second, Shift: sim.Shift{
		Zone: "Europe/Warsaw", From: 8 * time.Hour, To: 20 * time.Hour,
		Days: []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday},
	}}
}

// run simulates, and returns the report and the trace.
func (w *world) run(t *testing.T, model sim.ModelFunc) (*sim.Report, string) {
	t.Helper()
	var trace strings.Builder
	before := w.cfg.Trace
	w.cfg.Trace = func(e sim.Event) {
		trace.WriteString(e.String())
		trace.WriteByte('\n')
		if before != nil {
			before(e)
		}
	}
	w.cfg.Model = model
	r, err := sim.Run(t.Context(), w.cfg)
	require.NoError(t, err)
	return r, trace.String()
}

// started are the calls of a run, in order: "record agent Mon 15:04", in Warsaw.
func (w *world) started(into *[]string) {
	loc, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		panic(err)
	}
	w.cfg.Trace = func(e sim.Event) {
		if e.Kind == sim.KindStarted {
			*into = append(*into, fmt.Sprintf("%s %s %s", e.Call.Record.ID, e.Agent, e.At.In(loc).Format("Mon 15:04")))
		}
	}
}

func phone(n blacklist.Number, zones ...string) []campaign.Phone {
	return []campaign.Phone{{Number: n, Zones: zones}}
}

// crowd are n records all over the world.
func crowd(n int) []campaign.Record {
	zones := []string{"Europe/Warsaw", "Asia/Kathmandu", "America/Los_Angeles", "Pacific/Chatham", "Europe/Lisbon"}
	records := make([]campaign.Record, n)
	for i := range records {
		records[i] = campaign.Record{ID: campaign.RecordID(fmt.Sprintf("r%03d", i)), Phones: phone(blacklist.Number(48600000000+i), zones[i%len(zones)])}
		if i%4 == 0 {
			records[i].Phones = append(records[i].Phones, campaign.Phone{Number: blacklist.Number(48700000000 + i), Zones: []string{zones[(i+1)%len(zones)]}})
		}
	}
	return records
}

// mixed is a model in which everything happens.
func mixed(c *sim.Call, rng *rand.Rand) sim.Answer {
	ring := time.Duration(1+rng.IntN(30)) * time.Second
	switch u := rng.IntN(100); {
	case u < 25:
		return sim.Answer{Outcome: campaign.NoAnswer, Ring: ring}
	case u < 35:
		return sim.Answer{Outcome: campaign.LineBusy, Ring: ring}
	case u < 40:
		return sim.Answer{Outcome: campaign.Invalid, Ring: ring}
	case u < 45:
		return sim.Answer{Outcome: campaign.Congestion}
	}
	a := sim.Answer{Outcome: campaign.Answered, Ring: ring, Talk: time.Duration(rng.IntN(600)) * time.Second}
	a.Status = []status.ID{"again", "callback", "mine", "sold", "no", "never", ""}[rng.IntN(7)]
	if a.Status == "callback" || a.Status == "mine" {
		a.Input.At = c.At.Add(time.Duration(rng.IntN(30*60)) * time.Minute)
	}
	return a
}

func TestTheSameSeedGivesTheSameTrace(t *testing.T) {
	run := func(seed uint64) (*sim.Report, string) {
		w := newWorld(t, nil, crowd(150)...)
		w.cfg.Seed = seed
		w.cfg.Agents = append(w.cfg.Agents, officeAgent("bob"), officeAgent("cid"))
		return w.run(t, mixed)
	}
	report1, trace1 := run(7)
	report2, trace2 := run(7)
	require.Greater(t, strings.Count(trace1, "\n"), 500)
	require.True(t, trace1 == trace2, "two runs from one seed differ")
	require.Equal(t, report1, report2)
	_, other := run(8)
	require.False(t, trace1 == other, "another seed changes nothing")
}

func TestAPersonAnswersTheSameWhoeverCallsAndWhenever(t *testing.T) {
	run := func(agents ...campaign.AgentID) map[string]uint64 {
		w := newWorld(t, nil, crowd(60)...)
		w.cfg.Agents = nil
		for _, a := range agents {
			w.cfg.Agents = append(w.cfg.Agents, officeAgent(a))
		}
		drawn := map[string]uint64{}
		w.run(t, func(c *sim.Call, rng *rand.Rand) sim.Answer {
			drawn[fmt.Sprint(c.Record.ID, c.Dial)] = rng.Uint64()
			return sim.Answer{Outcome: campaign.NoAnswer, Ring: 20 * time.Second}
		})
		return drawn
	}
	one, three := run("ann"), run("cid", "bob", "ann")
	require.Greater(t, len(one), 120)
	seen := map[uint64]bool{}
	for k, v := range one {
		if w, ok := three[k]; ok {
			assert.Equal(t, v, w, "dial %s", k)
		}
		assert.False(t, seen[v], "dial %s has the numbers of another", k)
		seen[v] = true
	}
}

func TestNobodyIsCalledOutsideOfTheirHours(t *testing.T) {
	always := func(c *campaign.Config) { c.Hours = campaign.Hours{} }
	w := newWorld(t, always, crowd(150)...)
	w.cfg.Agents = []sim.Agent{{ID: "day"}, {ID: "night"}} // round the clock
	calls := map[string]int{}
	w.cfg.Trace = func(e sim.Event) {
		if e.Kind != sim.KindStarted {
			return
		}
		zone := e.Call.Number.Zones[0]
		loc, err := time.LoadLocation(zone)
		require.NoError(t, err)
		calls[zone]++
		hour := e.At.In(loc).Hour()
		assert.True(t, hour >= 9 && hour < 18, "%s: %s", zone, e)
	}
	w.run(t, mixed)
	assert.Len(t, calls, 5, "calls by zone: %v", calls)
}

func TestEveryRecordAndCallIsAccountedFor(t *testing.T) {
	w := newWorld(t, nil, crowd(200)...)
	w.cfg.Agents = append(w.cfg.Agents, officeAgent("bob"))
	started := 0
	w.cfg.Trace = func(e sim.Event) {
		if e.Kind == sim.KindStarted {
			started++
		}
	}
	r, _ := w.run(t, mixed)

	sum := 0
	for _, n := range r.Standings {
		sum += n
	}
	assert.Equal(t, 200, r.Records)
	assert.Equal(t, 200, sum, "standings")
	sum = 0
	for _, n := range r.Attempts {
		sum += n
	}
	assert.Equal(t, 200, sum, "attempts")
	assert.LessOrEqual(t, len(r.Attempts), 7, "at most 6 attempts")
	sum = 0
	sold := 0
	for _, x := range r.Results {
		sum += x.Calls
		if x.Status == "sold" {
			sold += x.Calls
		}
	}
	assert.Equal(t, started, r.Calls)
	assert.Equal(t, r.Calls, sum, "results")
	assert.Equal(t, sold, r.Successes)
	sum = 0
	for _, a := range r.Agents {
		sum += a.Calls
		assert.Equal(t, 60*time.Hour, a.Shift)
		assert.LessOrEqual(t, a.Preview+a.Ring+a.Talk+a.WrapUp, a.Shift+time.Hour)
	}
	assert.Equal(t, r.Calls, sum, "calls of agents")

	b := r.Callbacks
	assert.Positive(t, b.Made)
	assert.Equal(t, b.Made, b.OnTime+b.Late+b.Overdue+b.NotDue, "%+v", b)
	assert.Equal(t, b.OnTime+b.Late, b.Reached+b.GivenUp+b.Ended+b.Trying, "%+v", b)

	states, err := w.store.Count(t.Context(), campaign.Filter{At: r.End}, campaign.ByState)
	require.NoError(t, err)
	assert.Zero(t, states["leased"], "%v", states)
	o, err := w.queue.Outlook(t.Context(), "c", 0)
	require.NoError(t, err)
	sum = o.Callable
	for _, n := range o.Blockers {
		sum += n
	}
	assert.Equal(t, 200, sum, "blockers and callable")
}

func TestAnIdleAgentAsksAgainWhenARetryIsDue(t *testing.T) {
	w := newWorld(t, nil, campaign.Record{ID: "eva", Phones: phone(48600100200)})
	var calls []string
	w.started(&calls)
	r, _ := w.run(t, func(c *sim.Call, _ *rand.Rand) sim.Answer {
		if c.Dial < 3 {
			return sim.Answer{Outcome: campaign.LineBusy}
		}
		return sim.Answer{Outcome: campaign.Answered, Talk: time.Minute, Status: "sold"}
	})
	assert.Equal(t, []string{"eva ann Mon 09:00", "eva ann Mon 09:10", "eva ann Mon 09:20"}, calls)
	assert.Equal(t, 1, r.Successes)
	assert.Equal(t, []int{0, 0, 0, 1}, r.Attempts)
}

func TestALongTalkKeepsItsLease(t *testing.T) {
	w := newWorld(t, nil, campaign.Record{ID: "eva", Phones: phone(48600100200)}, campaign.Record{ID: "tom", Phones: phone(48600100201)})
	w.cfg.Agents = append(w.cfg.Agents, officeAgent("bob")) // bob's asks would settle ann's lease if it ran out
	r, trace := w.run(t, func(c *sim.Call, _ *rand.Rand) sim.Answer {
		if c.Record.ID == "tom" && c.Dial < 6 {
			return sim.Answer{Outcome: campaign.LineBusy}
		}
		return sim.Answer{Outcome: campaign.Answered, Ring: time.Minute, Talk: 3 * time.Hour, Status: "sold"}
	})
	assert.Equal(t, 7, r.Calls)
	assert.Zero(t, r.Settled, trace)
	assert.Zero(t, r.Lost)
	assert.Equal(t, 2, r.Successes)
	assert.Equal(t, 3*time.Hour, r.Agents[0].Talk)
}

func TestARefusalKeepsItsNumberFromBeingCalledAgain(t *testing.T) {
	w := newWorld(t, nil,
		campaign.Record{ID: "eva", Phones: phone(48600100200)},
		campaign.Record{ID: "husband", Phones: phone(48600100200)})
	var calls []string
	w.started(&calls)
	r, _ := w.run(t, func(*sim.Call, *rand.Rand) sim.Answer {
		return sim.Answer{Outcome: campaign.Answered, Talk: time.Minute, Status: "never"}
	})
	assert.Equal(t, []string{"eva ann Mon 09:00"}, calls)
	require.Len(t, r.Listed, 1)
	assert.Equal(t, blacklist.Number(48600100200), r.Listed[0].Number)
	assert.Equal(t, time.Date(2026, 12, 16, 8, 1, 0, 0, time.UTC), r.Listed[0].Until)
}

func TestWhatClosesWhileAnAgentLooksIsNotDialled(t *testing.T) {
	w := newWorld(t, nil, crowd(40)...)
	w.cfg.Agents[0].Preview = 20 * time.Second
	w.cfg.Agents[0].Shift.From = 17*time.Hour + 58*time.Minute + 50*time.Second
	loc, err := time.LoadLocation("Europe/Warsaw")
	require.NoError(t, err)
	w.cfg.Trace = func(e sim.Event) {
		if e.Kind == sim.KindStarted && e.Call.Number.Zones[0] == "Europe/Warsaw" {
			assert.Less(t, e.At.In(loc).Hour(), 18, "%s", e)
		}
	}
	r, trace := w.run(t, func(*sim.Call, *rand.Rand) sim.Answer {
		return sim.Answer{Outcome: campaign.NoAnswer, Ring: time.Second}
	})
	assert.Positive(t, r.Blocked, trace)
	assert.Contains(t, trace, " blocked ")
	assert.Positive(t, r.Calls)
}

func TestAPhoneThatRingsTooLongLosesItsLease(t *testing.T) {
	w := newWorld(t, nil, campaign.Record{ID: "eva", Phones: phone(48600100200)}, campaign.Record{ID: "tom", Phones: phone(48600100201)})
	w.cfg.Agents = append(w.cfg.Agents, officeAgent("bob"))
	w.cfg.Until = monday.Add(10 * time.Hour)
	r, trace := w.run(t, func(c *sim.Call, _ *rand.Rand) sim.Answer {
		if c.Record.ID == "eva" {
			return sim.Answer{Outcome: campaign.NoAnswer, Ring: 10 * time.Minute}
		}
		return sim.Answer{Outcome: campaign.LineBusy, Ring: 150 * time.Second}
	})
	assert.Positive(t, r.Settled, trace)
	assert.Equal(t, 2, r.Records)
}

func TestAnIdleAgentHearsOfWhatAnotherAgreed(t *testing.T) {
	w := newWorld(t, nil, campaign.Record{ID: "eva", Phones: phone(48600100200)})
	w.cfg.Agents[0].WrapUp = 5 * time.Hour
	w.cfg.Agents = append(w.cfg.Agents, officeAgent("bob"))
	var calls []string
	w.started(&calls)
	w.run(t, func(c *sim.Call, _ *rand.Rand) sim.Answer {
		a := sim.Answer{Outcome: campaign.Answered, Talk: time.Minute, Status: "sold"}
		if c.Dial == 1 {
			a.Status, a.Input.At = "callback", c.At.Add(time.Hour)
		}
		return a
	})
	assert.Equal(t, []string{"eva ann Mon 09:00", "eva bob Mon 10:00"}, calls)
}

func TestLimitsHoldWhateverHappens(t *testing.T) {
	w := newWorld(t, func(c *campaign.Config) {
		c.Limits.Gaps = []campaign.Gap{{Per: campaign.PerNumber, Min: campaign.Delay(2 * time.Hour), Law: true}}
		c.Limits.Caps = []campaign.Cap{{Per: campaign.PerRecord, Max: 2, Days: 1}}
	}, crowd(100)...)
	w.cfg.Agents = append(w.cfg.Agents, officeAgent("bob"), officeAgent("cid"))
	loc, err := time.LoadLocation("Europe/Warsaw")
	require.NoError(t, err)
	ended := map[blacklist.Number]time.Time{}
	days, total, live := map[string]int{}, map[campaign.RecordID]int{}, map[blacklist.Number]bool{}
	w.cfg.Trace = func(e sim.Event) {
		if e.Call == nil {
			return
		}
		n, id := e.Call.Number.Number, e.Call.Record.ID
		switch e.Kind {
		case sim.KindStarted:
			assert.False(t, live[n], "number in use: %s", e)
			live[n] = true
			if last, ok := ended[n]; ok {
				assert.GreaterOrEqual(t, e.At.Sub(last), 2*time.Hour, "gap: %s", e)
			}
		case sim.KindReported:
			delete(live, n)
			if e.Answer.Outcome == campaign.Congestion {
				return // it did not ring: no attempt
			}
			ended[n] = e.At
			today := string(id) + e.At.In(loc).Format(time.DateOnly)
			days[today]++
			total[id]++
			assert.LessOrEqual(t, days[today], 2, "cap: %s", e)
			assert.LessOrEqual(t, total[id], 6, "attempts: %s", e)
		}
	}
	r, _ := w.run(t, mixed)
	assert.Greater(t, r.Calls, 150)
}
