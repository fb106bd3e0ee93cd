package dialer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// judge passes leased candidates through the eligibility function and commits
// what follows: starts, parks and releases, in one Commit. failed says that a
// checker could not be asked: the ask must end.
func (s *selecting) judge(ctx context.Context, leased []campaign.Facts) (failed bool, err error) {
	if len(leased) == 0 {
		return false, nil
	}
	now := s.q.view.Load().loaded // what was unloaded in this instant is not in it
	s.listing.ask(ctx, s.q, now, leased, s.now)
	s.changes, s.owners = s.changes[:0], s.owners[:0]
	s.room(leased)
	skipped, called := len(s.sel.Skipped), len(s.sel.Calls)
	asker := campaign.Asker{Agent: s.ask.Agent, Reserved: s.ask.Reserved}
	place, planned := -1, -1
	for i := range leased {
		f := &leased[i]
		if place = now.place(f.Record.Campaign, place); place < 0 {
			s.stale = true
			s.change(campaign.Change{Ref: refOf(f)}, -1) // give it back
			continue
		}
		c := now.campaigns[place]
		asker.Lease = f.Lease.Token
		base := len(s.sel.blockers)
		phone, blockers := c.Eligible(f, asker, s.now, s.sel.blockers)
		s.sel.blockers = blockers
		blockers = slices.Clip(blockers[base:])
		if len(blockers) > 0 {
			s.sel.Skipped = append(s.sel.Skipped, Skipped{Ref: refOf(f), Blockers: blockers})
			failed = s.putAside(c, f, blockers) || failed
			continue
		}
		if planned = s.plan.place(f.Record.Campaign, planned); planned >= 0 {
			s.plan.seats[planned].has = true
		}
		if len(s.sel.Calls) >= s.ask.Limit {
			s.change(campaign.Change{Ref: refOf(f)}, -1)
			continue
		}
		n := len(s.sel.Calls)
		s.sel.Calls = s.sel.Calls[:n+1] // there is room
		call := &s.sel.Calls[n]
		call.fill(c, f, phone, s.ask.Agent)
		call.Record.Phones = s.sel.keep(f.Record.Phones)
		if change, needed := hold(c, f, call, s.ask.Start, s.now); needed {
			s.change(change, n)
		}
	}
	lost, err := s.commit(ctx, s.changes, s.owners)
	if len(lost) > 0 {
		kept := s.sel.Calls[:called]
		for i := called; i < len(s.sel.Calls); i++ {
			if !lost[i] {
				kept = append(kept, s.sel.Calls[i])
			}
		}
		s.sel.Calls = kept
	}
	clear(s.changes)
	if err == nil {
		err = s.q.recheck(ctx, s.sel.Skipped[skipped:], s.now)
	}
	return failed, err
}

// room makes room for the calls that the leased candidates may become, so that
// a call stays where it is while it is filled in.
func (s *selecting) room(leased []campaign.Facts) {
	n := min(len(leased), s.ask.Limit-len(s.sel.Calls))
	s.sel.Calls = slices.Grow(s.sel.Calls, n)
	phones := 0
	for i := range leased[:n] {
		phones += len(leased[i].Record.Phones)
	}
	if s.sel.phones == nil {
		s.sel.phones = make([]campaign.Phone, 0, phones)
	}
}

// change notes what is to be committed, and for which call.
func (s *selecting) change(change campaign.Change, owner int) {
	s.changes, s.owners = append(s.changes, change), append(s.owners, owner)
}

// putAside parks a record for its blockers. It only gives it back, and says so,
// if one of them is a checker that failed.
func (s *selecting) putAside(c *campaign.Campaign, f *campaign.Facts, blockers []campaign.Blocker) (failed bool) {
	if hasReason(blockers, campaign.ReasonChecker) {
		s.change(campaign.Change{Ref: refOf(f)}, -1)
		return true
	}
	f.Record.Park = c.ParkFor(blockers, s.now)
	f.Record.Class = c.ClassIn(&f.Record) // its list may have been declared since: then it is not found again
	s.change(campaign.Change{Ref: refOf(f), Record: &f.Record}, -1)
	s.parked++
	if until := f.Record.Park.Until; until.Before(campaign.Forever) {
		s.wake = earliest(s.wake, opening(c, f.Record.Class, until, s.now))
	}
	return false
}

