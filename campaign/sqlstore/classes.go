package sqlstore

import (
	"database/sql"
	"slices"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// report is what a Claim tells of a campaign's queue: the classes that hold
// queued records, and the owners of callbacks if they were asked for.
type report struct {
	campaign campaign.ID
	revision int64
	now      int64
	classes  []campaign.Class
	owners   []campaign.OwnerHead
	asked    bool // for the owners
}

// near is how far the clocks of Claims may differ that are told the same.
const near = 1_000_000

// report fills in what Claims tell of the queues, when all have taken what they
// get. Those of about the same instant are told the same.
func (r *run) report(claims []*claim) error {
	var reports []*report
	for _, c := range claims {
		now := micros(c.q.Now)
		for _, id := range c.met {
			k, err := r.campaign(id)
			if err != nil {
				return err
			}
			if len(r.queues[id].lanes) == 0 {
				continue
			}
			i := slices.IndexFunc(reports, func(x *report) bool {
				return x.campaign == id && x.revision == k.revision && now-near <= x.now && x.now <= now+near
			})
			if i < 0 {
				i = len(reports)
				reports = append(reports, &report{campaign: id, revision: k.revision, now: now})
				if err := r.describe(reports[i]); err != nil {
					return err
				}
			}
			if err := c.told(reports[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// told fills in what one Claim tells of a campaign.
func (c *claim) told(x *report) error {
	q := c.queues[x.campaign]
	from := len(c.into.Classes)
	c.into.Classes = append(c.into.Classes, x.classes...)
	if !q.owned() {
		return nil
	}
	if c.q.Agent != "" {
		own := c.into.Classes[from:]
		err := c.each(optional(func(name string, t time.Time) {
			for i := range own {
				if own[i].Name == name {
					own[i].Own, own[i].HasOwn = t, true
				}
			}
		}), readOwnHeads, x.revision, x.now, string(x.campaign), string(c.q.Agent))
		if err != nil {
			return err
		}
	}
	if !c.q.Owners {
		return nil
	}
	if !x.asked {
		x.asked = true
		err := c.each(func(from scanner) error {
			h := campaign.OwnerHead{Campaign: x.campaign}
			var due int64
			err := from.Scan(&h.Class, &h.Owner, &due)
			h.Due = instant(due)
			x.owners = append(x.owners, h)
			return err
		}, readOwners, x.revision, x.now, string(x.campaign))
		if err != nil {
			return err
		}
	}
	c.into.Owners = append(c.into.Owners, x.owners...)
	return nil
}

// optional reads a class and an instant that may be missing.
func optional(set func(class string, t time.Time)) func(scanner) error {
	return func(from scanner) error {
		var name string
		var at sql.NullInt64
		err := from.Scan(&name, &at)
		if at.Valid {
			set(name, instant(at.Int64))
		}
		return err
	}
}

// describe reads the classes of a campaign.
func (r *run) describe(into *report) error {
	id := string(into.campaign)
	var classes []campaign.Class
	class := func(name string) *campaign.Class {
		i := slices.IndexFunc(classes, func(x campaign.Class) bool { return x.Name == name })
		if i < 0 {
			i = len(classes)
			classes = append(classes, campaign.Class{Campaign: into.campaign, Name: name})
		}
		return &classes[i]
	}
	err := r.each(func(from scanner) error {
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
	}, readHeads, into.revision, into.now, id)
	if err != nil {
		return err
	}
	err = r.each(optional(func(name string, t time.Time) { class(name).Wake = t }), readWakes, into.revision, into.now, id)
	if err != nil {
		return err
	}
	for _, x := range classes {
		if x.Waiting != 0 || !x.Wake.IsZero() {
			into.classes = append(into.classes, x)
		}
	}
	return nil
}
