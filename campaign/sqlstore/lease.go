package sqlstore

import (
	"fmt"
	"slices"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// holder is who holds a record, number or contact.
type holder struct {
	call  campaign.Token
	hold  campaign.Hold
	until int64
}

func (h *holder) scan(from scanner) error {
	err := from.Scan(&h.call, &h.hold.Ref.Campaign, &h.hold.Ref.Record, &h.hold.Holder, &h.until)
	h.hold.Until = instant(h.until)
	return err
}

// ofNumber returns who holds a number; the call is 0 if nobody does.
func (r *run) ofNumber(n blacklist.Number) (h holder, err error) {
	if err = h.scan(r.row(numberHolder, int64(n))); none(err) {
		return holder{}, nil
	}
	h.hold.Number = n
	return h, err
}

// ofContact returns who holds a contact; the call is 0 if nobody does.
func (r *run) ofContact(id campaign.ContactID) (h holder, err error) {
	if id == "" {
		return h, nil
	}
	if err = h.scan(r.row(contactHolder, string(id))); none(err) {
		return holder{}, nil
	}
	h.hold.Contact = id
	return h, err
}

// leaseOf reads the lease that holds a record, or the zero one, and the record
// that it was given for.
func (r *run) leaseOf(x *row) (l campaign.Lease, on campaign.Ref, err error) {
	if x.lease == 0 {
		return l, on, nil
	}
	var token campaign.Token
	var until int64
	var body string
	if err := r.row(readLease, int64(x.lease)).Scan(&token, &until, &body, &on.Campaign, &on.Record); err != nil {
		return l, on, r.fail(fmt.Errorf("lease %d of record %q of campaign %q: %w", x.lease, x.record.ID, x.record.Campaign, err))
	}
	if err := r.st.layouts.decode(body, &l); err != nil {
		return l, on, r.fail(err)
	}
	l.Token, l.Call, l.Until = token, x.lease, instant(until)
	return l, on, nil
}

// leaseBody is what of a lease is not in columns.
func (st *Store) leaseBody(l *campaign.Lease) string {
	x := *l
	x.Token, x.Call, x.Until = 0, 0, instant(noTime)
	return st.layouts.encode(&x)
}

// grant begins a lease under the next token. The records must be free; the
// places of with are written, that of on is left to the caller to write.
func (r *run) grant(terms *campaign.Lease, on *row, with []*row) error {
	r.token++
	r.counted = true
	terms.Token, terms.Call = r.token, r.token
	on.lease, on.place = r.token, nowhere
	for _, x := range with {
		x.lease, x.place = r.token, nowhere
		if _, err := r.exec(leaseRecord, x.rec, nowhere, int64(r.token)); err != nil {
			return err
		}
	}
	_, err := r.exec(addLease, int64(terms.Call), int64(terms.Token), string(on.record.Campaign), string(on.record.ID), terms.Holder,
		micros(terms.Until), r.st.leaseBody(terms))
	return err
}

// guard makes a lease hold what its records need and no other lease holds: their
// contacts, their numbers, and the number that is really dialled. It returns
// whether all of it was free.
func (r *run) guard(call campaign.Token, number blacklist.Number, records ...*row) (all bool, err error) {
	all = true
	hold := func(s statement, what any) error {
		n, err := r.exec(s, what, int64(call))
		all = all && n > 0
		return err
	}
	var held []blacklist.Number
	for _, x := range records {
		if x.record.Contact != "" {
			if err := hold(holdContact, string(x.record.Contact)); err != nil {
				return false, err
			}
		}
		for _, n := range numbersOf(&x.record) {
			if slices.Contains(held, n) {
				continue
			}
			held = append(held, n)
			if err := hold(holdNumber, int64(n)); err != nil {
				return false, err
			}
		}
	}
	if number != 0 && !slices.Contains(held, number) {
		if err := hold(holdNumber, int64(number)); err != nil {
			return false, err
		}
	}
	return all, nil
}

// unguard frees the numbers and contacts that a lease holds.
func (r *run) unguard(call campaign.Token) error {
	if _, err := r.exec(freeNumbers, int64(call)); err != nil {
		return err
	}
	_, err := r.exec(freeContacts, int64(call))
	return err
}

// busy lists what leases other than the record's own hold of it.
func (r *run) busy(x *row) (holds []campaign.Hold, err error) {
	h, err := r.ofContact(x.record.Contact)
	if err != nil {
		return nil, err
	}
	if h.call != 0 && h.call != x.lease {
		holds = append(holds, h.hold)
	}
	for _, n := range numbersOf(&x.record) {
		h, err := r.ofNumber(n)
		if err != nil {
			return nil, err
		}
		if h.call != 0 && h.call != x.lease {
			holds = append(holds, h.hold)
		}
	}
	return holds, nil
}
