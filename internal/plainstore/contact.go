package plainstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/nextcall/nextcall/campaign"
)

// checkContact finds out whether the contacts of a change can be written.
func (st *Store) checkContact(p *plan) error {
	if c := p.Contact; c != nil {
		if x := st.contacts[c.ID]; x != nil && x.id != c.ID {
			return became(c.ID, x.id)
		}
		if err := st.checkVersion(c.ID, c.Version); err != nil {
			return err
		}
	}
	if p.Merge != "" && (st.contacts[p.Merge] == nil || st.contacts[p.Merge].id != p.Contact.ID) {
		if err := st.checkEnd(p.Change, p.Merge, p.MergeVersion); err != nil {
			return err
		}
	}
	if p.Forget != "" {
		if err := st.checkEnd(p.Change, p.Forget, 0); err != nil {
			return err
		}
	}
	if p.UniqueContact {
		return st.checkUnique(p.Change)
	}
	return nil
}

// checkVersion refuses a contact that is not at a version; 0 is any.
func (st *Store) checkVersion(id campaign.ContactID, version int64) error {
	x := st.contacts[id]
	switch {
	case version == 0:
	case x == nil || x.data == nil:
		return fmt.Errorf("contact %q does not exist, at version %d or another: %w", id, version, campaign.ErrConflict)
	case x.data.Version != version:
		return fmt.Errorf("contact %q is at version %d, not %d: %w", id, x.data.Version, version, campaign.ErrConflict)
	}
	return nil
}

func became(id, by campaign.ContactID) error {
	return fmt.Errorf("contact %q became %q: name that one: %w", id, by, campaign.ErrConflict)
}

// checkEnd looks whether a contact that is to end is at a version, and whether
// anything still needs it.
func (st *Store) checkEnd(ch *campaign.Change, id campaign.ContactID, version int64) error {
	x := st.contacts[id]
	if x != nil && x.id != id {
		return became(id, x.id)
	}
	if err := st.checkVersion(id, version); err != nil || x == nil {
		return err
	}
	if x.lease != nil {
		return &campaign.LeasedError{Hold: holdContact(x)}
	}
	left := 0
	for _, s := range x.records {
		if !ch.Frees(s.ref(), id) {
			left++
		}
	}
	if left > 0 {
		return fmt.Errorf("contact %q still has %d record(s): give them another one first: %w", id, left, campaign.ErrConflict)
	}
	return nil
}

// checkUnique looks who else has a key of the contact that is to be written.
func (st *Store) checkUnique(ch *campaign.Change) error {
	var matches []campaign.ContactMatch
	for _, k := range ch.Contact.Unique() {
		for _, id := range st.whose(k) {
			if id != ch.Contact.ID && id != ch.Merge && id != ch.Forget {
				matches = append(matches, campaign.ContactMatch{Key: k, Contact: id})
			}
		}
	}
	if matches == nil {
		return nil
	}
	return &campaign.ContactExistsError{Contact: ch.Contact.ID, Matches: matches}
}

// whose lists the contacts with a key by their ids.
func (st *Store) whose(k campaign.ContactKey) (ids []campaign.ContactID) {
	for id, x := range st.contacts {
		if x.data != nil && id == x.id && slices.Contains(x.data.Unique(), k) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// known lists the contacts that have data by their ids.
func (st *Store) known() (known []*contact) {
	for id, x := range st.contacts {
		if x.data != nil && id == x.id {
			known = append(known, x)
		}
	}
	slices.SortFunc(known, func(a, b *contact) int { return cmp.Compare(a.id, b.id) })
	return known
}

// applyContact writes the contacts of a checked change.
func (st *Store) applyContact(ch *campaign.Change) {
	if ch.Contact != nil {
		x := st.contact(ch.Contact.ID)
		data := storedContact(ch.Contact)
		data.Version = 1
		if x.data != nil {
			data.Version = x.data.Version + 1
		}
		x.data = data
	}
	if ch.Merge != "" {
		st.end(ch.Merge, st.contact(ch.Contact.ID))
	}
	if ch.Forget != "" {
		st.end(ch.Forget, nil)
	}
}

// end makes a contact another one, or nobody: its calls are that one's, and
// whatever id gave it gives that one.
func (st *Store) end(id campaign.ContactID, to *contact) {
	x := st.contacts[id]
	if x != nil && x != to {
		for _, c := range slices.Clone(x.calls) {
			given := *c
			given.Contact = ""
			if to != nil {
				given.Contact = to.id
			}
			st.enlist(&logged{&given, st.calls[c.Token].of})
		}
		for other, y := range st.contacts {
			switch {
			case y != x:
			case to == nil:
				delete(st.contacts, other)
			default:
				st.contacts[other] = to
			}
		}
	}
	if to != nil {
		st.contacts[id] = to
	}
}

// current is the id of the contact that an id gives by now.
func (st *Store) current(id campaign.ContactID) campaign.ContactID {
	if x := st.contacts[id]; x != nil {
		return x.id
	}
	return id
}

// currents is ids with those that became other contacts replaced by what they give.
func (st *Store) currents(ids []campaign.ContactID) []campaign.ContactID {
	st.mu.Lock()
	defer st.mu.Unlock()
	now := slices.Clone(ids)
	for i, id := range now {
		now[i] = st.current(id)
	}
	return now
}

// Contacts implements campaign.ContactStore.
func (st *Store) Contacts(ctx context.Context, ids ...campaign.ContactID) ([]*campaign.Contact, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	list := make([]*campaign.Contact, len(ids))
	for i, id := range ids {
		if x := st.contacts[id]; x != nil {
			list[i] = x.data
		}
	}
	return list, nil
}

// ContactsWith implements campaign.ContactStore. It looks at all contacts.
func (st *Store) ContactsWith(ctx context.Context, keys ...campaign.ContactKey) ([][]campaign.ContactID, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	lists := make([][]campaign.ContactID, len(keys))
	for i, k := range keys {
		lists[i] = st.whose(k)
	}
	return lists, nil
}

// Suggest implements campaign.ContactStore. It looks at all contacts.
func (st *Store) Suggest(ctx context.Context, t campaign.Typed) ([]campaign.Suggestion, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	var found []campaign.Suggestion
	for _, x := range st.known() {
		if s, ok := t.Match(x.data); ok {
			found = append(found, s)
		}
	}
	slices.SortFunc(found, campaign.Suggestion.Compare)
	return found[:min(len(found), t.Most())], nil
}
