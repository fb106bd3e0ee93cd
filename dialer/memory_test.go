package dialer_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
)

// text is all that a value says, to be compared with what it says later.
func text(t testing.TB, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	require.NoError(t, err)
	return string(b)
}

// busyHouse has records of every kind: of several numbers, called, blacklisted,
// with callbacks, in two zones and three campaigns.
func busyHouse(t testing.TB) *house {
	h := open(t, conf("a", weight(3), gap(time.Minute)), conf("b", weight(2)), conf("c", rank(1), func(c *campaign.Config) {
		c.CalleeHours = hours(t, "mon-fri 08:00-20:00")
	}))
	for i := range 40 {
		in := []campaign.ID{"a", "b", "c"}[i%3]
		r := several(in, fmt.Sprintf("r%02d", i), i, 100+i)
		if i%5 == 0 {
			r.Phones[1].Zones = []string{"Europe/Lisbon"}
		}
		r.Notes = []campaign.Note{{At: monday, Author: "import", Text: fmt.Sprint("note ", i)}}
		h.add(r)
	}
	for i := range 4 {
		h.list(i, time.Time{})
		h.list(100+i, monday.Add(3*time.Hour))
	}
	h.mine("a", "r03", "ann", monday.Add(time.Hour))
	h.set("b", "r01", "back", campaign.Input{At: monday.Add(2 * time.Hour)})
	return h
}

func TestWhatNextGaveStaysWhateverIsAskedLater(t *testing.T) {
	h := busyHouse(t)
	type kept struct {
		sel  dialer.Selection
		text string
	}
	var all []kept
	for i := range 30 {
		h.wait(10 * time.Minute)
		sel := h.next(dialer.Ask{Limit: 1 + i%4, Start: i%2 == 0})
		all = append(all, kept{sel, text(t, sel)})
		for k, call := range sel.Calls {
			if call.Lease.Phase == campaign.Offered && k%2 == 0 {
				continue // it runs out
			}
			started, err := h.q.Start(ctx, call.Ref, 0)
			require.NoError(t, err)
			h.report(started, campaign.Result{Outcome: campaign.NoAnswer})
		}
	}
	calls, skipped := 0, 0
	for _, k := range all {
		assert.Equal(t, k.text, text(t, k.sel))
		calls, skipped = calls+len(k.sel.Calls), skipped+len(k.sel.Skipped)
	}
	assert.Greater(t, calls, 40)
	assert.Greater(t, skipped, 2)
}

func TestWhatAHostIsToldStaysWhateverIsDoneLater(t *testing.T) {
	h := busyHouse(t)
	var values []any
	var texts []string
	keep := func(v any) {
		values, texts = append(values, v), append(texts, text(t, v))
	}
	for i := range 20 {
		h.wait(10 * time.Minute)
		call := h.one(dialer.Ask{Agent: "ann"})
		started, err := h.q.Start(ctx, call.Ref, 0)
		require.NoError(t, err)
		keep(started)
		lease, err := h.q.Extend(ctx, call.Ref, dialer.Extension{Talking: true})
		require.NoError(t, err)
		keep(lease)
		keep(h.explain(call.Campaign, string(call.Record.ID), campaign.Asker{}))
		r := campaign.Result{Outcome: campaign.NoAnswer, Note: "said nothing"}
		if i%3 == 0 {
			r = chosen("week")
		}
		keep(h.report(call, r))
		keep(h.report(call, r)) // the first answer again
		assert.Equal(t, texts[len(texts)-2], texts[len(texts)-1])

		call = h.one(dialer.Ask{Agent: "ann"})
		a, err := h.q.Skip(ctx, call.Ref, ann)
		require.NoError(t, err)
		keep(a)
	}
	for i := range values {
		assert.Equal(t, texts[i], text(t, values[i]))
	}
}

