package dialer_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
)

// lists declares lists.
func lists(all ...campaign.List) func(*campaign.Config) {
	return func(c *campaign.Config) { c.Lists = all }
}

func inList(name string) func(*campaign.Record) {
	return func(r *campaign.Record) { r.List = name }
}

// batch gives a campaign n fresh records of a list.
func (h *house) batch(in campaign.ID, list string, n int) {
	h.t.Helper()
	var all []campaign.Record
	for i := range n {
		h.filled++
		all = append(all, record(in, fmt.Sprintf("%s-%s-%d", in, list, i), 1_000_000+h.filled, inList(list)))
	}
	h.add(all...)
}

// declare edits a campaign and tells the queue.
func (h *house) declare(in campaign.ID, edit func(*campaign.Config)) {
	h.t.Helper()
	h.configure(in, edit)
	require.NoError(h.t, h.q.Reload(ctx))
}

// perList counts calls by list.
func perList(calls []dialer.Call) map[string]int {
	n := map[string]int{}
	for _, c := range calls {
		n[c.Record.List]++
	}
	return n
}

// gather asks until it has n calls; each is reported, so that it comes back later.
func (h *house) gather(n, limit int) (calls []dialer.Call) {
	h.t.Helper()
	for len(calls) < n {
		sel := h.next(dialer.Ask{Limit: limit, Start: true})
		require.NotEmpty(h.t, sel.Calls)
		calls = append(calls, sel.Calls...)
	}
	return calls
}

func TestAListThatIsOffIsNotCalled(t *testing.T) {
	h := open(t, conf("sales", lists(campaign.List{Name: "march", Off: true}, campaign.List{Name: "april"})))
	h.batch("sales", "march", 3)
	h.batch("sales", "april", 2)
	h.add(record("sales", "none", 1), record("sales", "other", 2, inList("may")))
	h.mine("sales", "sales-march-1", "ann", monday) // a promise waits as well
	assert.Equal(t, []string{"5:sales-april-0", "5:sales-april-1", "5:none", "5:other"}, h.order(agent("ann")),
		"a list that is not declared is called as none")
	sel := h.none(agent("ann"))
	assert.Zero(t, sel.NextDue, "nobody knows when it goes on")
	assert.Empty(t, sel.Skipped, "it costs nothing")

	e := h.explain("sales", "sales-march-0", campaign.Asker{Reserved: true})
	assert.Equal(t, []campaign.Blocker{{Reason: campaign.ReasonList, Detail: `list "march" is off`}}, e.Blockers)
	assert.Zero(t, e.Earliest)
	o, err := h.q.Outlook(ctx, "sales", 2)
	require.NoError(t, err)
	assert.Equal(t, 3, o.Blockers[campaign.ReasonList])
	assert.Zero(t, o.Forecast[1].Callable)

	h.declare("sales", lists(campaign.List{Name: "march"}, campaign.List{Name: "april"}))
	assert.Equal(t, []string{"1:sales-march-1", "5:sales-march-0", "5:sales-march-2"}, h.order(agent("ann")))
}

// invariant: 23
func TestAClosedListCostsAnAskNothing(t *testing.T) {
	for _, n := range []int{100, 5000} {
		h := open(t, conf("sales", lists(campaign.List{Name: "march", Off: true}, campaign.List{Name: "april"})))
		h.batch("sales", "march", n)
		h.batch("sales", "april", 3)
		commits := 0
		h.meddle(func(campaign.Change) bool { commits++; return false }, nil)
		assert.Equal(t, []string{"sales-april-0", "sales-april-1", "sales-april-2"}, ids(h.next(dialer.Ask{Limit: 10})))
		assert.Zero(t, commits, "of %d not one record is put aside", n)
	}
}

