package transfertest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
	"github.com/nextcall/nextcall/transfer"
)

// counted is a screen that shows how many records match, and changes it with what
// is chosen.
//
// rows: Z1, P7, P8, P9
func counted(h *house) {
	h.add(spring, "a", "b", "c", "d")
	h.add(autumn, "e")
	h.set(spring, "b", to("redial", ""))
	h.set(spring, "c", to("redial", ""))
	h.set(spring, "d", to("closed", ""))
	matching := func(what string, want int, f campaign.Filter) {
		h.Helper()
		plan, err := h.bulk().Plan(ctx, transfer.Move{Filter: f, To: autumn, Set: to("redial", "op")}, h.now)
		if err != nil {
			h.Fatal(err)
		}
		h.same(what+": what a plan finds", want, plan.Found)
		count, err := h.store.Count(ctx, f, campaign.ByNothing)
		if err != nil {
			h.Fatal(err)
		}
		h.same(what+": what the store counts", want, count[""])
		h.same(what+": what the list shows", want, h.count(f))
	}
	of := func(id status.ID) campaign.Filter {
		f := from(spring)
		f.Statuses = []status.ID{id}
		return f
	}
	matching("a campaign", 4, from(spring))
	matching("one of its statuses", 2, of("redial"))
	matching("another one", 1, of("closed"))
	matching("none", 1, of(""))
	matching("another campaign", 1, from(autumn))
	h.set(spring, "d", to("redial", ""))
	matching("the status once more", 3, of("redial"))
	matching("the other one, once more", 0, of("closed"))
	h.run(transfer.Move{Filter: of("redial"), Limit: 2, To: autumn, Set: to("redial", "two")})
	matching("what is left", 1, of("redial"))
	matching("where they are", 3, from(autumn))
}

// pasted is a field into which somebody pastes a column of another program: numbers
// and ids, with tabs, letters and what not.
//
// rows: Z10, Z11, Z13, Z18
func pasted(h *house) {
	h.add(spring, "a", "b", "c", "d")
	h.addRecord(campaign.Record{ID: "e", Campaign: spring, Phones: []campaign.Phone{{Number: number(90)}, {Number: number(91)}}})
	var text strings.Builder
	text.WriteString("\ufeffPhone\tName\r\n")
	for i := range 10_000 {
		fmt.Fprintf(&text, "+4870%07d\tJan No. %d;\u00a0\n", i, i)
	}
	fmt.Fprintf(&text, "  b \t%s\u2003%s \x00 b cc", number(3), number(91))
	f := from(spring)
	f.Terms = campaign.Terms(text.String(), blacklist.ParseNumber)
	report := h.run(transfer.Change{Filter: f, Set: to("closed", "op")})
	h.same("changed: an id, and a main number", []string{"b", "c"}, h.names(campaign.Filter{Operation: "op"}))
	h.same("found", 2, report.Found)
	f.AnyNumber = true
	h.run(transfer.Change{Filter: f, Set: to("redial", "any")})
	h.same("changed: further numbers, too", []string{"b", "c", "e"}, h.names(campaign.Filter{Operation: "any"}))
}

// activeInputs is a screen that shows the inputs of the target: a request is taken
// with exactly those.
//
// rows: Z19, Z20, Z21, Z22, Z23, Z24, P6, P18
func activeInputs(h *house) {
	h.add(spring, "a")
	n := 0
	for _, target := range transfer.Targets(h.campaigns[spring]) {
		if target.Qualifier == status.SuccessCancelled {
			continue // only after a success
		}
		for _, given := range []status.Inputs{{}, {Time: true}, {Agent: true}, {Time: true, Agent: true}} {
			n++
			set := to(target.Status, fmt.Sprint("op", n))
			if target.Status == "" {
				set.Qualifier = status.Unused
			}
			if target.Blacklist != "" {
				set.Blacklist = campaign.WhichNone
			}
			if target.Qualifier.Effect().Success == status.SuccessOn {
				h = h.again() // what follows could only be a success
				h.add(spring, "a")
			}
			if given.Time {
				set.Input.At = h.now.Add(time.Hour)
			}
			if given.Agent {
				set.Input.Agent = bob
			}
			if target.Status == "strict" {
				h.edit(spring, "a", func(r *campaign.Record) { r.Fields = campaign.Fields{"name": "Jan"} })
			}
			before := h.record(spring, "a")
			report, err := h.bulk().Run(ctx, transfer.Change{Filter: from(spring), Set: set}, h.now, transfer.Options{})
			what := fmt.Sprintf("%s with a time %v and an agent %v", target.Title, given.Time, given.Agent)
			if given.Time == target.Inputs.Time && (given.Agent == target.Inputs.Agent || target.Inputs.Agent && !target.Inputs.AgentRequired) {
				h.same(what+": error", nil, err)
				h.same(what+": changed", 1, report.Changed)
				h.same(what+": the status's qualifier", target.Qualifier, h.record(spring, "a").Qualifier)
				continue
			}
			if err == nil {
				h.Errorf("%s: want it refused", what)
			}
			h.same(what+": the record", before, h.record(spring, "a"))
		}
	}
	if n < 40 {
		h.Errorf("%d requests, want one with each pair of inputs for every status", n)
	}
}

