package contacts

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/nextcall/nextcall/campaign"
)

// Upserting is a contact to be added, or to be filled in where there is one with its
// key.
type Upserting struct {
	// Key is one of the contact's own: which contact is meant.
	Key campaign.ContactKey
	// Contact are the data. Where the contact is there already, names, company,
	// country and fields that are given replace what it has, and phones, e-mail
	// addresses and keys are added behind those it has; what is empty stays. A nil
	// field is cleared. ID is for one that is new.
	Contact        campaign.Contact
	Actor          campaign.Actor
	AllowDuplicate bool           // as in Saving, for the other keys
	Held           []campaign.Ref // as in Saving
	Operation      string
}

// Upsert saves a contact under one of its keys. Done again it changes nothing. When
// several contacts have the key it is an *[AmbiguousError]; the other errors are
// those of [Book.Save].
func (b *Book) Upsert(ctx context.Context, u Upserting) (Saved, error) {
	if !slices.Contains(u.Contact.Unique(), u.Key) {
		return Saved{}, &campaign.FieldError{Path: "key", Value: string(u.Key.Kind) + " " + clipped(u.Key.Value),
			Msg: "want a phone, an e-mail address or a key of the contact, as Contact.Unique gives it"}
	}
	s := Saving{Actor: u.Actor, AllowDuplicate: u.AllowDuplicate, Held: u.Held, Operation: u.Operation}
	var saved Saved
	err := again(func() error {
		have, err := b.ByKey(ctx, u.Key)
		if err != nil {
			return err
		}
		switch len(have) {
		case 0:
			s.Contact = u.Contact
			s.Contact.Version = 0
		case 1:
			s.Contact = *joined(have[0], &u.Contact, false)
		default:
			return &AmbiguousError{Keys: []campaign.ContactKey{u.Key}, Contacts: idsOf(have)}
		}
		saved, err = b.Save(ctx, s)
		if changedMeanwhile(err, u.Key, len(have) == 0) {
			return campaign.ErrConflict
		}
		return err
	})
	return saved, err
}

// changedMeanwhile reports whether somebody saved the contact with a key since it
// was looked for: another version of it, or the first where none was.
func changedMeanwhile(err error, key campaign.ContactKey, first bool) bool {
	var named *versionError
	var exists *campaign.ContactExistsError
	return errors.As(err, &named) || first && errors.As(err, &exists) &&
		slices.ContainsFunc(exists.Matches, func(m campaign.ContactMatch) bool { return m.Key == key })
}

// idsOf are the ids of contacts.
func idsOf(contacts []*campaign.Contact) []campaign.ContactID {
	ids := make([]campaign.ContactID, len(contacts))
	for i, c := range contacts {
		ids[i] = c.ID
	}
	return ids
}

// joined is a contact with the data of another one. With fill only what it has not
// is taken from there, else what is given there replaces.
func joined(have, given *campaign.Contact, fill bool) *campaign.Contact {
	out := *have
	text := func(to *string, s string) {
		if s = strings.TrimSpace(s); s != "" && (*to == "" || !fill) {
			*to = s
		}
	}
	text(&out.Company, given.Company)
	text(&out.FirstName, given.FirstName)
	text(&out.LastName, given.LastName)
	text(&out.Country, given.Country)
	out.Phones = joinedList(have.Phones, given.Phones)
	out.Keys = joinedList(have.Keys, given.Keys)
	out.Emails = slices.Clone(have.Emails)
	for _, e := range given.Emails {
		e = strings.TrimSpace(e)
		if !slices.ContainsFunc(out.Emails, func(o string) bool { return strings.EqualFold(o, e) }) {
			out.Emails = append(out.Emails, e)
		}
	}
	out.Fields = maps.Clone(have.Fields)
	for name, value := range given.Fields {
		if out.Fields == nil {
			out.Fields = make(campaign.Fields)
		}
		if campaign.Blank(out.Fields[name]) || !fill {
			out.Fields[name] = value
		}
	}
	return &out
}

func joinedList[T comparable](have, given []T) []T {
	out := slices.Clone(have)
	for _, v := range given {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}
