package modeltest

import (
	"errors"
	"reflect"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
)

// report gives the result of a call: of a live one, of one that ran out, or of
// one that was reported before; or under a token that never was a call's.
func (w *world) report(q *dialer.Queue, o op, ref campaign.Ref, l *lease) {
	result := campaign.Result{Outcome: o.Outcome, Status: o.Status, Rang: o.Rang, Input: o.input(w.now),
		Actor: campaign.Actor{User: string(o.Agent), Agent: o.Agent}}
	answer, err := q.Report(ctx, ref, result)
	w.ev.err = err
	lost := (*dialer.LeaseLostError)(nil)
	errors.As(err, &lost)
	switch {
	case l == nil:
		if err == nil || lost != nil && lost.Kept {
			w.fail(4, "a report under token %d, which nobody was given, was taken", ref.Token)
		}
	case l.kept: // it was reported late before: the same answer, and the same error
		if !w.failed() && !w.stale() && (lost == nil || !lost.Kept || !reflect.DeepEqual(lost.Answer, l.answer)) {
			w.fail(2, "a second late report of call %d was answered\n%+v, %v\nthe first\n%+v, and that it was kept", ref.Token, answer, err, l.answer)
		}
	case l.reported: // it was reported before
		if err != nil {
			if !w.failed() && !w.stale() { // it may be refused for what was wrong with it
				w.fail(2, "a second report of call %d: %v", ref.Token, err)
			}
		} else if !reflect.DeepEqual(answer, l.answer) {
			w.fail(2, "a second report of call %d was answered\n%+v\nthe first\n%+v", ref.Token, answer, l.answer)
		}
	case err == nil:
		if l.ended && !l.expired {
			w.fail(4, "a report under token %d, which is lost, was taken", ref.Token)
			return
		}
		if l.ended && l.since == changedSince {
			w.fail(4, "a late report of call %d overwrote record %s, which was changed since", ref.Token, ref.Record)
		}
		w.accept(l, result, answer)
		return
	case lost != nil && lost.Kept:
		if !l.ended {
			w.fail(4, "a report under the live token %d: %v", ref.Token, err)
			return
		}
		if l.expired && l.since == untouched {
			w.fail(4, "a late report of call %d did not replace its unknown outcome, though nobody was given the record or changed it since", ref.Token)
		}
		w.keepRecord(l, result, lost.Answer)
	case w.injected(err) && l.ended && l.expired: // late: only the log tells whether it was written
		if c := w.logged(ref); c == nil || c.Expired {
		} else if c.Answer.Has(campaign.WhyKept) {
			w.keepRecord(l, result, c.Answer)
		} else {
			w.accept(l, result, c.Answer)
		}
		return
	}
	w.ev.same[ref.Record] = true
	if w.injected(err) {
		delete(w.ev.same, ref.Record)
		if l != nil && !l.reported {
			w.ev.result, w.ev.report = &result, l
		}
	}
}

// keepRecord notes a late report that went to the log and the lists alone.
// What was counted stays counted, unless a correction begins from the truth.
func (w *world) keepRecord(l *lease, result campaign.Result, answer campaign.Answer) {
	w.listedBy(l, result, answer)
	l.expired, l.reported, l.kept, l.answer = false, true, true, answer
	if c := w.calls[l.ref.Token]; c != nil {
		c.outcome = result.Outcome
	}
	r := w.records[l.ref.Record]
	now, talked := r.tally, r.talked
	r.tally = l.after.clone()
	w.count(l, campaign.Unknown, true, -1)
	l.truth = w.count(l, result.Outcome, result.Rang, 1)
	l.after = r.tally
	r.tally, r.talked = now, talked
}

// accept notes a report that was taken as the result of a call.
func (w *world) accept(l *lease, result campaign.Result, answer campaign.Answer) {
	r := w.records[l.ref.Record]
	late := l.ended
	l.ended, l.reported, l.answer = true, true, answer
	w.ev.result, w.ev.report, w.ev.answer = &result, l, answer
	w.ev.changed[l.ref.Record] = "reported"
	for _, ref := range l.with {
		w.ev.changed[ref.Record] = "call ended"
	}
	r.notBefore = time.Time{}
	w.listedBy(l, result, answer)
	if late { // the unknown outcome is taken back first
		w.count(l, campaign.Unknown, true, -1)
	}
	c := &call{ref: l.ref, contact: r.contact, number: l.number, dialed: l.dialed, ended: w.now, outcome: result.Outcome, inbound: l.inbound}
	if old := w.calls[l.ref.Token]; old != nil {
		c.dialed = old.dialed
	}
	c.counted = w.count(l, result.Outcome, result.Rang, 1)
	w.calls[l.ref.Token] = c
	l.after = r.tally.clone()
}

// count notes an attempt, or takes one back, and says whether it was one.
func (w *world) count(l *lease, outcome campaign.Outcome, rang bool, by int) bool {
	r := w.records[l.ref.Record]
	if l.phase == campaign.Offered { // given up before anything was dialled
		return false
	}
	if l.inbound {
		if by > 0 {
			r.unanswered, r.talked = 0, true
		}
		return false
	}
	counted := outcome.Counts(rang)
	silent := !counted && outcome != campaign.Barred
	if by > 0 {
		if silent {
			if r.unrung[l.number]++; r.unrung[l.number] >= 10 {
				counted, r.unrung[l.number] = true, 0
			}
		} else if outcome != campaign.Barred {
			r.unrung[l.number] = 0
		}
		if outcome == campaign.Barred {
			r.refused[l.number] = w.now.Add(24 * time.Hour)
		}
	}
	if counted {
		r.total, r.since, r.byNumber[l.number] = r.total+by, r.since+by, r.byNumber[l.number]+by
	}
	if outcome == campaign.Answered {
		r.unanswered, r.talked = 0, true
	} else if counted {
		r.unanswered += by
	}
	return counted
}

// listedBy notes the entries of an answer, and that a status which blacklists
// made one.
func (w *world) listedBy(l *lease, result campaign.Result, answer campaign.Answer) {
	w.list(answer.Listed...)
	w.asked(answer)
	chosen := result.Status
	if answer.Has(campaign.WhyRule) {
		chosen = answer.Status
	}
	s, ok := byStatus[chosen]
	if ok && s.Blacklist != "" && !w.listsCall(answer.Listed, l.number) {
		w.fail(4, "the report of call %d chose %s, and no entry for %v was written: %v", l.ref.Token, s.ID, l.number, answer.Listed)
	}
}

func (w *world) listsCall(entries []blacklist.Entry, n blacklist.Number) bool {
	return slices.ContainsFunc(entries, func(e blacklist.Entry) bool { return e.Number == n })
}
