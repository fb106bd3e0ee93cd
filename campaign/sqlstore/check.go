package sqlstore

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// plan is a change on its way into the database.
type plan struct {
	*campaign.Change
	on    *row   // the record that Ref names; nil when it is added, or none is named
	lease *lease // that holds it; nil: none
	with  []*row
	call  campaign.Token     // of the lease that it begins
	rest  []guarded          // what its lease may hold before the change
	named campaign.ContactID // whom the change calls its record's contact, if that id gives another one by now
	also  []plan             // of the further changes
	was   *campaign.Call     // that the call replaces in a record's log, if the change only adds to it
	made  *row               // the record that the call was made to, wherever it is by now; nil: not known
}

// ends reports whether the change ends the lease that its token names.
func (p *plan) ends() bool { return p.Ref.Token != 0 && !p.Extend }

// begins reports whether the change is to begin a lease.
func (p *plan) begins() bool { return p.Lease != nil && !p.Extend }

// check finds out whether a change can be written, and writes nothing.
func (r *run) check(p *plan) (err error) {
	if err := p.complete(); err != nil {
		return err
	}
	if p.Revision != 0 {
		if err := r.outdated(p.Decided(), p.Revision); err != nil {
			return err
		}
	}
	if err := r.checkContact(p); err != nil {
		return err
	}
	if err := r.checkAlso(p); err != nil {
		return err
	}
	if err := r.subject(p); err != nil {
		return err
	}
	if err := r.resolve(p); err != nil {
		return err
	}
	if p.was != nil && (p.on != nil || p.Ref.Record == "") && p.BringsBack(p.was) {
		return fmt.Errorf("call %d was erased: %w", p.Call.Token, campaign.ErrConflict)
	}
	if p.Ref.Record == "" {
		return nil
	}
	switch {
	case p.Add:
		if err := r.checkAdd(p); err != nil {
			return err
		}
	case p.on == nil:
		return notFound(p.Ref)
	default:
		if p.lease, err = r.leaseOf(p.on); err != nil {
			return err
		}
		if err := r.checkToken(p); err != nil {
			return err
		}
		if p.Record != nil && p.Record.Version != 0 && p.Record.Version != p.on.record.Version {
			return fmt.Errorf("record %q of campaign %q is at version %d, not %d: %w",
				p.Ref.Record, p.Ref.Campaign, p.on.record.Version, p.Record.Version, campaign.ErrConflict)
		}
		if p.Move {
			return r.checkUnique(p)
		}
	}
	switch {
	case p.begins():
		return r.checkNewLease(p)
	case p.Extend && p.Lease != nil:
		return r.checkDialed(p)
	}
	return nil
}

// complete reports what does not fit together in a change, whatever is stored.
func (p *plan) complete() error {
	errs := []error{p.Check()}
	if r := p.Record; r != nil {
		errs = append(errs, fieldKinds(fmt.Sprintf("record %q", r.ID), r.Fields))
	}
	if c := p.Contact; c != nil {
		errs = append(errs, fieldKinds(fmt.Sprintf("contact %q", c.ID), c.Fields))
	}
	return errors.Join(errs...)
}

// checkAdd looks for what must be unique. The added record is in no lease, so a
// token cannot be that of one.
func (r *run) checkAdd(p *plan) error {
	if p.on == nil && (p.Ref.Token != 0 || p.Extend) {
		return lost(p.Ref)
	}
	return r.checkUnique(p)
}

// checkUnique refuses a record that is to come to a campaign which has one like it.
func (r *run) checkUnique(p *plan) error {
	x := p.Record
	if there, err := r.record(x.Campaign, x.ID); err != nil {
		return err
	} else if there != nil {
		return &campaign.DuplicateError{What: "record id", Value: string(x.ID), Existing: there.ref()}
	}
	unique := func(what guarded, name, value string) error {
		id, err := r.holding(x.Campaign, what)
		if err == nil && id != "" {
			err = &campaign.DuplicateError{What: name, Value: value, Existing: campaign.Ref{Campaign: x.Campaign, Record: id}}
		}
		return err
	}
	if x.Contact != "" {
		if err := unique(guarded{contact: x.Contact}, "contact in campaign", cmp.Or(string(p.named), string(x.Contact))); err != nil {
			return err
		}
	}
	if !p.UniqueNumbers {
		return nil
	}
	for _, n := range numbersOf(x) {
		if err := unique(guarded{number: n}, "number in campaign", n.String()); err != nil {
			return err
		}
	}
	return nil
}

