package memstore

import (
	"context"
	"slices"
	"sync"

	"github.com/nextcall/nextcall/campaign"
)

// outbox holds actions until they are acknowledged. It never forgets an id, so
// that an action goes out once however often it is asked for.
type outbox struct {
	mu    sync.Mutex
	known map[string]*pending
	list  []*pending                  // in the order in which they were stored, some of them done
	of    map[campaign.Ref][]*pending // those of a record, none of them done
	last  int64
	done  int // how many of list are done
}

type pending struct {
	campaign.Action
	place int64
	done  bool
}

// write stores and acknowledges the actions of a change.
func (o *outbox) write(actions []campaign.Action, done []string) {
	if len(actions)+len(done) == 0 {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, a := range actions {
		o.add(a)
	}
	for _, id := range done {
		o.acknowledge(id)
	}
}

func (o *outbox) add(a campaign.Action) {
	if o.known[a.ID] != nil {
		return
	}
	o.last++
	micros(&a.At)
	p := &pending{Action: a, place: o.last}
	o.known[a.ID] = p
	o.append(p)
}

// append puts an action that is not done behind the others.
func (o *outbox) append(p *pending) {
	o.list = append(o.list, p)
	o.of[p.about()] = append(o.of[p.about()], p)
}

// about is the record of an action.
func (p *pending) about() campaign.Ref { return campaign.Ref{Campaign: p.Campaign, Record: p.Record} }

// moved says that a record has gone to another campaign.
func (o *outbox) moved(from campaign.Ref, to campaign.ID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	own := o.of[from]
	delete(o.of, from)
	for _, p := range own {
		p.Campaign = to
		o.of[p.about()] = append(o.of[p.about()], p)
	}
}

// withdraw acknowledges what is to be done about a record.
func (o *outbox) withdraw(ref campaign.Ref) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, p := range slices.Clone(o.of[ref]) {
		o.acknowledge(p.ID)
	}
}

func (o *outbox) acknowledge(id string) {
	p := o.known[id]
	if p == nil || p.done {
		return
	}
	p.done = true
	about := p.about()
	if o.of[about] = slices.DeleteFunc(o.of[about], func(x *pending) bool { return x == p }); len(o.of[about]) == 0 {
		delete(o.of, about)
	}
	p.Action = campaign.Action{} // only the id is needed from now on
	o.done++
	if o.done > len(o.list)/2 {
		// Each sweep removes more than half, so it is paid for by those acknowledged.
		o.list = slices.DeleteFunc(o.list, func(p *pending) bool { return p.done })
		o.done = 0
	}
}

// Pending implements campaign.ActionStore, in the order in which the actions
// were stored. An empty or unknown after begins at the oldest; a limit below 1
// is none.
func (st *Store) Pending(ctx context.Context, after string, limit int) ([]campaign.Action, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	o := &st.actions
	o.mu.Lock()
	defer o.mu.Unlock()
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
