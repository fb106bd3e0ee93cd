package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nextcall/nextcall/campaign"
)

// mine are the records that a process has leased, with their leases, as the
// database had them when the process wrote the lease, and the newest revisions of
// their campaigns. Others may have changed them since: nextcall_settle compares
// them before it writes. Only whoever leads the line touches it.
type mine struct {
	held  map[key]held
	known map[campaign.ID]int64
	shy   shy
}

type held struct {
	row   *row
	lease *lease
	all   bool // the lease holds all that the record needs, and nothing else
}

// mostMine is how many records a process remembers, a few kilobytes each.
const mostMine = 8192

func newMine() *mine {
	return &mine{held: make(map[key]held), known: make(map[campaign.ID]int64)}
}

// keep remembers what a transaction has left leased, and forgets what it has not.
func (m *mine) keep(r *run) {
	if m == nil {
		return
	}
	for k, x := range r.rows {
		delete(m.held, k)
		if x == nil || x.lease == 0 {
			continue
		}
		l := r.leases[x.lease]
		if l == nil || l.on != k || x.own(r.st.layouts) != nil {
			continue
		}
		if terms, err := r.termsOf(l); err != nil || len(terms.With) > 0 {
			continue
		}
		if len(m.held) >= mostMine {
			for old := range m.held { // one that was settled elsewhere stays otherwise
				delete(m.held, old)
				break
			}
		}
		m.held[k] = held{x, l, r.holdsAll(x, l)}
	}
	for id, k := range r.known {
		if k.stored {
			m.known[id] = k.revision
		}
	}
}

// holdsAll reports whether a lease is known to hold all that its record needs, and
// nothing else. As long as neither changes that stays so: only the end of a lease,
// other terms of it and another version of its record give something back.
func (r *run) holdsAll(x *row, l *lease) bool {
	terms, err := r.termsOf(l)
	if err != nil || terms.Number != 0 && !x.has(terms.Number) {
		return false
	}
	return !slices.ContainsFunc(x.needs(nil), func(what guarded) bool {
		g := r.guards[what]
		return g == nil || g.now != l.call
	})
}

// guess is what a run takes to be in the database.
type guess struct {
	met      []campaign.ID
	was      map[key]was
	supposed map[key]supposed
	whole    bool // all changes are made: what is to be written may be
	sent     bool // the database has been asked whether it is so
	right    bool // it was so
}

// was is of a record what changes without a change of its lease, as it is
// remembered, and all of the lease.
type was struct {
	version, latest, park, parkedAt int64
	lease                           lease
}

// errGuess says that something is not known, or not as the process remembers it.
var errGuess = errors.New("it is not as it was remembered")

// sure reports whether a change needs nothing but what is remembered: it ends the
// lease, or gives it other terms that take no more than it holds.
func (h *held) sure(ch *campaign.Change) bool {
	if ch.Ref.Token == 0 || ch.Add || ch.Erase || ch.Contact != nil || ch.Forget != "" ||
		len(ch.List)+len(ch.Unlist)+len(ch.Wake)+len(ch.Actions)+len(ch.Also) > 0 {
		return false
	}
	if ch.Extend {
		return ch.Lease != nil && ch.Record == nil && ch.Call == nil && h.all && ch.Ref.Token == h.lease.token &&
			(ch.Lease.Number == 0 || h.row.has(ch.Lease.Number))
	}
	return ch.Lease == nil && (ch.Ref.Token == h.lease.token || ch.Ref.Token == h.lease.call)
}

// guessing returns a run that knows what changes need which end leases of this
// process or let them go on, or which need to know nothing, or nil if something is
// not known or something else is asked for. What it knows is remembered no longer.
func (st *Store) guessing(ctx context.Context, jobs []*job) *run {
	if st.mine == nil {
		return nil
	}
	bares, any := false, false
	for _, j := range jobs {
		if j.claim != nil {
			continue
		}
		if len(j.changes) == 0 {
			return nil
		}
		for i := range j.changes {
			ch := &j.changes[i]
			h, ok := st.mine.held[keyOf(ch.Ref)]
			switch {
			case ok && h.sure(ch):
			case ok || !bare(ch):
				return nil
			default:
				bares = true
			}
			any = true
		}
	}
	if !any || bares && st.mine.shy.passes() {
		return nil
	}
	r := st.newRun(ctx, nil)
	r.ours = true
	r.guess = &guess{was: make(map[key]was), supposed: make(map[key]supposed)}
	for _, j := range jobs {
		for i := range j.changes {
			if !r.assume(&j.changes[i]) {
				return nil
			}
		}
	}
	slices.Sort(r.guess.met)
	return r
}

// assume enters what is remembered of the record of a change, or supposed.
func (r *run) assume(ch *campaign.Change) bool {
	k := keyOf(ch.Ref)
	h, ok := r.st.mine.held[k]
	if !ok {
		_, again := r.guess.was[k] // two changes of one record
		return again || r.suppose(ch)
	}
	delete(r.st.mine.held, k)
	x := h.row
	r.rows[k], r.leases[h.lease.call] = x, h.lease
	for _, what := range x.needs(nil) {
		if h.all {
			r.guards[what] = &guard{guarded: what, was: h.lease.call, now: h.lease.call}
		}
	}
	r.guess.was[k] = was{x.record.Version, int64(x.latest), micros(x.record.Park.Until), x.record.Park.Revision, *h.lease}
	if r.known[k.campaign] == nil {
		r.known[k.campaign] = &known{revision: r.st.mine.known[k.campaign], stored: true}
		r.guess.met = append(r.guess.met, k.campaign)
	}
	return true
}

