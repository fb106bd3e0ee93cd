package sqlstore

import (
	"slices"

	"github.com/nextcall/nextcall/campaign"
)

// rowwise is the engine that reads and writes one row a statement. That is right
// where a statement costs no round trip, and it works everywhere.
type rowwise struct{}

var _ engine = rowwise{}

// alone does nothing: a transaction costs no more than its statements.
func (rowwise) alone(*run, []*job) (bool, error) { return false, nil }

// begin takes the turn to write: whoever has it is alone. It writes, so SQLite
// gives the lock at once or not at all.
func (rowwise) begin(r *run, _ []*job) error {
	if err := r.row(takeTurn).Scan(&r.turn, &r.last[tokens], &r.last[sequences], &r.last[recs]); err != nil {
		return err
	}
	if r.ours {
		r.kept = r.st.from(r.turn)
	}
	return nil
}

func (rowwise) finish(r *run) error {
	if t := int64(r.spare); t != 0 && t == r.last[tokens] {
		r.last[tokens]--
	}
	if r.idle = !r.wrote; r.idle || !r.counted {
		return nil
	}
	_, err := r.exec(endTurn, r.last[tokens], r.last[sequences], r.last[recs])
	return err
}

func (rowwise) next(r *run, c counter) (int64, error) {
	r.counted = true
	r.last[c]++
	return r.last[c], nil
}

func (rowwise) saw(r *run, sequence int64) error {
	r.counted = true
	r.last[sequences] = max(r.last[sequences], sequence)
	return nil
}

func (rowwise) ahead(*run, []*campaign.Change) error { return nil }
func (rowwise) join(*run, campaign.ID) (bool, error) { return false, nil }
func (rowwise) load(*run, []key) error               { return nil }
func (rowwise) around(*run, []*row) error            { return nil }
func (rowwise) holders(*run, []guarded) error        { return nil }

// claims does one after the other. What they tell of the queues is read at the end,
// when all that they lease is written.
func (rowwise) claims(r *run, all []*claim) error {
	for _, c := range all {
		r.more += c.q.Limit
	}
	var done []*claim
	for _, c := range all {
		r.more -= c.q.Limit
		if c.err = c.do(); r.err != nil {
			return r.err
		}
		if c.err == nil {
			done = append(done, c)
		}
	}
	if err := r.bring(done); err != nil {
		return err
	}
	if err := r.flush(); err != nil {
		return err
	}
	return r.report(done)
}

