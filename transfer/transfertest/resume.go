package transfertest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
	"github.com/nextcall/nextcall/transfer"
)

func secondRun(h *house) {
	h.add(spring, numbered("r", 7)...)
	h.lease(spring, "r003")
	for _, r := range []transfer.Request{
		transfer.Change{Filter: from(spring), Set: to("redial", "change")},
		transfer.Change{Filter: from(spring), Limit: 3, Set: to("closed", "some")},
		transfer.Move{Filter: from(spring), To: autumn, Limit: 2, Set: unused("move")},
		transfer.Move{Filter: from(spring), To: autumn, Set: to("redial", "move all")},
	} {
		first := h.run(r)
		before := h.all()
		second := h.run(r)
		h.same("changed by the second run", 0, second.Changed)
		h.same("after the second run", before, h.all())
		if first.Changed == 0 {
			h.Error("the first run changed nothing")
		}
	}
}

// manyRequests change all that is in spring but for what cannot be, and what it is
// called there.
var manyRequests = map[string]transfer.Request{
	"change":  transfer.Change{Filter: from(spring), Set: unused("op")},
	"move":    transfer.Move{Filter: from(spring), To: autumn, Set: to("redial", "op")},
	"limited": transfer.Move{Filter: from(spring), To: autumn, Limit: 8, Set: to("redial", "op")},
}

// crowd are records of which most can be changed.
func (h *house) crowd() {
	h.Helper()
	names := numbered("r", 12)
	h.add(spring, names...)
	for i, name := range names {
		h.edit(spring, name, func(r *campaign.Record) { r.Attempts = campaign.Counters{Total: i % 4, SinceReset: i % 4} })
	}
	h.lease(spring, "r004")
	h.asIs("success", status.Success)
}

func crashes(h *house) {
	for name, r := range manyRequests {
		whole := h.again()
		whole.crowd()
		whole.run(r)
		want := whole.all()
		for _, after := range []bool{false, true} {
			for dies := 1; ; dies++ {
				x := h.again()
				x.crowd()
				options := transfer.Options{Batch: 3}
				crashed := x.crash(r, options, dies, after)
				// And once more, while it goes on.
				if crashed {
					x.crash(r, options, 2, after)
				}
				if _, err := x.bulk().Run(ctx, r, x.now, options); err != nil {
					x.Fatal(err)
				}
				x.same(name+": after a crash", want, x.all())
				if !crashed {
					break
				}
			}
		}
	}
}

func changedSinceTheCrash(h *house) {
	h.add(spring, "a", "b", "c", "d", "e")
	began := h.now
	r := transfer.Change{Filter: from(spring), Set: unused("op"), Began: began}
	h.crash(r, transfer.Options{Batch: 2}, 1, true)
	h.now = h.now.Add(time.Minute)
	h.set(spring, "a", campaign.Set{Status: "redial"}) // changed by the operation, and called since
	h.set(spring, "d", campaign.Set{Status: "redial"}) // not yet
	h.now = h.now.Add(time.Minute)
	report := h.run(r)
	h.same("changed and already", []int{3, 2}, []int{report.Changed, report.Already})
	h.once(spring, "op", "a", "b", "c", "d", "e")
	h.same("what happened since", status.ID("redial"), h.record(spring, "a").Status)
	r.Began = time.Time{}
	report = h.run(r)
	h.same("changed and already, if nobody knows when it began", []int{1, 4}, []int{report.Changed, report.Already})
	h.same("what happened since is overwritten", status.ID(""), h.record(spring, "a").Status)
}

func limitAfterACrash(h *house) {
	h.add(spring, numbered("r", 9)...)
	r := transfer.Change{Filter: from(spring), Limit: 5, Set: unused("op"), Began: h.now}
	h.crash(r, transfer.Options{Batch: 2}, 2, true)
	h.now = h.now.Add(time.Minute)
	h.set(spring, "r001", campaign.Set{Status: "redial"})
	for range 2 {
		h.run(r)
		n := 0
		for _, name := range h.in(spring) {
			n += h.marks(spring, name, "op")
		}
		h.same("changed in all", 5, n)
		h.once(spring, "op", numbered("r", 5)...)
	}
}

