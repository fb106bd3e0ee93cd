package contacts

import (
	"context"
	"fmt"

	"github.com/nextcall/nextcall/campaign"
)

// Get returns a contact, or [ErrNotFound]. The id of one that was merged into
// another gives that one. It is the store's own and must not be written to: what is to
// be saved is a copy, with lists of its own.
func (b *Book) Get(ctx context.Context, id campaign.ContactID) (*campaign.Contact, error) {
	found, err := b.store.Contacts(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read contact %q: %w", id, err)
	}
	if found[0] == nil {
		return nil, notFound(id)
	}
	return found[0], nil
}

// ByKey returns the contacts that have a phone, an e-mail address or a key: mostly
// one or none. What is normalised as [campaign.Contact.Unique] does finds them.
func (b *Book) ByKey(ctx context.Context, key campaign.ContactKey) ([]*campaign.Contact, error) {
	have, err := b.store.ContactsWith(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("look for %s %q: %w", key.Kind, key.Value, err)
	}
	if len(have[0]) == 0 {
		return nil, nil
	}
	found, err := b.store.Contacts(ctx, have[0]...)
	if err != nil {
		return nil, fmt.Errorf("read contacts: %w", err)
	}
	return found, nil
}

// Suggest returns the contacts whose name, company or phone matches what somebody
// has typed so far, from the first character on, the best first. Choosing one means
// to name its ID in an [Opening].
func (b *Book) Suggest(ctx context.Context, t campaign.Typed) ([]campaign.Suggestion, error) {
	return b.store.Suggest(ctx, t)
}

// Cases returns a contact's records, in the order of their campaigns. The id of one
// that was merged into another gives that one's.
func (b *Book) Cases(ctx context.Context, id campaign.ContactID) ([]campaign.Record, error) {
	c, err := b.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	facts, err := b.records(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	records := make([]campaign.Record, len(facts))
	for i := range facts {
		records[i] = facts[i].Record
	}
	return records, nil
}

// records are a contact's, with all that campaigns may ask about them.
func (b *Book) records(ctx context.Context, ids ...campaign.ContactID) ([]campaign.Facts, error) {
	var facts []campaign.Facts
	for f, err := range b.store.Find(ctx, campaign.Filter{Contacts: ids, At: b.now()}, campaign.Need{}) {
		if err != nil {
			return nil, fmt.Errorf("find the records of contacts %q: %w", ids, err)
		}
		facts = append(facts, f)
	}
	return facts, nil
}
