package dialer_test

import (
	"context"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
)

// reusing is a memory store that takes the contract at its word: all that a
// Claimed or Looked holds lies in memory that it spoils when that is used again.
// Whoever keeps any of it keeps rubbish.
type reusing struct{ *memstore.Store }

// spoilt is what the memory of one Claimed or Looked holds for the host.
type spoilt struct {
	phones []campaign.Phone
	holds  []campaign.Hold
	calls  []*campaign.Call
	lists  [][]campaign.Override
	refs   [][]campaign.Ref
}

var rubbish = campaign.Phone{Number: 1_234_567, Label: "rubbish", Out: campaign.OutEnded, Attempts: 99}

// spoil makes rubbish of what was held, and of the facts themselves.
func (s *spoilt) spoil(facts []campaign.Facts) {
	for i := range s.phones {
		s.phones[i] = rubbish
	}
	for i := range s.holds {
		s.holds[i] = campaign.Hold{Holder: "rubbish"}
	}
	for _, call := range s.calls {
		for i := range call.Answer.Why {
			call.Answer.Why[i] = "rubbish"
		}
		if call.Before != nil {
			for i := range call.Before.Phones {
				call.Before.Phones[i] = rubbish
			}
			*call.Before = campaign.Before{}
		}
		*call = campaign.Call{Record: "rubbish", Token: -1}
	}
	for _, list := range s.lists {
		for i := range list {
			list[i] = "rubbish"
		}
	}
	for _, refs := range s.refs {
		for i := range refs {
			refs[i] = campaign.Ref{Record: "rubbish"}
		}
	}
	for i := range facts[:cap(facts)] {
		f := &facts[:cap(facts)][i]
		listed := f.Listed[:0] // the queue's own
		*f = campaign.Facts{Record: campaign.Record{ID: "rubbish", Campaign: "rubbish", Author: "rubbish"}, Listed: listed}
	}
	*s = spoilt{phones: s.phones[:0], holds: s.holds[:0]}
}

// move puts what facts point to into memory that will be spoilt.
func (s *spoilt) move(facts []campaign.Facts) {
	for i := range facts {
		f := &facts[i]
		if len(f.Record.Phones) > 0 { // what a queue once wrote there says nothing about this record
			f.Listed = []blacklist.Answer{{Number: f.Record.Phones[0].Number, Listed: true, Entry: blacklist.Entry{List: "rubbish"}}}
		}
		from := len(s.phones)
		s.phones = append(s.phones, f.Record.Phones...)
		f.Record.Phones = s.phones[from:len(s.phones):len(s.phones)]
		from = len(s.holds)
		s.holds = append(s.holds, f.Busy...)
		f.Busy = s.holds[from:len(s.holds):len(s.holds)]
		f.Lease.Overrides = slices.Clone(f.Lease.Overrides)
		f.Lease.With = slices.Clone(f.Lease.With)
		s.lists, s.refs = append(s.lists, f.Lease.Overrides), append(s.refs, f.Lease.With)
		f.History = slices.Clone(f.History)
		for k := range f.History {
			f.History[k] = s.call(f.History[k])
		}
		if f.Call != nil {
			f.Call = s.call(f.Call)
		}
	}
}

func (s *spoilt) call(call *campaign.Call) *campaign.Call {
	own := *call
	own.Answer.Why = slices.Clone(own.Answer.Why)
	if own.Before != nil {
		before := *own.Before
		before.Phones = slices.Clone(before.Phones)
		own.Before = &before
	}
	s.calls = append(s.calls, &own)
	return &own
}

func (r reusing) Claim(ctx context.Context, q campaign.Claim, into *campaign.Claimed) error {
	s, ok := into.Scratch.(*spoilt)
	if !ok {
		s = &spoilt{}
	}
	s.spoil(into.Leased)
	s.spoil(into.Expired)
	for i := range into.Classes {
		into.Classes[i] = campaign.Class{Campaign: "rubbish", Waiting: 0xff, Wake: time.Unix(1, 0)}
	}
	for i := range into.Owners {
		into.Owners[i] = campaign.OwnerHead{Campaign: "rubbish"}
	}
	var fresh campaign.Claimed
	err := r.Store.Claim(ctx, q, &fresh)
	s.move(fresh.Leased)
	s.move(fresh.Expired)
	*into = campaign.Claimed{
		Leased: append(into.Leased[:0], fresh.Leased...), Expired: append(into.Expired[:0], fresh.Expired...),
		Classes: append(into.Classes[:0], fresh.Classes...), Owners: append(into.Owners[:0], fresh.Owners...),
		NextExpiry: fresh.NextExpiry, Scratch: s,
	}
	return err
}

func (r reusing) Look(ctx context.Context, need campaign.Need, into *campaign.Looked, refs ...campaign.Ref) error {
	s, ok := into.Scratch.(*spoilt)
	if !ok {
		s = &spoilt{}
	}
	s.spoil(into.Facts)
	var fresh campaign.Looked
	err := r.Store.Look(ctx, need, &fresh, refs...)
	s.move(fresh.Facts)
	*into = campaign.Looked{Facts: append(into.Facts[:0], fresh.Facts...), Scratch: s}
	return err
}

// Commit gives the store copies, as the contract says that it takes: the changes
// point to memory that will be spoilt.
func (r reusing) Commit(ctx context.Context, changes ...campaign.Change) ([]error, error) {
	own := slices.Clone(changes)
	for i := range own {
		c := &own[i]
		if c.Record != nil {
			record := *c.Record
			record.Phones = slices.Clone(record.Phones)
			c.Record = &record
		}
		if c.Call != nil {
			c.Call = new(spoilt).call(c.Call)
		}
	}
	errs, err := r.Store.Commit(ctx, own...)
	for i := range own {
		changes[i].Lease = own[i].Lease // where a new token is written
	}
	return errs, err
}

var _ interface {
	campaign.Store
	campaign.HistoryStore
	campaign.ActionStore
	blacklist.Checker
} = reusing{}
