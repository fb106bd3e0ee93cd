package contacts

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// Saving is a contact to be saved.
type Saving struct {
	// Contact is the contact as it shall be, whole. One without an ID, or with one
	// that is not known, is new. With a Version other than 0 the stored one must
	// have that version, else campaign.ErrConflict; with 0 the last one who saves wins.
	Contact campaign.Contact
	Actor   campaign.Actor
	// AllowDuplicate saves a contact that has a phone, an e-mail address or a key of
	// another one.
	AllowDuplicate bool
	// Held are the leases, by their tokens, under which the actor holds records of
	// the contact: those of the call that is going on. Records that others hold
	// cannot be given other phones: then nothing is saved.
	Held []campaign.Ref
	// Operation is the id of a larger operation that this belongs to, or "".
	Operation string
}

// Saved is what became of a contact.
type Saved struct {
	Contact *campaign.Contact // as it is now
	Added   bool
	Changed bool // false: nothing was written, for nothing differs
	// Records are the open records that were given the contact's phones.
	Records []campaign.Ref
	// Same are the keys that other contacts have too, with AllowDuplicate.
	Same []campaign.ContactMatch
	// Warnings are what a person should know, such as a record that was not reached.
	Warnings []string
}

// Save adds or replaces a contact, and gives its open records its phones: in one
// change. A record keeps the phones of its own, behind those of the contact, and
// what is known of its numbers.
//
// The errors are what is wrong with the contact, joined *[campaign.FieldError]s; a
// *[campaign.ContactExistsError], which names who has the phone, e-mail address or
// key; a *[MergedError]; a *[campaign.LeasedError]; and [campaign.ErrConflict].
func (b *Book) Save(ctx context.Context, s Saving) (Saved, error) {
	contact, err := b.check(&s.Contact)
	if err == nil {
		err = checkActor(&s.Actor, s.Operation)
	}
	if err != nil {
		return Saved{}, err
	}
	fresh := contact.ID == ""
	if fresh {
		id, err := b.newID("contact")
		if err != nil {
			return Saved{}, err
		}
		contact.ID = campaign.ContactID(id)
	}
	var saved Saved
	err = again(func() (err error) {
		var old *campaign.Contact
		if !fresh {
			if old, err = b.stored(ctx, contact.ID); err != nil {
				return err
			}
			if v := s.Contact.Version; v != 0 && (old == nil || old.Version != v) {
				return &versionError{contact.ID, v}
			}
		}
		saved, err = b.write(ctx, old, contact, &s)
		return err
	})
	if err == nil && s.AllowDuplicate {
		saved.Same, err = b.sharing(ctx, saved.Contact)
	}
	return saved, err
}

// versionError is campaign.ErrConflict for a version that the caller named: there is
// no use in trying again.
type versionError struct {
	id      campaign.ContactID
	version int64
}

// Is makes errors.Is(err, campaign.ErrConflict) hold.
func (e *versionError) Is(target error) bool { return target == campaign.ErrConflict }

func (e *versionError) Error() string {
	return fmt.Sprintf("contact %q is not at version %d any more: read it again, and make the change there", e.id, e.version)
}

// stored reads a contact that is to be changed: nil if there is none.
func (b *Book) stored(ctx context.Context, id campaign.ContactID) (*campaign.Contact, error) {
	found, err := b.store.Contacts(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read contact %q: %w", id, err)
	}
	if c := found[0]; c != nil && c.ID != id {
		return nil, &MergedError{ID: id, Into: c.ID}
	}
	return found[0], nil
}

// write saves a contact instead of old, which is nil for one that is new.
func (b *Book) write(ctx context.Context, old, contact *campaign.Contact, s *Saving) (Saved, error) {
	now := b.now()
	next := *contact
	next.Created, next.Updated, next.Author, next.Operation = now, now, s.Actor.Name(), s.Operation
	if next.Version = 0; old != nil {
		next.Created, next.Version = old.Created, old.Version
		if same(old, &next) {
			return Saved{Contact: old}, nil
		}
	}
	saved := Saved{Contact: &next, Added: old == nil, Changed: true}
	change := campaign.Change{Contact: &next, UniqueContact: !s.AllowDuplicate && addsKeys(old, &next)}
	if err := b.spread(ctx, old, s, now, &change, &saved); err != nil {
		return Saved{}, err
	}
	if err := b.commit(ctx, change); err != nil {
		return Saved{}, err
	}
	next.Version++
	return saved, nil
}

// spread puts the contact's phones on its open records, as further changes.
func (b *Book) spread(ctx context.Context, old *campaign.Contact, s *Saving, now time.Time, change *campaign.Change, saved *Saved) error {
	var had []blacklist.Number
	if old != nil {
		had = old.Phones
	}
	if slices.Equal(had, change.Contact.Phones) {
		return nil
	}
	facts, err := b.records(ctx, change.Contact.ID)
	if err != nil {
		return err
	}
	known := b.byCampaign()
	for i := range facts {
		f := &facts[i]
		phones := b.phones(&f.Record, had, change.Contact.Phones)
		if !open(&f.Record) || samePhones(phones, f.Record.Phones) {
			continue
		}
		ref := refOf(&f.Record)
		c := known[ref.Campaign]
		if c == nil {
			saved.Warnings = append(saved.Warnings, fmt.Sprintf("record %s: campaign %s is not loaded, so the record keeps its phones", ref.Record, ref.Campaign))
			continue
		}
		f.Contact = change.Contact
		also, err := c.Apply(f, campaign.Joining{
			Contact: change.Contact.ID, Phones: phones, Actor: everywhere(s.Actor), Operation: s.Operation,
		}, now)
		if err != nil {
			return fmt.Errorf("record %s of campaign %s: %w", ref.Record, ref.Campaign, err)
		}
		if f.Lease.Token != 0 {
			if also.Ref.Token = held(s.Held, ref); also.Ref.Token == 0 {
				return leased(f)
			}
			also.Extend = true
		}
		change.Also = append(change.Also, also)
		saved.Records = append(saved.Records, ref)
		saved.Warnings = append(saved.Warnings, also.Answer.Warnings...)
	}
	return nil
}

// held is the token under which somebody holds a record, or 0.
func held(leases []campaign.Ref, ref campaign.Ref) campaign.Token {
	for _, l := range leases {
		if l.Campaign == ref.Campaign && l.Record == ref.Record {
			return l.Token
		}
	}
	return 0
}

// sharing lists the keys of a contact that others have too.
func (b *Book) sharing(ctx context.Context, c *campaign.Contact) ([]campaign.ContactMatch, error) {
	keys := c.Unique()
	if len(keys) == 0 {
		return nil, nil
	}
	have, err := b.store.ContactsWith(ctx, keys...)
	if err != nil {
		return nil, fmt.Errorf("look for the keys of contact %q: %w", c.ID, err)
	}
	var matches []campaign.ContactMatch
	for i, ids := range have {
		for _, id := range ids {
			if id != c.ID {
				matches = append(matches, campaign.ContactMatch{Key: keys[i], Contact: id})
			}
		}
	}
	return matches, nil
}

// checkActor refuses names that no store keeps.
func checkActor(a *campaign.Actor, operation string) error {
	var k checker
	k.text("actor.user", a.User)
	k.text("actor.agent", string(a.Agent))
	k.text("operation", operation)
	if len(k.errs) > 0 {
		return k.errs[0]
	}
	return nil
}
