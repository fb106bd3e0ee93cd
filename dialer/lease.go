package dialer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// maxTries bounds how often an operation begins anew because the record or the
// configuration changed under it.
const maxTries = 8

// Errors of operations on a lease.
var (
	// ErrStarted: the call was started, so it cannot be released or skipped;
	// report it, with the outcome cancelled if it came to nothing.
	ErrStarted = errors.New("the call was started: report it, with outcome cancelled if it came to nothing")
	// ErrNotAnswered: only a started call can be answered.
	ErrNotAnswered = errors.New("the call was not started: start it before it is marked answered")
)

// leased is look for an operation that needs the live lease of ref's token.
func (h *hand) leased(ctx context.Context, q *Queue, ref campaign.Ref) (*campaign.Facts, *campaign.Campaign, error) {
	f, c, err := h.look(ctx, q, campaign.Need{NoCalls: true}, ref)
	if err != nil {
		return nil, nil, err
	}
	if ref.Token == 0 || f.Lease.Token != ref.Token {
		return nil, nil, &LeaseLostError{Ref: ref}
	}
	return f, c, nil
}

// again says whether an operation should begin anew after err, and reloads the
// campaigns if that is why.
func (q *Queue) again(ctx context.Context, err error, try int) (bool, error) {
	if try+1 >= maxTries {
		return false, err
	}
	switch {
	case errors.Is(err, campaign.ErrConfigChanged):
		if err := q.Reload(ctx); err != nil {
			return false, err
		}
		return true, nil
	case errors.Is(err, campaign.ErrConflict):
		return true, nil
	}
	return false, err
}

// retried does what may meet another writer, until it meets none, fails, or has
// been tried often enough.
func retried[T any](ctx context.Context, q *Queue, do func() (T, error)) (T, error) {
	for try := 0; ; try++ {
		answer, err := do()
		if err == nil {
			return answer, nil
		}
		if retry, err := q.again(ctx, err, try); !retry {
			var none T
			return none, err
		}
	}
}

// Start dials: it passes the lease's record through the eligibility function
// once more, at this instant, and marks the lease dialled. From here on the
// lease's token is the id of a call. number is the one to dial, of the
// record's; 0 is the one proposed, or another of its numbers if only that one
// cannot be called any more. The answer says which.
//
// If the record cannot be called now it returns a *BlockedError. The lease is
// then over and the record put aside, unless only this number is blocked and
// another could be dialled, or a checker failed. A lost or expired lease is a
// *LeaseLostError. Starting the same number twice is no error.
func (q *Queue) Start(ctx context.Context, ref campaign.Ref, number blacklist.Number) (Call, error) {
	return retried(ctx, q, func() (Call, error) { return q.start(ctx, ref, number) })
}

func (q *Queue) start(ctx context.Context, ref campaign.Ref, number blacklist.Number) (Call, error) {
	h := q.hand()
	defer q.rest(h)
	f, c, err := h.leased(ctx, q, ref)
	if err != nil {
		return Call{}, err
	}
	now := q.now()
	if f.Lease.Phase != campaign.Offered {
		if i := f.Record.Phone(f.Lease.Number); i >= 0 && (number == 0 || number == f.Lease.Number) {
			return callOf(c, f, i, f.Lease.Agent), nil
		}
		return Call{}, fmt.Errorf("dial %v while %v is dialled: %w", number, f.Lease.Number, ErrStarted)
	}
	if !now.Before(f.Lease.Until) {
		return Call{}, &LeaseLostError{Ref: ref}
	}
	h.listing.ask(ctx, q, q.view.Load().loaded, h.looked.Facts, now)
	asker := campaign.Asker{Agent: f.Lease.Agent, Reserved: f.Lease.Reserved, Number: number, Lease: ref.Token, Overrides: f.Lease.Overrides}
	if f.Lease.Taken {
		asker.Kind = campaign.Taking
		if asker.Number == 0 {
			asker.Number = f.Lease.Number
		}
	}
	phone, blockers := c.Eligible(f, asker, now, nil)
	if len(blockers) > 0 {
		return Call{}, q.refuse(ctx, c, f, asker, blockers, now)
	}
	call := callOf(c, f, phone, f.Lease.Agent)
	change, _ := hold(c, f, &call, true, now)
	change.Phases = campaign.Offered.Only() // of two who start it one dials
	err = h.commit(ctx, q, change)
	if errors.Is(err, campaign.ErrLeaseLost) {
		err = &LeaseLostError{Ref: ref}
	}
	return call, err
}

// refuse ends the lease of a record that cannot be started, and puts the
// record aside, unless somebody could still dial it.
func (q *Queue) refuse(ctx context.Context, c *campaign.Campaign, f *campaign.Facts, asker campaign.Asker, blockers []campaign.Blocker, now time.Time) error {
	blocked := &BlockedError{Ref: refOf(f), Blockers: blockers}
	blocked.Earliest, _ = callableFrom(c, f, asker, now)
	if hasReason(blockers, campaign.ReasonChecker) {
		return blocked
	}
	if asker.Number != 0 {
		// What blocks one number must not put the whole record aside.
		asker.Number = 0
		if _, blockers = c.Eligible(f, asker, now, nil); len(blockers) == 0 || hasReason(blockers, campaign.ReasonChecker) {
			return blocked
		}
	}
	change := campaign.Change{Ref: refOf(f), Phases: campaign.Offered.Only()}
	if !f.Lease.Taken {
		record := f.Record
		record.Park = c.ParkFor(blockers, now)
		change.Record = &record
	}
	err := q.one(ctx, change)
	if errors.Is(err, campaign.ErrConflict) {
		return err // somebody has started it in this instant
	}
	if err == nil {
		err = q.recheck(ctx, []Skipped{{Blockers: blockers}}, now)
	}
	if err != nil && !errors.Is(err, campaign.ErrLeaseLost) {
		return errors.Join(blocked, err)
	}
	return blocked
}

