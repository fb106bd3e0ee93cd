package dialer

import (
	"context"
	"errors"
	"fmt"

	"github.com/nextcall/nextcall/campaign"
)

// Report takes the result of a started call, applies what follows and ends the
// lease. A failed check (an unknown status, a missing input) changes nothing:
// the call can be reported again.
//
// Reporting a call twice changes nothing and returns the first answer. A call
// whose lease has run out meanwhile is a late report: it replaces the unknown
// outcome, if the record has not been leased, changed or moved since; else the record
// stays, the log and the blacklist take the truth, and the error is a
// *LeaseLostError that says what was kept. A token that never was a call's is
// a *LeaseLostError too.
func (q *Queue) Report(ctx context.Context, ref campaign.Ref, r campaign.Result) (campaign.Answer, error) {
	h := q.hand()
	defer q.rest(h)
	var event campaign.Event = r // made one once, however often it is tried
	for try := 0; ; try++ {
		answer, err := h.report(ctx, q, ref, event)
		if err == nil || try+1 >= maxTries {
			return answer, err
		}
		// The lease ended, or the record changed, between the look and the
		// commit: the next look shows what the call has become.
		if !errors.Is(err, campaign.ErrConflict) && err != campaign.ErrLeaseLost {
			return answer, err
		}
	}
}

func (h *hand) report(ctx context.Context, q *Queue, ref campaign.Ref, r campaign.Event) (campaign.Answer, error) {
	if ref.Token == 0 {
		return campaign.Answer{}, &LeaseLostError{Ref: ref}
	}
	f, c, err := h.look(ctx, q, campaign.Need{NoCalls: true, Before: true}, ref)
	if err != nil {
		return campaign.Answer{}, err
	}
	live := f.Lease.Token != 0 && (f.Lease.Token == ref.Token || f.Lease.Call == ref.Token)
	if !live {
		return h.late(ctx, q, c, f, ref, r)
	}
	change, err := c.ApplyInto(&h.work, f, r, q.now())
	if err != nil {
		return campaign.Answer{}, err
	}
	change.Ref.Token = ref.Token
	if f.Lease.Phase == campaign.Offered { // that nothing was dialled must still be so
		change.Phases = campaign.Offered.Only()
	}
	if err := h.commit(ctx, q, *change); err != nil {
		return campaign.Answer{}, bare(err)
	}
	return change.Answer, nil
}

// bare strips the wrapping of a lost lease, so that Report can tell the
// store's answer from its own. A record that was there a moment ago has moved to
// another campaign, and so has no lease here any more.
func bare(err error) error {
	if errors.Is(err, campaign.ErrLeaseLost) || errors.Is(err, campaign.ErrNotFound) {
		return campaign.ErrLeaseLost
	}
	return err
}

// late handles a report whose lease is no more.
func (h *hand) late(ctx context.Context, q *Queue, c *campaign.Campaign, f *campaign.Facts, ref campaign.Ref, r campaign.Event) (campaign.Answer, error) {
	if f.Call == nil {
		return campaign.Answer{}, &LeaseLostError{Ref: ref}
	}
	if f.Lease.Token != 0 && f.Call.Expired {
		// Somebody has the record on another lease: whatever it has counted, it
		// has moved on.
		call := *f.Call
		call.Changes = -1
		f.Call, f.Lease = &call, campaign.Lease{}
	}
	f.Lease = campaign.Lease{}
	change, err := c.ApplyInto(&h.work, f, r, q.now())
	if err != nil {
		return campaign.Answer{}, err
	}
	// The answer may be that of a call in the log, which is the store's memory.
	answer := ownAnswer(&change.Answer)
	if change.Call == nil && change.Record == nil { // it was reported before
		if answer.Has(campaign.WhyKept) {
			return answer, &LeaseLostError{Ref: ref, Answer: answer, Kept: true}
		}
		return answer, nil
	}
	change.Ref.Token = 0
	if err := h.commit(ctx, q, *change); err != nil {
		var leased *campaign.LeasedError
		if errors.As(err, &leased) { // leased in this instant: look again
			return campaign.Answer{}, campaign.ErrConflict
		}
		return campaign.Answer{}, bare(err)
	}
	if change.Record == nil {
		return answer, &LeaseLostError{Ref: ref, Answer: answer, Kept: true}
	}
	return answer, nil
}

// Correct replaces the status that a finished call led to; ref names the call.
// It is allowed until the record is leased again or the campaign's correction
// window ends, and counts no attempt.
func (q *Queue) Correct(ctx context.Context, ref campaign.Ref, correction campaign.Correction) (campaign.Answer, error) {
	correction.Call = ref.Token
	return q.change(ctx, ref, correction, campaign.Need{NoCalls: true, Before: true})
}

// Set gives a record a status without a call. A record that is leased is not
// changed: the error is a *campaign.LeasedError that names the lease, as it is
// for Correct, Edit and Message.
func (q *Queue) Set(ctx context.Context, ref campaign.Ref, set campaign.Set) (campaign.Answer, error) {
	ref.Token = 0
	return q.change(ctx, ref, set, campaign.Need{NoCalls: true})
}

// Edit changes a record's phones, fields, tags, order or consent, and wakes it
// if it was parked.
func (q *Queue) Edit(ctx context.Context, ref campaign.Ref, edit campaign.Edit) (campaign.Answer, error) {
	ref.Token = 0
	return q.change(ctx, ref, edit, campaign.Need{NoCalls: true})
}

// Message says that a message arrived for a record.
func (q *Queue) Message(ctx context.Context, ref campaign.Ref, m campaign.Message) (campaign.Answer, error) {
	ref.Token = 0
	return q.change(ctx, ref, m, campaign.Need{NoCalls: true})
}

// change applies an event to a record that nobody holds. A leased one is
// refused with a *campaign.LeasedError that names the lease.
func (q *Queue) change(ctx context.Context, ref campaign.Ref, e campaign.Event, need campaign.Need) (campaign.Answer, error) {
	for try := 0; ; try++ {
		f, c, err := q.look(ctx, need, ref)
		if err != nil {
			return campaign.Answer{}, err
		}
		change, err := c.Apply(f, e, q.now())
		if err != nil {
			return campaign.Answer{}, err
		}
		change.Ref.Token = 0
		err = q.one(ctx, change)
		if err == nil {
			return change.Answer, nil
		}
		if retry, err := q.again(ctx, err, try); !retry {
			return campaign.Answer{}, fmt.Errorf("record %s of campaign %s: %w", ref.Record, ref.Campaign, err)
		}
	}
}
