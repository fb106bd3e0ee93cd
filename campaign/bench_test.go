package campaign_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// byHand are 20 conditions as plain Go, so that what is measured is this
// package and not a rules engine.
type byHand struct {
	conditions [20]func(*campaign.Facts, *campaign.Call) bool
}

func newByHand() *byHand {
	r := &byHand{}
	for i := range r.conditions {
		r.conditions[i] = func(f *campaign.Facts, call *campaign.Call) bool {
			return f.Record.Attempts.Total > 1000+i && call.Outcome == campaign.NoAnswer && call.Ring > time.Duration(i)*time.Second
		}
	}
	return r
}

func (r *byHand) engine() campaign.RuleEngine {
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

// busy is a campaign that has every rule on.
func busy(t testing.TB) *campaign.Campaign {
	t.Helper()
	list := []status.Status{{ID: "call_later", Title: "Call later", Qualifier: status.CallbackAfter, Delay: status.Delay(time.Hour)}}
	for i := range 20 {
		id := status.ID(rune('a' + i))
		list = append(list, status.Status{ID: id, Title: "Rule " + string(id), Qualifier: status.Redial, AutoSet: "by hand"})
	}
	dict, err := status.New(list...)
	require.NoError(t, err)
	var ids []status.ID
	for _, s := range list {
		ids = append(ids, s.ID)
	}
	c, _, err := campaign.Compile(campaign.Config{
		ID: "sales", Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw", Mode: campaign.Power, Statuses: ids,
		Start: "2026-01-01", End: "2026-12-31", Agents: []campaign.AgentID{"ann", "bob"},
		Hours: hours(t, "mon-sun 06:00-23:00"), CalleeHours: hours(t, "mon-sat 07:00-22:00; holiday none"),
		Holidays: map[string]campaign.Holidays{"": {Country: "PL"}},
		Limits: campaign.Limits{
			Attempts: 1000, Unanswered: 1000, NumberAttempts: 1000,
			Caps: []campaign.Cap{
				{Per: campaign.PerNumber, Max: 19, Days: 1},
				{Per: campaign.PerContact, Max: 30, Within: campaign.Delay(7 * 24 * time.Hour)},
			},
			Gaps: []campaign.Gap{{Per: campaign.PerNumber, Min: campaign.Delay(time.Minute)}},
		},
		Callbacks: campaign.Callbacks{Release: campaign.Delay(24 * time.Hour)},
		Condition: "by hand", Blacklists: []blacklist.List{"own"},
	}, dict, newByHand().engine())
	require.NoError(t, err)
	return c
}

// known are a record of that campaign, leased, and what is known about it: so
// many calls, some hours apart.
func known(c *campaign.Campaign, calls int) *campaign.Facts {
	f := &campaign.Facts{Record: campaign.Record{
		ID: "r0000001", Campaign: "sales", Contact: "c0000001", Sequence: 1, Version: 3,
		Phones: []campaign.Phone{{Number: main, Zones: []string{"Europe/London"}}},
		Progress: campaign.Progress{
			Qualifier: status.Redial, Standing: status.StandingQueued, Lane: status.LaneAgain, Due: noon.Add(-time.Minute),
			Attempts: campaign.Counters{Total: calls, SinceReset: calls, Unanswered: calls},
		},
	}}
	f.Record.Class = c.ClassOf(f.Record.Phones[0])
	for i := range calls {
		at := noon.Add(-time.Duration(calls-i) * 3 * time.Hour)
		f.History = append(f.History, &campaign.Call{
			Token: campaign.Token(i + 1), Campaign: "sales", Record: "r0000001", Contact: "c0000001", Number: main,
			Outcome: campaign.NoAnswer, Counted: true, Dialed: at, Ended: at.Add(30 * time.Second),
		})
	}
	f.Lease = campaign.Lease{
		Token: 100, Call: 100, Holder: "bench", Agent: "ann", Phase: campaign.Dialed, Lane: status.LaneAgain, Number: main,
		At: noon.Add(-time.Minute), Dialed: noon.Add(-time.Minute), Until: noon.Add(time.Minute),
	}
	return f
}

func BenchmarkEligible(b *testing.B) {
	c := busy(b)
	for _, calls := range []int{0, 3, 20} {
		f := known(c, calls)
		b.Run(fmt.Sprintf("calls%d", calls), func(b *testing.B) {
			b.ReportAllocs()
			var blockers []campaign.Blocker
			for b.Loop() {
				var phone int
				if phone, blockers = c.Eligible(f, campaign.Asker{Reserved: true, Lease: 100}, noon, blockers[:0]); phone != 0 {
					b.Fatal(blockers)
				}
			}
		})
	}
}

// The ordinary results: nobody answered and the fallback decides, and an agent
// chose a status.
var ordinary = []struct {
	name   string
	result campaign.Result
}{
	{"fallback", campaign.Result{Outcome: campaign.NoAnswer}},
	{"chosen", campaign.Result{Outcome: campaign.Answered, Status: "call_later"}},
}

func BenchmarkApplyResult(b *testing.B) {
	c := busy(b)
	f := known(c, 3)
	for _, tt := range ordinary {
		b.Run(tt.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Apply(f, tt.result, noon); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkApplyInto(b *testing.B) {
	c := busy(b)
	f := known(c, 3)
	for _, tt := range ordinary {
		b.Run(tt.name, func(b *testing.B) {
			b.ReportAllocs()
			var w campaign.Work
			for b.Loop() {
				if _, err := c.ApplyInto(&w, f, tt.result, noon); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkQuestions are what a selection asks beside Eligible.
func BenchmarkQuestions(b *testing.B) {
	c := busy(b)
	f := known(c, 3)
	phone := f.Record.Phones[0]
	for _, tt := range []struct {
		name string
		ask  func(now time.Time)
	}{
		{"ClassOpen", func(now time.Time) { c.ClassOpen(f.Record.Class, now) }},
		{"Running", func(now time.Time) { c.Running(now) }},
		{"Released", func(now time.Time) { c.Released(now) }},
		{"Need", func(now time.Time) { c.Need(now) }},
		{"ClassOf", func(time.Time) { c.ClassOf(phone) }},
		{"LastAttempt", func(time.Time) { c.LastAttempt(&f.Record) }},
	} {
		b.Run(tt.name, func(b *testing.B) {
			b.ReportAllocs()
			now := noon
			for b.Loop() {
				now = now.Add(time.Millisecond)
				tt.ask(now)
			}
		})
	}
}
