package sim

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
)

// past is what an earlier run did at a moment: it dialled, or it reported.
type past struct {
	at     time.Time
	report bool
	call   *campaign.Call
	class  string // of the number that was called
}

// resume counts what an earlier run from Config.Began on left in the store: its
// calls as if this run had made them, and those it had on when it ended.
func (s *simulation) resume(ctx context.Context) error {
	known := make(map[campaign.AgentID]*agent)
	for _, a := range s.agents {
		known[a.ID] = a
	}
	var events []past
	for f, err := range s.cfg.Store.Find(ctx, campaign.Filter{}, campaign.Need{Since: s.start}) {
		if err != nil {
			return err
		}
		r := &f.Record
		c, err := s.cfg.Queue.Campaign(r.Campaign)
		if err != nil {
			return err
		}
		classOf := func(n blacklist.Number) string {
			if i := r.Phone(n); i >= 0 {
				return c.ClassOf(r.Phones[i])
			}
			return r.Class
		}
		for _, call := range f.History {
			if call.Campaign != r.Campaign || call.Record != r.ID || call.Dialed.IsZero() {
				continue // one to the same number or contact, or one that was not dialled
			}
			class := classOf(call.Number)
			events = append(events, past{call.Dialed, false, call, class}, past{call.Ended, true, call, class})
		}
		if l := &f.Lease; l.Phase != campaign.Offered {
			// Whoever made this call is gone: the queue settles it when its lease runs out.
			call := &campaign.Call{Token: l.Call, Campaign: r.Campaign, Record: r.ID, Number: l.Number, Agent: l.Agent, Dialed: l.Dialed}
			events = append(events, past{call.Dialed, false, call, classOf(l.Number)})
		}
	}
	slices.SortFunc(events, func(a, b past) int {
		order := cmp.Or(a.at.Compare(b.at), cmp.Compare(a.call.Token, b.call.Token))
		if order == 0 && a.report != b.report {
			if a.report {
				return 1
			}
			return -1
		}
		return order
	})
	for _, e := range events {
		if err := s.again(e, known[e.call.Agent]); err != nil {
			return err
		}
	}
	return nil
}

// again counts what happened. The agent is nil if there is none of that name any more.
func (s *simulation) again(e past, a *agent) error {
	ref := campaign.Ref{Campaign: e.call.Campaign, Record: e.call.Record}
	c := Call{Call: dialer.Call{Ref: ref, Record: campaign.Record{Class: e.class}}, Agent: e.call.Agent, At: e.call.Dialed}
	if !e.report {
		s.dials[ref]++
		if a != nil {
			a.report.Calls++
		}
		return s.promises.dial(&c)
	}
	if e.call.Expired {
		s.report.Settled++
		return nil
	}
	if a != nil {
		a.report.Ring += e.call.Ring
		a.report.Talk += e.call.Talk
	}
	if a != nil && e.call.Outcome.Reached() {
		a.report.Talks++
		a.report.WrapUp += a.WrapUp
	}
	s.count(&c, e.call.Outcome, &e.call.Answer)
	return nil
}
