package transfertest

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
	"github.com/nextcall/nextcall/transfer"
)

// rows: Z1, Z18, Z28, P2, P6
func oneRecordOrAll(h *house) {
	h.add(spring, "a", "b", "c")
	h.add(autumn, "d")
	one := h.run(transfer.Change{Filter: only(spring, "b"), Set: to("redial", "one")})
	h.same("changed", 1, one.Changed)
	h.same("the qualifier follows the status", status.Redial, h.record(spring, "b").Qualifier)
	all := h.run(transfer.Change{Filter: from(spring), Set: to("closed", "all")})
	h.same("changed", 3, all.Changed)
	for _, name := range []string{"a", "b", "c"} {
		h.same("status", status.ID("closed"), h.record(spring, name).Status)
	}
	h.same("another campaign's", status.ID(""), h.record(autumn, "d").Status)
	h.skipped(all)
	none := h.run(transfer.Change{Filter: only(spring, "nobody"), Set: to("closed", "none")})
	h.same("found", 0, none.Found)
}

// rows: Z27
func authorTimeAndOperation(h *house) {
	h.add(spring, "a")
	h.now = h.now.Add(time.Hour)
	set := to("redial", "op")
	set.Note = "asked by phone"
	h.run(transfer.Change{Filter: from(spring), Set: set})
	r := h.record(spring, "a")
	h.same("author", "sue", r.Author)
	h.same("time", h.now, r.Updated)
	h.same("operation", "op", r.Operation)
	h.same("found by its operation", []string{"a"}, h.names(campaign.Filter{Operation: "op"}))
	lines := h.lines(spring, "a")
	h.same("the history", campaign.Entry{At: h.now, Author: "sue", Why: campaign.WhyChosen, Operation: "op", To: "redial",
		Qualifier: status.Redial, Note: "asked by phone"}, lines[len(lines)-1])
}

// rows: Z19, Z21, Z22, Z23, Z25, Z26, Z28
func inputs(h *house) {
	h.add(spring, "a")
	at := h.now.Add(26 * time.Hour)
	for i, tt := range []struct {
		id    status.ID
		in    campaign.Input
		due   time.Time
		owner campaign.AgentID
	}{
		{"redial", campaign.Input{}, time.Time{}, ""},
		{"callback_at", campaign.Input{At: at}, at, ""},
		{"callback_at", campaign.Input{Date: "2026-03-03", Hour: "12:00"}, at, ""},
		{"own_callback_at", campaign.Input{At: at, Agent: ann}, at, ann},
		{"bobs", campaign.Input{At: at}, at, bob},
		{"own_callback_after", campaign.Input{Agent: bob}, h.now.Add(48 * time.Hour), bob},
		{"dated", campaign.Input{At: at}, at, ""},
		{"closed", campaign.Input{}, time.Time{}, ""},
	} {
		set := to(tt.id, string(rune('a'+i)))
		set.Input = tt.in
		h.run(transfer.Change{Filter: from(spring), Set: set})
		r := h.record(spring, "a")
		h.same(string(tt.id)+": next call", tt.due, r.Due)
		h.same(string(tt.id)+": the agent it is assigned to", tt.owner, r.Owner)
	}
	past := to("callback_at", "past")
	past.Input.At = h.now.Add(-time.Hour)
	report := h.run(transfer.Change{Filter: from(spring), Set: past})
	h.same("a time that has passed is due now", h.now, h.record(spring, "a").Due)
	if len(report.Warnings) != 1 || report.Warnings[0].Records != 1 {
		h.Errorf("want a warning of one record, got %v", report.Warnings)
	}
}

