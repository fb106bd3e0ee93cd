package transfertest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
	"github.com/nextcall/nextcall/transfer"
)

// planIsRun draws records and requests: whatever they are, a plan writes nothing,
// and what the run reports is what the plan said.
func planIsRun(h *house) {
	for seed := range uint64(12) {
		x := h.again()
		g := rand.New(rand.NewPCG(seed, 22))
		x.random(g)
		for i := range 12 {
			r := x.randomRequest(g, fmt.Sprintf("op%d", i))
			before := x.all()
			plan, err := x.bulk().Plan(ctx, r, x.now)
			x.same(fmt.Sprintf("seed %d: after plan %d", seed, i), before, x.all())
			report, failed := x.bulk().Run(ctx, r, x.now, transfer.Options{Batch: 1 + g.IntN(7)})
			if fmt.Sprint(err) != fmt.Sprint(failed) {
				h.Errorf("seed %d, request %d: the plan says %v, the run %v", seed, i, err, failed)
			}
			x.same(fmt.Sprintf("seed %d, request %d, %+v", seed, i, r), asRun(plan), report)
			if report.Found != report.Changed+report.Already+report.AllSkipped() {
				h.Errorf("seed %d, request %d: found %d, but %+v", seed, i, report.Found, report)
			}
			x.now = x.now.Add(time.Duration(g.IntN(3)) * time.Minute)
		}
	}
}

// random adds records in random states to both campaigns. Some contacts, and some
// ids, are in both.
func (h *house) random(g *rand.Rand) {
	h.Helper()
	qualifiers := status.Qualifiers()
	for i := range 25 {
		name := fmt.Sprintf("r%02d", i)
		in := spring
		if g.IntN(4) == 0 {
			in = autumn
		}
		h.addRecord(campaign.Record{ID: campaign.RecordID(name), Campaign: in, List: pick(g, "", "may")})
		if g.IntN(8) == 0 {
			other := spring
			if in == spring {
				other = autumn
			}
			r := campaign.Record{ID: campaign.RecordID(name), Campaign: other, Contact: campaign.ContactID("another " + name)}
			if g.IntN(2) == 0 {
				r.ID, r.Contact = r.ID+"b", campaign.ContactID("contact of "+name)
			}
			h.addRecord(r)
		}
		q := qualifiers[g.IntN(len(qualifiers))]
		h.edit(in, name, func(r *campaign.Record) {
			e := q.Effect()
			r.Qualifier, r.Standing, r.Lane = q, e.Standing, e.Lane
			if e.Standing == status.StandingKeep {
				r.Standing = status.StandingHeld
			}
			if r.Standing != status.StandingQueued {
				r.Lane = status.LaneNone
			}
			if e.Definable && g.IntN(2) == 0 {
				r.Status = status.ID(q.String())
			}
			r.Success = e.Success == status.SuccessOn
			r.Attempts.SinceReset = g.IntN(7)
			r.Attempts.Total = r.Attempts.SinceReset + g.IntN(2)
			if e.Own {
				r.Owner, r.Promised = ann, true
			}
			if e.Callback || g.IntN(4) == 0 {
				r.Due = h.now.Add(time.Duration(g.IntN(200)-100) * time.Minute)
			}
			r.Fields = campaign.Fields{"age": int64(g.IntN(90))}
			if g.IntN(3) > 0 {
				r.Fields["name"] = "N. N."
			}
			if g.IntN(3) == 0 {
				r.Phones = nil
			} else if g.IntN(2) == 0 {
				r.Phones = []campaign.Phone{{Number: r.Phones[0].Number, LastCall: h.now.Add(-time.Hour), Attempts: 1}}
			}
		})
		if g.IntN(10) == 0 && h.look(in, name).Lease.Token == 0 && len(h.look(in, name).Busy) == 0 {
			h.lease(in, name)
		}
	}
}

func (h *house) randomRequest(g *rand.Rand, operation string) transfer.Request {
	in, out := spring, autumn
	if g.IntN(3) == 0 {
		in, out = out, in
	}
	f := from(in)
	if g.IntN(4) == 0 {
		f.Lists = []string{"may"}
	}
	if g.IntN(4) == 0 {
		f.Systems = []campaign.System{campaign.SystemToCall, campaign.SystemDoNotCall, campaign.SystemMine}[:1+g.IntN(3)]
	}
	ids := []status.ID{"redial", "redial", "callback_at", "closed", "refusal", "strict", "bobs", "success", "success_cancelled", "send_mail",
		"new_message", "end_of_queue", "own_callback_after", "progressive"}
	id := ids[g.IntN(len(ids))]
	set := to(id, operation)
	if g.IntN(5) == 0 {
		set = unused(operation)
	}
	switch set.Status {
	case "callback_at", "bobs":
		set.Input.At = h.now.Add(time.Duration(g.IntN(100)-30) * time.Minute)
	case "own_callback_after":
		set.Input.Agent = bob
	case "refusal":
		set.Blacklist = []campaign.Which{campaign.WhichLast, campaign.WhichMain, campaign.WhichAll, campaign.WhichNone}[g.IntN(4)]
	}
	if g.IntN(6) == 0 {
		set.KeepDue, set.Input.At = true, time.Time{}
	}
	limit := 0
	if g.IntN(3) == 0 {
		limit = 1 + g.IntN(8)
	}
	switch g.IntN(3) {
	case 0:
		return transfer.Change{Filter: f, Limit: limit, Set: set}
	case 1:
		return transfer.Move{Filter: f, To: in, Limit: limit, Set: set}
	}
	return transfer.Move{Filter: f, To: out, Limit: limit, Set: set}
}

func pick[T any](g *rand.Rand, values ...T) T { return values[g.IntN(len(values))] }