// transactGuessing does jobs with what the process remembers: Commits alone in one
// statement, which is a transaction by itself. It returns false if that cannot be
// done; nothing is written then.
func (st *Store) transactGuessing(ctx context.Context, jobs []*job) (done bool, err error) {
	r := st.guessing(ctx, jobs)
	if r == nil {
		return false, nil
	}
	if slices.ContainsFunc(jobs, func(j *job) bool { return j.claim != nil }) || len(r.guess.was) > 0 && len(r.guess.supposed) > 0 {
		if r.tx, err = st.db.BeginTx(ctx, nil); err != nil {
			return true, fmt.Errorf("sqlstore: begin: %w", err)
		}
	}
	ended := false
	defer func() {
		if r.tx != nil && !ended { // a panic as well
			_ = r.tx.Rollback()
		}
	}()
	if err := r.lockAll(jobs); err != nil {
		return true, fmt.Errorf("sqlstore: begin: %w", err)
	}
	if err := r.do(jobs); err != nil {
		switch {
		case errors.Is(err, errGuess) || stateOf(err) == refused:
			if len(r.guess.supposed) > 0 {
				st.mine.shy.refused()
			}
			return false, nil
		case r.tx == nil && r.guess.sent && !surely(err):
			err = fmt.Errorf("%w: %w", errEnd, err)
		}
		return true, fmt.Errorf("sqlstore: %w", err)
	}
	if r.tx != nil {
		ended = true
		if err := r.tx.Commit(); err != nil {
			return true, fmt.Errorf("sqlstore: %w: %w", errEnd, err)
		}
	}
	if len(r.guess.supposed) > 0 {
		st.mine.shy = shy{}
	}
	st.mine.keep(r)
	return true, nil
}

// lockAll takes the locks of the campaigns of jobs where Claims come behind Commits
// that do not name all of theirs. Every transaction takes these locks in one order:
// those that took a few first and the others later would wait for each other.
func (r *run) lockAll(jobs []*job) error {
	ids := campaignsOf(jobs)
	if r.tx == nil || len(ids) == len(r.guess.met) {
		return nil
	}
	slices.Sort(ids)
	_, err := r.exec(pgJoin, texts(ids))
	return err
}

// surely reports whether an error of a statement that is its own transaction says
// that nothing was written: the server refused a value, or it began another one first.
func surely(err error) bool {
	state := stateOf(err)
	return crossed(err) || len(state) == 5 && slices.Contains([]string{"22", "23", "42", "54"}, state[:2])
}

// settle writes what changes have made of the records that are remembered. It fails
// if they were not as they are remembered.
func (r *run) settle() error {
	if r.denied || r.counted {
		return r.fail(errGuess)
	}
	var s settled
	var b bared
	for _, x := range r.dirty {
		if was, ok := r.guess.supposed[x.key()]; ok {
			if x.changed&(added|renumbered) != 0 {
				return r.fail(errGuess)
			}
			if err := r.pass(x); err != nil {
				return err
			}
			b.add(x, was)
			continue
		}
		w, ok := r.guess.was[x.key()]
		if !ok || x.lease != 0 || x.changed&(added|replaced|widened|renumbered) != 0 {
			return r.fail(errGuess)
		}
		if err := r.pass(x); err != nil {
			return err
		}
		s.add(x, &w)
	}
	ended := 0
	for _, l := range r.dirtyLeases {
		w, ok := r.guess.was[l.on]
		if !ok || w.lease.call != l.call {
			return r.fail(errGuess)
		}
		if l.ended {
			ended++
		} else {
			s.goesOn(l, &w)
		}
	}
	if len(s.id) != ended {
		return r.fail(errGuess)
	}
	for _, f := range r.frees {
		s.free(f)
	}
	for _, g := range r.dirtyGuards {
		switch {
		case g.now == g.was:
		case g.now != 0:
			return r.fail(errGuess)
		default:
			s.free(free{g.guarded, g.was})
			g.was = 0 // it may be there twice
		}
	}
	for i := range r.calls {
		if r.calls[i].late {
			return r.fail(errGuess)
		}
		s.call(&r.calls[i])
	}
	for i := range r.entries {
		s.entry(&r.entries[i])
	}
	for _, x := range r.strays {
		s.traits.called(x)
	}
	revisions := make([]int64, len(r.guess.met))
	for i, id := range r.guess.met {
		revisions[i] = r.known[id].revision
	}
	r.guess.sent = true
	if len(b.id) > 0 {
		if _, err := r.exec(pgBareRun, b.args(texts(r.guess.met), revisions, &s.endings)...); err != nil {
			return err
		}
		s.entryCampaign, s.entryRecord, s.entryBody = nil, nil, nil
	}
	if len(b.id) == 0 || len(s.id)+len(s.onID) > 0 {
		does, args := pgSettleAlone, s.one(revisions)
		if args == nil {
			does, args = pgSettleRun, s.args(texts(r.guess.met), revisions)
		}
		if _, err := r.exec(does, args...); err != nil {
			return err
		}
	}
	r.guess.right = true
	for k := range r.guess.supposed {
		delete(r.rows, k) // whoever asks for it from here on reads all of it
		if r.known[k.campaign] != nil && r.known[k.campaign].revision == anyRevision {
			delete(r.known, k.campaign)
		}
	}
	return nil
}
