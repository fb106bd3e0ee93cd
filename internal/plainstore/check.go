package plainstore

import (
	"fmt"
	"slices"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// check finds out whether a change can be written, and writes nothing.
func (st *Store) check(p *plan) error {
	if err := p.Check(); err != nil {
		return err
	}
	if p.Revision != 0 {
		if err := st.outdated(p.Decided(), p.Revision); err != nil {
			return err
		}
	}
	if err := st.checkContact(p); err != nil {
		return err
	}
	if err := st.checkAlso(p); err != nil {
		return err
	}
	if p.Ref.Record == "" {
		return st.checkErased(p)
	}
	p.on = st.subject(p.Change)
	switch {
	case p.Add:
		if err := st.checkAdd(p); err != nil {
			return err
		}
	case p.on == nil:
		return notFound(p.Ref)
	default:
		if err := p.checkToken(); err != nil {
			return err
		}
		if err := st.checkErased(p); err != nil {
			return err
		}
		if p.Record != nil && p.Record.Version != 0 && p.Record.Version != p.on.rec.Version {
			return fmt.Errorf("record %q of campaign %q is at version %d, not %d: %w",
				p.Ref.Record, p.Ref.Campaign, p.on.rec.Version, p.Record.Version, campaign.ErrConflict)
		}
		if p.Move {
			return st.unique(p.Change)
		}
	}
	switch {
	case p.begins():
		return st.checkNewLease(p)
	case p.Extend && p.Lease != nil:
		return st.checkDialed(p)
	}
	return nil
}

// checkErased refuses to bring back whom an erased call was to.
func (st *Store) checkErased(p *plan) error {
	if c := p.Call; c != nil {
		if was := st.calls[c.Token]; was != nil && was.of != nil && p.BringsBack(was.Call) {
			return fmt.Errorf("call %d was erased: %w", c.Token, campaign.ErrConflict)
		}
	}
	return nil
}

// checkAlso finds out whether the further changes can be written.
func (st *Store) checkAlso(p *plan) error {
	for i := range p.Also {
		also := plan{Change: &p.Also[i]}
		if err := st.check(&also); err != nil {
			return err
		}
		p.also = append(p.also, also)
	}
	return nil
}

// subject is the record that a change is about, or nil. What only adds to the log
// and the history of a call's record is about that record, wherever it is by now.
func (st *Store) subject(ch *campaign.Change) *stored {
	if c := ch.Call; c != nil && ch.LogsOnly() && c.Campaign == ch.Ref.Campaign && c.Record == ch.Ref.Record {
		if s := st.madeTo(campaign.Ref{Campaign: c.Campaign, Record: c.Record, Token: c.Token}); s != nil {
			return s
		}
	}
	return st.record(ch.Ref.Campaign, ch.Ref.Record)
}

// checkAdd looks for what must be unique. The added record is in no lease, so a
// token cannot be that of one.
func (st *Store) checkAdd(p *plan) error {
	if p.on == nil && (p.Ref.Token != 0 || p.Extend) {
		return lost(p.Ref)
	}
	return st.unique(p.Change)
}

// unique refuses a record that is to come to a campaign which has one like it.
func (st *Store) unique(ch *campaign.Change) error {
	r := ch.Record
	if s := st.record(r.Campaign, r.ID); s != nil {
		return &campaign.DuplicateError{What: "record id", Value: string(r.ID), Existing: s.ref()}
	}
	if c := st.contacts[r.Contact]; c != nil {
		for _, s := range c.records {
			if s.rec.Campaign == r.Campaign {
				return &campaign.DuplicateError{What: "contact in campaign", Value: string(r.Contact), Existing: s.ref()}
			}
		}
	}
	if !ch.UniqueNumbers {
		return nil
	}
	for _, n := range numbersOf(r) {
		x := st.numbers[n]
		if x == nil {
			continue
		}
		for _, s := range x.records {
			if s.rec.Campaign == r.Campaign && s.rec.Standing != status.StandingClosed {
				return &campaign.DuplicateError{What: "number in campaign", Value: n.String(), Existing: s.ref()}
			}
		}
	}
	return nil
}

func lost(ref campaign.Ref) error {
	return fmt.Errorf("token %d of record %q of campaign %q: %w", ref.Token, ref.Record, ref.Campaign, campaign.ErrLeaseLost)
}

// checkToken compares the token with that of the live lease.
func (p *plan) checkToken() error {
	l := p.on.lease
	if token := p.Ref.Token; token != 0 {
		// The first token may still end a lease that was handed out to be settled.
		if l == nil || token != l.Token && (token != l.Call || !p.ends()) {
			return lost(p.Ref)
		}
		if !p.Phases.Allow(l.Phase) {
			return fmt.Errorf("the lease on record %q of campaign %q is in phase %d by now: %w", p.Ref.Record, p.Ref.Campaign, l.Phase, campaign.ErrConflict)
		}
		return nil
	}
	switch {
	case l != nil && !p.LogsOnly():
		return &campaign.LeasedError{Hold: holdRecord(l)}
	case l == nil && p.Extend:
		return lost(p.Ref)
	}
	return nil
}

// checkNewLease looks whether all that a new lease needs is there and free.
func (st *Store) checkNewLease(p *plan) error {
	// The record as it will be: perhaps it is only being added.
	r := p.Record
	if r == nil {
		r = &p.on.rec
	}
	if err := st.free(p.on, r); err != nil {
		return err
	}
	for _, ref := range p.Lease.With {
		s := st.record(ref.Campaign, ref.Record)
		switch {
		case s == nil:
			return notFound(ref)
		case s == p.on || slices.Contains(p.with, s):
			continue
		}
		if err := st.free(s, &s.rec); err != nil {
			return err
		}
		p.with = append(p.with, s)
	}
	return st.freeNumber(p.Lease.Number)
}

func (st *Store) free(s *stored, r *campaign.Record) error {
	if s != nil && s.lease != nil {
		return &campaign.LeasedError{Hold: holdRecord(s.lease)}
	}
	if c := st.contacts[r.Contact]; c != nil && c.lease != nil {
		return &campaign.LeasedError{Hold: holdContact(c)}
	}
	for _, n := range numbersOf(r) {
		if err := st.freeNumber(n); err != nil {
			return err
		}
	}
	return nil
}

func (st *Store) freeNumber(n blacklist.Number) error {
	if x := st.numbers[n]; x != nil && x.lease != nil {
		return &campaign.LeasedError{Hold: holdNumber(x)}
	}
	return nil
}

// checkDialed refuses to dial a number that another lease holds. While it is
// only offered, such a number is a matter of eligibility.
func (st *Store) checkDialed(p *plan) error {
	x := st.numbers[p.Lease.Number]
	if p.Lease.Phase == campaign.Offered || x == nil || x.lease == nil || x.lease == p.on.lease {
		return nil
	}
	return &campaign.LeasedError{Hold: holdNumber(x)}
}
