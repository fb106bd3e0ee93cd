package sqlstore

import (
	"slices"

	"github.com/nextcall/nextcall/campaign"
)

// lease is a lease as the unit of work has it.
type lease struct {
	call   campaign.Token // its first token
	token  campaign.Token
	on     key // the record that it was given for
	holder string
	until  int64
	body   string // its other terms, see leaseBody

	read    bool // body is read into terms
	terms   campaign.Lease
	stored  bool // it is in the database
	changed bool // it is to be written
	ended   bool // it is to be deleted
}

// hold is the lease as others see it. It names no token: that is the key to it.
func (l *lease) hold() campaign.Hold {
	return campaign.Hold{Ref: l.on.ref(), Holder: l.holder, Until: instant(l.until)}
}

// enterLease puts what was read of a lease into the unit. One that is there stays.
func (r *run) enterLease(l *lease) *lease {
	if known := r.leases[l.call]; known != nil {
		return known
	}
	l.stored = true
	r.leases[l.call] = l
	return l
}

// termsOf returns a lease as callers see it; of nil it is the zero one.
func (r *run) termsOf(l *lease) (campaign.Lease, error) {
	if l == nil {
		return campaign.Lease{}, nil
	}
	if !l.read {
		l.terms = campaign.Lease{}
		if err := r.st.layouts.decode(l.body, &l.terms); err != nil {
			return campaign.Lease{}, r.fail(err)
		}
		l.read = true
	}
	x := l.terms
	x.Token, x.Call, x.Until = l.token, l.call, instant(l.until)
	return x, nil
}

// set gives a lease other terms.
func (r *run) set(l *lease, terms *campaign.Lease) {
	l.holder, l.until, l.body, l.read = terms.Holder, micros(terms.Until), r.leaseBody(terms), false
	r.touchLease(l)
}

// leaseBody is what of a lease is not in columns.
func (r *run) leaseBody(terms *campaign.Lease) string {
	x := *terms
	x.Token, x.Call, x.Until = 0, 0, instant(noTime)
	return r.st.layouts.encode(&x)
}

// grant begins a lease under a token of its own. The records must be free.
func (r *run) grant(call campaign.Token, terms *campaign.Lease, on *row, with []*row) *lease {
	l := &lease{call: call, token: call, on: on.key()}
	r.leases[call] = l
	r.set(l, terms)
	for _, x := range append([]*row{on}, with...) {
		x.lease, x.place = call, nowhere
		r.touch(x, placed)
	}
	return l
}

// held returns the records that a lease holds, the one that it was given for first.
func (r *run) held(l *lease) (records []*row, err error) {
	terms, err := r.termsOf(l)
	if err != nil {
		return nil, err
	}
	for _, ref := range append([]campaign.Ref{l.on.ref()}, terms.With...) {
		x, err := r.record(ref.Campaign, ref.Record)
		if err != nil {
			return nil, err
		}
		if x != nil && x.lease == l.call && !slices.Contains(records, x) {
			records = append(records, x)
		}
	}
	return records, nil
}