func TestAListIsCalledUntilItsLastDay(t *testing.T) {
	for _, tt := range []struct {
		until string
		end   time.Time
	}{
		{"2026-03-02", time.Date(2026, 3, 2, 23, 0, 0, 0, time.UTC)}, // midnight in Warsaw
		{"2026-03-02T15:00:00+01:00", clockTime(15, 0)},
	} {
		h := open(t, conf("sales", lists(campaign.List{Name: "march", Until: tt.until})))
		h.batch("sales", "march", 3)
		h.at(tt.end.Add(-time.Microsecond))
		first := h.one(engine)
		h.at(tt.end)
		// What was offered in time is judged again at the instant of the dial.
		_, err := h.q.Start(ctx, first.Ref, first.Number.Number)
		blocked := as[*dialer.BlockedError](t, err)
		assert.Equal(t, []campaign.Reason{campaign.ReasonList}, reasons(blocked.Blockers))
		assert.Equal(t, fmt.Sprintf("list %q was called until %s", "march", tt.until), blocked.Blockers[0].Detail)
		sel := h.none(engine)
		assert.Empty(t, sel.Skipped)
		assert.Zero(t, sel.NextDue)
	}
}

func TestWhatWaitsForAListThatEndsFirstIsNeverDue(t *testing.T) {
	h := open(t, conf("sales", lists(campaign.List{Name: "march", Until: "2026-03-02"}, campaign.List{Name: "april", Until: "2026-03-03"}),
		func(c *campaign.Config) { c.CalleeHours = hours(t, "tue 08:00-18:00") }))
	h.batch("sales", "march", 1)
	assert.Zero(t, h.none(engine).NextDue, "the hours open when the list is over")
	h.batch("sales", "april", 1)
	assert.Equal(t, clockTime(24+8, 0), h.none(engine).NextDue)
	assert.Zero(t, h.explain("sales", "sales-march-0", campaign.Asker{}).Earliest)
	assert.Equal(t, clockTime(24+8, 0), h.explain("sales", "sales-april-0", campaign.Asker{}).Earliest)
	h.at(clockTime(24+8, 0))
	assert.Equal(t, []string{"5:sales-april-0"}, h.order(engine))
}

func TestANamedActorMayCallAClosedListIfTheCampaignSaysSo(t *testing.T) {
	off := lists(campaign.List{Name: "march", Off: true})
	take := taking("sales", "sales-march-0")
	take.Actor, take.Overrides, take.Start = boss, []campaign.Override{campaign.OverrideList}, true

	h := open(t, conf("sales", off))
	h.batch("sales", "march", 1)
	_, err := h.q.Take(ctx, take)
	as[*dialer.OverrideError](t, err)

	h = open(t, conf("sales", off, func(c *campaign.Config) { c.Overrides = []campaign.Override{campaign.OverrideList} }))
	h.batch("sales", "march", 1)
	_, err = h.q.Take(ctx, taking("sales", "sales-march-0"))
	assert.Equal(t, []campaign.Reason{campaign.ReasonList}, reasons(as[*dialer.BlockedError](t, err).Blockers), "nobody asked to")
	call, err := h.q.Take(ctx, take)
	require.NoError(t, err)
	h.report(call, campaign.Result{Outcome: campaign.NoAnswer})
	assert.NotEmpty(t, h.record("sales", "sales-march-0").LastCall)
}

func TestACallerOfAClosedListIsAnswered(t *testing.T) {
	h := open(t, conf("sales", lists(campaign.List{Name: "march", Off: true})))
	h.add(record("sales", "a", 1, inList("march")))
	in, err := h.q.Inbound(ctx, dialer.Caller{Number: number(1), Agent: "ann"})
	require.NoError(t, err)
	assert.NotZero(t, in.Token)
	assert.Equal(t, []campaign.Reason{campaign.ReasonList}, reasons(in.Records[0].Blockers), "it is a remark")
}

