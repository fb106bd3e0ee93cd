package storetest

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// recorder is a test that may fail without failing the one that it stands for.
type recorder struct {
	testing.TB
	mu      sync.Mutex
	text    strings.Builder
	failed  bool
	skipped bool
}

func (r *recorder) Helper() {}

func (r *recorder) note(failed bool, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = r.failed || failed
	r.text.WriteString(text + "\n")
}

func (r *recorder) Error(args ...any)                 { r.note(true, fmt.Sprint(args...)) }
func (r *recorder) Errorf(format string, args ...any) { r.note(true, fmt.Sprintf(format, args...)) }
func (r *recorder) Log(args ...any)                   { r.note(false, fmt.Sprint(args...)) }
func (r *recorder) Logf(format string, args ...any)   { r.note(false, fmt.Sprintf(format, args...)) }
func (r *recorder) Fail()                             { r.note(true, "") }

func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

func (r *recorder) FailNow() {
	r.note(true, "")
	runtime.Goexit()
}

func (r *recorder) Fatal(args ...any) {
	r.note(true, fmt.Sprint(args...))
	runtime.Goexit()
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.note(true, fmt.Sprintf(format, args...))
	runtime.Goexit()
}

func (r *recorder) Skipf(format string, args ...any) {
	r.note(false, fmt.Sprintf(format, args...))
	r.skipped = true
	runtime.Goexit()
}

// tried is what came of a clause on a store.
func tried(t *testing.T, c clause, o Options) *recorder {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.try(r, o)
	}()
	<-done
	return r
}

// clauseOf finds a clause by its name.
func clauseOf(t *testing.T, name string) clause {
	t.Helper()
	for _, p := range parts {
		for _, c := range p.Clauses {
			if p.Name+"/"+c.Name == name {
				return c
			}
		}
	}
	t.Fatalf("there is no clause %q", name)
	return clause{}
}
