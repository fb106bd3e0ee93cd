package sqlstore

import (
	"context"
	"fmt"
	"slices"

	"github.com/nextcall/nextcall/campaign"
)

// checkContact finds out whether what a change does to contacts can be done.
func (r *run) checkContact(p *plan) error {
	if c := p.Contact; c != nil {
		x, err := r.person(c.ID)
		if err != nil {
			return err
		}
		if c.Version != 0 && (x.contact == nil || x.contact.Version != c.Version) {
			return conflicting(x, c.Version)
		}
		if p.UniqueContact {
			if err := r.checkUnique(p); err != nil {
				return err
			}
		}
	}
	for _, id := range []campaign.ContactID{p.Merge, p.Forget} {
		if id == "" {
			continue
		}
		if err := r.checkUnused(id); err != nil {
			return err
		}
	}
	return nil
}

// conflicting says at which version a contact is instead.
func conflicting(x *person, wanted int64) error {
	if x.contact == nil {
		return fmt.Errorf("contact %q does not exist, at version %d or another: %w", x.id, wanted, campaign.ErrConflict)
	}
	return fmt.Errorf("contact %q is at version %d, not %d: %w", x.id, x.contact.Version, wanted, campaign.ErrConflict)
}

// checkUnique looks who else has a key of the contact that is to be written.
func (r *run) checkUnique(p *plan) error {
	var matches []campaign.ContactMatch
	for _, k := range p.Contact.Unique() {
		owners, err := r.ownersOf(k)
		if err != nil {
			return err
		}
		for _, id := range owners {
			if id != p.Contact.ID && id != p.Merge && id != p.Forget {
				matches = append(matches, campaign.ContactMatch{Key: k, Contact: id})
			}
		}
	}
	if matches == nil {
		return nil
	}
	return &campaign.ContactExistsError{Contact: p.Contact.ID, Matches: matches}
}

// checkUnused refuses to end a contact that records still have.
func (r *run) checkUnused(id campaign.ContactID) error {
	if err := r.flush(); err != nil {
		return err
	}
	var has mark
	n := 0
	err := r.each(func(from scanner) error {
		n++
		return has.scan(from)
	}, recordsOfContact, string(id))
	if err == nil && n > 0 {
		err = fmt.Errorf("contact %q is that of %d record(s), one is %q of campaign %q: give them another one first: %w",
			id, n, has.record, has.campaign, campaign.ErrConflict)
	}
	return err
}

// applyContact writes contacts: what ends first, so that its keys are free.
func (r *run) applyContact(p *plan) error {
	for _, end := range []struct{ id, to campaign.ContactID }{{p.Merge, ""}, {p.Forget, ""}} {
		if end.id == "" {
			continue
		}
		if end.id == p.Merge {
			end.to = p.Contact.ID
		}
		if err := r.endContact(end.id, end.to); err != nil {
			return err
		}
	}
	if p.Contact == nil {
		return nil
	}
	x, err := r.person(p.Contact.ID)
	if err != nil {
		return err
	}
	c := *p.Contact
	c.Version = 1
	if x.contact != nil {
		c.Version = x.contact.Version + 1
	}
	r.become(x, &c)
	return nil
}

// endContact takes a contact away. Its id, and those that gave it, give another
// one from then on, or none, and its calls are those of the other one.
func (r *run) endContact(id, to campaign.ContactID) error {
	x, err := r.person(id)
	if err != nil {
		return err
	}
	if x.contact != nil {
		r.become(x, nil)
	}
	if err := r.flush(); err != nil { // its calls may only be written by that
		return err
	}
	if err := r.passCalls(id, to); err != nil {
		return err
	}
	if to == "" {
		if _, err := r.exec(dropAliases, string(id)); err != nil {
			return err
		}
	} else {
		if _, err := r.exec(passAliases, string(id), string(to)); err != nil {
			return err
		}
		if _, err := r.exec(writeAlias, string(id), string(to)); err != nil {
			return err
		}
		x.became = to
	}
	for _, y := range r.people.byID {
		if y.became == id {
			y.became = to
		}
	}
	return nil
}

// passCalls gives the calls of a contact to another one, or to none.
func (r *run) passCalls(id, to campaign.ContactID) error {
	var calls []*campaign.Call
	err := r.each(func(from scanner) error {
		var body string
		if err := from.Scan(&body); err != nil {
			return err
		}
		c := new(campaign.Call)
		calls = append(calls, c)
		return r.st.layouts.decode(body, c)
	}, callsOfContact, string(id))
	if err != nil {
		return err
	}
	for _, c := range calls {
		c.Contact = to
		args := append([]any{string(to), r.st.layouts.encode(c)}, r.st.byToken(c.Campaign, c.Token)...)
		if _, err := r.exec(passCall, args...); err != nil {
			return err
		}
	}
	return nil
}

// Contacts implements campaign.ContactStore.
func (st *Store) Contacts(ctx context.Context, ids ...campaign.ContactID) ([]*campaign.Contact, error) {
	list := make([]*campaign.Contact, len(ids))
	err := st.read(ctx, func(r *run) error {
		if err := r.engine.people(r, missing(ids, r.people.byID)); err != nil {
			return r.fail(err)
		}
		var others []campaign.ContactID
		for _, id := range ids {
			if became := r.people.byID[id].became; became != "" {
				others = append(others, became)
			}
		}
		if err := r.engine.people(r, missing(others, r.people.byID)); err != nil {
			return r.fail(err)
		}
		for i, id := range ids {
			x := r.people.byID[id]
			if x.became != "" {
				x = r.people.byID[x.became]
			}
			list[i] = x.contact
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// ContactsWith implements campaign.ContactStore.
func (st *Store) ContactsWith(ctx context.Context, keys ...campaign.ContactKey) ([][]campaign.ContactID, error) {
	lists := make([][]campaign.ContactID, len(keys))
	err := st.read(ctx, func(r *run) error {
		if err := r.engine.owners(r, missing(keys, r.people.owners)); err != nil {
			return r.fail(err)
		}
		for i, k := range keys {
			lists[i] = slices.Clone(r.people.owners[k])
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return lists, nil
}
