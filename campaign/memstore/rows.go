package memstore

import (
	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/dense"
)

// rows are the records of a campaign in compact form. The order of the slots is that
// of adding. So a slot that a record left when it moved to another campaign is used
// again as soon as no record is behind it, and not before. Whoever uses rows holds the
// campaign's lock; only name of a record that is there may be called without it.
type rows struct {
	id     campaign.ID
	people *people
	max    maxima
	logged uint16 // the log's number of this campaign: see calls.lineOf

	slab     dense.Slab[row]
	used     int         // slots up to that of the last record; those behind it were left
	gone     int         // slots below used without a record
	worn     slot        // slots below it may be in a run from an earlier record
	index    dense.Index // record ids
	texts    dense.Texts // record ids and external ids
	bytes    int         // in texts
	pasts    dense.Slab[past]
	befores  dense.Slab[earlier]
	furthers dense.Slab[further]
	wides    pool[wide]
	wholes   pool[campaign.Before] // of the records whose Before does not fit

	classes, statuses, agents, lists, operations, authors, kinds dense.Names

	zones   zoneTable
	origins origins
}

func newRows(id campaign.ID, p *people) *rows {
	t := &rows{id: id, people: p, max: usualMaxima()}
	// Block 0 means none. The first block of an empty slab is always to be had.
	_, _ = t.pasts.Add("blocks", 1)
	_, _ = t.befores.Add("blocks", 1)
	_, _ = t.furthers.Add("blocks", 1)
	return t
}

// len is the number of slots: records have those below it that are not gone.
func (t *rows) len() int { return t.used }

// live is the number of records.
func (t *rows) live() int { return t.used - t.gone }

// isGone reports whether a record has left its slot.
func (t *rows) isGone(s slot) bool { return t.slab.At(s).flags&flagGone != 0 }

// remove takes a record that has moved out of its slot. It must be in no queue.
func (t *rows) remove(s slot) {
	row := t.slab.At(s)
	t.index.Remove(t.hash(s), s)
	if w := t.beside(row); w != nil {
		t.dropFurther(w.further)
		t.wides.drop(row.aside)
	} else {
		t.dropFurther(t.chain(row))
	}
	if row.past != 0 {
		t.dropBefore(t.pasts.At(row.past))
		t.pasts.Free(row.past)
	}
	*row = vacated(row)
	t.gone++
	for t.used > 0 && t.isGone(slot(t.used-1)) {
		t.worn = max(t.worn, slot(t.used))
		t.used--
		t.gone--
	}
}

// vacated is the row of a slot that a record has left. Entries of queues are known to
// be dead by its generation; its texts are there for the record to come back.
func vacated(r *row) row {
	return row{id: r.id, external: r.external, gen: r.gen, marks: marks{flags: flagGone}}
}

// open returns the slot for a record that is to be added, which takes it by used.
func (t *rows) open() (slot, error) {
	s := slot(t.used)
	if t.used < t.slab.Len() {
		return s, nil
	}
	_, err := t.slab.Add("the campaign's table of records", t.max.records)
	if err == nil {
		t.slab.At(s).flags = flagGone
	}
	return s, err
}

// at returns a record's row. It stays where it is.
func (t *rows) at(s slot) *row { return t.slab.At(s) }

// find returns the slot of a record.
func (t *rows) find(id campaign.RecordID) (slot, bool) {
	return t.index.Find(dense.HashText(string(id)), func(s uint32) bool {
		return t.texts.Get(t.slab.At(s).id) == string(id)
	})
}

// name is a record's id. It never changes, and needs no lock once the slot is known.
func (t *rows) name(s slot) campaign.RecordID {
	return campaign.RecordID(t.texts.Get(t.slab.At(s).id))
}

func (t *rows) hash(s slot) uint64 { return dense.HashText(t.texts.Get(t.slab.At(s).id)) }

// add keeps a new record, which fits and whose id is not known yet. numbers are
// the handles of its distinct numbers, zero ones left out, in the phones' order.
// On an error nothing is added.
func (t *rows) add(r *campaign.Record, contact uint32, numbers []uint32) (slot, error) {
	s, err := t.open()
	if err != nil {
		return 0, err
	}
	row := t.slab.At(s)
	if t.texts.Get(row.id) != string(r.ID) {
		id, err := t.texts.Put(string(r.ID))
		if err != nil {
			return 0, err
		}
		row.id = id
		t.bytes += len(r.ID) + textHead
	}
	if err := t.index.Add(dense.HashText(string(r.ID)), s, t.hash); err != nil {
		return 0, err
	}
	t.used++
	row.flags &^= flagGone
	if s < t.worn {
		row.place = noRun
	}
	t.write(s, r, contact, numbers)
	return s, nil
}