// absentAgent is the one-liner of the documentation.
//
// rows: Z18, Z25
func absentAgent(h *house) {
	h.add(spring, "a", "b", "c", "d")
	for i, name := range []string{"a", "b", "c"} {
		set := to("own_callback_at", "")
		set.Input = campaign.Input{At: h.now.Add(time.Duration(i+1) * time.Hour), Agent: ann}
		if name == "c" {
			set.Input.Agent = "sue"
		}
		h.set(spring, name, set)
	}
	set := to("own_callback_at", "ann is ill")
	set.KeepDue, set.Input.Agent = true, bob
	report := h.run(transfer.Change{Set: set, Filter: campaign.Filter{Campaigns: []campaign.ID{spring},
		Owners: []campaign.AgentID{ann}, Systems: []campaign.System{campaign.SystemMine}}})
	h.same("changed", 2, report.Changed)
	for i, want := range []campaign.AgentID{bob, bob, "sue"} {
		r := h.record(spring, string(rune('a'+i)))
		h.same("owner", want, r.Owner)
		h.same("its own time", h.now.Add(time.Duration(i+1)*time.Hour), r.Due)
		h.same("lane", status.LaneOwn, r.Lane)
	}

	set.Operation = "all"
	report = h.run(transfer.Change{Filter: only(spring, "d"), Set: set})
	h.skipped(report, transfer.NoTime, 1) // it has no time to keep
}

// listBeginsAgain is the other one-liner of the documentation.
//
// rows: P19
func listBeginsAgain(h *house) {
	for _, name := range []string{"a", "b", "c"} {
		list := "may"
		if name == "c" {
			list = "june"
		}
		h.addRecord(campaign.Record{ID: campaign.RecordID(name), Campaign: spring, List: list})
		h.edit(spring, name, func(r *campaign.Record) {
			r.Attempts = campaign.Counters{Total: 4, SinceReset: 4, Unanswered: 4}
			r.Qualifier, r.Status, r.Standing, r.Lane = status.Exhausted, "redial", status.StandingClosed, status.LaneNone
		})
	}
	f := from(spring)
	f.Lists = []string{"may"}
	report := h.run(transfer.Change{Filter: f, Set: unused("again")})
	h.same("changed", 2, report.Changed)
	r := h.record(spring, "a")
	h.same("attempts", campaign.Counters{Total: 4}, r.Attempts)
	h.same("status", status.ID(""), r.Status)
	h.same("state", campaign.StateReady, r.StateAt(h.now, 1, false))
	h.same("another list's", 4, h.record(spring, "c").Attempts.SinceReset)
}

func leased(h *house) {
	h.add(spring, "a", "b", "c")
	h.lease(spring, "b")
	before := h.look(spring, "b")
	for _, r := range []transfer.Request{
		transfer.Change{Filter: from(spring), Set: to("redial", "change")},
		transfer.Move{Filter: from(spring), To: autumn, Set: to("redial", "move")},
	} {
		report := h.run(r)
		h.same("changed", 2, report.Changed)
		h.skipped(report, transfer.InProgress, 1)
		h.same("the sample", campaign.Ref{Campaign: spring, Record: "b"}, report.Skipped[0].Samples[0].Ref)
		h.same("the leased record", before, h.look(spring, "b"))
	}
	h.now = h.now.Add(time.Hour) // run out, but not settled
	h.skipped(h.run(transfer.Change{Filter: from(spring), Set: to("closed", "later")}), transfer.InProgress, 1)
}

func required(h *house) {
	h.add(spring, "a", "b")
	h.edit(spring, "b", func(r *campaign.Record) { r.Fields = campaign.Fields{"city": "Kraków"} })
	for _, r := range []transfer.Request{
		transfer.Change{Filter: from(spring), Set: to("strict", "change")},
		transfer.Move{Filter: from(spring), To: autumn, Set: to("strict", "move")},
	} {
		report := h.run(r)
		h.same("changed", 1, report.Changed)
		h.skipped(report, transfer.RequiredMissing, 1)
	}
	h.same("left alone", []string{"b"}, h.in(spring))
	typed := transfer.Move{Filter: from(spring), To: autumn, Type: "person", Set: to("strict", "typed")}
	h.skipped(h.run(typed), transfer.RequiredMissing, 1) // a matter of the record, not of the request
}

