package contacts

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// Opening is a case to be opened: a record that links a contact to a campaign.
type Opening struct {
	Campaign campaign.ID
	Actor    campaign.Actor
	// Channel is where it came from: agent, call, mail, fax, sms, mms or web.
	Channel campaign.Channel

	// Chosen is an existing contact, such as one that was suggested: it is linked,
	// and none is made.
	Chosen campaign.ContactID
	// New are the data of a contact that is made with the case. Give it, or Chosen.
	New *campaign.Contact
	// AllowDuplicate makes it although another contact has one of its keys.
	AllowDuplicate bool

	Record     campaign.RecordID // "": Config.NewID makes one
	ExternalID string
	Type       string // record type
	List       string
	Fields     campaign.Fields
	Tags       []string
	Order      uint16
	Consent    bool
	// Phones are those that are dialled. Nil: the contact's.
	Phones []campaign.Phone

	// Status is given with Input; "" holds the case, to be called by hand only.
	Status status.ID
	Input  campaign.Input
	// Blacklist says which numbers a status with a blacklist lists.
	Blacklist campaign.Which
	Owner     campaign.AgentID
	Note      string
	// AllowSameNumber opens it although another open record of the campaign has one
	// of its numbers.
	AllowSameNumber bool
	Operation       string
}

// Opened is a case that was opened.
type Opened struct {
	Ref     campaign.Ref
	Record  campaign.Record
	Contact *campaign.Contact
	Added   bool // the contact is new
	// Listed are blacklists' answers about its numbers: it is opened all the same, but
	// a number that is listed is not called.
	Listed   []blacklist.Answer
	Answer   campaign.Answer // what the status came to, and warnings
	Warnings []string
}

// Channels are those that a case comes from, in the order of the screens.
func Channels() []campaign.Channel {
	return []campaign.Channel{
		campaign.ChannelAgent, campaign.ChannelCall, campaign.ChannelMail, campaign.ChannelFax,
		campaign.ChannelSMS, campaign.ChannelMMS, campaign.ChannelWeb,
	}
}

// Open opens a case. A new contact and the case are one change.
//
// All that is wrong is found at once: a *[CampaignError]; what [campaign.Campaign.AdmitAs]
// finds, required fields and next call among it; what is wrong with the contact. Then
// come a *[campaign.ContactExistsError], which names the contact to choose instead, and
// a *[campaign.DuplicateError], which names the contact's record in this campaign: there
// is at most one.
func (b *Book) Open(ctx context.Context, o Opening) (Opened, error) {
	var k checker
	c, err := b.campaign(o.Campaign, &o.Actor)
	if err != nil {
		k.errs = append(k.errs, err)
	}
	if !slices.Contains(Channels(), o.Channel) {
		k.wrong("channel", string(o.Channel), fmt.Sprintf("want one of %q", Channels()))
	}
	if err := checkActor(&o.Actor, o.Operation); err != nil {
		k.errs = append(k.errs, err)
	}
	var fresh *campaign.Contact
	switch {
	case o.New == nil && o.Chosen == "":
		k.wrong("contact", "", "want the data of a new contact, or the id of an existing one")
	case o.New != nil && o.Chosen != "":
		k.wrong("contact", string(o.Chosen), "chosen, and new data are given: give one of them, and save the other's data first")
	case o.New != nil:
		if fresh, err = b.check(o.New); err != nil {
			k.errs = append(k.errs, err)
		} else if fresh.ID == "" {
			id, err := b.newID("contact")
			if err != nil {
				k.errs = append(k.errs, err)
			}
			fresh.ID = campaign.ContactID(id)
		}
	}
	if o.Record == "" {
		id, err := b.newID("record")
		if err != nil {
			k.errs = append(k.errs, err)
		}
		o.Record = campaign.RecordID(id)
	}
	if c == nil {
		return Opened{}, errors.Join(k.errs...)
	}
	var opened Opened
	err = again(func() (err error) {
		opened, err = b.open(ctx, c, &o, fresh, k.errs)
		return err
	})
	return opened, err
}