func stopped(h *house) {
	h.add(spring, numbered("r", 7)...)
	r := transfer.Change{Filter: from(spring), Set: to("redial", "op")}
	stop, cancel := context.WithCancel(ctx)
	defer cancel()
	var told []transfer.Progress
	report, err := h.bulk().Run(stop, r, h.now, transfer.Options{Batch: 3, Progress: func(p transfer.Progress) {
		told = append(told, p)
		cancel()
	}})
	if !errors.Is(err, context.Canceled) {
		h.Errorf("want context.Canceled, got %v", err)
	}
	h.same("changed until then", 3, report.Changed)
	h.same("progress", []transfer.Progress{{Found: 3, Changed: 3}}, told)

	told = nil
	report, err = h.bulk().Run(ctx, r, h.now, transfer.Options{Batch: 3, Progress: func(p transfer.Progress) { told = append(told, p) }})
	if err != nil {
		h.Fatal(err)
	}
	h.same("changed and already", []int{4, 3}, []int{report.Changed, report.Already})
	last := told[len(told)-1]
	h.same("the last progress", transfer.Progress{Found: 7, Changed: 4, Already: 3}, last)
	h.once(spring, "op", numbered("r", 7)...)
}

func twoAtOnce(h *house) {
	names := numbered("r", 40)
	h.add(spring, names...)
	r := transfer.Move{Filter: from(spring), To: autumn, Set: unused("op")}
	bulk := h.bulk()
	var wg sync.WaitGroup
	var reports [2]transfer.Report
	var errs [2]error
	for i := range reports {
		wg.Go(func() { reports[i], errs[i] = bulk.Run(ctx, r, h.now, transfer.Options{Batch: 3}) })
	}
	wg.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		h.Fatal(err)
	}
	h.same("changed by either", 40, reports[0].Changed+reports[1].Changed)
	in := h.in(autumn)
	slices.Sort(in)
	h.same("moved", names, in)
	h.once(autumn, "op", names...)
}

func meanwhile(h *house) {
	h.add(spring, "a", "b", "c", "d", "e", "f")
	f := from(spring)
	f.Qualifiers = []status.Qualifier{status.Unused}
	r := transfer.Change{Filter: f, Set: to("redial", "op")}
	store := h.on(&faulty{before: func(commit int) {
		if commit > 1 {
			return
		}
		h.set(spring, "b", campaign.Set{Status: "closed"})                 // the filter finds it no more
		h.edit(spring, "c", func(r *campaign.Record) { r.Consent = true }) // and this one still
		h.lease(spring, "d")
		if _, err := h.bulk().Run(ctx, transfer.Move{Filter: only(spring, "e"), To: autumn, Set: unused("away")}, h.now, transfer.Options{}); err != nil {
			h.Fatal(err)
		}
	}})
	report, err := h.bulkOn(store).Run(ctx, r, h.now, transfer.Options{})
	if err != nil {
		h.Fatal(err)
	}
	h.skipped(report, transfer.InProgress, 1, transfer.MovedOn, 1, transfer.Gone, 1)
	h.same("changed", []string{"a", "c", "f"}, h.names(campaign.Filter{Operation: "op"}))
	h.same("what changed meanwhile", true, h.record(spring, "c").Consent)
	h.same("what changed meanwhile", status.ID("closed"), h.record(spring, "b").Status)
}

func reconfigured(h *house) {
	h.add(spring, numbered("r", 6)...)
	r := transfer.Change{Filter: from(spring), Set: to("redial", "op")}
	store := h.on(&faulty{before: func(commit int) {
		if commit == 2 {
			h.commit(campaign.Change{Ref: campaign.Ref{Campaign: spring}, Revision: 2})
		}
	}})
	report, err := h.bulkOn(store).Run(ctx, r, h.now, transfer.Options{Batch: 2})
	if !errors.Is(err, campaign.ErrConfigChanged) {
		h.Errorf("want campaign.ErrConfigChanged, got %v", err)
	}
	h.same("changed under the old configuration", 2, report.Changed)
	h.configure(spring, 2)
	report = h.run(r)
	h.same("changed and already", []int{4, 2}, []int{report.Changed, report.Already})
	h.once(spring, "op", numbered("r", 6)...)
}
