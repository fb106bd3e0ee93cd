package dialer_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

var ctx = context.Background()

// monday is 10:00 in Warsaw on a working Monday, in winter time.
var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

const warsaw = "Europe/Warsaw"

// clock is a settable clock.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = t
}

// house is a store, a queue on it, and the configuration that its loader reads.
type house struct {
	t     testing.TB
	clock *clock
	store campaign.Store
	q     *dialer.Queue
	rules campaign.RuleEngine

	filled int

	mu   sync.Mutex
	cfgs []campaign.Config
}

// statuses are the dictionary of the tests.
func statuses(t testing.TB) *status.Dictionary {
	t.Helper()
	days := func(text string) blacklist.Expiry {
		e, err := blacklist.ParseExpiry(text)
		require.NoError(t, err)
		return e
	}
	d, err := status.New(
		status.Status{ID: "call", Title: "Call", Qualifier: status.Redial},
		status.Status{ID: "progressive", Title: "Call progressive", Qualifier: status.Progressive},
		status.Status{ID: "back", Title: "Contact not before", Qualifier: status.CallbackAt},
		status.Status{ID: "later", Title: "In an hour", Qualifier: status.CallbackAfter, Delay: status.Delay(time.Hour)},
		status.Status{ID: "mine", Title: "My record", Qualifier: status.OwnCallbackAt},
		status.Status{ID: "mine-later", Title: "My record in an hour", Qualifier: status.OwnCallbackAfter, Delay: status.Delay(time.Hour)},
		status.Status{ID: "last", Title: "End of queue", Qualifier: status.EndOfQueue},
		status.Status{ID: "manual", Title: "By hand", Qualifier: status.Manual},
		status.Status{ID: "mail", Title: "Send the offer", Qualifier: status.SendMail, Template: "offer"},
		status.Status{ID: "no", Title: "Do not call", Qualifier: status.Closed},
		status.Status{ID: "never", Title: "Never again", Qualifier: status.Closed, Blacklist: blacklist.Global},
		status.Status{ID: "week", Title: "Not this week", Qualifier: status.Redial, Blacklist: blacklist.Global, Expiry: days("6 days")},
		status.Status{ID: "sold", Title: "Sold", Qualifier: status.Success},
		status.Status{ID: "form", Title: "Form filled in", Qualifier: status.Closed, Validate: true},
		status.Status{ID: "form-later", Title: "Form and date", Qualifier: status.Redial, Validate: true, NextCall: true},
		status.Status{ID: "wrong", Title: "Wrong number", Qualifier: status.Redial, EndsNumber: true},
		status.Status{ID: "old", Title: "Not used any more", Qualifier: status.Closed, Disabled: true},
		status.Status{ID: "elsewhere", Title: "Of another campaign's", Qualifier: status.Closed},
	)
	require.NoError(t, err)
	return d
}

// attached are the statuses that the campaigns of the tests have.
var attached = []status.ID{"call", "progressive", "back", "later", "mine", "mine-later", "last", "manual", "mail", "no", "never",
	"week", "sold", "form", "form-later", "wrong", "old"}

// conf is a campaign's configuration: a preview campaign in Warsaw, always open.
func conf(id campaign.ID, edits ...func(*campaign.Config)) campaign.Config {
	c := campaign.Config{ID: id, Revision: 1, Zone: warsaw, CalleeZone: warsaw, Statuses: attached}
	for _, edit := range edits {
		edit(&c)
	}
	return c
}

func hours(t testing.TB, text string) campaign.Hours {
	t.Helper()
	h, err := campaign.ParseHours(text)
	require.NoError(t, err)
	return h
}

func compile(t testing.TB, cfg campaign.Config, rules campaign.RuleEngine) *campaign.Campaign {
	t.Helper()
	c, _, err := campaign.Compile(cfg, statuses(t), rules)
	require.NoError(t, err)
	return c
}

// open opens a house with campaigns; the queue reads what h.cfgs says when it loads.
func open(t testing.TB, cfgs ...campaign.Config) *house {
	t.Helper()
	return openWith(t, dialer.Config{}, cfgs...)
}

func openWith(t testing.TB, qc dialer.Config, cfgs ...campaign.Config) *house {
	t.Helper()
	h := &house{t: t, clock: &clock{t: monday}, store: reusing{memstore.New()}, cfgs: cfgs}
	h.q = h.queue(qc)
	return h
}

