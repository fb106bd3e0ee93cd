package enginetest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"sync"
	"time"
)

// spec says what a contestant is made of.
type spec struct {
	Kind string // one of those that build knows
	N    int    // records
	Live int    // of them those that are called; 0: all
	// Dormant is what the others are: "closed", or "far" for a next call in many months.
	Dormant   string
	Campaigns int    // 0: 1
	Fresh     bool   // a queue in which nobody has been called yet
	Called    int    // of a queue: how many have been; 0: half of those that are called
	ByHand    bool   // a queue whose conditions are Go instead of CEL
	Engine    string // of rules: what decides them
	Place     place  // of those with a database
	Ask       int    // of those that can do only one size of ask
	Lock      string // of plain SQL on PostgreSQL: what keeps callers apart
}

// command is one thing to do.
type command struct {
	Do      string // "run", "latency", "gc", "memory", "call all", "check", "decide" or "pass"
	What    string // decide, pass: what is decided
	Ask     int    // calls of one ask
	Hands   int    // goroutines that ask; 0: 1
	Any     bool   // each ask takes from any campaign, not from one by name
	For     time.Duration
	Garbage bool // latency: beside a host that makes garbage
	Slow    bool // run: an ask takes so long that the clock is looked at after each
}

// reply is what came of a command.
type reply struct {
	Err         string
	Cycles      int
	Fresh       int // of the cycles, those of records that were never called
	Parked      int // records that were put aside as blacklisted
	CPU, Wall   time.Duration
	Mallocs     uint64
	Bytes       uint64 // on the heap, after a collection
	Quantiles   [4]time.Duration
	Asks        int
	Sum         int     // pass: what the decisions came to
	GarbageRate float64 // bytes a second that the host really made
}

// quantiles are those of a latency reply.
var quantiles = [4]float64{0.5, 0.99, 0.999, 1}

// contestant is something that is measured. It fails rather than do less than
// it says: a cycle is a call handed out, and put back with its result.
type contestant interface {
	// ready prepares for more cycles, outside of what is measured, and says for
	// how many at the most. again reports that all was made anew.
	ready() (most int, again bool, err error)
	// hand is the i-th of so many, each for one goroutine.
	hand(i, of int) hand
}

// hand asks again and again.
type hand interface {
	// next asks for calls, and is all that a latency counts.
	next(ask int, anyCampaign bool) error
	// report gives each of them a result, and returns how many calls there were,
	// and how many were fresh and how many records were put aside.
	report() (calls, fresh, parked int, err error)
}

// checker is a contestant that can tell in the end whether all adds up.
type checker interface{ check() error }

// timer is a contestant that knows better how long its work took.
type timer interface{ took() time.Duration }

// served is a contestant whose database a server keeps.
type served interface{ database() string }

// caller is a contestant that can call everybody once.
type caller interface{ callAll() (int, error) }

func build(s spec) (contestant, error) {
	if s.Live == 0 {
		s.Live = s.N
	}
	s.Campaigns = max(s.Campaigns, 1)
	switch s.Kind {
	case "queue":
		return newQueueContestant(s)
	case "heap":
		return newHeapContestant(s.N), nil
	case "btree":
		return newTreeContestant(s.N), nil
	case "nothing":
		return nothing{}, nil
	case "rules":
		return newDecider(s)
	case "store":
		return newStoreContestant(s)
	case "replay":
		return newReplayContestant(s)
	case "plain sqlite":
		return newPlainSQLite(s)
	case "plain postgres":
		return newPlainPostgres(s)
	case "river":
		return newRiverContestant(s)
	}
	return nil, fmt.Errorf("no contestant is called %q: want queue, heap, btree, nothing, rules, store, replay, plain sqlite, plain postgres or river", s.Kind)
}

// stage runs commands on a contestant.
type stage struct {
	contestant
	place place
	hands []hand
	cpu   time.Duration // when the last command ended
	host  garbage
}

func newStage(s spec) (*stage, error) {
	c, err := build(s)
	if err != nil {
		return nil, err
	}
	runtime.GC()
	return &stage{contestant: c, place: s.Place, cpu: cpuTime()}, nil
}

func (s *stage) do(c command) (r reply) {
	var err error
	switch c.Do {
	case "run":
		err = s.run(c, &r)
	case "latency":
		err = s.latency(c, &r)
	case "decide", "pass":
		err = s.decideWith(c, &r)
	case "gc":
		r.CPU, r.Wall = measure(runtime.GC)
	case "memory":
		r.Bytes = heapBytes()
	case "call all":
		who, ok := s.contestant.(caller)
		if !ok {
			err = errors.New("this contestant calls nobody")
			break
		}
		r.Cycles, err = who.callAll()
	case "check":
		if who, ok := s.contestant.(checker); ok {
			err = who.check()
		}
	default:
		err = fmt.Errorf("no command is called %q", c.Do)
	}
	if err != nil {
		r.Err = err.Error()
	}
	s.cpu = cpuTime()
	return r
}

