package enginetest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

// audit sets what the processes noted beside what the store has, once all of them
// are dead.
type audit struct {
	t       testing.TB
	e       *evidence
	store   *sqlstore.Store
	queue   *dialer.Queue
	now     time.Time
	paused  time.Time // from when on the campaign rest was paused; zero: never
	records map[campaign.Ref]*campaign.Record
	facts   map[campaign.Ref]campaign.Facts
	calls   map[campaign.Token]*campaign.Call
	inLog   int // entries of the log
	said    map[string]int
}

// newAudit settles what the dead have left, at a time at which all of it has run
// out, and reads everything.
func newAudit(t testing.TB, e *evidence, st *sqlstore.Store, records []campaign.Record, now time.Time) *audit {
	a := &audit{t: t, e: e, store: st, now: now, said: map[string]int{}, records: map[campaign.Ref]*campaign.Record{},
		facts: map[campaign.Ref]campaign.Facts{}, calls: map[campaign.Token]*campaign.Call{}}
	for i := range records {
		a.records[campaign.Ref{Campaign: records[i].Campaign, Record: records[i].ID}] = &records[i]
	}
	var err error
	a.queue, err = dialer.New(t.Context(), st, crewLoader(st), dialer.Config{Now: func() time.Time { return a.now }, Holder: "auditor"})
	require.NoError(t, err)
	a.settle()
	a.read()
	return a
}

// wrong reports what must not be, but not each of a thousand times.
func (a *audit) wrong(what string, format string, args ...any) {
	a.t.Helper()
	if a.said[what]++; a.said[what] <= 5 {
		a.t.Errorf(what+": "+format, args...)
	}
}

// settle ends the leases of the dead on the way of every lease that runs out: an
// ask comes across them. It leases something itself, and gives it back.
func (a *audit) settle() {
	for range 1000 {
		sel, err := a.queue.Next(a.t.Context(), dialer.Ask{Agent: "auditor", Limit: 1})
		require.NoError(a.t, err)
		for _, c := range sel.Calls {
			require.NoError(a.t, a.queue.Release(a.t.Context(), c.Ref))
		}
		if sel.NextExpiry.IsZero() || sel.NextExpiry.After(a.now) {
			return
		}
	}
	a.wrong("what has run out is not settled", "after a thousand asks")
}

// read takes every record as it is, with its part of the log.
func (a *audit) read() {
	ctx := a.t.Context()
	for f, err := range a.store.Find(ctx, campaign.Filter{At: a.now}, campaign.Need{NoCalls: true}) {
		require.NoError(a.t, err)
		ref := campaign.Ref{Campaign: f.Record.Campaign, Record: f.Record.ID}
		if _, twice := a.facts[ref]; twice {
			a.wrong("a record is found twice", "%v", ref)
		}
		var entries []campaign.Entry
		entries, f.History, err = a.store.History(ctx, ref)
		require.NoError(a.t, err)
		a.facts[ref] = f
		for _, c := range f.History {
			a.inLog++
			if other := a.calls[c.Token]; other != nil {
				a.wrong("a call is in the log twice", "%d of %v and of %v", c.Token, ref, other.Record)
			}
			a.calls[c.Token] = c
		}
		if f.Record.Standing == status.StandingClosed && len(f.History)+len(entries) == 0 {
			a.wrong("a record is closed and nothing says why", "%v: %v", ref, f.Record.Progress)
		}
	}
}

// all makes every check. Each says which invariant it shows.
func (a *audit) all() {
	for _, n := range a.e.faults {
		a.wrong("a process saw what must not be", "%s", n.Text)
	}
	a.nothingIsLost()
	a.nobodyIsCalledTwiceAtOnce()
	a.everyCallIsLoggedOnce()
	a.everyAttemptIsCountedOnce()
	a.whatWasAnsweredIsSo()
	a.limitsAndGaps()
	a.whoMayBeCalled()
	a.refusals()
	a.explained()
}

