package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer/sim"
	"github.com/nextcall/nextcall/internal/pgtest"
	"github.com/nextcall/nextcall/status"
)

var killSeed = flag.Uint64("kill.seed", 0, "kill the program at these moments; 0: at others each time")

// asProgram is set in the environment of a process that is the program itself.
const asProgram = "NEXTCALL_CAMPAIGN"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// began starts the program as a process.
func began(t *testing.T, args ...string) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr = new(bytes.Buffer), new(bytes.Buffer)
	cmd = exec.Command(self, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	cmd.Stdout, cmd.Stderr = stdout, stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // one that has ended cannot be
	return cmd, stdout, stderr
}

// stopped runs the program until it has noted so many more lines, and sends it a signal.
func stopped(t *testing.T, signal os.Signal, more int, book string, args ...string) (code int, stderr string) {
	t.Helper()
	cmd, _, said := began(t, args...)
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	want := len(noted(t, book)) + more
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		select {
		case err := <-done:
			t.Fatalf("the program ended before it was stopped: %v\n%s", err, said)
		default:
		}
		if len(noted(t, book)) >= want {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d lines in a minute, not %d", len(noted(t, book)), want)
		}
	}
	if err := cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	<-done
	return cmd.ProcessState.ExitCode(), said.String()
}

// notedLine is one of the file that -calls writes.
type notedLine struct {
	at                    time.Time
	kind, token           string
	record, number, agent string
	outcome               string
}

// noted reads the whole lines of the file.
func noted(t *testing.T, book string) (lines []notedLine) {
	t.Helper()
	text, err := os.ReadFile(book)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	all := strings.SplitAfter(string(text), "\n")
	for _, l := range all[:len(all)-1] {
		f := strings.Split(strings.TrimSuffix(l, "\n"), ",")
		at, err := time.Parse(time.RFC3339Nano, f[0])
		if err != nil || len(f) != 8 {
			t.Fatalf("line %q: %v", l, err)
		}
		lines = append(lines, notedLine{at, f[1], f[2], f[3], f[4], f[5], f[6]})
	}
	return lines
}

func crowd(t *testing.T, n int) string {
	var b strings.Builder
	b.WriteString("id,phone,zone\n")
	for i := range n {
		fmt.Fprintf(&b, "p%03d,+48600%06d,%s\n", i, 100_000+i, []string{"Europe/Warsaw", "Europe/Lisbon"}[i%2])
	}
	return file(t, "crowd.csv", b.String())
}

// onEach runs a test on a database of each kind.
func onEach(t *testing.T, test func(t *testing.T, store string)) {
	t.Run("SQLite", func(t *testing.T) { test(t, "sqlite:"+filepath.Join(t.TempDir(), "100% of it?.db")) })
	t.Run("PostgreSQL", func(t *testing.T) {
		c := pgtest.New(t)
		c.Start(t, "fsync=off")
		test(t, c.URL("postgres"))
	})
}

func TestARunThatIsKilledGoesOnAndLosesNothing(t *testing.T) {
	const people, agents, kills = 60, 4, 4
	seed := *killSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	onEach(t, func(t *testing.T, store string) {
		t.Logf("-kill.seed=%d", seed)
		rng := rand.New(rand.NewPCG(seed, 0))
		contacts, book := crowd(t, people), filepath.Join(t.TempDir(), "calls.csv")
		args := []string{"-contacts", contacts, "-agents", fmt.Sprint(agents), "-days", "1", "-store", store, "-calls", book}
		for range kills {
			stopped(t, syscall.SIGKILL, 1+rng.IntN(50), book, args...)
		}
		cmd, stdout, stderr := began(t, append(args, "-json")...)
		if err := cmd.Wait(); err != nil {
			t.Fatalf("%v\n%s", err, stderr)
		}
		contain(t, stderr.String(), "goes on from Mon 2026-11-09")
		var d document
		if err := json.Unmarshal(stdout.Bytes(), &d); err != nil {
			t.Fatal(err)
		}
		addUp(t, d)
		same(t, "records", d.Contacts.Records, people)
		checkBook(t, store, noted(t, book), &d, kills, agents)

		// What is over is over: once more it makes no call and shows the same.
		lines := len(noted(t, book))
		out, _ := program(t, 0, append(args, "-json")...)
		same(t, "the document once more", out, stdout.String())
		same(t, "calls once more", len(noted(t, book)), lines)
	})
}

