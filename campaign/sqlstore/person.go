package sqlstore

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/nextcall/nextcall/campaign"
)

// person is a contact as the unit of work has it: what is read of an id.
type person struct {
	id      campaign.ContactID
	became  campaign.ContactID // the contact that the id gives by now; "": none
	contact *campaign.Contact  // nil: there is none
	was     *campaign.Contact  // the same in the database
	changed bool
}

// people are the contacts of a unit of work.
type people struct {
	byID    map[campaign.ContactID]*person
	owners  map[campaign.ContactKey][]campaign.ContactID // who has a key, in the order of ids
	current map[campaign.ContactID]campaign.ContactID    // what ids give by now that are not in byID
	dirty   []*person                                    // to be written, in the order of the changes
}

func newPeople() people {
	return people{
		byID:    make(map[campaign.ContactID]*person),
		current: make(map[campaign.ContactID]campaign.ContactID),
		owners:  make(map[campaign.ContactKey][]campaign.ContactID),
	}
}

// person reads a contact.
func (r *run) person(id campaign.ContactID) (*person, error) {
	if x := r.people.byID[id]; x != nil {
		return x, nil
	}
	if err := r.engine.people(r, []campaign.ContactID{id}); err != nil {
		return nil, r.fail(err)
	}
	return r.people.byID[id], nil
}

// met enters what was read of an id.
func (r *run) met(id, became campaign.ContactID, body string) error {
	x := &person{id: id, became: became}
	if body != "" {
		x.contact = new(campaign.Contact)
		if err := r.st.layouts.decode(body, x.contact); err != nil {
			return r.fail(fmt.Errorf("contact %q: %w", id, err))
		}
	}
	x.was = x.contact
	r.people.byID[id] = x
	return nil
}

// ownersOf returns who has a key, in the order of ids. It is not to be changed.
func (r *run) ownersOf(k campaign.ContactKey) ([]campaign.ContactID, error) {
	if list, ok := r.people.owners[k]; ok {
		return list, nil
	}
	if len(r.people.dirty) > 0 {
		if err := r.flush(); err != nil {
			return nil, err
		}
	}
	if err := r.engine.owners(r, []campaign.ContactKey{k}); err != nil {
		return nil, r.fail(err)
	}
	return r.people.owners[k], nil
}

// become makes a contact another one, or none.
func (r *run) become(x *person, c *campaign.Contact) {
	before, now := keysOfContact(x.contact), keysOfContact(c)
	for _, k := range before {
		if list, ok := r.people.owners[k]; ok && !slices.Contains(now, k) {
			r.people.owners[k] = slices.DeleteFunc(slices.Clone(list), func(id campaign.ContactID) bool { return id == x.id })
		}
	}
	for _, k := range now {
		if list, ok := r.people.owners[k]; ok {
			if at, there := slices.BinarySearch(list, x.id); !there {
				r.people.owners[k] = slices.Insert(slices.Clone(list), at, x.id)
			}
		}
	}
	x.contact = c
	if !x.changed {
		x.changed = true
		r.people.dirty = append(r.people.dirty, x)
	}
	delete(r.bodies, x.id)
}

// written notes that the database has them as the unit has.
func (p *people) written() {
	for _, x := range p.dirty {
		x.was, x.changed = x.contact, false
	}
	clear(p.dirty)
	p.dirty = p.dirty[:0]
}

func keysOfContact(c *campaign.Contact) []campaign.ContactKey {
	if c == nil {
		return nil
	}
	return c.Unique()
}

// longestKey is how long a key may be that is kept as it is: what an index takes
// has an end.
const longestKey = 500

// keptValue is the value of a key as the table of keys has it: what is too long for an
// index, or no text to a database, is told apart by its hash.
func keptValue(k campaign.ContactKey) string {
	if len(k.Value) <= longestKey && isText(k.Value) {
		return k.Value
	}
	sum := sha256.Sum256([]byte(k.Value))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// missing returns those of list that are not keys of known, each once.
func missing[K comparable, V any](list []K, known map[K]V) []K {
	var unknown []K
	seen := make(map[K]bool)
	for _, k := range list {
		if _, ok := known[k]; !ok && !seen[k] {
			seen[k] = true
			unknown = append(unknown, k)
		}
	}
	return unknown
}
