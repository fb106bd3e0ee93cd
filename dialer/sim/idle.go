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
// as long as nothing has happened since and no own callback tells them apart.
type idle struct {
	at    time.Time            // the instant of the answers
	next  map[string]time.Time // Selection.NextDue by the campaigns of the asker
	owned map[campaign.Ref]campaign.AgentID
	owns  map[campaign.AgentID]int // pending own callbacks of an agent
}

// begin reads the own callbacks that the store holds already.
func (i *idle) begin(ctx context.Context, store campaign.Store) error {
	i.next = map[string]time.Time{}
	i.owned, i.owns = map[campaign.Ref]campaign.AgentID{}, map[campaign.AgentID]int{}
	for f, err := range store.Find(ctx, campaign.Filter{}, campaign.Need{NoCalls: true}) {
		if err != nil {
			return err
		}
		i.become(campaign.Ref{Campaign: f.Record.Campaign, Record: f.Record.ID}, f.Record.Lane, f.Record.Owner)
	}
	return nil
}

// become notes whose own callback a record is now, if it is one.
func (i *idle) become(ref campaign.Ref, lane status.Lane, owner campaign.AgentID) {
	if old, ok := i.owned[ref]; ok {
		i.owns[old]--
		delete(i.owned, ref)
	}
	if lane == status.LaneOwn {
		i.owned[ref] = owner
		i.owns[owner]++
	}
}

// changed forgets the answers: something has happened.
func (i *idle) changed() { clear(i.next) }

// empty remembers an answer without a call. One that put records aside or
// settled leases has changed something itself.
func (i *idle) empty(a *agent, now time.Time, sel *dialer.Selection) {
	if !now.Equal(i.at) || len(sel.Skipped) > 0 || sel.Settled > 0 {
		i.changed()
	}
	i.at = now
	if i.owns[a.ID] == 0 && len(sel.Skipped) == 0 && sel.Settled == 0 {
		i.next[a.works] = sel.NextDue
	}
}

// known is the answer that the agent would get, if it is known.
func (i *idle) known(a *agent, now time.Time) (next time.Time, ok bool) {
	if !now.Equal(i.at) || i.owns[a.ID] > 0 {
		return time.Time{}, false
	}
	next, ok = i.next[a.works]
	return next, ok
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
