package contacts

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// write judges rows and writes what is to be written. It returns those that have to
// be judged again, because somebody changed what they were judged by. The last time
// these are refused.
func (i *importing) write(ctx context.Context, rows []*candidate, last bool) ([]*candidate, error) {
	if err := i.meet(ctx, rows); err != nil {
		return nil, err
	}
	if err := i.named(ctx, rows); err != nil {
		return nil, err
	}
	records, err := i.existing(ctx, rows)
	if err != nil {
		return nil, err
	}
	listed := i.askLists(ctx, rows)
	var changes []campaign.Change
	var owners []*candidate
	for _, c := range rows {
		if c.judged {
			continue
		}
		change, err := i.judge(ctx, c, records, listed)
		if err != nil {
			c.fail(err)
		}
		if !c.judged {
			changes, owners = append(changes, change), append(owners, c)
		}
	}
	if len(changes) == 0 {
		return nil, nil
	}
	errs, err := i.book.store.Commit(ctx, changes...)
	if err != nil {
		return nil, fmt.Errorf("write rows %d to %d: %w", rows[0].row.Number, rows[len(rows)-1].row.Number, err)
	}
	var again []*candidate
	for k, err := range errs {
		var exists *campaign.ContactExistsError
		switch c := owners[k]; {
		case err == nil:
		case !last && (errors.Is(err, campaign.ErrConflict) || errors.As(err, &exists) && c.have == nil):
			c.row.Warnings = nil
			again = append(again, c)
		default:
			c.fail(err)
		}
	}
	return again, nil
}

// fail refuses a row for an error of the store, or of what checks it.
func (c *candidate) fail(err error) {
	var duplicate *campaign.DuplicateError
	var exists *campaign.ContactExistsError
	var ambiguous *AmbiguousError
	switch {
	case errors.As(err, &duplicate):
		c.row.Record = duplicate.Existing
		c.refuse(RowDuplicate, err)
	case errors.As(err, &exists):
		c.row.Contact = exists.Matches[0].Contact
		c.refuse(RowDuplicate, err)
	case errors.As(err, &ambiguous):
		c.row.Contact = ambiguous.Contacts[0]
		c.refuse(RowDuplicate, err)
	default:
		c.refuse(RowRefused, err)
	}
}

