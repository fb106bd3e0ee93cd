package transfertest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
	"github.com/nextcall/nextcall/transfer"
)

// rows: P1, P3, P7, P8, P10, P11, P15
func moveKeeps(h *house) {
	h.add(autumn, "old")
	phones := []campaign.Phone{{Number: number(71), Out: campaign.OutInvalid}, {Number: number(72), Label: "home", Attempts: 2}}
	h.addRecord(campaign.Record{ID: "a", Campaign: spring, ExternalID: "crm-1", Contact: "jan", List: "may", Phones: phones,
		Notes: []campaign.Note{{At: h.now, Author: "ann", Text: "asks for Ewa"}}, Tags: []string{"vip"}, Order: 7,
		Fields: campaign.Fields{"name": "Jan", "city": "Kraków", "age": int64(40)}})
	h.set(spring, "a", to("manual", ""))
	h.edit(spring, "a", func(r *campaign.Record) { r.Owner = ann })
	h.add(spring, "b")
	was := h.record(spring, "a")
	h.now = h.now.Add(time.Hour)

	f := from(spring)
	f.Statuses = []status.ID{"manual"}
	report := h.run(transfer.Move{Filter: f, To: autumn, Set: to("success", "op")})
	h.same("the report", transfer.Report{Kind: transfer.Moved, Operation: "op", From: spring, To: autumn, Statuses: []status.ID{"manual"},
		Status: "success", Qualifier: status.Success, Found: 1, Changed: 1, Lost: []transfer.Lost{{Field: "city", Records: 1}}}, report)
	h.same("the message", `moved 1 record from campaign "spring", status "manual", to campaign "autumn", status "success"`, report.String())

	h.same("where it was", []string{"b"}, h.in(spring))
	h.same("behind those that were there", []string{"old", "a"}, h.in(autumn))
	r := h.record(autumn, "a")
	h.same("id, external id, contact, list, order", []any{was.ID, was.ExternalID, was.Contact, was.List, was.Order, was.Created},
		[]any{r.ID, r.ExternalID, r.Contact, r.List, r.Order, r.Created})
	h.same("numbers, with what is known about them", was.Phones, r.Phones)
	h.same("the number to be called next", 1, r.Next)
	h.same("notes and tags", []any{was.Notes, was.Tags}, []any{r.Notes, r.Tags})
	h.same("fields", campaign.Fields{"name": "Jan", "age": 40.0}, r.Fields)
	h.same("owner", campaign.AgentID(""), r.Owner)
	h.same("qualifier", status.Success, r.Qualifier)
	h.same("success", true, r.Success)
	h.same("author", "sue", r.Author)
	h.same("version", was.Version+1, r.Version)
	if lines := h.lines(autumn, "a"); len(lines) != 3 || lines[2].Why != campaign.WhyMoved || lines[2].Operation != "op" ||
		lines[2].From != "manual" || lines[2].To != "success" {
		h.Errorf("the history: %+v", lines)
	}
}

// rows: P19, P20
func attempts(h *house) {
	h.add(spring, "a", "b")
	count := campaign.Counters{Total: 4, SinceReset: 3, Unanswered: 2, Talks: 1}
	for _, name := range []string{"a", "b"} {
		h.edit(spring, name, func(r *campaign.Record) { r.Attempts = count })
	}
	h.run(transfer.Move{Filter: only(spring, "a"), To: autumn, Set: unused("first")})
	h.run(transfer.Move{Filter: only(spring, "b"), To: autumn, Set: to("redial", "second")})
	h.same("moved to unused", campaign.Counters{Total: 4, Talks: 1}, h.record(autumn, "a").Attempts)
	h.same("moved to another", count, h.record(autumn, "b").Attempts)
	h.same("unused", status.Unused, h.record(autumn, "a").Qualifier)
}

