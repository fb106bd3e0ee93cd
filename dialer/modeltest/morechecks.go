package modeltest

import (
	"fmt"
	"slices"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// checkMessage: a message makes somebody look; what waits to be called goes on
// waiting, everything else is held, and a success stays what it is.
func checkMessage(w *world) string {
	if w.op.Kind != opMessage || w.ev.changed[w.op.Record] != "message" {
		return ""
	}
	before, after := w.prev[w.op.Record].Record, w.cur[w.op.Record].Record
	want := before.Standing
	if want != status.StandingQueued && !before.Success {
		want = status.StandingHeld
	}
	if !after.Attention || after.Standing != want || after.Owner != before.Owner ||
		want == status.StandingQueued && (after.Lane != before.Lane || !after.Due.Equal(before.Due) && before.Due.After(w.now)) {
		return fmt.Sprintf("a message arrived for record %s: it was %v in lane %v, due %v, and is %v in lane %v, due %v, attention %v",
			after.ID, before.Standing, before.Lane, before.Due, after.Standing, after.Lane, after.Due, after.Attention)
	}
	return ""
}

// checkEdit: order, consent and fields are what was last given.
func checkEdit(w *world) string {
	for _, id := range w.order {
		r, known := w.cur[id].Record, w.records[id]
		code, _ := r.Fields["code"].(int64)
		if r.Order != known.order || r.Consent != known.consent || code != known.code {
			return fmt.Sprintf("record %s has order %d, consent %v, code %d: want %d, %v, %d",
				id, r.Order, r.Consent, code, known.order, known.consent, known.code)
		}
	}
	return ""
}

// checkActions: what the host was asked to do is there, once each, in order,
// until it is acknowledged.
func checkActions(w *world) string {
	if !w.canList() {
		return ""
	}
	got, err := w.queues[w.index%numQueues].queue.Actions(ctx, "", 10_000)
	if err != nil {
		return err.Error()
	}
	var ids []string
	for _, a := range got {
		ids = append(ids, a.ID)
	}
	slices.Sort(ids)
	want := slices.Sorted(slices.Values(w.pendingActions))
	if !slices.Equal(ids, want) {
		return fmt.Sprintf("the pending actions are %q: want %q", ids, want)
	}
	return ""
}

// asked notes the actions of an answer: each once, however often it is asked for.
func (w *world) asked(answer campaign.Answer) {
	for _, a := range answer.Actions {
		if !w.knownActions[a.ID] {
			w.knownActions[a.ID] = true
			w.pendingActions = append(w.pendingActions, a.ID)
		}
	}
}

// done acknowledges the k oldest actions that the queue tells.
func (w *world) done(p *process, o op) {
	if !w.canList() {
		return
	}
	some, err := p.queue.Actions(ctx, "", o.Limit)
	if err != nil {
		if !w.injected(err) {
			w.fail(0, "actions: %v", err)
		}
		return
	}
	if len(some) > 0 && o.On { // the next ones, behind the first
		if some, err = p.queue.Actions(ctx, some[0].ID, o.Limit); err != nil {
			if !w.injected(err) {
				w.fail(0, "actions: %v", err)
			}
			return
		}
	}
	ids := []string{"nobody's"}
	for _, a := range some {
		ids = append(ids, a.ID)
	}
	switch err := p.queue.Done(ctx, ids...); {
	case w.injected(err):
		w.adoptActions()
		return
	case err != nil:
		w.fail(0, "done: %v", err)
		return
	}
	w.pendingActions = slices.DeleteFunc(w.pendingActions, func(id string) bool { return slices.Contains(ids, id) })
}
