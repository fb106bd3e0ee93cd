package sim

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

// idle remembers that the queue had nothing to call. When many agents wait,
// each due record wakes all of them; the first takes it, the second learns that
// nothing is left, and the others would be told the same: they are not asked,
// as long as nothing has happened since and no own callback of theirs is due.
type idle struct {
	at    time.Time            // the instant of the answers
	next  map[string]time.Time // Selection.NextDue by the campaigns of the asker
	owner map[campaign.Ref]campaign.AgentID
	own   map[campaign.AgentID]map[campaign.Ref]time.Time // due times of pending own callbacks
}

// begin reads the own callbacks that the store holds already.
func (i *idle) begin(ctx context.Context, store campaign.Store) error {
	i.next = map[string]time.Time{}
	i.owner = map[campaign.Ref]campaign.AgentID{}
	i.own = map[campaign.AgentID]map[campaign.Ref]time.Time{}
	for f, err := range store.Find(ctx, campaign.Filter{}, campaign.Need{NoCalls: true}) {
		if err != nil {
			return err
		}
		i.become(campaign.Ref{Campaign: f.Record.Campaign, Record: f.Record.ID}, f.Record.Lane, f.Record.Owner, f.Record.Due)
	}
	return nil
}

// become notes whose own callback a record is now, if it is one.
func (i *idle) become(ref campaign.Ref, lane status.Lane, owner campaign.AgentID, due time.Time) {
	if old, ok := i.owner[ref]; ok {
		delete(i.own[old], ref)
		delete(i.owner, ref)
	}
	if lane != status.LaneOwn {
		return
	}
	i.owner[ref] = owner
	if i.own[owner] == nil {
		i.own[owner] = map[campaign.Ref]time.Time{}
	}
	i.own[owner][ref] = due
}

// changed forgets the answers: something has happened.
func (i *idle) changed() { clear(i.next) }

// empty remembers an answer without a call. One that put records aside or
// settled leases has changed something itself.
func (i *idle) empty(a *agent, now time.Time, sel *dialer.Selection) {
	quiet := len(sel.Skipped) == 0 && sel.Settled == 0
	if !quiet || !now.Equal(i.at) {
		i.changed()
	}
	i.at = now
	if quiet {
		i.next[a.works] = sel.NextDue
	}
}

// known is when to ask again, as the queue would answer the agent, if that is
// known. The own callbacks of whoever was asked may make it earlier than need be.
func (i *idle) known(a *agent, now time.Time) (next time.Time, ok bool) {
	if !now.Equal(i.at) {
		return time.Time{}, false
	}
	if next, ok = i.next[a.works]; !ok {
		return time.Time{}, false
	}
	for _, due := range i.own[a.ID] {
		if !due.After(now) {
			return time.Time{}, false
		}
		if next.IsZero() || due.Before(next) {
			next = due
		}
	}
	return next, true
}

// works names the campaigns that an agent asks for and works in.
func works(q *dialer.Queue, a *Agent) string {
	var ids []string
	for _, c := range q.Campaigns() {
		if c.Lists(a.ID) && (len(a.Campaigns) == 0 || slices.Contains(a.Campaigns, c.ID())) {
			ids = append(ids, string(c.ID()))
		}
	}
	return strings.Join(ids, "\x00")
}
