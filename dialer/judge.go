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
	s.q.askLists(ctx, leased, s.now)
	changes := s.changes[:0]
	owners := s.owners[:0] // index into the calls of the change's call, or -1
	s.sel.Calls = slices.Grow(s.sel.Calls, min(len(leased), s.ask.Limit-len(s.sel.Calls)))
	var blockers []campaign.Blocker
	skipped, called := len(s.sel.Skipped), len(s.sel.Calls)
	for i := range leased {
		f := &leased[i]
		c, err := s.q.Campaign(f.Record.Campaign)
		if err != nil { // unloaded in this instant: give it back
			s.stale = true
			changes, owners = append(changes, campaign.Change{Ref: refOf(f)}), append(owners, -1)
			continue
		}
		asker := campaign.Asker{Agent: s.ask.Agent, Reserved: s.ask.Reserved, Lease: f.Lease.Token}
		var phone int
		phone, blockers = c.Eligible(f, asker, s.now, blockers[:0])
		switch {
		case len(blockers) > 0:
			s.sel.Skipped = append(s.sel.Skipped, Skipped{Ref: refOf(f), Blockers: append([]campaign.Blocker(nil), blockers...)})
			change := campaign.Change{Ref: refOf(f)}
			if hasReason(blockers, campaign.ReasonChecker) {
				failed = true
			} else {
				record := f.Record
				record.Park = c.ParkFor(blockers, s.now)
				change.Record = &record
				s.parked++
				if until := record.Park.Until; until.Before(campaign.Forever) {
					s.wake = earliest(s.wake, opening(c, record.Class, until, s.now))
				}
			}
			changes, owners = append(changes, change), append(owners, -1)
		case len(s.sel.Calls) >= s.ask.Limit:
			s.has[c.ID()] = true
			changes, owners = append(changes, campaign.Change{Ref: refOf(f)}), append(owners, -1)
		default:
			s.has[c.ID()] = true
			call := callOf(c, f, phone, s.ask.Agent)
			if change, needed := s.q.hold(c, f, &call, s.ask.Start, s.now); needed {
				changes, owners = append(changes, change), append(owners, len(s.sel.Calls))
			}
			s.sel.Calls = append(s.sel.Calls, call)
		}
	}
	lost, err := s.commit(ctx, changes, owners)
	if len(lost) > 0 {
		kept := s.sel.Calls[:called]
		for i := called; i < len(s.sel.Calls); i++ {
			if !lost[i] {
				kept = append(kept, s.sel.Calls[i])
			}
		}
		s.sel.Calls = kept
	}
	clear(changes)
	s.changes, s.owners = changes, owners
	if err == nil {
		err = s.q.recheck(ctx, s.sel.Skipped[skipped:], s.now)
	}
	return failed, err
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
// as the store gave it differs.
func (q *Queue) hold(c *campaign.Campaign, f *campaign.Facts, call *Call, start bool, now time.Time) (campaign.Change, bool) {
	lease := f.Lease
	lease.Number = call.Number.Number
	lease.Until = now.Add(c.OfferTTL())
	if start {
		lease.Phase, lease.Dialed, lease.Until = campaign.Dialed, now, now.Add(c.DialTTL())
	}
	call.Lease = lease
	if !start && lease.Number == f.Lease.Number && lease.Until.Equal(f.Lease.Until) {
		return campaign.Change{}, false
	}
	return campaign.Change{Ref: call.Ref, Lease: &lease, Extend: true, Revision: c.Revision()}, true
}

func refOf(f *campaign.Facts) campaign.Ref {
	return campaign.Ref{Campaign: f.Record.Campaign, Record: f.Record.ID, Token: f.Lease.Token}
}

func callOf(c *campaign.Campaign, f *campaign.Facts, phone int, agent campaign.AgentID) Call {
	call := Call{Ref: refOf(f), Number: f.Record.Phones[phone], Tier: tierOf(f.Record.Lane, f.Record.Owner, agent),
		Lease: f.Lease, Record: f.Record, Contact: f.Contact, LastAttempt: c.LastAttempt(&f.Record)}
	call.Record.Phones = slices.Clone(f.Record.Phones) // the store's memory, which the host may not keep
	return call
}

func hasReason(blockers []campaign.Blocker, reason campaign.Reason) bool {
	for i := range blockers {
		if blockers[i].Reason == reason {
			return true
		}
	}
	return false
}