func (rowwise) record(r *run, k key) (*row, error) {
	x := new(row)
	l := new(lease)
	from := scanner(r.row(readRecord, string(k.campaign), string(k.record)))
	if err := x.scan(from, &l.token, &l.until, &l.on.campaign, &l.on.record, &l.holder, &l.body); none(err) {
		r.rows[k] = nil
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if l.token != 0 {
		l.call = x.lease
		r.enterLease(l)
	}
	return r.enter(x)
}

func (rowwise) lease(r *run, call campaign.Token) (*lease, error) {
	l := &lease{call: call}
	if err := r.row(readLease, int64(call)).Scan(&l.token, &l.until, &l.on.campaign, &l.on.record, &l.holder, &l.body); err != nil {
		return nil, err
	}
	return r.enterLease(l), nil
}

func (e rowwise) hold(r *run, asked []*guard, tell bool) error {
	for _, g := range asked {
		s, what := holdNumber, any(int64(g.number))
		if g.contact != "" {
			s, what = holdContact, string(g.contact)
		}
		n, err := r.exec(s, what, int64(g.now))
		if err != nil {
			return err
		}
		switch {
		case n > 0:
			g.was = g.now
		case tell:
			if err := e.holder(r, g); err != nil {
				return err
			}
		}
	}
	return nil
}

func (rowwise) holder(r *run, g *guard) error {
	s, what := numberHolder, any(int64(g.number))
	if g.contact != "" {
		s, what = contactHolder, string(g.contact)
	}
	if err := r.row(s, what).Scan(&g.was); !none(err) {
		return err
	}
	g.was = 0
	return nil
}

// flush writes one row a statement.
func (e rowwise) flush(r *run) error {
	for _, x := range r.dirty {
		if err := e.writeRow(r, x); err != nil {
			return err
		}
	}
	for _, l := range r.dirtyLeases {
		if err := e.writeLease(r, l); err != nil {
			return err
		}
	}
	for _, f := range r.frees {
		if err := e.drop(r, f); err != nil {
			return err
		}
	}
	for _, g := range r.dirtyGuards {
		var err error
		switch {
		case g.now == g.was:
		case g.now == 0:
			err = e.drop(r, free{g.guarded, g.was})
		case g.contact != "":
			_, err = r.exec(passContact, string(g.contact), int64(g.now))
		default:
			_, err = r.exec(passNumber, int64(g.number), int64(g.now))
		}
		if err != nil {
			return err
		}
	}
	for i := range r.calls {
		c := &r.calls[i]
		_, err := r.exec(writeCall, int64(c.Token), string(c.Campaign), string(c.Record), c.rec, string(c.Contact), int64(c.Number),
			micros(c.Ended), c.body, c.before)
		if err != nil {
			return err
		}
	}
	for i := range r.entries {
		if _, err := r.exec(addEntry, r.entries[i].rec, r.entries[i].body); err != nil {
			return err
		}
	}
	return e.flushPeople(r)
}

func (rowwise) drop(r *run, f free) (err error) {
	if f.contact != "" {
		_, err = r.exec(freeContact, string(f.contact), int64(f.call))
	} else {
		_, err = r.exec(freeNumber, int64(f.number), int64(f.call))
	}
	return err
}

func (rowwise) writeLease(r *run, l *lease) (err error) {
	switch {
	case l.ended && l.stored:
		_, err = r.exec(dropLease, int64(l.call))
	case l.ended:
	case l.stored:
		_, err = r.exec(writeLease, int64(l.call), int64(l.token), l.holder, l.until, l.body)
	default:
		_, err = r.exec(addLease, int64(l.call), int64(l.token), string(l.on.campaign), string(l.on.record), l.holder, l.until, l.body)
	}
	return err
}

func (e rowwise) writeRow(r *run, x *row) (err error) {
	if x.from != nil {
		if err := e.leave(r, x); err != nil {
			return err
		}
	}
	switch {
	case x.changed&added != 0:
		_, err = r.exec(addRecord, append([]any{x.rec, string(x.record.Campaign), string(x.record.ID)}, x.columns()...)...)
	case x.changed&rewritten != 0:
		_, err = r.exec(writeRecord, append([]any{x.rec}, x.columns()...)...)
	case x.changed&judged != 0:
		_, err = r.exec(judgeRecord, x.moves()...)
	case x.changed&moved != 0:
		_, err = r.exec(moveRecord, x.moves()...)
	case x.changed&placed != 0:
		_, err = r.exec(leaseRecord, x.rec, x.place, int64(x.lease))
	}
	if err != nil {
		return err
	}
	if x.changed&widened != 0 || x.changed&added != 0 && x.wide != "" {
		if _, err := r.exec(writeWide, x.rec, x.wide); err != nil {
			return err
		}
	}
	if x.changed&(added|renumbered) != 0 {
		if err := e.writeNumbers(r, x); err != nil {
			return err
		}
	}
	return r.pass(x)
}

// leave takes a record that has moved from where it was, with what is kept by its
// old place in the order of adding.
func (rowwise) leave(r *run, x *row) error {
	old := x.from
	for _, n := range old.numbers {
		if _, err := r.exec(dropNumber, int64(n), old.rec); err != nil {
			return err
		}
	}
	for _, s := range []statement{dropRecord, dropWide} {
		if _, err := r.exec(s, old.rec); err != nil {
			return err
		}
	}
	for _, s := range []statement{moveCalls, moveEntries} {
		if _, err := r.exec(s, old.rec, x.rec); err != nil {
			return err
		}
	}
	_, err := r.exec(moveActions, string(old.campaign), string(old.record), string(x.record.Campaign))
	return err
}

func (rowwise) writeNumbers(r *run, x *row) error {
	for _, n := range x.had {
		if !x.has(n) {
			if _, err := r.exec(dropNumber, int64(n), x.rec); err != nil {
				return err
			}
		}
	}
	for _, n := range x.numbers {
		if !slices.Contains(x.had, n) {
			if _, err := r.exec(addNumber, int64(n), x.rec); err != nil {
				return err
			}
		}
	}
	return nil
}