func TestAnInboundLeaseKeepsItsRecordsWhenItIsExtended(t *testing.T) {
	h := open(t, conf("a"), conf("b"))
	h.add(record("a", "one", 1), record("b", "two", 1))
	call, err := h.q.Inbound(ctx, dialer.Caller{Number: number(1), Agent: "ann"})
	require.NoError(t, err)
	on := call.Records[0].Ref
	lease, err := h.q.Extend(ctx, on, dialer.Extension{})
	require.NoError(t, err)
	require.Equal(t, []campaign.Ref{ref("b", "two")}, lease.With)
	for range 3 {
		_, err = h.q.Extend(ctx, on, dialer.Extension{})
		require.NoError(t, err)
	}
	assert.Equal(t, []campaign.Ref{ref("b", "two")}, lease.With, "it is the host's")
}

// Two houses live through the same: one asks by Next, the other into one
// Selection, which two of its own asks do not share.
func TestNextIntoSaysWhatNextSays(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		fresh, used := busyHouse(t), busyHouse(t)
		var into, other dialer.Selection
		for step := range rapid.IntRange(3, 12).Draw(rt, "steps") {
			wait := time.Duration(rapid.IntRange(0, 90).Draw(rt, "minutes")) * time.Minute
			fresh.wait(wait)
			used.wait(wait)
			ask := dialer.Ask{
				Limit: rapid.IntRange(0, 7).Draw(rt, "limit"), Start: rapid.Bool().Draw(rt, "start"), Reserved: rapid.Bool().Draw(rt, "reserved"),
				Agent:     rapid.SampledFrom([]campaign.AgentID{"", "ann", "bob"}).Draw(rt, "agent"),
				Campaigns: rapid.SampledFrom([][]campaign.ID{nil, {"a"}, {"b", "a"}, {"a", "b", "c"}, {"nowhere"}}).Draw(rt, "campaigns"),
				MaxParks:  rapid.SampledFrom([]int{0, 1, 2, -1}).Draw(rt, "parks"),
			}
			want, err := fresh.q.Next(ctx, ask)
			mine := &into
			if rapid.Bool().Draw(rt, "other") {
				mine = &other
			}
			err2 := used.q.NextInto(ctx, ask, mine)
			if fmt.Sprint(err) != fmt.Sprint(err2) {
				rt.Fatalf("step %d: Next says %v, NextInto %v", step, err, err2)
			}
			if a, b := said(t, want), said(t, *mine); a != b {
				rt.Fatalf("step %d: Next says %s\nNextInto %s", step, a, b)
			}
			for i := range want.Calls {
				outcome := rapid.SampledFrom([]campaign.Outcome{campaign.NoAnswer, campaign.LineBusy, campaign.OutcomeNone}).Draw(rt, "outcome")
				if outcome == campaign.OutcomeNone {
					continue // it runs out
				}
				a, err := fresh.q.Report(ctx, want.Calls[i].Ref, campaign.Result{Outcome: outcome})
				b, err2 := used.q.Report(ctx, mine.Calls[i].Ref, campaign.Result{Outcome: outcome})
				if fmt.Sprint(err) != fmt.Sprint(err2) || text(t, a) != text(t, b) {
					rt.Fatalf("step %d: reports differ: %v %v", step, a, b)
				}
			}
		}
	})
}

// said is what a selection says; an empty list is none.
func said(t testing.TB, sel dialer.Selection) string {
	if len(sel.Calls) == 0 {
		sel.Calls = nil
	}
	if len(sel.Skipped) == 0 {
		sel.Skipped = nil
	}
	if len(sel.Reserve) == 0 {
		sel.Reserve = nil
	}
	return text(t, sel)
}

