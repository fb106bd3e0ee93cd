package contacts

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/nextcall/nextcall/campaign"
)

// read makes a contact, and a record, of a row.
func (i *importing) read(row csvRow) *candidate {
	c := &candidate{row: Row{Line: row.line, Number: i.number}}
	if row.err != nil {
		c.refuse(RowRefused, row.err)
		return c
	}
	c.contact = new(campaign.Contact)
	if i.c != nil {
		c.record = &campaign.Record{Campaign: i.c.ID(), List: i.List, Type: i.Type, Operation: i.Operation}
	}
	var errs []error
	for k := range i.columns {
		col := &i.columns[k]
		text := strings.TrimSpace(row.cells[col.at])
		if text == "" {
			continue
		}
		if col.To != ToPhone {
			// A cell is a piece of its line, all of which would be kept with it.
			text = strings.Clone(text)
		}
		if msg := i.cell(c, col, text); msg != "" {
			err := &FileError{Line: row.line, Column: col.Name, Msg: strconv.Quote(clipped(text)) + ": " + msg}
			if col.To == ToPhone && i.DropBadPhones {
				c.row.Warnings = append(c.row.Warnings, err.Error())
				continue
			}
			errs = append(errs, err)
		}
	}
	c.keys = c.contact.Unique()
	if len(c.keys) == 0 && (c.record == nil || c.record.ID == "") && errs == nil {
		errs = append(errs, &FileError{Line: row.line, Msg: "no phone, e-mail address, key or record id: nobody could tell that it is there already"})
	}
	if len(errs) > 0 {
		c.refuse(RowRefused, errors.Join(errs...))
	}
	return c
}

// cell reads one cell, or says what would be right.
func (i *importing) cell(c *candidate, col *placed, text string) string {
	to, r := c.contact, c.record
	switch col.To {
	case ToCompany:
		to.Company = text
	case ToFirstName:
		to.FirstName = text
	case ToLastName:
		to.LastName = text
	case ToCountry:
		to.Country = text
	case ToEmail:
		if !slices.ContainsFunc(to.Emails, func(e string) bool { return strings.EqualFold(e, text) }) {
			to.Emails = append(to.Emails, text)
		}
	case ToKey:
		if !slices.Contains(to.Keys, text) {
			to.Keys = append(to.Keys, text)
		}
	case ToPhone:
		return i.phone(c, text)
	case ToField, ToRecordField:
		value, msg := valueOf(col.kind, text)
		if msg != "" {
			return msg
		}
		fields := &to.Fields
		if col.To == ToRecordField {
			fields = &r.Fields
		}
		if *fields == nil {
			*fields = make(campaign.Fields)
		}
		(*fields)[col.Field] = value
	case ToRecordID:
		r.ID = campaign.RecordID(text)
	case ToExternalID:
		r.ExternalID = text
	case ToOrder:
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil {
			return "want a whole number from 1 (first) to 65535, or nothing"
		}
		r.Order = uint16(n)
	case ToConsent:
		value, msg := valueOf(campaign.Bool, text)
		if msg != "" {
			return msg
		}
		r.Consent = value == true
	case ToNote:
		r.Notes = append(r.Notes, campaign.Note{At: i.book.now(), Author: i.Actor.Name(), Text: text})
	case ToTag:
		if !slices.Contains(r.Tags, text) {
			r.Tags = append(r.Tags, text)
		}
	}
	return ""
}

// phone reads a phone into the contact, and as the record dials it.
func (i *importing) phone(c *candidate, text string) string {
	p, err := i.Phone(text)
	switch {
	case err != nil:
		return err.Error()
	case !p.Number.Valid():
		return "no number: want one, or an error of Importing.Phone"
	case slices.Contains(c.contact.Phones, p.Number):
		return ""
	}
	c.contact.Phones = append(c.contact.Phones, p.Number)
	if c.record != nil {
		c.record.Phones = append(c.record.Phones, p)
	}
	return ""
}