// meet finds the contacts that rows are of.
func (i *importing) meet(ctx context.Context, rows []*candidate) error {
	var keys []campaign.ContactKey
	for _, c := range rows {
		keys = append(keys, c.keys...)
	}
	if len(keys) == 0 {
		return nil
	}
	have, err := i.book.store.ContactsWith(ctx, keys...)
	if err != nil {
		return fmt.Errorf("look for the rows' contacts: %w", err)
	}
	var ids []campaign.ContactID
	for _, list := range have {
		ids = append(ids, list...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	known := make(map[campaign.ContactID]*campaign.Contact, len(ids))
	if len(ids) > 0 {
		found, err := i.book.store.Contacts(ctx, ids...)
		if err != nil {
			return fmt.Errorf("read the rows' contacts: %w", err)
		}
		for k, c := range found {
			if c != nil {
				known[ids[k]] = c
			}
		}
	}
	for _, c := range rows {
		if err := i.recognise(c, have[:len(c.keys)], known); err != nil {
			c.fail(err)
		}
		have = have[len(c.keys):]
	}
	return nil
}

// recognise decides which contact a row is of, if it is known: who has each of its
// keys says have.
func (i *importing) recognise(c *candidate, have [][]campaign.ContactID, known map[campaign.ContactID]*campaign.Contact) error {
	c.have, c.sure, c.row.Contact = nil, false, ""
	var byKey, byReach []campaign.ContactID
	var matches []campaign.ContactMatch
	for k, ids := range have {
		for _, id := range ids {
			if known[id] == nil {
				continue
			}
			list := &byReach
			if c.keys[k].Kind == campaign.KeyOwn {
				list = &byKey
			}
			if !slices.Contains(*list, id) {
				*list = append(*list, id)
			}
			matches = append(matches, campaign.ContactMatch{Key: c.keys[k], Contact: id})
		}
	}
	switch {
	case len(byKey) > 1:
		return &AmbiguousError{Keys: c.keys, Contacts: byKey}
	case len(byKey) == 1:
		c.have, c.sure = known[byKey[0]], true
	case len(byReach) == 0:
	case len(c.contact.Keys) > 0 && !slices.ContainsFunc(byReach, func(id campaign.ContactID) bool { return len(known[id].Keys) == 0 }):
		// They are others: the host's own keys tell them apart.
		if !i.AllowDuplicate {
			return &campaign.ContactExistsError{Contact: c.contact.ID, Matches: matches}
		}
	case len(byReach) > 1:
		slices.Sort(byReach)
		return &AmbiguousError{Keys: c.keys, Contacts: byReach}
	default:
		c.have = known[byReach[0]]
	}
	if c.have != nil {
		c.row.Contact = c.have.ID
	}
	return nil
}

// named settles rows of nobody who is known that name a record which is there.
func (i *importing) named(ctx context.Context, rows []*candidate) error {
	byID := make(map[campaign.RecordID]*candidate)
	var ids []campaign.RecordID
	for _, c := range rows {
		if !c.judged && c.have == nil && c.record != nil && c.record.ID != "" {
			byID[c.record.ID] = c
			ids = append(ids, c.record.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	filter := campaign.Filter{Campaigns: []campaign.ID{i.c.ID()}, Records: ids, At: i.book.now()}
	for f, err := range i.book.store.Find(ctx, filter, campaign.Need{NoCalls: true}) {
		if err != nil {
			return fmt.Errorf("find the rows' records: %w", err)
		}
		c, ref := byID[f.Record.ID], refOf(&f.Record)
		if c == nil {
			continue
		}
		if f.Record.Operation == i.Operation {
			c.refuse(RowUnchanged, nil)
		} else {
			c.refuse(RowDuplicate, &campaign.DuplicateError{What: "record id", Value: string(ref.Record), Existing: ref})
		}
		c.row.Contact, c.row.Record = f.Record.Contact, ref
	}
	return nil
}

// existing finds the records that the rows' contacts have in the campaign.
func (i *importing) existing(ctx context.Context, rows []*candidate) (map[campaign.ContactID]*campaign.Record, error) {
	if i.c == nil {
		return nil, nil
	}
	var ids []campaign.ContactID
	for _, c := range rows {
		if !c.judged && c.have != nil {
			ids = append(ids, c.have.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	records := make(map[campaign.ContactID]*campaign.Record)
	filter := campaign.Filter{Campaigns: []campaign.ID{i.c.ID()}, Contacts: ids, At: i.book.now()}
	for f, err := range i.book.store.Find(ctx, filter, campaign.Need{NoCalls: true}) {
		if err != nil {
			return nil, fmt.Errorf("find the records of the rows' contacts: %w", err)
		}
		r := f.Record
		if old := records[r.Contact]; old == nil || further(&r, old) {
			records[r.Contact] = &r
		}
	}
	return records, nil
}

// askLists asks the blacklists about all numbers of the rows at once.
func (i *importing) askLists(ctx context.Context, rows []*candidate) map[blacklist.Number][]blacklist.Answer {
	if i.c == nil || i.AllowBlacklisted {
		return nil
	}
	var records []*campaign.Record
	for _, c := range rows {
		switch {
		case c.judged:
		case len(c.record.Phones) == 0 && c.have != nil:
			records = append(records, &campaign.Record{Phones: i.book.phonesOf(c.have)})
		default:
			records = append(records, c.record)
		}
	}
	listed := make(map[blacklist.Number][]blacklist.Answer)
	for _, a := range i.book.listed(ctx, i.c, i.book.now(), records...) {
		listed[a.Number] = append(listed[a.Number], a)
	}
	return listed
}

// judge decides what becomes of a row, and makes its change. A row that is judged
// then has none.
func (i *importing) judge(ctx context.Context, c *candidate, records map[campaign.ContactID]*campaign.Record, listed map[blacklist.Number][]blacklist.Answer) (campaign.Change, error) {
	b, now := i.book, i.book.now()
	c.newContact, c.newRecord = c.have == nil, false
	next, changed, err := i.contact(c)
	if err != nil {
		return campaign.Change{}, err
	}
	var record *campaign.Record
	if c.have != nil {
		record = records[c.have.ID]
	}
	change := campaign.Change{}
	switch {
	case i.c == nil || record != nil:
		if record != nil {
			c.row.Record = refOf(record)
		}
		if c.have != nil && !changed {
			i.nothingNew(c, record)
			return campaign.Change{}, nil
		}
	default:
		if change, err = i.admit(c, next, listed); err != nil || c.judged {
			return campaign.Change{}, err
		}
	}
	if c.have == nil {
		next.Created = now
	}
	if changed || c.have == nil {
		next.Updated, next.Author, next.Operation = now, i.Actor.Name(), i.Operation
	}
	change.Contact = next
	change.UniqueContact = !i.AllowDuplicate && addsKeys(c.have, next)
	c.row.Outcome = RowAdded
	if !c.newContact && !c.newRecord {
		c.row.Outcome = RowUpdated
	}
	if c.have != nil {
		var saved Saved
		s := Saving{Actor: i.Actor, Operation: i.Operation}
		if err := b.spread(ctx, c.have, &s, now, &change, &saved); err != nil {
			return campaign.Change{}, err
		}
		c.row.Warnings = append(c.row.Warnings, saved.Warnings...)
	}
	return change, nil
}

// contact is the row's contact as it is to be: a new one, or the one that is there
// with the row's data.
func (i *importing) contact(c *candidate) (next *campaign.Contact, changed bool, err error) {
	if c.have == nil {
		if next, err = i.book.check(c.contact); err != nil {
			return nil, false, err
		}
		if c.contact.ID == "" { // the same one when the row is judged again
			id, err := i.book.newID("contact")
			if err != nil {
				return nil, false, err
			}
			c.contact.ID = campaign.ContactID(id)
		}
		next.ID = c.contact.ID
		c.row.Contact = next.ID
		return next, true, nil
	}
	if i.KeepData {
		data := *c.have
		return &data, false, nil
	}
	next, err = i.book.check(joined(c.have, c.contact, !c.sure))
	if err != nil {
		return nil, false, err
	}
	next.Version = c.have.Version
	return next, !same(c.have, next), nil
}

// nothingNew says of a row whose contact, and record, are there that nothing is to
// be written.
func (i *importing) nothingNew(c *candidate, record *campaign.Record) {
	switch {
	case record != nil && record.Operation != i.Operation:
		c.refuse(RowDuplicate, &campaign.DuplicateError{What: "contact in campaign", Value: string(c.have.ID), Existing: refOf(record)})
	case record == nil && !c.sure && c.have.Operation != i.Operation:
		c.refuse(RowDuplicate, nil)
	default:
		c.refuse(RowUnchanged, nil)
	}
}

// admit makes the change that adds the row's record.
func (i *importing) admit(c *candidate, contact *campaign.Contact, listed map[blacklist.Number][]blacklist.Answer) (campaign.Change, error) {
	r := *c.record
	r.Contact = contact.ID
	if r.ID == "" {
		id, err := i.book.newID("record")
		if err != nil {
			return campaign.Change{}, err
		}
		r.ID = campaign.RecordID(id)
		c.record.ID = r.ID
	}
	if len(r.Phones) == 0 {
		r.Phones = i.book.phonesOf(contact)
	}
	facts := campaign.Facts{Record: r}
	for _, p := range r.Phones {
		facts.Listed = append(facts.Listed, listed[p.Number]...)
	}
	if err := facts.AllListed(); err != nil {
		c.refuse(RowBlacklisted, err)
		return campaign.Change{}, nil
	}
	change, err := i.c.Admit(r, i.Actor, i.book.now())
	if err != nil {
		return campaign.Change{}, err
	}
	change.UniqueNumbers = !i.AllowSameNumber
	c.newRecord = true
	c.row.Record = change.Ref
	c.row.Warnings = append(c.row.Warnings, change.Answer.Warnings...)
	return change, nil
}