func (s *stage) handsOf(n int) []hand {
	if len(s.hands) != n {
		s.hands = nil
		for i := range n {
			s.hands = append(s.hands, s.hand(i, n))
		}
	}
	return s.hands
}

// run cycles for some time. What the process used since the last command is
// counted too: that is the end of a garbage collection which began there.
func (s *stage) run(c command, r *reply) error {
	most, again, err := s.ready()
	if err != nil {
		return err
	}
	if again {
		runtime.GC()
		s.cpu = cpuTime()
	}
	hands := s.handsOf(max(c.Hands, 1))
	most /= len(hands)
	done := make([]reply, len(hands))
	errs := make([]error, len(hands))
	mallocs := countMallocs()
	server := s.serverCPU()
	start, before := time.Now(), s.cpu
	var all sync.WaitGroup
	for i, h := range hands[1:] {
		all.Go(func() { errs[i+1] = turn(h, c, start, most, &done[i+1]) })
	}
	errs[0] = turn(hands[0], c, start, most, &done[0])
	all.Wait()
	r.Wall, r.CPU = time.Since(start), cpuTime()-before+s.serverCPU()-server
	r.Mallocs = countMallocs() - mallocs
	if who, ok := s.contestant.(timer); ok {
		r.Wall = who.took()
	}
	for i := range done {
		r.Cycles, r.Fresh, r.Parked, r.Asks = r.Cycles+done[i].Cycles, r.Fresh+done[i].Fresh, r.Parked+done[i].Parked, r.Asks+done[i].Asks
	}
	return errors.Join(errs...)
}

// serverCPU is the CPU time of the server that keeps the data, if there is one.
func (s *stage) serverCPU() time.Duration {
	if who, ok := s.contestant.(served); ok && s.place.Engine == "postgres" {
		return serverCPU(who.database())
	}
	return 0
}

// turn is one goroutine of a run.
func turn(h hand, c command, start time.Time, most int, r *reply) error {
	looks := max(1, 64/c.Ask)
	if c.Slow {
		looks = 1
	}
	for time.Since(start) < c.For && r.Cycles < most {
		for range looks {
			if err := h.next(c.Ask, c.Any); err != nil {
				return err
			}
			calls, fresh, parked, err := h.report()
			if err != nil {
				return err
			}
			r.Cycles, r.Fresh, r.Parked, r.Asks = r.Cycles+calls, r.Fresh+fresh, r.Parked+parked, r.Asks+1
		}
	}
	return nil
}

// mostSamples bounds the memory of a latency command.
const mostSamples = 4_000_000

// latency times each ask by itself.
func (s *stage) latency(c command, r *reply) error {
	most, _, err := s.ready()
	if err != nil {
		return err
	}
	h := s.handsOf(1)[0]
	taken := make([]time.Duration, 0, mostSamples)
	if c.Garbage {
		s.host.start()
		defer func() { r.GarbageRate = s.host.stop() }()
	}
	start := time.Now()
	for now := start; r.Cycles < most && now.Sub(start) < c.For && len(taken) < mostSamples; {
		before := time.Now()
		err := h.next(c.Ask, c.Any)
		now = time.Now()
		taken = append(taken, now.Sub(before))
		if err != nil {
			return err
		}
		calls, fresh, parked, err := h.report()
		if err != nil {
			return err
		}
		r.Cycles, r.Fresh, r.Parked = r.Cycles+calls, r.Fresh+fresh, r.Parked+parked
	}
	r.Wall = time.Since(start)
	r.Asks = len(taken)
	slices.Sort(taken)
	for i, q := range quantiles {
		r.Quantiles[i] = taken[max(0, int(math.Ceil(q*float64(len(taken))))-1)]
	}
	return nil
}

func measure(what func()) (cpu, wall time.Duration) {
	start, before := time.Now(), cpuTime()
	what()
	return cpuTime() - before, time.Since(start)
}

func countMallocs() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs
}

// heapBytes is what lives on the heap.
func heapBytes() uint64 {
	runtime.GC()
	runtime.GC() // what pools held lives for one collection more
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// perform is a contestant in a process of its own: it is made, and then does
// what it is told until nobody tells it anything more.
func perform(config string, in io.Reader, out io.Writer) error {
	to := json.NewEncoder(out)
	var s spec
	if err := json.Unmarshal([]byte(config), &s); err != nil {
		return err
	}
	empty := heapBytes()
	stage, err := newStage(s)
	if err != nil {
		return to.Encode(reply{Err: err.Error()})
	}
	if err := to.Encode(reply{Bytes: empty}); err != nil {
		return err
	}
	for from := json.NewDecoder(in); ; {
		var c command
		if err := from.Decode(&c); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := to.Encode(stage.do(c)); err != nil {
			return err
		}
	}
}
