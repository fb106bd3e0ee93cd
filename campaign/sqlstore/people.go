package sqlstore

import (
	"context"
	"fmt"
	"slices"

	"github.com/nextcall/nextcall/campaign"
)

// checkContact finds out whether the contacts of a change can be written.
func (r *run) checkContact(p *plan) error {
	if c := p.Contact; c != nil {
		x, err := r.person(c.ID)
		switch {
		case err != nil:
			return err
		case x.became != "":
			return x.gone()
		}
		if err := x.checkVersion(c.Version); err != nil {
			return err
		}
	}
	if p.Merge != "" {
		x, err := r.person(p.Merge)
		if err != nil {
			return err
		}
		if x.became != p.Contact.ID { // else it was merged before
			if err := r.checkEnd(p, x, p.MergeVersion); err != nil {
				return err
			}
		}
	}
	if p.Forget != "" {
		x, err := r.person(p.Forget)
		if err != nil {
			return err
		}
		if err := r.checkEnd(p, x, 0); err != nil {
			return err
		}
	}
	if p.UniqueContact {
		return r.checkKeys(p)
	}
	return nil
}

// checkVersion refuses a contact that is not at a version; 0 is any.
func (x *person) checkVersion(version int64) error {
	switch {
	case version == 0:
	case x.contact == nil:
		return fmt.Errorf("contact %q does not exist, at version %d or another: %w", x.id, version, campaign.ErrConflict)
	case x.contact.Version != version:
		return fmt.Errorf("contact %q is at version %d, not %d: %w", x.id, x.contact.Version, version, campaign.ErrConflict)
	}
	return nil
}

// gone is the error that an id gives another contact.
func (x *person) gone() error {
	return fmt.Errorf("contact %q became %q: name that one: %w", x.id, x.became, campaign.ErrConflict)
}

// checkEnd looks whether a contact that is to end is at a version, and whether
// anything still needs it.
func (r *run) checkEnd(p *plan, x *person, version int64) error {
	if x.became != "" {
		return x.gone()
	}
	if err := x.checkVersion(version); err != nil {
		return err
	}
	h, err := r.heldBy(guarded{contact: x.id}, 0)
	if err != nil {
		return err
	}
	if h.Ref.Record != "" {
		return &campaign.LeasedError{Hold: h}
	}
	n, err := r.recordsWith(p, x.id)
	if err == nil && n > 0 {
		err = fmt.Errorf("contact %q still has %d record(s): give them another one first: %w", x.id, n, campaign.ErrConflict)
	}
	return err
}

// recordsWith counts the records that have a contact, but for those that the change
// takes it from.
func (r *run) recordsWith(p *plan, id campaign.ContactID) (n int, err error) {
	if err := r.flush(); err != nil {
		return 0, err
	}
	if err = r.row(recordsWith, string(id)).Scan(&n); err != nil {
		return 0, err
	}
	for i := range p.Also {
		ref := p.Also[i].Ref
		x, err := r.record(ref.Campaign, ref.Record)
		if err != nil {
			return 0, err
		}
		if x != nil && x.record.Contact == id && p.Frees(ref, id) {
			n--
		}
	}
	return n, nil
}

// checkKeys looks who else has a key of the contact that is to be written.
func (r *run) checkKeys(p *plan) error {
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

// current is the id of the contact that an id gives by now.
func (r *run) current(id campaign.ContactID) (campaign.ContactID, error) {
	if x := r.people.byID[id]; x != nil {
		if x.became != "" {
			return x.became, nil
		}
		return id, nil
	}
	if now, ok := r.people.current[id]; ok {
		return now, nil
	}
	now := id
	if err := r.row(readAlias, string(id)).Scan(&now); err != nil && !none(err) {
		return "", err
	}
	r.people.current[id] = now
	return now, nil
}

// resolve makes a change name contacts as they are by now, or are after it. What
// has the contact that is stored already is not looked up.
func (r *run) resolve(p *plan) error {
	now := func(id campaign.ContactID) (campaign.ContactID, error) {
		if id == "" || p.on != nil && id == p.on.record.Contact {
			return id, nil
		}
		now, err := r.current(id)
		if err == nil && p.Merge != "" && now == p.Merge {
			now = p.Contact.ID
		}
		return now, err
	}
	if x := p.Record; x != nil {
		id, err := now(x.Contact)
		if err != nil {
			return err
		}
		if id != x.Contact {
			ch, record := *p.Change, *x
			ch.Record, record.Contact = &record, id
			p.Change, p.named = &ch, x.Contact
		}
	}
	if c := p.Call; c != nil {
		id, err := now(c.Contact)
		if err != nil {
			return err
		}
		if id != c.Contact {
			ch, call := *p.Change, *c
			ch.Call, call.Contact = &call, id
			p.Change = &ch
		}
	}
	return nil
}

// applyContact writes the contacts of a checked change.
func (r *run) applyContact(p *plan) error {
	if p.Contact != nil {
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
	}
	if p.Merge != "" {
		if err := r.endContact(p.Merge, p.Contact.ID); err != nil {
			return err
		}
	}
	if p.Forget != "" {
		return r.endContact(p.Forget, "")
	}
	return nil
}

// endContact takes a contact away. Its id, and those that gave it, give another
// one from then on, or none, and its calls are those of the other one.
func (r *run) endContact(id, to campaign.ContactID) error {
	x, err := r.person(id)
	if err != nil {
		return err
	}
	if to != "" && x.became == to {
		return nil
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
		_, err = r.exec(dropAliases, string(id))
	} else if _, err = r.exec(passAliases, string(id), string(to)); err == nil {
		_, err = r.exec(writeAlias, string(id), string(to))
	}
	if err != nil {
		return err
	}
	x.became = to
	for _, y := range r.people.byID {
		if y.became == id {
			y.became = to
		}
	}
	clear(r.people.current)
	return nil
}

// passCalls gives the calls of a contact to another one, or to none.
func (r *run) passCalls(id, to campaign.ContactID) error {
	type logged struct {
		at campaign.ID // where it is kept: with its record, wherever that is by now
		campaign.Call
	}
	var calls []*logged
	err := r.each(func(from scanner) error {
		c := new(logged)
		calls = append(calls, c)
		var body string
		if err := from.Scan(&c.at, &body); err != nil {
			return err
		}
		return r.st.layouts.decode(body, &c.Call)
	}, callsOfContact, string(id))
	if err != nil {
		return err
	}
	for _, c := range calls {
		c.Contact = to
		args := append([]any{string(to), r.st.layouts.encode(&c.Call)}, r.st.byToken(c.at, c.Token)...)
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
