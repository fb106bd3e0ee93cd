package memstore

import "github.com/nextcall/nextcall/campaign"

// read unpacks a record: into is wholly overwritten. Its phones are appended to
// an arena, which is returned; they are the arena's as long as it is not used
// again. Zones, Fields, Notes and Tags are the store's own, and never change. A
// record without anything unusual takes no memory but the arena's.
func (t *rows) read(s slot, into *campaign.Record, phones []campaign.Phone) []campaign.Phone {
	row := t.slab.At(s)
	from := len(phones)
	w := t.beside(row)
	if w != nil && w.whole != nil {
		*into = *w.whole
		into.Sequence, into.Version, into.Park = row.seq, int64(row.version), t.park(s)
		phones = append(phones, w.whole.Phones...)
		into.Phones = clip(phones, from)
		return phones
	}
	into.ID, into.Campaign = campaign.RecordID(t.texts.Get(row.id)), t.id
	into.ExternalID = t.texts.Get(row.external)
	into.Contact = ""
	if row.contact != 0 {
		into.Contact = campaign.ContactID(t.people.contactID(row.contact))
	}
	into.Type = t.kinds.Name(uint32(row.kind))
	into.List = t.lists.Name(uint32(row.list))
	into.Source = sources[row.flags>>sourceShift]
	into.Consent = row.flags&flagConsent != 0
	into.Sequence = row.seq
	into.Class = t.classes.Name(uint32(row.class))
	into.Sort, into.Order = usualSort(row.sort), row.sort
	if row.flags&flagRanked != 0 {
		into.Order = 0
		if w != nil {
			into.Order = w.order
		}
	}
	into.Created = row.created.time()
	into.Author = t.authors.Name(uint32(row.author))
	into.Operation = t.operations.Name(row.operation)
	into.Changes, into.Version = int64(row.changes), int64(row.version)
	t.unpackMarks(&row.marks, &into.Progress)
	var dialled *phoneFigures
	if row.past == 0 {
		into.Key, into.Park, into.Updated = 0, campaign.Park{}, into.Created
		noFigures(&into.Progress, row.created)
	} else {
		p := t.pasts.At(row.past)
		t.unpackFigures(&p.figures, &into.Progress)
		into.Key, into.Updated = p.key, p.updated.time()
		into.Park = campaign.Park{Until: p.park.time(), Reason: p.reason, Revision: p.parkRev}
		dialled = &p.phone
	}
	into.Fields, into.Notes, into.Tags, into.Past = nil, nil, nil, nil
	if w != nil {
		into.Fields, into.Notes, into.Tags, into.Past, into.DueInput = w.fields, w.notes, w.tags, w.past, w.input
	}
	if origin := t.origin(row); origin != nil {
		into.Past = origin
	}
	switch {
	case w != nil && len(w.phones) > 0:
		phones = append(phones, w.phones...)
	case row.number != 0:
		phones = append(phones, campaign.Phone{})
		p := &phones[from]
		p.Number = t.people.number(row.number)
		t.zones.put(row.zones, p)
		if dialled != nil {
			unpackPhone(dialled, p)
		}
		phones = t.readFurther(t.chain(row), phones)
	}
	into.Phones = clip(phones, from)
	return phones
}
