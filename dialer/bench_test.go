package dialer_test

import (
	"container/heap"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

var big = flag.Bool("big", false, "benchmarks with 10 M records too")

type size struct {
	name string
	n    int
}

// sizes are the numbers of records of the benchmarks. Those of ten million need
// gigabytes, and minutes to be filled: they are for who asks for them.
func sizes() []size {
	all := []size{{"10k", 10_000}, {"100k", 100_000}, {"1M", 1_000_000}, {"10M", 10_000_000}}
	if !*big {
		return all[:3]
	}
	return all
}

// handWritten are 20 conditions as plain Go: what a rules engine would add to
// them is measured elsewhere.
type handWritten struct {
	conditions [20]func(*campaign.Facts, *campaign.Call) bool
}

func newHandWritten() *handWritten {
	r := &handWritten{}
	for i := range r.conditions {
		r.conditions[i] = func(f *campaign.Facts, call *campaign.Call) bool {
			return f.Record.Attempts.Total > 100+i && call.Outcome == campaign.NoAnswer && call.Ring > time.Duration(i)*time.Second
		}
	}
	return r
}

func (r *handWritten) engine() campaign.RuleEngine {
	return campaign.GoRules{
		Reads: campaign.Reads{Contact: true, Today: true},
		Holds: func(c *campaign.Condition, f *campaign.Facts, call *campaign.Call, _ time.Time) (bool, error) {
			if c.Kind == campaign.DialWhen {
				return f.Record.Attempts.Total < 1000, nil
			}
			return r.conditions[int(c.Status[0]-'a')](f, call), nil
		},
	}
}

var benchZones = []string{"Europe/Warsaw", "Europe/Prague", "Europe/London", "Europe/Lisbon"}

// benchRetry is after how long a record is called again: the clock of the
// benchmark goes so fast that all records come round in that time.
const benchRetry = 2 * time.Minute

// benchCampaign has every rule on.
func benchCampaign(b testing.TB, id campaign.ID, lists ...campaign.List) *campaign.Campaign {
	b.Helper()
	var list []status.Status
	var ids []status.ID
	for i := range 20 {
		id := status.ID(rune('a' + i))
		list = append(list, status.Status{ID: id, Title: "Rule " + string(id), Qualifier: status.Redial, AutoSet: "by hand"})
		ids = append(ids, id)
	}
	dict, err := status.New(list...)
	if err != nil {
		b.Fatal(err)
	}
	c, _, err := campaign.Compile(campaign.Config{
		ID: id, Zone: warsaw, CalleeZone: warsaw, Mode: campaign.Power, Statuses: ids, Lists: lists,
		Hours: hours(b, "mon-sun 06:00-23:00"), CalleeHours: hours(b, "mon-sat 07:00-22:00; holiday none"),
		Holidays: map[string]campaign.Holidays{"": {Country: "PL"}},
		Limits: campaign.Limits{
			Attempts: 1000, Unanswered: 1000, NumberAttempts: 1000,
			Caps: []campaign.Cap{{Per: campaign.PerNumber, Max: 1000, Days: 1}, {Per: campaign.PerContact, Max: 1000, Within: campaign.Delay(7 * 24 * time.Hour)}},
			Gaps: []campaign.Gap{{Per: campaign.PerNumber, Min: campaign.Delay(time.Minute)}},
		},
		Retry:     campaign.Retry{Delays: map[campaign.Outcome]campaign.Delay{campaign.NoAnswer: campaign.Delay(benchRetry)}},
		Condition: "by hand", Blacklists: []blacklist.List{"own"},
	}, dict, newHandWritten().engine())
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// BenchmarkCycle measures one cycle, Next with Start and Report, with all rules
// on. First the fresh records are called, then they come round again. How it
// compares, in one run and as a mix, shows the table of internal/enginetest.
func BenchmarkCycle(b *testing.B) {
	for _, size := range sizes() {
		var q *dialer.Queue // made once: filling it costs more than measuring
		clock := &clock{t: monday}
		for _, ask := range []int{1, 100} {
			b.Run(fmt.Sprintf("%s/ask%d", size.name, ask), func(b *testing.B) {
				if q == nil {
					q = benchQueue(b, clock, size.n)
				}
				cycles(b, q, clock, size.n, ask)
			})
		}
	}
}

// BenchmarkCycleOfLists measures the same cycle with 100,000 fresh records in
// lists: with none, in four without weights, in four that are weighed, and beside
// as many in a list that is off. Want -benchtime 40000x or less: then they stay
// fresh.
func BenchmarkCycleOfLists(b *testing.B) {
	const n = 100_000
	four := func(weight int) (lists []campaign.List) {
		for _, name := range []string{"a", "b", "c", "d"} {
			lists = append(lists, campaign.List{Name: name, Weight: weight})
		}
		return lists
	}
	for _, tt := range []struct {
		name  string
		n     int
		lists []campaign.List
	}{{"none", n, nil}, {"four", n, four(0)}, {"weighed", n, four(1)}, {"beside", 2 * n, []campaign.List{{Name: "on"}, {Name: "off", Off: true}}}} {
		var q *dialer.Queue
		clock := &clock{t: monday}
		for _, ask := range []int{1, 100} {
			b.Run(fmt.Sprintf("%s/ask%d", tt.name, ask), func(b *testing.B) {
				if q == nil {
					q = benchQueue(b, clock, tt.n, tt.lists...)
				}
				cycles(b, q, clock, n, ask)
			})
		}
	}
}

// cycles asks for calls and reports them, while n records come round.
func cycles(b *testing.B, q *dialer.Queue, clock *clock, n, ask int) {
	var sel dialer.Selection
	b.ReportAllocs()
	b.ResetTimer()
	for done := 0; done < b.N; {
		clock.set(clock.now().Add(time.Duration(ask) * (benchRetry + benchRetry/8) / time.Duration(n)))
		err := q.NextInto(ctx, dialer.Ask{Limit: ask, Start: true}, &sel)
		if err != nil || len(sel.Calls) == 0 {
			b.Fatal("nothing to call: ", err, sel.NextDue, len(sel.Skipped))
		}
		for _, call := range sel.Calls {
			if _, err := q.Report(ctx, call.Ref, campaign.Result{Outcome: campaign.NoAnswer}); err != nil {
				b.Fatal(err)
			}
		}
		done += len(sel.Calls)
	}
}

// benchQueue has n records, by turns in its lists.
func benchQueue(b testing.TB, clock *clock, n int, lists ...campaign.List) *dialer.Queue {
	b.Helper()
	q, err := dialer.New(ctx, memstore.New(), dialer.Static(benchCampaign(b, "sales", lists...)), dialer.Config{Now: clock.now})
	if err != nil {
		b.Fatal(err)
	}
	const part = 5000
	for from := 0; from < n; from += part {
		records := make([]campaign.Record, 0, part)
		for i := from; i < min(n, from+part); i++ {
			records = append(records, campaign.Record{
				ID: campaign.RecordID(fmt.Sprintf("r%07d", i)), Campaign: "sales", Contact: campaign.ContactID(fmt.Sprintf("c%07d", i)),
				Phones: []campaign.Phone{{Number: number(i), Zones: benchZones[i%len(benchZones) : i%len(benchZones)+1]}},
			})
			if len(lists) > 0 {
				records[i-from].List = lists[i%len(lists)].Name
			}
		}
		added, err := q.Add(ctx, dialer.Adding{Records: records, AllowSameNumber: true, AllowBlacklisted: true})
		if err != nil {
			b.Fatal(err)
		}
		for _, a := range added {
			if a.Err != nil {
				b.Fatal(a.Err)
			}
		}
	}
	var entries []blacklist.Entry
	for i := range n / 100 {
		entries = append(entries, blacklist.Entry{Number: number(i*100 + 50), List: "own"})
	}
	if err := q.List(ctx, entries...); err != nil {
		b.Fatal(err)
	}
	return q
}

// item is what a host would keep in a heap of its own.
type item struct {
	due time.Time
	id  string
}

type items []*item

func (h items) Len() int           { return len(h) }
func (h items) Less(i, j int) bool { return h[i].due.Before(h[j].due) }
func (h items) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *items) Push(x any)        { *h = append(*h, x.(*item)) }
func (h *items) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}

