package sim

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

// askAt plans the agent's next ask: at t, or at the begin of the next shift.
func (s *simulation) askAt(a *agent, t time.Time) {
	if from, _ := a.shift.at(t); from.After(t) {
		t = from
	}
	a.ask++
	a.wake = t
	if t.Before(s.until) {
		s.plan(t, a, a.ask, (*simulation).ask)
	}
}

// maxSpins is how often an agent asks again at one instant. A host would do
// that for ever: whoever answers so must make progress.
const maxSpins = 10_000

// ask asks the queue for a call.
func (s *simulation) ask(ctx context.Context, a *agent) error {
	if next, ok := s.idle.known(a, s.now); ok {
		return s.wait(a, next)
	}
	sel, err := s.cfg.Queue.Next(ctx, dialer.Ask{
		Agent: a.ID, Reserved: true, Campaigns: a.Campaigns, Limit: 1, Start: a.Preview == 0,
	})
	if err != nil {
		return fmt.Errorf("next call for agent %s: %w", a.ID, err)
	}
	s.report.Settled += sel.Settled
	if len(sel.Calls) == 0 {
		s.idle.empty(a, s.now, &sel)
		return s.wait(a, sel.NextDue)
	}
	s.idle.changed()
	a.idle, a.spins = false, 0
	a.call = Call{Call: sel.Calls[0], Agent: a.ID, At: s.now}
	if a.Preview == 0 {
		return s.dialed(a)
	}
	s.trace(Event{Kind: KindOffered, Agent: a.ID, Call: &a.call})
	a.report.Preview += a.Preview
	s.plan(s.now.Add(a.Preview), a, 0, (*simulation).dial)
	return nil
}

// wait lets the agent sit idle until next, or until a report says otherwise.
func (s *simulation) wait(a *agent, next time.Time) error {
	s.trace(Event{Kind: KindIdle, Agent: a.ID, Next: next})
	a.idle = true
	switch {
	case next.IsZero():
		// Only a change can bring a call; the next shift asks in any case.
		_, next = a.shift.at(s.now)
		a.spins = 0
	case !next.After(s.now):
		next = s.now
		if a.spins++; a.spins > maxSpins {
			return fmt.Errorf("agent %s asked %d times at one instant and was told to ask again at once", a.ID, a.spins)
		}
	default:
		a.spins = 0
	}
	s.askAt(a, next)
	return nil
}

// dial dials what the agent has looked at.
func (s *simulation) dial(ctx context.Context, a *agent) error {
	s.idle.changed()
	call, err := s.cfg.Queue.Start(ctx, a.call.Ref, 0)
	blocked := (*dialer.BlockedError)(nil)
	switch {
	case errors.As(err, &blocked):
		s.report.Blocked++
		s.trace(Event{Kind: KindBlocked, Agent: a.ID, Call: &a.call, Err: err})
		if err := s.cfg.Queue.Release(ctx, a.call.Ref); err != nil && !errors.Is(err, campaign.ErrLeaseLost) {
			return fmt.Errorf("release: %w", err)
		}
		s.askAt(a, s.now)
		return nil
	case errors.Is(err, campaign.ErrLeaseLost):
		s.lost(a, err)
		s.askAt(a, s.now)
		return nil
	case err != nil:
		return fmt.Errorf("start: %w", err)
	}
	a.call = Call{Call: call, Agent: a.ID, At: s.now}
	return s.dialed(a)
}

