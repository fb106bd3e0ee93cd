package campaign

import (
	"time"

	"github.com/nextcall/nextcall/status"
)

// barredFor is how long a number is left alone that the switch refused.
const barredFor = 24 * time.Hour

// noTime is "none" for an instant.
var noTime time.Time

// left reports whether a number may ever be dialled again: it is not out, and
// not at its lifetime limit.
func (c *Campaign) left(p *Phone) bool {
	limit := c.cfg.Limits.NumberAttempts
	return p.Out == "" && (limit <= 0 || p.Attempts < limit)
}

// dialable reports whether phone i can be dialled: it is left, and its zone is
// known. A number without a zone does not end a record: the zone may be found out.
func (d *draft) dialable(i int) bool { return d.c.left(&d.r.Phones[i]) && d.c.zoned(d.classOf(i)) }

// classOf is the class of phone i, or "" if there is no such phone.
func (d *draft) classOf(i int) string {
	if i < 0 || i >= len(d.r.Phones) {
		return ""
	}
	if d.classed != i+1 {
		d.class, d.classed = d.c.classOf(&d.r.Phones[i], d.f.Record.Class), i+1
	}
	return d.class
}

// anyLeft reports whether the record has a number that may be dialled again.
func (d *draft) anyLeft() bool {
	for i := range d.r.Phones {
		if d.c.left(&d.r.Phones[i]) {
			return true
		}
	}
	return false
}

// markNumber writes what the outcome says about the number itself. A status
// chosen by a person does not make a number exist.
func (d *draft) markNumber() {
	if d.number < 0 || d.call.Inbound {
		return
	}
	if d.call.Outcome == Barred {
		d.phone(d.number).BlockedUntil = d.now.Add(barredFor)
	}
	if d.c.fallback[d.call.Outcome] == status.InvalidNumber {
		d.phone(d.number).Out = OutInvalid
	}
}

// advance chooses the number to be called next: the same one when the call was
// no fault of it, else the next that can be dialled, round and round.
func (d *draft) advance() {
	if d.number < 0 {
		d.next(d.r.Next)
		return
	}
	switch d.acted {
	case Drop, Congestion, Failed, Cancelled:
		d.next(d.number)
	default:
		if d.call.Inbound {
			d.next(d.r.Next) // a caller does not move the round of our calls
			return
		}
		d.next(d.number + 1)
	}
}

// next makes the first number at or after from that can be dialled the next
// one. One that the switch blocks for a time is passed over while another is
// free; when all are blocked it is the first that is free again.
func (d *draft) next(from int) {
	best := -1
	n := len(d.r.Phones)
	for k := range n {
		i := (from + k) % n
		p := &d.r.Phones[i]
		if !d.dialable(i) {
			continue
		}
		if !d.now.Before(p.BlockedUntil) {
			d.r.Next = i
			return
		}
		if best < 0 || p.BlockedUntil.Before(d.r.Phones[best].BlockedUntil) {
			best = i
		}
	}
	if best >= 0 {
		d.r.Next = best
	}
}

// newInRound reports whether the next number has not been tried in this round:
// it was dialled fewer times than the one just called.
func (d *draft) newInRound() bool {
	r := d.r
	return d.number >= 0 && r.Next != d.number && r.Next < len(r.Phones) &&
		r.Phones[r.Next].Attempts < r.Phones[d.number].Attempts
}
