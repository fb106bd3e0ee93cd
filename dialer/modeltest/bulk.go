package modeltest

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
	"github.com/nextcall/nextcall/transfer"
)

// bulker changes many records of a store, by the newest configuration.
func (w *world) bulker(store campaign.Store) *transfer.Bulk {
	b, err := transfer.New(store, func(context.Context) ([]*campaign.Campaign, error) {
		var all []*campaign.Campaign
		for _, id := range campaignIDs {
			all = append(all, w.known[id])
		}
		return all, nil
	})
	if err != nil {
		w.fail(22, "a new bulk: %v", err)
	}
	return b
}

// request is the bulk change or move that an operation says.
func (o op) request(name string, now time.Time) transfer.Request {
	set := campaign.Set{Status: o.Status, Input: o.input(now), Blacklist: o.Which, Operation: name,
		Actor: campaign.Actor{User: string(o.Agent), Agent: o.Agent}}
	if o.Status == "" {
		set.Qualifier = status.Unused
	}
	f := campaign.Filter{Campaigns: o.Campaigns[:1]}
	if o.To == "" {
		return transfer.Change{Filter: f, Limit: o.Limit, Set: set}
	}
	return transfer.Move{Filter: f, Limit: o.Limit, To: o.To, Set: set}
}

// inBulk plans a bulk change or move, runs it until no failure stops it, and runs it
// once more. What it did is then looked for in the store.
func (w *world) inBulk(o op) {
	name := fmt.Sprintf("bulk %d", w.index)
	request := o.request(name, w.now)
	plan, planned := w.bulker(w.store).Plan(ctx, request, w.now)
	bulk := w.bulker(w.around)
	report, err := bulk.Run(ctx, request, w.now, transfer.Options{Batch: o.N})
	w.ev.err = err
	for try := 0; w.injected(err) && try < 5; try++ {
		_, err = bulk.Run(ctx, request, w.now, transfer.Options{Batch: o.N}) // as a host does that has crashed
	}
	undisturbed := len(w.faults.Hits()) == w.hits
	plan.Dry = false
	switch {
	case (planned == nil) != (err == nil):
		w.fail(22, "the plan says %v, the run %v", planned, err)
	case err == nil && undisturbed && !reflect.DeepEqual(plan, report):
		w.fail(22, "the plan is %+v, the run came to %+v", plan, report)
	}
	changed := 0
	for _, id := range w.order {
		changed += b2i(w.bulked(o, id, name))
	}
	switch {
	case err == nil && undisturbed && changed != report.Changed:
		w.fail(22, "%d records were changed, and the report says %d", changed, report.Changed)
	case o.Limit > 0 && changed > o.Limit:
		w.fail(22, "%d records were changed, with a limit of %d", changed, o.Limit)
	}
	w.adoptActions()
	if err != nil || w.stale() { // who reads of an earlier moment may not find all
		return
	}
	if again, err := w.bulker(w.store).Run(ctx, request, w.now, transfer.Options{}); err != nil || again.Changed != 0 {
		w.fail(22, "the second run changed %d records: %v", again.Changed, err)
	}
}

// bulked notes what became of a record by a bulk operation, and says whether it changed it.
func (w *world) bulked(o op, id campaign.RecordID, name string) bool {
	r := w.records[id]
	f := w.stored(r.ref)
	if f.Record.ID == "" && o.To != "" {
		moved := r.ref
		moved.Campaign = o.To
		f = w.stored(moved)
	}
	if f.Record.Operation != name {
		return false
	}
	before := w.cur[id]
	if before.Lease.Token != 0 {
		w.fail(22, "%s changed record %s, which is leased under %d", name, id, before.Lease.Token)
	}
	if s, ok := w.store.(campaign.HistoryStore); ok {
		entries, _, err := s.History(ctx, campaign.Ref{Campaign: f.Record.Campaign, Record: id})
		n := 0
		for i := range entries {
			n += b2i(entries[i].Operation == name)
		}
		if err != nil || n != 1 {
			w.fail(22, "%s changed record %s %d times: want once (%v)", name, id, n, err)
		}
	}
	w.ev.changed[id] = kindNames[opSet]
	r.ref.Campaign = f.Record.Campaign
	r.code, _ = f.Record.Fields["code"].(int64)
	r.notBefore, r.misses, r.rung = time.Time{}, 0, 0
	if o.Status == "" {
		r.since, r.unanswered = 0, 0
	}
	w.bulkListed(o, &f.Record)
	return true
}

// bulkListed sees that the status and its entries were written together.
func (w *world) bulkListed(o op, r *campaign.Record) {
	list := byStatus[o.Status].Blacklist
	if list == "" || o.Which == campaign.WhichNone {
		return
	}
	var numbers []blacklist.Number
	for i := range r.Phones {
		numbers = append(numbers, r.Phones[i].Number)
	}
	entries := w.adoptEntries(w.now, numbers...)
	if o.Which == campaign.WhichMain {
		numbers = numbers[:1]
	}
	for _, n := range numbers {
		written := slices.ContainsFunc(entries, func(e blacklist.Entry) bool { return e.Number == n && e.List == list })
		if !written && o.Which != campaign.WhichLast {
			w.fail(19, "record %s got status %s, and no entry for %v was written", r.ID, o.Status, n)
		}
	}
}
