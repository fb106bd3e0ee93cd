package modeltest

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// checks are all that must hold after a step.
var checks = []struct {
	invariant int
	holds     func(*world) string
}{
	{1, check01OneLease}, {2, check02Log}, {4, check04Fence}, {5, check05States}, {5, check05Untouched}, {6, check06Ends},
	{7, check07Recovery}, {0, checkGrants}, {11, check11Delays}, {12, check12Counters}, {17, check17Configuration},
	{19, check19OneCommit}, {20, check20Callbacks}, {0, checkMessage}, {0, checkEdit}, {0, checkRuled}, {0, checkRank}, {0, checkComputed}, {0, checkFields}, {0, checkActions}, {15, check15Explain}, {16, check16Sums},
}

// checkGrants passes every right to call through the rules.
func checkGrants(w *world) string {
	for _, g := range w.ev.grants {
		f, ok := w.prev[g.lease.ref.Record]
		if !ok {
			return fmt.Sprintf("a call for record %s, which was not there before", g.lease.ref.Record)
		}
		for _, r := range rules {
			if g.lease.inbound && r.invariant != 1 {
				continue
			}
			if msg := r.forbids(w, g, f); msg != "" {
				w.fail(r.invariant, "%s", msg)
				return msg
			}
		}
	}
	return ""
}

// check01OneLease: no number is dialled or talked to in two calls at once,
// whoever knows of them; and none is in two offers that reached somebody.
func check01OneLease(w *world) string {
	type hold struct{ record, call any }
	seen := map[blacklist.Number]hold{}
	for _, id := range w.order {
		l := w.cur[id].Lease
		if l.Token == 0 || !l.Until.After(w.now) || l.Number == 0 || l.Token != l.Call {
			continue
		}
		if known := w.holder(id); known != nil && known.orphan && l.Phase == campaign.Offered {
			continue // an offer that reached nobody proposes a number without holding it
		}
		if other, twice := seen[l.Number]; twice && other.call != any(l.Call) {
			return fmt.Sprintf("number %v is in the live leases of the records %v and %s", l.Number, other.record, id)
		}
		seen[l.Number] = hold{id, l.Call}
	}
	// The same once more for what the answers said: a store that forgets a lease
	// does not undo the call.
	started := map[blacklist.Number]*lease{}
	for _, l := range w.leases {
		if !w.live(l) || l.settling || l.phase == campaign.Offered {
			continue
		}
		if other := started[l.number]; other != nil {
			return fmt.Sprintf("number %v is dialled in the calls %d and %d at once", l.number, other.ref.Token, l.ref.Token)
		}
		started[l.number] = l
	}
	return ""
}

// check02Log: the log has each call once, as it was last reported.
func check02Log(w *world) string {
	for _, id := range w.order {
		seen := map[campaign.Token]bool{}
		for _, c := range w.cur[id].History {
			if c.Record != id { // its own, wherever it was when it was called
				continue
			}
			if seen[c.Token] {
				return fmt.Sprintf("call %d is in the log of record %s twice", c.Token, id)
			}
			seen[c.Token] = true
			known := w.calls[c.Token]
			switch {
			case known == nil:
				return fmt.Sprintf("the log of record %s has call %d (%v), which nobody reported and which did not expire", id, c.Token, c.Outcome)
			case known.outcome != c.Outcome || known.counted != c.Counted || known.number != c.Number:
				return fmt.Sprintf("call %d of record %s to %v: %v, counted %v; the log says %v: %v, counted %v",
					c.Token, id, known.number, known.outcome, known.counted, c.Number, c.Outcome, c.Counted)
			}
		}
		for token, c := range w.calls {
			if c.ref.Record == id && !seen[token] {
				return fmt.Sprintf("call %d of record %s (%v) is not in the log", token, id, c.outcome)
			}
		}
	}
	return ""
}

// check04Fence: a refused operation left the record and its lease alone.
func check04Fence(w *world) string {
	for id, same := range w.ev.same {
		if !same {
			continue
		}
		before, after := w.prev[id], w.cur[id]
		if before.Record.Version != after.Record.Version || before.Lease.Token != after.Lease.Token || !before.Lease.Until.Equal(after.Lease.Until) {
			return fmt.Sprintf("an operation that was refused (%v) changed record %s: version %d to %d, lease %d to %d until %v",
				w.ev.err, id, before.Record.Version, after.Record.Version, before.Lease.Token, after.Lease.Token, after.Lease.Until)
		}
	}
	return ""
}

