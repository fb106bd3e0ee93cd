package contacts

import (
	"errors"
	"fmt"

	"github.com/nextcall/nextcall/campaign"
)

// ErrNotFound says that there is no such contact.
var ErrNotFound = errors.New("contact not found")

// CampaignError says that a campaign cannot be chosen.
type CampaignError struct {
	ID campaign.ID // "": none was chosen
	// Known says that there is such a campaign, but not for this actor.
	Known     bool
	Available []campaign.ID // that can be chosen
}

func (e *CampaignError) Error() string {
	switch {
	case e.ID == "":
		return fmt.Sprintf("a case needs a campaign: want one of %q", e.Available)
	case e.Known:
		return fmt.Sprintf("campaign %q is not available to this user: want one of %q", e.ID, e.Available)
	}
	return fmt.Sprintf("there is no campaign %q: want one of %q", e.ID, e.Available)
}

// MergedError says that a contact has become another one.
type MergedError struct{ ID, Into campaign.ContactID }

func (e *MergedError) Error() string {
	return fmt.Sprintf("contact %q was merged into %q: read and change that one", e.ID, e.Into)
}

// AmbiguousError says that several contacts have what should name one of them.
type AmbiguousError struct {
	Keys     []campaign.ContactKey
	Contacts []campaign.ContactID
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("contacts %q all have one of %s: merge them, or name the one that is meant", e.Contacts, keysText(e.Keys))
}

func keysText(keys []campaign.ContactKey) string {
	text := ""
	for i, k := range keys {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%s %q", k.Kind, k.Value)
	}
	return text
}

// OpenRecordsError says that a contact cannot be deleted while it has open records.
type OpenRecordsError struct {
	Contact campaign.ContactID
	Records []campaign.Ref
}

func (e *OpenRecordsError) Error() string {
	text := fmt.Sprintf("contact %q has open records:", e.Contact)
	for i, r := range e.Records {
		if i == 10 {
			text += fmt.Sprintf(" and %d more", len(e.Records)-i)
			break
		}
		text += fmt.Sprintf(" %s of campaign %s;", r.Record, r.Campaign)
	}
	return text + " close them first, or erase the contact"
}

// notFound is ErrNotFound with the contact that was looked for.
func notFound(id campaign.ContactID) error { return fmt.Errorf("contact %q: %w", id, ErrNotFound) }

// leased says who holds a record.
func leased(f *campaign.Facts) error {
	return &campaign.LeasedError{Hold: campaign.Hold{
		Ref: refOf(&f.Record), Holder: f.Lease.Holder, Until: f.Lease.Until,
	}}
}

func refOf(r *campaign.Record) campaign.Ref { return campaign.Ref{Campaign: r.Campaign, Record: r.ID} }