// numbers appends the handles of the record's distinct numbers, in the order of
// its phones.
func (t *rows) numbers(s slot, into []uint32) []uint32 {
	row := t.slab.At(s)
	if w := t.beside(row); w != nil && len(w.numbers) > 0 {
		return append(into, w.numbers...)
	}
	if row.number != 0 {
		into = append(into, row.number)
	}
	for h := t.chain(row); h != 0; {
		x := t.furthers.At(h)
		into = append(into, x.handle)
		h = x.next
	}
	return into
}

// version is the record's Version.
func (t *rows) version(s slot) int64 { return int64(t.slab.At(s).version) }

// setVersion gives the record its Version, which fits has checked.
func (t *rows) setVersion(s slot, version int64) { t.slab.At(s).version = uint32(version) }

// seq is the record's Sequence.
func (t *rows) seq(s slot) int64 { return t.slab.At(s).seq }

// setSeq gives the record its Sequence, at most MaxSequence.
func (t *rows) setSeq(s slot, seq int64) { t.slab.At(s).seq = seq }

// due is the record's Due in Unix microseconds, zeroTime for none.
func (t *rows) due(s slot) int64 { return t.slab.At(s).due.micros() }

// dateKey is the record's place in a lane that is sorted by date.
func (t *rows) dateKey(s slot) dense.Key {
	row := t.slab.At(s)
	// It fits: fits has checked each part.
	k, _ := dense.DateKey(row.due.micros(), t.sort(row), row.seq)
	return k
}

// orderKey is the record's place in a lane that is sorted by order.
func (t *rows) orderKey(s slot) dense.Key {
	row := t.slab.At(s)
	k, _ := dense.OrderKey(t.sort(row), t.key(row), row.seq)
	return k
}

// sort is the record's Sort.
func (t *rows) sort(row *row) int64 {
	if row.flags&flagOddSort != 0 {
		return t.beside(row).whole.Sort
	}
	return usualSort(row.sort)
}

// key is the record's Key.
func (t *rows) key(row *row) int64 {
	if row.past == 0 {
		return 0
	}
	return t.pasts.At(row.past).key
}

// park is the record's Park.
func (t *rows) park(s slot) campaign.Park {
	row := t.slab.At(s)
	if row.past == 0 {
		return campaign.Park{}
	}
	p := t.pasts.At(row.past)
	return campaign.Park{Until: p.park.time(), Reason: p.reason, Revision: p.parkRev}
}

// setPark replaces the record's Park, whose end is in the years that are kept.
func (t *rows) setPark(s slot, park campaign.Park) {
	row := t.slab.At(s)
	if row.past == 0 && park == (campaign.Park{}) {
		return
	}
	t.block(row).setPark(park)
}

func (p *past) setPark(park campaign.Park) {
	p.park, p.reason, p.parkRev = max(stampOf(park.Until), 0), park.Reason, park.Revision
}

// block returns the record's past, made if it had none.
func (t *rows) block(row *row) *past {
	if row.past == 0 {
		row.past = must(t.pasts.Add("the table of pasts", MaxRecords+1))
		p := t.pasts.At(row.past)
		p.updated, p.statusAt = row.created, row.created
	}
	return t.pasts.At(row.past)
}

// must is for what cannot fail: there are never more blocks than records, and
// there was room for the record.
func must(h uint32, err error) uint32 {
	if err != nil {
		panic("memstore: a block more than there are records: " + err.Error())
	}
	return h
}

// log is the head of the chain of the record's calls.
func (t *rows) log(s slot) *uint32 { return &t.block(t.slab.At(s)).log }

// newest is the head of the chain of the record's calls, 0 if it has none.
func (t *rows) newest(s slot) uint32 {
	if row := t.slab.At(s); row.past != 0 {
		return t.pasts.At(row.past).log
	}
	return 0
}

// firstNumber is the record's main number, 0 without phones.
func (t *rows) firstNumber(s slot) blacklist.Number {
	row := t.slab.At(s)
	if w := t.beside(row); w != nil {
		phones := w.phones
		if w.whole != nil {
			phones = w.whole.Phones
		}
		if len(phones) > 0 {
			return phones[0].Number
		}
	}
	if row.number == 0 {
		return 0
	}
	return t.people.number(row.number)
}
