package transfertest

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
	"github.com/nextcall/nextcall/transfer"
)

// The two campaigns, and who works there.
const (
	spring = campaign.ID("spring")
	autumn = campaign.ID("autumn")
	ann    = campaign.AgentID("ann")
	bob    = campaign.AgentID("bob")
)

var (
	// monday is 10:00 in Warsaw.
	monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	sue    = campaign.Actor{User: "sue", Agent: "sue"}
)

// house is a store with two campaigns, and what the host's people do there.
type house struct {
	testing.TB
	fresh     func() campaign.Store
	store     campaign.Store
	statuses  *status.Dictionary
	campaigns map[campaign.ID]*campaign.Campaign
	now       time.Time
}

func newHouse(t testing.TB, fresh func() campaign.Store) *house {
	h := &house{TB: t, fresh: fresh, store: fresh(), now: monday, campaigns: map[campaign.ID]*campaign.Campaign{}}
	h.statuses = h.dictionary()
	h.configure(spring, 1)
	h.configure(autumn, 1)
	return h
}

// again is the same house with an empty store.
func (h *house) again() *house { return newHouse(h.TB, h.fresh) }

func (h *house) configure(id campaign.ID, revision int64, edits ...func(*campaign.Config)) {
	h.Helper()
	fields := []campaign.Field{{Name: "name", Required: true}, {Name: "city"}, {Name: "age", Type: campaign.Int}}
	if id == autumn {
		fields = []campaign.Field{{Name: "name", Required: true}, {Name: "shoe"}, {Name: "age", Type: campaign.Double}}
	}
	cfg := campaign.Config{
		ID: id, Revision: revision, Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw", Agents: []campaign.AgentID{ann, bob, "sue"},
		Own:         []status.Status{{ID: "own_of_" + status.ID(id), Title: "Own of " + string(id), Qualifier: status.Redial}},
		RecordTypes: []campaign.RecordType{{Name: "person", Fields: fields}},
	}
	for _, s := range h.statuses.All() {
		cfg.Statuses = append(cfg.Statuses, s.ID)
	}
	if id == autumn {
		cfg.Limits.Attempts = 5
	}
	for _, edit := range edits {
		edit(&cfg)
	}
	c, _, err := campaign.Compile(cfg, h.statuses, nil)
	if err != nil {
		h.Fatalf("the house's own campaign %s: %v", id, err)
	}
	h.campaigns[id] = c
}

// dictionary has a status for every qualifier that a status may have, named like it.
func (h *house) dictionary() *status.Dictionary {
	week, err := blacklist.ParseExpiry("1 week")
	if err != nil {
		h.Fatal(err)
	}
	all := []status.Status{
		{ID: "refusal", Title: "Refusal", Qualifier: status.Closed, Blacklist: "dnc"},
		{ID: "cool_down", Title: "Cool down", Qualifier: status.Closed, Blacklist: "dnc", Expiry: week},
		{ID: "strict", Title: "Strict", Qualifier: status.Redial, Validate: true},
		{ID: "bobs", Title: "Bob's", Qualifier: status.OwnCallbackAt, Agent: bob},
		{ID: "dated", Title: "Dated", Qualifier: status.Redial, NextCall: true},
	}
	for _, q := range status.Qualifiers() {
		e := q.Effect()
		if !e.Definable {
			continue
		}
		s := status.Status{ID: status.ID(q.String()), Title: e.Title, Qualifier: q}
		if e.Next == status.NextDelay {
			s.Delay = status.Delay(48 * time.Hour)
		}
		if e.Action != status.ActionNone {
			s.Template = "hello"
		}
		all = append(all, s)
	}
	d := new(status.Dictionary)
	for _, s := range all {
		if err := d.Add(s); err != nil {
			h.Fatal(err)
		}
	}
	return d
}

func (h *house) load(context.Context) ([]*campaign.Campaign, error) {
	return []*campaign.Campaign{h.campaigns[spring], h.campaigns[autumn]}, nil
}

func (h *house) bulk() *transfer.Bulk { return h.bulkOn(h.store) }

