package sim

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
)

// Config says what to simulate. Queue, Store and Clock belong together: the
// queue works on the store, and its Now is the clock's.
type Config struct {
	Queue *dialer.Queue  // required
	Store campaign.Store // required; read at the end, for the report
	Clock *Clock         // required; the simulation begins at its time
	// Until is when agents stop asking. Calls that are on are finished. Required.
	Until time.Time
	// Began, if set, says that an earlier run on this store began then and was cut
	// off: this one goes on from the clock's time, with the same agents, model and
	// seed, and reports on both. Calls that were on when it was cut off are settled
	// by the queue when their leases run out. A run whose end was passed only reports.
	Began time.Time
	// Agents, in the order in which they ask when they ask at the same instant.
	// At least one.
	Agents []Agent
	Model  Model // required
	Seed   uint64
	// OnTime is how long after its due time, or after the first opening that
	// follows, a callback is still on time. Defaults to 15 min.
	OnTime time.Duration
	// Progress is told how much of the simulated time has passed, at most once
	// for each simulated minute. Nil: nobody is.
	Progress func(done, total time.Duration)
	// Trace is given every event. Nil: nobody is.
	Trace func(Event)
}

func (c *Config) check() error {
	var errs []error
	need := func(ok bool, msg string) {
		if !ok {
			errs = append(errs, errors.New("sim: "+msg))
		}
	}
	need(c.Queue != nil, "Queue: want the queue that hands out the calls")
	need(c.Store != nil, "Store: want the store that the queue works on")
	need(c.Clock != nil, "Clock: want the clock that is the queue's Now")
	need(c.Clock == nil || c.Until.After(c.Clock.Now()) || !c.Began.IsZero(), "Until: want a time after the clock's")
	need(c.Clock == nil || !c.Began.After(c.Clock.Now()), "Began: want a time that is not after the clock's")
	need(len(c.Agents) > 0, "Agents: want at least one")
	need(c.Model != nil, "Model: want one, such as a ModelFunc")
	need(c.OnTime >= 0, "OnTime: want a positive duration, or 0 for 15 min")
	seen := map[campaign.AgentID]bool{}
	for i, a := range c.Agents {
		need(a.ID != "", fmt.Sprintf("Agents[%d].ID: want a name", i))
		need(a.ID == "" || !seen[a.ID], fmt.Sprintf("Agents[%d].ID %q: comes twice", i, a.ID))
		need(a.WrapUp >= 0 && a.Preview >= 0, fmt.Sprintf("Agents[%d]: want WrapUp and Preview that are not negative", i))
		seen[a.ID] = true
	}
	return errors.Join(errs...)
}