// open opens a case in a campaign. errs are the mistakes that are known already.
func (b *Book) open(ctx context.Context, c *campaign.Campaign, o *Opening, fresh *campaign.Contact, errs []error) (Opened, error) {
	now := b.now()
	opened := Opened{Added: fresh != nil}
	contact := fresh
	if fresh != nil {
		old, err := b.stored(ctx, fresh.ID)
		switch {
		case err != nil:
			return Opened{}, err
		case old != nil:
			err := &campaign.FieldError{Path: "contact.id", Value: string(fresh.ID), Msg: "there is such a contact: choose it, or give another id"}
			return Opened{}, errors.Join(append(slices.Clone(errs), err)...)
		}
		data := *fresh
		contact = &data
		contact.Created, contact.Updated, contact.Author, contact.Operation, contact.Version = now, now, o.Actor.Name(), o.Operation, 0
	} else if o.Chosen != "" {
		found, err := b.Get(ctx, o.Chosen)
		if err != nil {
			return Opened{}, errors.Join(append(slices.Clone(errs), err)...)
		}
		data := *found
		contact = &data
	}
	if contact == nil {
		contact = new(campaign.Contact) // the case is checked all the same
	}
	r := campaign.Record{
		ID: o.Record, Campaign: c.ID(), ExternalID: o.ExternalID, Contact: contact.ID, Type: o.Type, List: o.List,
		Phones: o.Phones, Fields: o.Fields, Tags: o.Tags, Source: o.Channel, Consent: o.Consent, Order: o.Order,
		Progress:  campaign.Progress{Status: o.Status, Owner: o.Owner},
		Operation: o.Operation,
	}
	if r.Phones == nil {
		r.Phones = b.phonesOf(contact)
	}
	if o.Note != "" {
		r.Notes = []campaign.Note{{At: now, Author: o.Actor.Name(), Text: o.Note}}
	}
	change, err := c.AdmitAs(r, campaign.Admission{Actor: o.Actor, Input: &o.Input, Blacklist: o.Blacklist}, now)
	if err != nil || len(errs) > 0 {
		return Opened{}, errors.Join(append(slices.Clone(errs), err)...)
	}
	// An existing contact is written as it is: a change of its phones that comes
	// between is a conflict, and the case is opened with the new ones.
	change.Contact = contact
	change.UniqueContact = opened.Added && !o.AllowDuplicate
	change.UniqueNumbers = !o.AllowSameNumber
	if !opened.Added {
		if err := b.onlyCase(ctx, c, contact.ID); err != nil {
			return Opened{}, err
		}
	}
	if err := b.commit(ctx, change); err != nil {
		return Opened{}, err
	}
	contact.Version++
	opened.Ref, opened.Record, opened.Contact = change.Ref, *change.Record, contact
	opened.Record.Version = 1
	opened.Answer, opened.Warnings = change.Answer, change.Answer.Warnings
	opened.Listed = b.listed(ctx, c, now, &r)
	return opened, nil
}

// onlyCase refuses a second record of a contact in a campaign, and names the first:
// the open one, where others gave way to it.
func (b *Book) onlyCase(ctx context.Context, c *campaign.Campaign, id campaign.ContactID) error {
	var have *campaign.Record
	filter := campaign.Filter{Campaigns: []campaign.ID{c.ID()}, Contacts: []campaign.ContactID{id}, At: b.now()}
	for f, err := range b.store.Find(ctx, filter, campaign.Need{NoCalls: true}) {
		if err != nil {
			return fmt.Errorf("find the contact's record: %w", err)
		}
		if r := f.Record; have == nil || further(&r, have) {
			have = &r
		}
	}
	if have == nil {
		return nil
	}
	return &campaign.DuplicateError{What: "contact in campaign", Value: string(id), Existing: refOf(have)}
}
