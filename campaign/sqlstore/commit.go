package sqlstore

import (
	"context"
	"slices"

	"github.com/nextcall/nextcall/campaign"
)

// Commit implements campaign.Store. If err is not nil nothing was written,
// unless it was the end of the transaction that failed: then all of it may be.
func (st *Store) Commit(ctx context.Context, changes ...campaign.Change) ([]error, error) {
	if err := ctx.Err(); err != nil || len(changes) == 0 {
		return nil, err
	}
	var b batch
	if err := st.write(ctx, len(changes), func(r *run) error { return b.do(r, changes) }); err != nil {
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
	if p.begins() {
		b.leases = append(b.leases, granted{ch.Lease, p.on.lease})
	}
	return nil
}

// apply writes a checked change.
func (r *run) apply(p *plan) error {
	steps := [...]func(*plan) error{r.applyRevision, r.applyContact, r.applyRecord, r.applyLease, r.applyCall, r.flush, r.applyEntry, r.applyLists, r.applyActions}
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
	if err := r.learn(p.Ref.Campaign, p.Revision); err != nil || p.on == nil {
		return err
	}
	// Its place may be another one now.
	k, err := r.campaign(p.on.record.Campaign)
	if err == nil {
		p.on.index(k.revision)
	}
	return err
}

func (r *run) applyContact(p *plan) error {
	if p.Contact == nil {
		return nil
	}
	_, err := r.exec(writeContact, string(p.Contact.ID), r.st.layouts.encode(p.Contact))
	return err
}

func (r *run) applyRecord(p *plan) error {
	switch {
	case p.Record == nil:
		return nil
	case p.Add:
		return r.add(p)
	}
	return r.update(p)
}

func (r *run) add(p *plan) error {
	x := &row{record: *p.Record}
	k, err := r.enter(x.record.Campaign)
	if err != nil {
		return err
	}
	x.record.Version = 1
	if x.record.Sequence == 0 {
		x.record.Sequence = r.sequence + 1
	}
	r.sequence, r.counted = max(r.sequence, x.record.Sequence), true
	x.index(k.revision)
	x.body, x.wide = r.st.layouts.texts(&x.record)
	args := append([]any{string(x.record.Campaign), string(x.record.ID)}, x.columns()...)
	if err := r.row(addRecord, args...).Scan(&x.rec); err != nil {
		return err
	}
	if x.wide != "" {
		if _, err := r.exec(writeWide, x.rec, x.wide); err != nil {
			return err
		}
	}
	for _, n := range numbersOf(&x.record) {
		if _, err := r.exec(addNumber, int64(n), x.rec); err != nil {
			return err
		}
	}
	p.on = x
	return r.pass(x)
}

func (r *run) update(p *plan) error {
	x := p.on
	k, err := r.campaign(x.record.Campaign)
	if err != nil {
		return err
	}
	old := x.record
	x.record = *p.Record
	x.record.Version = old.Version + 1
	if x.record.Sequence == 0 {
		x.record.Sequence = old.Sequence
	}
	if x.record.Sequence != old.Sequence {
		r.sequence, r.counted = max(r.sequence, x.record.Sequence), true
	}
	x.index(k.revision)
	body, rest := r.st.layouts.texts(&x.record)
	if rest != x.wide {
		if _, err := r.exec(writeWide, x.rec, rest); err != nil {
			return err
		}
	}
	x.body, x.wide, p.dirty = body, rest, true
	before, now := numbersOf(&old), numbersOf(&x.record)
	for _, n := range before {
		if !slices.Contains(now, n) {
			if _, err := r.exec(dropNumber, int64(n), x.rec); err != nil {
				return err
			}
		}
	}
	for _, n := range now {
		if !slices.Contains(before, n) {
			if _, err := r.exec(addNumber, int64(n), x.rec); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *run) applyLease(p *plan) error {
	switch {
	case p.Extend:
		if err := r.flush(p); err != nil {
			return err
		}
		return r.extend(p)
	case p.begins():
		l := *p.Lease
		if err := r.grant(&l, p.on, p.with); err != nil {
			return err
		}
		p.dirty = true
		_, err := r.guard(l.Call, l.Number, append([]*row{p.on}, p.with...)...)
		return err
	case p.ends():
		return r.end(p)
	}
	return nil
}

// extend lets a lease go on under new terms, or only under what its records need
// now. What became free meanwhile it holds from here on.
func (r *run) extend(p *plan) error {
	l := p.lease
	if p.Lease != nil {
		l = *p.Lease
		l.Token, l.Call, l.With = p.lease.Token, p.lease.Call, p.lease.With
		if _, err := r.exec(writeLease, int64(l.Call), l.Holder, micros(l.Until), r.st.leaseBody(&l)); err != nil {
			return err
		}
	}
	if err := r.unguard(l.Call); err != nil {
		return err
	}
	records, err := r.held(p)
	if err != nil {
		return err
	}
	_, err = r.guard(l.Call, l.Number, records...)
	return err
}

// held reads the records that a lease holds, the one that it was given for first.
func (r *run) held(p *plan) ([]*row, error) {
	var records []*row
	for _, ref := range append([]campaign.Ref{p.of}, p.lease.With...) {
		x := p.on
		if ref.Campaign != x.record.Campaign || ref.Record != x.record.ID {
			var err error
			if x, err = r.record(ref.Campaign, ref.Record); err != nil {
				return nil, err
			}
		}
		if x == nil || x.lease != p.lease.Call || slices.ContainsFunc(records, func(y *row) bool { return x.rec == y.rec }) {
			continue
		}
		records = append(records, x)
	}
	return records, nil
}

// end gives the records of a lease back.
func (r *run) end(p *plan) error {
	if err := r.unguard(p.lease.Call); err != nil {
		return err
	}
	if _, err := r.exec(dropLease, int64(p.lease.Call)); err != nil {
		return err
	}
	records, err := r.held(p)
	if err != nil {
		return err
	}
	for _, x := range records {
		k, err := r.campaign(x.record.Campaign)
		if err != nil {
			return err
		}
		x.lease = 0
		x.index(k.revision)
		if x == p.on {
			p.dirty = true
			continue
		}
		if _, err := r.exec(leaseRecord, x.rec, x.place, int64(x.lease)); err != nil {
			return err
		}
		if err := r.pass(x); err != nil {
			return err
		}
	}
	return nil
}

// flush writes the record that a change is about, if something of it has changed.
func (r *run) flush(p *plan) error {
	if !p.dirty {
		return nil
	}
	p.dirty = false
	if _, err := r.exec(writeRecord, append([]any{p.on.rec}, p.on.columns()...)...); err != nil {
		return err
	}
	return r.pass(p.on)
}