// check05States: every record is found once, in one state; the counts sum.
func check05States(w *world) string {
	counts, err := w.store.Count(ctx, campaign.Filter{At: w.now}, campaign.ByState)
	if err != nil {
		return err.Error()
	}
	sum := 0
	for _, n := range counts {
		sum += n
	}
	found := map[campaign.RecordID]int{}
	for f, err := range w.store.Find(ctx, campaign.Filter{At: w.now}, campaign.Need{NoCalls: true}) {
		if err != nil {
			return err.Error()
		}
		found[f.Record.ID]++
	}
	for _, id := range w.order {
		if found[id] != 1 {
			return fmt.Sprintf("record %s is found %d times", id, found[id])
		}
		if w.cur[id].Record.ID != id {
			return fmt.Sprintf("record %s is not there", id)
		}
	}
	if sum != len(w.order) || len(found) != len(w.order) {
		return fmt.Sprintf("%d records were added, %d are found, and the states %v sum to %d", len(w.order), len(found), counts, sum)
	}
	for _, id := range w.order {
		r := w.cur[id].Record
		if r.Standing == status.StandingKeep || (r.Standing == status.StandingQueued) != (r.Lane != status.LaneNone) {
			return fmt.Sprintf("record %s is %v in lane %v: a record waits in a lane if and only if it is queued", id, r.Standing, r.Lane)
		}
	}
	return ""
}

// check05Untouched: what an operation did not name stays as it was.
func check05Untouched(w *world) string {
	for _, id := range w.order {
		before, ok := w.prev[id]
		if !ok || w.ev.changed[id] != "" && w.ev.changed[id] != "leased" && w.ev.changed[id] != "released" && w.ev.changed[id] != "refused" {
			continue
		}
		if w.ev.faulted && id == w.op.Record {
			continue
		}
		after := w.cur[id]
		if !reflect.DeepEqual(before.Record.Progress, after.Record.Progress) || !reflect.DeepEqual(before.Record.Phones, after.Record.Phones) {
			return fmt.Sprintf("record %s changed (%q) from\n%+v %+v\nto\n%+v %+v", id, w.ev.changed[id],
				before.Record.Progress, before.Record.Phones, after.Record.Progress, after.Record.Phones)
		}
	}
	return ""
}

// check06Ends: every lease runs out, no later than its phase allows.
func check06Ends(w *world) string {
	for _, l := range w.leases {
		if l.ended {
			continue
		}
		s := w.settings[l.ref.Campaign]
		most := map[campaign.Phase]time.Duration{campaign.Offered: s.offer(), campaign.Dialed: s.dial(), campaign.Talking: s.talk()}[l.phase]
		if l.inbound {
			most = 4 * time.Hour
		}
		if limit := w.latest.Add(most); l.until.IsZero() || l.until.After(limit) {
			return fmt.Sprintf("the lease %d in phase %d runs until %v: want %v at the latest", l.ref.Token, l.phase, l.until, limit)
		}
	}
	return ""
}

// check07Recovery: an ask settles whatever has run out, of whichever process.
func check07Recovery(w *world) string {
	if !w.ev.selected {
		return ""
	}
	for _, id := range w.order {
		if l := w.cur[id].Lease; l.Token != 0 && !l.Until.After(w.now) {
			return fmt.Sprintf("the lease %d of record %s ran out at %v, and an ask at %v left it as it was", l.Token, id, l.Until, w.now)
		}
	}
	return ""
}