// refused is what a screen should not send: each is a mistake of its own kind, and
// nothing is changed.
//
// rows: Z2, Z3, Z22, Z24, P5, P7, P10, P11, P16, P17, P18
func refused(h *house) {
	h.add(spring, "a", "b")
	h.set(spring, "b", to("success", ""))
	before := h.all()
	at := campaign.Input{At: h.now.Add(time.Hour)}
	with := func(id status.ID, in campaign.Input) campaign.Set {
		set := to(id, "op")
		set.Input = in
		return set
	}
	clerk := to("redial", "op")
	clerk.Actor.Agent = ""
	qualified := func(qualifiers ...status.Qualifier) campaign.Filter {
		f := from(spring)
		f.Qualifiers = qualifiers
		return f
	}
	for _, tt := range []struct {
		name    string
		request transfer.Request
		want    any
	}{
		{"somebody without an agent account", transfer.Change{Filter: from(spring), Set: clerk}, new(*campaign.ActorError)},
		{"no campaign", transfer.Change{Set: to("redial", "op")}, new(*campaign.FieldError)},
		{"two campaigns", transfer.Move{Filter: from(spring, autumn), To: autumn, Set: to("redial", "op")}, new(*campaign.FieldError)},
		{"no target", transfer.Change{Filter: from(spring), Set: to("", "op")}, new(*campaign.FieldError)},
		{"no campaign to go to", transfer.Move{Filter: from(spring), Set: to("redial", "op")}, new(*campaign.FieldError)},
		{"a campaign that is not there", transfer.Move{Filter: from(spring), To: "winter", Set: to("redial", "op")}, new(*transfer.CampaignError)},
		{"a status of another campaign", transfer.Change{Filter: from(spring), Set: to("own_of_autumn", "op")}, new(*campaign.StatusError)},
		{"a status of the source", transfer.Move{Filter: from(spring), To: autumn, Set: to("own_of_spring", "op")}, new(*campaign.StatusError)},
		{"a time for call again", transfer.Change{Filter: from(spring), Set: with("redial", at)}, new(*campaign.InputError)},
		{"an agent for contact not before", transfer.Change{Filter: from(spring), Set: with("callback_at", campaign.Input{At: at.At, Agent: bob})}, new(*campaign.InputError)},
		{"contact not before without a time", transfer.Change{Filter: from(spring), Set: to("callback_at", "op")}, new(*campaign.InputError)},
		{"my record of nobody", transfer.Change{Filter: from(spring), Set: with("own_callback_at", at)}, new(*campaign.AgentError)},
		{"moved to none", transfer.Move{Filter: from(spring), To: autumn, Set: to("manual", "op")}, new(*campaign.MoveError)},
		{"successes", transfer.Move{Filter: qualified(status.Success), To: autumn, Set: to("redial", "op")}, new(*campaign.MoveError)},
		{"closed successes", transfer.Move{Filter: qualified(status.SuccessClosed, status.Redial), To: autumn, Set: to("redial", "op")}, new(*campaign.MoveError)},
		{"own callbacks", transfer.Move{Filter: qualified(status.OwnCallbackAt, status.OwnCallbackAfter), To: autumn, Set: to("redial", "op")}, new(*campaign.MoveError)},
		{"which numbers a blacklist gets", transfer.Change{Filter: from(spring), Set: to("refusal", "op")}, new(*campaign.FieldError)},
	} {
		_, planned := h.bulk().Plan(ctx, tt.request, h.now)
		_, run := h.bulk().Run(ctx, tt.request, h.now, transfer.Options{})
		if run == nil || planned == nil || run.Error() != planned.Error() {
			h.Errorf("%s: want it refused by plan and run alike, got %v and %v", tt.name, planned, run)
		} else if !errors.As(run, tt.want) {
			h.Errorf("%s: want a %T, got %v", tt.name, tt.want, run)
		}
	}
	h.same("the records", before, h.all())
}