// checkBook compares what the processes noted with what the database holds.
func checkBook(t *testing.T, name string, book []notedLine, d *document, kills, agents int) {
	t.Helper()
	o, err := parseStore(name)
	if err != nil {
		t.Fatal(err)
	}
	store, err := o.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	calls := map[string]*campaign.Call{}
	byNumber := map[string][]*campaign.Call{}
	reported, expired := 0, 0
	for f, err := range store.Find(t.Context(), campaign.Filter{}, campaign.Need{}) {
		if err != nil {
			t.Fatal(err)
		}
		counted := 0
		for _, c := range f.History {
			calls[fmt.Sprint(c.Token)] = c
			byNumber[c.Number.String()] = append(byNumber[c.Number.String()], c)
			if c.Counted {
				counted++
			}
			if c.Expired {
				expired++
				same(t, "outcome of a call that nobody reported", c.Outcome, campaign.Unknown)
			} else {
				reported++
			}
		}
		if f.Record.Attempts.Total != counted {
			t.Errorf("record %s has %d attempts, %d calls of it were counted", f.Record.ID, f.Record.Attempts.Total, counted)
		}
		if f.Lease.Token != 0 {
			t.Errorf("record %s is still leased: %+v", f.Record.ID, f.Lease)
		}
	}
	same(t, "calls that the document counts", d.Calls, reported)
	same(t, "calls that it counts as cut off", d.CutOff, expired)
	if expired == 0 || expired > kills*agents {
		t.Errorf("%d calls were cut off by %d kills of %d agents", expired, kills, agents)
	}
	seen, last := map[string]bool{}, time.Time{}
	for _, l := range book {
		if l.at.Before(last) {
			t.Errorf("the clock went back from %v to %v", last, l.at)
		}
		last = l.at
		if seen[l.kind+l.token] {
			t.Errorf("call %s was %s twice", l.token, l.kind)
		}
		seen[l.kind+l.token] = true
		c := calls[l.token]
		switch {
		case c == nil:
			t.Errorf("call %s of record %s was %s and is lost", l.token, l.record, l.kind)
		case l.kind == "started" && !c.Dialed.Equal(l.at) || string(c.Record) != l.record || c.Number.String() != l.number || string(c.Agent) != l.agent:
			t.Errorf("call %+v is stored as %+v", l, c)
		case l.kind == "reported" && (c.Expired || c.Outcome.String() != l.outcome):
			t.Errorf("call %s was reported as %s and is stored as %s", l.token, l.outcome, c.Outcome)
		}
	}
	// A process may be killed between a commit and its line.
	unnoted := 0
	for token, c := range calls {
		if !seen["started"+token] || !c.Expired && !seen["reported"+token] {
			unnoted++
		}
	}
	if unnoted > kills {
		t.Errorf("%d calls are stored and were not noted, with %d kills", unnoted, kills)
	}
	for number, all := range byNumber {
		slices.SortFunc(all, func(a, b *campaign.Call) int { return a.Dialed.Compare(b.Dialed) })
		for i, c := range all[1:] {
			gap := c.Dialed.Sub(all[i].Dialed)
			if c.Dialed.Before(all[i].Ended) {
				t.Errorf("%s was called while somebody called it", number)
			}
			if promised := c.Lane == status.LaneOwn || c.Lane == status.LanePublic; !promised && all[i].Counted && gap < 2*time.Hour {
				t.Errorf("%s was called twice within %v", number, gap)
			}
		}
	}
}

func TestARunThatIsStoppedSaysSoAndGoesOn(t *testing.T) {
	onEach(t, func(t *testing.T, store string) {
		contacts, book := crowd(t, 20), filepath.Join(t.TempDir(), "calls.csv")
		args := []string{"-contacts", contacts, "-agents", "2", "-days", "1", "-store", store, "-calls", book}
		code, stderr := stopped(t, os.Interrupt, 9, book, args...)
		same(t, "exit code", code, 130)
		contain(t, stderr, "stopped", "goes on from there")

		_, stderr = program(t, 1, append(args, "-seed", "2")...)
		contain(t, stderr, "begun otherwise", "seed 1", "2 agents", "want the same -contacts")
		out, stderr := program(t, 0, args...)
		contain(t, stderr, "goes on from")
		contain(t, out, "seed 1")

		// More days of the same are another end, not another campaign.
		args[5] = "2"
		_, stderr = program(t, 0, args...)
		contain(t, stderr, "goes on from")
	})
}

func TestADatabaseShowsWhatMemoryShows(t *testing.T) {
	onEach(t, func(t *testing.T, store string) {
		args := []string{"-contacts", crowd(t, 40), "-agents", "3", "-days", "1"}
		want, _ := program(t, 0, args...)
		got, _ := program(t, 0, append(args, "-store", store)...)
		same(t, "what is shown", got, want)
	})
}

// A run may be stopped while it adds the contacts: the next one adds the others.
func TestContactsAreAddedOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "half.db")
	args := []string{"-contacts", crowd(t, 30), "-agents", "2", "-days", "1"}
	want, _ := program(t, 0, args...)

	o, err := parseFlags(args)
	if err != nil {
		t.Fatal(err)
	}
	if o.store, err = parseStore("sqlite:" + path); err != nil {
		t.Fatal(err)
	}
	s, err := load(o)
	if err != nil {
		t.Fatal(err)
	}
	c, err := compile(s)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := o.store.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 11, 8, 23, 0, 0, 0, time.UTC)
	cfg := sim.Config{Clock: sim.NewClock(start)}
	if err := kept.goOn(t.Context(), &cfg, c, s, o, s.records[:13], nil); err != nil {
		t.Fatal(err)
	}
	if err := kept.Close(); err != nil {
		t.Fatal(err)
	}
	got, _ := program(t, 0, append(args, "-store", "sqlite:"+path)...)
	same(t, "what is shown", got, want)
}

func TestAStoreThatIsNoneSaysWhatIsWanted(t *testing.T) {
	for _, row := range []struct {
		name, store string
		code        int
		want        []string
	}{
		{"no kind", "calls.db", 2, []string{"-store", `"calls.db"`, "want sqlite:PATH or postgres:URL"}},
		{"no path", "sqlite:", 2, []string{`"sqlite:"`, "want sqlite:PATH"}},
		{"another kind", "mysql:x", 2, []string{`"mysql:x"`, "postgres:URL"}},
		{"a directory that is not there", "sqlite:" + filepath.Join(t.TempDir(), "none", "x.db"), 1, []string{"unable to open database file"}},
		{"a server that is not there", "postgres://nobody@127.0.0.1:1/none", 1, []string{"127.0.0.1:1", "refused"}},
		{"a file that is none", "sqlite:" + file(t, "text.db", strings.Repeat("this is no database\n", 100)), 1, []string{"file is not a database"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			stdout, stderr := program(t, row.code, "-contacts", crowd(t, 2), "-store", row.store)
			same(t, "stdout", stdout, "")
			contain(t, stderr, row.want...)
		})
	}
}
