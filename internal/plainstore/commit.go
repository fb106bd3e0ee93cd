package plainstore

import (
	"context"
	"fmt"
	"slices"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// Commit implements campaign.Store. Changes to one record are applied in their
// order, each checked against what the one before it left.
func (st *Store) Commit(ctx context.Context, changes ...campaign.Change) ([]error, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	var errs []error
	for i := range changes {
		if err := st.commit(&changes[i]); err != nil {
			if errs == nil {
				errs = make([]error, len(changes))
			}
			errs[i] = err
		}
	}
	return errs, nil
}

// commit checks everything first and writes then: nothing fails half way.
func (st *Store) commit(ch *campaign.Change) error {
	p := plan{Change: ch}
	if err := st.check(&p); err != nil {
		return err
	}
	st.apply(&p)
	for i := range p.also {
		st.apply(&p.also[i])
	}
	return nil
}

// plan is a checked change.
type plan struct {
	*campaign.Change
	on   *stored // the record that Ref names; nil when it is added, or none is named
	with []*stored
	also []plan
}

// ends reports whether the change ends the lease that its token names.
func (p *plan) ends() bool { return p.Ref.Token != 0 && !p.Extend }

// begins reports whether the change is to begin a lease.
func (p *plan) begins() bool { return p.Lease != nil && !p.Extend }

// apply writes a checked change.
func (st *Store) apply(p *plan) {
	if p.Revision != 0 {
		st.line(p.Decided()).learn(p.Revision)
	}
	st.applyContact(p.Change)
	switch {
	case p.Add:
		p.on = st.add(p.Record)
	case p.Move:
		st.move(p.on, p.Record)
		st.actions.moved(p.Ref, p.Record.Campaign)
	case p.Record != nil:
		st.update(p.on, p.Record)
	}
	if p.Erase {
		st.erase(p.on)
		st.actions.withdraw(p.on.ref())
	}
	switch {
	case p.Extend:
		st.extend(p.on.lease, p.Lease)
	case p.begins():
		l := st.grant(storedLease(p.Lease), p.on, p.with...)
		p.Lease.Token, p.Lease.Call = l.Token, l.Call
	case p.ends():
		p.on.lease.end()
	}
	if p.Call != nil {
		st.write(p.Call)
	}
	if p.Entry != nil {
		entry := *p.Entry
		micros(&entry.At)
		p.on.entries = append(p.on.entries, entry)
	}
	st.lists.Remove(p.Unlist...)
	// It was checked, and a valid entry is always added.
	_ = st.lists.Add(p.List...)
	for _, key := range p.Unlist {
		st.unpark(key.Number)
	}
	for _, n := range p.Wake {
		st.unpark(n)
	}
	for _, a := range p.Actions {
		st.actions.add(a)
	}
	for _, id := range p.Done {
		st.actions.acknowledge(id)
	}
}

func (st *Store) add(r *campaign.Record) *stored {
	s := &stored{rec: st.storedRecord(r)}
	s.rec.Version = 1
	st.enter(s)
	return s
}

// enter puts a record that is in no campaign into its own.
func (st *Store) enter(s *stored) {
	if s.rec.Sequence == 0 {
		s.rec.Sequence = st.sequence + 1
	}
	st.sequence = max(st.sequence, s.rec.Sequence)
	s.line = st.line(s.rec.Campaign)
	s.line.records[s.rec.ID] = s
	s.line.added++
	s.added = s.line.added
	s.line.roll.insert(s)
	st.attach(s)
	s.index()
}

// move takes a record to another campaign, with its calls and its lines.
func (st *Store) move(s *stored, r *campaign.Record) {
	s.unindex()
	s.line.ahead = slices.DeleteFunc(s.line.ahead, func(x *stored) bool { return x == s })
	st.detach(s)
	s.line.roll.remove(s)
	delete(s.line.records, s.rec.ID)
	version := s.rec.Version
	s.rec = st.storedRecord(r)
	s.rec.Version = version + 1
	s.rec.Park = campaign.Park{}
	st.enter(s)
}

func (st *Store) update(s *stored, r *campaign.Record) {
	s.unindex()
	old := s.rec
	s.rec = st.storedRecord(r)
	s.rec.Version = old.Version + 1
	if s.rec.Sequence == 0 {
		s.rec.Sequence = old.Sequence
	}
	if s.rec.Sequence != old.Sequence {
		moved := s.rec
		s.rec = old
		s.line.roll.remove(s)
		s.rec = moved
		s.line.roll.insert(s)
		st.sequence = max(st.sequence, s.rec.Sequence)
	}
	if old.Contact != s.rec.Contact || !slices.Equal(numbersOf(&old), numbersOf(&s.rec)) {
		st.detach(s)
		st.attach(s)
	}
	s.index()
}

// extend lets a lease go on under new terms, or only under what its records
// need now. What became free meanwhile it holds from here on.
func (st *Store) extend(l *lease, terms *campaign.Lease) {
	if terms != nil {
		token, call, with := l.Token, l.Call, l.With
		l.Lease = storedLease(terms)
		l.Token, l.Call, l.With = token, call, with
		l.on.line.retrack(l)
	}
	st.guard(l)
}

// unpark ends the parks of all records that have a number. It is no new version
// of them: a park is an index, not what the record is.
func (st *Store) unpark(n blacklist.Number) {
	x := st.numbers[n]
	if x == nil {
		return
	}
	for _, s := range x.records {
		if s.rec.Park != (campaign.Park{}) {
			s.unindex()
			s.rec.Park = campaign.Park{}
			s.index()
		}
	}
}

func notFound(ref campaign.Ref) error {
	return fmt.Errorf("record %q of campaign %q: %w", ref.Record, ref.Campaign, campaign.ErrNotFound)
}
