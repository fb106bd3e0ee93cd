// Package memstore is a campaign.Store in memory, made for tens of millions of
// records.
//
// What is kept of a record has no pointers: rows in slabs, texts in byte
// arenas, names as small integers. A garbage collection passes over large
// blocks, and follows no pointer from one record to another. Each campaign has
// its own lock; a Claim holds those of all its steps, a Commit one at a time.
// What campaigns share, the numbers, contacts, guards and calls, has one more.
//
// What is claimed next is found by heaps that are cleaned up late: an entry
// whose record has moved on is dropped when it comes to the head. Fresh records
// in the order of their import are in plain queues. No operation but Find and
// Count costs more with more records in the store than the logarithm of their
// number.
//
// A record that moves to another campaign leaves its slot behind, about a hundred
// bytes that count among those of MaxRecords. Because the slots are in the order of
// adding, which decides between records of one sequence, it is used again only when all
// records behind it have left too; the others go when the store is loaded from a
// snapshot.
//
// [Store.Snapshot] and [Load] carry a store over a restart of its host. A
// snapshot is what the store knows, in the forms of forms.go, and no image of
// its memory.
//
// The order of locks is Store.mu, the campaigns' in the order of their ids,
// people.mu.
package memstore
