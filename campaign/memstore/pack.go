package memstore

import (
	"math"

	"github.com/nextcall/nextcall/campaign"
)

// write replaces what is kept of a record, which fits. The queues' own fields
// and flags stay, and so do its calls and what was before the latest of them.
// Nothing that the caller goes on writing to is kept.
func (t *rows) write(s slot, r *campaign.Record, contact uint32, numbers []uint32) {
	row := t.slab.At(s)
	row.contact = contact
	row.seq, row.version = r.Sequence, uint32(r.Version)
	row.created = stampOf(r.Created)
	row.changes = uint32(r.Changes)
	// Each step says whether all of it fitted; each is done, so that the record
	// can be found and sorted by its row even if some did not.
	fits := t.packMarks(&row.marks, &r.Progress)
	fits = t.packNames(row, r) && fits
	fits = t.packFlags(row, r) && fits
	chain, plain := t.packPhones(row, r, numbers)
	fits = t.packPast(row, r, plain) && fits
	if row.created < 0 || int64(row.changes) != r.Changes {
		fits = false
	}
	if !fits {
		plain = false
	}
	if !plain {
		t.dropFurther(chain)
		chain = 0
	}
	w := t.packWide(row, r, chain, fits && plain)
	switch {
	case w == nil:
	case fits:
		t.packRest(w, row, r, numbers, plain)
	default:
		t.packWhole(w, r, numbers)
	}
	row.due = max(row.due, 0)
}

func (t *rows) packNames(row *row, r *campaign.Record) bool {
	m := &t.max
	var class, list, operation, author, external bool
	row.class, class = short(&t.classes, row.class, r.Class, "the list of classes", m.classes)
	row.list, list = short(&t.lists, row.list, r.List, "the list of import lists", m.lists)
	row.operation, operation = long(&t.operations, row.operation, r.Operation, "the list of operations", m.operations)
	row.author, author = short(&t.authors, row.author, r.Author, "the list of authors", min(m.authors, math.MaxUint16))
	k, kind := short(&t.kinds, uint16(row.kind), r.Type, "the list of record types", min(m.types, math.MaxUint8))
	row.kind = uint8(k)
	external = t.packExternal(row, r.ExternalID)
	return class && list && operation && author && kind && external
}

func (t *rows) packExternal(row *row, id string) bool {
	if t.texts.Get(row.external) == id {
		return true
	}
	row.external = 0
	if id == "" {
		return true
	}
	h, err := t.texts.Put(id)
	if err != nil {
		return false
	}
	row.external = h
	t.bytes += len(id) + textHead
	return true
}

func (t *rows) packFlags(row *row, r *campaign.Record) bool {
	f := row.flags &^ (flagConsent | flagRanked | flagOddSort | sourceMask)
	if r.Consent {
		f |= flagConsent
	}
	source, ok := sourceCode(r.Source)
	row.sort = uint16(r.Sort) // 65,536 is 0 there
	odd := r.Sort != usualSort(row.sort)
	switch {
	case odd:
		f |= flagOddSort
	case row.sort != r.Order:
		f |= flagRanked
	}
	row.flags = f | source
	return ok && !odd
}

// packPhones writes the first phone of a record and the chain of those behind it,
// and says whether there is nothing more to its phones.
func (t *rows) packPhones(row *row, r *campaign.Record, numbers []uint32) (uint32, bool) {
	chain := t.chain(row)
	row.number = 0
	if len(numbers) > 0 {
		row.number = numbers[0]
	}
	if len(numbers) != len(r.Phones) { // some come twice, or are none
		return chain, false
	}
	if len(r.Phones) == 0 {
		row.zones = 0
		return t.packFurther(chain, nil, nil)
	}
	p := &r.Phones[0]
	zones, ok := t.zones.id(p, row.zones, t.max.zones)
	row.zones = zones
	if !ok || !plain(p) {
		return chain, false
	}
	return t.packFurther(chain, r.Phones[1:], numbers[1:])
}

