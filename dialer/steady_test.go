package dialer_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

// steady is a store that gives the same records again and again, keeps nothing
// and allocates nothing: what an operation on it allocates is the dialer's own.
type steady struct {
	facts   []campaign.Facts
	classes []campaign.Class
	lists   blacklist.Memory
	next    int
	commits int
	ids     []campaign.ID // of the steps of the last Claim that lease, in order
}

// newSteady has n records in each of the campaigns; their zones make four classes.
func newSteady(n int, campaigns ...*campaign.Campaign) *steady {
	st := &steady{}
	for k := range n {
		for i, c := range campaigns {
			phone := campaign.Phone{Number: number(k*len(campaigns) + i), Zones: benchZones[k%len(benchZones) : k%len(benchZones)+1]}
			id := campaign.RecordID(fmt.Sprintf("r%d", len(st.facts)))
			st.facts = append(st.facts, campaign.Facts{
				Record: campaign.Record{
					ID: id, Campaign: c.ID(), Contact: campaign.ContactID(id), Phones: []campaign.Phone{phone}, Class: c.ClassOf(phone),
					Progress: campaign.Progress{Lane: status.LaneFresh, Qualifier: status.Unused, Standing: status.StandingQueued}, Version: 1,
				},
				Lease: campaign.Lease{Token: campaign.Token(len(st.facts) + 1), Call: campaign.Token(len(st.facts) + 1), Number: phone.Number, Lane: status.LaneFresh},
			})
		}
	}
	for _, c := range campaigns {
		for _, zone := range []string{"Europe/Lisbon", "Europe/London", "Europe/Prague", "Europe/Warsaw"} {
			st.classes = append(st.classes, campaign.Class{Campaign: c.ID(), Name: zone + "|", Waiting: 1 << status.LaneFresh})
		}
	}
	return st
}

func (st *steady) Claim(_ context.Context, q campaign.Claim, into *campaign.Claimed) error {
	into.Leased, into.Expired, into.Classes, into.Owners = into.Leased[:0], into.Expired[:0], into.Classes[:0], into.Owners[:0]
	st.ids = st.ids[:0]
	for i := range q.From {
		if q.From[i].Max > 0 {
			st.ids = append(st.ids, q.From[i].Campaign)
		}
	}
	for range q.Limit {
		f := &st.facts[st.next]
		st.next = (st.next + 1) % len(st.facts)
		into.Leased = append(into.Leased, *f)
		l := &into.Leased[len(into.Leased)-1].Lease
		l.Holder, l.Agent, l.At, l.Until, l.Reserved = q.Holder, q.Agent, q.Now, q.Until, q.Reserved
	}
	into.Classes = append(into.Classes, st.classes...)
	return nil
}

func (st *steady) Commit(_ context.Context, changes ...campaign.Change) ([]error, error) {
	st.commits += len(changes)
	return nil, nil
}

func (st *steady) Look(_ context.Context, _ campaign.Need, into *campaign.Looked, refs ...campaign.Ref) error {
	into.Facts = into.Facts[:0]
	for _, ref := range refs {
		f := st.facts[ref.Token-1]
		f.Lease.Phase, f.Lease.Dialed = campaign.Dialed, monday
		into.Facts = append(into.Facts, f)
	}
	return nil
}

func (st *steady) Find(context.Context, campaign.Filter, campaign.Need) iter.Seq2[campaign.Facts, error] {
	return func(func(campaign.Facts, error) bool) {}
}

func (st *steady) Count(context.Context, campaign.Filter, campaign.Group) (map[string]int, error) {
	return nil, errors.New("not counted here")
}

func (st *steady) Check(ctx context.Context, q blacklist.Query) ([]blacklist.Answer, error) {
	return st.lists.Check(ctx, q)
}

// cycle is one ask and the report of its calls.
type cycle struct {
	t     testing.TB
	q     *dialer.Queue
	clock *clock
	ask   dialer.Ask
	sel   dialer.Selection
	fresh bool // by Next, not NextInto
}

func (c *cycle) run() {
	c.clock.set(c.clock.now().Add(time.Millisecond))
	var err error
	if c.fresh {
		c.sel, err = c.q.Next(ctx, c.ask)
	} else {
		err = c.q.NextInto(ctx, c.ask, &c.sel)
	}
	if err != nil || len(c.sel.Calls) != max(1, c.ask.Limit) {
		c.t.Fatal(err, len(c.sel.Calls), c.sel.Skipped)
	}
	for i := range c.sel.Calls {
		if _, err := c.q.Report(ctx, c.sel.Calls[i].Ref, campaign.Result{Outcome: campaign.NoAnswer}); err != nil {
			c.t.Fatal(err)
		}
	}
}