func (h *house) bulkOn(store campaign.Store) *transfer.Bulk {
	h.Helper()
	b, err := transfer.New(store, h.load)
	if err != nil {
		h.Fatal(err)
	}
	return b
}

// run plans a request, runs it, and sees that the plan was right.
func (h *house) run(r transfer.Request, edits ...func(*transfer.Options)) transfer.Report {
	h.Helper()
	var o transfer.Options
	for _, edit := range edits {
		edit(&o)
	}
	plan, err := h.bulk().Plan(ctx, r, h.now)
	if err != nil {
		h.Fatalf("plan: %v", err)
	}
	report, err := h.bulk().Run(ctx, r, h.now, o)
	if err != nil {
		h.Fatalf("run: %v", err)
	}
	h.same("the plan", asRun(plan), report)
	return report
}

// asRun is a plan as the run's report must be.
func asRun(plan transfer.Report) transfer.Report {
	plan.Dry = false
	return plan
}

// add adds records by name, ready as fresh ones: their number is 48600000001 and
// on, their contact is named like them.
func (h *house) add(in campaign.ID, names ...string) {
	h.Helper()
	for _, name := range names {
		h.addRecord(campaign.Record{ID: campaign.RecordID(name), Campaign: in})
	}
}

func (h *house) addRecord(r campaign.Record) {
	h.Helper()
	if r.Contact == "" {
		r.Contact = campaign.ContactID("contact of " + r.ID)
	}
	if r.Phones == nil {
		n := h.count(campaign.Filter{At: h.now})
		r.Phones = []campaign.Phone{{Number: number(n + 1)}}
	}
	if r.Type == "" {
		r.Type = "person"
	}
	if r.Fields == nil {
		r.Fields = campaign.Fields{"name": "N. N."}
	}
	change, err := h.campaigns[r.Campaign].Admit(r, sue, h.now)
	if err != nil {
		h.Fatalf("add %s: %v", r.ID, err)
	}
	h.commit(change)
}

func number(n int) blacklist.Number { return blacklist.Number(48600000000 + uint64(n)) }

// commit writes changes, all of which must be taken.
func (h *house) commit(changes ...campaign.Change) {
	h.Helper()
	errs, err := h.store.Commit(ctx, changes...)
	if errs != nil || err != nil {
		h.Fatalf("commit: %v, %v", errs, err)
	}
}

// edit writes a record as something else than a rule of the house would have it.
func (h *house) edit(in campaign.ID, name string, edit func(*campaign.Record)) {
	h.Helper()
	r := h.record(in, name)
	edit(&r)
	r.Changes++
	h.commit(campaign.Change{Ref: campaign.Ref{Campaign: in, Record: r.ID}, Record: &r})
}

// set sets a status on one record, as a person does.
func (h *house) set(in campaign.ID, name string, s campaign.Set) {
	h.Helper()
	s.Actor = sue
	f := h.look(in, name)
	change, err := h.campaigns[in].Apply(&f, s, h.now)
	if err != nil {
		h.Fatalf("set %s on %s: %v", s.Status, name, err)
	}
	h.commit(change)
}

// lease gives a record to ann for a minute.
func (h *house) lease(in campaign.ID, name string) {
	h.Helper()
	h.commit(campaign.Change{Ref: campaign.Ref{Campaign: in, Record: campaign.RecordID(name)},
		Lease: &campaign.Lease{Holder: "desk", Agent: ann, At: h.now, Until: h.now.Add(time.Minute)}})
}

func (h *house) look(in campaign.ID, name string) campaign.Facts {
	h.Helper()
	var looked campaign.Looked
	if err := h.store.Look(ctx, campaign.Need{}, &looked, campaign.Ref{Campaign: in, Record: campaign.RecordID(name)}); err != nil {
		h.Fatal(err)
	}
	return looked.Facts[0]
}

// record returns a record, which must be there.
func (h *house) record(in campaign.ID, name string) campaign.Record {
	h.Helper()
	f := h.look(in, name)
	if f.Record.ID == "" {
		h.Fatalf("record %s of campaign %s is not there", name, in)
	}
	return f.Record
}