// Extension prolongs a lease.
type Extension struct {
	// Talking marks the call as answered: its number stays guarded for the
	// campaign's talk time.
	Talking bool
	// Answered is when; zero is now.
	Answered time.Time
	// Until is when the lease runs out; zero is the phase's time again from now.
	Until time.Time
}

// Extend prolongs a live lease, and marks a call as answered. The errors are
// *LeaseLostError, ErrNotAnswered, and *AskError for an Until that is no time
// ahead or too far.
func (q *Queue) Extend(ctx context.Context, ref campaign.Ref, e Extension) (campaign.Lease, error) {
	return retried(ctx, q, func() (campaign.Lease, error) { return q.extend(ctx, ref, e) })
}

func (q *Queue) extend(ctx context.Context, ref campaign.Ref, e Extension) (campaign.Lease, error) {
	h := q.hand()
	defer q.rest(h)
	f, c, err := h.leased(ctx, q, ref)
	if err != nil {
		return campaign.Lease{}, err
	}
	now := q.now()
	lease, phases := ownLease(&f.Lease), f.Lease.Phase.Only()
	if e.Talking {
		if lease.Phase == campaign.Offered {
			return campaign.Lease{}, ErrNotAnswered
		}
		if lease.Phase == campaign.Dialed {
			lease.Phase, lease.Answered = campaign.Talking, now
		}
		if !e.Answered.IsZero() {
			lease.Answered = e.Answered.UTC().Truncate(time.Microsecond)
		}
	}
	switch lease.Phase {
	case campaign.Offered:
		lease.Until = now.Add(c.OfferTTL())
	case campaign.Dialed:
		lease.Until = now.Add(c.DialTTL())
	default:
		lease.Until = now.Add(c.TalkTTL())
	}
	if !e.Until.IsZero() {
		if !e.Until.After(now) || e.Until.Sub(now) > c.TalkTTL() {
			return campaign.Lease{}, &AskError{Field: "until", Msg: fmt.Sprintf("%s: want a time after now, at most %s ahead",
				e.Until.UTC().Format(time.RFC3339), c.TalkTTL())}
		}
		lease.Until = e.Until.UTC().Truncate(time.Microsecond)
	}
	err = h.commit(ctx, q, campaign.Change{Ref: ref, Lease: &lease, Extend: true, Phases: phases})
	if errors.Is(err, campaign.ErrLeaseLost) {
		return campaign.Lease{}, &LeaseLostError{Ref: ref}
	}
	if err != nil {
		return campaign.Lease{}, err
	}
	return lease, nil
}

// Release gives an offered record back as it was. A started call is refused
// with ErrStarted: report it.
func (q *Queue) Release(ctx context.Context, ref campaign.Ref) error {
	_, err := retried(ctx, q, func() (struct{}, error) { return struct{}{}, q.giveBack(ctx, ref) })
	return err
}

func (q *Queue) giveBack(ctx context.Context, ref campaign.Ref) error {
	h := q.hand()
	defer q.rest(h)
	f, _, err := h.leased(ctx, q, ref)
	if err != nil {
		return err
	}
	if f.Lease.Phase != campaign.Offered {
		return ErrStarted
	}
	err = h.commit(ctx, q, campaign.Change{Ref: ref, Phases: campaign.Offered.Only()})
	if errors.Is(err, campaign.ErrLeaseLost) {
		return &LeaseLostError{Ref: ref}
	}
	return err
}

// Skip gives an offered record back for a while: the campaign says for how
// long, how often, and whether it may be done at all.
func (q *Queue) Skip(ctx context.Context, ref campaign.Ref, actor campaign.Actor) (campaign.Answer, error) {
	return retried(ctx, q, func() (campaign.Answer, error) { return q.skip(ctx, ref, actor) })
}

func (q *Queue) skip(ctx context.Context, ref campaign.Ref, actor campaign.Actor) (campaign.Answer, error) {
	h := q.hand()
	defer q.rest(h)
	f, c, err := h.leased(ctx, q, ref)
	if err != nil {
		return campaign.Answer{}, err
	}
	change, err := c.ApplyInto(&h.work, f, campaign.Skip{Actor: actor}, q.now())
	if err != nil {
		return campaign.Answer{}, err
	}
	change.Phases = campaign.Offered.Only()
	err = h.commit(ctx, q, *change)
	if errors.Is(err, campaign.ErrLeaseLost) {
		err = &LeaseLostError{Ref: ref}
	}
	if err != nil {
		return campaign.Answer{}, err
	}
	return change.Answer, nil
}