// nothingIsLost: every record is there, in one state; no lease is left, and
// nothing is held by one (invariants 5, 6, 7).
func (a *audit) nothingIsLost() {
	ctx := a.t.Context()
	counts, err := a.store.Count(ctx, campaign.Filter{At: a.now}, campaign.ByState)
	require.NoError(a.t, err)
	sum := 0
	for _, n := range counts {
		sum += n
	}
	assert.Equal(a.t, len(a.records), sum, "the states %v sum to the records that were added", counts)
	assert.Zero(a.t, counts[campaign.StateLeased.String()], "a lease is left when all have run out")
	var refs []campaign.Ref
	for ref := range a.records {
		if _, ok := a.facts[ref]; !ok {
			a.wrong("a record is lost", "%v", ref)
		}
		refs = append(refs, ref)
	}
	var looked campaign.Looked
	require.NoError(a.t, a.store.Look(ctx, campaign.Need{NoCalls: true}, &looked, refs...))
	for _, f := range looked.Facts {
		if f.Lease.Token != 0 || len(f.Busy) > 0 {
			a.wrong("something is held when all leases have run out", "record %s of %s: lease %d, busy %v", f.Record.ID, f.Record.Campaign, f.Lease.Token, f.Busy)
		}
	}
}

// span is a time in which something was certainly held, as its process knew.
type span struct {
	from, to time.Time
	token    campaign.Token
	process  int
}

// apart finds two of the spans of one thing that overlap.
func apart[K comparable](a *audit, what string, spans map[K][]span) {
	for key, all := range spans {
		slices.SortFunc(all, func(x, y span) int { return x.from.Compare(y.from) })
		last := all[0]
		for _, s := range all[1:] {
			if s.token != last.token && s.from.Before(last.to) {
				a.wrong(what, "%v: call %d of process %d from %v to %v, call %d of process %d from %v to %v", key,
					last.token, last.process, last.from, last.to, s.token, s.process, s.from, s.to)
			}
			if s.to.After(last.to) {
				last = s
			}
		}
	}
}

// nobodyIsCalledTwiceAtOnce: by the clocks and journals of the processes alone
// no number, contact or record was in two calls, or in two offers, at a time
// (invariants 1 and 4: a lease that was extended after it was lost would overlap).
func (a *audit) nobodyIsCalledTwiceAtOnce() {
	numbers, contacts, records := map[blacklist.Number][]span{}, map[campaign.ContactID][]span{}, map[campaign.Ref][]span{}
	for token, l := range a.e.trails {
		ref := campaign.Ref{Campaign: l.given.Ref.Campaign, Record: l.given.Ref.Record}
		if from, to, ok := l.offered(); ok {
			s := span{from, to, token, l.process}
			numbers[l.given.Number] = append(numbers[l.given.Number], s)
			records[ref] = append(records[ref], s)
		}
		if n, from, to, ok := l.on(); ok {
			s := span{from, to, token, l.process}
			numbers[n] = append(numbers[n], s)
			records[ref] = append(records[ref], s)
			contacts[l.given.Contact] = append(contacts[l.given.Contact], s)
		}
	}
	apart(a, "a number is called twice at once", numbers)
	apart(a, "a contact is called twice at once", contacts)
	apart(a, "a record is given out twice at once", records)
}

// everyCallIsLoggedOnce: what was dialled is in the log, as it was reported or as
// unknown, and nothing else is (invariants 2, 4, 6).
func (a *audit) everyCallIsLoggedOnce() {
	for token, l := range a.e.trails {
		c := a.calls[token]
		if _, _, _, ok := l.on(); ok && c == nil {
			a.wrong("a call is lost", "%d of %v was dialled at %v by process %d", token, l.given.Ref, l.started.At, l.process)
		}
		if c == nil {
			continue
		}
		_, dialled := l.dialled()
		if !dialled && !c.Dialed.IsZero() {
			a.wrong("a call is in the log that nobody dialled", "%d of %v: %v", token, l.given.Ref, c.Outcome)
		}
		if c.Record != l.given.Ref.Record || c.Campaign != l.given.Ref.Campaign {
			a.wrong("a call is another record's", "%d of %v: %s of %s", token, l.given.Ref, c.Record, c.Campaign)
		}
		tried := c.Expired && c.Outcome == campaign.Unknown || slices.ContainsFunc(l.tried, func(n note) bool { return n.Outcome == c.Outcome })
		if !tried {
			a.wrong("the log has an outcome that nobody reported", "%d of %v: %v", token, l.given.Ref, c.Outcome)
		}
		for _, n := range l.reports {
			if n.Lost && !n.Kept {
				a.wrong("the report of a call was refused", "%d of %v", token, l.given.Ref)
			} else if n.Answer.Outcome != c.Outcome || c.Expired {
				a.wrong("a report that was taken is not in the log", "%d of %v: %v was answered, the log says %v (expired %v)", token, l.given.Ref, n.Answer.Outcome, c.Outcome, c.Expired)
			}
		}
	}
	unknown := 0
	for token, c := range a.calls {
		if a.e.trails[token] != nil || c.Dialed.IsZero() {
			continue
		}
		unknown++
		if !c.Expired || c.Outcome != campaign.Unknown {
			a.wrong("a call that nobody knows of has an outcome", "%d of %s: %v", token, c.Record, c.Outcome)
		}
	}
	if unknown > a.e.inFlight {
		a.wrong("calls came from nowhere", "%d are in the log and in no journal; asks whose answers were lost may have brought %d", unknown, a.e.inFlight)
	}
}