func TestAListMayBeDeclaredWhenItHasRecords(t *testing.T) {
	for _, refile := range []bool{false, true} {
		h := open(t, conf("sales"))
		h.batch("sales", "march", 2500)
		h.batch("sales", "april", 2)
		h.declare("sales", lists(campaign.List{Name: "march", Off: true}))
		assert.Equal(t, []campaign.Reason{campaign.ReasonList}, reasons(h.explain("sales", "sales-march-7", campaign.Asker{}).Blockers))
		if refile {
			moved, err := h.q.Refile(ctx, "sales")
			require.NoError(t, err)
			assert.Equal(t, 2500, moved)
			moved, err = h.q.Refile(ctx, "sales")
			require.NoError(t, err)
			assert.Zero(t, moved)
		} else {
			for range 2 { // each ask puts aside what it may
				sel := h.none(dialer.Ask{Limit: 2})
				assert.Len(t, sel.Skipped, 1000)
				assert.Equal(t, h.now(), sel.NextDue, "ask again")
			}
			assert.Len(t, h.next(dialer.Ask{Limit: 2}).Calls, 2)
			h.wait(time.Minute)
			h.next(engine) // settles what was offered
			h.wait(time.Hour)
		}
		// From then on it costs nothing, under whatever revision.
		for range 2 {
			h.declare("sales", func(*campaign.Config) {})
			sel := h.next(dialer.Ask{Limit: 2})
			assert.Equal(t, []string{"sales-april-0", "sales-april-1"}, ids(sel))
			assert.Empty(t, sel.Skipped)
			for _, c := range sel.Calls {
				require.NoError(t, h.q.Release(ctx, c.Ref))
			}
		}
		// Nothing is lost when it is declared no more: the class is understood.
		h.declare("sales", lists())
		calls := h.gather(2502, 500)
		assert.Equal(t, map[string]int{"march": 2500, "april": 2}, perList(calls))
		for _, c := range calls[:3] {
			h.report(c, campaign.Result{Outcome: campaign.NoAnswer})
			assert.Equal(t, "*|", h.record("sales", string(c.Ref.Record)).Class, "the next change writes it as it is now")
		}
	}
}

// Refile leaves what somebody else does alone.
func TestRefilingAmongOthersAtWork(t *testing.T) {
	h := open(t, conf("sales"))
	h.batch("sales", "march", 3)
	leased := h.one(engine)
	require.Equal(t, "sales-march-0", string(leased.Ref.Record))
	h.declare("sales", lists(campaign.List{Name: "march", Weight: 2}))
	done := h.meddle(func(c campaign.Change) bool { return c.Record != nil && c.Record.ID == "sales-march-1" }, func() {
		_, err := h.q.Edit(ctx, ref("sales", "sales-march-1"), campaign.Edit{Note: "now"})
		require.NoError(t, err)
	})
	moved, err := h.q.Refile(ctx, "sales")
	require.NoError(t, err)
	require.True(t, *done)
	assert.Equal(t, 1, moved, "one was leased, one was changed")
	for _, id := range []string{"sales-march-1", "sales-march-2"} {
		assert.Equal(t, "march:*|", h.record("sales", id).Class)
	}
	assert.Len(t, h.record("sales", "sales-march-1").Notes, 1)
	_, err = h.q.Start(ctx, leased.Ref, leased.Number.Number)
	require.NoError(t, err)
	h.report(leased, campaign.Result{Outcome: campaign.NoAnswer})
	assert.Equal(t, "march:*|", h.record("sales", "sales-march-0").Class)

	_, err = h.q.Refile(ctx, "nowhere")
	as[*dialer.CampaignError](t, err)
	h = open(t, conf("sales"))
	moved, err = h.q.Refile(ctx, "sales")
	require.NoError(t, err)
	assert.Zero(t, moved, "nothing is declared")
}

