package sqlstore

import (
	"context"
	"slices"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// Commit implements campaign.Store. If err is not nil nothing was written,
// unless it was the end of the transaction that failed: then all of it may be.
func (st *Store) Commit(ctx context.Context, changes ...campaign.Change) ([]error, error) {
	if err := ctx.Err(); err != nil || len(changes) == 0 {
		return nil, err
	}
	var b batch
	if err := st.write(ctx, &job{size: len(changes), changes: changes, do: func(r *run) error { return b.do(r, changes) }}); err != nil {
		return nil, err
	}
	b.tell()
	return b.errs, nil
}

// batch is the changes of one Commit.
type batch struct {
	errs   []error
	leases []granted
}

// granted is a new lease, and the caller's value that is to be told its token.
type granted struct {
	to    *campaign.Lease
	token campaign.Token
}

// do makes changes in their order. An error is one of the database.
func (b *batch) do(r *run, changes []campaign.Change) error {
	b.errs, b.leases = nil, nil // it may have been tried before
	for i := range changes {
		err := b.commit(r, &changes[i])
		if r.err != nil {
			return r.err
		}
		if err != nil {
			r.denied = true
			if b.errs == nil {
				b.errs = make([]error, len(changes))
			}
			b.errs[i] = err
		}
	}
	return nil
}

// tell writes the new tokens to the callers' leases, once they are committed.
func (b *batch) tell() {
	for _, g := range b.leases {
		g.to.Token, g.to.Call = g.token, g.token
	}
}

// commit checks everything first and writes then: what is refused wrote nothing.
func (b *batch) commit(r *run, ch *campaign.Change) error {
	p := plan{Change: ch}
	if err := r.check(&p); err != nil {
		return err
	}
	if err := r.apply(&p); err != nil {
		return err
	}
	if err := r.applyAlso(&p); err != nil {
		return err
	}
	if p.begins() {
		b.leases = append(b.leases, granted{ch.Lease, p.call})
	}
	return nil
}

// apply makes a checked change.
func (r *run) apply(p *plan) error {
	if p.lease != nil && (p.Extend || p.ends()) {
		records, err := r.held(p.lease)
		if err != nil {
			return err
		}
		p.rest = needsOf(p.lease.terms.Number, records...)
	}
	steps := [...]func(*plan) error{r.applyRevision, r.applyContact, r.applyRecord, r.applyErase, r.applyLease, r.applyCall, r.applyEntry, r.applyLists, r.applyActions}
	for _, step := range steps {
		if err := step(p); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) applyRevision(p *plan) error {
	if p.Revision == 0 {
		return nil
	}
	return r.learn(p.Decided(), p.Revision)
}

func (r *run) applyRecord(p *plan) error {
	switch {
	case p.Record == nil:
		return nil
	case p.Add:
		p.on = &row{record: *p.Record}
		p.on.record.Version = 1
		return r.come(p.on)
	case p.Move:
		return r.move(p)
	}
	return r.update(p)
}

// come gives a record that is new in its campaign a place there.
func (r *run) come(x *row) error {
	k, err := r.enroll(x.record.Campaign)
	if err != nil {
		return err
	}
	if x.rec, err = r.engine.next(r, recs); err != nil {
		return r.fail(err)
	}
	if x.record.Sequence == 0 {
		x.record.Sequence, err = r.engine.next(r, sequences)
	} else {
		err = r.engine.saw(r, x.record.Sequence)
	}
	if err != nil {
		return r.fail(err)
	}
	x.given = true
	x.index(k.revision)
	x.body, x.wide = r.st.layouts.texts(&x.record)
	x.numbers = numbersOf(&x.record)
	r.rows[x.key()] = x
	r.touch(x, added)
	r.isNew(x)
	return nil
}

func (r *run) update(p *plan) error {
	x := p.on
	k, err := r.campaign(x.record.Campaign)
	if err != nil {
		return err
	}
	old := x.record
	x.record, x.given = *p.Record, true
	x.record.Version = old.Version + 1
	if x.record.Sequence == 0 {
		x.record.Sequence = old.Sequence
	}
	if x.record.Sequence != old.Sequence {
		if err := r.engine.saw(r, x.record.Sequence); err != nil {
			return r.fail(err)
		}
	}
	x.index(k.revision)
	body, rest := r.st.layouts.texts(&x.record)
	change := moved
	if seldom(&old, &x.record) {
		change |= rewritten
	}
	if rarely(&old, &x.record) {
		change |= replaced
	}
	if differs(&old, &x.record) {
		change |= judged
	}
	if rest != x.wide {
		change |= widened
	}
	x.body, x.wide = body, rest
	before := x.numbers
	if x.numbers = numbersOf(&x.record); !slices.Equal(before, x.numbers) {
		if x.changed&(added|renumbered) == 0 {
			x.had = before
		}
		change |= renumbered
	}
	if change&renumbered != 0 || old.Contact != x.record.Contact || old.Standing != x.record.Standing {
		r.unlike(x.record.Campaign)
	}
	r.touch(x, change)
	if micros(old.LastCall) != micros(x.record.LastCall) && !x.witnessed(p.Call) {
		r.strays = append(r.strays, x)
	}
	return nil
}

// longCall is how long before its end a call was dialled at the most where the log
// is to tell when its record was called.
const longCall = time.Hour

// witnessed reports whether a call that is logged with the record tells when it was
// last called, or that never was.
func (x *row) witnessed(c *campaign.Call) bool {
	called := x.record.LastCall
	return called.IsZero() || c != nil && c.Campaign == x.record.Campaign && c.Record == x.record.ID &&
		!c.Ended.Before(called) && c.Ended.Before(called.Add(longCall))
}

// seldom reports whether a column differs that a call does not move.
func seldom(a, b *campaign.Record) bool {
	return rarely(a, b) || a.Class != b.Class || a.Owner != b.Owner ||
		a.Park.Revision != b.Park.Revision || a.Park.Reason != b.Park.Reason || micros(a.Park.Until) != micros(b.Park.Until)
}

// differs reports whether a column differs that a call moves seldom.
func differs(a, b *campaign.Record) bool {
	return a.Status != b.Status || a.Qualifier != b.Qualifier || a.Operation != b.Operation || a.Author != b.Author || a.LastAgent != b.LastAgent
}

// rarely reports whether a column differs that no call changes.
func rarely(a, b *campaign.Record) bool {
	return a.Contact != b.Contact || a.List != b.List || a.Sort != b.Sort || a.Key != b.Key || a.Sequence != b.Sequence ||
		a.ExternalID != b.ExternalID || mainNumber(a) != mainNumber(b)
}

func (r *run) applyLease(p *plan) error {
	switch {
	case p.Extend:
		return r.extend(p)
	case p.begins():
		r.grant(p.call, p.Lease, p.on, p.with)
	case p.ends():
		return r.end(p)
	}
	return nil
}

// extend lets a lease go on under new terms, or only under what its records need
// now. What became free meanwhile it holds from here on.
func (r *run) extend(p *plan) error {
	l := p.lease
	terms, err := r.termsOf(l)
	if err != nil {
		return err
	}
	if p.Lease != nil {
		with := terms.With
		terms = *p.Lease
		terms.With = with
		r.set(l, &terms)
	}
	records, err := r.held(l)
	if err != nil {
		return err
	}
	needs := needsOf(terms.Number, records...)
	r.letGo(l.call, slices.DeleteFunc(p.rest, func(g guarded) bool { return slices.Contains(needs, g) }))
	return r.holdMore(l.call, needs)
}

// end gives the records of a lease back.
func (r *run) end(p *plan) error {
	l := p.lease
	records, err := r.held(l)
	if err != nil {
		return err
	}
	r.letGo(l.call, p.rest)
	l.ended = true
	r.touchLease(l)
	delete(r.leases, l.call)
	for _, x := range records {
		k, err := r.campaign(x.record.Campaign)
		if err != nil {
			return err
		}
		x.lease = 0
		x.index(k.revision)
		r.touch(x, placed)
	}
	return nil
}