// everyAttemptIsCountedOnce: the counters of a record are those of its calls in
// the log (invariant 12).
func (a *audit) everyAttemptIsCountedOnce() {
	for ref, f := range a.facts {
		total, by := 0, map[blacklist.Number]int{}
		for _, c := range f.History {
			if c.Counted {
				total++
				by[c.Number]++
			}
		}
		if f.Record.Attempts.Total != total {
			a.wrong("attempts are not those of the log", "%v has %d, the log %d", ref, f.Record.Attempts.Total, total)
		}
		for _, p := range f.Record.Phones {
			if p.Attempts != by[p.Number] {
				a.wrong("attempts of a number are not those of the log", "%v of %v has %d, the log %d", p.Number, ref, p.Attempts, by[p.Number])
			}
		}
	}
}

// whatWasAnsweredIsSo: the last call of a record left it as its report was told
// (invariants 2, 5, 14, 20: a promised callback is there, at its time).
func (a *audit) whatWasAnsweredIsSo() {
	for ref, f := range a.facts {
		l := a.e.trails[f.Record.LastToken]
		if l == nil || len(l.reports) == 0 || l.reports[len(l.reports)-1].Lost {
			continue
		}
		r, answer := &f.Record, l.reports[len(l.reports)-1].Answer
		if r.Standing != answer.Standing || r.Lane != answer.Lane || r.Status != answer.Status || r.Attempts.SinceReset != answer.Attempts || !r.Due.Equal(answer.Due) {
			a.wrong("a record is not as the report of its last call was told", "%v, call %d: %v %v %q %d attempts, due %v; told %v %v %q %d, %v", ref, r.LastToken,
				r.Standing, r.Lane, r.Status, r.Attempts.SinceReset, r.Due, answer.Standing, answer.Lane, answer.Status, answer.Attempts, answer.Due)
		}
		if promised := r.Qualifier.Effect().Callback; promised != r.Promised && r.Standing == status.StandingQueued && answer.Outcome == campaign.Answered {
			a.wrong("a promise is not kept", "%v is %v, promised %v", ref, r.Qualifier, r.Promised)
		}
	}
}

// byNumber are the calls that were certainly reported as they ended, by what they
// dialled, each with its trail, in their order.
func (a *audit) byNumber() map[blacklist.Number][]*trail {
	all := map[blacklist.Number][]*trail{}
	for _, token := range slices.Sorted(maps.Keys(a.e.trails)) {
		if n, _, _, ok := a.e.trails[token].on(); ok {
			all[n] = append(all[n], a.e.trails[token])
		}
	}
	for _, trails := range all {
		slices.SortFunc(trails, func(x, y *trail) int {
			_, fx, _, _ := x.on()
			_, fy, _, _ := y.on()
			return cmp.Compare(fx.UnixNano(), fy.UnixNano())
		})
	}
	return all
}

func (a *audit) stats() string {
	reported, inherited, lost, expired, dialled := 0, 0, 0, 0, 0
	for token, l := range a.e.trails {
		if _, ok := l.dialled(); ok {
			dialled++
		}
		if len(l.reports) > 0 {
			reported++
			if l.inherited {
				inherited++
			}
			if l.reports[len(l.reports)-1].Lost {
				lost++
			}
		}
		if c := a.calls[token]; c != nil && c.Expired {
			expired++
		}
	}
	return fmt.Sprintf("%d leases given, %d dialled, %d reported (%d by a successor, %d when the record had moved on), %d ran out for good; %d entries in the log, %d asks cut off, %d times away",
		len(a.e.trails), dialled, reported, inherited, lost, expired, a.inLog, a.e.inFlight, len(a.e.errors))
}
