package memstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/nextcall/nextcall/campaign"
)

// aliases are ids that became other contacts: what each gives by now, which never
// became another, and back. It costs nothing until contacts are merged.
type aliases struct {
	now map[uint32]uint32   // the contact that an id gives, by handles
	ids map[uint32][]uint32 // the ids that give a contact
}

// follow returns the contact that a handle gives.
func (a *aliases) follow(h uint32) uint32 {
	if to, gone := a.now[h]; gone {
		return to
	}
	return h
}

// become makes an id, and those that give it, give a contact.
func (a *aliases) become(h, to uint32) {
	if a.now == nil {
		a.now, a.ids = make(map[uint32]uint32), make(map[uint32][]uint32)
	}
	ids := append(a.ids[h], h)
	delete(a.ids, h)
	for _, id := range ids {
		a.now[id] = to
	}
	a.ids[to] = append(a.ids[to], ids...)
}

// forget frees the ids that give a contact.
func (a *aliases) forget(h uint32) {
	for _, id := range a.ids[h] {
		delete(a.now, id)
	}
	delete(a.ids, h)
}

// idsOf lists the ids that give a contact, beside its own.
func (p *people) idsOf(h uint32) (ids []string) {
	for _, id := range p.given.ids[h] {
		ids = append(ids, p.contactID(id))
	}
	slices.Sort(ids)
	return ids
}

// people finds out, before anything else of a change is looked at but its
// revision, whether its contacts can be written.
func (w *writer) people(p *plan) error {
	if p.Contact == nil && p.Forget == "" && len(p.Also) == 0 {
		return nil
	}
	if l := w.st.byID[p.Decided()]; l != nil && p.Revision != 0 {
		w.enter(l)
		if err := l.outdated(p.Revision); err != nil {
			return err
		}
	}
	pe := w.st.people
	pe.mu.Lock()
	defer pe.mu.Unlock()
	return pe.checkContacts(p.Change, p.st.lines)
}

// checkContacts finds out whether the contacts of a change can be written. The
// caller holds the lock of people.
func (p *people) checkContacts(ch *campaign.Change, lines []*line) error {
	if c := ch.Contact; c != nil {
		h := p.idOf(c.ID)
		if to := p.given.follow(h); to != h {
			return p.became(c.ID, to)
		}
		if err := p.checkVersion(h, c.ID, c.Version); err != nil {
			return err
		}
	}
	if id := ch.Merge; id != "" {
		if h := p.findContact(id); h == 0 || p.contactID(h) != string(ch.Contact.ID) {
			if err := p.checkEnd(ch, lines, id, ch.MergeVersion); err != nil {
				return err
			}
		}
	}
	if ch.Forget != "" {
		if err := p.checkEnd(ch, lines, ch.Forget, 0); err != nil {
			return err
		}
	}
	if ch.UniqueContact {
		return p.checkUnique(ch)
	}
	return nil
}

// checkVersion refuses a contact that is not at a version; 0 is any.
func (p *people) checkVersion(h uint32, id campaign.ContactID, version int64) error {
	if version == 0 {
		return nil
	}
	switch data := p.data.get(h); {
	case data == nil:
		return fmt.Errorf("contact %q does not exist, at version %d or another: %w", id, version, campaign.ErrConflict)
	case data.Version != version:
		return fmt.Errorf("contact %q is at version %d, not %d: %w", id, data.Version, version, campaign.ErrConflict)
	}
	return nil
}

func (p *people) became(id campaign.ContactID, to uint32) error {
	return fmt.Errorf("contact %q became %q: name that one: %w", id, p.contactID(to), campaign.ErrConflict)
}

// checkEnd looks whether a contact that is to end is at a version, and whether
// anything still needs it.
func (p *people) checkEnd(ch *campaign.Change, lines []*line, id campaign.ContactID, version int64) error {
	h := p.idOf(id)
	if to := p.given.follow(h); to != h {
		return p.became(id, to)
	}
	if err := p.checkVersion(h, id, version); err != nil || h == 0 {
		return err
	}
	x := p.contacts.At(h)
	if x.guard != 0 {
		return &campaign.LeasedError{Hold: p.holdContact(h)}
	}
	n := 0
	p.each(&x.records, func(at spot) bool {
		if len(ch.Also) == 0 || !ch.Frees(lines[at.line].refOf(at.slot), id) {
			n++
		}
		return true
	})
	if n > 0 {
		return fmt.Errorf("contact %q still has %d record(s): give them another one first: %w", id, n, campaign.ErrConflict)
	}
	return nil
}

