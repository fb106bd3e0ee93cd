package contacts

import (
	"context"
	"fmt"

	"github.com/nextcall/nextcall/campaign"
)

// Removing names a contact that is to go.
type Removing struct {
	Contact   campaign.ContactID
	Actor     campaign.Actor
	Operation string
}

// Removed is what became of a contact.
type Removed struct {
	Contact campaign.ContactID
	// Records are those that it had. They stay, without what was about the person.
	Records []campaign.Ref
}

// Delete removes a contact that has no open record, else the error is an
// *[OpenRecordsError] that names them. It erases as [Book.Erase] does.
func (b *Book) Delete(ctx context.Context, r Removing) (Removed, error) {
	return b.remove(ctx, &r, false)
}

// Erase takes all that is about the person from the contact, its records, their calls
// and their histories, and closes the records: in one change. What stays is what was
// done, when and by whom, without whom it was done to: counters, times, statuses,
// outcomes. Entries of blacklists stay, so that nobody calls them again. A host's ids
// of records stay too: they should not be made of names or numbers.
//
// While a record is leased it is refused with a *[campaign.LeasedError]. A contact that
// is not there, or not any more, is [ErrNotFound].
func (b *Book) Erase(ctx context.Context, r Removing) (Removed, error) {
	return b.remove(ctx, &r, true)
}

func (b *Book) remove(ctx context.Context, r *Removing, open bool) (Removed, error) {
	if err := checkActor(&r.Actor, r.Operation); err != nil {
		return Removed{}, err
	}
	var removed Removed
	err := again(func() (err error) {
		removed, err = b.removeOnce(ctx, r, open)
		return err
	})
	return removed, err
}

func (b *Book) removeOnce(ctx context.Context, r *Removing, openToo bool) (Removed, error) {
	contact, err := b.Get(ctx, r.Contact)
	if err != nil {
		return Removed{}, err
	}
	facts, err := b.records(ctx, contact.ID)
	if err != nil {
		return Removed{}, err
	}
	refused := &OpenRecordsError{Contact: contact.ID}
	for i := range facts {
		if open(&facts[i].Record) {
			refused.Records = append(refused.Records, refOf(&facts[i].Record))
		}
	}
	if len(refused.Records) > 0 && !openToo {
		return Removed{}, refused
	}
	now, known := b.now(), b.byCampaign()
	removed := Removed{Contact: contact.ID}
	change := campaign.Change{Forget: contact.ID}
	for i := range facts {
		f := &facts[i]
		ref := refOf(&f.Record)
		if f.Lease.Token != 0 {
			return Removed{}, leased(f)
		}
		c := known[ref.Campaign]
		if c == nil {
			return Removed{}, fmt.Errorf("record %s cannot be erased: %w", ref.Record, &CampaignError{ID: ref.Campaign})
		}
		also, err := c.Apply(f, campaign.Erasure{Actor: everywhere(r.Actor), Operation: r.Operation}, now)
		if err != nil {
			return Removed{}, fmt.Errorf("record %s of campaign %s: %w", ref.Record, ref.Campaign, err)
		}
		change.Also = append(change.Also, also)
		removed.Records = append(removed.Records, ref)
	}
	return removed, b.commit(ctx, change)
}