// Run simulates from the clock's time until Config.Until, and reports. It
// starts no goroutine; the same store, configuration and seed give the same
// report, and the same trace byte for byte. It ends early with ctx, or with the
// first error of the queue that is not part of a campaign's life, such as a
// status that the model chose and the campaign does not have.
func Run(ctx context.Context, cfg Config) (*Report, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if cfg.OnTime == 0 {
		cfg.OnTime = 15 * time.Minute
	}
	now := cfg.Clock.Now()
	start := now
	if !cfg.Began.IsZero() {
		start = cfg.Began.UTC().Truncate(time.Microsecond)
	}
	s := &simulation{
		cfg: cfg, start: start, until: cfg.Until.UTC().Truncate(time.Microsecond),
		chance:  newChance(cfg.Seed),
		dials:   map[campaign.Ref]int{},
		results: map[resultKey]int{},
		report:  &Report{Start: start},
	}
	s.promises = promises{pending: map[campaign.Ref]promise{}, onTime: cfg.OnTime, queue: cfg.Queue, count: &s.report.Callbacks}
	var errs []error
	for i, a := range cfg.Agents {
		shift, err := a.Shift.compile()
		if err != nil {
			errs = append(errs, fmt.Errorf("sim: Agents[%d] %q: shift: %w", i, a.ID, err))
			continue
		}
		s.agents = append(s.agents, &agent{Agent: a, shift: shift, works: works(cfg.Queue, &a), report: AgentReport{ID: a.ID}})
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if err := s.idle.begin(ctx, cfg.Store); err != nil {
		return nil, fmt.Errorf("sim: at the start: %w", err)
	}
	if !cfg.Began.IsZero() {
		if err := s.resume(ctx); err != nil {
			return nil, fmt.Errorf("sim: what was done before: %w", err)
		}
	}
	for _, a := range s.agents {
		s.askAt(a, now)
	}
	if err := s.run(ctx); err != nil {
		return nil, fmt.Errorf("sim: at %s: %w", s.now.Format(time.RFC3339Nano), err)
	}
	if err := s.finish(ctx); err != nil {
		return nil, fmt.Errorf("sim: at the end: %w", err)
	}
	return s.report, nil
}

// simulation is one run.
type simulation struct {
	cfg          Config
	start, until time.Time
	now          time.Time
	events       events
	agents       []*agent
	chance       *chance
	promises     promises
	dials        map[campaign.Ref]int // of each record, so far
	results      map[resultKey]int
	report       *Report
	told         time.Time // the time that Progress was last told
	idle         idle
}

// agent is an Agent at work.
type agent struct {
	Agent
	shift  *shift
	works  string // the campaigns asked for: agents with the same are told the same
	report AgentReport
	ask    int       // the number of the one ask that is planned; others are stale
	idle   bool      // waits for something to call
	wake   time.Time // when the planned ask is
	spins  int       // asks at one instant that the queue answered with "again at once"

	call   Call // the one at hand
	answer Answer
}

// event is what an agent does at a moment.
type event struct {
	at    time.Time
	seq   int // of two at one moment the one that was planned first comes first
	agent *agent
	do    func(*simulation, context.Context, *agent) error
	ask   int // for an ask: its number; else 0
}

// events is a heap by time.
type events struct {
	list []event
	seq  int
}

func (e *events) Len() int { return len(e.list) }
func (e *events) Less(i, j int) bool {
	a, b := &e.list[i], &e.list[j]
	if !a.at.Equal(b.at) {
		return a.at.Before(b.at)
	}
	return a.seq < b.seq
}
func (e *events) Swap(i, j int) { e.list[i], e.list[j] = e.list[j], e.list[i] }
func (e *events) Push(x any)    { e.list = append(e.list, x.(event)) }
func (e *events) Pop() any {
	last := e.list[len(e.list)-1]
	e.list = e.list[:len(e.list)-1]
	return last
}

func (s *simulation) plan(at time.Time, a *agent, ask int, do func(*simulation, context.Context, *agent) error) {
	s.events.seq++
	heap.Push(&s.events, event{at: at.Truncate(time.Microsecond), seq: s.events.seq, agent: a, ask: ask, do: do})
}

// run takes one event after the other until none is left. Asks from Until on
// are not planned, so that it ends when the last call is reported.
func (s *simulation) run(ctx context.Context) error {
	for s.now = s.cfg.Clock.Now(); s.events.Len() > 0; {
		if err := ctx.Err(); err != nil {
			return err
		}
		e := heap.Pop(&s.events).(event)
		if e.ask != 0 && e.ask != e.agent.ask {
			continue
		}
		s.now = e.at
		s.cfg.Clock.Set(s.now)
		if err := e.do(s, ctx, e.agent); err != nil {
			return err
		}
		if p := s.cfg.Progress; p != nil && s.now.Sub(s.told) >= time.Minute {
			s.told = s.now
			p(min(s.now.Sub(s.start), s.until.Sub(s.start)), s.until.Sub(s.start))
		}
	}
	if s.now.Before(s.until) {
		s.now = s.until
		s.cfg.Clock.Set(s.now)
	}
	if p := s.cfg.Progress; p != nil {
		p(s.until.Sub(s.start), s.until.Sub(s.start))
	}
	return nil
}

// finish reads what the store holds at the end.
func (s *simulation) finish(ctx context.Context) error {
	r := s.report
	r.End = s.now
	r.Results = sortResults(s.results)
	r.Standings = map[string]int{}
	classes := map[campaign.Ref]string{}
	for f, err := range s.cfg.Store.Find(ctx, campaign.Filter{At: s.now}, campaign.Need{NoCalls: true}) {
		if err != nil {
			return err
		}
		rec := &f.Record
		r.Records++
		r.Standings[rec.Standing.String()]++
		if rec.Success {
			r.Successes++
		}
		for len(r.Attempts) <= rec.Attempts.Total {
			r.Attempts = append(r.Attempts, 0)
		}
		r.Attempts[rec.Attempts.Total]++
		classes[campaign.Ref{Campaign: rec.Campaign, Record: rec.ID}] = rec.Class
	}
	for _, a := range s.agents {
		a.report.Shift = a.shift.within(s.start, s.until)
		r.Agents = append(r.Agents, a.report)
	}
	return s.promises.finish(s.now, func(ref campaign.Ref) string { return classes[ref] })
}