// packPast writes what happened to the record. A record that nothing happened to
// gets no block for it.
func (t *rows) packPast(row *row, r *campaign.Record, plain bool) bool {
	updated := stampOf(r.Updated)
	dialled := plain && len(r.Phones) > 0 && !undialled(&r.Phones[0])
	if row.past == 0 && !dialled && updated == row.created && stampOf(r.StatusAt) == row.created &&
		row.created >= 0 && r.Key == 0 && len(r.Past) == 0 && r.Park == (campaign.Park{}) && untouched(&r.Progress) {
		return true
	}
	p := t.block(row)
	p.updated, p.key = updated, r.Key
	p.setPark(r.Park)
	p.origins, _ = t.origins.id(r.Past, p.origins, t.max.origins) // 0 if it is full: see packWide
	fits := updated >= 0 && t.packFigures(&p.figures, &r.Progress)
	p.phone = phoneFigures{}
	if dialled && !packPhone(&p.phone, &r.Phones[0]) {
		return false
	}
	return fits
}

// origin is what the record's past says of the campaigns that it came from.
func (t *rows) origin(row *row) []campaign.ID {
	if row.past == 0 {
		return nil
	}
	return t.origins.at(t.pasts.At(row.past).origins)
}

// packWide makes or drops the place for what does not fit the row, and returns
// it, nil if there is none. The chain of further phones goes there, too.
func (t *rows) packWide(row *row, r *campaign.Record, chain uint32, fits bool) *wide {
	w := t.beside(row)
	if fits && len(r.Fields) == 0 && len(r.Notes) == 0 && len(r.Tags) == 0 && len(t.origin(row)) == len(r.Past) && r.DueInput == nil && (row.flags&flagRanked == 0 || r.Order == 0) {
		if w != nil {
			t.wides.drop(row.aside)
		}
		if row.aside = 0; chain != 0 {
			row.aside = chain | onlyFurther
		}
		return nil
	}
	if w == nil {
		row.aside = t.wides.add()
		w = t.wides.at(row.aside)
	}
	w.further = chain
	return w
}

// packRest writes what a row has no place for.
func (t *rows) packRest(w *wide, row *row, r *campaign.Record, numbers []uint32, plain bool) {
	w.whole = nil
	w.input = ownInput(r.DueInput, w.input)
	w.fields, w.notes, w.tags, w.past = storedFields(r.Fields), storedNotes(r.Notes), r.Tags, nil
	if len(t.origin(row)) == 0 {
		w.past = r.Past
	}
	w.order = r.Order
	if plain {
		w.phones, w.numbers = nil, nil
		return
	}
	w.numbers = append(w.numbers[:0], numbers...)
	clear(w.phones[min(len(r.Phones), len(w.phones)):])
	w.phones = t.storedPhones(w.phones[:0], r.Phones)
}

// packWhole keeps the record as it is.
func (t *rows) packWhole(w *wide, r *campaign.Record, numbers []uint32) {
	whole := storedRecord(r)
	whole.Phones = t.storedPhones(nil, r.Phones)
	whole.DueInput = ownInput(r.DueInput, nil)
	*w = wide{whole: &whole, numbers: append(w.numbers[:0], numbers...)}
}

// storedPhones appends phones as they are stored, with zones of the store's own.
func (t *rows) storedPhones(into, phones []campaign.Phone) []campaign.Phone {
	for i := range phones {
		p := phones[i]
		micros(&p.BlockedUntil, &p.LastCall)
		if id, ok := t.zones.id(&p, 0, t.max.zones); ok {
			t.zones.put(id, &p)
		} else {
			p.Zones = ownZones(p.Zones)
		}
		into = append(into, p)
	}
	return into
}

// ownInput copies what a person typed, unless old says the same.
func ownInput(l, old *campaign.LocalTime) *campaign.LocalTime {
	switch {
	case l == nil:
		return nil
	case old != nil && *old == *l:
		return old
	}
	own := *l
	return &own
}
