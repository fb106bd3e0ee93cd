package enginetest

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/campaign/sqlstore"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/dialer/sim"
)

var (
	traceSeed = flag.Uint64("trace.seed", 7, "the people of the campaign that is traced on every store")
	traceSize = flag.Int("trace.people", 600, "how many people it has")
)

// traced is one run of the campaign: a line for each thing that happened.
type traced struct {
	t     testing.TB
	store campaign.Store
	queue *dialer.Queue
	clock *sim.Clock
	now   []*campaign.Campaign // as they are configured
	lines []string
	calls int
	tiers map[dialer.Tier]int
	seen  map[string]int

	forgotten []campaign.Ref // calls that were started by hand, and not reported yet
}

func (w *traced) line(format string, args ...any) {
	w.lines = append(w.lines, fmt.Sprintf(format, args...))
}

// event notes what happened to a call. Which token it has is the store's to say,
// so a line is without it.
func (w *traced) event(e sim.Event) {
	w.seen[string(e.Kind)]++
	if e.Call != nil {
		call := *e.Call
		call.Token = 0
		e.Call = &call
	}
	if e.Kind == sim.KindStarted {
		w.calls++
		w.tiers[e.Call.Tier]++
	}
	if a := e.Answer; a != nil {
		w.seen[a.Outcome.String()]++
		for _, why := range a.Why {
			w.seen[string(why)]++
		}
	}
	if e.Err != nil { // what is lost is lost under a token
		e.Err = errors.New("lost or blocked")
	}
	w.lines = append(w.lines, e.String())
}

// trace runs two weeks of a campaign on a store, and brings what happened, line
// by line: each call as it went, what was done by hand between the days, and at
// the end each record with its whole history.
func trace(t testing.TB, store campaign.Store, seed uint64, people int) *traced {
	w := &traced{t: t, store: store, clock: sim.NewClock(traceStart), tiers: map[dialer.Tier]int{}, seen: map[string]int{}}
	for _, id := range traceCampaigns {
		w.now = append(w.now, traceCampaign(t, id, 1, nil))
	}
	var err error
	w.queue, err = dialer.New(t.Context(), store, dialer.Static(w.now...), dialer.Config{Now: w.clock.Now, Holder: "tracer"})
	require.NoError(t, err)
	records := traceRecords(people)
	added, err := w.queue.Add(t.Context(), dialer.Adding{Records: records, AllowSameNumber: true})
	require.NoError(t, err)
	for i, a := range added {
		w.line("added %s: %v", records[i].ID, a.Err)
	}
	for day := range 7 {
		until := traceStart.Add(time.Duration(day+1) * 24 * time.Hour)
		report, err := sim.Run(t.Context(), sim.Config{
			Queue: w.queue, Store: store, Clock: w.clock, Until: until, Agents: traceAgents(),
			Model: sim.ModelFunc(traceModel), Seed: seed + uint64(day), Trace: w.event,
		})
		require.NoError(t, err)
		w.line("day %d: %d calls, %d settled, %d lost, %d blocked", day, report.Calls, report.Settled, report.Lost, report.Blocked)
		w.byHand(day, records)
	}
	w.end()
	return w
}