// newCycle has a queue on a steady store with so many campaigns, all rules on.
func newCycle(t testing.TB, campaigns int, ask dialer.Ask) *cycle {
	t.Helper()
	var list []*campaign.Campaign
	for i := range campaigns {
		list = append(list, benchCampaign(t, campaign.ID(fmt.Sprintf("sales-%d", i))))
	}
	c := &cycle{t: t, clock: &clock{t: monday}, ask: ask}
	st := newSteady(max(1, 1000/campaigns), list...)
	require.NoError(t, st.lists.Add(blacklist.Entry{Number: number(1_000_000), List: "own", Added: monday}))
	q, err := dialer.New(ctx, st, dialer.Static(list...), dialer.Config{Now: c.clock.now})
	require.NoError(t, err)
	c.q = q
	return c
}

// What the dialer, the campaign and the blacklist allocate themselves.
func TestACycleAllocatesNextToNothingOfItsOwn(t *testing.T) {
	if raced {
		t.Skip("the race detector allocates")
	}
	for _, tc := range []struct {
		campaigns int
		ask       dialer.Ask
		fresh     bool
		most      float64 // an ask
	}{
		{1, dialer.Ask{Limit: 1, Start: true}, false, steadyReport},
		{1, dialer.Ask{Limit: 1, Start: true}, true, steadyReport + 2},
		{1, dialer.Ask{Limit: 1, Agent: "ann"}, false, steadyReport},
		{1, dialer.Ask{Limit: 100, Start: true}, false, 100 * steadyReport},
		{1, dialer.Ask{Limit: 100, Start: true}, true, 100*steadyReport + 2},
		{20, dialer.Ask{Limit: 1, Start: true}, false, steadyReport},
		{20, dialer.Ask{Limit: 100, Agent: "ann", Campaigns: []campaign.ID{"sales-3", "sales-4"}}, false, 100 * steadyReport},
	} {
		t.Run(fmt.Sprintf("%d campaigns, %+v, fresh %v", tc.campaigns, tc.ask, tc.fresh), func(t *testing.T) {
			c := newCycle(t, tc.campaigns, tc.ask)
			c.fresh = tc.fresh
			for range 10 {
				c.run()
			}
			got := testing.AllocsPerRun(200, c.run)
			t.Logf("%.1f allocations an ask", got)
			if got > tc.most+0.5 { // a collection of garbage may empty the pools
				t.Errorf("%.1f allocations an ask, want at most %.1f", got, tc.most)
			}
		})
	}
}

// steadyReport is what one report may allocate.
const steadyReport = 0

// BenchmarkSteadyCycle measures a cycle on a store that costs next to nothing.
func BenchmarkSteadyCycle(b *testing.B) {
	for _, campaigns := range []int{1, 2, 100} {
		for _, ask := range []int{1, 100} {
			b.Run(fmt.Sprintf("%d campaigns/ask%d", campaigns, ask), func(b *testing.B) {
				c := newCycle(b, campaigns, dialer.Ask{Limit: ask, Start: true})
				c.run()
				b.ReportAllocs()
				b.ResetTimer()
				for done := 0; done < b.N; done += ask {
					c.run()
				}
			})
		}
	}
}

// With the memory store: its tables grow now and then.
func TestACycleInMemoryAllocatesLittle(t *testing.T) {
	if raced {
		t.Skip("the race detector allocates")
	}
	weighed := []campaign.List{{Name: "a", Weight: 3}, {Name: "b", Weight: 1}}
	for i, ask := range []int{1, 100, 1, 100} {
		lists := weighed[:i/2*2]
		t.Run(fmt.Sprintf("asks of %d, %d lists", ask, len(lists)), func(t *testing.T) {
			c := &cycle{t: t, clock: &clock{t: monday}, ask: dialer.Ask{Limit: ask, Start: true}}
			c.q = benchQueue(t, c.clock, 8000, lists...)
			for range 3 {
				c.run()
			}
			got := testing.AllocsPerRun(1000/ask, c.run) / float64(ask)
			t.Logf("%.1f allocations a cycle", got)
			if got > memoryCycle {
				t.Errorf("%.1f allocations a cycle, want at most %d", got, memoryCycle)
			}
		})
	}
}

// memoryCycle is what a cycle in memory may allocate.
const memoryCycle = 1
