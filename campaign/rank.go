package campaign

import (
	"math"

	"github.com/nextcall/nextcall/status"
)

// unset is where records without an order of their own are sorted.
const unset = 1 << 16

func sortOf(order uint16) int64 {
	if order == 0 {
		return unset
	}
	return int64(order)
}

// sort is the index form of the record's order: the campaign's rank in the lanes
// that it orders, else the record's own.
func (d *draft) sort() int64 {
	r := d.r
	if d.c.rank == none || r.Lane != status.LaneFresh && r.Lane != status.LaneLast {
		return sortOf(r.Order)
	}
	x, err := d.c.rules.Number(d.c.rank, d.seen(), d.now)
	if err == nil && math.IsNaN(x) {
		err = errNoNumber
	}
	if err != nil {
		d.warn("the rank failed, so the record comes last: %v", err)
		return unset
	}
	return int64(min(max(math.Round(x), 1), unset-1))
}
