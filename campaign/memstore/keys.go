package memstore

import (
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/dense"
)

// keys find contacts by the hashes of their keys: which of them really has one is
// for the owner of their data to say. Handle 0 is none. It is ready as it is.
type keys struct {
	rows  dense.Slab[keyRow]
	index dense.Index // of the first row of each hash
}

// keyRow is a key of a contact.
type keyRow struct {
	lo, hi  uint32 // the hash
	contact uint32
	next    uint32 // the next row of the hash
}

func (r *keyRow) hash() uint64 { return uint64(r.hi)<<32 | uint64(r.lo) }

func hashKey(k campaign.ContactKey) uint64 {
	return dense.HashText(string(k.Kind) + "\x00" + k.Value)
}

func (x *keys) hashOf(v uint32) uint64 { return x.rows.At(v).hash() }

// find returns the first row of a hash, 0 if there is none.
func (x *keys) find(hash uint64) uint32 {
	v, _ := x.index.Find(hash, func(v uint32) bool { return x.hashOf(v) == hash })
	return v
}

// each calls do with the contacts that may have a key, each once.
func (x *keys) each(k campaign.ContactKey, do func(contact uint32)) {
	for v := x.find(hashKey(k)); v != 0; v = x.rows.At(v).next {
		do(x.rows.At(v).contact)
	}
}

// room reports whether there is room for n more keys.
func (x *keys) room(n int) error {
	if x.rows.Len()+n > dense.MaxNumber {
		return &LimitError{What: "keys of contacts", Limit: dense.MaxNumber, Value: "more"}
	}
	return nil
}

// replace takes out the keys that a contact had, and puts in those that it has.
// Either may be nil. There is room.
func (x *keys) replace(contact uint32, old, now *campaign.Contact) {
	if old != nil {
		for _, k := range old.Unique() {
			x.remove(hashKey(k), contact)
		}
	}
	if now != nil {
		for _, k := range now.Unique() {
			x.add(hashKey(k), contact)
		}
	}
}

// add puts a key in, once for each contact: two keys of one may have one hash.
func (x *keys) add(hash uint64, contact uint32) {
	first := x.find(hash)
	for v := first; v != 0; v = x.rows.At(v).next {
		if x.rows.At(v).contact == contact {
			return
		}
	}
	if x.rows.Len() == 0 {
		_, _ = x.rows.Add("", dense.MaxNumber) // 0 is none
	}
	v, err := x.rows.Add("the table of contacts' keys", dense.MaxNumber)
	if err != nil {
		return
	}
	*x.rows.At(v) = keyRow{lo: uint32(hash), hi: uint32(hash >> 32), contact: contact}
	if first != 0 {
		x.rows.At(v).next = x.rows.At(first).next
		x.rows.At(first).next = v
		return
	}
	_ = x.index.Add(hash, v, x.hashOf)
}

// remove takes a key out, if it is there.
func (x *keys) remove(hash uint64, contact uint32) {
	before, v := uint32(0), x.find(hash)
	for v != 0 && x.rows.At(v).contact != contact {
		before, v = v, x.rows.At(v).next
	}
	if v == 0 {
		return
	}
	row := x.rows.At(v)
	switch {
	case before != 0:
		x.rows.At(before).next = row.next
	case row.next != 0:
		// The first row stays the first one: it becomes the next.
		v = row.next
		*row = *x.rows.At(v)
	default:
		x.index.Remove(hash, v)
	}
	x.rows.Free(v)
}
