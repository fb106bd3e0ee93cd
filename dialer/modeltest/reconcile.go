package modeltest

import (
	"errors"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
)

// reconcile looks what has become of every lease that the model believes in.
// One may be over only because its time has run out, because its call was
// refused, or because a write failed after it was done.
func (w *world) reconcile() {
	for _, l := range w.leases {
		if l.ended || w.found != nil {
			continue
		}
		f := w.cur[l.ref.Record]
		if f.Lease.Token != 0 && f.Lease.Call == l.ref.Token {
			w.keep(l, f.Lease)
			continue
		}
		blocked := (*dialer.BlockedError)(nil)
		mine := w.op.Record == l.ref.Record
		switch {
		case mine && w.op.Kind == opStart && errors.As(w.ev.err, &blocked):
			l.ended = true // refused: the record was put aside
			w.ev.changed[l.ref.Record] = "refused"
		case mine && w.ev.faulted:
			w.adoptEnd(l)
		case !l.until.After(w.latest):
			w.settle(l)
		default:
			w.fail(6, "the lease %d on record %s is gone at %v, though nobody ended it and it runs until %v", l.ref.Token, l.ref.Record, w.now, l.until)
		}
	}
	byToken := slices.Clone(w.order) // what was leased first holds what others would
	slices.SortFunc(byToken, func(a, b campaign.RecordID) int { return int(w.cur[a].Lease.Token - w.cur[b].Lease.Token) })
	for _, id := range byToken {
		f := w.cur[id]
		if f.Lease.Token == 0 || w.found != nil || w.holder(id) != nil {
			continue
		}
		if slices.ContainsFunc(f.Lease.With, func(r campaign.Ref) bool { return r.Record == id }) {
			continue // the lease is on another record, and holds this one too
		}
		if !w.ev.faulted {
			for _, l := range w.of(id) {
				if l.ref.Token == f.Lease.Call {
					w.fail(5, "record %s is still under lease %d, which an answer said was ended: nobody would look after it", id, l.ref.Token)
				}
			}
			w.fail(1, "record %s is under lease %d, which no answer gave out", id, f.Lease.Token)
			return
		}
		// The write was done and said to have failed: the lease is nobody's, and
		// must expire like any other.
		l := &lease{ref: campaign.Ref{Campaign: f.Record.Campaign, Record: id, Token: f.Lease.Call}, queue: w.op.Queue % numQueues,
			agent: f.Lease.Agent, at: f.Lease.At, orphan: true, inbound: f.Lease.Inbound, with: f.Lease.With,
			taken: f.Lease.Taken, allowed: f.Lease.Overrides}
		w.keep(l, f.Lease)
		w.given(l)
		if w.ev.changed[id] == "" {
			w.ev.changed[id] = "leased"
		}
	}
}

// keep compares a lease that goes on with what the model knows of it.
func (w *world) keep(l *lease, got campaign.Lease) {
	same := got.Phase == l.phase && got.Until.Equal(l.until) && (got.Phase == campaign.Offered || got.Number == l.number)
	switch {
	case same:
		return
	case got.Token != l.ref.Token && !l.until.After(w.latest):
		l.settling, l.holds, l.holdsContact = true, nil, false // begun, and not finished
	case !w.ev.faulted:
		w.fail(4, "the lease %d on record %s is %+v, and the answers said phase %d, number %v, until %v",
			l.ref.Token, l.ref.Record, got, l.phase, l.number, l.until)
	}
	l.phase, l.until, l.number, l.dialed = got.Phase, got.Until, got.Number, got.Dialed
	if !l.settling && (!l.orphan || l.phase != campaign.Offered) && l.holds != nil {
		l.holds[l.number] = true
	}
}

// adoptEnd takes over what a write did that was said to have failed.
func (w *world) adoptEnd(l *lease) {
	logged := w.logged(l.ref)
	switch {
	case w.op.Kind == opReport && w.ev.report == l && logged != nil && !logged.Expired:
		w.accept(l, *w.ev.result, logged.Answer)
	case w.op.Kind == opReport:
		w.fail(5, "a failed report ended lease %d and left no call in the log", l.ref.Token)
	case w.op.Kind == opSkip:
		l.ended = true
		w.records[l.ref.Record].notBefore = w.now.Add(10 * time.Minute)
		w.ev.changed[l.ref.Record] = "skipped"
	default:
		l.ended = true
		w.ev.changed[l.ref.Record] = "released"
	}
}

