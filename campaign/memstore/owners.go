package memstore

import (
	"cmp"
	"slices"

	"github.com/nextcall/nextcall/campaign"
)

// owners are the own callbacks of a class by agent.
type owners struct {
	byAgent map[uint32]*owner // by the agent's name
	sorted  []*owner          // the same by name
}

type owner struct {
	name campaign.AgentID
	queue
}

// of returns an agent's queue.
func (o *owners) of(l *line, agent uint32) *queue {
	x := o.byAgent[agent]
	if x == nil {
		x = &owner{name: campaign.AgentID(l.rows.agents.Name(agent))}
		if o.byAgent == nil {
			o.byAgent = make(map[uint32]*owner)
		}
		o.byAgent[agent] = x
		at, _ := slices.BinarySearchFunc(o.sorted, x.name, func(x *owner, name campaign.AgentID) int { return cmp.Compare(x.name, name) })
		o.sorted = slices.Insert(o.sorted, at, x)
	}
	return &x.queue
}

// find returns an agent's queue if it holds a record.
func (o *owners) find(agent uint32) *queue {
	if x := o.byAgent[agent]; x != nil && x.live > 0 {
		return &x.queue
	}
	return nil
}

// ownerHeads appends the agents who own callbacks of the class, by name, with the
// earliest of each that is not parked.
func (c *class) ownerHeads(now int64, into []campaign.OwnerHead) []campaign.OwnerHead {
	for _, x := range c.owners.sorted {
		if x.live == 0 {
			continue
		}
		if e, ok := c.first(&x.queue, now); ok {
			into = append(into, campaign.OwnerHead{Campaign: c.line.id, Class: c.name, Owner: x.name, Due: instant(e.Key.Due())})
		}
	}
	return into
}