// byHand is what supervisors and machines do in the evening.
func (w *traced) byHand(day int, records []campaign.Record) {
	ctx := w.t.Context()
	boss := campaign.Actor{User: "boss", Agent: "boss"}
	of := func(i int) campaign.Ref {
		r := &records[(i*97+day*13)%len(records)]
		return campaign.Ref{Campaign: r.Campaign, Record: r.ID}
	}
	said := func(what string, ref campaign.Ref, answer any, err error) {
		w.line("%s %s/%s: %v %v", what, ref.Campaign, ref.Record, answer, err)
	}
	w.clock.Set(traceStart.Add(time.Duration(day+1)*24*time.Hour + 10*time.Hour)) // the next morning
	for i := range 10 {
		answer, err := w.queue.Set(ctx, of(i), campaign.Set{Status: "again", Actor: boss})
		said("set", of(i), answer.Due, err)
		skipped, err := w.queue.Edit(ctx, of(i+10), campaign.Edit{Fields: campaign.Fields{"balance": int64(day * 1000)}, Actor: boss})
		said("edit", of(i+10), skipped.Due, err)
	}
	// What was forgotten the day before is remembered: the record has moved on or not.
	for _, ref := range w.forgotten {
		answer, err := w.queue.Report(ctx, ref, campaign.Result{Outcome: campaign.Answered, Status: "never", Actor: boss})
		lost := errors.Is(err, campaign.ErrLeaseLost)
		w.seen[fmt.Sprint("late, lost: ", lost)]++
		ref.Token = 0
		said(fmt.Sprint("remembered, lost ", lost), ref, answer.Outcome, nil)
	}
	w.forgotten = w.forgotten[:0]
	// A machine dials for nobody in particular, and gives most of it up.
	sel, err := w.queue.Next(ctx, dialer.Ask{Limit: 12})
	w.line("%d calls for nobody, %d skipped, next %v: %v", len(sel.Calls), len(sel.Skipped), sel.NextDue, err)
	for i, c := range sel.Calls {
		switch ref := (campaign.Ref{Campaign: c.Campaign, Record: c.Record.ID}); i % 4 {
		case 0:
			_, err := w.queue.Start(ctx, c.Ref, 0)
			require.NoError(w.t, err)
			answer, err := w.queue.Report(ctx, c.Ref, campaign.Result{Outcome: campaign.Drop})
			said("dropped", ref, answer.Lane, err)
		case 1:
			said("released", ref, "", w.queue.Release(ctx, c.Ref))
		case 2:
			answer, err := w.queue.Skip(ctx, c.Ref, boss)
			said("skipped", ref, answer.Due, err)
		default:
			started, err := w.queue.Start(ctx, c.Ref, 0)
			said("started and forgotten", ref, started.Number.Number, err)
			w.forgotten = append(w.forgotten, c.Ref)
		}
	}
	call, err := w.queue.Take(ctx, dialer.Taking{Ref: of(20), Actor: boss, Start: true, Overrides: []campaign.Override{campaign.OverrideGap, campaign.OverrideLimit}})
	said("taken", of(20), call.Number.Number, err)
	if err == nil {
		_, err := w.queue.Report(ctx, call.Ref, campaign.Result{Outcome: campaign.Answered, Status: "no", Actor: boss})
		require.NoError(w.t, err)
		answer, err := w.queue.Correct(ctx, call.Ref, campaign.Correction{Status: "again", Actor: boss})
		said("corrected", of(20), answer.Due, err)
	}
	in, err := w.queue.Inbound(ctx, dialer.Caller{Number: records[(day*31)%len(records)].Phones[0].Number, Agent: "eve"})
	w.line("inbound: %d records, %v", len(in.Records), err)
	if in.Token != 0 {
		r := in.Records[slices.IndexFunc(in.Records, func(r dialer.InboundRecord) bool { return r.Token == in.Token })]
		answer, err := w.queue.Report(ctx, r.Ref, campaign.Result{Outcome: campaign.Answered, Status: "again", Actor: campaign.Actor{User: "eve", Agent: "eve"}})
		said("called in", campaign.Ref{Campaign: r.Campaign, Record: r.Record.ID}, answer.Due, err)
	}
	require.NoError(w.t, w.queue.List(ctx, blacklist.Entry{List: shopList, Number: records[day*17%len(records)].Phones[0].Number, Author: "boss"}))
	w.reconfigure(day)
}

// reconfigure changes a campaign: what was put aside under the old revision
// comes back, and a paused one waits.
func (w *traced) reconfigure(day int) {
	i := day % len(w.now)
	paused := day == 4
	w.now[i] = traceCampaign(w.t, w.now[i].ID(), w.now[i].Revision()+1, func(c *campaign.Config) { c.Paused = paused })
	var err error
	w.queue, err = dialer.New(w.t.Context(), w.store, dialer.Static(w.now...), dialer.Config{Now: w.clock.Now, Holder: "tracer"})
	require.NoError(w.t, err)
}