// rows: P4, P5, P16, P17
func sources(h *house) {
	want := []string{
		"unused", "redial", "progressive", "callback_at", "callback_after", "end_of_queue", "manual", "send_mail", "send_sms", "new_message",
		"closed", "success_cancelled", "exhausted", "busy", "invalid_number", "fax_sent", "sms_sent", "played", "fax_failed", "sms_failed", "played_partly",
	}
	stay := []string{"own_callback_at", "own_callback_after", "success", "success_closed", "own_with_message"}
	for _, q := range status.Qualifiers() {
		h.asIs(q.String(), q)
	}
	// A message has arrived for an own callback: it is somebody's all the same.
	h.asIs("own_with_message", status.NewMessage)
	h.edit(spring, "own_with_message", func(r *campaign.Record) {
		r.Standing, r.Lane, r.Owner, r.Promised = status.StandingQueued, status.LaneOwn, ann, true
	})
	report := h.run(transfer.Move{Filter: from(spring), To: autumn, Set: to("redial", "op")})
	h.same("moved", want, h.in(autumn))
	h.same("left alone", stay, h.in(spring))
	h.skipped(report, transfer.NotMovable, len(stay))
}

// asIs adds a record that has a qualifier, whoever sets it.
func (h *house) asIs(name string, q status.Qualifier) {
	h.Helper()
	h.add(spring, name)
	h.edit(spring, name, func(r *campaign.Record) {
		e := q.Effect()
		r.Qualifier, r.Standing, r.Lane = q, e.Standing, status.LaneNone
		if q.Effect().Definable {
			r.Status = status.ID(q.String())
		}
		if e.Standing == status.StandingKeep {
			r.Standing = status.StandingHeld
		}
		if r.Standing == status.StandingQueued {
			r.Lane = e.Lane
		}
		if r.Lane == status.LaneLast {
			r.Key = r.StatusAt.UnixMicro()
		}
		if e.Own {
			r.Owner, r.Promised, r.Due = ann, true, h.now.Add(time.Hour)
		}
		r.Success = e.Success == status.SuccessOn
	})
}

// rows: P11, P18
func destinations(h *house) {
	var moved []string
	for _, q := range status.Qualifiers() {
		e := q.Effect()
		name := q.String()
		set := to(status.ID(name), name)
		if q == status.Unused {
			set = unused(name)
		}
		if e.NeedsTime {
			set.Input.At = h.now.Add(time.Hour)
		}
		if e.NeedsAgent {
			set.Input.Agent = bob
		}
		h.add(spring, name)
		request := transfer.Move{Filter: only(spring, name), To: autumn, Set: set}
		if e.MoveTarget && !e.RequiresSuccess { // a success, the only thing that is cancelled, does not move
			h.run(request)
			r := h.record(autumn, name)
			h.same(name+": qualifier", q, r.Qualifier)
			h.same(name+": owner", set.Input.Agent, r.Owner)
			moved = append(moved, name)
			continue
		}
		if e.MoveTarget {
			h.skipped(h.run(request), transfer.NoSuccess, 1)
			continue
		}
		if _, err := h.bulk().Run(ctx, request, h.now, transfer.Options{}); err == nil {
			h.Errorf("a record moved to %s: want it refused", name)
		}
		h.same(name+": stays", true, slices.Contains(h.in(spring), name))
	}
	h.same("moved", moved, h.in(autumn))
}

// rows: P2
func sameCampaign(h *house) {
	h.add(spring, "a", "b", "c")
	h.asIs("own_callback_at", status.OwnCallbackAt)
	h.edit(spring, "a", func(r *campaign.Record) { r.Owner = bob })
	sequence := h.record(spring, "a").Sequence
	report := h.run(transfer.Move{Filter: from(spring), To: spring, Set: to("success", "op")})
	h.same("changed", 3, report.Changed)
	h.skipped(report, transfer.NotMovable, 1)
	r := h.record(spring, "a")
	h.same("the place in the order of import", sequence, r.Sequence)
	h.same("owner", campaign.AgentID(""), r.Owner)
	h.same("all stay", []string{"a", "b", "c", "own_callback_at"}, h.in(spring))
}

