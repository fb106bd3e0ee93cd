package sqlstore

import (
	"cmp"
	"slices"

	"github.com/nextcall/nextcall/campaign"
)

// heads are what waits in the classes of a campaign.
type heads struct {
	classes []campaign.Class
	own     []campaign.OwnerHead // the first of each agent who claims
	owners  []campaign.OwnerHead
	sorted  bool
}

func (h *heads) class(id campaign.ID, name string) *campaign.Class {
	i := slices.IndexFunc(h.classes, func(x campaign.Class) bool { return x.Name == name })
	if i < 0 {
		i = len(h.classes)
		h.classes = append(h.classes, campaign.Class{Campaign: id, Name: name})
	}
	return &h.classes[i]
}

// add enters a row of an answer.
func (h *heads) add(f *found) {
	id := f.on.campaign
	switch f.kind {
	case foundHeads:
		x := h.class(id, f.text)
		if f.n <= 0 || f.n >= int64(len(x.Heads)) {
			return
		}
		bit := uint8(1) << f.n
		for _, due := range []*int64{value(f.call.Valid, &f.call.Int64), value(f.token.Valid, &f.token.Int64), value(f.until.Valid, &f.until.Int64)} {
			if due == nil {
				continue
			}
			if t := instant(*due); x.Waiting&bit == 0 || t.Before(x.Heads[f.n]) {
				x.Heads[f.n] = t
				x.Waiting |= bit
			}
		}
	case foundWake:
		h.class(id, f.text).Wake = instant(f.until.Int64)
	case foundOwn:
		h.own = append(h.own, campaign.OwnerHead{Campaign: id, Class: f.text, Owner: campaign.AgentID(f.holder), Due: instant(f.until.Int64)})
	case foundOwner:
		h.owners = append(h.owners, campaign.OwnerHead{Campaign: id, Class: f.text, Owner: campaign.AgentID(f.holder), Due: instant(f.until.Int64)})
	}
}

func value(valid bool, n *int64) *int64 {
	if !valid {
		return nil
	}
	return n
}

// tell writes them into the answer to a Claim.
func (h *heads) tell(c *claim) {
	if !h.sorted {
		h.sorted = true
		slices.SortFunc(h.classes, func(a, b campaign.Class) int { return cmp.Compare(a.Name, b.Name) })
		slices.SortFunc(h.owners, func(a, b campaign.OwnerHead) int {
			return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(a.Owner, b.Owner))
		})
	}
	for _, x := range h.classes {
		if x.Waiting == 0 && x.Wake.IsZero() {
			continue
		}
		for _, o := range h.own {
			if c.q.Agent != "" && o.Owner == c.q.Agent && o.Class == x.Name {
				x.Own, x.HasOwn = o.Due, true
			}
		}
		c.into.Classes = append(c.into.Classes, x)
	}
	if c.q.Owners {
		c.into.Owners = append(c.into.Owners, h.owners...)
	}
}
