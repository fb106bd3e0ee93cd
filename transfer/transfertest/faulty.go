package transfertest

import (
	"context"
	"errors"
	"strings"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/transfer"
)

var errCrash = errors.New("the process has died")

// faulty is a store whose process dies at a commit: before it is made, or after,
// when nobody is told.
type faulty struct {
	campaign.Store
	commits int
	dies    int // at which commit, the first is 1; 0: never
	after   bool
	before  func(commit int) // called before each commit
}

func (f *faulty) Commit(ctx context.Context, changes ...campaign.Change) ([]error, error) {
	f.commits++
	if f.before != nil {
		f.before(f.commits)
	}
	if f.commits != f.dies {
		return f.Store.Commit(ctx, changes...)
	}
	if f.after {
		if _, err := f.Store.Commit(ctx, changes...); err != nil {
			return nil, err
		}
	}
	return nil, errCrash
}

// telling is a faulty store that tells histories.
type telling struct {
	*faulty
	campaign.HistoryStore
}

// on makes a store out of a faulty one, with the abilities of the one inside.
func (h *house) on(f *faulty) campaign.Store {
	f.Store = h.store
	if history, ok := h.store.(campaign.HistoryStore); ok {
		return telling{f, history}
	}
	return f
}

// crash runs a request until the process dies at a commit. It reports false if
// it ended before.
func (h *house) crash(r transfer.Request, o transfer.Options, dies int, after bool) bool {
	h.Helper()
	_, err := h.bulkOn(h.on(&faulty{dies: dies, after: after})).Run(ctx, r, h.now, o)
	if err != nil && !errors.Is(err, errCrash) {
		h.Fatalf("run: %v", err)
	}
	return err != nil
}

// marks counts in how many lines of a record's history an operation is named.
func (h *house) marks(in campaign.ID, name, operation string) int {
	h.Helper()
	n := 0
	for _, line := range h.lines(in, name) {
		if line.Operation == operation {
			n++
		}
	}
	return n
}

// once sees that each of the records was changed exactly once by an operation.
func (h *house) once(in campaign.ID, operation string, names ...string) {
	h.Helper()
	var wrong []string
	for _, name := range names {
		if h.marks(in, name, operation) != 1 {
			wrong = append(wrong, name)
		}
	}
	if wrong != nil {
		h.Errorf("not changed exactly once by %q: %s", operation, strings.Join(wrong, ", "))
	}
}
