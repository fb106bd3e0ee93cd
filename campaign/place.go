package campaign

import (
	"slices"
	"time"

	"github.com/nextcall/nextcall/status"
)

// Zone is the campaign's zone.
func (c *Campaign) Zone() *time.Location { return c.zone }

// Location returns a zone by its IANA name, loaded once for the campaign. "" and
// "Local" are none.
func (c *Campaign) Location(name string) (*time.Location, bool) { return c.location(name) }

// Holiday reports whether t's date, in t's own zone, is a holiday of the region.
// A region that the campaign does not know has the default's, as phones do.
func (c *Campaign) Holiday(region string, t time.Time) bool {
	days, ok := c.regions[region]
	if !ok {
		days = c.regions[""]
	}
	return days.has(dayNumberOf(t.Date()))
}

// Known returns the ids of all statuses that a record of the campaign may have:
// those attached, and those of the dictionary, sorted.
func (c *Campaign) Known() []status.ID {
	all := slices.Clone(c.known)
	for i := range c.statuses {
		all = append(all, c.statuses[i].ID)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
