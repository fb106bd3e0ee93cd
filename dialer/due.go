package dialer

import (
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// nextDue is the earliest instant at which asking again may help.
func (s *selecting) nextDue(classes []campaign.Class) time.Time {
	var next time.Time
	place := -1
	for i := range classes {
		class := &classes[i]
		if place = s.plan.place(class.Campaign, place); place < 0 || !s.plan.seats[place].wanted {
			continue
		}
		c := s.plan.campaigns[place]
		at := func(t time.Time) {
			t = opening(c, class.Name, t, s.now)
			if !t.IsZero() && t.After(s.now) && (next.IsZero() || t.Before(next)) {
				next = t
			}
		}
		if !class.Wake.IsZero() && class.Wake.Before(campaign.Forever) {
			at(class.Wake)
		}
		if class.HasOwn {
			at(class.Own)
		}
		for lane := range status.Lane(status.NumLanes) {
			if class.Waiting&(1<<lane) == 0 {
				continue
			}
			due := class.Heads[lane]
			switch lane {
			case status.LaneOwn:
				if !s.ask.Reserved {
					continue
				}
				if release, ever := c.ReleaseOf(due); ever {
					at(release)
				}
			case status.LaneProgressive:
				if s.ask.Reserved {
					at(due)
				}
			default:
				at(due)
			}
		}
	}
	return next
}

// maxOpenings bounds the search of opening; each step passes a closing.
const maxOpenings = 100

// opening is the first instant from t (and from now) on at which the campaign
// runs and the class is open, or zero.
func opening(c *campaign.Campaign, class string, t, now time.Time) time.Time {
	if t.Before(now) {
		t = now
	}
	for range maxOpenings {
		running, later, _ := c.Running(t)
		if running {
			var open bool
			if open, later = c.ClassOpen(class, t); open {
				return t
			}
		}
		if !later.After(t) {
			return time.Time{}
		}
		t = later
	}
	return t
}

// earliest is the earlier of two instants, of which zero is none.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
