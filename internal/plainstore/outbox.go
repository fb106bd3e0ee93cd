package plainstore

import (
	"context"
	"slices"

	"github.com/nextcall/nextcall/campaign"
)

// outbox holds actions until they are acknowledged. It never forgets an id, so
// that an action goes out once however often it is asked for.
type outbox struct {
	known map[string]*pending
	list  []*pending // in the order in which they were stored, some of them done
	last  int64
	done  int // how many of list are done
}

type pending struct {
	campaign.Action
	place int64
	done  bool
}

func (o *outbox) add(a campaign.Action) {
	if o.known[a.ID] != nil {
		return
	}
	o.last++
	p := &pending{Action: storedAction(a), place: o.last}
	o.known[a.ID] = p
	o.list = append(o.list, p)
}

func (o *outbox) acknowledge(id string) {
	p := o.known[id]
	if p == nil || p.done {
		return
	}
	p.done = true
	p.Action = campaign.Action{} // only the id is needed from now on
	o.done++
	if o.done > len(o.list)/2 {
		// Each sweep removes more than half, so it is paid for by those acknowledged.
		o.list = slices.DeleteFunc(o.list, func(p *pending) bool { return p.done })
		o.done = 0
	}
}

// moved says that a record has gone to another campaign.
func (o *outbox) moved(from campaign.Ref, to campaign.ID) {
	for _, p := range o.list {
		if p.of(from) {
			p.Campaign = to
		}
	}
}

// withdraw acknowledges what is to be done about a record.
func (o *outbox) withdraw(ref campaign.Ref) {
	for _, p := range slices.Clone(o.list) {
		if p.of(ref) {
			o.acknowledge(p.ID)
		}
	}
}

func (p *pending) of(ref campaign.Ref) bool {
	return !p.done && p.Campaign == ref.Campaign && p.Record == ref.Record
}

// Pending implements campaign.ActionStore, in the order in which the actions
// were stored. An empty or unknown after begins at the oldest; a limit below 1
// is none.
func (st *Store) Pending(ctx context.Context, after string, limit int) ([]campaign.Action, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	o := &st.actions
	from := 0
	if p := o.known[after]; p != nil {
		from, _ = slices.BinarySearchFunc(o.list, p.place+1, func(p *pending, place int64) int {
			return int(p.place - place)
		})
	}
	var actions []campaign.Action
	for _, p := range o.list[from:] {
		if limit > 0 && len(actions) == limit {
			break
		}
		if !p.done {
			actions = append(actions, p.Action)
		}
	}
	return actions, nil
}