// dialed lets the person called decide what happens.
func (s *simulation) dialed(a *agent) error {
	c := &a.call
	k := key(c.Ref)
	s.dials[k]++
	c.Dial = s.dials[k]
	if err := s.promises.dial(c); err != nil {
		return err
	}
	s.trace(Event{Kind: KindStarted, Agent: a.ID, Call: c})
	a.answer = s.cfg.Model.Answer(c, s.chance.of(k, c.Dial))
	w := &a.answer
	switch {
	case w.Outcome == campaign.OutcomeNone:
		return fmt.Errorf("the model gave no outcome for record %s", k.Record)
	case w.Ring < 0 || w.Talk < 0:
		return fmt.Errorf("the model gave a negative time for record %s: ring %v, talk %v", k.Record, w.Ring, w.Talk)
	}
	w.Ring, w.Talk = w.Ring.Truncate(time.Microsecond), w.Talk.Truncate(time.Microsecond)
	a.report.Calls++
	a.report.Ring += w.Ring
	if w.Talk == 0 && !w.Outcome.Reached() {
		s.plan(s.now.Add(w.Ring), a, 0, (*simulation).end)
		return nil
	}
	s.plan(s.now.Add(w.Ring), a, 0, (*simulation).answered)
	return nil
}

// answered tells the queue that somebody talks, so that the lease holds.
func (s *simulation) answered(ctx context.Context, a *agent) error {
	s.idle.changed()
	_, err := s.cfg.Queue.Extend(ctx, a.call.Ref, dialer.Extension{Talking: true, Answered: s.now})
	switch {
	case errors.Is(err, campaign.ErrLeaseLost):
		// The phone rang longer than a lease lasts. The talk goes on all the same.
	case err != nil:
		return fmt.Errorf("extend: %w", err)
	}
	s.trace(Event{Kind: KindAnswered, Agent: a.ID, Call: &a.call})
	a.report.Talk += a.answer.Talk
	s.plan(s.now.Add(a.answer.Talk), a, 0, (*simulation).end)
	return nil
}

// end reports the call.
func (s *simulation) end(ctx context.Context, a *agent) error {
	w := &a.answer
	s.idle.changed()
	answer, err := s.cfg.Queue.Report(ctx, a.call.Ref, campaign.Result{
		Outcome: w.Outcome, Status: w.Status, Input: w.Input, Rang: w.Rang, Ring: w.Ring, Talk: w.Talk,
		Actor: campaign.Actor{User: string(a.ID), Agent: a.ID},
	})
	switch {
	case errors.Is(err, campaign.ErrLeaseLost):
		s.lost(a, err)
	case err != nil:
		return fmt.Errorf("report of record %s: %w", a.call.Record.ID, err)
	default:
		s.reported(a, &answer)
	}
	free := s.now
	if w.Outcome.Reached() {
		a.report.Talks++
		a.report.WrapUp += a.WrapUp
		free = free.Add(a.WrapUp)
	}
	s.askAt(a, free)
	return nil
}

// reported counts a call, and wakes agents for whom it brought something.
func (s *simulation) reported(a *agent, answer *campaign.Answer) {
	s.count(&a.call, a.answer.Outcome, answer)
	s.idle.become(key(a.call.Ref), answer.Lane, answer.Owner, answer.Due)
	s.trace(Event{Kind: KindReported, Agent: a.ID, Call: &a.call, Answer: answer})
	if answer.Standing != status.StandingQueued {
		return
	}
	// Who waits was told an earlier time, before this record was due at its own.
	due := answer.Due
	if due.Before(s.now) {
		due = s.now
	}
	for _, other := range s.agents {
		if other.idle && due.Before(other.wake) {
			s.askAt(other, due)
		}
	}
}

// count counts a reported call.
func (s *simulation) count(c *Call, outcome campaign.Outcome, answer *campaign.Answer) {
	s.report.Calls++
	k := resultKey{outcome: outcome, qualifier: answer.Qualifier}
	if answer.Has(campaign.WhyChosen) || answer.Has(campaign.WhyRule) {
		k.status = answer.Status
	}
	s.results[k]++
	s.report.Listed = append(s.report.Listed, answer.Listed...)
	s.promises.report(c, outcome, answer)
}

func (s *simulation) lost(a *agent, err error) {
	s.report.Lost++
	s.trace(Event{Kind: KindLost, Agent: a.ID, Call: &a.call, Err: err})
}

func (s *simulation) trace(e Event) {
	if s.cfg.Trace != nil {
		e.At = s.now
		s.cfg.Trace(e)
	}
}
