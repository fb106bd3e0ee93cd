package campaign

import (
	"slices"
	"time"

	"github.com/nextcall/nextcall/internal/calendar"
)

// today is the latest day that was asked about: the seconds from from until to,
// exclusive, lie in one day of the campaign.
type today struct {
	from, to int64
	starts   []time.Time // the first instants of the days c.backs before it
}

// dayStart returns the first instant of the campaign's day that is back days
// before the one in which t lies. The days that limits look back to are kept.
func (c *Campaign) dayStart(t time.Time, back int) time.Time {
	i := slices.Index(c.backs, back)
	if i < 0 {
		return c.dayStartAnew(t, back)
	}
	u := t.Unix()
	day := c.today.Load()
	if day == nil || u < day.from || u >= day.to {
		day = c.newToday(t)
		c.today.Store(day)
	}
	return day.starts[i]
}

func (c *Campaign) dayStartAnew(t time.Time, back int) time.Time {
	year, month, day := t.In(c.zone).Date()
	return calendar.StartOfDay(year, month, day-back, c.zone)
}

// newToday is the day of t from t on. It ends at the latest when the clocks
// change: where that is near midnight a date may end twice.
func (c *Campaign) newToday(t time.Time) *today {
	always := gate{plan: &plan{}, zone: c.zone} // nothing but midnight and the clocks
	u := t.Unix()
	_, until := always.at(u)
	day := &today{from: u, to: until}
	for _, back := range c.backs {
		day.starts = append(day.starts, c.dayStartAnew(t, back))
	}
	return day
}

// newBacks are the days that Need and the caps look back to.
func (c *Campaign) newBacks() []int {
	var backs []int
	for _, l := range c.cfg.Limits.Caps {
		if l.Days > 0 {
			backs = append(backs, l.Days-1)
		}
	}
	if days := c.needDays(); days > 0 {
		backs = append(backs, days-1)
	}
	slices.Sort(backs)
	return slices.Compact(backs)
}