// names are those of the records that a filter finds, in their order.
func (h *house) names(f campaign.Filter) []string {
	h.Helper()
	if f.At.IsZero() {
		f.At = h.now
	}
	names := []string{}
	for facts, err := range h.store.Find(ctx, f, campaign.Need{NoCalls: true}) {
		if err != nil {
			h.Fatal(err)
		}
		names = append(names, string(facts.Record.ID))
	}
	return names
}

func (h *house) in(id campaign.ID) []string {
	h.Helper()
	return h.names(campaign.Filter{Campaigns: []campaign.ID{id}})
}

func (h *house) count(f campaign.Filter) int { h.Helper(); return len(h.names(f)) }

// all are all records of the house by campaign and name.
func (h *house) all() map[campaign.Ref]campaign.Record {
	h.Helper()
	all := make(map[campaign.Ref]campaign.Record)
	for facts, err := range h.store.Find(ctx, campaign.Filter{At: h.now}, campaign.Need{NoCalls: true}) {
		if err != nil {
			h.Fatal(err)
		}
		all[campaign.Ref{Campaign: facts.Record.Campaign, Record: facts.Record.ID}] = facts.Record
	}
	return all
}

// lines are the history of a record, as far as the store keeps one.
func (h *house) lines(in campaign.ID, name string) []campaign.Entry {
	h.Helper()
	store, ok := h.store.(campaign.HistoryStore)
	if !ok {
		h.Skip("the store tells no history")
	}
	entries, _, err := store.History(ctx, campaign.Ref{Campaign: in, Record: campaign.RecordID(name)})
	if err != nil {
		h.Fatal(err)
	}
	return entries
}

// same compares two values.
func (h *house) same(what string, want, got any) {
	h.Helper()
	if reflect.DeepEqual(want, got) {
		return
	}
	w, records := want.(map[campaign.Ref]campaign.Record)
	g, _ := got.(map[campaign.Ref]campaign.Record)
	if !records {
		h.Errorf("%s:\n want %+v\n  got %+v", what, want, got)
		return
	}
	for ref := range w {
		if !reflect.DeepEqual(w[ref], g[ref]) {
			h.Errorf("%s: record %v\n want %+v\n  got %+v", what, ref, w[ref], g[ref])
			return
		}
	}
	h.Errorf("%s: want %d records, got %d", what, len(w), len(g))
}

// skipped compares what a report says was left alone: reasons and counts in turns.
func (h *house) skipped(r transfer.Report, want ...any) {
	h.Helper()
	got := []any{}
	for _, s := range r.Skipped {
		got = append(got, s.Reason, s.Count)
		if len(s.Samples) == 0 || s.Samples[0].Ref.Record == "" || s.Samples[0].Why == "" {
			h.Errorf("%s: want samples that name a record and say why: %+v", s.Reason, s.Samples)
		}
	}
	if !slices.Equal(got, want) {
		h.Errorf("skipped: want %v, got %v", want, r.Skipped)
	}
	if r.Found != r.Changed+r.Already+r.AllSkipped() {
		h.Errorf("found %d, but changed %d, already %d, skipped %d", r.Found, r.Changed, r.Already, r.AllSkipped())
	}
}

func from(ids ...campaign.ID) campaign.Filter { return campaign.Filter{Campaigns: ids} }

func only(id campaign.ID, names ...string) campaign.Filter {
	f := from(id)
	for _, name := range names {
		f.Records = append(f.Records, campaign.RecordID(name))
	}
	return f
}

// to is a status as sue sets it, under an operation.
func to(id status.ID, operation string) campaign.Set {
	return campaign.Set{Status: id, Actor: sue, Operation: operation}
}

func unused(operation string) campaign.Set {
	return campaign.Set{Qualifier: status.Unused, Actor: sue, Operation: operation}
}

func numbered(prefix string, n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("%s%03d", prefix, i)
	}
	return names
}
