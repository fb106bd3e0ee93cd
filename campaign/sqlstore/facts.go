package sqlstore

import (
	"cmp"
	"context"
	"slices"

	"github.com/nextcall/nextcall/campaign"
)

// record reads a record, or returns nil if there is none.
func (r *run) record(id campaign.ID, record campaign.RecordID) (*row, error) {
	x := new(row)
	if err := x.scan(r.row(readRecord, string(id), string(record))); none(err) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if err := x.read(r.st.layouts); err != nil {
		return nil, r.fail(err)
	}
	return x, nil
}

// facts fills in what is known about a record. Its lease is given, and free says
// that no other one is in its way.
func (r *run) facts(x *row, l campaign.Lease, free bool, need *campaign.Need, into *campaign.Facts) (err error) {
	*into = campaign.Facts{Record: x.record, Lease: l}
	if !free {
		if into.Busy, err = r.busy(x); err != nil {
			return err
		}
	}
	if need.Contact && x.record.Contact != "" {
		if into.Contact, err = r.contact(x.record.Contact); err != nil {
			return err
		}
	}
	if !need.NoCalls {
		into.History, err = r.history(x, micros(need.Since))
	}
	return err
}

// whole fills in what is known about a record and its lease.
func (r *run) whole(x *row, need *campaign.Need, into *campaign.Facts) error {
	l, _, err := r.leaseOf(x)
	if err != nil {
		return err
	}
	return r.facts(x, l, false, need, into)
}

// contact reads a contact, or returns nil if there is none.
func (r *run) contact(id campaign.ContactID) (*campaign.Contact, error) {
	var body string
	if err := r.row(readContact, string(id)).Scan(&body); none(err) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	c := new(campaign.Contact)
	if err := r.st.layouts.decode(body, c); err != nil {
		return nil, r.fail(err)
	}
	return c, nil
}

// logged is a call whose body has not been read.
type logged struct {
	ended int64
	token campaign.Token
	body  string
}

func byEnd(a, b logged) int {
	return cmp.Or(cmp.Compare(a.ended, b.ended), cmp.Compare(a.token, b.token))
}

// history reads the calls to a record, its contact and its numbers.
func (r *run) history(x *row, since int64) ([]*campaign.Call, error) {
	var calls []logged
	read := func(from scanner) error {
		var c logged
		err := from.Scan(&c.ended, &c.token, &c.body)
		calls = append(calls, c)
		return err
	}
	if err := r.rows(read, callsOfRecord, x.rec, since); err != nil {
		return nil, err
	}
	if x.record.Contact != "" {
		if err := r.rows(read, callsOfContact, string(x.record.Contact), since); err != nil {
			return nil, err
		}
	}
	for _, n := range numbersOf(&x.record) {
		if err := r.rows(read, callsOfNumber, int64(n), since); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(calls, byEnd)
	return r.st.calls(slices.CompactFunc(calls, func(a, b logged) bool { return a.token == b.token }))
}

// calls reads the bodies of calls.
func (st *Store) calls(from []logged) ([]*campaign.Call, error) {
	if len(from) == 0 {
		return nil, nil
	}
	calls := make([]*campaign.Call, len(from))
	for i := range from {
		calls[i] = new(campaign.Call)
		if err := st.layouts.decode(from[i].body, calls[i]); err != nil {
			return nil, err
		}
	}
	return calls, nil
}

// Look implements campaign.Store.
func (st *Store) Look(ctx context.Context, need campaign.Need, into *campaign.Looked, refs ...campaign.Ref) error {
	into.Facts = into.Facts[:0]
	facts := slices.Grow(into.Facts, len(refs))[:len(refs)]
	clear(facts)
	err := st.read(ctx, func(r *run) error {
		for i, ref := range refs {
			x, err := r.record(ref.Campaign, ref.Record)
			if err != nil {
				return err
			}
			if x == nil {
				continue
			}
			if err := r.whole(x, &need, &facts[i]); err != nil {
				return err
			}
			if facts[i].Call, err = r.reported(x, ref.Token, need.Before); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		into.Facts = facts
	}
	return err
}

// reported returns the call that a token of the record led to, or nil.
func (r *run) reported(x *row, token campaign.Token, before bool) (*campaign.Call, error) {
	if token == 0 {
		return nil, nil
	}
	var body, kept string
	if err := r.row(readCall, int64(token)).Scan(&body, &kept); none(err) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	c := new(campaign.Call)
	if err := r.st.layouts.decode(body, c); err != nil {
		return nil, r.fail(err)
	}
	if c.Campaign != x.record.Campaign || c.Record != x.record.ID {
		return nil, nil
	}
	if before && token == x.latest && kept != "" {
		c.Before = new(campaign.Before)
		if err := r.st.layouts.decode(kept, c.Before); err != nil {
			return nil, r.fail(err)
		}
	}
	return c, nil
}