// BenchmarkHeapBaseline is the least that a cycle can be: take the first of a
// heap of pointers, and put it back for later. No rule is looked at. Behind all
// others it costs the least; retries go to random places.
func BenchmarkHeapBaseline(b *testing.B) {
	for _, size := range sizes() {
		h := make(items, 0, size.n)
		for i := range size.n {
			h = append(h, &item{due: monday.Add(time.Duration(i*7919%size.n) * time.Millisecond), id: fmt.Sprintf("r%07d", i)})
		}
		heap.Init(&h)
		round := time.Duration(size.n) * time.Millisecond
		places := []struct {
			name  string
			delay func(i int, r *rand.PCG) time.Duration
		}{
			{"behind", func(i int, _ *rand.PCG) time.Duration { return round + time.Duration(i%1000)*time.Millisecond }},
			{"random", func(_ int, r *rand.PCG) time.Duration { return 1 + time.Duration(r.Uint64()%uint64(2*round)) }},
		}
		for _, place := range places {
			b.Run(size.name+"/"+place.name, func(b *testing.B) {
				r := rand.NewPCG(1, 2)
				b.ReportAllocs()
				b.ResetTimer()
				for i := range b.N {
					x := heap.Pop(&h).(*item)
					x.due = x.due.Add(place.delay(i, r))
					heap.Push(&h, x)
				}
			})
		}
	}
}