// settledFirst says whether an operation that needs no lease settled one on the
// record that had run out, and notes it: what it changed came after that.
func (w *world) settledFirst(id campaign.RecordID) bool {
	l := w.holder(id)
	if l == nil || l.ref.Record != id || l.until.After(w.latest) && l.until.After(w.now) {
		return false
	}
	facts, err := looked(ctx, w.store, campaign.Need{NoCalls: true}, campaign.Ref{Campaign: l.ref.Campaign, Record: id})
	if err != nil || len(facts) != 1 || facts[0].Lease.Token != 0 {
		return false
	}
	w.settle(l)
	return true
}

// settle notes that an expired lease was settled, and that it was done right.
func (w *world) settle(l *lease) {
	l.ended = true
	w.ev.expired = append(w.ev.expired, l)
	r := w.records[l.ref.Record]
	logged := w.logged(l.ref)
	w.ev.changed[l.ref.Record] = "skipped"
	for _, ref := range l.with {
		w.ev.changed[ref.Record] = "call ended"
	}
	if l.phase == campaign.Offered {
		if logged != nil {
			w.fail(6, "the offer %d on record %s expired and became a call with outcome %v: want a skip", l.ref.Token, l.ref.Record, logged.Outcome)
		}
		r.notBefore = l.until.Add(10 * time.Minute)
		return
	}
	w.ev.changed[l.ref.Record] = "expired"
	if logged == nil || logged.Outcome != campaign.Unknown || !logged.Expired {
		w.fail(6, "the call %d on record %s was never reported, and the log says %+v: want outcome unknown, expired", l.ref.Token, l.ref.Record, logged)
		return
	}
	l.expired, l.since = true, untouched
	w.list(logged.Answer.Listed...)
	w.asked(logged.Answer)
	r.notBefore = time.Time{} // a call ends a skip
	if !l.inbound && !logged.Answer.Has(campaign.WhyRule) {
		r.notBefore = l.until.Add(time.Hour)
	}
	w.calls[l.ref.Token] = &call{ref: l.ref, contact: r.contact, number: l.number, dialed: l.dialed, ended: logged.Ended,
		outcome: campaign.Unknown, inbound: l.inbound, counted: w.count(l, campaign.Unknown, true, 1)}
	l.after = r.tally.clone()
}

// touch notes which records were given to somebody or changed in the step.
func (w *world) touch() {
	for _, l := range w.leases {
		if !l.expired {
			continue
		}
		cause := w.ev.changed[l.ref.Record]
		if slices.Contains(w.ev.expired, l) {
			cause = ""
			switch w.op.Kind {
			case opSet, opEdit, opMessage, opCorrect: // settled, and changed then
				if w.op.Record == l.ref.Record && w.ev.err == nil {
					cause = kindNames[w.op.Kind]
				}
			}
		}
		for _, g := range w.ev.grants { // settled and given out again by the same ask
			if g.lease != l && g.lease.ref.Record == l.ref.Record {
				cause = "leased"
			}
		}
		switch cause {
		case "":
		case "leased", "released", "refused", "call ended":
			l.since = max(l.since, leasedSince)
		default:
			l.since = changedSince
		}
	}
}

// answerOf is what the last report or expiry of a step came to on a record.
func (w *world) answerOf(id campaign.RecordID) (campaign.Answer, bool) {
	if w.ev.report != nil && w.ev.result != nil && w.ev.report.ref.Record == id {
		return w.ev.report.answer, true
	}
	for _, l := range w.ev.expired {
		if l.ref.Record == id && l.phase != campaign.Offered {
			if c := w.logged(l.ref); c != nil {
				return c.Answer, true
			}
		}
	}
	return campaign.Answer{}, false
}

// numbers are all that the operations use.
func numbers() []blacklist.Number {
	var all []blacklist.Number
	for i := range numNumbers {
		all = append(all, number(spelling(i, 0)))
	}
	return all
}