func TestASelectionThatIsUsedAgainHoldsTheNewAnswerOnly(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) { c.RequireConsent = true }))
	good := record("sales", "good", 1)
	good.Consent = true
	h.add(good, record("sales", "bad", 2))
	var sel dialer.Selection
	require.NoError(t, h.q.NextInto(ctx, dialer.Ask{Limit: 2}, &sel))
	assert.Equal(t, []string{"good"}, ids(sel))
	require.Len(t, sel.Skipped, 1)
	assert.NotZero(t, sel.NextDue)

	h.wait(time.Minute)
	require.NoError(t, h.q.NextInto(ctx, dialer.Ask{Limit: 2}, &sel))
	assert.Empty(t, sel.Calls)
	assert.Empty(t, sel.Skipped)
	assert.Equal(t, 1, sel.Settled)

	require.Error(t, h.q.NextInto(ctx, dialer.Ask{Limit: -1}, &sel))
	assert.Zero(t, sel.Settled, "nor is anything left by an ask that was refused")
	assert.Zero(t, sel.NextDue)
	assert.Equal(t, "into", as[*dialer.AskError](t, h.q.NextInto(ctx, dialer.Ask{}, nil)).Field)
}

func TestTheCallsOfOneSelectionDoNotShareTheirPhones(t *testing.T) {
	h := open(t, conf("sales"))
	var sel dialer.Selection
	for round := range 6 { // ever more, so that the memory must grow
		for i := range round + 1 {
			id := fmt.Sprintf("r%d-%d", round, i)
			h.add(several("sales", id, 1000*round+2*i, 1000*round+2*i+1))
		}
		require.NoError(t, h.q.NextInto(ctx, dialer.Ask{Limit: 20, Start: true}, &sel))
		require.Len(t, sel.Calls, round+1)
		for i := range sel.Calls {
			phones := sel.Calls[i].Record.Phones
			require.Len(t, phones, 2)
			assert.Equal(t, number(1000*round+2*i), phones[0].Number)
			assert.Equal(t, number(1000*round+2*i+1), phones[1].Number)
			_ = append(phones, campaign.Phone{}) // a host may append: that is not its neighbour's
			h.report(sel.Calls[i], chosen("no"))
		}
	}
}

func TestASkippedRecordsBlockersAreItsOwn(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) { c.RequireConsent = true }))
	for i := range 12 {
		h.add(several("sales", fmt.Sprintf("r%02d", i), 2*i, 2*i+1))
		if i%2 == 0 {
			h.list(2*i, time.Time{})
			h.list(2*i+1, time.Time{})
		}
	}
	sel := h.none(dialer.Ask{Limit: 3})
	require.Len(t, sel.Skipped, 12)
	for i, s := range sel.Skipped {
		want := []campaign.Reason{campaign.ReasonConsent}
		if i%2 == 0 {
			want = []campaign.Reason{campaign.ReasonBlacklisted, campaign.ReasonBlacklisted, campaign.ReasonConsent}
		}
		assert.Equal(t, want, reasons(s.Blockers), "record %s", s.Ref.Record)
		_ = append(s.Blockers, campaign.Blocker{})
	}
}

// What the lists say about one record is not said about the next.
func TestAnAnswerOfTheListsIsForgottenWithItsAsk(t *testing.T) {
	asked := map[blacklist.Number]int{}
	h := openWith(t, dialer.Config{Checkers: []blacklist.Named{{Name: "register", Checker: counting(asked)}}}, conf("a"), conf("b"))
	h.list(1, monday.Add(time.Hour))
	h.add(record("a", "listed", 1), record("b", "free", 2), record("a", "third", 3), record("b", "fourth", 3))
	sel := h.next(dialer.Ask{Limit: 4})
	assert.ElementsMatch(t, []string{"free", "third"}, ids(sel), "the fourth has the third's number")
	assert.Equal(t, map[blacklist.Number]int{number(1): 1, number(2): 1, number(3): 2}, asked, "once for each campaign")
	h.wait(2 * time.Hour)
	for range 3 {
		sel = h.next(dialer.Ask{Limit: 4, Start: true})
	}
	assert.Empty(t, sel.Skipped)
}

// counting is a checker that lists nobody and counts how often it is asked about
// a number.
type counting map[blacklist.Number]int

func (c counting) Check(_ context.Context, q blacklist.Query) ([]blacklist.Answer, error) {
	for _, n := range q.Numbers {
		c[n]++
	}
	return nil, nil
}