// end notes what the store holds. Tokens become their ranks: what they are is
// the store's to say, which of two is the later one is not.
func (w *traced) end() {
	ctx := w.t.Context()
	history := w.store.(campaign.HistoryStore)
	type whole struct {
		Record  campaign.Record
		State   campaign.State
		Entries []campaign.Entry
		Calls   []*campaign.Call
	}
	var all []whole
	var tokens []campaign.Token
	for f, err := range w.store.Find(ctx, campaign.Filter{At: w.clock.Now()}, campaign.Need{NoCalls: true}) {
		require.NoError(w.t, err)
		x := whole{Record: f.Record, State: f.Record.StateAt(w.clock.Now(), 0, f.Lease.Token != 0)}
		x.Entries, x.Calls, err = history.History(ctx, campaign.Ref{Campaign: f.Record.Campaign, Record: f.Record.ID})
		require.NoError(w.t, err)
		for _, c := range x.Calls {
			tokens = append(tokens, c.Token)
		}
		all = append(all, x)
	}
	slices.Sort(tokens)
	rank := func(t campaign.Token) campaign.Token {
		i, _ := slices.BinarySearch(tokens, t)
		return campaign.Token(i)
	}
	for _, x := range all {
		for i, c := range x.Calls {
			w.seen["logged "+c.Outcome.String()]++
			own := *c
			own.Token, own.Before, own.Answer.Call = rank(c.Token), nil, rank(c.Answer.Call)
			x.Calls[i] = &own
		}
		for i := range x.Entries {
			x.Entries[i].Call = rank(x.Entries[i].Call)
		}
		x.Record.LastToken = rank(x.Record.LastToken)
		text, err := json.Marshal(x)
		require.NoError(w.t, err)
		w.lines = append(w.lines, string(text))
	}
	pending, err := w.queue.Actions(ctx, "", 10_000)
	require.NoError(w.t, err)
	for _, a := range pending {
		w.line("pending: %s for %s/%s at %v", a.Kind, a.Campaign, a.Record, a.At)
	}
}

// differ returns the first line in which two runs differ, with those before it.
func differ(a, b *traced) string {
	for i := range max(len(a.lines), len(b.lines)) {
		at := func(w *traced) string {
			if i < len(w.lines) {
				return w.lines[i]
			}
			return "(nothing)"
		}
		if at(a) != at(b) {
			return fmt.Sprintf("line %d, after\n\t%s\none has\n\t%s\nthe other\n\t%s", i+1,
				strings.Join(a.lines[max(0, i-3):i], "\n\t"), at(a), at(b))
		}
	}
	return ""
}

// One seeded campaign gives the same calls in the same order, to the same agents
// at the same microsecond, with the same results and the same records at the end,
// wherever it is kept. It has all tiers, callbacks, limits, zones, parks, rules,
// inbound calls, offers and calls that run out, late reports and new revisions.
func TestTheSameCampaignIsTheSameTraceOnEveryStore(t *testing.T) {
	people := *traceSize
	if raced {
		people = min(people, 36)
	}
	want := trace(t, memstore.New(), *traceSeed, people)
	t.Logf("seed %d, memory: %d lines, %d calls, tiers %v", *traceSeed, len(want.lines), want.calls, want.tiers)
	t.Logf("%v", want.seen)
	if !raced && people >= 600 {
		assert.GreaterOrEqual(t, want.calls, 2000)
		for tier := dialer.TierOwn; tier <= dialer.TierLast; tier++ {
			assert.Positive(t, want.tiers[tier], "calls of tier %d", tier)
		}
		for _, what := range []string{"offered", "late, lost: false", "late, lost: true", string(campaign.WhyRule), string(campaign.WhyCallbackGivenUp), string(campaign.WhyAttemptLimit)} {
			assert.Positive(t, want.seen[what], what)
		}
	}
	others := map[string]func(t *testing.T) campaign.Store{
		"SQLite": func(t *testing.T) campaign.Store {
			return openSQL(t, sqliteFile(t, filepath.Join(t.TempDir(), "trace.db"), "synchronous(OFF)"), sqlstore.SQLite)
		},
		"PostgreSQL": func(t *testing.T) campaign.Store { return newPostgresStores(t).open(t) },
	}
	for _, name := range slices.Sorted(maps.Keys(others)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			got := trace(t, others[name](t), *traceSeed, people)
			t.Logf("%d lines, %d calls in %v", len(got.lines), got.calls, time.Since(start).Round(time.Millisecond))
			if at := differ(want, got); at != "" {
				t.Errorf("memory (one) and %s (the other) differ in %s", name, at)
			}
		})
	}
}
