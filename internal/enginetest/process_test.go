package enginetest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"
)

// asContestant is set, to a spec, in the environment of a process that is one.
const asContestant = "NEXTCALL_CONTESTANT"

func TestMain(m *testing.M) {
	config, ok := os.LookupEnv(asContestant)
	if !ok {
		os.Exit(m.Run())
	}
	if err := perform(config, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// process is a contestant in a process of its own. So none pays for the
// collection of another's garbage, or has its memory counted as its own.
type process struct {
	spec  spec
	cmd   *exec.Cmd
	in    io.WriteCloser
	to    *json.Encoder
	from  *json.Decoder
	empty uint64 // heap before it was made
	took  time.Duration
}

// begin starts a contestant, and waits until it is made.
func begin(t *testing.T, s spec) *process {
	t.Helper()
	s.ByHand = s.ByHand || *rulesFlag == "hand"
	config, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{spec: s, cmd: exec.CommandContext(t.Context(), self)}
	p.cmd.Env = append(os.Environ(), asContestant+"="+string(config))
	p.cmd.Stderr = os.Stderr
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.to, p.from = json.NewEncoder(p.in), json.NewDecoder(out)
	start := time.Now()
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.end) // also when a later contestant cannot be made
	var made reply
	if err := p.from.Decode(&made); err != nil || made.Err != "" {
		t.Fatalf("%+v: %v %s", s, err, made.Err)
	}
	p.empty, p.took = made.Bytes, time.Since(start)
	return p
}

// do has a command done, and fails the test if it could not be.
func (p *process) do(t *testing.T, c command) reply {
	t.Helper()
	var r reply
	err := errors.Join(p.to.Encode(c), p.from.Decode(&r))
	if err != nil || r.Err != "" {
		t.Fatalf("%+v: %+v: %v %s", p.spec, c, err, r.Err)
	}
	return r
}

// finish checks that all adds up, and ends the process.
func (p *process) finish(t *testing.T) {
	t.Helper()
	p.do(t, command{Do: "check"})
	p.end()
}

func (p *process) end() {
	if p.cmd.ProcessState == nil {
		p.in.Close()
		p.cmd.Wait()
	}
}

// entry is one who takes part in a race, and what it does in each round.
type entry struct {
	*process
	command
}

// result is what the rounds of one entry came to.
type result struct {
	rounds []reply
	reply  // the sum
}

// race lets the entries take turns, in another order each round. What the
// machine does meanwhile happens to all of them alike.
func race(t *testing.T, rounds int, entries ...entry) []result {
	t.Helper()
	results := make([]result, len(entries))
	for round := range rounds + 1 {
		for k := range entries {
			i := (k + round) % len(entries)
			if round%2 == 1 {
				i = len(entries) - 1 - i
			}
			r := entries[i].do(t, entries[i].command)
			if round == 0 {
				continue // the caches are cold, and the first collections are to come
			}
			all := &results[i]
			all.rounds = append(all.rounds, r)
			all.Cycles, all.Fresh, all.Parked, all.Asks = all.Cycles+r.Cycles, all.Fresh+r.Fresh, all.Parked+r.Parked, all.Asks+r.Asks
			all.CPU, all.Wall, all.Mallocs = all.CPU+r.CPU, all.Wall+r.Wall, all.Mallocs+r.Mallocs
		}
	}
	return results
}

// spread is a median, and what half of the rounds lie between. All is the value
// of all rounds together: it has its share of garbage collections that are so
// rare that they fall into few rounds.
type spread struct{ low, median, high, all float64 }

func spreadOf(values []float64) spread {
	values = slices.Sorted(slices.Values(values))
	at := func(q float64) float64 { return values[int(q*float64(len(values)-1)+0.5)] }
	return spread{low: at(0.25), median: at(0.5), high: at(0.75)}
}

// each is the spread of a value of the rounds.
func (r *result) each(value func(reply) float64) spread {
	var values []float64
	for _, round := range r.rounds {
		values = append(values, value(round))
	}
	s := spreadOf(values)
	s.all = value(r.reply)
	return s
}

// against is the spread of the ratio of a value, round by round.
func (r *result) against(base *result, value func(reply) float64) spread {
	var values []float64
	for i := range r.rounds {
		values = append(values, value(r.rounds[i])/value(base.rounds[i]))
	}
	s := spreadOf(values)
	s.all = value(r.reply) / value(base.reply)
	return s
}

// perCycle is the CPU time of a cycle in nanoseconds.
func perCycle(r reply) float64 { return float64(r.CPU) / float64(r.Cycles) }