func TestWeightsAreExactOverALongRun(t *testing.T) {
	for _, limit := range []int{1, 3, 100} {
		t.Run(fmt.Sprintf("asks of %d", limit), func(t *testing.T) {
			h := open(t, conf("sales", lists(campaign.List{Name: "a", Weight: 6}, campaign.List{Name: "b"}, campaign.List{Name: "c", Weight: 2})))
			for _, list := range []string{"a", "b", "c", ""} { // b and no list weigh 1
				h.batch("sales", list, 700)
			}
			var calls []dialer.Call
			for len(calls) < 1000 {
				calls = append(calls, h.gather(1, limit)...)
				if n := len(calls); n%100 == 0 {
					assert.Equal(t, map[string]int{"a": 6 * n / 10, "b": n / 10, "c": 2 * n / 10, "": n / 10}, perList(calls), "after %d", n)
				}
			}
			// Inside a list the order is as it was.
			next := map[string]int{}
			for _, c := range calls {
				require.Equal(t, fmt.Sprintf("sales-%s-%d", c.Record.List, next[c.Record.List]), string(c.Ref.Record))
				next[c.Record.List]++
			}
		})
	}
}

func TestAnEmptyListsShareIsTheOthers(t *testing.T) {
	for _, limit := range []int{1, 7, 50} {
		t.Run(fmt.Sprintf("asks of %d", limit), func(t *testing.T) {
			h := open(t, conf("sales", lists(campaign.List{Name: "a", Weight: 5}, campaign.List{Name: "b", Weight: 3}, campaign.List{Name: "c", Weight: 2})))
			h.batch("sales", "a", 100)
			h.batch("sales", "b", 900)
			h.batch("sales", "c", 900)
			calls := h.gather(200, limit)[:200]
			assert.InDelta(t, 100, perList(calls)["a"], 5)
			calls = append(calls, h.gather(600, limit)...)
			n := perList(calls)
			assert.Equal(t, 100, n["a"], "it has no more")
			rest := len(calls) - 200
			assert.InDelta(t, 60+rest*3/5, n["b"], float64(limit)+5)
			// When it has records again, it gets its share, and nothing for the time without.
			h.batch("sales", "a2", 0)
			var more []campaign.Record
			for i := range 300 {
				more = append(more, record("sales", fmt.Sprint("more-", i), 3_000_000+i, inList("a")))
			}
			h.add(more...)
			calls = h.gather(100, limit)
			assert.InDelta(t, len(calls)/2, perList(calls)["a"], float64(limit)/2+3)
		})
	}
}

func TestWithoutWeightsListsAreCalledInTheRecordsOrder(t *testing.T) {
	h := open(t, conf("sales", lists(campaign.List{Name: "a"}, campaign.List{Name: "b"})))
	for i := range 6 {
		h.add(record("sales", fmt.Sprint(i), i, inList([]string{"a", "b", ""}[i%3])))
	}
	assert.Equal(t, []string{"5:0", "5:1", "5:2", "5:3", "5:4", "5:5"}, h.order(engine))
}

func TestOnlyFreshRecordsAreWeighed(t *testing.T) {
	h := open(t, conf("sales", lists(campaign.List{Name: "a", Weight: 9}, campaign.List{Name: "b", Weight: 1})))
	h.batch("sales", "a", 3)
	h.batch("sales", "b", 3)
	for i, id := range []string{"sales-b-0", "sales-b-1", "sales-a-0"} { // a promise is kept in the order it was made for
		h.set("sales", id, "back", campaign.Input{At: monday.Add(time.Duration(i) * time.Minute)})
	}
	h.set("sales", "sales-b-2", "last", campaign.Input{})
	h.called("sales", "sales-a-1", campaign.LineBusy)
	h.wait(time.Hour)
	assert.Equal(t, []string{"4:sales-b-0", "4:sales-b-1", "4:sales-a-0", "5:sales-a-2", "6:sales-a-1", "7:sales-b-2"}, h.order(engine))
}

