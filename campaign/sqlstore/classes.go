package sqlstore

import (
	"database/sql"
	"slices"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// report describes the classes of a campaign that hold queued records, and the
// owners of callbacks if they were asked for.
func (c *claim) report(id campaign.ID) error {
	if len(c.lanes[id]) == 0 {
		return nil
	}
	k, err := c.campaign(id)
	if err != nil {
		return err
	}
	now := micros(c.q.Now)
	var classes []campaign.Class
	class := func(name string) *campaign.Class {
		i := slices.IndexFunc(classes, func(x campaign.Class) bool { return x.Name == name })
		if i < 0 {
			i = len(classes)
			classes = append(classes, campaign.Class{Campaign: id, Name: name})
		}
		return &classes[i]
	}
	err = c.each(func(from scanner) error {
		var name string
		var lane int
		var waiting, ready sql.NullInt64
		if err := from.Scan(&name, &lane, &waiting, &ready); err != nil {
			return err
		}
		x := class(name)
		if lane <= 0 || lane >= len(x.Heads) {
			return nil
		}
		for _, due := range []sql.NullInt64{waiting, ready} {
			if t := instant(due.Int64); due.Valid && (x.Waiting&(1<<lane) == 0 || t.Before(x.Heads[lane])) {
				x.Heads[lane] = t
				x.Waiting |= 1 << lane
			}
		}
		return nil
	}, readHeads, k.revision, now, string(id))
	if err != nil {
		return err
	}
	optional := func(set func(x *campaign.Class, t time.Time)) func(scanner) error {
		return func(from scanner) error {
			var name string
			var at sql.NullInt64
			err := from.Scan(&name, &at)
			if at.Valid {
				set(class(name), instant(at.Int64))
			}
			return err
		}
	}
	if err := c.each(optional(func(x *campaign.Class, t time.Time) { x.Wake = t }), readWakes, k.revision, now, string(id)); err != nil {
		return err
	}
	if c.q.Agent != "" && c.owned(id) {
		err := c.each(optional(func(x *campaign.Class, t time.Time) { x.Own, x.HasOwn = t, true }),
			readOwnHeads, k.revision, now, string(id), string(c.q.Agent))
		if err != nil {
			return err
		}
	}
	for _, x := range classes {
		if x.Waiting != 0 || !x.Wake.IsZero() {
			c.into.Classes = append(c.into.Classes, x)
		}
	}
	if !c.q.Owners || !c.owned(id) {
		return nil
	}
	return c.each(func(from scanner) error {
		h := campaign.OwnerHead{Campaign: id}
		var due int64
		err := from.Scan(&h.Class, &h.Owner, &due)
		h.Due = instant(due)
		c.into.Owners = append(c.into.Owners, h)
		return err
	}, readOwners, k.revision, now, string(id))
}

// owned reports whether a campaign has ever had own callbacks.
func (c *claim) owned(id campaign.ID) bool {
	for l := range c.lanes[id] {
		if l.lane == laneOwn {
			return true
		}
	}
	return false
}