func lost(ref campaign.Ref) error {
	return fmt.Errorf("token %d of record %q of campaign %q: %w", ref.Token, ref.Record, ref.Campaign, campaign.ErrLeaseLost)
}

// checkToken compares the token with that of the live lease.
func (r *run) checkToken(p *plan) error {
	l := p.lease
	if token := p.Ref.Token; token != 0 {
		// The first token may still end a lease that was handed out to be settled.
		if l == nil || token != l.token && (token != l.call || !p.ends()) {
			return lost(p.Ref)
		}
		if p.Phases == 0 {
			return nil
		}
		terms, err := r.termsOf(l)
		if err == nil && !p.Phases.Allow(terms.Phase) {
			err = fmt.Errorf("the lease on record %q of campaign %q is in phase %d by now: %w", p.Ref.Record, p.Ref.Campaign, terms.Phase, campaign.ErrConflict)
		}
		return err
	}
	switch {
	case l != nil && !p.LogsOnly():
		return &campaign.LeasedError{Hold: l.hold()}
	case l == nil && p.Extend:
		return lost(p.Ref)
	}
	return nil
}

// checkNewLease looks whether all that a new lease needs is there and free. What
// is free it holds already, and gives back if something is not: only so is it
// known that nobody else gets it at the same time.
func (r *run) checkNewLease(p *plan) error {
	// The record as it will be: perhaps it is only being added.
	as := row{}
	if p.on != nil {
		as = *p.on
	}
	if p.Record != nil {
		as.record, as.numbers = *p.Record, numbersOf(p.Record)
	}
	if as.lease != 0 {
		return r.leased(&as)
	}
	records := []*row{&as}
	missing := error(nil) // what is wrong with one of the further records
	for i := 0; i < len(p.Lease.With) && missing == nil; i++ {
		ref := p.Lease.With[i]
		x, err := r.record(ref.Campaign, ref.Record)
		switch {
		case err != nil:
			return err
		case x == nil:
			missing = notFound(ref)
		case x == p.on || slices.Contains(p.with, x):
		case x.lease != 0:
			missing = r.leased(x)
		default:
			p.with = append(p.with, x)
			records = append(records, x)
		}
	}
	var dialed blacklist.Number
	if missing == nil {
		dialed = p.Lease.Number
	}
	wanted := needsOf(dialed, records...)
	known, err := r.peek(wanted)
	if err != nil {
		return err
	}
	if known && missing != nil {
		return missing
	}
	if p.call, err = r.token(); err != nil {
		return err
	}
	r.granting = keyOf(p.Ref)
	if err := r.hold(p.call, wanted...); err != nil {
		return err
	}
	for _, what := range wanted {
		h, err := r.heldBy(what, p.call)
		if err != nil {
			return err
		}
		if h.Ref.Record != "" {
			missing = &campaign.LeasedError{Hold: h}
			break
		}
	}
	if missing != nil {
		r.letGo(p.call, wanted)
		r.spare = p.call
	}
	return missing
}

// peek looks who holds numbers and contacts, as far as that is known: a token is
// not taken for what is refused anyway. It reports whether all of it is known.
func (r *run) peek(wanted []guarded) (known bool, err error) {
	if err := r.engine.holders(r, wanted); err != nil {
		return false, r.fail(err)
	}
	for _, what := range wanted {
		if r.guards[what] == nil {
			return false, nil
		}
		h, err := r.heldBy(what, 0)
		if err != nil {
			return false, err
		}
		if h.Ref.Record != "" {
			return false, &campaign.LeasedError{Hold: h}
		}
	}
	return true, nil
}

// leased is the error that a record is held by a lease.
func (r *run) leased(x *row) error {
	l, err := r.leaseOf(x)
	if err != nil {
		return err
	}
	return &campaign.LeasedError{Hold: l.hold()}
}

// checkDialed refuses to dial a number that another lease holds. While it is
// only offered, such a number is a matter of eligibility.
func (r *run) checkDialed(p *plan) error {
	if p.Lease.Phase == campaign.Offered || p.Lease.Number == 0 {
		return nil
	}
	what := guarded{number: p.Lease.Number}
	if err := r.hold(p.lease.call, what); err != nil {
		return err
	}
	h, err := r.heldBy(what, p.lease.call)
	if err == nil && h.Ref.Record != "" {
		err = &campaign.LeasedError{Hold: h}
	}
	return err
}

func notFound(ref campaign.Ref) error {
	return fmt.Errorf("record %q of campaign %q: %w", ref.Record, ref.Campaign, campaign.ErrNotFound)
}