// A campaign's parity and retry share hold beside the weights of its lists.
func TestWeightsInsideParityAndBesideRetries(t *testing.T) {
	for _, limit := range []int{1, 10} {
		t.Run(fmt.Sprintf("asks of %d", limit), func(t *testing.T) {
			h := open(t, conf("x", weight(3), lists(campaign.List{Name: "a", Weight: 3}, campaign.List{Name: "b", Weight: 1})), conf("y", weight(1)),
				conf("z", rank(1), func(c *campaign.Config) { c.RetryShare = 25 }, lists(campaign.List{Name: "a", Weight: 2}, campaign.List{Name: "b", Weight: 1})))
			h.batch("x", "a", 1000)
			h.batch("x", "b", 1000)
			h.batch("y", "", 1000)
			calls := h.gather(400, limit)
			assert.Equal(t, map[campaign.ID]int{"x": 300, "y": 100}, shares(calls))
			n := perList(calls)
			assert.Equal(t, [2]int{225, 75}, [2]int{n["a"], n["b"]})

			h.batch("z", "a", 500)
			h.batch("z", "b", 500)
			h.batch("z", "retry", 200)
			for i := range 200 {
				h.called("z", fmt.Sprint("z-retry-", i), campaign.LineBusy)
			}
			h.wait(time.Hour)
			calls = h.gather(400, limit)
			n = perList(calls)
			assert.Equal(t, map[campaign.ID]int{"z": 400}, shares(calls))
			assert.InDelta(t, 100, n["retry"], 1)
			assert.InDelta(t, 200, n["a"], 2)
			assert.InDelta(t, 100, n["b"], 2)
		})
	}
}

// What one campaign's lists hold does not keep another from its part of an ask.
func TestEveryAskIsSharedByParityBeforeItIsByLists(t *testing.T) {
	h := open(t, conf("x", weight(3), lists(campaign.List{Name: "a", Weight: 3}, campaign.List{Name: "b", Weight: 1})), conf("y", weight(1)))
	h.batch("x", "a", 100)
	h.batch("x", "b", 100)
	h.batch("y", "", 100)
	for range 10 {
		sel := h.next(dialer.Ask{Limit: 16, Start: true})
		assert.Equal(t, map[campaign.ID]int{"x": 12, "y": 4}, shares(sel.Calls))
		assert.Equal(t, map[string]int{"a": 9, "b": 3, "": 4}, perList(sel.Calls))
	}
}

// Switching a list off and on, or a reload of the same lists, forgets nobody's
// share; other weights begin anew.
func TestSharesSurviveAReload(t *testing.T) {
	h := open(t, conf("sales", lists(campaign.List{Name: "a", Weight: 3}, campaign.List{Name: "b", Weight: 1})))
	h.batch("sales", "a", 400)
	h.batch("sales", "b", 400)
	var calls []dialer.Call
	for range 100 {
		h.declare("sales", func(*campaign.Config) {})
		calls = append(calls, h.one(dialer.Ask{Start: true}))
	}
	assert.Equal(t, map[string]int{"a": 75, "b": 25}, perList(calls))
	h.declare("sales", lists(campaign.List{Name: "a", Weight: 1}, campaign.List{Name: "b", Weight: 1_000_000}))
	assert.Equal(t, map[string]int{"b": 50}, perList(h.gather(50, 1)))
	h.declare("sales", lists(campaign.List{Name: "a", Weight: 1}, campaign.List{Name: "b", Weight: 1}))
	assert.Equal(t, map[string]int{"a": 20, "b": 20}, perList(h.gather(40, 1)), "no debt of a million is left")
}

func TestAnImportIntoAListThatIsNotDeclaredIsWarnedOf(t *testing.T) {
	h := open(t, conf("sales", lists(campaign.List{Name: "march"})))
	added, err := h.q.Add(ctx, dialer.Adding{Records: []campaign.Record{record("sales", "a", 1, inList("marhc")), record("sales", "b", 2), record("sales", "c", 3, inList("march"))}})
	require.NoError(t, err)
	require.Len(t, added, 3)
	assert.NoError(t, errors.Join(added[0].Err, added[1].Err, added[2].Err))
	assert.Equal(t, []string{`list "marhc" is not among the campaign's lists: the record is called as one without a list`}, added[0].Warnings)
	assert.Empty(t, added[1].Warnings)
	assert.Empty(t, added[2].Warnings)
}