func blacklists(h *house) {
	phones := []campaign.Phone{{Number: number(1)}, {Number: number(2), LastCall: h.now.Add(-time.Hour)}}
	h.addRecord(campaign.Record{ID: "a", Campaign: spring, Phones: phones})
	h.addRecord(campaign.Record{ID: "b", Campaign: spring, Phones: []campaign.Phone{{Number: number(3)}}})
	h.addRecord(campaign.Record{ID: "c", Campaign: spring, Phones: []campaign.Phone{}})
	listed := func(n int) bool {
		h.Helper()
		answers, err := h.store.Check(ctx, blacklist.Query{Now: h.now, Lists: []blacklist.List{"dnc"}, Numbers: []blacklist.Number{number(n)}})
		if err != nil {
			h.Fatal(err)
		}
		return len(answers) > 0
	}
	set := to("refusal", "none")
	set.Blacklist = campaign.WhichNone
	report := h.run(transfer.Change{Filter: from(spring), Set: set})
	h.same("entries", 0, report.Listed)
	h.same("changed", 3, report.Changed)

	set.Blacklist, set.Operation = campaign.WhichLast, "last"
	report = h.run(transfer.Change{Filter: from(spring), Set: set})
	h.same("entries", 1, report.Listed)
	h.skipped(report, transfer.NoNumber, 2)
	h.same("the number called last", []bool{false, true, false}, []bool{listed(1), listed(2), listed(3)})

	set.Blacklist, set.Operation = campaign.WhichAll, "all"
	report = h.run(transfer.Move{Filter: from(spring), To: autumn, Set: set})
	h.same("entries", 3, report.Listed)
	h.skipped(report, transfer.NoNumber, 1)
	h.same("all numbers", []bool{true, true, true}, []bool{listed(1), listed(2), listed(3)})
}

// judge is a condition written in Go: the record's name begins with a letter.
type judge struct {
	campaign.Judge // only what transfer asks
	letter         byte
	fails          string // the record of which nobody can tell
}

func (j judge) Campaign() campaign.ID { return spring }

func (j judge) Need(time.Time) campaign.Need { return campaign.Need{NoCalls: true} }

func (j judge) Holds(f *campaign.Facts, _ time.Time) (bool, error) {
	if string(f.Record.ID) == j.fails {
		return false, errCondition
	}
	return f.Record.ID[0] == j.letter, nil
}

func (j judge) Find(ctx context.Context, store campaign.Store, where campaign.Filter, now time.Time) iter.Seq2[campaign.Facts, error] {
	return func(yield func(campaign.Facts, error) bool) {
		for f, err := range store.Find(ctx, where, j.Need(now)) {
			if err != nil {
				yield(f, err)
				return
			}
			holds, err := j.Holds(&f, now)
			if (holds || err != nil) && !yield(f, err) {
				return
			}
		}
	}
}

var errCondition = errors.New("nobody can tell")

// rows: Z14, Z18
func condition(h *house) {
	h.add(spring, "a1", "b1", "a2", "b2", "a3")
	report := h.run(transfer.Change{Filter: from(spring), Where: judge{letter: 'a', fails: "b2"}, Set: to("redial", "op")})
	h.same("changed", 3, report.Changed)
	h.skipped(report, transfer.ConditionFailed, 1)
	h.same("changed", []string{"a1", "a2", "a3"}, h.names(campaign.Filter{Operation: "op"}))
	report = h.run(transfer.Move{Filter: from(spring), Where: judge{letter: 'a'}, Limit: 2, To: autumn, Set: to("redial", "op2")})
	h.same("moved", []string{"a1", "a2"}, h.in(autumn))
	h.same("changed", 2, report.Changed)
	_, err := h.bulk().Plan(ctx, transfer.Change{Filter: from(spring), Where: judge{letter: 'a'}, Limit: 2, Set: to("redial", "op3")}, h.now)
	var limit *transfer.LimitError
	if !errors.As(err, &limit) || limit.Found != 1 {
		h.Errorf("want a *LimitError that found 1, got %v", err)
	}
}
