package sqlstore

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

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

// allHeads are those of the campaigns of Claims.
type allHeads map[campaign.ID]*heads

func (all allHeads) of(id campaign.ID) *heads {
	h := all[id]
	if h == nil {
		h = new(heads)
		all[id] = h
	}
	return h
}

// add enters a row of an answer.
func (all allHeads) add(f *found) error {
	if f.kind == foundHeads {
		return all.lanes(f.text)
	}
	all.of(f.on.campaign).add(f)
	return nil
}

// lanes enters the heads of lanes: of each its campaign, class and number, and
// the first of each of its orders, or null.
func (all allHeads) lanes(text string) error {
	d := decoder{text: text}
	d.each('[', ']', func() {
		d.want('[')
		id := campaign.ID(d.str())
		d.want(',')
		name := d.str()
		d.want(',')
		lane := d.integer()
		x := all.of(id).class(id, name)
		for d.take(',') {
			word := d.word()
			if word == "null" {
				continue
			}
			due, err := strconv.ParseInt(word, 10, 64)
			if err != nil {
				d.fail()
			}
			if lane <= 0 || lane >= int64(len(x.Heads)) {
				continue
			}
			bit := uint8(1) << lane
			if t := instant(due); x.Waiting&bit == 0 || t.Before(x.Heads[lane]) {
				x.Heads[lane] = t
				x.Waiting |= bit
			}
		}
		d.want(']')
	})
	if d.err != nil {
		return fmt.Errorf("at byte %d of the heads of the lanes: %w", d.at, d.err)
	}
	return nil
}

// add enters a row about a campaign.
func (h *heads) add(f *found) {
	id := f.on.campaign
	switch f.kind {
	case foundWake:
		h.class(id, f.text).Wake = instant(f.until.Int64)
	case foundOwn:
		h.own = append(h.own, campaign.OwnerHead{Campaign: id, Class: f.text, Owner: campaign.AgentID(f.holder), Due: instant(f.until.Int64)})
	case foundOwner:
		h.owners = append(h.owners, campaign.OwnerHead{Campaign: id, Class: f.text, Owner: campaign.AgentID(f.holder), Due: instant(f.until.Int64)})
	}
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