// checkUnique looks who else has a key of the contact that is to be written.
func (p *people) checkUnique(ch *campaign.Change) error {
	var matches []campaign.ContactMatch
	for _, k := range ch.Contact.Unique() {
		for _, id := range p.having(k) {
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

// applyContacts writes the contacts of a checked change.
func (p *people) applyContacts(ch *campaign.Change) {
	if ch.Contact != nil {
		h, _ := p.contactFor(ch.Contact.ID) // there is room
		data := storedContact(ch.Contact)
		data.Version = 1
		if old := p.data.get(h); old != nil {
			data.Version = old.Version + 1
		}
		p.write(h, data)
		if ch.Merge != "" {
			if from, _ := p.contactFor(ch.Merge); from != h {
				p.write(from, nil)
				p.passCalls(from, h)
				p.given.become(from, h)
			}
		}
	}
	if h := p.findContact(ch.Forget); h != 0 {
		p.write(h, nil)
		p.passCalls(h, 0)
		p.given.forget(h)
	}
}

// write replaces the data of a contact, which may be nil.
func (p *people) write(h uint32, data *campaign.Contact) {
	old := p.data.get(h)
	if old == nil && data == nil {
		return
	}
	p.keys.replace(h, old, data)
	p.data.set(h, data)
	p.news.add(h)
}

// passCalls makes the calls of a contact those of another one, 0 for none.
func (p *people) passCalls(from, to uint32) {
	log := &p.calls
	head := &p.contacts.At(from).calls
	calls := *head
	*head = 0
	into := new(uint32)
	if to != 0 {
		into = &p.contacts.At(to).calls
	}
	for h := calls; h != 0; {
		row := log.at(h)
		next := row.next[ofContact]
		row.contact, row.next[ofContact] = to, 0
		if row.flags&callWhole != 0 {
			whole := *log.wholes[h]
			whole.Contact = campaign.ContactID(p.contactID(to))
			log.wholes[h] = &whole
		}
		if to != 0 {
			// Both chains have the newest first: its place is never before the last one's.
			for *into != 0 && newer(row, log.at(*into)) < 0 {
				into = &log.at(*into).next[ofContact]
			}
			row.next[ofContact], *into = *into, h
		}
		h = next
	}
}

// contactOf returns the handle of the contact that an id of the record or of the
// call will give, once the change's own contacts are written.
func (p *plan) contactOf(id campaign.ContactID) (uint32, error) {
	pe := p.st.people
	h, err := pe.contactFor(id)
	if err != nil || h == 0 || p.Merge == "" && p.Forget == "" {
		return h, err
	}
	switch text := campaign.ContactID(pe.contactID(h)); {
	case text == p.Merge:
		return pe.contactFor(p.Contact.ID)
	case text == p.Forget:
		return pe.idFor(id)
	}
	return h, nil
}

// rename lets the record and the call name their contacts by the ids that these
// have by now. What the caller gave stays as it is.
func (p *plan) rename() {
	pe := p.st.people
	r, c := p.Record, p.Call
	record := r != nil && pe.contactID(p.contact) != string(r.Contact)
	call := c != nil && pe.contactID(p.callAt.contact) != string(c.Contact)
	if !record && !call {
		return
	}
	ch := *p.Change
	if record {
		x := *r
		x.Contact, ch.Record = campaign.ContactID(pe.contactID(p.contact)), &x
	}
	if call {
		x := *c
		x.Contact, ch.Call = campaign.ContactID(pe.contactID(p.callAt.contact)), &x
	}
	p.Change = &ch
}

// current is ids with those that became other contacts replaced by what they give.
func (st *Store) current(ids []campaign.ContactID) []campaign.ContactID {
	pe := st.people
	if len(ids) == 0 {
		return ids
	}
	pe.mu.Lock()
	defer pe.mu.Unlock()
	if len(pe.given.now) == 0 {
		return ids
	}
	now := slices.Clone(ids)
	for i, id := range now {
		if h := pe.findContact(id); h != 0 {
			now[i] = campaign.ContactID(pe.contactID(h))
		}
	}
	return now
}

// Contacts implements campaign.ContactStore.
func (st *Store) Contacts(ctx context.Context, ids ...campaign.ContactID) ([]*campaign.Contact, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	st.mu.RLock()
	defer st.mu.RUnlock()
	pe := st.people
	pe.mu.Lock()
	defer pe.mu.Unlock()
	list := make([]*campaign.Contact, len(ids))
	for i, id := range ids {
		list[i] = pe.data.get(pe.findContact(id))
	}
	return list, nil
}

// ContactsWith implements campaign.ContactStore.
func (st *Store) ContactsWith(ctx context.Context, keys ...campaign.ContactKey) ([][]campaign.ContactID, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	st.mu.RLock()
	defer st.mu.RUnlock()
	pe := st.people
	pe.mu.Lock()
	defer pe.mu.Unlock()
	lists := make([][]campaign.ContactID, len(keys))
	for i, k := range keys {
		lists[i] = pe.having(k)
	}
	return lists, nil
}

// having lists the contacts with a key by their ids.
func (p *people) having(k campaign.ContactKey) (ids []campaign.ContactID) {
	p.keys.each(k, func(h uint32) {
		if slices.Contains(p.data.get(h).Unique(), k) {
			ids = append(ids, campaign.ContactID(p.contactID(h)))
		}
	})
	slices.SortFunc(ids, func(a, b campaign.ContactID) int { return cmp.Compare(a, b) })
	return ids
}