// commit writes what judge decided, and says which calls were lost by it. A
// call whose start the store refused is given back.
func (s *selecting) commit(ctx context.Context, changes []campaign.Change, owners []int) (map[int]bool, error) {
	if len(changes) == 0 {
		return nil, nil
	}
	errs, err := s.q.store.Commit(ctx, changes...)
	if err == nil && errs == nil {
		return nil, nil
	}
	lost := map[int]bool{}
	if err != nil {
		for _, owner := range owners {
			if owner >= 0 {
				lost[owner] = true
			}
		}
		return lost, fmt.Errorf("commit the selection: %w", err)
	}
	var again []campaign.Change
	var changed error
	for i, err := range errs {
		if err == nil || owners[i] < 0 {
			// A park or release that fails leaves a lease that expires by itself.
			continue
		}
		lost[owners[i]] = true
		again = append(again, campaign.Change{Ref: changes[i].Ref})
		if errors.Is(err, campaign.ErrConfigChanged) {
			changed = err
		}
	}
	if len(again) > 0 {
		if _, err := s.q.store.Commit(ctx, again...); err != nil {
			return lost, fmt.Errorf("give back what was refused: %w", err)
		}
	}
	return lost, changed
}

// hold is the change that makes a fresh lease what the ask wants: started, of
// the campaign's length, on the chosen number. It is needed only if the lease
// as the store gave it differs. The lease that it carries is the call's.
func hold(c *campaign.Campaign, f *campaign.Facts, call *Call, start bool, now time.Time) (campaign.Change, bool) {
	lease := &call.Lease
	lease.Number = call.Number.Number
	lease.Until = now.Add(c.OfferTTL())
	if start {
		lease.Phase, lease.Dialed, lease.Until = campaign.Dialed, now, now.Add(c.DialTTL())
	}
	if !start && lease.Number == f.Lease.Number && lease.Until.Equal(f.Lease.Until) {
		return campaign.Change{}, false
	}
	return campaign.Change{Ref: call.Ref, Lease: lease, Extend: true, Revision: c.Revision()}, true
}

func refOf(f *campaign.Facts) campaign.Ref {
	return campaign.Ref{Campaign: f.Record.Campaign, Record: f.Record.ID, Token: f.Lease.Token}
}

// fill makes a call of a record. Its Phones are still the store's memory, which
// the host may not keep.
func (call *Call) fill(c *campaign.Campaign, f *campaign.Facts, phone int, agent campaign.AgentID) {
	call.Ref = refOf(f)
	call.Number = f.Record.Phones[phone]
	call.Tier = tierOf(f.Record.Lane, f.Record.Owner, agent)
	call.Lease = ownLease(&f.Lease)
	call.Record = f.Record
	call.Contact = f.Contact
	call.LastAttempt = c.LastAttempt(&f.Record)
}

// callOf is a call of a record in memory of its own.
func callOf(c *campaign.Campaign, f *campaign.Facts, phone int, agent campaign.AgentID) Call {
	var call Call
	call.fill(c, f, phone, agent)
	call.Record.Phones = slices.Clone(f.Record.Phones)
	return call
}

// ownLease is a lease that shares no memory with a store.
func ownLease(l *campaign.Lease) campaign.Lease {
	own := *l
	if len(l.Overrides) > 0 {
		own.Overrides = slices.Clone(l.Overrides)
	}
	if len(l.With) > 0 {
		own.With = slices.Clone(l.With)
	}
	return own
}

func hasReason(blockers []campaign.Blocker, reason campaign.Reason) bool {
	for i := range blockers {
		if blockers[i].Reason == reason {
			return true
		}
	}
	return false
}
