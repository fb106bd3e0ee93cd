package campaign_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// keptText is something that must stay as it was, and how it was.
type keptText struct {
	value any
	text  string
}

// One Work serves events of all kinds, one after another, and each Change is the
// one that fresh memory gives. What rules see is the same too. No Answer and no
// Change of Apply is touched by what comes later, and no facts ever are.
func TestAWorkUsedAgainGivesWhatFreshMemoryGives(t *testing.T) {
	var w campaign.Work // over all cases: what one leaves behind is in it when the next begins
	rapid.Check(t, func(rt *rapid.T) {
		var kept []keptText
		keep := func(v any) { kept = append(kept, keptText{v, deep(rt, v)}) }
		x := given(t, func(c *campaign.Config) {
			c.Mode = rapid.SampledFrom([]campaign.Mode{campaign.Preview, campaign.Predictive}).Draw(rt, "mode")
			c.Limits.Attempts = rapid.IntRange(0, 8).Draw(rt, "limit")
			c.Limits.NumberAttempts = rapid.IntRange(0, 4).Draw(rt, "number limit")
			c.Skips.Max = rapid.IntRange(0, 2).Draw(rt, "skips")
			c.Retry.IntoHours = rapid.Bool().Draw(rt, "into hours")
			c.CalleeHours = hours(t, "mon-sat 08:00-20:00")
		})
		holds := rapid.SampledFrom([]status.ID{"", "auto1", "auto2", "auto3"}).Draw(rt, "rule")
		var seen []string
		x.rules = func(id status.ID, f *campaign.Facts, call *campaign.Call) (bool, error) {
			seen = append(seen, deep(rt, f)+deep(rt, call))
			given := x.f
			given.Record = f.Record
			require.Equal(rt, given, *f, "all but the record is what was given")
			if id == "auto2" && f.Record.Attempts.Total%3 == 2 {
				return false, fmt.Errorf("no field %d", f.Record.Attempts.Total)
			}
			return id == holds, nil
		}
		x.f.Record.Attempts, x.f.Record.Phones[0].Attempts = campaign.Counters{}, 0
		x.idle()
		for range rapid.IntRange(1, 25).Draw(rt, "events") {
			x.now = x.now.Add(time.Duration(rapid.IntRange(0, 300).Draw(rt, "minutes")) * time.Minute)
			if r := &x.f.Record; r.Standing == status.StandingQueued && rapid.IntRange(0, 4).Draw(rt, "lease") > 0 {
				call := x.f.Call
				x.lease().f.Lease.Phase = rapid.SampledFrom([]campaign.Phase{campaign.Offered, campaign.Dialed, campaign.Dialed, campaign.Talking}).Draw(rt, "phase")
				x.f.Lease.Inbound = rapid.IntRange(0, 5).Draw(rt, "inbound") == 0
				if rapid.Bool().Draw(rt, "old call") {
					x.f.Call = call
				}
			}
			e := drawEvent(rt, x)

			seen = nil
			want, wantErr := x.apply(e)
			sawFresh := seen
			before := deep(rt, x.f)
			seen = nil
			got, err := x.c.ApplyInto(&w, &x.f, e, x.now)
			require.Equal(rt, before, deep(rt, x.f), "the facts are never changed")
			require.Equal(rt, sawFresh, seen, "rules see the same")
			require.Equal(rt, fmt.Sprint(wantErr), fmt.Sprint(err))
			if err != nil {
				require.Nil(rt, got)
				continue
			}
			require.True(rt, reflect.DeepEqual(want, *got), "fresh memory: %s\nused again: %s", deep(rt, want), deep(rt, got))
			keep(got.Answer)
			keep(want)
			if want.Record != nil {
				keep(want.Record.Notes)
				x.commit(want)
			} else {
				x.idle()
			}
		}
		for _, k := range kept {
			require.Equal(rt, k.text, deep(rt, k.value), "what was given out stays as it was")
		}
	})
}

// The answer to a report that comes again is taken out of the log, which may be
// a store's own memory: the host may keep the answer all the same.
func TestTheAnswerOfARepeatedReportIsTheHosts(t *testing.T) {
	x := given(t)
	x.must(campaign.Result{Outcome: campaign.Answered, Status: "refusal"})
	call := *x.f.Call
	call.Answer.Why = append([]campaign.Why(nil), call.Answer.Why...)
	x.f.Call = &call
	var w campaign.Work
	change, err := x.c.ApplyInto(&w, &x.f, campaign.Result{Outcome: campaign.Answered, Status: "refusal"}, x.now)
	require.NoError(t, err)
	answer := change.Answer
	before := deep(t, answer)
	require.NotEmpty(t, answer.Listed)

	call.Answer.Why[0] = "overwritten"
	call.Answer.Listed[0].Author = "overwritten"
	assert.Equal(t, before, deep(t, answer))
}

// With memory to use again, an ordinary result allocates nothing: not for the
// event, not for the change, not for the answer.
func TestAnOrdinaryResultAllocatesNothing(t *testing.T) {
	c := busy(t)
	f := known(c, 3)
	late := *f
	late.Record.Phones = append(late.Record.Phones, campaign.Phone{Number: second, Zones: []string{"Europe/Lisbon"}})
	own := *f
	own.Record.Lane, own.Record.Owner, own.Record.Promised, own.Record.Qualifier = status.LaneOwn, "bob", true, status.OwnCallbackAt
	var w campaign.Work
	for name, tt := range map[string]struct {
		f      *campaign.Facts
		result campaign.Result
	}{
		"fallback":    {f, campaign.Result{Outcome: campaign.NoAnswer}},
		"chosen":      {f, campaign.Result{Outcome: campaign.Answered, Status: "call_later", Actor: campaign.Actor{User: "ann", Agent: "ann"}}},
		"next number": {&late, campaign.Result{Outcome: campaign.LineBusy, Ring: time.Second}},
		"callback":    {&own, campaign.Result{Outcome: campaign.Voicemail}},
	} {
		report := func() {
			if _, err := c.ApplyInto(&w, tt.f, tt.result, noon); err != nil {
				t.Fatal(err)
			}
		}
		report() // the first fills memory and caches
		assert.Zero(t, testing.AllocsPerRun(50, report), name)
	}
}

// A record that nothing blocks is found callable without an allocation, whatever
// is asked along with it.
func TestACallableRecordIsFoundWithoutAllocating(t *testing.T) {
	c := busy(t)
	twoZones := known(c, 3)
	twoZones.Record.Phones[0].Zones = []string{"Europe/Lisbon", "Europe/London"}
	twoZones.Record.Class = c.ClassOf(twoZones.Record.Phones[0])
	for _, f := range []*campaign.Facts{known(c, 0), known(c, 3), known(c, 20), twoZones} {
		var blockers []campaign.Blocker
		decide := func() {
			now := noon.Add(time.Minute)
			if _, blockers = c.Eligible(f, campaign.Asker{Agent: "ann", Lease: 100}, now, blockers[:0]); len(blockers) > 0 {
				t.Fatal(blockers)
			}
			c.Running(now)
			c.Need(now)
			c.Released(now)
			c.ClassOpen(f.Record.Class, now)
			c.LastAttempt(&f.Record)
		}
		decide()
		assert.Zero(t, testing.AllocsPerRun(50, decide))
	}
}
