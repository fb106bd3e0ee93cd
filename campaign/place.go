package campaign

import "time"

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
