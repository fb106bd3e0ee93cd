package enginetest

import (
	"slices"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// limitsAndGaps: no limit was passed, and the gap between two calls to a number
// was kept, whoever made them (invariants 3 and 12).
//
// A number whose call's lease ran out is free to be called again a moment before
// that is in the log, so only calls that were reported in time count here.
func (a *audit) limitsAndGaps() {
	for ref, f := range a.facts {
		if n := f.Record.Attempts.SinceReset; n > crewLimit {
			a.wrong("a record has too many attempts", "%v has %d of %d", ref, n, crewLimit)
		}
		for _, p := range f.Record.Phones {
			if p.Attempts > crewNumber {
				a.wrong("a number has too many attempts", "%v of %v has %d of %d", p.Number, ref, p.Attempts, crewNumber)
			}
		}
	}
	for n, trails := range a.byNumber() {
		var counted []time.Time // when earlier calls were dialled
		var free time.Time
		for _, l := range trails {
			_, from, _, _ := l.on()
			if from.Before(free) {
				a.wrong("the gap is not kept", "%v is called at %v; it is free from %v", n, from, free)
			}
			inside := 0
			for _, t := range counted {
				if t.After(from.Add(-crewSpan)) {
					inside++
				}
			}
			if inside >= crewTries {
				a.wrong("a number is called too often", "%v is called at %v, after %d calls in %v", n, from, inside, crewSpan)
			}
			c := a.calls[l.given.Ref.Token]
			if c == nil || c.Expired || !c.Counted || !l.inTime() || !c.Ended.Equal(l.hangup.At) {
				continue
			}
			free = l.hangup.At.Add(crewGap)
			counted = append(counted, c.Dialed)
		}
	}
}

// whoMayBeCalled: nobody is called outside of their hours, or where the hour is
// not known; nobody before their time; a paused campaign calls nobody; an own
// callback is its agent's until its release (invariants 8, 9, 17, 20, 21).
func (a *audit) whoMayBeCalled() {
	open := func(p campaign.Phone, at time.Time) bool {
		if len(p.Zones) == 0 {
			return false
		}
		zone, err := time.LoadLocation(p.Zones[0])
		require.NoError(a.t, err)
		hour := at.In(zone).Hour()
		return hour >= 6 && hour < 18
	}
	for token, l := range a.e.trails {
		g := &l.given
		r := a.records[campaign.Ref{Campaign: g.Ref.Campaign, Record: g.Ref.Record}]
		if r == nil {
			a.wrong("a record was given out that does not exist", "%v", g.Ref)
			continue
		}
		phone := func(n blacklist.Number) campaign.Phone {
			i := slices.IndexFunc(r.Phones, func(p campaign.Phone) bool { return p.Number == n })
			if i < 0 {
				a.wrong("a number was given out that is not the record's", "%v of %v", n, g.Ref)
				i = 0
			}
			return r.Phones[i]
		}
		if p := phone(g.Number); !open(p, g.Asked) && !open(p, g.At) {
			a.wrong("somebody is offered outside of their hours", "%v of %v at %v in %v", p.Number, g.Ref, g.At, p.Zones)
		}
		if n, from, _, ok := l.on(); ok {
			begin, _ := l.dialled()
			if p := phone(n); !open(p, begin) && !open(p, from) {
				a.wrong("somebody is called outside of their hours", "%v of %v at %v in %v", n, g.Ref, from, p.Zones)
			}
			if g.Ref.Campaign == rest && !a.paused.IsZero() && begin.After(a.paused) {
				a.wrong("a paused campaign calls", "call %d at %v, paused at %v", token, begin, a.paused)
			}
		}
		if g.Ref.Campaign == rest && !a.paused.IsZero() && g.Asked.After(a.paused) {
			a.wrong("a paused campaign offers", "call %d at %v, paused at %v", token, g.Asked, a.paused)
		}
		if g.At.Before(g.Due) {
			a.wrong("a record is offered before its time", "call %d at %v, due %v", token, g.At, g.Due)
		}
		if g.Lane == status.LaneOwn && g.Owner != g.Agent && (g.Agent == "" || g.At.Before(g.Due.Add(crewRelease))) {
			a.wrong("an own callback goes to somebody else", "call %d at %v to %q: it is %q's, due %v", token, g.At, g.Agent, g.Owner, g.Due)
		}
		if g.Lane == status.LaneProgressive && g.Agent == "" {
			a.wrong("a call that needs an agent goes to a machine", "call %d", token)
		}
	}
}

// refusals: who refused is on the list, in the same commit, and is not dialled
// from the answer on; nobody else is on it (invariants 18 and 19).
func (a *audit) refusals() {
	refused, asked := map[blacklist.Number]bool{}, map[blacklist.Number]bool{}
	for _, r := range a.records {
		for _, p := range r.Phones {
			asked[p.Number] = true
		}
	}
	for _, c := range a.calls {
		if c.Status == "never" {
			refused[c.Number] = true
		}
	}
	q := blacklist.Query{Now: a.now, Lists: []blacklist.List{blacklist.Global}}
	for n := range asked {
		q.Numbers = append(q.Numbers, n)
	}
	answers, err := a.store.Check(a.t.Context(), q)
	require.NoError(a.t, err)
	listed := map[blacklist.Number]bool{}
	for _, x := range answers {
		require.NoError(a.t, x.Err)
		listed[x.Number] = x.Listed
	}
	for n := range asked {
		if refused[n] != listed[n] {
			a.wrong("status and blacklist are not one", "%v: a call with the status: %v, listed: %v", n, refused[n], listed[n])
		}
	}
	since := map[blacklist.Number]time.Time{}
	for token, l := range a.e.trails {
		for _, n := range l.reports {
			if c := a.calls[token]; c != nil && c.Status == "never" && n.Answer.Status == "never" {
				if t, ok := since[c.Number]; !ok || n.At.Before(t) {
					since[c.Number] = n.At
				}
			}
		}
	}
	for token, l := range a.e.trails {
		n, _, _, ok := l.on()
		if begin, _ := l.dialled(); ok && !since[n].IsZero() && begin.After(since[n]) {
			a.wrong("somebody who refused is called", "call %d to %v at %v, refused at %v", token, n, begin, since[n])
		}
	}
}

// explained: for each record there is a time, an end or a reason, and the counts
// of the first reasons sum to all (invariants 14, 15, 16).
func (a *audit) explained() {
	ctx := a.t.Context()
	total, callable := 0, 0
	for _, id := range crewCampaigns {
		o, err := a.queue.Outlook(ctx, id, 1)
		require.NoError(a.t, err)
		sum := o.Callable
		for _, n := range o.Blockers {
			sum += n
		}
		assert.Equal(a.t, o.Total, sum, "campaign %s: %d callable and the first reasons %v sum to all", id, o.Callable, o.Blockers)
		total, callable = total+o.Total, callable+o.Callable
		if id == rest && !a.paused.IsZero() {
			assert.Zero(a.t, o.Callable, "a paused campaign has nobody to call")
		}
	}
	assert.Equal(a.t, len(a.records), total)
	n := 0
	for ref, f := range a.facts {
		asker := campaign.Asker{Agent: f.Record.Owner, Reserved: true}
		x, err := a.queue.Explain(ctx, ref, asker)
		require.NoError(a.t, err)
		if x.Callable {
			n++
		}
		if x.Callable == (len(x.Blockers) > 0) {
			a.wrong("nobody knows why a record is not called", "%v: callable %v, %v", ref, x.Callable, x.Blockers)
		}
		final := f.Record.Standing != status.StandingQueued
		if x.Callable && final || !x.Callable && !final && x.Earliest.IsZero() && !named(x.Blockers) {
			a.wrong("a record waits for nothing", "%v: %v, blockers %v", ref, f.Record.Progress, x.Blockers)
		}
		if effect := f.Record.Qualifier.Effect().Standing; final && effect != f.Record.Standing {
			a.wrong("a record's end is not explained", "%v is %v, its qualifier %v says %v", ref, f.Record.Standing, f.Record.Qualifier, effect)
		}
	}
	assert.Equal(a.t, callable, n, "explain and outlook are one")
}

// named reports whether a blocker stands in the way that no time lifts, and that
// somebody can.
func named(blockers []campaign.Blocker) bool {
	return slices.ContainsFunc(blockers, func(b campaign.Blocker) bool { return b.Until.IsZero() && b.Reason != campaign.ReasonNone })
}