// queue is a further queue on the same store.
func (h *house) queue(qc dialer.Config) *dialer.Queue {
	h.t.Helper()
	qc.Now = h.clock.now
	q, err := dialer.New(ctx, h.store, h.load, qc)
	require.NoError(h.t, err)
	return q
}

func (h *house) load(context.Context) ([]*campaign.Campaign, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []*campaign.Campaign
	for _, cfg := range h.cfgs {
		c, _, err := campaign.Compile(cfg, statuses(h.t), h.rules)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// configure edits a campaign under the next revision; no queue is told.
func (h *house) configure(id campaign.ID, edit func(*campaign.Config)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range h.cfgs {
		if h.cfgs[i].ID == id {
			h.cfgs[i].Revision++
			edit(&h.cfgs[i])
		}
	}
}

func (h *house) now() time.Time         { return h.clock.now() }
func (h *house) at(t time.Time)         { h.clock.set(t) }
func (h *house) wait(d time.Duration)   { h.clock.set(h.clock.now().Add(d)) }
func in(d time.Duration) time.Time      { return monday.Add(d) }
func clockTime(hour, min int) time.Time { return time.Date(2026, 3, 2, hour-1, min, 0, 0, time.UTC) }

// number is a Polish mobile number of its own for n.
func number(n int) blacklist.Number { return blacklist.Number(48600000000 + uint64(n)) }

func phones(numbers ...int) []campaign.Phone {
	var list []campaign.Phone
	for _, n := range numbers {
		list = append(list, campaign.Phone{Number: number(n)})
	}
	return list
}

// record is a fresh record with one phone.
func record(in campaign.ID, id string, phone int, edits ...func(*campaign.Record)) campaign.Record {
	r := campaign.Record{ID: campaign.RecordID(id), Campaign: in, Phones: phones(phone)}
	for _, edit := range edits {
		edit(&r)
	}
	return r
}

// add adds records, all of which must be taken.
func (h *house) add(records ...campaign.Record) {
	h.t.Helper()
	added, err := h.q.Add(ctx, dialer.Adding{Records: records, AllowSameNumber: true, AllowBlacklisted: true})
	require.NoError(h.t, err)
	for _, a := range added {
		require.NoError(h.t, a.Err, "record %s", a.Ref.Record)
	}
}

func ref(in campaign.ID, id string) campaign.Ref {
	return campaign.Ref{Campaign: in, Record: campaign.RecordID(id)}
}

var boss = campaign.Actor{User: "boss", Agent: "boss-agent"}

// set gives a record a status without a call.
func (h *house) set(in campaign.ID, id string, st status.ID, input campaign.Input) campaign.Answer {
	h.t.Helper()
	a, err := h.q.Set(ctx, ref(in, id), campaign.Set{Status: st, Input: input, Actor: boss})
	require.NoError(h.t, err)
	return a
}

// mine makes a record the agent's own callback, due at t.
func (h *house) mine(in campaign.ID, id string, agent campaign.AgentID, t time.Time) {
	h.t.Helper()
	h.set(in, id, "mine", campaign.Input{At: t, Agent: agent})
}

// called takes a record, dials it and reports an outcome.
func (h *house) called(in campaign.ID, id string, outcome campaign.Outcome) campaign.Answer {
	h.t.Helper()
	return h.reported(in, id, campaign.Result{Outcome: outcome})
}

func (h *house) reported(in campaign.ID, id string, r campaign.Result) campaign.Answer {
	h.t.Helper()
	call, err := h.q.Take(ctx, dialer.Taking{Ref: ref(in, id), Actor: campaign.Actor{Agent: "taker"}, Start: true})
	require.NoError(h.t, err)
	a, err := h.q.Report(ctx, call.Ref, r)
	require.NoError(h.t, err)
	return a
}

// next asks and wants no error.
func (h *house) next(ask dialer.Ask) dialer.Selection {
	h.t.Helper()
	sel, err := h.q.Next(ctx, ask)
	require.NoError(h.t, err)
	return sel
}

// order drains the queue by asks of one, started and reported so that nothing
// comes back, and says what came and in which tier: "5:a".
func (h *house) order(ask dialer.Ask) []string {
	h.t.Helper()
	var got []string
	ask.Start = true
	for range 100 {
		sel := h.next(ask)
		if len(sel.Calls) == 0 {
			return got
		}
		for _, call := range sel.Calls {
			got = append(got, fmt.Sprintf("%d:%s", call.Tier, call.Ref.Record))
		}
	}
	h.t.Fatal("the queue never ends")
	return nil
}

// ids are the records of a selection.
func ids(sel dialer.Selection) []string {
	var list []string
	for _, c := range sel.Calls {
		list = append(list, string(c.Ref.Record))
	}
	return list
}

// one asks for one call and wants one.
func (h *house) one(ask dialer.Ask) dialer.Call {
	h.t.Helper()
	sel := h.next(ask)
	require.Len(h.t, sel.Calls, 1, "skipped: %v", sel.Skipped)
	return sel.Calls[0]
}

// none asks and wants nothing, and returns what the selection says.
func (h *house) none(ask dialer.Ask) dialer.Selection {
	h.t.Helper()
	sel := h.next(ask)
	require.Empty(h.t, ids(sel))
	return sel
}

func (h *house) report(call dialer.Call, r campaign.Result) campaign.Answer {
	h.t.Helper()
	a, err := h.q.Report(ctx, call.Ref, r)
	require.NoError(h.t, err)
	return a
}

func (h *house) explain(in campaign.ID, id string, asker campaign.Asker) dialer.Explanation {
	h.t.Helper()
	e, err := h.q.Explain(ctx, ref(in, id), asker)
	require.NoError(h.t, err)
	return e
}

func (h *house) record(in campaign.ID, id string) campaign.Record {
	h.t.Helper()
	var looked campaign.Looked
	require.NoError(h.t, h.store.Look(ctx, campaign.Need{}, &looked, ref(in, id)))
	require.Equal(h.t, campaign.RecordID(id), looked.Facts[0].Record.ID)
	return looked.Facts[0].Record
}

func (h *house) calls(in campaign.ID, id string) []*campaign.Call {
	h.t.Helper()
	_, calls, err := h.store.(campaign.HistoryStore).History(ctx, ref(in, id))
	require.NoError(h.t, err)
	return calls
}

// listed reports whether a number is on a list now.
func (h *house) listed(n int, lists ...blacklist.List) bool {
	h.t.Helper()
	answers, err := h.store.Check(ctx, blacklist.Query{Now: h.now(), Lists: lists, Numbers: []blacklist.Number{number(n)}})
	require.NoError(h.t, err)
	return len(answers) > 0
}

// list puts a number on a list.
func (h *house) list(n int, until time.Time) {
	h.t.Helper()
	require.NoError(h.t, h.q.List(ctx, blacklist.Entry{Number: number(n), List: blacklist.Global, Until: until}))
}

func (h *house) unlist(n int) {
	h.t.Helper()
	require.NoError(h.t, h.q.Unlist(ctx, blacklist.Key{List: blacklist.Global, Number: number(n)}))
}

// meddling is a store in which somebody does something right before a commit.
type meddling struct {
	campaign.Store
	when func(campaign.Change) bool
	do   func()
	done bool
}

func (m *meddling) Commit(ctx context.Context, changes ...campaign.Change) ([]error, error) {
	for _, c := range changes {
		if !m.done && m.when(c) {
			m.done = true
			m.do()
		}
	}
	return m.Store.Commit(ctx, changes...)
}

// meddle makes that something is done right before the first commit of such a
// change, and reports whether it was.
func (h *house) meddle(when func(campaign.Change) bool, do func()) *bool {
	h.t.Helper()
	m := &meddling{Store: h.store, when: when, do: do, done: true}
	plain := h.store
	h.store = m
	h.q = h.queue(dialer.Config{})
	h.store = plain
	m.done = false
	return &m.done
}

func reasons(blockers []campaign.Blocker) []campaign.Reason {
	var list []campaign.Reason
	for _, b := range blockers {
		list = append(list, b.Reason)
	}
	return list
}

// as returns the error of a type in err's tree, and fails without one.
func as[T error](t testing.TB, err error) T {
	t.Helper()
	var target T
	require.Error(t, err)
	require.True(t, errors.As(err, &target), "want a %T, got %T: %v", target, err, err)
	return target
}

func agent(id campaign.AgentID) dialer.Ask { return dialer.Ask{Agent: id} }

// reserved asks for a call with somebody waiting, whoever it is.
var reserved = dialer.Ask{Reserved: true}

// engine asks for calls for which nobody waits yet.
var engine = dialer.Ask{}