// rows: P12, P13, P14
func limits(h *house) {
	// The names are in another order than the adding.
	h.add(spring, "z", "y", "x", "w", "v")
	h.lease(spring, "y")
	report := h.run(transfer.Move{Filter: from(spring), To: autumn, Limit: 2, Set: to("redial", "two")})
	h.same("the oldest two that can", []string{"z", "x"}, h.in(autumn))
	h.skipped(report, transfer.InProgress, 1)
	request := transfer.Move{Filter: from(spring), To: autumn, Limit: 4, Set: to("redial", "four")}
	_, err := h.bulk().Run(ctx, request, h.now, transfer.Options{})
	var limit *transfer.LimitError
	if !errors.As(err, &limit) || *limit != (transfer.LimitError{Limit: 4, Found: 3}) {
		h.Errorf("a limit larger than what there is: want a *LimitError of 4 and 3, got %v", err)
	}
	request.Limit = 3
	h.same("as many as there are", 2, h.run(request).Changed)
	request.Limit, request.Set.Operation = 0, "all"
	h.same("all of them", 0, h.run(request).Changed)
}

// rows: P15
func exists(h *house) {
	h.addRecord(campaign.Record{ID: "x", Campaign: autumn, Contact: "jan"})
	h.addRecord(campaign.Record{ID: "a", Campaign: spring, Contact: "jan"})
	h.addRecord(campaign.Record{ID: "b", Campaign: autumn, Contact: "ewa"})
	h.addRecord(campaign.Record{ID: "b", Campaign: spring, Contact: "piotr"})
	h.add(spring, "c")
	report := h.run(transfer.Move{Filter: from(spring), To: autumn, Set: to("redial", "op")})
	h.skipped(report, transfer.Exists, 2)
	h.same("left alone", []string{"a", "b"}, h.in(spring))
	h.same("moved", []string{"x", "b", "c"}, h.in(autumn))
}

func spent(h *house) {
	h.add(spring, "a", "b", "c")
	for name, n := range map[string]int{"a": 4, "b": 5, "c": 9} {
		h.edit(spring, name, func(r *campaign.Record) { r.Attempts = campaign.Counters{Total: n, SinceReset: n} })
	}
	report := h.run(transfer.Move{Filter: from(spring), To: autumn, Set: to("redial", "op")})
	h.skipped(report, transfer.LimitReached, 2)
	h.same("moved", []string{"a"}, h.in(autumn))
	report = h.run(transfer.Move{Filter: only(spring, "b"), To: autumn, Set: to("closed", "done")})
	h.same("what will not be called may be moved", 1, report.Changed)
	report = h.run(transfer.Move{Filter: only(spring, "c"), To: autumn, Set: unused("anew")})
	h.same("so may what begins anew", 1, report.Changed)

	h.configure(autumn, 2, func(c *campaign.Config) { c.Limits = campaign.Limits{NumberAttempts: 2, Unanswered: 3} })
	h.add(spring, "d", "e", "f")
	h.edit(spring, "d", func(r *campaign.Record) {
		r.Phones = []campaign.Phone{{Number: number(81), Attempts: 2}, {Number: number(82), Out: campaign.OutInvalid}}
	})
	h.edit(spring, "e", func(r *campaign.Record) { r.Attempts.Unanswered = 3 })
	report = h.run(transfer.Move{Filter: from(spring), To: autumn, Set: to("redial", "numbers")})
	h.skipped(report, transfer.LimitReached, 2)
	h.same("moved", 1, report.Changed)
	for _, s := range report.Skipped[0].Samples {
		if s.Why == "" {
			h.Error("a sample says why")
		}
	}
	h.same("left alone", fmt.Sprint([]string{"d", "e"}), fmt.Sprint(h.in(spring)))
}