// check11Delays: after a call that agreed nothing the retry delay passes, in
// wall time or, if the campaign says so, in open hours.
func check11Delays(w *world) string {
	l := w.ev.report
	if w.op.Kind != opReport || l == nil || w.ev.result == nil || !l.reported || w.ev.result.Status != "" || l.inbound {
		return ""
	}
	switch w.ev.result.Outcome {
	case campaign.NoAnswer, campaign.LineBusy, campaign.Voicemail, campaign.Rejected, campaign.Unknown:
	default:
		return ""
	}
	r := w.cur[l.ref.Record].Record
	if r.Standing != status.StandingQueued || len(r.Phones) == 0 || l.answer.Has(campaign.WhyRule) ||
		l.answer.Has(campaign.WhyCallbackKept) && l.early() {
		return ""
	}
	s := w.settings[l.ref.Campaign]
	d := s.delay(w.ev.result.Outcome)
	want := w.now.Add(d)
	if s.cfg.Retry.OpenHours {
		if s.cfg.End != "" {
			return "" // an ended campaign has no open hours to count
		}
		zones, ok := s.zonesOf(r.Phones[r.Next])
		if !ok {
			return ""
		}
		if want, ok = s.people.add(s.begun(w.now), d, s.free(r.Phones[r.Next].Region), zones...); !ok {
			return ""
		}
	}
	if !r.Due.Equal(want) {
		return fmt.Sprintf("record %s: %v at %v, the delay is %v (open hours: %v); due at %v, want %v",
			r.ID, w.ev.result.Outcome, w.now, d, s.cfg.Retry.OpenHours, r.Due, want)
	}
	return ""
}

// check12Counters: the counters are those of the calls that were dialled.
func check12Counters(w *world) string {
	for _, id := range w.order {
		r, known := w.cur[id].Record, w.records[id]
		if r.Attempts.Total != known.total || r.Attempts.SinceReset != known.since {
			return fmt.Sprintf("record %s had %d counted dials, %d since it was made unused; it says %d and %d",
				id, known.total, known.since, r.Attempts.Total, r.Attempts.SinceReset)
		}
		for _, p := range r.Phones {
			if p.Attempts != known.byNumber[p.Number] {
				return fmt.Sprintf("%v of record %s had %d counted dials; it says %d", p.Number, id, known.byNumber[p.Number], p.Attempts)
			}
		}
	}
	return ""
}

// check17Configuration: who gives out a call knows the newest configuration.
func check17Configuration(w *world) string {
	for _, g := range w.ev.grants {
		if g.lease.inbound {
			continue
		}
		c, err := w.queues[w.op.Queue%numQueues].queue.Campaign(g.lease.ref.Campaign)
		if err != nil {
			return err.Error()
		}
		if newest := w.settings[g.lease.ref.Campaign].cfg.Revision; c.Revision() != newest {
			return fmt.Sprintf("record %s was given out under revision %d of campaign %s; %d is known", g.lease.ref.Record, c.Revision(), c.ID(), newest)
		}
	}
	return ""
}

// check19OneCommit: the lists are what was written by hand and with statuses,
// no more and no less, to the instant.
func check19OneCommit(w *world) string {
	for _, list := range []blacklist.List{blacklist.Global, shop} {
		q := blacklist.Query{Now: w.now, Numbers: numbers()}
		if list != blacklist.Global {
			q.Lists = []blacklist.List{list}
		}
		answers, err := w.store.Check(ctx, q)
		if err != nil {
			return err.Error()
		}
		for _, n := range q.Numbers {
			e, on := w.lists[blacklist.Key{List: list, Number: n}]
			want := on && (e.Until.IsZero() || w.now.Before(e.Until))
			got := slices.ContainsFunc(answers, func(a blacklist.Answer) bool { return a.Number == n && a.Listed && a.Entry.List == list })
			if want != got {
				return fmt.Sprintf("%v on list %s at %v: the store says %v, want %v (%+v)", n, list, w.now, got, want, e)
			}
		}
	}
	return ""
}

// pending says whether a record waits as a callback: in the lanes of callbacks,
// or, after a drop where calls are placed without agents, in the one that waits
// for a reserved agent. There the lane tells no more, so that it must have been
// promised before, whatever the qualifier.
func pending(r campaign.Record, promised bool) bool {
	return r.Standing == status.StandingQueued && (r.Lane == status.LaneOwn || r.Lane == status.LanePublic ||
		r.Lane == status.LaneProgressive && r.NeedsAgent && (promised || r.Qualifier.Effect().Callback))
}

