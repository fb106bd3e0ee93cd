package sqlstore

import (
	"maps"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// kept is what a store keeps from one transaction to the next, so that it need
// not read again what it has just written: the records that are leased, their
// leases, and what is known of the campaigns. Every transaction that writes,
// of any process, takes the next turn: it is good as long as the turns that come
// are all of this store. Only whoever leads the line touches it.
type kept struct {
	turn   int64 // after which it is good; 0: it is not
	rows   map[key]*row
	leases map[campaign.Token]*lease
	known  map[campaign.ID]*known
	lanes  map[campaign.ID]map[lane]bool
}

// mostKept is how many records a store keeps, a few kilobytes each.
const mostKept = 4096

func newKept() *kept {
	return &kept{
		rows:   make(map[key]*row),
		leases: make(map[campaign.Token]*lease),
		known:  make(map[campaign.ID]*known),
		lanes:  make(map[campaign.ID]map[lane]bool),
	}
}

// from is what is good in a transaction that has this turn.
func (st *Store) from(turn int64) *kept {
	k := st.kept
	if k == nil || k.turn == 0 || k.turn != turn-1 {
		k = newKept()
	}
	st.kept = k
	k.turn = 0 // until the transaction is committed
	return k
}

// keep makes what a transaction knew good for the next one.
func (r *run) keep() {
	k := r.kept
	if k == nil {
		return
	}
	for key, x := range r.rows {
		if x != nil && x.lease != 0 && len(k.rows) < mostKept {
			x.given = true // what was read of it, callers have seen
			k.rows[key] = x
			if l := r.leases[x.lease]; l != nil {
				k.leases[l.call] = l
			}
		}
	}
	maps.Copy(k.known, r.known)
	for id, q := range r.queues {
		k.lanes[id] = q.lanes
	}
	for _, l := range r.lanes {
		if lanes := k.lanes[l.campaign]; lanes != nil {
			lanes[l] = true
		}
	}
	k.turn = r.turn
}

// record hands a record out, with its lease.
func (k *kept) record(r *run, id key) *row {
	if k == nil {
		return nil
	}
	x := k.rows[id]
	if x == nil {
		return nil
	}
	delete(k.rows, id)
	r.rows[id] = x
	if l := k.leases[x.lease]; l != nil {
		if r.leases[l.call] == nil { // else it was read with another of its records
			r.leases[l.call] = l
		}
		delete(k.leases, l.call)
	}
	return x
}

// lease hands a lease out, or nil.
func (k *kept) lease(r *run, call campaign.Token) *lease {
	if k == nil {
		return nil
	}
	l := k.leases[call]
	if l != nil {
		r.leases[call] = l
	}
	return l
}

// forget drops the records that have a number: something was done to them.
func (k *kept) forget(n blacklist.Number) {
	if k == nil {
		return
	}
	maps.DeleteFunc(k.rows, func(_ key, x *row) bool { return x.has(n) })
}
