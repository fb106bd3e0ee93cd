package modeltest

import (
	"fmt"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

// check15Explain: what Explain calls callable breaks no rule, and whatever it
// does not has a name (14). Of the zones nobody knows it says so (9).
func check15Explain(w *world) string {
	p := w.queues[w.index%numQueues]
	agent := agents[w.index%len(agents)]
	for _, id := range w.order {
		f := w.cur[id]
		s := w.settings[f.Record.Campaign]
		c, err := p.queue.Campaign(f.Record.Campaign)
		if err != nil || c.Revision() != s.cfg.Revision || !c.Lists(agent) {
			continue // it learns of the newest revision with its next ask
		}
		e, err := p.queue.Explain(ctx, w.records[id].ref, campaign.Asker{Agent: agent, Reserved: true})
		if err != nil {
			return err.Error()
		}
		if e.Callable != (len(e.Blockers) == 0) || e.Callable && !e.Earliest.Equal(w.now) {
			return fmt.Sprintf("record %s: callable %v with the blockers %v, earliest %v", id, e.Callable, e.Blockers, e.Earliest)
		}
		if !e.Callable {
			for _, b := range e.Blockers {
				if b.Reason == campaign.ReasonNone || int(b.Reason) >= campaign.NumReasons {
					w.fail(14, "record %s has a blocker without a name: %+v", id, b)
				}
			}
			if !e.Earliest.IsZero() && !e.Earliest.After(w.now) && !w.unsettled(e) {
				return fmt.Sprintf("record %s is not callable at %v, and earliest at %v", id, w.now, e.Earliest)
			}
		}
		w.nameZone(id, f, e)
		if msg := w.namesList(f, e.Blockers); msg != "" {
			return msg
		}
		if l := w.holder(id); e.Callable && (l == nil || w.live(l)) { // else it is judged as it will be once that is settled
			if msg := w.agrees(p, f, e, agent); msg != "" {
				return msg
			}
		}
	}
	return ""
}

// nameZone: a record none of whose numbers has a known zone says so.
func (w *world) nameZone(id campaign.RecordID, f campaign.Facts, e dialer.Explanation) {
	s := w.settings[f.Record.Campaign]
	for _, p := range f.Record.Phones {
		if _, ok := s.zonesOf(p); ok {
			return
		}
	}
	if !slices.ContainsFunc(e.Blockers, func(b campaign.Blocker) bool {
		return b.Reason == campaign.ReasonZone || b.Reason == campaign.ReasonNoNumber
	}) {
		w.fail(9, "no number of record %s has a known zone, and the blockers are %v", id, e.Blockers)
	}
}

// agrees passes a record that is said to be callable through the rules.
func (w *world) agrees(p *process, f campaign.Facts, e dialer.Explanation, agent campaign.AgentID) string {
	i := f.Record.Phone(e.Number)
	if i < 0 {
		return fmt.Sprintf("record %s is callable at %v, which is not one of its numbers", f.Record.ID, e.Number)
	}
	silent := w.ev.silent
	defer func() { w.ev.silent = silent }()
	w.ev.silent = p.failing
	for _, r := range rules {
		if msg := r.forbids(w, grant{number: f.Record.Phones[i], agent: agent}, f); msg != "" {
			return fmt.Sprintf("Explain says that record %s is callable, which invariant %d forbids: %s", f.Record.ID, r.invariant, msg)
		}
	}
	return ""
}

// check16Sums: the counts by first blocker and the callable ones are all.
func check16Sums(w *world) string {
	p := w.queues[w.index%numQueues]
	for _, id := range campaignIDs {
		o, err := p.queue.Outlook(ctx, id, 3)
		if err != nil {
			return err.Error()
		}
		total, sum, states := 0, o.Callable, 0
		for _, r := range w.records {
			total += b2i(r.ref.Campaign == id)
		}
		for _, n := range o.Blockers {
			sum += n
		}
		for _, n := range o.States {
			states += n
		}
		if o.Total != total || sum != total || states != total || o.Blockers[campaign.ReasonNone] != 0 {
			return fmt.Sprintf("campaign %s has %d records; the outlook counts %d: %d callable, %v by first blocker, %v by state",
				id, total, o.Total, o.Callable, o.Blockers, o.States)
		}
		// The forecast settles what has run out; the count of this moment does not.
		if len(o.Forecast) != 3 || o.Forecast[0].Callable != o.Callable && !w.overdue() {
			return fmt.Sprintf("campaign %s: the forecast begins with %+v, and %d are callable now", id, o.Forecast, o.Callable)
		}
	}
	return ""
}

// overdue says whether a lease has run out that nobody has settled yet.
func (w *world) overdue() bool {
	return slices.ContainsFunc(w.leases, func(l *lease) bool { return !l.ended && !w.live(l) })
}

// probe compares what Explain says of one record with what asks then bring: at
// once, just before the earliest time that it names, and at it.
func (w *world) probe(p *process, o op) {
	r := w.records[o.Record]
	if r == nil || p.failing {
		return
	}
	drain := func() map[campaign.RecordID]dialer.Call { return w.drain(p, o.Agent) }
	drain() // settles what has run out, and learns the newest configuration
	c, err := p.queue.Campaign(r.ref.Campaign)
	if err != nil || !c.Lists(o.Agent) {
		return
	}
	asker := campaign.Asker{Agent: o.Agent, Reserved: true}
	explain := func() dialer.Explanation {
		e, err := p.queue.Explain(ctx, r.ref, asker)
		if err != nil {
			w.fail(15, "explain: %v", err)
		}
		return e
	}
	compare := func(when string) {
		e := explain()
		got := drain()
		call, offered := got[o.Record]
		switch {
		case w.found != nil || e.Callable == offered:
			if offered && call.Number.Number != e.Number && !w.inTheWay(o.Record, e.Number, got) {
				w.fail(15, "%s: Explain says that %v of record %s would be called, and an ask brought %v", when, e.Number, o.Record, call.Number.Number)
			}
		case offered:
			w.fail(15, "%s, at %v: record %s is not callable (%v), and an ask of %s brought it", when, w.now, o.Record, e.Blockers, o.Agent)
		case w.inTheWay(o.Record, e.Number, got):
		case w.resting(e, c):
		default:
			w.fail(15, "%s, at %v: record %s is callable, and no ask of %s brought it (lane %v, due %v, park %+v); asks brought %v",
				when, w.now, o.Record, o.Agent, e.Record.Lane, e.Record.Due, e.Record.Park, keys(got))
		}
	}
	compare("now")
	e := explain()
	if e.Callable || e.Earliest.IsZero() || w.found != nil {
		return
	}
	// What others hold runs out meanwhile, and somebody asks each time.
	var ends []time.Time
	for _, l := range w.leases {
		if l.ended || !l.until.After(w.now) || l.until.After(e.Earliest) {
			continue
		}
		if l.phase != campaign.Offered && l.ref.Record != o.Record {
			return // that call will count, and Explain does not foretell other calls
		}
		if l.until.Before(e.Earliest) {
			ends = append(ends, l.until)
		}
	}
	slices.SortFunc(ends, time.Time.Compare)
	for _, end := range ends {
		w.now = end
		drain()
	}
	if w.now = e.Earliest.Add(-time.Microsecond); explain().Callable {
		w.fail(15, "record %s is callable at %v, and %v was named as the earliest time", o.Record, w.now, e.Earliest)
	}
	w.now = e.Earliest
	drain()
	if now := explain(); !now.Callable {
		w.fail(15, "record %s is not callable at %v, which was named as the earliest time, but %v", o.Record, w.now, now.Blockers)
	}
	compare("at the earliest time")
}

// unsettled says whether a lease that has run out is in the way: the next ask
// settles it, so that the record may be callable at once.
func (w *world) unsettled(e dialer.Explanation) bool {
	return slices.ContainsFunc(e.Blockers, func(b campaign.Blocker) bool {
		return (b.Reason == campaign.ReasonLeased || b.Reason == campaign.ReasonInUse) && !b.Until.After(w.now)
	})
}

// drain takes all that an agent is offered, and gives it back.
func (w *world) drain(p *process, agent campaign.AgentID) map[campaign.RecordID]dialer.Call {
	got := map[campaign.RecordID]dialer.Call{}
	for range 20 {
		sel, err := p.queue.Next(ctx, dialer.Ask{Agent: agent, Limit: 10})
		if err != nil {
			w.fail(15, "next: %v", err)
			return got
		}
		for _, c := range sel.Calls {
			got[c.Record.ID] = c
		}
		if len(sel.Calls) == 0 {
			break
		}
	}
	for _, c := range got {
		if err := p.queue.Release(ctx, c.Ref); err != nil {
			w.fail(15, "release: %v", err)
		}
	}
	w.ev.changed, w.ev.selected = map[campaign.RecordID]string{}, false
	return got
}

// inTheWay says whether another record that was offered holds the number or the contact.
func (w *world) inTheWay(id campaign.RecordID, n blacklist.Number, got map[campaign.RecordID]dialer.Call) bool {
	for other, c := range got {
		if other == id {
			continue
		}
		if contact := w.records[id].contact; contact != "" && contact == c.Record.Contact || c.Record.Phone(n) >= 0 {
			return true
		}
	}
	return false
}

// resting says whether the record is put aside for a short while, for a reason
// that may have lifted in the meantime.
func (w *world) resting(e dialer.Explanation, c *campaign.Campaign) bool {
	p := e.Record.Park
	if e.Record.Standing != status.StandingQueued || !p.Live(w.now, c.Revision()) {
		return false
	}
	// The reason is that of the first blocker, so of another number perhaps; the
	// clock may have run back since.
	now := w.now
	if w.latest.After(now) {
		now = w.latest
	}
	return !p.Until.After(now.Add(30 * time.Second))
}

func keys(m map[campaign.RecordID]dialer.Call) []campaign.RecordID {
	var all []campaign.RecordID
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}
