package faultstore

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"github.com/nextcall/nextcall/campaign"
)

// Config says which calls are hit and how. With the zero value none is, but for
// those that [Faults.Next] names.
type Config struct {
	// Seed decides whatever is left open. 0 hits the last call of each Every; any
	// other seed hits one of them, so that it is not the same step of an
	// operation every time.
	Seed uint64
	// Every hits one call in so many: 1 hits all. Defaults to none.
	Every int
	// Calls are those that count and can be hit. Defaults to all.
	Calls Call
	// Kinds are how calls are hit, one of those that fit a call at a time; a kind
	// may come twice to come more often. Defaults to Before and After.
	Kinds []Kind
	// Wait is how long a slow call takes: a sleep, a move of the test's clock, or
	// a turn for somebody else. Defaults to a turn for another goroutine.
	Wait func()
}

// Faults hit calls of the stores that they are put around, which may be several.
// They are safe for concurrent use; which calls are hit depends on nothing but
// the order in which they begin.
type Faults struct {
	mu      sync.Mutex
	config  Config
	rnd     *rand.Rand
	calls   int // that began
	counted int // of them those that count, since the Config was set
	place   int // the one of a block of Every that is hit
	next    []planned
	hits    []Hit
}

// planned is a hit that was asked for.
type planned struct {
	in    int // calls until then; the next one is 1
	calls Call
	kind  Kind
}

// New returns faults of this kind.
func New(c Config) *Faults {
	f := &Faults{}
	f.Set(c)
	return f
}

// Set goes on with another Config. What [Faults.Next] named is forgotten, and
// nothing of what was hit.
func (f *Faults) Set(c Config) {
	if c.Calls == 0 {
		c.Calls = Writes | Reads
	}
	if len(c.Kinds) == 0 {
		c.Kinds = []Kind{Before, After}
	}
	if c.Wait == nil {
		c.Wait = runtime.Gosched
	}
	c.Kinds = slices.Clone(c.Kinds)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.config, f.rnd, f.counted, f.next = c, rand.New(rand.NewPCG(c.Seed, 0x6661756c74)), 0, nil
}

// Next hits the n-th from now of these calls, 1 for the next one, whatever the
// Config says of it. Calls 0 are all.
func (f *Faults) Next(n int, calls Call, k Kind) {
	if calls == 0 {
		calls = Writes | Reads
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next = append(f.next, planned{in: n, calls: calls, kind: k})
}

// Hits are the calls that were hit so far, in order.
func (f *Faults) Hits() []Hit {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.hits)
}

// hit is what happens to one call.
type hit struct {
	Hit
	// n is a number that the kind makes use of: how many records a Find brings,
	// whether a slow call waits before or after, how often a context may be asked.
	n    int
	wait func()
}

// begin says what happens to a call.
func (f *Faults) begin(c Call) hit {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	h := hit{Hit: Hit{N: f.calls, Call: c}, n: f.rnd.IntN(10), wait: f.config.Wait}
	if f.counts(c) {
		var fit []Kind
		for _, k := range f.config.Kinds {
			if k.fits(c) {
				fit = append(fit, k)
			}
		}
		if len(fit) > 0 {
			h.Kind = fit[f.rnd.IntN(len(fit))]
		}
	}
	for i := range f.next {
		p := &f.next[i]
		if p.calls&c == 0 {
			continue
		}
		if p.in--; p.in == 0 && p.kind.fits(c) {
			h.Kind = p.kind
		}
	}
	f.next = slices.DeleteFunc(f.next, func(p planned) bool { return p.in <= 0 })
	if h.Kind != None {
		f.hits = append(f.hits, h.Hit)
	}
	return h
}

// counts says whether the Config hits this call.
func (f *Faults) counts(c Call) bool {
	if f.config.Every <= 0 || f.config.Calls&c == 0 {
		return false
	}
	at := f.counted % f.config.Every
	if f.counted++; at == 0 {
		f.place = f.config.Every - 1
		if f.config.Seed != 0 {
			f.place = f.rnd.IntN(f.config.Every)
		}
	}
	return at == f.place
}

// Around returns a store that hands calls on to another one, but for those that
// are hit. It has the optional abilities that the other one has.
func (f *Faults) Around(st campaign.Store) campaign.Store {
	s := &store{faults: f, inner: st}
	h, tells := st.(campaign.HistoryStore)
	a, lists := st.(campaign.ActionStore)
	c, knows := st.(campaign.ContactStore)
	type (
		telling = historyStore
		listing = actionStore
		knowing = contactStore
	)
	t, l, k := telling{s, h}, listing{s, a}, knowing{s, c}
	switch {
	case tells && lists && knows:
		return struct {
			*store
			telling
			listing
			knowing
		}{s, t, l, k}
	case tells && lists:
		return struct {
			*store
			telling
			listing
		}{s, t, l}
	case tells && knows:
		return struct {
			*store
			telling
			knowing
		}{s, t, k}
	case lists && knows:
		return struct {
			*store
			listing
			knowing
		}{s, l, k}
	case tells:
		return struct {
			*store
			telling
		}{s, t}
	case lists:
		return struct {
			*store
			listing
		}{s, l}
	case knows:
		return struct {
			*store
			knowing
		}{s, k}
	}
	return s
}
