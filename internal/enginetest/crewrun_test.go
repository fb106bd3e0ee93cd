package enginetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// crewRun starts processes of TestCrew and kills them. None outlives the test.
type crewRun struct {
	t        testing.TB
	dir      string
	orders   orders // what all of them are told
	n        int
	kills    int
	journals []string
}

// crewProcess is one of them.
type crewProcess struct {
	cmd     *exec.Cmd
	in      io.Closer
	out     bytes.Buffer
	journal string
	dead    bool
}

func newCrewRun(t testing.TB, o orders) *crewRun {
	return &crewRun{t: t, dir: t.TempDir(), orders: o}
}

// start starts a process; before is one that was killed, whose calls it knows of.
func (r *crewRun) start(o orders, before *crewProcess) *crewProcess {
	r.t.Helper()
	r.n++
	o.Holder = fmt.Sprintf("process %d", r.n)
	o.Journal = filepath.Join(r.dir, fmt.Sprintf("journal%04d", r.n))
	if before != nil {
		o.Before = before.journal
	}
	text, err := json.Marshal(o)
	require.NoError(r.t, err)
	p := &crewProcess{journal: o.Journal, cmd: exec.Command(os.Args[0], "-test.run=^TestCrew$", "-test.count=1", "-test.timeout=10m")}
	p.cmd.Env = append(os.Environ(), crewEnv+"="+string(text), "GORACE=halt_on_error=1")
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	p.in, err = p.cmd.StdinPipe()
	require.NoError(r.t, err)
	require.NoError(r.t, p.cmd.Start())
	r.t.Cleanup(func() { p.end() })
	if !o.OnlyOpen {
		r.journals = append(r.journals, p.journal)
	}
	return p
}

// end kills a process, and says whether it was that which ended it.
func (p *crewProcess) end() bool {
	if p.dead {
		return true
	}
	p.dead = true
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
	_ = p.in.Close()
	state, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && state.Signaled() && state.Signal() == syscall.SIGKILL
}

// kill kills a process, which must not have ended by itself.
func (r *crewRun) kill(p *crewProcess) {
	r.t.Helper()
	if !p.end() {
		r.t.Fatalf("a process ended by itself, %v:\n%s", p.cmd.ProcessState, p.out.String())
	}
	r.kills++
}

// noted is how many bytes the processes have noted.
func noted(crews ...*crewProcess) (n int64) {
	for _, p := range crews {
		if info, err := os.Stat(p.journal); err == nil {
			n += info.Size()
		}
	}
	return n
}

// busy waits until the processes have noted so many bytes more, however fast the
// machine is. It does not wait for ever: they may have nothing to do.
func busy(bytes int64, atMost time.Duration, crews ...*crewProcess) {
	enough := noted(crews...) + bytes
	for end := time.Now().Add(atMost); noted(crews...) < enough && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
}

// ready waits until a process works.
func (p *crewProcess) ready(t testing.TB) {
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		text, err := os.ReadFile(p.journal)
		if err == nil && bytes.Contains(text, []byte(`"what":"`+noteReady+`"`)) {
			return
		}
		if time.Now().After(end) {
			p.end()
			t.Fatalf("a process does not begin to work:\n%s", p.out.String())
		}
	}
}