// check20Callbacks: a callback ends done, cancelled by somebody, or given up
// after its number of tries; and not otherwise.
func check20Callbacks(w *world) string {
	for _, id := range w.order {
		before, ok := w.prev[id]
		r, after := w.records[id], w.cur[id].Record
		was := ok && pending(before.Record, r.promised)
		if w.ev.changed[id] == "set" && w.op.Record == id && w.ev.err == nil && after.Owner != w.ev.answer.Owner {
			return fmt.Sprintf("record %s belongs to %q, and the answer to its status said %q", id, after.Owner, w.ev.answer.Owner)
		}
		if was {
			if msg := w.promise(id, before.Record, after); msg != "" {
				return fmt.Sprintf("the callback of record %s (%v, lane %v, owner %q, due %v) is now %v %v, lane %v, owner %q, due %v: %s",
					id, before.Record.Qualifier, before.Record.Lane, before.Record.Owner, before.Record.Due,
					after.Standing, after.Qualifier, after.Lane, after.Owner, after.Due, msg)
			}
		}
		if r.promised = pending(after, was && !w.decided(id)); !r.promised {
			r.misses, r.rung = 0, 0
		}
	}
	return ""
}

// decided says whether the step gave a record a new status, or let its callback
// go: then only lane and qualifier say whether one is pending.
func (w *world) decided(id campaign.RecordID) bool {
	switch w.ev.changed[id] {
	case "set", "correct":
		return true
	case "reported", "expired":
		answer, ok := w.answerOf(id)
		before, after := w.prev[id].Record, w.cur[id].Record
		return ok && !answer.Has(campaign.WhyCallbackKept) && !before.StatusAt.Equal(after.StatusAt)
	}
	return false
}

// promise says what is wrong with what became of a pending callback in a step.
func (w *world) promise(id campaign.RecordID, before, after campaign.Record) string {
	same := pending(after, !w.decided(id)) && (before.Lane == after.Lane || after.NeedsAgent) && before.Owner == after.Owner
	r := w.records[id]
	switch cause := w.ev.changed[id]; cause {
	case "set", "correct":
		r.misses, r.rung = 0, 0
		return ""
	case "skipped":
		if same && before.Due.Equal(after.Due) || after.Standing == status.StandingHeld && after.Attention {
			return ""
		}
		return "a skip keeps place and next call, or holds it with attention"
	case "reported", "expired":
		return w.missed(id, same, after)
	default:
		if w.ev.faulted && w.op.Record == id || same && before.Due.Equal(after.Due) {
			return ""
		}
		return fmt.Sprintf("nothing that was done (%q) ends it or moves it", cause)
	}
}

// missed is what may become of a callback by a call.
func (w *world) missed(id campaign.RecordID, same bool, after campaign.Record) string {
	r := w.records[id]
	answer, ok := w.answerOf(id)
	if res := w.ev.result; w.ev.changed[id] == "reported" && res != nil {
		if res.Status != "" {
			r.misses, r.rung = 0, 0
			return ""
		}
		switch res.Outcome {
		case campaign.Answered, campaign.FaxSent, campaign.SMSSent, campaign.Played:
			return "" // somebody was reached, or what was to be delivered was
		}
		if w.ev.report.inbound || w.ev.report.expired {
			return ""
		}
		if same && w.ev.report.early() {
			return "" // not the call that was promised
		}
		r.rung += b2i(res.Outcome.Counts(res.Rang))
	} else {
		for _, l := range w.ev.expired {
			if same && l.ref.Record == id && (l.inbound || l.early()) {
				return ""
			}
		}
		r.rung++
	}
	r.misses++
	tries := w.settings[r.ref.Campaign].tries()
	switch {
	case ok && answer.Has(campaign.WhyRule):
		r.misses, r.rung = 0, 0
		return "" // a rule is a named decision too: what it sets is a new promise
	case same && r.rung >= tries:
		return fmt.Sprintf("%d calls reached nobody, it is given up after %d", r.rung, tries)
	case same:
		return ""
	case !ok:
		return "no answer says why"
	case answer.Has(campaign.WhyCallbackGivenUp):
		if r.misses < tries {
			return fmt.Sprintf("given up after %d calls: want %d", r.misses, tries)
		}
		return ""
	case answer.Has(campaign.WhyAttemptLimit), answer.Has(campaign.WhyUnansweredLimit), answer.Has(campaign.WhyNoNumberLeft):
		return ""
	}
	return fmt.Sprintf("nobody was reached and no status was chosen; the answer says %q", answer.Why)
}
